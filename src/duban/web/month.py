"""The reporter's month: one screen for everything that a body reports, kept as it is typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import wraps
from itertools import groupby
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from duban.core import numerals, periods
from duban.core.refusals import Refusal
from duban.intake import forms, reads, typing
from duban.intake.forms import Cell
from duban.intake.models import TypedCell
from duban.people.models import Body
from duban.people.permits import may, permit
from duban.registry.models import Evidence, Measure, Programme, Undertaking
from duban.web import display, wording
from duban.web.context import today
from duban.web.templatetags import review

MONTHS_OFFERED = 6
OPEN_AT_FIRST = 6
COOKIE: Final = "duban_unit_{user}"
CHOSEN: Final = {"yuan": "元", "wan": "万元", "yi": "亿元"}
"""The units of money as addresses and cookies name them."""
A_YEAR = 365 * 24 * 3600
MEANWHILE: Final = frozenset({"typed-meanwhile", "emptied-meanwhile", "sent-meanwhile", "gone-meanwhile"})
LEFT_NAMED = 5


def unit_name(unit: str) -> str:
    """A unit of money in the reader's language."""
    return {"元": _("yuan"), "万元": _("10,000 yuan"), "亿元": _("100 million yuan")}[unit]


# A row of the page


@dataclass(frozen=True, slots=True)
class Row:
    """A cell in the words of its reader, who chose `unit` for money."""

    cell: Cell
    unit: str

    @property
    def asked(self) -> reads.Asked:
        return self.cell.asked

    @property
    def money(self) -> bool:
        return bool(self.asked.measure.unit == forms.MONEY)

    @property
    def unit_name(self) -> str:
        return unit_name(self.unit) if self.money else display.told(self.asked.measure, "unit")

    @property
    def text(self) -> str:
        """What stands in the field."""
        return forms.shown(self.asked.typed.typed, self.asked.measure, self.unit) if self.asked.typed else ""

    @property
    def opened(self) -> bool:
        """Whether what the ledger says, or what waits, is being changed."""
        return self.asked.typed is not None and bool(self.asked.typed.typed)

    @property
    def answered(self) -> bool:
        return self.asked.known is not None or self.asked.waiting is not None

    def value(self, value: Decimal | date | None) -> str:
        """A value in the unit that the reader types in, to the last digit."""
        if isinstance(value, date):
            return display.day(value)
        if value is None or not self.money:
            return display.amount(value, self.asked.measure)
        if display.english():
            return f"¥{display.number(value)}"
        return display.script(display.with_unit(display.number(value / numerals.factor(self.unit, forms.MONEY)), self.unit))

    @property
    def known(self) -> str:
        return self.value(self.asked.known)

    @property
    def waits(self) -> str:
        """What the newest unaccepted line says."""
        line = self.asked.waiting
        if line is None:
            return ""
        return _("withdrawn") if line.withdraws else self.value(line.day if line.amount is None else line.amount)

    @property
    def before(self) -> str:
        entry = self.asked.before
        return self.value(None if entry is None else entry.day or entry.amount)

    @property
    def planned(self) -> str:
        entry = self.asked.planned
        return self.value(None if entry is None else entry.day or entry.amount)

    @property
    def long_ago(self) -> bool:
        """Whether the last report is not that of the month before."""
        before = self.asked.before
        return before is not None and before.period != periods.months_before(self.asked.period, 1)

    @property
    def read(self) -> str:
        """What was typed, as it was read; a bare number that says itself needs no echo."""
        heard = self.cell.heard
        if heard is None or heard.wrong is not None:
            return ""
        if heard.value is None:
            return _("withdrawn")
        if not self.money or not isinstance(heard.value, Decimal):
            return self.value(heard.value)
        number = display.number(heard.value)
        return f"¥{number}" if display.english() else f"{number} 元"

    @property
    def difference(self) -> str:
        """How much more than the last report, with its sign; empty where there is nothing to compare."""
        more = self.cell.difference
        if more is None:
            return ""
        if not more:
            return _("no change")
        return f"{'+' if more > 0 else display.MINUS}{self.value(abs(more))}"

    @property
    def share(self) -> str:
        """The part of the year's plan that is done."""
        told, plan = self.cell.heard, self.asked.planned
        adds_up = self.asked.measure.accumulates == Measure.Accumulates.YEAR
        if told is None or told.amount is None or plan is None or not plan.amount or not adds_up:
            return ""
        return display.percent(told.amount, plan.amount, 1)

    @property
    def wrong(self) -> str:
        return wording.told(self.cell.wrong) if self.cell.wrong else ""

    @property
    def advice(self) -> str:
        """What to type instead of what could not be read."""
        refusal = self.cell.wrong
        if refusal is None or refusal.code not in ("amount-unreadable", "unit-unknown"):
            return ""
        if self.money:
            return _("Write a number such as 1,234.5, or one with its unit: 1,234.5万元.")
        return _("Write only a number, such as 1,234.5.")

    @property
    def findings(self) -> list[str]:
        return [review.found(one) for one in self.cell.findings]

    @property
    def marked(self) -> bool:
        """Whether something about it wants a look."""
        return bool(self.cell.wrong or self.cell.findings or self.cell.spoken_since)

    @property
    def label(self) -> str:
        """Undertaking, measure and unit, for those who hear the page."""
        unit = _("day") if self.asked.holds_day else self.unit_name
        words = (display.told(self.asked.undertaking), display.told(self.asked.measure), unit)
        return (", " if display.english() else "，").join(word for word in words if word)

    @property
    def spoken(self) -> str:
        """The notes in one breath, for a live region."""
        return " ".join(filter(None, [self.read, self.difference, self.wrong, self.advice, *self.findings]))


