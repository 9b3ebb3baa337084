"""The lines of a submission as cells: what each slot says now, what it shall say, and what stands between the two.

Every line is in one of the states that `duban.intake.states` decides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db import connection
from django.db.models import Case, CharField, Count, Exists, Func, Max, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from duban.intake.models import Submission, SubmissionFinding, SubmissionLine
from duban.intake.states import CHANGED as CHANGED
from duban.intake.states import CONFLICT as CONFLICT
from duban.intake.states import NEW as NEW
from duban.intake.states import SAME as SAME
from duban.intake.states import SQL, STATES
from duban.ledger.models import Entry
from duban.registry.models import Measure

Weight = SubmissionFinding.Weight

_BESIDE: Final = """
FROM intake_submissionline l
LEFT JOIN ledger_entry e ON e.seq = (
    SELECT MAX(s.seq) FROM ledger_entry s
    WHERE s.undertaking_id = l.undertaking_id AND s.measure_id = l.measure_id AND s.kind = l.kind AND s.period = l.period)
"""
"""Each line (`l`) beside the last entry of its slot (`e`)."""


class StateOf(Func):
    """The state of one line, for queries that look at few lines or stop early; `counts` counts them all at once."""

    template = f"(SELECT {SQL} {_BESIDE} WHERE l.id = %(expressions)s)"
    output_field = CharField()


UNREASONED: Final = "unreasoned"


def counts(submission: Submission) -> dict[str, int]:
    """How many lines of a submission are in each state, and how many still lack the reason that they need (`unreasoned`)."""
    found = dict.fromkeys((*STATES, UNREASONED), 0)
    with connection.cursor() as cursor:
        counted = f"SELECT {SQL} AS state, l.reason = '' AS bare, COUNT(*) {_BESIDE} WHERE l.submission_id = %s GROUP BY 1, 2"
        cursor.execute(counted, [submission.pk])
        for state, bare, count in cursor.fetchall():
            found[state] += count
            if bare and state in (CHANGED, CONFLICT):
                found[UNREASONED] += count
    return found


def stamp(submission: Submission) -> tuple[object, ...]:
    """What the counts of a submission rest on: its lines as far as they can change, and the ledger's head."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*), MAX(id), SUM(COALESCE(seen, -1)), COUNT(CASE WHEN reason = '' THEN 1 END), "
            "(SELECT MAX(seq) FROM ledger_entry) FROM intake_submissionline WHERE submission_id = %s",
            [submission.pk],
        )
        return (submission.pk, submission.created_at, *cursor.fetchone())


def lines(submission: Submission, state: str = "") -> QuerySet[SubmissionLine]:
    """The lines of a submission, those in one state, or those that lack the reason that they need (`unreasoned`)."""
    found: QuerySet[SubmissionLine] = submission.lines.order_by("pk")
    if state == UNREASONED:
        return found.alias(state=StateOf("pk")).filter(state__in=(CHANGED, CONFLICT), reason="")
    return found.alias(state=StateOf("pk")).filter(state=state) if state in STATES else found


def _rank() -> Case:
    weights = (Weight.NOTE, Weight.EXPLAIN, Weight.BLOCK)
    return Case(*(When(weight=weight, then=Value(rank)) for rank, weight in enumerate(weights, 1)))


@dataclass(frozen=True, slots=True)
class FindingsFirst:
    """The lines of one state in the order in which to look at them: those with findings, the heaviest first, then the others.

    It slices as a paginator slices, and sorts only what has findings.
    """

    submission: Submission
    state: str = ""
    marked_only: bool = False

    @property
    def found(self) -> QuerySet[SubmissionLine]:
        return lines(self.submission, self.state)

    @property
    def marked(self) -> QuerySet[SubmissionLine]:
        of_line = SubmissionFinding.objects.filter(line=OuterRef("pk")).order_by().values("line")
        heaviest = Subquery(of_line.annotate(n=Max(_rank())).values("n"))
        has = self.submission.findings.exclude(line=None).order_by().values("line")
        return self.found.filter(pk__in=has).annotate(worst=Coalesce(heaviest, 0)).order_by("-worst", "pk")

    def count(self) -> int:
        return self.marked.count() if self.marked_only else self.found.count()

    __len__ = count

    def __getitem__(self, wanted: slice) -> list[int]:
        """The numbers of the lines in a slice."""
        first = list(self.marked.values_list("pk", flat=True)[wanted])
        room = wanted.stop - wanted.start - len(first)
        if self.marked_only or not room:
            return first
        start = 0 if first else max(wanted.start - self.marked.count(), 0)
        plain = self.found.filter(~Exists(SubmissionFinding.objects.filter(line=OuterRef("pk"))))
        return [*first, *plain.values_list("pk", flat=True)[start : start + room]]


@dataclass(frozen=True, slots=True)
class Cell:
    """A line beside what its slot says (`said`), what was reported for the period before (`last`) and what is planned (`plan`)."""

    line: SubmissionLine
    state: str
    said: Entry | None
    last: Entry | None
    plan: Entry | None
    first: SubmissionLine | None = None
    findings: list[SubmissionFinding] = field(default_factory=list)

    @property
    def now(self) -> Decimal | date | None:
        """What the slot says, or will say once the plan's first wording has entered; None for silence."""
        return _value(self.said) if _value(self.said) is not None else _value(self.first)

    @property
    def shall(self) -> Decimal | date | None:
        """What the slot shall say; None withdraws it."""
        return _value(self.line)

    @property
    def change(self) -> Decimal | int | None:
        """How much more it shall say than it says, in days for a day; None where one of the two is missing."""
        return _difference(self.shall, self.now)

    @property
    def growth(self) -> Decimal | int | None:
        """How much more than the period before."""
        return _difference(self.shall, _value(self.last))

    @property
    def needs_reason(self) -> bool:
        """Whether its slot has spoken: then a reason is asked for."""
        return self.state in (CHANGED, CONFLICT)

    @property
    def counted(self) -> bool:
        return bool(self.line.measure.holds == Measure.Holds.AMOUNT)


