"""The lines of the watch-list as pages, files and one-pagers show them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from duban.standing import efforts
from duban.standing.efforts import Tried
from duban.standing.models import Standing
from duban.standing.watching import Watched
from duban.web import stakes
from duban.web.moment import Moment

TRIED: Final = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list with its words. `rank` counts within its table."""

    watched: Watched
    rank: int
    as_of: date
    tried: tuple[Tried, ...] = ()
    differs: bool = False
    beside: Row | None = None
    """The same undertaking at the other one of then and since where it `differs`; None where it is not watched there."""

    @property
    def told(self) -> tuple[Any, ...]:
        """What makes a line another one when it changes; its rank does not."""
        stake = self.watched.stake
        return (self.standing.light, self.standing.rule, stake.kind, stake.amount, self.watched.since)

    @property
    def standing(self) -> Standing:
        return self.watched.standing

    @property
    def at_stake(self) -> str:
        return stakes.at_stake(self.watched, self.as_of)

    @property
    def share(self) -> str:
        return stakes.share(self.watched)

    @property
    def urgency(self) -> str:
        return stakes.urgency(self.watched)

    @property
    def since(self) -> str:
        return stakes.since(self.watched, self.as_of)

    @property
    def who(self) -> str:
        return stakes.who(self.standing.undertaking)

    @property
    def last(self) -> list[tuple[Tried, str]]:
        """The last things that were tried, in the order of time, with their words."""
        return [(one, stakes.effort(one)) for one in self.tried[-TRIED:]]

    @property
    def earlier(self) -> int:
        """How many were tried before those."""
        return max(0, len(self.tried) - TRIED)


def ranked(rows: list[Watched], as_of: date) -> list[Row]:
    """The list with its ranks: money and everything else are counted apart."""
    money = sum(one.stake.money for one in rows)
    return [Row(one, place - (0 if one.stake.money else money), as_of) for place, one in enumerate(rows, 1)]


def paired(rows: list[Row], others: list[Row]) -> list[Row]:
    """The same rows, each with its fellow among those of the other moment where that tells something else."""
    there = {row.standing.undertaking_id: row for row in others}
    pairs = [(row, there.get(row.standing.undertaking_id)) for row in rows]
    return [row if other and other.told == row.told else replace(row, differs=True, beside=other) for row, other in pairs]


def only(rows: list[Row], others: list[Row]) -> list[Row]:
    """Those of the other moment's rows that are not among these."""
    here = {row.standing.undertaking_id for row in rows}
    return [row for row in others if row.standing.undertaking_id not in here]


def parted(rows: list[Row]) -> tuple[list[Row], list[Row]]:
    """The lines about money, and everything else."""
    return [row for row in rows if row.watched.stake.money], [row for row in rows if not row.watched.stake.money]


def with_efforts(rows: list[Row], now: Moment) -> list[Row]:
    """The same rows with what was tried."""
    told = efforts.tried([row.watched for row in rows], head=now.head, known_at=now.known_at)
    return [replace(row, tried=tuple(told.get(row.standing.undertaking_id, ()))) for row in rows]
