"""One cell of somebody's table, where it is no plain number: the amount or the day that it says, or that it says nothing."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Final, cast

from duban.core import numerals, periods, tables_amounts
from duban.core.refusals import Refusal
from duban.core.tables import Cell, words
from duban.intake.files import cells
from duban.intake.files.sheets import CellError
from duban.intake.tables.meanings import factor
from duban.registry.models import Measure

NOTHING: Final = frozenset({"", "-", "--", "—", "——", "–", "/", "\\", "*", "无", "暂无", "空", "n/a", "na", "nil", "none", "null", "."})
"""What people write into a cell to say nothing."""
_YEAR_LAST: Final = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:\s+0{1,2}:00(?::00)?)?")


class Silent(Exception):
    """The cell says nothing, in so many words."""


def says_nothing(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and words(cell).lower() in NOTHING)


def _spoken(cell: Cell) -> None:
    if isinstance(cell, CellError):
        raise Refusal("cell-failed", error=str(cell))
    if says_nothing(cell):
        raise Silent


def amount(cell: Cell, measure: Measure, unit: str) -> Decimal:
    """The amount in the measure's unit that a cell of a column in `unit` says. Raises `Silent`, or `Refusal` for what is none."""
    _spoken(cell)
    if type(cell) in (int, float):
        return tables_amounts.shown(cast(float, cell)) * factor(unit, measure)
    if not isinstance(cell, str):
        raise Refusal("amount-unreadable", amount=words(cell))
    read, named = numerals.read_amount(cell, measure.unit)
    return read if named else read * factor(unit, measure)


def orders(text: str) -> set[str]:
    """In which orders of day, month and year a text can be read as a day; none for what is no day."""
    if found := _YEAR_LAST.fullmatch(text):
        first, second = int(found[1]), int(found[3])
        possible = {"dmy": (first, second), "mdy": (second, first)}
        return {order for order, (day, month) in possible.items() if 1 <= month <= 12 and 1 <= day <= 31}
    try:
        periods.read_written_day(text)
    except Refusal:
        return set()
    return {"ymd"}


def day(cell: Cell, order: str = "") -> date:
    """The day that a cell says. Raises `Silent`, or `Refusal` for what is no whole day, or one that `order` does not make certain."""
    _spoken(cell)
    sure = orders(words(cell)) if isinstance(cell, str) and not order else set()
    return cells.day_of(cell, order=cast(periods.Order, order or (min(sure) if len(sure) == 1 else "ymd")))
