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
    "production_overdue": ("red", 0),
    "not_producing": ("amber", 1),
    "finished": ("green", 6),
    "fulfilled": ("green", 6),
    "conversion_overdue": ("red", 0),
    "not_converted": ("amber", 1),
    "in_reserve": ("grey", 5),
    "start_overdue": ("red", 0),
    "finish_overdue": ("red", 0),
    "enrolment_overdue": ("red", 0),
    "not_started": ("amber", 1),
    "not_enrolled": ("amber", 1),
    "pending": ("green", 6),
    "unplanned": ("grey", 3),
    "long_silent": ("red", 0),
    "far_behind": ("red", 0),
    "not_resumed": ("amber", 1),
    "behind": ("amber", 1),
    "silent": ("grey", 2),
    "caught_up": ("amber", 1),
    "watch": ("green", 4),
    "on_schedule": ("green", 6),
    "nothing_due": ("grey", 5),
}
BY_AMOUNT = {"far_behind", "behind", "watch", "long_silent", "silent", "not_resumed"}
CODES = ("converted", "signed", "start", "enrolled", "finish", "produced", "capacity")


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


def months_ago(day: date, months: int) -> date:
    """The same day so many months earlier, or the month's last."""
    end = back(day, months)
    return date(end.year, end.month, min(day.day, end.day))


def lights(written: Book, *, as_of: date, head: int, rules: dict[str, Rulebook] | Rulebook | None = None) -> list[dict[str, Any]]:
    """One row an undertaking of a programme with a lead measure, as `duban.core.lights.lights` describes them."""
    programmes = {row["id"]: row for row in written.programmes}
    told = []
    for row in written.undertakings:
        programme = programmes[row["programme_id"]]
        book = rules.get(programme["code"], Rulebook()) if isinstance(rules, dict) else rules or Rulebook()
        if programme["lead_measure_id"] is not None:
            told.append(Case(written, row, programme["lead_measure_id"], as_of, head, book).row())
    return told


