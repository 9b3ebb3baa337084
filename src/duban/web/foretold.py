"""Forecasts in the reader's words, beside the chart for whoever cannot see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from duban.core import periods
from duban.core.earned import Plan, earned
from duban.core.forecast import LEVELS, ForecastRules
from duban.core.refusals import Refusal
from duban.registry.models import Measure
from duban.standing.forecasting import Outlook, Quantiles
from duban.web import display
from duban.web.history import Course

VERDICTS: Mapping[str, Any] = {"likely": lazy("Likely"), "doubtful": lazy("Doubtful"), "out_of_reach": lazy("Out of reach")}
"""Whether the year's plan will be reached."""
TONES: Final = {"likely": "chip-accent", "doubtful": "chip-amber", "out_of_reach": "chip-red"}
DIGITS: Final = 4
"""So many digits of a foretold amount are told: the rest would be precision that no forecast has."""
ON_TIME: Final = 0.5
"""Half months from the plan's own clock within which work is on time: a report tells no finer."""


def foretold(amount: Decimal, measure: Measure, *, plan: Decimal | None = None) -> str:
    """An amount of a forecast, rounded to `DIGITS`; the plan itself stays as it is."""
    if amount == plan or not amount:
        return display.amount(amount, measure)
    return display.amount(display.rounded(amount, DIGITS - 1 - amount.adjusted()).normalize() + 0, measure)


def odds(chance: float) -> str:
    """Odds in whole per cent; of what nearly always or hardly ever happened in the draws, no more than that."""
    if chance > 0.99:
        return _("over 99%")
    return _("under 1%") if chance < 0.01 else f"{round(chance * 100)}%"


def verdict(outlook: Outlook) -> str:
    """Likely, doubtful or out of reach; empty where nothing is foretold."""
    return str(VERDICTS[outlook.verdict]) if outlook.verdict else ""


def tone(outlook: Outlook) -> str:
    """The class of the chip that bears the verdict."""
    return TONES.get(outlook.verdict, "")


def why_not(outlook: Outlook, rules: ForecastRules) -> str:
    """Why nothing is foretold, in one sentence."""
    facts = {"needed": display.number(rules.courses), "courses": display.number(outlook.courses)}
    return {
        "too_little_history": _(
            "Too little history to say: odds take %(needed)s completed years of similar undertakings, and the ledger holds %(courses)s."
        ),
        "no_course": _("No forecast: what counts here is a level, a day, or something that should be less."),
        "heading": _("Its parts have forecasts; it is not counted beside them."),
        "no_plan": _("No forecast: there is no plan for this year to measure by."),
        "no_base": _("No forecast: it counts since the start, and nothing was reported before this year that it could start from."),
        "nothing_left": _("No forecast: the plan asks for nothing more this year."),
    }[outlook.reason] % facts


def sentences(outlook: Outlook, measure: Measure) -> list[str]:
    """What is foretold, in a few sentences: the odds, the range of 80 per cent, and when."""
    if outlook.amounts is None:
        return []
    plan, amounts = outlook.target, outlook.amounts
    facts = {
        "odds": odds(outlook.odds),
        "plan": display.amount(plan, measure),
        "low": foretold(amounts.low, measure, plan=plan),
        "middle": foretold(amounts.middle, measure, plan=plan),
        "high": foretold(amounts.high, measure, plan=plan),
    }
    told = (
        _("The year's plan of %(plan)s is fulfilled already.")
        if outlook.reached
        else _("The plan of %(plan)s is reached by the year's end with odds of %(odds)s.")
    )
    middling = _("In eight of ten cases the year ends between %(low)s and %(high)s; the middle is %(middle)s.")
    if amounts.low == amounts.high:
        middling = _("In eight of ten cases and more the year ends at %(middle)s.")
    when = "" if outlook.reached else _when(outlook)
    return [told % facts, middling % facts, *([when] if when else [])]


def _when(outlook: Outlook) -> str:
    """When the plan is reached; empty where the odds say it all: hardly ever this year."""
    months = {
        "finish": display.period(outlook.finish),
        "earliest": display.period(outlook.earliest),
        "latest": display.period(outlook.latest),
    }
    if outlook.finish is None:
        if outlook.earliest is None:
            return ""
        return _("In most cases it is not reached this year; in one of ten it is by the end of %(earliest)s.") % months
    if outlook.latest is None:
        return _("In the middle case it is reached by the end of %(finish)s; in one of ten not this year.") % months
    if outlook.earliest == outlook.latest:
        return _("It is reached by the end of %(finish)s.") % months
    return _("It is reached by the end of %(finish)s in the middle case, and in eight of ten between %(earliest)s and %(latest)s.") % months


