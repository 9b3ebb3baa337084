"""Opening a stranger's spreadsheet in a process of its own, which may die without taking anything along.

A few bytes can ask for terabytes: two cells at opposite corners of a sheet, one long text that a million cells point to, a part
that unpacks for ever. No check beforehand knows all of these, so the file is read where memory and time are bounded by the
operating system. This module is run without Django and starts in some 50 ms.

It answers on its standard output with pickled frames: first `("book", [(sheet, hidden), ...])`, then, for every number of a sheet
that it reads from its standard input, `("rows", [row, ...])` as often as needed and `("end", {...})`; or `("refused", code, facts)`.
"""

from __future__ import annotations

import gc
import io
import pickle
import resource
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final

import python_calamine

from duban.core.refusals import Refusal
from duban.intake.files import left_out, plain

MEMORY: Final = 448 * 2**20
"""Bytes of address space. 100,000 rows of 15 cells take a third of it."""
SECONDS: Final = 8
"""Of computing, not of waiting. 100,000 rows of 15 cells take one and a half."""
COLUMNS: Final = 1_000
"""Columns of a sheet that hold something."""
CELLS: Final = 5_000_000
"""Cells between A1 and the last that holds something, empty ones included."""
TEXT: Final = 160 * 2**20
"""Bytes of one sheet's values on their way out."""
AT_ONCE: Final = 2_000
"""Rows in a frame."""

ERRORS: Final = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!", "#GETTING_DATA"})
"""What failed formulas show. Typed as text, or copied from elsewhere, they mean the same."""

_SEEN_TO: Final = ERRORS | {""}
"""Cells that are looked at one by one; of most rows none is."""

Rows = Iterator[list[Any]]
"""From A1 on, empty cells as None or as empty text."""
Also = Callable[[], left_out.LeftOut]
"""What else there is to say of a sheet, once its rows have been read."""


def bound() -> None:
    """From here on this process has `MEMORY` and `SECONDS`, writes no file and leaves no core."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def send(*frame: Any) -> int:
    """Write a frame and say how many bytes it took."""
    held = io.BytesIO()
    pickler = pickle.Pickler(held, pickle.HIGHEST_PROTOCOL)
    pickler.fast = True  # no cell is another's: nothing is remembered while it is written
    pickler.dump(frame)
    content = held.getbuffer()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
    return len(content)


class Telling:
    """Sends the rows of one sheet up to the last that holds something, and keeps count of what they take."""

    def __init__(self) -> None:
        self.width = self.height = self._sent = self._cells = 0
        self.failed: left_out.Failed = {}
        self._used: set[int] = set()
        self._frame: list[list[Any]] = []

    def tell(self, rows: Rows) -> None:
        for place, row in enumerate(rows):
            if not row:
                continue
            if not _SEEN_TO.isdisjoint(row):
                self.failed |= {(place, column): cell for column, cell in enumerate(row) if cell in ERRORS}
                row = [None if cell == "" else cell for cell in row]
            self._measure(row)
            if row[0] is not None or any(cell is not None for cell in row):
                self._frame += [[] for _ in range(place - self.height)]
                self._frame.append(row)
                self.height = place + 1
            if len(self._frame) >= AT_ONCE:
                self._send()
        self._send()

    def _measure(self, row: list[Any]) -> None:
        last = len(row)
        while last > self.width and row[last - 1] is None:
            last -= 1
        self.width = max(self.width, last)
        if len(row) > COLUMNS:
            self._used.update(column for column, cell in enumerate(row) if cell is not None)
        if len(self._used) > COLUMNS:
            raise Refusal("sheet-too-wide", limit=COLUMNS)
        self._cells += len(row)
        if self._cells > CELLS:
            raise Refusal("sheet-too-large", cells=CELLS)

    def _send(self) -> None:
        self._sent += send("rows", self._frame)
        self._frame = []
        if self._sent > TEXT:
            raise Refusal("file-too-heavy")

    def end(self, found: left_out.LeftOut) -> None:
        """Send what else there is to say. What is merged beyond the last cell that holds something is cut."""
        failed = self.failed | found.failed
        height = max([self.height, *(row + 1 for row, _ in failed)])
        width = max([self.width, *(column + 1 for _, column in failed)])
        if height * width > CELLS:
            raise Refusal("sheet-too-large", cells=CELLS)
        merged = [
            (*first, min(last, height - 1), min(right, width - 1))
            for *first, last, right in found.merged
            if first[0] < height and first[1] < width
        ]
        send("end", {"height": height, "width": width, "merged": merged, "failed": failed, "percents": found.percents})


class Workbook:
    """XLSX, XLS and ODS, by python-calamine."""

    def __init__(self, path: str, kind: str) -> None:
        self._path, self._kind = path, kind
        self._book = python_calamine.CalamineWorkbook.from_path(path)
        kinds = python_calamine.SheetTypeEnum
        if any(sheet.typ in (kinds.MacroSheet, kinds.Vba) for sheet in self._book.sheets_metadata):
            raise Refusal("file-has-macros")
        self._sheets = [sheet for sheet in self._book.sheets_metadata if sheet.typ == kinds.WorkSheet]

    def names(self) -> list[tuple[str, bool]]:
        visible = python_calamine.SheetVisibleEnum.Visible
        return [(sheet.name, sheet.visible != visible) for sheet in self._sheets]

    def sheet(self, index: int) -> tuple[Rows, Also]:
        """Its rows, while a second look goes for what python-calamine leaves out: it lets go of Python's lock."""
        name = self._sheets[index].name
        second = _Second(lambda: left_out.of(self._path, self._kind, name))
        sheet = self._book.get_sheet_by_name(name)
        if sheet.total_height * sheet.total_width > CELLS:
            raise Refusal("sheet-too-large", cells=CELLS)

        def also() -> left_out.LeftOut:
            found = second.answer()
            found.merged += [(*first, *last) for first, last in sheet.merged_cell_ranges or ()]
            return found

        return _from_a1(sheet), also


