"""Why a cell is no amount: what it says instead, so that its writer knows what to change."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from duban.core.refusals import Refusal

DASHES: Final = frozenset(
    (
        "-",
        "--",
        "---",
        "–",
        "—",
        "——",
        "―",
        "一一",
        "/",
        "//",
        "\\",
        "*",
        "...",
        "......",
        "无",
        "暂无",
        "没有",
        "空",
        "缺",
        "未报",
        "未填",
        "待定",
        "N/A",
        "n/a",
        "NA",
        "nil",
    )
)
"""Signs that stand for nothing. Some mean zero by them, some that they do not know."""

_FIGURE: Final = "[0-9零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟萬億]"
_FROM_TO: Final = re.compile(rf"{_FIGURE}[^-~–—至到]*[-~–—至到][^-~–—至到]*{_FIGURE}.*")
_ABOUT: Final = re.compile(
    r"^(?:大?约|大概|大致|估计|接近|将近|近|超过|超|逾|不足|不到|不少于|不低于|不超过|少于|多于|高于|低于|大于|小于|至少|至多|最多|最少|几|数|(?:[<>≤≥≦≧]=?|[~≈±])(?=.*[0-9]))"
    rf"|{_FIGURE}(?:余|餘|多|几|幾|来|许)|(?:左右|上下|以上|以下|以内|不等|[+±])$"
    r"|(?:一二|二三|两三|三四|三五|四五|五六|六七|七八|八九)(?:$|[^0-9零〇一二三四五六七八九点])"
    r"|分之"
)
_GROUPED: Final = (
    (re.compile(r"[0-9]{1,3}(?:\.[0-9]{3}){2,}"), "."),
    (re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+"), "."),
    (re.compile(r"[0-9]{1,3}(?: [0-9]{3})+,[0-9]+"), " "),
)
"""Thousands as other countries part them, with the sign that they part them by."""
_LEADING: Final = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+|\.[0-9]+|[0-9]+\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?\s*")
_SHARES: Final = {"百分之": "%", "佰分之": "%", "千分之": "‰", "仟分之": "‰", "万分之": "‱", "萬分之": "‱"}


def raised(text: str) -> bool:
    """Whether a raised, lowered, circled or broken figure stands beside a figure: 10² is not 102, 3½ is not 31/2."""
    special = [unicodedata.category(sign) == "No" for sign in text]
    return any(
        one and (before.isdigit() or after.isdigit()) for one, before, after in zip(special, " " + text, text[1:] + " ", strict=False)
    )


def why(body: str, unit: str, text: str) -> Refusal:
    """The refusal for `text`, whose sign has been taken off in `body`, where `unit` is counted."""
    if readings := _readings(body):
        return Refusal("amount-ambiguous", amount=text, readings=" / ".join(readings))
    if share := next((sign for words, sign in _SHARES.items() if body.startswith(words)), ""):
        return Refusal("unit-unknown", unit=share, expected=unit) if unit != "%" else Refusal("amount-unreadable", amount=text)
    if _ABOUT.search(body) or _FROM_TO.fullmatch(body):
        return Refusal("amount-inexact", amount=text)
    number = _LEADING.match(body)
    if number is None and (number := re.match(rf"{_FIGURE}+点?{_FIGURE}*|[¥$€£]", body)) and len(body) > number.end() > 0:
        tail = number[0] if number[0] in "¥$€£" else body[number.end() :]
        return Refusal("unit-unknown", unit=tail, expected=unit)
    if number is None or number.end() == len(body):
        return Refusal("amount-unreadable", amount=text)
    return Refusal("unit-unknown", unit=body[_longest(body) :].strip(), expected=unit)


def _longest(body: str) -> int:
    """Where the unit begins behind the leading figures, 千 and 万 between them included."""
    match = re.match(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?", body)
    return match.end() if match else 0


def _readings(body: str) -> list[str]:
    for grouped, sign in _GROUPED:
        if grouped.fullmatch(body):
            point = body.replace(sign, "").replace(",", ".")
            return [point, body.replace(",", "") if sign == "." else point.replace(".", "")]
    if re.fullmatch(r"[0-9]+/[0-9]+", body):
        return [body.replace("/", "÷"), body.replace("/", "-")]
    if re.fullmatch(r"\([0-9][0-9,.]*\)", body):
        return [f"-{body[1:-1]}", body[1:-1]]
    return []
