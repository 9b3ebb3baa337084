"""The officials' pages: who is on time, who is behind, why, and what would cure it."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from duban.ledger import reads as ledger
from duban.people.models import Body
from duban.people.permits import may, permit
from duban.registry.models import Programme, Undertaking
from duban.standing import reads as standing
from duban.standing.actions import stand
from duban.standing.models import Snapshot, Standing
from duban.web import history, listing
from duban.web.listing import Asked, Counted, paths_of, within
from duban.web.moment import Moment, moment

PAGE = 25
WORST = 8
WEEK = timedelta(days=7)


@lru_cache(maxsize=64)
def _overview(snapshot: int, computed_at: object, paths: tuple[str, ...]) -> standing.Overview:
    """A snapshot never changes, so what was folded from it is kept."""
    return standing.overview(Snapshot(pk=snapshot), within(paths))


def _week_before(now: Moment, revision: int) -> Snapshot:
    """The lights as they stood seven days earlier, known then."""
    end = timezone.make_aware(timezone.datetime.combine(now.as_of - WEEK, timezone.datetime.max.time()))
    known = min(end, now.known_at - WEEK) if now.known_at else end
    return stand(as_of=now.as_of - WEEK, head=min(ledger.head(known), now.head), revision=revision)


@permit("desk.read")
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """One screen for the leader."""
    now, paths = moment(request), paths_of(request.user)
    snapshot = stand(as_of=now.as_of, head=now.head)
    whole = _overview(snapshot.pk, snapshot.computed_at, paths)
    worst = standing.standings(snapshot, within(paths)).filter(light__in=("red", "amber"), heading=False)
    changed = standing.changed(_week_before(now, snapshot.revision), snapshot, within(paths))
    facts = {
        "here": "overview",
        "moment": now,
        "overview": whole,
        "worst": worst.select_related("undertaking__programme", "undertaking__lead_body", "measure")[:WORST],
        "changed": changed[: WORST + 1],
        "week_ago": now.as_of - WEEK,
    }
    return render(request, "web/desk/overview.html", facts)


@lru_cache(maxsize=256)
def _counts(snapshot: int, computed_at: object, paths: tuple[str, ...], asked: Asked) -> dict[str, int]:
    return standing.counts(Snapshot(pk=snapshot), within(paths) & asked.filter())


@permit("desk.read")
@require_safe
def undertakings(request: HttpRequest) -> HttpResponse:
    """Every undertaking that its reader answers for, worst first; every choice stands in the address."""
    now, paths, asked = moment(request), paths_of(request.user), Asked.read(request.GET)
    snapshot = stand(as_of=now.as_of, head=now.head)
    counts = _counts(snapshot.pk, snapshot.computed_at, paths, asked)
    rows = asked.standings(snapshot, within(paths)).select_related("undertaking__programme", "undertaking__lead_body", "undertaking__town", "measure")
    found = sum(counts[light] for light in counts if not asked.lights or light in asked.lights)
    facts = {
        "here": "undertakings",
        "moment": now,
        "asked": asked,
        "counts": counts,
        "page": Counted(rows, PAGE, found if not asked.rules else None).get_page(request.GET.get("page")),
        "unlit": asked.unlit(within(paths)),
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "web/desk/_undertakings.html", facts)
    bodies = Body.objects.filter(Q(kind=Body.Kind.TOWN) | Q(undertakings__isnull=False)).distinct()
    choices = {"programmes": Programme.objects.all(), "bodies": bodies, "stages": Undertaking.Stage.choices, "orders": listing.orders()}
    return render(request, "web/desk/undertakings.html", {**facts, **choices})


@permit("desk.read")
@require_safe
def undertaking(request: HttpRequest, code: str) -> HttpResponse:
    """One undertaking: its light, why, the cure, and everything that was ever said of it."""
    now = moment(request)
    chosen = Undertaking.objects.filter(within(paths_of(request.user))).select_related("programme__lead_measure", "programme__owner", "lead_body", "town", "parent")
    promise = get_object_or_404(chosen, code=code)
    snapshot = stand(as_of=now.as_of, head=now.head)
    slots = ledger.slots(promise, head=now.head, as_of=now.as_of)
    facts: dict[str, Any] = {
        "here": "undertakings",
        "moment": now,
        "undertaking": promise,
        "standing": Standing.objects.filter(snapshot=snapshot, undertaking=promise).select_related("measure").first(),
        "course": history.course(slots, promise.programme.lead_measure, as_of=now.as_of),
        "milestones": history.milestones(slots, as_of=now.as_of),
        "chapters": history.chapters(slots),
        "attributes": history.attributes(promise),
        "parts": promise.parts.select_related("lead_body"),
        "may_report": may(request.user, "report.write", promise.lead_body),
    }
    return render(request, "web/desk/undertaking.html", facts)
