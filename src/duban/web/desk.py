"""The officials' pages: who is on time, who is behind, why, and what would cure it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from duban.ledger import reads as ledger
from duban.people.models import Body
from duban.people.permits import may, permit
from duban.registry import rulebooks
from duban.registry.models import Programme, Undertaking
from duban.standing import reads as standing
from duban.standing.actions import stand
from duban.standing.models import Snapshot
from duban.web import history, kept, listing
from duban.web.listing import Asked, Counted, paths_of, within
from duban.web.moment import Moment, moment

PAGE = 25
WORST = 8
WEEK = timedelta(days=7)


def _week_before(now: Moment, revision: int) -> Snapshot:
    """The lights as they stood seven days earlier, known then."""
    end = timezone.make_aware(timezone.datetime.combine(now.as_of - WEEK, timezone.datetime.max.time()))
    known = min(end, now.known_at - WEEK) if now.known_at else end
    return stand(as_of=now.as_of - WEEK, head=min(ledger.head(known), now.head), revision=revision, known_at=known)


@permit("desk.read")
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """One screen for the leader."""
    now, paths = moment(request), paths_of(request.user)
    snapshot = stand(as_of=now.as_of, head=now.head, known_at=now.known_at)
    before = _week_before(now, snapshot.revision)

    def facts() -> dict[str, Any]:
        worst = standing.standings(snapshot, within(paths)).filter(light__in=("red", "amber"), heading=False)
        return {
            "moment": now,
            "overview": standing.overview(snapshot, within(paths)),
            "worst": worst.select_related("undertaking__programme", "undertaking__lead_body", "measure")[:WORST],
            "changed": standing.changed(before, snapshot, within(paths))[: WORST + 1],
            "week_ago": now.as_of - WEEK,
        }

    body = kept.part(request, "web/desk/_overview.html", facts, kept.of(snapshot), kept.of(before), paths)
    shown = {"here": "overview", "moment": now, "body": body, "may_report": may(request.user, "report.write")}
    return render(request, "web/desk/overview.html", shown)


def _listed(now: Moment, snapshot: Snapshot, paths: tuple[str, ...], asked: Asked, page: str | None) -> dict[str, Any]:
    """The rows asked for, their counts by light, and what the reader may choose."""
    reached, books = within(paths), rulebooks.in_force(as_of=now.as_of, known_at=now.known_at, led=True)
    counts = asked.counts(snapshot, reached, books)
    rows = asked.standings(snapshot, reached, books).select_related(
        "undertaking__programme", "undertaking__lead_body", "undertaking__town", "measure"
    )
    found = sum(counts[light] for light in counts if not asked.lights or light in asked.lights)
    return {
        "moment": now,
        "asked": asked,
        "counts": counts,
        "page": Counted(rows, PAGE, None if asked.rules else found).get_page(page),
        "unlit": asked.unlit(reached),
        "programmes": Programme.objects.all(),
        "bodies": Body.objects.filter(Q(kind=Body.Kind.TOWN) | Q(undertakings__isnull=False)).distinct(),
        "stages": Undertaking.Stage.choices,
        "orders": listing.orders(),
    }


@permit("desk.read")
@require_safe
def undertakings(request: HttpRequest) -> HttpResponse:
    """Every undertaking that its reader answers for, worst first; every choice stands in the address."""
    now, paths, asked = moment(request), paths_of(request.user), Asked.read(request.GET)
    snapshot = stand(as_of=now.as_of, head=now.head, known_at=now.known_at)
    template = "web/desk/_undertakings.html" if request.htmx else "web/desk/_listed.html"  # type: ignore[attr-defined]
    body = kept.part(request, template, lambda: _listed(now, snapshot, paths, asked, request.GET.get("page")), kept.of(snapshot), paths)
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(body)
    return render(request, "web/desk/undertakings.html", {"here": "undertakings", "moment": now, "body": body})


PARTS = ("verdict", "told", "dates", "about")


def _told(promise: Undertaking, now: Moment, snapshot: Snapshot) -> dict[str, Any]:
    """What an undertaking's page says of the ledger and the registry, rendered; `charted` is whether it has a chart."""
    slots = ledger.slots(promise, head=now.head, as_of=now.as_of)
    facts = {
        "moment": now,
        "undertaking": promise,
        "book": rulebooks.in_force(as_of=now.as_of, known_at=now.known_at, led=True).get(promise.programme_id),
        "standing": snapshot.standings.filter(undertaking=promise).select_related("measure").first(),
        "course": history.course(slots, promise.programme.lead_measure, as_of=now.as_of),
        "milestones": history.milestones(slots, as_of=now.as_of),
        "chapters": history.chapters(slots),
        "attributes": history.attributes(promise),
        "parts": promise.parts.select_related("lead_body"),
    }
    return {"charted": facts["course"] is not None} | {name: render_to_string(f"web/desk/_{name}.html", facts) for name in PARTS}


@permit("desk.read")
@require_safe
def undertaking(request: HttpRequest, code: str) -> HttpResponse:
    """One undertaking: its light, why, the cure, and everything that was ever said of it."""
    now = moment(request)
    related = ("programme__lead_measure", "programme__owner", "lead_body", "town", "parent", "answerable")
    chosen = Undertaking.objects.filter(within(paths_of(request.user))).select_related(*related)
    promise = get_object_or_404(chosen, code=code)
    snapshot = stand(as_of=now.as_of, head=now.head, known_at=now.known_at)
    facts = {
        "here": "undertakings",
        "moment": now,
        "undertaking": promise,
        "told": kept.value(lambda: _told(promise, now, snapshot), "undertaking", kept.of(snapshot), promise.pk, now.query),
        "may_report": may(request.user, "report.write", promise.lead_body),
    }
    return render(request, "web/desk/undertaking.html", facts)
