"""What a dispatcher decides about reporting: a programme's calendar lines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from django.db import transaction

from duban.core.refusals import Refusal
from duban.intake.models import Calendar
from duban.people import audit, permits
from duban.people.models import User
from duban.registry.models import Measure, Programme

ACT: Final = "calendar.write"
FIELDS: Final = ("every", "working_days", "remind_before", "chase_every", "since", "until")
LATEST: Final = 60
"""The most working days that a line may give; beyond them the next periods would be due first."""


def _told(line: Calendar, measures: Iterable[Measure]) -> dict[str, Any]:
    """A line as the audit log keeps it."""
    fields = {name: getattr(line, name) for name in FIELDS}
    told = {name: value.isoformat() if isinstance(value, date) else value for name, value in fields.items()}
    return {**told, "measures": sorted(measure.code for measure in measures)}


def _check(line: Calendar, measures: Iterable[Measure]) -> None:
    if line.until is not None and line.until < line.since:
        raise Refusal("line-ends-before-it-begins", field="until", since=line.since, until=line.until)
    if not 1 <= line.working_days <= LATEST:
        raise Refusal("working-days-unfit", field="working_days", most=LATEST)
    counted = set(line.programme.measures.all())
    if strangers := [measure.name for measure in measures if measure not in counted]:
        raise Refusal("line-measure-not-counted", field="measures", measures=strangers)


@transaction.atomic
def add_line(*, programme: Programme, measures: Iterable[Measure], by: User, **fields: Any) -> Calendar:
    """Ask for a programme's `measures` (none names all amounts) by the n-th working day after every period."""
    permits.check(by, ACT, programme.owner)
    line, named = Calendar(programme=programme, **fields), list(measures)
    _check(line, named)
    line.save()
    line.measures.set(named)
    audit.record(by=by, act="calendar.add", subject=programme.code, line=line.pk, **_told(line, named))
    return line


@transaction.atomic
def change_line(*, line: Calendar, measures: Iterable[Measure], by: User, **fields: Any) -> Calendar:
    """Change a line; periods that are open are then due by its new day, also those that were reminded of."""
    line = Calendar.objects.select_for_update(of=("self",)).select_related("programme__owner").get(pk=line.pk)
    permits.check(by, ACT, line.programme.owner)
    before, named = _told(line, line.measures.all()), list(measures)
    for name in FIELDS:
        setattr(line, name, fields.get(name, getattr(line, name)))
    _check(line, named)
    line.save()
    line.measures.set(named)
    audit.record(by=by, act="calendar.change", subject=line.programme.code, line=line.pk, before=before, after=_told(line, named))
    return line


@transaction.atomic
def end_line(*, line: Calendar, by: User, on: date) -> None:
    """Ask for no period that ends after `on`; a line that has not begun by then goes altogether."""
    permits.check(by, ACT, line.programme.owner)
    audit.record(by=by, act="calendar.end", subject=line.programme.code, line=line.pk, on=on.isoformat())
    if line.since > on:
        line.delete()
        return
    line.until = min(line.until or on, on)
    line.save(update_fields=["until"])
