"""Structured logs: one line an event, as JSON for machines or as text for people.

Each answered request leaves one line with method, path, status, milliseconds, the user's number and a request id, which the
response carries too. Names, addresses and query strings stay out of it; who did what is the audit log's business.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse

_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def logging_settings(form: str) -> dict[str, Any]:
    """Django's LOGGING for DUBAN_LOG=`form` ("json" or "text"); sets structlog up alike."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    last: list[Any] = (
        [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if form == "json"
        else [structlog.dev.ConsoleRenderer(colors=False)]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
                "foreign_pre_chain": _SHARED,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "duban": {"level": "INFO"},
            "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            "axes": {"level": "ERROR"},
        },
    }


class RequestLog:
    """Logs every answered request but those for static files and health, which nobody reads."""

    QUIET = ("/static/", "/healthz")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.log = structlog.get_logger("duban.requests")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4().hex[:16]
        structlog.contextvars.bind_contextvars(request=request_id)
        started = time.perf_counter()
        try:
            response = self.get_response(request)
        finally:
            structlog.contextvars.unbind_contextvars("request")
        response.headers["X-Request-ID"] = request_id
        if not request.path.startswith(self.QUIET):
            user = getattr(request, "user", None)
            self.log.info(
                "answered",
                request=request_id,
                method=request.method,
                path=request.path,
                status=response.status_code,
                ms=round((time.perf_counter() - started) * 1000, 1),
                user=user.pk if user is not None and user.is_authenticated else None,
            )
        return response
