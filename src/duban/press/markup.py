"""Articles are Markdown with tags; whatever has a digit in it comes from a tag.

`{{ figure "CODE" as_of="2021-06-30" unit="亿元" decimals=2 style="ordinal" }}`, `{{ undertaking "CODE" }}` and
`{{ photo 1 }}`. Tags are replaced by marks before Markdown is rendered and the marks by HTML after it was cleaned, so
that no text of an article can pass for a figure; each rendering has marks of its own.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import nh3
from markdown_it import MarkdownIt

from duban.core import periods
from duban.core.refusals import Refusal

_TAG: Final = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_WORD: Final = re.compile(r'\s*(?:(\w+)\s*=\s*)?(?:"([^"]*)"|([\w.-]+))')
_ALLOWED: Final = {
    *("p", "h2", "h3", "h4", "strong", "em", "ul", "ol", "li", "blockquote", "a", "br", "hr"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_OPTIONS: Final = {"figure": {"as_of", "unit", "decimals", "style"}, "undertaking": set(), "photo": set()}
DECIMALS: Final = tuple("012345678")
"""How many decimals a tag may ask for."""


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag of a text: its kind, the code (or number) that it names, and its options as written."""

    kind: str
    name: str
    options: dict[str, str] = field(default_factory=dict)

    @property
    def as_of(self) -> date | None:
        return periods.read_day(self.options["as_of"]) if "as_of" in self.options else None

    @property
    def decimals(self) -> int | None:
        return DECIMALS.index(self.options["decimals"]) if "decimals" in self.options else None


def _read(inside: str) -> Tag:
    words = inside.strip()
    kind, _, rest = words.partition(" ")
    place, names, options = 0, [], {}
    rest = rest.strip()
    while place < len(rest):
        match = _WORD.match(rest, place)
        if not match:
            raise Refusal("tag-unreadable", tag=words)
        value = match[2] if match[2] is not None else match[3]
        if match[1]:
            options[match[1]] = value
        else:
            names.append(value)
        place = match.end()
    if kind not in _OPTIONS or len(names) != 1 or not set(options) <= _OPTIONS[kind]:
        raise Refusal("tag-unreadable", tag=words)
    tag = Tag(kind, names[0], options)
    try:
        _ = tag.as_of, tag.decimals
    except (ValueError, Refusal):
        raise Refusal("tag-unreadable", tag=words) from None
    if kind == "photo" and not tag.name.isdecimal():
        raise Refusal("tag-unreadable", tag=words)
    return tag


def tags(source: str) -> Iterator[Tag]:
    """The tags of a text in order. Raises `Refusal` "tag-unreadable" with the tag."""
    for match in _TAG.finditer(source):
        yield _read(match[1])


def _dates() -> re.Pattern[str]:
    """What is a date and no number: 2021年, 8月底, 1至8月, 8月5号, 31日, "31 August 2021", "in 2021", "the end of 2021"."""
    year, month, day = r"(?:19|20)\d\d", r"(?:0?[1-9]|1[0-2])", r"(?:0?[1-9]|[12]\d|3[01])"
    months = "January|February|March|April|May|June|July|August|September|October|November|December"
    before = r"[Ii]n|[Ss]ince|[Bb]y|[Uu]ntil|[Ff]rom|[Yy]ear|(?:half|quarter|end|middle|beginning|start) of"
    chinese = (
        rf"{year}\s*年度?",
        rf"{month}\s*月\s*{day}\s*[日号]",
        rf"(?:{month}\s*月?\s*[-~—–至到]+\s*)?{month}\s*月(?!饼)[份底末初]?",
        rf"{day}\s*日",
    )
    english = (rf"(?:{day}\s+)?\b(?:{months})\b(?:\s+{year}\b)?", rf"\b(?:{before})\s+{year}\b")
    return re.compile("|".join(rf"(?<!\d){form}" for form in (*chinese, *english)))


_DATES: Final = _dates()
_FULL_WIDTH: Final = {0xFF10 + digit: str(digit) for digit in range(10)}


def typed_numbers(source: str) -> list[str]:
    """Digits that a person typed outside tags and dates, with a little of their surroundings; of whatever script."""
    plain = _DATES.sub(" ", _TAG.sub(" ", source).translate(_FULL_WIDTH))
    return [plain[max(0, match.start() - 8) : match.end() + 8].strip() for match in re.finditer(r"\d+(?:[.,]\d+)*", plain)]


def render(source: str, show: Callable[[Tag], str]) -> str:
    """HTML of a text. `show` gives each tag's HTML, which must be safe; everything else is cleaned."""
    shown: list[str] = []
    secret = secrets.token_hex(8)
    marked_place = re.compile(f"\ue000{secret}x(\\d+)\ue001")

    def mark(match: re.Match[str]) -> str:
        shown.append(show(_read(match[1])))
        return f"\ue000{secret}x{len(shown) - 1}\ue001"

    def unwrapped(match: re.Match[str]) -> str:
        """A photograph that stands alone is no paragraph."""
        return match[1] if shown[int(match[2])].startswith("<figure") else match[0]

    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(_TAG.sub(mark, source))
    clean = nh3.clean(html, tags=_ALLOWED, attributes={"a": {"href"}}, url_schemes={"http", "https"}, link_rel="noopener nofollow")
    alone = re.sub(f"<p>\\s*({marked_place.pattern})\\s*</p>", unwrapped, clean)
    return marked_place.sub(lambda match: shown[int(match[1])], alone)
