"""Any spreadsheet as rows that begin at A1: XLSX, XLS, ODS, CSV, and HTML tables that call themselves .xls.

What a file is is decided by its content, never by its name. A file that cannot be trusted is refused with a code before or while
it is read; `duban.intake.apart` reads what is binary in a process of its own.
"""

from __future__ import annotations

import contextlib
import io
import pickle
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
from duban.core.refusals import Finding, Refusal
from duban.intake import apart, plain
from duban.intake.slots_csv import decoded

Cell = str | float | int | bool | date | datetime | time | timedelta | None
Span = tuple[int, int, int, int]

LARGEST: Final = 64 * 2**20
"""Bytes of a file."""
UNPACKED: Final = 512 * 2**20
"""Bytes that a file's parts may unpack to."""
PARTS: Final = 5_000
RATIO: Final = 250
"""How many times its size a file may unpack to, once that is more than `ROOM`. 100,000 rows of text unpack to some 20 times."""
ROOM: Final = 32 * 2**20
ROWS: Final = 1_048_576
COLUMNS: Final = apart.COLUMNS
CELLS: Final = apart.CELLS
PATIENCE: Final = 60
"""Seconds to wait for a sheet on a busy machine."""


class CellError(str):
    """What a formula that failed shows instead of a value: #REF!, #DIV/0!."""

    __slots__ = ()


ERRORS: Final = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!", "#GETTING_DATA"})


@dataclass(frozen=True, slots=True)
class SheetRef:
    """A sheet's name, before it is read."""

    name: str
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's cells. `rows[0][0]` is A1; all rows are of one length; what lies beyond the last filled row and column is cut.

    `merged` holds (first row, first column, last row, last column), counted from 0, inclusive.
    """

    name: str
    hidden: bool
    rows: list[list[Cell]]
    merged: list[Span] = field(default_factory=list)


@dataclass(eq=False)
class Book:
    """A file that has been opened. `warnings` are findings that do not keep it from being read."""

    kind: str
    sheets: list[SheetRef]
    warnings: list[Finding] = field(default_factory=list)
    _read: Any = None

    def sheet(self, which: str | int) -> Sheet:
        """One sheet, read now. Raises `Refusal` "sheet-missing", or what is wrong with it."""
        names = [ref.name for ref in self.sheets]
        index = names.index(which) if which in names else which
        if not isinstance(index, int) or not 0 <= index < len(names):
            raise Refusal("sheet-missing", sheet=str(which))
        ref = self.sheets[index]
        rows, merged = self._read(index)
        return Sheet(ref.name, ref.hidden, rows, merged)

    def close(self) -> None:
        """Let go of the file. A book that nobody holds any more closes itself."""
        if isinstance(self._read, _Reader):
            self._read.close()

    def __enter__(self) -> Book:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_book(content: BinaryIO | Path, name: str) -> Book:
    """The spreadsheet in `content`; `name` is only told back. Raises `Refusal` for what is none or cannot be trusted."""
    if isinstance(content, Path):
        with content.open("rb") as stream:
            return open_book(stream, name)
    taken = content.read(LARGEST + 1)
    if len(taken) > LARGEST:
        raise Refusal("file-too-large", megabytes=LARGEST // 2**20)
    if not taken.strip():
        raise Refusal("file-empty")
    if taken.startswith(b"PK\x03\x04"):
        kind, warnings = _zipped(taken, name)
        return _apart(taken, kind, warnings)
    if taken.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _apart(taken, _compound(taken, name), [])
    return _text(taken, name)


def _compound(content: bytes, name: str) -> str:
    """An old Excel file. Its directory names its streams in UTF-16."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise Refusal("file-encrypted")
    if "_VBA_PROJECT".encode("utf-16-le") in content:
        raise Refusal("file-has-macros")
    if "Workbook".encode("utf-16-le") not in content and "Book".encode("utf-16-le") not in content:
        raise Refusal("not-a-workbook", name=name)
    return "xls"


def _zipped(content: bytes, name: str) -> tuple[str, list[Finding]]:
    """What a ZIP file holds, by its directory alone."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError):
        raise Refusal("file-damaged") from None
    size = sum(part.file_size for part in parts)
    if len(parts) > PARTS or size > UNPACKED or (size > ROOM and size > RATIO * len(content)):
        raise Refusal("file-too-heavy")
    names = [part.filename.lower() for part in parts]
    if len(set(names)) < len(names):
        raise Refusal("file-damaged")
    if any(part.endswith("vbaproject.bin") or part.startswith(("xl/macrosheets/", "basic/")) for part in names):
        raise Refusal("file-has-macros")
    links = sum(part.startswith("xl/externallinks/") and part.endswith(".xml") for part in names)
    warnings = [Finding("links-elsewhere", facts={"count": links})] if links else []
    if "xl/workbook.xml" in names:
        return "xlsx", warnings
    if "content.xml" in names and "mimetype" in names and b"opendocument.spreadsheet" in content[:120]:
        return "ods", warnings
    raise Refusal("not-a-workbook", name=name)


_PACKAGES: Final = [str(Path(part.__file__ or "").parents[1]) for part in (duban, python_calamine)]
_START: Final = "import sys; sys.path += sys.argv[2:]; from duban.intake import apart; apart.main(sys.argv[1])"


class _Reader:
    """The process that reads a binary file; it ends when nobody holds the book any more."""

    def __init__(self, content: bytes, kind: str) -> None:
        self._file = tempfile.NamedTemporaryFile(suffix=f".{kind}")  # noqa: SIM115
        self._file.write(content)
        self._file.flush()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _START, self._file.name, *_PACKAGES],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.close = weakref.finalize(self, _end, self._process, self._file)

    def frames(self) -> Iterator[tuple[Any, ...]]:
        """What the process says next. Raises `Refusal` when it refuses or dies."""
        assert self._process.stdout
        watch = threading.Timer(PATIENCE, self._process.kill)
        watch.start()
        try:
            while True:
                try:
                    frame = pickle.load(self._process.stdout)
                except (EOFError, pickle.UnpicklingError):
                    raise Refusal("file-too-heavy") from None
                if frame[0] == "refused":
                    raise Refusal(frame[1], **frame[2])
                yield frame
        finally:
            watch.cancel()

    def ask(self, index: int) -> Iterator[tuple[Any, ...]]:
        assert self._process.stdin
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(b"%d\n" % index)
            self._process.stdin.flush()
        return self.frames()

    def __call__(self, index: int) -> tuple[list[list[Cell]], list[Span]]:
        rows: list[list[Cell]] = []
        for kind, *told in self.ask(index):
            if kind == "end":
                break
            rows += told[0]
        ending = told[0]
        for row in rows:
            del row[ending["width"] :]
        return rows, ending["merged"]


def _end(process: subprocess.Popen[bytes], file: Any) -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
    process.wait()
    file.close()


def _apart(content: bytes, kind: str, warnings: list[Finding]) -> Book:
    reader = _Reader(content, kind)
    try:
        _, sheets = next(reader.frames())
    except BaseException:
        reader.close()
        raise
    return Book(kind, [SheetRef(*sheet) for sheet in sheets], warnings, reader)


def _text(content: bytes, name: str) -> Book:
    text = decoded(content)
    rows = [list[Cell](row) for row in plain.separated(text).rows]
    return Book("csv", [SheetRef(name)], [], lambda _: (rows, []))