@dataclass
class Case:
    """One undertaking on one day."""

    written: Book
    undertaking: dict[str, Any]
    lead: int
    as_of: date
    head: int
    rules: Rulebook

    def __post_init__(self) -> None:
        self.measures = {row["id"]: row for row in self.written.measures}
        self.measure = self.measures[self.lead]
        self.slots = known(self.written, self.head)
        self.first, self.last = date(self.as_of.year, 1, 1), date(self.as_of.year, 12, 31)
        self.before_year = self.first - timedelta(days=1)
        self.month_before = end_of_month(self.as_of.year, self.as_of.month - 1)
        plan = self.amounts("plan")
        self.schedule = Schedule(plan, self.before_year)
        this_year = [period for period in plan if period <= self.last]
        self.target_day = max(this_year) if this_year else min(plan, default=None)
        self.target = None if self.target_day is None else plan[self.target_day]
        if self.rules.schedule.curve == "linear":
            self.schedule = Schedule({} if self.target_day is None else {self.target_day: self.target}, self.before_year)
        self.due = {code: self.planned_day(code) for code in CODES}
        self.told = {code: self.reported_day(code) for code in CODES}
        self.up = self.measure["direction"]

    def amounts(self, kind: str) -> dict[date, int]:
        """What the lead measure says of amounts, a year's measure only within the year."""
        found = {}
        for (whose, which, sort, period), (amount, _) in self.slots.items():
            timely = self.measure["accumulates"] != "year" or self.first <= day_of(period) <= self.last
            if (whose, which, sort) == (self.undertaking["id"], self.lead, kind) and timely and amount is not None:
                found[day_of(period)] = amount
        return found

    def days(self, code: str, kind: str) -> list[tuple[date, date]]:
        """The periods and days of a measure; a lead measure that is a day is a finish."""
        found = []
        for (whose, which, sort, period), (_, day) in self.slots.items():
            meant = self.measures[which]["code"] == code or (code == "finish" and which == self.lead and self.measure["holds"] == "day")
            if whose == self.undertaking["id"] and sort == kind and meant and day is not None:
                found.append((day_of(period), day_of(day)))
        return found

    def planned_day(self, code: str) -> date | None:
        """By measure: the last of the slots up to the year's end, or else the first of all; over measures the later."""
        by_measure: dict[int, list[tuple[date, date]]] = {}
        for (whose, which, sort, period), (_, day) in self.slots.items():
            meant = self.measures[which]["code"] == code or (code == "finish" and which == self.lead and self.measure["holds"] == "day")
            if whose == self.undertaking["id"] and sort == "plan" and meant and day is not None:
                by_measure.setdefault(which, []).append((day_of(period), day_of(day)))
        chosen = []
        for found in by_measure.values():
            until = [day for period, day in found if period <= self.last]
            chosen.append(max(until) if until else min(day for _, day in found))
        return max(chosen, default=None)

    def reported_day(self, code: str) -> date | None:
        return min((day for period, day in self.days(code, "report") if period <= self.as_of and day <= self.as_of), default=None)

    def stage(self) -> str:
        t, declared = self.told, self.undertaking["stage"]
        if t["produced"]:
            return "producing"
        if t["finish"] and self.measure["holds"] == "amount":
            return "finished"
        if t["start"] and t["start"] < self.first:
            return "continuing"
        if t["start"] or t["converted"]:
            return "new"
        if declared == "reserve" or (self.due["start"] and self.due["start"] > self.last):
            return "reserve"
        return "new" if self.due["start"] and not declared else declared

    def newest(self, until: date) -> tuple[date | None, int | None]:
        """The newest report by a day: its period and its amount."""
        reports = self.amounts("report")
        period = max((period for period in reports if period <= until), default=None)
        return period, None if period is None else reports[period]

    def tolerated(self, points: int, percent: int, planned: int | None) -> Fraction | None:
        """How much may be missing: points of the year's plan, or what lies above a percentage of the schedule."""
        if self.rules.schedule.compare == "points":
            return Fraction(abs(self.target) * points, 100) if self.target else None
        return None if planned is None else Fraction(abs(planned) * (100 - percent), 100)

    def answers(self, on: date, compared: date) -> dict[str, bool]:
        """What every rule says of `on`, where report and schedule are compared on another day."""
        r, due = self.rules, self.due
        told = {code: day if day and day <= on else None for code, day in self.told.items()}
        last_period, done = self.newest(on)
        planned = self.schedule.at(compared)
        short = None if planned is None or done is None else (planned - done) * self.up
        behind, far = (self.tolerated(points, points, planned) for points in (r.schedule.behind, r.schedule.far_behind))
        expected = last_month_ended(on - timedelta(days=r.reports.grace_days))
        heard = last_period or self.before_year
        idle_since = back(expected, r.resumption.idle_months)
        if r.resumption.holiday_month and expected.month == r.resumption.holiday_month + 1:
            idle_since = max(idle_since, back(expected, 1))
        idle_amount = self.newest(idle_since)[1] or 0
        waiting = r.start.judged and not told["start"] and due["start"] is not None and due["start"] <= on and not done
        parts = [row["id"] for row in self.written.undertakings if row["parent_id"] == self.undertaking["id"]]
        speaking = {entry["undertaking_id"] for entry in self.written.entries if entry["seq"] <= self.head}
        something_due = planned is not None and planned > 0
        reserve = self.stage() == "reserve" and r.conversion.judged
        convert = due["converted"] or due["start"]
        idle_producing = r.production.judged and told["finish"] and not told["produced"]
        awaited = due["produced"]
        open_start = r.enrolment.judged and told["start"] and not told["enrolled"]
        own_days = self.measure["holds"] == "day"
        continuing = r.resumption.judged and self.stage() == "continuing" and self.measure["accumulates"] != "level"
        return {
            "heading": bool(speaking & set(parts)),
            "production_overdue": bool(idle_producing) and (awaited or told["finish"]) < months_ago(on, r.production.red_months),
            "not_producing": bool(idle_producing)
            and (awaited < on if awaited else told["finish"] <= months_ago(on, r.production.amber_months)),
            "finished": told["finish"] is not None,
            "fulfilled": self.up > 0 and bool(self.target) and self.target > 0 and done is not None and done >= self.target,
            "conversion_overdue": bool(reserve and convert) and convert <= back(on, r.conversion.red_months),
            "not_converted": bool(reserve and convert) and convert <= on,
            "in_reserve": self.stage() == "reserve",
            "start_overdue": waiting and due["start"] <= back(on, r.start.red_months),
            "finish_overdue": r.finish.judged and due["finish"] is not None and due["finish"] < on,
            "enrolment_overdue": bool(open_start) and told["start"] < months_ago(on, r.enrolment.red_months),
            "not_started": waiting,
            "not_enrolled": bool(open_start) and told["start"] <= months_ago(on, r.enrolment.amber_months),
            "pending": own_days and due["finish"] is not None,
            "unplanned": not self.target,
            "long_silent": something_due and heard <= back(expected, r.reports.silent_months),
            "far_behind": short is not None and far is not None and short > far,
            "not_resumed": continuing and idle_since > self.before_year and done is not None and done == idle_amount,
            "behind": short is not None and behind is not None and short > behind,
            "silent": something_due and heard < expected,
            "caught_up": r.schedule.caught_up and on == self.as_of and short is not None and behind is not None
            and short <= behind and self.was_red(),
            "watch": short is not None and short > 0,
            "on_schedule": short is not None and short <= 0,
            "nothing_due": True,
        }  # fmt: skip

    def was_red(self) -> bool:
        """Whether it was late at the end of the month before; a mere silence is not remembered."""
        said = self.answers(self.month_before, self.month_before)
        rule = next(name for name in LIGHT if said[name])
        return LIGHT[rule][0] == "red" and rule != "long_silent"

    def row(self) -> dict[str, Any]:
        closed = last_month_ended(self.as_of)
        last_period, done = self.newest(self.as_of)
        compared = self.as_of if last_period is not None and last_period > closed else closed
        said = self.answers(self.as_of, compared)
        rule = next(name for name in LIGHT if said[name])
        planned, target, up = self.schedule.at(compared), self.target, self.up
        cure_by = min(end_of_month(self.as_of.year, self.as_of.month) if self.as_of < end_of_month(self.as_of.year, self.as_of.month)
                      else back(self.as_of, -1), self.last)  # fmt: skip
        planned_then = self.schedule.at(cure_by)
        cure = None
        if up > 0 and rule in BY_AMOUNT and planned_then is not None:
            tolerated = self.tolerated(self.rules.schedule.behind, self.rules.schedule.behind, planned_then)
            wanted = None if tolerated is None else planned_then - math.floor(tolerated)
            wanted = min(wanted, target) if wanted is not None and target and target > 0 else wanted
            cure = None if wanted is None else max(wanted - (done or 0), 0)
            cure = max(cure or 0, 1) if said["not_resumed"] else cure
        gap = None
        if planned is not None and done is not None and target:
            share = Fraction(100 * (planned - done) * up, abs(target))
            gap = min(math.floor(abs(share) * 100 + Fraction(1, 2)), 10**15) * (-1 if share > 0 else 1)
        due, told = self.due, self.told
        about = {
            "start_overdue": due["start"], "not_started": due["start"],
            "enrolment_overdue": told["start"], "not_enrolled": told["start"],
            "production_overdue": due["produced"] or told["finish"], "not_producing": due["produced"] or told["finish"],
            "conversion_overdue": due["converted"] or due["start"], "not_converted": due["converted"] or due["start"],
        }.get(rule, due["finish"])  # fmt: skip
        months = None
        if about is not None and about <= self.as_of:
            months = (self.as_of.year - about.year) * 12 + self.as_of.month - about.month
        return {
            "undertaking_id": self.undertaking["id"],
            "programme_id": self.undertaking["programme_id"],
            "lead_body_id": self.undertaking["lead_body_id"],
            "light": LIGHT[rule][0],
            "rule": rule,
            "severity": LIGHT[rule][1],
            "heading": int(said["heading"]),
            "stage": self.stage(),
            "done": done,
            "planned": planned,
            "target": target,
            "gap": gap,
            "last_period": number_of(last_period),
            "due": number_of(about),
            "convert_due": number_of(due["converted"]),
            "converted": number_of(told["converted"]),
            "signed": number_of(told["signed"]),
            "start_due": number_of(due["start"]),
            "started": number_of(told["start"]),
            "enrolled": number_of(told["enrolled"]),
            "finish_due": number_of(due["finish"]),
            "finished": number_of(told["finish"]),
            "produce_due": number_of(due["produced"]),
            "produced": number_of(told["produced"]),
            "capacity": number_of(told["capacity"]),
            "measure_id": self.lead,
            "months": months,
            "cure_amount": cure,
            "cure_by": number_of(cure_by) if rule in BY_AMOUNT else None,
        }
