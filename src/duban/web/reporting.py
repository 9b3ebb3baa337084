"""The page of one report: its writer's preview by cell, its reviewer's differences, and what its writer may do with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from duban.core.refusals import Refusal
from duban.intake import actions, previews, queue
from duban.intake.models import Submission, SubmissionFinding, SubmissionLine
from duban.ledger import reads as ledger
from duban.people.permits import may, permit
from duban.web import batching, kept, wording
from duban.web.context import today
from duban.web.listing import Counted
from duban.web.queue import back, numbers, opened, phrases, review_keys

PAGE = 100
WRONG_SHOWN = 10
State = Submission.State
UNSENT = (State.DRAFT, State.RETURNED)
MARKED, WRONG = "marked", "wrong"


def _chips(counts: dict[str, int], weighed: previews.Weighed, state: str) -> list[tuple[str, str, int]]:
    """The filters that find something, and the one that is chosen."""
    every = sum(counts[one] for one in previews.STATES)
    chips = [
        ("", _("All lines"), every),
        (MARKED, _("With findings"), weighed.lines),
        (previews.CONFLICT, _("Conflict"), counts[previews.CONFLICT]),
        (previews.UNREASONED, _("Reason missing"), counts[previews.UNREASONED]),
        (previews.CHANGED, _("Change"), counts[previews.CHANGED]),
        (previews.NEW, _("New"), counts[previews.NEW]),
        (previews.SAME, _("Says so already"), counts[previews.SAME]),
        (WRONG, _("Not read"), weighed.wrong),
    ]
    return [chip for chip in chips if chip[2] or chip[0] in ("", state)]


def _counts(submission: Submission) -> dict[str, int]:
    """The lines of a submission by state, counted again only when a line or the ledger has changed: there may be a million."""
    return kept.value(lambda: previews.counts(submission), "states", *previews.stamp(submission))


def _lines_of(submission: Submission, state: str) -> QuerySet[SubmissionLine]:
    """The lines behind a chip."""
    if state == MARKED:
        return previews.lines(submission).filter(findings__isnull=False).distinct()
    return previews.lines(submission, state)


def _shown(request: HttpRequest, submission: Submission, counts: dict[str, int], weighed: previews.Weighed) -> dict[str, Any]:
    """One page of cells, or of what could not be read."""
    state, number = request.GET.get("state", ""), request.GET.get("page")
    if state == WRONG:
        page = Counted(previews.loose(submission, wrong=True), PAGE, weighed.wrong).get_page(number)
        return {"state": state, "page": page, "wrong": page, "cells": []}
    wanted = previews.FindingsFirst(submission, state, marked_only=state == MARKED)
    total = weighed.lines if state == MARKED else counts.get(state, sum(counts[one] for one in previews.STATES))
    page = Counted(wanted, PAGE, total).get_page(number)
    first = not state and page.number == 1
    wrong = previews.loose(submission, wrong=True)[:WRONG_SHOWN] if first and weighed.wrong else []
    return {"state": state, "page": page, "wrong": wrong, "cells": previews.cells(list(page.object_list))}


def _review(request: HttpRequest, submission: Submission) -> dict[str, Any]:
    """What a reviewer needs beside the lines: whether it is theirs to answer, what comes next, and the usual reasons."""
    own = submission.is_of(request.user)
    reviews = submission.state == State.SUBMITTED and may(request.user, "report.review", submission.body)
    if not reviews or own:
        return {"own": own, "reviews": reviews, "may_review": False}
    previous, after, waiting = queue.neighbours(request.user, submission.pk)
    turns = {"previous": previous, "after": after, "waiting": waiting}
    return {"own": own, "reviews": True, "may_review": True, **turns, "phrases": phrases(), "page_keys": review_keys()}


@permit("desk.read")
@require_safe
def submission(request: HttpRequest, pk: int) -> HttpResponse:
    """One submission: each line beside what its slot says now, with what its reader may do about it."""
    chosen = opened(request, pk)
    facts: dict[str, Any] = {"here": "submissions", "submission": chosen, "weighed": previews.weighed(chosen)}
    if chosen.state == State.ACCEPTED:
        accepted = {"about": previews.told(chosen)[:PAGE], "rows": []}
        entered = batching.entries_of(request, chosen.batch) if chosen.batch else {}
        return render(request, "web/reports/accepted.html", facts | accepted | entered)
    head, counts = ledger.head(), _counts(chosen)
    facts |= {
        "counts": counts,
        "head": head,
        "read": chosen.upload.counts if chosen.upload else {},
        "about": previews.loose(chosen, wrong=False)[:PAGE] if facts["weighed"].loose > facts["weighed"].wrong else [],
        "may_write": chosen.state in UNSENT and may(request.user, "report.write", chosen.body),
        **_shown(request, chosen, counts, facts["weighed"]),
        **_review(request, chosen),
    }
    facts["chips"] = _chips(counts, facts["weighed"], facts["state"])
    return render(request, "web/reports/report.html", facts)


def _numbered(request: HttpRequest, prefix: str) -> dict[int, str]:
    """What was typed into the inputs whose names begin with `prefix`, by the number that follows."""
    named = [name.removeprefix(prefix) for name in request.POST if name.startswith(prefix)]
    return {number: request.POST[f"{prefix}{number}"].strip() for number in numbers(named) if f"{prefix}{number}" in request.POST}


def _keep(request: HttpRequest, submission: Submission) -> None:
    """Keep the reasons and explanations that were typed, those that say something else than is kept.

    What explains a finding that is gone is refused ("finding-gone") once the others are kept.
    """
    typed = _numbered(request, "reason-")
    kept = dict(submission.lines.filter(pk__in=typed).values_list("pk", "reason"))
    reasons = {pk: text for pk, text in typed.items() if kept.get(pk, text) != text}
    if reasons:
        actions.give_reasons(submission=submission, by=request.user, reasons=reasons)  # type: ignore[arg-type]
    explained = _numbered(request, "explanation-")
    for finding in SubmissionFinding.objects.filter(submission=submission, pk__in=explained):
        text = explained.pop(finding.pk)
        if finding.explanation != text:
            actions.explain(finding=finding, by=request.user, explanation=text, now=timezone.now())  # type: ignore[arg-type]
    if lost := [text for text in explained.values() if text]:
        raise Refusal("finding-gone", explanation=lost)


def _chosen(request: HttpRequest, submission: Submission) -> list[int] | QuerySet[SubmissionLine]:
    """The lines that were selected: the one whose button was pressed, those ticked, or all that the filter shows, on every page."""
    if only := request.POST.get("only", ""):
        return numbers([only])
    if request.POST.get("scope") == "all":
        return _lines_of(submission, request.POST.get("state", ""))
    return numbers(request.POST.getlist("line"))


def _acted(request: HttpRequest, pk: int, act: Callable[[Submission], str]) -> HttpResponse:
    """Keep what was typed, do what was asked, say so or why not, and show the page again as it was filtered."""
    submission = opened(request, pk)
    try:
        _keep(request, submission)
        told = act(submission)
    except Refusal as refusal:
        messages.error(request, wording.told(refusal))
        if not Submission.objects.filter(pk=pk).exists():
            return redirect("web:reports")
    else:
        if told:
            messages.success(request, told)
    return redirect(f"{reverse('web:report', args=[pk])}{back(request)}")


def _with_chosen(request: HttpRequest, act: Callable[..., Any], submission: Submission, **more: Any) -> bool:
    """Do something with the selected lines; False, and a word about it, when none is selected."""
    lines = _chosen(request, submission)
    if not (lines.exists() if isinstance(lines, QuerySet) else lines):
        messages.error(request, _("Select the lines first."))
        return False
    act(submission=submission, by=request.user, lines=lines, **more)
    return True


@permit("report.write")
@require_POST
def typed(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep reasons and explanations while they are typed."""
    if not request.htmx:  # type: ignore[attr-defined]
        return _acted(request, pk, lambda submission: _("Saved."))
    submission = opened(request, pk)
    facts: dict[str, Any] = {"submission": submission, "may_write": True}
    try:
        _keep(request, submission)
    except Refusal as refusal:
        if refusal.code in ("finding-gone", "submission-in-another-state"):
            messages.error(request, wording.told(refusal))
            return HttpResponseClientRefresh()  # type: ignore[no-any-return]
        facts["refusal"] = refusal
    facts |= {"counts": _counts(submission), "weighed": previews.weighed(submission)}
    return render(request, "web/reports/_typed.html", facts)


