"""A village at the foot of the hills, and its fields in the sowing season."""

from __future__ import annotations

import itertools
import math

import numpy as np
from PIL import Image

from duban.demo import huizhou
from duban.demo.brushes import HEIGHT, WIDTH, Canvas, hexed, mixed, ridge
from duban.demo.scene_river import tree


def paint() -> Image.Image:
    """Blue hills, tea on the slope, the village, and terraces in gold and green down to a stream."""
    canvas = Canvas([(0, hexed("8fc0d6")), (0.25, hexed("c3dfe4")), (0.5, hexed("f2f1df")), (1, hexed("f2f1df"))])
    canvas.glow(300, 190, 420, hexed("fff3c4"), 0.5)
    clouds(canvas)
    for seed, base, rise, top, foot, floor in (
        (101, 300, 95, "a9c9cf", "dfe9df", 470),
        (118, 360, 80, "8bb5b4", "d3e2d3", 500),
        (131, 415, 58, "6ea191", "bcd6bd", 540),
    ):
        canvas.hill(ridge(seed, base, rise, waves=4), hexed(top), hexed(foot), floor)
    slope(canvas)
    village(canvas)
    fields(canvas)
    stream(canvas)
    people(canvas)
    grasses(canvas)
    return canvas.finished()


def clouds(canvas: Canvas) -> None:
    for x, y, size in ((1180, 130, 1.25), (760, 205, 0.8), (1440, 250, 0.7), (470, 110, 0.6)):
        for dx, dy, rx, ry in ((0, 0, 95, 20), (-60, 8, 70, 14), (64, 7, 76, 15), (-14, -17, 52, 22), (34, -11, 44, 18)):
            w, h = rx * size, ry * size
            outline = [(x + dx * size + w * math.cos(t / 20 * math.pi), y + dy * size + h * math.sin(t / 20 * math.pi)) for t in range(40)]
            canvas.shade(outline, [(0, hexed("ffffff")), (1, hexed("e8f1f0"))], [(0, 0.85), (1, 0.35)], blur=4)


def slope(canvas: Canvas) -> None:
    """The nearest hill, with rows of tea that follow its back."""
    line = [(x, y + 40 * math.exp(-(((x - 820) / 460) ** 2))) for x, y in ridge(152, 478, 34, waves=3)]
    canvas.shade([*line, (WIDTH + 40, 660), (-40, 660)], [(0, hexed("6c9a63")), (1, hexed("a8c187"))])
    for row in range(1, 9):
        for start, end in ((-40, 420), (1180, WIDTH + 40)):
            part = [(x, y + 10 + row * 15 + row * row * 0.4) for x, y in line if start <= x <= end]
            canvas.stroke(part, hexed("5b8a52"), 5)
            canvas.stroke([(x, y - 2) for x, y in part], hexed("86ae6b"), 2)
    random = np.random.default_rng(21)
    for _ in range(54):
        x = random.uniform(-20, WIDTH + 20)
        y = min((abs(px - x), py) for px, py in line)[1] + random.uniform(2, 16)
        size = random.uniform(30, 58)
        canvas.flat(
            [(x - size * 0.26, y), (x, y - size), (x + size * 0.26, y)], mixed(hexed("3f7257"), hexed("6f9b68"), random.uniform(0, 1))
        )


def village(canvas: Canvas) -> None:
    ground = 615.0
    far = huizhou.Palette(wall=hexed("f1efe7"), foot=hexed("dcdfd3"), tile=hexed("4f5f65"), edge=hexed("66757a"))
    for x, width, height, steps in ((470, 84, 104, 2), (590, 98, 124, 3), (760, 92, 112, 3), (905, 100, 128, 3), (1050, 86, 106, 2)):
        huizhou.gable(canvas, x, ground - 26, width, height, steps, far)
    for x, size, seed in ((440, 118, 31), (712, 126, 32), (1010, 112, 33), (1170, 122, 34)):
        tree(canvas, x, ground - 8, size, seed, "5d8a5b")
    near = huizhou.Palette()
    huizhou.front(canvas, 410, ground, 138, 66, near, gate=False)
    huizhou.gable(canvas, 548, ground, 106, 132, 3, near)
    huizhou.front(canvas, 654, ground, 150, 74, near)
    huizhou.gable(canvas, 838, ground, 116, 142, 3, near)
    huizhou.front(canvas, 954, ground, 134, 68, near)
    huizhou.gable(canvas, 1092, ground, 96, 116, 2, near)
    for x, size, seed in ((372, 104, 41), (822, 88, 42), (1222, 138, 43), (318, 78, 44), (1292, 84, 45)):
        tree(canvas, x, ground + 4, size, seed, "4a7a50")


