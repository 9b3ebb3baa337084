"""How a site begins: somebody has to be there before anybody can be invited."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from duban.core.refusals import Refusal
from duban.people import actions
from duban.people.models import Appointment, Body, User


@transaction.atomic
def found(*, code: str, name: str, name_en: str, kind: str, administrator: str, password: str, now: datetime) -> Body:
    """The top of an empty tree and its first administrator, both or neither.

    Raises `Refusal` "already-founded" where a body stands, and "username-taken".
    """
    if standing := Body.objects.filter(parent=None).first():
        raise Refusal("already-founded", body=standing.name)
    if User.objects.filter(username__iexact=administrator).exists():
        raise Refusal("username-taken", username=administrator)
    body = actions.add_body(code=code, kind=kind, name=name, name_en=name_en, parent=None, by=None)
    user = User.objects.create_user(administrator, password=password)
    actions.appoint(user=user, body=body, role=Appointment.Role.ADMINISTRATOR, by=None, now=now)
    return body
