"""What a writer does with a draft, what keeps it from being sent, and many answers at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from stage import NOW, TODAY, District, district

from duban.core.refusals import Finding, Refusal
from duban.intake import actions as intake
from duban.intake import judging, previews, queue, reviewing
from duban.intake.lines import Said
from duban.intake.models import Submission, SubmissionFinding, SubmissionLine
from duban.ledger import reads as ledger
from duban.ledger.models import Batch, Entry

pytestmark = pytest.mark.django_db
State = Submission.State

LEDGER = """
recorded    undertaking  measure   kind    period   amount
2026-02-03  roofs        invested  report  2025-12  8
2026-02-03  roofs        invested  report  2026-01  12
2026-02-03  walls        invested  report  2026-01  20
2026-02-03  roofs        invested  plan    2026     100
"""


@pytest.fixture(autouse=True)
def _checks_find_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test says itself what was found; what the checks find is tested with them."""
    monkeypatch.setattr(judging, "judge", lambda submission, **more: None)


@pytest.fixture
def town(db: None) -> District:
    made = district()
    made.write(LEDGER)
    made.promise("doors")
    made.promise("ponds", body="parks")
    return made


def said(town: District, undertaking: str, amount: str, *, seen: int | None = None, reason: str = "", **more: Any) -> Said:
    line = town.line(undertaking, "invested", more.pop("kind", "report"), more.pop("period", "2026-01"), amount, reason=reason)
    return Said(line, seen=seen, **more)


def drafted(town: District, *lines: Said, by: str = "reporter", **more: Any) -> Submission:
    return intake.draft(body=town.bodies["works"], by=town.people[by], lines=lines, on=TODAY, **more)


def send(town: District, submission: Submission, by: str = "reporter") -> Submission:
    return intake.submit(submission=submission, by=town.people[by], now=NOW, on=TODAY)


def accept(town: District, submission: Submission, by: str = "reviewer") -> Sequence[Entry]:
    return intake.accept(submission=submission, by=town.people[by], now=NOW)


def code(call: Any, *args: Any, **named: Any) -> str:
    with pytest.raises(Refusal) as refused:
        call(*args, **named)
    return refused.value.code


def line(submission: Submission, undertaking: str, **more: Any) -> SubmissionLine:
    found: SubmissionLine = submission.lines.get(undertaking__code=undertaking, **more)
    return found


def weigh(submission: Submission, weight: str, undertaking: str = "roofs") -> SubmissionFinding:
    """What a check would have found in a line."""
    of_line = line(submission, undertaking)
    return SubmissionFinding.objects.create(submission=submission, line=of_line, code="unit-suspect", weight=weight)


def current(undertaking: str, kind: str = "report") -> Decimal | None:
    found = Entry.objects.filter(undertaking__code=undertaking, kind=kind, period__gte=date(2026, 1, 1)).order_by("-seq").first()
    return found.amount if found else None


def test_a_draft_keeps_what_its_file_got_wrong_and_where(town: District):
    wrong = Finding("amount-unreadable", row=7, column="投资", sheet="一月", facts={"amount": "约三千"})
    place = {"sheet": "一月", "row": 6, "column": "投资"}
    submission = drafted(town, said(town, "doors", "5", seen=0, place=place, typed="5万元"), findings=[wrong])
    (kept,) = submission.findings.all()
    assert (kept.line, kept.code, kept.facts) == (None, "amount-unreadable", {"amount": "约三千"})
    assert kept.place == {"sheet": "一月", "row": 7, "column": "投资"}
    assert (line(submission, "doors").place, line(submission, "doors").typed) == (place, "5万元")
    told = previews.weighed(submission)
    assert (told.wrong, told.loose, told.lines, told.all) == (1, 1, 0, 1)


def test_each_line_is_new_changed_a_conflict_or_says_what_is_said(town: District):
    roofs = Entry.objects.get(undertaking__code="roofs", kind="report", amount=12)
    submission = drafted(
        town,
        said(town, "doors", "5", seen=0),
        said(town, "roofs", "13", seen=roofs.seq),
        said(town, "walls", "21", seen=0),
        said(town, "roofs", "8", period="2025-12"),
    )
    assert previews.counts(submission) == {"new": 1, "changed": 1, "conflict": 1, "same": 1, "unreasoned": 2}
    found = {(cell.line.undertaking.code, cell.state): cell for cell in previews.cells([one.pk for one in submission.lines.all()])}
    assert set(found) == {("doors", "new"), ("roofs", "changed"), ("walls", "conflict"), ("roofs", "same")}
    changed = found["roofs", "changed"]
    assert (changed.now, changed.shall, changed.change, changed.growth) == (12, 13, 1, 5)
    assert (changed.last.amount, changed.plan.amount, changed.needs_reason) == (8, 100, True)
    assert (found["doors", "new"].now, found["doors", "new"].change, found["doors", "new"].needs_reason) == (None, None, False)
    for state in ("new", "changed", "conflict", "same"):
        assert previews.lines(submission, state).count() == 1
    assert previews.lines(submission, "unreasoned").count() == 2


