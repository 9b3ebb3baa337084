"""The watch-list as a CSV that Excel opens as it is; every line says of when it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from duban.core import formulas
from duban.core.stakes import PARTS, POINT
from duban.web import display, stakes, wording
from duban.web.moment import Moment
from duban.web.watch_rows import Row

Column = tuple[str, Callable[[Row], Any]]


def written(rows: list[Row], now: Moment) -> str:
    """A header and a line for each row: amounts and days as plain as programs read them, everything else in words."""
    out = io.StringIO()
    writer = csv.writer(out)
    columns = [*_who(), *_what(), *_why(), *_when(now)]
    writer.writerow([name for name, _told in columns])
    writer.writerows([_cell(told(row)) for _name, told in columns] for row in rows)
    return "\N{BOM}" + out.getvalue()


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


def _when(now: Moment) -> list[Column]:
    known = timezone.localtime(now.known_at).isoformat(timespec="seconds")
    return [
        (_("As of"), lambda row: now.as_of),
        (_("Known at"), lambda row: known),
        (_("Ledger head"), lambda row: now.head),
        (_("Note"), lambda row: _("Work statistics, not official statistics.")),
    ]


def _cell(said: Any) -> str:
    """Text that no spreadsheet takes for a formula; a number or a day as programs read it; nothing for silence."""
    if said is None:
        return ""
    if isinstance(said, str):
        return formulas.harmless(said)
    return said.isoformat() if isinstance(said, date) else f"{said:.4f}".rstrip("0").rstrip(".")
