"""Lights as they are kept: computed once for what they depend on, and never out of date."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from stage import District, district

from duban.core import rulefile
from duban.core.refusals import Refusal
from duban.ledger import reads as ledger
from duban.registry.models import Programme, Undertaking
from duban.standing import actions, reads, sheets
from duban.standing.models import Sheet, Snapshot, Standing

pytestmark = pytest.mark.django_db
JANUARY, FEBRUARY, MARCH = date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)
BOOK = """
recorded    undertaking  measure   kind    period   amount
2026-01-05  roofs        invested  plan    2026     1200
2026-01-05  wells        invested  plan    2026     1200
2026-03-01  roofs        invested  report  2026-02  200
2026-03-01  wells        invested  report  2026-02  20
2026-03-02  wells        invested  report  2026-02  200
"""


@pytest.fixture
def town(db: None) -> District:
    made = district()
    made.write(BOOK)
    return made


def lit(snapshot: Snapshot) -> dict[str, str]:
    return {row.undertaking.code: f"{row.light} {row.rule}" for row in snapshot.standings.select_related("undertaking")}


def test_lights_are_kept_with_everything_that_they_rest_on(town: District):
    row = reads.standings(actions.stand(as_of=FEBRUARY, head=4)).get(undertaking__code="wells")
    assert (row.light, row.rule, row.severity) == ("amber", "behind", 1)
    assert (row.done, row.planned, row.target, row.gap) == (20, 200, 1200, -1500)
    assert (row.last_period, row.cure_amount, row.cure_by) == (FEBRUARY, Decimal("160"), date(2026, 3, 31))
    assert (row.measure, row.programme_id) == (town.measures["invested"], town.programmes["invested"].pk)


def test_a_correction_makes_another_snapshot_and_leaves_the_earlier_one(town: District):
    before, now = actions.stand(as_of=FEBRUARY, head=4), actions.stand(as_of=FEBRUARY)
    assert lit(before) == {"roofs": "green on_schedule", "wells": "amber behind"}
    assert lit(now) == {"roofs": "green on_schedule", "wells": "green on_schedule"}
    assert lit(actions.stand(as_of=FEBRUARY, head=4)) == lit(before)
    assert [row.undertaking.code for row in reads.changed(before, now)] == ["wells"]
    assert list(reads.changed(now, now)) == []


def test_the_same_question_is_computed_once(town: District):
    first = actions.stand(as_of=FEBRUARY)
    with CaptureQueriesContext(connection) as queries:
        assert actions.stand(as_of=FEBRUARY) == first
    assert all("INSERT" not in query["sql"] for query in queries)
    assert Snapshot.objects.count() == 1


def test_a_change_of_the_registry_is_seen_at_once_however_it_was_made(town: District):
    assert lit(actions.stand(as_of=FEBRUARY))["roofs"] == "green on_schedule"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_undertaking SET stage = 'reserve' WHERE code = 'roofs'")
    assert lit(actions.stand(as_of=FEBRUARY))["roofs"] == "grey in_reserve"
    Undertaking.objects.filter(code="roofs").update(stage="new")
    assert lit(actions.stand(as_of=FEBRUARY))["roofs"] == "green on_schedule"
    Programme.objects.update(lead_measure=None)
    assert lit(actions.stand(as_of=FEBRUARY)) == {}


def test_another_rulebook_makes_another_snapshot(town: District):
    assert lit(actions.stand(as_of=FEBRUARY, head=4))["wells"] == "amber behind"
    assert (
        lit(actions.stand(as_of=FEBRUARY, head=4, rules=rulefile.laid([{"schedule": {"behind": 5, "far_behind": 10}}])))["wells"]
        == "red far_behind"
    )


def test_what_is_thrown_away_is_computed_again_to_the_same(town: District):
    kept = list(actions.stand(as_of=FEBRUARY, head=4).standings.order_by("undertaking").values())
    sheets.discard(keep=0)
    assert not Snapshot.objects.exists()
    assert not Standing.objects.exists()
    again = list(actions.stand(as_of=FEBRUARY, head=4).standings.order_by("undertaking").values())
    unkept = {"id", "sheet_id"}
    assert [{k: v for k, v in row.items() if k not in unkept} for row in again] == [
        {k: v for k, v in row.items() if k not in unkept} for row in kept
    ]


def test_only_the_sheets_brought_forward_last_are_kept(town: District, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sheets, "KEPT", 2)
    for day in (JANUARY, FEBRUARY, MARCH):
        actions.stand(as_of=day)
    assert sorted(Sheet.objects.values_list("as_of", flat=True)) == [FEBRUARY, MARCH]
    assert set(Standing.objects.values_list("sheet__as_of", flat=True)) == {FEBRUARY, MARCH}


def test_parts_in_a_programme_with_lights_under_a_whole_without_do_not_stop_the_lights(town: District):
    town.promise("whole", lead="none")
    town.undertakings["roofs"].parent = town.undertakings["whole"]
    town.undertakings["roofs"].save()
    assert set(lit(actions.stand(as_of=FEBRUARY))) == {"roofs", "wells"}


def test_a_day_that_no_ledger_speaks_of_is_refused(town: District):
    with pytest.raises(Refusal):
        actions.stand(as_of=date(1, 1, 1))


def test_the_overview_counts_no_heading_and_adds_what_may_be_added(town: District):
    town.promise("east", parent="roofs")
    town.write("recorded undertaking measure kind period amount\n2026-03-03 east invested report 2026-02 1")
    told = reads.overview(actions.stand(as_of=FEBRUARY))
    (programme,) = told.programmes
    assert told.lights == {"red": 0, "amber": 0, "grey": 1, "green": 1}
    assert (programme.done, programme.planned, programme.target) == (200, 200, 1200)
    assert ledger.head() == 6


def test_a_filter_over_undertakings_is_one_over_standings(town: District):
    snapshot = actions.stand(as_of=FEBRUARY)
    chosen = reads.standings(snapshot, Q(code="roofs") | ~Q(lead_body__code="works"))
    assert [row.undertaking.code for row in chosen] == ["roofs"]
