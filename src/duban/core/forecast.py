"""How a year will end: a range and odds, drawn from how the years of similar undertakings ended.

Nothing here extrapolates. For each undertaking the completed years that stood nearest to where it stands now are found (see
`likeness`), and each draw lets it go on as one of them did. Undertakings of a programme share a part of each draw's luck, because a
bad year is bad for all; a programme's odds come from the sums of its undertakings' draws. Too little history gives a reason, and no
number. The same input gives the same bytes: the draws of an undertaking hang on its programme, the day, the head and itself alone, so
that it has the same forecast in a list, on its own page and in its programme's sum.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duban.core import likeness, periods
from duban.core.likeness import Completed, Numbers, Shares, Truth, Whole

LEVELS: Final = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
"""The quantiles that a forecast tells: the middle, and the ends of the ranges of 50, 80 and 95 per cent."""
LATER: Final = 13
"""The month of a finish that does not come within the year."""
TOO_LITTLE: Final = "too_little_history"
ROWS: Final = 128
"""Undertakings drawn at once, so that memory stays small and near."""
_CLOSE: Final = 1e-6
"""A plan is reached when no more than this share of it is missing: draws are kept in single precision."""


@dataclass(frozen=True, slots=True)
class ForecastRules:
    """How a forecast is made. All of it is duban's own; how its odds are worded is the rulebook's, see `rulebook.Outlook`."""

    courses: int = 20
    """Completed years that a class needs: of fewer, even the widest one says nothing about the outer tenth."""
    nearest: int = 60
    """Completed years looked at for one undertaking: the nearest quarter of its class, but at least `courses` and at most so many."""
    shared: int = 30
    """The odds in per cent that an undertaking has the common luck of its programme in a draw, and not its own."""
    draws: int = 2000
    """How often each year's end is drawn."""


