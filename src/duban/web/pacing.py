"""Time against task of one programme, for pages that tell neither stages nor rates."""

from __future__ import annotations

from django.db.models import Q

from duban.core import tallies
from duban.core.halves import Halves
from duban.core.indicators import NOT_TAKEN, RATES
from duban.registry.models import Measure, Programme
from duban.standing import indicators
from duban.standing.models import Snapshot
from duban.web.stage_rows import paces


def paced(snapshot: Snapshot, programme: Programme, within: Q) -> list[tuple[Measure, Halves]]:
    """Time against task of what `within` lets through; nothing where nothing is reported or amounts may not be added. One query."""
    lead = programme.lead_measure
    if lead is None or lead.holds != Measure.Holds.AMOUNT:
        return []
    taken = {programme.pk: dict.fromkeys(RATES, NOT_TAKEN)}
    rows = indicators.tallied(snapshot, {}, within=within & Q(programme=programme), taken=taken)
    return paces(tallies.together(rows), {lead.pk: lead}, snapshot.as_of)
