"""A digital workshop, seen from above: machines, a belt with parts, arms, an inspection bench."""

from __future__ import annotations

import math
from typing import Final

from PIL import Image

from duban.demo.brushes import Canvas, Colour, hexed, mixed

UNIT: Final = 51.0
ORIGIN: Final = (800.0, 312.0)
TEAL, STEEL, AMBER, INK = hexed("2f8f95"), hexed("c3cfd6"), hexed("f0a13c"), hexed("26414d")
WHITE, GLASS, LEAF = hexed("f6f8f8"), hexed("bfe0e4"), hexed("6fb07f")
ARMS: Final = ((4.3, AMBER), (7.3, AMBER), (10.3, TEAL))


def at(x: float, y: float, z: float = 0) -> tuple[float, float]:
    """Where a point of the room lies in the picture: x to the lower right, y to the lower left, z up."""
    return ORIGIN[0] + (x - y) * UNIT * math.cos(math.pi / 6), ORIGIN[1] + (x + y) * UNIT / 2 - z * UNIT


def slab(canvas: Canvas, x: float, y: float, z: float, dx: float, dy: float, dz: float, colour: Colour) -> None:
    """A box with light from the upper left: bright on top, middling on the left face, dark on the right."""
    top, left, right = mixed(colour, WHITE, 0.32), colour, mixed(colour, INK, 0.22)
    canvas.shade(
        [at(x, y + dy, z + dz), at(x + dx, y + dy, z + dz), at(x + dx, y + dy, z), at(x, y + dy, z)],
        [(0, left), (1, mixed(left, INK, 0.08))],
    )
    canvas.shade(
        [at(x + dx, y, z + dz), at(x + dx, y + dy, z + dz), at(x + dx, y + dy, z), at(x + dx, y, z)],
        [(0, right), (1, mixed(right, INK, 0.14))],
    )
    canvas.flat([at(x, y, z + dz), at(x + dx, y, z + dz), at(x + dx, y + dy, z + dz), at(x, y + dy, z + dz)], top)


def plate(
    canvas: Canvas, side: str, x: float, y: float, z: float, wide: float, high: float, colour: Colour, round_to: Colour | None = None
) -> None:
    """A flat piece on a left face (`side` "x") or a right face ("y"), shaded from its colour to `round_to`."""
    along = (lambda t: at(x + t, y, z)) if side == "x" else (lambda t: at(x, y - t, z))
    up = (lambda t: at(x + t, y, z + high)) if side == "x" else (lambda t: at(x, y - t, z + high))
    canvas.shade([up(0), up(wide), along(wide), along(0)], [(0, colour), (1, round_to or colour)])


def shadow(canvas: Canvas, x: float, y: float, dx: float, dy: float, depth: float = 0.3) -> None:
    """A soft shadow on the floor."""
    canvas.shade([at(x, y), at(x + dx, y), at(x + dx, y + dy), at(x, y + dy)], [(0, INK), (1, INK)], [(0, depth), (1, depth)], blur=7)


def paint() -> Image.Image:
    """The room first, then everything in it from the back to the front."""
    canvas = Canvas([(0, hexed("dcebec")), (0.5, hexed("eaf1ee")), (1, hexed("cfe0e1"))])
    canvas.glow(800, 380, 900, hexed("fff6e0"), 0.18, flatten=0.7)
    room(canvas)
    gantry(canvas)
    for y, lit in ((1.0, LEAF), (4.2, LEAF), (7.4, AMBER)):
        machine(canvas, 1.0, y, lit)
    for x, lit in ((4.6, LEAF), (8.0, LEAF)):
        press(canvas, x, 0.8, lit)
    for x, colour in ARMS:
        pedestal(canvas, x, 3.85, colour)
    belt(canvas)
    for x, colour in ARMS:
        arm(canvas, x, 3.85, colour)
    bench(canvas)
    racks(canvas)
    cart(canvas, 3.6, 9.1)
    return canvas.finished()


