"""The addresses of reporting and reviewing."""

from __future__ import annotations

from django.urls import path

from duban.intake import views

app_name = "intake"
urlpatterns = [
    path("desk/reports/", views.submissions, name="submissions"),
    path("desk/reports/new/", views.new, name="new"),
    path("desk/reports/<int:pk>/", views.submission, name="submission"),
    path("desk/reports/<int:pk>/send/", views.send, name="send"),
    path("desk/reports/<int:pk>/discard/", views.discard, name="discard"),
    path("desk/reports/<int:pk>/accept/", views.accept, name="accept"),
    path("desk/reports/<int:pk>/return/", views.give_back, name="give_back"),
]
