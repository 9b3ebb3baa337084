"""Any spreadsheet as rows that begin at A1, whatever wrote it and whatever it is called."""

from __future__ import annotations

import gc
import io
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import Any

import filecraft
import pytest
import xlsxwriter

from duban.core.refusals import Refusal
from duban.intake.files import apart, plain, sheets
from duban.intake.files.sheets import CellError, Sheet, open_book


def first(content: bytes, name: str = "表.xlsx") -> Sheet:
    with open_book(io.BytesIO(content), name) as book:
        return book.sheet(0)


def excel(fill: Callable[[Any, Any], None]) -> bytes:
    """A workbook that XlsxWriter wrote."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        fill(book, book.add_worksheet("进度"))
    return file.getvalue()


def refused(content: bytes, name: str = "表.xlsx") -> str:
    with pytest.raises(Refusal) as refusal:
        first(content, name)
    return refusal.value.code


def test_rows_begin_at_a1_whatever_the_used_range_begins_with():
    def fill(book: Any, sheet: Any) -> None:
        sheet.write("C3", 5)
        sheet.write("D4", "桥")

    assert first(excel(fill)).rows == [[None] * 4, [None] * 4, [None, None, 5.0, None], [None, None, None, "桥"]]
    ods = '<table:table-row table:number-rows-repeated="2"/><table:table-row><table:table-cell/>{}</table:table-row>'
    cell = '<table:table-cell office:value-type="float" office:value="5"><text:p>5</text:p></table:table-cell>'
    assert first(filecraft.ods(ods.format(cell))).rows == [[None, None], [None, None], [None, 5.0]]
    assert first(filecraft.xls({"甲": [filecraft.number(2, 1, 5)]})).rows == [[None, None], [None, None], [None, 5.0]]


def test_cells_come_as_what_they_are():
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row("A1", [1, 2.5, "三", True, None, ""])
        sheet.write_datetime("A2", datetime(2021, 8, 31), book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write_datetime("B2", datetime(2021, 8, 31, 12, 5), book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
        sheet.write("C2", 0.5, book.add_format({"num_format": "hh:mm"}))
        sheet.write("D2", 1.5, book.add_format({"num_format": "[h]:mm"}))
        sheet.write("E2", 0.8277, book.add_format({"num_format": "0.00%"}))

    assert first(excel(fill)).rows == [
        [1.0, 2.5, "三", True, None],
        [date(2021, 8, 31), datetime(2021, 8, 31, 12, 5), clock(12), timedelta(days=1, hours=12), 0.8277],
    ]


def failures() -> dict[str, bytes]:
    cell = '<c r="{}" t="e"><f>1/0</f><v>{}</v></c>'
    error = '<table:table-cell office:value-type="string" x:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>'
    return {
        "xlsx": filecraft.xlsx(f'<row r="1"><c r="A1"><v>1</v></c></row><row r="2">{cell.format("B2", "#DIV/0!")}</row>'),
        "xlsx without places": filecraft.xlsx('<row><c><v>1</v></c></row><row><c/><c t="e"><v>#DIV/0!</v></c></row>'),
        "xls": filecraft.xls({"甲": [filecraft.number(0, 0, 1), filecraft.error(1, 1, 0x07)]}),
        "xls, by a formula": filecraft.xls({"甲": [filecraft.number(0, 0, 1), filecraft.failed_formula(1, 1, 0x07)]}),
        "ods": filecraft.ods(
            '<table:table-row><table:table-cell office:value-type="float" office:value="1"/></table:table-row>'
            f"<table:table-row><table:table-cell/>{error}</table:table-row>"
        ),
        "csv": b"1,\n,#DIV/0!\n",
    }


@pytest.mark.parametrize("kind", failures())
def test_a_formula_that_failed_is_neither_text_nor_an_empty_cell(kind: str):
    rows = first(failures()[kind]).rows
    assert [[type(cell) for cell in row] for row in rows][1] == [type(None), CellError]
    assert rows[1] == [None, "#DIV/0!"]
    assert rows[0][1] is None


def shares(book: Any, sheet: Any) -> None:
    """A head, and under it the same numbers: shown as percentages but for one, and shown as they are."""
    sheet.write_row(0, 0, ["事项", "进度", "投资"])
    for row, number in enumerate((0.8277, 0.5, 1.0, 0.25), 1):
        shown = {1: "0.00%", 2: "0.0_ %;[Red]-0.0%", 4: "0%"}.get(row, '0.00"% done"')
        sheet.write_number(row, 1, number, book.add_format({"num_format": shown}))
        sheet.write_number(row, 2, number)


def test_cells_shown_as_percentages_are_told():
    told = first(excel(shares))
    assert [row[1] for row in told.rows[1:]] == [0.8277, 0.5, 1.0, 0.25]
    assert sorted(told.percents) == [(1, 1, 2, 1), (4, 1, 4, 1)]
    assert first(excel(lambda book, sheet: sheet.write_number(0, 0, 0.5))).percents == []


def test_a_percentage_of_an_open_document_is_told_with_every_cell_that_it_stands_for():
    cell = '<table:table-cell office:value-type="{}" office:value="0.8277"{}/>'
    pair = cell.format("percentage", ' table:number-columns-repeated="2"')
    row = f'<table:table-row table:number-rows-repeated="3">{pair}</table:table-row>'
    told = first(filecraft.ods(f"<table:table-row>{cell.format('float', '')}</table:table-row>{row}"))
    assert told.rows == [[0.8277, None], *[[0.8277, 0.8277]] * 3]
    assert sorted(told.percents) == [(1, 0, 3, 0), (1, 1, 3, 1)]


def test_formulas_that_failed_are_told_sheet_by_sheet():
    wrong, right = '<row r="1"><c r="A1" t="e"><v>#REF!</v></c></row>', '<row r="1"><c r="A1"><v>2</v></c></row>'
    with open_book(io.BytesIO(filecraft.xlsx({"错": wrong, "对": right})), "x") as book:
        assert book.sheet("对").rows == [[2.0]]
        assert book.sheet("错").rows == [[CellError("#REF!")]]


def test_merged_cells_are_told_and_cut_where_the_sheet_ends():
    def fill(book: Any, sheet: Any) -> None:
        sheet.merge_range("A1:C1", "总投资")
        sheet.merge_range("A2:A3", "桥")
        sheet.write("C3", 1)
        sheet.merge_range("A9:C9", None)

    merged = first(excel(fill)).merged
    assert merged == [(0, 0, 0, 2), (1, 0, 2, 0)]
    spans = 'table:number-columns-spanned="2" table:number-rows-spanned="1" office:value-type="string"'
    cells = f"<table:table-cell/><table:table-cell {spans}><text:p>总</text:p></table:table-cell><table:covered-table-cell/>"
    content = filecraft.ods(f"<table:table-row>{cells}</table:table-row>")
    assert first(content).merged == [(0, 1, 0, 1)]


def test_hidden_sheets_are_told_and_can_be_read():
    def fill(book: Any, sheet: Any) -> None:
        sheet.write("A1", 1)
        book.add_worksheet("藏").hide()
        book.add_worksheet("深藏").very_hidden()
        book.get_worksheet_by_name("藏").write("A1", "x")
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=进度!$A$1"})
        book.add_chartsheet("图").set_chart(chart)

    with open_book(io.BytesIO(excel(fill)), "x") as book:
        assert [(ref.name, ref.hidden) for ref in book.sheets] == [("进度", False), ("藏", True), ("深藏", True)]
        assert book.sheet("藏").rows == [["x"]]
        assert book.sheet("藏").hidden
        assert book.sheet(2).rows == []
        with pytest.raises(Refusal, match="sheet-missing"):
            book.sheet("无")


def test_what_is_empty_at_the_end_is_cut():
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="str"><v></v></c><c r="D{n}" s="0"/></row>' for n in range(2, 500))
    assert first(filecraft.xlsx(f'<row r="1"><c r="A1"><v>1</v></c></row>{rows}')).rows == [[1.0]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_text_is_read_in_any_usual_encoding_and_with_any_usual_separator(encoding: str, separator: str):
    text = f'事项{separator}金额{separator}说明\r\n滨江步道{separator}1234.5{separator}"甲{separator}乙"\r\n\r\n'
    with open_book(io.BytesIO(text.encode(encoding)), "八月.xls") as book:
        assert (book.kind, [ref.name for ref in book.sheets]) == ("csv", ["八月"])
        assert book.sheet(0).rows == [["事项", "金额", "说明"], ["滨江步道", "1234.5", f"甲{separator}乙"]]


def test_a_separator_is_the_one_that_most_rows_agree_on():
    assert plain.separator("a;b;c\n1,5;2,5;3\n2,5;1;4\n") == ";"
    assert plain.separator("一月,二月\n1,2\n") == ","
    assert plain.separator("标题\n说明\t\n甲\t1\n乙\t2\n") == "\t"
    assert plain.separator("只有一列\n1\n") == ","


def test_rows_of_different_lengths_become_one_length():
    assert first(b"a\n1,2,3\n\n4,,\n").rows == [["a", None, None], ["1", "2", "3"], [None] * 3, ["4", None, None]]


PAGE = """<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta charset="gb2312">
<style>td {mso-number-format:General}</style></head>
<body><table><caption>八月</caption>
<tr><th rowspan="2">事项<th colspan="2">投资</tr>
<tr><td>计划</td><td>完成</td></tr>
<tr><td>滨江&nbsp;步道<br>一期</td><td x:num="98.5"> 98.5万元 </td><td><script>alert(1)</script></td></tr>
</table><p>说明</p><table><tr><td>外<table><tr><td>内</td></tr></table></td></tr></table><table></table></body></html>"""


def test_a_page_that_calls_itself_a_workbook_is_read_by_its_tables():
    with open_book(io.BytesIO(PAGE.encode("gb18030")), "导出.xls") as book:
        assert (book.kind, [ref.name for ref in book.sheets]) == ("html", ["八月", "2", "3"])
        sheet = book.sheet("八月")
        assert sheet.rows == [["事项", "投资", None], [None, "计划", "完成"], ["滨江 步道\n一期", "98.5万元", None]]
        assert sheet.merged == [(0, 0, 1, 0), (0, 1, 0, 2)]
        assert [book.sheet(place).rows for place in (1, 2)] == [[["外"]], [["内"]]]


def test_a_page_without_a_table_is_none():
    assert refused(b"<!DOCTYPE html><html><body>404</body></html>", "x.xls") == "not-a-workbook"
    assert refused(b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "x.xls") == "not-a-workbook"


def test_the_content_decides_and_not_the_name(tmp_path: Path):
    path = tmp_path / "report.pdf"
    path.write_bytes(filecraft.xls({"甲": [filecraft.number(0, 0, 1)]}))
    with open_book(path, path.name) as book:
        assert (book.kind, book.sheet("甲").rows) == ("xls", [[1.0]])


def test_values_from_other_files_are_read_as_last_shown_and_warned_of():
    content = filecraft.xlsx(
        '<row r="1"><c r="A1"><f>[1]Sheet1!A1</f><v>7</v></c></row>',
        more={"xl/externalLinks/externalLink1.xml": "<externalLink/>", "xl/externalLinks/_rels/externalLink1.xml.rels": "<x/>"},
    )
    with open_book(io.BytesIO(content), "x") as book:
        assert book.sheet(0).rows == [[7.0]]
        assert [(finding.code, finding.facts) for finding in book.warnings] == [("links-elsewhere", {"count": 1})]


def test_a_file_larger_than_the_limit_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sheets, "LARGEST", 100)
    assert refused(b"a,b\n" * 100) == "file-too-large"


def test_the_limit_of_columns_counts_those_that_hold_something():
    far = '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>2</v></c></row>'
    rows = first(filecraft.xlsx(far)).rows
    assert (len(rows[0]), rows[0][0], rows[0][-1]) == (16_384, 1.0, 2.0)
    assert refused(filecraft.xlsx("<row>" + "<c><v>1</v></c>" * (apart.COLUMNS + 1) + "</row>")) == "sheet-too-wide"


def _readers() -> set[str]:
    """The processes that this one has started."""
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


def test_a_book_that_nobody_holds_leaves_no_process_and_no_file_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = _readers()
    book = open_book(io.BytesIO(b"a,b\n"), "x")
    assert len(_readers() - before) == 1
    assert len(list(tmp_path.iterdir())) == 1
    del book
    gc.collect()
    assert _readers() == before
    assert list(tmp_path.iterdir()) == []
    assert refused(b"PK\x03\x04") == refused(filecraft.zipped({"xl/workbook.xml": "<"})) == "file-damaged"
    assert _readers() == before
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_dies_is_a_refusal():
    with open_book(io.BytesIO(b"a,b\n"), "x") as book:
        book._reader._process.kill()
        with pytest.raises(Refusal, match="file-too-heavy"):
            book.sheet(0)


def test_a_reader_that_stands_still_is_a_refusal(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sheets, "PATIENCE", 0.2)
    monkeypatch.setattr(sheets, "_START", "import time; time.sleep(60)")
    assert refused(b"a,b\n") == "file-too-heavy"


def test_the_reader_knows_neither_django_nor_our_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DUBAN_SECRET", "quiet")
    told = "import os, sys, pickle; sys.path += sys.argv[3:]; from duban.intake.files import apart; "
    told += "apart.send('book', [(str('django' in sys.modules), 'DUBAN_SECRET' in os.environ)])"
    monkeypatch.setattr(sheets, "_START", told)
    with open_book(io.BytesIO(b"a,b\n"), "x") as book:
        assert [(ref.name, ref.hidden) for ref in book.sheets] == [("False", False)]


BARE = """
import sys, resource, python_calamine
sheet = python_calamine.CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0)
rows = sheet.to_python(skip_empty_area=False)
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime)
"""


@pytest.mark.slow
def test_the_guard_costs_less_than_the_reading(tmp_path: Path):
    """Against python-calamine alone, in a process of its own, too: 20,000 rows of 15 cells in at most three times its time."""

    def fill(book: Any, sheet: Any) -> None:
        for row in range(20_000):
            sheet.write_row(row, 0, [f"项目{row}", "道路改造工程", "区住建局", *(row * 1.37 + column for column in range(12))])

    path = tmp_path / "big.xlsx"
    path.write_bytes(excel(fill))
    bare = float(subprocess.run([sys.executable, "-c", BARE, str(path)], capture_output=True, text=True, check=True).stdout)
    used = os.times()
    with open_book(path, "x") as book:
        assert len(book.sheet(0).rows) == 20_000
    now = os.times()
    spent = now.user + now.system + now.children_user + now.children_system
    spent -= used.user + used.system + used.children_user + used.children_system
    assert spent < 3 * bare
