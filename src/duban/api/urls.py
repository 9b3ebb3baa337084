"""The addresses of the interface for programs; its description is at /api/v1/openapi.json."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe
from ninja.responses import Response

from duban.api import operations, reads
from duban.people.permits import public


@public
@require_safe
def description(request: HttpRequest) -> HttpResponse:
    """The interface in OpenAPI, for everybody: it says how to ask, and nothing that was answered."""
    return Response(operations.api.get_openapi_schema())


urlpatterns = [
    path("api/v1/openapi.json", description, name="api_description"),
    path("api/v1/", reads.api.urls),
]
