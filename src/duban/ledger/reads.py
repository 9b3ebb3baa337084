"""What the ledger said: heads, and the history of slots."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby

from django.db.models import Max, QuerySet, Subquery

from duban.ledger.models import Entry
from duban.registry.models import Measure, Revised, Revision, Undertaking

_NEWEST = Subquery(Entry.objects.order_by("-seq").values("seq")[:1])


def head(known_at: datetime | None = None) -> int:
    """The number of the last entry written by `known_at`, or of the last entry of all; 0 for an empty ledger."""
    entries = Entry.objects.all() if known_at is None else Entry.objects.filter(recorded_at__lte=known_at)
    if known_at is None:
        return entries.aggregate(seq=Max("seq"))["seq"] or 0
    newest = entries.order_by("-recorded_at", "-seq").values_list("seq", flat=True).first()
    return newest or 0


def recorded_at(seq: int) -> datetime | None:
    """When the entry numbered `seq` was written; None for head 0."""
    return Entry.objects.filter(seq=seq).values_list("recorded_at", flat=True).first()


def revision(known_at: datetime | None = None) -> int:
    """How often the registry has changed, or had changed by `known_at`."""
    if known_at is not None:
        return _revised(known_at).first() or 0
    return Revision.objects.values_list("number", flat=True).first() or 0


def _revised(known_at: datetime) -> QuerySet[Revised, int]:
    """The revisions that had begun by a moment, the last first."""
    return Revised.objects.filter(at__lte=known_at).order_by("-at", "-number").values_list("number", flat=True)


def present() -> tuple[int, int]:
    """The ledger's head and the registry's revision as they are now, in one query."""
    at = Revision.objects.annotate(newest=_NEWEST).values_list("newest", "number").first()
    return (at[0] or 0, at[1]) if at else (head(), 0)


def since(known_at: datetime) -> tuple[tuple[int, int], tuple[int, int]]:
    """The ledger's head and the registry's revision at a moment, and both as they are now, in one query."""
    known = Entry.objects.filter(recorded_at__lte=known_at).order_by("-recorded_at", "-seq").values("seq")[:1]
    facts = {"known": Subquery(known), "revised": Subquery(_revised(known_at)[:1]), "newest": _NEWEST}
    at = Revision.objects.annotate(**facts).values_list(*facts, "number").first()
    return ((at[0] or 0, at[1] or 0), (at[2] or 0, at[3])) if at else ((head(known_at), 0), (head(), 0))


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot with all that it ever said, the newest entry first. `current` of a withdrawn slot is None."""

    measure: Measure
    kind: str
    period: date
    entries: list[Entry] = field(default_factory=list)

    @property
    def current(self) -> Entry | None:
        newest = self.entries[0]
        return None if newest.amount is None and newest.day is None else newest

    @property
    def corrected(self) -> bool:
        return len(self.entries) > 1


def slots(undertaking: Undertaking, *, head: int, as_of: date | None = None) -> list[Slot]:
    """Every slot of an undertaking as known at `head`: by measure, kind, then the newest period first.

    With `as_of`, reports of periods that had not ended by then are left out; plans stay.
    """
    entries = (
        Entry.objects.filter(undertaking=undertaking, seq__lte=head)
        .select_related("measure", "submitted_by", "accepted_by", "batch")
        .order_by("measure__order", "measure__code", "kind", "-period", "-seq")
    )
    return [slot for slot in _grouped(entries) if as_of is None or slot.kind == Entry.Kind.PLAN or slot.period <= as_of]


def _grouped(entries: object) -> Iterator[Slot]:
    for (measure, kind, period), chain in groupby(entries, key=lambda e: (e.measure, e.kind, e.period)):  # type: ignore[call-overload]
        yield Slot(measure=measure, kind=kind, period=period, entries=list(chain))
