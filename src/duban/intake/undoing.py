"""Taking a batch back: a submission that says again what the ledger said before it, which somebody else accepts."""

from __future__ import annotations

from datetime import date, datetime
from os.path import commonpath

from django.db import transaction

from duban.core.refusals import Finding, Refusal
from duban.intake import actions
from duban.intake.lines import Said
from duban.intake.models import Submission, SubmissionFinding
from duban.ledger.actions import Line
from duban.ledger.models import Batch, Entry
from duban.people import permits
from duban.people.models import Body, User

State = Submission.State
Weight = SubmissionFinding.Weight


def body_of(batch: Batch) -> Body | None:
    """The body that sent the batch; for one without a submission, the lowest body over all that it speaks of."""
    sent = Submission.objects.filter(batch=batch).select_related("body").first()
    if sent is not None:
        return sent.body
    paths = list(batch.entries.order_by().values_list("undertaking__lead_body__path", flat=True).distinct())
    return Body.objects.get(path=f"{commonpath(paths)}/") if paths else None


def _before(entries: list[Entry], earlier: dict[int, Entry]) -> dict[tuple[int, int, str, date], tuple[Entry, Entry | None]]:
    """By slot: the batch's last entry there, and the entry that stood before the batch spoke."""
    found: dict[tuple[int, int, str, date], tuple[Entry, Entry | None]] = {}
    for entry in entries:
        slot = (entry.undertaking_id, entry.measure_id, entry.kind, entry.period)
        first = found[slot][1] if slot in found else earlier.get(entry.replaces or 0)
        found[slot] = (entry, first)
    return found


def _restored(batch: Batch, reason: str) -> tuple[list[Said], list[Finding]]:
    """The lines that would take `batch` back, and a finding for each slot that was corrected since."""
    entries = list(batch.entries.select_related("undertaking", "measure").order_by("seq"))
    of_others = Entry.objects.exclude(batch=batch)
    earlier = of_others.in_bulk(list(of_others.filter(seq__in=batch.entries.values("replaces")).values_list("seq", flat=True)))
    corrected = set(of_others.filter(replaces__in=batch.entries.values("seq")).values_list("replaces", flat=True))
    lines: list[Said] = []
    findings: list[Finding] = []
    for last, before in _before(entries, earlier).values():
        if last.seq in corrected:
            facts = {"undertaking": last.undertaking.name, "measure": last.measure.name, "period": last.period}
            findings.append(Finding("corrected-since", facts=facts))
            continue
        amount, day = (before.amount, before.day) if before else (None, None)
        if (amount, day) == (last.amount, last.day):
            continue
        line = Line(last.undertaking_id, last.measure_id, last.kind, last.period, amount=amount, day=day, reason=reason)
        lines.append(Said(line, seen=last.seq))
    return lines, findings


@transaction.atomic
def undo(*, batch: Batch, by: User, reason: str, now: datetime, on: date) -> Submission:
    """Send what would take `batch` back: each of its slots says again what it said before, or is withdrawn.

    Slots that were corrected since are left alone and listed as findings. Nothing is deleted, and nothing changes before
    somebody else accepts. The reason explains whatever the checks ask to have explained; where one of them blocks, the undoing
    stays a draft. Whoever undoes must be allowed to report for the batch's body: reviewing alone is not enough.

    Raises PermissionDenied, or `Refusal` "undo-needs-reason", "undo-waits" or "nothing-to-undo".
    """
    body = body_of(Batch.objects.select_for_update().get(pk=batch.pk))
    if body is None:
        raise Refusal("nothing-to-undo")
    permits.check(by, "report.write", body)
    if not reason.strip():
        raise Refusal("undo-needs-reason")
    if batch.undone_by.filter(state__in=[State.DRAFT, State.SUBMITTED, State.RETURNED]).exists():
        raise Refusal("undo-waits")
    lines, findings = _restored(batch, reason.strip())
    if not lines:
        raise Refusal("nothing-to-undo")
    submission = actions.draft(body=body, by=by, lines=lines, on=on, origin=Submission.Origin.UNDO, findings=findings)
    submission.undoes = batch
    submission.save(update_fields=["undoes"])
    submission.findings.filter(weight=Weight.EXPLAIN).update(explanation=reason.strip(), explained_by=by, explained_at=now)
    if submission.findings.filter(weight=Weight.BLOCK).exists():
        return submission
    return actions.submit(submission=submission, by=by, now=now, on=on)
