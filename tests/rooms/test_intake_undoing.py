"""Taking a batch back: by appending, by two people, and again if need be."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from stage import NOW, TODAY, District, district

from duban.core.refusals import Refusal
from duban.intake import actions as intake
from duban.intake import batches, judging, undoing
from duban.intake.models import Submission, SubmissionFinding
from duban.ledger import reads as ledger
from duban.ledger.models import Batch, Entry
from duban.people.models import Appointment

pytestmark = pytest.mark.django_db
State = Submission.State


@pytest.fixture(autouse=True)
def _checks_find_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "judge", lambda submission, **more: None)


@pytest.fixture
def town(db: None) -> District:
    made = district()
    made.write("recorded    undertaking  measure   kind    period   amount\n2026-02-03  roofs  invested  report  2026-01  12\n")
    made.promise("doors")
    return made


def entered(town: District, *rows: str, reason: str = "an invoice") -> Batch:
    """The batch of a report that says each `undertaking amount`."""
    lines = [town.line(name, "invested", "report", "2026-01", amount, reason=reason) for name, amount in (row.split() for row in rows)]
    submission = intake.draft(body=town.bodies["works"], by=town.people["reporter"], lines=lines, on=TODAY)
    intake.submit(submission=submission, by=town.people["reporter"], now=NOW, on=TODAY)
    intake.accept(submission=submission, by=town.people["reviewer"], now=NOW)
    assert submission.batch is not None
    return submission.batch


def undo(town: District, batch: Batch, *, by: str = "colleague", reason: str = "sent by mistake") -> Submission:
    return undoing.undo(batch=batch, by=town.people[by], reason=reason, now=NOW, on=TODAY)


def accept(town: District, submission: Submission, by: str = "reviewer") -> list[Entry]:
    return list(intake.accept(submission=submission, by=town.people[by], now=NOW))


def says(town: District, undertaking: str) -> Decimal | None:
    (slot,) = ledger.slots(town.undertakings[undertaking], head=ledger.head())
    return slot.current.amount if slot.current else None


def code(town: District, batch: Batch, **more: str) -> str:
    with pytest.raises(Refusal) as refused:
        undo(town, batch, **more)
    return refused.value.code


def test_what_was_said_before_is_said_again_and_what_was_first_said_is_withdrawn(town: District):
    batch = entered(town, "roofs 13", "doors 5")
    submission = undo(town, batch)
    assert (submission.state, submission.origin, submission.undoes) == (State.SUBMITTED, "undo", batch)
    assert (says(town, "roofs"), says(town, "doors")) == (13, 5)
    entries = accept(town, submission)
    assert (says(town, "roofs"), says(town, "doors")) == (12, None)
    assert {entry.reason for entry in entries} == {"sent by mistake"}
    assert Entry.objects.filter(batch=batch).count() == 2
    assert len(ledger.slots(town.undertakings["roofs"], head=ledger.head())[0].entries) == 3


def test_what_was_corrected_since_is_left_alone_and_said_so(town: District):
    batch = entered(town, "roofs 13", "doors 5")
    entered(town, "roofs 14")
    submission = undo(town, batch)
    assert [line.undertaking.code for line in submission.lines.all()] == ["doors"]
    (finding,) = submission.findings.all()
    assert (finding.code, finding.facts["undertaking"]) == ("corrected-since", "roofs")
    accept(town, submission)
    assert (says(town, "roofs"), says(town, "doors")) == (14, None)


def test_nobody_undoes_alone(town: District):
    submission = undo(town, entered(town, "doors 5"), by="dispatcher")
    with pytest.raises(Refusal, match="own-submission"):
        accept(town, submission, by="dispatcher")
    accept(town, submission)
    assert says(town, "doors") is None


@pytest.mark.parametrize("who", ["reviewer", "stranger", "editor", "resident"])
def test_only_who_reports_for_the_batchs_body_undoes_it(town: District, who: str):
    batch = entered(town, "doors 5")
    with pytest.raises(PermissionDenied):
        undo(town, batch, by=who)
    assert not batch.undone_by.exists()


def test_an_undoing_is_undone_like_anything_else(town: District):
    undoing_of = undo(town, entered(town, "roofs 13", "doors 5"))
    accept(town, undoing_of)
    assert undoing_of.batch is not None
    accept(town, undo(town, undoing_of.batch))
    assert (says(town, "roofs"), says(town, "doors")) == (13, 5)


def test_what_changes_between_sending_and_accepting_an_undoing_stops_it(town: District):
    submission = undo(town, entered(town, "roofs 13"))
    entered(town, "roofs 14")
    with pytest.raises(Refusal, match="slot-spoke-meanwhile"):
        accept(town, submission)
    assert says(town, "roofs") == 14


def test_a_batch_is_undone_once_at_a_time_with_a_reason_and_only_if_anything_is_left_of_it(town: District):
    batch = entered(town, "doors 5")
    assert code(town, batch, reason=" ") == "undo-needs-reason"
    accept(town, undo(town, batch))
    assert code(town, batch) == "nothing-to-undo"
    other = entered(town, "doors 6")
    waiting = undo(town, other)
    assert code(town, other) == "undo-waits"
    intake.give_back(submission=waiting, by=town.people["reviewer"], reason="no", now=NOW)
    assert code(town, other) == "undo-waits"
    intake.discard(submission=waiting, by=town.people["reporter"])
    assert undo(town, other).state == State.SUBMITTED


def test_a_batch_without_a_submission_belongs_to_the_lowest_body_over_its_undertakings(town: District):
    town.promise("ponds", body="parks")
    lines = [town.line(name, "invested", "report", "2025-12", "1") for name in ("doors", "ponds")]
    people = {"submitted_by": town.people["reporter"], "accepted_by": town.people["reviewer"]}
    intake.record(lines=lines, origin="csv", name="both.csv", now=NOW, **people)
    batch = Batch.objects.latest("pk")
    assert undoing.body_of(batch) == town.bodies["top"]
    with pytest.raises(PermissionDenied):
        undo(town, batch, by="reporter")
    accept(town, undo(town, batch, by="dispatcher"))
    assert (says(town, "doors"), says(town, "ponds")) == (None, None)


def test_the_reason_of_an_undoing_explains_what_the_checks_ask_and_a_block_leaves_it_a_draft(
    town: District, monkeypatch: pytest.MonkeyPatch
):
    def judge(weight: str) -> None:
        def found(submission: Submission, **more: object) -> None:
            if not submission.findings.exists():
                SubmissionFinding.objects.create(submission=submission, line=submission.lines.first(), code="unit-suspect", weight=weight)

        monkeypatch.setattr(judging, "judge", found)

    first, second = entered(town, "doors 5"), entered(town, "roofs 13")
    judge("explain")
    explained = undo(town, first)
    assert (explained.state, explained.findings.get().explanation) == (State.SUBMITTED, "sent by mistake")
    judge("block")
    assert undo(town, second).state == State.DRAFT


def test_who_sees_a_batch_and_what_has_become_of_it(town: District):
    town.promise("ponds", body="parks")
    batch = entered(town, "roofs 13", "doors 5")
    seen = {name for name, person in town.people.items() if batches.visible(person).filter(pk=batch.pk).exists()}
    assert seen == {"reporter", "colleague", "reviewer", "dispatcher", "editor"}
    Appointment.objects.create(user=town.people["resident"], body=town.bodies["works"], role="leader")
    fresh = type(town.people["resident"]).objects.get(username="resident")
    assert batches.entries(batch, fresh).count() == 2
    assert batches.entries(batch, town.people["stranger"]).count() == 0
    entered(town, "roofs 14")
    accept(town, undo(town, entered(town, "doors 6")))
    told = batches.tallies([batch])[batch.pk]
    assert (told.entries, told.corrected, told.withdrawn) == (2, 2, 0)
    assert (told.sender, told.acceptor) == (town.people["reporter"], town.people["reviewer"])
    roofs, doors = batches.entries(batch, town.people["reporter"])
    others = batches.before_and_since([roofs, doors])
    assert (others[roofs.replaces].amount, others[roofs.replaced_by].amount) == (12, 14)
    assert doors.replaces is None
    assert others[doors.replaced_by].amount == 6
