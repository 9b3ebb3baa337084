"""The page of group chats to which a body's messages also go."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST

from duban.intake.calendar import channels
from duban.intake.models import Channel, Message
from duban.people.models import Body, User
from duban.people.permits import permit, reach
from duban.registry.forms import RefusableForm


class ChannelForm(RefusableForm):
    """A robot of a group chat. Its address is written here and never shown again."""

    body = forms.ModelChoiceField(label=lazy("Body"), queryset=Body.objects.none())
    name = forms.CharField(label=lazy("Name"), max_length=80, help_text=lazy("As its members call the chat."))
    address = forms.CharField(
        label=lazy("Address of the robot"),
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}, render_value=False),
        help_text=lazy("As WeCom, DingTalk or Feishu shows it. It lets anybody write to the chat, so it is never shown again."),
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"].queryset = Body.objects.filter(reach(by, channels.ACT)).order_by("path")


@permit("channel.write")
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """The chats of my bodies, and a form for one more."""
    form = ChannelForm(request.POST or None, by=request.user)  # type: ignore[arg-type]
    if form.done(channels.add, by=request.user, now=timezone.now()):
        messages.success(request, _("The chat was added. Send it a test message."))
        return redirect("web:channels")
    found = list(Channel.objects.filter(body__in=Body.objects.filter(reach(request.user, channels.ACT))).select_related("body", "added_by"))
    failed = Message.objects.filter(channel__in=found).exclude(fault="").order_by("channel", "made_at")
    faults = {message.channel_id: message for message in failed}
    rows = [(channel, faults.get(channel.pk)) for channel in found]
    return render(request, "web/calendars/channels.html", {"here": "board", "rows": rows, "form": form})


def _channel(request: HttpRequest, pk: int) -> Channel:
    mine = Q(body__in=Body.objects.filter(reach(request.user, channels.ACT)))
    return get_object_or_404(Channel.objects.select_related("body").filter(mine), pk=pk)


@permit("channel.write")
@require_POST
def try_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a message that says it is a test."""
    channel = _channel(request, pk)
    words = {"title": _("duban: a test"), "words": _("Reminders to report will arrive here.")}
    fault = channels.try_out(channel=channel, by=request.user, **words)  # type: ignore[arg-type]
    if fault:
        messages.error(request, _("The test did not arrive: %(fault)s") % {"fault": fault})
    else:
        messages.success(request, _("The test was sent. Look into the chat."))
    return redirect("web:channels")


@permit("channel.write")
@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch a chat off, or on again."""
    active = request.POST.get("active") == "yes"
    channels.switch(channel=_channel(request, pk), active=active, by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("Messages go to the chat again.") if active else _("No message goes to the chat any more."))
    return redirect("web:channels")


@permit("channel.write")
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a chat."""
    channels.remove(channel=_channel(request, pk), by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("The chat was removed."))
    return redirect("web:channels")
