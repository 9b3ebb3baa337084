"""Numbers as officials type them, and the units that they may be told in."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Final

from duban.core.refusals import Refusal

UNITS: Final[dict[str, tuple[str, Decimal]]] = {
    "元": ("money", Decimal(1)),
    "千元": ("money", Decimal(10) ** 3),
    "万元": ("money", Decimal(10) ** 4),
    "百万元": ("money", Decimal(10) ** 6),
    "亿元": ("money", Decimal(10) ** 8),
    "yuan": ("money", Decimal(1)),
    "million yuan": ("money", Decimal(10) ** 6),
    "100 million yuan": ("money", Decimal(10) ** 8),
    "billion yuan": ("money", Decimal(10) ** 9),
    "针次": ("doses", Decimal(1)),
    "万针次": ("doses", Decimal(10) ** 4),
    "doses": ("doses", Decimal(1)),
    "million doses": ("doses", Decimal(10) ** 6),
}
"""Unit → what it counts and how many of that kind's smallest unit it holds. Units not listed are only themselves."""

_MULTIPLES: Final = {"": Decimal(1), "千": Decimal(10) ** 3, "万": Decimal(10) ** 4, "亿": Decimal(10) ** 8}
_CELL: Final = re.compile(r"^([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][+-]?\d{1,3})?)\s*(\S.*)?$")


def factor(unit: str, into: str) -> Decimal:
    """How many of `into` one `unit` is. Raises `Refusal` "unit-unknown" when they do not count the same."""
    if unit == into:
        return Decimal(1)
    kind, size = UNITS.get(unit, ("", Decimal(0)))
    other, other_size = UNITS.get(into, (None, Decimal(0)))
    if kind != other:
        raise Refusal("unit-unknown", unit=unit, expected=into)
    return size / other_size


def read_amount(text: str, unit: str) -> tuple[Decimal, bool]:
    """The amount in `unit` that a cell says, and whether the cell named its unit itself.

    Reads full-width digits, thousands separators, a sign, 1.2e3, and a unit behind the number ("1,234.5万元" where the
    measure is in 元; "82.77%" where it is in %). Raises `Refusal` "amount-unreadable" or "unit-unknown".
    """
    plain = unicodedata.normalize("NFKC", text).strip().replace("\N{MINUS SIGN}", "-")
    match = _CELL.match(plain)
    if not match or not any(sign.isdigit() for sign in match[1]):
        raise Refusal("amount-unreadable", amount=text)
    try:
        number = Decimal(match[1].replace(",", ""))
    except InvalidOperation:
        raise Refusal("amount-unreadable", amount=text) from None
    named = (match[2] or "").strip()
    if not named:
        return number, False
    multiple = _MULTIPLES.get(named)
    if multiple is None and named.endswith(unit) and unit:
        multiple = _MULTIPLES.get(named.removesuffix(unit))
    return number * (factor(named, unit) if multiple is None else multiple), True
