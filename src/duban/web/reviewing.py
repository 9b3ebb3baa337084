"""A reviewer's answers: accept, or return with a reason; and on to the next that waits."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from duban.core.refusals import Refusal
from duban.intake import actions, queue
from duban.people.permits import permit
from duban.web import display, wording
from duban.web.queue import opened, sent_at


def _onward(request: HttpRequest, after: int | None) -> HttpResponse:
    """To the next that waits, else to the queue."""
    left = queue.waiting(request.user).values_list("pk", flat=True)
    numbers = list(left)
    if not numbers:
        messages.success(request, _("Nothing more waits for you."))
        return redirect("web:reports")
    return redirect("web:report", after if after in numbers else numbers[0])


@permit("report.review")
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a submission into the ledger, and go on to the next."""
    submission = opened(request, pk)
    after = queue.neighbours(request.user, pk)[1]
    try:
        entries = actions.accept(submission=submission, by=request.user, now=timezone.now(), as_sent=sent_at(request, "sent"))  # type: ignore[arg-type]
    except Refusal as refusal:
        messages.error(request, wording.told(refusal))
        return redirect("web:report", pk)
    told = {"body": display.told(submission.body), "number": pk, "count": display.number(len(entries))}
    words = ngettext(
        "%(body)s #%(number)s accepted, %(count)s new entry in the ledger.",
        "%(body)s #%(number)s accepted, %(count)s new entries in the ledger.",
        len(entries),
    )
    messages.success(request, words % told)
    return _onward(request, after)


@permit("report.review")
@require_POST
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Return a submission with a reason, chosen or typed, and go on to the next."""
    submission = opened(request, pk)
    after = queue.neighbours(request.user, pk)[1]
    reason = "\n".join(said for said in (*request.POST.getlist("phrase"), request.POST.get("reason", "").strip()) if said)
    try:
        actions.give_back(submission=submission, by=request.user, reason=reason[:2000], now=timezone.now())  # type: ignore[arg-type]
    except Refusal as refusal:
        messages.error(request, wording.told(refusal))
        return redirect("web:report", pk)
    messages.success(request, _("%(body)s #%(number)s returned.") % {"body": display.told(submission.body), "number": pk})
    return _onward(request, after)
