"""The queue of reports: what waits for a reviewer, and what has become of a reporter's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from duban.core import periods
from duban.core.refusals import Refusal
from duban.intake import queue, reviewing
from duban.intake.models import Submission
from duban.people.models import Body
from duban.people.permits import may, permit, reach
from duban.registry.models import Programme
from duban.web import display, wording
from duban.web.context import today
from duban.web.listing import Counted, simplified

PAGE = 50
MONTHS_OFFERED = 12
State = Submission.State


def asked(request: HttpRequest) -> queue.Asked:
    """What the address asks for. A reviewer who asks for no state is shown what waits, everybody else everything."""
    said = {name: request.GET.get(name, "").strip() for name in ("state", "body", "programme", "period", "q")}
    usual = State.SUBMITTED if may(request.user, "report.review") else ""
    try:
        period = periods.read_period(said["period"]) if said["period"] else None
    except Refusal:
        period = None
    state = said["state"] if said["state"] in (*State.values, "all") else usual
    return queue.Asked("" if state == "all" else state, said["body"], said["programme"], period, simplified(said["q"][:100]))


def keys() -> list[tuple[str, str]]:
    """The keys that the queue answers to."""
    return [("j", _("Next report")), ("k", _("Previous report")), ("x", _("Select or unselect it"))]


def review_keys() -> list[tuple[str, str]]:
    """The keys that a report under review answers to."""
    return [("a", _("Accept into the ledger")), ("r", _("Return")), ("j", _("Next report")), ("k", _("Previous report"))]


def phrases() -> list[str]:
    """The reasons for which most reports are returned, to be chosen instead of typed."""
    return [
        _("The evidence is missing or does not show what is reported."),
        _("The amount does not agree with the evidence."),
        _("Please explain why it changed so much."),
        _("Is the unit right? Yuan or ten thousand yuan?"),
        _("Please check the period."),
    ]


def numbers(words: Iterable[str]) -> list[int]:
    """Those of `words` that number a row; a browser sends no others."""
    return [int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 19]


def sent_at(request: HttpRequest, name: str) -> datetime | None:
    """When the report was sent that the reader has before them, as the field `name` of their page says; None where it does not say."""
    try:
        return datetime.fromisoformat(request.POST.get(name, ""))
    except ValueError:
        return None


def opened(request: HttpRequest, pk: int) -> Submission:
    """A submission that its reader may open; for everybody else it does not exist."""
    found: Submission = get_object_or_404(queue.visible(request.user).select_related("batch", "undoes"), pk=pk)
    return found


def _choices(request: HttpRequest) -> dict[str, Any]:
    """What a reader may filter by."""
    reached = Body.objects.filter(reach(request.user, "report.write") | reach(request.user, "report.review"))
    last = periods.ended_month(today())
    return {
        "bodies": reached.filter(submissions__isnull=False).distinct(),
        "programmes": Programme.objects.filter(undertakings__lead_body__in=reached).distinct(),
        "months": [periods.months_before(last, back) for back in range(MONTHS_OFFERED)],
    }


@permit("desk.read")
@require_safe
def submissions(request: HttpRequest) -> HttpResponse:
    """What waits for whoever looks, findings first, the longest wait next; and everything else that they sent or answered."""
    chosen = asked(request)
    found, counted = queue.asked_for(request.user, chosen)
    total = counted[chosen.state] if chosen.state else sum(counted.values())
    page = Counted(found, PAGE, total).get_page(request.GET.get("page"))
    shown = list(page)
    extents = queue.extents(shown)
    page.object_list = [_row(request, submission, extents.get(submission.pk, queue.Extent())) for submission in shown]
    facts = {
        "here": "submissions",
        "asked": chosen,
        "state": chosen.state or "all",
        "states": [(value, name, counted[value]) for value, name in State.choices],
        "total": sum(counted.values()),
        "page": page,
        "may_report": may(request.user, "report.write"),
        "may_review": may(request.user, "report.review"),
        "selectable": any(row.free for row in page),
        "page_keys": keys(),
        **_choices(request),
    }
    return render(request, "web/reports/queue.html", facts)


@permit("report.write")
@require_safe
def owed(request: HttpRequest) -> HttpResponse:
    """What its reader still has to report, as a part that the queue fetches after itself."""
    return render(request, "web/calendars/_mine.html")


@dataclass(frozen=True, slots=True)
class Row:
    """One submission in the queue. `free` is one that its reader may accept without opening it."""

    submission: Submission
    extent: queue.Extent
    own: bool
    free: bool
    weight: str

    @property
    def answered(self) -> bool:
        """Whether what had to be explained is explained: nothing else is sent."""
        return self.submission.state in (State.SUBMITTED, State.ACCEPTED)


def _row(request: HttpRequest, submission: Any, extent: queue.Extent) -> Row:
    """A submission waits, has no finding and is not one's own: then nothing has to be read before it is accepted."""
    own = submission.is_of(request.user)
    waits = submission.state == State.SUBMITTED and may(request.user, "report.review", submission.body)
    weight = queue.WEIGHTS[submission.worst - 1] if submission.worst else ""
    return Row(submission, extent, own, waits and not own and not submission.finding_count, weight)


def back(request: HttpRequest) -> str:
    """The queue as its reader had filtered it."""
    asked = request.POST.get("back", "")
    return asked if asked.startswith("?") and url_has_allowed_host_and_scheme(asked, None) else ""


@permit("report.review")
@require_POST
def accept_all(request: HttpRequest) -> HttpResponse:
    """Accept everything that was selected and has no finding; what is refused is named, with the reason."""
    wanted = numbers(request.POST.getlist("submission"))
    chosen = queue.visible(request.user).filter(pk__in=wanted).order_by("submitted_at", "pk")
    as_sent = {pk: sent_at(request, f"sent-{pk}") for pk in wanted}
    answered = reviewing.accept_all(submissions=chosen, by=request.user, now=timezone.now(), as_sent=as_sent)  # type: ignore[arg-type]
    if answered.accepted:
        words = ngettext(
            "Accepted: %(count)s report, new entries in the ledger: %(entries)s.",
            "Accepted: %(count)s reports, new entries in the ledger: %(entries)s.",
            len(answered.accepted),
        )
        told = {"count": display.number(len(answered.accepted)), "entries": display.number(answered.entries)}
        messages.success(request, words % told)
    for submission, refusal in answered.refused:
        messages.error(request, f"{display.told(submission.body)} #{submission.pk}: {wording.told(refusal)}")
    if not wanted:
        messages.error(request, _("Select the reports first."))
    return redirect(f"{request.path.removesuffix('accept/')}{back(request)}")
