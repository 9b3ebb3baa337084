"""Files on their way in: kept byte for byte, read once, recognised, and never half of them in the database."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import threading
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result
from django.core.exceptions import PermissionDenied
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from stage import NOW, TODAY, District, district

from duban.cli.commands import duban
from duban.core.refusals import Refusal
from duban.intake import actions, pulses, recognising, tasks, undoing, uploads, workbooks
from duban.intake.models import Submission, SubmissionLine, TableMapping, Upload
from duban.ledger.models import Entry

pytestmark = pytest.mark.django_db
HEAD = "undertaking,measure,kind,period,amount,reason\n"
FEBRUARY = date(2026, 2, 28)
MONTH = HEAD + "roofs,invested,report,2026-02,150000000,\nwells,invested,report,2026-02,0,\n"
State = Upload.State


@pytest.fixture
def place(db: None) -> District:
    made = district()
    for code in ("roofs", "wells"):
        made.promise(code)
    made.promise("paths", body="parks")
    return made


def receive(place: District, content: str | bytes = MONTH, name: str = "month.csv", by: str = "reporter", **more: Any) -> Upload:
    stream = io.BytesIO(content.encode() if isinstance(content, str) else content)
    asked = {"body": place.bodies["works"], "now": NOW, **more}
    return uploads.receive(stream=stream, name=name, by=place.people[by], **asked)


def read(upload: Upload, *, later: float = 0) -> Upload:
    return uploads.read(upload=upload, now=NOW + timedelta(seconds=later), on=TODAY)


def sent(place: District, content: str | bytes = MONTH, name: str = "month.csv", **more: Any) -> Upload:
    return read(receive(place, content, name, **more))


def accepted(place: District, submission: Submission) -> Submission:
    actions.submit(submission=submission, by=place.people["reporter"], now=NOW, on=TODAY)
    actions.accept(submission=submission, by=place.people["reviewer"], now=NOW)
    return submission


def refused(upload: Upload) -> tuple[str, Any]:
    assert upload.state == State.REFUSED
    assert not upload.submissions.exists()
    return upload.refusal["code"], upload.refusal["facts"]


# Receiving


def test_what_is_sent_is_kept_byte_for_byte_under_its_digest(place: District):
    upload = receive(place, MONTH, name="C:\\月报\\..\\ 二月\u202e.csv ")
    assert uploads.path_of(upload).read_bytes() == MONTH.encode()
    assert upload.sha256 == hashlib.sha256(MONTH.encode()).hexdigest()
    assert (upload.name, upload.size, upload.state) == ("二月.csv", len(MONTH), State.RECEIVED)


def test_a_file_is_accepted_with_its_place_in_the_queue_or_not_at_all(place: District, monkeypatch: pytest.MonkeyPatch):
    upload = receive(place)
    assert tasks.waiting() == [upload.pk]

    def full(*_: Any, **__: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(tasks, "enqueue", full)
    with pytest.raises(OSError, match="no space"):
        receive(place, MONTH + "\n")
    assert list(Upload.objects.all()) == [upload]


def test_the_same_file_again_changes_nothing(place: District):
    first = receive(place)
    assert receive(place, by="colleague") == first
    draft = read(first).submissions.get()
    assert receive(place, name="renamed.csv") == first
    assert read(first) == first
    accepted(place, draft)
    assert receive(place) == first
    assert Upload.objects.count() == Submission.objects.count() == 1


def test_another_body_or_another_month_makes_it_another_upload(place: District):
    first = receive(place)
    assert receive(place, by="dispatcher", body=place.bodies["top"]) != first
    assert receive(place, period=FEBRUARY) != first


def test_what_came_to_nothing_is_read_anew(place: District):
    first = sent(place)
    actions.discard(submission=first.submissions.get(), by=place.people["reporter"])
    second = sent(place)
    assert second != first
    assert second.submissions.get().lines.count() == 2
    broken = sent(place, b"%PDF-1.7\x00\xff", "month.pdf")
    assert refused(broken)[0] == "not-a-workbook"
    assert receive(place, b"%PDF-1.7\x00\xff", "month.pdf") != broken


def test_what_was_accepted_and_undone_may_be_sent_again(place: District):
    first = sent(place)
    batch = accepted(place, first.submissions.get()).batch
    undoing.undo(batch=batch, by=place.people["dispatcher"], reason="the wrong month", now=NOW, on=TODAY)
    undo = Submission.objects.get(undoes=batch)
    actions.accept(submission=undo, by=place.people["reviewer"], now=NOW)
    second = sent(place)
    assert second != first
    assert second.submissions.get().lines.count() == 2


@pytest.mark.parametrize(("content", "code"), [(b"", "file-empty"), (b"x" * (2**20 + 1), "file-too-large")])
def test_what_is_refused_at_the_door_leaves_nothing_behind(place: District, settings: Any, content: bytes, code: str):
    settings.SET = {**settings.SET, "upload_mb": 1}
    with pytest.raises(Refusal, match=code):
        receive(place, content)
    assert not Upload.objects.exists()
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


@pytest.mark.parametrize("who", ["stranger", "reviewer", "editor", "resident"])
def test_only_who_reports_for_the_body_sends_its_files(place: District, who: str, settings: Any):
    with pytest.raises(PermissionDenied):
        receive(place, by=who)
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_who_may_see_the_report_may_see_the_file(place: District):
    upload = sent(place)

    def seen_by() -> set[str]:
        return {name for name, user in place.people.items() if uploads.visible(user).filter(pk=upload.pk).exists()}

    assert seen_by() == {"reporter", "colleague", "dispatcher"}
    actions.submit(submission=upload.submissions.get(), by=place.people["reporter"], now=NOW, on=TODAY)
    assert seen_by() == {"reporter", "colleague", "dispatcher", "reviewer"}


# Reading


def test_a_csv_of_slots_becomes_a_draft(place: District):
    upload = sent(place)
    draft = upload.submissions.get()
    assert (upload.state, upload.kind) == (State.READ, "table")
    assert (draft.state, draft.origin, draft.period, draft.created_by) == ("draft", "table", FEBRUARY, place.people["reporter"])
    assert [(line.amount, line.typed, line.place) for line in draft.lines.all()] == [
        (150_000_000, "150000000", {"row": 2, "column": "amount"}),
        (0, "0", {"row": 3, "column": "amount"}),
    ]
    assert upload.counts == {"rows": 2, "cells": 2, "new": 2, "changed": 0, "unchanged": 0, "conflict": 0, "wrong": 0, "left_out": 0}
    assert not Entry.objects.exists()


def test_rows_that_cannot_be_read_are_told_beside_those_that_can(place: District):
    upload = sent(
        place,
        HEAD.replace("reason", "remark")
        + "roofs,invested,report,2026-02,much,\nwells,invested,report,2026-02,7,\npaths,invested,report,2026-02,7,\n"
        + "wells,invested,report,2026-03,8,\n",
    )
    draft = upload.submissions.get()
    assert [line.undertaking.code for line in draft.lines.all()] == ["wells"]
    found = [(one.code, one.place) for one in draft.findings.filter(line=None)]
    assert found == [
        ("column-unknown", {"row": 1, "column": "remark"}),
        ("amount-unreadable", {"row": 2, "column": "amount"}),
        ("undertaking-of-another-body", {"row": 4, "column": "undertaking"}),
        ("period-not-ended", {"row": 5, "column": "period"}),
    ]
    assert (upload.counts["wrong"], upload.counts["new"]) == (4, 1)


def test_a_correction_waits_for_its_reason_in_the_draft(place: District):
    place.write("undertaking  measure   kind    period   amount\nroofs        invested  report  2026-02  140000000")
    upload = sent(place)
    draft = upload.submissions.get()
    assert (upload.counts["changed"], upload.counts["new"]) == (1, 1)
    assert [line.seen for line in draft.lines.order_by("undertaking__code")] == [1, 0]
    with pytest.raises(Refusal, match="correction-needs-reason"):
        actions.submit(submission=draft, by=place.people["reporter"], now=NOW, on=TODAY)


def test_a_file_that_speaks_of_another_month_than_was_chosen_is_believed_and_says_so(place: District):
    draft = sent(place, period=date(2026, 1, 31)).submissions.get()
    assert draft.period == FEBRUARY
    assert draft.findings.get(code="upload-month-differs").facts == {"said": "2026-02", "chosen": "2026-01"}


def test_a_file_that_says_what_the_ledger_says_leaves_no_draft(place: District):
    place.write(
        "undertaking  measure   kind    period   amount\n"
        "roofs        invested  report  2026-02  150000000\n"
        "wells        invested  report  2026-02  0"
    )
    upload = sent(place)
    assert (upload.state, upload.counts["unchanged"], upload.counts["notes"]) == (State.READ, 2, [])
    assert not Submission.objects.exists()


def test_a_file_that_is_none_is_refused_in_its_own_words(place: District):
    assert refused(sent(place, b"PK\x03\x04 torn", "month.xlsx"))[0] == "file-damaged"
    assert refused(sent(place, "nothing but words\n", "letter.txt"))[0] == "table-not-found"


def test_whatever_goes_wrong_ends_in_words_and_in_the_log(
    place: District, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(recognising, "recognise", broken)
    with caplog.at_level(logging.ERROR, logger="duban.intake"):
        assert refused(sent(place)) == ("upload-failed", {})
    assert "ZeroDivisionError" in caplog.text


def test_a_draft_that_fails_half_way_is_wholly_absent(place: District, monkeypatch: pytest.MonkeyPatch):
    def full(*_: Any, **__: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(actions.judging, "judge", full)
    assert refused(sent(place))[0] == "upload-failed"
    assert not Submission.objects.exists()
    assert not SubmissionLine.objects.exists()


def test_who_has_left_meanwhile_does_not_report_any_more(place: District):
    upload = receive(place)
    place.people["reporter"].appointments.update(until=NOW)
    del upload.sent_by._appointments
    assert refused(read(upload)) == ("upload-sender-left", {"by": str(place.people["reporter"]), "body": "住建局"})


# Our own workbook and somebody's table


def workbook(place: District, body: str = "works", value: object = 1500.5) -> bytes:
    """The month's workbook with one amount written into the first open cell of the first row."""
    written = workbooks.written(body=place.bodies[body], period=FEBRUARY, language="en", by=None, on=TODAY)
    book = openpyxl.load_workbook(io.BytesIO(written))
    page = next(sheet for sheet in book if str(sheet["A1"].value or "").startswith("duban-page"))
    first = next(row for row in page.iter_rows(min_row=5) for cell in row if not cell.protection.locked)
    next(cell for cell in first if not cell.protection.locked).value = value
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def test_our_own_workbook_is_known_and_becomes_a_draft(place: District):
    upload = sent(place, workbook(place), "二月.xlsx")
    draft = upload.submissions.get()
    assert (upload.state, upload.kind, draft.origin, draft.period) == (State.READ, "workbook", "workbook", FEBRUARY)
    assert upload.counts["new"] == draft.lines.count() == 1


