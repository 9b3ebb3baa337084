"""One programme's page of a workbook: its hidden codes, headings and rows, what is open, and what an open cell takes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_range, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from duban.intake.reads import Asked
from duban.intake.workbooks import passports, words
from duban.intake.workbooks.looks import DIM, FRAME, GREY, INK, JADE, WHITE, YELLOW, Looks, width
from duban.intake.workbooks.pages import NOW, Cell, Column, Page
from duban.intake.workbooks.passports import Passport, Told
from duban.registry.models import Measure, Undertaking

KEYS, TITLE, NOTE, HEADINGS, FIRST = range(5)
"""Rows of a page: hidden keys, title, note, headings, the first undertaking."""
CODES, NUMBERS, NAMES = range(3)
"""Its first columns: hidden codes, a number, the undertaking's name."""
REASON_LENGTH: Final = 500


Waits = Mapping[tuple[int, int], Asked]
"""What the month is asked for, by undertaking and measure: it tells what is due, and what waits for a reviewer already."""


def draw(page: Page, sheet: Worksheet, *, looks: Looks, passport: Passport, note: str, asked: Waits) -> int:
    """Draw a page on an empty sheet, and enter its headings and rows in the passport. Returns how many cells are to be filled in."""
    drawing = _Sheet(page, sheet, looks, passport, asked)
    drawing.draw(note)
    return sum(map(len, drawing.due.values()))


