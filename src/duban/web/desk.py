"""The officials' pages: who is on time, who is behind, why, and what would cure it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from duban.people.permits import permit


@permit("desk.read")
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """One screen for the leader."""
    return render(request, "web/desk/overview.html", {"here": "overview"})


@permit("desk.read")
@require_safe
def undertakings(request: HttpRequest) -> HttpResponse:
    """Every undertaking, worst first."""
    return render(request, "web/desk/undertakings.html", {"here": "undertakings"})
