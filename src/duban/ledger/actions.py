"""The only way into the ledger: lines are composed into rows under a lock, and the rows are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, overload

from django.db import connection, transaction

from duban.core import fixed, periods
from duban.core.refusals import Refusal
from duban.ledger import bulk
from duban.ledger.locking import lock
from duban.ledger.models import Batch, Entry, EntryEvidence
from duban.people.models import User
from duban.registry.models import Evidence

_CHUNK = 500
COLUMNS: Final = (
    "seq", "undertaking_id", "measure_id", "kind", "period", "amount", "day", "replaces",
    "recorded_at", "submitted_by_id", "accepted_by_id", "reason", "batch_id",
)  # fmt: skip

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


@dataclass(frozen=True, slots=True, eq=False)
class Written(Sequence[Entry]):
    """The entries that one `append` wrote, fetched when somebody looks at them; how many is known without looking."""

    first: int
    count: int

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Entry]:
        return Entry.objects.filter(seq__gte=self.first, seq__lt=self.first + self.count).order_by("seq").iterator(chunk_size=2000)

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> list[Entry]: ...
    def __getitem__(self, index: int | slice) -> Entry | list[Entry]:
        numbers = range(self.first, self.first + self.count)[index]
        found = Entry.objects.in_bulk(numbers if isinstance(numbers, range) else [numbers])
        return [found[seq] for seq in numbers] if isinstance(numbers, range) else found[numbers]


@dataclass(frozen=True, slots=True)
class Composed:
    """What the ledger would say next: the rows of its table but for who wrote them when, and the files that they rest on.

    It holds as long as the lock under which it was composed.
    """

    first: int
    at: datetime | None
    rows: tuple[tuple[tuple[Any, ...], str], ...]
    evidence: tuple[tuple[int, Evidence], ...]


def compose(lines: Sequence[Line]) -> Composed:
    """Judge `lines` against what their slots say, under the lock of the transaction that is open.

    A line that says what its slot says already is passed over: sending the same twice changes nothing. Raises `Refusal`
    "slot-twice", "correction-needs-reason" or "nothing-to-withdraw", with the slot.
    """
    lock()
    before = standing_entries(_slots(lines))
    last, at = Entry.objects.order_by("-seq").values_list("seq", "recorded_at").first() or (0, None)
    first = last + 1
    rows: list[tuple[tuple[Any, ...], str]] = []
    evidence: list[tuple[int, Evidence]] = []
    for line in lines:
        slot, said = line.slot, line.said
        previous = before.get(slot)
        if previous is not None and previous[1:] == said and said != (None, None):
            continue
        if line.evidence:
            evidence += [(first + len(rows), file) for file in line.evidence]
        rows.append(((first + len(rows), *slot, *said, _judge(line, said, previous)), line.reason))
    return Composed(first, at, tuple(rows), tuple(evidence))


@transaction.atomic(savepoint=False)
def write(composed: Composed, *, batch: Batch, submitted_by: User, accepted_by: User, now: datetime) -> Written:
    """Write what was composed as the ledger's next entries. `recorded_at` is `now`, or the last entry's time where a clock went backwards.

    It belongs to its caller's transaction: inside a savepoint, SQLite walks through all that was written since for every
    row that passes a trigger.
    """
    at = connection.ops.adapt_datetimefield_value(max(now, composed.at or now))
    by = (at, submitted_by.pk, accepted_by.pk)
    bulk.insert("ledger_entry", COLUMNS, ((*row, *by, reason, batch.pk) for row, reason in composed.rows))
    links = [EntryEvidence(entry_id=seq, evidence=file) for seq, file in composed.evidence]
    EntryEvidence.objects.bulk_create(links, batch_size=2000)
    return Written(composed.first, len(composed.rows))


@transaction.atomic(savepoint=False)
def append(*, lines: Sequence[Line], batch: Batch, submitted_by: User, accepted_by: User, now: datetime) -> Written:
    """Write `lines` as the ledger's next entries, all or none, and return those written; see `compose` and `write`."""
    return write(compose(lines), batch=batch, submitted_by=submitted_by, accepted_by=accepted_by, now=now)


def _slots(lines: Sequence[Line]) -> set[Slot]:
    """The slots of `lines`. Raises `Refusal` "slot-twice" when two speak of one."""
    seen: set[Slot] = set()
    for line in lines:
        slot = line.slot
        if slot in seen:
            raise Refusal("slot-twice", undertaking=line.undertaking_id, measure=line.measure_id, period=line.period)
        seen.add(slot)
    return seen
