"""An undertaking's slots arranged for reading: its course, its milestones, its whole history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from duban.core import periods
from duban.ledger.models import Entry
from duban.ledger.reads import Slot
from duban.registry.models import Measure, Programme, Undertaking
from duban.web import display


@dataclass(frozen=True, slots=True)
class Point:
    """One period of the course. `original` is the plan's first version, `planned` the one that holds; None is silence."""

    period: date
    original: Decimal | None = None
    planned: Decimal | None = None
    done: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """Plan against done of one measure, period by period."""

    measure: Measure
    points: list[Point]
    replanned: bool


def _first(slot: Slot) -> Decimal | None:
    return slot.entries[-1].amount


def course(slots: Sequence[Slot], measure: Measure | None, *, as_of: date) -> Course | None:
    """Plan against done of `measure`; a measure that counts a year's amounts keeps to the year of `as_of`.

    None for an undertaking without such a measure or without a single amount.
    """
    if measure is None or measure.holds != Measure.Holds.AMOUNT:
        return None
    led = [slot for slot in slots if slot.measure.pk == measure.pk]
    if measure.accumulates == Measure.Accumulates.YEAR:
        led = [slot for slot in led if slot.period.year == as_of.year]
    plans = {slot.period: slot for slot in led if slot.kind == Entry.Kind.PLAN}
    reports = {slot.period: slot.current for slot in led if slot.kind == Entry.Kind.REPORT}
    if not plans and not reports:
        return None
    yearly = measure.accumulates == Measure.Accumulates.YEAR
    months = {periods.last_day(as_of.year, month) for month in range(1, 13)} if yearly else set()
    points = [
        Point(
            period=period,
            original=_first(plans[period]) if period in plans else None,
            planned=plans[period].current.amount if period in plans and plans[period].current else None,
            done=said.amount if (said := reports.get(period)) else None,
        )
        for period in sorted({*plans, *reports, *months})
    ]
    if months:
        zero = Decimal(0) if plans else None
        points.insert(0, Point(period=date(as_of.year - 1, 12, 31), original=zero, planned=zero))
    return Course(measure=measure, points=points, replanned=any(point.original != point.planned for point in points))


@dataclass(frozen=True, slots=True)
class Milestone:
    """A day that was promised, the day first promised where that differs, and the day on which it happened."""

    measure: Measure
    planned: date | None
    original: date | None
    happened: date | None
    late: int | None
    overdue: bool


def milestones(slots: Sequence[Slot], *, as_of: date) -> list[Milestone]:
    """One line a measure that holds a day, in the measures' order."""
    dated = [slot for slot in slots if slot.measure.holds == Measure.Holds.DAY]
    lines = []
    for measure, found in groupby(dated, key=lambda slot: slot.measure):
        told = list(found)
        plans = [slot for slot in told if slot.kind == Entry.Kind.PLAN]
        reported = [slot.current.day for slot in told if slot.kind == Entry.Kind.REPORT and slot.current]
        said = [day for day in reported if day and day <= as_of]
        planned = next((slot.current.day for slot in plans if slot.current), None)
        original = plans[-1].entries[-1].day if plans else None
        happened = min(said) if said else None
        compared = happened or as_of
        late = (compared - planned).days if planned and (happened or compared > planned) else None
        lines.append(
            Milestone(measure, planned, original if original != planned else None, happened, late, bool(late and late > 0 and not happened))
        )
    return lines


@dataclass(frozen=True, slots=True)
class Chapter:
    """All slots of one measure and kind, the newest period first."""

    measure: Measure
    kind: str
    slots: list[Slot]

    @property
    def corrections(self) -> int:
        return sum(len(slot.entries) - 1 for slot in self.slots)


def chapters(slots: Sequence[Slot]) -> list[Chapter]:
    """The whole history by measure, reports before plans."""
    grouped = groupby(slots, key=lambda slot: (slot.measure, slot.kind))
    found = [Chapter(measure, kind, list(chain)) for (measure, kind), chain in grouped]
    return sorted(found, key=lambda chapter: (chapter.measure.order, chapter.kind != Entry.Kind.REPORT))


@dataclass(frozen=True, slots=True)
class Attribute:
    """One declared attribute with what an undertaking says of it."""

    declared: dict[str, Any]
    value: Any
    choice: dict[str, Any] | None

    @property
    def told(self) -> Any:
        """What it says as files tell it: a number as such, everything else in the reader's words."""
        if self.choice:
            return display.told(self.choice)
        if self.declared["type"] == "flag":
            return _("yes") if self.value else _("no")
        return Decimal(str(self.value)) if self.declared["type"] == "number" else display.script(self.value)


def attributes(undertaking: Undertaking, programme: Programme | None = None) -> list[Attribute]:
    """The attributes that its programme declares and that it carries."""
    shown = []
    for declared in (programme or undertaking.programme).attributes:
        value = undertaking.attributes.get(declared["code"])
        if value in (None, ""):
            continue
        chosen = next((one for one in declared.get("choices", ()) if one["code"] == value), None)
        shown.append(Attribute(declared=declared, value=value, choice=chosen))
    return shown