def test_a_workbook_of_another_body_is_refused(place: District):
    code, facts = refused(sent(place, workbook(place, "parks"), "二月.xlsx"))
    assert code == "workbook-of-another-body"
    assert (facts["body"], facts["expected"]) == ("园林局", "住建局")


def table(amount: float) -> bytes:
    """A department's own list."""
    book = openpyxl.Workbook()
    for row in (["项目名称", "累计完成投资（万元）"], ["roofs", amount], ["wells", 20], ["合计", amount + 20]):
        book.active.append(row)
    book.create_sheet("备注").append(["随便"])
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def mapping(place: District, upload: Upload) -> TableMapping:
    """What the columns of the table mean, as the wizard keeps it."""
    from duban.intake import tables
    from duban.intake.files import sheets

    with sheets.open_book(uploads.path_of(upload), upload.name) as book:
        sheet = book.sheet(0)
    proposal = tables.proposed(sheet, programme=place.programmes["invested"])
    columns = [asked.meaning.kept for asked in proposal.columns]
    columns[0] |= {"role": "name"}
    columns[1] |= {"role": "report", "measure": "invested", "unit": "万元", "period": "file"}
    return TableMapping.objects.create(
        body=place.bodies["works"],
        programme=place.programmes["invested"],
        name="list",
        fingerprint=tables.fingerprint(sheet),
        columns=columns,
        made_by=place.people["reporter"],
    )


