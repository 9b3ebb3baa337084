"""The pages of the reporting calendar: a programme's lines, the board of who is late, and what a reporter still owes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, reduce
from operator import or_
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duban.core import periods
from duban.intake import calendar
from duban.intake.calendar import Expected, delivering, reminding, scheduling
from duban.intake.models import Calendar, Message, Reminder
from duban.people.models import Appointment, Body
from duban.people.permits import appointments, check, may, permit, reach
from duban.registry import holidays
from duban.registry.forms import RefusableForm
from duban.registry.models import Measure, Programme
from duban.web import display
from duban.web.context import today
from duban.web.queue import numbers

PAGE: Final = 100
MONTHS_OFFERED: Final = 6
SHOWN_AHEAD: Final = 3
MINE_SHOWN: Final = 8

STATES: Final = {
    "late": lazy("late"),
    "soon": lazy("due soon"),
    "open": lazy("not due yet"),
    "sent": lazy("all sent, in review"),
    "done": lazy("done"),
}
HOLIDAYS: Final = {
    "new_years_day": lazy("New Year's Day"),
    "spring_festival": lazy("Spring Festival"),
    "tomb_sweeping_day": lazy("Tomb-sweeping Day"),
    "labour_day": lazy("Labour Day"),
    "dragon_boat_festival": lazy("Dragon Boat Festival"),
    "national_day": lazy("National Day"),
    "mid_autumn_festival": lazy("Mid-autumn Festival"),
    "anti_fascist_70th_day": lazy("Victory Day"),
}


# The board


@dataclass(frozen=True, slots=True)
class Shown:
    """A row of the board, or of a reporter's list, with what its reader may do about it."""

    row: Expected
    told: Reminder | None
    may_chase: bool
    page: str

    @property
    def state(self) -> str:
        """The state in words; what was done late says so."""
        return str(_("done late") if self.row.state == "done" and self.row.late_by else STATES[self.row.state])

    @property
    def tone(self) -> str:
        """How the state is drawn."""
        late = {"late": "chip-red", "soon": "chip-amber"}
        return late.get(self.row.state, "")


def _shown(rows: list[Expected], user: Any) -> list[Shown]:
    told, on = reminding.last_reminders(rows), today()
    shown = []
    for row in rows:
        last = told.get((row.line.pk, row.body.pk, row.period))
        open_to_chase = row.missing > 0 and (last is None or last.on != on)
        chased = open_to_chase and may(user, scheduling.ACT, row.body)
        shown.append(Shown(row=row, told=last, may_chase=chased, page=_page(row, user)))
    return shown


def _page(row: Expected, user: Any) -> str:
    """Where a row leads: its reporters to the month that they fill in, everybody else to what the body answers for."""
    if may(user, "report.write", row.body):
        return delivering.page_of(row.body, row.period)
    return f"{reverse('web:undertakings')}?{urlencode({'body': row.body.code, 'programme': row.line.programme.code})}"


def _months() -> list[date]:
    last = periods.ended_month(today())
    return [periods.months_before(last, back) for back in range(MONTHS_OFFERED)]


