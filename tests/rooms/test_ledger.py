"""The ledger in the database: written once, corrected by appending, guarded by the database itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext
from stage import NOW, District, district

from duban.core.refusals import Refusal
from duban.ledger import actions as ledger
from duban.ledger import reads, tables, triggers
from duban.ledger.models import Batch, Entry, EntryEvidence
from duban.press.models import Article, Edition
from duban.registry.models import Evidence, Measure, Revision

pytestmark = pytest.mark.django_db

BOOK = """
recorded    undertaking  measure   kind    period   amount
2026-02-03  roofs        invested  report  2026-01  12
2026-02-20  roofs        invested  report  2026-01  9
2026-02-21  wells        start     report  2026-02  2026-02-19
"""
GUARDED = ("ledger_entry", "ledger_batch", "ledger_entryevidence", "press_edition")


@pytest.fixture
def town() -> District:
    return district()


@pytest.fixture
def written(town: District) -> District:
    """Three entries, one of them with a file, and one edition."""
    first, *_ = town.write(BOOK)
    file = Evidence.objects.create(
        undertaking=first.undertaking, sha256="0" * 64, name="roof.jpg", media_type="image/jpeg", size=1, added_by=town.people["reporter"]
    )
    EntryEvidence.objects.create(entry=first, evidence=file)
    article = Article.objects.create(slug="first", body=town.bodies["top"], as_of=date(2026, 2, 28), created_by=town.people["editor"])
    Edition.objects.create(
        article=article, number=1, as_of=date(2026, 2, 28), head=3, published_by=town.people["editor"], frozen={"texts": {}}
    )
    return town


def rows(table: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY 1")
        return cursor.fetchall()


def sql(statement: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def refused(statement: str, *values: Any) -> str:
    """The database's own words when it refuses a statement; every guarded table is as it was."""
    before = {table: rows(table) for table in GUARDED}
    with pytest.raises(DatabaseError) as error:
        sql(statement, *values)
    assert {table: rows(table) for table in GUARDED} == before
    return str(error.value)


# Nothing changes, nothing goes


@pytest.mark.parametrize("table", GUARDED)
def test_no_row_is_updated_or_deleted(written: District, table: str):
    key = "seq" if table == "ledger_entry" else "id"
    assert rows(table)
    for statement in (
        f"UPDATE {table} SET {key} = {key}",
        f"UPDATE {table} SET {key} = {key} + 100",
        f"DELETE FROM {table}",
        f"DELETE FROM {table} WHERE {key} = (SELECT MAX({key}) FROM {table})",
    ):
        assert "append-only" in refused(statement)


@pytest.mark.parametrize("table", GUARDED)
def test_no_row_is_overwritten_by_inserting_it_again(written: District, table: str):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        columns = [column[0] for column in cursor.description]
    listed = ", ".join(columns)
    key, changed = columns[0], columns[-1]
    inserted = f"INTO {table} ({listed}) SELECT {listed} FROM {table} WHERE true"
    statements = [f"INSERT {inserted}", f"INSERT {inserted} ON CONFLICT ({key}) DO UPDATE SET {changed} = excluded.{changed}"]
    if connection.vendor == "sqlite":
        statements += [
            f"INSERT OR REPLACE {inserted}",
            f"REPLACE {inserted}",
            f"UPDATE OR REPLACE {table} SET {key} = {key}",
        ]
    for statement in statements:
        refused(statement)


def test_no_row_is_overwritten_under_another_number(written: District):
    """A unique pair takes its row's place just as the key does."""
    links = "INTO ledger_entryevidence (id, entry_id, evidence_id) SELECT id + 50, entry_id, evidence_id FROM ledger_entryevidence"
    editions = (
        "INTO press_edition (id, article_id, number, published_at, published_by_id, as_of, head, frozen) "
        "SELECT id + 50, article_id, number, published_at, published_by_id, as_of, 99, frozen FROM press_edition"
    )
    for verb in ("INSERT", "INSERT OR REPLACE") if connection.vendor == "sqlite" else ("INSERT",):
        refused(f"{verb} {links}")
        refused(f"{verb} {editions}")


