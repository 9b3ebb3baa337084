"""Which completed years stood where an undertaking stands now, and what became of each of them.

A year of an undertaking is its course: the share of the year's planned growth that was done at each half month. Shares have no unit, so
that the courses of roads and of insurances can be compared. The courses that are alike are the reference class of a forecast.
Source: D. Kahneman and A. Tversky, "Intuitive prediction", 1979; B. Flyvbjerg, "From Nobel Prize to project management", 2006.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duban.core import periods

Whole = NDArray[np.int64]
Truth = NDArray[np.bool_]
Numbers = NDArray[np.float64]
Shares = NDArray[np.float32]

MOST: Final = 5.0
"""A course that ever stood above so many times its plan, or as far below nothing, is a slip of the unit and left out. duban's own."""
AHEAD: Final = 0.1
"""A course that was further ahead than this share of the plan lends its growth only in part, see `growth`. duban's own."""
TAIL: Final = 10
"""The widest tenth of a class says how far beyond its ends a year may still lie."""
_LEVEL: Final = 1e-9
"""Growth below this share of the plan is none."""


@dataclass(frozen=True, slots=True, eq=False)
class Completed:
    """Courses whose year's end is known, a row each, in an order that does not depend on what became of them.

    `path` is n × 25, the share done at the end of 0 to 24 half months. `lasting` measures count since the start; their shares are of
    what was to be added in the year.
    """

    programme: Whole
    lasting: Truth
    path: Numbers

    @property
    def sound(self) -> Completed:
        """Without those that cannot be right, see `MOST`."""
        right: Truth = np.abs(self.path).max(axis=1, initial=0.0) <= MOST
        return Completed(self.programme[right], self.lasting[right], self.path[right])

    def alike(self, programme: int, lasting: bool, *, least: int) -> tuple[Numbers, bool]:
        """The paths that speak for a programme, and whether they are its own: its own years, or where these are fewer than `least`
        those of all programmes whose amounts add up in the same way.
        """
        same = self.lasting == lasting
        own = same & (self.programme == programme)
        if np.count_nonzero(own) >= least:
            return self.path[own], True
        return self.path[same], False


def nearest(then: Numbers, now: Numbers, count: int) -> Whole:
    """For each share `now` the places of the `count` shares `then` nearest to it, all of them if there are fewer.

    Where more than `count` stand exactly there, they are taken evenly from among those.
    """
    order = np.argsort(then, kind="stable")
    ranked = then[order]
    count = min(count, then.size)
    low, high = np.searchsorted(ranked, now, side="left"), np.searchsorted(ranked, now, side="right")
    crowd = high - low
    window = np.searchsorted(ranked[: then.size - count] + ranked[count:], 2 * now)  # the first that its right neighbour does not beat
    start = np.where(crowd >= count, low, window)
    width = np.maximum(crowd, count)
    places: Whole = order[start[:, None] + np.arange(count) * width[:, None] // count]
    return places


def growth(then: Numbers, ended: Numbers, now: Numbers) -> Numbers:
    """What would still be added to `now`, as a share of the plan, if it went as with a course that stood at `then` and `ended` there.

    A course that fell short is followed by the part of its remaining plan that it did; so who did nothing more adds nothing, and who
    fulfilled the plan exactly fulfils it exactly. What a course did beyond its plan is added as it is. One that had
    already fulfilled its plan, or that fell, is followed by its difference. One that stood more than `AHEAD` above `now`
    was faster: its growth counts in proportion.
    """
    room = np.where(then < 1, 1 - then, 1.0)
    part = (np.minimum(ended, 1.0) - then) / room
    sought = part * np.maximum(1 - now, 0.0) + np.maximum(ended - 1, 0.0)
    plain = (then >= 1) | (ended < then)
    pace = np.minimum(1.0, (np.maximum(now, 0.0) + AHEAD) / np.maximum(then, AHEAD))
    return np.where(plain, ended - then, sought) * pace


def tails(ranked: Numbers) -> Numbers:
    """The growths of each row with one more at either end: as far out as the outermost tenth lies apart on average.

    Of n like years the next one lies beyond all of them with odds of 2 in n + 1; it then lies between the end and this.
    """
    reach = max(1, ranked.shape[1] // TAIL)
    low, high = ranked[:, :1], ranked[:, -1:]
    below = low - (ranked[:, reach : reach + 1] - low) / reach
    above = high + (high - ranked[:, -1 - reach : -reach]) / reach
    return np.hstack([np.maximum(below, np.minimum(low, 0.0)), ranked, above])


def ways(path: Numbers, half: int, months: range) -> Numbers:
    """How much of its remaining growth each course had done by the end of each month; straight where it had none, and never falling."""
    start, end = path[:, half : half + 1], path[:, -1:]
    left = end - start
    at = 2 * np.arange(months.start, months.stop)
    straight = np.clip((at - half) / max(periods.HALVES - half, 1), 0.0, 1.0)
    moving = np.abs(left) > _LEVEL
    way = np.where(moving, (path[:, at] - start) / np.where(moving, left, 1.0), straight)
    way[:, at <= half] = 0.0
    way[:, at == periods.HALVES] = 1.0
    return np.maximum.accumulate(np.clip(way, 0.0, 1.0), axis=1)