def _value(spoken: Entry | SubmissionLine | None) -> Decimal | date | None:
    if spoken is None:
        return None
    value: Decimal | date | None = spoken.day if spoken.amount is None else spoken.amount
    return value


def _difference(shall: Any, now: Any) -> Decimal | int | None:
    if shall is None or now is None or isinstance(shall, date) is not isinstance(now, date):
        return None
    return (shall - now).days if isinstance(shall, date) else shall - now


def _of_slot(**named: str) -> QuerySet[Entry]:
    return Entry.objects.filter(undertaking=OuterRef("undertaking"), measure=OuterRef("measure"), **named)


def _speaking(entries: QuerySet[Entry]) -> QuerySet[Entry]:
    """Those that say something and were not replaced."""
    return entries.exclude(amount=None, day=None).filter(~Exists(Entry.objects.filter(replaces=OuterRef("seq"))))


def cells(wanted: list[int]) -> list[Cell]:
    """The cells of these lines (by number), in the order given; five queries for however many."""
    said = _of_slot(kind=OuterRef("kind"), period=OuterRef("period")).order_by("-seq")
    last = _speaking(_of_slot(kind=Entry.Kind.REPORT, period__lt=OuterRef("period"))).order_by("-period")
    plan = _speaking(_of_slot(kind=Entry.Kind.PLAN, period__gte=OuterRef("period"))).order_by("period")
    shown = (
        SubmissionLine.objects.filter(pk__in=wanted)
        .select_related("undertaking__programme", "undertaking__lead_body", "measure")
        .prefetch_related("evidence", Prefetch("findings", SubmissionFinding.objects.select_related("explained_by")))
        .annotate(
            state=StateOf("pk"), **{name: Subquery(of.values("seq")[:1]) for name, of in (("said", said), ("last", last), ("plan", plan))}
        )
        .in_bulk()
    )
    numbers = {seq for line in shown.values() for seq in (line.said, line.last, line.plan) if seq}
    entries = Entry.objects.select_related("submitted_by", "accepted_by").in_bulk(numbers)
    firsts = _first_wordings(list(shown.values()))
    return [
        Cell(
            line=line,
            state=line.state,
            said=entries.get(line.said),
            last=entries.get(line.last) if line.kind == Entry.Kind.REPORT else None,
            plan=entries.get(line.plan) if line.kind == Entry.Kind.REPORT else None,
            first=None if line.original else firsts.get((line.submission_id, line.undertaking_id, line.measure_id, line.period)),
            findings=list(line.findings.all()),
        )
        for line in (shown[pk] for pk in wanted if pk in shown)
    ]


def _first_wordings(shown: list[SubmissionLine]) -> dict[tuple[int, int, int, date], SubmissionLine]:
    """By submission and slot, the first wordings that stand in the same submission as one of these plans."""
    plans = [line for line in shown if line.kind == Entry.Kind.PLAN and not line.original]
    if not plans:
        return {}
    found = SubmissionLine.objects.filter(
        submission__in={line.submission_id for line in plans}, undertaking__in={line.undertaking_id for line in plans}, original=True
    )
    return {(line.submission_id, line.undertaking_id, line.measure_id, line.period): line for line in found}


@dataclass(frozen=True, slots=True)
class Weighed:
    """How many findings a submission has, of which weight, and how many are still to be explained."""

    notes: int = 0
    explain: int = 0
    unexplained: int = 0
    blocks: int = 0
    lines: int = 0
    loose: int = 0
    wrong: int = 0

    @property
    def all(self) -> int:
        return self.notes + self.explain + self.blocks


def weighed(submission: Submission) -> Weighed:
    """The findings of a submission, counted: `lines` have one, `loose` ones have no line, `wrong` ones are of a cell that became none."""
    explain = Q(weight=Weight.EXPLAIN)
    return Weighed(
        **submission.findings.aggregate(
            notes=Count("pk", filter=Q(weight=Weight.NOTE)),
            explain=Count("pk", filter=explain),
            unexplained=Count("pk", filter=explain & Q(explanation="")),
            blocks=Count("pk", filter=Q(weight=Weight.BLOCK)),
            lines=Count("line", distinct=True),
            loose=Count("pk", filter=Q(line=None)),
            wrong=Count("pk", filter=Q(line=None) & ~Q(place={})),
        )
    )


def loose(submission: Submission, *, wrong: bool) -> QuerySet[SubmissionFinding]:
    """The findings that speak of no line: cells that became none (`wrong`), or the submission as a whole. The heaviest first."""
    found = submission.findings.filter(line=None).select_related("explained_by").order_by(_rank().desc(), "pk")
    return found.exclude(place={}) if wrong else found.filter(place={})


def told(submission: Submission) -> QuerySet[SubmissionFinding]:
    """Every finding of a submission, the heaviest first, with its line."""
    found = submission.findings.select_related("explained_by", "line__undertaking", "line__measure")
    return found.order_by(_rank().desc(), "pk")
