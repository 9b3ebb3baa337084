"""The only way into the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from duban.core import fixed, periods
from duban.core.refusals import Refusal
from duban.ledger.locking import lock
from duban.ledger.models import Batch, Entry, EntryEvidence
from duban.people.models import User
from duban.registry.models import Evidence

_CHUNK = 500

Slot = tuple[int, int, str, int]


@dataclass(frozen=True, slots=True)
class Line:
    """What a slot shall say: an amount, a day, or neither to withdraw it."""

    undertaking_id: int
    measure_id: int
    kind: str
    period: date
    amount: Decimal | None = None
    day: date | None = None
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()

    @property
    def slot(self) -> Slot:
        return (self.undertaking_id, self.measure_id, self.kind, periods.to_number(self.period))

    @property
    def said(self) -> tuple[int | None, int | None]:
        """The amount and the day as the ledger stores them."""
        return (
            None if self.amount is None else fixed.to_fixed(self.amount),
            None if self.day is None else periods.to_number(self.day),
        )


def standing_entries(slots: Iterable[Slot]) -> dict[Slot, tuple[int, int | None, int | None]]:
    """For each slot that has one, its last entry: seq, stored amount, stored day."""
    wanted = set(slots)
    undertakings, *named = (sorted({slot[column] for slot in wanted}) for column in range(4))
    marks = [", ".join(["%s"] * len(values)) for values in named]
    found: dict[Slot, tuple[int, int | None, int | None]] = {}
    with connection.cursor() as cursor:
        for start in range(0, len(undertakings), _CHUNK):
            chunk = undertakings[start : start + _CHUNK]
            cursor.execute(
                "SELECT undertaking_id, measure_id, kind, period, seq, amount, day FROM ledger_entry e "
                f"WHERE undertaking_id IN ({', '.join(['%s'] * len(chunk))}) AND measure_id IN ({marks[0]}) "
                f"AND kind IN ({marks[1]}) AND period IN ({marks[2]}) "
                "AND NOT EXISTS (SELECT 1 FROM ledger_entry r WHERE r.replaces = e.seq)",
                [*chunk, *(value for values in named for value in values)],
            )
            for *slot, seq, amount, day in cursor.fetchall():
                if tuple(slot) in wanted:
                    found[tuple(slot)] = (seq, amount, day)  # type: ignore[index]
    return found


def _judge(line: Line, said: tuple[int | None, int | None], previous: tuple[int, int | None, int | None] | None) -> int | None:
    """The seq that `line` replaces, or None. Raises `Refusal` for what the ledger does not take."""
    facts: dict[str, Any] = {"undertaking": line.undertaking_id, "measure": line.measure_id, "period": line.period}
    if previous is None or previous[1:] == (None, None):
        if said == (None, None):
            raise Refusal("nothing-to-withdraw", **facts)
        if previous is None:
            return None
    if not line.reason.strip():
        raise Refusal("correction-needs-reason", **facts)
    return previous[0]


@transaction.atomic
def append(*, lines: Sequence[Line], batch: Batch, submitted_by: User, accepted_by: User, now: datetime) -> list[Entry]:
    """Write `lines` as the ledger's next entries, all or none, and return those written.

    A line that says what its slot says already is passed over: sending the same twice changes nothing. A slot that
    speaks already is corrected, which needs a reason. `recorded_at` is `now`, or the last entry's time where a clock
    went backwards. Raises `Refusal` "slot-twice", "correction-needs-reason" or "nothing-to-withdraw", with the slot.
    """
    lock()
    seen: set[Slot] = set()
    for line in lines:
        if line.slot in seen:
            raise Refusal("slot-twice", undertaking=line.undertaking_id, measure=line.measure_id, period=line.period)
        seen.add(line.slot)
    before = standing_entries(seen)
    last = Entry.objects.aggregate(seq=Max("seq"), at=Max("recorded_at"))
    seq, at = last["seq"] or 0, max(now, last["at"] or now)
    entries: list[Entry] = []
    links: list[EntryEvidence] = []
    for line in lines:
        previous, said = before.get(line.slot), line.said
        if previous is not None and previous[1:] == said and said != (None, None):
            continue
        seq += 1
        entry = Entry(
            seq=seq,
            undertaking_id=line.undertaking_id,
            measure_id=line.measure_id,
            kind=line.kind,
            period=line.period,
            amount=line.amount,
            day=line.day,
            replaces=_judge(line, said, previous),
            recorded_at=at,
            submitted_by=submitted_by,
            accepted_by=accepted_by,
            reason=line.reason,
            batch=batch,
        )
        entries.append(entry)
        links.extend(EntryEvidence(entry=entry, evidence=evidence) for evidence in line.evidence)
    Entry.objects.bulk_create(entries, batch_size=2000)
    EntryEvidence.objects.bulk_create(links)
    return entries
