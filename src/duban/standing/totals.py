"""Counts and sums over a snapshot's standings, kept by each process and brought forward with the sheet.

What entries speak of leaves the totals as it stood and comes back as it stands; nothing else is read again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from threading import Lock
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db.models import Count, Q, Sum

from duban.registry.models import Undertaking
from duban.standing import sheets
from duban.standing.models import Snapshot, Standing, Standings

BY: Final = ("programme_id", "lead_body_id", "measure_id", "light", "rule", "heading")
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
    groups = dict(near.groups)
    speaking = Q(since__lte=snapshot.head, until__gt=snapshot.head)
    spoke = Q(since__lte=near.snapshot.head, until__gt=near.snapshot.head)
    rows = Standing.objects.filter(spoke | speaking, sheet=snapshot.sheet_id, undertaking__in=sheets.touched(low, high)).within(within)
    for since, until, *row in rows.order_by().values_list("since", "until", *BY, *AMOUNTS):
        group, amounts = tuple(row[: len(BY)]), row[len(BY) :]
        for head, sign in ((near.snapshot.head, -1), (snapshot.head, 1)):
            if since <= head < until:
                _add(groups, group, amounts, sign)
    return Totals(snapshot, groups)


def _add(groups: dict[Group, Sums], group: Group, amounts: Sequence[Decimal | None], sign: int) -> None:
    """One standing more in its group, or one less; a group in which nothing is left goes."""
    count, having, sums = groups.pop(group, (0, (0,) * len(AMOUNTS), (Decimal(0),) * len(AMOUNTS)))
    if amounts[-1] is None:
        amounts = (None, *amounts[1:])
    if count + sign:
        having = tuple(was + sign * (amount is not None) for was, amount in zip(having, amounts, strict=True))
        groups[group] = (count + sign, having, tuple(was + sign * (amount or 0) for was, amount in zip(sums, amounts, strict=True)))


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
