"""Files that are kept: once under the SHA-256 of their content, byte for byte.

A file is written beside its place and moved there whole. It is in place before the row that names it, so a row never
names a file that is not there; content that no row names does no harm.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from duban.core.refusals import Refusal

MEGABYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """Content that waits beside its place: open, with its digest and its size in bytes."""

    file: BinaryIO
    sha256: str
    size: int


def place_of(below: Path, sha256: str) -> Path:
    """Where the content with this digest lies under the folder `below`."""
    return below / sha256[:2] / sha256[2:]


@contextmanager
def waiting(below: Path) -> Iterator[BinaryIO]:
    """A file beside its later place, gone at the end unless it was moved there."""
    below.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=below, prefix=".waiting-", delete=False) as file:
        try:
            yield file  # type: ignore[misc]
        finally:
            Path(file.name).unlink(missing_ok=True)


def settle(file: BinaryIO, place: Path) -> None:
    """Move a written file to its place, whole, so that it survives a loss of power."""
    file.flush()
    os.fsync(file.fileno())
    new = not place.parent.exists()
    place.parent.mkdir(parents=True, exist_ok=True)
    os.replace(file.name, place)
    _synced(place.parent)
    if new:
        _synced(place.parent.parent)


def _synced(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextmanager
def received(content: BinaryIO, below: Path, *, megabytes: int) -> Iterator[Kept]:
    """`content` beside its later place under `below`. Raises `Refusal` "file-too-large" or "file-empty"."""
    digest, size = hashlib.sha256(), 0
    with waiting(below) as file:
        while chunk := content.read(MEGABYTE):
            size += len(chunk)
            if size > megabytes * MEGABYTE:
                raise Refusal("file-too-large", megabytes=megabytes)
            digest.update(chunk)
            file.write(chunk)
        if not size:
            raise Refusal("file-empty")
        file.flush()
        yield Kept(file, digest.hexdigest(), size)


def keep(kept: Kept, below: Path) -> Path:
    """Put what was received in its place; content that is there already stays as it is."""
    place = place_of(below, kept.sha256)
    if place.exists():
        _synced(place.parent)  # whoever moved it there may not have come to that yet
    else:
        settle(kept.file, place)
    return place


def sweep(below: Path, *, before: float) -> int:
    """Remove what somebody who was killed left beside its place, older than `before` (seconds since 1970); how many there were."""
    left = [path for path in below.glob(".waiting-*") if path.stat().st_mtime < before] if below.exists() else []
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)
