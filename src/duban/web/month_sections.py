"""The sections of a month's page, kept under everything that they show: most of a district's cells are as they were a moment ago."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from duban.intake.models import SubmissionLine
from duban.ledger.models import Entry
from duban.registry.models import Measure
from duban.web import display, kept
from duban.web.month_rows import Promise, Row

LARGEST: Final = 2_000
"""Sections kept in one process, some five kilobytes each."""
_shelf = kept.Shelf(LARGEST)


def section(promise: Promise, facts: Mapping[str, Any]) -> SafeString:
    """An undertaking with its rows as the page shows it; `facts` are the page's `body`, `period` and the lengths that fit in a field.

    Where somebody has typed something it is rendered anew, with what the checks find in that.
    """

    def made() -> SafeString:
        return render_to_string("web/month/_promise.html", {"promise": promise, **facts})

    if any(row.asked.typed is not None for row in promise.rows):
        return made()
    return _shelf.get(_key(promise, facts), made)


def _key(promise: Promise, facts: Mapping[str, Any]) -> Hashable:
    one = promise.undertaking
    names = (one.code, one.programme.code, one.name, one.name_en, one.lead_body.name, one.lead_body.name_en)
    whose = (one.pk, *names, one.lead_body_id == facts["body"].pk)
    return (display.language(), facts["period"], whose, *(_shown(row) for row in promise.rows))


def _shown(row: Row) -> Hashable:
    asked = row.asked
    values = (_entry(asked.said), _entry(asked.before), _entry(asked.planned), _line(asked.waiting))
    return (row.unit, _measure(asked.measure), asked.due, asked.joint, *values)


def _measure(measure: Measure) -> Hashable:
    return (measure.pk, measure.name, measure.name_en, measure.unit, measure.unit_en, measure.holds, measure.accumulates)


def _entry(entry: Entry | None) -> Hashable:
    return entry and (entry.seq, entry.period, entry.amount, entry.day)


def _line(line: SubmissionLine | None) -> Hashable:
    return line and (line.submission_id, line.submission.state, line.amount, line.day, line.withdraws)
