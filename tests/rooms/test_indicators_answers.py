"""Base indicators where they are kept: the same rows on every engine, and over a district's own ledger."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from hypothesis import given
from ledgers import QUICK
from reckoned import AS_OF, Sheet, inserts, opened, ordered, parts, schema, sheets, sought, tallied
from stage import District, district

from duban.core import indicators, tallies
from duban.core.rulebook import Rates, Rulebook
from duban.ledger import running
from duban.registry.models import Measure, Undertaking
from duban.standing import indicators as room
from duban.standing import reads
from duban.standing.actions import stand
from duban.standing.models import Snapshot

pytestmark = pytest.mark.django_db
BYS: tuple[Any, ...] = ("programme", "body", "town", "whole", "said")


@pytest.fixture
def shadows(db: None) -> Any:
    """Empty tables of this connection alone, which stand before those of the same name until the test ends."""
    with connection.cursor() as cursor:
        for statement in schema("TEMPORARY"):
            cursor.execute(statement)
    yield
    with connection.cursor() as cursor:
        for table in indicators.TABLES:
            cursor.execute(f"DROP TABLE {'temp' if connection.vendor == 'sqlite' else 'pg_temp'}.{table.get_name()}")


def fill(sheet: Sheet) -> None:
    with connection.cursor() as cursor:
        for table in indicators.TABLES:
            cursor.execute(f"DELETE FROM {table.get_name()}")
        for statement in inserts(sheet):
            cursor.execute(statement)


def here(expression: Any, **values: int) -> list[dict[str, Any]]:
    return ordered(running.rows(expression, **indicators.moment(as_of=AS_OF), **values))


@QUICK
@given(sheet=sheets())
def test_the_same_rows_on_every_engine(shadows: None, sheet: Sheet):
    fill(sheet)
    with opened(sheet, "duckdb") as duck:
        for by in BYS:
            assert here(indicators.tallied(by)) == tallied(sheet, by), by
            assert duck(indicators.tallied(by)) == tallied(sheet, by), by
        assert here(indicators.parts()) == duck(indicators.parts()) == parts(sheet)
        for part in indicators.PARTS:
            asked = indicators.seeking("started", part)
            assert here(indicators.sought(), **asked) == duck(indicators.sought(), **asked)
            assert sorted(row["undertaking_id"] for row in here(indicators.sought(), **asked)) == sought(sheet, "started", part)


# Over a district


AUGUST = date(2026, 8, 31)
BOOK = """
recorded    undertaking  measure   kind    period   amount
2026-01-05  roofs        invested  plan    2026     1200
2026-01-05  wells        invested  plan    2026     600
2026-01-05  paths        invested  plan    2026     600
2026-01-05  roofs        start     plan    2026     2026-03-01
2026-01-05  wells        start     plan    2026     2026-04-01
2026-01-05  paths        start     plan    2026     2026-11-01
2026-03-05  roofs        start     report  2026-03  2026-03-02
2026-09-01  roofs        invested  report  2026-08  900
2026-09-01  wells        invested  report  2026-08  0
"""


@pytest.fixture
def town(db: None) -> District:
    made = district()
    made.promise("roofs", attributes={"level": "city", "large": True, "total": 12.5})
    made.promise("wells", attributes={"level": "city"}, body="parks")
    made.promise("paths", attributes={"level": "district", "large": False}, body="parks")
    made.write(BOOK)
    return made


def sheet(town: District, **rates: str) -> tuple[Snapshot, dict[int, Rulebook]]:
    return stand(as_of=AUGUST), {programme.pk: Rulebook(rates=Rates(**rates)) for programme in town.programmes.values()}


def test_a_district_tells_its_stages_and_rates(town: District):
    told = tallies.folded(room.tallied(*sheet(town)))[town.programmes["invested"].pk]
    assert told.stages == {"reserve": 0, "new": 3, "continuing": 0, "finished": 0, "producing": 0}
    assert (told.rates["started"].done, told.rates["started"].of) == (1, 2)
    amounts = told.summed()[town.measures["invested"].pk]
    assert (amounts.done, amounts.target, amounts.telling) == (9_000_000, 24_000_000, 2)
    assert told.rules("new")["start_overdue"].months == 4


def test_a_rulebook_says_what_a_rate_is_taken_of(town: District):
    signed = Measure.objects.create(code="signed", name="签约", holds="day", accumulates="level")
    town.programmes["invested"].measures.add(signed)
    town.measures["signed"] = signed
    town.write("recorded undertaking measure kind period amount\n2026-02-05 roofs signed report 2026-02 2026-02-03")
    programme = town.programmes["invested"].pk
    due = tallies.folded(room.tallied(*sheet(town)))[programme].rates
    stage = tallies.folded(room.tallied(*sheet(town, started="stage")))[programme].rates
    assert (due["started"].done, due["started"].of) == (1, 2)
    assert (stage["started"].done, stage["started"].of) == (1, 1)
    assert (stage["signed"].done, stage["signed"].of) == (1, 3)


def test_the_tree_of_bodies_rolls_up(town: District):
    ids = {code: body.pk for code, body in town.bodies.items()}
    told = tallies.rolled(room.tallied(*sheet(town), by="body"), room.above())
    assert {code: told[ids[code]].count for code in ids} == {"top": 3, "works": 1, "parks": 2}


def test_any_declared_attribute_cuts(town: District):
    def counts(attribute: str) -> dict[str | None, int]:
        told = tallies.folded(room.tallied(*sheet(town), by="said", attribute=attribute))
        return {said: tally.count for said, tally in told.items()}

    assert counts("level") == {"city": 2, "district": 1}
    assert counts("large") == {"true": 1, "false": 1, None: 1}
    assert counts("total") == {"12.5": 1, None: 2}
    assert counts("moon") == {None: 3}


def test_only_what_the_reader_may_see_is_counted(town: District):
    told = tallies.folded(room.tallied(*sheet(town), within=Q(lead_body__code="parks")))
    assert [tally.count for tally in told.values()] == [2]


def test_a_rate_opens_to_its_undertakings(town: District):
    snapshot, books = sheet(town)

    def listed(rate: str, part: str = "of", within: Q | None = None) -> list[str]:
        found = reads.standings(snapshot, Q(pk__in=room.seek(snapshot, books, rate=rate, part=part, within=within)))
        return sorted(found.values_list("undertaking__code", flat=True))

    assert listed("started") == ["roofs", "wells"]
    assert listed("started", "done") == ["roofs"]
    assert listed("started", "open") == ["wells"]
    assert listed("", within=Q(code__startswith="p")) == ["paths"]
    assert Undertaking.objects.filter(pk__in=room.seek(snapshot, books)).count() == 3


def test_a_whole_shows_the_sum_of_its_parts_and_is_not_counted(town: District):
    town.promise("hall", parent="")
    for code, parent in (("roofs", "hall"), ("wells", "hall")):
        Undertaking.objects.filter(code=code).update(parent=town.undertakings[parent])
    snapshot, books = sheet(town)
    count, amounts = room.parts(snapshot, town.undertakings["hall"])
    assert (count, amounts[town.measures["invested"].pk].target) == (2, 18_000_000)
    assert room.parts(snapshot, town.undertakings["paths"]) == (0, {})
    assert tallies.folded(room.tallied(snapshot, books))[town.programmes["invested"].pk].count == 3


def test_a_district_without_lights_tells_nothing(db: None):
    district()
    assert room.tallied(stand(as_of=AUGUST), {}) == []
