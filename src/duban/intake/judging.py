"""What the checks find in lines before they are sent, and what the programme's policy makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from duban.intake.lines import Said
from duban.intake.models import Submission


@dataclass(frozen=True, slots=True)
class Found:
    """One finding of a check: `index` is the line's place in what was judged, None for a finding about the whole."""

    code: str
    index: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    weight: str = "note"


def find(lines: Sequence[Said], *, on: date) -> list[Found]:
    """Everything that the checks find in `lines`, judged against what the ledger says now; `on` is today."""
    return []


def judge(submission: Submission, *, on: date) -> None:
    """Write the findings of a submission's lines anew; findings of whoever read its file, and explanations, are kept."""
