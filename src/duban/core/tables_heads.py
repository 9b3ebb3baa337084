"""The head of somebody's table: where it lies, and the full path of every heading over merged cells and several rows."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from duban.core.tables_periods import Span, pattern, plain, span

Cell = str | float | int | bool | date | datetime | time | timedelta | None
Row = Sequence[Cell]
Area = tuple[int, int, int, int]
"""A merged area: first row, first column, last row, last column, from 0 and inclusive."""

SEARCHED: Final = 40
"""A head begins within this many rows."""
DEEPEST: Final = 6
"""A head has at most this many rows."""

_UNIT: Final = (
    r"(?:[十百千万亿]{0,2}元|%|‰|[十百千万亿]?(?:个|户|人次|人|针次|件|项|套|次|吨|亩|公顷|平方米|平方公里|公里|米|台|辆|家|处|座|张)"
    r"|(?:rs\.? ?)?(?:crores?|lakhs?|cr)|(?:(?:million|billion|100 million) )?(?:yuan|usd|doses)|[¥$€£])"
)
_BRACKETS: Final = re.compile(rf"[(\[【（]\s*(?:单位[::]?\s*|unit:?\s*)?({_UNIT})\s*[)\]】）]", re.IGNORECASE)
_BARE: Final = re.compile(rf"[(\[]?\s*({_UNIT})\s*[)\]]?", re.IGNORECASE)
_ENDING: Final = re.compile(r"(?<=[^\W_a-z])%$|_(pct|percent)$|%$")
_LINE: Final = re.compile(rf"(?:金额|计量|货币)?(?:单位|units?)\s*[::]\s*({_UNIT})", re.IGNORECASE)
_CAPTION: Final = re.compile(
    r"^(?:(?:金额|计量|货币)?单位[::]|填[报表]|制表|报送|统计(?:日期|时间)|日期|时间[::]|截[至止]|附[件表]|表\s*[\d一二三]"
    r"|密级|unit|as of|date)",
    re.IGNORECASE,
)
_NUMBERED: Final = re.compile(r"[(]?(\d{1,3})[)]?")


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its place in the sheet. `unit` is its own, not the table's; `pattern` is its heading with months left open."""

    index: int
    heading: str
    unit: str
    span: Span | None
    pattern: str


@dataclass(frozen=True, slots=True)
class Head:
    """Where a table begins: its captions, the rows `first` to `last` of its head, its body from `body` on (rows from 0).

    `unit` is what a line such as 单位:万元 says of the whole table; `span` is the time that its captions speak of.
    """

    first: int
    last: int
    body: int
    columns: tuple[Column, ...]
    captions: tuple[str, ...] = ()
    unit: str = ""
    span: Span | None = None
    shown: tuple[tuple[Cell, ...], ...] = field(default=(), compare=False)

    @property
    def fingerprint(self) -> str:
        """The same for next month's file: headings with months left open, repeated months once, and the units."""
        told = [f"{column.pattern}|{column.unit}" for column in self.columns]
        kept = [one for place, one in enumerate(told) if place == 0 or told[place - 1] != one]
        return hashlib.sha256("\n".join([self.unit, *kept]).encode()).hexdigest()


def filled(cell: Cell) -> bool:
    """Whether anything stands in a cell; blanks are nothing."""
    return cell is not None and not (isinstance(cell, str) and not cell.strip())


