"""What files tell of one standing, column by column, wherever it stands in a list."""

from __future__ import annotations

from django.utils.translation import gettext as _

from duban.core.stakes import POINT
from duban.standing.models import Snapshot
from duban.web import beside, display, stage_words, table_file, wording
from duban.web.moment import Moment
from duban.web.table_file import Column


def light() -> list[Column]:
    """How it is lit."""
    return [(_("Light"), lambda standing: display.light_name(standing.light)), (_("Rule"), wording.rule)]


def who() -> list[Column]:
    """Which undertaking, and whose; of a standing, or of whatever else is about an `undertaking`."""
    return [
        (_("Code"), lambda standing: standing.undertaking.code),
        (_("Undertaking"), lambda standing: display.told(standing.undertaking)),
        (_("Programme"), lambda standing: display.told(standing.undertaking.programme)),
        (_("Body"), lambda standing: display.told(standing.undertaking.lead_body)),
    ]


def where() -> list[Column]:
    """In which town and stage."""
    return [
        (_("Town"), lambda standing: display.told(standing.undertaking.town) if standing.undertaking.town else ""),
        (_("Stage"), lambda standing: stage_words.stage(standing.stage)),
    ]


def unit() -> list[Column]:
    """The unit of its amounts."""
    return [(_("Unit"), lambda standing: display.told(standing.measure, "unit") if standing.measure else "")]


def amounts(*, lit: bool = True) -> list[Column]:
    """How far it is, in its measure's unit; and, for those who see lights, by how many points of the year's plan it is ahead."""
    told: list[Column] = [
        (_("Done"), lambda standing: standing.done),
        (_("Schedule"), lambda standing: standing.planned),
        (_("Plan"), lambda standing: standing.target),
    ]
    gap: Column = (_("Points"), lambda standing: None if standing.gap is None else standing.gap / POINT)
    return [*told, gap] if lit else told


def dates() -> list[Column]:
    """The period of its last report, and the day that its rule is about."""
    return [(_("Last report"), lambda standing: standing.last_period), (_("Due"), lambda standing: standing.due)]


def why() -> list[Column]:
    """Why, and what would cure it."""
    return [(_("Why"), wording.reason), (_("Cure"), wording.cure)]


def whole() -> list[Column]:
    """Everything that a list of undertakings tells of one."""
    return [*light(), *who(), *where(), *unit(), *amounts(), *dates(), *why()]


def other(now: Moment, there: Snapshot | None, *, lit: bool = True) -> list[Column]:
    """The same told at the other one of then and since, for rows that `beside.pair` has seen; no column where no moment was named."""
    if there is None:
        return []
    side = beside.other_side(now)
    named = [(f"{side}: {name}", tell) for name, tell in (*(light() if lit else ()), *amounts(lit=lit))]
    return table_file.through(named, lambda standing: standing.beside if getattr(standing, "differs", False) else standing)
