"""Publish the example's articles, each with the ledger as it stood on its day."""

from __future__ import annotations

import io
from typing import Final

from duban.demo import notes, pictures
from duban.demo.article import BULLETIN, CREDIT
from duban.demo.rows import ArticleRow
from duban.people.models import Body, User
from duban.press import actions
from duban.press.models import Edition

ALL: Final = (notes.INVESTMENT, notes.LIVELIHOOD, BULLETIN)


def publish(row: ArticleRow, body: Body, editor: User) -> Edition:
    """Write, illustrate and publish one article at its own moment."""
    now = row.published_at
    article = actions.write(slug=row.slug, body=body, as_of=row.as_of, by=editor, now=now, editor_credit=CREDIT)
    for photo in row.photos:
        actions.add_photo(
            article=article,
            stream=io.BytesIO(pictures.jpeg(photo.picture)),
            caption=photo.caption,
            caption_en=photo.caption_en,
            credit=pictures.CREDIT,
            credit_en=pictures.CREDIT_EN,
            by=editor,
            now=now,
        )
    for language, text in row.texts.items():
        actions.set_text(article=article, language=language, title=text.title, summary=text.summary, source=text.source, by=editor, now=now)
    return actions.publish(article=article, by=editor, now=now)
