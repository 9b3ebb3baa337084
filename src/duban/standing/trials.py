"""What a rulebook would do before it is adopted: lights today and at past months' ends, with it laid in its place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Count, Q

from duban.core import periods
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
    return Q(programme__in=[pk for pk, _ in rulebooks.programmes_under(version.of)])


def snapshots(version: RulebookVersion, *, day: date, head: int) -> tuple[Snapshot, Snapshot]:
    """A day by the rulebooks in force, and with `version` laid in its place, as if it were adopted.

    On days before its own from-day, which adopting it would leave as they are, it is laid in all the same.
    """
    rules = rulebooks.in_force(as_of=day, trial=version)
    stand(as_of=day, head=head)
    after = stand(as_of=day, head=head, rules=rules)
    return stand(as_of=day, head=head), after  # asked for again: the oldest that is kept may just have made room


def tried(version: RulebookVersion, *, day: date, head: int) -> Tried:
    """One day in figures; headings are not counted."""
    before, after = snapshots(version, day=day, head=head)
    within = reached(version)
    return Tried(day, _counts(before, within), _counts(after, within), reads.changed(before, after, within).count())


def _counts(snapshot: Snapshot, within: Q) -> dict[str, int]:
    rows = reads.standings(snapshot, within).filter(heading=False).order_by()
    found = dict(rows.values_list("light").annotate(Count("pk")))
    return {light: found.get(light, 0) for light in reads.LIGHTS}
