"""What python-calamine leaves out of a workbook: formulas that failed, which it reads as empty, what ODS merges, and percentages.

An empty cell is silence, and a failed one is not. A cell that is shown as 82.77% holds 0.8277. The parts are looked through for a mark
first, so that a workbook in which nothing failed and nothing is shown as a percentage costs no second parsing.
"""

from __future__ import annotations

import re
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
"""Failed or merged cells of a sheet, and runs of cells shown as percentages."""
_CHUNK: Final = 2**20
_LONGEST_MARK: Final = 32


@dataclass(slots=True)
class LeftOut:
    """Of one sheet, counted from 0. `percents` are cells shown as percentages: one column wide, the last row inclusive."""

    failed: Failed = field(default_factory=dict)
    merged: Spans = field(default_factory=list)
    percents: Spans = field(default_factory=list)

    def bounded(self) -> None:
        if max(len(self.failed), len(self.merged), len(self.percents)) > MOST:
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
            marked = _marked(parts, "content.xml", b':value-type="error"', b"-spanned=", b':value-type="percentage"')
            return _open_document(parts, name) if marked else LeftOut()
        part = _part(parts, name)
        if not part:
            return LeftOut()
        found = _excel(parts, part) if _marked(parts, part, b't="e"', b"t='e'") else LeftOut()
        found.percents = _percents(parts, part)
        return found


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


_PERCENT: Final = frozenset({"9", "10"})
"""The number formats 0% and 0.00%, which every workbook knows."""


def _percent_styles(parts: zipfile.ZipFile) -> list[str]:
    """The cell styles, by their place in the workbook's list, that show a number as a percentage."""
    if "xl/styles.xml" not in parts.namelist():
        return []
    percent, styles, listed = set(_PERCENT), [], False
    with parts.open("xl/styles.xml") as stream:
        for element, marks in _elements(stream):
            if element == "numFmt" and "%" in re.sub(r'"[^"]*"|\\.', "", marks.get("formatCode", "")):
                percent.add(marks.get("numFmtId", ""))
            elif element in {"cellXfs", "cellStyles", "dxfs"}:
                listed = element == "cellXfs"
            elif element == "xf" and listed:
                styles.append(marks.get("numFmtId", ""))
    return [str(place) for place, format_of in enumerate(styles) if format_of in percent]


def _percents(parts: zipfile.ZipFile, part: str) -> Spans:
    """The cells of a sheet shown as percentages. Written as spreadsheets write them, place before style; others go unnoticed."""
    styles = _percent_styles(parts)
    if not styles:
        return []
    wanted = re.compile(rb'<(?:\w+:)?c r="([A-Z]{1,3}[0-9]{1,7})" s="(?:%s)"' % "|".join(styles).encode())
    runs = _Runs()
    tail = b""
    with parts.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            text = tail + chunk
            kept = text.rfind(b"<") if text.rfind(b"<") > 0 else len(text)
            for place in wanted.findall(text, 0, kept):
                runs.add(*placed(place.decode()))
            tail = text[kept:]
    return runs.spans()


class _Runs:
    """Cells gathered column by column: one below the other they are one span."""

    def __init__(self) -> None:
        self._open: dict[int, tuple[int, int]] = {}
        self._done: Spans = []

    def add(self, row: int, column: int, rows: int = 1) -> None:
        first, last = self._open.get(column, (row, row - 1))
        if row != last + 1:
            self._done.append((first, column, last, column))
            first = row
            if len(self._done) > MOST:
                raise Refusal("file-too-heavy")
        self._open[column] = (first, row + rows - 1)

    def spans(self) -> Spans:
        return self._done + [(first, column, last, column) for column, (first, last) in self._open.items()]


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
        self._percents = _Runs()
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
        kinds = {value for key, value in marks.items() if _local(key) == "value-type"}
        if "percentage" in kinds:
            for beside in range(cells):
                self._percents.add(self._row, column + beside, self._rows)
        if "error" in kinds:
            if cells * self._rows > MOST:
                raise Refusal("file-too-heavy")
            self._failed = [(self._row + below, column + beside) for below in range(self._rows) for beside in range(cells)]
            self._text = []
        self._column += cells
        self.found.bounded()

    def _stop(self, full: str) -> None:
        name = _local(full)
        if name == "table":
            self._inside, self.found.percents = False, self.found.percents or self._percents.spans()
        elif name == "table-row":
            self._row += self._rows
        elif name == "table-cell" and self._failed:
            self.found.failed |= dict.fromkeys(self._failed, "".join(self._text).strip() or "#N/A")
            self._failed = []

    def _say(self, text: str) -> None:
        if self._failed:
            self._text.append(text)
