"""Time passed against task done: whether both are past half (双过半), and how far the task runs ahead of the time or behind it.

Time is counted in half months of the year, as the published bulletins count (mid-August is 7.5/12; Yunfu 2017). It is the
plain line, whatever the plan's own curve asks for; the lights judge by the curve.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from duban.core import periods

WHOLE: Final = 10_000
"""All of the time, or all of the task, in hundredths of a per cent."""
VERDICTS: Final = ("both_past", "time_past", "task_past", "neither_past")
PACES: Final = ("task_ahead", "level", "time_ahead")


@dataclass(frozen=True, slots=True)
class Halves:
    """The year's time at the end of `on` and the year's task as it stood then, in one unit."""

    on: date
    done: int
    target: int

    @property
    def passed(self) -> int:
        """Half months that have passed, of `periods.HALVES`."""
        return periods.halves(self.on)

    @property
    def time(self) -> int:
        """Time passed, in hundredths of a per cent of the year."""
        return hundredths(Fraction(self.passed, periods.HALVES))

    @property
    def task(self) -> int:
        """Task done, in hundredths of a per cent of the year's plan."""
        return hundredths(Fraction(self.done, self.target))

    @property
    def gap(self) -> int:
        """Hundredths of a point by which the task is ahead of the time, negative when behind; rounded once, at the end."""
        return hundredths(self._gap)

    @property
    def verdict(self) -> str:
        """Which of the two are past half; exactly half is past it. 双过半 is `both_past`."""
        time, task = 2 * self.passed >= periods.HALVES, 2 * self.done >= self.target
        return VERDICTS[2 * (not time) + (not task)]

    @property
    def pace(self) -> str:
        """Which of the two is ahead, before any rounding."""
        return PACES[1 if not self._gap else 2 * (self._gap < 0)]

    @property
    def _gap(self) -> Fraction:
        return Fraction(self.done, self.target) - Fraction(self.passed, periods.HALVES)


def against(*, on: date, done: int | None, target: int | None) -> Halves | None:
    """The two set against each other; None where nothing is reported, or nothing is planned that could be half done."""
    return None if done is None or not target or target < 0 else Halves(on, done, target)


def compared(as_of: date, *, newer: bool) -> date:
    """The day whose time a task is held against: the last month's end, or `as_of` itself where something `newer` is reported.

    Nobody is measured against days for which no report was due.
    """
    return as_of if newer else periods.ended_month(as_of)


def hundredths(share: Fraction) -> int:
    """A share in hundredths of a per cent, rounded half away from zero as people round."""
    size = (abs(share) * WHOLE + Fraction(1, 2)).__floor__()
    return -size if share < 0 else size
