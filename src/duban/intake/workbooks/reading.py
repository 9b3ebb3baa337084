"""A workbook that comes back: what was said in its open cells, and everything that was not taken, with its place.

A cell is compared with what stood in it when the workbook was written, which the ledger still knows: untouched cells say nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from django.utils import translation

from duban.core import fixed, numerals
from duban.core.refusals import Finding, Refusal
from duban.intake import states
from duban.intake.files import cells
from duban.intake.files.sheets import Book, Cell, Sheet
from duban.intake.lines import Said
from duban.intake.readings import Columns, Reading
from duban.intake.workbooks import passports, words
from duban.intake.workbooks.pages import NOW, Column, Page, Value, pages
from duban.intake.workbooks.pages import Cell as Known
from duban.intake.workbooks.passports import KEY, PAGE, SHEET, WORKBOOK, Passport, Told
from duban.intake.workbooks.places import Laid, blank, lay, text
from duban.ledger import actions as ledger
from duban.ledger import reads
from duban.ledger.actions import Line
from duban.people import permits
from duban.people.models import Body, User
from duban.registry.models import Measure, Undertaking

COUNTED: Final = ("rows", "cells", "new", "changed", "unchanged", "conflict", "wrong", "left_out")
STEP: Final = 100
"""Rows between two tellings of how far reading has come."""


def is_workbook(book: Book) -> bool:
    """Whether the file is a workbook of duban's: it carries the hidden sheet, or a page that was copied out of one."""
    if book.kind == "csv":
        return False
    hidden = [ref.name for ref in book.sheets if ref.name.casefold().startswith(SHEET)]
    if any(_first(book.sheet(name)) == WORKBOOK for name in hidden):
        return True
    return any(_first(book.sheet(place)).startswith(f"{PAGE}|") for place in range(len(book.sheets)))


def _first(sheet: Sheet) -> str:
    return next((cell for row in sheet.rows[:1] for cell in row if isinstance(cell, str) and cell), "")


def read(book: Book, *, body: Body, by: User | None, on: date, tell: Callable[[int, int], None]) -> Reading:
    """Read what `body` says in the workbook. `by` of None is the operator; `on` is today; `tell` hears of rows done, and of all.

    Raises PermissionDenied, or `Refusal` "workbook-format-unknown", "workbook-of-another-site", "workbook-of-another-body" or
    "period-not-ended". Everything else that is wrong is a finding, and its cell is no line.
    """
    if by is not None:
        permits.check(by, "report.write", body)
    sheets = [book.sheet(place) for place in range(len(book.sheets))]
    passport = _passport(sheets)
    passports.check(passport, body=body, head=reads.head(), on=on)
    found = {page.programme.code: page for page in pages(body, period=passport.period, head=passport.head)}
    _complete(passport, sheets, found)
    reader = _Reader(passport, found, body, on)
    return reader.read([sheet for sheet in sheets if _first(sheet) not in {WORKBOOK, passports.GUIDE}], tell)


def _passport(sheets: list[Sheet]) -> Passport:
    """The hidden sheet's passport; where that sheet is gone, what the pages' marks say. Raises `Refusal` "workbook-format-unknown"."""
    for sheet in sheets:
        if _first(sheet) == WORKBOOK:
            return passports.from_rows(sheet.rows)
    for sheet in sheets:
        for cell in (cell for row in sheet.rows[:1] for cell in row):
            if isinstance(cell, str) and cell.startswith(f"{PAGE}|"):
                return passports.from_mark(cell)[0]
    raise Refusal("workbook-format-unknown", format="")


