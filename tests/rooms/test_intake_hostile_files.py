"""Files that are broken, or made to break: each is read rightly or refused with a code, in bounded time and memory."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, Final

import filecraft
import pytest

SECONDS: Final = 10
MEGABYTES: Final = 500
TESTS: Final = Path(__file__).resolve().parents[1]
ONE: Final = '<row r="1"><c r="A1"><v>1</v></c></row>'
PIXEL: Final = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0\x1f\x15\xc4\x89"
BOMB: Final = "<!DOCTYPE s [<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12)) + "]>"


def heavy() -> bytes:
    """100 MB of blanks in a few hundred KB."""
    return filecraft.xlsx(ONE + " " * 100_000_000)


def lying(content: bytes, part: str = "xl/worksheets/sheet1.xml", size: int = 1_000) -> bytes:
    """The same file, saying that a part unpacks to `size`, in its directory and before the part."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        told = struct.pack("<II", parts.getinfo(part).compress_size, parts.getinfo(part).file_size)
    return content.replace(told, told[:4] + struct.pack("<I", size))


def many_parts() -> bytes:
    return filecraft.xlsx(ONE, more={f"xl/media/{n}.txt": "" for n in range(6_000)})


def with_macros() -> bytes:
    return filecraft.xlsx(ONE, more={"xl/vbaProject.bin": "x"})


def old_with_macros() -> bytes:
    return filecraft.xls({"甲": [filecraft.number(0, 0, 1)]}, streams={"_VBA_PROJECT_CUR": b"x"})


def million_empty_rows() -> bytes:
    return filecraft.xlsx("".join(f'<row r="{n}"><c r="A{n}" s="0"/></row>' if n > 1 else ONE for n in range(1, 1_048_577)))


def many_rows() -> bytes:
    return filecraft.xlsx("".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 500_001)))


def columns(count: int) -> bytes:
    return filecraft.xlsx("<row>" + "<c><v>1</v></c>" * count + "</row>")


def corners() -> bytes:
    return filecraft.xlsx('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')


def last_cell_failed() -> bytes:
    return filecraft.xlsx(f'{ONE}<row r="1048576"><c r="XFD1048576" t="e"><v>#REF!</v></c></row>')


def last_cell_only() -> bytes:
    return filecraft.xlsx('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')


def one_long_text_shared() -> bytes:
    row = "<row>" + '<c t="s"><v>0</v></c>' * 100 + "</row>"
    return filecraft.xlsx(row * 2_000, shared=filecraft.shared_strings("长" * 30_000))


def million_merged() -> bytes:
    merged = "".join(f'<mergeCell ref="A{n}:B{n}"/>' for n in range(1, 1_000_001))
    return filecraft.xlsx(ONE, tail=f"<mergeCells>{merged}</mergeCells>")


def everything_merged() -> bytes:
    return filecraft.xlsx(ONE, tail='<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')


def entity_bomb_in_texts() -> bytes:
    return filecraft.xlsx('<row><c t="s"><v>0</v></c></row>', shared=filecraft.shared_strings("&a11;", before=BOMB))


def entity_bomb_in_cells() -> bytes:
    sheet = (
        f'{BOMB}<worksheet xmlns="{filecraft.MAIN}"><sheetData><row r="1"><c r="A1" t="e"><v>&a11;</v></c></row></sheetData></worksheet>'
    )
    whole = filecraft.xlsx(ONE)
    with zipfile.ZipFile(io.BytesIO(whole)) as parts:
        kept = {name: parts.read(name) for name in parts.namelist()}
    return filecraft.zipped(kept | {"xl/worksheets/sheet1.xml": sheet})


def outside_entity() -> bytes:
    before = '<!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    return filecraft.xlsx('<row><c t="s"><v>0</v></c></row>', shared=filecraft.shared_strings("&a;", before=before))


def deep_parts() -> bytes:
    return filecraft.xlsx(f'<row r="1"><c r="A1" t="e"><v>#REF!</v>{"<x>" * 500_000}{"</x>" * 500_000}</c></row>')


def old_corners() -> bytes:
    cells = [filecraft.number(0, 0, 1), filecraft.number(65_535, 255, 1)]
    return filecraft.xls({f"第{n}页": cells for n in range(200)})


def old_in_a_circle() -> bytes:
    """A chain of sectors that bites its tail."""
    content = bytearray(filecraft.xls({"甲": [filecraft.number(0, 0, 1)]}))
    chain = 512 + 4 * 2
    content[chain : chain + 4] = struct.pack("<I", 2)
    return bytes(content)


