"""The month of a body: what its report is asked for, beside what the ledger, the queue and its own reporters have said already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber

from duban.core import periods
from duban.intake.calendar.asking import FINISH
from duban.intake.models import Submission, SubmissionLine, TypedCell
from duban.intake.queue import visible as visible
from duban.ledger.models import Entry
from duban.people.models import Body
from duban.people.permits import reach
from duban.registry.models import Measure, Undertaking

UNANSWERED = (Submission.State.DRAFT, Submission.State.SUBMITTED, Submission.State.RETURNED)


def reporting(user: Any) -> list[Body]:
    """The bodies for whose month `user` may report: their own, and those below that lead or join something; the highest first."""
    bodies = Body.objects.filter(reach(user, "report.write"))
    joined = Exists(Undertaking.joint_bodies.through.objects.filter(body=OuterRef("pk")))
    busy = Q(appointments__user=user) | Exists(Undertaking.objects.filter(lead_body=OuterRef("pk"))) | joined
    return list(bodies.filter(busy).distinct().order_by("path"))


def reached(body: Body) -> QuerySet[Undertaking]:
    """The undertakings that `body`, or a body below it, leads or joins."""
    below = body.below()
    joined = Undertaking.joint_bodies.through.objects.filter(body__in=below).values("undertaking")
    return Undertaking.objects.filter(Q(lead_body__in=below) | Q(pk__in=joined))


@dataclass(frozen=True, slots=True)
class Asked:
    """One slot of the month.

    `said` is the entry that speaks for it (also one that withdrew it), `before` the last report of an earlier period, `planned`
    the newest plan up to the year's end, `waiting` the newest line about it that nobody has accepted yet, `typed` what stands in
    its cell unsent. `finished`: its undertaking finished in an earlier month. `joint`: the body shares an undertaking that another
    leads, which owes the report.
    """

    undertaking: Undertaking
    measure: Measure
    period: date
    said: Entry | None = None
    before: Entry | None = None
    planned: Entry | None = None
    waiting: SubmissionLine | None = None
    typed: TypedCell | None = None
    finished: bool = False
    joint: bool = False

    @property
    def key(self) -> str:
        return f"{self.undertaking.pk}-{self.measure.pk}"

    @property
    def seq(self) -> int:
        """The entry that whoever types now has seen; 0 for a silent slot."""
        return 0 if self.said is None else self.said.seq

    @property
    def known(self) -> Decimal | date | None:
        """The value that the slot has now; None when it is silent or was withdrawn."""
        return None if self.said is None else self.said.amount if self.said.day is None else self.said.day

    @property
    def holds_day(self) -> bool:
        return bool(self.measure.holds == Measure.Holds.DAY)

    @property
    def due(self) -> bool:
        """Whether the month is incomplete without it: an amount, unless nothing is due of the undertaking any more or yet; a day
        once its planned day has come, month by month until it is told. `duban.intake.calendar.asking` counts who is late by the same rule.
        """
        if self.joint or self.undertaking.stage == Undertaking.Stage.RESERVE:
            return False
        if self.holds_day:
            return bool(self.planned is not None and self.planned.day <= self.period)
        return not self.finished

    @property
    def since(self) -> Decimal | None:
        """What a new amount is compared with: the last report, or zero where the year has begun anew; None without one."""
        if self.before is None or self.before.amount is None:
            return None
        anew = self.measure.accumulates == Measure.Accumulates.YEAR and self.before.period.year < self.period.year
        return Decimal(0) if anew else self.before.amount


@dataclass(slots=True)
class _Spoken:
    """The entries about one undertaking and measure that a month shows."""

    said: Entry | None = None
    before: Entry | None = None
    planned: Entry | None = None


def asked(body: Body, period: date, *, undertaking: int | None = None, measure: int | None = None) -> list[Asked]:
    """Every slot that `body`, or a body below, may report for `period`, by programme and undertaking; six queries for however many.
    What they share with a body that leads it is theirs to report as well, but not due of them.

    A day that has been reported is not asked for again, and what its parts report is not asked of the whole; somebody's typed
    words are shown all the same. With `undertaking` and `measure` that one slot, whether it is asked for or not.
    """
    answered = reached(body)
    if undertaking is not None:
        answered = answered.filter(pk=undertaking)
    whole = Exists(Undertaking.objects.filter(parent=OuterRef("pk")))
    shown = answered.annotate(whole=whole).select_related("programme", "lead_body").prefetch_related("programme__measures")
    spoken, waiting, typed = _spoken(answered, period), _waiting(answered, body, period), _typed(answered, body, period)
    found = []
    for promise in shown.order_by("programme__order", "programme__code", "order", "code"):
        finished = _finished(promise, spoken, period)
        for one in promise.programme.measures.all():
            slot = (promise.pk, one.pk)
            entries = spoken.get(slot, _Spoken())
            cell = Asked(
                promise, one, period, entries.said, entries.before, _of_year(entries.planned, one, period),
                waiting.get(slot), typed.get(slot), finished, not promise.lead_body.path.startswith(body.path),
            )  # fmt: skip
            if one.pk == measure or (measure is None and _is_asked(cell)):
                found.append(cell)
    return found


def _is_asked(cell: Asked) -> bool:
    if cell.typed is not None:
        return True
    told = cell.holds_day and cell.before is not None and cell.said is None
    return not told and not (cell.undertaking.whole and not cell.holds_day)  # type: ignore[attr-defined]


def _of_year(planned: Entry | None, measure: Measure, period: date) -> Entry | None:
    """The plan that a report of the period is held against: what counts from January has no plan but this year's."""
    if planned is None or (measure.accumulates == Measure.Accumulates.YEAR and planned.period.year != period.year):
        return None
    return planned


