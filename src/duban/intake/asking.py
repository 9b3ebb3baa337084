"""What a reporting calendar asks for, counted over whole programmes at once.

- Amounts are asked of every undertaking without parts (the parts speak for their heading), unless it is in reserve (nothing is due
  of it) or finished in an earlier month (it has said all that it had to say).
- A day is asked of such an undertaking once its planned day has come, until it is told: what has not happened cannot be reported,
  so silence about it is no fault before then.

An accepted entry answers, a zero like any other amount; a withdrawn one is silence again. What waits for a reviewer counts apart, and
so does what was returned.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from duban.core import periods as days
from duban.intake.models import Submission, SubmissionLine
from duban.ledger.models import Entry
from duban.people.models import Body
from duban.registry.models import Undertaking

FINISH: Final = "finish"
"""The code of the measure whose day ends an undertaking; a lead measure that is itself a day ends it too."""

Place = tuple[int, int, int, date]
"""A programme, a body, a measure and a period."""
PLACE: Final = ("undertaking__programme", "undertaking__lead_body", "measure", "period")


Finishes = Mapping[int, tuple[int, int, date]]
"""By undertaking its programme, its body and the end of the month in which it finished."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be counted: by programme its amounts, the days that somebody named, for these periods, of these bodies (None is all)."""

    programmes: Mapping[int, frozenset[int]]
    days: frozenset[int]
    periods: frozenset[date]
    bodies: QuerySet[Body] | None = None

    @property
    def amounts(self) -> frozenset[int]:
        """The amounts of all programmes."""
        return frozenset().union(*self.programmes.values())

    def leaves(self, rows: QuerySet[Any], at: str = "undertaking__") -> QuerySet[Any]:
        """The rows whose undertaking (which they have `at`) has no parts and is not in reserve."""
        found = rows.filter(**{f"{at}programme__in": list(self.programmes), f"{at}parts": None})
        found = found.exclude(**{f"{at}stage": Undertaking.Stage.RESERVE})
        return found if self.bodies is None else found.filter(**{f"{at}lead_body__in": self.bodies})


@dataclass(slots=True)
class Tally:
    """How many slots are asked for, and what has come of them. `handed_in` is when the last accepted one was first sent."""

    asked: Counter[Place] = field(default_factory=Counter)
    accepted: Counter[Place] = field(default_factory=Counter)
    waiting: Counter[Place] = field(default_factory=Counter)
    returned: Counter[Place] = field(default_factory=Counter)
    handed_in: dict[Place, datetime] = field(default_factory=dict)


def _speaking(entries: QuerySet[Entry]) -> QuerySet[Entry]:
    """Those entries that are the last word of their slot and say something."""
    last = ~Exists(Entry.objects.filter(replaces=OuterRef("seq")))
    return entries.filter(last).exclude(amount=None, day=None)


def _reports(wanted: Wanted) -> QuerySet[Entry]:
    return wanted.leaves(Entry.objects.filter(kind=Entry.Kind.REPORT, measure__in=wanted.amounts, period__in=wanted.periods))


def _told_finishes(wanted: Wanted) -> QuerySet[Entry]:
    ends = Q(measure__code=FINISH) | Q(measure=F("undertaking__programme__lead_measure"))
    return _speaking(wanted.leaves(Entry.objects.filter(ends, kind=Entry.Kind.REPORT))).exclude(day=None).order_by()


def _finishes(wanted: Wanted) -> Finishes:
    """Every undertaking that has finished, as the ledger has it."""
    rows = _told_finishes(wanted).values_list("undertaking", "undertaking__programme", "undertaking__lead_body").annotate(first=Min("day"))
    return {undertaking: (programme, body, days.month_end(day)) for undertaking, programme, body, day in rows}


def tally(wanted: Wanted, *, handed_in: bool = True) -> Tally:
    """Count everything that is `wanted`, in as many queries for ten thousand undertakings as for ten."""
    found, finishes = Tally(), _finishes(wanted)
    _ask_amounts(wanted, found, finishes)
    _count_accepted(wanted, found, finishes)
    if handed_in:
        first = _reports(wanted).filter(replaces=None)
        sent = Max(Coalesce("batch__submission__submitted_at", "recorded_at"))
        found.handed_in = {tuple(place): at for *place, at in first.order_by().values_list(*PLACE).annotate(sent=sent)}  # type: ignore[misc]
    untold = _ask_days(wanted, found) if wanted.days else frozenset[tuple[int, int, date]]()
    _count_unanswered(wanted, found, finishes, untold)
    return found


