"""The rules of lights and of figures once more, slowly, from their description and not from their code.

Fractions and dates, one undertaking after another: slow enough to be obvious. Amounts are whole ten-thousandths, as the
ledger stores them; whatever is silent is None.
"""

from __future__ import annotations

import calendar
import math
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from books import Book

from duban.core.rulebook import Rulebook

LIGHT = {
    "heading": ("grey", 7),
    "finished": ("green", 6),
    "fulfilled": ("green", 6),
    "in_reserve": ("grey", 5),
    "start_overdue": ("red", 0),
    "finish_overdue": ("red", 0),
    "not_started": ("amber", 1),
    "pending": ("green", 6),
    "unplanned": ("grey", 3),
    "long_silent": ("red", 0),
    "far_behind": ("red", 0),
    "not_resumed": ("amber", 1),
    "behind": ("amber", 1),
    "silent": ("grey", 2),
    "watch": ("green", 4),
    "on_schedule": ("green", 6),
    "nothing_due": ("grey", 5),
}


def day_of(number: int) -> date:
    return date(number // 10_000, number // 100 % 100, number % 100)


def number_of(day: date | None) -> int | None:
    return None if day is None else int(day.strftime("%Y%m%d"))


def end_of_month(year: int, month: int) -> date:
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, calendar.monthrange(year, month)[1])


def last_month_ended(day: date) -> date:
    this = end_of_month(day.year, day.month)
    return this if this == day else end_of_month(day.year, day.month - 1)


def back(day: date, months: int) -> date:
    return end_of_month(day.year, day.month - months)


def half_months(day: date) -> int:
    """Since the year 0: half a month by the 15th, all of it by the 28th."""
    return day.year * 24 + (day.month - 1) * 2 + (1 if day.day >= 15 else 0) + (1 if day.day >= 28 else 0)


def known(written: Book, head: int) -> dict[tuple[int, int, str, int], tuple[int | None, int | None]]:
    """What every slot says at `head`; whatever was withdrawn says nothing and is left out."""
    spoken: dict[tuple[int, int, str, int], tuple[int | None, int | None]] = {}
    for entry in written.entries:
        if entry["seq"] <= head:
            spoken[(entry["undertaking_id"], entry["measure_id"], entry["kind"], entry["period"])] = (entry["amount"], entry["day"])
    return {slot: value for slot, value in spoken.items() if value != (None, None)}


@dataclass
class Schedule:
    """A plan's points by the day on which they are due, and the day before its year."""

    points: dict[date, int]
    origin: date

    def at(self, day: date) -> int | None:
        """What should be done by `day`: a straight line between points, from nothing at the origin, rounded up."""
        passed = [point for point in self.points if point <= day]
        ahead = [point for point in self.points if point > day]
        if not ahead:
            return self.points[max(passed)] if passed else None
        since, base = (max(passed), self.points[max(passed)]) if passed else (self.origin, 0)
        until, goal = min(ahead), self.points[min(ahead)]
        length = max(half_months(until) - half_months(since), 1)
        return math.ceil(base + Fraction((goal - base) * (half_months(day) - half_months(since)), length))


def lights(written: Book, *, as_of: date, head: int, rules: Rulebook | None = None) -> list[dict[str, Any]]:
    """One row an undertaking of a programme with a lead measure, as `duban.core.lights.lights` describes them."""
    rules = rules or Rulebook()
    programmes = {row["id"]: row["lead_measure_id"] for row in written.programmes}
    judged = [row for row in written.undertakings if programmes[row["programme_id"]] is not None]
    return [_light(written, row, programmes[row["programme_id"]], as_of, head, rules) for row in judged]


