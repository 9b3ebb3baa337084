"""The Tunxi example, whole: everything that stands in the ledger after it was loaded, before there is a ledger."""

from __future__ import annotations

from datetime import date

from duban.demo import breakdown, deals, indicators, key_projects, lists, livelihood
from duban.demo.rows import Line, UndertakingRow

ROOMS = (livelihood, key_projects, deals, lists, indicators)


def undertakings() -> list[UndertakingRow]:
    """Every undertaking, parents before their parts."""
    return [row for room in ROOMS for row in room.undertakings()]


def lines() -> list[Line]:
    """Every line in the order in which it was accepted."""
    return breakdown.in_order(*(room.lines for room in ROOMS))


Slots = dict[tuple[str, str, str], dict[date, Line]]


def spoken(written: list[Line]) -> Slots:
    """The last line of every slot, by (undertaking, measure, kind) and then by period."""
    last: Slots = {}
    for line in written:
        last.setdefault((line.undertaking, line.measure, line.kind), {})[line.period] = line
    return last
