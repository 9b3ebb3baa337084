"""What a line does to its slot, decided once for every way in which lines come: `new`, `changed`, `conflict` or `same`.

`new`: the slot has never spoken. `changed`: it says something else, or was withdrawn, or a plan is revised as it enters; a reason is
asked for. `conflict`: something else was accepted since the line's writer looked. `same`: the slot says so already, and accepting the
line writes nothing.
"""

from __future__ import annotations

from typing import Final

NEW, CHANGED, CONFLICT, SAME = STATES = ("new", "changed", "conflict", "same")

Stored = tuple[int | None, int | None]
"""What a slot or a line says as the ledger stores it: an amount, a day, or neither."""


def state(said: Stored, *, now: Stored, seq: int, seen: int | None, revises: bool = False) -> str:
    """The state of a line that says `said` where its slot says `now`, by the entry `seq` (0 where it never spoke).

    `seen` is the entry that its writer saw, None where nobody said. `revises`: the plan's first wording enters with it.
    """
    if now == said and not revises:
        return SAME
    if seen is not None and seq != seen:
        return CONFLICT
    return CHANGED if seq or revises else NEW


_EQUAL: Final = (
    "(l.amount = e.amount OR l.amount IS NULL AND e.amount IS NULL) AND (l.day = e.day OR l.day IS NULL AND e.day IS NULL) "
    "AND (e.seq IS NOT NULL OR l.withdraws)"
)
_REVISES: Final = """l.kind = 'plan' AND NOT l.original AND EXISTS (
    SELECT 1 FROM intake_submissionline o WHERE o.submission_id = l.submission_id AND o.undertaking_id = l.undertaking_id
    AND o.measure_id = l.measure_id AND o.kind = l.kind AND o.period = l.period AND o.original)"""
SQL: Final = f"""
CASE WHEN {_EQUAL} THEN '{SAME}'
     WHEN l.seen IS NOT NULL AND COALESCE(e.seq, 0) <> l.seen THEN '{CONFLICT}'
     WHEN e.seq IS NULL AND NOT ({_REVISES}) THEN '{NEW}'
     ELSE '{CHANGED}' END
"""
"""`state` for millions of kept lines: of a submission's line `l` beside the last entry `e` of its slot."""
