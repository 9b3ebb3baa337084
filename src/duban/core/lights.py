"""Lights: who is on time, who is behind, by which rule, and what would cure it.

One Ibis expression from the ledger's tables to one row an undertaking. It runs in three steps: `heard` reads what was
planned and reported, `_measured` sets it against the schedule, and the first of the `rules` that speaks decides. Each step is taken
twice, for the day and for the end of the month before. Programmes without a lead measure have no lights.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache, reduce
from operator import or_
from typing import Any, Final

import ibis
import ibis.expr.types as ir

from duban.core import history, periods, rulebook
from duban.core.heard import Layout, heard
from duban.core.history import AS_OF, YEAR_END, YEAR_START, half_months, settle, whole_div
from duban.core.moments import BEFORE, CURE_BY, LAST_YEAR_END, idle_cut
from duban.core.rulebook import Rulebook
from duban.core.rules import (
    AFTER_ENROLMENT,
    AFTER_FINISH,
    AFTER_START,
    BY_AMOUNT,
    IN_RESERVE,
    REDDENING,
    REMEMBERED,
    RULES,
    not_resumed,
)

WIDEST: Final = 10**13
"""Percentage points beyond which a gap is not told apart: an amount of nine quadrillion against a plan of nearly nothing."""
SEVERITIES: Final = 100
SPOKEN: Final = {rule.name: rule.severity * SEVERITIES + place for place, rule in enumerate(RULES)}
"""A rule as a number, from which its severity can be read."""
SIDES: Final = tuple((side, part) for side in ("from", "to") for part in ("period", "amount"))
NOT_BEFORE: Final = ("linear", "behind", "caught_up", "idle", "silent")
"""The numbers of a rulebook that nobody asks about the month before."""
ENDED: Final = ibis.param("int64").name("ended")

DAYS: Final = {
    "convert_due": "converted_due",
    "converted": "converted_told",
    "signed": "signed_told",
    "start_due": "start_due",
    "started": "start_told",
    "enrolled": "enrolled_told",
    "finish_due": "finish_due",
    "finished": "finish_told",
    "produce_due": "produced_due",
    "produced": "produced_told",
    "capacity": "capacity_told",
}
"""What the rules call a project's days, and where `heard` has them."""
TOLD: Final = tuple(name for name, column in DAYS.items() if column.endswith("_told"))


def moment(*, as_of: date, head: int, rules: Iterable[Rulebook] = (Rulebook(),), sheet: int = 1) -> dict[str, int]:
    """The values of every parameter of `lights` for one day, one head and the rulebooks in force.

    Raises `Refusal` "day-unreadable" for a day that no ledger speaks of.
    """
    number = periods.to_number
    before = periods.previous_month_end(periods.speakable(as_of))
    year_end = date(as_of.year, 12, 31)
    return {
        "head": head,
        "sheet": sheet,
        "as_of": number(as_of),
        "before": number(before),
        "year_start": number(date(as_of.year, 1, 1)),
        "year_end": number(year_end),
        "last_year_end": number(date(as_of.year - 1, 12, 31)),
        "ended": number(periods.ended_month(as_of)),
        "february": number(periods.last_day(as_of.year, 2)),
        "cure_by": number(min(periods.next_month_end(as_of), year_end)),
        **{f"idle_cut_{place}": cut for place, cut in enumerate(idle_cuts(rules, as_of))},
    }


def idle_cuts(rules: Iterable[Rulebook], as_of: date) -> list[int]:
    """The different days to which the rulebooks compare reports; at least one, so that there is an expression for it."""
    return sorted({rulebook.terms(book, on=as_of)["idle"] for book in rules}) or [rulebook.NEVER]


def terms(rules: Mapping[int, Rulebook], *, as_of: date, sheet: int = 1) -> list[dict[str, int]]:
    """The rows of `history.TERMS` for one day: of every programme two, for the day and for the end of the month before."""
    days = (as_of, periods.previous_month_end(periods.speakable(as_of)))
    return [
        {"sheet_id": sheet, "programme_id": programme, "on_day": periods.to_number(day), **rulebook.terms(book, on=day)}
        for programme, book in rules.items()
        for day in days
    ]


