from __future__ import annotations

from django.urls import path

from duban.people import token_views, views

app_name = "people"
urlpatterns = [
    path("account/", views.account, name="account"),
    path("account/work/", views.apply, name="apply"),
    path("account/tokens/", token_views.token_list, name="tokens"),
    path("account/tokens/<int:pk>/end/", token_views.token_end, name="token_end"),
    path("invitations/<str:token>/", views.invitation, name="invitation"),
    path("people/", views.people, name="people"),
    path("people/invite/", views.invite, name="invite"),
    path("people/invitations/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("people/applications/<int:pk>/answer/", views.answer, name="answer"),
    path("people/appointments/<int:pk>/end/", views.end, name="end"),
    path("people/<int:pk>/password/", views.allow_reset, name="allow_reset"),
    path("people/bodies/", views.bodies, name="bodies"),
    path("people/bodies/new/", views.body_add, name="body_add"),
    path("people/bodies/<slug:code>/", views.body, name="body"),
    path("people/bodies/<slug:code>/move/", views.body_move, name="body_move"),
    path("audit/", views.audit_log, name="audit"),
]
