"""The same lights of 100,000 undertakings with two years of plans, reports and corrections on every engine, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest
from books import schema
from django.db import connection

from bench import lake
from duban.core import lights, sql
from duban.core.history import ENTRIES, TABLES
from duban.ledger import running

pytestmark = pytest.mark.slow

SIZE = 100_000
MANY = 50_000
LAKES = ("columns", "pages")
REGISTRY = [table.get_name() for table in TABLES if table is not ENTRIES]


def lit(layout: Any, as_of: date = lake.AS_OF, head: int = lake.head(SIZE)) -> tuple[Any, dict[str, int]]:
    """The lights with all their rules, and the values of their parameters."""
    books = lake.books().values()
    idles = len(lights.idle_cuts(books, as_of))
    return lights.lights(layout, idles=idles), lights.moment(as_of=as_of, head=head, rules=books)


def plain(rows: Any) -> list[tuple[Any, ...]]:
    """In the order of the undertakings, truth as 0 and 1."""
    told = (tuple(int(cell) if isinstance(cell, bool) else cell for cell in row) for row in rows)
    return sorted(told, key=itemgetter(0))


@pytest.fixture(scope="module")
def nation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Any, list[tuple[Any, ...]]]]:
    """The lake, DuckDB over it, and what DuckDB says of its columns."""
    path = lake.lay(SIZE, tmp_path_factory.mktemp("lake"))
    with lake.connected(path, SIZE) as duck:
        duck.execute("SET threads=1")
        expression, values = lit("columns")
        yield path, duck, plain(duck.execute(sql.literal(expression, "duckdb", values)).fetchall())


def differing(ours: list[tuple[Any, ...]], theirs: list[tuple[Any, ...]]) -> list[Any]:
    """The first rows that are not the same: two long lists are not drawn."""
    assert len(ours) == len(theirs) == SIZE
    return [pair for pair in zip(ours, theirs, strict=True) if pair[0] != pair[1]][:3]


def test_a_nation_has_something_for_nearly_every_rule(nation: Any):
    """Else the engines would agree on little."""
    rule = lit("columns")[0].columns.index("rule")
    spoken = {row[rule] for row in nation[2]}
    assert len(spoken) >= 18, spoken


def test_duckdb_says_the_same_of_rows(nation: Any):
    _, duck, told = nation
    duck.execute("CREATE OR REPLACE VIEW ledger_entry AS SELECT * EXCLUDE (replaced_by) FROM ledger_lake")
    expression, values = lit("rows")
    assert not differing(told, plain(duck.execute(sql.literal(expression, "duckdb", values)).fetchall()))


DAYS = (lake.AS_OF, date(2021, 1, 31), date(2020, 8, 20), date(2022, 2, 28))
"""The day, one whose looks back reach into the year before, one between months, and one of a year that has no pages."""


@pytest.mark.parametrize("part", [1, 2, 20])
@pytest.mark.parametrize("as_of", DAYS, ids=str)
def test_pages_say_what_entries_say_at_every_head(nation: Any, as_of: date, part: int):
    _, duck, _ = nation
    duck.execute("DELETE FROM standing_terms")
    lake.judge(duck, as_of)
    head = lake.head(SIZE) // part
    asked = {layout: sql.literal(expression, "duckdb", values) for layout in LAKES for expression, values in [lit(layout, as_of, head)]}
    told, found = (plain(duck.execute(asked[layout]).fetchall()) for layout in LAKES)
    duck.execute("DELETE FROM standing_terms")
    lake.judge(duck, lake.AS_OF)
    assert not differing(told, found)


def test_duckdb_answers_the_day_from_pages_alone(nation: Any):
    _, duck, told = nation
    expression, values = lit("pages")
    text = sql.literal(expression, "duckdb", values).replace('"ledger_lake"', "(SELECT * FROM ledger_lake LIMIT 0)")
    assert not differing(told, plain(duck.execute(text).fetchall()))


@pytest.mark.django_db
def test_djangos_own_database_says_the_same(nation: Any):
    _, duck, told = nation
    expression, values = lit("rows")
    shadow = "temp" if connection.vendor == "sqlite" else "pg_temp"
    with connection.cursor() as cursor:
        for statement in schema("TEMPORARY"):
            cursor.execute(statement)
        for name in (*REGISTRY, "ledger_entry"):
            columns = next(table.columns for table in TABLES if table.get_name() == name)
            rows = duck.execute(f"SELECT {', '.join(columns)} FROM {'ledger_lake' if name == 'ledger_entry' else name}")
            copied(cursor, name, columns, rows)
        cursor.execute("CREATE INDEX shadow_slot ON ledger_entry (undertaking_id, measure_id, kind, period, seq, amount, day, replaces)")
        cursor.execute("CREATE UNIQUE INDEX shadow_seq ON ledger_entry (seq)")
        cursor.execute("CREATE UNIQUE INDEX shadow_replaces ON ledger_entry (replaces)")
        for name in (*REGISTRY, "ledger_entry"):  # these alone: what a server once knows of the others outlives the test
            cursor.execute(f"ANALYZE {shadow}.{name}")
        text, bound = running.query(expression, values)
        cursor.execute(text, bound)
        found = plain(cursor.fetchall())
        for table in TABLES:
            cursor.execute(f"DROP TABLE {shadow}.{table.get_name()}")
    assert not differing(told, found)


def copied(cursor: Any, name: str, columns: tuple[str, ...], rows: Any) -> None:
    """Rows of DuckDB into a table of Django's connection, by what its driver does fastest."""
    if connection.vendor == "postgresql":
        with cursor.copy(f"COPY {name} ({', '.join(columns)}) FROM STDIN") as copy:
            while found := rows.fetchmany(MANY):
                for row in found:
                    copy.write_row(row)
        return
    marks = ", ".join(["?"] * len(columns))
    raw = connection.connection.cursor()
    while found := rows.fetchmany(MANY):
        raw.executemany(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})", found)


def test_spark_says_the_same(nation: Any, tmp_path: Path):
    path, duck, told = nation
    from pyspark.sql import SparkSession

    chosen = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "2g",
        "spark.local.dir": str(tmp_path),
        "spark.sql.warehouse.dir": str(tmp_path / "warehouse"),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "4",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
    }
    builder = SparkSession.builder.master("local[1]")  # the other core is another test's
    for name, value in chosen.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    try:
        spark.read.parquet(str(path / "ledger.parquet")).createOrReplaceTempView("ledger_lake")
        spark.read.parquet(str(path / "pages-*.parquet")).createOrReplaceTempView("ledger_page")
        for name in REGISTRY:
            duck.execute(f"COPY {name} TO '{tmp_path / name}.parquet' (FORMAT parquet)")
            spark.read.parquet(f"{tmp_path / name}.parquet").createOrReplaceTempView(name)
        lakes = [lit(layout) for layout in LAKES]
        answers = [(told.columns, spark.sql(sql.literal(told, "pyspark", values)).toArrow()) for told, values in lakes]
    finally:
        spark.stop()
    for columns, found in answers:
        assert tuple(found.column_names) == columns
        assert not differing(told, plain(zip(*(column.to_pylist() for column in found.columns), strict=True)))
