"""The reporter's month: one screen for everything that a body reports, kept as it is typed."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from duban.core import periods
from duban.core.refusals import Refusal
from duban.intake import forms, reads, typing
from duban.intake.forms import Cell
from duban.people.models import Body
from duban.people.permits import permit
from duban.registry.models import Programme
from duban.web import display, wording
from duban.web.context import today
from duban.web.month_rows import Row, parts_of, unit_name
from duban.web.month_sections import section

MONTHS_OFFERED = 6
COOKIE: Final = "duban_unit_{user}"
CHOSEN: Final = {"yuan": "元", "wan": "万元", "yi": "亿元"}
"""The units of money as addresses and cookies name them."""
A_YEAR = 365 * 24 * 3600
LEFT_NAMED = 5


def _body(request: HttpRequest, code: str) -> tuple[Body, list[Body]]:
    """The body whose month it is (the one asked for, else the user's first), and all that could be."""
    bodies = reads.reporting(request.user)
    for body in bodies:
        if not code or body.code == code:
            return body, bodies
    raise PermissionDenied("report.write")


def asked_period(text: str) -> date:
    """The month asked for, else the last that has ended."""
    period = periods.read_period(text) if text else periods.ended_month(today())
    if period > today():
        raise Refusal("period-not-ended", period=period)
    return period


def sent_number(request: HttpRequest, name: str) -> int:
    """A whole number that the page sent along. Raises `Http404` where it sent none."""
    sent = request.POST.get(name, "")
    if not sent.isdecimal() or len(sent) > 18:
        raise Http404
    return int(sent)


def _unit(request: HttpRequest) -> str:
    """The unit of money that the user chose now, or some other time on this device."""
    asked = request.GET.get("unit", "") or request.COOKIES.get(COOKIE.format(user=request.user.pk), "")
    return CHOSEN.get(asked, forms.USUAL)


def _months(period: date) -> list[date]:
    last = periods.ended_month(today())
    offered = [periods.months_before(last, back) for back in range(MONTHS_OFFERED)]
    return offered if period in offered else [*offered, period]


def address(body: Body, period: date) -> str:
    """Where a body's month stands."""
    when = f"{period:%Y-%m}" if period == periods.month_end(period) else period.isoformat()
    return f"{reverse('web:month')}?{urlencode({'body': body.code, 'period': when})}"


@permit("report.write")
@require_safe
def moved(request: HttpRequest) -> HttpResponse:
    """The form's old address: the month, with whatever was asked for there."""
    query = request.GET.urlencode()
    return redirect(f"{reverse('web:month')}?{query}" if query else reverse("web:month"))


@permit("report.write")
@require_safe
def month(request: HttpRequest) -> HttpResponse:
    """Everything that a body reports for a month. What the ledger knows already is shown and not asked for again."""
    body, bodies = _body(request, request.GET.get("body", ""))
    period, unit = asked_period(request.GET.get("period", "")), _unit(request)
    cells = forms.cells(reads.asked(body, period), on=today())
    parts = parts_of(cells, unit, request.GET.get("programme", ""))
    shown = {"body": body, "period": period, "longest": typing.LONGEST, "longest_reason": typing.LONGEST_REASON}
    for part in parts:
        part.sections = [section(promise, shown) for promise in part.promises]
    facts = {
        "here": "submissions",
        "body": body,
        "bodies": bodies,
        "period": period,
        "months": _months(period),
        "before": periods.months_before(period, 1),
        "parts": parts,
        "due": sum(part.due for part in parts),
        "filled": sum(part.filled for part in parts),
        "unit": unit,
        "units": [(code, unit, unit_name(unit)) for code, unit in CHOSEN.items()],
        "address": address(body, period),
    }
    response = render(request, "web/month/page.html", facts)
    if request.GET.get("unit") in CHOSEN:
        response.set_cookie(COOKIE.format(user=request.user.pk), request.GET["unit"], max_age=A_YEAR, samesite="Lax", httponly=True)
    return response


@permit("report.write")
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Make a draft of what was typed, of all programmes or of one, and go on to its preview."""
    body = get_object_or_404(Body, code=request.POST.get("body", ""))
    period, part = asked_period(request.POST.get("period", "")), request.POST.get("programme", "")
    programme = get_object_or_404(Programme, code=part) if part else None
    by: Any = request.user
    try:
        if not _type_plainly(request, body, period):
            return redirect(address(body, period))
        if request.POST.get("then") == "keep":
            messages.success(request, _("What you typed is kept."))
            return redirect(address(body, period))
        sent = typing.send_month(body=body, period=period, by=by, on=today(), programme=programme)
    except Refusal as refusal:
        messages.error(request, wording.told(refusal))
        return redirect(address(body, period))
    if sent.unread:
        names = [f"{display.told(one.asked.undertaking)} · {display.told(one.asked.measure)}" for one in sent.unread]
        facts = {"count": len(names), "names": wording.fact(names[:LEFT_NAMED])}
        messages.warning(request, _("%(count)s cells could not be read and stay in the month as they were typed: %(names)s.") % facts)
    return redirect("web:report", sent.submission.pk)


def _type_plainly(request: HttpRequest, body: Body, period: date) -> bool:
    """Keep what a browser without scripts sends all at once: the cells (`was-…` tells what stood there) that now say something else.

    One that is refused keeps no other back; it is told with what was typed, and False is returned.
    """
    unit = forms.unit_of(request.POST.get("unit", ""))
    names = [name.removeprefix("was-") for name in request.POST if name.startswith("was-")]
    changed = [
        key
        for key in names
        if (request.POST.get(f"value-{key}", ""), request.POST.get(f"reason-{key}", ""))
        != (request.POST[f"was-{key}"], request.POST.get(f"why-{key}", ""))
    ]
    asked = {one.key: one for one in reads.asked(body, period)} if changed else {}
    kept = True
    for key in changed:
        if one := asked.get(key):
            typed = request.POST.get(f"value-{key}", "")
            try:
                typing.type_cell(
                    body=body,
                    period=period,
                    undertaking=one.undertaking,
                    measure=one.measure,
                    typed=typed,
                    reason=request.POST.get(f"reason-{key}", ""),
                    unit=unit,
                    seen=sent_number(request, f"seen-{key}"),
                    over=[request.POST[f"was-{key}"]],
                    by=request.user,  # type: ignore[arg-type]
                    now=timezone.now(),
                    on=today(),
                )
            except Refusal as refusal:
                kept = False
                facts = {"name": Row(Cell(one), unit).label, "wrong": wording.told(refusal), "typed": typed}
                messages.error(request, _("%(name)s: %(wrong)s You typed “%(typed)s”.") % facts)
    return kept
