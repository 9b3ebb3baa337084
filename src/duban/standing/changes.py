"""What has changed between two days: for a meeting that asks what became of what the last one heard."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from duban.core import turns
from duban.ledger.models import Entry
from duban.registry.models import Undertaking
from duban.standing.models import Snapshot, Standing, of
from duban.standing.reads import SILENT, standings
from duban.standing.watching import RELATED

REACHED: Final = ("started", "finished", "enrolled", "produced", "converted", "signed", "capacity")
"""The days of a standing that are told when they come."""
SHOWN: Final = 100
"""Undertakings and slots listed under one head; the rest are counted."""
AT_ONCE: Final = 5000
"""Undertakings asked for in one query."""


@dataclass(frozen=True, slots=True)
class Turned:
    """An undertaking as it stands, and as it stood; `day` is the one that it reached, where it is told for that."""

    standing: Standing
    was: str | None
    was_rule: str | None
    was_gap: int | None
    day: date | None = None


@dataclass(slots=True)
class Listed:
    """The first rows under one head, and how many there are."""

    count: int = 0
    rows: list[Any] = field(default_factory=list)
    keys: frozenset[Any] = frozenset()
    """Every row there is, also those that are only counted: an undertaking, or a rewritten slot with its last word."""

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A slot that spoke then and says something else now, with the last word on it. `times` is how often it was rewritten."""

    entry: Entry
    before: Decimal | date | None
    times: int

    @property
    def after(self) -> Decimal | date | None:
        return self.entry.amount if self.entry.day is None else self.entry.day


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything that changed: `turned` by `turns.TURNS`, `reached` by `REACHED`, rewritten reports and plans, new undertakings."""

    turned: dict[str, Listed]
    reached: dict[str, Listed]
    corrected: Listed
    replanned: Listed
    entered: Listed

    @property
    def count(self) -> int:
        """How many rows there are under all heads."""
        rewritten = (self.corrected, self.replanned, self.entered)
        return sum(one.count for one in (*self.turned.values(), *self.reached.values(), *rewritten))


def changes(before: Snapshot, after: Snapshot, within: Q | None = None, *, head_then: int, most: int | None = SHOWN) -> Changes:
    """What changed between two snapshots, and what the ledger says since `head_then` about what it had said by then.

    Under each head stand at most so many rows; all of them for None.
    """
    turned, reached = _compared(before, after, within, most)
    return Changes(
        turned=turned,
        reached=reached,
        corrected=_rewritten(Entry.Kind.REPORT, after, within, head_then, most),
        replanned=_rewritten(Entry.Kind.PLAN, after, within, head_then, most),
        entered=_entered(after, within, head_then, most),
    )


_TOLD: Final = ("undertaking_id", "light", "rule", "gap", *REACHED)
"""What is compared, of every undertaking; everything else is read of those alone that are shown."""


def _told(snapshot: Snapshot, within: Q | None) -> QuerySet[Any]:
    return standings(snapshot, within).filter(heading=False).values_list(*_TOLD, named=True)


_Pair = tuple[Any, Any, date | None]
"""A row of `_TOLD`, what it was before (or None), and the day that it reached."""


def _compared(before: Snapshot, after: Snapshot, within: Q | None, most: int | None) -> tuple[dict[str, Listed], dict[str, Listed]]:
    """Two snapshots row by row, worst first; days in their order."""
    earlier = {row.undertaking_id: row for row in _told(before, within).order_by()}
    turned: dict[str, list[_Pair]] = {name: [] for name in turns.TURNS}
    reached: dict[str, list[_Pair]] = {name: [] for name in REACHED}
    for row in _told(after, within):
        was = earlier.get(row.undertaking_id)
        if became := _turn(row, was):
            turned[became].append((row, was, None))
        for name in REACHED:
            day = getattr(row, name)
            if day is not None and (was is None or getattr(was, name) is None):
                reached[name].append((row, was, day))
    for pairs in reached.values():
        pairs.sort(key=lambda pair: (pair[2], pair[0].undertaking_id))
    shown = sorted({row.undertaking_id for pairs in (*turned.values(), *reached.values()) for row, _was, _day in pairs[:most]})
    whole = _whole(after, shown)
    return _listed(turned, whole, most), _listed(reached, whole, most)


def _whole(after: Snapshot, keys: list[int]) -> dict[int, Standing]:
    """The standings of these undertakings, with what is told beside them."""
    parts = (keys[first : first + AT_ONCE] for first in range(0, len(keys), AT_ONCE))
    rows = (standings(after).filter(undertaking__in=part).select_related(*RELATED) for part in parts)
    return {row.undertaking_id: row for row in chain.from_iterable(rows)}


def _turn(row: Any, was: Any) -> str | None:
    facts = {"gap": row.gap, "was_gap": was.gap if was else None, "silent": row.rule in SILENT}
    return turns.turn(was.light if was else None, row.light, **facts)


def _listed(found: dict[str, list[_Pair]], whole: dict[int, Standing], most: int | None) -> dict[str, Listed]:
    def shown(pairs: list[_Pair]) -> list[Turned]:
        before = [(was.light, was.rule, was.gap) if was else (None, None, None) for _row, was, _day in pairs]
        return [Turned(whole[row.undertaking_id], *told, day) for (row, _was, day), told in zip(pairs, before, strict=True)]

    keys = {name: frozenset(row.undertaking_id for row, _was, _day in pairs) for name, pairs in found.items()}
    return {name: Listed(len(pairs), shown(pairs[:most]), keys[name]) for name, pairs in found.items()}


def _rewritten(kind: str, after: Snapshot, within: Q | None, head_then: int, most: int | None) -> Listed:
    """Slots that had spoken by `head_then` and say something else at the head of `after`, the last rewritten first.

    Reports of periods that had not ended on the day are left out.
    """
    replaced = Entry.objects.filter(seq=OuterRef("replaces"))
    later = Entry.objects.filter(of(within) if within else Q(), kind=kind, seq__gt=head_then, seq__lte=after.head, replaces__isnull=False)
    if kind == Entry.Kind.REPORT:
        later = later.filter(period__lte=after.as_of)
    later = later.annotate(was_amount=Subquery(replaced.values("amount")), was_day=Subquery(replaced.values("day")))
    columns = ("undertaking_id", "measure_id", "period", "seq", "replaces", "amount", "day", "was_amount", "was_day")
    chains: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for row in later.order_by("seq").values_list(*columns, named=True):
        chains[row[:3]].append(row)
    spoke = [(chain[0], chain[-1], len(chain)) for chain in chains.values() if chain[0].replaces <= head_then]
    differ = [told for told in spoke if (told[0].was_amount, told[0].was_day) != (told[1].amount, told[1].day)]
    differ.sort(key=lambda told: -told[1].seq)
    related = ("undertaking__programme", "undertaking__lead_body", "measure", "submitted_by", "accepted_by")
    whole = Entry.objects.select_related(*related).in_bulk([last.seq for _first, last, _times in differ[:most]])
    rows = [
        Rewritten(whole[last.seq], first.was_amount if first.was_day is None else first.was_day, times)
        for first, last, times in differ[:most]
    ]
    return Listed(len(differ), rows, frozenset(last.seq for _first, last, _times in differ))


def _entered(after: Snapshot, within: Q | None, head_then: int, most: int | None) -> Listed:
    """Undertakings of which the ledger first spoke after `head_then`."""
    since = Entry.objects.filter(seq__gt=head_then, seq__lte=after.head)
    earlier = Entry.objects.filter(undertaking=OuterRef("pk"), seq__lte=head_then)
    new = Undertaking.objects.filter(within or Q(), ~Exists(earlier), pk__in=since.values("undertaking"))
    rows = new.select_related("programme", "lead_body").order_by("programme__order", "order", "code")
    keys = frozenset(new.values_list("pk", flat=True))
    return Listed(len(keys), list(rows[:most]), keys)
