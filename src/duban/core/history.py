"""The ledger as Ibis tables, and what it said to somebody who read it at a head.

Every name here is unbound: the same expression becomes SQL for SQLite, PostgreSQL, DuckDB and Spark.
Days are numbers (20210831), amounts whole ten-thousandths; see `periods` and `fixed`.
"""

from __future__ import annotations

from typing import Final

import ibis
import ibis.expr.types as ir
from ibis import _

ENTRIES: Final = ibis.table(
    {
        "seq": "int64",
        "undertaking_id": "int64",
        "measure_id": "int64",
        "kind": "string",
        "period": "int64",
        "amount": "int64",
        "day": "int64",
        "replaces": "int64",
    },
    name="ledger_entry",
)
UNDERTAKINGS: Final = ibis.table(
    {
        "id": "int64",
        "programme_id": "int64",
        "lead_body_id": "int64",
        "parent_id": "int64",
        "stage": "string",
    },
    name="registry_undertaking",
)
PROGRAMMES: Final = ibis.table({"id": "int64", "lead_measure_id": "int64"}, name="registry_programme")
MEASURES: Final = ibis.table(
    {"id": "int64", "code": "string", "holds": "string", "accumulates": "string", "direction": "int64"},
    name="registry_measure",
)
TABLES: Final = (ENTRIES, UNDERTAKINGS, PROGRAMMES, MEASURES)

HEAD: Final = ibis.param("int64").name("head")
AS_OF: Final = ibis.param("int64").name("as_of")
YEAR_START: Final = ibis.param("int64").name("year_start")
YEAR_END: Final = ibis.param("int64").name("year_end")


def known(entries: ir.Table, head: ir.IntegerScalar = HEAD) -> ir.Table:
    """The ledger as a reader saw it at `head`: of each slot the entry that nothing had yet replaced.

    Withdrawn slots stay in, with neither amount nor day; whoever sums filters them out.
    """
    written = entries.filter(_.seq <= head)
    replaced = written.filter(_.replaces.notnull()).select(gone="replaces")
    return written.anti_join(replaced, [("seq", "gone")])


def exact_div(dividend: ir.IntegerValue, divisor: ir.IntegerValue) -> ir.IntegerValue:
    """`dividend / divisor`, rounded down, exact for dividends below 2**62 in size.

    Ibis divides integers through doubles; the second division puts right what the first one lost.
    """
    rough = dividend // divisor
    return rough + (dividend - rough * divisor) // divisor


def half_months(day: ir.IntegerValue) -> ir.IntegerValue:
    """Half months from the year 0 to the end of `day`; the twin, for columns, of `periods.half_index`."""
    month = day // 100
    within = day - month * 100
    return month * 2 - (day // 10_000) * 176 - 2 + (within >= 15).cast("int64") + (within >= 28).cast("int64")


def settle(rows: ir.Table) -> ir.Table:
    """The same rows, computed once: a step that no engine folds into the next.

    Without it every later use of a column repeats the column's whole expression, and the SQL of the
    lights grows from ten to some three hundred thousand characters. A window stops the folding on all engines.
    """
    return rows.mutate(settled=ibis.row_number()).drop("settled")
