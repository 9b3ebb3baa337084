"""Base indicators once more, slowly, from their description: sheets of lights that nobody thought of, and what they come to.

A sheet is what `indicators` looks at: the standings of one day, the undertakings and measures behind them, what each programme's
rates are taken of, who is asked about and what they say of themselves.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb
import ibis.expr.types as ir
from hypothesis import strategies as st

from duban.core import indicators, periods, sql
from duban.core.lights import DAYS
from duban.core.rulebook import STAGES
from duban.core.rules import RULES

AS_OF = date(2021, 8, 20)
MEASURES = (
    {"id": 1, "code": "invested", "holds": "amount", "accumulates": "year", "direction": 1},
    {"id": 2, "code": "progress", "holds": "amount", "accumulates": "level", "direction": 1},
    {"id": 3, "code": "complaints", "holds": "amount", "accumulates": "year", "direction": -1},
    {"id": 4, "code": "cleared", "holds": "day", "accumulates": "level", "direction": 1},
    {"id": 5, "code": "doses", "holds": "amount", "accumulates": "life", "direction": 1},
)
SUMMABLE = {1, 3, 5}
RISING = {1, 2, 5}


@dataclass
class Sheet:
    standings: list[dict[str, Any]] = field(default_factory=list)
    undertakings: list[dict[str, Any]] = field(default_factory=list)
    terms: list[dict[str, Any]] = field(default_factory=list)
    chosen: list[dict[str, Any]] = field(default_factory=list)
    said: list[dict[str, Any]] = field(default_factory=list)
    measures: list[dict[str, Any]] = field(default_factory=lambda: [dict(row) for row in MEASURES])

    def add(self, whose: int, *, programme: int = 1, body: int = 1, parent: int | None = None, town: int | None = None,
            declared: str = "", said: str | None = None, **standing: Any) -> dict[str, Any]:  # fmt: skip
        """One undertaking and how it stands: on schedule, in no stage and without a day unless `standing` says otherwise."""
        row = {"id": whose, "programme_id": programme, "lead_body_id": body, "parent_id": parent, "town_id": town, "stage": declared}
        self.undertakings.append(row)
        silent = dict.fromkeys(("done", "planned", "target", "last_period", "months", *DAYS))
        known = {"undertaking_id": whose, "programme_id": programme, "lead_body_id": body, "measure_id": 1}
        self.standings.append({**silent, **known, "rule": "on_schedule", "heading": False, "stage": "", **standing})
        self.chosen.append({"undertaking_id": whose})
        if said is not None:
            self.said.append({"undertaking_id": whose, "said": said})
        return self.standings[-1]

    def take(self, programme: int = 1, **rates: int) -> None:
        """What a programme's rates are taken of; of nothing where `rates` does not say."""
        self.terms.append({"programme_id": programme, **dict.fromkeys(indicators.RATES, indicators.NOT_TAKEN), **rates})

    @property
    def tables(self) -> dict[str, list[dict[str, Any]]]:
        return {
            "indicator_standing": self.standings, "indicator_chosen": self.chosen, "indicator_said": self.said,
            "indicator_terms": self.terms, "registry_undertaking": self.undertakings, "registry_measure": self.measures,
        }  # fmt: skip


# Engines

_TYPES = {"int64": "BIGINT", "string": "VARCHAR(40)", "boolean": "BOOLEAN"}


def schema(prefix: str = "") -> list[str]:
    """The statements that make the tables."""
    columns = {
        table.get_name(): ", ".join(f"{name} {_TYPES[str(kind).lstrip('!')]}" for name, kind in table.schema().items())
        for table in indicators.TABLES
    }
    return [f"CREATE {prefix} TABLE {name} ({listed})" for name, listed in columns.items()]


def inserts(sheet: Sheet) -> list[str]:
    """The statements that fill them."""
    statements = []
    for table in indicators.TABLES:
        rows = sheet.tables[table.get_name()]
        if rows:
            values = ", ".join("(" + ", ".join(_literal(row[column]) for column in table.columns) + ")" for row in rows)
            statements.append(f"INSERT INTO {table.get_name()} ({', '.join(table.columns)}) VALUES {values}")
    return statements


def _literal(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "NULL", True: "TRUE", False: "FALSE"}[value]
    return f"'{value}'" if isinstance(value, str) else str(value)


