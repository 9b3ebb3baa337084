"""Every address of the site, and the page that the others are measured against."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from duban.people.permits import permit


@permit("desk.read")
def base(request: HttpRequest) -> HttpResponse:
    """What every page of the desk costs before it says anything."""
    return render(request, "bench/base.html")


urlpatterns = [path("bench/base/", base), path("", include("duban.urls"))]
