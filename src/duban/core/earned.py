"""Earned schedule: where work stands on its plan's own clock, and when that clock will have run out.

Earned value asks how much was done of what the plan wanted by now; earned schedule asks when the plan wanted what is done now. Times
count from the plan's start in any one unit (half months in duban, see `periods.half_index`; weeks in the example that it is held
to), amounts are cumulative in any one unit. Source: W. Lipke, "Schedule is Different", The Measurable News, 2003.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duban.core.refusals import Refusal

Numbers = NDArray[np.float64]
START: Final = 0.0
"""The time at which a plan begins, with nothing planned and nothing done."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What is to be done by when: from nothing at `START`, straight from point to point, and level after the last one.

    Raises `Refusal` "earned-lengths-differ", "earned-not-a-number", "earned-no-plan" where it never asks for anything, "earned-order"
    for times that do not rise from `START`, "earned-negative" and "earned-plan-falls".
    """

    times: Numbers
    amounts: Numbers

    @classmethod
    def of(cls, times: Sequence[float] | Numbers, amounts: Sequence[float] | Numbers) -> Plan:
        """The plan through these points."""
        at, planned = _paired(times, amounts)
        if not planned.size or not planned.max(initial=0.0) > 0:
            raise Refusal("earned-no-plan")
        _refuse_disorder(at)
        _refuse_negative(at, planned)
        falls = np.flatnonzero(np.diff(planned) < 0)
        if falls.size:
            raise Refusal("earned-plan-falls", at=float(at[falls[0] + 1]))
        return cls(np.concatenate(([START], at)), np.concatenate(([0.0], planned)))

    @property
    def budget(self) -> float:
        """All that is planned."""
        return float(self.amounts[-1])

    @property
    def duration(self) -> float:
        """The time at which all of it should be done: the first one, where the plan goes on level."""
        return float(self.times[np.searchsorted(self.amounts, self.budget, side="left")])

    def value(self, at: Sequence[float] | Numbers) -> Numbers:
        """What the plan wants by each of these times."""
        return np.interp(np.asarray(at, dtype=np.float64), self.times, self.amounts)


@dataclass(frozen=True, slots=True, eq=False)
class Earned:
    """How work stood at each time `at` which it was reported.

    `schedule` (ES) is when the plan wanted what was done, `variance` (SV(t)) how far that lies ahead of the time passed, behind where
    it is negative, and `pace` (SPI(t)) how much of the plan's time was earned in each unit of time. `end` foretells when everything
    will be done if the rest goes as planned, `end_at_pace` if it goes on at the pace so far: infinite where nothing was earned.
    """

    at: Numbers
    schedule: Numbers
    variance: Numbers
    pace: Numbers
    end: Numbers
    end_at_pace: Numbers


def earned(plan: Plan, at: Sequence[float] | Numbers, done: Sequence[float] | Numbers) -> Earned:
    """What was done by each time, set against the plan.

    Raises `Refusal` "earned-lengths-differ", "earned-not-a-number", "earned-order", "earned-negative", and "earned-before-start" for
    work reported at `START` or before it.
    """
    times, amounts = _paired(at, done)
    if times.size and times.min() <= START:
        raise Refusal("earned-before-start", at=float(times.min()))
    _refuse_disorder(times)
    _refuse_negative(times, amounts)
    schedule = _schedule(plan, times, amounts)
    pace = schedule / times
    with np.errstate(divide="ignore"):
        end_at_pace = times + (plan.duration - schedule) / pace
    return Earned(times, schedule, schedule - times, pace, plan.duration + times - schedule, end_at_pace)


def _schedule(plan: Plan, at: Numbers, done: Numbers) -> Numbers:
    """When the plan wanted what is done, straight between its points.

    Where the plan is level, whoever has done what it asks stands anywhere on the level stretch: at the time passed, as far as the
    stretch goes. All done is done at the plan's duration, and more than all is no more.
    """
    first = np.searchsorted(plan.amounts, done, side="left").clip(max=plan.amounts.size - 1)
    last = np.searchsorted(plan.amounts, done, side="right") - 1
    level = np.clip(at, plan.times[first], plan.times[np.maximum(first, last)])
    below = np.maximum(first - 1, 0)
    rise = plan.amounts[first] - plan.amounts[below]
    part = (done - plan.amounts[below]) / np.where(rise > 0, rise, 1.0)
    between = plan.times[below] + part * (plan.times[first] - plan.times[below])
    met = plan.amounts[first] == done
    return np.where(done >= plan.budget, plan.duration, np.where(met, level, between))


def _paired(times: Sequence[float] | Numbers, amounts: Sequence[float] | Numbers) -> tuple[Numbers, Numbers]:
    at, told = np.asarray(times, dtype=np.float64), np.asarray(amounts, dtype=np.float64)
    if at.shape != told.shape:
        raise Refusal("earned-lengths-differ", times=at.size, amounts=told.size)
    endless = np.flatnonzero(~np.isfinite(at) | ~np.isfinite(told))
    if endless.size:
        raise Refusal("earned-not-a-number", place=int(endless[0]) + 1)
    return at, told


def _refuse_disorder(at: Numbers) -> None:
    disorder = np.flatnonzero(np.diff(at, prepend=START) <= 0)
    if disorder.size:
        raise Refusal("earned-order", at=float(at[disorder[0]]))


def _refuse_negative(at: Numbers, amounts: Numbers) -> None:
    below = np.flatnonzero(amounts < 0)
    if below.size:
        raise Refusal("earned-negative", at=float(at[below[0]]), amount=float(amounts[below[0]]))
