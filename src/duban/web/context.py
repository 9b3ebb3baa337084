"""What every page needs."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from duban.people.models import Body
from duban.people.permits import appointments, may
from duban.registry import past
from duban.web import display
from duban.web.templatetags.duban import icon

LANGUAGES = (("zh-hans", "简", "简体中文"), ("zh-hant", "繁", "繁體中文"), ("en", "EN", "English"))


def today() -> date:
    """The day on which pages stand when the reader names none."""
    return settings.SET["today"] or timezone.localdate()


def home_body() -> Body | None:
    """The body whose portal this is, as it is called today: the configured one, else the top of the tree."""
    with past.at(None):
        if settings.SET["body"]:
            return Body.objects.filter(code=settings.SET["body"]).first()
        return Body.objects.filter(parent=None).first()


TURNING = {"web:desk", "web:undertakings", "web:watch", "web:changes", "web:stages", "web:forecast", "web:rulebooks"}
"""The desk's places that are turned back with the page that leads to them; the others are about present work."""


def desk_nav(user: Any, turned: str = "") -> list[dict[str, Any]]:
    """The desk's places that `user` may enter, each with its address, title and icon; `turned` is the query that keeps a page's moment."""
    places = (
        ("desk.read", "overview", "web:desk", _("Overview"), icon("layout-dashboard"), "gd"),
        ("desk.read", "undertakings", "web:undertakings", _("Undertakings"), icon("list-check"), "gu"),
        ("desk.read", "watch", "web:watch", _("Watch-list"), icon("eye"), "gw"),
        ("desk.read", "changes", "web:changes", _("Changes"), icon("arrows-diff"), "gc"),
        ("desk.read", "stages", "web:stages", _("Stages"), icon("stairs-up"), "gs"),
        ("desk.read", "forecast", "web:forecast", _("Year's end"), icon("telescope"), "gf"),
        ("desk.read", "submissions", "web:reports", _("Reports"), icon("clipboard-text"), "gr"),
        ("desk.read", "board", "web:board", _("Who is late"), icon("alarm"), "gb"),
        ("report.write", "uploads", "web:uploads", _("Send a file"), icon("upload"), ""),
        ("desk.read", "rulebooks", "web:rulebooks", _("Rulebooks"), icon("scale"), ""),
        ("registry.write", "programmes", "registry:programmes", _("Programmes"), icon("list-details"), ""),
        ("registry.write", "measures", "registry:measures", _("Measures"), icon("ruler-measure"), ""),
        ("article.write", "articles", "web:drafts", _("Articles"), icon("news"), "ga"),
        ("people.write", "people", "people:people", _("People"), icon("users"), ""),
        ("audit.read", "audit", "people:audit", _("Audit log"), icon("history"), ""),
    )
    entries = []
    for act, name, address, title, svg, key in places:
        if not may(user, act):
            continue
        try:
            url = reverse(address)
        except NoReverseMatch:
            continue
        url += f"?{turned}" if turned and address in TURNING else ""
        entries.append({"name": name, "url": url, "title": title, "svg": svg, "key": key})
    return entries


def desk_name(user: Any) -> str:
    """The body that stands at the head of the desk: the highest that its official serves in."""
    bodies = sorted((held.body for held in appointments(user)), key=lambda body: body.path)
    return display.told(bodies[0]) if bodies else "duban"


def site(request: HttpRequest) -> dict[str, Any]:
    """The names that base templates use; what costs a query is read only when a template asks."""
    user = getattr(request, "user", None)
    if not hasattr(request, "_home"):
        request._home = SimpleLazyObject(home_body)  # type: ignore[attr-defined]  # parts of a page are rendered with it too
    home = request._home  # type: ignore[attr-defined]
    moment = getattr(request, "moment", None)  # of a page that asked for one
    return {
        "home_body": home,
        "site_name": SimpleLazyObject(lambda: display.told(home) if home else "duban"),
        "desk_name": SimpleLazyObject(lambda: desk_name(user)),
        "today": today(),
        "demo_day": settings.SET["today"],
        "languages": LANGUAGES,
        "map_tiles": settings.SET["map_tiles"],
        "is_official": SimpleLazyObject(lambda: bool(user and appointments(user))),
        "moment": moment,
        "desk_nav": SimpleLazyObject(lambda: desk_nav(user, moment.query if moment else "")),
    }