class _Sheet:
    """One programme's page while it is drawn."""

    def __init__(self, page: Page, sheet: Worksheet, looks: Looks, passport: Passport, asked: Waits) -> None:
        self.page, self.sheet, self.looks, self.passport, self.style, self.asked = page, sheet, looks, passport, looks.style, asked
        self.told = passport.pages[page.programme.code] = Told(sheet.name)
        self.bodies = len({undertaking.lead_body_id for undertaking in page.undertakings}) > 1
        self.columns = page.columns
        self.start = NAMES + 1 + self.bodies
        self.last = self.start + len(self.columns)
        """The column of reasons, the last."""
        self.end = FIRST + len(page.undertakings) - 1
        self.open: dict[int, list[int]] = {}
        """Rows of open cells by column."""
        self.due: dict[int, list[int]] = {}
        """Rows of those without which the month is incomplete."""
        texts = [(words.told(undertaking), words.told(undertaking.lead_body)) for undertaking in page.undertakings]
        self.wide = {
            NAMES: min(max(22, *(width(name) + 3 for name, body in texts)), 42),
            NAMES + 1: min(max(12, *(width(body) + 2 for name, body in texts)), 24),
        }

    def draw(self, note: str) -> None:
        self._head(note)
        for place, undertaking in enumerate(self.page.undertakings):
            self._row(FIRST + place, undertaking)
        for column, rows in self.open.items():
            self._asks(column, rows)
        self.sheet.freeze_panes(FIRST, NAMES + 1)
        self.sheet.autofilter(HEADINGS, NUMBERS, self.end, self.last)
        self.sheet.hide_gridlines(2)
        allowed = ("select_locked_cells", "select_unlocked_cells", "autofilter", "sort", "format_columns", "format_rows")
        self.sheet.protect("", dict.fromkeys(allowed, True))
        self.looks.printed(self.sheet, landscape=True)
        self.sheet.repeat_rows(HEADINGS)
        self.sheet.print_area(TITLE, NUMBERS, self.end, self.last)

    # the rows above the undertakings

    def _head(self, note: str) -> None:
        sheet = self.sheet
        sheet.set_row(KEYS, None, None, {"hidden": True})
        sheet.set_column(CODES, CODES, 12, None, {"hidden": True})
        sheet.write_string(KEYS, CODES, self.passport.mark(self.page.programme.code))
        sheet.set_row(TITLE, 30)
        sheet.write_string(TITLE, NUMBERS, words.told(self.page.programme), self.style(bold=True, font_size=16, font_color=JADE))
        sheet.write_string(NOTE, NUMBERS, note, self.style(font_color=DIM, font_size=9.5))
        sheet.set_row(NOTE, 20)
        self._heading(NUMBERS, passports.NUMBER, ["#"], 5)
        self._heading(NAMES, passports.NAME, [_("Undertaking")], self.wide[NAMES])
        if self.bodies:
            self._heading(NAMES + 1, passports.BODY, [_("Lead body")], self.wide[NAMES + 1])
        tall = 1
        for place, column in enumerate(self.columns, self.start):
            lines = words.heading(column, self.passport.period)
            wide = min(max(12, *(width(line) + 3 for line in lines)), 22)
            tall = max(tall, sum(lines_of(line, wide - 2) for line in lines))
            self._heading(place, column.key, lines, wide, open_=column.role == NOW)
        self._heading(self.last, passports.REASON, [_("Reason for the correction"), _("if any")], 28, open_=True)
        sheet.set_row(HEADINGS, 15 * tall + 12)

    def _heading(self, column: int, key: str, lines: list[str], wide: int, *, open_: bool = False) -> None:
        self.sheet.set_column(column, column, wide)
        self.sheet.write_string(KEYS, column, key)
        self.told.headings[key] = " ".join(lines)
        paper, ink = (JADE, WHITE) if open_ else (GREY, INK)
        cell = self.style(bg_color=paper, text_wrap=True, align="center", border=1, border_color=FRAME, font_color=ink, bold=True)
        if len(lines) == 1:
            self.sheet.write_string(HEADINGS, column, lines[0], cell)
            return
        strong, small = self.style(bold=True, font_color=ink), self.style(font_size=9, font_color=ink)
        self.sheet.write_rich_string(HEADINGS, column, strong, lines[0], small, "\n" + "\n".join(lines[1:]), cell)

    # the undertakings

    def _row(self, row: int, undertaking: Undertaking) -> None:
        name = words.told(undertaking)
        self.told.rows[undertaking.code] = name
        locked = self.looks.locked
        self.sheet.write_string(row, CODES, undertaking.code)
        self.sheet.write_number(row, NUMBERS, row - FIRST + 1, self.style(**locked(align="center")))
        inset = 1 if undertaking.parent_id else 0
        self.sheet.write_string(row, NAMES, name, self.style(**locked(text_wrap=True, font_color=INK, indent=inset, quote_prefix=True)))
        if self.bodies:
            self.sheet.write_string(
                row, NAMES + 1, words.told(undertaking.lead_body), self.style(**locked(text_wrap=True, quote_prefix=True))
            )
        asked = False
        for place, column in enumerate(self.columns, self.start):
            cell = self.page.cell(undertaking, column.role, column.measure)
            self._cell(row, place, undertaking, column, cell)
            asked = asked or cell.asked
        self._reason(row, asked)
        lines = lines_of(name, self.wide[NAMES] - 2 - inset)
        if self.bodies:
            lines = max(lines, lines_of(words.told(undertaking.lead_body), self.wide[NAMES + 1] - 1))
        self.sheet.set_row(row, 15 * lines + 8)

    def _cell(self, row: int, place: int, undertaking: Undertaking, column: Column, cell: Cell) -> None:
        value = column.told(cell.value)
        look = {**({"align": "center"} if column.dated else {"align": "right", "indent": 1}), "num_format": number_format(column, value)}
        if cell.asked:
            self.open.setdefault(place, []).append(row)
            self._wait(row, place, undertaking, column, cell)
            style = self.style(**self.looks.open(WHITE, **look))
        else:
            style = self.style(**self.looks.locked(**look))
        if isinstance(value, Decimal):
            self.sheet.write_number(row, place, float(value), style)
        elif value is not None:
            self.sheet.write_datetime(row, place, value, style)
        elif column.role == NOW and not cell.asked and undertaking.whole:  # type: ignore[attr-defined]
            self.sheet.write_string(row, place, self.passport.parts, self.style(**self.looks.elsewhere(align="center")))
        else:
            self.sheet.write_blank(row, place, None, style)

    def _wait(self, row: int, place: int, undertaking: Undertaking, column: Column, cell: Cell) -> None:
        """Remember an open cell that is due; where something waits for a reviewer already, say what instead."""
        one = self.asked.get((undertaking.pk, column.measure.pk))
        if one is None or cell.value is not None:
            return
        if one.waiting is None:
            if one.due:
                self.due.setdefault(place, []).append(row)
            return
        value = column.told(one.waiting.amount) if one.waiting.day is None else one.waiting.day
        if value is not None:
            told = f"{value:,f} {words.unit(column)}".strip() if isinstance(value, Decimal) else value.isoformat()
            self.sheet.write_comment(row, place, _("Reported already, not accepted yet: %(value)s") % {"value": told}, {"author": "duban"})

    def _reason(self, row: int, asked: bool) -> None:
        look = self.looks.open(WHITE, text_wrap=True, num_format="@") if asked else self.looks.locked()
        self.sheet.write_blank(row, self.last, None, self.style(**look))
        if asked:
            self.open.setdefault(self.last, []).append(row)

    # what a cell takes

    def _asks(self, place: int, rows: list[int]) -> None:
        """Say what an open cell takes, refuse what it cannot hold, and colour it until something stands in it."""
        ranges = _ranges(runs(rows), place)
        first, last = runs(rows)[0]
        if place == self.last:
            rule = {"validate": "length", "criteria": "<=", "value": REASON_LENGTH}
            told = _("Say why, if you change what was reported.")
            self.sheet.data_validation(first, place, last, place, {**rule, "input_message": told, "multi_range": ranges})
            return
        column = self.columns[place - self.start]
        taken = {**takes(column, xl_rowcol_to_cell(first, place)), "input_title": words.told(column.measure)[:32], "multi_range": ranges}
        self.sheet.data_validation(first, place, last, place, taken)
        if place in self.due:
            waiting = runs(self.due[place])
            yellow = {"type": "blanks", "format": self.style(bg_color=YELLOW), "multi_range": _ranges(waiting, place)}
            self.sheet.conditional_format(waiting[0][0], place, waiting[0][1], place, yellow)


