"""How numbers, amounts of money, days and names are written in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext
from opencc import OpenCC

from duban.core import periods

MINUS = "\N{MINUS SIGN}"
SILENCE = "\N{EN DASH}"
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
SCALES = {
    "zh": ((Decimal(10) ** 8, "亿元"), (Decimal(10) ** 4, "万元"), (Decimal(1), "元")),
    "en": ((Decimal(10) ** 9, "billion"), (Decimal(10) ** 6, "million"), (Decimal(1), "")),
}
"""The scales in which money is told, largest first."""

_to_traditional = OpenCC("s2tw")


def language() -> str:
    """The reader's language: zh-hans, zh-hant or en."""
    return get_language() or "zh-hans"


def english() -> bool:
    return language() == "en"


_FULL_WIDTH = {",": "\uff0c", ":": "\uff1a", ";": "\uff1b", "?": "\uff1f", "!": "\uff01"}
_HALF_WIDTH = re.compile(r"(?<=[\u4e00-\u9fff”’》)>])[,:;?!](?=[\u4e00-\u9fff“‘《(<\s]|$)")


def punctuated(text: str) -> str:
    """Chinese text with the full-width marks that print wants, whatever keyboard it was typed on; HTML stays HTML."""
    return text if english() else _HALF_WIDTH.sub(lambda mark: _FULL_WIDTH[mark[0]], text)


@lru_cache(maxsize=20_000)
def traditional(text: str) -> str:
    """Simplified Chinese in Traditional characters."""
    return str(_to_traditional.convert(text))


def script(text: Any) -> str:
    """`text` in the reader's script: converted for readers of Traditional Chinese, untouched for all others."""
    text = str(text)
    return traditional(text) if language() == "zh-hant" else text


def told(thing: Any, field: str = "name") -> str:
    """A field that has a Chinese and perhaps an English form, in the reader's language. Works on rows and on mappings."""
    read = thing.get if isinstance(thing, Mapping) else lambda name, default="": getattr(thing, name, default)
    if english() and read(f"{field}_en", ""):
        return str(read(f"{field}_en", ""))
    words = str(read(field, "") or "")
    return script(words if field == "name" else punctuated(words))


def rounded(value: Decimal, places: int) -> Decimal:
    """Rounded half away from zero, as people round."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def number(value: Any, places: int | None = None) -> str:
    """A number with thousands separators in every language; silence is a dash. Without `places`, as it is."""
    if value is None or value == "":
        return SILENCE
    exact = Decimal(str(value))
    text = f"{rounded(exact, places):,f}" if places is not None else f"{exact:,f}"
    return text.replace("-", MINUS)


def signed(value: Any, places: int | None = None) -> str:
    """A number that always shows its sign, for gaps and changes."""
    if value is None or value == "":
        return SILENCE
    text = number(value, places)
    return text if text.startswith(MINUS) or not text.strip("0.,") else f"+{text}"


def percent(part: Any, whole: Any, places: int = 2) -> str:
    """`part` of `whole` as a percentage; a dash when there is no whole to speak of."""
    if part is None or not whole:
        return SILENCE
    return f"{number(Decimal(part) * 100 / Decimal(whole), places)}%"


def money(value: Any, places: int = 2, *, up: bool = False) -> str:
    """Yuan in the unit that people say: 2.45亿元, ¥245 million; with `up` never less than the value."""
    if value is None or value == "":
        return SILENCE
    exact = Decimal(str(value))
    scales = SCALES["en" if english() else "zh"]
    scale, word = next((pair for pair in scales if abs(exact) >= pair[0]), scales[-1])
    told_number = (exact / scale).quantize(Decimal(1).scaleb(-places), rounding=ROUND_CEILING) if up else rounded(exact / scale, places)
    digits = f"{abs(told_number):,f}"
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    sign = MINUS if told_number < 0 else ""
    if english():
        return f"{sign}¥{digits} {word}".rstrip()
    return script(f"{sign}{digits}{word}")


def amount(value: Any, measure: Any, *, up: bool = False) -> str:
    """An amount of a measure with its unit; yuan are told as money, with `up` never as less than they are."""
    if value is None or value == "":
        return SILENCE
    if measure is None:
        return number(value)
    unit = measure["unit"] if isinstance(measure, Mapping) else measure.unit
    if unit == "元":
        return money(value, up=up)
    return with_unit(number(value), told(measure, "unit"))


def with_unit(digits: str, unit: str) -> str:
    """A written number and its unit: no space in Chinese and before a per cent sign."""
    if not unit:
        return digits
    return f"{digits}{unit}" if unit.startswith("%") or not english() else f"{digits} {unit}"


def day(value: date | datetime | None) -> str:
    """31 August 2021, 2021年8月31日."""
    if value is None or value == "":
        return SILENCE
    if isinstance(value, datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}" if english() else f"{value.year}年{value.month}月{value.day}日"


def since(value: date) -> str:
    """From when on something holds: from 31 August 2021, 自2021年8月31日起; since the beginning, where no day of a ledger is earlier."""
    return gettext("since the beginning") if value <= periods.BEGINNING else gettext("from %(day)s") % {"day": day(value)}


def moment(value: datetime | None) -> str:
    """A day and a time of day."""
    if not value:
        return SILENCE
    local = timezone.localtime(value)
    return f"{day(local.date())} {local:%H:%M}"


def period(value: date | None) -> str:
    """The month that a month's last day names; any other day as it is."""
    if not value:
        return SILENCE
    if value != periods.month_end(value):
        return day(value)
    return f"{MONTHS[value.month - 1]} {value.year}" if english() else f"{value.year}年{value.month}月"


def light_name(light: str) -> str:
    """The word that stands beside a light's shape."""
    return {
        "green": gettext("Green"),
        "amber": gettext("Amber"),
        "red": gettext("Red"),
        "grey": gettext("Grey"),
    }[light]


def stacked(counts: Mapping[str, int]) -> list[tuple[str, str, str]]:
    """Counts by light as the pieces of one bar: each light's name, where its piece begins and how long it is, in hundredths."""
    whole, at, pieces = sum(counts.values()), 0, []
    for light, count in counts.items():
        if count:
            pieces.append((light, f"{at * 100 / whole:.2f}", f"{count * 100 / whole:.2f}"))
            at += count
    return pieces
