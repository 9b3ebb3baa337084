"""Who is expected to report what by when, and how far they have come. What is asked for is the rule of `duban.intake.calendar.asking`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone

from duban.core import periods, workdays
from duban.intake.calendar import asking
from duban.intake.calendar.asking import Place, Tally, Wanted
from duban.intake.models import Calendar
from duban.people.models import Body
from duban.registry import holidays
from duban.registry.models import Measure

MONTHS: Final = {"month": 1, "quarter": 3, "half": 6, "year": 12}
STATES: Final = ("late", "soon", "open", "sent", "done")
"""Worst first."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What one line asks of one body for one period, and what has come of it by the day `on`.

    `handed_in` is the day on which the last of what was accepted had been sent; None while anything is missing or waits.
    """

    line: Calendar
    body: Body
    period: date
    due: date
    remind_on: date
    on: date
    asked: int
    accepted: int = 0
    waiting: int = 0
    returned: int = 0
    handed_in: date | None = None

    @property
    def silent(self) -> int:
        """Slots of which nothing has been sent."""
        return self.asked - self.accepted - self.waiting - self.returned

    @property
    def missing(self) -> int:
        """Slots that the body still has to send, or to send again."""
        return self.silent + self.returned

    @property
    def state(self) -> str:
        """`done`; `sent` when all is sent and some of it waits for a reviewer; `late`; `soon` from the day of the reminder on; `open`."""
        if not self.missing:
            return "sent" if self.waiting else "done"
        if self.on > self.due:
            return "late"
        return "soon" if self.on >= self.remind_on else "open"

    @property
    def late_by(self) -> int:
        """Working days after the due day: of today while anything is missing, else of the day on which the last was sent."""
        until = self.on if self.missing else min(self.handed_in or self.due, self.on)
        return _days_late(self.due, until)

    @property
    def announced(self) -> bool:
        """Whether the holidays up to the due day are known, or guessed."""
        return holidays.announced(self.due)

    @property
    def worst_first(self) -> tuple[Any, ...]:
        """Sorts the latest and the largest first."""
        place = (self.due, self.body.order, self.body.path, self.line.pk, self.period)
        return (STATES.index(self.state), -self.late_by, -self.missing, *place)


@lru_cache(maxsize=4096)
def _days_late(due: date, until: date) -> int:
    return max(0, workdays.working_days_between(due, until, holidays.is_working))


def periods_of(line: Calendar, *, on: date) -> list[date]:
    """The periods of a line that have ended by `on`, oldest first."""
    last = min(line.until or on, on)
    found, end = [], periods.month_end(line.since)
    while end <= last:
        if end.month % MONTHS[line.every] == 0:
            found.append(end)
        end = periods.next_month_end(end)
    return found


def coming(line: Calendar, *, on: date, count: int) -> list[date]:
    """The next `count` periods of a line that fall due on `on` or later; fewer where the line ends."""
    end = periods.month_end(max(line.since, periods.months_before(on, MONTHS[line.every] + 1)))
    found: list[date] = []
    while len(found) < count and (line.until is None or end <= line.until):
        if end.month % MONTHS[line.every] == 0 and due_of(line, end) >= on:
            found.append(end)
        end = periods.next_month_end(end)
    return found


def due_of(line: Calendar, period: date) -> date:
    """The day by which a period is to be reported."""
    return workdays.nth_working_day_after(period, line.working_days, holidays.is_working)


def reminder_of(line: Calendar, due: date) -> date:
    """The day on which a body is reminded."""
    return workdays.nth_working_day_before(due, line.remind_before, holidays.is_working)


def measures_of(line: Calendar) -> list[Measure]:
    """What a line asks for: the measures that it names, or else every amount that its programme counts."""
    return list(line.measures.all()) or [one for one in line.programme.measures.all() if one.holds == Measure.Holds.AMOUNT]


def lines() -> QuerySet[Calendar]:
    """Every line with its programme and measures."""
    return Calendar.objects.select_related("programme__owner").prefetch_related("measures", "programme__measures")


def expected(*, on: date, bodies: QuerySet[Body] | None = None, period: date | None = None, missing: bool = False) -> list[Expected]:
    """What is asked of `bodies` (None is every body) by the day `on`, worst first.

    One `period` or every one that has ended; with `missing`, only where a body still has something to send.
    """
    asked = [(line, [end for end in periods_of(line, on=on) if period in (None, end)]) for line in lines()]
    asked = [(line, ends) for line, ends in asked if ends]
    if not asked:
        return []
    found = asking.tally(_wanted(asked, bodies), handed_in=not missing)
    led: dict[int, set[int]] = {}
    for programme, body, _, _ in found.asked:
        led.setdefault(programme, set()).add(body)
    known = Body.objects.in_bulk(set().union(*led.values()))
    rows = [
        _row(line, known[body], end, due, found, on=on)
        for line, ends in asked
        for end, due in ((end, due_of(line, end)) for end in ends)
        for body in led.get(line.programme_id, ())
    ]
    return sorted((row for row in rows if row.asked and (row.missing or not missing)), key=lambda row: row.worst_first)


def _wanted(asked: Iterable[tuple[Calendar, list[date]]], bodies: QuerySet[Body] | None) -> Wanted:
    amounts: dict[int, set[int]] = {}
    named: set[int] = set()
    ends: set[date] = set()
    for line, periods_asked in asked:
        held = amounts.setdefault(line.programme_id, set())
        for measure in measures_of(line):
            (held if measure.holds == Measure.Holds.AMOUNT else named).add(measure.pk)
        ends.update(periods_asked)
    programmes = {programme: frozenset(measures) for programme, measures in amounts.items()}
    return Wanted(programmes=programmes, days=frozenset(named), periods=frozenset(ends), bodies=bodies)


def _places(line: Calendar, body: Body, period: date, found: Tally) -> list[Place]:
    """Where the counts of a row stand: amounts at the period itself, days wherever in it they are planned.

    The first period of a line also asks for the days that were planned before it.
    """
    before = periods.months_before(period, MONTHS[line.every])
    begins = date.min if before < line.since else before
    places: list[Place] = []
    for measure in measures_of(line):
        if measure.holds == Measure.Holds.AMOUNT:
            places.append((line.programme_id, body.pk, measure.pk, period))
        else:
            dated = found.dated.get((line.programme_id, body.pk, measure.pk), ())
            places += [place for place in dated if begins < place[3] <= period]
    return places


def _row(line: Calendar, body: Body, period: date, due: date, found: Tally, *, on: date) -> Expected:
    places = _places(line, body, period, found)
    handed_in = [found.handed_in[place] for place in places if place in found.handed_in]
    return Expected(
        line=line,
        body=body,
        period=period,
        due=due,
        remind_on=reminder_of(line, due),
        on=on,
        asked=sum(found.asked[place] for place in places),
        accepted=sum(found.accepted[place] for place in places),
        waiting=sum(found.waiting[place] for place in places),
        returned=sum(found.returned[place] for place in places),
        handed_in=timezone.localtime(max(handed_in)).date() if handed_in else None,
    )
