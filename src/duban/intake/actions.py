"""From a reporter's draft to the ledger: nobody accepts what they sent themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

import numpy as np
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from duban.core.refusals import Finding, Refusal
from duban.intake import drafting, judging, kept, states
from duban.intake.lines import Said
from duban.intake.models import Submission, SubmissionFinding, SubmissionLine, Upload
from duban.intake.readings import UNSAID, Columns
from duban.ledger import actions as ledger
from duban.ledger.actions import Line
from duban.ledger.locking import lock
from duban.ledger.models import Batch, Entry
from duban.people import audit, permits
from duban.people.models import Body, User
from duban.registry.models import Undertaking

State = Submission.State
Weight = SubmissionFinding.Weight


def _columns(lines: Iterable[Line | Said]) -> Columns:
    return lines if isinstance(lines, Columns) else Columns.of(list(lines))


def _keep(submission: Submission, findings: Iterable[Finding]) -> None:
    """Keep what whoever read a file found in it."""
    rows = [
        SubmissionFinding(submission=submission, code=found.code, facts=_plain(found.facts), place=found.place, weight=Weight.NOTE)
        for found in findings
    ]
    SubmissionFinding.objects.bulk_create(rows, batch_size=2000)


def _plain(facts: Mapping[str, object]) -> dict[str, object]:
    """Facts as JSON keeps them: numbers and truth as they are, everything else as text."""
    return {name: value if isinstance(value, bool | int | None) else str(value) for name, value in facts.items()}


@transaction.atomic
def draft(
    *,
    body: Body,
    by: User,
    lines: Iterable[Line | Said],
    on: date,
    note: str = "",
    origin: str = Submission.Origin.FORM,
    period: date | None = None,
    upload: Upload | None = None,
    key: str = "",
    payload_digest: str = "",
    findings: Iterable[Finding] = (),
    writers: Iterable[User] = (),
) -> Submission:
    """Begin a submission of `body`: its lines, what whoever read its file found (`findings`), and what the checks find. Those who
    wrote its lines beside `by` are its `writers`.

    Raises PermissionDenied, or `Refusal` naming what a line gets wrong.
    """
    permits.check(by, "report.write", body)
    wanted = _columns(lines)
    drafting.check(wanted, body=body, on=on)
    submission = Submission.objects.create(
        body=body, created_by=by, note=note, origin=origin, period=period, upload=upload, key=key, payload_digest=payload_digest
    )
    submission.writers.set({by, *writers})
    kept.write(submission, wanted)
    _keep(submission, findings)
    judging.judge(submission, on=on)
    audit.record(by=by, act="submission.draft", subject=submission.pk, origin=origin, lines=len(wanted))
    return submission


def _open_to(submission: Submission, *states: str) -> None:
    """Lock the submission, read it anew, and refuse unless it is there and in one of `states`."""
    try:
        submission.refresh_from_db(from_queryset=Submission.objects.select_for_update())
    except Submission.DoesNotExist:
        raise Refusal("submission-in-another-state", state="") from None
    if submission.state not in states:
        raise Refusal("submission-in-another-state", state=submission.state)


def _rewrite(submission: Submission, by: User) -> None:
    """Open a draft or a returned submission to `by`, who from now on counts among those who wrote it."""
    permits.check(by, "report.write", submission.body)
    _open_to(submission, State.DRAFT, State.RETURNED)
    submission.writers.add(by)


@transaction.atomic
def revise(*, submission: Submission, by: User, lines: Iterable[Line | Said], on: date) -> Submission:
    """Replace the lines of a draft or of a returned submission: whoever does counts among those who wrote it."""
    _rewrite(submission, by)
    wanted = _columns(lines)
    drafting.check(wanted, body=submission.body, on=on)
    explained = judging.explained(submission)
    submission.lines.all().delete()
    kept.write(submission, wanted)
    judging.judge(submission, on=on, before=explained)
    audit.record(by=by, act="submission.revise", subject=submission.pk, lines=len(wanted))
    return submission


def _named(submission: Submission, lines: Iterable[int] | QuerySet[SubmissionLine]) -> QuerySet[SubmissionLine]:
    """Those of its lines that are named, by number or by a query; lines of other submissions are passed over."""
    found: QuerySet[SubmissionLine] = submission.lines.filter(pk__in=lines if isinstance(lines, QuerySet) else list(lines))
    return found


@transaction.atomic
def give_reason(*, submission: Submission, by: User, lines: Iterable[int] | QuerySet[SubmissionLine], reason: str) -> Submission:
    """Say once why several lines change what their slots say."""
    _rewrite(submission, by)
    told = _named(submission, lines).update(reason=reason.strip())
    audit.record(by=by, act="submission.reason", subject=submission.pk, lines=told)
    return submission


@transaction.atomic
def give_reasons(*, submission: Submission, by: User, reasons: Mapping[int, str]) -> Submission:
    """Say why lines (by id) change what their slots say. Lines of other submissions are passed over."""
    _rewrite(submission, by)
    lines = list(submission.lines.filter(pk__in=reasons))
    for line in lines:
        line.reason = reasons[line.pk].strip()
    SubmissionLine.objects.bulk_update(lines, ["reason"], batch_size=500)
    audit.record(by=by, act="submission.reason", subject=submission.pk, lines=len(lines))
    return submission


@transaction.atomic
def drop(*, submission: Submission, by: User, lines: Iterable[int] | QuerySet[SubmissionLine], on: date) -> Submission:
    """Take lines (by id) out of a draft or a returned submission: what their slots say stays."""
    _rewrite(submission, by)
    gone = _named(submission, lines).delete()[1].get(SubmissionLine._meta.label, 0)
    judging.judge(submission, on=on)
    audit.record(by=by, act="submission.drop", subject=submission.pk, lines=gone)
    return submission


@transaction.atomic
def insist(*, submission: Submission, by: User, lines: Iterable[int] | QuerySet[SubmissionLine], head: int) -> Submission:
    """Keep lines (by id) although their slots have spoken meanwhile: their sender has seen what the slots said at `head`.

    Raises `Refusal` "slot-spoke-again" where one has spoken since.
    """
    _rewrite(submission, by)
    wanted = list(_named(submission, lines).prefetch_related("evidence"))
    before = ledger.standing_entries(_line(line).slot for line in wanted)
    if unseen := sum(seq > head for seq, _, _ in before.values()):
        raise Refusal("slot-spoke-again", count=unseen)
    for line in wanted:
        line.seen = before[_line(line).slot][0] if _line(line).slot in before else 0
    SubmissionLine.objects.bulk_update(wanted, ["seen"], batch_size=500)
    audit.record(by=by, act="submission.insist", subject=submission.pk, lines=len(wanted))
    return submission


@transaction.atomic
def explain(*, finding: SubmissionFinding, by: User, explanation: str, now: datetime) -> SubmissionFinding:
    """Say why a finding is right as it stands; the explanation is kept with it. An empty one takes it back.

    Raises `Refusal` "finding-gone" where the checks have looked again meanwhile and do not find it any more.
    """
    _rewrite(finding.submission, by)
    try:
        finding.refresh_from_db(from_queryset=finding.submission.findings.all())
    except SubmissionFinding.DoesNotExist:
        raise Refusal("finding-gone", explanation=explanation.strip()) from None
    finding.explanation, finding.explained_by, finding.explained_at = explanation.strip(), by, now
    finding.save(update_fields=["explanation", "explained_by", "explained_at"])
    audit.record(by=by, act="submission.explain", subject=finding.submission_id, code=finding.code)
    return finding


def _with_first_wordings(submission: Submission, lines: QuerySet[SubmissionLine]) -> QuerySet[SubmissionLine]:
    """`lines` and the first wordings of the plans that they revise: a revision alone would pass for a first wording."""
    slot = {name: OuterRef(name) for name in ("undertaking", "measure", "kind", "period")}
    revised = Q(Exists(lines.filter(original=False, **slot)), original=True)
    found: QuerySet[SubmissionLine] = submission.lines.filter(Q(pk__in=lines.values("pk")) | revised)
    return found


@transaction.atomic
def part(*, submission: Submission, by: User, lines: Iterable[int] | QuerySet[SubmissionLine]) -> Submission | None:
    """Leave in `submission` only the lines named (by id or by a query); the others move, with their findings, to a draft of their own.

    A plan's revision keeps its first wording beside it. Returns the draft that holds the rest, None when there is no rest.
    Raises `Refusal` "submission-empty" when nothing would stay.
    """
    _rewrite(submission, by)
    staying = _with_first_wordings(submission, _named(submission, lines))
    if not staying.exists():
        raise Refusal("submission-empty")
    leaving = submission.lines.exclude(pk__in=staying.values("pk"))
    if not leaving.exists():
        return None
    rest = Submission.objects.create(
        body=submission.body,
        created_by=by,
        origin=submission.origin,
        period=submission.period,
        upload=submission.upload,
        undoes=submission.undoes,
    )
    rest.writers.set([*submission.writers.all(), submission.created_by])
    moved = leaving.update(submission=rest)
    submission.findings.filter(line__submission=rest).update(submission=rest)
    audit.record(by=by, act="submission.part", subject=submission.pk, rest=rest.pk, lines=moved)
    return rest


@transaction.atomic
def discard(*, submission: Submission, by: User) -> None:
    """Throw away a draft, or what was returned; nothing of it is in the ledger."""
    permits.check(by, "report.write", submission.body)
    _open_to(submission, State.DRAFT, State.RETURNED)
    audit.record(by=by, act="submission.discard", subject=submission.pk)
    submission.delete()


def _ready(submission: Submission, *, on: date) -> None:
    """Raise `Refusal` for what keeps a submission from being sent: nothing in it, a block, a missing explanation or reason, a conflict."""
    if not submission.lines.exists():
        raise Refusal("submission-empty")
    judging.judge(submission, on=on)
    if blocked := submission.findings.filter(weight=Weight.BLOCK).count():
        raise Refusal("finding-blocks", count=blocked)
    if unexplained := submission.findings.filter(weight=Weight.EXPLAIN, explanation="").count():
        raise Refusal("finding-unexplained", count=unexplained)
    _against_ledger(submission)


def _against_ledger(submission: Submission) -> Columns:
    """The lines of a submission that would say something new.

    Raises `Refusal` where a slot has spoken since its writer looked, where a correction lacks its reason, and where a plan that
    has its first wording would be given another.
    """
    lines, _ = kept.read(submission)
    before = ledger.standing_entries(kept.slots(lines))
    firsts = {slot for slot, original in zip(kept.slots(lines), lines.original.tolist(), strict=True) if original} - set(before)
    news = np.zeros(len(lines), dtype=np.bool_)
    for place, (slot, said, seen, original) in enumerate(kept.told(lines)):
        seq, *now = before.get(slot, (0, None, None))
        revises = slot in firsts and not original
        state = states.state(said, now=(now[0], now[1]), seq=seq, seen=None if seen == UNSAID else seen, revises=revises)
        if state == states.SAME:
            continue
        if state == states.CONFLICT:
            raise Refusal("slot-spoke-meanwhile", **_facts(lines, place))
        if original and seq:
            raise Refusal("first-wording-stands", **_facts(lines, place))
        if state == states.CHANGED and not lines.reasons.get(place, "").strip():
            raise Refusal("correction-needs-reason", **_facts(lines, place))
        news[place] = True
    return lines.chosen(news)


def _facts(lines: Columns, place: int) -> dict[str, object]:
    """Which slot a refusal speaks of."""
    line = lines.line(place)
    undertaking = Undertaking.objects.values_list("code", flat=True).get(pk=line.undertaking_id)
    return {"undertaking": undertaking, "measure": line.measure_id, "period": line.period}


@transaction.atomic
def submit(*, submission: Submission, by: User, now: datetime, on: date | None = None) -> Submission:
    """Send a draft, or a returned submission again, to the reviewers.

    Raises `Refusal` "submission-empty", "finding-blocks", "finding-unexplained", "slot-spoke-meanwhile",
    "first-wording-stands" or "correction-needs-reason". `on` is today for the checks; without it the day of `now`.
    """
    permits.check(by, "report.write", submission.body)
    _open_to(submission, State.DRAFT, State.RETURNED)
    _ready(submission, on=on or now.date())
    submission.state, submission.submitted_by, submission.submitted_at = State.SUBMITTED, by, now
    submission.save(update_fields=["state", "submitted_by", "submitted_at"])
    submission.writers.add(by)  # also when it is returned and somebody else sends it again
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
        evidence=tuple(line.evidence.all()) if line.pk else (),
    )


def _append(submission: Submission, lines: Columns, *, by: User, now: datetime) -> Sequence[Entry]:
    """Write the lines that say something new as one batch, a plan's first wording before its revision; no line, no batch."""
    if not len(lines):
        return []
    upload = submission.upload
    submission.batch = Batch.objects.create(
        origin=submission.origin,
        name=(upload.name if upload else str(submission.body))[:200],
        digest=upload.sha256 if upload else "",
        recorded_at=now,
    )
    people = {"submitted_by": submission.submitted_by, "accepted_by": by}
    parts = [
        ledger.append(lines=kept.Lines(lines.chosen(wanted)), batch=submission.batch, now=now, **people)
        for wanted in (lines.original, ~lines.original)
    ]
    return ledger.Written(parts[0].first, sum(map(len, parts)))


