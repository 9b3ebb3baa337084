"""Who calls, in which language they are answered, and what a refusal looks like."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.parser import Parser
from ninja.security import HttpBearer
from ninja.throttling import AuthRateThrottle

from duban import __version__
from duban.core.refusals import Finding, Refusal
from duban.people import tokens
from duban.people.models import Body, Token
from duban.web import wording


class Bearer(HttpBearer):
    """A token in the Authorization header. A session's cookie opens nothing here, so no other site can act through a browser."""

    def authenticate(self, request: HttpRequest, token: str) -> Token | None:
        return tokens.find(token, now=timezone.now())


class Exact(Parser):
    """JSON whose numbers keep every digit that was sent: none of them is rounded to a float on its way in."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(request.body, parse_float=Decimal)
        return told


api = NinjaAPI(
    title="duban",
    version=__version__,
    description="Report what was done, read what is to be reported, and read at any moment where everything stands.",
    docs_url=None,
    openapi_url=None,
    auth=Bearer(),
    parser=Exact(),
    throttle=[AuthRateThrottle("300/m")],
    urls_namespace="api",
)


def language(request: HttpRequest) -> str:
    """The language that the caller asked for in Accept-Language, else Simplified Chinese."""
    asked = translation.get_language_from_request(request) if request.headers.get("Accept-Language") else "zh-hans"
    return asked if asked in ("zh-hans", "zh-hant", "en") else "zh-hans"


def body_of(token: Token, code: str, scope: str) -> Body:
    """The body named, where the token may do what the scope is for.

    Raises `Refusal` "body-unknown" outside of its reach, PermissionDenied within.
    """
    found = Body.objects.filter(code=code, path__startswith=token.body.path).first()
    if found is None:
        raise Refusal("body-unknown", body=code)
    if not tokens.may(token, scope, found):
        raise PermissionDenied(scope)
    return found


def told(refusal: Refusal) -> dict[str, Any]:
    """A refusal as JSON: its code, its facts as text, its sentence."""
    return {"code": refusal.code, "facts": {name: str(fact) for name, fact in refusal.facts.items()}, "message": wording.told(refusal)}


def listed(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Findings about the lines of a request as JSON; `line` counts from 0."""
    return [
        {
            "line": found.row, "field": found.column, "code": found.code,
            "facts": {name: str(fact) for name, fact in found.facts.items()}, "message": wording.sentence(found.code, found.facts),
        }
        for found in findings
    ]  # fmt: skip


def wrong(request: HttpRequest, findings: Iterable[Finding]) -> HttpResponse:
    """The answer to a request whose lines cannot be read: each finding with the line and field that it speaks of."""
    with translation.override(language(request)):
        return api.create_response(request, {"code": "lines-unfit", "findings": listed(findings)}, status=422)


@api.exception_handler(Refusal)
def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    with translation.override(language(request)):
        return api.create_response(request, told(refusal), status=409)


@api.exception_handler(PermissionDenied)
def denied(request: HttpRequest, denial: PermissionDenied) -> HttpResponse:
    with translation.override(language(request)):
        return api.create_response(request, told(Refusal("not-permitted", act=str(denial))), status=403)


@api.exception_handler(ValidationError)
def unfit(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """What does not have the shape that the description asks for: the place as a path, and what is wrong there."""
    places = [{"place": [str(step) for step in one["loc"]], "message": one["msg"]} for one in error.errors]
    return api.create_response(request, {"code": "request-unfit", "places": places}, status=422)
