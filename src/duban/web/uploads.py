"""Files that are sent in: the place to drop them, how far reading has come, and what came of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from duban.core import periods
from duban.core.refusals import Finding, Refusal
from duban.intake import reads, tasks, uploads
from duban.intake.models import Upload
from duban.people.models import Body
from duban.people.permits import appointments, lead, permit, reach
from duban.registry.serving import served
from duban.web import display, wording
from duban.web.context import today

PAGE = 25
MONTHS_OFFERED = 12
FORGOTTEN: Final = timedelta(seconds=60)
"""After so long at the head of the queue it looks as if nobody read in the background."""
STOP_POLLING: Final = 286
TOLD: Final = ("wrong", "left_out")
"""Counts of what is not in the draft: somebody should see them before the preview."""


def _bodies(user: Any) -> list[Body]:
    """The bodies that `user` reports for, those of their own appointments first."""
    own = {held.body_id for held in appointments(user)}
    return sorted(Body.objects.filter(reach(user, "report.write")), key=lambda body: (body.pk not in own, body.path))


@permit("report.write")
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """Where files are sent in, and what became of earlier ones."""
    bodies = _bodies(request.user)
    if request.method == "POST":
        return _receive(request, bodies)
    last = periods.ended_month(today())
    found = uploads.visible(request.user).filter(body__in=bodies).prefetch_related("submissions").order_by("-sent_at", "-pk")
    facts = {
        "here": "uploads",
        "bodies": bodies,
        "chosen": request.GET.get("body", ""),
        "months": [periods.months_before(last, back) for back in range(MONTHS_OFFERED)],
        "month": request.GET.get("period", ""),
        "megabytes": settings.SET["upload_mb"],
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "web/uploads/listed.html", facts)


def _receive(request: HttpRequest, bodies: list[Body]) -> HttpResponse:
    """Take every file that was chosen, and lead to the one, or to the list of them."""
    code, files = request.POST.get("body") or bodies[0].code, request.FILES.getlist("file")
    body = next((one for one in bodies if one.code == code), None)
    if body is None:
        raise PermissionDenied("report.write")
    if not files:
        messages.error(request, _("Choose a file first."))
        return redirect("web:uploads")
    asked = request.POST.get("period", "")
    period = periods.read_period(asked) if asked else None
    taken = []
    for file in files:
        try:
            taken.append(_taken(request, file, body, period))
        except Refusal as refusal:
            words = wording.told(refusal)
            messages.error(request, words if len(files) == 1 else f"{file.name}: {words}")
    return redirect("web:upload", taken[0].pk) if len(taken) == len(files) == 1 else redirect("web:uploads")


def _taken(request: HttpRequest, file: Any, body: Body, period: date | None) -> Upload:
    """A file, kept; a small one also read."""
    now = timezone.now()
    sent = uploads.receive(stream=file, name=file.name or "", body=body, by=request.user, now=now, period=period)  # type: ignore[arg-type]
    if sent.state == Upload.State.RECEIVED and uploads.at_once(sent):
        sent = uploads.read(upload=sent, now=now, on=today())
    return sent


def _open(request: HttpRequest, pk: int) -> Upload:
    return get_object_or_404(uploads.visible(request.user), pk=pk)


@permit("desk.read")
@require_safe
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """One file: how far reading has come, or what came of it. The page asks for its own middle every second while it is read."""
    found = _open(request, pk)
    going = found.state in uploads.UNFINISHED
    if going:
        uploads.stir(found, now=timezone.now())
    report = reads.visible(request.user).filter(upload=found).order_by("pk").first()
    if report is not None and not any(found.counts.get(name) for name in TOLD):
        return lead(request, reverse("web:report", args=[report.pk]))
    facts = {"here": "uploads", "upload": found, "report": report, "going": going, **_told(found)}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "web/uploads/_upload.html", facts, status=200 if going else STOP_POLLING)
    return render(request, "web/uploads/upload.html", facts)


def _told(found: Upload) -> dict[str, Any]:
    """What the page says of a file, by the state that it is in."""
    if found.state == Upload.State.RECEIVED:
        return _queued(found)
    if found.state == Upload.State.READING:
        return _moving(found)
    if found.state == Upload.State.REFUSED:
        return {"says": wording.told(Refusal(found.refusal["code"], **found.refusal["facts"]))}
    if found.state == Upload.State.ASKING:
        return {"says": _("Nobody has told yet what the columns of this table mean.")}
    notes = [Finding(note["code"], facts=note["facts"], **note["place"]) for note in found.counts.get("notes", [])]
    return {"says": _("The file has been read."), "counts": _counts(found), "notes": notes}


def _queued(found: Upload) -> dict[str, Any]:
    queue = tasks.waiting()
    before = queue.index(found.pk) if found.pk in queue else 0
    forgotten = before == 0 and timezone.now() - uploads.quiet_since(found) > FORGOTTEN
    told = ngettext("Waiting for its turn, behind %(count)s other file.", "Waiting for its turn, behind %(count)s other files.", before)
    return {"says": told % {"count": before} if before else _("Waiting for its turn."), "forgotten": forgotten}


def _moving(found: Upload) -> dict[str, Any]:
    """The words beside the bar; those for a screen reader change only with every tenth of the way."""
    if not found.total:
        return {"says": _("Opening the file."), "words": _("Opening the file.")}
    if found.done >= found.total:
        return {"says": _("Writing the draft."), "words": _("Writing the draft.")}
    share = 100 * found.done // found.total
    facts = {"done": display.number(found.done), "total": display.number(found.total), "percent": share}
    return {
        "says": _("%(percent)s%% read") % {"percent": share // 10 * 10},
        "words": _("%(done)s of %(total)s rows, %(percent)s%%") % facts,
        "share": share,
    }


def _counts(found: Upload) -> list[tuple[str, int]]:
    """What was in a file, those counts that say something."""
    names = {
        "rows": _("rows"),
        "new": _("new values"),
        "changed": _("changed values"),
        "unchanged": _("as in the ledger"),
        "conflict": _("in conflict"),
        "wrong": _("could not be read"),
        "left_out": _("left out"),
    }
    always = ("rows", "unchanged")
    return [
        (words, found.counts[name]) for name, words in names.items() if found.counts.get(name) or (name in always and name in found.counts)
    ]


@permit("desk.read")
@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file as it was sent in."""
    found = _open(request, pk)
    path = uploads.path_of(found)
    return served(request, path, "application/octet-stream", found.name, etag=found.sha256, download=True)