def _light(written: Book, undertaking: dict[str, Any], lead: int, as_of: date, head: int, rules: Rulebook) -> dict[str, Any]:
    measures = {row["id"]: row for row in written.measures}
    measure = measures[lead]
    slots = known(written, head)
    first, last = date(as_of.year, 1, 1), date(as_of.year, 12, 31)
    before_year = first - timedelta(days=1)

    def mine(code_or_lead: Any, kind: str) -> dict[date, tuple[int | None, int | None]]:
        found = {}
        for (whose, which, sort, period), value in slots.items():
            if whose != undertaking["id"] or sort != kind or not (which == code_or_lead or measures[which]["code"] == code_or_lead):
                continue
            if measures[which]["accumulates"] != "year" or first <= day_of(period) <= last:
                found[day_of(period)] = value
        return found

    reports = {period: value[0] for period, value in mine(lead, "report").items() if value[0] is not None and period <= as_of}
    plan = {period: value[0] for period, value in mine(lead, "plan").items() if value[0] is not None}
    schedule = Schedule({period: int(amount) for period, amount in plan.items()}, before_year)
    last_period = max(reports, default=None)
    done = None if last_period is None else reports[last_period]
    this_year = [period for period in plan if period <= last]
    target = plan[max(this_year)] if this_year else plan[min(plan)] if plan else None

    starts, finishes = mine("start", "plan"), {**mine("finish", "plan")}
    begun, ended = mine("start", "report"), {**mine("finish", "report")}
    plan_days = [day_of(v[1]) for p, v in starts.items() if v[1] and p <= last]
    start_due = max(plan_days, default=None)
    started = [day_of(v[1]) for p, v in begun.items() if v[1] and p <= as_of and day_of(v[1]) <= as_of]
    own_days = measure["holds"] == "day"
    finish_plans = [*finishes.items(), *(mine(lead, "plan").items() if own_days else ())]
    finish_reports = [*ended.items(), *(mine(lead, "report").items() if own_days else ())]
    finish_due = max((day_of(v[1]) for p, v in finish_plans if v[1] and p <= last), default=None)
    finished = [day_of(v[1]) for p, v in finish_reports if v[1] and p <= as_of and day_of(v[1]) <= as_of]

    closed = last_month_ended(as_of)
    compared_on = as_of if last_period is not None and last_period > closed else closed
    planned = schedule.at(compared_on)
    following = end_of_month(as_of.year, as_of.month) if as_of < end_of_month(as_of.year, as_of.month) else back(as_of, -1)
    cure_by = min(following, last)
    planned_then = schedule.at(cure_by)

    up = measure["direction"]
    short = None if planned is None or done is None else (planned - done) * up
    behind = None if short is None or not target else Fraction(100 * short, abs(target))
    expected = last_month_ended(as_of - timedelta(days=rules.grace_days))
    told = last_period or before_year
    idle_since = back(expected, rules.idle_months)
    earlier = [period for period in reports if period <= idle_since]
    idle_amount = reports[max(earlier)] if earlier else 0
    waiting = not started and start_due is not None and start_due <= as_of and not done
    parts = [row["id"] for row in written.undertakings if row["parent_id"] == undertaking["id"]]
    speaking = {entry["undertaking_id"] for entry in written.entries if entry["seq"] <= head}
    something_due = planned is not None and planned > 0

    heading = bool(speaking & set(parts))
    continuing = undertaking["stage"] == "continuing" and measure["accumulates"] != "level"
    answers = {
        "heading": heading,
        "finished": bool(finished),
        "fulfilled": up > 0 and target is not None and target > 0 and done is not None and done >= target,
        "in_reserve": undertaking["stage"] == "reserve",
        "start_overdue": waiting and start_due <= back(as_of, rules.start_overdue_months),
        "finish_overdue": finish_due is not None and finish_due < as_of,
        "not_started": waiting,
        "pending": own_days and finish_due is not None,
        "unplanned": not target,
        "long_silent": something_due and told <= back(expected, rules.silent_months),
        "far_behind": behind is not None and behind > rules.far_behind,
        "not_resumed": continuing and idle_since > before_year and done is not None and done == idle_amount,
        "behind": behind is not None and behind > rules.behind,
        "silent": something_due and told < expected,
        "watch": short is not None and short > 0,
        "on_schedule": short is not None and short <= 0,
        "nothing_due": True,
    }
    rule = next(name for name in LIGHT if answers[name])
    cure = None
    if up > 0 and rule in {"far_behind", "behind", "watch", "long_silent", "silent", "not_resumed"} and planned_then is not None:
        cure = max(planned_then - math.floor(Fraction(abs(target) * rules.behind, 100)) - (done or 0), 0)
        cure = max(cure, 1) if rule == "not_resumed" else cure
    gap = None
    if behind is not None:
        gap = math.floor(abs(behind) * 100 + Fraction(1, 2)) * (-1 if behind > 0 else 1)
    return {
        "undertaking_id": undertaking["id"],
        "programme_id": undertaking["programme_id"],
        "light": LIGHT[rule][0],
        "rule": rule,
        "severity": LIGHT[rule][1],
        "heading": int(heading),
        "done": done,
        "planned": planned,
        "target": target,
        "gap": gap,
        "last_period": number_of(last_period),
        "measure_id": lead,
        "due": number_of(start_due if rule in {"start_overdue", "not_started"} else finish_due),
        "cure_amount": cure,
        "cure_by": number_of(cure_by) if rule in {"far_behind", "behind", "watch", "long_silent", "silent", "not_resumed"} else None,
    }
