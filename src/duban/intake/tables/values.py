"""A column of somebody's table as ledger values: numbers all at once, text cell by cell, and what was wrong with which."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, cast

import numpy as np

from duban.core import fixed, periods, tables_amounts
from duban.core.refusals import Finding, Refusal
from duban.core.tables import Cell, Column, Table, filled, words
from duban.core.tables_amounts import SILENT, TEXT, TOLD, TOO_FINE, TOO_LARGE, Floats, Kinds
from duban.intake.files.cells import share_readings
from duban.intake.readings import UNSAID, Truth, Whole
from duban.intake.tables.cells import Silent, amount, day
from duban.intake.tables.meanings import FRACTION, Meaning, factor
from duban.registry.models import Measure

Facts = Callable[[int], dict[str, Any]]

SHOWN: Final = 100
"""So many findings of one kind stand in one column; of the rest only the number is told."""


@dataclass(slots=True)
class Findings:
    """What is wrong with a table, each with its place; no more than `SHOWN` of a kind in a column."""

    table: Table
    sheet: str
    told: list[Finding] = field(default_factory=list)
    wrong: int = 0
    _counts: dict[tuple[str, str], int] = field(default_factory=dict)

    def find(self, code: str, at: int | Iterable[int] | None, column: str = "", /, *, facts: Facts | None = None, **more: Any) -> None:
        """Something wrong in the row at a place of the body (None for the whole table), or the same in many rows.

        Of many rows `facts` tells each row's own.
        """
        for place in (at,) if at is None or isinstance(at, int) else at:
            self._counts[code, column] = self._counts.get((code, column), 0) + 1
            if self._counts[code, column] <= SHOWN:
                row = None if place is None else self.table.number(place)
                told = facts(place) if facts and place is not None else more
                self.told.append(Finding(code, row=row, column=column or None, facts=told, sheet=self.sheet or None))

    def all(self) -> list[Finding]:
        """Everything, with a last word for what was too much to be told."""
        more = [(code, column, count - SHOWN) for (code, column), count in self._counts.items() if count > SHOWN]
        return self.told + [
            Finding("findings-more", column=column or None, facts={"count": count, "code": code}, sheet=self.sheet or None)
            for code, column, count in more
        ]


@dataclass(slots=True)
class Values:
    """A column's values by row: an amount where `told`, a day where `day` is one, silence elsewhere. `typed` holds what was text."""

    column: Column
    meaning: Meaning
    measure: Measure
    amount: Whole
    told: Truth
    day: Whole
    typed: dict[int, str] = field(default_factory=dict)
    written: Truth = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))

    @property
    def says(self) -> Truth:
        """Where the column says something that was understood."""
        return self.told | (self.day != UNSAID)

    def silence(self, places: Truth) -> None:
        """Take back what the column says at `places`."""
        self.told = self.told & ~places
        self.day = np.where(places, UNSAID, self.day)


def values(table: Table, column: Column, meaning: Meaning, measure: Measure, *, wanted: Truth, shares: Truth, findings: Findings) -> Values:
    """Read a column where `wanted`; what cannot be read is a finding and silence. `shares` are cells that the file shows as percentages."""
    cells = table.cells(column.index)
    if measure.holds == Measure.Holds.DAY:
        return _days(cells, column, meaning, measure, wanted, findings)
    return _amounts(cells, column, meaning, measure, wanted, shares, findings)


def _scaled(read: Floats, kinds: Kinds, meaning: Meaning, measure: Measure, shares: Truth) -> tuple[Whole, Kinds]:
    """The numbers in the measure's unit: those that the file shows as percentages are shares of one, whatever the column is told as."""
    amounts, found = tables_amounts.whole(read, kinds, factor(meaning.unit, measure))
    if measure.unit != "%" or not shares.any():
        return amounts, found
    of_shares, found_shares = tables_amounts.whole(read, kinds, factor(FRACTION, measure))
    return np.where(shares, of_shares, amounts), np.where(shares, found_shares, found)


