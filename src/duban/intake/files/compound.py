"""Old Excel files: the streams of a compound file, and the records of a workbook, as far as duban must look into them itself."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

SIGNATURE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAST: Final = 0xFFFFFFFA
"""Sectors from here on are no sectors: ends and gaps."""
ERRORS: Final = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}

_SHEET, _BEGIN, _END = 0x0085, 0x0809, 0x000A
_FAILED, _FORMULAS = 0x0205, frozenset({0x0006, 0x0206, 0x0406})


class Damaged(ValueError):
    """The file's own tables contradict each other."""


class Compound:
    """A compound file: named streams in sectors that chain to each other."""

    def __init__(self, content: bytes) -> None:
        if not content.startswith(SIGNATURE) or len(content) < 512:
            raise Damaged
        self._content = content
        self._size, self._small_size = (1 << min(shift, 16) for shift in struct.unpack_from("<HH", content, 30))
        first, self._cutoff, small, self._smalls = struct.unpack_from("<I4xIII", content, 48)
        self._next = self._table(self._allocation())
        self.streams = {name: place for name, *place in self._directory(first)}
        self._next_small = self._table(self._chain(small)) if self._smalls else ()

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        return self._content[start : start + self._size]

    def _allocation(self) -> Iterator[int]:
        """The sectors of the table of sectors: 109 in the header, more in a chain of their own."""
        yield from (number for number in struct.unpack_from("<109I", self._content, 76) if number < _LAST)
        following, count = struct.unpack_from("<II", self._content, 68)
        for _ in range(min(count, len(self._content) // self._size)):
            if following >= _LAST:
                return
            *numbers, following = struct.unpack(f"<{self._size // 4}I", self._whole(following))
            yield from (number for number in numbers if number < _LAST)

    def _whole(self, number: int) -> bytes:
        return self._sector(number).ljust(self._size, b"\xff")

    def _table(self, sectors: Iterator[int]) -> tuple[int, ...]:
        content = b"".join(self._whole(number) for number in sectors)
        if len(content) > 2 * len(self._content) + self._size:
            raise Damaged
        return struct.unpack(f"<{len(content) // 4}I", content)

    def _chain(self, number: int, table: tuple[int, ...] | None = None) -> Iterator[int]:
        following = self._next if table is None else table
        for _ in range(len(following)):
            if number >= _LAST:
                return
            if number >= len(following):
                raise Damaged
            yield number
            number = following[number]
        if number < _LAST:
            raise Damaged

    def _directory(self, first: int) -> Iterator[tuple[str, int, int]]:
        content = b"".join(map(self._whole, self._chain(first)))
        for start in range(0, len(content), 128):
            length, kind = struct.unpack_from("<HB", content, start + 64)
            if kind in {1, 2, 5}:
                place, size = struct.unpack_from("<II", content, start + 116)
                yield content[start : start + max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace"), place, size

    def stream(self, name: str) -> bytes:
        """A stream's bytes. Small ones lie in the root's stream."""
        first, size = self.streams[name]
        if size >= self._cutoff:
            return b"".join(map(self._sector, self._chain(first)))[:size]
        root = b"".join(map(self._sector, self._chain(self.streams["Root Entry"][0])))
        step = self._small_size
        return b"".join(root[number * step : (number + 1) * step] for number in self._chain(first, self._next_small))[:size]


def records(stream: bytes, start: int = 0) -> Iterator[tuple[int, int, int]]:
    """The records from `start` on: kind, where the body begins, and its length."""
    read = struct.Struct("<HH").unpack_from
    while start + 4 <= len(stream):
        kind, length = read(stream, start)
        yield kind, start + 4, length
        start += 4 + length


def failed(stream: bytes, name: str) -> dict[tuple[int, int], str]:
    """The cells of the sheet `name` whose formula failed, counted from 0, each with what it shows."""
    found: dict[tuple[int, int], str] = {}
    for kind, body, length in records(stream, _beginning(stream, name)):
        if kind == _END:
            break
        if kind == _FAILED and length >= 8 and stream[body + 7]:
            found[struct.unpack_from("<HH", stream, body)] = ERRORS.get(stream[body + 6], "#N/A")
        elif kind in _FORMULAS and length >= 14 and stream[body + 12 : body + 14] == b"\xff\xff" and stream[body + 6] == 2:
            found[struct.unpack_from("<HH", stream, body)] = ERRORS.get(stream[body + 8], "#N/A")
    return found


def _beginning(stream: bytes, name: str) -> int:
    """Where the records of a sheet begin, behind its first."""
    for kind, body, length in records(stream):
        if kind == _SHEET and length >= 8:
            start, count, wide = *struct.unpack_from("<I", stream, body), stream[body + 6], stream[body + 7] & 1
            told = stream[body + 8 : body + 8 + count * (1 + wide)].decode("utf-16-le" if wide else "latin-1", "replace")
            if told == name and stream[start : start + 2] == _BEGIN.to_bytes(2, "little"):
                return int(start)
        if kind == _END:
            break
    return len(stream)
