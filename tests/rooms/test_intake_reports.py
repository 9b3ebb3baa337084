"""From a draft to the ledger: who may, in which order, and never the same person twice."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from stage import NOW, TODAY, District, district

from duban.core.refusals import Refusal
from duban.intake import actions as intake
from duban.intake import reads
from duban.intake.models import Submission
from duban.ledger import reads as ledger
from duban.ledger.models import Batch, Entry
from duban.people.models import Appointment
from duban.registry.models import Evidence

pytestmark = pytest.mark.django_db
State = Submission.State


@pytest.fixture
def town(db: None) -> District:
    made = district()
    made.promise("roofs")
    made.promise("ponds", body="parks")
    return made


def drafted(town: District, amount: str = "12", *, by: str = "reporter", reason: str = "", **changed: str) -> Submission:
    row = {"undertaking": "roofs", "measure": "invested", "kind": "report", "period": "2026-01", "amount": amount, **changed}
    return intake.draft(body=town.bodies["works"], by=town.people[by], lines=[town.line(**row, reason=reason)], on=TODAY)


def sent(town: District, amount: str = "12", *, by: str = "reporter", **more: Any) -> Submission:
    submission = drafted(town, amount, by=by, **more)
    return intake.submit(submission=submission, by=town.people[by], now=NOW)


def accept(town: District, submission: Submission, by: str = "reviewer") -> list[Entry]:
    return intake.accept(submission=submission, by=town.people[by], now=NOW)


def code(call: Any, *args: Any, **named: Any) -> str:
    with pytest.raises(Refusal) as refused:
        call(*args, **named)
    return refused.value.code


def test_only_what_was_accepted_is_in_the_ledger(town: District):
    submission = drafted(town)
    assert (submission.state, ledger.head()) == (State.DRAFT, 0)
    intake.submit(submission=submission, by=town.people["reporter"], now=NOW)
    assert (submission.state, ledger.head()) == (State.SUBMITTED, 0)
    (entry,) = accept(town, submission)
    assert (entry.amount, entry.submitted_by.username, entry.accepted_by.username) == (12, "reporter", "reviewer")
    assert (submission.state, submission.batch, submission.batch.origin) == (State.ACCEPTED, entry.batch, "form")


def test_what_was_returned_is_sent_again(town: District):
    submission = sent(town)
    assert code(intake.give_back, submission=submission, by=town.people["reviewer"], reason=" ", now=NOW) == "return-needs-reason"
    intake.give_back(submission=submission, by=town.people["reviewer"], reason="the invoice is missing", now=NOW)
    assert (submission.state, submission.note) == (State.RETURNED, "the invoice is missing")
    line = town.line("roofs", "invested", "report", "2026-01", "11")
    intake.revise(submission=submission, by=town.people["reporter"], lines=[line], on=TODAY)
    intake.submit(submission=submission, by=town.people["reporter"], now=NOW)
    assert [entry.amount for entry in accept(town, submission)] == [11]


def test_nobody_accepts_their_own(town: District):
    assert code(accept, town, sent(town, by="dispatcher"), "dispatcher") == "own-submission"
    drafted_by_one = drafted(town, by="dispatcher")
    intake.submit(submission=drafted_by_one, by=town.people["reporter"], now=NOW)
    assert code(accept, town, drafted_by_one, "dispatcher") == "own-submission"
    assert ledger.head() == 0


def test_nobody_accepts_what_they_rewrote_even_when_others_drafted_and_sent_it(town: District):
    submission = drafted(town)
    line = town.line("roofs", "invested", "report", "2026-01", "99")
    intake.revise(submission=submission, by=town.people["dispatcher"], lines=[line], on=TODAY)
    intake.submit(submission=submission, by=town.people["reporter"], now=NOW)
    assert code(accept, town, submission, "dispatcher") == "own-submission"
    assert [entry.amount for entry in accept(town, submission)] == [99]


def test_a_page_that_was_loaded_earlier_decides_nothing(town: District):
    """Somebody else returned and sent the report again meanwhile; the two people are those of now."""
    submission = sent(town)
    stale = Submission.objects.get(pk=submission.pk)
    intake.give_back(submission=submission, by=town.people["reviewer"], reason="again", now=NOW)
    assert code(accept, town, stale) == "submission-in-another-state"
    intake.submit(submission=submission, by=town.people["dispatcher"], now=NOW)
    assert code(accept, town, stale, "dispatcher") == "own-submission"


@pytest.mark.parametrize("act", ["draft", "revise", "submit", "discard"])
@pytest.mark.parametrize("who", ["stranger", "resident", "reviewer", "editor"])
def test_another_departments_draft_is_closed(town: District, act: str, who: str):
    submission, by = drafted(town), town.people[who]
    line = town.line("roofs", "invested", "report", "2026-01", "1")
    with pytest.raises(PermissionDenied):
        if act == "draft":
            intake.draft(body=town.bodies["works"], by=by, lines=[line], on=TODAY)
        elif act == "revise":
            intake.revise(submission=submission, by=by, lines=[line], on=TODAY)
        elif act == "submit":
            intake.submit(submission=submission, by=by, now=NOW)
        else:
            intake.discard(submission=submission, by=by)
    assert Submission.objects.get().lines.get().amount == 12


@pytest.mark.parametrize("who", ["reporter", "colleague", "stranger", "resident", "editor"])
def test_only_reviewers_of_the_body_accept_or_return(town: District, who: str):
    submission = sent(town)
    with pytest.raises(PermissionDenied):
        accept(town, submission, who)
    with pytest.raises(PermissionDenied):
        intake.give_back(submission=submission, by=town.people[who], reason="no", now=NOW)
    Appointment.objects.create(user=town.people["stranger"], body=town.bodies["parks"], role="reviewer")
    with pytest.raises(PermissionDenied):
        accept(town, submission, "stranger")


def test_a_role_that_has_ended_does_nothing(town: District):
    submission = sent(town)
    Appointment.objects.filter(user=town.people["reviewer"]).update(until=NOW - timedelta(days=90))
    with pytest.raises(PermissionDenied):
        accept(town, submission)


def test_who_sees_which_submission(town: District):
    submission = drafted(town)

    def seen() -> set[str]:
        return {name for name, person in town.people.items() if reads.visible(person).exists()}

    assert seen() == {"reporter", "colleague", "dispatcher"}
    intake.submit(submission=submission, by=town.people["reporter"], now=NOW)
    assert seen() == {"reporter", "colleague", "dispatcher", "reviewer"}


def test_each_state_allows_only_what_follows(town: District):
    reporter, reviewer = town.people["reporter"], town.people["reviewer"]
    line = town.line("roofs", "invested", "report", "2026-01", "1")
    another = "submission-in-another-state"
    draft = drafted(town)
    assert code(accept, town, draft) == another
    assert code(intake.give_back, submission=draft, by=reviewer, reason="no", now=NOW) == another
    submitted = sent(town)
    assert code(intake.submit, submission=submitted, by=reporter, now=NOW) == another
    assert code(intake.revise, submission=submitted, by=reporter, lines=[line], on=TODAY) == another
    assert code(intake.discard, submission=submitted, by=reporter) == another
    accept(town, submitted)
    assert code(accept, town, submitted) == another
    assert code(intake.give_back, submission=submitted, by=reviewer, reason="no", now=NOW) == another
    intake.discard(submission=draft, by=reporter)
    assert (Submission.objects.count(), ledger.head()) == (1, 1)


def test_an_empty_report_is_not_sent(town: District):
    empty = intake.draft(body=town.bodies["works"], by=town.people["reporter"], lines=[], on=TODAY)
    assert code(intake.submit, submission=empty, by=town.people["reporter"], now=NOW) == "submission-empty"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"undertaking": "ponds"}, "undertaking-of-another-body"),
        ({"period": "2026-03"}, "period-not-ended"),
        ({"period": "2026-03-02"}, "period-not-ended"),
        ({"measure": "start", "amount": "2026-03-02"}, "day-not-come"),
        ({"measure": "start", "amount": "5"}, "day-expected"),
        ({"measure": "invested", "amount": "2026-01-01"}, "amount-expected"),
    ],
    ids=str,
)
def test_a_line_that_says_something_wrong_is_refused(town: District, changed: dict[str, str], expected: str):
    assert code(drafted, town, **changed) == expected
    assert not Submission.objects.exists()


def test_what_is_planned_may_lie_ahead(town: District):
    assert drafted(town, period="2026", kind="plan").lines.get().period == date(2026, 12, 31)
    assert drafted(town, measure="finish", amount="2027-01-01", kind="plan", period="2026").lines.get().day == date(2027, 1, 1)


def test_a_measure_that_the_programme_does_not_count_is_refused(town: District):
    town.programmes["invested"].measures.remove(town.measures["total"])
    assert code(drafted, town, measure="total") == "measure-not-in-programme"


def test_one_slot_twice_in_one_report_is_refused(town: District):
    lines = [town.line("roofs", "invested", "report", "2026-01", amount) for amount in ("1", "2")]
    assert code(intake.draft, body=town.bodies["works"], by=town.people["reporter"], lines=lines, on=TODAY) == "slot-twice"


def test_a_period_that_no_ledger_speaks_of_is_refused(town: District):
    line = town.line("roofs", "invested", "plan", "2026", "1")
    for year in (1, 1899, 2200, 9999):
        far = type(line)(line.undertaking_id, line.measure_id, "plan", date(year, 12, 31), amount=line.amount)
        assert code(intake.draft, body=town.bodies["works"], by=town.people["reporter"], lines=[far], on=TODAY) == "day-unreadable"


def test_a_joint_body_reports_as_well(town: District):
    town.undertakings["ponds"].joint_bodies.add(town.bodies["works"])
    assert drafted(town, undertaking="ponds").lines.count() == 1


def test_a_withdrawal_waits_for_acceptance_too(town: District):
    accept(town, sent(town))
    submission = sent(town, "withdrawn", reason="counted twice")
    assert submission.lines.get().withdraws
    (entry,) = accept(town, submission)
    assert (entry.amount, entry.replaces, entry.reason) == (None, 1, "counted twice")


def test_a_correction_without_a_reason_is_not_sent(town: District):
    accept(town, sent(town))
    submission = drafted(town, "13")
    assert code(intake.submit, submission=submission, by=town.people["reporter"], now=NOW) == "correction-needs-reason"
    submission.refresh_from_db()
    assert (submission.state, ledger.head()) == (State.DRAFT, 1)


def test_what_became_a_correction_after_it_was_sent_is_not_accepted_without_a_reason(town: District):
    first, submission = sent(town), sent(town, "13")
    accept(town, first)
    assert code(accept, town, submission) == "correction-needs-reason"
    submission.refresh_from_db()
    assert (submission.state, ledger.head()) == (State.SUBMITTED, 1)


def test_evidence_goes_along(town: District):
    file = Evidence.objects.create(
        undertaking=town.undertakings["roofs"], sha256="0" * 64, name="roof.jpg", media_type="image/jpeg", size=1,
        added_by=town.people["reporter"],
    )  # fmt: skip
    line = town.line("roofs", "invested", "report", "2026-01", "12")
    line = type(line)(line.undertaking_id, line.measure_id, line.kind, line.period, amount=line.amount, evidence=(file,))
    submission = intake.draft(body=town.bodies["works"], by=town.people["reporter"], lines=[line], on=TODAY)
    (entry,) = accept(town, intake.submit(submission=submission, by=town.people["reporter"], now=NOW))
    assert [link.evidence for link in entry.evidence_links.all()] == [file]


def test_recording_without_a_form_needs_two_people_and_leaves_no_empty_batch(town: District):
    line = town.line("roofs", "invested", "report", "2026-01", "12")
    reporter, reviewer = town.people["reporter"], town.people["reviewer"]

    def record(by: Any) -> list[Entry]:
        return intake.record(lines=[line], origin="csv", name="a.csv", submitted_by=reporter, accepted_by=by, now=NOW)

    assert code(record, reporter) == "own-submission"
    assert len(record(reviewer)) == 1
    assert record(reviewer) == []
    assert Batch.objects.count() == 1


def test_nobody_accepts_what_they_sent_before_it_was_returned(town: District):
    submission = intake.submit(submission=drafted(town), by=town.people["dispatcher"], now=NOW)
    intake.give_back(submission=submission, by=town.people["reviewer"], reason="which roofs?", now=NOW)
    intake.submit(submission=submission, by=town.people["reporter"], now=NOW)
    assert code(accept, town, submission, "dispatcher") == "own-submission"


def test_nobody_accepts_numbers_that_they_wrote_even_when_somebody_else_finished_and_sent_them(town: District):
    """Giving a reason, taking a line out or splitting makes a second writer, and never unmakes the first."""
    accept(town, sent(town))
    submission = drafted(town, "13", by="dispatcher")
    line = submission.lines.get()
    intake.give_reasons(submission=submission, by=town.people["reporter"], reasons={line.pk: "again"})
    intake.submit(submission=submission, by=town.people["reporter"], now=NOW)
    assert code(accept, town, submission, "dispatcher") == "own-submission"
    assert [entry.amount for entry in accept(town, submission)] == [13]
