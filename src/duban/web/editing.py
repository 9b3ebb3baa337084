"""The editors' pages: an article's texts, photographs and publication."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duban.core.refusals import Refusal
from duban.ledger import reads as ledger
from duban.people.models import Body
from duban.people.permits import appointments, may, permit, reach
from duban.press import actions, markup
from duban.press import figures as press
from duban.press.models import Article, Figure, Photo
from duban.web import articles, wording
from duban.web.context import today
from duban.web.moment import read_day

LANGUAGES = ("zh-hans", "zh-hant", "en")


def _within(user: Any) -> QuerySet[Article]:
    return Article.objects.filter(body__in=Body.objects.filter(reach(user, "article.write"))).select_related("body")


def _told(request: HttpRequest, act: Callable[[], object], done: str) -> bool:
    """Do it and say so, or say why not."""
    try:
        act()
    except Refusal as refusal:
        messages.error(request, wording.told(refusal))
        return False
    messages.success(request, done)
    return True


@permit("article.write")
@require_safe
def drafts(request: HttpRequest) -> HttpResponse:
    """Every article of one's bodies, the last changed first."""
    found = _within(request.user).annotate(edition=Max("editions__number")).prefetch_related("texts").order_by("-changed_at", "-pk")[:100]
    return render(request, "web/editing/drafts.html", {"here": "articles", "articles": found, "today": today()})


@permit("article.write")
@require_POST
def new(request: HttpRequest) -> HttpResponse:
    """Begin an article."""
    bodies = [held.body for held in appointments(request.user) if may(request.user, "article.write", held.body)]
    if not bodies:
        raise PermissionDenied("article.write")
    slug = request.POST.get("slug", "").strip()
    facts = {"body": bodies[0], "as_of": read_day(request.POST.get("as_of", "")), "by": request.user, "now": timezone.now()}
    if _told(request, lambda: actions.write(slug=slug, **facts), _("The article is begun.")):
        return redirect("web:draft", slug)
    return redirect("web:drafts")


def _language(request: HttpRequest) -> str:
    chosen = request.POST.get("language") or request.GET.get("language", "")
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


@permit("article.write")
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, slug: str) -> HttpResponse:
    """Write one language of an article beside its preview; the page also holds photographs and publication."""
    article, language = get_object_or_404(_within(request.user), slug=slug), _language(request)
    texts = {text.language: text for text in article.texts.all()}
    typed = {name: request.POST.get(name, "") for name in ("title", "summary", "source")} if request.method == "POST" else None
    if typed is not None and _told(request, lambda: _save(request, article, language, typed), _("Saved.")):
        return redirect(f"{request.path}?language={language}")
    written, photos, figures = texts.get(language), list(article.photos.all()), articles.catalogue()
    shown = typed or {name: getattr(written, name, "") for name in ("title", "summary", "source")}
    facts = {
        "here": "articles",
        "article": article,
        "language": language,
        "languages_written": [(code, name, code in texts) for code, name in article.texts.model.language.field.choices],
        "shown": shown,
        "photos": photos,
        "editions": article.editions.defer("frozen"),
        "figures": figures.values(),
        **_previewed(article, language, shown, photos, figures),
    }
    return render(request, "web/editing/draft.html", facts)


def _save(request: HttpRequest, article: Article, language: str, typed: dict[str, str]) -> None:
    now = timezone.now()
    if (day := request.POST.get("as_of", "")) and read_day(day) != article.as_of:
        actions.set_day(article=article, as_of=read_day(day), by=request.user, now=now)  # type: ignore[arg-type]
    actions.set_text(article=article, language=language, by=request.user, now=now, **typed)  # type: ignore[arg-type]


def _previewed(
    article: Article, language: str, shown: dict[str, str], photos: list[Photo], figures: Mapping[str, Figure]
) -> dict[str, Any]:
    """The text as it would be printed now, what nobody may type, and what is wrong with a tag."""
    try:
        tags = [tag for part in shown.values() for tag in markup.tags(part)]
        reader = articles.Reader(
            slug=article.slug,
            as_of=article.as_of,
            values={},
            figures=figures,
            undertakings=articles.undertakings({tag.name for tag in tags if tag.kind == "undertaking"}),
            photos=photos,
        )
        asked = {(tag.name, tag.as_of or article.as_of) for tag in tags if tag.kind == "figure" and tag.name in reader.figures}
        head, revision = ledger.present()
        answers = press.answers(((reader.figures[code], day) for code, day in sorted(asked)), head=head, revision=revision)
        reader.values = {named: answer.value for named, answer in answers.items()}
        with override(language):
            facts = {"preview_title": reader.line(shown["title"]), "preview": reader.html(shown["source"])}
    except Refusal as refusal:
        return {"wrong": refusal}
    return {**facts, "typed_numbers": [near for part in shown.values() for near in markup.typed_numbers(part)]}


@permit("article.write")
@require_POST
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """What the editor typed, as it would be printed now, figures resolved; nothing is saved."""
    article, language = get_object_or_404(_within(request.user), slug=slug), _language(request)
    shown = {name: request.POST.get(name, "") for name in ("title", "summary", "source")}
    told = _previewed(article, language, shown, list(article.photos.all()), articles.catalogue())
    return render(request, "web/editing/_preview.html", {"language": language, **told})


@permit("article.write")
@require_POST
def photo_add(request: HttpRequest, slug: str) -> HttpResponse:
    """Add a photograph with its caption."""
    article = get_object_or_404(_within(request.user), slug=slug)
    stream = request.FILES.get("photo")
    words = {name: request.POST.get(name, "") for name in ("caption", "caption_en", "credit", "credit_en")}
    if stream is None:
        messages.error(request, _("Choose a photograph."))
    else:
        _told(
            request,
            lambda: actions.add_photo(article=article, stream=stream, by=request.user, now=timezone.now(), **words),
            _("The photograph was added."),
        )
    return redirect("web:draft", slug)


@permit("article.write")
@require_POST
def photo_remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take a photograph out of an article."""
    article = get_object_or_404(_within(request.user), slug=slug)
    photo = get_object_or_404(article.photos, pk=pk)
    _told(request, lambda: actions.remove_photo(photo=photo, by=request.user, now=timezone.now()), _("The photograph was taken out."))
    return redirect("web:draft", slug)


@permit("article.write")
@require_POST
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """Freeze the article as its next edition."""
    article = get_object_or_404(_within(request.user), slug=slug)
    if _told(request, lambda: actions.publish(article=article, by=request.user, now=timezone.now()), _("Published.")):
        return redirect("web:article", slug)
    return redirect("web:draft", slug)
