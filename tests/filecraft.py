"""Spreadsheet files made on the fly, honest and hostile, part by part."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable, Mapping

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OPENS = f'<Relationship Id="rId1" Type="{REL}/officeDocument" Target="xl/workbook.xml"/>'
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
SPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for short, long in (("office", "office"), ("table", "table"), ("text", "text"), ("x", "x"))
)


def zipped(parts: Mapping[str, bytes | str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in parts.items():
            out.writestr(name, content)
    return file.getvalue()


def xlsx(cells: str | Mapping[str, str], *, tail: str = "", shared: str = "", more: Mapping[str, bytes | str] | None = None) -> bytes:
    """A workbook whose sheets hold the given rows, as XML; `tail` follows the cells of the first."""
    sheets = {"甲": cells} if isinstance(cells, str) else cells
    names = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(sheets, 1))
    targets = "".join(
        f'<Relationship Id="rId{n}" Type="{REL}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in range(1, len(sheets) + 1)
    )
    targets += f'<Relationship Id="rIdS" Type="{REL}/sharedStrings" Target="sharedStrings.xml"/>' if shared else ""
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{OPENS}</Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{targets}</Relationships>',
    }
    for n, rows in enumerate(sheets.values(), 1):
        ending = tail if n == 1 else ""
        parts[f"xl/worksheets/sheet{n}.xml"] = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{ending}</worksheet>'
    if shared:
        parts["xl/sharedStrings.xml"] = shared
    return zipped(parts | (more or {}))


def shared_strings(*texts: str, before: str = "") -> str:
    return f'{before}<sst xmlns="{MAIN}">' + "".join(f"<si><t>{text}</t></si>" for text in texts) + "</sst>"


def ods(rows: str, *, name: str = "甲", manifest: str = "<manifest/>") -> bytes:
    table = f'<table:table table:name="{name}">{rows}</table:table>'
    body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    content = f"<office:document-content {SPACES}>{body}</office:document-content>"
    return zipped({"mimetype": ODS_TYPE, "content.xml": content, "META-INF/manifest.xml": manifest})


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A compound file of large streams: header, one table of sectors for up to 126, the directory, the streams."""
    size, last, free = 512, 0xFFFFFFFE, 0xFFFFFFFF
    padded = {name: content.ljust(max(4096, -(-len(content) // size) * size), b"\0") for name, content in streams.items()}
    entries = [("Root Entry", 5, last, 0), *((name, 2, None, len(content)) for name, content in padded.items())]
    directory_sectors = -(-len(entries) * 128 // size)
    tables = -(-(sum(map(len, padded.values())) // size + directory_sectors + 120) // 128)
    chain = [0xFFFFFFFD] * tables

    def take(count: int) -> int:
        start = len(chain)
        chain.extend([*range(start + 1, start + count), last])
        return start

    first = take(directory_sectors)
    places = [last, *(take(len(content) // size) for content in padded.values())]
    directory = b""
    for (name, kind, _, length), place in zip(entries, places, strict=True):
        encoded = name.encode("utf-16-le") + b"\0\0"
        links = struct.pack("<HBBIII", len(encoded), kind, 1, free, free, 1 if kind == 5 else free)
        directory += (encoded.ljust(64, b"\0") + links + b"\0" * 36 + struct.pack("<II", place, length)).ljust(128, b"\0")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<IIIIIIIII", 0, tables, first, 0, 4096, last, 0, last, 0)
    header += struct.pack("<109I", *range(tables), *[free] * (109 - tables))
    sectors = struct.pack(f"<{tables * 128}I", *chain, *[free] * (tables * 128 - len(chain)))
    return header + sectors + directory.ljust(directory_sectors * size, b"\0") + b"".join(padded.values())


def record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def number(row: int, column: int, value: float) -> bytes:
    return record(0x0203, struct.pack("<HHHd", row, column, 0, value))


def error(row: int, column: int, code: int) -> bytes:
    return record(0x0205, struct.pack("<HHHBB", row, column, 0, code, 1))


def failed_formula(row: int, column: int, code: int) -> bytes:
    return record(0x0006, struct.pack("<HHH", row, column, 0) + bytes((2, 0, code, 0, 0, 0, 0xFF, 0xFF)) + b"\0" * 8)


def xls(sheets: Mapping[str, Iterable[bytes]], *, streams: Mapping[str, bytes] | None = None, kind: int = 0) -> bytes:
    """An old workbook whose sheets, of `kind`, hold the given records."""
    begin = struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 0)
    bodies = [
        record(0x0809, struct.pack("<HHHHII", 0x0600, 0x10, 0, 0, 0, 0)) + b"".join(cells) + record(0x000A) for cells in sheets.values()
    ]
    names = [bytes((len(name), 1)) + name.encode("utf-16-le") for name in sheets]
    start = len(record(0x0809, begin)) + sum(4 + 6 + len(name) for name in names) + 4
    book = record(0x0809, begin)
    for name, body in zip(names, bodies, strict=True):
        book += record(0x0085, struct.pack("<IBB", start, 0, kind) + name)
        start += len(body)
    return compound({"Workbook": book + record(0x000A) + b"".join(bodies), **(streams or {})})