def repeated(rows: int, cells: int) -> bytes:
    cell = f'<table:table-cell table:number-columns-repeated="{cells}" office:value-type="float" office:value="1"/>'
    return filecraft.ods(f'<table:table-row table:number-rows-repeated="{rows}">{cell}</table:table-row>')


def ods_encrypted() -> bytes:
    space = 'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
    entry = '<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry>'
    manifest = f"<manifest:manifest {space}>{entry}</manifest:manifest>"
    return filecraft.ods("", manifest=manifest)


def deep_html() -> bytes:
    return b"<html><table><tr><td>1" + b"<div><b>" * 100_000 + b"2</table>"


def nested_tables() -> bytes:
    return b"<html>" + b"<table><tr><td>" * 200_000


def wide_html() -> bytes:
    return b"<html><table>" + b"<tr>" + b"<td colspan=1000 rowspan=65534>x" * 16 + b"<tr>" * 60_000 + b"</table>"


def damaged(content: bytes) -> bytes:
    return content[: len(content) // 2]


def rubbed(content: bytes) -> bytes:
    """The directory is whole, a part is not."""
    middle = content.index(b"xl/worksheets/sheet1.xml") + 24
    return content[:middle] + b"\xff" * 40 + content[middle + 40 :]


def encrypted_flag() -> bytes:
    content = bytearray(filecraft.xlsx(ONE))
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = content.find(mark)
        while place >= 0:
            content[place + offset] |= 1
            place = content.find(mark, place + 4)
    return bytes(content)


def twice() -> bytes:
    file = io.BytesIO(filecraft.xlsx(ONE))
    with zipfile.ZipFile(file, "a") as parts, pytest.warns(UserWarning, match="Duplicate"):
        parts.writestr("xl/workbook.xml", "<other/>")
    return file.getvalue()


FILES: dict[str, tuple[Any, set[str]]] = {
    "a bomb": (heavy, {"file-too-heavy"}),
    "a bomb that lies about its size": (lambda: lying(heavy()), {"file-damaged", "file-too-heavy"}),
    "a part that lies about its size a little": (lambda: lying(many_rows()), {"file-damaged", "file-too-heavy", "500000 x 1"}),
    "six thousand parts": (many_parts, {"file-too-heavy"}),
    "macros": (with_macros, {"file-has-macros"}),
    "macros in an old workbook": (old_with_macros, {"file-has-macros"}),
    "a sheet of macros in an old workbook": (lambda: filecraft.xls({"宏": [filecraft.number(0, 0, 1)]}, kind=1), {"file-has-macros"}),
    "a million empty rows": (million_empty_rows, {"1 x 1"}),
    "half a million rows": (many_rows, {"500000 x 1"}),
    "five thousand columns": (lambda: columns(5_000), {"sheet-too-wide"}),
    "a thousand columns": (lambda: columns(1_000), {"1 x 1000"}),
    "two corners": (corners, {"file-too-heavy", "sheet-too-large"}),
    "a failed cell in the last corner": (last_cell_failed, {"file-too-heavy", "sheet-too-large"}),
    "a cell in the last corner alone": (last_cell_only, {"sheet-too-large"}),
    "one long text that many cells share": (one_long_text_shared, {"file-too-heavy"}),
    "a million merged cells": (million_merged, {"file-too-heavy"}),
    "everything merged into one": (everything_merged, {"1 x 1"}),
    "an entity bomb in the texts": (entity_bomb_in_texts, {"file-damaged", "1 x 1", "0 x 0"}),
    "an entity bomb in the cells": (entity_bomb_in_cells, {"file-damaged"}),
    "an entity from outside": (outside_entity, {"file-damaged", "0 x 0", "1 x 1"}),
    "parts nested half a million deep": (deep_parts, {"file-damaged", "1 x 1"}),
    "old sheets with two corners each": (old_corners, {"file-too-heavy"}),
    "an old workbook in a circle": (old_in_a_circle, {"file-damaged"}),
    "an old workbook cut short": (lambda: damaged(filecraft.xls({"甲": [filecraft.number(0, 0, 1)]})), {"file-damaged"}),
    "a cell repeated over everything": (lambda: repeated(1_048_576, 16_384), {"file-too-heavy", "sheet-too-large", "file-damaged"}),
    "a cell repeated by a number too large": (lambda: repeated(2**63, 2**63), {"file-too-heavy", "sheet-too-large", "file-damaged"}),
    "an ODS behind a password": (ods_encrypted, {"file-encrypted"}),
    "a workbook behind a password": (lambda: filecraft.compound({"EncryptedPackage": b"x"}), {"file-encrypted"}),
    "parts behind a password": (encrypted_flag, {"file-encrypted"}),
    "a part that is there twice": (twice, {"file-damaged"}),
    "a workbook cut short": (lambda: damaged(filecraft.xlsx(ONE)), {"file-damaged"}),
    "a part rubbed out": (lambda: rubbed(filecraft.xlsx(ONE * 500)), {"file-damaged"}),
    "a ZIP of something else": (lambda: filecraft.zipped({"readme.txt": "hello"}), {"not-a-workbook"}),
    "a Word file": (lambda: filecraft.zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}), {"not-a-workbook"}),
    "an old Word file": (lambda: filecraft.compound({"WordDocument": b"x"}), {"not-a-workbook"}),
    "a picture": (lambda: PIXEL, {"not-a-workbook"}),
    "a PDF": (lambda: b"%PDF-1.7\n1 0 obj\n", {"not-a-workbook"}),
    "nothing": (lambda: b"", {"file-empty"}),
    "blanks": (lambda: b" \r\n\t ", {"file-empty"}),
    "a page nested two hundred thousand deep": (deep_html, {"1 x 1"}),
    "tables nested two hundred thousand deep": (nested_tables, {"file-too-heavy"}),
    "a page of wide cells": (wide_html, {"file-too-heavy", "sheet-too-large", "1 x 15001", "sheet-too-wide"}),
    "thirty million commas": (lambda: b"," * 30_000_000, {"not-a-csv", "sheet-too-wide", "sheet-too-large"}),
    "thirty million lines of commas": (lambda: b"a,b\n" + b",,,,\n" * 6_000_000, {"sheet-too-large", "sheet-too-long"}),
    "ten million line breaks": (lambda: b"a,b\n" + b"\n" * 10_000_000, {"1 x 2", "sheet-too-large", "sheet-too-long", "file-too-heavy"}),
    "a quote that never ends": (lambda: b'a,"' + b"b" * 5_000_000, {"not-a-csv"}),
    "neither UTF-8 nor GB 18030": (lambda: b"a,\xff\xff\xff", {"encoding-unknown"}),
}  # fmt: skip

