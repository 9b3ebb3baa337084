"""Changing a rulebook's text key by key, so that its comments and its order stay as somebody wrote them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any, Final

from duban.core.rulefile import key_as_written, lines_of, told, value_as_written

INHERITS: Final = ("", "inherits")
"""Where the preset's name stands: a key of no section."""
LONGEST: Final = 64
"""A value goes on over so many lines at the most."""
_HEADER = re.compile(r"[ \t]*\[")
_COMMENT = re.compile(r"[ \t]+#.*$")


def changed(text: str, section: str, key: str, value: Any) -> str:
    """The text with `key` of `section` saying `value`, or nothing at all (None: it is inherited).

    Where a text is laid out in a way that this cannot follow, its sections are written anew, without comments. Raises `ValueError` for
    a text that is no TOML.
    """
    wanted = _set(tomllib.loads(text), section, key, value)
    for candidate in _candidates(text, section, key, value):
        try:
            if _bare(tomllib.loads(candidate)) == wanted:
                return candidate
        except tomllib.TOMLDecodeError:
            continue
    tables = {name: part for name, part in wanted.items() if isinstance(part, dict)}
    return told(tables, wanted.get("inherits"))


def _bare(found: dict[str, Any]) -> dict[str, Any]:
    """What a file says, without sections that say nothing."""
    return {name: part for name, part in found.items() if part != {}}


def _set(found: dict[str, Any], section: str, key: str, value: Any) -> dict[str, Any]:
    there = found.get(section) if section else found
    kept = there if isinstance(there, dict) else {}
    kept = {name: said for name, said in kept.items() if name != key} | ({} if value is None else {key: value})
    return _bare({**found, section: kept} if section else kept)


def _candidates(text: str, section: str, key: str, value: Any) -> Iterator[str]:
    """Ways to write it, the gentlest first."""
    lines = text.split("\n")
    known = lines_of(text)
    at = known.get(f"{section}.{key}" if section else key)
    if at is None:
        if value is None:
            yield text
        else:
            yield from _added(lines, known.get(section), section, key, value)
        return
    name, equals, rest = lines[at - 1].partition("=")
    remark = _COMMENT.search(rest)
    for more in range(min(len(lines) - at + 1, LONGEST)):  # a list may go on over several lines
        after = lines[at + more :]
        if value is None:
            yield "\n".join(lines[: at - 1] + after)
        else:
            note = remark[0] if remark and not more else ""
            yield "\n".join([*lines[: at - 1], f"{name}{equals} {value_as_written(value)}{note}", *after])


def _added(lines: list[str], header: int | None, section: str, key: str, value: Any) -> Iterator[str]:
    """A new line: at the end of its section, in a section of its own, or above all sections."""
    new = f"{key_as_written(key)} = {value_as_written(value)}"
    heads = [number for number, line in enumerate(lines) if _HEADER.match(line)]
    if not section:
        first = next((number for number, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), len(lines))
        rest = lines[first:]
        yield "\n".join([*lines[:first], new, *([""] if rest and rest[0].strip() else []), *rest])
        yield "\n".join([new, *lines])
    elif header is not None:
        end = next((number for number in heads if number >= header), len(lines))
        while end > header and not lines[end - 1].strip():
            end -= 1
        yield "\n".join([*lines[:end], new, *lines[end:]])
    body = "\n".join(lines).rstrip("\n")
    yield (f"{body}\n\n" if body else "") + f"[{section}]\n{new}\n"
