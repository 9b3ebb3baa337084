"""The append-only ledger: one way in, every way of reading it by two clocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir


def tables() -> dict[str, ir.Table]:
    """The ledger and what it refers to, as unbound Ibis tables by name.

    An expression over them runs on Django's connection through `duban.ledger.running`, or on DuckDB
    and Spark over Parquet files with the same columns.
    """
    from duban.core.history import TABLES

    return {table.get_name(): table for table in TABLES}