def basis(outlook: Outlook) -> str:
    """What a forecast rests on."""
    facts = {"courses": display.number(outlook.courses)}
    if outlook.own:
        return (
            _("It rests on %(courses)s completed years of this programme, on those that had come as far at the same time of the year.")
            % facts
        )
    return (
        _("The programme has too few completed years of its own. It rests on %(courses)s of all programmes, on those that had come as far.")
        % facts
    )


def together(outlook: Outlook, rules: ForecastRules) -> str:
    """How the draws of a programme's undertakings hang together; empty of one alone."""
    if outlook.counted < 2:
        return ""
    return _(
        "Its undertakings do not each go their own way: in %(shared)s of 100 draws one shares its programme's luck, because a bad year "
        "is bad for many. The range is wider for it."
    ) % {"shared": display.number(rules.shared)}


def counted(outlook: Outlook) -> list[dict[str, Any]]:
    """The verdicts on a programme's undertakings, each with its name, its chip's class and how many have it."""
    told = ((verdict, outlook.verdicts.get(verdict, 0)) for verdict in VERDICTS)
    return [{"name": VERDICTS[verdict], "tone": TONES[verdict], "count": count} for verdict, count in told if count]


TAILS: Final = ("2.5%", "10%", "25%")


def levels() -> list[tuple[str, str]]:
    """The quantiles of a fan as its table's heads: what to call each, and its level."""
    lower = [_("%(share)s end lower") % {"share": share} for share in TAILS]
    called = (*lower, _("Middle"), *(_("%(share)s end higher") % {"share": share} for share in reversed(TAILS)))
    return list(zip(called, map(str, LEVELS), strict=True))


def ends(quantiles: Quantiles) -> list[Decimal]:
    """The quantiles in the order of `levels`."""
    return [getattr(quantiles, name) for name in quantiles.__slots__]


@dataclass(frozen=True, slots=True)
class Clock:
    """Where work stands on its plan's own clock: `months` ahead of it, behind where negative, and the month in which all will be done.

    Without `end` nothing is done, and no pace says when.
    """

    months: Decimal
    end: date | None

    @property
    def told(self) -> list[str]:
        """The two of them in words."""
        facts = {"months": display.number(abs(self.months), 1), "end": display.period(self.end)}
        if abs(self.months) <= Decimal(str(ON_TIME / 2)):
            stands = _("By its own plan it is on time.")
        elif self.months < 0:
            stands = _("By its own plan it is %(months)s months behind.")
        else:
            stands = _("By its own plan it is %(months)s months ahead.")
        ends = (
            _("At the pace so far the whole plan will be done in %(end)s.")
            if self.end
            else _("Nothing is done yet, and no pace says when it will be.")
        )
        return [stands % facts, ends % facts]


def clock(course: Course | None, *, as_of: date) -> Clock | None:
    """The earned schedule of a year's course at its last report, see `duban.core.earned`.

    None without a plan, without a report this year, once all is done, and of what adds up over years: nobody knows when its plan began.
    """
    if course is None or course.measure.accumulates != Measure.Accumulates.YEAR or course.measure.direction < 0:
        return None
    told = [point for point in course.points if point.period.year == as_of.year]
    planned = [point for point in told if point.planned is not None]
    reported = [point for point in told if point.done is not None and point.period <= as_of]
    if not reported:
        return None
    last = reported[-1]
    try:
        plan = Plan.of(
            [periods.halves(point.period) for point in planned], [float(point.planned) for point in planned if point.planned is not None]
        )
        found = earned(plan, [periods.halves(last.period)], [float(last.done or 0)])
    except Refusal:
        return None
    if found.schedule[0] >= plan.duration:
        return None
    end = None if found.pace[0] == 0 else _month(as_of.year, float(found.end_at_pace[0]))
    return Clock(Decimal(str(round(float(found.variance[0]) / 2, 1))), end)


def _month(year: int, halves: float) -> date | None:
    """The end of the month in which so many half months since the year's beginning will have passed; None beyond all ledgers."""
    months = max(0, -(-round(halves, 6) // 2) - 1)
    ended = year + int(months // 12)
    return periods.last_day(ended, int(months % 12) + 1) if ended in periods.YEARS else None
