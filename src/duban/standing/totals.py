"""Counts and sums over a snapshot's standings, kept by each process and brought forward with the sheet.

What entries speak of leaves the totals as it stood and comes back as it stands; nothing else is read again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from threading import Lock
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db.models import Count, Q, Sum

from duban.registry.models import Undertaking
from duban.standing import sheets
from duban.standing.models import Snapshot, Standing

PROGRAMMES: Final = ("programme_id", "measure_id", "light", "rule", "heading")
BODIES: Final = ("lead_body_id", "light", "rule", "heading")
AMOUNTS: Final = ("done", "planned", "target")
LARGEST: Final = 48
"""Totals kept by one process, the least used forgotten first."""

Group = tuple[Any, ...]
Sums = tuple[int, tuple[int, ...], tuple[Decimal, ...]]
"""How many standings, how many of them have each of `AMOUNTS`, and the sums. Work without a plan counts, and its amount does not."""
NOTHING: Final[Sums] = (0, (0,) * len(AMOUNTS), (Decimal(0),) * len(AMOUNTS))


@dataclass(frozen=True, slots=True)
class Totals:
    """The totals of one snapshot by `PROGRAMMES`, and how many there are by `BODIES`. Whoever holds them reads and changes nothing."""

    snapshot: Snapshot
    programmes: dict[Group, Sums] = field(default_factory=dict)
    bodies: dict[Group, int] = field(default_factory=dict)

    def add(self, who: Mapping[str, Any], more: Sums, sign: int = 1) -> None:
        """So many standings more in their groups, or less; a group in which nothing is left goes."""
        group, body = (tuple(who[name] for name in by) for by in (PROGRAMMES, BODIES))
        counted = self.bodies.pop(body, 0) + sign * more[0]
        if counted:
            self.bodies[body] = counted
        count, having, sums = self.programmes.pop(group, NOTHING)
        if count + sign * more[0]:
            told = tuple(was + sign * one for was, one in zip(having, more[1], strict=True))
            amounts = tuple(was + sign * one for was, one in zip(sums, more[2], strict=True))
            self.programmes[group] = (count + sign * more[0], told, amounts)


_kept: OrderedDict[Hashable, Totals] = OrderedDict()
_lock = Lock()


def totals(snapshot: Snapshot, within: Q | None = None) -> Totals:
    """The totals of a snapshot over the undertakings that `within` lets through.

    `within` may ask for anything whose change is a revision of the registry, and for nothing else: a revision begins another sheet.
    """
    try:
        key = (snapshot.sheet_id, None if within is None else str(Undertaking.objects.filter(within).order_by().values("pk").query))
    except EmptyResultSet:
        return Totals(snapshot)
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
        return _summed(snapshot, within)
    low, high = sorted((near.snapshot.head, snapshot.head))
    if high - low > sheets.FARTHEST:
        return _summed(snapshot, within)
    found, balance = Totals(snapshot, dict(near.programmes), dict(near.bodies)), 0
    either = Q(since__lte=low, until__gt=low) | Q(since__lte=high, until__gt=high)
    rows = Standing.objects.filter(either, sheet=snapshot.sheet_id, undertaking__in=sheets.touched(low, high)).within(within)
    for row in rows.order_by().values("since", "until", *{*PROGRAMMES, *BODIES}, *AMOUNTS):
        amounts = [row[name] for name in AMOUNTS]
        if row["target"] is None:
            amounts[0] = None
        one: Sums = (1, tuple(amount is not None for amount in amounts), tuple(amount or Decimal(0) for amount in amounts))
        for head, sign in ((near.snapshot.head, -1), (snapshot.head, 1)):
            if row["since"] <= head < row["until"]:
                found.add(row, one, sign)
                balance += sign
    # Every undertaking speaks once at either head; a row that was thrown away meanwhile would be missing on one side.
    return _summed(snapshot, within) if balance else found


def _summed(snapshot: Snapshot, within: Q | None) -> Totals:
    """One reading of all rows."""
    chosen = snapshot.standings.within(within).order_by().values(*{*PROGRAMMES, *BODIES})
    counted = chosen.annotate(
        undertakings=Count("pk"),
        **{f"having_{name}": Count(name, filter=_summable(name)) for name in AMOUNTS},
        **{f"all_{name}": Sum(name, filter=_summable(name)) for name in AMOUNTS},
    )
    found = Totals(snapshot)
    for row in counted:
        having, sums = tuple(row[f"having_{name}"] for name in AMOUNTS), tuple(row[f"all_{name}"] or Decimal(0) for name in AMOUNTS)
        found.add(row, (row["undertakings"], having, sums))
    return found


def _summable(name: str) -> Q | None:
    """As a ratio to plan counts: work without a plan is beside it."""
    return Q(target__isnull=False) if name == "done" else None