def _from_a1(sheet: Any) -> Rows:
    left = [None] * (sheet.start[1] if sheet.start else 0)
    return (left + row for row in sheet.iter_rows()) if left else sheet.iter_rows()  # type: ignore[no-any-return]


class _Second(threading.Thread):
    """A call that runs beside this one; what it raises is raised to who asks for its answer."""

    def __init__(self, call: Callable[[], left_out.LeftOut]) -> None:
        super().__init__(daemon=True)
        self._call = call
        self._found: left_out.LeftOut | None = None
        self._raised: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._found = self._call()
        except BaseException as raised:
            self._raised = raised

    def answer(self) -> left_out.LeftOut:
        self.join()
        if self._raised:
            raise self._raised
        assert self._found
        return self._found


class Text:
    """CSV and HTML, as UTF-8."""

    def __init__(self, path: str, kind: str) -> None:
        with open(path, encoding="utf-8", newline="") as file:
            text = file.read()
        self._tables = plain.marked_up(text) if kind == "html" else [plain.separated(text)]

    def names(self) -> list[tuple[str, bool]]:
        return [(table.name, False) for table in self._tables]

    def sheet(self, index: int) -> tuple[Rows, Also]:
        table = self._tables[index]
        return iter(table.rows), lambda: left_out.LeftOut(merged=list(table.merged))


def main(path: str, kind: str) -> None:
    bound()
    gc.disable()  # millions of cells and no cycle among them
    try:
        book = (Text if kind in {"csv", "html"} else Workbook)(path, kind)
        send("book", book.names())
        for line in sys.stdin:
            rows, also = book.sheet(int(line))
            telling = Telling()
            telling.tell(rows)
            found = also()
            found.bounded()
            telling.end(found)
    except Refusal as refusal:
        send("refused", refusal.code, refusal.facts)
    except MemoryError:
        send("refused", "file-too-heavy", {})
    except python_calamine.PasswordError:
        send("refused", "file-encrypted", {})
    except BaseException:  # a panic of the reader is no Exception
        send("refused", "file-damaged", {})
