"""Articles as readers see them: an edition's frozen text in their language, with its figures and photographs."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe

from duban.press import markup
from duban.press.markup import Tag
from duban.press.models import Edition, Figure
from duban.registry.models import Undertaking
from duban.web import display, figures, kept


def text(texts: Mapping[str, Any], language: str | None = None) -> tuple[Mapping[str, str], bool]:
    """The text for a language, and whether it has still to be turned into Traditional Chinese."""
    language = language or display.language()
    if language in texts:
        return texts[language], False
    return texts["zh-hans"], language == "zh-hant"


@dataclass(frozen=True, slots=True)
class Printed:
    """One figure as an edition froze it."""

    code: str
    as_of: date
    value: Decimal
    figure: Figure

    @property
    def written(self) -> str:
        return figures.written(self.figure, self.value)


@dataclass(slots=True)
class Reader:
    """Turns tags into what stands on the page. `address` gives the receipt's address of a figure on a day."""

    slug: str
    as_of: date
    values: Mapping[tuple[str, date], Decimal]
    figures: Mapping[str, Figure]
    undertakings: Mapping[str, Undertaking]
    photos: list[Any]
    edition: int | None = None

    def figure(self, tag: Tag) -> SafeString:
        day = tag.as_of or self.as_of
        figure, value = self.figures.get(tag.name), self.values.get((tag.name, day))
        if figure is None:
            return format_html('<mark class="figure-missing">{}</mark>', tag.name)
        options = {"unit": tag.options.get("unit"), "decimals": tag.decimals, "style": tag.options.get("style", "")}
        shown = figures.written(figure, value, **options)
        address = reverse("web:receipt", args=[self.slug, tag.name]) if self.edition else reverse("web:figure", args=[tag.name])
        query = f"as_of={day.isoformat()}" + (f"&edition={self.edition}" if self.edition else "")
        return format_html(
            '<a class="figure" href="{0}?{1}" hx-get="{0}?{1}" hx-target="#sheet-body" aria-haspopup="dialog">{2}</a>',
            address,
            query,
            shown,
        )

    def undertaking(self, tag: Tag) -> SafeString:
        found = self.undertakings.get(tag.name)
        if found is None:
            return format_html('<mark class="figure-missing">{}</mark>', tag.name)
        if not (found.public and found.programme.public):
            return format_html("{}", display.told(found))
        return format_html('<a href="{}">{}</a>', reverse("web:promise", args=[found.code]), display.told(found))

    def photo(self, tag: Tag) -> SafeString:
        place = int(tag.name)
        if not 1 <= place <= len(self.photos):
            return format_html('<mark class="figure-missing">{}</mark>', tag.name)
        return mark_safe(render_to_string("web/portal/_photo.html", {"photo": self.photos[place - 1]}).strip())

    def show(self, tag: Tag) -> str:
        return {"figure": self.figure, "undertaking": self.undertaking, "photo": self.photo}[tag.kind](tag)

    def html(self, source: str, *, traditional: bool = False) -> SafeString:
        """A text with everything in its place; safe, because `markup.render` cleans all but the tags."""
        rendered = display.punctuated(markup.render(source, self.show))
        return mark_safe(display.traditional(rendered) if traditional else rendered)

    def line(self, source: str, *, traditional: bool = False) -> str:
        """A title or a summary: the text alone."""
        return html.unescape(strip_tags(self.html(source, traditional=traditional))).strip()


def _named(sources: Iterable[str]) -> tuple[set[str], set[str]]:
    """The figures and the undertakings that texts name."""
    tags = [tag for source in sources for tag in markup.tags(source)]
    return {tag.name for tag in tags if tag.kind == "figure"}, {tag.name for tag in tags if tag.kind == "undertaking"}


def catalogue(codes: Iterable[str] | None = None) -> dict[str, Figure]:
    """Figures by code, with all that writing them needs; without `codes` all of them."""
    related = ("programme", "measure", "undertaking", "body", "numerator", "denominator")
    found = Figure.objects.select_related(*related).order_by("code")
    return {figure.code: figure for figure in (found if codes is None else found.filter(code__in=set(codes)))}


def undertakings(codes: Iterable[str]) -> dict[str, Undertaking]:
    """Undertakings by code, with their programmes."""
    codes = set(codes)
    return {found.code: found for found in Undertaking.objects.filter(code__in=codes).select_related("programme")} if codes else {}


def reader(edition: Edition, parts: tuple[str, ...] = ("title", "summary", "source")) -> Reader:
    """A reader of one edition, who knows only what was frozen with it."""
    chosen, _ = text(edition.frozen["texts"])
    codes, places = _named(chosen[part] for part in parts)
    values = {(one["code"], date.fromisoformat(one["as_of"])): Decimal(one["value"]) for one in edition.frozen["figures"]}
    return Reader(
        slug=edition.article.slug,
        as_of=edition.as_of,
        values=values,
        figures=catalogue(codes) if codes else {},
        undertakings=undertakings(places),
        photos=edition.frozen["photos"],
        edition=edition.number,
    )


@dataclass(frozen=True, slots=True)
class Story:
    """An article in a list: its title, summary and first photograph."""

    edition: Edition
    title: str
    summary: str
    photo: Mapping[str, Any] | None

    @classmethod
    def of(cls, edition: Edition) -> Story:
        chosen, traditional = text(edition.frozen["texts"])
        told = reader(edition, ("title", "summary"))
        photos = edition.frozen["photos"]
        return cls(
            edition=edition,
            title=told.line(chosen["title"], traditional=traditional),
            summary=told.line(chosen["summary"], traditional=traditional),
            photo=photos[0] if photos else None,
        )


def story(edition: Edition) -> Story:
    """An edition's story in the reader's language; an edition never changes, so it is kept."""
    return kept.value(lambda: Story.of(edition), "story", kept.printed(edition))


@dataclass(frozen=True, slots=True)
class Page:
    """An edition's whole page."""

    edition: Edition
    title: str
    summary: str
    body: SafeString
    credit: str
    figures: list[Printed]


def page(edition: Edition) -> Page:
    """An edition in the reader's language."""
    chosen, traditional = text(edition.frozen["texts"])
    told = reader(edition)
    printed = [
        Printed(code, day, value, told.figures[code])
        for (code, day), value in sorted(told.values.items(), key=lambda one: (one[0][0], one[0][1]))
        if code in told.figures
    ]
    return Page(
        edition=edition,
        title=told.line(chosen["title"], traditional=traditional),
        summary=told.line(chosen["summary"], traditional=traditional),
        body=told.html(chosen["source"], traditional=traditional),
        credit=display.script(edition.frozen.get("editor_credit", "")),
        figures=printed,
    )