@transaction.atomic
def accept(*, submission: Submission, by: User, now: datetime, as_sent: datetime | None = None) -> Sequence[Entry]:
    """Append a submission to the ledger, with both names. What the ledger says already is passed over: accepting it again adds nothing.

    `as_sent` is when what `by` has read was sent. Raises `Refusal` "submission-sent-again" when it was rewritten and sent since,
    "own-submission" for who wrote or sent it, and whatever `submit` would refuse of it by now.
    """
    permits.check(by, "report.review", submission.body)
    _open_to(submission, State.SUBMITTED)
    if as_sent is not None and submission.submitted_at != as_sent:
        raise Refusal("submission-sent-again")
    if submission.is_of(by):
        raise Refusal("own-submission")
    lock()
    lines = _against_ledger(submission)
    drafting.check(lines, body=submission.body, on=date.max)
    entries = _append(submission, lines, by=by, now=now)
    submission.state, submission.reviewed_by, submission.reviewed_at = State.ACCEPTED, by, now
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
) -> Sequence[Entry]:
    """Append lines that two people answer for without a form between them: an imported file, the example.

    Raises `Refusal` "own-submission" when the two are one, and whatever the ledger refuses. Lines that say what the
    ledger says already are passed over; when all do, nothing is written, not even a batch.
    """
    if submitted_by.pk == accepted_by.pk:
        raise Refusal("own-submission")
    composed = ledger.compose(lines)
    if not composed.rows:
        return []
    batch = Batch.objects.create(origin=origin, name=name[:200], digest=digest, recorded_at=now)
    entries = ledger.write(composed, batch=batch, submitted_by=submitted_by, accepted_by=accepted_by, now=now)
    audit.record(by=submitted_by, act=f"ledger.{origin}", subject=name, entries=len(entries), accepted_by=accepted_by.username)
    return entries
