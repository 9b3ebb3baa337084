"""What happens after too many failed sign-ins (django-axes counts them)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from duban.people.models import User


def account_name(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str | None:
    """The user name that a sign-in is counted against; a name and an e-mail address of one account count as one."""
    typed = (credentials or {}).get("email") or (credentials or {}).get("username")
    if not typed and request is not None:
        typed = request.POST.get("login")
    if not typed:
        return None
    text = str(typed).strip().lower()[:150]
    known = User.objects.filter(Q(username__iexact=text) | Q(email__iexact=text)).values_list("username", flat=True)
    return known.first() or text


def page(request: HttpRequest, *_: Any) -> HttpResponse:
    """Says that signing in has to wait, and for how long."""
    from axes.models import AccessAttempt  # models can't be imported while settings load

    wait = settings.AXES_COOLOFF_TIME
    last = (
        AccessAttempt.objects.filter(username=account_name(request), ip_address=request.axes_ip_address)  # type: ignore[attr-defined]
        .order_by("-attempt_time")
        .values_list("attempt_time", flat=True)
        .first()
    )
    until = (last or timezone.now()) + wait
    facts = {
        "until": until,
        "minutes": int(wait.total_seconds() // 60),
        "limit": settings.AXES_FAILURE_LIMIT,
        "mail": settings.MAIL,
    }
    response = render(request, "people/locked_out.html", facts, status=429)
    response.headers["Retry-After"] = str(max(1, int((until - timezone.now()).total_seconds())))
    return response
