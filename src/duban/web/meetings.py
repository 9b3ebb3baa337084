"""The meetings that a body has held: kept on the page that was taken to them, so that the next one begins where they ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST

from duban.people.models import Body, User
from duban.people.permits import may, permit, reach
from duban.registry.forms import RefusableForm
from duban.standing import meetings
from duban.standing.models import Meeting
from duban.web.context import today
from duban.web.listing import paths_of
from duban.web.moment import written


@dataclass(frozen=True, slots=True)
class Row:
    """A meeting, and whether its reader may take it back."""

    meeting: Meeting
    mine: bool

    @property
    def seen(self) -> str:
        """What an address asks by for a page as the meeting saw it."""
        return urlencode({"as_of": self.meeting.held_on.isoformat(), "known_at": written(self.meeting.known_at)})


class MeetingForm(RefusableForm):
    """A meeting that was held."""

    body = forms.ModelChoiceField(label=lazy("Body"), queryset=Body.objects.none())
    held_on = forms.DateField(label=lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    name = forms.CharField(
        label=lazy("Name"), max_length=80, required=False, help_text=lazy("As its minutes call it, such as “dispatch meeting of August”.")
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bodies = Body.objects.filter(reach(by, meetings.ACT)).order_by("path")
        self.fields["body"].queryset = bodies
        self.fields["body"].initial = bodies.first()
        self.fields["held_on"].widget.attrs["max"] = today().isoformat()


@permit("desk.read")
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """The meetings of my bodies and of those above them; who may keep one has a form for it."""
    by: Any = request.user
    form = MeetingForm(request.POST or None, by=by, initial={"held_on": today()}) if may(by, meetings.ACT) else None
    if form and form.done(meetings.hold, by=by, now=timezone.now(), on=today()):
        messages.success(request, _("The meeting is kept. The next one is told what has changed since."))
        return redirect("web:meetings")
    rows = [Row(one, may(by, meetings.ACT, one.body)) for one in meetings.heard(paths_of(by))]
    return render(request, "web/watch/meetings.html", {"here": "watch", "rows": rows, "form": form})


@permit("meeting.hold")
@require_POST
def strike(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back that a meeting was held."""
    mine = Body.objects.filter(reach(request.user, meetings.ACT))
    meeting = get_object_or_404(Meeting.objects.select_related("body").filter(body__in=mine), pk=pk)
    meetings.strike(meeting=meeting, by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("The meeting was taken back."))
    return redirect("web:meetings")
