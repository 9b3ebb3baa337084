"""Which undertaking a row of somebody's table speaks of: by its code, by its name, or by what was said once of that name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

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
_IGNORED = re.compile(r"""[\s()（）\[\]【】“”"'‘’《》<>·•,，、.。:：;；\-—–_/]+""")


def folded(name: str) -> str:
    """A name without blanks, brackets, marks, width and a serial number before it: two spellings of one name are the same."""
    return _IGNORED.sub("", _SERIAL.sub("", tables.words(name))).lower()


@dataclass(slots=True)
class Names:
    """The undertakings of a programme by all that a table may call them; a name that two of them have calls neither.

    `wholes` tells of a part what it is a part of, `open` those that the body reports on.
    """

    codes: dict[str, int] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    folds: dict[str, int] = field(default_factory=dict)
    called: dict[int, str] = field(default_factory=dict)
    wholes: dict[int, int] = field(default_factory=dict)
    open: frozenset[int] = frozenset()

    def find(self, text: str) -> int:
        """The undertaking that `text` calls by code or name, else `NOBODY`."""
        found = self.codes.get(text, self.names.get(text))
        return self.folds.get(folded(text), NOBODY) if found is None else found

    def like(self, text: str) -> list[str]:
        """Names that look like `text`, the likest first."""
        close = difflib.get_close_matches(folded(text), self.folds, n=SUGGESTED, cutoff=0.4)
        return [self.called[self.folds[one]] for one in close if self.folds[one] != NOBODY]


def _once(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, pk in pairs:
        if name:
            found[name] = pk if found.get(name, pk) == pk else NOBODY
    return found


def names(programme: Programme, body: Body) -> Names:
    """What the undertakings of `programme` are called, and which of them `body` reports on."""
    rows = list(programme.undertakings.values_list("pk", "code", "name", "name_en", "lead_body__path", "parent"))
    joint = Undertaking.joint_bodies.through.objects.filter(body__path__startswith=body.path).values_list("undertaking_id", flat=True)
    return Names(
        codes={code: pk for pk, code, *_ in rows},
        names={name: pk for name, pk in _once((one, row[0]) for row in rows for one in row[2:4]).items() if pk != NOBODY},
        folds=_once((folded(one), row[0]) for row in rows for one in row[2:4]),
        called={row[0]: row[2] for row in rows},
        wholes={row[0]: row[5] for row in rows if row[5]},
        open=frozenset(row[0] for row in rows if row[4].startswith(body.path)) | frozenset(joint),
    )


def spoken(cell: Cell) -> str:
    """A label as text; a code that a spreadsheet made a number is its digits again."""
    return cell.strip() if type(cell) is str else tables.words(cell)


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
    columns = [[spoken(cell) for cell in table.cells(index)] for index in (key, name) if index is not None]
    labels = _labels(columns)
    totals = set(table.totals)
    for column in columns:
        totals.update(marked(column)[0])
    beside = tables.heads_again(table)
    beside[table.ended :] = True
    beside[list(totals)] = True
    found = np.full(len(labels), NOBODY, dtype=np.int64)
    for column in reversed(columns):
        read = np.fromiter(_found(column, known, told), dtype=np.int64, count=len(column))
        found = np.where(read != NOBODY, read, found)
    beside |= np.fromiter((told.get(label) == "" for label in labels), dtype=np.bool_, count=len(labels))
    found[beside] = NOBODY
    return Rows(found, labels, frozenset(totals), beside)


def _labels(columns: Sequence[list[str]]) -> list[str]:
    """What a row is called where its undertaking is asked for: its name, else its key."""
    if len(columns) == 1:
        return columns[0]
    return [name or key for key, name in zip(*columns, strict=True)]


def _found(column: list[str], known: Names, told: Mapping[str, str]) -> Iterable[int]:
    codes, plain = known.codes, known.names
    for text in column:
        pk = codes.get(told[text], NOBODY) if told.get(text) else codes.get(text) or plain.get(text)
        yield known.find(text) if pk is None else pk if text else NOBODY