@contextmanager
def opened(sheet: Sheet, engine: str = "sqlite", as_of: date = AS_OF) -> Iterator[Callable[..., list[dict[str, Any]]]]:
    """Ask expressions of a sheet on one engine; the rows come in one order on every engine."""
    connection: Any = duckdb.connect() if engine == "duckdb" else sqlite3.connect(":memory:")

    def ask(expression: ir.Table, **values: int) -> list[dict[str, Any]]:
        text = sql.literal(expression, engine, {**indicators.moment(as_of=as_of), **values})
        return ordered(dict(zip(expression.columns, row, strict=True)) for row in connection.execute(text).fetchall())

    try:
        for statement in (*schema(), *inserts(sheet)):
            connection.execute(statement)
        yield ask
    finally:
        connection.close()


def ask(expression: ir.Table, sheet: Sheet, engine: str = "sqlite", as_of: date = AS_OF, **values: int) -> list[dict[str, Any]]:
    """One expression asked of a sheet."""
    with opened(sheet, engine, as_of) as asked:
        return asked(expression, **values)


def ordered(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows in one order, numbers as plain ones."""
    plain = [{name: value if value is None or isinstance(value, str) else int(value) for name, value in row.items()} for row in rows]
    return sorted(plain, key=lambda row: [str(value) for value in row.values()])


# The description, told slowly


def counts(sheet: Sheet, row: dict[str, Any]) -> bool:
    """No heading beside its parts; no part beside a whole that is none."""
    known = {one["undertaking_id"]: one for one in sheet.standings}
    parent = known.get(next(one for one in sheet.undertakings if one["id"] == row["undertaking_id"])["parent_id"])
    return not row["heading"] and (parent is None or parent["heading"])


def steps(row: dict[str, Any], by: Callable[[int], bool]) -> dict[str, bool]:
    """Which steps were taken on a day that `by` lets through, where a later step proves an earlier one."""

    def told(*names: str) -> bool:
        return any(row[name] is not None and by(row[name]) for name in names)

    return {
        "signed": told("signed"),
        "started": told("started", "finished", "produced", "capacity"),
        "finished": told("finished", "produced", "capacity"),
        "producing": told("produced", "capacity"),
        "converted": told("converted", "started", "finished", "produced", "capacity"),
    }


def rates(sheet: Sheet, row: dict[str, Any]) -> dict[str, tuple[bool, bool]]:
    """Of each rate whether it is taken of this one, and whether this one counts as done."""
    promise = next(one for one in sheet.undertakings if one["id"] == row["undertaking_id"])
    terms = next(one for one in sheet.terms if one["programme_id"] == row["programme_id"])
    taken, before = steps(row, lambda day: True), steps(row, lambda day: day < 20210101)
    before["signed"] = before["signed"] or before["started"]
    in_reserve = "reserve" in (row["stage"], promise["stage"]) or row["convert_due"] is not None or row["converted"] is not None

    def by_now(name: str) -> bool:
        return row[name] is not None and row[name] <= 20210820

    convert = "convert_due" if row["convert_due"] is not None else "start_due"
    asked = {
        "signed": (by_now("start_due"), True),
        "started": (by_now("start_due"), taken["signed"]),
        "finished": (by_now("finish_due"), taken["started"]),
        "producing": (by_now("produce_due"), taken["finished"]),
        "converted": (in_reserve and by_now(convert), in_reserve),
    }
    told = {}
    for name, (due, stage) in asked.items():
        of = {indicators.NOT_TAKEN: False, indicators.DUE: due, indicators.STAGE: stage}[terms[name]]
        of = of and row["stage"] != "" and not before[name]
        told[name] = (of, of and taken[name])
    return told


def _sum(values: Iterable[int | None]) -> int | None:
    spoken = [value for value in values if value is not None]
    return sum(spoken) if spoken else None


def amounts(rows: list[dict[str, Any]]) -> dict[str, int | None]:
    planned = [row for row in rows if row["measure_id"] in SUMMABLE and row["target"] is not None]
    telling = [row for row in planned if row["last_period"] is not None]
    sums = {name: _sum(row[name] for row in planned) for name in ("done", "planned", "target")}
    return {**sums, "telling": len(telling), "newer": len([row for row in telling if row["last_period"] > 20210731])}


def tallied(sheet: Sheet, by: str) -> list[dict[str, Any]]:
    """As `indicators.tallied` describes it."""
    promises = {row["id"]: row for row in sheet.undertakings}
    said = {row["undertaking_id"]: row["said"] for row in sheet.said}
    asked = {row["undertaking_id"] for row in sheet.chosen}
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in sheet.standings:
        whose = row["undertaking_id"]
        if whose not in asked or not counts(sheet, row):
            continue
        key = {
            "programme": row["programme_id"], "body": row["lead_body_id"], "town": promises[whose]["town_id"],
            "whole": promises[whose]["parent_id"], "said": said.get(whose),
        }[by]  # fmt: skip
        groups.setdefault((key, row["programme_id"], row["measure_id"], row["stage"], row["rule"]), []).append(row)
    told = []
    for names, rows in groups.items():
        task = [row for row in rows if row["measure_id"] in RISING and (row["target"] or 0) > 0]
        each = [rates(sheet, row) for row in rows]
        told.append({
            **dict(zip(("key", "group", "measure", "at", "lit"), names, strict=True)),
            "undertakings": len(rows),
            "months": max((row["months"] for row in rows if row["months"] is not None), default=None),
            "at_capacity": sum(row["capacity"] is not None and row["stage"] != "" for row in rows),
            "task": len(task),
            "past_half": sum(row["done"] is not None and 2 * row["done"] >= row["target"] for row in task),
            **amounts(rows),
            **{f"{name}_of": sum(one[name][0] for one in each) for name in indicators.RATES},
            **{f"{name}_done": sum(one[name][1] for one in each) for name in indicators.RATES},
        })  # fmt: skip
    return ordered(told)


def sought(sheet: Sheet, rate: str, part: str) -> list[int]:
    asked = {row["undertaking_id"] for row in sheet.chosen}
    found = []
    for row in sheet.standings:
        if row["undertaking_id"] in asked and counts(sheet, row):
            of, done = rates(sheet, row)[rate]
            if {"of": of, "done": done, "open": of and not done}[part]:
                found.append(row["undertaking_id"])
    return sorted(found)


def parts(sheet: Sheet) -> list[dict[str, Any]]:
    """As `indicators.parts` describes it."""
    whole_of = {row["id"]: row["parent_id"] for row in sheet.undertakings}
    headings = {row["undertaking_id"] for row in sheet.standings if row["heading"]} & {row["undertaking_id"] for row in sheet.chosen}
    groups: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for row in sheet.standings:
        whole = whole_of[row["undertaking_id"]]
        if whole in headings and not row["heading"]:
            groups.setdefault((whole, row["measure_id"]), []).append(row)
    return ordered(
        {"undertaking_id": whole, "measure": measure, "parts": len(rows), **amounts(rows)} for (whole, measure), rows in groups.items()
    )


# Sheets that nobody thought of


def _days() -> st.SearchStrategy[int | None]:
    days = st.dates(date(2020, 6, 1), date(2022, 3, 1)).map(periods.to_number)
    return st.one_of(st.none(), st.none(), days, st.sampled_from([20201231, 20210101, 20210820, 20210821]))


def _amounts() -> st.SearchStrategy[int | None]:
    return st.one_of(st.none(), st.integers(0, 10**6), st.sampled_from([0, 5, 10, 2**50]))


@st.composite
def sheets(draw: st.DrawFn, largest: int = 8) -> Sheet:
    """Up to eight undertakings under three programmes, some of them parts of others, some of them not asked about."""
    made = Sheet()
    for programme in (1, 2, 3):
        made.take(programme, **{name: draw(st.sampled_from([0, 1, 2, 2])) for name in indicators.RATES})
    for whose in range(1, draw(st.integers(1, largest)) + 1):
        standing: dict[str, Any] = {name: draw(_days()) for name in DAYS}
        standing |= {name: draw(_amounts()) for name in ("done", "planned", "target")}
        standing |= {
            "measure_id": draw(st.sampled_from([1, 1, 2, 3, 4, 5])),
            "rule": draw(st.sampled_from([rule.name for rule in RULES[:6]])),
            "heading": draw(st.booleans()),
            "stage": draw(st.sampled_from(["", *STAGES, *STAGES])),
            "last_period": draw(st.sampled_from([None, 20210630, 20210731, 20210815])),
            "months": draw(st.one_of(st.none(), st.integers(0, 5))),
        }
        made.add(
            whose,
            programme=draw(st.integers(1, 3)),
            body=draw(st.integers(1, 3)),
            parent=draw(st.sampled_from([None, *range(1, whose)])),
            town=draw(st.sampled_from([None, 7, 8])),
            declared=draw(st.sampled_from(["", "reserve", "new"])),
            said=draw(st.sampled_from([None, "delta", "inland"])),
            **standing,
        )
        if not draw(st.integers(0, 4)):
            made.chosen.pop()
    return made
