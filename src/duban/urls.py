"""Every address of the site; each room keeps its own list."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("", include("duban.api.urls")),
    path("", include("duban.people.urls")),
    path("", include("duban.registry.urls")),
    path("", include("duban.web.urls")),
]