def test_a_withdrawn_slot_has_spoken_and_asks_for_a_reason(town: District):
    town.write("recorded    undertaking  measure   kind    period   amount\n2026-02-05  walls  invested  report  2026-01  withdrawn\n")
    submission = drafted(town, said(town, "walls", "7"))
    assert previews.counts(submission)["changed"] == 1
    assert code(send, town, submission) == "correction-needs-reason"


def test_lines_with_findings_stand_first_the_heaviest_before_all(town: District):
    submission = drafted(town, *(said(town, name, "5", period=month) for name in ("doors", "walls") for month in ("2025-10", "2025-11")))
    first, second, third, fourth = submission.lines.order_by("pk")
    for of_line, weight in ((second, "note"), (fourth, "block"), (fourth, "note")):
        SubmissionFinding.objects.create(submission=submission, line=of_line, code="unit-suspect", weight=weight)
    wanted = previews.FindingsFirst(submission)
    pages = [wanted[start : start + 2] for start in (0, 2)]
    assert pages == [[fourth.pk, second.pk], [first.pk, third.pk]]
    assert [wanted[start : start + 3] for start in (0, 3)] == [[fourth.pk, second.pk, first.pk], [third.pk]]
    assert previews.FindingsFirst(submission, marked_only=True)[0:5] == [fourth.pk, second.pk]


def test_reasons_are_given_one_by_one_or_once_for_several(town: District):
    submission = drafted(town, said(town, "roofs", "13"), said(town, "walls", "21"), said(town, "doors", "1"))
    other = drafted(town, said(town, "roofs", "14"))
    roofs, walls, strange = line(submission, "roofs"), line(submission, "walls"), line(other, "roofs")
    reporter = town.people["reporter"]
    intake.give_reasons(submission=submission, by=reporter, reasons={roofs.pk: " an invoice ", strange.pk: "not mine"})
    intake.give_reason(submission=submission, by=reporter, lines=[walls.pk, strange.pk], reason=" counted again ")
    assert [one.reason for one in submission.lines.order_by("pk")] == ["an invoice", "counted again", ""]
    strange.refresh_from_db()
    assert strange.reason == ""
    intake.give_reason(submission=submission, by=reporter, lines=previews.lines(submission, "changed"), reason="once more")
    assert previews.counts(submission)["unreasoned"] == 0
    assert len(accept(town, send(town, submission))) == 3


def test_what_was_accepted_meanwhile_stops_a_report_until_its_writer_has_decided(town: District):
    submission = drafted(town, said(town, "roofs", "13", seen=1, reason="mine"), said(town, "walls", "21", seen=0, reason="mine"))
    assert code(send, town, submission) == "slot-spoke-meanwhile"
    reporter = town.people["reporter"]
    intake.drop(submission=submission, by=reporter, lines=[line(submission, "roofs").pk], on=TODAY)
    assert code(send, town, submission) == "slot-spoke-meanwhile"
    with pytest.raises(Refusal, match="slot-spoke-again"):
        intake.insist(submission=submission, by=reporter, lines=[line(submission, "walls").pk], head=0)
    intake.insist(submission=submission, by=reporter, lines=[line(submission, "walls").pk], head=ledger.head())
    assert line(submission, "walls").seen == Entry.objects.get(undertaking__code="walls").seq
    (entry,) = accept(town, send(town, submission))
    assert (entry.undertaking.code, entry.amount, entry.reason) == ("walls", 21, "mine")


def test_what_is_accepted_between_sending_and_accepting_is_a_conflict_too(town: District):
    seen = Entry.objects.get(undertaking__code="walls").seq
    submission = send(town, drafted(town, said(town, "walls", "21", seen=seen, reason="mine")))
    accept(town, send(town, drafted(town, said(town, "walls", "22", reason="theirs"))))
    assert code(accept, town, submission) == "slot-spoke-meanwhile"
    assert current("walls") == 22


