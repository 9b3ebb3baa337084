"""Language by the reader's choice, and refusals worded for people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme

from duban.core.refusals import Refusal

LANGUAGE_COOKIE = settings.LANGUAGE_COOKIE_NAME


class LanguageMiddleware:
    """The language that the reader chose, else Simplified Chinese; a browser's header is no choice."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.known = {code for code, _ in settings.LANGUAGES}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(LANGUAGE_COOKIE, "")
        language = chosen if chosen in self.known else settings.LANGUAGE_CODE
        translation.activate(language)
        request.LANGUAGE_CODE = language  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class PlainTextMiddleware:
    """Leaves the one character that no database keeps out of addresses and forms, so that a word pasted with it is kept without it."""

    NULL = "\x00"

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        request.GET = self._plain(request.GET)
        if request.method == "POST" and not getattr(view, "csrf_exempt", False):  # a program's body is not read as a form
            request.POST = self._plain(request.POST)  # type: ignore[misc]

    def _plain(self, sent: QueryDict) -> QueryDict:
        if not any(self.NULL in text for name, texts in sent.lists() for text in (name, *texts)):
            return sent
        plain = QueryDict(mutable=True)
        for name, texts in sent.lists():
            plain.setlist(name.replace(self.NULL, ""), [text.replace(self.NULL, "") for text in texts])
        plain._mutable = False
        return plain


class RefusalMiddleware:
    """A refusal that no view caught becomes a page that says what is wrong, with status 409."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refusal):
            return None
        back = request.META.get("HTTP_REFERER", "/")
        if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
            back = "/"
        return render(request, "web/refused.html", {"refusal": exception, "back": back}, status=409)
