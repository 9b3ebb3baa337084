"""The example's illustrations."""

from __future__ import annotations

import io

from PIL import Image

from duban.demo import notes, pictures
from duban.demo.article import BULLETIN


def test_a_picture_is_drawn_the_same_each_time():
    paint = pictures.SCENES["workshop"]
    assert paint().tobytes() == paint().tobytes()
    once = pictures.jpeg("workshop")
    assert Image.open(io.BytesIO(once)).size == (1600, 1000)
    assert len(once) < 400_000


def test_every_photograph_of_the_articles_can_be_drawn():
    wanted = {photo.picture for article in (BULLETIN, notes.INVESTMENT, notes.LIVELIHOOD) for photo in article.photos}
    assert wanted == set(pictures.SCENES)
