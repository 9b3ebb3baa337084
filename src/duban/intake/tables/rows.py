"""Which undertaking a row of somebody's table speaks of: by its code, by its name, or by what was said once of that name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from django.db import connection

from duban.core import tables
from duban.core.tables import Cell, Table
from duban.core.tables_totals import marked
from duban.intake.readings import Truth, Whole
from duban.people.models import Body
from duban.registry.models import Programme, Undertaking

NOBODY = -1
SUGGESTED = 3
ASKED = 100
"""Suggestions are looked up for so many rows at most."""
_SERIAL = re.compile(r"^(?:\d{1,4}\s*[、.．)]|[(（][\d一二三四五六七八九十]{1,3}[)）]|[一二三四五六七八九十]{1,3}\s*[、.．])\s*")
_EDGES = re.compile(r"^[^\S\n]|[^\S\n]$", re.MULTILINE)
_IGNORED = re.compile(r"""[\s()（）\[\]【】“”"'‘’《》<>·•,，、.。:：;；\-—–_/]+""")


def folded(name: str) -> str:
    """A name without blanks, brackets, marks, width and a serial number before it: two spellings of one name are the same."""
    return _IGNORED.sub("", _SERIAL.sub("", tables.words(name))).lower()


@dataclass
class Names:
    """The undertakings of a programme by all that a table may call them; a name that two of them have calls neither.

    `wholes` tells of a part what it is a part of, `open` those that the body reports on.
    """

    programme: int
    codes: dict[str, int]
    wholes: dict[int, int]
    open: frozenset[int]

    @cached_property
    def spelled(self) -> dict[int, tuple[str, str]]:
        """The names of each: asked only for a table with a row that no code calls."""
        rows = Undertaking.objects.filter(programme=self.programme).order_by().values_list("pk", "name", "name_en")
        return {pk: (name, name_en) for pk, name, name_en in rows}

    @cached_property
    def names(self) -> dict[str, int]:
        """By the name itself."""
        return {name: pk for name, pk in _once(self._pairs()).items() if pk != NOBODY}

    @cached_property
    def folds(self) -> dict[str, int]:
        """By the name however it is spelled: asked only for rows that are called neither by a code nor by a name as it stands."""
        return _once((folded(name), pk) for name, pk in self._pairs())

    def _pairs(self) -> Iterator[tuple[str, int]]:
        return ((name, pk) for pk, names in self.spelled.items() for name in names if name)

    def find(self, text: str) -> int:
        """The undertaking that `text` calls by code or name, else `NOBODY`."""
        found = self.codes.get(text, self.names.get(text))
        return self.folds.get(folded(text), NOBODY) if found is None else found

    @cached_property
    def own(self) -> dict[str, int]:
        """Of these the names of what the body reports on."""
        return {name: pk for name, pk in self.folds.items() if pk in self.open}

    def like(self, text: str) -> list[str]:
        """Names that look like `text`, the likest first; of other bodies' undertakings none."""
        close = difflib.get_close_matches(folded(text), self.own, n=SUGGESTED, cutoff=0.4)
        return [self.spelled[self.own[one]][0] for one in close]


def _once(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, pk in pairs:
        if name:
            found[name] = pk if found.get(name, pk) == pk else NOBODY
    return found


_CODES: Final = "SELECT id, code, lead_body_id, parent_id FROM registry_undertaking WHERE programme_id = %s"


def names(programme: Programme, body: Body) -> Names:
    """What the undertakings of `programme` are called, and which of them `body` reports on."""
    with connection.cursor() as cursor:
        cursor.execute(_CODES, [programme.pk])
        rows = cursor.fetchall()
    pks, codes, leads, parents = zip(*rows, strict=True) if rows else ((),) * 4
    bodies = np.fromiter(body.below().values_list("pk", flat=True), dtype=np.int64)
    led = np.array(pks, dtype=np.int64)[np.isin(np.array(leads, dtype=np.int64), bodies)]
    joint = Undertaking.joint_bodies.through.objects.filter(body__path__startswith=body.path).values_list("undertaking_id", flat=True)
    return Names(
        programme=programme.pk,
        codes=dict(zip(codes, pks, strict=True)),
        wholes={pk: parent for pk, parent in zip(pks, parents, strict=True) if parent},
        open=frozenset(led.tolist()) | frozenset(joint),
    )


def spoken(cell: Cell) -> str:
    """A label as text; a code that a spreadsheet made a number is its digits again."""
    return cell.strip() if type(cell) is str else tables.words(cell)


def _spoken(cells: list[Cell]) -> list[str]:
    if set(map(type, cells)) <= {str, type(None)}:
        texts: list[str] = [cell or "" for cell in cells]  # type: ignore[misc]
        joined = "\n".join(texts)  # one search through all of them finds whether any has blanks at its ends
        stripped = joined.count("\n") == len(texts) - 1 and not _EDGES.search(joined)
        return texts if stripped else [text.strip() for text in texts]
    return [spoken(cell) for cell in cells]


@dataclass(frozen=True, slots=True)
class Rows:
    """For each row of a body its undertaking or `NOBODY`, its label, and which rows are no undertakings by what they are."""

    undertaking: Whole
    labels: list[str]
    totals: frozenset[int]
    beside: Truth
    """Totals, notes, the head again, and what a mapping leaves out."""


def resolved(table: Table, *, key: int | None, name: int | None, known: Names, told: Mapping[str, str]) -> Rows:
    """Find the undertaking of every row: what was said once of its label, then its code, then its name.

    `told` maps a label to an undertaking's code, or to "" where its row is to be left out.
    """
    columns = [_spoken(table.cells(index)) for index in (key, name) if index is not None]
    labels = _labels(columns)
    totals = set(table.totals)
    looked_at = {column.index for column in table.head.columns[: tables.LABELS]}
    for index, column in zip((index for index in (key, name) if index is not None), columns, strict=True):
        if index not in looked_at:
            totals.update(marked(column)[0])
    beside = tables.heads_again(table)
    beside[table.ended :] = True
    beside[list(totals)] = True
    if told:
        beside |= np.fromiter((told.get(label) == "" for label in labels), dtype=np.bool_, count=len(labels))
    found = np.full(len(labels), NOBODY, dtype=np.int64)
    for column in columns:
        _find(found, column, known, told, passed=beside)
    return Rows(found, labels, frozenset(totals), beside)


def _labels(columns: Sequence[list[str]]) -> list[str]:
    """What a row is called where its undertaking is asked for: its name, else its key."""
    if len(columns) == 1:
        return columns[0]
    return [name or key for key, name in zip(*columns, strict=True)]


def _find(found: Whole, column: list[str], known: Names, told: Mapping[str, str], *, passed: Truth) -> None:
    """Find the undertakings of those rows that have none yet, except for those that are `passed`."""
    wanted = np.flatnonzero((found == NOBODY) & ~passed)
    texts = column if len(wanted) == len(column) else [column[place] for place in wanted.tolist()]
    named = [_called(text, known, told) for text in texts] if told else list(map(known.codes.get, texts))
    for place, pk in enumerate(named):
        if pk is None:
            named[place] = known.find(texts[place]) if texts[place] else NOBODY
    found[wanted] = np.array(named, dtype=np.int64)


def _called(text: str, known: Names, told: Mapping[str, str]) -> int | None:
    """By what was said once of the label, else by the code."""
    return known.codes.get(told[text], NOBODY) if told.get(text) else known.codes.get(text)
