"""Lights: who is on time, who is behind, by which rule, and what would cure it.

One Ibis expression from the ledger's tables to one row an undertaking. It runs in three steps:
`facts` reads what was planned and reported, `judged` sets it against the schedule, and `lights`
lets the first rule that speaks decide. Programmes without a lead measure have no lights.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Final

import ibis
import ibis.expr.types as ir
from ibis import _

from duban.core import history, periods
from duban.core.history import AS_OF, HEAD, YEAR_END, YEAR_START, half_months, settle, whole_div
from duban.core.rulebook import Rulebook


def _moment(name: str) -> ir.IntegerScalar:
    return ibis.param("int64").name(name)


ENDED = _moment("ended")
CURE_BY = _moment("cure_by")
LAST_YEAR_END = _moment("last_year_end")
IDLE_CUT = _moment("idle_cut")
SILENT_CUT = _moment("silent_cut")
SILENT_RED_CUT = _moment("silent_red_cut")
START_RED_CUT = _moment("start_red_cut")
BEHIND = _moment("behind")
FAR_BEHIND = _moment("far_behind")


def moment(*, as_of: date, head: int, rules: Rulebook) -> dict[str, int]:
    """The values of every parameter of `lights` for one day, one head and one rulebook.

    Raises `Refusal` "day-unreadable" for a day that no ledger speaks of.
    """
    number = periods.to_number
    expected = periods.ended_month(periods.speakable(as_of) - timedelta(days=rules.grace_days))
    year_end = date(as_of.year, 12, 31)
    return {
        "head": head,
        "as_of": number(as_of),
        "year_start": number(date(as_of.year, 1, 1)),
        "year_end": number(year_end),
        "last_year_end": number(date(as_of.year - 1, 12, 31)),
        "ended": number(periods.ended_month(as_of)),
        "cure_by": number(min(periods.next_month_end(as_of), year_end)),
        "idle_cut": number(periods.months_before(expected, rules.idle_months)),
        "silent_cut": number(expected),
        "silent_red_cut": number(periods.months_before(expected, rules.silent_months)),
        "start_red_cut": number(periods.months_before(as_of, rules.start_overdue_months)),
        "behind": rules.behind,
        "far_behind": rules.far_behind,
    }


def promises() -> ir.Table:
    """One row an undertaking that lights judge: its programme, lead measure and how that accumulates."""
    programmes = history.PROGRAMMES.filter(_.lead_measure_id.notnull()).select(programme_id="id", lead="lead_measure_id")
    measures = history.MEASURES.select("holds", "accumulates", "direction", lead="id")
    undertakings = history.UNDERTAKINGS.select("programme_id", "parent_id", "stage", undertaking_id="id")
    return undertakings.join(programmes, "programme_id").join(measures, "lead")


def spoken() -> ir.Table:
    """One row an undertaking and measure that has spoken: the places of the entries that a light depends on, and its days.

    Reports: the `last` as of the day, and the last before the `idle` months. Plans: the points before and after
    the last month's end, the day itself and the day of the cure, and the year's `target`. Days: the last `day_due`
    and the first `day_told`. A year's measure keeps to its year; the others (`lasting`) are read from their beginning.

    This is the one pass over the ledger. Its groups begin the slot's index, in which SQLite therefore finds them in
    order, without sorting and without a look at the table; nothing is joined before they are made.
    """
    lasting = history.MEASURES.filter(_.accumulates != "year").id
    entries = history.ENTRIES.filter(_.period.between(YEAR_START, YEAR_END) | _.measure_id.isin(lasting))
    s = history.known(entries.select("seq", "undertaking_id", "measure_id", "kind", "period", "amount", "day"))
    place = history.place(s)
    plan = (s.kind == "plan") & s.amount.notnull()
    report = (s.kind == "report") & s.amount.notnull() & (s.period <= AS_OF)
    return s.group_by("undertaking_id", "measure_id").agg(
        last=place.max(where=report),
        last_period=s.period.max(where=report),
        idle=place.max(where=report & (s.period <= IDLE_CUT)),
        target=ibis.coalesce(place.max(where=plan & (s.period <= YEAR_END)), place.min(where=plan)),
        ended_before=place.max(where=plan & (s.period <= ENDED)),
        ended_after=place.min(where=plan & (s.period > ENDED)),
        now_before=place.max(where=plan & (s.period <= AS_OF)),
        now_after=place.min(where=plan & (s.period > AS_OF)),
        cure_before=place.max(where=plan & (s.period <= CURE_BY)),
        cure_after=place.min(where=plan & (s.period > CURE_BY)),
        day_due=s.day.max(where=(s.kind == "plan") & (s.period <= YEAR_END)),
        day_told=s.day.min(where=(s.kind == "report") & (s.period <= AS_OF) & (s.day <= AS_OF)),
    )


POINTS: Final = ("ended_before", "ended_after", "now_before", "now_after", "cure_before", "cure_after")
PLACES: Final = ("last", "last_period", "idle", "target", *POINTS)
"""What `spoken` says of amounts; a light takes it from the lead measure alone."""


def picks() -> ir.Table:
    """One row an undertaking, silent ones included: its promise, what its lead measure has `spoken`, and its days.

    Days: `start_due`, `started`, `finish_due`, `finished`; a lead measure that is itself a day (put right, cleared)
    finishes.
    """
    said = spoken().rename(speaker="undertaking_id")
    days = history.MEASURES.filter(_.code.isin(["start", "finish"])).select("code", dated="id")
    promised, wholes = promises(), headings().select(whole="undertaking_id")
    s = promised.left_join(wholes, promised.undertaking_id == wholes.whole)
    s = s.left_join(said, s.undertaking_id == said.speaker).left_join(days, said.measure_id == days.dated)
    leads, starts = s.measure_id == s.lead, s.code == "start"
    finishes = (s.code == "finish") | leads
    return s.group_by("undertaking_id").agg(
        **{name: s[name].max(where=leads) for name in PLACES},
        start_due=s.day_due.max(where=starts),
        started=s.day_told.min(where=starts),
        finish_due=s.day_due.max(where=finishes),
        finished=s.day_told.min(where=finishes),
        heading=s.whole.count() > 0,
        **{name: s[name].max() for name in ("programme_id", "lead", "direction", "stage", "holds", "accumulates")},
    )


def headings() -> ir.Table:
    """Undertakings whose parts speak for them: they are shown, and never counted beside their parts."""
    parts = history.UNDERTAKINGS.filter(_.parent_id.notnull()).select("parent_id", part="id")
    written = history.ENTRIES.filter(_.seq <= HEAD).select(speaker="undertaking_id")
    speaking = parts.semi_join(written, parts.part == written.speaker)
    return speaking.select(undertaking_id="parent_id").distinct()


def facts() -> ir.Table:
    """Everything that the rules look at, one row an undertaking; NULL is silence, zero is a report.

    The picks with their amounts: `done`, `idle_amount`, `target`, and the plan's points around two days.

    Schedule and report are compared on one day: the last month's end, or `AS_OF` itself where something newer
    is reported. Nobody is measured against days for which no report was due.
    """
    s = settle(picks())
    newer = s.last_period > ENDED
    s = s.mutate(
        judged=ibis.ifelse(newer, AS_OF, ENDED),
        before=ibis.ifelse(newer, s.now_before, s.ended_before),
        after=ibis.ifelse(newer, s.now_after, s.ended_after),
    ).drop("now_before", "now_after", "ended_before", "ended_after", "last_period")
    s = history.with_amounts(s, "last", "idle", "target", "before", "after", "cure_before", "cure_after")
    return s.rename(done="last_amount", target="target_amount").drop("idle_period", "target_period")


def _on_curve(s: ir.Table, point: str, day: str) -> ir.IntegerColumn:
    """The plan at `day`: straight between the plan's points, from nothing at the year's start, rounded up.

    An undertaking with one point at the year's end thus has the linear schedule; one with its own curve has that.
    """
    here, there = s[f"{point}before_amount"], s[f"{point}after_amount"]
    floor = ibis.coalesce(here, 0)
    rise = (there - floor) * (s[f"{day}_half"] - s[f"{point}before_half"])
    width = ibis.greatest(s[f"{point}after_half"] - s[f"{point}before_half"], 1)
    return ibis.ifelse(there.isnull(), here, floor + whole_div(rise + ibis.ifelse(rise > 0, width - 1, 0), width))


def judged(s: ir.Table) -> ir.Table:
    """The facts set against the schedule: `planned`, `short`, the tolerances, and what the cure day asks."""
    s = settle(
        s.mutate(
            judged_half=half_months(s.judged),
            cure_half=half_months(CURE_BY),
            before_half=half_months(ibis.coalesce(s.before_period, LAST_YEAR_END)),
            after_half=half_months(s.after_period),
            cure_before_half=half_months(ibis.coalesce(s.cure_before_period, LAST_YEAR_END)),
            cure_after_half=half_months(s.cure_after_period),
        )
    )
    s = settle(s.mutate(planned=_on_curve(s, "", "judged"), planned_cure=_on_curve(s, "cure_", "cure")))
    s = settle(s.mutate(short=(s.planned - s.done) * s.direction, whole=s.target.nullif(0).abs()))
    s = settle(
        s.mutate(
            size=s.short.abs(),
            percent=whole_div(s.short.abs() * 100, s.whole),
            tolerance=whole_div(s.whole * BEHIND, 100),
            wide_tolerance=whole_div(s.whole * FAR_BEHIND, 100),
        )
    )
    rest = s.size * 100 - s.percent * s.whole
    hundredths = s.percent * 100 + whole_div(rest * 100 + whole_div(s.whole, 2), s.whole)
    return s.mutate(gap=ibis.ifelse(s.short > 0, -hundredths, hundredths))


def heading(s: ir.Table) -> ir.BooleanColumn:
    """Grey: its parts speak for it."""
    return s.heading


def finished(s: ir.Table) -> ir.BooleanColumn:
    """Green: the day on which it finished is reported."""
    return s.finished.notnull()


def fulfilled(s: ir.Table) -> ir.BooleanColumn:
    """Green: the whole year's plan is done."""
    return (s.direction > 0) & (s.target > 0) & (s.done >= s.target)


