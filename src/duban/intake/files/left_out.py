"""What python-calamine leaves out of a workbook: formulas that failed, which it reads as empty, and what ODS merges.

An empty cell is silence, and a failed one is not. The parts are looked through for a mark first, so that a workbook in which nothing
failed costs no second parsing.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import IO, Final
from xml.parsers import expat

from duban.core.refusals import Refusal
from duban.intake.files import compound

Spans = list[tuple[int, int, int, int]]
Failed = dict[tuple[int, int], str]

MOST: Final = 100_000
"""Failed or merged cells of a sheet."""
_CHUNK: Final = 2**20
_LONGEST_MARK: Final = 32


@dataclass(slots=True)
class LeftOut:
    """Of one sheet, counted from 0."""

    failed: Failed = field(default_factory=dict)
    merged: Spans = field(default_factory=list)

    def bounded(self) -> None:
        if len(self.failed) > MOST or len(self.merged) > MOST:
            raise Refusal("file-too-heavy")


def of(path: str, kind: str, name: str) -> LeftOut:
    """What was left out of the sheet `name`."""
    if kind == "xls":
        with open(path, "rb") as file:
            old = compound.Compound(file.read())
        stream = next((stream for stream in ("Workbook", "Book") if stream in old.streams), None)
        return LeftOut(compound.failed(old.stream(stream), name) if stream else {})
    with zipfile.ZipFile(path) as parts:
        if kind == "ods":
            marked = _marked(parts, "content.xml", b':value-type="error"', b"-spanned=")
            return _open_document(parts, name) if marked else LeftOut()
        part = _part(parts, name)
        return _excel(parts, part) if part and _marked(parts, part, b't="e"', b"t='e'") else LeftOut()


def _marked(parts: zipfile.ZipFile, part: str, *marks: bytes) -> bool:
    tail = b""
    with parts.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            if any(mark in chunk or mark in tail + chunk[:_LONGEST_MARK] for mark in marks):
                return True
            tail = chunk[-_LONGEST_MARK:]
    return False


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _elements(stream: IO[bytes]) -> Iterator[tuple[str, dict[str, str]]]:
    """The elements of a small part, without their prefixes."""
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, marks: found.append((_local(name), {_local(key): value for key, value in marks.items()}))
    parser.ParseFile(stream)
    return iter(found)


def _part(parts: zipfile.ZipFile, name: str) -> str | None:
    """The part of an Excel workbook that holds a sheet's cells."""
    with parts.open("xl/workbook.xml") as stream:
        known = next(
            (marks["id"] for element, marks in _elements(stream) if element == "sheet" and marks.get("name") == name and "id" in marks),
            None,
        )
    with parts.open("xl/_rels/workbook.xml.rels") as stream:
        target = next((marks.get("Target", "") for _, marks in _elements(stream) if known and marks.get("Id") == known), None)
    if not target:
        return None
    part = target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
    return part if part in parts.namelist() else None


def _excel(parts: zipfile.ZipFile, part: str) -> LeftOut:
    reader = _Excel()
    with parts.open(part) as stream:
        reader.parser.ParseFile(stream)
    return reader.found


class _Excel:
    """The cells of type "e"; a cell or row that does not say where it stands follows the one before."""

    def __init__(self) -> None:
        self.found = LeftOut()
        self._row = self._column = -1
        self._here: tuple[int, int] | None = None
        self._text: list[str] | None = None
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._stop
        self.parser.CharacterDataHandler = self._say

    def _start(self, name: str, marks: dict[str, str]) -> None:
        name = _local(name)
        if name == "c":
            place = marks.get("r")
            row, self._column = placed(place) if place else (self._row, self._column + 1)
            self._here = (row, self._column) if marks.get("t") == "e" else None
        elif name == "row":
            self._row, self._column = int(marks["r"]) - 1 if "r" in marks else self._row + 1, -1
        elif name == "v" and self._here:
            self._text = []

    def _stop(self, name: str) -> None:
        if self._text is not None and self._here and _local(name) == "v":
            self.found.failed[self._here] = "".join(self._text)
            self.found.bounded()
            self._text = None

    def _say(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)


def placed(name: str) -> tuple[int, int]:
    """AB12 → row 11, column 27."""
    letters = name.rstrip("0123456789")
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return int(name[len(letters) :]) - 1, column - 1


def _open_document(parts: zipfile.ZipFile, name: str) -> LeftOut:
    reader = _OpenDocument(name)
    with parts.open("content.xml") as stream:
        reader.parser.ParseFile(stream)
    return reader.found


class _OpenDocument:
    """The cells of one table that failed or cover others. Cells and rows may stand for many of their kind."""

    def __init__(self, name: str) -> None:
        self.found = LeftOut()
        self._name, self._inside = name, False
        self._row = self._column = self._rows = 0
        self._failed: list[tuple[int, int]] = []
        self._text: list[str] = []
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._stop
        self.parser.CharacterDataHandler = self._say

    def _start(self, full: str, marks: dict[str, str]) -> None:
        name = _local(full)
        if name == "table" and marks.get("table:name") == self._name:
            self._inside, self._row = True, 0
        elif not self._inside:
            return
        elif name == "table-row":
            self._rows, self._column = int(marks.get("table:number-rows-repeated", 1)), 0
        elif name in {"table-cell", "covered-table-cell"}:
            self._cell(marks)

    def _cell(self, marks: dict[str, str]) -> None:
        cells, column = int(marks.get("table:number-columns-repeated", 1)), self._column
        down, right = int(marks.get("table:number-rows-spanned", 1)), int(marks.get("table:number-columns-spanned", 1))
        if down > 1 or right > 1:
            self.found.merged.append((self._row, column, self._row + down - 1, column + right - 1))
        if any(_local(key) == "value-type" and value == "error" for key, value in marks.items()):
            if cells * self._rows > MOST:
                raise Refusal("file-too-heavy")
            self._failed = [(self._row + below, column + beside) for below in range(self._rows) for beside in range(cells)]
            self._text = []
        self._column += cells
        self.found.bounded()

    def _stop(self, full: str) -> None:
        name = _local(full)
        if name == "table":
            self._inside = False
        elif name == "table-row":
            self._row += self._rows
        elif name == "table-cell" and self._failed:
            self.found.failed |= dict.fromkeys(self._failed, "".join(self._text).strip() or "#N/A")
            self._failed = []

    def _say(self, text: str) -> None:
        if self._failed:
            self._text.append(text)
