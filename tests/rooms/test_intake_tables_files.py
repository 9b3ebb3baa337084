"""One table in every kind of file that an office keeps: XLSX, XLS, ODS, CSV in UTF-8 and GBK, and HTML that calls itself .xls."""

from __future__ import annotations

import csv
import html
import io
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from stage import NOW, District, district

from duban.intake import tables, uploads
from duban.intake.files.sheets import open_book
from duban.intake.models import Upload
from duban.intake.tables import keeping
from duban.registry.models import Undertaking

pytestmark = pytest.mark.django_db
ON = date(2021, 9, 6)
TITLE = "2021年民生工程进展情况表（截至8月底）"
HEAD = [["项目", "资金（万元）", "", "", "完成时间"], ["", "年度计划", "累计拨付", "拨付率（%）", ""]]
MERGED = ["A1:E1", "A3:A4", "B3:D3", "E3:E4"]
BODY: list[list[Any]] = [
    ["一、工程类", "", "", "", ""],
    ["农村饮水安全", 1200, 860.5, 71.71, "2021-11-30"],
    ["困难群众救助", 3000, 2100, 70, "2021-12-31"],
    ["合计", 4200, 2960.5, 70.49, ""],
    ["注：拨付率按年度计划计算。", "", "", "", ""],
]
ROWS = [[TITLE, "", "", "", ""], ["填报单位：住建局", "", "", "", "2021年9月3日"], *HEAD, *BODY]
LINES = [
    ("water", "invested", "plan", "12000000"),
    ("water", "invested", "report", "8605000"),
    ("water", "finish", "plan", "2021-11-30"),
    ("relief", "invested", "plan", "30000000"),
    ("relief", "invested", "report", "21000000"),
    ("relief", "finish", "plan", "2021-12-31"),
]


@pytest.fixture
def town(db: None) -> District:
    made = district()
    for code, name in (("water", "农村饮水安全"), ("relief", "困难群众救助")):
        made.promise(code)
        Undertaking.objects.filter(code=code).update(name=name)
    for code, name in (("invested", "资金拨付"), ("finish", "完成时间")):
        made.measures[code].name = name
        made.measures[code].save()
    return made


def xlsx() -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as workbook:
        sheet = workbook.add_worksheet("民生工程")
        for place, row in enumerate(ROWS):
            sheet.write_row(place, 0, row)
        for area in MERGED:
            sheet.merge_range(area, ROWS[int(area.split(":")[0][1:]) - 1][ord(area[0]) - ord("A")])
    return content.getvalue()


def separated(encoding: str) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(ROWS)
    return out.getvalue().encode(encoding)


def markup() -> bytes:
    """As a system writes it that calls an HTML page .xls."""
    spans = {(0, 0): ' colspan="5"', (2, 0): ' rowspan="2"', (2, 1): ' colspan="3"', (2, 4): ' rowspan="2"'}
    covered = {(0, 1), (0, 2), (0, 3), (0, 4), (3, 0), (2, 2), (2, 3), (3, 4)}
    rows = [
        "".join(
            f"<td{spans.get((row, column), '')}>{html.escape(str(cell))}</td>"
            for column, cell in enumerate(cells)
            if (row, column) not in covered
        )
        for row, cells in enumerate(ROWS)
    ]
    return f"<html><head><meta charset='gbk'></head><body><table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table></body></html>".encode(
        "gbk"
    )


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The same table saved as XLS and ODS by LibreOffice."""
    office = shutil.which("soffice")
    assert office, "LibreOffice is not installed: run scripts/bootstrap test"
    folder = tmp_path_factory.mktemp("office")
    (folder / "table.xlsx").write_bytes(xlsx())
    for kind in ("xls", "ods"):
        asked = [office, f"-env:UserInstallation={(folder / 'home').as_uri()}", "--headless", "--convert-to", kind, "--outdir", str(folder)]
        subprocess.run([*asked, str(folder / "table.xlsx")], check=True, capture_output=True, timeout=120)
    return {kind: Path(folder / f"table.{kind}").read_bytes() for kind in ("xls", "ods")}


def lines(town: District, content: bytes, name: str) -> tuple[list[tuple[str, ...]], list[str]]:
    """What a file says by the proposal as it is, and what is wrong with it."""
    with open_book(io.BytesIO(content), name) as book:
        sheet = book.sheet(0)
    programme = town.programmes["invested"]
    columns = [one.meaning for one in tables.proposed(sheet, programme=programme).columns]
    mapping = keeping.keep(
        body=town.bodies["works"], programme=programme, name=name, fingerprint=tables.fingerprint(sheet), columns=columns,
        by=town.people["reporter"], now=NOW,
    )  # fmt: skip
    reading = tables.read(sheet, mapping, body=town.bodies["works"], period=None, on=date(2022, 1, 3))
    codes = {one.pk: code for code, one in town.undertakings.items()}
    measures = {one.pk: code for code, one in town.measures.items()}
    said = [one.line for one in reading.lines]
    told = [(codes[one.undertaking_id], measures[one.measure_id], one.kind, str(one.day or one.amount)) for one in said]
    assert reading.period == date(2021, 8, 31)
    return told, [finding.code for finding in reading.findings]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (xlsx(), "a.xlsx"),
        (separated("utf-8-sig"), "a.csv"),
        (separated("gbk"), "b.csv"),
        (separated("utf-8"), "c.csv"),
        (markup(), "a.xls"),
    ],
    ids=["xlsx", "utf-8 with a mark", "gbk", "utf-8", "html"],
)
def test_every_kind_of_file_says_the_same(town: District, content: bytes, name: str):
    assert lines(town, content, name) == (LINES, [])


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_files_of_other_programs_say_the_same(town: District, converted: dict[str, bytes], kind: str):
    assert lines(town, converted[kind], f"a.{kind}") == (LINES, [])


def test_a_file_whose_columns_were_told_goes_all_the_way_and_next_month_at_once(town: District):
    asked = {"body": town.bodies["works"], "by": town.people["reporter"], "now": NOW}
    first = uploads.read(upload=uploads.receive(stream=io.BytesIO(separated("gbk")), name="8月.csv", **asked), now=NOW, on=date(2022, 1, 3))
    assert first.state == Upload.State.ASKING
    lines(town, separated("gbk"), "8月.csv")
    mapping = town.programmes["invested"].table_mappings.get()
    told = uploads.told(upload=first, mapping=mapping, by=town.people["reporter"], now=NOW, on=date(2022, 1, 3), sheet="")
    assert (told.state, told.submissions.get().lines.count()) == (Upload.State.READ, len(LINES))
    later = separated("gbk").replace("截至8月底".encode("gbk"), "截至9月底".encode("gbk"))
    second = uploads.read(upload=uploads.receive(stream=io.BytesIO(later), name="9月.csv", **asked), now=NOW, on=date(2022, 1, 3))
    assert (second.state, second.submissions.get().period) == (Upload.State.READ, date(2021, 9, 30))