def _complete(passport: Passport, sheets: list[Sheet], found: Mapping[str, Page]) -> None:
    """Where the hidden sheet is gone, tell the pages that the marks name as they would be written now."""
    if passport.pages:
        return
    marks = {passports.from_mark(mark)[1] for sheet in sheets if (mark := _first(sheet)).startswith(f"{PAGE}|")}
    with translation.override(passport.language):
        passport.parts = words.by_parts()
        for programme in marks & set(found):
            page = found[programme]
            headings = {column.key: " ".join(words.heading(column, passport.period)) for column in page.columns}
            passport.pages[programme] = Told(headings=headings, rows={one.code: words.told(one) for one in page.undertakings})


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a page that speaks of an undertaking, with the page that it belongs to today."""

    laid: Laid
    row: int
    undertaking: Undertaking
    page: Page


@dataclass(slots=True)
class _Reader:
    """One pass over a workbook's pages."""

    passport: Passport
    pages: dict[str, Page]
    body: Body
    on: date
    said: list[Said] = field(default_factory=list)
    emptied: list[tuple[Line, Finding]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTED, 0))
    measures: dict[str, Measure] = field(default_factory=dict)
    homes: dict[str, tuple[Page, Undertaking]] = field(default_factory=dict)

    def find(self, code: str, laid: Laid, row: int | None = None, column: int | None = None, **facts: Any) -> None:
        place = None if column is None else laid.heading(column)
        self.findings.append(Finding(code, row=None if row is None else row + 1, column=place, facts=facts, sheet=laid.sheet.name))

    def wrong(self, code: str, laid: Laid, row: int, column: int, **facts: Any) -> None:
        """A cell whose value is not taken."""
        self.counts["wrong"] += 1
        self.find(code, laid, row, column, **facts)

    def read(self, sheets: list[Sheet], tell: Callable[[int, int], None]) -> Reading:
        self.measures = {measure.code: measure for measure in Measure.objects.all()}
        self.homes = {one.code: (page, one) for page in self.pages.values() for one in page.undertakings}
        laid = [found for sheet in sheets if (found := self._lay(sheet))]
        rows = self._single([row for one in laid for row in self._rows(one)])
        self._missing(laid)
        columns = {id(one): self._columns(one) for one in laid}
        for done, row in enumerate(rows):
            if done % STEP == 0:
                tell(done, len(rows))
            self._row(row, columns[id(row.laid)])
        tell(len(rows), len(rows))
        self.counts["rows"] = len(rows)
        return self._judged()

    # finding pages, columns and rows

    def _lay(self, sheet: Sheet) -> Laid | None:
        if not any(not blank(cell) for row in sheet.rows for cell in row):
            return None
        laid = lay(sheet, self.passport)
        if laid is None:
            self.findings.append(Finding("sheet-left-out", sheet=sheet.name))
        return laid

    def _columns(self, laid: Laid) -> dict[int, tuple[Column, str]]:
        """The columns of amounts and days, each with the unit that its heading names now."""
        for columns in laid.twice.values():
            both = ", ".join(laid.heading(column) for column in columns)
            self.find("column-twice", laid, laid.headings, columns[-1], columns=both)
        found: dict[int, tuple[Column, str]] = {}
        for place, key in laid.columns.items():
            role, code, unit = KEY.fullmatch(key).groups()  # type: ignore[union-attr]
            if role is None:
                continue
            if code not in self.measures:
                self.find("measure-unknown", laid, laid.headings, place, measure=code)
                continue
            found[place] = Column(role, self.measures[code]), self._unit(laid, place, unit)
        lost = [
            told
            for key, told in laid.told.headings.items()
            if key.startswith(f"{NOW}:") and key not in (*laid.columns.values(), *laid.twice)
        ]
        if lost:
            self.find("columns-missing", laid, columns=lost)
        return found

    def _unit(self, laid: Laid, place: int, unit: str) -> str:
        """The unit that a column is read in: its heading's, where somebody has written another there."""
        was, now = (words.unit_named(heading) for heading in (laid.told.headings.get(laid.columns[place], ""), laid.heading(place)))
        if now is None or now in (unit, was) or unit not in numerals.UNITS or numerals.UNITS[now][0] != numerals.UNITS[unit][0]:
            return unit
        self.find("heading-unit-changed", laid, laid.headings, place, unit=now, was=unit)
        return now

    def _rows(self, laid: Laid) -> Iterator[_Row]:
        """The rows that speak of an undertaking of this body; what is wrong with the others is found."""
        names = {words.plain(told): code for code, told in laid.told.rows.items()}
        named = laid.column(passports.NAME)
        for row in laid.rows():
            code, name = laid.code(row), text(laid.at(row, named))
            if not code:
                self.counts["left_out"] += 1
                self.find("row-unknown", laid, row, name=name)
            elif code not in self.homes:
                self.counts["left_out"] += 1
                self._foreign(laid, row, code)
            elif named is not None and name and names.get(words.plain(name), code) != code and not self._named_alike(laid, code, name):
                self.counts["left_out"] += 1
                self.find("row-mixed-up", laid, row, name=name, undertaking=laid.told.rows.get(code, code))
            else:
                page, undertaking = self.homes[code]
                told = laid.told.rows.get(code)
                if told and name and words.plain(name) != words.plain(told):
                    self.find("locked-cell-changed", laid, row, named, typed=name)
                yield _Row(laid, row, undertaking, page)

    @staticmethod
    def _named_alike(laid: Laid, code: str, name: str) -> bool:
        """Whether the name is the undertaking's own, though another has the same."""
        return words.plain(laid.told.rows.get(code, "")) == words.plain(name)

    def _foreign(self, laid: Laid, row: int, code: str) -> None:
        if Undertaking.objects.filter(code=code).exists():
            self.find("undertaking-of-another-body", laid, row, undertaking=code, body=self.body.name)
        else:
            self.find("undertaking-unknown", laid, row, undertaking=code)

    def _single(self, rows: list[_Row]) -> list[_Row]:
        """The rows without those of which there are several for one undertaking: nobody knows which of them is meant."""
        by_code: dict[str, list[_Row]] = {}
        for row in rows:
            by_code.setdefault(row.undertaking.code, []).append(row)
        for same in by_code.values():
            for earlier, row in pairwise(same):
                facts = {"first": earlier.row + 1, "sheet": earlier.laid.sheet.name, "undertaking": words.told(row.undertaking)}
                self.find("row-twice", row.laid, row.row, **facts)
            if len(same) > 1:
                self.counts["left_out"] += len(same)
        return [row for row in rows if len(by_code[row.undertaking.code]) == 1]

    def _missing(self, laid: list[Laid]) -> None:
        """Note the pages, and the rows of pages, that are gone; they say nothing."""
        for programme, told in self.passport.pages.items():
            here = [one for one in laid if one.programme == programme]
            codes = {one.code(row) for one in here for row in one.rows()}
            gone = [name for code, name in told.rows.items() if code not in codes]
            self.counts["left_out"] += len(gone)
            if not here:
                self.findings.append(Finding("page-missing", sheet=told.name, facts={"count": len(gone)}))
            elif gone:
                self.find("rows-missing", here[0], count=len(gone), names=gone[:5])

    # reading cells

    def _row(self, row: _Row, columns: dict[int, tuple[Column, str]]) -> None:
        laid = row.laid
        reason = text(laid.at(row.row, laid.column(passports.REASON)))
        before = len(self.said) + len(self.emptied)
        for place, (column, unit) in columns.items():
            raw = laid.at(row.row, place)
            known = row.page.cell(row.undertaking, column.role, column.measure)
            if column.measure not in row.page.measures:
                if column.role == NOW and not blank(raw):
                    self.wrong("measure-not-in-programme", laid, row.row, place, undertaking=row.undertaking.code, typed=text(raw))
            elif not known.asked:
                self._locked(row, place, column, known, raw)
            else:
                self.counts["cells"] += 1
                self._open(row, place, column, unit, known, raw, reason)
        if reason and len(self.said) + len(self.emptied) == before:
            self.find("reason-without-change", laid, row.row, laid.column(passports.REASON), reason=reason)

    def _locked(self, row: _Row, place: int, column: Column, known: Known, raw: Cell) -> None:
        """A locked cell is only looked at: whatever was written over it is not taken."""
        silent = blank(raw) or text(raw) == self.passport.parts
        if same(raw, column, known.value) or (silent and (column.role != NOW or known.value is None)):
            return
        self.wrong("locked-cell-changed", row.laid, row.row, place, typed=text(raw))

    def _open(self, row: _Row, place: int, column: Column, unit: str, known: Known, raw: Cell, reason: str) -> None:
        if same(raw, column, known.value):
            self.counts["unchanged"] += 1
            return
        slot = (row.undertaking.pk, column.measure.pk, "report", self.passport.period)
        where = {"sheet": row.laid.sheet.name, "row": row.row + 1, "column": row.laid.heading(place)}
        if blank(raw):
            facts = {"known": column.told(known.value), "unit": words.unit(column)}
            self.emptied.append((Line(*slot), Finding("cell-emptied", facts=facts, **where)))
            return
        try:
            value = self._value(raw, column.measure, unit)
        except Refusal as refusal:
            self.wrong(refusal.code, row.laid, row.row, place, **{**refusal.facts, "typed": text(raw)})
            return
        amount, day = (value, None) if isinstance(value, Decimal) else (None, value)
        line = Line(*slot, amount=amount, day=day, reason=reason)
        self.said.append(Said(line, seen=known.seq, place=where, typed=text(raw)))

    def _value(self, raw: Cell, measure: Measure, unit: str) -> Decimal | date:
        if measure.holds == Measure.Holds.DAY:
            day = cells.day_of(raw, serial=True)
            if day > self.on:
                raise Refusal("day-not-come", day=day)
            return day
        amount = amount_in(raw, measure, unit)
        if amount < 0 and measure.accumulates != Measure.Accumulates.LEVEL:
            raise Refusal("amount-negative", amount=amount)
        return amount

    # what the ledger says by now

    def _judged(self) -> Reading:
        """Leave out what the ledger has come to say by itself, and count the rest."""
        slots = [one.line.slot for one in self.said] + [line.slot for line, _ in self.emptied]
        now = ledger.standing_entries(slots) if slots else {}
        lines: list[Said] = []
        for one in self.said:
            seq, *says = now.get(one.line.slot, (0, None, None))
            state = states.state(one.line.said, now=(says[0], says[1]), seq=seq, seen=one.seen)
            self.counts["unchanged" if state == states.SAME else state] += 1
            if state != states.SAME:
                lines.append(one)
        for line, finding in self.emptied:
            if now.get(line.slot, (0, None, None))[1:] != (None, None):
                self.counts["wrong"] += 1
                self.findings.append(finding)
        return Reading(Columns.of(lines), self.findings, self.counts, self.passport.period)


def same(raw: Cell, column: Column, value: Value) -> bool:
    """Whether a cell still shows `value`, told in the column's unit, as the workbook was written."""
    if value is None or blank(raw):
        return value is None and blank(raw)
    told = column.told(value)
    if not isinstance(told, Decimal):
        try:
            return cells.day_of(raw, serial=True) == told
        except Refusal:
            return False
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return cells.shown(float(raw)) == cells.shown(float(told))
    try:
        return amount_in(raw, column.measure, column.unit) == value
    except Refusal:
        return False


def amount_in(raw: Cell, measure: Measure, unit: str) -> Decimal:
    """The amount that a cell says, in the measure's unit; a number that names no unit is in `unit`.

    A spreadsheet keeps a typed "82.77%" as 0.8277, which then may be either: raises `Refusal` "amount-ambiguous", or whatever else
    is wrong with the cell.
    """
    amount, named = cells.amount_of(raw, measure)
    if measure.unit == "%" and not isinstance(raw, str) and 0 < abs(amount) <= 1:
        raise Refusal("amount-ambiguous", amount=text(raw), readings=cells.share_readings(amount))
    if not named:
        amount *= numerals.factor(unit, measure.unit)
    fixed.to_fixed(amount)
    return amount
