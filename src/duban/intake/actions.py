"""From a reporter's draft to the ledger: nobody accepts what they sent themselves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from duban.core import periods
from duban.core.refusals import Refusal
from duban.intake.models import Submission, SubmissionLine
from duban.ledger import actions as ledger
from duban.ledger.actions import Line
from duban.ledger.locking import lock
from duban.ledger.models import Batch, Entry
from duban.people import audit, permits
from duban.people.models import Body, User
from duban.registry.models import Undertaking

State = Submission.State


def _check_lines(lines: Iterable[Line], *, body: Body, on: date) -> None:
    """Raise `Refusal` for a slot named twice, another body's undertaking, the wrong kind of value, or a future report."""
    wanted = list(lines)
    undertakings = Undertaking.objects.select_related("lead_body", "programme").in_bulk([line.undertaking_id for line in wanted])
    measures = {
        (programme, measure): holds
        for programme, measure, holds in Undertaking.programme.field.related_model.measures.through.objects.values_list(
            "programme_id", "measure_id", "measure__holds"
        )
    }
    joint = set(
        Undertaking.joint_bodies.through.objects.filter(undertaking_id__in=undertakings, body__path__startswith=body.path).values_list(
            "undertaking_id", flat=True
        )
    )
    seen: set[ledger.Slot] = set()
    for line in wanted:
        undertaking = undertakings[line.undertaking_id]
        periods.speakable(line.period)
        if line.slot in seen:
            raise Refusal("slot-twice", undertaking=undertaking.code, period=line.period)
        seen.add(line.slot)
        if not undertaking.lead_body.path.startswith(body.path) and undertaking.pk not in joint:
            raise Refusal("undertaking-of-another-body", undertaking=undertaking.code, body=body.name)
        holds = measures.get((undertaking.programme_id, line.measure_id))
        if holds is None:
            raise Refusal("measure-not-in-programme", undertaking=undertaking.code, measure=line.measure_id)
        if line.amount is not None and holds != "amount":
            raise Refusal("day-expected", undertaking=undertaking.code)
        if line.day is not None and holds != "day":
            raise Refusal("amount-expected", undertaking=undertaking.code)
        if line.kind == Entry.Kind.REPORT and line.period > on:
            raise Refusal("period-not-ended", undertaking=undertaking.code, period=line.period)
        if line.kind == Entry.Kind.REPORT and line.day is not None and line.day > on:
            raise Refusal("day-not-come", undertaking=undertaking.code, day=line.day)


def _write(submission: Submission, lines: Iterable[Line]) -> None:
    for line in lines:
        written = submission.lines.create(
            undertaking_id=line.undertaking_id,
            measure_id=line.measure_id,
            kind=line.kind,
            period=line.period,
            amount=line.amount,
            day=line.day,
            withdraws=line.said == (None, None),
            reason=line.reason,
        )
        written.evidence.set(line.evidence)


@transaction.atomic
def draft(*, body: Body, by: User, lines: Iterable[Line], on: date, note: str = "") -> Submission:
    """Begin a submission of `body`. Raises PermissionDenied, or `Refusal` naming what a line gets wrong."""
    permits.check(by, "report.write", body)
    wanted = list(lines)
    _check_lines(wanted, body=body, on=on)
    submission = Submission.objects.create(body=body, created_by=by, note=note)
    _write(submission, wanted)
    audit.record(by=by, act="submission.draft", subject=submission.pk, lines=len(wanted))
    return submission


def _open_to(submission: Submission, *states: str) -> None:
    """Lock the submission, read it anew, and refuse unless it is in one of `states`."""
    submission.refresh_from_db(from_queryset=Submission.objects.select_for_update())
    if submission.state not in states:
        raise Refusal("submission-in-another-state", state=submission.state)


@transaction.atomic
def revise(*, submission: Submission, by: User, lines: Iterable[Line], on: date) -> Submission:
    """Replace the lines of a draft or of a returned submission: whoever does is who wrote it."""
    permits.check(by, "report.write", submission.body)
    _open_to(submission, State.DRAFT, State.RETURNED)
    wanted = list(lines)
    _check_lines(wanted, body=submission.body, on=on)
    submission.lines.all().delete()
    submission.created_by = by
    submission.save(update_fields=["created_by"])
    _write(submission, wanted)
    audit.record(by=by, act="submission.revise", subject=submission.pk, lines=len(wanted))
    return submission


