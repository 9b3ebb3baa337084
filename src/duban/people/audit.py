"""The audit log: who did what, to what, when, from where, and with what result.

Every room's actions write their line here, in the transaction of what they do. The address comes from the request that
is being answered, so that actions need not carry HTTP about; outside a request there is none.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from allauth.core.internal.httpkit import get_client_ip
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from duban.people import permits
from duban.people.models import AuditLine, Body, User

from_address: ContextVar[str | None] = ContextVar("from_address", default=None)


def address_of(request: HttpRequest) -> str | None:
    """The reader's address: as many steps back along X-Forwarded-For as DUBAN_PROXIES says to believe."""
    return get_client_ip(request)


def record(
    *,
    by: User | None,
    act: str,
    subject: object = "",
    result: str = "done",
    name: str = "",
    **facts: Any,
) -> AuditLine:
    """Write one line. `by` of None is the system, an operator at the console, or (with `name`) somebody not signed in."""
    return AuditLine.objects.create(
        who=by,
        who_name=(name or (f"{by} ({by.username})" if by else "system"))[:160],
        act=act,
        subject=str(subject)[:200],
        result=result,
        facts=facts,
        address=from_address.get(),
    )


def visible_to(user: User) -> QuerySet[AuditLine]:
    """The lines that `user` may read: of people appointed within reach; every line for those at the top of the tree."""
    within = permits.reach(user, "audit.read")
    if Body.objects.filter(within, parent=None).exists():
        return AuditLine.objects.all()
    colleagues = User.objects.filter(appointments__body__in=Body.objects.filter(within))
    return AuditLine.objects.filter(Q(who__in=colleagues))
