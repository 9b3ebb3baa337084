"""The words that stand in a workbook, in the reader's language; what is read by codes never depends on them."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import cache
from typing import Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from opencc import OpenCC

from duban.core import numerals
from duban.intake.workbooks.pages import LAST, MONEY, PLAN, Column
from duban.registry.models import Measure

MONTHS: Final = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
ENGLISH_MONEY: Final = "10,000 yuan"
_UNIT: Final = re.compile(r"[(（]([^()（）]*)[)）]\s*$")


@cache
def _converter(way: str) -> OpenCC:
    return OpenCC(way)


def english() -> bool:
    return get_language() == "en"


def script(text: str) -> str:
    """Chinese text in the reader's script."""
    return _converter("s2tw").convert(text) if get_language() == "zh-hant" else text


def told(thing: Any, field: str = "name") -> str:
    """A field that has a Chinese and perhaps an English form."""
    return str(getattr(thing, f"{field}_en") or getattr(thing, field)) if english() else script(str(getattr(thing, field)))


def month(period: date, *, year: bool = False) -> str:
    """August, 8月; with its year August 2021, 2021年8月."""
    if english():
        return f"{MONTHS[period.month - 1]} {period.year}" if year else MONTHS[period.month - 1]
    return f"{period.year}年{period.month}月" if year else f"{period.month}月"


def day(value: date) -> str:
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}" if english() else f"{value.year}年{value.month}月{value.day}日"


def unit(column: Column) -> str:
    """The unit that a column's amounts are told in; empty for days."""
    if column.unit == MONEY:
        return ENGLISH_MONEY if english() else script(MONEY)
    return told(column.measure, "unit")


def by_parts() -> str:
    """What stands in a cell that the undertaking's parts report for."""
    return _("by its parts")


def in_brackets(words: str) -> str:
    return (f"({words})" if english() else f"（{words}）") if words else ""


def qualifier(column: Column, period: date) -> str:
    """What a column says of its measure: the year's plan, the last report, the month's value."""
    if column.role == PLAN:
        return _("planned day") if column.dated else _("plan for %(year)s") % {"year": period.year}
    if column.role == LAST:
        return _("up to %(month)s") % {"month": month(column.since)} if column.since else _("reported last")
    if column.dated:
        return _("actual day")
    words = {Measure.Accumulates.YEAR: _("%(month)s, year to date"), Measure.Accumulates.LIFE: _("%(month)s, since the start")}
    return words.get(column.measure.accumulates, "%(month)s") % {"month": month(period)}


def heading(column: Column, period: date) -> list[str]:
    """The lines of a column's heading: the measure, what the column says of it, its unit."""
    return [line for line in (told(column.measure), qualifier(column, period), in_brackets(unit(column))) if line]


def plain(text: object) -> str:
    """Text as it is compared: full-width and half-width, spaces and line breaks make no difference."""
    return "".join(unicodedata.normalize("NFKC", str(text)).split()).casefold()


def unit_named(heading: str) -> str | None:
    """The unit in the brackets at the end of a heading, where it is one that amounts are told in; Traditional and English forms too."""
    found = _UNIT.search(heading.strip())
    words = unicodedata.normalize("NFKC", found[1]).strip() if found else ""
    if words == ENGLISH_MONEY:
        return MONEY
    words = _converter("t2s").convert(words)
    return words if words in numerals.UNITS else None
