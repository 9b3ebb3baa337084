"""The ledger in its own words: a test writes a table of text, and every engine gets the same rows.

`book` turns such a text into rows; `duck` and `sqlite` put them into a database in memory; `ask` runs an expression of
the core over them. What a slot says twice is a correction of what it said before. The columns are
`undertaking measure kind period amount`, and `seq`, `recorded` and `reason` where a test needs them; an amount is a
number, a day or `withdrawn`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import duckdb
import ibis.expr.types as ir

from duban.core import fixed, laid, lights, periods, sql
from duban.core.history import LAKE, STILL, TABLES
from duban.core.pages import PAGES
from duban.core.rulebook import Rulebook

MEASURES = """
code        holds   unit  accumulates  direction
invested    amount  元    year         1
total       amount  元    life         1
progress    amount  %     level        1
complaints  amount  件    year         -1
start       day     -     level        1
finish      day     -     level        1
cleared     day     -     level        1
converted   day     -     level        1
enrolled    day     -     level        1
produced    day     -     level        1
"""


def rows(text: str) -> list[dict[str, str]]:
    """The lines of a table as dictionaries by its header; `-` is nothing, and the last column takes the rest of its line."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    header = lines[0].split()
    cells = (line.split(maxsplit=len(header) - 1) for line in lines[1:])
    return [{name: "" if cell == "-" else cell.strip() for name, cell in zip(header, row, strict=False)} for row in cells]


def said(text: str) -> tuple[int | None, int | None]:
    """An amount and a day as the ledger stores them."""
    if text == "withdrawn":
        return None, None
    if len(text) == 10 and text[4] == text[7] == "-":
        return None, periods.to_number(date.fromisoformat(text))
    return fixed.to_fixed(text), None


class Book:
    """Rows as the tables of the core have them, and the numbers behind the names."""

    def __init__(self, measures: list[dict[str, Any]]) -> None:
        self.measures = measures
        self.programmes: list[dict[str, Any]] = []
        self.undertakings: list[dict[str, Any]] = []
        self.entries: list[dict[str, Any]] = []
        self.terms: list[dict[str, int]] = []

    def judge(self, as_of: date, rules: Mapping[str, Rulebook] | Rulebook | None = None) -> dict[str, int]:
        """Put every programme under its rulebook, by the measure that leads it, and return the lights' moment at the last entry."""
        given = rules if isinstance(rules, Mapping) else {}
        common = rules if isinstance(rules, Rulebook) else Rulebook()
        books = {row["id"]: given.get(row["code"], common) for row in self.programmes}
        self.terms = lights.terms(books, as_of=as_of)
        return lights.moment(as_of=as_of, head=len(self.entries), rules=books.values())

    def measure(self, code: str) -> dict[str, Any]:
        return next(row for row in self.measures if row["code"] == code)

    def undertaking(self, code: str) -> dict[str, Any]:
        return next(row for row in self.undertakings if row["code"] == code)

    def promise(self, code: str, *, lead: str = "invested", stage: str = "", parent: str = "", body: int = 1) -> None:
        """Enter an undertaking in the programme that `lead` leads; `none` leads a programme without lights."""
        programme = next((row for row in self.programmes if row["code"] == lead), None)
        if programme is None:
            measure = None if lead == "none" else self.measure(lead)["id"]
            programme = {"id": len(self.programmes) + 1, "code": lead, "lead_measure_id": measure}
            self.programmes.append(programme)
        whole = self.undertaking(parent)["id"] if parent else None
        self.undertakings.append(
            {"id": len(self.undertakings) + 1, "code": code, "programme_id": programme["id"], "lead_body_id": body,
             "parent_id": whole, "stage": stage}
        )  # fmt: skip

    def write(self, undertaking: str, measure: str, kind: str, period: date, amount: int | None, day: int | None) -> None:
        """Append one entry; it replaces what its slot said last."""
        slot = {
            "undertaking_id": self.undertaking(undertaking)["id"],
            "measure_id": self.measure(measure)["id"],
            "kind": kind,
            "period": periods.to_number(period),
        }
        before = [entry["seq"] for entry in self.entries if slot.items() <= entry.items()]
        self.entries.append({"seq": len(self.entries) + 1, **slot, "amount": amount, "day": day, "replaces": max(before, default=None)})

    def __repr__(self) -> str:
        """Only what differs from one book to the next, so that a failing one can be read."""
        names = {row["id"]: row["code"] for row in self.measures}
        told = [
            f"{u['id']} led by {self.programmes[u['programme_id'] - 1]['code']} {u['stage']} part of {u['parent_id']}"
            for u in self.undertakings
        ]
        told += [
            f"{e['seq']} {e['undertaking_id']} {names[e['measure_id']]} {e['kind']} {e['period']} {e['amount']} {e['day']}"
            for e in self.entries
        ]
        return "\n".join(["", *told])

    @property
    def tables(self) -> dict[str, list[dict[str, Any]]]:
        return {
            "ledger_entry": self.entries,
            "registry_undertaking": self.undertakings,
            "registry_programme": self.programmes,
            "registry_measure": self.measures,
            "standing_terms": self.terms,
            "ledger_lake": self.lake,
        }

    @property
    def lake(self) -> list[dict[str, Any]]:
        """The entries as columns: in the order of their slots, each with the one that replaced it."""
        replaced = {entry["replaces"]: entry["seq"] for entry in self.entries}
        slots = sorted(self.entries, key=lambda e: (e["undertaking_id"], e["measure_id"], e["kind"], e["period"], e["seq"]))
        return [{**entry, "replaced_by": replaced.get(entry["seq"], STILL)} for entry in slots]


