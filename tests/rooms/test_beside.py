"""Two snapshots of one day beside each other tell exactly what differs."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from stage import district

from duban.ledger import reads as ledger
from duban.registry.models import Undertaking
from duban.standing.actions import Read, stand, stand_at
from duban.standing.beside import AMOUNTS, TOLD, differing
from duban.web import beside

pytestmark = pytest.mark.django_db
MARCH = date(2026, 3, 31)
BOOK = """
recorded    undertaking  measure   kind    period   amount
2026-01-05  roofs        invested  plan    2026     1200
2026-01-05  roads        invested  plan    2026     1200
2026-02-03  roofs        invested  report  2026-01  90
2026-03-03  roofs        invested  report  2026-02  200
2026-03-04  roads        invested  report  2026-02  20
2026-03-05  roofs        invested  report  2026-02  180
2026-03-06  roofs        invested  report  2026-02  200
2026-03-07  roads        invested  plan    2026     600
2026-04-03  roads        invested  report  2026-03  300
"""


def test_what_differs_between_any_two_heads_is_what_tells_something_else():
    town = district()
    entries = town.write(BOOK)
    snapshots = [stand(as_of=MARCH, head=head) for head in range(len(entries), 0, -1)]
    found = set()
    for one, other in product(snapshots, repeat=2):
        for told in (TOLD, AMOUNTS):
            here, there = ({row[0]: row for row in snapshot.standings.values_list("undertaking", *told)} for snapshot in (one, other))
            naive = {key for key in {*here, *there} if here.get(key) != there.get(key)}
            assert differing(one, other, told) == naive
            found |= {(one.head, other.head)} if naive else set()
    assert (7, 5) not in found  # what was corrected and corrected back differs in nothing
    assert (6, 5) in found


def test_moments_asked_together_stand_as_those_asked_alone():
    district().write(BOOK)
    moments = [Read(head, ledger.revision()) for head in (4, 9, 4)]
    assert [one.pk for one in stand_at([(MARCH, one) for one in moments])] == [stand(as_of=MARCH, head=one.head).pk for one in moments]


def test_what_was_written_since_is_told_with_what_it_took_the_place_of():
    district().write(BOOK)
    slots = ledger.slots(Undertaking.objects.get(code="roofs"), head=9, as_of=MARCH)
    (told,) = beside.rewritten(slots, 4)
    assert (told.before.amount, told.after.amount, told.after.seq) == (200, 200, 7)
    assert [entry.seq for slot in beside.as_known(slots, 4) for entry in slot.entries] == [1, 4, 3]
    roads = ledger.slots(Undertaking.objects.get(code="roads"), head=9, as_of=MARCH)
    assert [(one.before and one.before.amount, one.after.amount) for one in beside.rewritten(roads, 4)] == [
        (None, 300),
        (1200, 600),
        (None, 20),
    ]
    assert beside.rewritten(slots, 9) == []
