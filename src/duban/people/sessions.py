"""How long an official's session and password live."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from duban.people import audit, permits
from duban.people.models import PasswordMemory, User

SEEN = "seen"
PASSWORD_DUE = "password_due"
# What somebody whose password is due may still open.
LEFT_OPEN = {"account_change_password", "account_set_password", "account_logout", "language", "healthz"}
NOTED_EVERY = 60  # seconds: the session is written at most once a minute


def password_due(user: User, *, now: datetime) -> bool:
    """Whether `user` is an official whose password is older than PASSWORD_LIFE."""
    if settings.PASSWORD_LIFE is None or not user.has_usable_password() or not permits.appointments(user):
        return False
    newest = PasswordMemory.objects.filter(user=user).values_list("set_at", flat=True).first()
    return now - (newest or user.date_joined) > settings.PASSWORD_LIFE


class SessionRules:
    """Ends idle sessions of officials and leads those whose password is due to the page that changes it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = audit.from_address.set(audit.address_of(request))
        try:
            return self.get_response(request)
        finally:
            audit.from_address.reset(token)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
            return None
        now, seen = time.time(), request.session.get(SEEN)
        if seen and now - seen > settings.OFFICIAL_IDLE.total_seconds() and permits.appointments(request.user):
            request.idle = True  # type: ignore[attr-defined]  # told in the audit log's line of the sign-out
            logout(request)
            messages.info(request, _("You were signed out because you were away for a while."))
            return permits.send_to_sign_in(request) if getattr(view, "permit", "public") != "public" else None
        if not seen or now - seen > NOTED_EVERY:
            request.session[SEEN] = now
        match = request.resolver_match
        if request.session.get(PASSWORD_DUE) and not (match and match.url_name in LEFT_OPEN):
            messages.warning(request, _("Your password is too old. Please choose a new one."))
            change = reverse("account_change_password") + "?" + urlencode({"next": permits.where(request)})
            return permits.lead(request, change)
        return None
