"""The addresses of the registry's desk pages and of evidence files."""

from __future__ import annotations

from django.urls import path

from duban.registry import views

app_name = "registry"
urlpatterns = [
    path("desk/measures/", views.measures, name="measures"),
    path("desk/measures/new/", views.measure_add, name="measure_add"),
    path("desk/measures/<slug:code>/", views.measure, name="measure"),
    path("desk/programmes/", views.programmes, name="programmes"),
    path("desk/programmes/new/", views.programme_add, name="programme_add"),
    path("desk/programmes/<slug:code>/", views.programme, name="programme"),
    path("desk/programmes/<slug:code>/attributes/new/", views.attribute_add, name="attribute_add"),
    path("desk/programmes/<slug:code>/attributes/<slug:attribute>/", views.attribute, name="attribute"),
    path("desk/programmes/<slug:code>/attributes/<slug:attribute>/remove/", views.attribute_remove, name="attribute_remove"),
    path("desk/programmes/<slug:code>/undertakings/new/", views.undertaking_add, name="undertaking_add"),
    path("desk/undertakings/<slug:code>/change/", views.undertaking, name="undertaking"),
    path("desk/undertakings/<slug:code>/move/", views.undertaking_move, name="undertaking_move"),
    path("desk/undertakings/<slug:code>/evidence/", views.attach, name="attach"),
    path("evidence/<int:pk>/", views.evidence, name="evidence"),
    path("evidence/<int:pk>/small/", views.evidence_small, name="evidence_small"),
    path("evidence/<int:pk>/public/", views.evidence_show, name="evidence_show"),
]
