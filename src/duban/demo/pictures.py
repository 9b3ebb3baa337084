"""The example's illustrations, drawn afresh and always the same: the river, the workshop, the park, the village."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from typing import Final

from PIL import Image

from duban.demo import scene_fields, scene_park, scene_river, scene_workshop

SCENES: Final[dict[str, Callable[[], Image.Image]]] = {
    "river": scene_river.paint,
    "workshop": scene_workshop.paint,
    "park": scene_park.paint,
    "village": scene_fields.paint,
}
CREDIT: Final = "示意图"
CREDIT_EN: Final = "Illustration"


@cache
def jpeg(name: str) -> bytes:
    """The picture as a JPEG file of 1600 by 1000 pixels."""
    file = io.BytesIO()
    SCENES[name]().save(file, "JPEG", quality=90, optimize=True, progressive=True)
    return file.getvalue()
