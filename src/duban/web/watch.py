"""The watch-list: what is red or amber, the largest stake first, on the desk and as a file to take along."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Final

from django.core.paginator import Paginator
from django.db.models import Count, Exists, Max, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from duban.intake.models import Reminder
from duban.people.models import Body
from duban.people.permits import permit
from duban.registry.models import Evidence, Programme, Undertaking
from duban.standing import watching
from duban.standing.models import Snapshot
from duban.standing.watching import Total, Watched
from duban.web import beside, kept, stakes
from duban.web.listing import Asked, paths_of, within
from duban.web.moment import Moment, turned
from duban.web.watch_rows import Row, only, paired, parted, ranked, with_efforts

PAGE: Final = 25


def beside_the_ledger() -> Hashable:
    """What a list shows and no snapshot names: files and chasers, by how many there are and which came last."""
    asked = (model.objects.aggregate(Count("pk"), Max("pk")) for model in (Evidence, Reminder))
    return tuple(tuple(told.values()) for told in asked)


@dataclass(frozen=True, slots=True)
class List:
    """The list as it was asked for: `rows` under the programme, body and light, `chosen` of them under the tab `why`."""

    asked: Asked
    light: str
    why: str
    rows: list[Watched]

    @classmethod
    def read(cls, request: HttpRequest, now: Moment, snapshot: Snapshot, paths: tuple[str, ...]) -> List:
        """The question that stands in the address, answered. A tab or a light that is not watched is not asked for."""
        asked, light, why = Asked.read(request.GET), request.GET.get("light", ""), request.GET.get("why", "")
        light = light if light in watching.WATCHED else ""
        rows = watching.watch(snapshot, within(paths) & asked.filter(), known_at=now.known_at)
        rows = [one for one in rows if not light or one.standing.light == light]
        return cls(asked, light, why if why in stakes.REASONS else "", rows)

    @property
    def chosen(self) -> list[Watched]:
        return [one for one in self.rows if not self.why or one.reason == self.why]

    @property
    def narrowed(self) -> bool:
        return bool(self.light) or self.asked.narrowed

    @property
    def tabs(self) -> list[tuple[str, str, int]]:
        """Every tab with its words and how many stand under it."""
        counts = watching.counts(self.rows)
        return [(name, str(words), counts[name]) for name, words in stakes.REASONS.items()]


def _others(request: HttpRequest, now: Moment, there: Snapshot | None) -> list[Row] | None:
    """The lines of the same question at the other one of then and since; None where no moment was named."""
    if there is None:
        return None
    return beside.at_other(now, lambda other: ranked(List.read(request, other, there, paths_of(request.user)).chosen, other.as_of))


def _listed(request: HttpRequest, now: Moment, snapshot: Snapshot, there: Snapshot | None, paths: tuple[str, ...]) -> dict[str, Any]:
    told = List.read(request, now, snapshot, paths)
    rows, others = ranked(told.chosen, now.as_of), _others(request, now, there)
    if others is not None:
        rows = paired(rows, others)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    shown = with_efforts(list(page.object_list), now)
    reached = Undertaking.objects.filter(within(paths), programme__lead_measure__isnull=False)
    return {
        "moment": now,
        "list": told,
        "total": stakes.total(Total.of(told.chosen), now.as_of),
        "page": page,
        "tables": list(zip((True, False), parted(shown), strict=True)),
        "differ": sum(row.differs for row in rows),
        "only": only(rows, others or []),
        "side": beside.other_side(now),
        "lights": watching.WATCHED,
        "programmes": Programme.objects.filter(Exists(reached.filter(programme=OuterRef("pk")))),
        "bodies": Body.objects.filter(Exists(reached.filter(lead_body=OuterRef("pk")))),
    }


@permit("desk.read")
@require_safe
@turned
def watch(request: HttpRequest, now: Moment) -> HttpResponse:
    """What is red or amber, the largest stake first: since when, who answers, what was tried."""
    paths = paths_of(request.user)
    snapshot, there = beside.stood(now)
    key = (kept.of(snapshot), kept.of(there), paths, beside_the_ledger())
    body = kept.part(request, "web/watch/_list.html", lambda: _listed(request, now, snapshot, there, paths), *key)
    return render(request, "web/watch/page.html", {"here": "watch", "moment": now, "body": body})