@pytest.mark.parametrize("table", GUARDED)
def test_no_table_is_emptied(written: District, table: str):
    if connection.vendor == "postgresql":
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        assert "append-only" in refused(f"TRUNCATE {table} CASCADE")
    assert "append-only" in refused(f"DELETE FROM {table} WHERE true")


def test_djangos_own_ways_are_closed_too(written: District):
    for attempt in (
        lambda: Entry.objects.update(reason="silently"),
        lambda: Entry.objects.all().delete(),
        lambda: Entry.objects.filter(seq=1).delete(),
        lambda: Entry.objects.get(seq=1).save(),
        lambda: Batch.objects.update(name="other"),
        lambda: Edition.objects.update(frozen={}),
        lambda: Edition.objects.get().delete(),
    ):
        with pytest.raises((DatabaseError, ProtectedError)), transaction.atomic():
            attempt()
    assert [entry.amount for entry in Entry.objects.all()] == [12, 9, None]
    assert Edition.objects.get().frozen == {"texts": {}}


def test_the_triggers_stand_and_are_missed_when_they_do_not(db: None):
    assert triggers.missing(connection) == []
    name, (table, _) = next(iter(triggers.wanted(connection.vendor).items()))
    sql(f"DROP TRIGGER {name}" if connection.vendor == "sqlite" else f"DROP TRIGGER {name} ON {table}")
    assert triggers.missing(connection) == [name]
    triggers.install(connection)
    assert triggers.missing(connection) == []


# One chain a slot


def entry(town: District, **changed: Any) -> tuple[str, list[Any]]:
    """The statement that inserts entry 4, a correction of entry 2, but for what is changed."""
    values: dict[str, Any] = {
        "seq": 4, "undertaking_id": town.undertakings["roofs"].pk, "measure_id": town.measures["invested"].pk, "kind": "report",
        "period": 20260131, "amount": 80_000, "day": None, "replaces": 2, "recorded_at": NOW,
        "submitted_by_id": town.people["reporter"].pk, "accepted_by_id": town.people["reviewer"].pk, "reason": "again",
        "batch_id": Batch.objects.values_list("pk", flat=True).first(), **changed,
    }  # fmt: skip
    return f"INSERT INTO ledger_entry ({', '.join(values)}) VALUES ({', '.join(['%s'] * len(values))})", list(values.values())


@pytest.mark.parametrize(
    "changed",
    [
        {"replaces": None},
        {"replaces": 1},
        {"replaces": 3},
        {"replaces": 4},
        {"replaces": 99},
        {"replaces": 2, "period": 20260228},
        {"replaces": 2, "kind": "plan"},
        {"seq": 3},
        {"seq": 5},
        {"seq": 0},
        {"seq": -1},
        {"seq": None},
        {"kind": "hope"},
        {"reason": ""},
        {"amount": 1, "day": 20260101},
        {"amount": 2**53},
        {"amount": -(2**53)},
    ],
    ids=str,
)
def test_the_database_itself_refuses_what_breaks_a_chain(written: District, changed: dict[str, Any]):
    statement, values = entry(written, **changed)
    refused(statement, *values)


def test_the_database_takes_the_next_link(written: District):
    statement, values = entry(written)
    sql(statement, *values)
    assert Entry.objects.get(seq=4).amount == 8


def test_two_links_in_one_statement_follow_each_other_or_neither_enters(written: District):
    first, values = entry(written)
    second = values[:]
    second[0], second[7] = 5, 4
    marks = first[first.index("VALUES") + 7 :]
    refused(f"{first}, {marks}", *values, *[*second[:7], 2, *second[8:]])
    sql(f"{first}, {marks}", *values, *second)
    assert list(Entry.objects.values_list("seq", "replaces")) == [(1, None), (2, 1), (3, None), (4, 2), (5, 4)]


# Appending


def append(town: District, *lines: ledger.Line, now: datetime = NOW) -> list[Entry]:
    batch = Batch.objects.create(origin="test", recorded_at=now)
    people = town.people
    with transaction.atomic():
        return list(ledger.append(lines=lines, batch=batch, submitted_by=people["reporter"], accepted_by=people["reviewer"], now=now))


@pytest.mark.parametrize("reason", ["", "  ", "\t\n"])
def test_a_correction_needs_a_reason(written: District, reason: str):
    with pytest.raises(Refusal) as refusal:
        append(written, written.line("roofs", "invested", "report", "2026-01", "7", reason))
    assert refusal.value.code == "correction-needs-reason"
    assert reads.head() == 3


