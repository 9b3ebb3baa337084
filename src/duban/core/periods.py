"""Days and periods as whole numbers: 31 August 2021 is 20210831 on every engine.

A period is named by its last day. Time passed within a year is counted in half months: the 15th is
half of its month and its last days the whole of it, as the published bulletins count (mid-August is
7.5/12; Yunfu 2017).
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from datetime import date, timedelta
from typing import Final, Literal

from duban.core import chinese_numbers
from duban.core.refusals import Refusal

HALVES: Final = 24
"""Half months in a year."""
YEARS: Final = range(1900, 2200)
"""The years that a ledger may speak of; a day of the year 9999 would outgrow the numbers that lights count with."""
BEGINNING: Final = date(YEARS.start, 1, 1)
"""The first of those days: what holds from it on has always held."""


def to_number(day: date) -> int:
    """31 August 2021 → 20210831."""
    return day.year * 10_000 + day.month * 100 + day.day


def from_number(number: int) -> date:
    """20210831 → 31 August 2021. Raises ValueError for a number that is no day."""
    return date(number // 10_000, number // 100 % 100, number % 100)


def last_day(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])


def month_end(day: date) -> date:
    """The last day of the month that `day` lies in."""
    return last_day(day.year, day.month)


def previous_month_end(day: date) -> date:
    """The last day of the month before the one that `day` lies in."""
    return day.replace(day=1) - timedelta(days=1)


def next_month_end(day: date) -> date:
    """The first end of a month after `day`: 20 August → 31 August, 31 August → 30 September."""
    end = month_end(day)
    return end if day < end else month_end(end + timedelta(days=1))


def months_before(day: date, months: int) -> date:
    """The end of the month that lies `months` before the month of `day`."""
    index = day.year * 12 + day.month - 1 - months
    return last_day(index // 12, index % 12 + 1)


def back(day: date, months: int) -> date:
    """The same day so many months earlier, or the last one of a month that has no such day: 31 August → 30 June."""
    end = months_before(day, months)
    return end if day.day > end.day else end.replace(day=day.day)


def half_index(day: date) -> int:
    """Half months from the year 0 to the end of `day`: the half from the 15th, the whole from the 28th.

    The last days of a month count as its end, so that no calendar is needed to place a period.
    """
    return day.year * HALVES + 2 * (day.month - 1) + (day.day >= 15) + (day.day >= 28)


def halves(day: date) -> int:
    """Half months that have passed of the year at the end of `day`: 0 to 24."""
    return half_index(day) - day.year * HALVES


def ended_month(day: date) -> date:
    """The last month end on or before `day`: the newest month that a report can speak of."""
    return day if day == month_end(day) else previous_month_end(day)


def expected_month(day: date, grace_days: int) -> date:
    """The newest month whose report is due at `day`, when it may come `grace_days` after the month's end."""
    return ended_month(day - timedelta(days=grace_days))


_MONTH = re.compile(r"(\d{4})-(\d{2})")
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def read_period(text: str) -> date:
    """The last day of the period that `text` names: 2021, 2021-08, 2021-Q3, 2021-H1 or a day itself.

    Raises `Refusal` "period-unreadable" for anything else, the 13th month and years beyond `YEARS` included.
    """
    text = text.strip()
    try:
        read = _period(text)
    except ValueError:
        read = None
    if read is None or read.year not in YEARS:
        raise Refusal("period-unreadable", period=text)
    return read


def _period(text: str) -> date | None:
    if _DAY.fullmatch(text):
        return date.fromisoformat(text)
    if match := _MONTH.fullmatch(text):
        return last_day(int(match[1]), int(match[2]))
    if re.fullmatch(r"\d{4}", text):
        return date(int(text), 12, 31)
    if match := re.fullmatch(r"(\d{4})-Q([1-4])", text):
        return last_day(int(match[1]), 3 * int(match[2]))
    if match := re.fullmatch(r"(\d{4})-H([12])", text):
        return last_day(int(match[1]), 6 * int(match[2]))
    return None


def read_day(text: str) -> date:
    """A day as 2021-08-31. Raises `Refusal` "day-unreadable" for anything else."""
    try:
        read = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        read = None
    if read is None or read.year not in YEARS:
        raise Refusal("day-unreadable", day=text)
    return read


def speakable(day: date) -> date:
    """`day` itself. Raises `Refusal` "day-unreadable" for a day beyond `YEARS`."""
    if day.year not in YEARS:
        raise Refusal("day-unreadable", day=day.isoformat())
    return day


Order = Literal["ymd", "dmy", "mdy"]
"""Which of three numbers is the day where the year does not come first."""

_MIDNIGHT = re.compile(r"[T ]0{1,2}:00(?::00(?:\.0+)?)?$")
_WRITTEN = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})|(\d{4})(\d{2})(\d{2})|(\d{4})年(\d{1,2})月(\d{1,2})[日号號]?")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{2}|\d{4})")
_INCOMPLETE = re.compile(
    r"(?:\d{2}|\d{4})年(?:\d{1,2}月)?(?:[初底末]|[上中下]旬)?|\d{4}[-/.]\d{1,2}|\d{1,2}月(?:\d{1,2}[日号號]?)?|\d{1,2}月?[初底末]|\d{4}"
)
_IN_CHINESE = re.compile(r"([零〇○一二三四五六七八九十]+)(?=[年月日号號])")


def read_written_day(text: str, order: Order = "ymd") -> date:
    """A day as people write it: 2021-08-31, 2021/8/31, 2021.8.31, 20210831, 2021年8月31日, 二〇二一年八月三十一日.

    31/08/2021 is read only where `order` says which number is the day; else, and for years of two digits, raises `Refusal`
    "day-ambiguous". A month or a day without its year is "day-incomplete"; anything else, a time of day included, "day-unreadable".
    """
    told = re.sub(r"\s*([零〇○一二三四五六七八九十年月日号號])\s*", r"\1", unicodedata.normalize("NFKC", text).strip())
    told = _MIDNIGHT.sub("", _IN_CHINESE.sub(lambda number: _in_figures(number[1]), told))
    if match := _WRITTEN.fullmatch(told):
        year, month, day = (int(part) for part in match.groups() if part and part.isdigit())
    elif (match := _YEAR_LAST.fullmatch(told)) and (order == "ymd" or len(match[4]) == 2):
        raise Refusal("day-ambiguous", day=text)
    elif match:
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        day, month = (first, second) if order == "dmy" else (second, first)
    elif _INCOMPLETE.fullmatch(told):
        raise Refusal("day-incomplete", day=text)
    else:
        raise Refusal("day-unreadable", day=text)
    try:
        return speakable(date(year, month, day))
    except (ValueError, Refusal):
        raise Refusal("day-unreadable", day=text) from None


def _in_figures(number: str) -> str:
    """二〇二一 → 2021, 三十一 → 31; what is ill-formed stays and makes the day unreadable."""
    try:
        return str(chinese_numbers.read(number, elided=False))
    except chinese_numbers.IllFormed:
        return number