def test_a_table_is_asked_about_once_and_known_from_then_on(place: District):
    first = sent(place, table(1500), "list.xlsx", period=FEBRUARY)
    assert (first.state, first.counts) == (State.ASKING, {})
    assert receive(place, table(1500), "list.xlsx", period=FEBRUARY).pk != 0
    known = mapping(place, first)
    first = uploads.told(upload=first, mapping=known, by=place.people["colleague"], now=NOW, on=TODAY)
    draft = first.submissions.get()
    assert (first.state, first.mapping, draft.origin, draft.period) == (State.READ, known, "table", FEBRUARY)
    assert [line.amount for line in draft.lines.all()] == [15_000_000, 200_000]
    assert draft.findings.filter(code="sheet-left-out", place={"sheet": "备注"}).count() == 1
    assert {writer.username for writer in draft.writers.all()} == {"reporter", "colleague"}
    with pytest.raises(Refusal, match="upload-in-another-state"):
        uploads.told(upload=first, mapping=known, by=place.people["reporter"], now=NOW, on=TODAY)

    second = sent(place, table(1600), "list.xlsx", period=FEBRUARY)
    assert (second.state, second.mapping) == (State.READ, known)
    known.refresh_from_db()
    assert known.used_at is not None


def test_only_who_reports_for_the_body_says_what_its_columns_mean(place: District):
    upload = sent(place, table(1500), "list.xlsx", period=FEBRUARY)
    with pytest.raises(PermissionDenied):
        uploads.told(upload=upload, mapping=mapping(place, upload), by=place.people["stranger"], now=NOW, on=TODAY)


