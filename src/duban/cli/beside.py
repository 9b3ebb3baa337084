"""The background reader that runs beside the server: one child process, begun with it, begun again when it dies, ended with it."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import threading
from typing import Final

PATIENCE: Final = 10
"""Seconds in which a reader may end what it is at; what it does not end is taken up at the next start."""
REST: Final = (1, 2, 5, 15, 30)
"""Seconds before it is begun again, the more often it has died the longer."""

log = logging.getLogger("duban.background")


class Background:
    """`with Background():` runs `duban work` until the block ends. It ends by itself when this process is killed."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._watch, name="background", daemon=True)

    def _watch(self) -> None:
        died = 0
        while child := self._begin():
            code = child.wait()
            if self._over.is_set():
                return
            log.warning("the background reader ended with %s and is begun again", code)
            self._over.wait(REST[min(died, len(REST) - 1)])
            died += 1

    def _begin(self) -> subprocess.Popen[bytes] | None:
        """A reader in a session of its own, so that only we end it; none when all is over."""
        with self._lock:
            if self._over.is_set():
                return None
            command = [sys.executable, "-m", "duban", "work", "--beside", str(os.getpid())]
            self._child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
            return self._child

    def __enter__(self) -> Background:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        with self._lock:
            child = self._child
        if child is not None and child.poll() is None:
            child.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(PATIENCE)
            child.kill()
        self._thread.join(PATIENCE)
