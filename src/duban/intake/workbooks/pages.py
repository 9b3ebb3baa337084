"""What a body's month asks for, as pages of cells, as the ledger was known at a head.

Asked again at the same head, the answer is the same: a workbook keeps the head and no values, and whoever reads it knows what stood
in it. Amounts are in the measure's own unit here; a column's `unit` is what the workbook tells them in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet

from duban.core import numerals, periods
from duban.intake import reads
from duban.ledger.models import Entry
from duban.people.models import Body
from duban.registry.models import Measure, Programme, Undertaking

PLAN: Final = "plan"
LAST: Final = "last"
NOW: Final = "now"
MONEY: Final = "万元"
"""What money is told in."""

Value = Decimal | date | None


@dataclass(frozen=True, slots=True)
class Word:
    """An entry that speaks for its slot: `value` of None was withdrawn."""

    period: date
    seq: int
    value: Value


@dataclass(frozen=True, slots=True)
class Cell:
    """What the ledger says in a cell, the `seq` of the entry that says so (0: nobody), and whether something may be said there."""

    value: Value = None
    seq: int = 0
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """One measure in one role: the year's plan, what was reported last, or what is reported now."""

    role: str
    measure: Measure
    since: date | None = None
    """For what was reported last: the month that all rows speak of, None where they differ."""

    @property
    def unit(self) -> str:
        return MONEY if self.measure.unit == "元" else self.measure.unit

    @property
    def key(self) -> str:
        """What the column is known by, whatever becomes of its heading: role, measure and unit."""
        return f"{self.role}:{self.measure.code}:{self.unit}"

    @property
    def dated(self) -> bool:
        return self.measure.holds == Measure.Holds.DAY

    def told(self, value: Value) -> Value:
        """A value of the ledger in the column's unit."""
        return value / numerals.factor(self.unit, self.measure.unit) if isinstance(value, Decimal) else value


@dataclass(slots=True)
class Spoken:
    """What plans and reports said of undertakings at a head, by undertaking and measure; the newest period first."""

    period: date
    reports: dict[tuple[int, int], list[Word]] = field(default_factory=dict)
    plans: dict[tuple[int, int], list[Word]] = field(default_factory=dict)

    def planned(self, undertaking: Undertaking, measure: Measure) -> Word | None:
        """The plan in force for the year: of amounts the year's last point, of days the latest."""
        said = [word for word in self._in_year(self.plans, undertaking, measure) if word.value is not None]
        year_end = date(self.period.year, 12, 31)
        by_then = [word for word in said if word.period <= year_end]
        if measure.holds == Measure.Holds.DAY:
            return max(by_then, key=lambda word: (word.value, word.seq), default=None)
        return by_then[0] if by_then else said[-1] if said else None

    def before(self, undertaking: Undertaking, measure: Measure) -> Word | None:
        """What was reported last before the month and still stands; of a measure that begins anew each year, within the year."""
        said = self._in_year(self.reports, undertaking, measure)
        return next((word for word in said if word.period < self.period and word.value is not None), None)

    def said(self, undertaking: Undertaking, measure: Measure) -> Word | None:
        """What the month's own slot says; a withdrawn one says nothing, but has spoken."""
        words = self.reports.get((undertaking.pk, measure.pk), ())
        return next((word for word in words if word.period == self.period), None)

    def _in_year(self, words: dict[tuple[int, int], list[Word]], undertaking: Undertaking, measure: Measure) -> Sequence[Word]:
        found = words.get((undertaking.pk, measure.pk), [])
        if measure.accumulates != Measure.Accumulates.YEAR:
            return found
        return [word for word in found if word.period.year == self.period.year]


def spoken(undertakings: QuerySet[Undertaking], *, period: date, head: int) -> Spoken:
    """What had been said of `undertakings` by `head`: the last word of each slot, of reports up to `period`."""
    last: dict[tuple[int, int, str, date], Word] = {}
    entries = Entry.objects.filter(undertaking__in=undertakings.order_by().values("pk"), seq__lte=head)
    entries = entries.exclude(kind=Entry.Kind.REPORT, period__gt=period)
    rows = entries.order_by("seq").values_list("undertaking_id", "measure_id", "kind", "period", "seq", "amount", "day")
    for undertaking, measure, kind, of, seq, amount, day in rows:
        last[(undertaking, measure, kind, of)] = Word(of, seq, amount if day is None else day)
    result = Spoken(period)
    for (undertaking, measure, kind, _), word in sorted(last.items(), key=lambda pair: pair[0][3], reverse=True):
        words = result.plans if kind == Entry.Kind.PLAN else result.reports
        words.setdefault((undertaking, measure), []).append(word)
    return result


@dataclass(slots=True)
class Page:
    """One programme's undertakings and what is asked of each. `columns` leaves out what no row has anything to show in."""

    programme: Programme
    measures: list[Measure]
    undertakings: list[Undertaking]
    """Each carries `whole`: whether it has parts that report for it."""
    spoken: Spoken

    def cell(self, undertaking: Undertaking, role: str, measure: Measure) -> Cell:
        """What stands in a cell. A day that was reported is not asked again, and what its parts report is not asked of the whole."""
        if role != NOW:
            word = (self.spoken.planned if role == PLAN else self.spoken.before)(undertaking, measure)
            return Cell(word.value, word.seq) if word else Cell()
        dated, said = measure.holds == Measure.Holds.DAY, self.spoken.said(undertaking, measure)
        before = self.spoken.before(undertaking, measure)
        if dated and said is None and before is not None:
            return Cell(before.value, before.seq)
        if undertaking.whole and not dated:  # type: ignore[attr-defined]
            return Cell(said.value, said.seq) if said else Cell()
        return Cell(said.value, said.seq, asked=True) if said else Cell(asked=True)

    @property
    def columns(self) -> list[Column]:
        found = []
        for measure in self.measures:
            if any(self.cell(undertaking, PLAN, measure).seq for undertaking in self.undertakings):
                found.append(Column(PLAN, measure))
            before = [self.spoken.before(undertaking, measure) for undertaking in self.undertakings]
            months = {word.period for word in before if word}
            if months and measure.holds == Measure.Holds.AMOUNT:
                found.append(Column(LAST, measure, months.pop() if len(months) == 1 else None))
            found.append(Column(NOW, measure))
        return found


def pages(body: Body, *, period: date, head: int) -> list[Page]:
    """One page for each programme in which `body` has undertakings and something is counted."""
    undertakings = reads.reached(body)
    said = spoken(undertakings, period=periods.speakable(period), head=head)
    by_programme: dict[int, list[Undertaking]] = {}
    parts = Undertaking.objects.filter(parent=OuterRef("pk"))
    for undertaking in undertakings.annotate(whole=Exists(parts)).select_related("lead_body").order_by("order", "code"):
        by_programme.setdefault(undertaking.programme_id, []).append(undertaking)
    programmes = Programme.objects.filter(pk__in=by_programme).prefetch_related("measures").order_by("order", "code")
    found = [Page(programme, list(programme.measures.all()), by_programme[programme.pk], said) for programme in programmes]
    return [page for page in found if page.measures]
