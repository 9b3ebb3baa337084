"""Making millions of values without looking through them for cycles again and again."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def unlooked() -> Iterator[None]:
    """Inside, nobody looks for cycles: what a file says holds none, and looking takes longer than reading.

    Where two threads are inside at a time, the first to leave lets looking begin again for both: that costs time, nothing else.
    """
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked:
            gc.enable()