@transaction.atomic
def discard(*, submission: Submission, by: User) -> None:
    """Throw away a draft, or what was returned; nothing of it is in the ledger."""
    permits.check(by, "report.write", submission.body)
    _open_to(submission, State.DRAFT, State.RETURNED)
    audit.record(by=by, act="submission.discard", subject=submission.pk)
    submission.delete()


@transaction.atomic
def submit(*, submission: Submission, by: User, now: datetime) -> Submission:
    """Send a draft, or a returned submission again, to the reviewers."""
    permits.check(by, "report.write", submission.body)
    _open_to(submission, State.DRAFT, State.RETURNED)
    if not submission.lines.exists():
        raise Refusal("submission-empty")
    submission.state, submission.submitted_by, submission.submitted_at = State.SUBMITTED, by, now
    submission.save(update_fields=["state", "submitted_by", "submitted_at"])
    audit.record(by=by, act="submission.submit", subject=submission.pk)
    return submission


def _line(line: SubmissionLine) -> Line:
    return Line(
        undertaking_id=line.undertaking_id,
        measure_id=line.measure_id,
        kind=line.kind,
        period=line.period,
        amount=line.amount,
        day=line.day,
        reason=line.reason,
        evidence=tuple(line.evidence.all()),
    )


@transaction.atomic
def accept(*, submission: Submission, by: User, now: datetime) -> list[Entry]:
    """Append a submission to the ledger, with both names. Raises `Refusal` "own-submission" for who wrote or sent it."""
    permits.check(by, "report.review", submission.body)
    _open_to(submission, State.SUBMITTED)
    if by.pk in {submission.submitted_by_id, submission.created_by_id}:
        raise Refusal("own-submission")
    lines = [_line(line) for line in submission.lines.prefetch_related("evidence")]
    _check_lines(lines, body=submission.body, on=date.max)
    batch = Batch.objects.create(origin="form", name=str(submission.body), recorded_at=now)
    entries = ledger.append(lines=lines, batch=batch, submitted_by=submission.submitted_by, accepted_by=by, now=now)
    submission.state, submission.reviewed_by, submission.reviewed_at, submission.batch = State.ACCEPTED, by, now, batch
    submission.save(update_fields=["state", "reviewed_by", "reviewed_at", "batch"])
    audit.record(by=by, act="submission.accept", subject=submission.pk, entries=len(entries))
    return entries


@transaction.atomic
def give_back(*, submission: Submission, by: User, reason: str, now: datetime) -> Submission:
    """Return a submission to its body with a reason."""
    permits.check(by, "report.review", submission.body)
    _open_to(submission, State.SUBMITTED)
    if not reason.strip():
        raise Refusal("return-needs-reason")
    submission.state, submission.reviewed_by, submission.reviewed_at = State.RETURNED, by, now
    submission.note = reason
    submission.save(update_fields=["state", "reviewed_by", "reviewed_at", "note"])
    audit.record(by=by, act="submission.return", subject=submission.pk, reason=reason)
    return submission


@transaction.atomic
def record(
    *, lines: list[Line], origin: str, name: str, submitted_by: User, accepted_by: User, now: datetime, digest: str = ""
) -> list[Entry]:
    """Append lines that two people answer for without a form between them: an imported file, the example.

    Raises `Refusal` "own-submission" when the two are one, and whatever the ledger refuses. Lines that say what the
    ledger says already are passed over; when all do, nothing is written, not even a batch.
    """
    if submitted_by.pk == accepted_by.pk:
        raise Refusal("own-submission")
    lock()
    before = ledger.standing_entries(line.slot for line in lines)
    if lines and all(line.slot in before and before[line.slot][1:] == line.said != (None, None) for line in lines):
        return []
    batch = Batch.objects.create(origin=origin, name=name[:200], digest=digest, recorded_at=now)
    entries = ledger.append(lines=lines, batch=batch, submitted_by=submitted_by, accepted_by=accepted_by, now=now)
    audit.record(by=submitted_by, act=f"ledger.{origin}", subject=name, entries=len(entries), accepted_by=accepted_by.username)
    return entries
