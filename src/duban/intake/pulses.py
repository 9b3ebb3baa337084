"""Who is reading a file, and that they still are: one reader a file, and a bar that moves.

A reader claims a file by writing a moment beside it, and writes a later one as it goes on: the moment that stands there is the
claim. One that has stood for `QUIET` belongs to a reader that died, and anybody may claim the file anew; a reader that was only
slow finds another's moment, stops, and leaves nothing behind.
"""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import OperationalError, connection
from django.db.models import Q

from duban.intake.models import Upload

QUIET: Final = timedelta(seconds=30)
OFTEN: Final = 0.3
"""Seconds between two moments while rows go by."""
SELDOM: Final = 5.0
"""Seconds after which a moment is written although no row went by: a large sheet is being unpacked."""
TRIES: Final = 5
"""How often a file is begun. One that its reader never survived is then given up."""


class Lost(Exception):
    """Somebody else reads the file now, or has read it."""


class Pulse:
    """One reader's claim on one file. Inside `with`, it lives on even while nothing is told."""

    def __init__(self, upload: Upload, *, now: datetime, tries: int) -> None:
        self.upload, self.tries = upload.pk, tries
        self.said = now
        self._begun, self._clock = now, time.monotonic()
        self._last = self._clock
        self._lock, self._over = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._live, name=f"pulse-{upload.pk}", daemon=True)

    def now(self) -> datetime:
        """The moment it is, by the reader's own clock."""
        return self._begun + timedelta(seconds=time.monotonic() - self._clock)

    def tell(self, done: int, total: int) -> None:
        """How far reading has come. Raises `Lost`."""
        if time.monotonic() - self._last >= OFTEN or done == total:
            self._beat(done=done, total=total)

    def _beat(self, **told: Any) -> None:
        with self._lock:
            self._last = time.monotonic()
            said = max(self.now(), self.said + timedelta(microseconds=1))
            try:
                held = self._mine().update(beat_at=said, **told)
            except OperationalError:
                return  # somebody writes for long: the next moment will do
            if not held:
                raise Lost
            self.said = said

    def _mine(self) -> Any:
        return Upload.objects.filter(pk=self.upload, state=Upload.State.READING, beat_at=self.said)

    def hold(self) -> None:
        """Keep everybody else off until the transaction ends. Raises `Lost`."""
        if self._mine().select_for_update().first() is None:
            raise Lost

    def end(self, state: str, **told: Any) -> bool:
        """Leave the file in `state`; false when it is somebody else's by now."""
        with self._lock:
            return bool(self._mine().update(state=state, beat_at=self.now(), **told))

    def _live(self) -> None:
        try:
            while not self._over.wait(SELDOM / 5):
                if time.monotonic() - self._last >= SELDOM:
                    self._beat()
        except Lost:
            pass  # the reader finds out when it next tells, or at the end
        finally:
            connection.close()

    def __enter__(self) -> Pulse:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def claim(upload: Upload, *, now: datetime) -> Pulse | None:
    """Begin to read a file that nobody reads; None when somebody does, or when nothing is left to read."""
    free = Q(state=Upload.State.RECEIVED) | Q(state=Upload.State.READING, beat_at__lt=now - QUIET)
    found = Upload.objects.filter(free, pk=upload.pk).values("state", "beat_at", "counts").first()
    if found is None:
        return None
    tries = int(found["counts"].get("tries", 0)) + 1
    same = Upload.objects.filter(pk=upload.pk, state=found["state"], beat_at=found["beat_at"])
    begun = {"state": Upload.State.READING, "beat_at": now, "done": 0, "total": 0, "counts": {"tries": tries}, "refusal": {}}
    return Pulse(upload, now=now, tries=tries) if same.update(**begun) else None
