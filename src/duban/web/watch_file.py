"""What the file of the watch-list tells of each of its lines."""

from __future__ import annotations

from django.utils.translation import gettext as _

from duban.core.stakes import PARTS, POINT
from duban.web import display, stakes, standing_columns
from duban.web.table_file import Column, through
from duban.web.watch_rows import Row


def columns() -> list[Column]:
    """Who, how much is at stake, why, and what was tried."""
    return [*_who(), *_what(), *_why()]


def _who() -> list[Column]:
    return [
        (_("Rank"), lambda row: row.rank),
        (_("Ranked by"), lambda row: _("money") if row.watched.stake.money else _("share of the plan")),
        *through([*standing_columns.light(), *standing_columns.who()], lambda row: row.standing),
        (_("Answerable"), lambda row: row.who),
    ]


def _what() -> list[Column]:
    return [
        (_("At stake"), lambda row: row.at_stake),
        (_("Amount at stake"), lambda row: row.watched.stake.amount),
        *through(standing_columns.unit(), lambda row: row.standing),
        (_("Share of the year's plan, %"), lambda row: row.watched.stake.share / POINT),
        (_("Urgency"), lambda row: row.watched.stake.urgency / PARTS),
        *through(standing_columns.amounts(), lambda row: row.standing),
    ]


def _why() -> list[Column]:
    return [
        (_("Due"), lambda row: row.standing.due),
        (_("Since"), lambda row: row.watched.since),
        *through(standing_columns.why(), lambda row: row.standing),
        (_("What was tried"), lambda row: " / ".join(_tried(row))),
    ]


def _tried(row: Row) -> list[str]:
    """Everything that was tried, each with its day and its words."""
    told = ([display.day(one.at), stakes.effort(one), display.script(one.words)] for one in row.tried)
    return [" ".join(part for part in parts if part) for parts in told]
