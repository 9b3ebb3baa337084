"""What a file is, told by its content; its name says nothing but whether plain text is a table."""

from __future__ import annotations

import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO, Final

from PIL import Image, UnidentifiedImageError

from duban.core.refusals import Refusal


@dataclass(frozen=True, slots=True)
class FileType:
    """A type that evidence may have, and the endings that its names bear, the usual one first."""

    media_type: str
    endings: tuple[str, ...]

    @property
    def image(self) -> bool:
        return self.media_type.startswith("image/")


JPEG: Final = FileType("image/jpeg", (".jpg", ".jpeg", ".jpe", ".jfif"))
PNG: Final = FileType("image/png", (".png",))
WEBP: Final = FileType("image/webp", (".webp",))
PDF: Final = FileType("application/pdf", (".pdf",))
XLSX: Final = FileType("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (".xlsx",))
DOCX: Final = FileType("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (".docx",))
CSV: Final = FileType("text/csv", (".csv",))
TEXT: Final = FileType("text/plain", (".txt", ".text", ".log", ".md"))
TYPES: Final = (JPEG, PNG, WEBP, PDF, XLSX, DOCX, CSV, TEXT)

_PICTURES: Final = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP"}
_WHITE: Final = frozenset("\t\n\r\f")


def file_type(stream: BinaryIO, name: str) -> FileType:
    """The type of what `stream` holds. Raises `Refusal` "file-type-unknown", or "file-damaged" for what only begins like one."""
    stream.seek(0)
    head = stream.read(16)
    stream.seek(0)
    if head.startswith(b"\xff\xd8\xff"):
        return _picture(stream, JPEG)
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return _picture(stream, PNG)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return _picture(stream, WEBP)
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"PK\x03\x04"):
        return _office(stream, name)
    return _text(stream, name)


def _picture(stream: BinaryIO, kind: FileType) -> FileType:
    try:
        with Image.open(stream, formats=(_PICTURES[kind],)) as image:
            image.verify()
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError):
        raise Refusal("file-damaged") from None
    return kind


def _office(stream: BinaryIO, name: str) -> FileType:
    """A workbook or a document by its parts, which are looked up and never unpacked; one with macros is neither."""
    try:
        with zipfile.ZipFile(stream) as archive:
            parts = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError):
        raise Refusal("file-damaged") from None
    macros = any(part.lower().endswith("vbaproject.bin") for part in parts)
    if "[Content_Types].xml" in parts and not macros:
        if "xl/workbook.xml" in parts:
            return XLSX
        if "word/document.xml" in parts:
            return DOCX
    raise Refusal("file-type-unknown", name=name)


def _text(stream: BinaryIO, name: str) -> FileType:
    content = stream.read()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not any(unicodedata.category(letter) in ("Cc", "Co", "Cn", "Cs") and letter not in _WHITE for letter in set(text)):
            return CSV if PurePosixPath(name.lower()).suffix == ".csv" else TEXT
    raise Refusal("file-type-unknown", name=name)


def plain_name(given: str, *, longest: int = 200) -> str:
    """A name as somebody gave it, fit to be shown: one line, no folders, nothing invisible, its ending kept when it is cut."""
    flat = given.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(letter for letter in unicodedata.normalize("NFC", flat) if unicodedata.category(letter)[0] != "C")
    plain = " ".join(plain.split()).lstrip(". ") or "file"
    ending = PurePosixPath(plain).suffix[:20]
    return plain if len(plain) <= longest else plain[: longest - len(ending)].rstrip(". ") + ending


def file_name(given: str, kind: FileType, *, longest: int = 200) -> str:
    """The name under which a file is offered: plain, and with the ending of what it is."""
    plain = plain_name(given, longest=10_000)
    stem, dot, ending = plain.rpartition(".")
    if dot and stem and f".{ending.lower()}" in kind.endings:
        tail = f".{ending}"
    else:
        stem, tail = plain, kind.endings[0]
    return stem[: longest - len(tail)].rstrip(". ") + tail
