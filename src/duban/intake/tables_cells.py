"""One cell of somebody's table, where it holds text: the amount or the day that it says, or that it says nothing."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from duban.core import numerals, periods, tables_amounts
from duban.core.refusals import Refusal
from duban.core.tables import Cell, words
from duban.intake.tables_meanings import factor
from duban.registry.models import Measure

NOTHING: Final = frozenset({"", "-", "--", "—", "——", "–", "/", "\\", "*", "无", "暂无", "空", "n/a", "na", "nil", "none", "null", "."})
"""What people write into a cell to say nothing."""
_NUMBERS: Final = re.compile(r"(\d{1,4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,4})\s*日?(?:\s+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?")
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")
_MONTH: Final = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*(?:月份?)?\s*(底|末)?")
_TOLD: Final = {"dmy": (2, 1, 0), "mdy": (2, 0, 1), "ymd": (0, 1, 2)}


class Silent(Exception):
    """The cell says nothing, in so many words."""


def says_nothing(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and words(cell).lower() in NOTHING)


def amount(cell: Cell, measure: Measure, unit: str) -> Decimal:
    """The amount in the measure's unit that a cell of a column in `unit` says. Raises `Silent`, or `Refusal` for what is none."""
    if says_nothing(cell):
        raise Silent
    if type(cell) in (int, float):
        return tables_amounts.shown(float(cell)) * factor(unit, measure)  # type: ignore[arg-type]
    if not isinstance(cell, str):
        raise Refusal("amount-unreadable", amount=words(cell))
    read, named = numerals.read_amount(cell, measure.unit)
    return read if named else read * factor(unit, measure)


def orders(text: str) -> set[str]:
    """In which orders of day, month and year a text can be read as a day."""
    found = _NUMBERS.fullmatch(text)
    if not found:
        return {"ymd"} if _COMPACT.fullmatch(text) else set()
    told = [found[place] for place in (1, 2, 3)]
    if len(told[0]) == 4:
        return {"ymd"}
    return {order for order in ("dmy", "mdy") if len(told[2]) == 4 and _built(told, order) is not None}


def _built(told: list[str], order: str) -> date | None:
    year, month, day = (int(told[place]) for place in _TOLD[order])
    try:
        return date(year, month, day) if year in periods.YEARS else None
    except ValueError:
        return None


def day(cell: Cell, order: str = "") -> date:
    """The day that a cell says. Raises `Silent`, or `Refusal`: "day-unreadable", "day-ambiguous" where nobody said which number is
    the month, "day-is-a-month" for a month without its day. The end of a month (2021年12月底) is its last day.
    """
    if says_nothing(cell):
        raise Silent
    if isinstance(cell, date):
        return periods.speakable(cell.date() if isinstance(cell, datetime) else cell)
    text = words(cell)
    if found := _COMPACT.fullmatch(text):
        read = _built([found[1], found[2], found[3]], "ymd")
    elif found := _NUMBERS.fullmatch(text):
        told = [found[1], found[2], found[3]]
        possible = orders(text)
        if len(possible) > 1 and order not in possible and _built(told, "dmy") != _built(told, "mdy"):
            raise Refusal("day-ambiguous", day=text)
        chosen = order if order in possible else min(possible, default="")
        read = _built(told, chosen) if chosen and (not order or order in possible or chosen == "ymd") else None
    elif month := _MONTH.fullmatch(text):
        if not month[3] or not 1 <= int(month[2]) <= 12:
            raise Refusal("day-is-a-month", day=text)
        read = periods.last_day(int(month[1]), int(month[2]))
    else:
        read = None
    if read is None or read.year not in periods.YEARS:
        raise Refusal("day-unreadable", day=text)
    return read
