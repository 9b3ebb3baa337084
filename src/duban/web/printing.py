"""The portal's articles, and the receipt behind every figure."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from duban.ledger import reads as ledger
from duban.people.models import Body
from duban.people.permits import public, reach
from duban.press import reads
from duban.press.actions import photo_path
from duban.press.models import Edition, Figure
from duban.registry import past
from duban.web import articles as told
from duban.web import figures, kept
from duban.web.moment import Moment, read_day, turned

PAGE = 12
YEAR = 365 * 24 * 3600
RELATED = (
    "programme",
    "measure",
    "undertaking",
    "body",
    "numerator__programme",
    "numerator__measure",
    "denominator__programme",
    "denominator__measure",
)


@public
@require_safe
def articles(request: HttpRequest) -> HttpResponse:
    """What was published, newest first."""
    page = Paginator(reads.latest(), PAGE).get_page(request.GET.get("page"))
    return render(
        request, "web/portal/articles.html", {"here": "articles", "page": page, "stories": [told.story(edition) for edition in page]}
    )


def _edition(slug: str, number: str) -> Edition:
    """An article's edition: the one asked for, else the newest."""
    found = Edition.objects.filter(article__slug=slug).select_related("article__body")
    if number:
        if not number.isdecimal():
            raise Http404
        found = found.filter(number=int(number))
    edition = found.order_by("-number").first()
    if edition is None:
        raise Http404
    return edition


@public
@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """One edition of an article: its words, photographs and figures as they were frozen."""
    edition = _edition(slug, request.GET.get("edition", ""))
    editions = list(edition.article.editions.values("number", "published_at"))
    facts = {
        "here": "articles",
        "page": kept.value(lambda: told.page(edition), "page", kept.printed(edition), ledger.revision()),
        "edition": edition,
        "editions": editions,
        "newest": editions[0]["number"] == edition.number,
    }
    return render(request, "web/portal/article.html", facts)


def _receipt(
    request: HttpRequest,
    figure: Figure,
    *,
    as_of: date,
    head: int,
    known_at: datetime | None,
    promised: str,
    other: Moment | None = None,
    edition: Edition | None = None,
) -> HttpResponse:
    """`promised` is the question by which the pages of undertakings show what it rests on; `other` as in `figures.receipt`."""
    facts = {
        "here": "articles" if edition else "home",
        "receipt": figures.receipt(figure, as_of=as_of, head=head, known_at=known_at, other=other),
        "question": figures.question(figure, as_of),
        "conditions": figures.conditions(figure),
        "edition": edition,
        "promised": promised,
    }
    template = "web/portal/_receipt.html" if request.htmx else "web/portal/receipt.html"  # type: ignore[attr-defined]
    return render(request, template, facts)


def printed(request: HttpRequest, slug: str, code: str) -> tuple[Figure, Edition, Moment]:
    """A figure that an edition was printed with, and the moment at which it was. Raises Http404."""
    edition = _edition(slug, request.GET.get("edition", ""))
    day = request.GET.get("as_of", "")
    as_of = read_day(day) if day else edition.as_of
    if not any(one["code"] == code and one["as_of"] == as_of.isoformat() for one in edition.frozen["figures"]):
        raise Http404
    figure = get_object_or_404(Figure.objects.select_related(*RELATED), code=code)
    at = {"as_of": as_of, "head": edition.head, "known_at": edition.published_at}
    return figure, edition, Moment(**at, then=ledger.recorded_at(edition.head), turned=True)


@public
@require_safe
def receipt(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """The receipt of a figure that an edition was printed with, known at the edition's head."""
    figure, edition, at = printed(request, slug, code)
    return _receipt(request, figure, as_of=at.as_of, head=at.head, known_at=at.known_at, promised=at.query, edition=edition)


def catalogued(user: Any, code: str) -> Figure:
    """A figure of the catalogue that `user` may open: a public one, or one of a body whose desk they read. Raises Http404."""
    with past.at(None):
        own = list(Body.objects.filter(reach(user, "desk.read")).values_list("pk", flat=True))
    asked = Figure.objects.filter(Q(public=True) | Q(programme__owner__in=own)).select_related(*RELATED)
    return get_object_or_404(asked, code=code)


@public
@require_safe
@turned
def figure(request: HttpRequest, now: Moment, code: str) -> HttpResponse:
    """The receipt of a catalogued figure on any day, known at any moment; those that are not public are for the desk of their body."""
    return _receipt(
        request, catalogued(request.user, code), as_of=now.as_of, head=now.head, known_at=now.known_at, promised=now.query, other=now.other
    )


@public
@require_safe
@cache_control(public=True, max_age=YEAR, immutable=True)
def photo(request: HttpRequest, sha256: str) -> HttpResponse:
    """A photograph by the digest of its content, which only those know who were shown it."""
    if len(sha256) != 64 or not sha256.isalnum() or not (path := photo_path(sha256)).is_file():
        raise Http404
    return FileResponse(path.open("rb"), content_type="image/jpeg")
