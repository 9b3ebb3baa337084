"""Numbers as officials type them, and the units that they may be told in."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from typing import Final

from duban.core import chinese_numbers, misread
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

_SCALED_UNIT: Final = re.compile(r"(百万|千万|[百千万亿])(.+)")
_SCALES: Final = {"百": 100, "千": 10**3, "万": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8}
_BARE: Final = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_BESIDE_CHINESE: Final = re.compile(r"\s*([\u3007\u4e00-\u9fff%‰¥])\s*")
_SHARE: Final = re.compile(r"([百千万佰仟萬])分之(.+)")
_FRACTION: Final = re.compile(r"(?:(.+)又)?(.+)分之(.+)")
_COINS: Final = re.compile(r"(.+元)(?:([0-9零一二三四五六七八九])角)?(?:零?([0-9一二三四五六七八九])分)?")


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

    Reads full-width digits, thousands separators, a sign, 1.2e3, Chinese numbers, and a unit behind the number ("1,234.5万元" where
    the measure is in 元; "82.77%" and "百分之八十二点七七" where it is in %). What can be read in two ways is asked about:
    `Refusal` "amount-ambiguous" names the readings. Raises "amount-inexact" for about, over, from–to; "amount-dash" for a sign
    that stands for nothing, which may mean zero or silence; "unit-unknown" and "amount-unreadable".
    """
    told = unicodedata.normalize("NFKC", text).strip().replace("\N{MINUS SIGN}", "-")
    if told in misread.DASHES:
        raise Refusal("amount-dash", amount=text)
    if told == "一":  # typed for a dash as often as for a one
        raise Refusal("amount-ambiguous", amount=text, readings="1 / —")
    if misread.raised(text):
        raise Refusal("amount-unreadable", amount=text)
    negative, body = _unsigned(_BESIDE_CHINESE.sub(r"\1", told))
    number = _arabic(body)
    readings = {(number, False)} if number is not None else _readings(body, unicodedata.normalize("NFKC", unit))
    values = sorted({value for value, _ in readings})
    if len(values) > 1:
        raise Refusal("amount-ambiguous", amount=text, readings=" / ".join(f"{_signed(value, negative):f}" for value in values))
    if not values:
        raise misread.why(body, unit, text)
    return _signed(values[0], negative), any(named for _, named in readings)


def _unsigned(told: str) -> tuple[bool, str]:
    if told.startswith(("-", "负", "負")):
        return True, told[1:]
    return False, told.removeprefix("+")


def _signed(value: Decimal, negative: bool) -> Decimal:
    return value.copy_negate() if negative else value


def _arabic(body: str) -> Decimal | None:
    """1,234.5 and 1.2e3: digits alone."""
    if not _BARE.fullmatch(body) or not any(sign.isdigit() for sign in body):
        return None
    try:
        return Decimal(body.replace(",", ""))
    except InvalidOperation:
        return None


def _readings(body: str, unit: str) -> set[tuple[Decimal, bool]]:
    """Every way to part a number from its unit, as amounts in `unit`, each with whether the unit was named."""
    if (share := _SHARE.fullmatch(body)) and unit != "%":
        return set()
    if share:
        told = Decimal(100) if share[2] in "百佰" else _number(share[2])
        return set() if told is None else {(told * 100 / _SCALES[chinese_numbers.plain(share[1])], True)}
    if "元" in (tails := _tails(unit)):
        body = _in_yuan(body)
        if (coins := _coins(body)) is not None:
            return {(coins * tails["元"], True)}
    named = {(value * size, True) for tail, size in tails.items() if (value := _before(body, tail)) is not None}
    return named or _unnamed(body, unit)


def _before(body: str, tail: str) -> Decimal | None:
    """The number in front of a unit. "5100 million yuan" is not 5 times 100 million yuan."""
    if not body.endswith(tail) or (tail[0].isdigit() and not body.removesuffix(tail).endswith(" ")):
        return None
    return _number(body.removesuffix(tail).rstrip(), elided=tail[0] not in "十百万亿")


def _unnamed(body: str, unit: str) -> set[tuple[Decimal, bool]]:
    """A number alone. 98.5万 where 万元 are counted may mean 98.5 of them, or 985,000; 二分之一 of a % is a half or fifty."""
    number = _number(body)
    if number is None:
        return set()
    scaled = chinese_numbers.plain(body)[-1] in "万亿" or (body[0].isdigit() and not body[-1].isdigit())
    if scaled and (match := _SCALED_UNIT.fullmatch(unit)):
        return {(number, True), (number / _SCALES[match[1]], True)}
    if unit == "%" and "分之" in body:
        return {(number, False), (number * 100, False)}
    return {(number, scaled)}


@lru_cache
def _tails(unit: str) -> dict[str, Decimal]:
    """What may stand behind a number that is counted in `unit`, and how many of it that is."""
    tails = {unit: Decimal(1)} if unit else {}
    if match := _SCALED_UNIT.fullmatch(unit):
        tails[match[2]] = Decimal(1) / _SCALES[match[1]]
    if unit in UNITS:
        tails |= {other: factor(other, unit) for other, (kind, _) in UNITS.items() if kind == UNITS[unit][0]}
    if unit == "%":
        tails |= {"个百分点": Decimal(1), "個百分點": Decimal(1), "‰": Decimal("0.1")}
    return tails


def _in_yuan(body: str) -> str:
    """人民币1200元整, ¥1,200 and 8亿元人民币 end in 元 alike."""
    money = body.replace("圆", "元").replace("圓", "元").removesuffix("人民币")
    if money[-2:-1] in {"元", "角", "分"} and money[-1] in "整正":
        money = money[:-1]
    for mark in ("人民币", "¥", "RMB", "CNY"):
        if money.startswith(mark):
            money = money.removeprefix(mark).strip()
            return money if money.endswith(("元", "角", "分")) else f"{money}元"
    return money


def _coins(body: str) -> Decimal | None:
    """50元6角三分, in 元."""
    match = _COINS.fullmatch(chinese_numbers.plain(body))
    number = _number(match[1].removesuffix("元")) if match and (match[2] or match[3]) else None
    if match is None or number is None or number != int(number):
        return None
    return number + sum(chinese_numbers.read(digit or "零") / size for digit, size in ((match[2], 10), (match[3], 100)))


def _number(text: str, *, elided: bool = True) -> Decimal | None:
    """A number without sign and unit, in digits, in Chinese, or as a fraction that a decimal can hold."""
    arabic = _arabic(text)
    if arabic is not None:
        return arabic
    try:
        fraction = _FRACTION.fullmatch(text)
        return _fraction(*fraction.groups()) if fraction else chinese_numbers.read(text, elided=elided)
    except chinese_numbers.IllFormed:
        return None


def _fraction(whole: str | None, below: str, above: str) -> Decimal | None:
    parts = [Decimal(0) if part is None else _number(part) for part in (whole, below, above)]
    if None in parts or not parts[1] or _SHARE.fullmatch(f"{below}分之{above}"):
        return None
    exact = sum((Fraction(part) for part in (parts[0], Fraction(parts[2] or 0) / Fraction(parts[1])) if part is not None), Fraction(0))
    value = Decimal(exact.numerator) / exact.denominator
    return value if Fraction(value) == exact else None