def room(canvas: Canvas) -> None:
    size = 12.5
    canvas.shade(
        [at(0.2, size + 0.5), at(size + 0.5, size + 0.5), at(size + 0.5, 0.2), at(0.2, 0.2)],
        [(0, INK), (1, INK)],
        [(0, 0.3), (1, 0.3)],
        blur=20,
    )
    slab(canvas, 0, 0, -0.35, size, size, 0.35, hexed("b8c7cb"))
    canvas.shade([at(0, 0), at(size, 0), at(size, size), at(0, size)], [(0, hexed("dfe8e8")), (1, hexed("f3f6f3"))])
    for n in range(1, 13):
        for line in ([at(n, 0), at(n, size)], [at(0, n), at(size, n)]):
            canvas.stroke(line, hexed("d3dede"), 1)
    for x, y, dx, dy in ((3.4, 0, 0.14, 12.5), (0, 10.4, 12.5, 0.14)):
        canvas.flat([at(x, y), at(x + dx, y), at(x + dx, y + dy), at(x, y + dy)], hexed("f2c46b"))
    tall = 5.4
    canvas.shade([at(0, 0, tall), at(0, size, tall), at(0, size), at(0, 0)], [(0, hexed("edf3f2")), (1, hexed("cfdcdd"))])
    canvas.shade([at(0, 0, tall), at(size, 0, tall), at(size, 0), at(0, 0)], [(0, hexed("f7faf8")), (1, hexed("dce6e5"))])
    for n in range(4):
        a = 0.9 + n * 2.95
        for side in (0, 1):
            point = (lambda t, z: at(0, t, z)) if side else (lambda t, z: at(t, 0, z))
            canvas.shade(
                [point(a, 4.6), point(a + 2.2, 4.6), point(a + 2.2, 3.0), point(a, 3.0)], [(0, hexed("9fd0d6")), (1, hexed("e2f1ee"))]
            )
            canvas.stroke([point(a + 1.1, 4.6), point(a + 1.1, 3.0)], WHITE, 3)
            canvas.stroke([point(a, 4.6), point(a + 2.2, 4.6), point(a + 2.2, 3.0), point(a, 3.0), point(a, 4.6)], WHITE, 3.5)
            canvas.shade(
                [point(a + 0.25, 4.6), point(a + 0.75, 4.6), point(a + 0.35, 3.0), point(a, 3.0), point(a, 3.6)],
                [(0, WHITE), (1, WHITE)],
                [(0, 0.35), (1, 0.1)],
            )
    for a, b in (((0, 0), (size, 0)), ((0, 0), (0, size))):
        canvas.stroke([at(*a, tall), at(*b, tall)], hexed("b9c9cc"), 7)
    canvas.stroke([at(0, 0), at(0, 0, tall)], hexed("c2d0d2"), 2)


def gantry(canvas: Canvas) -> None:
    """A crane rail along the back wall."""
    slab(canvas, 0.5, 0.35, 4.9, 11.6, 0.22, 0.22, hexed("e2a94f"))
    slab(canvas, 6.3, 0.3, 4.55, 0.8, 0.4, 0.35, INK)
    canvas.stroke([at(6.7, 0.55, 4.55), at(6.7, 0.55, 3.5)], INK, 2)
    canvas.stroke([at(6.62, 0.55, 3.5), at(6.7, 0.55, 3.38), at(6.78, 0.55, 3.5)], INK, 3)


def lamp(canvas: Canvas, x: float, y: float, z: float, colour: Colour) -> None:
    """A signal tower that shines in its colour."""
    slab(canvas, x, y, z, 0.12, 0.12, 0.3, hexed("8fa1a8"))
    slab(canvas, x - 0.03, y - 0.03, z + 0.3, 0.18, 0.18, 0.3, colour)
    canvas.glow(*at(x + 0.06, y + 0.06, z + 0.5), 46, colour, 0.5)


def machine(canvas: Canvas, x: float, y: float, lit: Colour) -> None:
    """A machine tool whose window faces the aisle."""
    shadow(canvas, x + 0.2, y, 2.3, 2.5)
    slab(canvas, x, y, 0, 1.9, 2.4, 0.25, INK)
    slab(canvas, x + 0.05, y + 0.05, 0.25, 1.8, 2.3, 1.9, hexed("dfe7ea"))
    plate(canvas, "y", x + 1.85, y + 2.35, 0.25, 2.3, 0.5, TEAL, mixed(TEAL, INK, 0.25))
    plate(canvas, "y", x + 1.85, y + 2.1, 0.9, 1.25, 1.0, hexed("31505c"), hexed("5d8f99"))
    plate(canvas, "y", x + 1.85, y + 1.95, 1.15, 0.22, 0.62, hexed("8fc3c9"))
    plate(canvas, "y", x + 1.85, y + 0.65, 1.1, 0.45, 0.65, INK)
    plate(canvas, "y", x + 1.85, y + 0.6, 1.4, 0.35, 0.28, hexed("8fe0d3"))
    plate(canvas, "x", x + 0.2, y + 2.35, 0.5, 1.4, 0.14, hexed("a9b9c0"))
    plate(canvas, "x", x + 0.2, y + 2.35, 0.8, 1.4, 0.14, hexed("a9b9c0"))
    lamp(canvas, x + 1.4, y + 0.3, 2.15, lit)


