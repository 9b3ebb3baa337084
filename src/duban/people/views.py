"""Pages about oneself, about the people of one's bodies, about bodies, and the audit log.

What an action refuses is not caught here: it becomes a page that says why.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from allauth.account.internal.flows.password_reset import get_reset_password_from_key_url
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib import messages
from django.core.mail import send_mail
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duban.people import actions, audit, permits
from duban.people.forms import ACTS, ApplyForm, AuditFilter, BodyForm, InviteForm, MoveForm, NameForm
from duban.people.models import Application, Appointment, Body, Invitation, User

PAGE = 50


def _page(request: HttpRequest, rows: Any) -> Any:
    return Paginator(rows, PAGE).get_page(request.GET.get("page"))


# Oneself


@permits.permit("account")
@require_safe
@never_cache
def account(request: HttpRequest) -> HttpResponse:
    """Who I am here, which roles I hold, and where to change what."""
    applications = request.user.applications.filter(granted=None).select_related("body")
    names = dict(settings.LANGUAGES)
    messages_in = names.get(request.user.language, names[settings.LANGUAGE_CODE])
    facts = {"appointments": permits.appointments(request.user), "applications": applications, "messages_in": messages_in}
    return render(request, "people/account.html", facts)


@permits.permit("account")
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest) -> HttpResponse:
    """I work here: ask for a role in a body."""
    form = ApplyForm(request.POST or None)
    if form.is_valid():
        actions.apply(user=request.user, **form.cleaned_data, now=timezone.now())
        messages.success(request, _("Your request was sent. An administrator of the body will answer it."))
        return redirect("people:account")
    return render(request, "people/apply.html", {"form": form})


@permits.public
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind an invitation's link: what is offered, and a button that accepts it."""
    offer = get_object_or_404(Invitation.objects.select_related("body", "invited_by"), token=token)
    if request.method == "POST":
        if not request.user.is_authenticated:
            return permits.send_to_sign_in(request)
        actions.accept(invitation=offer, user=request.user, now=timezone.now())
        messages.success(request, _("Welcome. The role is yours."))
        return redirect("people:account")
    facts = {"offer": offer, "expired": offer.expires_at <= timezone.now(), "here": request.get_full_path()}
    return render(request, "people/invitation.html", facts)


# The people of my bodies


@permits.permit("people.invite")
@require_safe
@never_cache
def people(request: HttpRequest) -> HttpResponse:
    """Who holds which role in my bodies and below, who is invited, and who asks to be let in."""
    now = timezone.now()
    mine = Body.objects.filter(permits.reach(request.user, "people.invite"))
    chosen = mine.filter(code=request.GET.get("body", "")).first()
    within = mine.filter(path__startswith=chosen.path) if chosen else mine
    held = Appointment.objects.filter(body__in=within).select_related("user", "body", "appointed_by")
    if request.GET.get("ended") != "yes":
        held = held.filter(Q(until=None) | Q(until__gt=now))
    if text := request.GET.get("q", "").strip():
        held = held.filter(Q(user__username__icontains=text) | Q(user__display_name__icontains=text))
    facts = {
        "page": _page(request, held.order_by("body__path", "role", "pk")),
        "bodies": mine.order_by("path"),
        "chosen": chosen,
        "invitations": Invitation.objects.filter(body__in=within, used_at=None, expires_at__gt=now).select_related("body"),
        "applications": _applications(request).filter(body__in=within),
        "may_write": permits.may(request.user, "people.write"),
        "link": request.build_absolute_uri("/").rstrip("/"),
        "now": now,
    }
    return render(request, "people/people.html", facts)


def _applications(request: HttpRequest) -> Any:
    mine = Body.objects.filter(permits.reach(request.user, "people.write"))
    return Application.objects.filter(body__in=mine, granted=None).select_related("user", "body")


@permits.permit("people.invite")
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Offer somebody a role; the link is shown, and mailed where that is possible."""
    form = InviteForm(request.POST or None, by=request.user, mail=settings.MAIL)
    if form.is_valid():
        offer = actions.invite(**form.cleaned_data, by=request.user, now=timezone.now())
        link = request.build_absolute_uri(reverse("people:invitation", args=[offer.token]))
        if offer.email:
            text = render_to_string("people/invitation.txt", {"offer": offer, "link": link}, request)
            send_mail(_("An invitation to duban"), text, None, [offer.email])
        return render(request, "people/invited.html", {"offer": offer, "link": link})
    return render(request, "people/invite.html", {"form": form})


@permits.permit("people.invite")
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Make an invitation's link stop working."""
    offer = get_object_or_404(Invitation.objects.select_related("body"), pk=pk)
    actions.withdraw(invitation=offer, by=request.user, now=timezone.now())
    return _done(request)