# One reader a file, whatever happens to it


def test_a_file_that_is_being_read_is_nobody_elses(place: District):
    upload = receive(place)
    assert pulses.claim(upload, now=NOW) is not None
    assert pulses.claim(upload, now=NOW + pulses.QUIET) is None
    assert read(upload, later=30).state == State.READING
    assert read(upload, later=31).state == State.READ
    assert pulses.claim(upload, now=NOW + timedelta(days=1)) is None


def test_a_reader_that_was_only_slow_leaves_nothing_behind(place: District, monkeypatch: pytest.MonkeyPatch):
    upload, true = receive(place), recognising.recognise

    def slow(*words: Any, **more: Any) -> Any:
        found = true(*words, **more)
        monkeypatch.setattr(recognising, "recognise", true)
        assert read(Upload.objects.get(pk=upload.pk), later=40).state == State.READ
        return found

    monkeypatch.setattr(recognising, "recognise", slow)
    assert read(upload).state == State.READ
    assert Submission.objects.count() == 1


def test_a_slow_reader_stops_as_soon_as_it_tells_how_far_it_is(place: District):
    upload = receive(place)
    slow = pulses.claim(upload, now=NOW)
    assert slow is not None
    slow.tell(1, 1)
    assert pulses.claim(upload, now=NOW + timedelta(seconds=40)) is not None
    with pytest.raises(pulses.Lost):
        slow.tell(2, 2)
    assert not slow.end(State.REFUSED)


def test_a_file_that_no_reader_survives_is_given_up(place: District):
    upload = receive(place)
    for turn in range(pulses.TRIES):
        assert pulses.claim(upload, now=NOW + turn * timedelta(minutes=1)) is not None
    assert refused(read(upload, later=3600)) == ("upload-failed", {})


def test_what_a_dead_reader_left_is_queued_again_once(place: District):
    upload = receive(place)
    assert uploads.take_up(now=NOW) == 0
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING)
    pulses.claim(upload, now=NOW + timedelta(seconds=5))
    upload.refresh_from_db()
    uploads.stir(upload, now=NOW + timedelta(seconds=35))
    assert tasks.waiting() == []
    assert uploads.take_up(now=NOW + timedelta(seconds=10)) == 1
    queued = DBTaskResult.objects.get(status=TaskResultStatus.READY)
    assert queued.run_after == NOW + timedelta(seconds=35)
    assert uploads.take_up(now=NOW + timedelta(seconds=60)) == 0
    queued.delete()
    uploads.stir(upload, now=NOW + timedelta(seconds=36))
    uploads.stir(upload, now=NOW + timedelta(seconds=37))
    assert tasks.waiting() == [upload.pk]


def test_what_is_finished_is_left_alone(place: District):
    upload = sent(place)
    DBTaskResult.objects.all().delete()
    uploads.stir(upload, now=NOW + timedelta(days=1))
    assert uploads.take_up(now=NOW + timedelta(days=1)) == 0


def test_the_queue_reads_the_file(place: District, settings: Any):
    settings.SET = {**settings.SET, "today": TODAY}
    upload = receive(place)
    waits = DBTaskResult.objects.get()
    assert waits.run_after == NOW + pulses.QUIET, "a small file is first read by who received it"
    assert waits.task.call(*waits.args_kwargs["args"]) == State.READ
    assert waits.task.call(*waits.args_kwargs["args"]) == State.READ
    assert waits.task.call(0) == ""
    assert upload.submissions.count() == 1


def test_the_queue_forgets_what_ended_long_ago(place: District):
    receive(place)
    DBTaskResult.objects.update(status=TaskResultStatus.SUCCESSFUL, finished_at=NOW)
    assert tasks.prune(now=NOW + tasks.KEPT) == 0
    assert tasks.prune(now=NOW + tasks.KEPT + timedelta(seconds=1)) == 1