def book(text: str, undertakings: str = "") -> Book:
    """The book that a test writes; an undertaking that `undertakings` leaves out is led by `invested`."""
    made = Book(measures=[{"id": place, **row, "direction": int(row["direction"])} for place, row in enumerate(rows(MEASURES), 1)])
    for row in rows(undertakings) if undertakings else []:
        given = {name: value for name, value in row.items() if name != "undertaking" and value}
        made.promise(row["undertaking"], **({**given, "body": int(given["body"])} if "body" in given else given))
    written = rows(text)
    for row in written:
        if not any(known["code"] == row["undertaking"] for known in made.undertakings):
            made.promise(row["undertaking"])
    for row in written:
        made.write(row["undertaking"], row["measure"], row["kind"], periods.read_period(row["period"]), *said(row["amount"]))
        assert row.get("seq") in {None, str(len(made.entries))}, "the text numbers its entries in order"
    return made


_TYPES = {"int64": "BIGINT", "string": "VARCHAR(40)"}


def schema(prefix: str = "", tables: Sequence[ir.Table] = TABLES) -> list[str]:
    """The statements that make the core's tables."""
    columns = {
        table.get_name(): ", ".join(f"{name} {_TYPES[str(kind).lstrip('!')]}" for name, kind in table.schema().items()) for table in tables
    }
    return [f"CREATE {prefix} TABLE {name} ({listed})" for name, listed in columns.items()]


def inserts(written: Book, tables: Sequence[ir.Table] = TABLES) -> list[str]:
    """The statements that fill them. Whole numbers and plain words only, so they are the same on every engine."""
    statements = []
    for table in tables:
        name, columns = table.get_name(), table.columns
        listed = written.tables[name]
        if listed:
            values = ", ".join("(" + ", ".join(_literal(row[column]) for column in columns) + ")" for row in listed)
            statements.append(f"INSERT INTO {name} ({', '.join(columns)}) VALUES {values}")
    return statements


def _literal(value: Any) -> str:
    return "NULL" if value is None else f"'{value}'" if isinstance(value, str) else str(value)


def filled(execute: Callable[[str], Any], written: Book) -> None:
    """Make and fill the tables."""
    tables = (*TABLES, LAKE)
    for statement in (*schema(tables=tables), *inserts(written, tables)):
        execute(statement)


def ask(expression: ir.Table, written: Book, engine: str, /, **values: int) -> list[dict[str, Any]]:
    """The rows of an expression on one engine, `duckdb` or `sqlite`."""
    text = sql.literal(expression, engine, values)
    if engine == "duckdb":
        with duckdb.connect() as duck:
            filled(duck.execute, written)
            return named(expression, duck.execute(text).fetchall())
    lite = sqlite3.connect(":memory:")
    try:
        filled(lite.execute, written)
        return named(expression, lite.execute(text).fetchall())
    finally:
        lite.close()


def turned(expression: ir.Table, written: Book, year: int, /, *, alone: bool = False, **values: int) -> list[dict[str, Any]]:
    """The rows of an expression over the pages of a year, on DuckDB; `alone` takes the entries away once the pages are laid."""
    pages = sql.literal(laid.pages(), "duckdb", laid.moment(year=year, head=len(written.entries)))
    with duckdb.connect() as duck:
        filled(duck.execute, written)
        duck.execute(schema(tables=[PAGES])[0])
        duck.execute(f"INSERT INTO {PAGES.get_name()} {pages}")
        if alone:
            duck.execute(f"DELETE FROM {LAKE.get_name()}")
        return named(expression, duck.execute(sql.literal(expression, "duckdb", values)).fetchall())


def named(expression: ir.Table, found: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
    """Rows by column, truth as 0 and 1, in the order of their undertakings where they have one."""
    told = [
        {name: int(value) if isinstance(value, bool) else value for name, value in zip(expression.columns, row, strict=True)}
        for row in found
    ]
    return sorted(told, key=lambda row: row["undertaking_id"]) if "undertaking_id" in expression.columns else told
