"""What waits in intake, for whom, and what a report still has to say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from duban.intake.models import Submission, SubmissionLine
from duban.intake.queue import visible as visible
from duban.ledger.models import Entry
from duban.people.models import Body
from duban.people.permits import reach
from duban.registry.models import Measure, Programme, Undertaking


def reported_for(user: Any) -> QuerySet[Programme]:
    """The programmes in which a body that `user` reports for leads something."""
    bodies = Body.objects.filter(reach(user, "report.write"))
    return Programme.objects.filter(undertakings__lead_body__in=bodies).distinct()


@dataclass(frozen=True, slots=True)
class Asked:
    """One slot of a form: what the ledger says of it already, and what was said before it."""

    undertaking: Undertaking
    measure: Measure
    period: date
    said: Entry | None
    before: Entry | None

    @property
    def key(self) -> str:
        return f"{self.undertaking.pk}-{self.measure.pk}"

    @property
    def known(self) -> Decimal | date | None:
        """The value that the slot has now; None when it is silent or was withdrawn."""
        return None if self.said is None else self.said.amount if self.said.day is None else self.said.day


def form(programme: Programme, bodies: QuerySet[Body], period: date) -> list[Asked]:
    """Every slot that a report for `period` may speak of. A day that has been reported is not asked for again,
    and what its parts report is not asked of the whole.
    """
    led = programme.undertakings.filter(lead_body__in=bodies).annotate(whole=Exists(Undertaking.objects.filter(parent=OuterRef("pk"))))
    undertakings = list(led.select_related("lead_body").order_by("order", "code"))
    measures = list(programme.measures.all())
    newest = _newest([undertaking.pk for undertaking in undertakings], period)
    asked = []
    for undertaking in undertakings:
        for measure in measures:
            chain = newest.get((undertaking.pk, measure.pk), [])
            said = next((entry for entry in chain if entry.period == period), None)
            before = next((entry for entry in chain if entry.period < period and (entry.amount, entry.day) != (None, None)), None)
            told = measure.holds == Measure.Holds.DAY and before is not None and said is None
            if told or (undertaking.whole and measure.holds == Measure.Holds.AMOUNT):
                continue
            asked.append(Asked(undertaking, measure, period, said, before))
    return asked


def _newest(undertakings: Sequence[int], period: date) -> dict[tuple[int, int], list[Entry]]:
    """The last entries of reports up to `period`, withdrawn ones included, newest period first, by undertaking and measure."""
    replaced = Entry.objects.exclude(replaces=None).values("replaces")
    speaking = Entry.objects.filter(undertaking__in=undertakings, kind=Entry.Kind.REPORT, period__lte=period).exclude(seq__in=replaced)
    found: dict[tuple[int, int], list[Entry]] = {}
    for entry in speaking.order_by("-period"):
        found.setdefault((entry.undertaking_id, entry.measure_id), []).append(entry)
    return found


@dataclass(frozen=True, slots=True)
class Change:
    """A line of a submission beside what its slot says now."""

    line: SubmissionLine
    said: Entry | None


def changes(submission: Submission) -> list[Change]:
    """The lines of a submission, each with the entry that it would replace."""
    lines = list(submission.lines.select_related("undertaking", "measure").prefetch_related("evidence"))
    replaced = Entry.objects.exclude(replaces=None).values("replaces")
    speaking = Entry.objects.filter(undertaking__in={line.undertaking_id for line in lines}).exclude(seq__in=replaced)
    said = {(entry.undertaking_id, entry.measure_id, entry.kind, entry.period): entry for entry in speaking}
    return [Change(line, said.get((line.undertaking_id, line.measure_id, line.kind, line.period))) for line in lines]
