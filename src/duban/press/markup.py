"""Articles are Markdown with tags; whatever has a digit in it comes from a tag.

`{{ figure "CODE" as_of="2021-06-30" unit="亿元" decimals=2 style="ordinal" }}`, `{{ undertaking "CODE" }}` and
`{{ photo 1 }}`. Tags are replaced by marks before Markdown is rendered and the marks by HTML after it was cleaned, so
that no text of an article can pass for a figure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import nh3
from markdown_it import MarkdownIt

from duban.core.refusals import Refusal

_TAG: Final = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_WORD: Final = re.compile(r'\s*(?:(\w+)\s*=\s*)?(?:"([^"]*)"|([\w.-]+))')
_ALLOWED: Final = {
    *("p", "h2", "h3", "h4", "strong", "em", "ul", "ol", "li", "blockquote", "a", "br", "hr"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_OPTIONS: Final = {"figure": {"as_of", "unit", "decimals", "style"}, "undertaking": set(), "photo": set()}
_MARK: Final = re.compile("\ue000(\\d+)\ue001")


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag of a text: its kind, the code (or number) that it names, and its options as written."""

    kind: str
    name: str
    options: dict[str, str] = field(default_factory=dict)

    @property
    def as_of(self) -> date | None:
        return date.fromisoformat(self.options["as_of"]) if "as_of" in self.options else None

    @property
    def decimals(self) -> int | None:
        return int(self.options["decimals"]) if "decimals" in self.options else None


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
    except ValueError:
        raise Refusal("tag-unreadable", tag=words) from None
    if kind == "photo" and not tag.name.isdecimal():
        raise Refusal("tag-unreadable", tag=words)
    return tag


def tags(source: str) -> Iterator[Tag]:
    """The tags of a text in order. Raises `Refusal` "tag-unreadable" with the tag."""
    for match in _TAG.finditer(source):
        yield _read(match[1])


def typed_numbers(source: str) -> list[str]:
    """Digits that a person typed outside tags and dates, with a little of their surroundings.

    Dates are 2021, 2021年, 8月, 31日, 2021年度 and their English twins ("August 2021", "31 August 2021").
    """
    months = "January|February|March|April|May|June|July|August|September|October|November|December"
    plain = _TAG.sub(" ", source)
    plain = re.sub(rf"(?:[0-90-9]{{1,2}}\s+)?(?:{months})(?:\s+[0-90-9]{{4}})?|(?:in|of|year|plan year)\s+(?:19|20)\d\d\b", " ", plain)
    plain = re.sub(r"[0-90-9]{4}\s*年(?:度)?|[0-90-9]{1,2}\s*月(?:份|底|末)?|[0-90-9]{1,2}\s*[日号]", " ", plain)
    return [plain[max(0, match.start() - 8) : match.end() + 8].strip() for match in re.finditer(r"\d+(?:[.,]\d+)*", plain)]


def render(source: str, show: Callable[[Tag], str]) -> str:
    """HTML of a text. `show` gives each tag's HTML, which must be safe; everything else is cleaned."""
    shown: list[str] = []

    def mark(match: re.Match[str]) -> str:
        shown.append(show(_read(match[1])))
        return f"\ue000{len(shown) - 1}\ue001"

    marked = _TAG.sub(mark, source.replace("\ue000", "").replace("\ue001", ""))
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(marked)
    clean = nh3.clean(html, tags=_ALLOWED, attributes={"a": {"href"}}, url_schemes={"http", "https"}, link_rel="noopener nofollow")
    alone = re.sub("<p>\\s*(\ue000\\d+\ue001)\\s*</p>", lambda m: _unwrapped(m, shown), clean)
    return _MARK.sub(lambda match: shown[int(match[1])], alone)


def _unwrapped(match: re.Match[str], shown: list[str]) -> str:
    """A photograph that stands alone is no paragraph."""
    inner = _MARK.match(match[1])
    return match[1] if inner and shown[int(inner[1])].startswith("<figure") else match[0]
