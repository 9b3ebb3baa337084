"""Counts and sums over a snapshot's standings, kept by each process and brought forward with the sheet.

What entries speak of leaves the totals as it stood and comes back as it stands; nothing else is read again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from threading import Lock
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db.models import Count, Q, Sum

from duban.registry.models import Undertaking
from duban.standing import sheets
from duban.standing.models import Snapshot, Standings

BY: Final = ("programme_id", "lead_body_id", "measure_id", "light", "rule", "stage", "heading")
AMOUNTS: Final = ("done", "planned", "target")
LARGEST: Final = 48
"""Totals kept by one process, the least used forgotten first."""

Group = tuple[Any, ...]
Sums = tuple[int, tuple[int, ...], tuple[Decimal, ...]]
"""How many standings, how many of them have each of `AMOUNTS`, and the sums. Work without a plan counts, and its amount does not."""


@dataclass(frozen=True, slots=True)
class Totals:
    """The totals of one snapshot by `BY`. Whoever holds one may read it and not change it."""

    snapshot: Snapshot
    groups: Mapping[Group, Sums]

    def rows(self) -> list[dict[str, Any]]:
        """One row a group, with `undertakings` and `all_done`, `all_planned`, `all_target`; None is silence."""
        return [
            dict(zip(BY, group, strict=True))
            | {"undertakings": count}
            | {f"all_{name}": total if told else None for name, told, total in zip(AMOUNTS, having, sums, strict=True)}
            for group, (count, having, sums) in self.groups.items()
        ]


_kept: OrderedDict[Hashable, Totals] = OrderedDict()
_lock = Lock()


def totals(snapshot: Snapshot, within: Q | None = None) -> Totals:
    """The totals of a snapshot over the undertakings that `within` lets through."""
    try:
        key = (snapshot.sheet_id, None if within is None else str(Undertaking.objects.filter(within).query))
    except EmptyResultSet:
        return Totals(snapshot, {})
    with _lock:
        near = _kept.get(key)
    found = near if near and _same(near.snapshot, snapshot) else _brought(near, snapshot, within)
    with _lock:
        _kept[key] = found
        _kept.move_to_end(key)
        while len(_kept) > LARGEST:
            _kept.popitem(last=False)
    return found


def _same(one: Snapshot, other: Snapshot) -> bool:
    """A key alone proves little: what was rolled back may have had the same."""
    return (one.pk, one.computed_at) == (other.pk, other.computed_at)


def _brought(near: Totals | None, snapshot: Snapshot, within: Q | None) -> Totals:
    """The totals of `snapshot` from those of another head of its sheet, or from all its rows where there are none to go from."""
    if near is None or not Snapshot.objects.filter(pk=near.snapshot.pk, computed_at=near.snapshot.computed_at).exists():
        return Totals(snapshot, _summed(snapshot.standings, within))
    low, high = sorted((near.snapshot.head, snapshot.head))
    if high - low > sheets.FARTHEST:
        return Totals(snapshot, _summed(snapshot.standings, within))
    again = sheets.touched(low, high)
    left, come = (_summed(of.standings.filter(undertaking__in=again), within) for of in (near.snapshot, snapshot))
    return Totals(snapshot, _added(_added(dict(near.groups), left, -1), come, 1))


def _summed(rows: Standings, within: Q | None) -> dict[Group, Sums]:
    """One reading of rows, by group."""
    counted = (
        rows.within(within)
        .order_by()
        .values(*BY)
        .annotate(
            undertakings=Count("pk"),
            **{f"having_{name}": Count(name, filter=_summable(name)) for name in AMOUNTS},
            **{f"all_{name}": Sum(name, filter=_summable(name)) for name in AMOUNTS},
        )
    )
    return {
        tuple(row[name] for name in BY): (
            row["undertakings"],
            tuple(row[f"having_{name}"] for name in AMOUNTS),
            tuple(row[f"all_{name}"] or Decimal(0) for name in AMOUNTS),
        )
        for row in counted
    }


def _summable(name: str) -> Q | None:
    """As a ratio to plan counts: work without a plan is beside it."""
    return Q(target__isnull=False) if name == "done" else None


def _added(groups: dict[Group, Sums], others: Mapping[Group, Sums], sign: int) -> dict[Group, Sums]:
    """`groups` with others added or taken away; a group in which nothing is left goes."""
    nothing: Sums = (0, (0,) * len(AMOUNTS), (Decimal(0),) * len(AMOUNTS))
    for group, (count, having, sums) in others.items():
        before = groups.pop(group, nothing)
        left = before[0] + sign * count
        if left:
            told = tuple(was + sign * more for was, more in zip(before[1], having, strict=True))
            groups[group] = (left, told, tuple(was + sign * more for was, more in zip(before[2], sums, strict=True)))
    return groups
