"""What the pages of the registry ask of it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404

from duban.people import permits
from duban.people.models import Appointment, Body, User
from duban.registry import actions, evidence
from duban.registry.models import Evidence, Measure, Programme, Undertaking


def kept_bodies(user: Any) -> QuerySet[Body]:
    """The bodies in which `user` keeps the registry."""
    return Body.objects.filter(permits.reach(user, actions.ACT)).order_by("path")


def kept_programmes(user: Any) -> QuerySet[Programme]:
    """The programmes that `user` keeps, with the number of their undertakings as `held`."""
    kept = Programme.objects.filter(owner__in=kept_bodies(user)).select_related("owner", "lead_measure")
    return kept.annotate(held=Count("undertakings")).order_by("order", "code")


def measures(user: Any) -> list[Measure]:
    """Every measure, with the number of programmes that count it as `counted` and whether `user` may change it as `kept`."""
    elsewhere = Count("programmes", filter=~Q(programmes__owner__in=kept_bodies(user)))
    found = list(Measure.objects.annotate(counted=Count("programmes"), elsewhere=elsewhere).order_by("order", "code"))
    for measure in found:
        measure.kept = not measure.elsewhere  # type: ignore[attr-defined]
    return found


def officials(user: Any) -> QuerySet[User]:
    """Who holds a role in the bodies that `user` keeps, or above them: those who may be named answerable."""
    kept = kept_bodies(user)
    paths = [body.path for body in kept]
    above = {path[: at + 1] for path in paths for at, letter in enumerate(path) if letter == "/"}
    held = Appointment.objects.filter(Q(body__in=kept) | Q(body__path__in=above), until=None)
    return User.objects.filter(pk__in=held.values("user")).order_by("display_name", "username")


def programme(user: Any, code: str) -> Programme:
    """The programme that `user` keeps. Raises Http404 or PermissionDenied."""
    found = Programme.objects.select_related("owner", "lead_measure").filter(code=code).first()
    if found is None:
        raise Http404
    permits.check(user, actions.ACT, found.owner)
    return found


def undertaking(user: Any, code: str) -> Undertaking:
    """The undertaking that `user` keeps. Raises Http404 or PermissionDenied."""
    wanted = Undertaking.objects.select_related("programme__owner", "lead_body", "parent", "town", "answerable")
    found = wanted.filter(code=code).first()
    if found is None:
        raise Http404
    actions.check_undertaking(user, found)
    return found


def reported(user: Any, code: str) -> Undertaking:
    """The undertaking to which `user` may attach evidence: Http404 for who may not see it, PermissionDenied for who may only see it."""
    found = Undertaking.objects.select_related("programme__owner", "lead_body").filter(code=code).first()
    if found is None or not evidence.may(user, "desk.read", found):
        raise Http404
    if not evidence.may(user, "report.write", found):
        raise PermissionDenied("report.write")
    return found


def file(user: Any, pk: int) -> Evidence:
    """The evidence file that `user` may see. Raises Http404: whoever may not see it does not learn that it is there."""
    found = Evidence.objects.select_related("undertaking__programme", "undertaking__lead_body").filter(pk=pk).first()
    if found is None or not evidence.may_see(user, found):
        raise Http404
    return found
