"""The watch-list as a CSV that Excel opens as it is; every line says of when it is."""

from __future__ import annotations

from django.utils.translation import gettext as _

from duban.core.stakes import PARTS, POINT
from duban.web import csv_file, display, stakes, wording
from duban.web.csv_file import Column
from duban.web.moment import Moment
from duban.web.watch_rows import Row


def written(rows: list[Row], now: Moment) -> str:
    """A header and a line for each row of the list."""
    note: Column = (_("Note"), lambda row: _("Work statistics, not official statistics."))
    return csv_file.written([*_who(), *_what(), *_why(), *csv_file.when(now), note], rows)


def _who() -> list[Column]:
    return [
        (_("Rank"), lambda row: row.rank),
        (_("Ranked by"), lambda row: _("money") if row.watched.stake.money else _("share of the plan")),
        (_("Light"), lambda row: display.light_name(row.standing.light)),
        (_("Rule"), lambda row: wording.rule(row.standing)),
        (_("Code"), lambda row: row.standing.undertaking.code),
        (_("Undertaking"), lambda row: display.told(row.standing.undertaking)),
        (_("Programme"), lambda row: display.told(row.standing.undertaking.programme)),
        (_("Body"), lambda row: display.told(row.standing.undertaking.lead_body)),
        (_("Answerable"), lambda row: row.who),
    ]


def _what() -> list[Column]:
    return [
        (_("At stake"), lambda row: row.at_stake),
        (_("Amount at stake"), lambda row: row.watched.stake.amount),
        (_("Unit"), lambda row: row.standing.measure.unit if row.standing.measure else ""),
        (_("Share of the year's plan, %"), lambda row: row.watched.stake.share / POINT),
        (_("Urgency"), lambda row: row.watched.stake.urgency / PARTS),
        (_("Done"), lambda row: row.standing.done),
        (_("Schedule"), lambda row: row.standing.planned),
        (_("Plan"), lambda row: row.standing.target),
        (_("Points"), lambda row: None if row.standing.gap is None else row.standing.gap / POINT),
    ]


def _why() -> list[Column]:
    return [
        (_("Due"), lambda row: row.standing.due),
        (_("Since"), lambda row: row.watched.since),
        (_("Why"), lambda row: wording.reason(row.standing)),
        (_("Cure"), lambda row: wording.cure(row.standing)),
        (_("What was tried"), lambda row: " / ".join(_tried(row))),
    ]


def _tried(row: Row) -> list[str]:
    """Everything that was tried, each with its day and its words."""
    told = ([display.day(one.at), stakes.effort(one), display.script(one.words)] for one in row.tried)
    return [" ".join(part for part in parts if part) for parts in told]
