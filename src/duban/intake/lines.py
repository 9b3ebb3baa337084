"""A line on its way into a submission: what its slot shall say, and what its sender knew when saying it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from duban.ledger.actions import Line


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
