"""Reporting and reviewing: a draft, its way to the reviewers, their answer."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duban.core import periods
from duban.core.refusals import Refusal
from duban.intake import actions, forms, reads
from duban.intake.models import Submission
from duban.people.models import Body
from duban.people.permits import appointments, may, permit
from duban.web import wording
from duban.web.context import today

PAGE = 25
MONTHS_OFFERED = 6


@permit("desk.read")
@require_safe
def submissions(request: HttpRequest) -> HttpResponse:
    """What waits, newest first: a reporter's own and what a reviewer has to answer."""
    found = reads.visible(request.user).order_by("-created_at", "-pk")
    state = request.GET.get("state", "")
    if state in Submission.State.values:
        found = found.filter(state=state)
    facts = {
        "here": "submissions",
        "state": state,
        "states": Submission.State.choices,
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "may_report": may(request.user, "report.write"),
    }
    return render(request, "web/reports/submissions.html", facts)


def _body(request: HttpRequest) -> Body:
    """The body that a report is sent for: the one asked for, else the first that the user reports for."""
    bodies = [held.body for held in appointments(request.user) if may(request.user, "report.write", held.body)]
    chosen = request.GET.get("body")
    for body in bodies:
        if not chosen or body.code == chosen:
            return body
    raise PermissionDenied("report.write")


def _period(request: HttpRequest) -> date:
    """The month asked for, else the last that has ended."""
    asked = request.GET.get("period", "")
    return periods.read_period(asked) if asked else periods.ended_month(today())


def _months() -> list[date]:
    last = periods.ended_month(today())
    return [periods.months_before(last, back) for back in range(MONTHS_OFFERED)]


@permit("report.write")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Report for a programme and a month. What the ledger knows already is shown and not asked for again."""
    body, period, programmes = _body(request), _period(request), list(reads.reported_for(request.user))
    programme = next((one for one in programmes if one.code == request.GET.get("programme")), programmes[0] if programmes else None)
    asked = reads.form(programme, body.below(), period) if programme else []
    report = forms.read(asked, request.POST)
    if request.method == "POST" and not report.wrong:
        try:
            submission = actions.draft(body=body, by=request.user, lines=report.lines, on=today())  # type: ignore[arg-type]
            if request.POST.get("then") == "submit":
                actions.submit(submission=submission, by=request.user, now=timezone.now())  # type: ignore[arg-type]
            return redirect("web:report", submission.pk)
        except Refusal as refusal:
            messages.error(request, wording.told(refusal))
    facts = {
        "here": "submissions",
        "body": body,
        "period": period,
        "months": _months(),
        "programme": programme,
        "programmes": programmes,
        "asked": asked,
        "report": report,
        "units": forms.YUAN,
    }
    return render(request, "web/reports/new.html", facts)


def _open(request: HttpRequest, pk: int) -> Submission:
    return get_object_or_404(reads.visible(request.user), pk=pk)


@permit("desk.read")
@require_safe
def submission(request: HttpRequest, pk: int) -> HttpResponse:
    """One submission, each line beside what its slot says now, with what its reader may do about it."""
    chosen = _open(request, pk)
    own = request.user.pk in {chosen.created_by_id, chosen.submitted_by_id}
    waiting, unsent = chosen.state == Submission.State.SUBMITTED, chosen.state in (Submission.State.DRAFT, Submission.State.RETURNED)
    facts: dict[str, Any] = {
        "here": "submissions",
        "submission": chosen,
        "changes": reads.changes(chosen),
        "own": own,
        "may_review": waiting and not own and may(request.user, "report.review", chosen.body),
        "may_send": unsent and may(request.user, "report.write", chosen.body),
    }
    return render(request, "web/reports/submission.html", facts)


@permit("report.write")
@require_POST
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a draft, or a returned submission again."""
    actions.submit(submission=_open(request, pk), by=request.user, now=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("Sent. A reviewer will answer it."))
    return redirect("web:report", pk)


@permit("report.write")
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw away a draft that was never sent."""
    actions.discard(submission=_open(request, pk), by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("The draft was thrown away."))
    return redirect("web:reports")


@permit("report.review")
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a submission into the ledger."""
    entries = actions.accept(submission=_open(request, pk), by=request.user, now=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("Accepted. New entries in the ledger: %(count)s.") % {"count": len(entries)})
    return redirect("web:report", pk)


@permit("report.review")
@require_POST
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Return a submission with a reason."""
    reason = request.POST.get("reason", "")
    actions.give_back(submission=_open(request, pk), by=request.user, reason=reason, now=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("Returned with your reason."))
    return redirect("web:report", pk)
