"""The park on the southern bank at dusk, as the lamps come on."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from duban.demo.brushes import HEIGHT, WIDTH, Canvas, Colour, hexed, mixed, ridge

SHORE = 560.0
LIGHT = hexed("ffd79a")
NIGHT = hexed("1d2b4a")


def paint() -> Image.Image:
    """Dusk over the far bank, its lights in the river, the promenade with lamps, trees and walkers."""
    canvas = Canvas(
        [
            (0, hexed("243763")),
            (0.22, hexed("4b5a8c")),
            (0.4, hexed("a3819f")),
            (0.5, hexed("e8a98f")),
            (0.56, hexed("f7cf9c")),
            (1, hexed("f7cf9c")),
        ]
    )
    sky(canvas)
    far_bank(canvas)
    river(canvas)
    promenade(canvas)
    return canvas.finished()


def sky(canvas: Canvas) -> None:
    random = np.random.default_rng(31)
    for _ in range(46):
        x, y = random.uniform(0, WIDTH), random.uniform(0, 210)
        canvas.disc(x, y, random.uniform(0.6, 1.5), mixed(hexed("5c6b9c"), hexed("f2efff"), random.uniform(0.2, 1)))
    canvas.glow(1010, 560, 620, hexed("ffb070"), 0.5, flatten=0.62)
    canvas.glow(312, 150, 120, hexed("cfd6ff"), 0.35)
    turn = np.linspace(0, 2 * math.pi, 240) + math.atan2(-7, 13)
    outer = [(312 + 30 * math.cos(t), 150 + 30 * math.sin(t)) for t in turn]
    outer = [(x, y) for x, y in outer if math.hypot(x - 325, y - 143) >= 27]
    inner = [(325 + 27 * math.cos(t), 143 + 27 * math.sin(t)) for t in turn]
    inner = [(x, y) for x, y in reversed(inner) if math.hypot(x - 312, y - 150) <= 30]
    canvas.flat([*outer, *inner], hexed("f6f1e4"))
    for x, y, wide in ((520, 250, 380), (1180, 190, 460), (860, 330, 560), (150, 340, 360), (1380, 370, 380)):
        canvas.shade(
            [
                (x - wide / 2, y),
                (x - wide / 5, y - 10),
                (x + wide / 6, y - 13),
                (x + wide / 2, y),
                (x + wide / 5, y + 7),
                (x - wide / 4, y + 8),
            ],
            [(0, hexed("e9a49c")), (1, hexed("c68aa0"))],
            [(0, 0.45), (1, 0.1)],
            blur=5,
        )


def far_bank(canvas: Canvas) -> None:
    for seed, base, rise, top, foot in (
        (61, 452, 62, "77719a", "c796a0"),
        (73, 497, 42, "56588a", "a07e97"),
        (82, 530, 22, "3d4675", "6b6387"),
    ):
        canvas.hill(ridge(seed, base, rise, waves=4), hexed(top), hexed(foot), SHORE)
    tower(canvas, 1236, SHORE)
    random = np.random.default_rng(17)
    x = -20.0
    while x < WIDTH:
        wide, high = random.uniform(44, 96), random.uniform(26, 84)
        if 1170 < x + wide / 2 < 1310:
            x += wide
            continue
        house = mixed(hexed("2c3560"), hexed("454777"), random.uniform(0, 1))
        canvas.box(x, SHORE - high, wide, high, house)
        if random.uniform(0, 1) < 0.55:
            canvas.flat(
                [(x - 5, SHORE - high), (x + 5, SHORE - high - 11), (x + wide - 5, SHORE - high - 11), (x + wide + 5, SHORE - high)],
                mixed(house, NIGHT, 0.5),
            )
        for wx in np.arange(x + 7, x + wide - 8, 12):
            for wy in np.arange(SHORE - high + 8, SHORE - 10, 13):
                if random.uniform(0, 1) < 0.42:
                    canvas.box(float(wx), float(wy), 4.6, 6.2, mixed(hexed("e8a35f"), hexed("ffe6b0"), random.uniform(0, 1)))
        x += wide + random.uniform(2, 10)
    canvas.shade([(0, SHORE - 10), (WIDTH, SHORE - 10), (WIDTH, SHORE + 6), (0, SHORE + 6)], [(0, hexed("2b345e")), (1, hexed("232c52"))])
    for x in range(18, WIDTH, 46):
        canvas.disc(x, SHORE - 7, 2, hexed("fff0c8"))
        canvas.glow(x, SHORE - 7, 22, LIGHT, 0.75)


def tower(canvas: Canvas, x: float, ground: float) -> None:
    """A pavilion of three storeys with turned-up eaves."""
    canvas.glow(x, ground - 100, 170, hexed("ffbe73"), 0.4)
    for storey, (wide, y) in enumerate(((92, ground - 44), (72, ground - 88), (52, ground - 128))):
        body = hexed("7b4a4b")
        canvas.shade(
            [(x - wide / 2 + 10, y), (x + wide / 2 - 10, y), (x + wide / 2 - 10, y + 46), (x - wide / 2 + 10, y + 46)],
            [(0, hexed("ffcf86")), (1, hexed("c9764f"))],
        )
        for post in range(4 - storey // 2):
            at = x - wide / 2 + 12 + post * (wide - 26) / (3 - storey // 2)
            canvas.box(at, y, 2.6, 46, body)
        canvas.flat(
            [
                (x - wide / 2 - 14, y - 6),
                (x - wide / 2 - 2, y - 4),
                (x - wide / 4, y - 18),
                (x + wide / 4, y - 18),
                (x + wide / 2 + 2, y - 4),
                (x + wide / 2 + 14, y - 6),
                (x + wide / 2 + 2, y + 6),
                (x - wide / 2 - 2, y + 6),
            ],
            hexed("262d50"),
        )
    canvas.flat([(x - 13, ground - 144), (x, ground - 172), (x + 13, ground - 144)], hexed("262d50"))
    canvas.stroke([(x, ground - 172), (x, ground - 184)], hexed("262d50"), 2)


def river(canvas: Canvas) -> None:
    edge = SHORE + 6
    canvas.shade(
        [(0, edge), (WIDTH, edge), (WIDTH, HEIGHT), (0, HEIGHT)], [(0, hexed("c98f8e")), (0.3, hexed("7a6c95")), (1, hexed("2a3966"))]
    )
    canvas.mirror(edge, 270, hexed("46507f"), 0.72, ripple=1.8, squeeze=0.9)
    random = np.random.default_rng(71)
    for _ in range(210):
        y = edge + 250 * random.uniform(0.03, 1)
        depth = (y - edge) / 250
        x, long = random.uniform(-40, WIDTH), random.uniform(20, 60) * (0.5 + 1.5 * depth)
        tone = mixed(hexed("ffc993"), hexed("8d86b5"), random.uniform(0.1, 1))
        canvas.shade([(x, y), (x + long / 2, y - 1), (x + long, y), (x + long / 2, y + 1.2)], [(0, tone), (1, tone)], [(0, 0.5), (1, 0.5)])


def path_edge(x: float) -> float:
    """Where the promenade meets the river."""
    return 772 - 66 * math.sin((x + 260) / 1000 * math.pi / 2) + 0.02 * x


def promenade(canvas: Canvas) -> None:
    edge = [(float(x), path_edge(x)) for x in range(-40, WIDTH + 41, 20)]
    canvas.shade([*edge, (WIDTH + 40, HEIGHT), (-40, HEIGHT)], [(0, hexed("3c4a52")), (0.5, hexed("33463f")), (1, hexed("1d2c2c"))])
    path = [(x, y + 26) for x, y in edge]
    lower = [(x, y + 118 + (800 - x) * 0.02) for x, y in edge]
    canvas.shade([*path, *reversed(lower)], [(0, hexed("a18d8a")), (1, hexed("6d6772"))])
    for part in (0.3, 0.62):
        canvas.stroke([(x, y + (low - y) * part) for (x, y), (_, low) in zip(path, lower, strict=True)], hexed("857a80"), 1.2)
    for n in range(-2, 46):
        x = n * 38.0
        y, low = path_edge(x) + 26, path_edge(x - 44) + 118 + (800 - x) * 0.02
        canvas.stroke([(x, y), (x - 44, low)], hexed("857a80"), 1)
    lamps = [90.0, 420.0, 750.0, 1080.0, 1410.0]
    for x in lamps:
        canvas.glow(x + 4, path_edge(x) + 74, 210, hexed("ffc37d"), 0.62, flatten=0.32)
    railing(canvas)
    shrubs(canvas)
    for x, size in ((255, 250), (930, 205), (1600, 285)):
        tree(canvas, x, path_edge(x) + 20, size, int(x))
    for x in lamps:
        lamp(canvas, x, path_edge(x) + 30)
    for x, size, coat, way in (
        (565, 66, "c7685a", 1),
        (600, 62, "4c6d8c", 1),
        (1190, 64, "d8b46a", -1),
        (1225, 40, "a7574f", -1),
        (860, 60, "55786a", 1),
    ):
        walker(canvas, x, path_edge(x) + 88, size, hexed(coat), way)
    bench(canvas, 1290, path_edge(1290) + 72)
    meadow(canvas)


def railing(canvas: Canvas) -> None:
    top = [(float(x), path_edge(x) - 22) for x in range(-40, WIDTH + 41, 20)]
    for drop, wide in ((0, 3.4), (11, 1.6), (20, 1.6)):
        canvas.stroke([(x, y + drop) for x, y in top], hexed("d7c7bd") if drop == 0 else hexed("8c8791"), wide)
    for x in range(-20, WIDTH + 20, 44):
        canvas.stroke([(x, path_edge(x) - 26), (x, path_edge(x) + 12)], hexed("b7aaa8"), 3.2)


def shrubs(canvas: Canvas) -> None:
    random = np.random.default_rng(44)
    for x in np.arange(-20, WIDTH + 30, 13):
        y = path_edge(float(x)) + 15
        canvas.disc(
            float(x), y, random.uniform(9, 15), mixed(hexed("2c4a45"), hexed("5f7c55"), random.uniform(0, 1)), random.uniform(6, 10)
        )


def tree(canvas: Canvas, x: float, ground: float, size: float, seed: int) -> None:
    """A tree against the evening, warm on the side of the sunset."""
    random = np.random.default_rng(seed)
    trunk = hexed("2b2a3a")
    canvas.stroke([(x, ground), (x + size * 0.02, ground - size * 0.45), (x - size * 0.02, ground - size * 0.8)], trunk, size * 0.055)
    canvas.stroke([(x, ground - size * 0.42), (x + size * 0.2, ground - size * 0.75)], trunk, size * 0.03)
    canvas.stroke([(x, ground - size * 0.36), (x - size * 0.2, ground - size * 0.68)], trunk, size * 0.03)
    for n in range(120):
        angle, far = random.uniform(0, 2 * math.pi), math.sqrt(random.uniform(0, 1))
        dx, dy = math.cos(angle) * far * size * 0.42, math.sin(angle) * far * size * 0.3
        warm = max(0.0, 0.5 * n / 120 * (0.5 + (dx * (1 if x < 1000 else -1) + dy) / size))
        canvas.disc(
            x + dx,
            ground - size * 0.92 + dy,
            size * random.uniform(0.045, 0.1),
            mixed(mixed(hexed("24364a"), hexed("3f5f58"), n / 120), hexed("f0b27e"), warm),
        )


def lamp(canvas: Canvas, x: float, ground: float) -> None:
    """A slender post whose head carries the light."""
    top = ground - 232
    canvas.stroke([(x, ground), (x, top + 12)], hexed("23283f"), 5)
    canvas.stroke([(x, top + 16), (x + 14, top + 2), (x + 34, top)], hexed("23283f"), 3.4)
    canvas.box(x - 6, ground - 16, 12, 16, hexed("23283f"), 2)
    canvas.box(x + 17, top - 3, 36, 6, hexed("23283f"), 3)
    canvas.box(x + 20, top + 3, 30, 4, hexed("fff4d6"), 2)
    canvas.shade(
        [(x + 22, top + 6), (x + 48, top + 6), (x + 120, ground + 46), (x - 50, ground + 46)],
        [(0, LIGHT), (1, LIGHT)],
        [(0, 0.26), (1, 0)],
        blur=9,
    )
    canvas.glow(x + 35, top + 4, 120, hexed("ffd08a"), 0.85)
    canvas.glow(x + 35, top + 4, 34, hexed("fff2d2"), 0.9)


def walker(canvas: Canvas, x: float, ground: float, size: float, coat: Colour, way: int) -> None:
    """Somebody taking the evening air, with a shadow on the stones."""
    canvas.shade(
        [
            (x - size * 0.1, ground - 2),
            (x + size * 0.12, ground - 2),
            (x - way * size * 0.55, ground + size * 0.2),
            (x - way * size * 0.8, ground + size * 0.16),
        ],
        [(0, NIGHT), (1, NIGHT)],
        [(0, 0.4), (1, 0.05)],
        blur=2,
    )
    dark = hexed("2a2f45")
    canvas.stroke([(x, ground - size * 0.45), (x + way * size * 0.12, ground)], dark, size * 0.09)
    canvas.stroke([(x, ground - size * 0.45), (x - way * size * 0.1, ground)], dark, size * 0.09)
    canvas.flat(
        [
            (x - size * 0.12, ground - size * 0.8),
            (x + size * 0.12, ground - size * 0.8),
            (x + size * 0.15, ground - size * 0.36),
            (x - size * 0.15, ground - size * 0.36),
        ],
        coat,
    )
    canvas.stroke([(x, ground - size * 0.74), (x + way * size * 0.14, ground - size * 0.45)], mixed(coat, NIGHT, 0.3), size * 0.07)
    canvas.disc(x, ground - size * 0.9, size * 0.085, hexed("d9a98a"))
    canvas.disc(x - way * size * 0.02, ground - size * 0.93, size * 0.085, hexed("2d2733"), size * 0.06)


def bench(canvas: Canvas, x: float, ground: float) -> None:
    for y in (-34, -26, -14):
        canvas.box(x, ground + y, 92, 5, hexed("8a6650"), 2)
    for post in (8, 78):
        canvas.box(x + post, ground - 36, 4, 38, hexed("23283f"))


def meadow(canvas: Canvas) -> None:
    """Grass and small flowers nearest to the eye."""
    random = np.random.default_rng(8)
    for _ in range(900):
        x, part = random.uniform(-10, WIDTH + 10), random.uniform(0, 1)
        low = path_edge(x) + 122 + (800 - x) * 0.02
        y = low + (HEIGHT + 20 - low) * part
        high = 8 + 22 * part
        tone = mixed(hexed("4d6b52"), hexed("1f3533"), random.uniform(0.1, 1))
        lean = random.uniform(-6, 6)
        canvas.flat([(x - 1.5, y), (x + lean, y - high), (x + 1.5, y)], tone)
        if random.uniform(0, 1) < 0.07:
            canvas.disc(x + lean, y - high, 1.6 + 1.6 * part, mixed(hexed("e9b7c4"), hexed("fff3dc"), random.uniform(0, 1)))
