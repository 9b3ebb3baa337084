"""What is at stake in an undertaking that is red or amber: the amount, times how urgent it is.

A district keeps its eyes on what has not started or resumed and on what lags behind its schedule (紧盯未开复工和投资未达时序进度,
Tunxi 2021). No published rule says in which order; this one is duban's own:

    stake = amount x urgency

The amount is what the schedule asks for and nobody has reported, or what is done and does not yet count or yield. Money is
ranked in yuan. Doses, per cent, households and days cannot be weighed against yuan or against each other: they are ranked
apart, by their share of the year's plan. Everything is exact, so that two engines and two readers see one order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from duban.core import periods
from duban.core.rules import AFTER_ENROLMENT, AFTER_FINISH

MONEY: Final = "元"
"""The unit in which amounts of different programmes are ranked together."""
PARTS: Final = 2 * periods.HALVES
"""Urgency is a whole number of 48ths: halves for the months, 24ths for the year."""
MOST_MONTHS: Final = 12
"""Months beyond which nothing grows more urgent."""
POINT: Final = 100
WHOLE: Final = 100 * POINT
"""The whole of a plan in hundredths of a point."""

REASONS: Final[dict[str, tuple[str, ...]]] = {
    "start": ("start_overdue", "not_started"),
    "resumption": ("not_resumed",),
    "schedule": ("far_behind", "behind"),
    "enrolment": ("enrolment_overdue", "not_enrolled"),
    "production": ("production_overdue", "not_producing"),
    "conversion": ("conversion_overdue", "not_converted"),
    "finish": ("finish_overdue",),
    "silence": ("long_silent",),
    "caught_up": ("caught_up",),
}
"""What keeps an undertaking under watch, and the red and amber rules that say so: 未开工, 未复工, 未达时序, 未入库,
竣工未投产, 储备未转化, 逾期, 久未报, and what has caught up and is remembered until its month ends."""
_REASON: Final = {rule: reason for reason, rules in REASONS.items() for rule in rules}


def reason(rule: str) -> str:
    """The key of `REASONS` under which a red or amber rule stands."""
    return _REASON[rule]


def urgency(*, severity: int, months: int, on: date) -> int:
    """How urgent it is on a day, in 48ths; 48 is an amber that came up on the first of January.

    Red counts twice (`severity` 0). Each whole month that it lasts adds a half, up to twelve: four months make it three times as
    urgent. The part of the year that has passed is added once: on 31 December nothing is left to catch up in, and all is twice
    as urgent as in the first days of January.
    """
    weight = 2 if severity == 0 else 1
    return weight * (2 + min(max(months, 0), MOST_MONTHS)) * (periods.HALVES + periods.halves(on))


@dataclass(frozen=True, slots=True)
class Stake:
    """What is at stake in one undertaking.

    `kind` says what `amount`, in the lead measure's unit, is: "behind" schedule, done and "uncounted" in statistics, or done and
    "idle". `share` is the same in hundredths of a point of the year's plan, at most the whole of it; the whole where what counts is
    a day, or nothing is planned. `money` is whether amounts rank it, else shares do. `urgency` is in 48ths.
    """

    kind: str
    amount: Decimal
    share: int
    money: bool
    urgency: int

    @property
    def weight(self) -> Decimal:
        """The stake itself: comparable among those ranked by amounts, and among those ranked by shares."""
        return (self.amount if self.money else Decimal(self.share)) * self.urgency

    @property
    def order(self) -> tuple[bool, Decimal, int]:
        """Sorts the largest stake first, money before everything else; of equal stakes, the more urgent."""
        return (not self.money, -self.weight, -self.urgency)


def amount_at_stake(
    rule: str, *, done: Decimal | None, planned: Decimal | None, target: Decimal | None, direction: int = 1
) -> tuple[str, Decimal, int]:
    """The kind, the amount and its share of the plan, as in `Stake`.

    What nobody has reported is not known to be done, so silence leaves all that the schedule asks for at stake. Nothing that is
    ahead of its schedule is at stake for being so: an amount is never below zero.
    """
    if rule in (*AFTER_ENROLMENT, *AFTER_FINISH):
        kind, amount = "uncounted" if rule in AFTER_ENROLMENT else "idle", done or Decimal(0)
    else:
        kind, amount = "behind", ((planned or Decimal(0)) - (done or Decimal(0))) * direction
    amount = max(amount, Decimal(0))
    return kind, amount, min(int(amount * WHOLE // abs(target)), WHOLE) if target else WHOLE


def lasting(since: date, on: date) -> int:
    """For how many months something has lasted: from the month of `since` to that of `on`."""
    return (on.year - since.year) * 12 + on.month - since.month


def month_ends_back(on: date, most: int = MOST_MONTHS) -> list[date]:
    """The month ends before `on`, the newest first, as far as a ledger can speak of them."""
    return [day for back in range(1, most + 1) if (day := periods.months_before(on, back)).year in periods.YEARS]


def runs(on: date, holds: Iterable[int], before: Iterable[tuple[date, Collection[int]]]) -> dict[int, date]:
    """Since when something holds of each of those of whom it holds on the day `on`: the first month end of its unbroken run.

    `before` tells of month ends, the newest first, of whom it held then; no more of it is read than is needed. `on` itself for those
    of whom it did not hold at the last one.
    """
    since = dict.fromkeys(holds, on)
    running = set(since)
    ends = iter(before)
    while running and (end := next(ends, None)):
        day, held = end
        running.intersection_update(held)
        since |= dict.fromkeys(running, day)
    return since
