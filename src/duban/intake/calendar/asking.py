"""What a reporting calendar asks for, counted over whole programmes at once.

- Amounts are asked of every undertaking without parts (the parts speak for their heading), unless it is in reserve (nothing is due
  of it) or finished in an earlier month (it has said all that it had to say).
- A day is asked of such an undertaking for the period in which its planned day lies, once, and is missing there until it is told for
  whatever period: what has not happened cannot be reported, so silence about it is no fault before then.

An accepted entry answers, a zero like any other amount; a withdrawn one is silence again. What waits for a reviewer counts apart, and
so does what was returned.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, F, Max, Min, OuterRef, Q, QuerySet, Subquery
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
PLANNED: Final = ("undertaking", "undertaking__programme", "undertaking__lead_body", "measure", "day")


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
    """How many slots are asked for, and what has come of them. `handed_in` is when the last accepted one was first sent.

    A day stands at the end of the month that its planned day lies in; `dated` names those places by programme, body and measure.
    """

    asked: Counter[Place] = field(default_factory=Counter)
    accepted: Counter[Place] = field(default_factory=Counter)
    waiting: Counter[Place] = field(default_factory=Counter)
    returned: Counter[Place] = field(default_factory=Counter)
    handed_in: dict[Place, datetime] = field(default_factory=dict)
    dated: dict[tuple[int, int, int], set[Place]] = field(default_factory=dict)


def _last_words(entries: QuerySet[Entry]) -> QuerySet[Entry]:
    """Those entries that no later one of their slot replaces."""
    return entries.filter(~Exists(Entry.objects.filter(replaces=OuterRef("seq"))))


def _speaking(entries: QuerySet[Entry]) -> QuerySet[Entry]:
    """Those entries that are the last word of their slot and say something."""
    return _last_words(entries).exclude(amount=None, day=None)


def _said() -> Coalesce:
    """Whether the last word of the slot that a row is about says something. One look at the index for each row, however it is planned."""
    same = {name: OuterRef(name) for name in ("undertaking", "measure", "kind", "period")}
    says = ExpressionWrapper(Q(amount__isnull=False) | Q(day__isnull=False), BooleanField())
    return Coalesce(Subquery(Entry.objects.filter(**same).order_by("-seq").annotate(says=says).values("says")[:1]), False)


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
        found.handed_in = {tuple(place): at for *place, at in _first_sent(_reports(wanted), *PLACE)}  # type: ignore[misc]
    untold = _ask_days(wanted, found, handed_in=handed_in) if wanted.days else {}
    _count_unanswered(wanted, found, finishes, untold)
    return found


def _first_sent(reports: QuerySet[Entry], *by: str) -> Iterable[tuple[Any, ...]]:
    """When the last of the slots that `by` groups together was sent for the first time, whatever corrected it later."""
    sent = Max(Coalesce("batch__submission__submitted_at", "recorded_at"))
    return reports.filter(replaces=None).order_by().values_list(*by).annotate(sent=sent)


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
    """Count the slots that the ledger has ever had an entry of, less those that are withdrawn and those of months after the finish."""
    reports = _reports(wanted).order_by()
    for *place, count in reports.filter(replaces=None).values_list(*PLACE).annotate(count=Count("seq")):
        found.accepted[tuple(place)] = count  # type: ignore[index]
    withdrawn = _last_words(reports.filter(amount=None, day=None))
    for place in withdrawn.values_list(*PLACE):
        found.accepted[place] -= 1
    if finishes:
        first = min(end for _, _, end in finishes.values())
        late = _speaking(reports.filter(period__gt=first, undertaking__in=_told_finishes(wanted).values("undertaking")))
        for undertaking, *place in late.values_list("undertaking", *PLACE):
            if _over(finishes, undertaking, place[3]):
                found.accepted[tuple(place)] -= 1  # type: ignore[index]


def _over(finishes: Finishes, undertaking: int, period: date) -> bool:
    """Whether the undertaking had finished before the month of `period`."""
    return undertaking in finishes and finishes[undertaking][2] < period


def _ask_days(wanted: Wanted, found: Tally, *, handed_in: bool) -> dict[tuple[int, int], Place]:
    """Ask for the days that are planned, and return where those stand that nobody has told."""
    days_of = wanted.leaves(Entry.objects.filter(measure__in=wanted.days))
    reports = days_of.filter(kind=Entry.Kind.REPORT)
    told = set(_speaking(reports).exclude(day=None).values_list("undertaking", "measure"))
    sent = {(one, measure): at for one, measure, at in _first_sent(reports, "undertaking", "measure")} if handed_in else {}
    plans = _speaking(days_of.filter(kind=Entry.Kind.PLAN)).exclude(day=None).order_by("seq")
    planned = {(one, measure): (*group, measure, days.month_end(day)) for one, *group, measure, day in plans.values_list(*PLANNED)}
    for slot, place in planned.items():
        found.dated.setdefault(place[:3], set()).add(place)
        found.asked[place] += 1
        found.accepted[place] += slot in told
        if slot in told and slot in sent:
            found.handed_in[place] = max(sent[slot], found.handed_in.get(place, sent[slot]))
    return {slot: place for slot, place in planned.items() if slot not in told}


def _count_unanswered(wanted: Wanted, found: Tally, finishes: Finishes, untold: Mapping[tuple[int, int], Place]) -> None:
    """Count the slots that wait for a reviewer, and those returned of which nothing newer waits."""
    states = (Submission.State.SUBMITTED, Submission.State.RETURNED)
    asked = Q(measure__in=wanted.amounts, period__in=wanted.periods) | Q(measure__in=wanted.days)
    lines = SubmissionLine.objects.filter(asked, kind=Entry.Kind.REPORT, withdraws=False, submission__state__in=states)
    lines = wanted.leaves(lines).annotate(answered=_said()).filter(answered=False).order_by()
    waits: dict[tuple[int, Place], bool] = {}
    for undertaking, state, *here in lines.values_list("undertaking", "submission__state", *PLACE).distinct():
        dated = here[2] in wanted.days
        place = untold.get((undertaking, here[2])) if dated else tuple(here)
        if place is not None and (dated or not _over(finishes, undertaking, here[3])):
            waits[undertaking, place] = waits.get((undertaking, place), False) or state == Submission.State.SUBMITTED  # type: ignore[index]
    for (_, place), waiting in waits.items():
        (found.waiting if waiting else found.returned)[place] += 1