def _ask_amounts(wanted: Wanted, found: Tally, finishes: Finishes) -> None:
    """Every undertaking is asked for every period, less those that finished in an earlier month."""
    over = Counter(finishes.values())
    ended: dict[tuple[int, int], list[tuple[date, int]]] = {}
    for (programme, body, end), count in over.items():
        ended.setdefault((programme, body), []).append((end, count))
    leaves = wanted.leaves(Undertaking.objects.order_by(), at="")
    for programme, body, count in leaves.values_list("programme", "lead_body").annotate(count=Count("pk")):
        for period in wanted.periods:
            asked = count - sum(some for end, some in ended.get((programme, body), ()) if end < period)
            for measure in wanted.programmes[programme] if asked else ():
                found.asked[programme, body, measure, period] = asked


def _count_accepted(wanted: Wanted, found: Tally, finishes: Finishes) -> None:
    """Count what the ledger has, less what was reported of later months than that of the finish."""
    reports = _speaking(_reports(wanted)).order_by()
    for *place, count in reports.values_list(*PLACE).annotate(count=Count("seq")):
        found.accepted[tuple(place)] = count  # type: ignore[index]
    if finishes:
        first = min(end for _, _, end in finishes.values())
        late = reports.filter(period__gt=first, undertaking__in=_told_finishes(wanted).values("undertaking"))
        for undertaking, *place in late.values_list("undertaking", *PLACE):
            if _over(finishes, undertaking, place[3]):
                found.accepted[tuple(place)] -= 1  # type: ignore[index]


def _over(finishes: Finishes, undertaking: int, period: date) -> bool:
    """Whether the undertaking had finished before the month of `period`."""
    return undertaking in finishes and finishes[undertaking][2] < period


def _ask_days(wanted: Wanted, found: Tally) -> frozenset[tuple[int, int, date]]:
    """Ask for the days that have come, and return the (undertaking, measure, period) that are asked for and not told."""
    named = _speaking(wanted.leaves(Entry.objects.filter(measure__in=wanted.days))).exclude(day=None)
    told: dict[tuple[int, int], date] = {}
    planned: dict[tuple[int, int], tuple[int, int, date]] = {}
    rows = named.order_by("seq").values_list(
        "kind", "undertaking", "undertaking__programme", "undertaking__lead_body", "measure", "period", "day"
    )
    for kind, undertaking, programme, body, measure, period, day in rows:
        if kind == Entry.Kind.PLAN:
            planned[undertaking, measure] = (programme, body, day)
        else:
            told[undertaking, measure] = min(period, told.get((undertaking, measure), period))
    untold = set()
    for (undertaking, measure), (programme, body, day) in planned.items():
        answer = told.get((undertaking, measure))
        for period in wanted.periods:
            if day <= period and answer in (None, period):
                found.asked[programme, body, measure, period] += 1
                found.accepted[programme, body, measure, period] += answer is not None
                if answer is None:
                    untold.add((undertaking, measure, period))
    return frozenset(untold)


def _count_unanswered(wanted: Wanted, found: Tally, finishes: Finishes, untold: frozenset[tuple[int, int, date]]) -> None:
    """Count the slots that wait for a reviewer, and those returned of which nothing newer waits."""
    states = (Submission.State.SUBMITTED, Submission.State.RETURNED)
    lines = SubmissionLine.objects.filter(kind=Entry.Kind.REPORT, withdraws=False, submission__state__in=states, period__in=wanted.periods)
    same = {name: OuterRef(name) for name in ("undertaking", "measure", "kind", "period")}
    lines = wanted.leaves(lines.filter(measure__in=wanted.amounts | wanted.days)).exclude(Exists(_speaking(Entry.objects.filter(**same))))
    slots: dict[tuple[int, int, date], tuple[Place, bool]] = {}
    for undertaking, state, *place in lines.order_by().values_list("undertaking", "submission__state", *PLACE).distinct():
        slot = (undertaking, place[2], place[3])
        waits = state == Submission.State.SUBMITTED or (slot in slots and slots[slot][1])
        slots[slot] = (tuple(place), waits)  # type: ignore[assignment]
    for slot, (place, waits) in slots.items():
        if slot in untold or (slot[1] in wanted.amounts and not _over(finishes, slot[0], slot[2])):
            (found.waiting if waits else found.returned)[place] += 1
