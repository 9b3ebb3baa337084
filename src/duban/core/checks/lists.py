"""The checks of what lies beside the amounts: who is on the list, whether a start is shown, and photographs seen before."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duban.core.checks.panel import NEVER, Facts, Panel, Truth, Whole, before, named
from duban.core.checks.thresholds import Thresholds

Looks = NDArray[np.uint64]
SEVERAL: Final = 2
"""So many make a list."""


@dataclass(frozen=True, eq=False)
class Members:
    """Who reports: undertakings by periods, the earliest first, in lists numbered from 0 (`list`).

    `told` says who would have reported for a period, `sent` who is in what is being submitted. `cadence` is the number of
    months from one report of the list to the next.
    """

    periods: Whole
    list: Whole
    told: Truth
    sent: Truth
    cadence: Whole

    def _counted(self, cells: Truth) -> Whole:
        """How many of each list are true, by period; given back for each of its members."""
        counts = np.zeros((int(self.list.max(initial=-1)) + 1, len(self.periods)), dtype=np.int64)
        np.add.at(counts, self.list, cells)
        return counts[self.list]

    @cached_property
    def reported(self) -> Truth:
        """The periods for which several of a member's list reported."""
        several: Truth = self._counted(self.told) >= SEVERAL
        return several

    @cached_property
    def previous(self) -> Whole:
        """The period before each for which several of the list reported; `NEVER` where none is."""
        return before(self.reported)

    @cached_property
    def was_there(self) -> Truth:
        """Whether the member reported for the list's previous period."""
        there: Truth = np.take_along_axis(self.told, np.maximum(self.previous, 0), axis=1) & (self.previous != NEVER)
        return there

    @cached_property
    def whole(self) -> Truth:
        """Where what is being submitted is the list of a period: several are in it, and half of those of the previous period are there."""
        stayed = self._counted(self.told & self.was_there)
        month = self.periods // 10_000 * 12 + self.periods // 100 % 100
        due = month % self.cadence[:, None] == 0
        whole: Truth = (self._counted(self.sent) >= SEVERAL) & (2 * stayed >= self._counted(self.was_there)) & due
        return whole


def left_list(members: Members, rules: Thresholds) -> Truth:
    """Who reported for the previous period is missing from a list of which others are there. Source: rows vanish without a word."""
    return members.whole & members.was_there & ~members.told


def entered_list(members: Members, rules: Thresholds) -> Truth:
    """Who has never reported is on a list whose others reported for at least `entered_reports` periods before.

    Source: rows appear without a word.
    """
    reported: Whole = members.reported.astype(np.int64)
    earlier = np.cumsum(reported, axis=1) - reported
    entered: Truth = members.whole & members.sent & (before(members.told) == NEVER) & (earlier >= rules.entered_reports)
    return entered


def list_facts(members: Members, row: int, column: int, rules: Thresholds) -> Facts:
    """The period, and the one before it."""
    previous = int(members.previous[row, column])
    return {"period": named(members.periods[column]), "since": named(members.periods[previous])}


@dataclass(frozen=True, eq=False)
class Starts:
    """Undertakings that are said to have begun, one a row; `shown` where a file stands behind it."""

    shown: Truth


def begins(panel: Panel, project: Truth, new: Truth) -> Truth:
    """Where the first amount above nothing is told of a project.

    What was never told of before may have begun long ago: it begins only when the registry calls it new.
    """
    above = panel.told & (panel.amount > 0)
    first = above & (before(above) == NEVER) & ((panel.last_told != NEVER) | new[:, None])
    begun: Truth = first & (panel.adds_up | panel.progress[:, None]) & project[:, None]
    return begun


def started_without_evidence(starts: Starts, rules: Thresholds) -> Truth:
    """The day of a start, or a project's first amount, without any file that shows it. Source: started but no evidence."""
    return ~starts.shown


@dataclass(frozen=True, eq=False)
class Pictures:
    """Pairs of a photograph behind a line and another file, or the same one: `apart` is by how many bits their looks differ.

    `elsewhere` says that the other shows another undertaking and came first, or stands behind another period's report.
    """

    apart: Whole
    elsewhere: Truth


def apart(look: int, looks: Looks) -> Whole:
    """By how many of 64 bits a look differs from each of `looks`."""
    bits: Whole = np.bitwise_count(looks ^ np.uint64(look)).astype(np.int64)
    return bits


def photograph_again(pictures: Pictures, rules: Thresholds) -> Truth:
    """A photograph looks like one of another undertaking or another period: at most `look_bits` bits differ.

    Source: the same photograph again.
    """
    again: Truth = pictures.elsewhere & (pictures.apart <= rules.look_bits)
    return again