def test_the_same_again_changes_nothing_and_needs_no_reason(written: District):
    assert append(written, written.line("roofs", "invested", "report", "2026-01", "9.0000")) == []
    assert append(written, written.line("wells", "start", "report", "2026-02", "2026-02-19")) == []
    assert reads.head() == 3


def test_what_was_withdrawn_speaks_again_only_with_a_reason(written: District):
    (gone,) = append(written, written.line("roofs", "invested", "report", "2026-01", "withdrawn", "counted twice"))
    assert (gone.seq, gone.amount, gone.day, gone.replaces) == (4, None, None, 2)
    with pytest.raises(Refusal):
        append(written, written.line("roofs", "invested", "report", "2026-01", "9"))
    (back,) = append(written, written.line("roofs", "invested", "report", "2026-01", "9", "it was right"))
    assert (back.seq, back.replaces) == (5, 4)


@pytest.mark.parametrize("before", ["", "withdrawn"])
def test_only_what_speaks_can_be_withdrawn(written: District, before: str):
    if before:
        append(written, written.line("roofs", "invested", "report", "2026-01", "withdrawn", "counted twice"))
    period = "2026-01" if before else "2026-02"
    with pytest.raises(Refusal) as refusal:
        append(written, written.line("roofs", "invested", "report", period, "withdrawn", "once more"))
    assert refusal.value.code == "nothing-to-withdraw"


def test_all_lines_enter_or_none(written: District):
    good = written.line("roofs", "invested", "report", "2026-02", "20")
    for bad, code in (
        (written.line("roofs", "invested", "report", "2026-01", "7"), "correction-needs-reason"),
        (good, "slot-twice"),
        (written.line("roofs", "invested", "plan", "2026", "withdrawn", "no"), "nothing-to-withdraw"),
    ):
        with pytest.raises(Refusal) as refusal, transaction.atomic():
            append(written, good, bad)
        assert refusal.value.code == code
    assert reads.head() == 3


@pytest.mark.parametrize("amount", [Decimal("0.00001"), Decimal("NaN"), Decimal("900719925474.0001"), Decimal("-900719925475")])
def test_an_amount_that_does_not_fit_is_a_refusal_and_no_accident(written: District, amount: Decimal):
    line = written.line("roofs", "invested", "report", "2026-02", "1")
    with pytest.raises(Refusal), transaction.atomic():
        append(written, ledger.Line(line.undertaking_id, line.measure_id, "report", line.period, amount=amount))
    assert reads.head() == 3


def test_the_largest_amounts_fit(written: District):
    largest = "900719925474"
    (made,) = append(written, written.line("roofs", "invested", "report", "2026-02", largest))
    made.refresh_from_db()
    assert made.amount == Decimal(largest)


def test_evidence_is_kept_with_the_entry_that_rests_on_it(written: District):
    file = Evidence.objects.get()
    line = written.line("roofs", "invested", "report", "2026-02", "20")
    line = ledger.Line(line.undertaking_id, line.measure_id, line.kind, line.period, amount=line.amount, evidence=(file,))
    (made,) = append(written, line)
    assert [link.evidence for link in made.evidence_links.all()] == [file]


def test_the_registry_keeps_what_the_ledger_speaks_of(written: District):
    for row in (written.undertakings["roofs"], written.measures["invested"], written.people["reporter"], Evidence.objects.get()):
        with pytest.raises(ProtectedError), transaction.atomic():
            row.delete()