def press(canvas: Canvas, x: float, y: float, lit: Colour) -> None:
    """A machining centre against the back wall, its window to the front."""
    shadow(canvas, x, y + 0.2, 2.5, 2.0)
    slab(canvas, x, y, 0, 2.5, 1.7, 0.25, INK)
    slab(canvas, x + 0.05, y + 0.05, 0.25, 2.4, 1.6, 2.2, hexed("e6ecee"))
    plate(canvas, "x", x + 0.05, y + 1.65, 0.25, 2.4, 0.5, TEAL, mixed(TEAL, INK, 0.2))
    plate(canvas, "x", x + 0.25, y + 1.65, 1.0, 1.3, 1.15, hexed("2d4b57"), hexed("6aa0a8"))
    plate(canvas, "x", x + 0.4, y + 1.65, 1.2, 0.2, 0.78, hexed("9bd0d5"))
    plate(canvas, "x", x + 1.75, y + 1.65, 1.15, 0.5, 0.85, INK)
    plate(canvas, "x", x + 1.8, y + 1.65, 1.55, 0.4, 0.38, hexed("8fe0d3"))
    lamp(canvas, x + 2.1, y + 0.3, 2.45, lit)


def belt(canvas: Canvas) -> None:
    """The belt from the machines to the bench, with screws of steel on it."""
    y, start, end = 5.3, 3.9, 12.0
    shadow(canvas, start, y + 0.2, end - start, 1.5, 0.26)
    for x in (4.2, 6.8, 9.4, 11.5):
        slab(canvas, x, y + 0.1, 0, 0.18, 0.18, 0.75, hexed("7b8f98"))
        slab(canvas, x, y + 1.0, 0, 0.18, 0.18, 0.75, hexed("7b8f98"))
    slab(canvas, start, y, 0.72, end - start, 1.3, 0.28, hexed("5c7580"))
    canvas.shade(
        [at(start, y + 0.12, 1), at(end, y + 0.12, 1), at(end, y + 1.18, 1), at(start, y + 1.18, 1)],
        [(0, hexed("38505b")), (1, hexed("4a6470"))],
    )
    for n in range(27):
        x = start + 0.3 * n + 0.15
        canvas.stroke([at(x, y + 0.12, 1), at(x, y + 1.18, 1)], hexed("506a76"), 1.3)
    plate(canvas, "x", start, y + 1.3, 0.8, end - start, 0.07, AMBER)
    for x in (4.6, 6.1, 7.6, 9.1, 10.6):
        rotor(canvas, x, y + 0.65)


def rotor(canvas: Canvas, x: float, y: float) -> None:
    """A screw of a pump, lying on its tray."""
    slab(canvas, x - 0.34, y - 0.45, 1.0, 0.68, 0.9, 0.1, hexed("e3b15f"))
    for n in range(9):
        t = n / 8
        cx, cy = at(x, y - 0.38 + 0.76 * t, 1.27)
        size = 9.5 if n % 2 else 7
        canvas.disc(cx, cy, size, mixed(hexed("8496a0"), hexed("eef3f5"), 0.25 + 0.6 * t))
        canvas.disc(cx - 1.5, cy - 2, size * 0.55, mixed(hexed("aebdc5"), WHITE, 0.3 + 0.6 * t))


def pedestal(canvas: Canvas, x: float, y: float, colour: Colour) -> None:
    """What a robot arm stands on; the belt may hide a part of it."""
    shadow(canvas, x - 0.2, y - 0.1, 1.3, 1.1)
    slab(canvas, x - 0.1, y - 0.1, 0, 1.0, 1.0, 0.3, INK)
    slab(canvas, x + 0.1, y + 0.1, 0.3, 0.6, 0.6, 0.75, colour)


def arm(canvas: Canvas, x: float, y: float, colour: Colour) -> None:
    """The arm on its pedestal, its gripper above the belt in front of it."""
    foot, dark = at(x + 0.4, y + 0.4, 1.2), mixed(colour, INK, 0.35)
    elbow = (foot[0] + 16, foot[1] - 108)
    wrist = (elbow[0] - 90, elbow[1] + 40)
    hand = (wrist[0] - 3, wrist[1] + 56)
    for a, b, wide in ((foot, elbow, 26), (elbow, wrist, 20), (wrist, hand, 12)):
        canvas.stroke([a, b], dark, wide)
        canvas.stroke([(a[0] - wide * 0.1, a[1] - wide * 0.1), (b[0] - wide * 0.1, b[1] - wide * 0.1)], colour, wide * 0.72)
    for point, size in ((foot, 19), (elbow, 17), (wrist, 12)):
        canvas.disc(*point, size, dark)
        canvas.disc(*point, size * 0.72, mixed(colour, WHITE, 0.35))
        canvas.disc(*point, size * 0.3, INK)
    canvas.stroke([(hand[0] - 11, hand[1] + 17), (hand[0] - 11, hand[1]), (hand[0] + 11, hand[1]), (hand[0] + 11, hand[1] + 17)], INK, 4)


