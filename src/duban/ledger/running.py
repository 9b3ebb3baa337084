"""Ibis expressions on the connection that Django already has, inside its transaction.

Their SQL is kept in the folder `compiled` of the state, so that a server that starts need not compile it again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from threading import get_ident
from typing import Any

import ibis.expr.types as ir
from django.conf import settings
from django.db import connection

from duban.core import sql

_DIALECTS = {"sqlite": "sqlite", "postgresql": "postgres"}

Text = tuple[str, frozenset[str]]
"""SQL with placeholders, and their names."""


def query(expression: ir.Table, values: Mapping[str, int]) -> tuple[str, dict[str, int]]:
    """The SQL of `expression` for Django's database and the values of its parameters."""
    text, names = ready(expression)
    return text, {name: values[name] for name in names}


def ready(expression: ir.Table) -> Text:
    """The SQL of `expression` for Django's database, so that whoever asks for it next need not wait."""
    return _text(expression, _DIALECTS[connection.vendor], settings.STATE / "compiled")


def rows(expression: ir.Table, **values: int) -> list[dict[str, Any]]:
    """The rows of `expression` as dictionaries by column. Integers come back as int, truth as bool or 0/1."""
    text, bound = query(expression, values)
    with connection.cursor() as cursor:
        cursor.execute(text, bound)
        return [dict(zip(expression.columns, row, strict=True)) for row in cursor.fetchall()]


@lru_cache(maxsize=256)
def _text(expression: ir.Table, dialect: str, folder: Path) -> Text:
    """As `sql.compiled`, read from a file where one is named by the very expression, else compiled and written there."""
    path = folder / f"{sql.digest(expression, dialect)}.json"
    with suppress(OSError, ValueError, KeyError):
        kept = json.loads(path.read_text("utf-8"))
        return kept["sql"], frozenset(kept["names"])
    text, names = sql.compiled(expression, dialect)
    with suppress(OSError):  # a folder that takes nothing costs the compiling, once a process
        _keep(path, json.dumps({"sql": text, "names": sorted(names)}))
    return text, names


def _keep(path: Path, written: str) -> None:
    """Write a file whole or not at all, whoever else writes it."""
    path.parent.mkdir(exist_ok=True)
    beside = path.with_suffix(f".{os.getpid()}-{get_ident()}")
    beside.write_text(written, "utf-8")
    beside.replace(path)
