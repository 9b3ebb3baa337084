"""Write, illustrate and publish articles."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from PIL import Image, ImageOps, UnidentifiedImageError

from duban.core.refusals import Refusal
from duban.ledger import reads
from duban.ledger.locking import lock
from duban.people import audit, permits
from duban.people.models import Body, User
from duban.press import figures, markup
from duban.press.models import Article, ArticleText, Edition, Photo
from duban.registry.models import Undertaking

LANGUAGES = ("zh-hans", "zh-hant", "en")
WIDEST = 1920


@transaction.atomic
def write(*, slug: str, body: Body, as_of: date, by: User, now: datetime, editor_credit: str = "") -> Article:
    """Begin an article of `body`, read as of a day."""
    permits.check(by, "article.write", body)
    if Article.objects.filter(slug=slug).exists():
        raise Refusal("slug-taken", slug=slug)
    article = Article.objects.create(
        slug=slug, body=body, as_of=as_of, created_by=by, created_at=now, changed_at=now, editor_credit=editor_credit
    )
    audit.record(by=by, act="article.write", subject=slug)
    return article


@transaction.atomic
def set_text(*, article: Article, language: str, title: str, summary: str = "", source: str, by: User, now: datetime) -> ArticleText:
    """Write the article in one language. Raises `Refusal` for a tag that cannot be read or names nothing."""
    permits.check(by, "article.write", article.body)
    if language not in LANGUAGES:
        raise Refusal("language-unknown", language=language)
    if not title.strip():
        raise Refusal("title-missing", language=language)
    for tag in (*markup.tags(title), *markup.tags(summary), *markup.tags(source)):
        _check(tag, article, by)
    text, _ = ArticleText.objects.update_or_create(
        article=article, language=language, defaults={"title": title.strip(), "summary": summary.strip(), "source": source}
    )
    _touch(article, now)
    audit.record(by=by, act="article.text", subject=article.slug, language=language)
    return text


def _open_to(by: User, figure: figures.Figure) -> None:
    """Refuse to print what is not public, unless the editor writes for the body that owns it."""
    owner = figure.programme.owner if figure.programme else None
    if not figure.public and not (owner and permits.may(by, "article.write", owner)):
        raise Refusal("figure-not-public", code=figure.code)


def _check(tag: markup.Tag, article: Article, by: User) -> None:
    if tag.kind == "figure":
        figure = figures.find(tag.name)
        _open_to(by, figure)
        figures.in_unit(figure, Decimal(1), tag.options.get("unit", figure.unit), 0)
    elif tag.kind == "undertaking" and not Undertaking.objects.filter(code=tag.name).exists():
        raise Refusal("undertaking-unknown", undertaking=tag.name)


def _touch(article: Article, now: datetime) -> None:
    article.changed_at = now
    article.save(update_fields=["changed_at"])


@transaction.atomic
def set_day(*, article: Article, as_of: date, by: User, now: datetime) -> Article:
    """Let every figure of the article that names no day of its own be read as of `as_of`."""
    permits.check(by, "article.write", article.body)
    article.as_of = as_of
    article.save(update_fields=["as_of"])
    _touch(article, now)
    audit.record(by=by, act="article.as_of", subject=article.slug, as_of=str(as_of))
    return article


def photo_path(sha256: str) -> Path:
    """Where a photograph lies."""
    return Path(settings.MEDIA_ROOT) / "photos" / sha256[:2] / f"{sha256}.jpg"


def _clean(stream: BinaryIO) -> tuple[bytes, int, int]:
    """A photograph as plain JPEG: turned upright, no wider than needed, without anything hidden in it."""
    limit = settings.SET["evidence_mb"] * 2**20
    content = stream.read(limit + 1)
    if len(content) > limit:
        raise Refusal("file-too-large", megabytes=settings.SET["evidence_mb"])
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as opened:
            image = ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError):
        raise Refusal("not-a-photograph") from None
    image.thumbnail((WIDEST, WIDEST))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85, optimize=True, progressive=True)
    return out.getvalue(), image.width, image.height


def _keep(content: bytes) -> str:
    """Put a photograph's bytes in their place, whole or not at all; the same bytes are kept once."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = photo_path(sha256)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as waiting:
            waiting.write(content)
            waiting.flush()
            os.fsync(waiting.fileno())
        os.replace(waiting.name, path)
    return sha256


