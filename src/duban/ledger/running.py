"""Ibis expressions on the connection that Django already has, inside its transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis.expr.types as ir
from django.db import connection

from duban.core import sql

_DIALECTS = {"sqlite": "sqlite", "postgresql": "postgres"}


def query(expression: ir.Table, values: Mapping[str, int]) -> tuple[str, dict[str, int]]:
    """The SQL of `expression` for Django's database and the values of its parameters."""
    text, names = sql.compiled(expression, _DIALECTS[connection.vendor])
    return text, {name: values[name] for name in names}


def rows(expression: ir.Table, **values: int) -> list[dict[str, Any]]:
    """The rows of `expression` as dictionaries by column. Integers come back as int, truth as bool or 0/1."""
    text, bound = query(expression, values)
    with connection.cursor() as cursor:
        cursor.execute(text, bound)
        return [dict(zip(expression.columns, row, strict=True)) for row in cursor.fetchall()]
