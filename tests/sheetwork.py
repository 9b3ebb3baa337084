"""A workbook of duban's in somebody else's program: openpyxl finds cells by the hidden codes, changes them and saves."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
from stage import TODAY, District

from duban.intake import workbooks
from duban.intake.files.sheets import open_book
from duban.intake.readings import Reading

FEBRUARY = date(2026, 2, 28)


def written(town: District, *, body: str = "works", language: str = "zh-hans", on: date = TODAY) -> bytes:
    return workbooks.written(body=town.bodies[body], period=FEBRUARY, language=language, by=town.people["dispatcher"], on=on)


def opened(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content), rich_text=True)


def saved(book: Any) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def edited(content: bytes, change: Callable[[Any], Any]) -> bytes:
    """The workbook after `change` was done to it in openpyxl."""
    book = opened(content)
    change(book)
    return saved(book)


def read(town: District, content: bytes, *, body: str = "works", on: date = TODAY, name: str = "month.xlsx") -> Reading:
    book = open_book(io.BytesIO(content), name)
    assert workbooks.is_workbook(book)
    return workbooks.read(book, body=town.bodies[body], by=town.people["dispatcher"], on=on, tell=lambda done, total: None)


def page(book: Any, programme: str = "invested") -> Any:
    """The sheet of a programme, wherever it stands and whatever it is called."""
    return next(sheet for sheet in book.worksheets if str(sheet["A1"].value).endswith(f"|{programme}"))


def row(sheet: Any, code: str) -> int:
    """The row of an undertaking, by its hidden code."""
    return next(cell.row for cell in sheet["A"] if cell.value == code)


def column(sheet: Any, key: str) -> int:
    """The column whose hidden key begins so: `now:invested`, `reason`."""
    return next(cell.column for cell in sheet[1] if str(cell.value).startswith(key))


def cell(sheet: Any, code: str, key: str) -> Any:
    return sheet.cell(row(sheet, code), column(sheet, key))


def said(town: District, reading: Reading) -> dict[tuple[str, str], Any]:
    """What a reading's lines say, by undertaking and measure."""
    undertakings = {one.pk: code for code, one in town.undertakings.items()}
    measures = {measure.pk: code for code, measure in town.measures.items()}
    lines = [one.line for one in reading.lines]
    return {(undertakings[line.undertaking_id], measures[line.measure_id]): line.amount if line.day is None else line.day for line in lines}


def codes(reading: Reading) -> list[str]:
    return [finding.code for finding in reading.findings]
