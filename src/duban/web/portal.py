"""The public pages: what a resident sees without signing in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from duban.people.permits import public


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The headline figures, the latest articles and the public programmes."""
    return render(request, "web/portal/home.html", {"here": "home"})


@public
@require_safe
def articles(request: HttpRequest) -> HttpResponse:
    """What was published, newest first."""
    return render(request, "web/portal/articles.html", {"here": "articles"})


@public
@require_safe
def programmes(request: HttpRequest) -> HttpResponse:
    """The public programmes."""
    return render(request, "web/portal/programmes.html", {"here": "programmes"})
