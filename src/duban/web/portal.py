"""The public pages: what a resident sees without signing in. No person's name, no light, no ranking."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from duban.ledger import reads as ledger
from duban.people.models import Body
from duban.people.permits import public
from duban.press import reads as press
from duban.registry.models import Programme, Undertaking
from duban.standing import reads as standing
from duban.standing.actions import stand
from duban.standing.models import Snapshot, Standing
from duban.web import articles, figures, history, kept
from duban.web.listing import simplified
from duban.web.moment import Moment, moment

PAGE = 50
STORIES = 4
OPEN = Q(public=True, programme__public=True)


def progress(snapshot: Snapshot) -> list[standing.Tally]:
    """How far every public programme is: sums, never lights. Programmes without a lead measure come with their count only."""
    whole = kept.value(lambda: standing.overview(snapshot, OPEN), "public overview", kept.of(snapshot))
    told = {tally.code: tally for tally in whole.programmes}
    programmes = Programme.objects.filter(public=True).annotate(
        undertakings_count=Count("undertakings", filter=Q(undertakings__public=True))
    )
    for programme in programmes:
        programme.tally = told.get(programme.code)  # type: ignore[attr-defined]
    return list(programmes)  # type: ignore[arg-type]


@public
@require_safe
def programmes(request: HttpRequest) -> HttpResponse:
    """The public programmes and how far they are."""
    now = moment(request)
    found = progress(stand(as_of=now.as_of, head=now.head, known_at=now.known_at))
    return render(request, "web/portal/programmes.html", {"here": "programmes", "moment": now, "programmes": found})


def _asked(request: HttpRequest, programme: Programme) -> Q:
    """The filter that stands in the address: words, a town, and the programme's own choices."""
    asked = Q()
    for words in request.GET.get("q", "")[:100].split():
        asked &= Q(name__icontains=simplified(words)) | Q(name_en__icontains=words) | Q(lead_body__name__icontains=simplified(words))
    if town := request.GET.get("town"):
        asked &= Q(town__code=town)
    for declared in programme.attributes:
        chosen = request.GET.get(declared["code"])
        if declared["type"] == "choice" and chosen in {one["code"] for one in declared.get("choices", ())}:
            asked &= Q(**{f"attributes__{declared['code']}": chosen})
    return asked


def _standings(rows: QuerySet[Undertaking], now: Moment) -> dict[int, Standing]:
    """The standings of these undertakings: for their amounts and days."""
    snapshot = stand(as_of=now.as_of, head=now.head, known_at=now.known_at)
    found = snapshot.standings.filter(undertaking__in=[row.pk for row in rows]).select_related("measure")
    return {one.undertaking_id: one for one in found}


def _listed(request: HttpRequest, chosen: Programme, now: Moment) -> dict[str, Any]:
    """A programme's undertakings as asked for, how far each is, and what the reader may choose."""
    open_ones = chosen.undertakings.filter(public=True)
    rows = open_ones.filter(_asked(request, chosen)).select_related("lead_body", "town").order_by("order", "code")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    told = _standings(page.object_list, now) if chosen.lead_measure else {}
    for row in page.object_list:
        row.standing = told.get(row.pk)
        row.attributes_told = history.attributes(row, chosen)
    choices = [
        {**declared, "chosen": request.GET.get(declared["code"], "")} for declared in chosen.attributes if declared["type"] == "choice"
    ]
    towns = Body.objects.filter(hosted_undertakings__in=open_ones).distinct()
    return {"moment": now, "programme": chosen, "page": page, "towns": towns, "choices": choices, "map_tiles": settings.SET["map_tiles"]}


@public
@require_safe
def programme(request: HttpRequest, code: str) -> HttpResponse:
    """One public programme: every undertaking, how far it is, and where."""
    chosen = get_object_or_404(Programme.objects.select_related("owner", "lead_measure"), code=code, public=True)
    now = moment(request)
    snapshot = stand(as_of=now.as_of, head=now.head, known_at=now.known_at)
    template = "web/portal/_programme.html" if request.htmx else "web/portal/_listed.html"  # type: ignore[attr-defined]
    body = kept.part(request, template, lambda: _listed(request, chosen, now), kept.of(snapshot), chosen.pk)
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(body)
    return render(request, "web/portal/programme.html", {"here": "programmes", "moment": now, "programme": chosen, "body": body})


@public
@require_safe
def undertaking(request: HttpRequest, code: str) -> HttpResponse:
    """One public undertaking with every slot's history: what was said when, and why it was changed."""
    now = moment(request)
    chosen = Undertaking.objects.filter(OPEN).select_related("programme__lead_measure", "lead_body", "town", "parent")
    promise = get_object_or_404(chosen, code=code)
    slots = ledger.slots(promise, head=now.head, as_of=now.as_of)
    facts = {
        "here": "programmes",
        "moment": now,
        "undertaking": promise,
        "standing": _standings([promise], now).get(promise.pk) if promise.programme.lead_measure else None,  # type: ignore[arg-type]
        "course": history.course(slots, promise.programme.lead_measure, as_of=now.as_of),
        "milestones": history.milestones(slots, as_of=now.as_of),
        "chapters": history.chapters(slots),
        "attributes": history.attributes(promise),
        "parts": promise.parts.filter(public=True),
        "files": promise.evidence.filter(public=True),
    }
    return render(request, "web/portal/undertaking.html", facts)


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The headline figures, the latest articles and the public programmes."""
    now = moment(request)
    editions = list(press.latest()[:STORIES])
    facts = {
        "here": "home",
        "moment": now,
        "headlines": figures.headlines(as_of=now.as_of, head=now.head, known_at=now.known_at),
        "stories": [articles.story(edition) for edition in editions],
        "programmes": progress(stand(as_of=now.as_of, head=now.head, known_at=now.known_at)),
    }
    return render(request, "web/portal/home.html", facts)
