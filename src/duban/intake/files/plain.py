"""Tables that are text: separated by commas, semicolons or tabs, or the HTML that many systems save under the name .xls.

Every cell is the text that was typed. Knows no Django: `duban.intake.files.apart` runs it in a process of its own.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

from duban.core.refusals import Refusal

Span = tuple[int, int, int, int]
Row = list[str | None]

ROWS: Final = 1_048_576
"""Rows of a sheet, as many as a workbook has."""
SEPARATORS: Final = "\t,;"
SAMPLE: Final = 50
"""Records by which the separator is told."""
LONGEST: Final = 1_000_000
"""Characters of a cell, and of a line."""


@dataclass(slots=True)
class Table:
    """A sheet of text, with the sides that merged cells cover."""

    name: str
    rows: Iterator[Row]
    merged: list[Span] = field(default_factory=list)


def is_html(text: str) -> bool:
    """Whether the text is markup. What stands at its beginning decides; the table may stand far down."""
    return bool(
        re.match(
            r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|meta|style|body|div|center|table)\b",
            text[:65_536],
            re.I | re.S,
        )
    )


def separated(text: str) -> Table:
    """Text as one table. Raises `Refusal` "not-a-csv" for quotes that do not close and "sheet-too-long"."""
    return Table("", _records(text, separator(text)))


def separator(text: str) -> str:
    """The sign that splits the first records into most columns, into the same number in most of them; a comma when none does."""
    return max(SEPARATORS, key=lambda sign: (_columns(text, sign), sign == ","))


def _columns(text: str, sign: str) -> tuple[int, int]:
    """How many of the first records have the most frequent number of columns, where that is two or more; and that number."""
    widths: list[int] = []
    try:
        for record in csv.reader(io.StringIO(text[:65_536]), delimiter=sign):
            widths += [len(record)] if any(record) else []
            if len(widths) == SAMPLE:
                break
    except csv.Error:
        pass
    several = [width for width in widths if width > 1]
    if not several:
        return 0, 0
    usual = max(set(several), key=lambda width: (several.count(width), width))
    return several.count(usual), usual


def _lines(text: str) -> Iterator[str]:
    for line in io.StringIO(text, newline=""):
        if len(line) > LONGEST:
            raise Refusal("not-a-csv", reason="line-too-long")
        yield line


def _records(text: str, sign: str) -> Iterator[Row]:
    csv.field_size_limit(LONGEST)
    try:
        for count, record in enumerate(csv.reader(_lines(text), delimiter=sign, strict=True)):
            if count >= ROWS and any(record):
                raise Refusal("sheet-too-long", limit=ROWS)
            yield [cell or None for cell in record]
    except csv.Error as broken:
        raise Refusal("not-a-csv", reason=str(broken)) from None


TABLES: Final = 500
"""Tables of a page."""
_WIDEST: Final = 1_000
"""Columns that one cell may cover, as browsers have it."""
_DEEPEST: Final = 65_534
_SILENT: Final = frozenset({"script", "style", "title", "xml"})


def marked_up(text: str) -> list[Table]:
    """Every table of a page that holds a cell, in the order in which they begin; a table inside another's cell is one of its own."""
    page = _Page()
    page.feed(text)
    page.close()
    found = [table for table in page.tables if table.rows]
    return [Table(table.name or str(place), iter(table.rows), table.merged) for place, table in enumerate(found, 1)]


@dataclass(slots=True)
class _Table:
    """A table that is being read. `covered` has, for each column, how many rows more a cell from above covers."""

    name: str = ""
    rows: list[Row] = field(default_factory=list)
    merged: list[Span] = field(default_factory=list)
    covered: dict[int, int] = field(default_factory=dict)
    place: tuple[int, int] | None = None
    said: list[str] = field(default_factory=list)
    captioned: bool = False

    def begin_row(self) -> None:
        self.end_cell()
        self.rows.append([])
        if len(self.rows) > ROWS:
            raise Refusal("sheet-too-long", limit=ROWS)
        self.covered = {column: left - 1 for column, left in self.covered.items() if left > 1} if len(self.rows) > 1 else {}

    def begin_cell(self, across: int, down: int) -> None:
        self.end_cell()
        if not self.rows:
            self.begin_row()
        row, column = len(self.rows) - 1, len(self.rows[-1])
        while self.covered.get(column):
            column += 1
        if column + across > _WIDEST * 16:
            raise Refusal("sheet-too-wide", limit=_WIDEST)
        self.rows[row] += [None] * (column + across - len(self.rows[row]))
        if across > 1 or down > 1:
            self.merged.append((row, column, row + down - 1, column + across - 1))
        if down > 1:
            self.covered |= dict.fromkeys(range(column, column + across), down)
        self.place, self.said = (row, column), []

    def end_cell(self) -> None:
        if self.place:
            row, column = self.place
            lines = [" ".join(line.split()) for line in "".join(self.said).split("\x00")]
            self.rows[row][column] = "\n".join(line for line in lines if line) or None
            self.place = None


class _Page(HTMLParser):
    """The tables of a page. Nothing here recurses, so that a page nested a million deep is merely long."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_Table] = []
        self._open: list[_Table] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag == "table":
            self.tables.append(_Table())
            self._open.append(self.tables[-1])
            if len(self.tables) > TABLES:
                raise Refusal("file-too-heavy")
        elif not self._open:
            return
        elif tag == "tr":
            self._open[-1].begin_row()
        elif tag in {"td", "th"}:
            marks = dict(attrs)
            self._open[-1].begin_cell(_count(marks.get("colspan"), _WIDEST), _count(marks.get("rowspan"), _DEEPEST))
        elif tag == "caption":
            self._open[-1].captioned = True
        elif tag in {"br", "p", "div"}:
            self._open[-1].said.append("\x00")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(self._silent - 1, 0)
        elif not self._open:
            return
        elif tag in {"td", "th", "tr"}:
            self._open[-1].end_cell()
        elif tag == "caption":
            self._open[-1].captioned = False
        elif tag == "table":
            self._open.pop().end_cell()

    def handle_data(self, data: str) -> None:
        if not self._open or self._silent:
            return
        table = self._open[-1]
        if table.place:
            table.said.append(data)
        elif table.captioned:
            table.name = " ".join(f"{table.name} {data}".split())[:100]

    def close(self) -> None:
        super().close()
        for table in self._open:
            table.end_cell()


def _count(told: str | None, most: int) -> int:
    return min(max(int(told), 1), most) if told and told.isascii() and told.strip().isdigit() and len(told) < 10 else 1
