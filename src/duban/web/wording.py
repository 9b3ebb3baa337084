"""Codes and facts as sentences in the reader's language.

The rooms below raise a `Refusal` or return a `Finding` with a code and facts; lights come with a rule and its
inputs. This is the one place where they become words. A test sees to it that no code goes without.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from duban.core import fixed
from duban.core.refusals import Finding, Refusal
from duban.web import display
from duban.web.sentences import SENTENCES

RULES: Mapping[str, Any] = {
    "heading": lazy("Counted by its parts"),
    "finished": lazy("Finished"),
    "fulfilled": lazy("Year's plan fulfilled"),
    "in_reserve": lazy("In reserve"),
    "production_overdue": lazy("Finished, long without production"),
    "not_producing": lazy("Finished, not producing"),
    "conversion_overdue": lazy("Reserve long not converted"),
    "not_converted": lazy("Reserve not converted"),
    "start_overdue": lazy("Start long overdue"),
    "finish_overdue": lazy("Finish overdue"),
    "enrolment_overdue": lazy("Long not enrolled in statistics"),
    "not_started": lazy("Not started"),
    "not_enrolled": lazy("Not enrolled in statistics"),
    "pending": lazy("Due later"),
    "unplanned": lazy("No plan"),
    "long_silent": lazy("Silent for months"),
    "far_behind": lazy("Far behind"),
    "not_resumed": lazy("Not resumed"),
    "behind": lazy("Behind"),
    "silent": lazy("Report missing"),
    "caught_up": lazy("Caught up this month"),
    "watch": lazy("Slightly behind"),
    "on_schedule": lazy("On schedule"),
    "nothing_due": lazy("Nothing due yet"),
}
"""The short name of every rule that lights a light."""


def rule(standing: Any) -> str:
    """The rule that lit a light, in two or three words."""
    return str(RULES[standing if isinstance(standing, str) else standing.rule])


def points(gap: int | None) -> str:
    """A gap in hundredths of a point, with its sign."""
    return display.SILENCE if gap is None else display.signed(Decimal(gap) / 100, 2)


def reason(standing: Any) -> str:
    """Why a light is lit: the rule's inputs in one sentence."""
    measure = standing.measure
    facts = {
        "done": display.amount(standing.done, measure),
        "planned": display.amount(standing.planned, measure),
        "target": display.amount(standing.target, measure),
        "points": display.number(abs(Decimal(standing.gap or 0)) / 100, 2),
        "due": display.day(standing.due),
        "month": display.period(standing.last_period),
        "months": display.number(standing.months),
        "share": display.percent(standing.done, standing.planned, 1),
    }
    behind = _("Done: %(done)s; the schedule asks for %(planned)s: %(points)s points behind, %(share)s of the schedule.")
    sentences = {
        "heading": _("Its parts speak for it; it is not counted beside them."),
        "finished": _("Its finish is reported."),
        "fulfilled": _("Done: %(done)s; the year's plan is %(target)s."),
        "in_reserve": _("Still in reserve; nothing is due."),
        "production_overdue": _("Finished; production was due on %(due)s, %(months)s months ago, and is not reported.")
        if standing.produce_due
        else _("Finished on %(due)s, %(months)s months ago; production is not reported."),
        "not_producing": _("Finished; production was due on %(due)s and is not reported.")
        if standing.produce_due
        else _("Finished on %(due)s; production is not reported."),
        "conversion_overdue": _("In reserve; it should have been converted by %(due)s, %(months)s months ago."),
        "not_converted": _("In reserve; it should have been converted by %(due)s."),
        "start_overdue": _("It should have started on %(due)s, %(months)s months ago. No start is reported."),
        "enrolment_overdue": _("Started on %(due)s, %(months)s months ago, and still not enrolled in statistics."),
        "not_enrolled": _("Started on %(due)s and not yet enrolled in statistics."),
        "caught_up": _(
            "It was red at the end of last month and has caught up: done %(done)s of the %(planned)s that the schedule asks for."
        ),
        "finish_overdue": _("It should have finished on %(due)s. No finish is reported."),
        "not_started": _("It should have started on %(due)s. No start is reported."),
        "pending": _("Due on %(due)s."),
        "unplanned": _("There is no plan to measure it against."),
        "far_behind": behind,
        "not_resumed": _("A continuing project without any new amount for months; it stands at %(done)s."),
        "behind": behind,
        "watch": _("Done: %(done)s; the schedule asks for %(planned)s: %(points)s points behind."),
        "on_schedule": _("Done: %(done)s; the schedule asks for %(planned)s: %(points)s points ahead."),
        "nothing_due": _("The plan asks for nothing yet."),
    }
    if standing.rule in ("silent", "long_silent"):
        never = standing.last_period is None
        return _("No report has ever come.") if never else _("The last report is that of %(month)s.") % facts
    return sentences[standing.rule] % facts


