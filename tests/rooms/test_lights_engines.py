"""One expression, every engine: Django's own database, DuckDB and the rules told slowly light the same."""

from __future__ import annotations

from datetime import date
from typing import Any

import naive
import pytest
from books import Book, ask, inserts, named, schema
from django.db import connection
from hypothesis import given
from ledgers import QUICK, days, ledgers

from duban.core import figures, lights
from duban.core.history import TABLES
from duban.ledger import running

pytestmark = pytest.mark.django_db


@pytest.fixture
def shadows(db: None) -> None:
    """Empty tables of this connection alone, which stand before those of the same name until the test ends."""
    with connection.cursor() as cursor:
        for statement in schema("TEMPORARY"):
            cursor.execute(statement)
    yield
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"DROP TABLE {'temp' if connection.vendor == 'sqlite' else 'pg_temp'}.{table.get_name()}")


def here(expression: Any, written: Book, **values: int) -> list[dict[str, Any]]:
    """The expression's rows over a book, on Django's connection."""
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"DELETE FROM {table.get_name()}")
        for statement in inserts(written):
            cursor.execute(statement)
    told = running.rows(expression, **values)
    return named(expression, [list(row.values()) for row in told])


@QUICK
@given(written=ledgers(largest=60), as_of=days())
def test_the_same_lights_on_every_engine(shadows: None, written: Book, as_of: date):
    head = len(written.entries)
    values = written.judge(as_of)
    told = naive.lights(written, as_of=as_of, head=head)
    assert here(lights.lights(), written, **values) == told
    assert ask(lights.lights(), written, "duckdb", **values) == told
    assert ask(lights.lights("columns"), written, "duckdb", **values) == told


@QUICK
@given(written=ledgers(largest=60), as_of=days())
def test_the_same_figures_on_every_engine(shadows: None, written: Book, as_of: date):
    values = figures.moment(as_of=as_of, head=len(written.entries), programme=1, measure=1)
    assert here(figures.contributions(), written, **values) == ask(figures.contributions(), written, "duckdb", **values)
