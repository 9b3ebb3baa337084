"""What is at stake, since when, what was tried and what changed, in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from duban.core.stakes import PARTS, POINT
from duban.ledger.models import Entry
from duban.standing.changes import Rewritten
from duban.standing.efforts import Tried
from duban.standing.watching import Total, Watched
from duban.web import display

REASONS: Final[Mapping[str, Any]] = {
    "start": lazy("Not started"),
    "resumption": lazy("Not resumed"),
    "schedule": lazy("Behind schedule"),
    "enrolment": lazy("Not enrolled in statistics"),
    "production": lazy("Finished, not producing"),
    "conversion": lazy("Reserve not converted"),
    "finish": lazy("Finish overdue"),
    "silence": lazy("Silent for months"),
    "caught_up": lazy("Caught up this month"),
}
"""The tabs of the watch-list."""
TURNS: Final[Mapping[str, Any]] = {
    "red": lazy("Turned red"),
    "amber": lazy("Turned amber"),
    "worsened": lazy("Further behind"),
    "silent": lazy("Report missing now"),
    "unjudged": lazy("No longer judged"),
    "eased": lazy("From red to amber"),
    "cured": lazy("Cured"),
}
REACHED: Final[Mapping[str, Any]] = {
    "started": lazy("Started"),
    "finished": lazy("Finished"),
    "enrolled": lazy("Enrolled in statistics"),
    "produced": lazy("In production"),
    "converted": lazy("Converted from reserve"),
    "signed": lazy("Signed"),
    "capacity": lazy("At full capacity"),
}


def listed(parts: list[str]) -> str:
    """Parts of a sentence, with the commas of the reader's language."""
    return (", " if display.english() else "，").join(parts)


def sentences(parts: list[str]) -> str:
    """Parts that are almost sentences, with the marks of the reader's language between them."""
    return ("; " if display.english() else "；").join(parts)


def named(names: list[str], count: int) -> str:
    """The first names of a list of `count`, and how many more there are."""
    told = (", " if display.english() else "、").join(names)
    rest = count - len(names)
    return _("%(names)s and %(rest)s more") % {"names": told, "rest": display.number(rest)} if rest else told


def at_stake(one: Watched, as_of: date) -> str:
    """What is at stake in one undertaking: an amount, or how many days it is late; a dash where neither is known."""
    stake, row = one.stake, one.standing
    amount = display.amount(rounded(stake.amount, row.measure), row.measure)
    if stake.kind == "uncounted":
        return _("%(amount)s done, not in statistics") % {"amount": amount}
    if stake.kind == "idle":
        return _("%(amount)s done, not in production") % {"amount": amount}
    if row.target is not None and stake.amount:
        return _("%(amount)s behind") % {"amount": amount}
    if row.due == as_of:
        return _("due on %(day)s") % {"day": display.day(row.due)}
    if row.due is not None and row.due < as_of:
        days = (as_of - row.due).days
        return ngettext("%(days)s day late", "%(days)s days late", days) % {"days": display.number(days)}
    return display.SILENCE


def rounded(amount: Decimal, measure: Any) -> Decimal:
    """An amount with the two decimals that people read; money is rounded where it is told."""
    return amount if measure is not None and measure.unit == "元" else display.rounded(amount, 2).normalize() + 0


def share(one: Watched) -> str:
    """The share of the year's plan that is at stake; empty where what counts is a day."""
    if one.standing.target in (None, 0):
        return ""
    return _("%(points)s%% of the year's plan") % {"points": display.number(Decimal(one.stake.share) / POINT, 1)}


def urgency(one: Watched) -> str:
    """How urgent it is; 1 is an amber that came up on the first of January."""
    return display.number(Decimal(one.stake.urgency) / PARTS, 1)


def since(one: Watched, as_of: date) -> str:
    """Since when it is red or amber."""
    if one.since == as_of:
        return _("new this month")
    month = {"month": display.period(one.since)}
    return _("since %(month)s or earlier") % month if one.reaches_back(as_of) else _("since %(month)s") % month


def who(undertaking: Any) -> str:
    """The person who answers for an undertaking, with their title; empty where nobody is named."""
    named = [display.script(part) for part in (undertaking.answerable_title, undertaking.answerable or "") if part]
    return " ".join(named)


def total(told: Total, as_of: date) -> str:
    """What a list comes to, in one sentence: how many, how much, since when."""
    count = {"count": display.number(told.undertakings)}
    parts = [ngettext("%(count)s undertaking", "%(count)s undertakings", told.undertakings) % count]
    if told.red:
        parts.append(_("%(red)s of them red") % {"red": display.number(told.red)})
    if told.behind:
        parts.append(_("%(amount)s behind") % {"amount": display.money(told.behind)})
    if told.uncounted:
        parts.append(_("%(amount)s done, not in statistics") % {"amount": display.money(told.uncounted)})
    if told.idle:
        parts.append(_("%(amount)s done, not in production") % {"amount": display.money(told.idle)})
    if told.oldest and told.oldest.since < as_of:
        parts.append(_("the oldest %(since)s") % {"since": since(told.oldest, as_of)})
    return listed(parts)


def value(said: Decimal | date | None, measure: Any) -> str:
    """What a slot says: an amount, a day, or that it was withdrawn."""
    if said is None:
        return _("withdrawn")
    return display.day(said) if isinstance(said, date) else display.amount(said, measure)


def effort(one: Tried) -> str:
    """What somebody tried, without their words."""
    facts = {
        "measure": display.told(one.measure) if one.measure else "",
        "period": display.period(one.period),
        "before": value(one.before, one.measure),
        "after": value(one.after, one.measure),
        "files": display.number(one.files),
    }
    if one.act == "shown":
        return ngettext("%(files)s file added", "%(files)s files added", one.files) % facts
    sentences = {
        "corrected": _("%(measure)s, %(period)s: corrected from %(before)s to %(after)s"),
        "withdrawn": _("%(measure)s, %(period)s: %(before)s withdrawn"),
        "replanned": _("%(measure)s re-planned from %(before)s to %(after)s"),
        "said": _("%(measure)s, %(period)s: %(after)s"),
        "explained": _("%(measure)s, %(period)s: explained"),
        "chased": _("Chased for the report of %(period)s"),
    }
    return sentences[one.act] % facts


def rewritten(one: Rewritten) -> str:
    """A figure or a plan that says something else now, and why."""
    entry = one.entry
    facts = {
        "name": display.told(entry.undertaking),
        "measure": display.told(entry.measure),
        "period": display.period(entry.period),
        "before": value(one.before, entry.measure),
        "after": value(one.after, entry.measure),
        "reason": display.script(entry.reason),
    }
    if entry.kind == Entry.Kind.PLAN:
        return _("%(name)s, %(measure)s: %(before)s → %(after)s (%(reason)s)") % facts
    return _("%(name)s, %(measure)s, %(period)s: %(before)s → %(after)s (%(reason)s)") % facts
