"""What a photograph looks like, in 64 bits: copies in another size, quality or cut look alike, other photographs do not."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PIL import Image, ImageOps, ImageStat

SEEN: Final = (256, 256)
"""A JPEG is decoded no larger than its look needs, which is some ten times faster."""
LARGEST: Final = 60_000_000
"""Pixels of a picture that can only be decoded whole."""
PLAIN: Final = 4.0
"""Grey levels by which a picture must vary: a blank page looks like every other blank page."""


def look_of(path: Path) -> str:
    """The perceptual hash of the upright photograph at `path` as 16 hexadecimal digits.

    Empty for what is no photograph, is too plain to be told apart, or cannot be decoded: nothing is refused for its look.
    """
    try:
        with Image.open(path, formats=("JPEG", "PNG", "WEBP")) as opened:
            opened.draft("RGB", SEEN)
            if opened.width * opened.height > LARGEST:
                return ""
            return _look(_flat(opened))
    except Exception:  # whatever a decoder stumbles over, the file is evidence all the same
        return ""


def _flat(picture: Image.Image) -> Image.Image:
    """The picture upright, small, grey, and on white where it lets something shine through."""
    small = ImageOps.exif_transpose(picture)
    small.thumbnail(SEEN, Image.Resampling.BOX)
    drawn = small.convert("RGBA")
    flat = Image.new("RGB", drawn.size, "white")
    flat.paste(drawn, mask=drawn)
    return flat.convert("L")


def _look(picture: Image.Image) -> str:
    if ImageStat.Stat(picture).stddev[0] < PLAIN:
        return ""
    from imagehash import phash  # brings SciPy along, which takes its time; most requests need neither

    return str(phash(picture))


def distance(one: str, other: str) -> int:
    """By how many of the 64 bits two looks differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
