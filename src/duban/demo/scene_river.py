"""White walls and black tiles by the river, at dawn."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from duban.demo import huizhou
from duban.demo.brushes import HEIGHT, WIDTH, Canvas, hexed, mixed, ridge

BANK = 640.0


def paint() -> Image.Image:
    """Hills in mist, a row of houses, their reflection, a boat, and willow in the foreground."""
    canvas = Canvas([(0, hexed("a6c3cb")), (0.16, hexed("cbdad5")), (0.3, hexed("f1e5d2")), (0.45, hexed("f8dcbf")), (1, hexed("e9d9c6"))])
    canvas.glow(1130, 250, 520, hexed("ffcf9a"), 0.42)
    canvas.glow(1130, 250, 150, hexed("ffe3b8"), 0.6)
    canvas.disc(1130, 250, 44, hexed("fff6e4"))
    hills(canvas)
    town(canvas)
    water(canvas)
    boat(canvas, 470, 800)
    willow(canvas)
    return canvas.finished()


def hills(canvas: Canvas) -> None:
    mist = hexed("f4e9da")
    for seed, base, rise, colour, foot in (
        (14, 318, 118, "bfd0cf", 560),
        (23, 385, 104, "a0bcbd", 600),
        (41, 448, 78, "7fa5a6", 620),
        (48, 506, 46, "5f8d8c", 650),
    ):
        canvas.hill(ridge(seed, base, rise, waves=4), hexed(colour), mixed(hexed(colour), mist, 0.82), foot)
        canvas.shade(
            [(0, base + 30), (WIDTH, base + 50), (WIDTH, foot + 20), (0, foot + 20)],
            [(0, mist), (1, mist)],
            [(0, 0), (0.7, 0.38), (1, 0)],
            blur=26,
        )


def tree(canvas: Canvas, x: float, ground: float, size: float, seed: int, colour: str) -> None:
    """A round crown of many soft discs, lighter towards the sun."""
    random = np.random.default_rng(seed)
    dark = hexed(colour)
    canvas.stroke([(x, ground), (x + size * 0.03, ground - size * 0.7)], hexed("5a4d42"), size * 0.07)
    for n in range(60):
        angle, far = random.uniform(0, 2 * math.pi), math.sqrt(random.uniform(0, 1))
        dx, dy = math.cos(angle) * far * size * 0.42, math.sin(angle) * far * size * 0.36
        light = 0.32 * (n / 60) + 0.18 * (dx - dy) / size
        canvas.disc(x + dx, ground - size * 0.88 + dy, size * random.uniform(0.07, 0.15), mixed(dark, hexed("d7dca2"), max(0.0, light)))


def lantern(canvas: Canvas, x: float, y: float) -> None:
    """A red lantern beside a gate."""
    canvas.stroke([(x, y - 11), (x, y + 11)], hexed("5a4033"), 0.9)
    canvas.disc(x, y, 5, hexed("c8503c"), 6)
    canvas.disc(x - 1.4, y - 1.5, 1.7, hexed("e58a6b"), 3)


def town(canvas: Canvas) -> None:
    far = huizhou.Palette(
        wall=hexed("ece9e0"), foot=hexed("d3d6cf"), tile=hexed("5f6f76"), edge=hexed("74848a"), door=hexed("746860"), window=hexed("697980")
    )
    for x, width, height, steps in (
        (60, 105, 120, 3),
        (250, 120, 138, 3),
        (455, 95, 118, 2),
        (640, 125, 150, 3),
        (860, 110, 128, 3),
        (1080, 100, 140, 2),
        (1245, 130, 126, 3),
        (1450, 110, 140, 3),
    ):
        huizhou.gable(canvas, x, BANK, width, height, steps, far)
    for x, size, seed in ((205, 120, 3), (590, 110, 4), (985, 132, 5), (1400, 118, 6)):
        tree(canvas, x, BANK, size, seed, "557a63")
    near = huizhou.Palette()
    huizhou.gable(canvas, -30, BANK, 150, 158, 3, near)
    huizhou.front(canvas, 120, BANK, 190, 92, near)
    huizhou.gable(canvas, 318, BANK, 128, 176, 3, near)
    huizhou.front(canvas, 446, BANK, 150, 78, near, gate=False)
    huizhou.gable(canvas, 662, BANK, 172, 196, 4, near)
    huizhou.front(canvas, 834, BANK, 214, 102, near)
    huizhou.gable(canvas, 1056, BANK, 118, 142, 2, near)
    huizhou.gable(canvas, 1186, BANK, 150, 182, 3, near)
    huizhou.front(canvas, 1336, BANK, 176, 86, near)
    huizhou.gable(canvas, 1520, BANK, 140, 160, 3, near)
    for x, size, seed in ((628, 150, 13), (1172, 96, 14), (20, 92, 16)):
        tree(canvas, x, BANK + 2, size, seed, "3f6a55")
    for x in (191, 238, 917, 965, 1400, 1448):
        lantern(canvas, x, BANK - 30)
    canvas.shade([(0, BANK - 4), (WIDTH, BANK - 4), (WIDTH, BANK + 26), (0, BANK + 26)], [(0, hexed("a9a69a")), (1, hexed("77776e"))])
    for n in range(0, WIDTH, 26):
        canvas.stroke([(n, BANK + 4), (n, BANK + 26)], hexed("8d8b80"), 0.8)
    canvas.stroke([(0, BANK + 12), (WIDTH, BANK + 12)], hexed("8d8b80"), 0.8)
    for x in (390, 905, 1290):
        for step in range(5):
            canvas.box(x - 8 - step * 3, BANK + step * 6, 60 + step * 6, 6, mixed(hexed("c7c3b6"), hexed("8a887d"), step / 5))


def water(canvas: Canvas) -> None:
    edge = BANK + 26
    canvas.shade(
        [(0, edge), (WIDTH, edge), (WIDTH, HEIGHT), (0, HEIGHT)], [(0, hexed("cfd9cf")), (0.35, hexed("a9c3c0")), (1, hexed("5e8f95"))]
    )
    canvas.mirror(edge, HEIGHT - edge, hexed("8fb3b3"), 0.62, ripple=1.7)
    random = np.random.default_rng(99)
    for _ in range(240):
        y = edge + (HEIGHT - edge) * random.uniform(0.02, 1) ** 1.2
        depth = (y - edge) / (HEIGHT - edge)
        x, long = random.uniform(-60, WIDTH), random.uniform(18, 50) * (0.5 + 2.4 * depth)
        tone = mixed(hexed("f6efe0"), hexed("8db4b6"), 0.25 + 0.65 * random.uniform(0, 1))
        thick = 0.6 + 1.5 * depth
        canvas.shade(
            [(x, y), (x + long / 2, y - thick), (x + long, y), (x + long / 2, y + thick)], [(0, tone), (1, tone)], [(0, 0.5), (1, 0.5)]
        )
    canvas.glow(1130, edge + 110, 210, hexed("ffdfb4"), 0.42, flatten=0.8)


def boat(canvas: Canvas, x: float, y: float) -> None:
    """A flat boat with a boatman, and their shadow in the water."""
    dark, wood = hexed("3c3a36"), hexed("6d5948")
    canvas.shade(
        [(x - 96, y + 10), (x + 112, y + 10), (x + 70, y + 44), (x - 60, y + 44)],
        [(0, hexed("37565a")), (1, hexed("4d7a80"))],
        [(0, 0.65), (1, 0)],
        blur=2,
    )
    canvas.shade(
        [(x - 112, y - 12), (x - 70, y - 2), (x + 74, y - 2), (x + 122, y - 16), (x + 92, y + 14), (x - 84, y + 14)], [(0, wood), (1, dark)]
    )
    canvas.stroke([(x - 112, y - 12), (x - 70, y - 2), (x + 74, y - 2), (x + 122, y - 16)], hexed("9a8067"), 2)
    canvas.shade(
        [(x - 40, y - 2), (x - 32, y - 28), (x - 6, y - 38), (x + 22, y - 28), (x + 30, y - 2)],
        [(0, hexed("8b7a60")), (1, hexed("5b4d3d"))],
    )
    canvas.stroke([(x + 60, y + 18), (x + 84, y - 112)], hexed("4c4338"), 2.2)
    canvas.flat([(x + 66, y - 4), (x + 70, y - 44), (x + 84, y - 46), (x + 88, y - 4)], hexed("3f5560"))
    canvas.disc(x + 77, y - 54, 7, hexed("c49f83"))
    canvas.flat([(x + 61, y - 55), (x + 77, y - 71), (x + 93, y - 55)], hexed("b59a6b"))


def willow(canvas: Canvas) -> None:
    """Hanging twigs at the upper left, leaf by leaf."""
    random = np.random.default_rng(5)
    for _ in range(46):
        x0, y0 = random.uniform(-30, 430), random.uniform(-40, 20)
        long = random.uniform(110, 330) * (1 - x0 / 620)
        sway = random.uniform(10, 46)
        points = [(x0 + sway * (t / 22) ** 1.6, y0 + long * t / 22) for t in range(23)]
        colour = mixed(hexed("4f7f57"), hexed("a9c07a"), random.uniform(0, 1))
        canvas.stroke(points, mixed(colour, hexed("3f5d45"), 0.4), 1.1)
        for x, y in points[3:]:
            for way in (-1, 1):
                size = random.uniform(6, 11)
                canvas.flat(
                    [
                        (x, y),
                        (x + way * size * 0.55, y + size * 0.55),
                        (x + way * size * 0.42, y + size * 1.5),
                        (x + way * size * 0.1, y + size * 0.8),
                    ],
                    colour,
                )