def cure(standing: Any) -> str:
    """What would turn the light green; empty where nothing needs curing."""
    facts = {
        "amount": display.amount(standing.cure_amount, standing.measure, up=True),
        "by": display.day(standing.cure_by),
        "due": display.day(standing.due),
    }
    if standing.rule in ("start_overdue", "not_started"):
        return _("Start, and report the day of the start.")
    if standing.rule in ("enrolment_overdue", "not_enrolled"):
        return _("Have it enrolled in statistics, and report the day.")
    if standing.rule in ("production_overdue", "not_producing"):
        return _("Begin production, and report the day.")
    if standing.rule in ("conversion_overdue", "not_converted"):
        return _("Convert or start it, and report the day; or plan another day and say why.")
    if standing.rule == "caught_up":
        return _("If it stays on schedule, it turns green when this month has ended.")
    if standing.rule == "finish_overdue":
        return _("Finish, and report the day of the finish.")
    if standing.rule in ("silent", "long_silent"):
        if standing.cure_amount == fixed.LEAST:
            return _("A report with any new amount by %(by)s turns it green.") % facts
        if standing.cure_amount:
            return _("A report with %(amount)s more by %(by)s turns it green.") % facts
        return _("The missing report turns it green.")
    if standing.rule == "not_resumed":
        if standing.cure_amount is not None and standing.cure_amount >= 1:
            return _("%(amount)s more by %(by)s turns it green.") % facts
        return _("Any new amount by %(by)s turns it green.") % facts
    if standing.rule in ("far_behind", "behind") and standing.cure_amount is None:
        return _("Nothing cures it but less: it turns green once it stands at no more than the schedule allows.")
    if standing.rule in ("far_behind", "behind"):
        return _("%(amount)s more by %(by)s turns it green.") % facts
    if standing.rule == "watch" and standing.cure_amount:
        return _("%(amount)s more by %(by)s keeps it green.") % facts
    if standing.rule == "unplanned":
        return _("Enter a plan.")
    return ""


def fact(value: Any) -> str:
    """One fact as people read it."""
    if isinstance(value, datetime):
        return display.moment(value)
    if isinstance(value, date):
        return display.day(value)
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return display.number(value)
    if isinstance(value, list | tuple | set | frozenset):
        return ("、" if not display.english() else ", ").join(fact(one) for one in value)
    return display.script(value)


class _Facts(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return display.SILENCE


def sentence(code: str, facts: Mapping[str, Any]) -> str:
    """The sentence for a code. A code that nobody worded shows itself, so that it can be asked about."""
    words = SENTENCES.get(code)
    if words is None:
        return _("Refused (%(code)s).") % {"code": code}
    return str(words) % _Facts({name: fact(value) for name, value in facts.items()})


def told(wrong: Refusal | Finding) -> str:
    """A refusal or a finding as a sentence; a finding says where it stands."""
    words = sentence(wrong.code, wrong.facts)
    if isinstance(wrong, Finding) and wrong.row is not None:
        place = {"row": wrong.row, "column": wrong.column or "", "words": words}
        if wrong.sheet:
            place["words"] = _("sheet “%(sheet)s”: %(words)s") % {"sheet": wrong.sheet, "words": words}
        if wrong.column:
            return _("Row %(row)s, column “%(column)s”: %(words)s") % place
        return _("Row %(row)s: %(words)s") % place
    return words
