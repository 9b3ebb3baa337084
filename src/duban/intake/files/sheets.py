"""Any spreadsheet as rows that begin at A1: XLSX, XLS, ODS, CSV, and HTML tables that call themselves .xls.

What a file is is decided by its content, never by its name. What its directory tells is checked first; then `duban.intake.files.apart`
reads it in a process of its own, whose memory and time are bounded. Values that a file takes from other files are read as it last
showed them, with a warning; formulas that failed come as `CellError`.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import weakref
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final

import python_calamine

import duban
from duban.core import cycles
from duban.core.refusals import Finding, Refusal
from duban.intake.files import apart, compound, plain
from duban.intake.slots_csv import decoded

Cell = str | float | int | bool | date | datetime | time | timedelta | None
Span = tuple[int, int, int, int]

LARGEST: Final = 64 * 2**20
"""Bytes of a file."""
UNPACKED: Final = 512 * 2**20
"""Bytes that a file's parts may say they unpack to."""
PARTS: Final = 5_000
RATIO: Final = 250
"""How many times its size a file may unpack to once that is more than `ROOM`; a table unpacks to some ten times."""
ROOM: Final = 64 * 2**20
ROWS: Final = plain.ROWS
COLUMNS: Final = apart.COLUMNS
CELLS: Final = apart.CELLS
PATIENCE: Final = 120
"""Seconds to wait for a sheet on a busy machine, whose own `apart.SECONDS` of computing may take longer."""


class CellError(str):
    """What a formula that failed shows instead of a value: #REF!, #DIV/0!. It is neither a text nor an empty cell."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class SheetRef:
    """A sheet that has not been read."""

    name: str
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's cells. `rows[0][0]` is A1; all rows are of one length; what lies beyond the last filled row and column is cut.

    `merged` holds (first row, first column, last row, last column), counted from 0, inclusive; the value stands in the first cell.
    `percents` holds the cells that the file shows as percentages, so that 0.8277 stands for 82.77%; nothing where it does not say.
    """

    name: str
    hidden: bool
    rows: list[list[Cell]]
    merged: list[Span] = field(default_factory=list)
    percents: list[Span] = field(default_factory=list)


@dataclass(eq=False)
class Book:
    """A file that has been opened: "xlsx", "xls", "ods", "csv" or "html". `warnings` do not keep it from being read.

    It holds a process until it is closed; one that nobody holds any more closes itself.
    """

    kind: str
    sheets: list[SheetRef]
    warnings: list[Finding]
    _reader: _Reader

    def sheet(self, which: str | int) -> Sheet:
        """One sheet, read now. Raises `Refusal` "sheet-missing", or what is wrong with it."""
        index = next((place for place, ref in enumerate(self.sheets) if which in (ref.name, place)), None)
        if index is None:
            raise Refusal("sheet-missing", sheet=str(which))
        rows, merged, percents = self._reader.read(index)
        return Sheet(self.sheets[index].name, self.sheets[index].hidden, rows, merged, percents)

    def close(self) -> None:
        """Let go of the file."""
        self._reader.close()

    def __enter__(self) -> Book:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_book(content: BinaryIO | Path, name: str) -> Book:
    """The spreadsheet in `content`. `name` names the sheet of a CSV file and is told back; it says nothing about the kind.

    Raises `Refusal` for what is none, or is damaged, encrypted, too large, or more than any table needs.
    """
    if isinstance(content, Path):
        with content.open("rb") as stream:
            return open_book(stream, name)
    room = Path(tempfile.mkdtemp(prefix="duban-"))
    try:
        path = room / "file"
        _copied(content, path)
        kind, warnings = _kind(path, name)
        reader = _Reader(path.rename(path.with_suffix(f".{kind}")), kind)
    except BaseException:
        shutil.rmtree(room, ignore_errors=True)
        raise
    try:
        sheets = [SheetRef(title or Path(name).stem, hidden) for title, hidden in reader.sheets()]
        if not sheets:
            raise Refusal("not-a-workbook", name=name)
    except BaseException:
        reader.close()
        raise
    return Book(kind, sheets, warnings, reader)


