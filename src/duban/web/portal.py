"""The public pages: what a resident sees without signing in. No person's name, no light, no ranking."""

from __future__ import annotations

from collections.abc import Iterable
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
from duban.standing.beside import AMOUNTS, differing
from duban.standing.models import Snapshot, Standing
from duban.web import articles, beside, figures, history, kept, pacing, registered
from duban.web.listing import simplified
from duban.web.moment import Moment, turned

PAGE = 50
STORIES = 4
OPEN = Q(public=True, programme__public=True)


def _public(snapshot: Snapshot) -> standing.Overview:
    return kept.value(lambda: standing.overview(snapshot, OPEN), "public overview", kept.of(snapshot))


def progress(now: Moment) -> list[standing.Tally]:
    """How far every public programme is: sums, never lights. Programmes without a lead measure come with their count only."""
    snapshot, there = beside.stood(now)
    told = {tally.code: tally for tally in _public(snapshot).programmes}
    programmes = Programme.objects.filter(public=True).annotate(
        undertakings_count=Count("undertakings", filter=Q(undertakings__public=True))
    )
    told_there = beside.at_other(now, lambda _other: _public(there)) if there else None
    otherwise = {tally.code: tally for tally in told_there.programmes} if told_there else {}
    for programme in programmes:
        programme.tally = told.get(programme.code)  # type: ignore[attr-defined]
        programme.beside = beside.otherwise(programme.tally, otherwise.get(programme.code))  # type: ignore[attr-defined]
    return list(programmes)  # type: ignore[arg-type]


@public
@require_safe
@turned
def programmes(request: HttpRequest, now: Moment) -> HttpResponse:
    """The public programmes and how far they are."""
    found = progress(now)
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


def asked_for(request: HttpRequest, programme: Programme) -> QuerySet[Undertaking]:
    """A programme's public undertakings under the filter that stands in the address, in their order."""
    rows = programme.undertakings.filter(_asked(request, programme), public=True)
    return rows.select_related("lead_body", "town").order_by("order", "code")


def standings_of(rows: Iterable[Undertaking], snapshot: Snapshot) -> dict[int, Standing]:
    """The standings of these undertakings: for their amounts and days."""
    found = snapshot.standings.filter(undertaking__in=[row.pk for row in rows]).select_related("measure")
    return {one.undertaking_id: one for one in found}


def _listed(request: HttpRequest, chosen: Programme, now: Moment, here: Snapshot, there: Snapshot | None) -> dict[str, Any]:
    """A programme's undertakings as asked for, how far each is, what the other moment tells of it, and what the reader may choose."""
    open_ones = chosen.undertakings.filter(public=True)
    page = Paginator(asked_for(request, chosen), PAGE).get_page(request.GET.get("page"))
    told = standings_of(page.object_list, here) if chosen.lead_measure else {}
    differ = differing(here, there, AMOUNTS) if there else frozenset()
    beside.pair(told.values(), there, differ)
    for row in page.object_list:
        row.standing = told.get(row.pk)
        row.attributes_told = history.attributes(row, chosen)
    choices = [
        {**declared, "chosen": request.GET.get(declared["code"], "")} for declared in chosen.attributes if declared["type"] == "choice"
    ]
    towns = Body.objects.filter(hosted_undertakings__in=open_ones).distinct()
    facts = {"moment": now, "programme": chosen, "page": page, "towns": towns, "choices": choices}
    facts |= {"paces": pacing.paced(here, chosen, OPEN)}
    return facts | {"map_tiles": settings.SET["map_tiles"], "differ": open_ones.filter(pk__in=differ).count() if differ else 0}


@public
@require_safe
@turned
def programme(request: HttpRequest, now: Moment, code: str) -> HttpResponse:
    """One public programme: every undertaking, how far it is, and where."""
    chosen = get_object_or_404(Programme.objects.select_related("owner", "lead_measure"), code=code, public=True)
    snapshot, there = beside.stood(now)
    template = "web/portal/_programme.html" if request.htmx else "web/portal/_listed.html"  # type: ignore[attr-defined]
    key = (kept.of(snapshot), kept.of(there), chosen.pk)
    body = kept.part(request, template, lambda: _listed(request, chosen, now, snapshot, there), *key)
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(body)
    return render(request, "web/portal/programme.html", {"here": "programmes", "moment": now, "programme": chosen, "body": body})


@public
@require_safe
@turned
def undertaking(request: HttpRequest, now: Moment, code: str) -> HttpResponse:
    """One public undertaking with every slot's history: what was said when, and why it was changed."""
    promise = registered.found(lambda: Undertaking.objects.filter(OPEN), code)
    if promise is None:
        return registered.not_yet(request, now, code, "web/base.html")
    snapshot, there = beside.stood(now)
    said = ledger.slots(promise, head=beside.newest_head(now), as_of=now.as_of)
    slots, lit = beside.as_known(said, now.head), standings_of([promise], snapshot).get(promise.pk)
    facts = {
        "here": "programmes",
        "moment": now,
        "undertaking": promise,
        "standing": lit,
        "beside": beside.of(now, said, lit, standings_of([promise], there).get(promise.pk)) if there else None,
        "otherwise": registered.otherwise(now, promise),
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
@turned
def home(request: HttpRequest, now: Moment) -> HttpResponse:
    """The headline figures, the latest articles and the public programmes."""
    editions = list(press.latest()[:STORIES])
    facts = {
        "here": "home",
        "moment": now,
        "headlines": figures.headlines(now),
        "stories": [articles.story(edition) for edition in editions],
        "programmes": progress(now),
    }
    return render(request, "web/portal/home.html", facts)
