"""Tables that are text: separated by commas, semicolons or tabs, or the HTML that many systems save under the name .xls.

Every cell is the text that was typed. Knows no Django: `duban.intake.apart` runs it in a process of its own.
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
    """Whether the text is markup: a table may stand far down, so the first sign that is no blank decides."""
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