def words(cell: Cell) -> str:
    """A cell as its reader sees it, in one line: whole numbers without a point, days as 2021-08-31."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    return "" if cell is None else plain(str(cell))


def _heading(cell: Cell) -> str:
    """A cell of the head; the first of a month names that month."""
    if isinstance(cell, date) and cell.day == 1:
        return f"{cell:%Y-%m}"
    return words(cell)


def _textual(cell: Cell) -> bool:
    """Whether a cell may be a heading: words, a month, a year, but no other number."""
    if isinstance(cell, date):
        return True
    if isinstance(cell, int | float):
        return 1990 <= cell <= 2100 and float(cell).is_integer()
    return isinstance(cell, str) and not re.fullmatch(r"[-+¥$]?[\d,]*\.?\d+%?", plain(cell))


class _Grid:
    """The first rows of a sheet, each as long as the longest, and what its merged areas cover."""

    def __init__(self, rows: Sequence[Row], merged: Sequence[Area]) -> None:
        top = rows[: SEARCHED + DEEPEST + 1]
        self.width = max((len(row) for row in top), default=0)
        self.cells: list[list[Cell]] = [[*row, *[None] * (self.width - len(row))] for row in top]
        self.areas = [area for area in merged if area[0] < len(top) and area[1] < self.width]
        self.covers: dict[tuple[int, int], Area] = {
            (row, column): area
            for area in self.areas
            for row in range(area[0], min(area[2] + 1, len(top)))
            for column in range(area[1], min(area[3] + 1, self.width))
        }

    def said(self, row: int) -> dict[int, Cell]:
        """The cells of a row in which something was written, by column; a merged area speaks once."""
        found = {column: cell for column, cell in enumerate(self.cells[row]) if filled(cell)} if row < len(self.cells) else {}
        return {column: cell for column, cell in found.items() if self.covers.get((row, column), (row, column))[:2] == (row, column)}

    def shown(self, row: int, column: int) -> Cell:
        """What a reader sees there: a merged area says the same all over."""
        area = self.covers.get((row, column))
        return self.cells[area[0]][area[1]] if area else self.cells[row][column]


def _is_caption(grid: _Grid, row: int) -> bool:
    """Whether a row stands above the head: a title, a line such as 单位:万元 and 填报日期, a lonely number."""
    said = grid.said(row)
    texts = [words(cell) for cell in said.values()]
    if not any(isinstance(cell, str) for cell in said.values()):
        return True
    below = next((grid.said(after) for after in range(row + 1, len(grid.cells)) if grid.said(after)), {})
    first = min(said)
    wide = grid.covers.get((row, first), (row, first, row, first))
    if len(said) == 1:
        return not (first > 0 and wide[1] < wide[3] and len(below) > 1)
    colons = sum(":" in text or (place > 0 and texts[place - 1].endswith(":")) for place, text in enumerate(texts))
    if colons * 2 >= len(texts) or (len(texts) <= 4 and any(_CAPTION.match(text) for text in texts)):
        return True
    return len(said) == 2 and first == 0 and wide[2] == row and len(below) >= 4


def _completes(grid: _Grid, first: int, row: int) -> bool:
    """Whether `row` goes on with the head above it: it speaks under groups and is silent under headings that stand alone."""
    said = grid.said(row)
    if not said or not all(_textual(cell) for cell in said.values()):
        return False
    above = grid.said(row - 1)
    headed = {column for over in range(first, row) for column in grid.said(over)}
    under_groups = any(column not in above for column in said)
    return under_groups and bool(headed - said.keys()) and min(said) > min(headed)


def _says_units(said: dict[int, Cell]) -> bool:
    return bool(said) and all(isinstance(cell, str) and _BARE.fullmatch(plain(cell)) for cell in said.values())


def _numbers_columns(said: dict[int, Cell]) -> bool:
    """Whether a row only counts the columns: 1 2 3 …, 甲 乙 1 2 3 …"""
    texts = [words(cell) for cell in said.values()]
    named = [text for text in texts if text in {"栏次", "列次", "甲", "乙", "丙", "丁"}]
    counted = [int(found[1]) for text in texts if (found := _NUMBERED.fullmatch(text))]
    if len(named) + len(counted) < len(texts) or len(counted) < (2 if {"乙", "栏次", "列次"} & set(named) else 4):
        return False
    return counted == list(range(1, len(counted) + 1))


def _bottom(grid: _Grid, first: int) -> int:
    """The last row of the head that begins at `first`."""
    last = first
    while last < len(grid.cells) - 1 and last - first < DEEPEST:
        below = max((area[2] for area in grid.areas if first <= area[0] <= last), default=last)
        if below > last and below - first < DEEPEST:
            last = below
        elif _completes(grid, first, last + 1) or _says_units(grid.said(last + 1)):
            last += 1
        else:
            break
    return min(last, len(grid.cells) - 1)


def _paths(grid: _Grid, first: int, last: int) -> Iterator[tuple[int, list[str]]]:
    """For every column its headings from the top down. Where nothing is merged, a group reaches over the headings below it."""
    levels = [[_heading(grid.shown(row, column)) for column in range(grid.width)] for row in range(first, last + 1)]
    for depth, level in enumerate(levels[:-1]):
        under = [any(lower[column] for lower in levels[depth + 1 :]) for column in range(grid.width)]
        for column in range(1, grid.width):
            apart = any((first + depth, place) in grid.covers for place in (column - 1, column))
            if not level[column] and not apart and under[column] and under[column - 1]:
                level[column] = level[column - 1]
    for column in range(grid.width):
        path = [level[column] for level in levels if level[column]]
        yield column, [part for place, part in enumerate(path) if place == 0 or path[place - 1] != part]


def _column(index: int, path: list[str]) -> Column | None:
    """A column of the head; a bracket with a unit, or a last part that is one, is its unit and no heading."""
    unit = ""
    kept: list[str] = []
    for part in path:
        if found := _BRACKETS.search(part):
            unit = found[1]
        elif (bare := _BARE.fullmatch(part)) and kept:
            unit = bare[1]
            continue
        elif _ENDING.search(part):
            unit = "%"
        kept.append(_BRACKETS.sub("", part).strip() or part)
    heading = " / ".join(kept)
    return Column(index, heading, unit, span(heading), pattern(heading)) if heading else None


def _table_unit(captions: Sequence[str]) -> str:
    for text in captions:
        if found := _LINE.search(text) or _BRACKETS.search(text):
            return found[1]
    return ""


def _table_span(captions: Sequence[str]) -> Span | None:
    """The time that the captions speak of: a line that says 截至 or 1-8月 before a bare month, a month before a year."""
    told = [read for text in captions if (read := span(text))]
    return max(told, key=lambda one: (one.last is not None, not one.alone, one.year is not None), default=None)


def head(rows: Sequence[Row], merged: Sequence[Area] = ()) -> Head | None:
    """The head of the table in a sheet; None where there is none in its first `SEARCHED` rows."""
    grid = _Grid(rows, merged)
    captions: list[str] = []
    for first in range(min(SEARCHED, len(grid.cells))):
        said = grid.said(first)
        if said and not _is_caption(grid, first):
            break
        captions += [words(cell) for cell in said.values()]
    else:
        return None
    last = _bottom(grid, first)
    found = [column for index, path in _paths(grid, first, last) if (column := _column(index, path))]
    body = last + 1 + _numbers_columns(grid.said(last + 1))
    shown = tuple(tuple(grid.cells[row]) for row in range(first, last + 1))
    return Head(first, last, body, tuple(found), tuple(captions), _table_unit(captions), _table_span(captions), shown)
