"""What a heading or a title says of time: 1-8月, 截至8月底, 8月, 2021-08, Aug 2021, 上半年, 本月, 累计."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final

from duban.core import periods

_DIGITS: Final = {"十一": 11, "十二": 12, **{name: number for number, name in enumerate("一二三四五六七八九十", 1)}}
_ENGLISH: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_Y = r"(?P<year>(?:19|20|21)\d{2})"
_M = r"(?P<last>1[0-2]|0?[1-9])"
_F = r"(?P<first>1[0-2]|0?[1-9])"
_NAME = (
    r"(?:[Jj]an(?:uary)?|[Ff]eb(?:ruary)?|[Mm]ar(?:ch)?|[Aa]pr(?:il)?|May|[Jj]une?|[Jj]uly?|[Aa]ug(?:ust)?|[Ss]ept?(?:ember)?"
    r"|[Oo]ct(?:ober)?|[Nn]ov(?:ember)?|[Dd]ec(?:ember)?)"
)

_SHAPES: Final = tuple(
    re.compile(shape)
    for shape in (
        rf"(?:{_Y}年?)?{_F}月?(?:-|—|–|~|至|到){_M}月(?:份|底|末)?",
        rf"(?:{_Y}年)?(?P<half>上半年|前三季度|前3季度)",
        rf"(?:{_Y}年?)?第?(?P<quarter>[一二三四1-4])季度?",
        rf"(?:{_Y}[-年]?)?Q(?P<quarter>[1-4])(?!\d)",
        rf"{_Y}年{_M}月(?:份|底|末|\d{{1,2}}日)?",
        rf"(?<!\d){_Y}[-/.]{_M}(?:[-/.]\d{{1,2}})?(?!\d)",
        rf"(?<!\d){_Y}(?P<last>0[1-9]|1[0-2])(?!\d)",
        rf"(?<!\d){_M}月(?:份|底|末|\d{{1,2}}日)?",
        r"(?P<chinese>十[一二]|[一二三四五六七八九十])月(?:份|底|末)?",
        rf"(?<![A-Za-z])(?P<from>{_NAME})\.?\s*(?:-|–|to)\s*(?P<name>{_NAME})(?![A-Za-z])\.?(?:[\s,'-]*{_Y})?",
        rf"(?:{_Y}[\s-]*)?(?<![A-Za-z])(?P<name>{_NAME})(?![A-Za-z])\.?(?:[\s,'-]*(?P<after>(?:19|20|21)\d{{2}}|\d{{2}}(?!\d)))?",
    )
)
_YEAR: Final = re.compile(rf"(?<!\d){_Y}(?:年度?|(?!\d))")
_TO_DATE: Final = re.compile(r"累计|截至|截止|至今|以来|月底|月末|cumulative|to[ _-]?date|ytd|until", re.IGNORECASE)
_THIS: Final = re.compile(r"本月|当月|本期|this month|current month", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """Time as a heading tells it. `year` and `last` (its last month) of None are the file's own; `count` months end there,
    None for all since January (or since the start, for what accumulates over its life).
    """

    year: int | None = None
    last: int | None = None
    count: int | None = None

    @property
    def alone(self) -> bool:
        """Whether it says what its months added, not what has come together so far. January alone is both."""
        return self.count is not None

    def end(self, period: date | None) -> date | None:
        """The last day of it, where the file's period fills in what it leaves open; None where nobody says."""
        year = self.year or (period.year if period else None)
        month = self.last or (period.month if period else None)
        return periods.last_day(year, month) if year and month else None


def plain(text: str) -> str:
    """Text in ordinary characters, without blanks between Chinese ones."""
    flat = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()
    return re.sub(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])", "", flat)


def _month(name: str) -> int:
    return _ENGLISH.index(name[:3].lower()) + 1


def _read(found: re.Match[str], words: str) -> Span:
    told = found.groupdict()
    year = int(told["year"]) if told.get("year") else None
    if half := told.get("half"):
        return Span(year, 6 if half == "上半年" else 9)
    if quarter := told.get("quarter"):
        last = 3 * (_DIGITS[quarter] if quarter in _DIGITS else int(quarter))
        return Span(year, last, None if last == 3 or _TO_DATE.search(words) else 3)
    first: int | None
    if name := told.get("name"):
        last, first = _month(name), _month(told["from"]) if told.get("from") else None
        if after := told.get("after"):
            year = int(after) if len(after) == 4 else 2000 + int(after)
    elif chinese := told.get("chinese"):
        last, first = _DIGITS[chinese], None
    else:
        last, first = int(told["last"]), int(told["first"]) if told.get("first") else None
    if first is not None and first <= last:
        return Span(year, last, None if first == 1 else last - first + 1)
    return Span(year, last, None if _TO_DATE.search(words) else 1)


def span(text: str) -> Span | None:
    """What a heading (its whole path) says of time; None when it says nothing of it.

    The deepest part that names a month decides; a year may stand above it.
    """
    words = plain(text)
    parts = [plain(part) for part in text.split(" / ")][::-1]
    year = next((int(found["year"]) for part in parts if (found := _YEAR.search(part))), None)
    for part in parts:
        for shape in _SHAPES:
            if found := shape.search(part):
                read = _read(found, words)
                return Span(read.year or year, read.last, read.count)
    if _THIS.search(words):
        return Span(year, None, 1)
    if year is not None or _TO_DATE.search(words):
        return Span(year)
    return None


def pattern(heading: str) -> str:
    """A heading with its months and years left open, so that next month's is the same: 1-8月 and 1-9月 are {to}, 8月 is {month}."""
    words = text = plain(heading)
    for shape in _SHAPES:
        text = shape.sub(lambda found: "{month}" if _read(found, words).alone else "{to}", text)
    return _YEAR.sub("{year}", text).replace(" ", "").lower()
