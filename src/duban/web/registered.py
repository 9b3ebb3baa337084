"""What the registry says of one undertaking at a page's moment, and otherwise at the other one of then and since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from duban.registry import past
from duban.registry.models import Undertaking
from duban.web import beside, display, history
from duban.web.moment import Moment

RELATED: Final = ("programme__lead_measure", "programme__owner", "lead_body", "town", "parent", "answerable")


def found(chosen: Callable[[], QuerySet[Undertaking]], code: str) -> Undertaking | None:
    """The undertaking with this code among those that the reader may see, or may see today; None where it was not among any then.

    `chosen` asks for those that the reader may see. Raises Http404 where there is none today either.
    """
    promise = chosen().select_related(*RELATED).filter(code=code).first()
    if promise is None:
        with past.at(None):
            get_object_or_404(chosen(), code=code)
    return promise


def not_yet(request: HttpRequest, now: Moment, code: str, base: str) -> HttpResponse:
    """The page of an undertaking that stands in the registry today and did not at the page's moment; `base` is the frame around it."""
    with past.at(None):
        promise = Undertaking.objects.get(code=code)
    return render(request, "web/not_yet.html", {"here": "undertakings", "moment": now, "undertaking": promise, "base": base})


@dataclass(frozen=True, slots=True)
class Otherwise:
    """One thing that the registry said otherwise at the two moments: its name, and both in words."""

    name: str
    then: str
    since: str


def otherwise(now: Moment, here: Undertaking) -> list[Otherwise]:
    """What the registry says of an undertaking otherwise at the other moment; nothing where no moment was named."""
    if now.other is None or now.revision == now.beside_revision:
        return []
    rows = Undertaking.objects.select_related("programme", "lead_body", "town", "parent").filter(pk=here.pk)
    there = beside.at_other(now, lambda _other: rows.first())
    sides = (there, here) if now.corrected else (here, there)
    then, since = (_told(one) for one in sides)
    return [Otherwise(name, then.get(name, ""), since.get(name, "")) for name in {**then, **since} if then.get(name) != since.get(name)]


def _told(promise: Undertaking | None) -> dict[str, str]:
    """What pages name, group and find it by, in words."""
    if promise is None:
        return {_("In the registry"): _("not registered yet")}
    told = {
        _("In the registry"): _("stands in it"),
        _("Name"): display.told(promise),
        _("Programme"): display.told(promise.programme),
        _("Lead body"): display.told(promise.lead_body),
        _("Town"): display.told(promise.town) if promise.town else "",
        _("Part of"): display.told(promise.parent) if promise.parent else "",
        _("Declared stage"): promise.get_stage_display() if promise.stage else "",
    }
    said = {display.told(one.declared): display.told(one.choice) if one.choice else str(one.value) for one in history.attributes(promise)}
    return {**said, **told}
