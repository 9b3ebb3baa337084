"""Files that somebody handed in, given to a browser as nothing but bytes."""

from __future__ import annotations

from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response


def served(request: HttpRequest, path: Path, media_type: str, name: str, *, etag: str, download: bool = False) -> HttpResponseBase:
    """The bytes, such that no browser takes them for anything but what they are or runs what is in them."""
    response: HttpResponseBase | None = get_conditional_response(request, etag=f'"{etag}"')
    if response is None:
        try:
            response = FileResponse(path.open("rb"), as_attachment=download, filename=name, content_type=media_type)
        except FileNotFoundError:
            raise Http404 from None
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-cache"
    response["ETag"] = f'"{etag}"'
    return response
