"""The page that tries a draft of a rulebook on today and on the past twelve months, before anybody adopts it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from duban.ledger import reads as ledger
from duban.people.permits import may, permit
from duban.registry import rulebook_actions as actions
from duban.registry.models import RulebookVersion
from duban.standing import reads, trials
from duban.standing.trials import Tried
from duban.web import display
from duban.web.context import today
from duban.web.listing import paths_of, within
from duban.web.moment import read_day
from duban.web.rulebooks import address

PAGE: Final = 25


@dataclass(frozen=True, slots=True)
class Row:
    """A day of the trial as it is drawn; `trial` is whether the draft would not hold yet on that day."""

    tried: Tried
    trial: bool

    @property
    def lights(self) -> list[tuple[str, int, int]]:
        return [(light, self.tried.before[light], self.tried.after[light]) for light in reads.LIGHTS]

    @property
    def bars(self) -> list[list[tuple[str, str, str]]]:
        """Before, and after."""
        return [display.stacked(self.tried.before), display.stacked(self.tried.after)]


def _row(version: RulebookVersion, day: date) -> Row:
    return Row(trials.tried(version, day=day, head=ledger.head()), trial=day < version.since)


def seen(user: Any, pk: int) -> RulebookVersion:
    """A version that `user` may adopt. Raises Http404."""
    version = get_object_or_404(RulebookVersion.objects.select_related("body", "programme__owner"), pk=pk)
    if not may(user, actions.ADOPT, version.keeper):
        raise Http404
    return version


def day_of(request: HttpRequest, days: list[date]) -> date:
    """The day in the address, without one the first of the trial's. Raises Http404 for one that is not tried."""
    chosen = request.GET.get("day", "")
    day = read_day(chosen) if chosen else days[0]
    if day not in days:
        raise Http404
    return day


@permit("rulebook.adopt")
@require_safe
def trial(request: HttpRequest, pk: int) -> HttpResponse:
    """Counts before and after, month by month as they are worked out, and what would change on a chosen day."""
    version = seen(request.user, pk)
    if version.state != RulebookVersion.State.DRAFT:
        return redirect(address(version.of))
    days = trials.days(today())
    if "row" in request.GET:
        return _next_row(request, version, days)
    day = day_of(request, days)
    facts = {
        "here": "rulebooks",
        "version": version,
        "whose": version.of,
        "address": address(version.of),
        "days": days,
        "day": day,
        "lights": reads.LIGHTS,
    }
    if request.GET.get("whole"):
        facts["rows"] = [_row(version, one) for one in days]
    facts |= _changes(request, version, day)
    template = "web/rulebooks/_changes.html" if request.htmx else "web/rulebooks/trial.html"  # type: ignore[attr-defined]
    return render(request, template, facts)


def _next_row(request: HttpRequest, version: RulebookVersion, days: list[date]) -> HttpResponse:
    """One day's row, and the one that asks for the next."""
    given = request.GET["row"]
    place = int(given) if given.isdecimal() and len(given) < 3 else len(days)
    if place >= len(days):
        raise Http404
    left = place + 1 if place + 1 < len(days) else None
    facts = {
        "version": version,
        "row": _row(version, days[place]),
        "next": left,
        "next_day": days[left] if left else None,
        "all": len(days),
    }
    return render(request, "web/rulebooks/_tried.html", facts)


def _changes(request: HttpRequest, version: RulebookVersion, day: date) -> dict[str, Any]:
    """The undertakings that would have another light; those of bodies that the reader does not read are only counted."""
    before, after = trials.snapshots(version, day=day, head=ledger.head())
    reached = trials.reached(version)
    everywhere, mine = reads.changed(before, after, reached), reads.of(within(paths_of(request.user)))
    counted = everywhere.aggregate(all=Count("pk"), mine=Count("pk", filter=mine))
    paginator = Paginator(everywhere.filter(mine), PAGE)
    paginator.count = counted["mine"]
    page = paginator.get_page(request.GET.get("page"))
    return {"page": page, "elsewhere": counted["all"] - counted["mine"], "trial": day < version.since}
