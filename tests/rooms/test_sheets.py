"""Sheets brought forward from one head to the next show what computing everything anew shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from books import Book
from django.db import connection, transaction
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgers import EXAMPLES, QUICK, days, ledgers
from stage import NOW, District, district

from duban.core.rulebook import Rulebook
from duban.ledger import bulk
from duban.ledger import reads as ledger
from duban.ledger.actions import COLUMNS
from duban.ledger.models import Batch
from duban.standing import sheets
from duban.standing.actions import stand
from duban.standing.models import Sheet, Snapshot, Standing
from duban.standing.totals import BODIES, PROGRAMMES, totals

pytestmark = pytest.mark.django_db
FEBRUARY = date(2026, 2, 28)
BOOK = """
recorded    undertaking  measure   kind    period   amount
2026-01-05  roofs        invested  plan    2026     1200
2026-01-05  wells        invested  plan    2026     1200
2026-01-05  paths        invested  plan    2026     1200
2026-03-01  roofs        invested  report  2026-02  200
2026-03-01  wells        invested  report  2026-02  20
2026-03-02  wells        invested  report  2026-02  200
"""


@pytest.fixture
def town(db: None) -> District:
    return district()


def shown(snapshot: Snapshot) -> list[dict[str, Any]]:
    """Everything that a snapshot says, without the keys under which it is kept."""
    kept = ("id", "sheet_id", "since", "until")
    return [{name: value for name, value in row.items() if name not in kept} for row in snapshot.standings.order_by("undertaking").values()]


def anew(head: int, **asked: Any) -> list[dict[str, Any]]:
    """What is shown when nothing is kept."""
    sheets.discard(keep=0)
    return shown(stand(head=head, **asked))


def told(snapshot: Snapshot, within: Q | None = None) -> Any:
    """The totals over a snapshot, which are kept and brought forward."""
    found = totals(snapshot, within)
    return dict(found.programmes), dict(found.bodies)


def added(snapshot: Snapshot, codes: Collection[str] | None = None) -> Any:
    """The same from every row."""
    programmes: dict[Any, Any] = {}
    bodies: Counter[Any] = Counter()
    for row in snapshot.standings.select_related("undertaking"):
        if codes is None or row.undertaking.code in codes:
            bodies[tuple(getattr(row, name) for name in BODIES)] += 1
            group = tuple(getattr(row, name) for name in PROGRAMMES)
            amounts = (row.done if row.target is not None else None, row.planned, row.target)
            count, having, sums = programmes.get(group, (0, (0, 0, 0), (0, 0, 0)))
            having = tuple(was + (one is not None) for was, one in zip(having, amounts, strict=True))
            programmes[group] = (count + 1, having, tuple(was + (one or 0) for was, one in zip(sums, amounts, strict=True)))
    return programmes, dict(bodies)


def lay(town: District, written: Book) -> None:
    """A book's rows as the database's own."""
    for row in written.undertakings:
        lead = next(one["code"] for one in written.programmes if one["id"] == row["programme_id"])
        parent = "" if row["parent_id"] is None else written.undertakings[row["parent_id"] - 1]["code"]
        town.promise(row["code"], lead=lead, stage=row["stage"], parent=parent)
    keys = [town.undertakings[row["code"]].pk for row in written.undertakings]
    measures = {row["id"]: town.measures[row["code"]].pk for row in written.measures}
    people = (town.people["reporter"].pk, town.people["reviewer"].pk)
    batch = Batch.objects.create(origin="test", recorded_at=NOW)
    at = connection.ops.adapt_datetimefield_value(NOW)
    lines = (
        (e["seq"], keys[e["undertaking_id"] - 1], measures[e["measure_id"]], e["kind"], e["period"], e["amount"], e["day"], e["replaces"],
         at, *people, "written again" if e["replaces"] else "", batch.pk)
        for e in written.entries
    )  # fmt: skip
    bulk.insert("ledger_entry", COLUMNS, lines)


@settings(QUICK, max_examples=max(EXAMPLES // 4, 1))  # every head of every ledger is computed twice
@given(written=ledgers(largest=14), as_of=days(), places=st.lists(st.integers(0, 1000), min_size=1, max_size=6))
def test_what_is_brought_forward_is_what_is_computed_anew(town: District, written: Book, as_of: date, places: list[int]):
    town.programmes, town.undertakings = {}, {}
    with transaction.atomic():
        lay(town, written)
        asked = {"as_of": as_of, "rules": Rulebook()}
        told_at = {}
        for head in (*(place % (len(written.entries) + 1) for place in places), *range(len(written.entries) + 1)):
            told_at[head] = shown(stand(head=head, **asked))
        assert Sheet.objects.count() <= 1 + len(places)  # a head below all others begins a sheet of its own
        assert {head: shown(stand(head=head, **asked)) for head in told_at} == told_at  # and what was shown stays
        for head in told_at:
            snapshot = stand(head=head, **asked)
            assert told(snapshot) == added(snapshot)
            assert told(snapshot, Q(code__in=("u0", "u2"))) == added(snapshot, ("u0", "u2"))
        assert {head: anew(head, **asked) for head in told_at} == told_at
        transaction.set_rollback(True)


def test_only_what_an_entry_speaks_of_is_computed_again(town: District):
    town.write(BOOK)
    before = stand(as_of=FEBRUARY, head=5)
    now = stand(as_of=FEBRUARY, head=6)
    assert (now.sheet, now.pk == before.pk) == (before.sheet, False)
    assert [row.undertaking.code for row in Standing.objects.filter(since=6).select_related("undertaking")] == ["wells"]
    assert shown(before) == anew(5, as_of=FEBRUARY)
    assert Standing.objects.count() == 3


def test_a_whole_becomes_a_heading_when_a_part_of_it_first_speaks(town: District):
    town.write(BOOK)
    town.promise("east", parent="roofs")
    quiet = stand(as_of=FEBRUARY)
    town.write("recorded undertaking measure kind period amount\n2026-03-03 east invested report 2026-02 1")
    speaking = stand(as_of=FEBRUARY)
    assert speaking.sheet == quiet.sheet
    assert [snapshot.standings.get(undertaking__code="roofs").heading for snapshot in (quiet, speaking)] == [False, True]


def test_a_head_between_two_others_is_reached_without_touching_either(town: District):
    town.write(BOOK)
    first, last = stand(as_of=FEBRUARY, head=3), stand(as_of=FEBRUARY, head=6)
    told = shown(first), shown(last)
    assert stand(as_of=FEBRUARY, head=4).sheet == first.sheet
    assert stand(as_of=FEBRUARY, head=5).sheet == first.sheet
    assert (shown(first), shown(last)) == told
    assert shown(stand(as_of=FEBRUARY, head=5)) == anew(5, as_of=FEBRUARY)


def test_over_too_many_entries_a_sheet_is_begun_anew(town: District, monkeypatch: pytest.MonkeyPatch):
    town.write(BOOK)
    monkeypatch.setattr(sheets, "FARTHEST", 2)
    first = stand(as_of=FEBRUARY, head=3)
    assert stand(as_of=FEBRUARY, head=5).sheet == first.sheet
    assert stand(as_of=FEBRUARY, head=2).sheet != first.sheet
    assert stand(as_of=FEBRUARY, head=6).sheet == first.sheet
    sheets.discard(keep=0)
    first = stand(as_of=FEBRUARY, head=3)
    assert stand(as_of=FEBRUARY, head=6).sheet != first.sheet


def test_a_sheet_forgets_its_lowest_heads(town: District, monkeypatch: pytest.MonkeyPatch):
    town.write(BOOK)
    monkeypatch.setattr(sheets, "HEADS", 2)
    monkeypatch.setattr(sheets, "LOOKED_OVER", 1)
    for head in range(1, 7):
        told = shown(stand(as_of=FEBRUARY, head=head))
    sheet = Sheet.objects.get()
    assert list(sheet.snapshots.order_by("head").values_list("head", flat=True)) == [5, 6]
    assert sheet.first == 5
    assert not Standing.objects.filter(until__lte=5).exists()
    assert shown(stand(as_of=FEBRUARY, head=6)) == told == anew(6, as_of=FEBRUARY)
    assert shown(stand(as_of=FEBRUARY, head=4)) == anew(4, as_of=FEBRUARY)


def test_a_head_that_is_kept_is_only_looked_up(town: District):
    town.write(BOOK)
    stand(as_of=FEBRUARY)
    with CaptureQueriesContext(connection) as queries:
        stand(as_of=FEBRUARY)
    assert not [query for query in queries if "INSERT" in query["sql"]]
    assert ledger.head() == Snapshot.objects.get().head


def test_totals_are_read_again_only_where_an_entry_speaks(town: District):
    town.write(BOOK)
    before = told(stand(as_of=FEBRUARY, head=5))
    now = stand(as_of=FEBRUARY, head=6)
    with CaptureQueriesContext(connection) as queries:
        after = told(now)
    rows = [query["sql"] for query in queries if "standing_standing" in query["sql"]]
    assert rows
    assert all("seq > 5 AND seq <= 6" in sql for sql in rows)
    assert after == added(now) != before


def test_totals_of_what_was_never_written_are_not_gone_on_from(town: District):
    town.write(BOOK)
    first = stand(as_of=FEBRUARY)
    told(first)
    for amount in (300, 400):
        with transaction.atomic():
            town.write(f"recorded undertaking measure kind period amount\n2026-03-03 roofs invested report 2026-02 {amount}")
            now = stand(as_of=FEBRUARY)
            assert told(now) == added(now)
            transaction.set_rollback(True)
    assert told(first) == added(first)


def test_totals_are_read_anew_where_a_row_to_go_from_is_gone(town: District):
    town.write(BOOK)
    told(stand(as_of=FEBRUARY, head=5))
    now = stand(as_of=FEBRUARY, head=6)
    Standing.objects.filter(until=6).delete()
    assert told(now) == added(now)


def test_nobody_sees_nothing(town: District):
    town.write(BOOK)
    assert told(stand(as_of=FEBRUARY), Q(pk__in=[])) == ({}, {})


@pytest.mark.django_db(transaction=True)
def test_readers_who_come_at_once_find_the_same_and_nothing_twice():
    town = district()
    town.write(BOOK)
    stand(as_of=FEBRUARY, head=2)
    heads, gate = (3, 4, 5, 6, 6, 4), Barrier(6)

    def reader(head: int) -> list[dict[str, Any]]:
        try:
            gate.wait()
            return shown(stand(as_of=FEBRUARY, head=head))
        finally:
            connection.close()

    with ThreadPoolExecutor(len(heads)) as readers:
        found = list(readers.map(reader, heads))
    assert Sheet.objects.count() == 1
    assert sorted(Snapshot.objects.values_list("head", flat=True)) == [2, 3, 4, 5, 6]
    assert [shown(stand(as_of=FEBRUARY, head=head)) for head in heads] == found
    assert [anew(head, as_of=FEBRUARY) for head in heads] == found


@pytest.mark.django_db(transaction=True)
def test_readers_who_begin_at_once_begin_one_sheet():
    town = district()
    town.write(BOOK)
    gate = Barrier(4)

    def reader(_who: int) -> int:
        try:
            gate.wait()
            return stand(as_of=FEBRUARY).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as readers:
        found = set(readers.map(reader, range(4)))
    assert found == {Snapshot.objects.get().pk}
    assert Standing.objects.count() == 3
