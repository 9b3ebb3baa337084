"""A small paint box over Pillow: gradients inside any outline, ridges, glows, twice supersampled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH: Final = 1600
HEIGHT: Final = 1000
FINE: Final = 2
"""Drawn so many times larger, then reduced: no jagged edge remains."""

Colour = tuple[int, int, int]
Points = Sequence[tuple[float, float]]


def hexed(text: str) -> Colour:
    """The colour behind six hexadecimal digits."""
    return int(text[0:2], 16), int(text[2:4], 16), int(text[4:6], 16)


def mixed(one: Colour, other: Colour, part: float) -> Colour:
    """`part` of the way from one colour to the other."""
    r, g, b = (round(a + (z - a) * part) for a, z in zip(one, other, strict=True))
    return r, g, b


def ridge(seed: int, base: float, rise: float, roughness: float = 0.5, waves: int = 3, step: int = 4) -> list[tuple[float, float]]:
    """A hill line from edge to edge around `base`: smooth noise in five octaves from a seed of its own."""
    random = np.random.default_rng(seed)
    xs = np.arange(-40, WIDTH + 41, step)
    total = np.zeros(len(xs))
    for octave in range(5):
        count = waves * 2**octave
        heights = random.uniform(-1, 1, count + 3)
        at = (xs + 40) / (WIDTH + 80) * count
        low = at.astype(int)
        t = at - low
        t = t * t * (3 - 2 * t)
        total += (heights[low] * (1 - t) + heights[low + 1] * t) * roughness**octave
    total = total / np.abs(total).max()
    return [(float(x), float(base - rise * y)) for x, y in zip(xs, total, strict=True)]


class Canvas:
    """A picture in the making. Coordinates are those of the finished picture."""

    def __init__(self, sky: Sequence[tuple[float, Colour]]) -> None:
        self.image = Image.new("RGB", (WIDTH * FINE, HEIGHT * FINE))
        self.image.paste(self._ramp(sky, HEIGHT * FINE).resize(self.image.size))
        self.draw = ImageDraw.Draw(self.image)

    @staticmethod
    def _ramp(stops: Sequence[tuple[float, Colour]], height: int) -> Image.Image:
        at = np.linspace(0, 1, max(height, 1))
        places = [place for place, _ in stops]
        columns = [np.interp(at, places, [colour[i] for _, colour in stops]) for i in range(3)]
        # Half a level of ordered noise keeps fine gradients free of bands.
        dither = np.random.default_rng(7).uniform(-0.5, 0.5, (len(at), 64, 1))
        block = np.stack(columns, axis=-1)[:, None, :] + dither
        return Image.fromarray(np.clip(np.rint(block), 0, 255).astype(np.uint8), "RGB")

    def shade(
        self,
        outline: Points,
        stops: Sequence[tuple[float, Colour]],
        opacity: Sequence[tuple[float, float]] = ((0, 1), (1, 1)),
        blur: float = 0,
    ) -> None:
        """Fill an outline with a vertical gradient, its opacity running from the top of the outline to its bottom."""
        xs, ys = [x for x, _ in outline], [y for _, y in outline]
        left, right = max(0, int(min(xs) - 3 * blur - 1)), min(WIDTH, int(max(xs) + 3 * blur + 2))
        top, bottom = max(0, int(min(ys) - 3 * blur - 1)), min(HEIGHT, int(max(ys) + 3 * blur + 2))
        if right <= left or bottom <= top:
            return
        size = ((right - left) * FINE, (bottom - top) * FINE)
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).polygon([((x - left) * FINE, (y - top) * FINE) for x, y in outline], fill=255)
        if blur:
            small = mask.resize((max(1, size[0] // 4), max(1, size[1] // 4)), Image.Resampling.BILINEAR)
            mask = small.filter(ImageFilter.GaussianBlur(blur * FINE / 4)).resize(size, Image.Resampling.BILINEAR)
        if any(value < 1 for _, value in opacity):
            fade = np.interp(np.linspace(0, 1, size[1]), [p for p, _ in opacity], [v for _, v in opacity])
            veil = Image.fromarray((fade[:, None] * 255).astype(np.uint8), "L").resize(size)
            mask = ImageChops.multiply(mask, veil)
        fill = self._ramp(stops, size[1])
        tiled = Image.new("RGB", size)
        for x in range(0, size[0], 64):
            tiled.paste(fill, (x, 0))
        self.image.paste(tiled, (left * FINE, top * FINE), mask)

    def flat(self, outline: Points, colour: Colour) -> None:
        """Fill an outline with one colour."""
        self.draw.polygon([(x * FINE, y * FINE) for x, y in outline], fill=colour)

    def box(self, x: float, y: float, width: float, height: float, colour: Colour, radius: float = 0) -> None:
        """A rectangle, its corners rounded by `radius`."""
        area = (x * FINE, y * FINE, (x + width) * FINE, (y + height) * FINE)
        if radius:
            self.draw.rounded_rectangle(area, radius * FINE, fill=colour)
        else:
            self.draw.rectangle(area, fill=colour)

    def stroke(self, points: Points, colour: Colour, width: float) -> None:
        """A line with round joints."""
        self.draw.line([(x * FINE, y * FINE) for x, y in points], fill=colour, width=max(1, round(width * FINE)), joint="curve")

    def disc(self, x: float, y: float, rx: float, colour: Colour, ry: float | None = None) -> None:
        """A disc or an ellipse."""
        ry = rx if ry is None else ry
        self.draw.ellipse(((x - rx) * FINE, (y - ry) * FINE, (x + rx) * FINE, (y + ry) * FINE), fill=colour)

    def hill(self, line: Points, top: Colour, foot: Colour, floor: float) -> None:
        """A hill from its ridge down to `floor`, paling towards its foot as mist rises."""
        self.shade([*line, (WIDTH + 40, floor), (-40, floor)], [(0, top), (1, foot)])

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float = 1, flatten: float = 1) -> None:
        """Light that is added to what lies under it, fading with the square of the distance."""
        left, right = max(0, int(x - radius)), min(WIDTH, int(x + radius) + 1)
        top, bottom = max(0, int(y - radius * flatten)), min(HEIGHT, int(y + radius * flatten) + 1)
        if right <= left or bottom <= top:
            return
        ys, xs = np.mgrid[top:bottom, left:right]
        far = np.clip(np.hypot(xs - x, (ys - y) / flatten) / radius, 0, 1)
        light = ((1 - far) ** 2 * strength)[..., None] * np.array(colour, dtype=float)
        layer = Image.fromarray(np.clip(light, 0, 255).astype(np.uint8), "RGB")
        area = (left * FINE, top * FINE, right * FINE, bottom * FINE)
        layer = layer.resize((area[2] - area[0], area[3] - area[1]), Image.Resampling.BILINEAR)
        self.image.paste(ImageChops.screen(self.image.crop(area), layer), area[:2])

    def mirror(self, line: float, depth: float, tint: Colour, strength: float, ripple: float = 3, squeeze: float = 0.8) -> None:
        """What stands above `line` seen again in the water below it, tinted, rippled and fading with depth."""
        height = int(depth * FINE)
        source = int(depth / squeeze * FINE)
        edge = int(line * FINE)
        seen = self.image.crop((0, edge - source, WIDTH * FINE, edge)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        seen = seen.resize((WIDTH * FINE, height), Image.Resampling.BILINEAR)
        pixels = np.asarray(seen.filter(ImageFilter.GaussianBlur(0.7 * FINE)))
        rows = np.arange(height)
        away = np.linspace(0.4, 1.6, height)
        shift = np.rint(ripple * FINE * away * (np.sin(rows / (2.4 * FINE)) + 0.6 * np.sin(rows / (5.7 * FINE) + 1.3))).astype(int)
        columns = np.clip(np.arange(WIDTH * FINE)[None, :] + shift[:, None], 0, WIDTH * FINE - 1)
        rippled = np.take_along_axis(pixels, columns[..., None], axis=1)
        keep = (strength * np.linspace(1, 0.35, height))[:, None, None]
        water = np.asarray(self.image.crop((0, edge, WIDTH * FINE, edge + height))).astype(float)
        dyed = rippled * 0.82 + np.array(tint) * 0.18
        self.image.paste(Image.fromarray((water * (1 - keep) + dyed * keep).astype(np.uint8), "RGB"), (0, edge))

    def finished(self) -> Image.Image:
        """The picture at its own size."""
        return self.image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