BANDS = (
    (604, 640, "c9c96c", "b9c165", 3),
    (640, 684, "e6c766", "d9b455", 4),
    (684, 736, "8fb75d", "7aa552", 5),
    (736, 802, "efcf72", "dfb553", 6),
    (802, 884, "a9c466", "86ab55", 7),
    (884, 1010, "7fae5a", "5d9149", 8),
)
"""Terraces from the village to the foreground: upper and lower edge, colours, and the sway of their edge."""


def edge(x: float, base: float, sway: int) -> float:
    """The rim of a terrace: a long slow curve."""
    return base + sway * 3.2 * math.sin(x / 260 + sway * 1.7) + sway * 1.2 * math.sin(x / 97 + sway)


def fields(canvas: Canvas) -> None:
    random = np.random.default_rng(61)
    for top, bottom, light, deep, sway in BANDS:
        rim = [(float(x), edge(x, top, sway)) for x in range(-20, WIDTH + 21, 20)]
        canvas.shade(
            [(x, y - 5) for x, y in rim] + [(WIDTH + 20, HEIGHT), (-20, HEIGHT)],
            [(0, hexed("7d6b46")), (0.03, hexed("6f8a4a")), (1, hexed("6f8a4a"))],
        )
        canvas.shade(
            [*rim, (WIDTH + 20, HEIGHT), (-20, HEIGHT)],
            [(0, hexed(light)), (min(1, (bottom - top) / (HEIGHT - top) + 0.12), hexed(deep)), (1, hexed(deep))],
        )
        canvas.stroke(rim, mixed(hexed(light), hexed("ffffff"), 0.45), 1.6 + sway * 0.18)
        rows = max(2, int((bottom - top) / (5 + sway)))
        for row in range(1, rows + 1):
            part = row / (rows + 1)
            depth = top + (bottom - top) * part
            line = [(x, edge(x, depth, sway)) for x, _ in rim]
            tone = mixed(hexed(deep), hexed("4f6b36"), 0.2)
            for (x0, y0), (x1, y1) in itertools.pairwise(line):
                if random.uniform(0, 1) < 0.86:
                    canvas.stroke([(x0, y0), (x1 - 3, y1)], tone, 0.8 + 0.22 * sway)


def course(y: float) -> tuple[float, float]:
    """The stream at a height: its middle and its half width."""
    t = (y - 615) / (HEIGHT - 615)
    return 1196 - 470 * t + 120 * math.sin(t * 5.2), 5 + 92 * t**1.5


def stream(canvas: Canvas) -> None:
    """Water that winds from the village to the lower edge, with stones and a small bridge."""
    ys = [615 + n * (HEIGHT + 10 - 615) / 60 for n in range(61)]
    for extra, stops in (
        (9, [(0, hexed("b2a878")), (1, hexed("8f9a5c"))]),
        (0, [(0, hexed("d9ecea")), (0.5, hexed("9ccbd0")), (1, hexed("5fa0ad"))]),
    ):
        left = [(course(y)[0] - course(y)[1] - extra * (0.2 + (y - 615) / 385), y) for y in ys]
        right = [(course(y)[0] + course(y)[1] + extra * (0.2 + (y - 615) / 385), y) for y in ys]
        canvas.shade([*left, *reversed(right)], stops)
    random = np.random.default_rng(15)
    for _ in range(70):
        y = random.uniform(660, HEIGHT)
        middle, half = course(y)
        x, long = middle + random.uniform(-0.7, 0.4) * half, half * random.uniform(0.15, 0.5)
        canvas.shade(
            [(x, y), (x + long / 2, y - 1.4), (x + long, y), (x + long / 2, y + 1.4)],
            [(0, hexed("f2fbfa")), (1, hexed("f2fbfa"))],
            [(0, 0.6), (1, 0.6)],
        )
    for y, way in ((760, 1), (838, -1), (905, 1), (958, -1), (972, 1)):
        middle, half = course(y)
        x, size = middle + way * half * 1.04, half * 0.16 + 3
        canvas.disc(x, y, size, hexed("8b8f86"), size * 0.62)
        canvas.disc(x - size * 0.15, y - size * 0.18, size * 0.75, hexed("b9bcb0"), size * 0.4)
    bridge(canvas, 716)