def _copied(stream: BinaryIO, path: Path) -> None:
    with path.open("wb") as file:
        while chunk := stream.read(2**20):
            if file.write(chunk) and file.tell() > LARGEST:
                raise Refusal("file-too-large", megabytes=LARGEST // 2**20)
    if not path.stat().st_size:
        raise Refusal("file-empty")


def _kind(path: Path, name: str) -> tuple[str, list[Finding]]:
    with path.open("rb") as file:
        begins = file.read(512)
    if begins.startswith(b"PK"):
        return _zipped(path, name)
    if begins.startswith(compound.SIGNATURE):
        return _compound(path.read_bytes(), name), []
    return _text(path, name), []


def _compound(content: bytes, name: str) -> str:
    """An old Excel file, or a new one behind a password."""
    try:
        streams = compound.Compound(content).streams
    except (compound.Damaged, ValueError, IndexError, KeyError, struct.error):
        raise Refusal("file-damaged") from None
    if "EncryptedPackage" in streams:
        raise Refusal("file-encrypted")
    if not streams.keys() & {"Workbook", "Book"}:
        raise Refusal("not-a-workbook", name=name)
    if "_VBA_PROJECT_CUR" in streams or "_VBA_PROJECT" in streams:
        raise Refusal("file-has-macros")
    return "xls"


def _zipped(path: Path, name: str) -> tuple[str, list[Finding]]:
    """A file of parts, judged by its directory alone."""
    try:
        with zipfile.ZipFile(path) as file:
            parts = file.infolist()
            mimetype = file.open("mimetype").read(100) if "mimetype" in file.namelist() else b""
    except (zipfile.BadZipFile, RuntimeError, ValueError, OSError, EOFError):
        raise Refusal("file-damaged") from None
    size = sum(part.file_size for part in parts)
    if len(parts) > PARTS or size > UNPACKED or (size > ROOM and size > RATIO * path.stat().st_size):
        raise Refusal("file-too-heavy")
    names = [part.filename.lower() for part in parts]
    if len(set(names)) < len(names):
        raise Refusal("file-damaged")
    if any(part.flag_bits & 1 for part in parts):
        raise Refusal("file-encrypted")
    if any(part.endswith("vbaproject.bin") or part.startswith(("xl/macrosheets/", "basic/")) for part in names):
        raise Refusal("file-has-macros")
    links = sum(bool(re.fullmatch(r"xl/externallinks/[^/]+\.xml", part)) for part in names)
    warnings = [Finding("links-elsewhere", facts={"count": links})] if links else []
    if "xl/workbook.xml" in names:
        return "xlsx", warnings
    if "content.xml" in names and mimetype.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        return "ods", warnings
    raise Refusal("not-a-workbook", name=name)


def _text(path: Path, name: str) -> str:
    """A table as text, left behind as UTF-8."""
    content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):  # what Excel saves as "Unicode text"
        text = content.decode("utf-16", "replace")
    elif b"\x00" in content[:65_536]:
        raise Refusal("not-a-workbook", name=name)
    else:
        text = decoded(content)
    if not text.strip():
        raise Refusal("file-empty")
    if re.match(r"\s*(?:<\?xml|%PDF|\{\\rtf)", text) and not plain.is_html(text):
        raise Refusal("not-a-workbook", name=name)
    path.write_text(text, encoding="utf-8", errors="replace", newline="")
    return "html" if plain.is_html(text) else "csv"


_PACKAGES: Final = [str(Path(part.__file__ or "").parents[1]) for part in (duban, python_calamine)]
_START: Final = "import sys; sys.path += sys.argv[3:]; from duban.intake.files import apart; apart.main(*sys.argv[1:3])"


class _Reader:
    """The process that reads one file. It knows nothing of this one's settings, and ends with the book."""

    def __init__(self, path: Path, kind: str) -> None:
        kept = {name: value for name, value in os.environ.items() if name == "LD_LIBRARY_PATH"}
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _START, str(path), kind, *_PACKAGES],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pipesize=2**20,
            env=kept | {"MALLOC_ARENA_MAX": "1"},
        )
        self.close = weakref.finalize(self, _end, self._process, path.parent)

    def sheets(self) -> list[tuple[str, bool]]:
        """The names of the sheets, and whether they are hidden."""
        for _, sheets in self._frames():
            return list(sheets)
        raise AssertionError

    def read(self, index: int) -> tuple[list[list[Cell]], list[Span], list[Span]]:
        """The rows of a sheet, what is merged in it, and what it shows as percentages."""
        assert self._process.stdin
        with contextlib.suppress(BrokenPipeError, ValueError):  # a reader that has died is told by its silence
            self._process.stdin.write(b"%d\n" % index)
            self._process.stdin.flush()
        rows: list[list[Cell]] = []
        for kind, told in self._frames():
            if kind == "rows":
                rows += told
            else:
                return _squared(rows, **told), told["merged"], told["percents"]
        raise AssertionError

    def _frames(self) -> Iterator[tuple[str, Any]]:
        """What the process says. Raises `Refusal` when it refuses, dies, or says nothing for `PATIENCE` seconds."""
        assert self._process.stdout
        watch = threading.Timer(PATIENCE, self._process.kill)
        watch.daemon = True
        watch.start()
        try:
            while True:
                with cycles.unlooked():
                    kind, *told = pickle.load(self._process.stdout)
                if kind == "refused":
                    raise Refusal(told[0], **told[1])
                yield kind, told[0]
        except (EOFError, pickle.UnpicklingError, ValueError):
            raise Refusal("file-too-heavy") from None
        finally:
            watch.cancel()


def _squared(rows: list[list[Cell]], *, height: int, width: int, failed: dict[tuple[int, int], str], **_: Any) -> list[list[Cell]]:
    """The rows at one length, with the errors in them named as such."""
    rows += [[] for _ in range(height - len(rows))]
    for row in rows:
        if len(row) > width:
            del row[width:]
        elif len(row) < width:
            row += [None] * (width - len(row))
    for (place, column), error in failed.items():
        rows[place][column] = CellError(error)
    return rows


def _end(process: subprocess.Popen[bytes], room: Path) -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
    process.wait()
    shutil.rmtree(room, ignore_errors=True)
