"""The thresholds that the lights obey, with a digest that is kept beside every result.

The figures are those of Yinchuan 2025 (preset A) where the field has published one; the others are
duban's own and marked so.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Thresholds. Points are percentage points of the year's plan; a threshold is exceeded only when passed."""

    behind: int = 10
    """Amber: more than so many points behind schedule. Source: Yinchuan 2025."""
    far_behind: int = 30
    """Red: more than so many points behind schedule; exactly 30 is still amber. Source: Yinchuan 2025."""
    start_overdue_months: int = 3
    """Red: the month in which it should have started lies so many months back. Source: Yinchuan 2025."""
    idle_months: int = 2
    """Amber: a continuing project with no new amount in so many months (未复工). The number is duban's own."""
    grace_days: int = 10
    """Days after a month's end within which its report is not yet missed. duban's own."""
    silent_months: int = 3
    """Red: so many months without a report. duban's own; fewer are grey, because silence is never green."""

    def digest(self) -> str:
        """SHA-256 over names and values: equal digests judge equally."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()
