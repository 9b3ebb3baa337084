"""The rules that light: each a small function over columns, with its boundary and its source; the first that speaks decides.

What a rule looks at, `s`, is an undertaking on one day: what was heard of it, its schedule, and the numbers of its
rulebook (`rulebook.terms`). The same rules are asked about the end of the month before, because a red is remembered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import ibis
import ibis.expr.types as ir

from duban.core.moments import LAST_YEAR_END


def heading(s: Any) -> ir.BooleanValue:
    """Grey: its parts speak for it."""
    return s.heading


def production_overdue(s: Any) -> ir.BooleanValue:
    """Red: finished, and more than so many months later still not in production (竣工未投产)."""
    late = ibis.ifelse(s.produce_due.notnull(), s.produce_due < s.produce_red, s.finished < s.produce_red)
    return s.finished.notnull() & s.produced.isnull() & late


def not_producing(s: Any) -> ir.BooleanValue:
    """Amber: finished, and not in production though the planned day has passed, or so many months later where none was planned."""
    late = ibis.ifelse(s.produce_due.notnull(), s.produce_due < s.produce_day, s.finished <= s.produce_amber)
    return s.finished.notnull() & s.produced.isnull() & late


def finished(s: Any) -> ir.BooleanValue:
    """Green: the day on which it finished is reported."""
    return s.finished.notnull()


def fulfilled(s: Any) -> ir.BooleanValue:
    """Green: the whole year's plan is done."""
    return (s.direction > 0) & (s.target > 0) & (s.done >= s.target)


def conversion_overdue(s: Any) -> ir.BooleanValue:
    """Red: in reserve, and the month in which it was to be converted, or to start, lies so many months back (储备未转化)."""
    return (s.stage == "reserve") & (ibis.coalesce(s.convert_due, s.start_due) <= s.convert_red)


def not_converted(s: Any) -> ir.BooleanValue:
    """Amber: in reserve, and the day on which it was to be converted, or to start, has come."""
    return (s.stage == "reserve") & (ibis.coalesce(s.convert_due, s.start_due) <= s.convert_amber)


def in_reserve(s: Any) -> ir.BooleanValue:
    """Grey: still in reserve; nothing is due."""
    return s.stage == "reserve"


def _idle_at_start(s: Any) -> ir.BooleanValue:
    return s.started.isnull() & (s.start_due <= s.start_amber) & (ibis.coalesce(s.done, 0) == 0)


def start_overdue(s: Any) -> ir.BooleanValue:
    """Red: the month in which it should have started lies three months back (到期未开工). Source: Yinchuan 2025."""
    return _idle_at_start(s) & (s.start_due <= s.start_red)


def finish_overdue(s: Any) -> ir.BooleanValue:
    """Red: its planned finish has passed and no finish is reported. Source: the supervision ladder (overdue is red)."""
    return s.finish_due < s.finish_red


def enrolment_overdue(s: Any) -> ir.BooleanValue:
    """Red: not enrolled in statistics more than two months after its start; exactly two is amber (未入库). Source: Yinchuan 2025."""
    return s.enrolled.isnull() & (s.started < s.enrol_red)


def not_started(s: Any) -> ir.BooleanValue:
    """Amber: its planned start has come and no start is reported. Source: Yinchuan 2025."""
    return _idle_at_start(s)


def not_enrolled(s: Any) -> ir.BooleanValue:
    """Amber: not enrolled in statistics one month after its start, to the day. Source: Yinchuan 2025."""
    return s.enrolled.isnull() & (s.started <= s.enrol_amber)


def pending(s: Any) -> ir.BooleanValue:
    """Green: what counts is a day, and that day is still to come."""
    return (s.holds == "day") & s.finish_due.notnull()


def unplanned(s: Any) -> ir.BooleanValue:
    """Grey: no plan, so nothing to measure against."""
    return s.target.isnull() | (s.target == 0)


def _last(s: Any) -> ir.IntegerValue:
    return ibis.coalesce(s.last_period, LAST_YEAR_END)


def long_silent(s: Any) -> ir.BooleanValue:
    """Red: three months without a report."""
    return (s.planned > 0) & (_last(s) <= s.silent_red)


