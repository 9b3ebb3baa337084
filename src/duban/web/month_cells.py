"""What the reporter's month sends while it is typed: one cell, one file, and what the row says then."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from duban.core.refusals import Refusal
from duban.intake import forms, reads, typing
from duban.intake.models import TypedCell
from duban.people.models import Body
from duban.people.permits import may, permit
from duban.registry.models import Evidence, Measure, Undertaking
from duban.web import wording
from duban.web.context import today
from duban.web.month import asked_period, sent_number
from duban.web.month_rows import Row

MEANWHILE: Final = frozenset({"typed-meanwhile", "emptied-meanwhile", "sent-meanwhile", "gone-meanwhile"})


def _answers(view: Callable[[HttpRequest, dict[str, Any]], JsonResponse]) -> Callable[[HttpRequest], JsonResponse]:
    """A view of one slot. Refusals become a sentence with status 409; who is signed in as somebody else than the page's reader
    changes nothing.
    """

    @wraps(view)
    def answer(request: HttpRequest) -> JsonResponse:
        try:
            place = _place(request)
            if request.POST.get("user") != str(request.user.pk):
                raise Refusal("another-user")
            return view(request, place)
        except Refusal as refusal:
            return JsonResponse({"code": refusal.code, "wrong": wording.told(refusal)}, status=409)

    return answer


def _place(request: HttpRequest) -> dict[str, Any]:
    """The slot that the page speaks of."""
    body = get_object_or_404(Body, code=request.POST.get("body", ""))
    if not may(request.user, "report.write", body):
        raise PermissionDenied("report.write")
    wanted = Undertaking.objects.select_related("programme", "lead_body")
    measure = get_object_or_404(Measure, pk=sent_number(request, "measure")) if request.POST.get("measure") else None
    return {
        "body": body,
        "period": asked_period(request.POST.get("period", "")),
        "undertaking": get_object_or_404(wanted, pk=sent_number(request, "undertaking")),
        "measure": measure,
    }


def _row(place: dict[str, Any], unit: str) -> Row | None:
    """The slot as the page shows it now; None once it has left the month."""
    found = reads.asked(place["body"], place["period"], undertaking=place["undertaking"].pk, measure=place["measure"].pk)
    return next((Row(cell, unit) for cell in forms.cells(found, on=today())), None)


def _told(request: HttpRequest, row: Row, **more: Any) -> JsonResponse:
    """A row's new notes and files, and what the page counts by."""
    facts = {"row": row}
    return JsonResponse(
        {
            "notes": render_to_string("web/month/_notes.html", facts, request),
            "files": render_to_string("web/month/_files.html", facts, request),
            "typed": row.asked.typed.typed if row.asked.typed else "",
            "filled": row.cell.filled,
            "wrong": bool(row.cell.wrong),
            "marked": row.marked,
            "spoken": row.spoken,
            **more,
        }
    )


@permit("report.write")
@require_POST
@_answers
def cell(request: HttpRequest, place: dict[str, Any]) -> JsonResponse:
    """Keep one cell as it stands, and say how it was read; what a colleague left there meanwhile is told, not overwritten."""
    unit = forms.unit_of(request.POST.get("unit", ""))
    if place["measure"] is None:
        raise Http404
    told = {name: request.POST.get(name, "") for name in ("typed", "reason")}
    try:
        typing.type_cell(
            **place,
            **told,
            unit=unit,
            seen=sent_number(request, "seen"),
            over=request.POST.getlist("over") or [""],
            by=request.user,  # type: ignore[arg-type]
            now=timezone.now(),
            on=today(),
        )
    except Refusal as refusal:
        if refusal.code not in MEANWHILE:
            raise
        return _clash(request, refusal, place["measure"], unit)
    row = _row(place, unit)
    if row is None:
        raise Http404
    return _told(request, row)


def _clash(request: HttpRequest, refusal: Refusal, measure: Measure, unit: str) -> JsonResponse:
    theirs = refusal.facts["typed"]
    facts = {
        "words": wording.told(refusal),
        "theirs": forms.shown(theirs, measure, unit),
        "mine": request.POST.get("typed", ""),
        "stands": theirs,
        "submission": refusal.facts.get("submission"),
    }
    shown = render_to_string("web/month/_clash.html", facts, request)
    return JsonResponse({"code": refusal.code, "clash": shown, "stands": theirs, "spoken": facts["words"]}, status=409)


@permit("report.write")
@require_POST
@_answers
def attach(request: HttpRequest, place: dict[str, Any]) -> JsonResponse:
    """Keep a file as evidence of an undertaking and show it in a cell."""
    file = request.FILES.get("file")
    if file is None:
        raise Refusal("file-empty")
    by, name = request.user, file.name or "file"
    try:
        attached = typing.attach_to_cell(**place, name=name, content=file, by=by, now=timezone.now(), on=today())  # type: ignore[arg-type]
    except Refusal as refusal:
        if refusal.code != "evidence-there-already":
            raise
        words = wording.told(refusal)  # sent a second time, perhaps because the first answer was lost: the row shows that it is here
    else:
        told = _("%(name)s was added.") if attached.new else _("%(name)s is here already; it is shown in this cell and not kept twice.")
        words = told % {"name": attached.evidence.name}
    if place["measure"] is None:
        return JsonResponse({"told": words})
    row = _row(place, forms.unit_of(request.POST.get("unit", "")))
    assert row is not None
    return _told(request, row, told=words)


@permit("report.write")
@require_POST
@_answers
def detach(request: HttpRequest, place: dict[str, Any]) -> JsonResponse:
    """Show a file in a cell no longer."""
    if place["measure"] is None:
        raise Http404
    cell = TypedCell.objects.filter(**place).select_related("body", "undertaking", "measure").first()
    evidence = get_object_or_404(Evidence, pk=sent_number(request, "evidence"), undertaking=place["undertaking"])
    if cell is not None:
        typing.detach_from_cell(cell=cell, evidence=evidence, by=request.user)  # type: ignore[arg-type]
    row = _row(place, forms.unit_of(request.POST.get("unit", "")))
    if row is None:
        raise Http404
    return _told(request, row, told=_("%(name)s is shown here no longer. The undertaking keeps it.") % {"name": evidence.name})
