"""What the checks ask the database, each in a query or a few however many lines are judged."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

import numpy as np
from django.db import connection

from duban.intake.models import Calendar
from duban.intake.readings import UNSAID, Truth, Whole
from duban.people.models import Body
from duban.registry.models import Undertaking

CHUNK: Final = 50_000
FEW: Final = 500
DENSE: Final = 4
"""Numbers that fill at least this part of the span between the first and the last are asked for as a span."""
SPAN: Final = 5_000_000
"""Between the least and the greatest of numbers among which doubles are looked for with a mark for each."""
MONTHS: Final = {"month": 1, "quarter": 3, "half": 6, "year": 12}


def _among(column: str, ids: Whole) -> Iterator[tuple[str, list[int]]]:
    """Conditions that together reach every number of `ids` (in order), and perhaps others between them."""
    if len(ids) and ids[-1] - ids[0] < DENSE * len(ids):
        yield f"{column} BETWEEN %s AND %s", [int(ids[0]), int(ids[-1])]
        return
    for start in range(0, len(ids), FEW):
        few = ids[start : start + FEW].tolist()
        yield f"{column} IN ({_marks(few)})", few


def _marks(values: Collection[Any]) -> str:
    return ", ".join(["%s"] * len(values))


def whole_rows(width: int, asked: Iterator[tuple[str, list[Any]]]) -> Whole:
    """The rows of all statements: whole numbers, `width` to a row."""
    chunks = []
    with connection.cursor() as cursor:
        for statement, values in asked:
            cursor.execute(statement, values)
            for rows in iter(lambda: cursor.fetchmany(CHUNK), []):
                chunks.append(np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=len(rows) * width).reshape(-1, width))
    return np.concatenate(chunks) if chunks else np.zeros((0, width), dtype=np.int64)


def distinct(values: Whole) -> Whole:
    """The different ones of `values` in their order; a mark for each number there could be is far quicker than looking for doubles."""
    if not len(values):
        return values
    low, high = int(values.min()), int(values.max())
    if high - low > SPAN:
        return np.unique(values)
    there = np.zeros(high - low + 1, dtype=np.bool_)
    there[values - low] = True
    return np.flatnonzero(there) + low


def within(values: Whole, ordered: Whole) -> Truth:
    """Which of `values` are among `ordered`, which is in order."""
    if not len(ordered):
        return np.zeros(len(values), dtype=np.bool_)
    return ordered[np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)] == values


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """Entries of the ledger in the order in which they were written, and what waits to be, as arrays of one length."""

    undertaking: Whole
    measure: Whole
    plan: Whole
    period: Whole
    seq: Whole
    amount: Whole
    told: Whole
    day: Whole

    def chosen(self, wanted: Truth) -> Entries:
        """The entries at which `wanted` is true."""
        return Entries(*(getattr(self, name)[wanted] for name in self.__slots__))


_SAYS: Final = (
    "COALESCE({0}.amount, {0}.day, 0), {0}.period * 8 + CASE {0}.kind WHEN 'plan' THEN 4 ELSE 0 END "
    "+ CASE WHEN {0}.amount IS NOT NULL THEN 1 WHEN {0}.day IS NOT NULL THEN 2 ELSE 0 END"
)
"""The value and, in one number, what it speaks of: a million rows cost as much to hand over as to find."""
_LEDGER: Final = f"SELECT e.undertaking_id, e.measure_id, e.seq, {_SAYS.format('e')} FROM ledger_entry e WHERE "
_WAITING: Final = (
    f"SELECT e.undertaking_id, e.measure_id, {2**61} + e.id, {_SAYS.format('e')} FROM intake_submission s "
    "JOIN intake_submissionline e ON e.submission_id = s.id WHERE s.state = 'submitted' AND s.id <> %s AND "
)


def entries(undertakings: Whole, measures: Collection[int], *, since: int, but: int = 0) -> Entries:
    """All that was written of these, corrected or not: every plan, and the reports of periods from `since` on.

    What was sent and waits for a reviewer comes after what was accepted, as if it had been; the submission numbered `but` does not.
    """
    wanted = sorted(measures)

    def asked() -> Iterator[tuple[str, list[Any]]]:
        for condition, ids in _among("e.undertaking_id", undertakings) if wanted else ():
            narrow = f"{condition} AND e.measure_id IN ({_marks(wanted)}) AND (e.kind = 'plan' OR e.period >= %s)"
            yield _LEDGER + narrow, [*ids, *wanted, since]
            yield _WAITING + narrow, [but, *ids, *wanted, since]

    table = whole_rows(5, asked())
    table = table[within(table[:, 0], undertakings)].T
    undertaking, measure, seq, value, period = table[:, np.argsort(table[2])]
    told, dated = period & 1, period & 2 > 0
    return Entries(undertaking, measure, period >> 2 & 1, period >> 3, seq, value * told, told, np.where(dated, value, UNSAID))


@dataclass(frozen=True, slots=True, eq=False)
class Register:
    """Undertakings in the order of their numbers. `parent` is 0 for what is part of nothing."""

    ids: Whole
    programme: Whole
    parent: Whole
    project: Truth
    indicator: Truth
    new: Truth
    done: Truth

    def at(self, undertakings: Whole) -> Whole:
        """The places of undertakings, all of which are here."""
        if len(self.ids) and self.ids[-1] - self.ids[0] == len(self.ids) - 1:
            return undertakings - self.ids[0]
        return np.searchsorted(self.ids, undertakings)


_REGISTER: Final = (
    "SELECT u.id, u.programme_id, COALESCE(u.parent_id, 0) * 16 + CASE u.kind WHEN 'project' THEN 1 WHEN 'indicator' THEN 2 ELSE 0 END "
    "+ CASE WHEN u.stage IN ('new', 'reserve') THEN 4 WHEN u.stage IN ('finished', 'producing') THEN 8 ELSE 0 END "
    "FROM registry_undertaking u "
)


def _rows(column: str, ids: Whole) -> Whole:
    asked = ((f"{_REGISTER} WHERE {condition}", list(values)) for condition, values in _among(column, ids))
    # Three numbers to an undertaking: a hundred thousand of them cost as much to hand over as to find.
    table = whole_rows(3, asked)
    return table[within(table[:, 0] if column == "u.id" else table[:, 2] >> 4, ids)]


def _register(*tables: Whole) -> Register:
    table = np.concatenate(tables)
    _, first = np.unique(table[:, 0], return_index=True)
    table = table[first]
    kinds = table[:, 2]
    return Register(table[:, 0], table[:, 1], kinds >> 4, *(kinds & mark > 0 for mark in (1, 2, 4, 8)))


def answerable(undertakings: Whole) -> tuple[Whole, Whole, Whole]:
    """These undertakings in the order of their numbers, their programmes, and the bodies that lead them."""
    asked = (
        (f"SELECT u.id, u.programme_id, u.lead_body_id FROM registry_undertaking u WHERE {condition}", list(values))
        for condition, values in _among("u.id", undertakings)
    )
    found = whole_rows(3, asked)
    found = found[within(found[:, 0], undertakings)]
    ids, programme, lead = found[np.argsort(found[:, 0])].T
    return ids, programme, lead


def relatives(undertakings: Whole) -> Register:
    """These undertakings, what they are parts of, and the parts of either."""
    own = _rows("u.id", undertakings)
    parents = np.setdiff1d(own[:, 2] >> 4, [0])
    wholes = np.union1d(undertakings, parents)
    return _register(own, _rows("u.id", np.setdiff1d(parents, undertakings)), _rows("u.parent_id", wholes))


def members(programmes: Collection[int], body: Body, *, most: int) -> Register | None:
    """Every undertaking of these programmes that `body` or one below it leads; None where there are more than `most`."""
    led = Undertaking.objects.filter(programme__in=programmes, lead_body__path__startswith=body.path)
    if not programmes or led.count() > most:
        return None
    return _register(_rows("u.id", np.array(sorted(led.values_list("pk", flat=True)), dtype=np.int64)))


def cadences(programmes: Collection[int]) -> dict[tuple[int, int], int]:
    """Months from one report to the next, by programme and measure (0: every measure), where a reporting calendar says so."""
    found: dict[tuple[int, int], int] = {}
    for line in Calendar.objects.filter(programme__in=programmes).prefetch_related("measures"):
        for measure in [one.pk for one in line.measures.all()] or [0]:
            slot = (line.programme_id, measure)
            found[slot] = min(MONTHS[line.every], found.get(slot, 12))
    return found