def _finished(promise: Undertaking, spoken: dict[tuple[int, int], _Spoken], period: date) -> bool:
    """Whether the undertaking finished in a month before the period's."""
    for measure in promise.programme.measures.all():
        if measure.code == FINISH or measure.pk == promise.programme.lead_measure_id:
            told = spoken.get((promise.pk, measure.pk), _Spoken())
            if any(entry and entry.day and periods.month_end(entry.day) < period for entry in (told.said, told.before)):
                return True
    return False


def _spoken(answered: QuerySet[Undertaking], period: date) -> dict[tuple[int, int], _Spoken]:
    """By undertaking and measure: what the slot says, the newest report before it, and the newest plan up to the year's end."""
    here = Q(kind=Entry.Kind.REPORT, period=period)
    reports = Q(kind=Entry.Kind.REPORT, period__lte=period)
    plans = Q(kind=Entry.Kind.PLAN, period__lte=date(period.year, 12, 31))
    last_word = ~Exists(Entry.objects.filter(replaces=OuterRef("seq")))
    age = Window(
        RowNumber(),
        partition_by=["undertaking", "measure", "kind", Case(When(here, then=Value(1)), default=Value(0))],
        order_by=F("period").desc(),
    )
    speaking = Entry.objects.filter(reports | plans, last_word, undertaking__in=answered).filter(here | ~Q(amount=None, day=None))
    found: dict[tuple[int, int], _Spoken] = {}
    for entry in speaking.annotate(age=age).filter(age=1):
        told = found.setdefault((entry.undertaking_id, entry.measure_id), _Spoken())
        if entry.kind == Entry.Kind.PLAN:
            told.planned = entry
        elif entry.period == period:
            told.said = entry
        else:
            told.before = entry
    return found


def _waiting(answered: QuerySet[Undertaking], body: Body, period: date) -> dict[tuple[int, int], SubmissionLine]:
    """By undertaking and measure, the newest line that waits: of this body in any state, of another body once it was sent."""
    lines = SubmissionLine.objects.filter(
        Q(submission__state=Submission.State.SUBMITTED) | Q(submission__body__path__startswith=body.path, submission__state__in=UNANSWERED),
        undertaking__in=answered,
        kind=Entry.Kind.REPORT,
        period=period,
    )
    return {(line.undertaking_id, line.measure_id): line for line in lines.select_related("submission__body").order_by("pk")}


def _typed(answered: QuerySet[Undertaking], body: Body, period: date) -> dict[tuple[int, int], TypedCell]:
    cells = TypedCell.objects.filter(body=body, period=period, undertaking__in=answered).select_related("typed_by")
    return {(cell.undertaking_id, cell.measure_id): cell for cell in cells.prefetch_related("evidence")}
