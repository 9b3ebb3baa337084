"""The numbers that the checks go by. A programme may set each of them otherwise, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from duban.core.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Whole numbers; no published rule gives any, so all are duban's own."""

    run_reports: int = 4
    """So many equal reports in a row are a long run."""
    far_above_percent: int = 120
    """More than so many per cent of the plan is far above it; exactly so many is not."""
    spike_percent: int = 10
    """A rise of at least so many per cent of what was told before (points, for progress) may be a spike."""
    spike_back_percent: int = 50
    """The fall after it takes back at least so many per cent of the rise."""
    jump_times: int = 3
    """The last month of a quarter jumps when it brings more than so many times as much as any month looked at before it."""
    jump_reports: int = 3
    """So many new amounts must have been told before it."""
    jump_months: int = 12
    """So many months before it are looked at."""
    jump_percent: int = 10
    """And what it brings is at least so many per cent of all that is now told."""
    unit_window: int = 20
    """Ten thousand times too little or too much, give or take this factor."""
    unit_plan_percent: int = 5
    """Where only a plan was told before: ten thousand times the amount is at least so many per cent of it, and not far above it."""
    parts_permille: int = 1
    """A total may differ from its parts by so many thousandths, for rounding."""
    look_bits: int = 6
    """Two photographs look alike when at most so many of the 64 bits of their looks differ."""
    entered_reports: int = 2
    """Who reports for the first time has entered the list when others of it have reported at least so many periods before."""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Thresholds:
        """The defaults with `given` in their place. Raises `Refusal` "threshold-unknown" or "threshold-unfit"."""
        known = {field.name for field in fields(cls)}
        for name, value in given.items():
            if name not in known:
                raise Refusal("threshold-unknown", name=name)
            least, most = bounds(name)
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                raise Refusal("threshold-unfit", name=name, value=str(value), least=least, most=most)
        return cls(**given)


USUAL: Final = (1, 1000)
"""Between these a threshold lies; a product of the largest amount with it still is a whole number of 64 bits."""
RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "run_reports": (2, 60),
    "far_above_percent": (100, 1000),
    "spike_back_percent": (1, 100),
    "jump_months": (2, 24),
    "jump_percent": (0, 100),
    "unit_window": (1, 90),
    "unit_plan_percent": (1, 100),
    "parts_permille": (0, 1000),
    "look_bits": (0, 16),
    "entered_reports": (1, 60),
}
"""Where a threshold has narrower bounds."""


def bounds(name: str) -> tuple[int, int]:
    """The least and the most that a threshold may be."""
    return RANGES.get(name, USUAL)
