"""A body's month as a workbook: what the ledger knows is there and locked, and only what may be said is open.

It is read by `duban.intake.workbooks.reading`, which understands it wherever its rows, columns and sheets have gone.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

import xlsxwriter
from django.utils import translation
from django.utils.translation import gettext as _
from xlsxwriter.worksheet import Worksheet

from duban.core.refusals import Refusal
from duban.intake import reads
from duban.intake.reads import Asked
from duban.intake.workbooks import passports, words
from duban.intake.workbooks.looks import DIM, FONTS, INK, JADE, SIZE, WHITE, YELLOW, Looks, width
from duban.intake.workbooks.pages import Page, pages
from duban.intake.workbooks.passports import Passport
from duban.intake.workbooks.reading import is_workbook, read
from duban.intake.workbooks.sheets import draw
from duban.ledger import reads as ledger
from duban.people import permits
from duban.people.models import Body, User

__all__ = ["is_workbook", "read", "written"]


def written(*, body: Body, period: date, language: str, by: User | None, on: date) -> bytes:
    """The workbook in which `body` reports for `period`; the same bytes for the same ledger, registry and day.

    `by` of None is the operator. Raises PermissionDenied, or `Refusal` "language-unknown", "period-not-ended" or "workbook-empty".
    """
    if by is not None:
        permits.check(by, "report.write", body)
    if language not in FONTS:
        raise Refusal("language-unknown", language=language)
    if period > on:
        raise Refusal("period-not-ended", period=period)
    head = ledger.head()
    found = pages(body, period=period, head=head)
    if not found:
        raise Refusal("workbook-empty", body=body.name)
    passport = Passport(passports.site(), body.code, period, language, head)
    asked = {(one.undertaking.pk, one.measure.pk): one for one in reads.asked(body, period)}
    with translation.override(language):
        return _Workbook(body, passport, on).drawn(found, asked)


def sheet_name(wanted: str, taken: Iterable[str]) -> str:
    """A name that every program takes for a sheet, and that no other sheet has."""
    plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", wanted).strip(" '")[:31].strip(" '") or "-"
    used = {name.casefold() for name in taken} | {passports.SHEET, "history"}
    name, count = plain, 1
    while name.casefold() in used:
        count += 1
        name = f"{plain[: 30 - len(str(count))]} {count}"
    return name


class _Workbook:
    """One workbook while it is drawn."""

    def __init__(self, body: Body, passport: Passport, on: date) -> None:
        self.body, self.passport, self.on = body, passport, on
        self.title = _("Report for %(month)s") % {"month": words.month(passport.period, year=True)}
        self.content = io.BytesIO()
        plain = {"font_name": FONTS[passport.language], "font_size": SIZE, "font_color": INK}
        never = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
        self.book = xlsxwriter.Workbook(self.content, {"in_memory": True, **never, "default_format_properties": plain})
        self.looks = Looks(self.book, passport.language, left=words.told(body), right=self.title)
        self.style = self.looks.style
        passport.parts = words.by_parts()

    def drawn(self, found: list[Page], asked: Mapping[tuple[int, int], Asked]) -> bytes:
        """Draw every sheet and close the book."""
        made = datetime(self.on.year, self.on.month, self.on.day, tzinfo=UTC)
        self.book.set_properties({"title": f"{self.title} · {words.told(self.body)}", "author": "duban", "created": made})
        names, waiting = [sheet_name(_("How to fill in"), ())], []
        guide = self.book.add_worksheet(names[0])
        for page in found:
            names.append(sheet_name(words.told(page.programme), names))
            note = "  ·  ".join([words.told(self.body), self.title, _("Fill in the framed cells; grey is known already.")])
            sheet = self.book.add_worksheet(names[-1])
            waiting.append(draw(page, sheet, looks=self.looks, passport=self.passport, note=note, asked=asked))
        self._guide(guide, found, names[1:], waiting)
        hidden = self.book.add_worksheet(passports.SHEET)
        for row, cells in enumerate(self.passport.rows()):
            for column, cell in enumerate(cells):
                hidden.write_string(row, column, cell)
        hidden.very_hidden()
        hidden.protect()
        self.book.close()
        return self.content.getvalue()

    def _guide(self, sheet: Worksheet, found: list[Page], names: list[str], waiting: list[int]) -> None:
        """What to do, what the colours mean, and where how much is to be filled in."""
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 0, None, {"hidden": True})
        sheet.set_column(1, 1, 5)
        sheet.set_column(2, 2, 54)
        sheet.set_column(3, 4, 18)
        sheet.write_string(0, 0, passports.GUIDE)
        sheet.set_row(0, 8)
        sheet.set_row(1, 34)
        sheet.write_string(1, 1, self.title, self.style(bold=True, font_size=20, font_color=JADE))
        origin = _("%(body)s · as the ledger stood on %(day)s") % {"body": words.told(self.body), "day": words.day(self.on)}
        sheet.write_string(2, 1, origin, self.style(font_color=DIM))
        row = self._steps(sheet, 4)
        row = self._legend(sheet, row + 1)
        self._contents(sheet, row + 1, found, names, waiting)
        sheet.protect("", {"select_locked_cells": True, "format_columns": True})
        self.looks.printed(sheet, landscape=False)

    def _heading(self, sheet: Worksheet, row: int, text: str) -> None:
        sheet.set_row(row, 24)
        for column in range(1, 5):
            sheet.write_blank(row, column, None, self.style(bottom=1, bottom_color=JADE))
        sheet.write_string(row, 1, text, self.style(bold=True, font_size=12, bottom=1, bottom_color=JADE))

    def _steps(self, sheet: Worksheet, row: int) -> int:
        self._heading(sheet, row, _("What to do"))
        steps = (
            _("Fill in the framed cells. A yellow one still waits; leave it empty if you cannot say yet."),
            _("Zero is a report, an empty cell is silence: write 0 when nothing was done."),
            _("Write amounts in the unit of the heading, percentages as 82.77, days as 2021-08-31. “1.2亿元” is read as well."),
            _("To correct what was reported, write over it and say why in the last column of the row. Emptying a cell withdraws nothing."),
            _("Sort, filter, hide or widen as you like; add sheets of your own. Leave the hidden first row and column in place."),
            _("Save as XLSX or ODS and send it in where you got it. You see every change before it is sent, and somebody else accepts it."),
        )
        for number, text in enumerate(steps, 1):
            row += 1
            sheet.set_row(row, 18 * math.ceil(width(text) / 88) + 6)
            sheet.write_number(row, 1, number, self.style(bold=True, font_color=JADE, align="center"))
            sheet.merge_range(row, 2, row, 4, "", self.style(text_wrap=True))
            sheet.write_string(row, 2, text, self.style(text_wrap=True))
        return row + 1

    def _legend(self, sheet: Worksheet, row: int) -> int:
        self._heading(sheet, row, _("What the cells mean"))
        samples = (
            (self.looks.open(YELLOW), "", _("to be filled in")),
            (self.looks.open(WHITE), _("framed"), _("may be filled in; what was reported may be corrected, with a reason")),
            (self.looks.locked(), _("no frame"), _("known to the ledger: locked")),
            (self.looks.elsewhere(), self.passport.parts, _("not asked here: its parts report it")),
        )
        row += 1
        sheet.set_row(row, 6)
        for shape, text, meaning in samples:
            row += 1
            sheet.set_row(row, 22)
            sheet.write_string(row, 2, meaning, self.style(indent=1))
            sheet.write_string(row, 3, text, self.style(**{**shape, "align": "center"}))
        return row + 1

    def _contents(self, sheet: Worksheet, row: int, found: list[Page], names: list[str], waiting: list[int]) -> None:
        self._heading(sheet, row, _("Sheets"))
        row += 1
        dim, number = {"font_color": DIM}, {"align": "right", "num_format": "#,##0"}
        sheet.write_string(row, 2, _("Programme"), self.style(**dim))
        sheet.write_string(row, 3, _("Undertakings"), self.style(**dim, align="right"))
        sheet.write_string(row, 4, _("Cells to fill in"), self.style(**dim, align="right"))
        for place, (page, name, count) in enumerate(zip(found, names, waiting, strict=True), 1):
            row += 1
            sheet.set_row(row, 21)
            address = "internal:'{}'!A1".format(name.replace("'", "''"))
            sheet.write_number(row, 1, place, self.style(**dim, align="center"))
            sheet.write_url(row, 2, address, self.style(font_color=JADE, underline=1), words.told(page.programme))
            sheet.write_number(row, 3, len(page.undertakings), self.style(**number))
            sheet.write_number(row, 4, count, self.style(**number, bold=bool(count)))
