"""Forecasts made again for days that have passed, and held against what came.

At the end of each month of a completed year the forecast is made from what had been reported by then, and compared with the year's
end: how often its ranges held, and how far off it was beside two naive ones, the straight line (what is done, times twelve, by the
months passed) and the plan itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from duban.core.courses import Courses
from duban.core.forecast import LEVELS, Forecast, ForecastRules, UnderWay, forecast
from duban.core.likeness import Numbers, Truth, Whole
from duban.core.rulebook import Outlook

RANGES: Final = {50: (2, 4), 80: (1, 5), 95: (0, 6)}
"""The ranges in per cent, and the places of their ends in `LEVELS`."""
_LEVELS: Final = np.array(LEVELS)


@dataclass(frozen=True, slots=True)
class Score:
    """What `count` forecasts were worth.

    `held` is how often each range held, by its per cent. `loss` is how far off the forecast was, in points of the plan: twice the mean
    pinball loss over its quantiles, which of a single number is its distance from the truth; `line` and `plan` are the same of
    the naive ones. `verdicts` has for each verdict how often it was given and how often the plan was then reached.
    """

    count: int
    held: dict[int, float]
    loss: float
    line: float
    plan: float
    verdicts: dict[str, tuple[int, int]]

    @property
    def over_line(self) -> float | None:
        """How much of the straight line's error the forecast saves; below zero it adds to it. None where the line was never off."""
        return 1 - self.loss / self.line if self.line else None

    @property
    def over_plan(self) -> float | None:
        """The same against taking the plan for the year's end."""
        return 1 - self.loss / self.plan if self.plan else None


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Forecasts of one day beside what came, a row each; amounts in ten-thousandths. `programme` is the programme of each."""

    month: int
    programme: Whole
    amounts: Whole
    odds: Numbers
    truth: Whole
    line: Numbers
    target: Whole
    growth: Numbers

    @property
    def held(self) -> dict[int, Truth]:
        """Where each range held: its ends belong to it."""
        ends = {share: (self.amounts[:, low], self.amounts[:, high]) for share, (low, high) in RANGES.items()}
        return {share: (low <= self.truth) & (self.truth <= high) for share, (low, high) in ends.items()}

    @property
    def loss(self) -> Numbers:
        over = self.truth[:, None] - self.amounts
        pinball = np.where(over >= 0, _LEVELS * over, (_LEVELS - 1) * over).mean(axis=1)
        loss: Numbers = 200 * pinball / self.growth
        return loss

    def off(self, naive: Numbers | Whole) -> Numbers:
        """How far a single number was off, in points of the plan."""
        off: Numbers = 100 * np.abs(self.truth - naive) / self.growth
        return off


@dataclass(frozen=True, slots=True)
class Backtest:
    """What replaying found: forecasts of undertakings by the month they were made at, and those of programmes.

    `untold` counts undertakings, once for each day, for which there was too little history.
    """

    undertakings: list[Compared]
    programmes: list[Compared]
    untold: int


def replay(days: Iterable[date], read: Callable[[date], Courses], came: Courses, *, rules: ForecastRules, programme: int = 0) -> Backtest:
    """Make the forecast of each of `days` from what `read` says was known of it, and hold it against `came`.

    Only undertakings whose year's end is known are asked about; with `programme` only those of one.
    """
    each, sums, untold = [], [], 0
    for day in days:
        known, ends = read(day), came.ends(day.year)
        asked, _ = known.under_way(day)
        asked = asked.rows(np.isin(asked.undertaking, list(ends)) & ((asked.programme == programme) | (programme == 0)))
        told, whole = forecast(asked, known.completed(before=day.year), as_of=day, head=0, rules=rules)
        untold += int(np.count_nonzero(~told.known))
        ordered = asked.rows(np.argsort(asked.undertaking))
        truth = np.array([ends[key] for key in ordered.undertaking.tolist()], dtype=np.int64)
        if told.known.any():
            each.append(_compared(day, told, ordered, truth))
            sums.append(_compared(day, whole, *_summed(ordered, truth)))
    return Backtest(each, sums, untold)


def _summed(asked: UnderWay, truth: Whole) -> tuple[UnderWay, Whole]:
    """The undertakings and what became of them, added up by programme."""
    programmes, row = np.unique(asked.programme, return_inverse=True)

    def total(amounts: Whole) -> Whole:
        sums = np.zeros(programmes.size, dtype=np.int64)
        np.add.at(sums, row, amounts)
        return sums

    none = np.zeros(programmes.size, dtype=np.int64)
    whole = UnderWay(programmes, programmes, none != 0, total(asked.base), total(asked.done), total(asked.target), none)
    return whole, total(truth)


def _compared(day: date, told: Forecast, asked: UnderWay, truth: Whole) -> Compared:
    known, growth = told.known, asked.growth
    line = asked.base + (asked.done - asked.base) * (12 / day.month)
    return Compared(
        day.month,
        asked.programme[known],
        told.amounts[known],
        told.odds[known],
        truth[known],
        line[known],
        asked.target[known],
        growth[known],
    )


def score(compared: Iterable[Compared], outlooks: Mapping[int, Outlook] | None = None) -> Score | None:
    """What these forecasts were worth together; None of none. `outlooks` word the odds of each programme, the published ones of others."""
    parts = [part for part in compared if part.truth.size]
    if not parts:
        return None
    held = {share: float(np.concatenate([part.held[share] for part in parts]).mean()) for share in RANGES}
    told = [(programme, odds) for part in parts for programme, odds in zip(part.programme.tolist(), part.odds.tolist(), strict=True)]
    reached = np.concatenate([part.truth >= part.target for part in parts])
    worded, published = outlooks or {}, Outlook()
    given = np.array([worded.get(programme, published).verdict(odds) for programme, odds in told])
    return Score(
        count=len(told),
        held=held,
        loss=float(np.concatenate([part.loss for part in parts]).mean()),
        line=float(np.concatenate([part.off(part.line) for part in parts]).mean()),
        plan=float(np.concatenate([part.off(part.target) for part in parts]).mean()),
        verdicts={
            verdict: (int(np.count_nonzero(given == verdict)), int(np.count_nonzero(reached[given == verdict])))
            for verdict in ("likely", "doubtful", "out_of_reach")
        },
    )
