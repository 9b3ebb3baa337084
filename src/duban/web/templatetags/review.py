"""Filters of the pages on which reports are read: differences, findings, how long something has waited."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from duban.core import workdays
from duban.registry import holidays
from duban.web import display, wording
from duban.web.context import today

register = template.Library()

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
_WORDS: Final = frozenset({"body", "code", "column", "measure", "name", "programme", "row", "sheet", "typed", "undertaking"})
"""Facts that are words even where they look like numbers."""


def _read(name: str, value: Any) -> Any:
    """A fact as it was before it was kept as text."""
    if not isinstance(value, str) or name in _WORDS:
        return value
    if _DAY.fullmatch(value):
        return date.fromisoformat(value)
    return Decimal(value) if _NUMBER.fullmatch(value) else value


@register.filter
def found(finding: Any) -> str:
    """A kept finding as a sentence."""
    facts: Mapping[str, Any] = finding.facts
    return wording.sentence(finding.code, {name: _read(name, value) for name, value in facts.items()})


@register.filter
def value(spoken: Any, measure: Any) -> str:
    """What an entry, a line or a cell says: an amount with its unit, a day, or a dash for silence."""
    if isinstance(spoken, date):
        return display.day(spoken)
    return display.amount(spoken, measure)


@register.filter
def more(difference: Any, measure: Any) -> str:
    """A difference with its sign and unit: money as money, percentages in points, days as days."""
    if difference is None:
        return ""
    if measure.holds == "day":
        days = abs(int(difference))
        told = ngettext("%(days)s day", "%(days)s days", days) % {"days": display.number(days)}
        return _("%(days)s later") % {"days": told} if difference > 0 else _("%(days)s earlier") % {"days": told} if difference else "0"
    if measure.unit.startswith("%"):
        return _("%(number)s points") % {"number": display.signed(difference)}
    told = display.amount(difference, measure)
    return told if difference <= 0 else f"+{told}"


@register.filter
def share(difference: Any, whole: Any) -> str:
    """A difference as a share of what it is set against, signed; empty where that makes no sense."""
    if not isinstance(difference, Decimal) or not isinstance(whole, Decimal) or not whole:
        return ""
    return f"{display.signed(difference * 100 / abs(whole), 1)}%"


@register.filter
def waited(since: datetime | None) -> str:
    """For how many working days something has waited."""
    if since is None:
        return ""
    days = max(workdays.working_days_between(timezone.localtime(since).date(), today(), holidays.is_working), 0)
    if not days:
        return _("since today")
    return ngettext("%(days)s working day", "%(days)s working days", days) % {"days": display.number(days)}


_ORIGINS: Final = {
    "form": lazy("form"),
    "workbook": lazy("workbook"),
    "table": lazy("table"),
    "api": lazy("interface"),
    "undo": lazy("undoing of a batch"),
    "csv": lazy("CSV file"),
    "demo": lazy("example"),
}


@register.filter
def origin(code: str) -> str:
    """The way by which a report or a batch came."""
    return str(_ORIGINS.get(code, code))