def lines_of(text: str, wide: int) -> int:
    """How many lines a text takes in a column."""
    return math.ceil(max(width(text), 1) / wide)


def runs(rows: list[int]) -> list[tuple[int, int]]:
    """Neighbouring rows together: 4 5 6 9 → (4, 6) (9, 9)."""
    found: list[tuple[int, int]] = []
    for row in rows:
        if found and found[-1][1] == row - 1:
            found[-1] = (found[-1][0], row)
        else:
            found.append((row, row))
    return found


def _ranges(rows: list[tuple[int, int]], column: int) -> str:
    return " ".join(xl_range(first, column, last, column) for first, last in rows)


def number_format(column: Column, value: Decimal | date | None) -> str:
    """As many decimal places as the value has, two where money or a percentage has fewer."""
    if column.dated:
        return "yyyy-mm-dd"
    usual = 2 if column.measure.unit in ("元", "%") else 0
    if not isinstance(value, Decimal):
        return "#,##0.00" if usual else "General"
    exponent = value.normalize().as_tuple().exponent
    places = max(usual, -exponent if isinstance(exponent, int) else 0)
    return f"#,##0.{'0' * places}" if places else "#,##0"


def takes(column: Column, cell: str) -> dict[str, Any]:
    """What may stand in an open cell (`cell` names the first), and how it is told. Levels are only warned about."""
    if column.dated:
        told = _("The day on which it happened, like 2021-08-31. Not a day to come. Empty: it has not happened.")
        return {
            "validate": "date", "criteria": "between", "minimum": date(1950, 1, 1), "maximum": "=TODAY()", "input_message": told,
            "error_title": _("Not a day that has been"), "error_message": _("Write a day like 2021-08-31, today at the latest."),
        }  # fmt: skip
    unit = words.unit(column)
    if column.measure.unit == "%":
        told = _("Write 82.77 for 82.77%. 0 for none, empty if you cannot say yet.")
        return {
            "validate": "custom", "value": f"=OR({cell}=0,AND({cell}>1,{cell}<=100))", "error_type": "warning", "input_message": told,
            "error_title": _("Is this a percentage?"), "error_message": _("Percentages are from 0 to 100: 82.77 stands for 82.77%."),
        }  # fmt: skip
    told = _("In %(unit)s.") % {"unit": unit} if unit else ""
    if column.measure.accumulates == Measure.Accumulates.YEAR:
        told = f"{told} " + _("The sum since January. 0 for none, empty if you cannot say yet.")
    elif column.measure.accumulates == Measure.Accumulates.LIFE:
        told = f"{told} " + _("The sum since the start. 0 for none, empty if you cannot say yet.")
    else:
        told = f"{told} " + _("As it stands at the month's end. 0 for none, empty if you cannot say yet.")
    level = column.measure.accumulates == Measure.Accumulates.LEVEL
    return {
        "validate": "decimal", "criteria": "between" if level else ">=", "error_type": "warning" if level else "stop",
        **({"minimum": -1e15, "maximum": 1e15} if level else {"value": 0}), "input_message": told.strip(),
        "error_title": _("Not an amount"), "error_message": _("Write a number that is not below zero, in the unit of the heading."),
    }  # fmt: skip
