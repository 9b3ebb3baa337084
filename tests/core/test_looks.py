"""Copies of a photograph look alike, other photographs do not; pictures are drawn here, from a seed."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from duban.core.checks import Thresholds
from duban.registry.looks import distance, look_of

ALIKE = Thresholds().look_bits
SIZE = (960, 720)


def scene(seed: int) -> Image.Image:
    """A building site of sorts: a sky that grows lighter, ground, walls, a crane, and the grain of a camera."""
    chance = random.Random(seed)
    width, height = SIZE
    fall = np.linspace(chance.randint(90, 160), chance.randint(170, 240), height)[:, None]
    side = np.linspace(0, chance.randint(-50, 50), width)[None, :]
    grey = np.clip(fall + side, 0, 255).astype(np.uint8)
    picture = Image.merge("RGB", [Image.fromarray(grey)] * 3)
    draw = ImageDraw.Draw(picture)
    ground = chance.randint(height // 2, height * 4 // 5)
    draw.rectangle((0, ground, width, height), fill=tuple(chance.randint(40, 140) for _ in range(3)))
    for _ in range(chance.randint(4, 8)):
        left, top, wide = chance.randint(-50, width - 100), chance.randint(height // 5, ground), chance.randint(80, 320)
        draw.rectangle((left, top, left + wide, ground + chance.randint(0, 60)), fill=tuple(chance.randint(20, 235) for _ in range(3)))
    for _ in range(3):
        x = chance.randint(0, width)
        draw.line((x, ground, x + chance.randint(-60, 60), chance.randint(0, height // 3)), fill=(200, 60, 30), width=chance.randint(8, 18))
    grain = np.random.default_rng(seed).normal(0, 6, (height, width, 3))
    return Image.fromarray(np.clip(np.asarray(picture) + grain, 0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.6))


@pytest.fixture
def look(tmp_path: Path) -> Callable[..., str]:
    def taken(picture: Image.Image, kind: str = "JPEG", **how: object) -> str:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        picture.save(path, kind, **{"quality": 90, **how} if kind != "PNG" else how)
        return look_of(path)

    return taken


def half(picture: Image.Image) -> Image.Image:
    return picture.resize((picture.width // 2, picture.height // 2))


def cut(picture: Image.Image) -> Image.Image:
    """Two per cent from the left and from the top."""
    return picture.crop((picture.width // 50, picture.height // 50, picture.width, picture.height))


def brighter(picture: Image.Image) -> Image.Image:
    return picture.point(lambda level: min(255, round(level * 1.1) + 5))


@pytest.mark.parametrize(
    "copied", [half, cut, brighter, lambda picture: picture.resize((300, 225)), lambda picture: picture.resize((1920, 1440))]
)
def test_a_copy_in_another_size_cut_or_light_looks_alike(look: Callable[..., str], copied: Callable[[Image.Image], Image.Image]):
    for seed in range(4):
        picture = scene(seed)
        assert distance(look(picture), look(copied(picture))) <= ALIKE, seed


@pytest.mark.parametrize(("kind", "how"), [("JPEG", {"quality": 15}), ("PNG", {}), ("WEBP", {"quality": 30})])
def test_a_copy_in_another_format_or_quality_looks_alike(look: Callable[..., str], kind: str, how: dict[str, int]):
    for seed in range(4):
        picture = scene(seed)
        assert distance(look(picture), look(picture, kind, **how)) <= ALIKE, seed


def test_different_photographs_look_different(look: Callable[..., str]):
    looks = [look(scene(seed)) for seed in range(16)]
    apart = [distance(one, other) for place, one in enumerate(looks) for other in looks[:place]]
    assert min(apart) > ALIKE


def test_a_photograph_looks_the_same_however_the_camera_was_held(look: Callable[..., str]):
    picture = scene(1)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter to the right
    assert distance(look(picture), look(picture.transpose(Image.Transpose.ROTATE_90), exif=exif)) <= ALIKE


def test_what_lets_something_shine_through_stands_on_white(look: Callable[..., str]):
    picture = scene(2)
    veil = picture.convert("RGBA")
    veil.putalpha(255)
    assert distance(look(picture), look(veil, "PNG")) <= ALIKE


def test_a_look_is_sixteen_digits(look: Callable[..., str]):
    assert len(look(scene(3))) == 16
    assert distance("ffffffffffffffff", "0000000000000001") == 63


def test_a_blank_page_has_no_look(look: Callable[..., str]):
    assert look(Image.new("RGB", SIZE, "white")) == ""
    assert look(Image.new("RGB", (1, 1), "red"), "PNG") == ""


def test_what_cannot_be_decoded_has_no_look(tmp_path: Path, look: Callable[..., str]):
    whole = io.BytesIO()
    scene(4).save(whole, "PNG")
    for name, content in {"torn": whole.getvalue()[:2000], "words": b"no picture", "nothing": b""}.items():
        (tmp_path / name).write_bytes(content)
        assert look_of(tmp_path / name) == ""
    assert look_of(tmp_path / "absent") == ""


def test_a_picture_of_too_many_pixels_has_no_look(monkeypatch: pytest.MonkeyPatch, look: Callable[..., str]):
    monkeypatch.setattr("duban.registry.looks.LARGEST", 960 * 720 - 1)
    assert look(scene(5), "PNG") == ""
    assert look(scene(5)) != ""
