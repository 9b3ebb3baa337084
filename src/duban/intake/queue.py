"""Which submissions somebody sees, which wait for them, and in which order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Case, Count, Exists, F, IntegerField, Max, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from duban.intake.models import Submission, SubmissionFinding, SubmissionLine
from duban.people.models import Body
from duban.people.permits import reach
from duban.registry.models import Programme

State = Submission.State
Weight = SubmissionFinding.Weight
WEIGHTS: Final = (Weight.NOTE, Weight.EXPLAIN, Weight.BLOCK)
"""From the lightest to the heaviest."""
PEOPLE: Final = ("body", "created_by", "submitted_by", "reviewed_by", "upload")


def visible(user: Any) -> QuerySet[Submission]:
    """The submissions that `user` may open: all of the bodies they report for, and what was sent to those they review."""
    writes = Body.objects.filter(reach(user, "report.write"))
    reviews = Body.objects.filter(reach(user, "report.review"))
    return (
        Submission.objects.filter(Q(body__in=writes) | Q(body__in=reviews) & ~Q(state=State.DRAFT))
        .select_related(*PEOPLE)
        .prefetch_related("writers")
    )


def _weight_of(column: str) -> Case:
    """A finding's weight as a number, 1 for the lightest."""
    return Case(*(When(**{column: weight}, then=Value(rank)) for rank, weight in enumerate(WEIGHTS, 1)), output_field=IntegerField())


def weighed(submissions: QuerySet[Submission]) -> QuerySet[Submission]:
    """Each with the number of its findings (`finding_count`) and the rank of the heaviest (`worst`), 0 where there is none."""
    found = SubmissionFinding.objects.filter(submission=OuterRef("pk")).order_by().values("submission")
    return submissions.annotate(
        finding_count=Coalesce(Subquery(found.annotate(n=Count("pk")).values("n")), 0),
        worst=Coalesce(Subquery(found.annotate(n=Max(_weight_of("weight"))).values("n")), 0),
    )


def _ranked(submissions: QuerySet[Submission]) -> QuerySet[Submission]:
    """What was returned, then what is not sent, what waits, what is accepted; of what waits, findings first, then the longest wait."""
    order = (State.RETURNED, State.DRAFT, State.SUBMITTED, State.ACCEPTED)
    turn = Case(*(When(state=state, then=Value(rank)) for rank, state in enumerate(order)), output_field=IntegerField())
    marked = Case(When(state=State.SUBMITTED, worst__gt=0, then=Value(0)), default=Value(1), output_field=IntegerField())
    waits = Case(When(state=State.SUBMITTED, then=F("submitted_at")), default=None)
    return submissions.annotate(turn=turn, marked=marked, waits=waits).order_by("turn", "marked", "waits", "-created_at", "-pk")


def waiting(user: Any) -> QuerySet[Submission]:
    """What waits for `user` to answer it, in the order in which to answer it; nobody answers their own."""
    reviews = Body.objects.filter(reach(user, "report.review"))
    sent = (
        Submission.objects.filter(body__in=reviews, state=State.SUBMITTED)
        .exclude(created_by=user)
        .exclude(submitted_by=user)
        .exclude(writers=user)
    )
    return _ranked(weighed(sent))


def neighbours(user: Any, pk: int) -> tuple[int | None, int | None, int]:
    """What stands before and after submission `pk` in the queue of `user`, and how many wait in it."""
    queue = list(waiting(user).values_list("pk", flat=True))
    if pk not in queue:
        return None, queue[0] if queue else None, len(queue)
    here = queue.index(pk)
    return (queue[here - 1] if here else None), (queue[here + 1] if here + 1 < len(queue) else None), len(queue)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to the queue, as an address states it. Unknown states are not asked for."""

    state: str = ""
    body: str = ""
    programme: str = ""
    period: date | None = None
    q: str = ""

    @property
    def narrowed(self) -> bool:
        return any((self.body, self.programme, self.period, self.q))

    def filter(self) -> Q:
        """Over submissions: everything that was asked but the state."""
        asked = Q()
        lines = SubmissionLine.objects.filter(submission=OuterRef("pk"))
        for words in self.q.split():
            numbered = Q(pk=int(words)) if words.isascii() and words.isdigit() and len(words) < 10 else Q()
            people = Q(created_by__display_name__icontains=words) | Q(submitted_by__display_name__icontains=words)
            asked &= (
                Q(body__name__icontains=words) | Q(body__name_en__icontains=words) | Q(upload__name__icontains=words) | people | numbered
            )
        if self.body:
            asked &= Q(body__code=self.body)
        if self.programme:
            asked &= Q(Exists(lines.filter(undertaking__programme__code=self.programme)))
        if self.period:
            asked &= Q(period=self.period) | Q(period=None) & Q(Exists(lines.filter(period=self.period)))
        return asked


def asked_for(user: Any, asked: Asked) -> tuple[QuerySet[Submission], dict[str, int]]:
    """The submissions asked for, in the order in which to look at them, and how many there are of each state."""
    found = visible(user).filter(asked.filter())
    counted = dict.fromkeys(State.values, 0) | dict(found.order_by().values_list("state").annotate(n=Count("pk")))
    return _ranked(weighed(found.filter(state=asked.state) if asked.state else found)), counted


@dataclass(frozen=True, slots=True)
class Extent:
    """What a submission speaks of: how many lines, from which period to which, of which programmes."""

    lines: int = 0
    first: date | None = None
    last: date | None = None
    programmes: tuple[Programme, ...] = ()


def extents(submissions: Iterable[Submission]) -> Mapping[int, Extent]:
    """What each of a page of submissions speaks of, by its number."""
    shown = [submission.pk for submission in submissions]
    lines = SubmissionLine.objects.filter(submission__in=shown).order_by()
    shown_of = ("id", "code", "name", "name_en", "order")
    spoken = lines.values_list("submission", *(f"undertaking__programme__{name}" for name in shown_of)).distinct()
    by_submission: dict[int, list[Programme]] = {}
    for submission, *told in spoken:
        by_submission.setdefault(submission, []).append(Programme(**dict(zip(shown_of, told, strict=True))))
    return {
        pk: Extent(count, first, last, tuple(sorted(by_submission.get(pk, []), key=lambda one: (one.order, one.code))))
        for pk, count, first, last in lines.values_list("submission").annotate(n=Count("pk"), first=Min("period"), last=Max("period"))
    }
