"""What a program shows instead of a password: made once, shown once, kept only as its SHA-256."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.core.exceptions import PermissionDenied
from django.db import transaction

from duban.core.refusals import Refusal
from duban.people import audit, permits
from duban.people.models import Body, Token, User

MARK: Final = "duban_"
"""How every secret begins, so that one that leaked into a text is found."""
ACTS: Final = {
    Token.Scope.READ: "report.write",
    Token.Scope.SUBMIT: "report.write",
    Token.Scope.STANDINGS: "desk.read",
}
"""What its owner must be allowed to do for a scope to be worth anything."""
LONGEST: Final = 366
REMEMBERED: Final = timedelta(minutes=1)
"""How exactly the last use is remembered: a program that calls often need not write often."""


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def make(*, user: User, body: Body, name: str, scopes: Iterable[str], days: int, now: datetime) -> tuple[Token, str]:
    """A token of `user` for `body` and below, valid for `days`, and its secret, which nobody can read again.

    Raises PermissionDenied for who may not do there what the scopes are for, or `Refusal` "token-name-missing", "scope-unknown" or
    "token-too-long".
    """
    wanted = sorted(set(scopes))
    for act in {ACTS[scope] for scope in wanted if scope in ACTS} or {"desk.read"}:
        permits.check(user, act, body)
    if not name.strip():
        raise Refusal("token-name-missing")
    if not wanted or set(wanted) - set(Token.Scope.values):
        raise Refusal("scope-unknown", scopes=wanted)
    if not 1 <= days <= LONGEST:
        raise Refusal("token-too-long", days=days, most=LONGEST)
    secret = MARK + secrets.token_urlsafe(32)
    token = Token.objects.create(
        user=user, body=body, name=name.strip()[:80], prefix=secret[:12], hashed=_hashed(secret), scopes=wanted,
        made_at=now, expires_at=now + timedelta(days=days),
    )  # fmt: skip
    audit.record(by=user, act="token.make", subject=token.name, body=body.code, scopes=wanted, days=days)
    return token, secret


@transaction.atomic
def end(*, token: Token, by: User, now: datetime) -> Token:
    """Let a token do nothing any more; its owner may, and nobody else."""
    if token.user_id != by.pk:
        raise PermissionDenied("token")
    if token.ended_at is None:
        token.ended_at = now
        token.save(update_fields=["ended_at"])
        audit.record(by=by, act="token.end", subject=token.name)
    return token


def find(secret: str, *, now: datetime) -> Token | None:
    """The running token with this secret, its use remembered; None for one unknown, ended, expired or of an inactive person."""
    running = Token.objects.select_related("user", "body").filter(ended_at=None, expires_at__gt=now, user__is_active=True)
    token = running.filter(hashed=_hashed(secret)).first()
    if token is not None and (token.used_at is None or now - token.used_at > REMEMBERED):
        token.used_at = now
        token.save(update_fields=["used_at"])
    return token


def scopes(user: User) -> list[tuple[str, str]]:
    """The scopes that a token of `user` may have, with what they are for."""
    return [(scope, label) for scope, label in Token.Scope.choices if permits.may(user, ACTS[scope])]


def may(token: Token, scope: str, body: Body) -> bool:
    """Whether `token` may do in `body` what the scope is for: it has it, the body is its own or below, and its owner may."""
    return scope in token.scopes and body.path.startswith(token.body.path) and permits.may(token.user, ACTS[scope], body)
