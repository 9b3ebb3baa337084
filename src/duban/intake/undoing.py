"""Taking a batch back: a submission that says again what the ledger said before it, which somebody else accepts."""

from __future__ import annotations

from datetime import date, datetime
from os.path import commonpath

from django.db import transaction

from duban.core.refusals import Finding, Refusal
from duban.intake import actions
from duban.intake.lines import Said
from duban.intake.models import Submission
from duban.ledger.actions import Line
from duban.ledger.models import Batch, Entry
from duban.people.models import Body, User

State = Submission.State


def _body(batch: Batch) -> Body:
    """The body that sent the batch; for one without a submission, the lowest body over all that it speaks of."""
    sent = Submission.objects.filter(batch=batch).select_related("body").first()
    if sent is not None:
        return sent.body
    paths = list(batch.entries.values_list("undertaking__lead_body__path", flat=True).distinct())
    return Body.objects.get(path=f"{commonpath(paths)}/")


def _before(entries: list[Entry], earlier: dict[int, Entry]) -> dict[tuple[int, int, str, date], tuple[Entry, Entry | None]]:
    """By slot: the batch's last entry there, and the entry that stood before the batch spoke."""
    found: dict[tuple[int, int, str, date], tuple[Entry, Entry | None]] = {}
    for entry in entries:
        slot = (entry.undertaking_id, entry.measure_id, entry.kind, entry.period)
        first = found[slot][1] if slot in found else earlier.get(entry.replaces or 0)
        found[slot] = (entry, first)
    return found


@transaction.atomic
def undo(*, batch: Batch, by: User, reason: str, now: datetime, on: date) -> Submission:
    """Send what would take `batch` back: each of its slots says again what it said before, or is withdrawn.

    Slots that were corrected since are left alone and listed as findings. Nothing is deleted, and nothing changes before
    somebody else accepts. Raises PermissionDenied, or `Refusal` "undo-needs-reason", "undo-waits" or "nothing-to-undo".
    """
    if not reason.strip():
        raise Refusal("undo-needs-reason")
    if batch.undone_by.filter(state__in=[State.DRAFT, State.SUBMITTED, State.RETURNED]).exists():
        raise Refusal("undo-waits")
    entries = list(batch.entries.select_related("undertaking", "measure").order_by("seq"))
    mine = {entry.seq for entry in entries}
    earlier = Entry.objects.in_bulk({entry.replaces for entry in entries if entry.replaces} - mine)
    corrected = set(Entry.objects.filter(replaces__in=mine).exclude(seq__in=mine).values_list("replaces", flat=True))
    lines: list[Said] = []
    findings: list[Finding] = []
    for last, before in _before(entries, earlier).values():
        if last.seq in corrected:
            facts = {"undertaking": last.undertaking.code, "measure": last.measure.name, "period": last.period}
            findings.append(Finding("corrected-since", facts=facts))
            continue
        amount, day = (before.amount, before.day) if before else (None, None)
        if (amount, day) == (last.amount, last.day):
            continue
        line = Line(last.undertaking_id, last.measure_id, last.kind, last.period, amount=amount, day=day, reason=reason)
        lines.append(Said(line, seen=last.seq))
    if not lines:
        raise Refusal("nothing-to-undo")
    body = _body(batch)
    submission = actions.draft(body=body, by=by, lines=lines, on=on, origin=Submission.Origin.UNDO, findings=findings)
    submission.undoes = batch
    submission.save(update_fields=["undoes"])
    return actions.submit(submission=submission, by=by, now=now, on=on)
