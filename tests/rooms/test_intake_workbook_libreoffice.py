"""A workbook of 33 programmes in LibreOffice itself: it opens it, changes cells, and saves it."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from sheetwork import cell, opened, page, read, said, written
from stage import NOW, District, district

from duban.ledger import actions as ledger
from duban.ledger.models import Batch

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PROGRAMMES = [f"p{place:02}" for place in range(33)]
EACH = 6
FILTERS = {"xlsx": "Calc MS Excel 2007 XML", "ods": "calc8"}
MODULE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Month" script:language="StarBasic">{}</script:module>"""
LIBRARY = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">
<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" library:readonly="false"
 library:passwordprotected="false">{}</library:library>"""
BASIC = """
Function Named(words, told)
  Dim one As New com.sun.star.beans.PropertyValue
  one.Name = words
  one.Value = told
  Named = one
End Function

Sub Edit
  doc = StarDesktop.loadComponentFromURL("%(source)s", "_blank", 0, Array(Named("Hidden", True)))
%(changes)s
%(saves)s
  doc.close(True)
End Sub
"""


def county(programmes: list[str]) -> District:
    """Programmes of six undertakings each: plans, January, a part of February, a percentage, and days."""
    made = district()
    lines = []
    for programme in programmes:
        for place in range(EACH):
            code = f"{programme}-{place}"
            made.promise(code, lead=programme)
            lines.append(made.line(code, "invested", "plan", "2026-12-31", str(1_000_000 + place)))
            lines.append(made.line(code, "invested", "report", "2026-01", f"{10_000 + place}.37"))
            lines.append(made.line(code, "progress", "report", "2026-01", "12.34"))
            lines.append(made.line(code, "finish", "plan", "2026-12-31", "2026-11-30"))
            if place % 2:
                lines.append(made.line(code, "start", "report", "2026-01", "2026-01-15"))
                lines.append(made.line(code, "invested", "report", "2026-02", f"{20_000 + place}.4321"))
                lines.append(made.line(code, "start" if place == 1 else "finish", "report", "2026-02", "2026-02-10"))
    batch = Batch.objects.create(origin="test", recorded_at=NOW)
    ledger.append(lines=lines, batch=batch, submitted_by=made.people["reporter"], accepted_by=made.people["reviewer"], now=NOW)
    return made


class Office:
    """LibreOffice with a profile of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.profile = folder, folder / "profile"
        program = shutil.which("soffice")
        assert program, "LibreOffice is not installed: run scripts/bootstrap test"
        self.program = program

    def run(self, *words: str) -> None:
        command = [self.program, f"-env:UserInstallation={self.profile.as_uri()}", "--headless", "--norestore", *words]
        subprocess.run(command, cwd=self.folder, check=True, timeout=240, capture_output=True)

    def edit(self, content: bytes, changes: dict[tuple[str, str], str]) -> dict[str, bytes]:
        """The workbook as LibreOffice saves it after typing `changes` (a formula by sheet and address), as XLSX and as ODS."""
        source = self.folder / "month.xlsx"
        source.write_bytes(content)
        typed = [
            f'  doc.Sheets.getByName("{sheet}").getCellRangeByName("{place}").FormulaLocal = "{formula}"'
            for (sheet, place), formula in changes.items()
        ]
        saves = [
            f'  doc.storeToURL("{(self.folder / f"saved.{kind}").as_uri()}", Array(Named("FilterName", "{name}")))'
            for kind, name in FILTERS.items()
        ]
        self._macro(BASIC % {"source": source.as_uri(), "changes": "\n".join(typed), "saves": "\n".join(saves)})
        self.run("macro:///Standard.Month.Edit")
        return {kind: (self.folder / f"saved.{kind}").read_bytes() for kind in FILTERS}

    def _macro(self, basic: str) -> None:
        if not self.profile.exists():
            self.run("--terminate_after_init")
        folder = self.profile / "user" / "basic" / "Standard"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "Month.xba").write_text(MODULE.format(escape(basic)), encoding="utf-8")
        (folder / "script.xlb").write_text(LIBRARY.format('<library:element library:name="Month"/>'), encoding="utf-8")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def address(content: bytes, programme: str, code: str, key: str) -> tuple[str, str]:
    sheet = page(opened(content), programme)
    return sheet.title, cell(sheet, code, key).coordinate


def test_two_cells_edited_in_libreoffice_are_two_changes_and_nothing_else(office: Office):
    town = county(PROGRAMMES)
    content = written(town)
    changes = {
        address(content, "p07", "p07-2", "now:invested"): "=250*3",
        address(content, "p32", "p32-4", "now:finish"): "2026-02-17",
    }
    for kind, came in office.edit(content, changes).items():
        reading = read(town, came, name=f"month.{kind}")
        assert said(town, reading) == {("p07-2", "invested"): 7_500_000, ("p32-4", "finish"): date(2026, 2, 17)}, kind
        assert (reading.findings, [one.seen for one in reading.lines]) == ([], [0, 0]), kind
        assert (reading.counts["rows"], reading.counts["new"], reading.counts["wrong"]) == (33 * EACH, 2, 0), kind
        assert reading.counts["unchanged"] == reading.counts["cells"] - 2 > 1000, kind
        assert {one.place["sheet"] for one in reading.lines} == {"p07", "p32"}, kind


def test_libreoffice_keeps_the_locks_and_what_cells_take(office: Office):
    content = written(county(["p07"]))
    saved = office.edit(content, {})
    before, after = page(opened(content), "p07"), page(opened(saved["xlsx"]), "p07")

    def unlocked(sheet: Any) -> set[str]:
        return {one.coordinate for cells in sheet.iter_rows(min_row=5, max_row=4 + EACH) for one in cells if not one.protection.locked}

    def taken(sheet: Any) -> dict[str, str]:
        return {
            one: rule.type
            for rule in sheet.data_validations.dataValidation
            for span in rule.sqref.ranges
            for one in (f"{letter}{at}" for letter in _letters(span) for at in range(span.min_row, span.max_row + 1))
        }

    assert after.protection.sheet and unlocked(after) == unlocked(before) and unlocked(after)
    assert set(taken(after)) == set(taken(before)) == unlocked(before)
    assert {"decimal", "date", "custom"} <= set(taken(after).values())
    assert after.row_dimensions[1].hidden and after.column_dimensions["A"].hidden
    with zipfile.ZipFile(office.folder / "saved.ods") as parts:
        text = parts.read("content.xml").decode()
    assert len(re.findall(r'<table:table [^>]*table:protected="true"', text)) == 3
    assert "<table:content-validation " in text


def _letters(span: Any) -> list[str]:
    from openpyxl.utils import get_column_letter

    return [get_column_letter(place) for place in range(span.min_col, span.max_col + 1)]