class _Before:
    """An undertaking as the rules would have seen it at the end of the month before: `was_NAME` where there is one."""

    def __init__(self, s: ir.Table) -> None:
        self._s = s

    def __getattr__(self, name: str) -> Any:
        return self._s[f"was_{name}"] if f"was_{name}" in self._s.columns else self._s[name]


def facts(s: ir.Table, idles: int) -> ir.Table:
    """Everything that the rules look at but the schedule; NULL is silence, zero is a report.

    Schedule and report are compared on one day: the last month's end, or `AS_OF` itself where something newer
    is reported. Nobody is measured against days for which no report was due.
    """
    day_of_terms = history.TERMS.filter(history.TERMS.sheet_id == history.SHEET)
    now = day_of_terms.filter(day_of_terms.on_day == AS_OF).drop("sheet_id", "on_day")
    was = day_of_terms.filter(day_of_terms.on_day == BEFORE).drop("sheet_id", "on_day")
    was = was.rename({f"was_{name}": name for name in rulebook.TERMS}).rename(was_programme="programme_id")
    s = s.join(now.rename(judged_programme="programme_id"), s.programme_id == now.programme_id)
    s = s.join(was, s.programme_id == was.was_programme).drop("judged_programme", "was_programme")
    s = settle(s.drop([f"was_{name}" for name in NOT_BEFORE]))
    newer = s.last_period > ENDED
    compared = newer | (AS_OF == ENDED)
    days = {name: s[column] for name, column in DAYS.items() if name != column}
    idle = ibis.cases(*((s.idle == idle_cut(n), s[f"idle_{n}_amount"]) for n in range(idles)), else_=ibis.null("int64"))
    points = {f"{side}_{part}": ibis.ifelse(compared, s[f"now_{side}_{part}"], s[f"before_{side}_{part}"]) for side, part in SIDES}
    points |= {f"was_{side}_{part}": s[f"before_{side}_{part}"] for side, part in SIDES}
    s = s.mutate(
        **days,
        **points,
        done=s.last_amount,
        target=s.target_amount,
        idle_amount=idle,
        judged=ibis.ifelse(compared, AS_OF, ENDED),
        was_done=s.was_amount,
        was_last_period=s.was_period,
        was_judged=BEFORE + 0,
    )
    spent = [f"{name}_{side}_{part}" for name in ("now", "before") for side, part in SIDES]
    spent += [f"idle_{n}_{part}" for n in range(idles) for part in ("period", "amount")]
    s = s.drop(
        *spent, "was_amount", "was_period", "last_amount", "target_amount", *(column for name, column in DAYS.items() if name != column)
    )
    was_told = {f"was_{name}": ibis.ifelse(s[name] <= BEFORE, s[name], ibis.null("int64")) for name in TOLD}
    return settle(s.mutate(stage=_stage(s), **was_told))


def _stage(s: ir.Table) -> ir.StringValue:
    """From reserve to production, by the days that are reported (四督四保); what was declared where no day speaks.

    A start of an earlier year continues, one of this year is new, and so is whatever was converted or is due to start
    this year, unless it is declared to be in reserve; what is due later is in reserve.
    """
    return ibis.cases(
        (s.produced.notnull(), "producing"),
        (s.finished.notnull() & (s.holds == "amount"), "finished"),
        (s.started < YEAR_START, "continuing"),
        (s.started.notnull() | s.converted.notnull(), "new"),
        (s.declared == "reserve", "reserve"),
        (s.start_due > YEAR_END, "reserve"),
        (s.start_due.notnull() & ((s.declared == "") | s.declared.isnull()), "new"),
        else_=ibis.coalesce(s.declared, ""),
    )


