"""Where a rule begins, in the reader's language: the numbers of the rulebook that lit a light."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from duban.core.rulebook import Rulebook
from duban.core.rules import AFTER_ENROLMENT, AFTER_FINISH, AFTER_START, IN_RESERVE
from duban.web import display

FIXED: Final[Mapping[str, Any]] = {
    "heading": lazy("A whole whose parts speak for it is grey, and is not counted beside them."),
    "finished": lazy("What has finished is green."),
    "fulfilled": lazy("Where the whole year's plan is done, it is green."),
    "in_reserve": lazy("In reserve it is grey until its conversion or its start is due."),
    "finish_overdue": lazy("A planned finish that has passed and is not reported is red."),
    "pending": lazy("A day that is still to come is green."),
    "unplanned": lazy("Without a plan there is nothing to judge by: it is grey."),
    "caught_up": lazy("A red that is caught up stays amber until that month has ended."),
    "nothing_due": lazy("As long as the plan asks for nothing, it is grey."),
}
"""The rules in which a rulebook has no number."""


def boundary(rule: str, book: Rulebook) -> str:
    """Where the rule begins by this rulebook, and where it turns red."""
    return str(FIXED[rule]) if rule in FIXED else _NUMBERED[rule](book)


def _schedule(book: Rulebook) -> str:
    facts = {"amber": display.number(book.schedule.behind), "red": display.number(book.schedule.far_behind)}
    if book.schedule.compare == "ratio":
        return _("Less than %(amber)s%% of what the schedule asks for is amber, less than %(red)s%% is red.") % facts
    return _("More than %(amber)s points behind schedule is amber, more than %(red)s is red.") % facts


def _start(book: Rulebook) -> str:
    months = book.start.red_months
    words = ngettext(
        "A start that is due and not reported is amber; once its month lies %(months)s month back, it is red.",
        "A start that is due and not reported is amber; once its month lies %(months)s months back, it is red.",
        months,
    )
    return words % {"months": display.number(months)}


def _enrolment(book: Rulebook) -> str:
    months = book.enrolment
    facts = {"amber": display.number(months.amber_months), "red": display.number(months.red_months)}
    return _("Not enrolled in statistics: amber from %(amber)s months after the start, red beyond %(red)s months.") % facts


def _production(book: Rulebook) -> str:
    facts = {"amber": display.number(book.production.amber_months), "red": display.number(book.production.red_months)}
    return (
        _(
            "Not in production: amber once its planned day has passed, or %(amber)s months after the finish where none was planned; "
            "red beyond %(red)s months."
        )
        % facts
    )


def _conversion(book: Rulebook) -> str:
    months = book.conversion.red_months
    words = ngettext(
        "A reserve that is due and not converted is amber; once its month lies %(months)s month back, it is red.",
        "A reserve that is due and not converted is amber; once its month lies %(months)s months back, it is red.",
        months,
    )
    return words % {"months": display.number(months)}


def _resumption(book: Rulebook) -> str:
    months, holiday = book.resumption.idle_months, book.resumption.holiday_month
    words = ngettext(
        "A continuing project with no new amount in %(months)s month is amber.",
        "A continuing project with no new amount in %(months)s months is amber.",
        months,
    ) % {"months": display.number(months)}
    if not holiday:
        return words
    space = " " if display.english() else ""
    after = _("By the report of month %(month)s, after the long holiday, one month is enough.") % {"month": display.number(holiday + 1)}
    return f"{words}{space}{after}"


def _reports(book: Rulebook) -> str:
    facts = {"days": display.number(book.reports.grace_days), "months": display.number(book.reports.silent_months)}
    return _("A report is missed %(days)s days after its month's end: grey, and red when %(months)s months are missed.") % facts


_NUMBERED: Final[Mapping[str, Callable[[Rulebook], str]]] = {
    **dict.fromkeys(("far_behind", "behind", "watch", "on_schedule"), _schedule),
    **dict.fromkeys(AFTER_START, _start),
    **dict.fromkeys(AFTER_ENROLMENT, _enrolment),
    **dict.fromkeys(AFTER_FINISH, _production),
    **dict.fromkeys(IN_RESERVE, _conversion),
    **dict.fromkeys(("silent", "long_silent"), _reports),
    "not_resumed": _resumption,
}
