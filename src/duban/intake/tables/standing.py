"""What the ledger says of a whole table at once: arrays in place of rows, so that a million slots are looked up in a moment."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

import numpy as np
from django.db import connection

from duban.intake.readings import UNSAID, Truth, Whole

CHUNK: Final = 50_000
FEW: Final = 500
_PLACES: Final = 100_000_000
"""A slot's key is its undertaking's number followed by the eight digits of its period."""


@dataclass(frozen=True, slots=True)
class Found:
    """What slots say: `seq` is 0 where a slot never spoke; `period` is the slot's own."""

    seq: Whole
    amount: Whole
    told: Truth
    day: Whole
    period: Whole

    @property
    def speaks(self) -> Truth:
        """Where the slot says something: it was written, and not withdrawn."""
        return self.told | (self.day != UNSAID)


class Standing:
    """The entries of some measures in a programme, by measure and kind; withdrawn slots are slots that say nothing."""

    def __init__(self, columns: Sequence[Whole]) -> None:
        self._columns = columns
        self._kept: dict[tuple[int, str], tuple[Whole, ...]] = {}

    def _of(self, measure: int, kind: str) -> tuple[Whole, ...]:
        """Keys in order (of slots, then of seq), and beside them seq, amount, told, day, period."""
        if (measure, kind) not in self._kept:
            undertaking, measures, plan, period, seq, amount, told, day = self._columns
            chosen = np.flatnonzero((measures == measure) & (plan == (kind == "plan")))
            keys = undertaking[chosen] * _PLACES + period[chosen]
            order = chosen[np.lexsort((seq[chosen], keys))]
            self._kept[measure, kind] = (
                undertaking[order] * _PLACES + period[order],
                seq[order],
                amount[order],
                told[order],
                day[order],
                period[order],
            )
        return self._kept[measure, kind]

    def _at(self, measure: int, kind: str, places: Whole, hits: Truth, default: Whole) -> Found:
        _, seq, amount, told, day, period = self._of(measure, kind)
        if not len(seq):
            nothing = np.zeros(len(places), dtype=np.int64)
            return Found(nothing, nothing, nothing.astype(np.bool_), np.full(len(places), UNSAID), default)
        at = np.where(hits, places, 0)
        return Found(
            np.where(hits, seq[at], 0), np.where(hits, amount[at], 0), hits & (told[at] == 1), np.where(hits, day[at], UNSAID),
            np.where(hits, period[at], default),
        )  # fmt: skip

    def slot(self, measure: int, kind: str, undertaking: Whole, period: Whole, *, first: bool = False) -> Found:
        """What the slots of `period` say now, or what they said first."""
        keys, wanted = self._of(measure, kind)[0], undertaking * _PLACES + period
        places = np.searchsorted(keys, wanted, side="left") if first else np.searchsorted(keys, wanted, side="right") - 1
        inside = (places >= 0) & (places < len(keys))
        hits = inside.copy()
        hits[inside] = keys[places[inside]] == wanted[inside]
        return self._at(measure, kind, places, hits, period)

    def latest(self, measure: int, kind: str, undertaking: Whole, up_to: Whole) -> Found:
        """What the newest slot of each undertaking that ends by `up_to` says now; its period is `up_to` where there is none."""
        keys = self._of(measure, kind)[0]
        places = np.searchsorted(keys, undertaking * _PLACES + up_to, side="right") - 1
        inside = places >= 0
        hits = inside.copy()
        hits[inside] = keys[places[inside]] // _PLACES == undertaking[inside]
        return self._at(measure, kind, places, hits, up_to)


def standing(
    *, programme: int, undertakings: Collection[int], measures: Collection[int], whole: Collection[int], periods: Collection[int],
    plans: bool = True,
) -> Standing:  # fmt: skip
    """The ledger's entries for a table: all `plans`, all reports of the measures in `whole`, and the others' for `periods`."""
    marks: list[Any] = [programme, *measures]
    few = ""
    if len(undertakings) <= FEW:
        few = f"AND e.undertaking_id IN ({_marks(undertakings)}) "
        marks += undertakings
    reports = []
    if whole:
        reports.append(f"e.measure_id IN ({_marks(whole)})")
        marks += whole
    if periods:
        reports.append(f"e.period IN ({_marks(periods)})")
        marks += periods
    if not measures or not undertakings:
        return Standing([np.zeros(0, dtype=np.int64)] * 8)
    wanted = f"e.kind = 'report' AND ({' OR '.join(reports) or '1 = 0'})" + (" OR e.kind = 'plan'" if plans else "")
    statement = (
        "SELECT e.undertaking_id, e.measure_id, CASE e.kind WHEN 'plan' THEN 1 ELSE 0 END, e.period, e.seq, COALESCE(e.amount, 0), "
        f"CASE WHEN e.amount IS NULL THEN 0 ELSE 1 END, COALESCE(e.day, {UNSAID}) "
        "FROM ledger_entry e JOIN registry_undertaking u ON u.id = e.undertaking_id "
        f"WHERE u.programme_id = %s AND e.measure_id IN ({_marks(measures)}) {few}AND ({wanted})"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, marks)
        chunks = [
            np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=len(rows) * 8).reshape(-1, 8)
            for rows in iter(lambda: cursor.fetchmany(CHUNK), [])
        ]
    table = np.concatenate(chunks) if chunks else np.zeros((0, 8), dtype=np.int64)
    return Standing([np.ascontiguousarray(table[:, place]) for place in range(8)])


def _marks(values: Collection[int]) -> str:
    return ", ".join(["%s"] * len(values))
