"""What the reporter's month shows: programmes, undertakings and cells, in the words of their reader."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from duban.core import numerals, periods
from duban.intake import forms, reads
from duban.intake.forms import Cell
from duban.registry.models import Measure, Programme, Undertaking
from duban.web import display, wording
from duban.web.templatetags import review

OPEN_AT_FIRST = 6


def unit_name(unit: str) -> str:
    """A unit of money in the reader's language."""
    return {"元": _("yuan"), "万元": _("10,000 yuan"), "亿元": _("100 million yuan")}[unit]


@dataclass(frozen=True, slots=True)
class Row:
    """A cell in the words of its reader, who chose `unit` for money."""

    cell: Cell
    unit: str

    @property
    def asked(self) -> reads.Asked:
        return self.cell.asked

    @property
    def money(self) -> bool:
        return bool(self.asked.measure.unit == forms.MONEY)

    @property
    def unit_name(self) -> str:
        return unit_name(self.unit) if self.money else display.told(self.asked.measure, "unit")

    @property
    def text(self) -> str:
        """What stands in the field."""
        return forms.shown(self.asked.typed.typed, self.asked.measure, self.unit) if self.asked.typed else ""

    @property
    def opened(self) -> bool:
        """Whether what the ledger says, or what waits, is being changed."""
        return self.asked.typed is not None and bool(self.asked.typed.typed)

    @property
    def answered(self) -> bool:
        return self.asked.known is not None or self.asked.waiting is not None

    def value(self, value: Decimal | date | None) -> str:
        """A value in the unit that the reader types in, to the last digit."""
        if isinstance(value, date):
            return display.day(value)
        if value is None or not self.money:
            return display.amount(value, self.asked.measure)
        if display.english():
            return f"¥{display.number(value)}"
        return display.script(display.with_unit(display.number(value / numerals.factor(self.unit, forms.MONEY)), self.unit))

    @property
    def known(self) -> str:
        return self.value(self.asked.known)

    @property
    def waits(self) -> str:
        """What the newest unaccepted line says."""
        line = self.asked.waiting
        if line is None:
            return ""
        return _("withdrawn") if line.withdraws else self.value(line.day if line.amount is None else line.amount)

    @property
    def before(self) -> str:
        entry = self.asked.before
        return self.value(None if entry is None else entry.day or entry.amount)

    @property
    def planned(self) -> str:
        entry = self.asked.planned
        return self.value(None if entry is None else entry.day or entry.amount)

    @property
    def long_ago(self) -> bool:
        """Whether the last report is not that of the month before."""
        before = self.asked.before
        return before is not None and before.period != periods.months_before(self.asked.period, 1)

    @property
    def read(self) -> str:
        """What was typed, as it was read; a bare number that says itself needs no echo."""
        heard = self.cell.heard
        if heard is None or heard.wrong is not None:
            return ""
        if heard.value is None:
            return _("withdrawn")
        if not self.money or not isinstance(heard.value, Decimal):
            return self.value(heard.value)
        number = display.number(heard.value)
        return f"¥{number}" if display.english() else f"{number} 元"

    @property
    def difference(self) -> str:
        """How much more than the last report, with its sign; empty where there is nothing to compare."""
        more = self.cell.difference
        if more is None:
            return ""
        if not more:
            return _("no change")
        return f"{'+' if more > 0 else display.MINUS}{self.value(abs(more))}"

    @property
    def share(self) -> str:
        """The part of the year's plan that is done."""
        told, plan = self.cell.heard, self.asked.planned
        adds_up = self.asked.measure.accumulates == Measure.Accumulates.YEAR
        if told is None or told.amount is None or plan is None or not plan.amount or not adds_up:
            return ""
        return display.percent(told.amount, plan.amount, 1)

    @property
    def wrong(self) -> str:
        return wording.told(self.cell.wrong) if self.cell.wrong else ""

    @property
    def advice(self) -> str:
        """What to type instead of what could not be read."""
        refusal = self.cell.wrong
        if refusal is None or refusal.code not in ("amount-unreadable", "unit-unknown"):
            return ""
        if self.money:
            return _("Write a number such as 1,234.5, or one with its unit: 1,234.5万元.")
        return _("Write only a number, such as 1,234.5.")

    @property
    def findings(self) -> list[str]:
        return [review.found(one) for one in self.cell.findings]

    @property
    def marked(self) -> bool:
        """Whether something about it wants a look."""
        return bool(self.cell.wrong or self.cell.findings or self.cell.spoken_since)

    @property
    def label(self) -> str:
        """Undertaking, measure and unit, for those who hear the page."""
        unit = _("day") if self.asked.holds_day else self.unit_name
        words = (display.told(self.asked.undertaking), display.told(self.asked.measure), unit)
        return (", " if display.english() else "，").join(word for word in words if word)

    @property
    def spoken(self) -> str:
        """The notes in one breath, for a live region."""
        return " ".join(filter(None, [self.read, self.difference, self.wrong, self.advice, *self.findings]))


@dataclass(frozen=True, slots=True)
class Promise:
    """An undertaking with its rows."""

    undertaking: Undertaking
    rows: list[Row]

    @property
    def joint(self) -> bool:
        """Whether the body shares it with one that leads it and owes its reports."""
        return self.rows[0].asked.joint


@dataclass(slots=True)
class Part:
    """A programme with the undertakings that the body reports on, and how far it is filled."""

    programme: Programme
    promises: list[Promise]
    open: bool = False
    sections: list[SafeString] = field(default_factory=list)
    """The undertakings as the page shows them, once they are rendered."""

    @property
    def rows(self) -> list[Row]:
        return [row for promise in self.promises for row in promise.rows]

    @property
    def due(self) -> int:
        return sum(row.asked.due for row in self.rows)

    @property
    def filled(self) -> int:
        return sum(row.asked.due and row.cell.filled for row in self.rows)

    @property
    def marked(self) -> int:
        return sum(row.marked for row in self.rows)


def parts_of(cells: Iterable[Cell], unit: str, chosen: str) -> list[Part]:
    """The programmes, one open where few stand there: else the one asked for, else the first that is not complete."""
    rows = [Row(cell, unit) for cell in cells]
    parts = []
    for _pk, of_programme in groupby(rows, key=lambda row: row.asked.undertaking.programme_id):
        promises = [Promise(found[0].asked.undertaking, found) for found in _by_undertaking(of_programme)]
        parts.append(Part(promises[0].undertaking.programme, promises))
    if chosen in {part.programme.code for part in parts}:
        wanted = [part for part in parts if part.programme.code == chosen]
    else:
        wanted = parts if len(parts) <= OPEN_AT_FIRST else [part for part in parts if part.filled < part.due][:1] or parts[:1]
    for part in wanted:
        part.open = True
    return parts


def _by_undertaking(rows: Iterable[Row]) -> list[list[Row]]:
    return [list(found) for _pk, found in groupby(rows, key=lambda row: row.asked.undertaking.pk)]
