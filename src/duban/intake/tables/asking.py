"""What has to be asked about a file that holds somebody's own table: which sheet, which programme, which month, which rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db.models import Q, QuerySet

from duban.core import tables as core
from duban.core.refusals import Refusal
from duban.core.tables import Area, Cell, Table
from duban.intake import uploads
from duban.intake.files.sheets import open_book
from duban.intake.models import TableMapping, Upload
from duban.intake.tables import meanings, rows
from duban.intake.tables.keeping import FORGOTTEN
from duban.people.models import Body
from duban.people.permits import reach
from duban.registry.models import Programme, Undertaking

LISTED = 200
"""So many rows that nobody knows are asked about at once."""
WIDEST = 60
"""So many columns of a head are drawn."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sheet that holds a table: its rows below the head, and the month that it says it speaks of."""

    name: str
    table: Table
    month: date | None
    sheet: Any


def candidates(upload: Upload) -> list[Candidate]:
    """The visible sheets of a file that hold a table."""
    found = []
    with open_book(uploads.path_of(upload), upload.name) as book:
        for place, ref in enumerate(book.sheets):
            if ref.hidden:
                continue
            sheet = book.sheet(place)
            try:
                table = core.laid_out(sheet.rows, sheet.merged)
            except Refusal:
                continue
            found.append(Candidate(sheet.name, table, core.month_of(table.head, names=(sheet.name, upload.name)), sheet))
    return found


def programmes(body: Body, user: Any) -> QuerySet[Programme]:
    """The programmes in which `body` reports on something, and those that `user` keeps."""
    led = Q(undertakings__lead_body__path__startswith=body.path) | Q(undertakings__joint_bodies__path__startswith=body.path)
    kept = Body.objects.filter(reach(user, "registry.write"))
    return Programme.objects.filter(led | Q(owner__in=kept)).distinct()


def likeliest(table: Table, offered: list[Programme], body: Body) -> Programme | None:
    """The programme that knows most of a table's rows; the first where none knows any."""
    texts = {text for column in table.head.columns[:6] for cell in table.cells(column.index)[:200] if (text := rows.spoken(cell))}
    scored = [(sum(known.find(text) != rows.NOBODY for text in texts), one) for one in offered if (known := rows.names(one, body))]
    return max(scored, key=lambda one: one[0], default=(0, None))[1]


def mappings(user: Any) -> QuerySet[TableMapping]:
    """The mappings of bodies that `user` reports for, forgotten ones aside."""
    bodies = Body.objects.filter(reach(user, "report.write"))
    return (
        TableMapping.objects.filter(body__in=bodies)
        .exclude(fingerprint__startswith=FORGOTTEN)
        .select_related("body", "programme", "made_by")
    )


@dataclass(frozen=True, slots=True)
class Stranger:
    """A row that nobody knows: its number in the sheet, its label, and undertakings that it may stand for, the likest first."""

    row: int
    label: str
    like: list[Undertaking]


def strangers(sheet: Any, mapping: TableMapping, body: Body) -> tuple[list[Stranger], list[Undertaking]]:
    """The rows of a sheet that nobody knows, and the undertakings of the body that no row stands for."""
    table = core.laid_out(sheet.rows, sheet.merged)
    named = {one.role: column.index for column, one in meanings.matched(mapping.columns, table.head) if one.role in ("key", "name")}
    known = rows.names(mapping.programme, body)
    found = rows.resolved(table, key=named.get("key"), name=named.get("name"), known=known, told=mapping.rows)
    told = [column.index for column, one in meanings.matched(mapping.columns, table.head) if one.role in meanings.VALUES]
    free = known.open - set(found.undertaking.tolist())
    listed = {one.name: one for one in Undertaking.objects.filter(pk__in=free).order_by("order", "code")}
    asked: dict[str, Stranger] = {}
    for place in np.flatnonzero((found.undertaking == rows.NOBODY) & ~found.beside).tolist():
        label = found.labels[place]
        if label and label not in asked and any(core.filled(table.rows[place][index]) for index in told):
            like = [listed[name] for name in known.like(label) if name in listed] if len(asked) < LISTED else []
            asked[label] = Stranger(table.number(place), label, like)
    return list(asked.values())[:LISTED], list(listed.values())


@dataclass(frozen=True, slots=True)
class Drawn:
    """A cell of a head as it is drawn: over how many columns and rows it reaches."""

    text: str
    across: int = 1
    down: int = 1


def drawn(candidate: Candidate) -> list[list[Drawn]]:
    """The head as people know it, row by row; what a merged area covers is drawn once."""
    head = candidate.table.head
    areas = {(area[0], area[1]): area for area in candidate.sheet.merged if head.first <= area[0] <= head.last}
    covered = {spot for area in areas.values() for spot in _spots(area)} - set(areas)
    return [
        [
            _drawn(cell, areas.get((row, column), (row, column, row, column)), head.last)
            for column, cell in enumerate(cells[:WIDEST])
            if (row, column) not in covered
        ]
        for row, cells in enumerate(head.shown, head.first)
    ]


def _spots(area: Area) -> Iterator[tuple[int, int]]:
    return ((row, column) for row in range(area[0], area[2] + 1) for column in range(area[1], area[3] + 1))


def _drawn(cell: Cell, area: Area, last: int) -> Drawn:
    return Drawn(core.words(cell), min(area[3] + 1, WIDEST) - area[1], min(area[2], last) + 1 - area[0])
