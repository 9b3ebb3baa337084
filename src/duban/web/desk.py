"""The officials' pages: who is on time, who is behind, why, and what would cure it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from duban.ledger import reads as ledger
from duban.people.models import Body
from duban.people.permits import may, permit
from duban.registry import rulebooks
from duban.registry.models import Programme, Undertaking
from duban.standing import reads as standing
from duban.standing.actions import stand_at
from duban.standing.beside import differing
from duban.standing.models import Snapshot, Standing
from duban.web import beside, history, kept, listing, registered
from duban.web.listing import Asked, Counted, paths_of, within
from duban.web.moment import Moment, turned

PAGE = 25
RELATED = ("undertaking__programme", "undertaking__lead_body", "undertaking__town", "measure")
"""What a line of the list is read with."""
WORST = 8
WEEK = timedelta(days=7)


def _week_before(now: Moment) -> Snapshot:
    """The lights as they stood seven days earlier, known then."""
    end = timezone.make_aware(timezone.datetime.combine(now.as_of - WEEK, timezone.datetime.max.time()))
    known = min(end, now.known_at - WEEK) if now.known_at else end
    return stand_at([(now.as_of - WEEK, now.earlier(known))])[0]


@permit("desk.read")
@require_safe
@turned
def overview(request: HttpRequest, now: Moment) -> HttpResponse:
    """One screen for the leader."""
    paths = paths_of(request.user)
    snapshot, there = beside.stood(now)
    before = _week_before(now)

    def facts() -> dict[str, Any]:
        worst = standing.standings(snapshot, within(paths)).filter(light__in=("red", "amber"), heading=False)
        return {
            "moment": now,
            "overview": standing.overview(snapshot, within(paths)),
            "worst": worst.select_related("undertaking__programme", "undertaking__lead_body", "measure")[:WORST],
            "changed": list(standing.changed(before, snapshot, within(paths))[: WORST + 1]),
            "week_ago": now.as_of - WEEK,
            "differ": _differ(snapshot, there, within(paths)),
        }

    body = kept.part(request, "web/desk/_overview.html", facts, kept.of(snapshot), kept.of(before), kept.of(there), paths)
    shown = {"here": "overview", "moment": now, "body": body, "may_report": may(request.user, "report.write")}
    return render(request, "web/desk/overview.html", shown)


def _differ(here: Snapshot, there: Snapshot | None, reached: Q) -> int:
    """Of how many undertakings in reach the other moment tells something else."""
    differ = differing(here, there) if there else frozenset()
    return standing.standings(here, reached).filter(undertaking__in=differ).count() if differ else 0


def _listed(
    now: Moment, snapshot: Snapshot, there: Snapshot | None, paths: tuple[str, ...], asked: Asked, ask: Mapping[str, str]
) -> dict[str, Any]:
    """The rows asked for, their counts by light, and what the reader may choose; what the other moment tells otherwise beside them."""
    reached = within(paths)
    books = rulebooks.in_force(as_of=now.as_of, known_at=now.known_at, led=True) if asked.rate or asked.counted else {}
    differ, only = differing(snapshot, there) if there else frozenset(), there is not None and ask.get("differs") == "yes"
    told_otherwise = _differ(snapshot, there, reached)
    if only:
        reached &= Q(pk__in=differ)
    counts = asked.counts(snapshot, reached, books)
    rows = asked.standings(snapshot, reached, books).select_related(*RELATED)
    found = sum(counts[light] for light in counts if not asked.lights or light in asked.lights)
    page = Counted(rows, PAGE, None if asked.rules else found).get_page(ask.get("page"))
    beside.pair(page.object_list, there, differ)
    return {
        "moment": now,
        "asked": asked,
        "counts": counts,
        "page": page,
        "unlit": asked.unlit(reached),
        "differ": told_otherwise,
        "only": only,
        "programmes": Programme.objects.all(),
        "bodies": Body.objects.filter(Q(kind=Body.Kind.TOWN) | Exists(Undertaking.objects.filter(lead_body=OuterRef("pk")))),
        "stages": Undertaking.Stage.choices,
        "orders": listing.orders(),
    }


@permit("desk.read")
@require_safe
@turned
def undertakings(request: HttpRequest, now: Moment) -> HttpResponse:
    """Every undertaking that its reader answers for, worst first; every choice stands in the address."""
    paths, asked = paths_of(request.user), Asked.read(request.GET)
    snapshot, there = beside.stood(now)
    template = "web/desk/_undertakings.html" if request.htmx else "web/desk/_listed.html"  # type: ignore[attr-defined]
    key = (kept.of(snapshot), kept.of(there), paths)
    body = kept.part(request, template, lambda: _listed(now, snapshot, there, paths, asked, request.GET), *key)
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(body)
    return render(request, "web/desk/undertakings.html", {"here": "undertakings", "moment": now, "body": body})


PARTS = ("verdict", "beside", "told", "dates", "about")


def _lit(promise: Undertaking, snapshot: Snapshot) -> Standing | None:
    return snapshot.standings.filter(undertaking=promise).select_related("measure").first()


def _told(promise: Undertaking, now: Moment, here: Snapshot, there: Snapshot | None) -> dict[str, Any]:
    """What an undertaking's page says of the ledger and the registry, rendered; `charted` is whether it has a chart."""
    said = ledger.slots(promise, head=beside.newest_head(now), as_of=now.as_of)
    slots, lit = beside.as_known(said, now.head), _lit(promise, here)
    facts = {
        "moment": now,
        "undertaking": promise,
        "book": rulebooks.in_force(as_of=now.as_of, known_at=now.known_at, led=True).get(promise.programme_id),
        "standing": lit,
        "beside": beside.of(now, said, lit, _lit(promise, there)) if there else None,
        "otherwise": registered.otherwise(now, promise),
        "course": history.course(slots, promise.programme.lead_measure, as_of=now.as_of),
        "milestones": history.milestones(slots, as_of=now.as_of),
        "chapters": history.chapters(slots),
        "attributes": history.attributes(promise),
        "parts": promise.parts.select_related("lead_body"),
    }
    return {"charted": facts["course"] is not None} | {name: render_to_string(f"web/desk/_{name}.html", facts) for name in PARTS}


@permit("desk.read")
@require_safe
@turned
def undertaking(request: HttpRequest, now: Moment, code: str) -> HttpResponse:
    """One undertaking: its light, why, the cure, and everything that was ever said of it."""
    promise = registered.found(lambda: Undertaking.objects.filter(within(paths_of(request.user))), code)
    if promise is None:
        return registered.not_yet(request, now, code, "web/desk.html")
    snapshot, there = beside.stood(now)
    key = ("undertaking", kept.of(snapshot), kept.of(there), promise.pk, now.query, now.beside)
    facts = {
        "here": "undertakings",
        "moment": now,
        "undertaking": promise,
        "told": kept.value(lambda: _told(promise, now, snapshot, there), *key),
        "may_report": may(request.user, "report.write", promise.lead_body),
    }
    return render(request, "web/desk/undertaking.html", facts)