def test_what_was_left_half_received_is_swept_away_after_a_day(place: District):
    uploads.folder().mkdir(parents=True)
    young, old = uploads.folder() / ".waiting-young", uploads.folder() / ".waiting-old"
    for path, age in ((young, 0), (old, 2 * uploads.DAY)):
        path.touch()
        import os

        os.utime(path, (time.time() - age, time.time() - age))
    assert uploads.sweep() == 1
    assert (young.exists(), old.exists()) == (True, False)


@pytest.mark.django_db(transaction=True)
def test_how_far_reading_has_come_is_seen_by_others_while_it_goes_on(monkeypatch: pytest.MonkeyPatch):
    place = district()
    for code in ("roofs", "wells"):
        place.promise(code)
    upload, seen, true = receive(place), [], recognising.recognise
    monkeypatch.setattr(pulses, "OFTEN", 0.0)

    def looks(done: int, total: int, tell: Callable[[int, int], None]) -> None:
        tell(done, total)
        other = threading.Thread(target=lambda: seen.append(_seen(upload.pk)))
        other.start()
        other.join()

    def telling(*words: Any, tell: Callable[[int, int], None], **more: Any) -> Any:
        for done in (1, 2, 3):
            looks(done, 3, tell)
        return true(*words, tell=tell, **more)

    monkeypatch.setattr(recognising, "recognise", telling)
    assert read(upload).state == State.READ
    assert seen == [(State.READING, 1, 3), (State.READING, 2, 3), (State.READING, 3, 3)]


def _seen(pk: int) -> tuple[str, int, int]:
    from django.db import connection

    found = Upload.objects.get(pk=pk)
    connection.close()
    return found.state, found.done, found.total


@pytest.mark.django_db(transaction=True)
def test_a_reader_that_unpacks_for_long_keeps_its_file(monkeypatch: pytest.MonkeyPatch):
    place = district()
    upload = receive(place)
    monkeypatch.setattr(pulses, "SELDOM", 0.05)
    pulse = pulses.claim(upload, now=NOW)
    assert pulse is not None
    with pulse:
        ends = time.monotonic() + 10
        while time.monotonic() < ends and Upload.objects.get().beat_at == NOW:
            time.sleep(0.02)
    upload.refresh_from_db()
    assert upload.beat_at is not None
    assert upload.beat_at > NOW
    assert pulse.end(State.ASKING)


# The command line


def run(*words: str, ends: int = 0) -> Result:
    result = CliRunner().invoke(duban, list(words))
    assert result.exit_code == ends, f"{result.output}\n{result.exception!r}"
    return result


@pytest.fixture
def month(place: District, tmp_path: Path, settings: Any) -> list[str]:
    settings.SET = {**settings.SET, "today": TODAY}
    path = tmp_path / "month.csv"
    path.write_text(MONTH)
    return ["upload", str(path), "--body", "works", "--by", "reporter"]


def test_a_script_sends_a_file_and_hears_what_was_in_it(month: list[str]):
    assert "month.csv" in run(*month).stdout
    draft = Submission.objects.get()
    told = json.loads(run(*month, "--json").stdout)
    assert (told["state"], told["reports"], told["counts"]["new"]) == ("read", [draft.pk], 2)
    assert {finding["code"] for finding in told["findings"]} == set(draft.findings.values_list("code", flat=True))


def test_a_script_hears_of_what_is_wrong_and_ends_with_1(month: list[str], tmp_path: Path):
    (tmp_path / "month.csv").write_text(MONTH.replace("150000000", "much"))
    told = run(*month, ends=1).stdout
    assert "Row 2, column “amount”: “much” is not an amount." in told
    (tmp_path / "month.csv").write_bytes(b"%PDF-1.7\x00")
    assert "is no table" in run(*month, ends=1).stdout
    (tmp_path / "month.csv").write_bytes(b"")
    assert "The file is empty" in run(*month, ends=1).stderr


@pytest.mark.parametrize(
    ("changed", "ends", "words"),
    [
        ({"--body": "moon"}, 1, "Nobody knows a body"),
        ({"--by": "nobody"}, 1, "Nobody has the user name"),
        ({"--by": "stranger"}, 1, "may no longer report"),
        ({"--period": "august"}, 2, "no period"),
    ],
)
def test_a_script_that_calls_wrongly_is_told_so(month: list[str], changed: dict[str, str], ends: int, words: str):
    asked = dict(zip(month[2::2], month[3::2], strict=True)) | changed
    result = run(*month[:2], *[word for pair in asked.items() for word in pair], ends=ends)
    assert words in result.output + result.stderr