def in_reserve(s: ir.Table) -> ir.BooleanColumn:
    """Grey: still in reserve; nothing is due."""
    return s.stage == "reserve"


def _idle_at_start(s: ir.Table) -> ir.BooleanColumn:
    return s.started.isnull() & (s.start_due <= AS_OF) & (ibis.coalesce(s.done, 0) == 0)


def start_overdue(s: ir.Table) -> ir.BooleanColumn:
    """Red: it should have started three months ago. Source: Yinchuan 2025."""
    return _idle_at_start(s) & (s.start_due <= START_RED_CUT)


def not_started(s: ir.Table) -> ir.BooleanColumn:
    """Amber: its planned start has passed and no start is reported. Source: Yinchuan 2025."""
    return _idle_at_start(s)


def finish_overdue(s: ir.Table) -> ir.BooleanColumn:
    """Red: its planned finish has passed and no finish is reported. Source: the supervision ladder (overdue is red)."""
    return s.finish_due < AS_OF


def pending(s: ir.Table) -> ir.BooleanColumn:
    """Green: what counts is a day, and that day is still to come."""
    return (s.holds == "day") & s.finish_due.notnull()


def unplanned(s: ir.Table) -> ir.BooleanColumn:
    """Grey: no plan, so nothing to measure against."""
    return s.target.isnull() | (s.target == 0)