@pytest.mark.parametrize(
    ("table", "name"), [("registry_undertaking", "roofs"), ("registry_measure", "invested"), ("people_user", "reporter")]
)
def test_the_database_itself_keeps_what_the_ledger_names(written: District, table: str, name: str):
    kept = {"registry_undertaking": written.undertakings, "registry_measure": written.measures, "people_user": written.people}[table][name]
    for statement in (f"DELETE FROM {table} WHERE id = {kept.pk}", f"UPDATE {table} SET id = 990099 WHERE id = {kept.pk}"):
        with pytest.raises(DatabaseError), transaction.atomic():
            sql(statement)
            connection.check_constraints()
    if connection.vendor == "postgresql":
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        assert "named by the ledger" in refused(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize("column", ["undertaking_id", "measure_id", "submitted_by_id", "accepted_by_id", "batch_id"])
def test_the_database_itself_refuses_an_entry_that_names_nothing(written: District, column: str):
    statement, values = entry(written, **{column: 990099})
    with pytest.raises(DatabaseError), transaction.atomic():
        sql(statement, *values)
        connection.check_constraints()


# Two clocks


def test_a_correction_changes_the_present_and_leaves_the_past_alone(written: District):
    roofs = written.undertakings["roofs"]
    assert [slot.current.amount for slot in reads.slots(roofs, head=2)] == [9]
    assert [slot.current.amount for slot in reads.slots(roofs, head=1)] == [12]
    assert reads.slots(roofs, head=0) == []
    slot = reads.slots(roofs, head=3)[0]
    assert ([entry.seq for entry in slot.entries], slot.corrected) == ([2, 1], True)


def test_a_withdrawn_slot_has_no_current_entry_and_keeps_its_history(written: District):
    append(written, written.line("roofs", "invested", "report", "2026-01", "withdrawn", "counted twice"))
    (slot,) = reads.slots(written.undertakings["roofs"], head=4)
    assert (slot.current, [entry.seq for entry in slot.entries]) == (None, [4, 2, 1])


def test_slots_as_of_a_day_leave_later_reports_out_and_plans_in(written: District):
    written.write("recorded undertaking measure kind period amount\n2026-02-22 roofs invested plan 2026 100")
    roofs = written.undertakings["roofs"]
    assert [slot.kind for slot in reads.slots(roofs, head=9, as_of=date(2026, 1, 30))] == ["plan"]
    assert [slot.kind for slot in reads.slots(roofs, head=9, as_of=date(2026, 1, 31))] == ["plan", "report"]


def test_a_time_is_turned_into_a_head_without_sorting_all_that_was_written_at_one_time(written: District):
    with CaptureQueriesContext(connection) as asked:
        reads.head(NOW)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # which reads a nearly empty table whole, unless it is told not to
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{asked.captured_queries[0]['sql']}")
        plan = " ".join(str(row[-1]) for row in cursor.fetchall())
    assert "ledger_recorded" in plan
    assert "TEMP B-TREE" not in plan and "Sort" not in plan


def test_the_head_at_a_time_is_the_last_entry_written_by_then(written: District):
    noon = datetime(2026, 2, 20, 4, tzinfo=UTC)
    assert reads.head() == 3
    assert [reads.head(noon + timedelta(seconds=seconds)) for seconds in (-1, 0, 1)] == [1, 2, 2]
    assert reads.head(datetime(2026, 1, 1, tzinfo=UTC)) == 0
    assert reads.recorded_at(2) == noon
    assert reads.recorded_at(0) is None


def test_a_clock_that_goes_backwards_does_not_take_the_ledger_with_it(written: District):
    (made,) = append(written, written.line("roofs", "invested", "report", "2026-02", "20"), now=datetime(2020, 1, 1, tzinfo=UTC))
    last = datetime(2026, 2, 21, 4, tzinfo=UTC)
    assert made.recorded_at == last
    assert reads.head(last) == 4
    assert list(Entry.objects.order_by("seq").values_list("recorded_at", flat=True)) == sorted(
        Entry.objects.values_list("recorded_at", flat=True)
    )


def test_every_change_of_the_registry_is_a_revision(town: District):
    numbers = [reads.revision()]
    town.promise("roofs")
    numbers.append(reads.revision())
    Measure.objects.filter(code="invested").update(unit="万元")
    numbers.append(reads.revision())
    sql("UPDATE registry_undertaking SET stage = 'new'")
    numbers.append(reads.revision())
    town.undertakings["roofs"].delete()
    numbers.append(reads.revision())
    assert all(later > earlier for earlier, later in pairwise(numbers))
    assert Revision.objects.count() == 1


def test_the_tables_of_the_core_have_the_columns_of_the_database(db: None):
    for name, table in tables().items():
        with connection.cursor() as cursor:
            columns = {column.name for column in connection.introspection.get_table_description(cursor, name)}
        assert set(table.columns) <= columns