@permit("report.write")
@require_POST
def reason(request: HttpRequest, pk: int) -> HttpResponse:
    """One reason for all selected lines."""
    told = request.POST.get("reason", "").strip()[:500]

    def act(submission: Submission) -> str:
        return _("Saved.") if _with_chosen(request, actions.give_reason, submission, reason=told) else ""

    return _acted(request, pk, act)


@permit("report.write")
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave the selected lines out: what their slots say stays."""

    def act(submission: Submission) -> str:
        return _("Left out: the ledger keeps what it says.") if _with_chosen(request, actions.drop, submission, on=today()) else ""

    return _acted(request, pk, act)


def _head(request: HttpRequest) -> int:
    """The ledger's last entry when the page was shown; 0, which has seen nothing, where none is told."""
    return next(iter(numbers([request.POST.get("head", "")])), 0)


@permit("report.write")
@require_POST
def insist(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the selected lines although something else was accepted meanwhile."""

    def act(submission: Submission) -> str:
        kept = _with_chosen(request, actions.insist, submission, head=_head(request))
        return _("Kept: yours will replace what was accepted meanwhile. Give the reason.") if kept else ""

    return _acted(request, pk, act)


def _submit(request: HttpRequest, submission: Submission) -> str:
    actions.submit(submission=submission, by=request.user, now=timezone.now(), on=today())  # type: ignore[arg-type]
    return _("Sent. A reviewer will answer it.")


@permit("report.write")
@require_POST
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a draft, or a returned submission again."""
    return _acted(request, pk, lambda submission: _submit(request, submission))


@permit("report.write")
@require_POST
def part(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the selected lines; the others stay behind as a draft of their own."""

    told: list[str] = []

    def part_and_send(*, submission: Submission, **chosen: Any) -> None:
        with transaction.atomic():
            rest = actions.part(submission=submission, **chosen)
            told.append(_submit(request, submission))
        if rest is not None:
            words = _("The lines that stay behind are a draft of their own: #%(number)s.") % {"number": rest.pk}
            told.append(words)

    def act(submission: Submission) -> str:
        _with_chosen(request, part_and_send, submission)
        return " ".join(told)

    return _acted(request, pk, act)


@permit("report.write")
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw away what was never accepted."""
    actions.discard(submission=opened(request, pk), by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("The draft was thrown away."))
    return redirect("web:reports")
