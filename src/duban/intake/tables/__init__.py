"""Tables that this product did not make: recognised by their heads, confirmed once, then read every month without asking.

A `TableMapping` keeps what somebody confirmed: `columns` is a list of `meanings.Meaning`s, one for each column of the head;
`rows` maps a row's label to an undertaking's code, or to "" where the row is to be left out; `options` may hold `revision_reason`,
the reason that changed plans carry, and `sheet`, the name of the sheet that was chosen.
"""

from __future__ import annotations

from typing import Any

from duban.core import tables
from duban.core.refusals import Refusal
from duban.intake.models import TableMapping
from duban.intake.tables.proposing import Proposal, proposed
from duban.intake.tables.reading import read
from duban.people.models import Body

__all__ = ["Proposal", "fingerprint", "known", "proposed", "read"]


def fingerprint(sheet: Any) -> str:
    """By what a table is known again: its headings with months and years left open, and its units. Empty where there is no table."""
    try:
        return tables.laid_out(sheet.rows, sheet.merged).head.fingerprint
    except Refusal:
        return ""


def known(sheet: Any, *, body: Body) -> TableMapping | None:
    """The mapping that `body` confirmed for tables with this head, the newest where several programmes have one."""
    told = fingerprint(sheet)
    return TableMapping.objects.filter(body=body, fingerprint=told).select_related("programme", "body").first() if told else None