def test_a_block_stops_a_report_and_so_does_what_nobody_has_explained(town: District):
    submission = drafted(town, said(town, "roofs", "13", reason="an invoice"))
    blocking, asking = weigh(submission, "block"), weigh(submission, "explain")
    weigh(submission, "note")
    assert code(send, town, submission) == "finding-blocks"
    blocking.delete()
    assert code(send, town, submission) == "finding-unexplained"
    reporter = town.people["reporter"]
    intake.explain(finding=asking, by=reporter, explanation="  ", now=NOW)
    assert code(send, town, submission) == "finding-unexplained"
    intake.explain(finding=asking, by=reporter, explanation=" the roof was larger ", now=NOW)
    asking.refresh_from_db()
    assert (asking.explanation, asking.explained_by, asking.explained_at) == ("the roof was larger", reporter, NOW)
    accept(town, send(town, submission))
    assert submission.findings.get(weight="explain").explanation == "the roof was larger"


def test_what_is_gone_meanwhile_is_refused_and_not_a_fault(town: District):
    submission = drafted(town, said(town, "doors", "5"))
    finding, reporter = weigh(submission, "explain", "doors"), town.people["reporter"]
    SubmissionFinding.objects.filter(pk=finding.pk).delete()
    assert code(intake.explain, finding=finding, by=reporter, explanation="x", now=NOW) == "finding-gone"
    stale = Submission.objects.get(pk=submission.pk)
    intake.discard(submission=submission, by=reporter)
    assert code(send, town, stale) == "submission-in-another-state"


def test_nobody_explains_what_is_sent_or_somebody_elses(town: District):
    submission = drafted(town, said(town, "doors", "5"))
    finding = weigh(submission, "note", "doors")
    with pytest.raises(PermissionDenied):
        intake.explain(finding=finding, by=town.people["stranger"], explanation="x", now=NOW)
    send(town, submission)
    assert code(intake.explain, finding=finding, by=town.people["reporter"], explanation="x", now=NOW) == "submission-in-another-state"


def test_the_chosen_part_is_sent_and_the_rest_stays_with_its_findings(town: District):
    submission = drafted(town, said(town, "doors", "5"), said(town, "roofs", "13"), period=TODAY)
    weigh(submission, "block")
    reporter = town.people["reporter"]
    assert code(intake.part, submission=submission, by=reporter, lines=[]) == "submission-empty"
    rest = intake.part(submission=submission, by=reporter, lines=[line(submission, "doors").pk])
    assert [one.undertaking.code for one in submission.lines.all()] == ["doors"]
    assert [one.undertaking.code for one in rest.lines.all()] == ["roofs"]
    assert (submission.findings.count(), rest.findings.get().line.undertaking.code) == (0, "roofs")
    assert (rest.state, rest.period, rest.created_by) == (State.DRAFT, TODAY, reporter)
    assert len(accept(town, send(town, submission))) == 1
    assert intake.part(submission=rest, by=reporter, lines=previews.lines(rest)) is None


def test_a_plans_revision_takes_its_first_wording_along(town: District):
    submission = drafted(
        town,
        said(town, "doors", "40", kind="plan", period="2026", original=True),
        said(town, "doors", "50", kind="plan", period="2026", reason="more doors"),
        said(town, "roofs", "13", reason="an invoice"),
    )
    intake.part(submission=submission, by=town.people["reporter"], lines=[line(submission, "doors", original=False).pk])
    assert sorted(one.original for one in submission.lines.all()) == [False, True]


def test_a_first_wording_enters_before_its_revision_whatever_their_order(town: District):
    submission = drafted(
        town,
        said(town, "doors", "50", kind="plan", period="2026"),
        said(town, "doors", "40", kind="plan", period="2026", original=True),
    )
    assert previews.counts(submission) == {"new": 1, "changed": 1, "conflict": 0, "same": 0, "unreasoned": 1}
    assert code(send, town, submission) == "correction-needs-reason"
    revised = line(submission, "doors", original=False)
    intake.give_reasons(submission=submission, by=town.people["reporter"], reasons={revised.pk: "more doors"})
    entries = accept(town, send(town, submission))
    assert [(one.amount, one.replaces is None) for one in entries] == [(40, True), (50, False)]
    (cell,) = previews.cells([revised.pk])
    assert (cell.state, cell.said.amount) == ("same", 50)


def test_a_plan_that_was_worded_once_gets_no_other_first_wording(town: District):
    submission = drafted(town, said(town, "roofs", "90", kind="plan", period="2026", original=True, reason="so it was"))
    assert code(send, town, submission) == "first-wording-stands"


def test_accepting_what_the_ledger_says_already_writes_nothing_and_leaves_no_batch(town: District):
    head, batches = ledger.head(), Batch.objects.count()
    submission = send(town, drafted(town, said(town, "roofs", "12")))
    assert list(accept(town, submission)) == []
    assert (submission.state, submission.batch, ledger.head(), Batch.objects.count()) == (State.ACCEPTED, None, head, batches)
    assert code(accept, town, submission) == "submission-in-another-state"