@dataclass(frozen=True, slots=True)
class Promise:
    """An undertaking with its rows."""

    undertaking: Undertaking
    rows: list[Row]


@dataclass(slots=True)
class Part:
    """A programme with the undertakings that the body reports on, and how far it is filled."""

    programme: Programme
    promises: list[Promise]
    open: bool = False

    @property
    def rows(self) -> list[Row]:
        return [row for promise in self.promises for row in promise.rows]

    @property
    def due(self) -> int:
        return sum(row.asked.due for row in self.rows)

    @property
    def filled(self) -> int:
        return sum(row.asked.due and row.cell.filled for row in self.rows)

    @property
    def marked(self) -> int:
        return sum(row.marked for row in self.rows)


def _parts(cells: Iterable[Cell], unit: str, chosen: str) -> list[Part]:
    """The programmes, one open where few stand there: else the one asked for, else the first that is not complete."""
    rows = [Row(cell, unit) for cell in cells]
    parts = []
    for _pk, of_programme in groupby(rows, key=lambda row: row.asked.undertaking.programme_id):
        promises = [Promise(found[0].asked.undertaking, found) for found in _by_undertaking(of_programme)]
        parts.append(Part(promises[0].undertaking.programme, promises))
    if chosen in {part.programme.code for part in parts}:
        wanted = [part for part in parts if part.programme.code == chosen]
    else:
        wanted = parts if len(parts) <= OPEN_AT_FIRST else [part for part in parts if part.filled < part.due][:1] or parts[:1]
    for part in wanted:
        part.open = True
    return parts


def _by_undertaking(rows: Iterable[Row]) -> list[list[Row]]:
    return [list(found) for _pk, found in groupby(rows, key=lambda row: row.asked.undertaking.pk)]


# What is asked for


def _body(request: HttpRequest, code: str) -> tuple[Body, list[Body]]:
    """The body whose month it is (the one asked for, else the user's first), and all that could be."""
    bodies = reads.reporting(request.user)
    for body in bodies:
        if not code or body.code == code:
            return body, bodies
    raise PermissionDenied("report.write")


def _period(text: str) -> date:
    """The month asked for, else the last that has ended."""
    period = periods.read_period(text) if text else periods.ended_month(today())
    if period > today():
        raise Refusal("period-not-ended", period=period)
    return period


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
    period, unit = _period(request.GET.get("period", "")), _unit(request)
    cells = forms.cells(reads.asked(body, period), on=today())
    parts = _parts(cells, unit, request.GET.get("programme", ""))
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
        "longest": typing.LONGEST,
        "longest_reason": typing.LONGEST_REASON,
    }
    response = render(request, "web/month/page.html", facts)
    if request.GET.get("unit") in CHOSEN:
        response.set_cookie(COOKIE.format(user=request.user.pk), request.GET["unit"], max_age=A_YEAR, samesite="Lax", httponly=True)
    return response


# What the page sends


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


def _number(request: HttpRequest, name: str) -> int:
    sent = request.POST.get(name, "")
    if not sent.isdecimal() or len(sent) > 18:
        raise Http404
    return int(sent)


def _place(request: HttpRequest) -> dict[str, Any]:
    """The slot that the page speaks of."""
    body = get_object_or_404(Body, code=request.POST.get("body", ""))
    if not may(request.user, "report.write", body):
        raise PermissionDenied("report.write")
    wanted = Undertaking.objects.select_related("programme", "lead_body")
    measure = get_object_or_404(Measure, pk=_number(request, "measure")) if request.POST.get("measure") else None
    return {
        "body": body,
        "period": _period(request.POST.get("period", "")),
        "undertaking": get_object_or_404(wanted, pk=_number(request, "undertaking")),
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
            seen=_number(request, "seen"),
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
    evidence = get_object_or_404(Evidence, pk=_number(request, "evidence"), undertaking=place["undertaking"])
    if cell is not None:
        typing.detach_from_cell(cell=cell, evidence=evidence, by=request.user)  # type: ignore[arg-type]
    row = _row(place, forms.unit_of(request.POST.get("unit", "")))
    if row is None:
        raise Http404
    return _told(request, row, told=_("%(name)s is shown here no longer. The undertaking keeps it.") % {"name": evidence.name})


@permit("report.write")
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Make a draft of what was typed, of all programmes or of one, and go on to its preview."""
    body = get_object_or_404(Body, code=request.POST.get("body", ""))
    period, part = _period(request.POST.get("period", "")), request.POST.get("programme", "")
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
                    seen=_number(request, f"seen-{key}"),
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
