"""Two snapshots of one day beside each other: as it was known then, and as it was corrected since."""

from __future__ import annotations

from typing import Final

from django.db.models import QuerySet

from duban.standing.models import Snapshot, Standing

TOLD: Final = (
    *("light", "rule", "done", "planned", "target", "gap", "due", "last_period"),
    *("stage", "heading", "programme_id", "lead_body_id"),
)
"""What a reader is shown of a standing, and by what it is counted; where all of it is equal, two standings tell the same."""
AMOUNTS: Final = ("done", "planned", "target", "last_period")
"""What the public is shown of one."""


def differing(one: Snapshot, other: Snapshot, told: tuple[str, ...] = TOLD) -> frozenset[int]:
    """The undertakings of which two snapshots tell something else, by their keys; `told` are the columns that count."""
    if one.pk == other.pk:
        return frozenset()
    rows = (set(_candidates(here, there).values_list("undertaking_id", *told)) for here, there in ((one, other), (other, one)))
    here, there = rows
    return frozenset(row[0] for row in here ^ there)


def _candidates(here: Snapshot, there: Snapshot) -> QuerySet[Standing]:
    """The rows of one snapshot, without those that speak in the other as they are."""
    rows = here.standings
    if here.sheet_id != there.sheet_id:
        return rows
    return rows.filter(until__lte=there.head) if here.head < there.head else rows.filter(since__gt=there.head)