@transaction.atomic
def add_photo(
    *,
    article: Article,
    stream: BinaryIO,
    caption: str,
    by: User,
    now: datetime,
    caption_en: str = "",
    credit: str = "",
    credit_en: str = "",
) -> Photo:
    """Add a photograph with its caption at the end of the article's photographs."""
    permits.check(by, "article.write", article.body)
    if not caption.strip():
        raise Refusal("caption-missing")
    content, width, height = _clean(stream)
    last = article.photos.aggregate(order=Max("order"))["order"] or 0
    photo = article.photos.create(
        sha256=_keep(content), media_type="image/jpeg", width=width, height=height, order=last + 1,
        caption=caption, caption_en=caption_en, credit=credit, credit_en=credit_en,
    )  # fmt: skip
    _touch(article, now)
    audit.record(by=by, act="article.photo", subject=article.slug)
    return photo


@transaction.atomic
def remove_photo(*, photo: Photo, by: User, now: datetime) -> None:
    """Take a photograph out of the article; editions that were printed with it keep it."""
    article = photo.article
    permits.check(by, "article.write", article.body)
    photo.delete()
    for order, left in enumerate(article.photos.all(), 1):
        article.photos.filter(pk=left.pk).update(order=order)
    _touch(article, now)
    audit.record(by=by, act="article.photo.remove", subject=article.slug)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _asked(article: Article, sources: Mapping[str, ArticleText]) -> dict[tuple[str, date], figures.Figure]:
    """Every figure that the texts name, by code and day."""
    asked = {}
    for text in sources.values():
        for tag in (*markup.tags(text.title), *markup.tags(text.summary), *markup.tags(text.source)):
            if tag.kind == "figure":
                asked[(tag.name, tag.as_of or article.as_of)] = figures.find(tag.name)
    return asked


def _frozen_figures(article: Article, sources: Mapping[str, ArticleText], head: int, by: User, now: datetime) -> list[dict[str, Any]]:
    frozen = []
    for (code, as_of), figure in sorted(_asked(article, sources).items(), key=lambda pair: pair[0]):
        _open_to(by, figure)
        answer = figures.answer(figure, as_of=as_of, head=head, known_at=now)
        if answer.value is None:
            raise Refusal("figure-silent", code=code, as_of=as_of)
        frozen.append(
            {
                "code": code,
                "as_of": as_of.isoformat(),
                "value": _text(answer.value),
                "numerator": _text(answer.numerator),
                "denominator": _text(answer.denominator),
            }
        )
    return frozen


@transaction.atomic
def publish(*, article: Article, by: User, now: datetime) -> Edition:
    """Freeze the article as its next edition: texts, captions and every figure's value, as of its day, at today's head.

    Raises `Refusal` "text-missing" without a text in Simplified Chinese, "typed-number" when somebody typed a number,
    "figure-silent" when a figure has no answer, "photo-missing" when a text asks for a photograph that is not there.
    """
    permits.check(by, "article.write", article.body)
    lock()
    texts = {text.language: text for text in article.texts.all()}
    if "zh-hans" not in texts:
        raise Refusal("text-missing", language="zh-hans")
    photos = list(article.photos.all())
    for language, text in texts.items():
        for part in (text.title, text.summary, text.source):
            if typed := markup.typed_numbers(part):
                raise Refusal("typed-number", language=language, near=typed[0])
            for tag in markup.tags(part):
                if tag.kind == "photo" and not 1 <= int(tag.name) <= len(photos):
                    raise Refusal("photo-missing", number=tag.name)
    for photo in photos:
        for language, caption in (("zh-hans", photo.caption), ("en", photo.caption_en)):
            if typed := markup.typed_numbers(caption):
                raise Refusal("typed-number", language=language, near=typed[0])
    head = reads.head()
    last = article.editions.aggregate(number=Max("number"))["number"] or 0
    edition = Edition.objects.create(
        article=article,
        number=last + 1,
        published_at=now,
        published_by=by,
        as_of=article.as_of,
        head=head,
        frozen={
            "texts": {k: {"title": t.title, "summary": t.summary, "source": t.source} for k, t in texts.items()},
            "photos": [
                {name: getattr(photo, name) for name in ("sha256", "width", "height", "caption", "caption_en", "credit", "credit_en")}
                for photo in photos
            ],
            "figures": _frozen_figures(article, texts, head, by, now),
            "editor_credit": article.editor_credit,
        },
    )
    article.state, article.changed_at = Article.State.PUBLISHED, now
    article.save(update_fields=["state", "changed_at"])
    audit.record(by=by, act="article.publish", subject=article.slug, edition=edition.number, head=head)
    return edition