def test_a_withdrawal_that_somebody_else_has_accepted_meanwhile_is_passed_over(town: District):
    first, second = (send(town, drafted(town, said(town, "walls", "withdrawn", reason="twice"))) for _ in range(2))
    assert len(accept(town, first)) == 1
    assert len(accept(town, second)) == 0


def test_a_report_that_lost_all_its_lines_is_not_sent(town: District):
    submission = drafted(town, said(town, "doors", "5"))
    intake.drop(submission=submission, by=town.people["reporter"], lines=previews.lines(submission), on=TODAY)
    assert code(send, town, submission) == "submission-empty"


@pytest.mark.parametrize("act", ["give_reason", "drop", "insist", "part"])
def test_only_who_reports_for_the_body_rewrites_its_draft(town: District, act: str):
    submission = drafted(town, said(town, "doors", "5"))
    more: dict[str, Any] = {"give_reason": {"reason": "x"}, "drop": {"on": TODAY}, "insist": {"head": 0}}.get(act, {})
    lines = [one.pk for one in submission.lines.all()]
    for who in ("stranger", "reviewer", "editor"):
        with pytest.raises(PermissionDenied):
            getattr(intake, act)(submission=submission, by=town.people[who], lines=lines, **more)
    getattr(intake, act)(submission=submission, by=town.people["colleague"], lines=lines, **more)
    assert {writer.username for writer in submission.writers.all()} == {"reporter", "colleague"}


def test_many_are_accepted_at_once_and_one_that_is_refused_keeps_no_other_back(town: District):
    plain = [send(town, drafted(town, said(town, "doors", "5", period=month))) for month in ("2025-10", "2025-11")]
    marked = send(town, drafted(town, said(town, "doors", "5", period="2025-12")))
    weigh(marked, "note", "doors")
    own = send(town, drafted(town, said(town, "doors", "6"), by="dispatcher"), by="dispatcher")
    unreasoned = send(town, drafted(town, said(town, "doors", "9", period="2025-09")))
    accept(town, send(town, drafted(town, said(town, "doors", "8", period="2025-09"))))
    answered = reviewing.accept_all(submissions=[*plain, marked, own, unreasoned], by=town.people["dispatcher"], now=NOW)
    assert [one.pk for one in answered.accepted] == [one.pk for one in plain]
    assert answered.entries == 2
    assert [(one.pk, refusal.code) for one, refusal in answered.refused] == [
        (marked.pk, "finding-to-be-read"),
        (own.pk, "own-submission"),
        (unreasoned.pk, "correction-needs-reason"),
    ]
    refused = reviewing.accept_all(submissions=[unreasoned], by=town.people["stranger"], now=NOW).refused
    assert [refusal.code for _, refusal in refused] == ["review-of-another-body"]


def test_the_queue_shows_what_has_findings_first_and_then_the_longest_wait(town: District):
    sent = []
    for days, month in ((1, "2025-10"), (3, "2025-11"), (2, "2025-12")):
        submission = drafted(town, said(town, "doors", "5", period=month))
        sent.append(intake.submit(submission=submission, by=town.people["reporter"], now=NOW - timedelta(days=days), on=TODAY))
    newest, oldest, middle = sent
    weigh(newest, "explain", "doors")
    weigh(newest, "note", "doors")
    own = send(town, drafted(town, said(town, "doors", "6"), by="dispatcher"), by="dispatcher")
    dispatcher = town.people["dispatcher"]
    waiting = list(queue.waiting(dispatcher))
    assert [one.pk for one in waiting] == [newest.pk, oldest.pk, middle.pk]
    assert (waiting[0].finding_count, waiting[0].worst) == (2, 2)
    assert queue.neighbours(dispatcher, oldest.pk) == (newest.pk, middle.pk, 3)
    assert queue.neighbours(dispatcher, own.pk)[1] == newest.pk
    asked, counted = queue.asked_for(dispatcher, queue.Asked(state="submitted", programme="invested"))
    assert ([one.pk for one in asked], counted["submitted"]) == ([newest.pk, oldest.pk, middle.pk, own.pk], 4)
    assert queue.asked_for(dispatcher, queue.Asked(programme="nothing"))[1]["submitted"] == 0
    assert [one.pk for one in queue.asked_for(dispatcher, queue.Asked(q=str(middle.pk)))[0]] == [middle.pk]
    extent = queue.extents([middle])[middle.pk]
    assert (extent.lines, extent.first, [one.code for one in extent.programmes]) == (1, middle.lines.get().period, ["invested"])


def test_a_line_keeps_what_its_writer_saw(town: District):
    seen = said(town, "doors", "5", seen=0)
    assert line(drafted(town, replace(seen, seen=None)), "doors").seen is None
    assert line(drafted(town, seen), "doors").seen == 0