@permits.permit("people.write")
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Grant or decline what somebody asked for."""
    asked = get_object_or_404(Application, pk=pk)
    granted = request.POST.get("granted") == "yes"
    actions.answer(application=asked, granted=granted, by=request.user, now=timezone.now())
    return _done(request)


@permits.permit("people.write")
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End an appointment."""
    held = get_object_or_404(Appointment.objects.select_related("body", "user"), pk=pk)
    actions.end(appointment=held, by=request.user, now=timezone.now())
    return _done(request)


def _done(request: HttpRequest) -> HttpResponse:
    messages.success(request, _("Done."))
    return redirect("people:people")


@permits.permit("people.write")
@require_POST
@never_cache
def allow_reset(request: HttpRequest, pk: int) -> HttpResponse:
    """A link, shown once, with which a colleague sets a new password."""
    user = get_object_or_404(User, pk=pk)
    token = actions.allow_reset(user=user, by=request.user)
    link = get_reset_password_from_key_url(request, f"{user_pk_to_url_str(user)}-{token}")
    minutes = settings.PASSWORD_RESET_TIMEOUT // 60
    return render(request, "people/reset_link.html", {"person": user, "link": link, "minutes": minutes})


# Bodies


@permits.permit("people.write")
@require_safe
def bodies(request: HttpRequest) -> HttpResponse:
    """The tree of my bodies."""
    mine = list(Body.objects.filter(permits.reach(request.user, "people.write")).order_by("path"))
    top = min((body.path.count("/") for body in mine), default=1)
    for body in mine:
        body.steps = range(body.path.count("/") - top)  # type: ignore[attr-defined]
    return render(request, "people/bodies.html", {"bodies": mine})


@permits.permit("people.write")
@require_http_methods(["GET", "HEAD", "POST"])
def body_add(request: HttpRequest) -> HttpResponse:
    """A new body below one of mine."""
    parent = Body.objects.filter(code=request.GET.get("parent", "")).first()
    form = BodyForm(request.POST or None, by=request.user, initial={"parent": parent and parent.pk})
    if form.is_valid():
        actions.add_body(**form.cleaned_data, by=request.user)
        messages.success(request, _("The body was added."))
        return redirect("people:bodies")
    return render(request, "people/body_add.html", {"form": form})


def _body(request: HttpRequest, code: str) -> Body:
    found = get_object_or_404(Body.objects.select_related("parent"), code=code)
    permits.check(request.user, "people.write", found)
    return found


@permits.permit("people.write")
@require_http_methods(["GET", "HEAD", "POST"])
def body(request: HttpRequest, code: str) -> HttpResponse:
    """One body: rename it here, or move it from here."""
    found = _body(request, code)
    form = NameForm(request.POST or None, initial={"name": found.name, "name_en": found.name_en})
    if form.is_valid():
        actions.rename(body=found, **form.cleaned_data, by=request.user)
        messages.success(request, _("The body was renamed."))
        return redirect("people:bodies")
    facts = {"body": found, "form": form, "move": MoveForm(by=request.user, body=found)}
    return render(request, "people/body.html", facts)


@permits.permit("people.write")
@require_POST
def body_move(request: HttpRequest, code: str) -> HttpResponse:
    """Hang a body, with what is below it, somewhere else."""
    found = _body(request, code)
    move = MoveForm(request.POST, by=request.user, body=found)
    if move.is_valid():
        actions.move(body=found, parent=move.cleaned_data["parent"], by=request.user)
        messages.success(request, _("The body was moved."))
        return redirect("people:bodies")
    form = NameForm(initial={"name": found.name, "name_en": found.name_en})
    return render(request, "people/body.html", {"body": found, "form": form, "move": move})


# The audit log


@permits.permit("audit.read")
@require_safe
@never_cache
def audit_log(request: HttpRequest) -> HttpResponse:
    """Who did what, newest first, filtered by the address's parameters."""
    form = AuditFilter(request.GET or None)
    lines = audit.visible_to(request.user)
    if form.is_valid():
        asked = form.cleaned_data
        if asked["who"]:
            lines = lines.filter(who_name__icontains=asked["who"])
        if asked["act"]:
            lines = lines.filter(act=asked["act"])
        if asked["since"]:
            lines = lines.filter(at__gte=_midnight(asked["since"]))
        if asked["until"]:
            lines = lines.filter(at__lt=_midnight(asked["until"] + timedelta(days=1)))
        if asked["refused"]:
            lines = lines.exclude(result="done")
    page = _page(request, lines)
    for line in page:
        line.words = ACTS.get(line.act, line.act)
    return render(request, "people/audit.html", {"form": form, "page": page})


def _midnight(day: Any) -> datetime:
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone()).astimezone(UTC)
