"""The addresses of the portal and the desk."""

from __future__ import annotations

from django.urls import path

from duban.web import batching, desk, editing, month, portal, printing, queue, reporting, reviewing, site, uploads, workbooks

app_name = "web"
urlpatterns = [
    path("", portal.home, name="home"),
    path("articles/", printing.articles, name="articles"),
    path("articles/<slug:slug>/", printing.article, name="article"),
    path("articles/<slug:slug>/figures/<str:code>/", printing.receipt, name="receipt"),
    path("figures/<str:code>/", printing.figure, name="figure"),
    path("photos/<str:sha256>.jpg", printing.photo, name="photo"),
    path("programmes/", portal.programmes, name="programmes"),
    path("programmes/<slug:code>/", portal.programme, name="programme"),
    path("undertakings/<slug:code>/", portal.undertaking, name="promise"),
    path("desk/", desk.overview, name="desk"),
    path("desk/undertakings/", desk.undertakings, name="undertakings"),
    path("desk/undertakings/<slug:code>/", desk.undertaking, name="undertaking"),
    path("desk/reports/", queue.submissions, name="reports"),
    path("desk/reports/accept/", queue.accept_all, name="reports_accept"),
    path("desk/reports/new/", month.moved, name="report_new"),
    path("desk/month/", month.month, name="month"),
    path("desk/month/workbook/", workbooks.workbook, name="workbook"),
    path("desk/month/cell/", month.cell, name="month_cell"),
    path("desk/month/evidence/", month.attach, name="month_attach"),
    path("desk/month/evidence/remove/", month.detach, name="month_detach"),
    path("desk/month/send/", month.send, name="month_send"),
    path("desk/reports/<int:pk>/", reporting.submission, name="report"),
    path("desk/reports/<int:pk>/send/", reporting.send, name="report_send"),
    path("desk/reports/<int:pk>/discard/", reporting.discard, name="report_discard"),
    path("desk/reports/<int:pk>/typed/", reporting.typed, name="report_typed"),
    path("desk/reports/<int:pk>/reason/", reporting.reason, name="report_reason"),
    path("desk/reports/<int:pk>/drop/", reporting.drop, name="report_drop"),
    path("desk/reports/<int:pk>/insist/", reporting.insist, name="report_insist"),
    path("desk/reports/<int:pk>/part/", reporting.part, name="report_part"),
    path("desk/reports/<int:pk>/accept/", reviewing.accept, name="report_accept"),
    path("desk/reports/<int:pk>/return/", reviewing.give_back, name="report_return"),
    path("desk/uploads/", uploads.listed, name="uploads"),
    path("desk/uploads/<int:pk>/", uploads.upload, name="upload"),
    path("desk/uploads/<int:pk>/file/", uploads.file, name="upload_file"),
    path("desk/batches/", batching.listed, name="batches"),
    path("desk/batches/<int:pk>/", batching.batch, name="batch"),
    path("desk/batches/<int:pk>/undo/", batching.undo, name="batch_undo"),
    path("desk/articles/", editing.drafts, name="drafts"),
    path("desk/articles/new/", editing.new, name="draft_new"),
    path("desk/articles/<slug:slug>/", editing.draft, name="draft"),
    path("desk/articles/<slug:slug>/preview/", editing.preview, name="draft_preview"),
    path("desk/articles/<slug:slug>/photos/", editing.photo_add, name="draft_photo"),
    path("desk/articles/<slug:slug>/photos/<int:pk>/remove/", editing.photo_remove, name="draft_photo_remove"),
    path("desk/articles/<slug:slug>/publish/", editing.publish, name="draft_publish"),
    path("language", site.language, name="language"),
    path("healthz", site.healthz, name="healthz"),
]