PROBE: Final = """
import json, os, resource, sys, time
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "duban.settings")
import django
django.setup()
from pathlib import Path
from duban.core.refusals import Refusal
from duban.intake.files import sheets

def spent(who):
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024

def own():  # getrusage would tell the peak of whoever began this process, too
    return next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")) / 1024

for path in sys.stdin:
    before = sum(spent(who)[0] for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    try:
        with sheets.open_book(Path(path.strip()), "名.xlsx") as book:
            rows = book.sheet(0).rows
        told = f"{len(rows)} x {len(rows[0]) if rows else 0}"
        del rows, book
    except Refusal as refusal:
        told = refusal.code
    seconds = sum(spent(who)[0] for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) - before
    print(json.dumps([told, seconds, own(), spent(resource.RUSAGE_CHILDREN)[1]]), flush=True)
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, float, float, float]]:
    """What became of each file, in a process that opens them all: the answer, seconds of computing, MB here and in the reader."""
    folder = tmp_path_factory.mktemp("hostile")
    probe = subprocess.Popen([sys.executable, "-c", PROBE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder)
    assert probe.stdin
    assert probe.stdout
    found = {}
    for place, (name, (made, _)) in enumerate(FILES.items()):
        path = folder / f"{place}.xlsx"
        path.write_bytes(made())
        probe.stdin.write(f"{path}\n")
        probe.stdin.flush()
        found[name] = tuple(json.loads(probe.stdout.readline()))
        path.unlink()
    probe.stdin.close()
    assert probe.wait(30) == 0
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_read_rightly_or_refused_with_a_code(name: str, answers: dict[str, Any]):
    assert answers[name][0] in FILES[name][1]


@pytest.mark.slow
def test_no_file_takes_more_time_or_memory_than_a_table_may(answers: dict[str, Any]):
    assert {name: told for name, told in answers.items() if told[1] > SECONDS} == {}
    assert {name: told for name, told in answers.items() if told[2] > MEGABYTES or told[3] > MEGABYTES} == {}
