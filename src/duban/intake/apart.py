"""Opening a stranger's spreadsheet in a process of its own, which may die without taking anything along.

A few bytes can ask for terabytes: two cells at opposite corners of a sheet, one long text that a million cells point to, a part
that unpacks for ever. No check beforehand knows all of these, so the file is read where memory and time are bounded by the
operating system. This module is run without Django and without the rest of duban, and starts in some 50 ms.

It answers on its standard output with pickled frames: first `("book", [(sheet, hidden), ...])`, then, for every number of a sheet
that it reads from its standard input, `("rows", [row, ...])` as often as needed and `("end", {...})`; or `("refused", code, facts)`.
"""

from __future__ import annotations

import pickle
import resource
import sys
from collections.abc import Iterator
from typing import Any, Final

from duban.core.refusals import Refusal

MEMORY: Final = 480 * 2**20
"""Bytes of address space. 100,000 rows of 15 cells take a third of it."""
SECONDS: Final = 9
"""Of computing, not of waiting. 100,000 rows of 15 cells take one and a half."""
COLUMNS: Final = 1_000
"""Columns of a sheet that hold something."""
CELLS: Final = 5_000_000
"""Cells between A1 and the last that holds something, empty ones included."""
TEXT: Final = 160 * 2**20
"""Bytes of one sheet's values on their way out."""
MERGED: Final = 100_000
AT_ONCE: Final = 2_000
"""Rows in a frame."""


def bound() -> None:
    """From here on this process has `MEMORY` and `SECONDS`, writes no file and leaves no core."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def send(*frame: Any) -> int:
    """Write a frame and say how many bytes it took."""
    content = pickle.dumps(frame, pickle.HIGHEST_PROTOCOL)
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
    return len(content)


def rows_of(sheet: Any) -> Iterator[list[Any]]:
    """The rows from A1 on, empty cells as None, whatever the used range begins with."""
    left = [None] * (sheet.start[1] if sheet.start else 0)
    empty = {"": None}
    for row in sheet.iter_rows():
        yield left + [empty.get(cell, cell) if cell.__class__ is str else cell for cell in row]


def told(rows: Iterator[list[Any]], columns: int) -> int:
    """Send all rows up to the last that holds something; the answer is the last column that does, counted from 1."""
    frame: list[list[Any]] = []
    blank: list[list[Any]] = []
    width = sent = 0
    used: set[int] = set()
    for row in rows:
        last = len(row)
        while last > width and row[last - 1] is None:
            last -= 1
        width = max(width, last)
        if columns > COLUMNS:
            used.update(place for place, cell in enumerate(row) if cell is not None)
        blank.append(row)
        if any(cell is not None for cell in row):
            frame += blank
            blank = []
        if len(used) > COLUMNS:
            raise Refusal("sheet-too-wide", limit=COLUMNS)
        if len(frame) >= AT_ONCE:
            sent += send("rows", frame)
            frame = []
        if sent > TEXT:
            raise Refusal("file-too-heavy")
    send("rows", frame)
    return width


def tell(book: Any, index: int) -> None:
    sheet = book.get_sheet_by_index(index)
    if sheet.total_height * sheet.total_width > CELLS:
        raise Refusal("sheet-too-large", cells=CELLS)
    merged = sheet.merged_cell_ranges or []
    if len(merged) > MERGED:
        raise Refusal("file-too-heavy")
    width = told(rows_of(sheet), sheet.total_width)
    send("end", {"width": width, "merged": [(*first, *last) for first, last in merged]})


def main(path: str) -> None:
    import python_calamine

    bound()
    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
        visible = python_calamine.SheetVisibleEnum.Visible
        send("book", [(sheet.name, sheet.visible != visible) for sheet in book.sheets_metadata])
        for line in sys.stdin:
            tell(book, int(line))
    except Refusal as refusal:
        send("refused", refusal.code, refusal.facts)
    except MemoryError:
        send("refused", "file-too-heavy", {})
    except python_calamine.PasswordError:
        send("refused", "file-encrypted", {})
    except BaseException:
        send("refused", "file-damaged", {})


if __name__ == "__main__":
    main(sys.argv[1])
