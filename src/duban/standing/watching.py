"""The watch-list: what is red or amber, the largest stake first, since when, and how much lies behind in all (紧盯)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db.models import Q

from duban.core import periods, stakes
from duban.core.stakes import Stake
from duban.registry import rulebooks
from duban.standing.actions import stand
from duban.standing.models import Snapshot, Standing
from duban.standing.reads import standings

WATCHED: Final = ("red", "amber")
RELATED: Final = ("undertaking__programme", "undertaking__lead_body", "undertaking__town", "undertaking__answerable", "measure")


@dataclass(frozen=True, slots=True)
class Watched:
    """One undertaking under watch: its standing, what is at stake, and the first month end of its unbroken run of red and amber."""

    standing: Standing
    stake: Stake
    since: date

    @property
    def reason(self) -> str:
        """The key of `stakes.REASONS` under which it is watched."""
        return stakes.reason(self.standing.rule)

    def reaches_back(self, as_of: date) -> bool:
        """Whether the run may have begun even before `since`: no month end further back was looked at."""
        return self.since <= periods.months_before(as_of, stakes.MOST_MONTHS)


def watch(snapshot: Snapshot, within: Q | None = None, *, known_at: datetime | None = None) -> list[Watched]:
    """Everything red or amber in a snapshot, the largest stake first. `known_at` is the moment behind the snapshot's head; None is now."""
    rows = list(standings(snapshot, within).filter(light__in=WATCHED).select_related(*RELATED))
    since = stakes.runs(snapshot.as_of, [row.undertaking_id for row in rows], _month_ends(snapshot, within, known_at))
    found = [Watched(row, _stake(row, since[row.undertaking_id], snapshot.as_of), since[row.undertaking_id]) for row in rows]
    return sorted(found, key=lambda one: (one.stake.order, one.standing.undertaking_id))


def _month_ends(snapshot: Snapshot, within: Q | None, known_at: datetime | None) -> Iterator[tuple[date, Set[int]]]:
    """Who was red or amber at the month ends before a snapshot, by what is known at its head; each is looked up when asked for."""
    days = stakes.month_ends_back(snapshot.as_of)
    books = rulebooks.on_days(days, known_at=known_at)
    for day in days:
        then = stand(as_of=day, head=snapshot.head, rules=books[day], revision=snapshot.revision, known_at=known_at)
        lit = standings(then, within).filter(light__in=WATCHED).order_by()
        yield day, set(lit.values_list("undertaking_id", flat=True))


def _stake(row: Standing, since: date, on: date) -> Stake:
    """What is at stake in a standing. It has lasted since the day that its rule is about, or since its light came on."""
    measure = row.measure
    kind, amount, share = stakes.amount_at_stake(
        row.rule, done=row.done, planned=row.planned, target=row.target, direction=measure.direction if measure else 1
    )
    months = max(row.months or 0, stakes.lasting(since, on))
    money = bool(measure and measure.unit == stakes.MONEY and measure.holds == "amount")
    return Stake(kind=kind, amount=amount, share=share, money=money, urgency=stakes.urgency(severity=row.severity, months=months, on=on))


@dataclass(frozen=True, slots=True)
class Total:
    """What a list comes to. Amounts are of money alone: of what lags `behind`, what is `uncounted` in statistics, what lies `idle`."""

    undertakings: int
    red: int
    behind: Decimal
    uncounted: Decimal
    idle: Decimal
    bodies: int
    oldest: Watched | None

    @classmethod
    def of(cls, rows: Sequence[Watched]) -> Total:
        """The total of a list; `oldest` is the first of those that have lasted longest, None for an empty list."""
        amounts = {
            kind: sum((one.stake.amount for one in rows if one.stake.money and one.stake.kind == kind), Decimal(0))
            for kind in ("behind", "uncounted", "idle")
        }
        return cls(
            undertakings=len(rows),
            red=sum(one.standing.light == "red" for one in rows),
            bodies=len({one.standing.lead_body_id for one in rows}),
            oldest=min(rows, key=lambda one: one.since, default=None),
            **amounts,
        )


def counts(rows: Sequence[Watched]) -> dict[str, int]:
    """How many are watched for each of `stakes.REASONS`."""
    found = dict.fromkeys(stakes.REASONS, 0)
    for one in rows:
        found[one.reason] += 1
    return found