def _either(read: Floats, meaning: Meaning, measure: Measure, numbers: Truth) -> Truth:
    """Where a column told as % holds `numbers` that may as well be shares of one: the file does not say so, and all of them look it."""
    asked = measure.unit == "%" and meaning.unit != FRACTION and tables_amounts.like_shares(read[numbers])
    return numbers & (read != 0) & asked


def _amounts(
    cells: list[Cell], column: Column, meaning: Meaning, measure: Measure, wanted: Truth, shares: Truth, findings: Findings
) -> Values:
    read, kinds = tables_amounts.numbers(cells)
    written = kinds != SILENT
    kinds = np.where(wanted, kinds, SILENT).astype(np.int8)
    either = _either(read, meaning, measure, (kinds == TOLD) & ~shares)
    _refuse(findings, column, either, "amount-ambiguous", lambda place: _readings(cells[place]))
    kinds[either] = SILENT
    amounts, kinds = _scaled(read, kinds, meaning, measure, shares)
    typed: dict[int, str] = {}
    for place in np.flatnonzero(kinds == TEXT).tolist():
        try:
            amounts[place], kinds[place] = fixed.to_fixed(amount(cells[place], measure, meaning.unit)), TOLD
            typed[place] = words(cells[place])
        except Silent:
            kinds[place] = SILENT
        except Refusal as refusal:
            kinds[place] = SILENT
            findings.wrong += 1
            findings.find(refusal.code, place, column.heading, **refusal.facts)
    _refuse(findings, column, kinds == TOO_FINE, "amount-too-fine", lambda place: {"amount": _told(cells[place]), "places": fixed.PLACES})
    _refuse(findings, column, kinds == TOO_LARGE, "amount-too-large", lambda place: {"amount": _told(cells[place])})
    told = kinds == TOLD
    if measure.accumulates != Measure.Accumulates.LEVEL:
        below = told & (amounts < 0)
        _refuse(findings, column, below, "amount-negative", lambda place: {"amount": _told(cells[place])})
        told &= ~below
    return Values(column, meaning, measure, amounts, told, np.full(len(cells), UNSAID), typed, written)


def _readings(cell: Cell) -> dict[str, Any]:
    """A number that may be a percentage or a share of one, both ways."""
    told = tables_amounts.shown(float(cast(float, cell)))
    return {"amount": f"{told:f}", "readings": share_readings(told)}


def _told(cell: Cell) -> str:
    return f"{tables_amounts.shown(cell):f}" if isinstance(cell, float) else words(cell)


def _refuse(findings: Findings, column: Column, places: Truth, code: str, facts: Facts) -> None:
    found = np.flatnonzero(places)
    findings.wrong += len(found)
    findings.find(code, found.tolist(), column.heading, facts=facts)


def _days(cells: list[Cell], column: Column, meaning: Meaning, measure: Measure, wanted: Truth, findings: Findings) -> Values:
    days = np.full(len(cells), UNSAID, dtype=np.int64)
    typed: dict[int, str] = {}
    written = np.fromiter(map(filled, cells), dtype=np.bool_, count=len(cells))
    cache: dict[Any, int | Refusal] = {}
    for place in np.flatnonzero(wanted & written).tolist():
        cell = cells[place]
        if type(cell) is not date:
            typed[place] = words(cell)
        if (type(cell), cell) not in cache:
            cache[type(cell), cell] = _day(cell, meaning.order)
        read = cache[type(cell), cell]
        if isinstance(read, Refusal):
            findings.wrong += 1
            findings.find(read.code, place, column.heading, **read.facts)
        else:
            days[place] = read
    nothing = np.zeros(len(cells), dtype=np.int64)
    return Values(column, meaning, measure, nothing, nothing.astype(np.bool_), days, typed, written)


def _day(cell: Cell, order: str) -> int | Refusal:
    try:
        read = day(cell, order)
    except Silent:
        return UNSAID
    except Refusal as refusal:
        return refusal
    return periods.to_number(periods.speakable(read))