def bridge(canvas: Canvas, y: float) -> None:
    """An arched bridge of stone."""
    middle, half = course(y)
    wide, rise = half + 52, 38
    arc = [(middle - wide + 2 * wide * t / 30, y - rise * math.sin(math.pi * t / 30)) for t in range(31)]
    hole = [(middle - half * 0.95 + 1.9 * half * t / 20, y + 14 - (rise + 2) * math.sin(math.pi * t / 20)) for t in range(21)]
    canvas.shade(
        [*arc, (middle + wide, y + 14), (middle + half * 0.95, y + 14), *reversed(hole), (middle - wide, y + 14)],
        [(0, hexed("cbc6b6")), (1, hexed("98958a"))],
    )
    canvas.stroke(arc, hexed("e5e1d3"), 4)
    canvas.stroke([(x, py - 10) for x, py in arc[4:27]], hexed("b4b0a2"), 2.4)
    for x, py in arc[4:27:4]:
        canvas.stroke([(x, py), (x, py - 12)], hexed("b4b0a2"), 2.6)


def people(canvas: Canvas) -> None:
    """Farmers bent over their work, in straw hats."""
    for x, y, size, coat in (
        (360, 790, 34, "4b6f8f"),
        (432, 800, 36, "b4594c"),
        (250, 866, 46, "3f6d63"),
        (1290, 770, 30, "b4594c"),
        (1350, 838, 42, "4b6f8f"),
    ):
        canvas.disc(x, y, size * 0.5, hexed("6f8a44"), size * 0.12)
        canvas.stroke([(x - size * 0.16, y), (x - size * 0.1, y - size * 0.5)], hexed("3b4148"), size * 0.13)
        canvas.stroke([(x + size * 0.06, y), (x - size * 0.02, y - size * 0.5)], hexed("3b4148"), size * 0.13)
        canvas.stroke([(x - size * 0.06, y - size * 0.52), (x + size * 0.42, y - size * 0.82)], hexed(coat), size * 0.27)
        canvas.stroke([(x + size * 0.34, y - size * 0.76), (x + size * 0.5, y - size * 0.3)], hexed("d2a17d"), size * 0.08)
        canvas.flat(
            [(x + size * 0.26, y - size * 0.86), (x + size * 0.6, y - size * 1.16), (x + size * 0.86, y - size * 0.8)], hexed("ead9a4")
        )


def grasses(canvas: Canvas) -> None:
    """Ears of rice in the nearest corners."""
    random = np.random.default_rng(3)
    for _ in range(130):
        x = random.choice([random.uniform(-20, 360), random.uniform(1230, WIDTH + 20)])
        high = random.uniform(60, 165) * (1 - min(x + 20, WIDTH + 20 - x) / 520)
        lean = random.uniform(10, 46) * (1 if x < 800 else -1)
        tone = mixed(hexed("5d8a3f"), hexed("b9b24e"), random.uniform(0, 1))
        stalk = [(x + lean * (t / 8) ** 2, HEIGHT + 8 - high * math.sin(t / 8 * math.pi / 2)) for t in range(9)]
        canvas.stroke(stalk, tone, 1.8)
        if random.uniform(0, 1) < 0.55:
            tip_x, tip_y = stalk[-1]
            for n in range(7):
                canvas.disc(tip_x + lean * 0.06 * n, tip_y + n * n * 0.7, 3, mixed(hexed("e7c45f"), hexed("c7953a"), n / 7), 4.4)
