"""What a line does to its slot is decided by one rule, in Python for a line and in SQL for a million."""

from __future__ import annotations

from itertools import product

import pytest
from stage import TODAY, District, district

from duban.intake import previews, slots_csv, states
from duban.intake.models import Submission, SubmissionLine
from duban.ledger import actions as ledger

pytestmark = pytest.mark.django_db
BOOK = """
recorded    undertaking  measure   kind    period   amount
2026-02-03  spoken       invested  report  2026-01  12
2026-02-03  withdrawn    invested  report  2026-01  7
2026-02-04  withdrawn    invested  report  2026-01  withdrawn
"""
SLOTS = ("silent", "spoken", "withdrawn")
SAYS = ("12", "9", "withdrawn")
SEEN = (None, 0, 1, 3)


@pytest.fixture
def town(db: None) -> District:
    made = district()
    made.promise("silent")
    made.write(BOOK)
    return made


def test_every_line_is_in_the_same_state_for_the_database(town: District):
    wanted = {}
    for slot, says, seen in product(SLOTS, SAYS, SEEN):
        line = town.line(slot, "invested", "report", "2026-01", says)
        seq, *now = ledger.standing_entries([line.slot]).get(line.slot, (0, None, None))
        submission = Submission.objects.create(body=town.bodies["works"], created_by=town.people["reporter"])
        kept = SubmissionLine.objects.create(
            submission=submission, undertaking_id=line.undertaking_id, measure_id=line.measure_id, period=line.period,
            amount=line.amount, withdraws=line.amount is None, seen=seen,
        )  # fmt: skip
        wanted[kept.pk] = states.state(line.said, now=(now[0], now[1]), seq=seq, seen=seen)
    assert dict(SubmissionLine.objects.annotate(told=previews.StateOf("pk")).values_list("pk", "told")) == wanted
    assert set(wanted.values()) == set(states.STATES)


def test_a_withdrawn_slot_that_speaks_again_is_changed_whatever_way_it_comes(town: District):
    """Accepting it asks for a reason: every reader says so beforehand."""
    content = b"undertaking,measure,kind,period,amount\nwithdrawn,invested,report,2026-01,5\nsilent,invested,report,2026-01,5\n"
    counts = slots_csv.read(content, body=town.bodies["works"], on=TODAY, tell=lambda done, total: None).counts
    assert (counts["new"], counts["changed"]) == (1, 1)