@permit("desk.read")
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Who is late: everything that is overdue now, or all that was asked for one period, worst first."""
    chosen = request.GET.get("period", "")
    period = periods.read_period(chosen) if chosen else None
    bodies = Body.objects.filter(reach(request.user, "desk.read"))
    rows = calendar.expected(on=today(), bodies=bodies, period=period, missing=period is None)
    rows = [row for row in rows if period is not None or row.state == "late"]
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    facts = {
        "here": "board",
        "period": period,
        "months": _months(),
        "page": page,
        "shown": _shown(list(page.object_list), request.user),
        "counts": [(STATES[state], sum(row.state == state for row in rows)) for state in calendar.STATES],
        "late_bodies": len({row.body.pk for row in rows if row.state == "late"}),
        "lines": Calendar.objects.exists(),
        "may_channel": may(request.user, "channel.write"),
        "may_schedule": may(request.user, scheduling.ACT),
    }
    return render(request, "web/calendars/board.html", facts)


@permit("calendar.write")
@require_POST
def chase(request: HttpRequest) -> HttpResponse:
    """Chase a body now, and try at once to reach those who report for it."""
    line = get_object_or_404(calendar.lines(), pk__in=numbers([request.POST.get("line", "")]))
    body = get_object_or_404(Body, code=request.POST.get("body", ""))
    period, now = periods.read_period(request.POST.get("period", "")), timezone.now()
    queued = reminding.chase(line=line, body=body, period=period, by=request.user, now=now, on=today())  # type: ignore[arg-type]
    _say_delivered(request, body, queued, delivering.deliver(now=now, messages=queued))
    back = request.POST.get("back", "")
    return redirect(f"{reverse('web:board')}?{urlencode({'period': back})}" if back else reverse("web:board"))


def _say_delivered(request: HttpRequest, body: Body, queued: list[Message], done: delivering.Delivered) -> None:
    facts = {"body": display.told(body), "count": done.sent}
    if not queued:
        messages.success(request, _("%(body)s sees it in duban. Neither mail nor a group chat is set up to carry it further.") % facts)
    elif done.sent:
        messages.success(request, _("%(body)s was told. Messages sent: %(count)s.") % facts)
    else:
        messages.warning(request, _("%(body)s sees it in duban. No message arrived yet; they will be tried again.") % facts)


# What a reporter still owes


def mine(user: Any) -> dict[str, Any] | None:
    """What the bodies that `user` reports for still have to send, worst first; None for who is no reporter."""
    paths = [one.body.path for one in appointments(user) if one.role == Appointment.Role.REPORTER]
    if not paths:
        return None
    held = reduce(or_, (Q(path__startswith=path) for path in paths))
    rows = calendar.expected(on=today(), bodies=Body.objects.filter(held), missing=True)
    shown = _shown(rows[:MINE_SHOWN], user)
    return {"owed": shown, "more": max(0, len(rows) - MINE_SHOWN), "bodies": len({row.body.pk for row in rows})}


# A programme's lines


class LineForm(RefusableForm):
    """One line: what is asked, how often, by when, and how it is reminded of."""

    measures = forms.ModelMultipleChoiceField(
        label=lazy("Measures"),
        queryset=Measure.objects.none(),
        required=False,
        help_text=lazy("None ticked: every amount. A day is asked for only where it is ticked, once its planned day has come."),
    )
    every = forms.ChoiceField(label=lazy("How often"), choices=Calendar.Every.choices)
    working_days = forms.IntegerField(
        label=lazy("Due on working day"),
        min_value=1,
        max_value=scheduling.LATEST,
        initial=5,
        help_text=lazy("Counted from the end of the period; holidays and make-up workdays are taken into account."),
    )
    remind_before = forms.IntegerField(label=lazy("Remind, working days before"), min_value=0, max_value=20, initial=2)
    chase_every = forms.IntegerField(
        label=lazy("Chase every … working days"), min_value=0, max_value=60, initial=2, help_text=lazy("0 chases once only.")
    )
    since = forms.DateField(label=lazy("Periods from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    until = forms.DateField(
        label=lazy("Periods until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=lazy("Empty: without an end."),
    )

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["measures"].queryset = programme.measures.order_by("order", "code")


@dataclass(frozen=True, slots=True)
class Ahead:
    """One coming period of a line: when it is due, and the holidays on the way there."""

    period: date
    due: date
    remind_on: date
    holidays: list[str]
    guessed: bool

    @classmethod
    def of(cls, line: Calendar, period: date) -> Ahead:
        due = calendar.due_of(line, period)
        way = [holidays.read(period + timedelta(days=ahead)) for ahead in range(1, (due - period).days + 1)]
        named = dict.fromkeys(day.holiday for day in way if day.holiday)
        return cls(period, due, calendar.reminder_of(line, due), [str(HOLIDAYS[code]) for code in named], not holidays.announced(due))


@dataclass(frozen=True)
class Line:
    """A line as its page shows it."""

    line: Calendar

    @cached_property
    def ahead(self) -> list[Ahead]:
        return [Ahead.of(self.line, period) for period in calendar.coming(self.line, on=today(), count=SHOWN_AHEAD)]

    @property
    def measures(self) -> list[Measure]:
        return calendar.measures_of(self.line)

    @property
    def over(self) -> bool:
        return self.line.until is not None and not self.ahead


def _programme(request: HttpRequest, code: str) -> Programme:
    found = get_object_or_404(Programme.objects.select_related("owner"), code=code)
    check(request.user, scheduling.ACT, found.owner)
    return found


@permit("calendar.write")
@require_http_methods(["GET", "HEAD", "POST"])
def lines(request: HttpRequest, code: str) -> HttpResponse:
    """A programme's calendar: its lines with their next due days, and a form for one more."""
    programme = _programme(request, code)
    form = LineForm(request.POST or None, programme=programme, initial={"since": today().replace(day=1)})
    if form.done(scheduling.add_line, programme=programme, by=request.user):
        messages.success(request, _("The line was added."))
        return redirect("web:calendar", code)
    found = [Line(line) for line in calendar.lines().filter(programme=programme)]
    return render(request, "web/calendars/lines.html", {"here": "programmes", "programme": programme, "lines": found, "form": form})


@permit("calendar.write")
@require_http_methods(["GET", "HEAD", "POST"])
def line(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One line: change it here, or end it from here."""
    programme = _programme(request, code)
    found = get_object_or_404(calendar.lines().filter(programme=programme), pk=pk)
    initial = {name: getattr(found, name) for name in scheduling.FIELDS} | {"measures": [one.pk for one in found.measures.all()]}
    form = LineForm(request.POST or None, programme=programme, initial=initial)
    if form.done(scheduling.change_line, line=found, by=request.user):
        messages.success(request, _("The line was changed."))
        return redirect("web:calendar", code)
    return render(request, "web/calendars/line.html", {"here": "programmes", "programme": programme, "line": Line(found), "form": form})


@permit("calendar.write")
@require_POST
def line_end(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Ask for no period that ends from tomorrow on."""
    programme = _programme(request, code)
    found = get_object_or_404(calendar.lines().filter(programme=programme), pk=pk)
    scheduling.end_line(line=found, by=request.user, on=today())  # type: ignore[arg-type]
    messages.success(request, _("The line has ended. What was asked for until today stays asked for."))
    return redirect("web:calendar", code)
