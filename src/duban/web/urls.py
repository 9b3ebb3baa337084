"""The addresses of the portal and the desk."""

from __future__ import annotations

from django.urls import path

from duban.web import desk, portal, site

app_name = "web"
urlpatterns = [
    path("", portal.home, name="home"),
    path("articles/", portal.articles, name="articles"),
    path("programmes/", portal.programmes, name="programmes"),
    path("programmes/<slug:code>/", portal.programme, name="programme"),
    path("undertakings/<slug:code>/", portal.undertaking, name="promise"),
    path("desk/", desk.overview, name="desk"),
    path("desk/undertakings/", desk.undertakings, name="undertakings"),
    path("desk/undertakings/<slug:code>/", desk.undertaking, name="undertaking"),
    path("language", site.language, name="language"),
    path("healthz", site.healthz, name="healthz"),
]
