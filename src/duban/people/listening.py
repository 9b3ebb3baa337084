"""Audit lines for what allauth, Django and axes do inside themselves.

Everywhere else an action writes its own line. Here signals are listened to because these libraries decide inside their
own views who is in, and offer no other hook.
"""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.utils import timezone

from duban.people import audit, lockout, sessions


def signed_in(request: Any, user: Any, **_: Any) -> None:
    audit.record(by=user, act="sign-in")
    if request is not None and hasattr(request, "session") and sessions.password_due(user, now=timezone.now()):
        request.session[sessions.PASSWORD_DUE] = True


def signed_out(request: Any, user: Any, **_: Any) -> None:
    if user is not None:
        audit.record(by=user, act="sign-out", idle=getattr(request, "idle", False))


def failed(request: Any, credentials: dict[str, Any], **_: Any) -> None:
    audit.record(by=None, name=lockout.account_name(request, credentials) or "?", act="sign-in", result="refused")


def locked_out(request: Any, username: str | None, **_: Any) -> None:
    # An attempt while locked out is already told by its failed sign-in; only the lock itself is news.
    if getattr(request, "axes_failures_since_start", None) is not None:
        audit.record(by=None, name=username or "?", act="lock-out", failures=request.axes_failures_since_start)


def signed_up(user: Any, **_: Any) -> None:
    audit.record(by=user, act="sign-up")


def _password(act: str) -> Any:
    def listen(request: Any, user: Any, **_: Any) -> None:
        if request is not None:
            request.session.pop(sessions.PASSWORD_DUE, None)
        audit.record(by=user, act=act)

    return listen


def _factor(act: str) -> Any:
    def listen(user: Any, authenticator: Any, **_: Any) -> None:
        audit.record(by=user, act=act, subject=authenticator.type)

    return listen


def second_factor_failed(user: Any, authenticator: Any = None, **_: Any) -> None:
    kind = getattr(authenticator, "type", "")
    audit.record(by=user, act="second-factor", subject=kind, result="refused")


def _address(act: str) -> Any:
    def listen(user: Any = None, email_address: Any = None, to_email_address: Any = None, **_: Any) -> None:
        owner = user or getattr(email_address, "user", None)
        audit.record(by=owner, act=act)

    return listen


LISTENERS = (
    (user_logged_in, signed_in),
    (user_logged_out, signed_out),
    (user_login_failed, failed),
    (user_locked_out, locked_out),
    (account.user_signed_up, signed_up),
    (account.password_changed, _password("password.change")),
    (account.password_set, _password("password.change")),
    (account.password_reset, _password("password.reset")),
    (account.email_added, _address("email.add")),
    (account.email_removed, _address("email.remove")),
    (account.email_confirmed, _address("email.confirm")),
    (account.email_changed, _address("email.change")),
    (mfa.authenticator_added, _factor("second-factor.add")),
    (mfa.authenticator_removed, _factor("second-factor.remove")),
    (mfa.authenticator_reset, _factor("second-factor.renew")),
    (mfa.authentication_failed, second_factor_failed),
)


def connect() -> None:
    """Once, when the app is ready."""
    for signal, listener in LISTENERS:
        signal.connect(listener, weak=False, dispatch_uid=f"duban.people.{id(listener)}")
