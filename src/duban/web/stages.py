"""The board of stages (四督四保): what is in each, the five rates, and where it stands, on the desk and as a file."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from duban.people.permits import permit
from duban.web import kept, stages_file
from duban.web.listing import paths_of
from duban.web.moment import Moment, turned
from duban.web.staging import Board, Scope


@permit("desk.read")
@require_safe
@turned
def board(request: HttpRequest, now: Moment) -> HttpResponse:
    """Everything in a stage that its reader answers for; the scope and the cut stand in the address."""
    paths = paths_of(request.user)
    scope = Scope.read(request, now, paths)
    told = Board(scope)

    def facts() -> dict[str, Any]:
        return {"moment": now, "scope": scope, "board": told}

    body = kept.part(request, "web/stages/_board.html", facts, kept.of(told.snapshot), paths)
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
        return {"moment": now, "races": told.races}

    return HttpResponse(kept.part(request, "web/stages/_races.html", facts, kept.of(told.snapshot), paths))


@permit("desk.read")
@require_safe
@turned
def board_csv(request: HttpRequest, now: Moment) -> HttpResponse:
    """The board's table as a file."""
    told = Board(Scope.read(request, now, paths_of(request.user)))
    facts = {"Content-Disposition": content_disposition_header(True, now.names(_("Stages"), "csv")) or ""}
    return HttpResponse(stages_file.written(told), content_type="text/csv; charset=utf-8", headers=facts)
