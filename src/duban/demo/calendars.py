"""By which working day the example's departments report, and how its reminders went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from duban.demo.rows import SHANGHAI
from duban.intake.calendar import reminding
from duban.intake.models import Calendar
from duban.registry.models import Measure, Programme


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """One line of a programme's calendar; no measures name all amounts."""

    programme: str
    measures: tuple[str, ...]
    working_days: int
    since: date
    every: str = "month"


# fmt: off
CALENDARS: Final = (
    CalendarRow("livelihood", ("investment",), 5, date(2021, 7, 1)),
    CalendarRow("key-projects", ("investment",), 5, date(2021, 7, 1)),
    CalendarRow("villages", ("progress",), 5, date(2021, 7, 1)),
    CalendarRow("vaccination", ("doses",), 3, date(2021, 7, 1)),
    CalendarRow("petitions-provincial", ("put-right",), 3, date(2021, 8, 1)),
    CalendarRow("city-indicators", ("gdp", "retail", "tourism", "hightech", "investment-growth"), 15, date(2021, 1, 1), "half"),
)
# fmt: on
SWEPT: Final = tuple(date(2021, 8, day) for day in (4, 6, 9, 11, 13, 16, 18, 20, 23, 25, 27, 30))
"""The days of August on which reminders and chasers went out."""


def schedule() -> None:
    """The lines of the calendar."""
    lists = {programme.code: programme for programme in Programme.objects.all()}
    measures = {measure.code: measure for measure in Measure.objects.all()}
    for row in CALENDARS:
        line = Calendar.objects.create(programme=lists[row.programme], every=row.every, working_days=row.working_days, since=row.since)
        line.measures.set([measures[code] for code in row.measures])


def remind() -> None:
    """The reminders of August for what was still missing when the example ends."""
    for on in SWEPT:
        reminding.sweep(now=datetime(on.year, on.month, on.day, 8, 30, tzinfo=SHANGHAI), on=on)
