"""What entered the ledger together, and taking it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from duban.core.refusals import Refusal
from duban.intake import batches, undoing
from duban.intake.models import Submission
from duban.ledger.models import Batch
from duban.people.permits import may, permit
from duban.web import wording
from duban.web.context import today
from duban.web.listing import Counted

PAGE = 25
ENTRIES = 100
State = Submission.State


@permit("desk.read")
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Every batch within reach, the newest first."""
    page = Counted(batches.visible(request.user), PAGE).get_page(request.GET.get("page"))
    shown = list(page)
    page.object_list = shown
    facts = {"here": "submissions", "page": page, "tallies": batches.tallies(shown)}
    return render(request, "web/batches/batches.html", facts)


def _opened(request: HttpRequest, pk: int) -> Batch:
    found: Batch = get_object_or_404(batches.visible(request.user), pk=pk)
    return found


def entries_of(request: HttpRequest, batch: Batch) -> dict[str, Any]:
    """A page of a batch's entries, each with what its slot said before and since."""
    page = Counted(batches.entries(batch, request.user), ENTRIES).get_page(request.GET.get("page"))
    shown = list(page)
    page.object_list = shown
    others = batches.before_and_since(shown)
    rows = [{"entry": one, "before": others.get(one.replaces or 0), "since": others.get(one.replaced_by or 0)} for one in shown]
    return {"page": page, "rows": rows}


@permit("desk.read")
@require_safe
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """One batch: where it came from, its entries, what has become of them, and the way back."""
    chosen = _opened(request, pk)
    tally = batches.tallies([chosen])[chosen.pk]
    waits = [one for one in chosen.undoings if one.state in batches.WAITING]
    body = undoing.body_of(chosen)
    facts = {
        "here": "submissions",
        "batch": chosen,
        "body": body,
        "tally": tally,
        "waits": waits,
        "undone": [one for one in chosen.undoings if one.state == State.ACCEPTED],
        "left": tally.entries - tally.corrected - tally.withdrawn,
        "may_undo": not waits and body is not None and may(request.user, "report.write", body),
        **entries_of(request, chosen),
    }
    return render(request, "web/batches/batch.html", facts)


@permit("report.write")
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Send what would take a batch back; somebody else accepts it."""
    chosen, reason = _opened(request, pk), request.POST.get("reason", "")
    try:
        submission = undoing.undo(batch=chosen, by=request.user, reason=reason, now=timezone.now(), on=today())  # type: ignore[arg-type]
    except Refusal as refusal:
        messages.error(request, wording.told(refusal))
        return redirect("web:batch", pk)
    if submission.state == State.DRAFT:
        messages.warning(request, _("The undoing is not sent yet: look at its findings first."))
    else:
        messages.success(request, _("The undoing was sent. It changes the ledger once somebody else has accepted it."))
    return redirect("web:report", submission.pk)
