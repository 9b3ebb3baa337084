"""A table as a file: numbers and days as such, text as text whatever it begins with, digits as they are, and the end of a sheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from duban.core.refusals import Refusal
from duban.web import table_file
from duban.web.table_file import Table

ROWS = (
    ("=1+1", Decimal("12.5"), date(2021, 8, 31)),
    ("@SUM(A1)", Decimal("888888888888.1234"), None),
    ("roofs", None, date(1899, 1, 1)),
)
COLUMNS = (("=Name", lambda row: row[0]), ("Done", lambda row: row[1]), ("Day", lambda row: row[2]))


def table(rows: Any = ROWS) -> Table:
    return Table("list", COLUMNS, rows, [("As of", date(2021, 8, 31)), ("Address", "=x")])


def test_a_csv_hides_formulas_in_heads_and_cells_and_keeps_every_digit():
    read = list(csv.reader(io.StringIO("".join(table_file.lines(table())).removeprefix("\N{BOM}"))))
    assert read[0] == ["'=Name", "Done", "Day", "As of", "Address"]
    assert read[1] == ["'=1+1", "12.5", "2021-08-31", "2021-08-31", "'=x"]
    assert read[2][:3] == ["'@SUM(A1)", "888888888888.1234", ""]


def test_a_workbook_has_no_formula_and_writes_as_text_what_it_would_round():
    with table_file.workbook(table()) as file:
        book = CalamineWorkbook.from_filelike(io.BytesIO(file.read()))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[1] == ["=1+1", 12.5, date(2021, 8, 31)]
    assert rows[2][:2] == ["@SUM(A1)", "888888888888.1234"]
    assert rows[3][0] == "roofs" and str(rows[3][2]) == "1899-01-01"
    assert book.get_sheet_by_index(1).to_python() == [["As of", date(2021, 8, 31)], ["Address", "=x"]]


def test_rows_are_read_as_they_are_sent():
    taken: list[int] = []

    def endless() -> Iterator[tuple[str, int, None]]:
        while True:
            taken.append(1)
            yield ("roofs", 1, None)

    written = table_file.lines(table(endless()))
    next(written)
    assert not taken
    next(written)
    assert len(taken) == table_file.AT_ONCE


def test_a_list_longer_than_a_sheet_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(table_file, "MOST", 2)
    with pytest.raises(Refusal, match="table-too-long"):
        table_file.workbook(table())
