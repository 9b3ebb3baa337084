"""The ledger as Ibis tables, and what it said to somebody who read it at a head.

Every name here is unbound: the same expression becomes SQL for SQLite, PostgreSQL, DuckDB and Spark.
Days are numbers (20210831), amounts whole ten-thousandths; see `periods` and `fixed`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
from ibis import _

from duban.core import rulebook

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
TERMS: Final = ibis.table(
    {"sheet_id": "int64", "programme_id": "int64", "on_day": "int64", **dict.fromkeys(rulebook.TERMS, "int64")}, name="standing_terms"
)
"""What each programme's rulebook comes to on a day (`rulebook.terms`); a sheet's lights look at its own."""
TABLES: Final = (ENTRIES, UNDERTAKINGS, PROGRAMMES, MEASURES, TERMS)

LAKE: Final = ibis.table({**ENTRIES.schema(), "replaced_by": "int64"}, name="ledger_lake")
"""The ledger as columns, in the order of year, measure, kind, undertaking and period: each entry names the one that replaced it.

`replaced_by` of an entry that still speaks is `STILL`, so that one comparison finds what spoke at a head.
"""
STILL: Final = 2**63 - 1

HEAD: Final = ibis.param("int64").name("head")
AS_OF: Final = ibis.param("int64").name("as_of")
YEAR_START: Final = ibis.param("int64").name("year_start")
YEAR_END: Final = ibis.param("int64").name("year_end")
SHEET: Final = ibis.param("int64").name("sheet")


def known(entries: ir.Table, head: ir.IntegerScalar = HEAD) -> ir.Table:
    """The ledger as a reader saw it at `head`: of each slot the entry that nothing had yet replaced.

    Withdrawn slots stay in, with neither amount nor day; whoever sums filters them out. Filter `entries`
    first: each row that is left costs one look at the index of `replaces`.
    """
    written = entries.filter(_.seq <= head)
    later = ENTRIES.view()
    return (
        written.left_join(later, [written.seq == later.replaces, later.seq <= head], rname="later_{name}")
        .filter(_.later_seq.isnull())
        .select(*entries.columns)
    )


PLACE: Final = 2**37
"""Periods are multiplied by this and the seq added, so that the largest number names the newest period's entry."""


def place(rows: ir.Table) -> ir.IntegerColumn:
    """`period * PLACE + seq`: its maximum in a group names the newest period's entry, its minimum the earliest's."""
    return rows.period * PLACE + rows.seq


def seq_of(picked: ir.IntegerColumn) -> ir.IntegerColumn:
    """The seq inside a number that `place` made."""
    return picked - whole_div(picked, PLACE) * PLACE


def with_amounts(rows: ir.Table, *names: str, only: tuple[str, ...] = ("seq", "period", "amount", "day")) -> ir.Table:
    """`rows` with what each picked entry says: `NAME_seq`, `NAME_period`, `NAME_amount`, `NAME_day`; NULL where none was picked."""
    rows = settle(rows.mutate(**{f"{name}_seq": seq_of(rows[name]) for name in names}).drop(*names))
    told = [column for column in only if column != "seq"]
    joined = rows
    said: dict[str, ir.Value] = {}
    for name in names:
        entry = ENTRIES.view()
        joined = joined.left_join(entry, rows[f"{name}_seq"] == entry.seq, rname=f"{name}_{{name}}_of")
        said |= {f"{name}_{column}": entry[column] for column in told}
    kept = [column for column in rows.columns if "seq" in only or not column.endswith("_seq")]
    return joined.select(*(rows[column] for column in kept), **said)


_PACKED = dt.Decimal(38, 0)


def _written(shape: Callable[..., None], takes: tuple[dt.DataType, ...], returns: dt.DataType) -> Callable[..., Any]:
    """A function that no engine has and `duban.core.sql` writes for each; `shape` gives its name and what it takes."""
    made: Callable[..., Any] = ibis.udf.scalar.builtin(shape, name=shape.__name__.removeprefix("_"), signature=(takes, returns))
    return made


def _packed(period: Any, amount: Any) -> None: ...
def _packed_period(packed: Any) -> None: ...
def _packed_amount(packed: Any) -> None: ...


packed: Final = _written(_packed, (dt.int64, dt.int64), _PACKED)
"""A period and an amount as one thing that is ordered by the period; NULL where the amount is. For engines that read columns."""
packed_period: Final = _written(_packed_period, (_PACKED,), dt.int64)
"""The period of what `packed` made."""
packed_amount: Final = _written(_packed_amount, (_PACKED,), dt.int64)
"""The amount of what `packed` made."""


@ibis.udf.scalar.builtin
def whole_div(dividend: int, divisor: int) -> int:  # type: ignore[empty-body]
    """Division of whole numbers towards zero, exact on every engine.

    Ibis's own `//` goes through doubles, which lose digits beyond 2**53; `duban.core.sql` gives this one the
    engine's division of integers.
    """


def half_months(day: ir.IntegerValue) -> ir.IntegerValue:
    """Half months from the year 0 to the end of `day`; the twin, for columns, of `periods.half_index`."""
    month = whole_div(day, 100)
    within = day - month * 100
    return month * 2 - whole_div(day, 10_000) * 176 - 2 + whole_div(within - 2, 13)  # of a month's days the 15th and the 28th end a half


def settle(rows: ir.Table) -> ir.Table:
    """The same rows, computed once: a step that no engine folds into the next.

    Without it every later use of a column repeats the column's whole expression, and the SQL of the
    lights grows from ten to some three hundred thousand characters. A window stops the folding on all engines.
    """
    return rows.mutate(settled=ibis.row_number()).drop("settled")


_AMOUNTS: Final = 2**54
"""More than twice the largest amount, so that one number holds an amount, with its sign, and a day of the year before it."""


def in_year(period: ir.IntegerValue, amount: ir.IntegerValue, year_start: ir.IntegerScalar) -> ir.IntegerValue:
    """A period of the year that begins on `year_start` and its amount as one number below 2**63: the later is the larger."""
    day = period - year_start + 101
    return (day - whole_div(day, 100) * 69) * _AMOUNTS + amount


def out_of_year(told: ir.IntegerValue, year_start: ir.IntegerScalar) -> dict[str, ir.IntegerValue]:
    """The `period` and the `amount` of what `in_year` made."""
    place = whole_div(told + _AMOUNTS // 2, _AMOUNTS)
    return {"period": year_start - 101 + place + whole_div(place - 1, 31) * 69, "amount": told - place * _AMOUNTS}
