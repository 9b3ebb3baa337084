"""Houses of Huizhou: white walls, black tiles, stepped horse-head gables."""

from __future__ import annotations

from dataclasses import dataclass

from duban.demo.brushes import Canvas, Colour, hexed, mixed


@dataclass(frozen=True, slots=True)
class Palette:
    """Wall in light and at its foot, tiles, and openings."""

    wall: Colour = hexed("f7f4ec")
    foot: Colour = hexed("d9d8d0")
    tile: Colour = hexed("2f3a42")
    edge: Colour = hexed("46535b")
    door: Colour = hexed("54443a")
    window: Colour = hexed("39444b")


def cap(canvas: Canvas, left: float, right: float, y: float, thick: float, palette: Palette, lift: bool = True) -> None:
    """The tiled cap of one step; both its ends turn up."""
    over = thick * 0.75
    canvas.box(left - over, y - thick, right - left + 2 * over, thick, palette.tile)
    canvas.box(left - over * 0.5, y, right - left + over, thick * 0.35, mixed(palette.wall, palette.tile, 0.45))
    if lift:
        tip = thick * 0.9
        for x, way in ((left - over, -1), (right + over, 1)):
            canvas.flat(
                [(x - way * tip * 1.4, y - thick), (x + way * tip * 0.5, y - thick - tip), (x + way * tip * 0.35, y - thick * 0.1), (x, y)],
                palette.tile,
            )


def gable(canvas: Canvas, x: float, ground: float, width: float, height: float, steps: int, palette: Palette, bare: bool = False) -> None:
    """A house from its side: a wall that steps down on both sides from the middle. `height` is to the highest cap."""
    thick = max(2.2, width * 0.03)
    drop = height * 0.13
    parts = 2 * steps - 1
    middle = width * (0.40 if steps == 2 else 0.28 if steps == 3 else 0.22)
    side = (width - middle) / (parts - 1) if steps > 1 else 0
    tops = []
    left = x
    for part in range(parts):
        level = abs(part - (steps - 1))
        wide = middle if level == 0 else side
        tops.append((left, left + wide, ground - height + level * drop))
        left += wide
    outline = [(x, ground)]
    for a, b, y in tops:
        outline += [(a, y), (b, y)]
    canvas.shade([*outline, (x + width, ground)], [(0, palette.wall), (0.55, palette.wall), (1, palette.foot)])
    for edge, way in ((x, 1), (x + width, -1)):
        low = tops[0][2] + thick
        canvas.shade(
            [(edge, low), (edge + way * width * 0.05, low), (edge + way * width * 0.05, ground), (edge, ground)],
            [(0, palette.edge), (1, palette.edge)],
            [(0, 0.16), (1, 0.16)],
            blur=2,
        )
    for a, b, y in sorted(tops, key=lambda top: -top[2]):
        cap(canvas, a, b, y, thick, palette)
    if bare:
        return
    size = width * 0.085
    for place in (0.27, 0.73):
        window(canvas, x + width * place - size / 2, ground - height * 0.52, size, palette)
    if steps > 2:
        window(canvas, x + width * 0.5 - size * 0.4, ground - height * 0.72, size * 0.8, palette)


def window(canvas: Canvas, x: float, y: float, size: float, palette: Palette) -> None:
    """A small high window under its own little eave."""
    canvas.box(x - size * 0.22, y - size * 0.28, size * 1.44, size * 0.26, palette.tile)
    canvas.box(x, y, size, size * 1.25, palette.window)
    canvas.box(x + size * 0.44, y, size * 0.12, size * 1.25, palette.edge)
    canvas.box(x, y + size * 0.55, size, size * 0.12, palette.edge)


def door(canvas: Canvas, x: float, ground: float, size: float, palette: Palette) -> None:
    """A gate with its lintel and carved eave."""
    canvas.box(x - size * 0.22, ground - size * 1.9, size * 1.44, size * 1.9, mixed(palette.foot, palette.edge, 0.35))
    canvas.box(x, ground - size * 1.6, size, size * 1.6, palette.door)
    canvas.box(x + size * 0.47, ground - size * 1.6, size * 0.06, size * 1.6, mixed(palette.door, palette.tile, 0.6))
    cap(canvas, x - size * 0.35, x + size * 1.35, ground - size * 2.0, size * 0.17, palette)
    cap(canvas, x - size * 0.1, x + size * 1.1, ground - size * 2.32, size * 0.14, palette)


def front(canvas: Canvas, x: float, ground: float, width: float, height: float, palette: Palette, gate: bool = True) -> None:
    """A house from its front: a tiled roof between two stepped walls. `height` is to the eave."""
    roof = height * 0.32
    ridge, inset = ground - height - roof, width * 0.05
    canvas.shade(
        [(x, ground), (x, ground - height), (x + width, ground - height), (x + width, ground)],
        [(0, palette.wall), (0.6, palette.wall), (1, palette.foot)],
    )
    canvas.shade(
        [(x, ground - height + roof * 0.1), (x + inset, ridge), (x + width - inset, ridge), (x + width, ground - height + roof * 0.1)],
        [(0, palette.edge), (1, palette.tile)],
    )
    lines = max(8, int(width / 7))
    for n in range(1, lines):
        part = n / lines
        canvas.stroke(
            [(x + inset + (width - 2 * inset) * part, ridge), (x + width * part, ground - height + roof * 0.08)],
            mixed(palette.tile, palette.edge, 0.15),
            0.9,
        )
    canvas.box(x + inset * 0.4, ridge - height * 0.035, width - inset * 0.8, height * 0.05, palette.tile)
    canvas.box(x, ground - height + roof * 0.08, width, height * 0.028, mixed(palette.tile, palette.wall, 0.12))
    canvas.shade(
        [(x, ground - height), (x + width, ground - height), (x + width, ground - height * 0.86), (x, ground - height * 0.86)],
        [(0, palette.edge), (1, palette.edge)],
        [(0, 0.34), (1, 0)],
    )
    post = width * 0.075
    for a in (x - post * 0.4, x + width - post * 0.6):
        top = ridge - height * 0.10
        canvas.shade(
            [(a, ground), (a, top), (a + post, top), (a + post, ground)],
            [(0, palette.wall), (0.6, palette.wall), (1, mixed(palette.foot, palette.wall, 0.3))],
        )
        cap(canvas, a, a + post, top, max(2, height * 0.045), palette)
    size = min(width * 0.075, height * 0.13)
    places = (0.2, 0.8) if gate else (0.2, 0.5, 0.8)
    for place in places:
        window(canvas, x + width * place - size / 2, ground - height * 0.72, size, palette)
    if gate:
        door(canvas, x + width * 0.5 - height * 0.09, ground, height * 0.18, palette)
