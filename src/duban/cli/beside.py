"""The background reader that runs beside the server: begun with it, begun again when it dies, ended with it.

`Background` begins a small watchman once, before the server forks anything: a process that starts another while its own forks is
apt to wait for ever. The watchman (`python -m duban.cli.beside PID`) runs `duban work` for as long as the process PID lives.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from types import FrameType
from typing import Final

PATIENCE: Final = 10
"""Seconds in which a reader may end what it is at; what it does not end is taken up at the next start."""
REST: Final = (1, 2, 5, 15, 30)
"""Seconds before it is begun again: the sooner it died, time after time, the longer."""
STEADY: Final = 60
"""Seconds after which a reader that dies has not died at once."""
LOOK: Final = 0.5


def _begun(*words: str) -> subprocess.Popen[bytes]:
    """A process in a session of its own, so that no key in a terminal ends it before its time."""
    return subprocess.Popen([sys.executable, "-m", *words], stdin=subprocess.DEVNULL, start_new_session=True)


def _ended(child: subprocess.Popen[bytes], patience: float) -> None:
    """End a child that we began: ask it first, then insist."""
    if child.poll() is None:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(patience)
    if child.poll() is None:
        child.kill()
        child.wait()


class Background:
    """`with Background():` has files read in the background until the block ends, or until this process is killed."""

    def __enter__(self) -> Background:
        self._watchman = _begun("duban.cli.beside", str(os.getpid()))
        return self

    def __exit__(self, *_: object) -> None:
        _ended(self._watchman, PATIENCE + 5)


class Watchman:
    """Keeps one reader alive while the process `server` lives, and nobody has asked us to end."""

    def __init__(self, server: int) -> None:
        self.server, self.over = server, False

    def ends(self, number: int, frame: FrameType | None) -> None:
        self.over = True

    def wanted(self) -> bool:
        return not self.over and os.getppid() == self.server

    def watch(self) -> None:
        died = 0
        while self.wanted():
            begun = time.monotonic()
            reader = _begun("duban", "work", "--beside", str(os.getpid()))
            while self.wanted() and reader.poll() is None:
                time.sleep(LOOK)
            if not self.wanted():
                return _ended(reader, PATIENCE)
            died = 0 if time.monotonic() - begun > STEADY else died + 1
            sys.stderr.write(f"duban: the background reader ended with {reader.returncode} and is begun again\n")
            self.rest(REST[min(died, len(REST)) - 1] if died else 0)
        return None

    def rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while self.wanted() and time.monotonic() < until:
            time.sleep(LOOK)


if __name__ == "__main__":
    watchman = Watchman(int(sys.argv[1]))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, watchman.ends)
    watchman.watch()
