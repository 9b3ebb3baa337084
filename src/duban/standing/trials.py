"""What a rulebook would do before it is adopted: lights today and at past months' ends, with it laid in its place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Count, Q
from django.utils import timezone

from duban.core import periods
from duban.ledger import reads as ledger
from duban.registry import rulebooks
from duban.registry.models import RulebookVersion
from duban.standing import reads
from duban.standing.actions import stand
from duban.standing.models import Snapshot

MONTHS: Final = 12


def days(on: date, months: int = MONTHS) -> list[date]:
    """Today and the ends of the months before it, the newest first."""
    last = periods.previous_month_end(on)
    return [on, *(periods.months_before(last, back) for back in range(months))]


@dataclass(frozen=True, slots=True)
class Tried:
    """One day as it stands and as it would stand: counts by light, and how many undertakings would have another."""

    day: date
    before: dict[str, int]
    after: dict[str, int]
    changed: int


def reached(version: RulebookVersion) -> Q:
    """A filter over undertakings: those that a rulebook judges."""
    return Q(programme=version.programme_id) if version.body is None else Q(programme__owner__path__startswith=version.body.path)


def snapshots(version: RulebookVersion, *, day: date, head: int) -> tuple[Snapshot, Snapshot]:
    """A day by the rulebooks in force, and with `version` laid in its place, as if it were adopted.

    On days before its own from-day, which adopting it would leave as they are, it is laid in all the same.
    """
    began = timezone.now()
    now, then = rulebooks.tried(version, as_of=day)
    at: dict[str, Any] = {"as_of": day, "head": head, "revision": ledger.revision()}
    before, after = stand(**at, rules=now), stand(**at, rules=then)
    if after.computed_at >= began:
        before = stand(**at, rules=now)  # the oldest that was kept may just have made room
    return before, after


def tried(version: RulebookVersion, *, day: date, head: int) -> Tried:
    """One day in figures; headings are not counted."""
    before, after = snapshots(version, day=day, head=head)
    within = reached(version)
    counted = reads.by_light(reads.standings(before, within).filter(heading=False))
    if before.pk == after.pk:
        return Tried(day, counted, counted, 0)
    turned = reads.changed(before, after, within).order_by().values_list("was", "light").annotate(Count("pk"))
    then = dict(counted)
    for was, light, count in turned:
        then[was] -= count
        then[light] += count
    return Tried(day, counted, then, sum(count for _was, _light, count in turned))
