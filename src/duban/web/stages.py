"""The board of stages (四督四保): what is in each, the five rates, and where it stands, on the desk and as a file."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from duban.people.permits import permit
from duban.web import beside, kept
from duban.web.listing import paths_of
from duban.web.moment import Moment, turned
from duban.web.staging import Board, Scope


def _other(request: HttpRequest, now: Moment) -> Board | None:
    """The same board at the other one of then and since; None where no moment was named, or where its scope was not known there."""
    try:
        return beside.at_other(now, lambda other: Board(Scope.read(request, other, paths_of(request.user))).read())
    except Http404:
        return None


@permit("desk.read")
@require_safe
@turned
def board(request: HttpRequest, now: Moment) -> HttpResponse:
    """Everything in a stage that its reader answers for; the scope and the cut stand in the address."""
    paths = paths_of(request.user)
    scope = Scope.read(request, now, paths)
    told = Board(scope)

    def facts() -> dict[str, Any]:
        told.there = _other(request, now)
        return {"moment": now, "scope": scope, "board": told, "side": beside.other_side(now)}

    body = kept.part(request, "web/stages/_board.html", facts, kept.of(told.snapshot), beside.other_key(now), paths)
    return render(request, "web/stages/board.html", {"here": "stages", "moment": now, "scope": scope, "body": body})


@permit("desk.read")
@require_safe
@turned
def races(request: HttpRequest, now: Moment) -> HttpResponse:
    """Time against task of every programme that its reader sees, for a part of another page; by itself it is the board."""
    if not request.htmx:  # type: ignore[attr-defined]
        return board(request)
    paths = paths_of(request.user)
    told = Board(Scope.read(request, now, paths))

    def facts() -> dict[str, Any]:
        told.there = _other(request, now)
        return {"moment": now, "races": told.races, "side": beside.other_side(now)}

    return HttpResponse(kept.part(request, "web/stages/_races.html", facts, kept.of(told.snapshot), beside.other_key(now), paths))
