"""A line on its way into a submission: what its slot shall say, and what its sender knew when saying it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from duban.ledger.actions import Line as Line
from duban.ledger.actions import standing_entries


@dataclass(frozen=True, slots=True)
class Said:
    """A ledger line with what only intake knows of it.

    `seen` is the `seq` of the entry that the sender saw in the slot, 0 for a silent slot, None where nobody said. `original`
    marks a plan's first wording, which enters before its revision. `place` is where it stood (`{"sheet", "row", "column"}`),
    `typed` what stood there.
    """

    line: Line
    seen: int | None = None
    original: bool = False
    place: Mapping[str, Any] = field(default_factory=dict)
    typed: str = ""


def said(line: Line | Said) -> Said:
    """`line` itself, or a plain ledger line of which nothing more is known."""
    return line if isinstance(line, Said) else Said(line)


def news(lines: Sequence[Said]) -> list[Said]:
    """Those lines that say something else than their slots say already; a withdrawal always does.

    Where nobody said what they saw, what the slot says now counts as seen: what is accepted from now on is a conflict.
    """
    standing, silent = standing_entries(one.line.slot for one in lines), (0, None, None)
    found = [(one, standing.get(one.line.slot, silent)) for one in lines]
    new = [(one, now) for one, now in found if one.line.said == (None, None) or one.line.said != now[1:]]
    return [one if one.seen is not None else replace(one, seen=now[0]) for one, now in new]