def _last(s: ir.Table) -> ir.IntegerColumn:
    return ibis.coalesce(s.last_period, LAST_YEAR_END)


def long_silent(s: ir.Table) -> ir.BooleanColumn:
    """Red: three months without a report."""
    return (s.planned > 0) & (_last(s) <= SILENT_RED_CUT)


def far_behind(s: ir.Table) -> ir.BooleanColumn:
    """Red: more than 30 points behind schedule. Exactly 30 is still amber. Source: Yinchuan 2025."""
    return s.short > s.wide_tolerance


def not_resumed(s: ir.Table) -> ir.BooleanColumn:
    """Amber: a continuing project with no new amount in the months that the rulebook names (未复工)."""
    idle = (IDLE_CUT > LAST_YEAR_END) & (ibis.coalesce(s.idle_amount, 0) == s.done)
    return (s.stage == "continuing") & (s.accumulates != "level") & idle


def behind(s: ir.Table) -> ir.BooleanColumn:
    """Amber: more than 10 points behind schedule. Exactly 10 is still green. Source: Yinchuan 2025."""
    return s.short > s.tolerance


def silent(s: ir.Table) -> ir.BooleanColumn:
    """Grey: the report for the last month due is missing. Silence is never green."""
    return (s.planned > 0) & (_last(s) < SILENT_CUT)


