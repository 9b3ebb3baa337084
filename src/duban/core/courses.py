"""The ledger's years as courses: what each undertaking planned and did of its lead measure, half month by half month.

`promises`, `reports` and `plans` read them from the ledger as known at a head; `arranged` turns what they read into completed
courses and those under way on a day. Amounts that begin anew in January make courses of their own; amounts since the start are cut
into years, each from what stood when it began. Less-is-better measures, levels and days have no course.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

import ibis
import ibis.expr.types as ir
import numpy as np
from ibis import _

from duban.core import heard, history, periods
from duban.core.forecast import UnderWay
from duban.core.history import whole_div
from duban.core.likeness import Completed, Numbers, Truth, Whole

PROGRAMME: Final = ibis.param("int64").name("programme")
NO_COURSE: Final = "no_course"
HEADING: Final = "heading"
NO_PLAN: Final = "no_plan"
NO_BASE: Final = "no_base"
NOTHING_LEFT: Final = "nothing_left"
POINTS: Final = periods.HALVES + 1
"""Places of a course: the year's beginning and the end of each half month."""


@cache
def promises(*, of_one: bool = False) -> ir.Table:
    """One row an undertaking of a programme with a lead measure; `of_one` asks for the programme `PROGRAMME` alone.

    `courses` says whether such a measure has a course, `lasting` whether it counts since the start, `heading` whether parts speak for the
    undertaking, `fresh` whether it is new this year.
    """
    programmes = history.PROGRAMMES.filter(_.lead_measure_id.notnull()).select(programme_id="id", lead="lead_measure_id")
    if of_one:
        programmes = programmes.filter(_.programme_id == PROGRAMME)
    measures = history.MEASURES.select("holds", "accumulates", "direction", lead="id")
    headings = heard.headings().select(whole="undertaking_id")
    undertakings = history.UNDERTAKINGS.select("programme_id", "stage", undertaking_id="id")
    s = undertakings.join(programmes, "programme_id").join(measures, "lead")
    s = s.left_join(headings, s.undertaking_id == headings.whole)
    return s.select(
        "undertaking_id",
        "programme_id",
        "lead",
        courses=(s.holds == "amount") & s.accumulates.isin(["year", "life"]) & (s.direction > 0),
        lasting=s.accumulates == "life",
        heading=s.whole.notnull(),
        fresh=s.stage.isin(["new", "reserve"]),
    )


def _told(kind: str, of_one: bool) -> ir.Table:
    """Every amount of this kind that the lead measures with a course say at the head."""
    asked = promises(of_one=of_one)
    asked = asked.filter(asked.courses)
    entries = history.ENTRIES.filter((_.kind == kind) & _.measure_id.isin(asked.lead))
    if of_one:
        entries = entries.filter(_.undertaking_id.isin(asked.undertaking_id))
    s = history.known(entries).filter(_.amount.notnull())
    leads = asked.select("lead", promised="undertaking_id")
    return s.join(leads, [s.undertaking_id == leads.promised, s.measure_id == leads.lead])


@cache
def reports(*, of_one: bool = False) -> ir.Table:
    """One row a report: undertaking, period, amount."""
    return _told("report", of_one).select("undertaking_id", "period", "amount")


