"""Time, memory and the table: medians, ratios to floors of the same run, and whether each keeps its bound."""

from __future__ import annotations

import os
import resource
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

TICK = 1_000_000


@dataclass(frozen=True, slots=True)
class Taken:
    """Medians of several runs: milliseconds on the clock and on the processor, and the peak memory in MB."""

    ms: float
    cpu: float
    peak: float


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `times` is the ratio to `floor`; a `bound` of None is shown and not judged.

    `most_beyond` bounds the milliseconds on the processor beyond the floor's.
    """

    name: str
    taken: Taken
    floor: Taken | None = None
    bound: float | None = None
    queries: int | None = None
    most: int | None = None
    heaviest: float | None = None
    most_beyond: float | None = None

    @property
    def beyond(self) -> float | None:
        """Milliseconds on the processor beyond the floor's."""
        return self.taken.cpu - self.floor.cpu if self.floor else None

    @property
    def times(self) -> float | None:
        return self.taken.ms / self.floor.ms if self.floor else None

    @property
    def kept(self) -> bool | None:
        """Whether it keeps its bounds; None where it has none."""
        judged = []
        if self.bound is not None and self.times is not None:
            judged.append(self.times <= self.bound)
        if self.most is not None and self.queries is not None:
            judged.append(self.queries <= self.most)
        if self.most_beyond is not None and self.beyond is not None:
            judged.append(self.beyond <= self.most_beyond)
        if self.heaviest is not None:
            judged.append(self.taken.peak <= self.heaviest)
        return all(judged) if judged else None


def peak(process: int | str = "self") -> float:
    """The most memory that a process held since `forget_peak`, in MB."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def forget_peak(process: int | str = "self") -> None:
    """Begin to look for the peak anew."""
    Path(f"/proc/{process}/clear_refs").write_text("5", encoding="ascii")


class Offspring(threading.Thread):
    """Looks a hundred times a second how much memory the programs that this process has started held at most, in MB."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peaks: dict[str, float] = {}
        self._over = threading.Event()

    def run(self) -> None:
        own = Path("/proc/self/cmdline").read_bytes()
        while not self._over.wait(0.01):
            for thread in Path("/proc/self/task").iterdir():
                with suppress(OSError, StopIteration):  # it has ended meanwhile
                    for child in (thread / "children").read_text(encoding="ascii").split():
                        if Path(f"/proc/{child}/cmdline").read_bytes() != own:  # else it has not begun, and shows this one's memory
                            self.peaks[child] = max(self.peaks.get(child, 0), peak(child))

    def most(self) -> float:
        """The peaks of all of them together."""
        self._over.set()
        self.join()
        return sum(self.peaks.values())


def spent() -> float:
    """Milliseconds that this process and the programs that it has seen to their end have computed."""
    told = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in told) * 1000


def processor(process: int) -> int:
    """Nanoseconds that all threads of a process have run."""
    told = 0
    for thread in Path(f"/proc/{process}/task").iterdir():
        told += int((thread / "schedstat").read_text(encoding="ascii").split()[0])
    return told


def alternate(
    rivals: Mapping[str, Callable[[], Any]],
    *,
    runs: int,
    before: Mapping[str, Callable[[], Any]] | None = None,
    apart: bool = True,
) -> dict[str, Taken]:
    """Run each of `rivals` in turn, `runs` times over, so that noise falls on all of them; `before` prepares one, untimed.

    The peak is that of one more run in a copy of this process, made before any other, so that nothing of one rival is
    counted for the next. With `apart` of False, for what can be done only once, it is the highest of the timed runs.
    """
    prepare = before or {}
    peaks = {name: _peak_apart(prepare.get(name), run) if apart else 0.0 for name, run in rivals.items()}
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in rivals}
    for _ in range(runs):
        for name, run in rivals.items():
            if name in prepare:
                prepare[name]()
            forget_peak()
            clock, cpu = time.perf_counter_ns(), spent()
            run()
            seen[name].append(((time.perf_counter_ns() - clock) / TICK, spent() - cpu))
            if not apart:
                peaks[name] = max(peaks[name], peak())
    return {name: Taken(*(median(column) for column in zip(*spent, strict=True)), peaks[name]) for name, spent in seen.items()}


def _peak_apart(prepare: Callable[[], Any] | None, run: Callable[[], Any]) -> float:
    """The peak of one run in a fork of this process, in MB; programs that it starts are added at their own peaks."""
    from django.db import connection

    connection.close()
    told, tell = os.pipe()
    child = os.fork()
    if not child:
        try:
            if prepare:
                prepare()
            watching = Offspring()
            watching.start()
            forget_peak()
            run()
            os.write(tell, str(peak() + watching.most()).encode())
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(tell)
    with os.fdopen(told, "rb") as answer:
        found = answer.read()
    os.waitpid(child, 0)
    if not found:
        raise SystemExit("bench: what was to be measured failed")
    return float(found)


HEADINGS = ("", "ms", "CPU ms", "peak MB", "at most", "times floor", "at most", "queries", "at most", "")


def _cells(row: Row) -> tuple[str, ...]:
    verdict = {True: "kept", False: "MISSED", None: ""}[row.kept]
    return (
        row.name,
        f"{row.taken.ms:,.2f}",
        f"{row.taken.cpu:,.2f}",
        f"{row.taken.peak:,.0f}",
        "" if row.heaviest is None else f"{row.heaviest:g}",
        "" if row.times is None else f"{row.times:.2f}",
        "" if row.bound is None else f"{row.bound:g}",
        "" if row.queries is None else str(row.queries),
        "" if row.most is None else str(row.most),
        verdict,
    )


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table that is also readable as it stands."""
    lines = [HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    marks = [("-" * widths[0]), *(f"{'-' * (width - 1)}:" if width > 1 else ":" for width in widths[1:])]

    def written(cells: Sequence[str]) -> str:
        told = [cells[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True))]
        return f"| {' | '.join(told)} |"

    return "\n".join([written(lines[0]), written(marks), *(written(line) for line in lines[1:])])