def watch(s: ir.Table) -> ir.BooleanColumn:
    """Green, to be watched: behind schedule by up to 10 points. Source: Yinchuan 2025."""
    return s.short > 0


def on_schedule(s: ir.Table) -> ir.BooleanColumn:
    """Green: the schedule is met."""
    return s.short <= 0


def nothing_due(s: ir.Table) -> ir.BooleanColumn:
    """Grey: the plan asks nothing yet."""
    return ibis.literal(True)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name, the light it lights, how bad that is (0 is worst) and when it holds."""

    name: str
    light: str
    severity: int
    holds: Callable[[ir.Table], ir.BooleanColumn]


RULES: Final = (
    Rule("heading", "grey", 7, heading),
    Rule("finished", "green", 6, finished),
    Rule("fulfilled", "green", 6, fulfilled),
    Rule("in_reserve", "grey", 5, in_reserve),
    Rule("start_overdue", "red", 0, start_overdue),
    Rule("finish_overdue", "red", 0, finish_overdue),
    Rule("not_started", "amber", 1, not_started),
    Rule("pending", "green", 6, pending),
    Rule("unplanned", "grey", 3, unplanned),
    Rule("long_silent", "red", 0, long_silent),
    Rule("far_behind", "red", 0, far_behind),
    Rule("not_resumed", "amber", 1, not_resumed),
    Rule("behind", "amber", 1, behind),
    Rule("silent", "grey", 2, silent),
    Rule("watch", "green", 4, watch),
    Rule("on_schedule", "green", 6, on_schedule),
    Rule("nothing_due", "grey", 5, nothing_due),
)
BY_NAME: Final = {rule.name: rule for rule in RULES}
LIGHTS: Final = ("red", "amber", "grey", "green")


@cache  # an expression built twice is two expressions to Ibis, and each would be compiled
def lights() -> ir.Table:
    """One row an undertaking: light, rule, the rule's inputs and the cure.

    Columns as in `duban.standing.models.Standing`. `cure_amount` is what is still missing on `cure_by`
    for the light to be green; NULL where the cure is no amount.
    """
    s = settle(judged(settle(facts())))
    s = settle(s.mutate(rule=ibis.cases(*((rule.holds(s).fill_null(False), rule.name) for rule in RULES))))
    of_rule = {light: [rule.name for rule in RULES if rule.light == light] for light in LIGHTS}
    s = s.mutate(
        light=ibis.cases(*((s.rule.isin(names), light) for light, names in of_rule.items())),
        severity=ibis.cases(*((s.rule == rule.name, rule.severity) for rule in RULES)),
    )
    lacking = ibis.greatest(s.planned_cure - s.tolerance - ibis.coalesce(s.done, 0), 0)
    starting = s.rule.isin(["start_overdue", "not_started"])
    by_amount = s.rule.isin(["far_behind", "behind", "watch", "long_silent", "silent"])
    return s.select(
        "undertaking_id",
        "programme_id",
        "light",
        "rule",
        "severity",
        "heading",
        "done",
        "planned",
        "target",
        "gap",
        "last_period",
        measure_id=s.lead,
        due=ibis.ifelse(starting, s.start_due, s.finish_due),
        cure_amount=ibis.cases(
            (s.direction < 0, ibis.null("int64")),
            (s.rule == "not_resumed", ibis.greatest(lacking, 1)),
            (by_amount, lacking),
            else_=ibis.null("int64"),
        ),
        cure_by=ibis.ifelse(by_amount | (s.rule == "not_resumed"), CURE_BY, ibis.null("int64")),
    )