def _sides(s: ir.Table, around: str, day: ir.IntegerValue) -> dict[str, ir.Value]:
    """The plan's points on both sides of a day; for a rulebook that says `linear` the year's plan is the only one."""
    linear, reached = s.linear == 1, s.target_period <= day
    nothing = ibis.null("int64")
    return {
        f"{around}since": ibis.ifelse(linear, ibis.ifelse(reached, s.target_period, nothing), s[f"{around}from_period"]),
        f"{around}here": ibis.ifelse(linear, ibis.ifelse(reached, s.target, nothing), s[f"{around}from_amount"]),
        f"{around}until": ibis.ifelse(linear, ibis.ifelse(reached, nothing, s.target_period), s[f"{around}to_period"]),
        f"{around}there": ibis.ifelse(linear, ibis.ifelse(reached, nothing, s.target), s[f"{around}to_amount"]),
    }


def _halves(s: ir.Table, around: str, day: ir.IntegerValue) -> dict[str, ir.Value]:
    """The same points in half months; NULL where the day is a point itself, as a month's end mostly is."""
    there, nothing = s[f"{around}there"].isnull() | (s[f"{around}since"] == day), ibis.null("int64")
    return {
        f"{around}since": ibis.ifelse(there, nothing, half_months(ibis.coalesce(s[f"{around}since"], LAST_YEAR_END))),
        f"{around}until": ibis.ifelse(there, nothing, half_months(s[f"{around}until"])),
    }


def _on_curve(s: ir.Table, around: str, day: ir.IntegerValue) -> ir.IntegerValue:
    """The plan at the day: straight between the plan's points around it, from nothing at the year's start, rounded up.

    An undertaking with one point at the year's end thus has the linear schedule; one with its own curve has that.
    """
    here, there, since = (s[f"{around}{name}"] for name in ("here", "there", "since"))
    floor = ibis.coalesce(here, 0)
    rise = (there - floor) * (half_months(day) - since)
    width = ibis.greatest(s[f"{around}until"] - since, 1)
    return ibis.ifelse(since.isnull(), here, floor + whole_div(rise + ibis.ifelse(rise > 0, width - 1, 0), width))


def _tolerated(s: Any, percent: ir.IntegerValue, planned: ir.IntegerValue) -> ir.IntegerValue:
    """So many per cent of the year's plan, or, by ratio, of what the schedule asks on the day; rounded down."""
    return whole_div(ibis.ifelse(s.ratio == 1, planned.abs(), s.whole) * percent, 100)


def measured(s: ir.Table) -> ir.Table:
    """The facts set against the schedule: `planned`, `short`, the tolerances, and what the day of the cure asks."""
    around = {"": s.judged, "was_": BEFORE, "cure_": CURE_BY}
    points = [f"{name}{side}_{part}" for name in around for side in ("from", "to") for part in ("period", "amount")]
    sides = (_sides(s, name, day) for name, day in around.items())
    s = settle(s.mutate(**{name: value for each in sides for name, value in each.items()}).drop(points))
    halves = (_halves(s, name, day) for name, day in around.items())
    s = settle(s.mutate(**{name: value for each in halves for name, value in each.items()}))
    planned = {"planned": "", "was_planned": "was_", "planned_cure": "cure_"}
    s = s.mutate(whole=s.target.nullif(0).abs(), **{name: _on_curve(s, side, around[side]) for name, side in planned.items()})
    s = settle(s.drop([f"{name}{part}" for name in around for part in ("since", "here", "until", "there")]))
    s = settle(
        s.mutate(
            short=(s.planned - s.done) * s.direction,
            tolerance=_tolerated(s, s.behind, s.planned),
            wide_tolerance=_tolerated(s, s.far_behind, s.planned),
            cure_tolerance=_tolerated(s, s.behind, s.planned_cure),
            was_short=(s.was_planned - s.was_done) * s.direction,
            was_wide_tolerance=_tolerated(_Before(s), s.was_far_behind, s.was_planned),
        )
    )
    percent = whole_div(s.short.abs() * 100, s.whole)
    rest = s.short.abs() * 100 - percent * s.whole
    within = percent < WIDEST
    hundredths = ibis.least(percent, WIDEST) * 100 + ibis.ifelse(within, whole_div(rest * 100 + whole_div(s.whole, 2), s.whole), 0)
    reddened = ibis.cases(*((rule.holds(_Before(s)), rule.name in REMEMBERED) for rule in REDDENING), else_=False)
    told = percent.notnull()
    gap = ibis.cases((told & (s.short > 0), -hundredths), (told, hundredths), else_=ibis.null("int64"))
    caught_up = (s.caught_up == 1) & (s.short <= s.tolerance)  # of nobody else is it asked
    s = s.mutate(gap=gap, was_red=ibis.ifelse(caught_up, reddened, False))
    return settle(s.drop([name for name in s.columns if name.startswith("was_") and name != "was_red"]))