def bench(canvas: Canvas) -> None:
    """The inspection bench with its screens of charts."""
    x, y = 7.4, 8.3
    shadow(canvas, x, y + 0.1, 3.5, 1.6)
    slab(canvas, x, y, 0, 3.3, 1.4, 0.9, hexed("d9e2e5"))
    plate(canvas, "x", x + 0.15, y + 1.4, 0.15, 0.9, 0.6, hexed("c3d0d5"))
    plate(canvas, "x", x + 1.2, y + 1.4, 0.15, 0.9, 0.6, hexed("c3d0d5"))
    plate(canvas, "x", x + 2.25, y + 1.4, 0.15, 0.9, 0.6, hexed("c3d0d5"))
    slab(canvas, x - 0.08, y - 0.08, 0.9, 3.46, 1.56, 0.1, TEAL)
    for n, (a, colour) in enumerate(((x + 0.15, hexed("7fe3d2")), (x + 1.75, hexed("ffd27f")))):
        slab(canvas, a + 0.6, y + 0.4, 1.0, 0.16, 0.16, 0.35, hexed("7b8f98"))
        slab(canvas, a, y + 0.45, 1.3, 1.35, 0.09, 0.95, INK)
        plate(canvas, "x", a + 0.06, y + 0.54, 1.36, 1.23, 0.83, hexed("1d3642"), hexed("2d5561"))
        bars = (0.3, 0.46, 0.4, 0.6, 0.55, 0.7) if n == 0 else (0.5, 0.42, 0.58, 0.52, 0.64, 0.6)
        if n == 0:
            for i, high in enumerate(bars):
                plate(canvas, "x", a + 0.14 + i * 0.19, y + 0.54, 1.42, 0.11, high, colour)
        else:
            canvas.stroke([at(a + 0.14 + i * 0.19, y + 0.54, 1.42 + high) for i, high in enumerate(bars)], colour, 3)
            canvas.stroke([at(a + 0.14, y + 0.54, 1.6), at(a + 1.2, y + 0.54, 1.6)], hexed("6f98a1"), 1.5)
    slab(canvas, x + 1.2, y + 0.95, 1.0, 0.7, 0.35, 0.05, hexed("eef3f3"))
    slab(canvas, x + 2.6, y + 0.9, 1.0, 0.4, 0.35, 0.16, STEEL)


def racks(canvas: Canvas) -> None:
    """Boxes of finished parts, ready to leave."""
    for x, y, high in ((11.0, 9.6, 2), (11.0, 10.9, 3), (9.6, 11.0, 1)):
        shadow(canvas, x, y + 0.1, 1.25, 1.2)
        slab(canvas, x, y, 0, 1.1, 1.1, 0.14, hexed("b58a55"))
        for n in range(high):
            slab(canvas, x + 0.04, y + 0.04, 0.14 + n * 0.62, 1.02, 1.02, 0.6, hexed("dcb27a"))
            plate(canvas, "x", x + 0.44, y + 1.06, 0.14 + n * 0.62, 0.2, 0.6, hexed("f0d9b0"))
            plate(canvas, "y", x + 1.06, y + 0.7, 0.14 + n * 0.62, 0.2, 0.6, hexed("d6ba8b"))


def cart(canvas: Canvas, x: float, y: float) -> None:
    """A driverless cart with two boxes, and the light in front of it."""
    shadow(canvas, x, y + 0.1, 2.0, 1.3)
    slab(canvas, x, y, 0.12, 1.8, 1.2, 0.34, hexed("e8eef0"))
    plate(canvas, "x", x, y + 1.2, 0.12, 1.8, 0.12, TEAL)
    plate(canvas, "y", x + 1.8, y + 1.2, 0.12, 1.2, 0.12, mixed(TEAL, INK, 0.3))
    plate(canvas, "y", x + 1.8, y + 0.8, 0.28, 0.4, 0.1, hexed("a7f0de"))
    for a in (x + 0.15, x + 0.95):
        slab(canvas, a, y + 0.2, 0.46, 0.7, 0.75, 0.55, hexed("dcb27a"))
        plate(canvas, "x", a + 0.25, y + 0.95, 0.46, 0.18, 0.55, hexed("f0d9b0"))
    for n in range(3):
        a = x + 2.3 + n * 0.55
        canvas.flat(
            [at(a, y + 0.45), at(a + 0.25, y + 0.6), at(a, y + 0.75), at(a + 0.08, y + 0.6)], mixed(TEAL, hexed("eef3f1"), 0.3 + 0.25 * n)
        )