def far_behind(s: Any) -> ir.BooleanValue:
    """Red: more than 30 points behind schedule; exactly 30 is amber (Yinchuan 2025). By ratio: under 60 % of it (Wuhan)."""
    return s.short > s.wide_tolerance


def not_resumed(s: Any) -> ir.BooleanValue:
    """Amber: a continuing project with no new amount in the months that the rulebook names (未复工)."""
    idle = (s.idle > LAST_YEAR_END) & (ibis.coalesce(s.idle_amount, 0) == s.done)
    return (s.stage == "continuing") & (s.accumulates != "level") & idle


def behind(s: Any) -> ir.BooleanValue:
    """Amber: more than 10 points behind schedule; exactly 10 is green (Yinchuan 2025). By ratio: under 80 % of it (Wuhan)."""
    return s.short > s.tolerance


def silent(s: Any) -> ir.BooleanValue:
    """Grey: the report for the last month due is missing. Silence is never green."""
    return (s.planned > 0) & (_last(s) < s.silent)


def caught_up(s: Any) -> ir.BooleanValue:
    """Amber: red at the end of the month before and caught up since; the missed month is remembered until its end (Ouhai)."""
    return (s.caught_up == 1) & s.was_red & (s.short <= s.tolerance)


def watch(s: Any) -> ir.BooleanValue:
    """Green, to be watched: behind schedule, but by no more than is amber. Source: Yinchuan 2025."""
    return s.short > 0


def on_schedule(s: Any) -> ir.BooleanValue:
    """Green: the schedule is met."""
    return s.short <= 0


def nothing_due(s: Any) -> ir.BooleanValue:
    """Grey: the plan asks nothing yet."""
    return ibis.literal(True)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name, the light it lights, how bad that is (0 is worst) and when it holds."""

    name: str
    light: str
    severity: int
    holds: Callable[[Any], ir.BooleanValue]


RULES: Final = (
    Rule("heading", "grey", 7, heading),
    Rule("production_overdue", "red", 0, production_overdue),
    Rule("not_producing", "amber", 1, not_producing),
    Rule("finished", "green", 6, finished),
    Rule("fulfilled", "green", 6, fulfilled),
    Rule("conversion_overdue", "red", 0, conversion_overdue),
    Rule("not_converted", "amber", 1, not_converted),
    Rule("in_reserve", "grey", 5, in_reserve),
    Rule("start_overdue", "red", 0, start_overdue),
    Rule("finish_overdue", "red", 0, finish_overdue),
    Rule("enrolment_overdue", "red", 0, enrolment_overdue),
    Rule("not_started", "amber", 1, not_started),
    Rule("not_enrolled", "amber", 1, not_enrolled),
    Rule("pending", "green", 6, pending),
    Rule("unplanned", "grey", 3, unplanned),
    Rule("long_silent", "red", 0, long_silent),
    Rule("far_behind", "red", 0, far_behind),
    Rule("not_resumed", "amber", 1, not_resumed),
    Rule("behind", "amber", 1, behind),
    Rule("silent", "grey", 2, silent),
    Rule("caught_up", "amber", 1, caught_up),
    Rule("watch", "green", 4, watch),
    Rule("on_schedule", "green", 6, on_schedule),
    Rule("nothing_due", "grey", 5, nothing_due),
)
BY_NAME: Final = {rule.name: rule for rule in RULES}
LIGHTS: Final = ("red", "amber", "grey", "green")
"""Worst first."""

_LAST_RED: Final = max(place for place, rule in enumerate(RULES) if rule.light == "red")
REDDENING: Final = RULES[: _LAST_RED + 1]
"""The rules up to the last that is red: all that must be asked to know whether something was."""
REMEMBERED: Final = tuple(rule.name for rule in REDDENING if rule.light == "red" and rule.name != "long_silent")
"""The reds that a month remembers. A silence that has ended left nothing undone; what it hid is judged by its amounts."""
AFTER_START: Final = ("start_overdue", "not_started")
AFTER_ENROLMENT: Final = ("enrolment_overdue", "not_enrolled")
AFTER_FINISH: Final = ("production_overdue", "not_producing")
IN_RESERVE: Final = ("conversion_overdue", "not_converted")
BY_AMOUNT: Final = ("far_behind", "behind", "watch", "long_silent", "silent", "not_resumed")
"""The rules whose cure is an amount."""
