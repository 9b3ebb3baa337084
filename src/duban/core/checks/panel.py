"""What was told of many series, month by month, as arrays; and where in it a check's finding belongs."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from duban.core import fixed, periods

Whole = NDArray[np.int64]
Truth = NDArray[np.bool_]
Facts = dict[str, Any]

LIFE: Final = 0
YEAR: Final = 1
LEVEL: Final = 2
"""How the amounts of a series add up: since the start, since January, or not at all."""
NEVER: Final = -1
"""No column."""


@dataclass(frozen=True, eq=False)
class Panel:
    """n series (an undertaking's measure) by t periods, the earliest first; amounts in whole ten-thousandths.

    `told` says where an amount stands: silence is not zero. The amounts are what would stand once what is being submitted were
    accepted; `fresh` marks the cells that are (a fresh cell that is not told withdraws). `target` is what the plan asks for by
    the year's end, or in the end where a series adds up since the start. `complete` says that the undertaking was finished by
    then. `percent` series hold a percentage; `progress` ones are how far something has come, and only ever rise; `money` is
    counted in yuan or a multiple of it. `cadence` is the number of months from one report to the next.
    """

    periods: Whole
    amount: Whole
    told: Truth
    fresh: Truth
    accumulates: Whole
    percent: Truth
    progress: Truth
    money: Truth
    target: Whole
    target_told: Truth
    complete: Truth
    cadence: Whole

    def rows(self, wanted: Truth | slice) -> Panel:
        """The series at which `wanted` is true, or those of a slice."""
        chosen: dict[str, Any] = {field.name: getattr(self, field.name)[wanted] for field in fields(self) if field.name != "periods"}
        return Panel(periods=self.periods, **chosen)

    @cached_property
    def year(self) -> Whole:
        """The year of each period."""
        return self.periods // 10_000

    @cached_property
    def month(self) -> Whole:
        """The month of each period, counted from the year 0."""
        return self.year * 12 + self.periods // 100 % 100 - 1

    @cached_property
    def columns(self) -> Whole:
        """0, 1, 2 … for every series."""
        return np.broadcast_to(np.arange(len(self.periods), dtype=np.int64), self.amount.shape)

    @cached_property
    def last_told(self) -> Whole:
        """The column in which the series spoke last before each cell, `NEVER` where it had not."""
        return before(self.told)

    @cached_property
    def last(self) -> Whole:
        """The same, except that what adds up since January knows nothing of the year before."""
        other_year = (self.accumulates == YEAR)[:, None] & (self.year[self.last_told] != self.year)
        return np.where(other_year, NEVER, self.last_told)

    @cached_property
    def before(self) -> Whole:
        """What was told in the column `last`; 0 where nothing was."""
        return self.at(self.last)

    @cached_property
    def pair(self) -> Truth:
        """Where something is told and something was told before that it can be held against."""
        pair: Truth = self.told & (self.last != NEVER)
        return pair

    @cached_property
    def adds_up(self) -> Truth:
        """The series whose amounts accumulate, as a column beside the panel."""
        adds_up: Truth = (self.accumulates != LEVEL)[:, None]
        return adds_up

    @cached_property
    def runs(self) -> tuple[Whole, Whole]:
        """For each told cell how many equal amounts in a row end there, and the column of the first of them; silence is passed over."""
        same = self.pair & (self.amount == self.before)
        length, start = self.told.astype(np.int64), self.columns.copy()
        for column in range(len(self.periods)):
            rows = np.flatnonzero(same[:, column])
            last = self.last[rows, column]
            length[rows, column], start[rows, column] = length[rows, last] + 1, start[rows, last]
        return length, start

    def at(self, column: Whole) -> Whole:
        """The amount of each series in the column named for each cell; 0 for `NEVER`."""
        return np.where(column == NEVER, 0, np.take_along_axis(self.amount, np.maximum(column, 0), axis=1))

    def facts(self, row: int, column: int) -> Facts:
        """What is told in one cell, and what was told before it."""
        told: Facts = {"period": named(self.periods[column]), "amount": amount_text(self.amount[row, column])}
        if (last := int(self.last[row, column])) != NEVER:
            told |= {"before": amount_text(self.amount[row, last]), "since": named(self.periods[last])}
        return told


def before(told: Truth) -> Whole:
    """For each cell the last column before it that is true, `NEVER` where none is."""
    reached = latest(told)
    return np.concatenate([np.full((len(told), 1), NEVER, dtype=np.int64), reached[:, :-1]], axis=1)


def latest(true: Truth) -> Whole:
    """For each cell the last column up to and with it that is true, `NEVER` where none is."""
    columns = np.arange(true.shape[1], dtype=np.int64)
    return np.maximum.accumulate(np.where(true, columns, NEVER), axis=1)


def placed(wrong: Truth, since: Whole, fresh: Truth) -> list[tuple[int, int, int]]:
    """The findings that what is being submitted has a part in: series, the fresh cell to be marked, and the cell that is wrong.

    A wrong cell was judged by the cells from column `since` on. It is marked itself where it is fresh; where an earlier month
    is corrected and a month that was accepted long ago no longer fits, the correction is marked. No cell is marked twice.
    """
    rows, columns = np.nonzero(wrong)
    series, place = np.unique(rows, return_inverse=True)
    marks = latest(fresh[series])[place, columns]
    kept = (marks >= since[rows, columns]) & (marks != NEVER)
    rows, columns, marks = rows[kept], columns[kept], marks[kept]
    _, first = np.unique(rows * fresh.shape[1] + marks, return_index=True)
    return [(int(rows[place]), int(marks[place]), int(columns[place])) for place in first]


def named(period: Any) -> str:
    """A period as people write it: 2025-08 for the month that ends, else the day."""
    day = periods.from_number(int(period))
    return f"{day:%Y-%m}" if day == periods.month_end(day) else day.isoformat()


def amount_text(stored: Any) -> str:
    """A stored amount in decimal text, never with an exponent."""
    return f"{fixed.from_fixed(int(stored)):f}"