@dataclass(frozen=True, slots=True, eq=False)
class UnderWay:
    """Undertakings in the middle of a year, a row each; amounts in whole ten-thousandths.

    `base` is what stood when the year began (zero where amounts begin anew in January), `done` what stands now, `target` what the plan
    wants by the year's end, above `base`. `half` is how many half months of the year had passed at the last report, 0 where the
    year has none yet.
    """

    undertaking: Whole
    programme: Whole
    lasting: Truth
    base: Whole
    done: Whole
    target: Whole
    half: Whole

    def __len__(self) -> int:
        return int(self.undertaking.size)

    @property
    def growth(self) -> Numbers:
        """What the plan wants to be added in the year."""
        return (self.target - self.base).astype(np.float64)

    @property
    def share(self) -> Numbers:
        """How much of that is done."""
        return (self.done - self.base) / self.growth

    def rows(self, wanted: Truth | Whole) -> UnderWay:
        """The undertakings at these places."""
        return UnderWay(
            self.undertaking[wanted], self.programme[wanted], self.lasting[wanted], self.base[wanted],
            self.done[wanted], self.target[wanted], self.half[wanted],
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """How the year ends for each `key` (an undertaking or a programme), a row each.

    `amounts` are the quantiles of `LEVELS` at the year's end, in whole ten-thousandths. `finish` are the same quantiles of the month
    by whose end the plan is reached, `LATER` where not within the year. `fan` has the quantiles of every month from the last one
    that ended (`months`); without rows where nobody asked for it. `courses` is the size of the reference class and `own` whether
    it is the programme's own. Where `known` is false there is too little history, and the row's numbers mean nothing.
    `counted` is the number of undertakings in a sum.
    """

    key: Whole
    known: Truth
    done: Whole
    target: Whole
    amounts: Whole
    odds: Numbers
    finish: Whole
    months: range
    fan: Whole
    courses: Whole
    own: Truth
    counted: Whole

    @classmethod
    def blank(cls, size: int, months: range, *, fan: bool) -> Forecast:
        """A forecast that knows nothing yet."""

        def none(*shape: int) -> Whole:
            return np.zeros((size, *shape), dtype=np.int64)

        levels = len(LEVELS)
        return cls(
            key=none(), known=np.zeros(size, dtype=bool), done=none(), target=none(), amounts=none(levels), odds=np.zeros(size),
            finish=none(levels), months=months, fan=none(len(months), levels) if fan else np.zeros((0, 0, 0), dtype=np.int64),
            courses=none(), own=np.zeros(size, dtype=bool), counted=none(),
        )  # fmt: skip


def forecast(
    under_way: UnderWay, completed: Completed, *, as_of: date, head: int, rules: ForecastRules, fans: bool = False
) -> tuple[Forecast, Forecast]:
    """How the year of `as_of` ends for each undertaking and for each programme, the sum of those given of it.

    Both come in ascending order of their key. A programme's reference class serves all of its undertakings.
    """
    under_way = under_way.rows(np.lexsort((under_way.undertaking, under_way.programme)))
    months = range(as_of.month if as_of == periods.month_end(as_of) else as_of.month - 1, 13)
    programmes, starts = np.unique(under_way.programme, return_index=True)
    each = Forecast.blank(len(under_way), months, fan=fans)
    sums = Forecast.blank(programmes.size, months, fan=True)
    each.key[:], each.done[:], each.target[:], each.counted[:] = under_way.undertaking, under_way.done, under_way.target, 1
    sound = completed.sound
    for place, (programme, start) in enumerate(zip(programmes.tolist(), starts.tolist(), strict=True)):
        stop = starts[place + 1] if place + 1 < starts.size else len(under_way)
        rows = slice(start, stop)
        path, own = sound.alike(programme, bool(under_way.lasting[start]), least=rules.courses)
        for told, at in ((each, rows), (sums, slice(place, place + 1))):
            told.courses[at], told.own[at], told.known[at] = len(path), own, len(path) >= rules.courses
        sums.key[place], sums.counted[place] = programme, stop - start
        sums.done[place], sums.target[place] = under_way.done[rows].sum(), under_way.target[rows].sum()
        if sums.known[place]:
            draws = _Draws(path, months, _seed(programme, as_of, head), rules)
            totals = draws.through(under_way, np.arange(start, stop), each)
            _sum_up(sums, place, totals, _CLOSE * under_way.growth[rows].sum())
    return _sorted(each), sums


def _sorted(told: Forecast) -> Forecast:
    order = np.argsort(told.key)
    fan = told.fan[order] if told.fan.size else told.fan
    return Forecast(
        told.key[order], told.known[order], told.done[order], told.target[order], told.amounts[order], told.odds[order],
        told.finish[order], told.months, fan, told.courses[order], told.own[order], told.counted[order],
    )  # fmt: skip


def _seed(programme: int, as_of: date, head: int) -> NDArray[np.uint64]:
    """The key of a programme's draws on a day at a head."""
    named = hashlib.sha256(f"{programme} {as_of.isoformat()} {head}".encode()).digest()
    return np.frombuffer(named[:16], dtype="<u8").astype(np.uint64)


def _at_levels(ranked: NDArray[np.floating]) -> Numbers:
    """The quantiles of `LEVELS` of rows in ascending order, straight between two draws."""
    place = np.array(LEVELS) * (ranked.shape[-1] - 1)
    low = np.floor(place).astype(np.int64)
    below, above = ranked[..., low].astype(np.float64), ranked[..., np.ceil(place).astype(np.int64)].astype(np.float64)
    told: Numbers = below + (above - below) * (place - low)
    return told


def _finish(reached: Numbers, months: range) -> Whole:
    """The month by which the plan is reached at each level, from the odds of having reached it by each month's end."""
    risen = np.maximum.accumulate(reached, axis=-1)
    late = (risen[..., :, None] < np.array(LEVELS)).sum(axis=-2)
    return np.where(late == len(months), LATER, months.start + late).astype(np.int64)


def _whole(done: Whole, added: Numbers, target: Whole, close: Numbers) -> Whole:
    """Amounts in whole ten-thousandths; what comes as close to the plan as a draw can tell is the plan."""
    told = done + np.rint(added).astype(np.int64)
    return np.where(np.abs(told - target) <= close, target, told)


def _sum_up(sums: Forecast, place: int, totals: Numbers, close: Numbers) -> None:
    """A programme's row, from what its undertakings add together in each draw by the end of each month (months × draws)."""
    done, target = sums.done[place], sums.target[place]
    reached = (totals >= float(target - done) - close).mean(axis=1)
    sums.fan[place] = _whole(done, _at_levels(np.sort(totals, axis=1)), target, close)
    sums.amounts[place] = sums.fan[place, -1]
    sums.odds[place] = reached[-1]
    sums.finish[place] = _finish(reached, sums.months)


class _Draws:
    """The draws of one programme: `path` are the courses of its reference class."""

    def __init__(self, path: Numbers, months: range, key: NDArray[np.uint64], rules: ForecastRules) -> None:
        self.path, self.months, self.rules = path, months, rules
        self.nearest = max(rules.courses, min(rules.nearest, len(path) // 4))
        self._bits = np.random.Philox(key=key)
        self._fresh, self._numbers = self._bits.state, np.random.Generator(self._bits)
        self.luck = self._luck(np.zeros(1, dtype=np.int64))

    def _luck(self, of: Whole) -> Shares:
        """The luck of undertakings in each draw, from 0 to 1: the same whoever else is drawn. That of 0 is the programme's."""
        luck = np.empty((of.size, self.rules.draws), dtype=np.float32)
        for row, undertaking in zip(luck, of.tolist(), strict=True):
            self._fresh["state"]["counter"] = np.array([0, 0, 0, undertaking], dtype=np.uint64)
            self._bits.state = self._fresh
            self._numbers.random(out=row, dtype=np.float32)
        return luck

    def through(self, under_way: UnderWay, rows: Whole, told: Forecast) -> Numbers:
        """Write what is foretold of `rows` into `told`, and return what they add together: months × draws, in ten-thousandths."""
        totals = np.zeros((len(self.months), self.rules.draws))
        for half, chosen in self._chunks(under_way.half, rows):
            some = under_way.rows(chosen)
            growths, alike = self._ways_on(some, half)
            self._draw(some, chosen, growths, likeness.ways(self.path, half, self.months)[alike], told, totals)
        return totals

    @staticmethod
    def _chunks(half: Whole, rows: Whole) -> Iterator[tuple[int, Whole]]:
        """At most `ROWS` undertakings whose last reports are of the same half month, in turn."""
        for same in np.unique(half[rows]).tolist():
            found = rows[half[rows] == same]
            yield from ((same, found[start : start + ROWS]) for start in range(0, found.size, ROWS))

    def _ways_on(self, some: UnderWay, half: int) -> tuple[Numbers, Whole]:
        """For each undertaking what the courses like it would add, ascending and with tails, and which course each of these is."""
        share = np.clip(some.share, -likeness.MOST, likeness.MOST)
        then, ended = self.path[:, half], self.path[:, -1]
        alike = likeness.nearest(then, share, self.nearest)
        added = likeness.growth(then[alike], ended[alike], share[:, None])
        order = np.argsort(added, axis=1, kind="stable")
        alike, added = np.take_along_axis(alike, order, axis=1), np.take_along_axis(added, order, axis=1)
        return likeness.tails(added), np.hstack([alike, alike[:, -1:]])

    def _draw(self, some: UnderWay, chosen: Whole, growths: Numbers, ways: Numbers, told: Forecast, totals: Numbers) -> None:
        """Let each undertaking go on in every draw as one of the courses like it, and note where that leads by each month's end."""
        added, passed = self._added(some, growths)
        way = np.ascontiguousarray(np.moveaxis(ways, -1, 0), dtype=np.float32)
        missing = ((some.target - some.done) / some.growth - _CLOSE).astype(np.float32)[:, None]
        reached, by_then = np.empty((len(some), len(self.months))), np.empty_like(added)
        for column, part in enumerate(way):
            np.take(part, passed, out=by_then, mode="clip")
            by_then *= added
            np.mean(by_then >= missing, axis=1, out=reached[:, column])
            totals[column] += np.einsum("i,ij->j", some.growth, by_then)
            if told.fan.size:
                told.fan[chosen, column] = self._amounts(some, by_then)
        told.amounts[chosen] = self._amounts(some, added)
        told.odds[chosen] = reached[:, -1]
        told.finish[chosen] = _finish(reached, self.months)

    def _added(self, some: UnderWay, growths: Numbers) -> tuple[Shares, NDArray[np.intp]]:
        """What each draw adds, as a share of the plan, and the segment of the growths that its luck fell in, of a flattened table.

        A row of n growths has n - 1 segments, each as likely as the others.
        """
        row, segments = np.arange(len(some))[:, None], growths.shape[1] - 1
        place = self._shared(self._luck(some.undertaking))
        place *= segments
        passed = place.astype(np.intp)
        np.minimum(passed, segments - 1, out=passed)
        place -= passed.astype(np.float32)
        passed += row * segments
        rise = np.diff(growths).astype(np.float32)
        place *= rise.take(passed)
        place += growths[:, :-1].astype(np.float32).take(passed)
        return place, passed

    def _shared(self, own: Shares) -> Shares:
        """The luck of undertakings of which each has, with the odds of `shared`, the programme's luck instead of its own."""
        common = np.float32(min(self.rules.shared, 99) / 100)
        unshared = own >= common
        own -= common
        own /= 1 - common
        return np.where(unshared, own, self.luck)

    @staticmethod
    def _amounts(some: UnderWay, added: Shares) -> Whole:
        told = _at_levels(np.sort(added, axis=1)) * some.growth[:, None]
        return _whole(some.done[:, None], told, some.target[:, None], _CLOSE * some.growth[:, None])
