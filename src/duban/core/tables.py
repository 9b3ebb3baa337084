"""Somebody's own table as it lies in a sheet: its head, the rows of its body, and the time that it speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import zip_longest
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duban.core.refusals import Refusal
from duban.core.tables_heads import Area, Cell, Column, Head, Row, filled, head, words
from duban.core.tables_periods import Span, span
from duban.core.tables_totals import marked, repeats

__all__ = ["Area", "Cell", "Column", "Head", "Row", "Span", "Table", "filled", "head", "laid_out", "month_of", "span", "words"]

LABELS: Final = 4
"""Totals and notes are told from the first so many columns and from those that name the row."""


@dataclass(frozen=True, slots=True)
class Table:
    """A head and the body under it: `rows` from `head.body` on, each as long as the head is wide.

    `totals` are the places of rows that say so, counted from the body's first; at `ended` the notes below the table begin.
    """

    head: Head
    rows: Sequence[Row]
    totals: tuple[int, ...]
    ended: int
    _turned: list[Sequence[Cell]] = field(default_factory=list, compare=False, repr=False)

    def cells(self, index: int) -> Sequence[Cell]:
        """One column of the body."""
        if not self._turned:
            self._turned.extend(zip_longest(*self.rows) if len(set(map(len, self.rows))) > 1 else zip(*self.rows, strict=True))
        return self._turned[index] if index < len(self._turned) else [None] * len(self.rows)

    def number(self, place: int) -> int:
        """The row's number as a spreadsheet counts."""
        return self.head.body + place + 1


def _filled_down(rows: list[Row], merged: Sequence[Area], first: int) -> None:
    """Let a label that is merged over several rows of the body stand in each of them."""
    for top, left, bottom, right in merged:
        if top < first or (left != right and top == bottom):
            continue
        for row in range(top - first, min(bottom + 1 - first, len(rows))):
            kept = [*rows[row], *[None] * (left + 1 - len(rows[row]))]
            kept[left] = rows[top - first][left] if left < len(rows[top - first]) else None
            rows[row] = kept


def laid_out(rows: Sequence[Row], merged: Sequence[Area] = ()) -> Table:
    """The table in a sheet. Raises `Refusal` "table-not-found" where nothing looks like a head with a body under it."""
    found = head(rows, merged)
    if found is None or not found.columns or len(rows) <= found.body:
        raise Refusal("table-not-found")
    body = list(rows[found.body :])
    _filled_down(body, merged, found.body)
    totals: set[int] = set()
    notes: set[int] = set()
    bare = Table(found, body, (), len(body))
    for column in found.columns[:LABELS]:
        said, noted = marked(bare.cells(column.index))
        totals.update(said)
        notes.update(noted)
    return replace(bare, totals=tuple(sorted(totals)), ended=_end(found, body, notes))


def _end(found: Head, body: Sequence[Row], notes: set[int]) -> int:
    """Where the notes begin: at the first row that is one and has no full row below it."""
    full = max(2, len(found.columns) // 2)
    last = max(
        (place for place in range(len(body) - 1, -1, -1)[:200] if sum(map(filled, body[place])) >= full and place not in notes), default=-1
    )
    return min((place for place in notes if place > last), default=len(body))


def heads_again(table: Table) -> NDArray[np.bool_]:
    """Which rows of the body say the head once more."""
    place = next(place for place, cell in enumerate(table.head.shown[0]) if filled(cell))
    first = table.head.shown[0][place]
    again = np.zeros(len(table.rows), dtype=np.bool_)
    for at in [at for at, cell in enumerate(table.cells(place)) if cell == first]:
        again[at] = repeats(table.head, table.rows[at])
    return again


def month_of(head: Head, *, names: Sequence[str] = ()) -> date | None:
    """The end of the month that a table speaks of, by its captions, its columns, or the names of its sheet and file.

    Columns tell it where they name one month only that reaches back to January, as 1-8月 does, and a year is named somewhere.
    """
    told = [head.span, *(span(name) for name in names)]
    to_date = {column.span.last for column in head.columns if column.span and column.span.last and not column.span.alone}
    years = {column.span.year for column in head.columns if column.span and column.span.year}
    if len(to_date) == 1:
        told.append(Span(None, to_date.pop()))
    year = next((one.year for one in told if one and one.year), min(years) if len(years) == 1 else None)
    month = next((one.last for one in told if one and one.last), None)
    return Span(year, month).end(None) if year and month else None
