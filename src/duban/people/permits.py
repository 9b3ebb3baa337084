"""Who may do what: the one place where permission is decided, closed by default.

Every view carries a mark, `@public` or `@permit("act")`; a view without one is refused. `ACTS` says which
roles an act is for. An appointment reaches its body and everything below it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from duban.people.models import Appointment, Body

Role = Appointment.Role
ANY_OFFICIAL = frozenset(Role)
SIGNED_IN = "signed-in"

ACTS: dict[str, frozenset[str] | str] = {
    "account": SIGNED_IN,
    "desk.read": ANY_OFFICIAL,
    "evidence.read": ANY_OFFICIAL,
    "report.write": frozenset({Role.REPORTER, Role.DISPATCHER}),
    "report.review": frozenset({Role.REVIEWER, Role.DISPATCHER}),
    "ledger.import": frozenset({Role.DISPATCHER}),
    "registry.write": frozenset({Role.DISPATCHER}),
    "calendar.write": frozenset({Role.DISPATCHER}),
    "rulebook.write": frozenset({Role.DISPATCHER}),
    "rulebook.adopt": frozenset({Role.DISPATCHER, Role.LEADER}),
    "meeting.hold": frozenset({Role.DISPATCHER, Role.LEADER}),
    "channel.write": frozenset({Role.ADMINISTRATOR, Role.DISPATCHER}),
    "article.write": frozenset({Role.EDITOR}),
    "people.invite": frozenset({Role.ADMINISTRATOR, Role.DISPATCHER}),
    "people.write": frozenset({Role.ADMINISTRATOR}),
    "audit.read": frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR}),
}

# Which roles the holder of a role may give to others, in the bodies that it reaches. A dispatcher gives only
# roles that can do no more than a dispatcher.
GIVES: dict[str, frozenset[str]] = {
    Role.ADMINISTRATOR: frozenset(Role),
    Role.DISPATCHER: frozenset({Role.REPORTER, Role.REVIEWER, Role.LEADER}),
}

View = TypeVar("View", bound=Callable[..., HttpResponse])


def public(view: View) -> View:
    """Mark a view that anybody may open."""
    view.permit = "public"  # type: ignore[attr-defined]
    return view


def permit(act: str) -> Callable[[View], View]:
    """Mark a view that is for those who may do `act` in at least one body."""
    if act not in ACTS:
        raise KeyError(act)

    def mark(view: View) -> View:
        view.permit = act  # type: ignore[attr-defined]
        return view

    return mark


def appointments(user: Any) -> list[Appointment]:
    """The running appointments of `user`, read once a request."""
    if not user.is_authenticated or not user.is_active:
        return []
    if not hasattr(user, "_appointments"):
        now = timezone.now()
        running = Q(since__lte=now) & (Q(until=None) | Q(until__gt=now))
        user._appointments = list(user.appointments.filter(running).select_related("body"))
    return list(user._appointments)


def may(user: Any, act: str, body: Body | None = None) -> bool:
    """Whether `user` may do `act`, in `body` if one is given, anywhere otherwise."""
    roles = ACTS[act]
    if roles == SIGNED_IN:
        return bool(user.is_authenticated and user.is_active)
    return any(a.role in roles and (body is None or body.path.startswith(a.body.path)) for a in appointments(user))


def gives(user: Any, body: Body) -> frozenset[str]:
    """The roles that `user` may give somebody in `body`."""
    return frozenset().union(*(GIVES.get(a.role, frozenset()) for a in appointments(user) if body.path.startswith(a.body.path)))


def reach(user: Any, act: str) -> Q:
    """A filter over bodies (of their `path`) that `user` may do `act` in; matches nothing when there is none."""
    roles = ACTS[act]
    paths = {a.body.path for a in appointments(user) if a.role in roles}
    condition = Q(pk__in=[])
    for path in paths:
        condition |= Q(path__startswith=path)
    return condition


def check(user: Any, act: str, body: Body | None = None) -> None:
    """Raise PermissionDenied unless `user` may do `act` (in `body`)."""
    if not may(user, act, body):
        raise PermissionDenied(act)


def where(request: HttpRequest) -> str:
    """The page that the reader is on: what to return to after signing in.

    A fragment's or a form's own address is no page; htmx and the browser say which page it came from.
    """
    page = request.get_full_path()
    if request.headers.get("HX-Request"):
        page = request.headers.get("HX-Current-URL", "")
    elif request.method not in {"GET", "HEAD"}:
        page = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return "/"
    parts = urlsplit(page)
    return parts._replace(scheme="", netloc="", fragment="").geturl() or "/"


def lead(request: HttpRequest, address: str) -> HttpResponse:
    """Send the whole page to `address`, also when only a fragment was asked for."""
    return HttpResponseClientRedirect(address) if request.headers.get("HX-Request") else HttpResponseRedirect(address)


def send_to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page, and from there back."""
    return lead(request, redirect_to_login(where(request)).url)


class ClosedByDefault:
    """Refuses every view that carries no mark and everybody whom the mark does not let in."""

    # These views guard themselves: allauth's with its own decorators, the interface's by tokens; the others have nothing to guard.
    OPEN_MODULES = ("allauth.account.", "allauth.mfa.", "django.views.static", "django.views.i18n", "whitenoise.", "ninja.")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        mark = getattr(view, "permit", None)
        if mark == "public":
            return None
        if mark is None:
            module = getattr(getattr(view, "view_class", view), "__module__", "")
            if module.startswith(self.OPEN_MODULES):
                return None
            raise PermissionDenied("unmarked view")
        if not request.user.is_authenticated:
            return send_to_sign_in(request)
        if not may(request.user, mark):
            raise PermissionDenied(mark)
        return None
