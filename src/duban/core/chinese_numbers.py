"""Numbers written in Chinese, or half in Chinese: 二亿四千五百万, 壹佰零伍, 7万5千, 二〇二一, 十二点五.

Strict: what is ill-formed (一二百) or says "some" (三四十) is no number here. 兆 is none either: it is a million to some and a
million millions to others.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

_PLAIN: Final = str.maketrans(
    "壹贰貳叁參叄肆伍陆陸柒捌玖兩两〇○拾佰仟萬億點負",
    "一二二三三三四五六六七八九二二零零十百千万亿点负",
)
DIGITS: Final = {sign: value for value, sign in enumerate("零一二三四五六七八九")}
_ARABIC: Final = str.maketrans("零一二三四五六七八九点", "0123456789.")
_LEVELS: Final = {"十": 10, "百": 100, "千": 1_000}
WAN: Final = 10_000
YI: Final = 100_000_000

_DECIMAL: Final = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?")
_SCALED: Final = re.compile(r"(.*?\d)((?:千|百|十)?(?:万亿|万万|万|亿)|千|百)")
_SCALES: Final = {"": 1, "十": 10, "百": 100, "千": 1_000, "万": WAN, "亿": YI, "万亿": WAN * YI, "万万": WAN * WAN}


class IllFormed(ValueError):
    """This is no number that everybody reads alike."""


def plain(text: str) -> str:
    """Everyday signs for financial and traditional ones: 貳佰萬 → 二百万."""
    return text.translate(_PLAIN)


def read(text: str, *, elided: bool = True) -> Decimal:
    """The number in `text`, without a sign. Raises `IllFormed`.

    With `elided`, a last bare digit counts the level below the one before it, as it is spoken: 四百五 is 450, 一万三 is 13,000.
    """
    text = plain(text)
    if not text:
        raise IllFormed(text)
    if (arabic := _arabic(text)) is not None:
        return arabic
    if "点" in text or "." in text:
        return _fractional(text)
    return Decimal(_digits(text) if _spelled_out(text) else _whole(text, elided))


def _arabic(text: str) -> Decimal | None:
    """2.45亿, 1,100.9亿, 4.78万亿, 3千万: digits and at most one scale."""
    match = _SCALED.fullmatch(text)
    number, scale = match.groups() if match else (text, "")
    if not _DECIMAL.fullmatch(number) or not number[-1].isdigit():
        return None
    small, big = (scale[0], scale[1:]) if scale[:1] in _LEVELS else ("", scale)
    return Decimal(number.replace(",", "")) * _SCALES[small] * _SCALES[big]


def _fractional(text: str) -> Decimal:
    """十二点五, 〇.五, 二点五亿."""
    number, scale = (text[:-1], text[-1]) if text[-1] in "万亿" else (text, "")
    before, sign, after = re.split("([点.])", number, maxsplit=1) if re.search("[点.]", number) else ("", "", "")
    if not before or not after or not set(after) <= set(DIGITS) or (sign == "." and not set(before) <= set(DIGITS)):
        raise IllFormed(text)
    whole = _digits(before) if _spelled_out(before) else _whole(before, elided=False)
    return Decimal(f"{whole}.{after.translate(_ARABIC)}") * _SCALES[scale]


def _spelled_out(text: str) -> bool:
    """二〇二一: digits one by one. Two of them without a zero may as well mean "two or three", so they do not count."""
    return set(text) <= set(DIGITS) and (len(text) > 2 or (len(text) == 2 and "零" in text) or text == "零")


def _digits(text: str) -> int:
    return int(text.translate(_ARABIC))


def _whole(text: str, elided: bool) -> int:
    """A whole number with its levels named."""
    if text.endswith("万万"):
        return _group(text[:-2], elided=False) * WAN * WAN
    if "亿" in text:
        high, low = _parted(text, "亿")
        return _hundred_millions(high) * YI + _below(low, YI, elided)
    if "万" in text:
        high, low = _parted(text, "万")
        return _group(high, elided=False) * WAN + _below(low, WAN, elided)
    return _group(text, elided)


def _parted(text: str, sign: str) -> tuple[str, str]:
    parts = text.split(sign)
    if len(parts) != 2 or not parts[0]:
        raise IllFormed(text)
    return parts[0], parts[1]


def _hundred_millions(text: str) -> int:
    """What stands before 亿; it may count in 万 itself, as in 一万五千亿."""
    if "万" not in text:
        return _group(text, elided=False)
    high, low = _parted(text, "万")
    return _group(high, elided=False) * WAN + _below(low, WAN, elided=False)


def _below(text: str, level: int, elided: bool) -> int:
    """What follows 亿 or 万. A level that is skipped needs its 零, so that 一亿两千 is nobody's guess."""
    if not text:
        return 0
    if len(text) == 1 and text in DIGITS:
        if elided and text != "零":
            return DIGITS[text] * level // 10
        raise IllFormed(text)
    if text.startswith("零"):
        rest = text[1:]
        value = DIGITS[rest] if len(rest) == 1 and rest in DIGITS else _whole(rest, elided=False)
        if not 0 < value < level:
            raise IllFormed(text)
        return value
    if level == YI and "万" not in text:
        raise IllFormed(text)
    if text.isdigit() and len(text) != 4:
        raise IllFormed(text)
    return _whole(text, elided)


def _group(text: str, elided: bool) -> int:
    """A number below ten thousand: 三千二百, 一百零五, 十五, 5千4百, 1千零20."""
    if text.isascii() and text.isdigit() and len(text) <= 4:
        return int(text)
    value, above, rest, zero = 0, 0, text, False
    while rest:
        if rest[0] == "零":
            if zero or not above or len(rest) == 1:
                raise IllFormed(text)
            zero, rest = True, rest[1:]
            if rest.isascii() and rest.isdigit() and 0 < int(rest) < above // 10 and rest[0] != "0":
                return value + int(rest)
            continue
        digit, level, rest, arabic = _step(rest, bare_ten=not above or zero)
        if above and level >= above:
            raise IllFormed(text)
        if above and level == 1 < above // 10 and not zero:  # 四百五, spoken for 四百五十
            if not elided or rest or arabic:
                raise IllFormed(text)
            level = above // 10
        elif above and (level < above // 10) != zero:
            raise IllFormed(text)
        value, above, zero = value + digit * level, level, False
        if level == 1 and rest:
            raise IllFormed(text)
    if not above:
        raise IllFormed(text)
    return value


def _step(text: str, *, bare_ten: bool) -> tuple[int, int, str, bool]:
    """One digit with its level, what is left, and whether the digit was an Arabic one."""
    if text[0] == "十" and bare_ten:
        return 1, 10, text[1:], False
    arabic = text[0].isascii() and text[0].isdigit()
    if not arabic and text[0] not in DIGITS:
        raise IllFormed(text)
    digit = int(text[0]) if arabic else DIGITS[text[0]]
    level = _LEVELS.get(text[1:2], 1)
    return digit, level, text[1 + (level > 1) :], arabic