@cache
def plans(*, of_one: bool = False) -> ir.Table:
    """One row a year of an undertaking that was planned for: its first and its last point."""
    s = _told("plan", of_one)
    place = history.place(s)
    s = s.group_by("undertaking_id", year=whole_div(s.period, 10_000)).agg(early=place.min(), late=place.max())
    first, last = history.ENTRIES.view(), history.ENTRIES.view()
    s = s.select("undertaking_id", early=history.seq_of(s.early), late=history.seq_of(s.late))
    s = s.join(first, s.early == first.seq, rname="first_{name}").join(last, s.late == last.seq, rname="last_{name}")
    return s.select(
        "undertaking_id",
        first_period=first.period,
        first_amount=first.amount,
        last_period=last.period,
        last_amount=last.amount,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What `promises`, `reports` and `plans` read: whole numbers, a row each, in the columns of their expressions."""

    promises: Whole
    reports: Whole
    plans: Whole

    @classmethod
    def read(cls, ask: Callable[[ir.Table], Sequence[Sequence[int]]], *, of_one: bool = False) -> Told:
        """What `ask` answers to the three of them."""

        def table(expression: ir.Table) -> Whole:
            rows = ask(expression)
            return np.array(rows, dtype=np.int64).reshape(len(rows), len(expression.columns))

        return cls(table(promises(of_one=of_one)), table(reports(of_one=of_one)), table(plans(of_one=of_one)))


@dataclass(frozen=True, slots=True, eq=False)
class _Series:
    """Amounts of undertakings in the order of undertaking and period, so that what stood at a day is found by halving."""

    key: Whole
    period: Whole
    amount: Whole

    @classmethod
    def of(cls, place: Whole, period: Whole, amount: Whole) -> _Series:
        """`place` is the undertaking's."""
        key, chosen = np.unique(_key(place, period), return_index=True)
        return cls(key, period[chosen], amount[chosen])

    def last(self, place: Whole, day: Whole) -> tuple[Truth, Whole]:
        """Whether the undertaking at `place` had said something by `day`, and where that stands."""
        found = np.searchsorted(self.key, _key(place, day), side="right") - 1
        return self._same(found, place), found

    def next(self, place: Whole, day: Whole) -> tuple[Truth, Whole]:
        """The same of the first thing that it said after `day`."""
        found = np.searchsorted(self.key, _key(place, day), side="right")
        return self._same(found, place), found

    def at(self, found: Whole) -> tuple[Whole, Whole]:
        """Period and amount at these places; of whoever said nothing they mean nothing."""
        if not self.key.size:
            return np.zeros_like(found), np.zeros_like(found)
        within = np.clip(found, 0, self.key.size - 1)
        return self.period[within], self.amount[within]

    def _same(self, found: Whole, place: Whole) -> Truth:
        if not self.key.size:
            return np.zeros(found.size, dtype=bool)
        owner: Whole = self.key[np.clip(found, 0, self.key.size - 1)] >> _BITS
        same: Truth = (found >= 0) & (found < self.key.size) & (owner == place)
        return same


_BITS: Final = 25
"""A day as a number, 21991231 at the most, has so many bits."""


def _key(place: Whole, day: Whole) -> Whole:
    return (place << _BITS) | day


def _half(period: Whole) -> Whole:
    """The twin of `periods.half_index` for columns."""
    return period // 10_000 * periods.HALVES + 2 * (period // 100 % 100 - 1) + (period % 100 >= 15) + (period % 100 >= 28)


class Courses:
    """The courses in what was told, at every day asked about."""

    def __init__(self, told: Told) -> None:
        promised = told.promises[np.argsort(told.promises[:, 0])]
        self.undertaking, self.programme = promised[:, 0], promised[:, 1]
        self.course, self.lasting, self.heading, self.fresh = (promised[:, column] != 0 for column in (3, 4, 5, 6))
        self.reports = _Series.of(self._place(told.reports[:, 0]), told.reports[:, 1], told.reports[:, 2])
        points = np.vstack([told.plans[:, [0, 1, 2]], told.plans[:, [0, 3, 4]]])
        self.plans = _Series.of(self._place(points[:, 0]), points[:, 1], points[:, 2])

    @property
    def first_year(self) -> int | None:
        """The first year of which anything is reported; None of an empty ledger."""
        return int(self.reports.period.min()) // 10_000 if self.reports.period.size else None

    def _place(self, undertaking: Whole) -> Whole:
        return np.searchsorted(self.undertaking, undertaking)

    def _base(self, place: Whole, year: Whole) -> tuple[Truth, Whole]:
        """What stood when the year began, and whether that is known: zero where amounts begin anew, and where all of it is new."""
        said, found = self.reports.last(place, year * 10_000)
        known = ~self.lasting[place] | said | self.fresh[place]
        return known, np.where(self.lasting[place] & said, self.reports.at(found)[1], 0)

    def _target(self, place: Whole, year: Whole, base: Whole) -> tuple[Truth, Whole]:
        """What the plan wants by the year's end, and whether it wants anything.

        A year's measure has its last point of the year. A lasting one has a line through its points, from what stood when the year began
        where none came before, and level after the last.
        """
        lasting, end = self.lasting[place], year * 10_000 + 1231
        (had, before), (has, after) = self.plans.last(place, end), self.plans.next(place, end)
        (since, low), (until, high) = self.plans.at(before), self.plans.at(after)
        start, floor = np.where(had, _half(since), year * periods.HALVES), np.where(had, low, base)
        width = np.maximum(_half(until) - start, 1)
        line = floor + np.rint((high - floor) * ((_half(end) - start) / width)).astype(np.int64)
        exact = had & (_half(since) == _half(end))
        target = np.where(lasting & has & ~exact, line, low)
        return np.where(lasting, had | has, had & (since // 10_000 == year)), target

    def _measured(self, place: Whole, year: Whole) -> tuple[dict[str, Truth], Whole, Whole]:
        """What stands in the way of a course, by name, and the courses' bases and targets."""
        based, base = self._base(place, year)
        planned, target = self._target(place, year, base)
        wanted = planned & (target > 0)
        hindered = {NO_PLAN: ~wanted, NO_BASE: wanted & ~based, NOTHING_LEFT: wanted & based & (target <= base)}
        return hindered, base, target

    def completed(self, *, before: int) -> Completed:
        """The courses of years before this one whose end is known, half months in silence straight between what was said around them.

        The end is known where it is reported, or where the plan was fulfilled and nothing more was said.
        """
        place, paths, base, target = self._ended(self.reports.period // 10_000 < before)
        return Completed(self.programme[place], self.lasting[place], (paths - base[:, None]) / (target - base)[:, None])

    def ends(self, year: int) -> dict[int, int]:
        """What each undertaking whose course of this year is completed had done at its end."""
        place, paths, _, _ = self._ended(self.reports.period // 10_000 == year)
        return dict(zip(self.undertaking[place].tolist(), np.rint(paths[:, -1]).astype(np.int64).tolist(), strict=True))

    def _ended(self, told: Truth) -> tuple[Whole, Numbers, Whole, Whole]:
        """Of these reports' courses the completed ones, by year: whose they are, their amounts, bases and targets."""
        told = told & ~self.heading[self.reports.key >> _BITS]
        owner, year = self.reports.key[told] >> _BITS, self.reports.period[told] // 10_000
        pairs, row = np.unique(year * self.undertaking.size + owner, return_inverse=True)
        of_year, place = np.divmod(pairs, max(self.undertaking.size, 1))
        hindered, base, target = self._measured(place, of_year)
        paths, ends = _paths(row, _half(self.reports.period[told]), of_year, self.reports.amount[told], base)
        fit = ~np.any(list(hindered.values()), axis=0) & (ends | (paths[:, -1] >= target))
        return place[fit], paths[fit], base[fit], target[fit]

    def under_way(self, as_of: date) -> tuple[UnderWay, dict[int, str]]:
        """The undertakings whose year has a course, as they stood on this day, and of all others why they have none."""
        place, year = np.arange(self.undertaking.size), np.full(self.undertaking.size, as_of.year)
        hindered, base, target = self._measured(place, year)
        hindered = {HEADING: self.heading, NO_COURSE: ~self.course, **hindered}
        said, found = self.reports.last(place, np.full(place.size, periods.to_number(as_of)))
        period, amount = self.reports.at(found)
        this_year = said & (period // 10_000 == as_of.year)
        why = {key: name for name in reversed(hindered) for key in self.undertaking[hindered[name]].tolist()}
        asked = UnderWay(
            undertaking=self.undertaking,
            programme=self.programme,
            lasting=self.lasting,
            base=base,
            done=np.where(this_year, amount, base),
            target=target,
            half=np.where(this_year, np.maximum(_half(period) - year * periods.HALVES, 1), 0),
        )
        return asked.rows(~np.any(list(hindered.values()), axis=0)), why

    def stood(self, undertakings: Whole, days: list[date]) -> Whole:
        """What these undertakings had done on each of `days`, a row a day; zero of whoever had said nothing by then."""
        place = self._place(undertakings)
        told = []
        for day in days:
            year = np.full(place.size, day.year)
            said, found = self.reports.last(place, np.full(place.size, periods.to_number(day)))
            period, amount = self.reports.at(found)
            told.append(np.where(said & (self.lasting[place] | (period // 10_000 == year)), amount, 0))
        return np.array(told, dtype=np.int64).reshape(len(days), place.size)


def _paths(row: Whole, half: Whole, year: Whole, amount: Whole, base: Whole) -> tuple[Numbers, Truth]:
    """Each course's amount at the year's beginning and at the end of each half month, and whether its end was reported.

    A course that fell silent before its end stays where it was.
    """
    paths, told = np.zeros((base.size, POINTS)), np.zeros((base.size, POINTS), dtype=bool)
    paths[:, 0], told[:, 0] = base, True
    column = np.maximum(half - year[row] * periods.HALVES, 1)
    paths[row, column], told[row, column] = amount, True  # in the order of periods: the last of a half month stays
    places = np.arange(POINTS)
    before = np.maximum.accumulate(np.where(told, places, 0), axis=1)
    after = np.minimum.accumulate(np.where(told, places, POINTS)[:, ::-1], axis=1)[:, ::-1]
    after = np.where(after == POINTS, before, after)
    low, high = np.take_along_axis(paths, before, axis=1), np.take_along_axis(paths, after, axis=1)
    return low + (high - low) * ((places - before) / np.maximum(after - before, 1)), told[:, -1]