def _months(day: ir.IntegerValue) -> ir.IntegerValue:
    """Months from the year 0 to the month of a day."""
    return whole_div(day, 100) - whole_div(day, 10_000) * 88


def _by(s: ir.Table, names: Iterable[str]) -> ir.BooleanValue:
    """Whether one of the rules spoke, by its number: engines make a join of a list of words, and compare numbers at once."""
    return reduce(or_, (s.spoke == SPOKEN[name] for name in names))


def _looked_at(s: ir.Table) -> ir.IntegerValue:
    """The day that the rule is about: the planned start, the start not enrolled, the finish without production; else the planned finish."""
    return ibis.cases(
        (_by(s, AFTER_START), s.start_due),
        (_by(s, AFTER_ENROLMENT), s.started),
        (_by(s, AFTER_FINISH), ibis.coalesce(s.produce_due, s.finished)),
        (_by(s, IN_RESERVE), ibis.coalesce(s.convert_due, s.start_due)),
        else_=s.finish_due,
    )


def lights(layout: Layout = "rows", *, idles: int = 1, touched: bool = False) -> ir.Table:
    """One row an undertaking: light, rule, the rule's inputs and the cure.

    Columns as in `duban.standing.models.Standing`. `cure_amount` is what is still missing on `cure_by` for the light to be
    green, never more than the year's plan; NULL where the cure is no amount. `months` is for how many months the day in `due` lies back.
    `idles` is how many `idle_cuts` the rulebooks have; `layout` and `touched` as in `heard`.
    """
    return built(layout, idles, touched)


@cache  # an expression built twice is two expressions to Ibis, and each would be compiled
def built(layout: Layout, idles: int, touched: bool) -> ir.Table:
    """As `lights`, once for each of its answers, however it was asked."""
    s = measured(facts(settle(heard(layout, idles=idles, touched=touched)), idles))
    s = settle(s.mutate(spoke=ibis.cases(*((rule.holds(s), SPOKEN[rule.name]) for rule in RULES))))
    s = s.mutate(severity=whole_div(s.spoke, SEVERITIES), due=_looked_at(s))
    s = settle(s.mutate(rule=ibis.cases(*((s.spoke == number, name) for name, number in reversed(SPOKEN.items())))))
    asked = s.planned_cure - s.cure_tolerance
    asked = ibis.ifelse((s.target > 0) & (s.target < asked), s.target, asked)  # who has done the year's plan has done enough
    lacking = ibis.greatest(asked - ibis.coalesce(s.done, 0), 0)
    of_severity = {rule.severity: rule.light for rule in RULES}
    s = s.mutate(light=ibis.cases(*((s.severity == severity, light) for severity, light in of_severity.items())))
    return s.select(
        "undertaking_id",
        "programme_id",
        "lead_body_id",
        "light",
        "rule",
        "severity",
        "heading",
        "stage",
        "done",
        "planned",
        "target",
        "gap",
        "last_period",
        "due",
        *DAYS,
        measure_id=s.lead,
        months=ibis.ifelse(s.due <= AS_OF, _months(AS_OF + 0) - _months(s.due), ibis.null("int64")),
        cure_amount=ibis.cases(
            (s.direction < 0, ibis.null("int64")),
            (_by(s, BY_AMOUNT) & not_resumed(s).fill_null(False), ibis.greatest(lacking, 1)),  # the same once more has not resumed
            (_by(s, BY_AMOUNT), lacking),
            else_=ibis.null("int64"),
        ),
        cure_by=ibis.ifelse(_by(s, BY_AMOUNT), CURE_BY, ibis.null("int64")),
    )
