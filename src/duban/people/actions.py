"""What is done to bodies and the people in them. Each action leaves its audit line in the same transaction.

`by` of None is an operator at the console, who may do anything; everybody else is checked against `permits`.
Refuses with: code-taken, code-unreadable, path-too-long, move-into-itself, own-appointment, already-appointed,
appointment-ended, invitation-used, invitation-expired, invitation-void, application-open,
application-answered.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q

from duban.core.refusals import Refusal
from duban.people import permits
from duban.people.audit import record
from duban.people.models import Application, Appointment, Body, Invitation, User

INVITATION_LIFE = timedelta(days=7)
# Lower case only: SQLite compares the start of a path without regard to case, PostgreSQL with it.
CODE = re.compile(r"[a-z0-9][a-z0-9-]*\Z")


def _check(by: User | None, act: str, body: Body | None) -> None:
    if by is not None:
        if body is None:
            raise PermissionDenied(act)
        permits.check(by, act, body)


def _check_gives(by: User | None, role: str, body: Body) -> None:
    if by is not None and role not in permits.gives(by, body):
        raise PermissionDenied(f"give {role}")


# Bodies


@transaction.atomic
def add_body(*, code: str, kind: str, name: str, name_en: str = "", parent: Body | None, order: int = 0, by: User | None) -> Body:
    """A new body under `parent`; at the top of the tree only by an operator."""
    _check(by, "people.write", parent)
    if not CODE.match(code):
        raise Refusal("code-unreadable", body=code)
    if Body.objects.filter(code=code).exists():
        raise Refusal("code-taken", body=code)
    path = f"{parent.path if parent else ''}{code}/"
    _check_path(path)
    body = Body.objects.create(parent=parent, code=code, kind=kind, name=name, name_en=name_en, path=path, order=order)
    record(by=by, act="body.add", subject=body, path=path)
    return body


@transaction.atomic
def rename(*, body: Body, name: str, name_en: str, by: User | None) -> Body:
    """Another name for the same body; its code, which records cite, stays."""
    _check(by, "people.write", body)
    before = body.name
    body.name, body.name_en = name, name_en
    body.save(update_fields=["name", "name_en"])
    record(by=by, act="body.rename", subject=body, before=before, after=name)
    return body


@transaction.atomic
def move(*, body: Body, parent: Body, by: User | None) -> Body:
    """Hang `body`, with everything below it, under `parent`. Refused when `parent` lies below `body`."""
    locked = Body.objects.select_for_update().filter(Q(path__startswith=body.path) | Q(pk=parent.pk))
    bodies = {b.pk: b for b in locked}
    body, parent = bodies[body.pk], bodies[parent.pk]
    _check(by, "people.write", body)
    _check(by, "people.write", parent)
    if parent.path.startswith(body.path):
        raise Refusal("move-into-itself", body=str(body), parent=str(parent))
    old, new = body.path, f"{parent.path}{body.code}/"
    moved = [b for b in bodies.values() if b.path.startswith(old)]
    for below in moved:
        below.path = new + below.path.removeprefix(old)
        _check_path(below.path)
    body.parent = parent
    Body.objects.bulk_update(moved, ["path", "parent"])
    record(by=by, act="body.move", subject=body, before=old, after=new)
    return body


def _check_path(path: str) -> None:
    longest = Body._meta.get_field("path").max_length
    if len(path) > longest:
        raise Refusal("path-too-long", path=path, longest=longest)


# Appointments


@transaction.atomic
def appoint(*, user: User, body: Body, role: str, by: User | None, now: datetime) -> Appointment:
    """Give `user` a role in `body`. Nobody appoints themselves."""
    _check_gives(by, role, body)
    if by == user:
        raise Refusal("own-appointment")
    if Appointment.objects.filter(user=user, body=body, role=role, until=None).exists():
        raise Refusal("already-appointed", user=str(user), body=str(body), role=role)
    appointment = Appointment.objects.create(user=user, body=body, role=role, appointed_by=by, since=now)
    record(by=by, act="appointment.begin", subject=appointment)
    return appointment


@transaction.atomic
def end(*, appointment: Appointment, by: User | None, now: datetime) -> Appointment:
    """The appointment no longer holds from now on; it stays on record."""
    _check(by, "people.write", appointment.body)
    if by == appointment.user:
        raise Refusal("own-appointment")
    appointment = Appointment.objects.select_for_update().get(pk=appointment.pk)
    if appointment.until is not None:
        raise Refusal("appointment-ended", until=appointment.until.isoformat())
    appointment.until = now
    appointment.save(update_fields=["until"])
    record(by=by, act="appointment.end", subject=appointment)
    return appointment


# Invitations


@transaction.atomic
def invite(*, body: Body, role: str, display_name: str, email: str = "", by: User, now: datetime) -> Invitation:
    """Offer a role in `body` to whoever holds the link."""
    _check_gives(by, role, body)
    invitation = Invitation.objects.create(
        body=body,
        role=role,
        display_name=display_name,
        email=email,
        invited_by=by,
        invited_at=now,
        expires_at=now + INVITATION_LIFE,
    )
    record(by=by, act="invitation.send", subject=f"{display_name} · {invitation.get_role_display()} · {body}")
    return invitation


@transaction.atomic
def withdraw(*, invitation: Invitation, by: User, now: datetime) -> Invitation:
    """The link stops working now."""
    _check_gives(by, invitation.role, invitation.body)
    invitation = _open(invitation, now=now)
    invitation.expires_at = now
    invitation.save(update_fields=["expires_at"])
    record(by=by, act="invitation.withdraw", subject=f"{invitation.display_name} · {invitation.body}")
    return invitation


@transaction.atomic
def accept(*, invitation: Invitation, user: User, now: datetime) -> Appointment:
    """`user` takes the offered role; the invitation is used up."""
    invitation = _open(invitation, now=now)
    if invitation.role not in permits.gives(invitation.invited_by, invitation.body):
        raise Refusal("invitation-void", by=str(invitation.invited_by))  # they lost the right to give it
    appointment = appoint(user=user, body=invitation.body, role=invitation.role, by=invitation.invited_by, now=now)
    invitation.used_by, invitation.used_at = user, now
    invitation.save(update_fields=["used_by", "used_at"])
    if not user.display_name:
        user.display_name = invitation.display_name
        user.save(update_fields=["display_name"])
    record(by=user, act="invitation.accept", subject=appointment)
    return appointment


def _open(invitation: Invitation, *, now: datetime) -> Invitation:
    invitation = Invitation.objects.select_for_update(of=("self",)).select_related("body", "invited_by").get(pk=invitation.pk)
    if invitation.used_at is not None:
        raise Refusal("invitation-used", used_at=invitation.used_at.isoformat())
    if invitation.expires_at <= now:
        raise Refusal("invitation-expired", expires_at=invitation.expires_at.isoformat())
    return invitation


# Applications


@transaction.atomic
def apply(*, user: User, body: Body, role: str, note: str = "", now: datetime) -> Application:
    """`user` says that they hold `role` in `body`, and asks an administrator to confirm it."""
    if Appointment.objects.filter(user=user, body=body, role=role, until=None).exists():
        raise Refusal("already-appointed", user=str(user), body=str(body), role=role)
    if Application.objects.filter(user=user, body=body, role=role, granted=None).exists():
        raise Refusal("application-open", body=str(body), role=role)
    application = Application.objects.create(user=user, body=body, role=role, note=note, asked_at=now)
    record(by=user, act="application.send", subject=f"{application.get_role_display()} · {body}")
    return application


@transaction.atomic
def answer(*, application: Application, granted: bool, by: User, now: datetime) -> Application:
    """Grant the role that was asked for, or decline it."""
    application = Application.objects.select_for_update(of=("self",)).select_related("body", "user").get(pk=application.pk)
    _check(by, "people.write", application.body)
    if application.granted is not None:
        raise Refusal("application-answered")
    if granted:
        appoint(user=application.user, body=application.body, role=application.role, by=by, now=now)
    application.granted, application.answered_by, application.answered_at = granted, by, now
    application.save(update_fields=["granted", "answered_by", "answered_at"])
    record(
        by=by,
        act="application.grant" if granted else "application.decline",
        subject=f"{application.user} · {application.get_role_display()} · {application.body}",
    )
    return application


# Passwords


@transaction.atomic
def allow_reset(*, user: User, by: User) -> str:
    """A token for a link with which `user` sets a new password, for a colleague who can't get one by mail.

    Only an administrator over every body that `user` is appointed in may do this.
    """
    from allauth.account.forms import default_token_generator

    held = permits.appointments(user)
    if not held or by == user:
        raise PermissionDenied("reset")
    for appointment in held:
        permits.check(by, "people.write", appointment.body)
    record(by=by, act="password.allow-reset", subject=user)
    return str(default_token_generator.make_token(user))
