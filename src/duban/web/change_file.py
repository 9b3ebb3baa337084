"""What the file of changes tells: everything under every head, one row each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from duban.core.stakes import POINT
from duban.standing.changes import Changes, Rewritten, Turned
from duban.web import display, stakes, standing_columns, wording
from duban.web.table_file import Column, through


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that changed, under the words of its head: an undertaking, with its standing, a day or a slot where it is about one."""

    head: str
    undertaking: Any
    turned: Turned | None = None
    slot: Rewritten | None = None


def rows(told: Changes) -> Iterator[Row]:
    """Everything that changed, head by head as on the page."""
    heads = (
        (words, found[name])
        for words_of, found in ((stakes.TURNS, told.turned), (stakes.REACHED, told.reached))
        for name, words in words_of.items()
    )
    for words, listed in heads:
        yield from (Row(str(words), row.standing.undertaking, turned=row) for row in listed.rows)
    for words, listed in ((_("Figures corrected"), told.corrected), (_("Plans written anew"), told.replanned)):
        yield from (Row(words, row.entry.undertaking, slot=row) for row in listed.rows)
    yield from (Row(_("New undertakings"), promise) for promise in told.entered.rows)


def columns() -> list[Column]:
    """What changed, on which undertaking, and what it was before."""
    return [
        (_("Change"), lambda row: row.head),
        *standing_columns.who(),
        *through(_turned(), lambda row: row.turned),
        *through(_slot(), lambda row: row.slot),
    ]


def _turned() -> list[Column]:
    return [
        (_("Light before"), lambda row: display.light_name(row.was) if row.was else ""),
        (_("Rule before"), lambda row: wording.rule(row.was_rule) if row.was_rule else ""),
        (_("Points before"), lambda row: None if row.was_gap is None else row.was_gap / POINT),
        *through(standing_columns.light(), lambda row: row.standing),
        (_("Points"), lambda row: None if row.standing.gap is None else row.standing.gap / POINT),
        (_("Day"), lambda row: row.day),
        (_("Why"), lambda row: wording.reason(row.standing)),
    ]


def _slot() -> list[Column]:
    return [
        (_("Measure"), lambda row: display.told(row.entry.measure)),
        (_("Unit"), lambda row: display.told(row.entry.measure, "unit")),
        (_("Period"), lambda row: row.entry.period),
        (_("Before"), lambda row: _("withdrawn") if row.before is None else row.before),
        (_("After"), lambda row: _("withdrawn") if row.after is None else row.after),
        (_("Reason"), lambda row: display.script(row.entry.reason)),
        (_("Entry"), lambda row: row.entry.seq),
    ]
