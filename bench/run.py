"""`make bench`: how long pages and lights take, as ratios to a floor that is measured in the same run.

An absolute time on a shared machine proves nothing, so every row is divided by its own floor: pages by the signed-in page of
the desk without content, from the same server in the same rounds; lights by SQLite reading the rows that lights
read. Medians of several rounds. Ends with 1 when a bound is missed. `--json FILE` keeps the numbers.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SIZES = (1_000, 10_000)
MONTHS = 36
PAGES = {"base": "/bench/base/", "overview": "/desk/", "list": "/desk/undertakings/", "undertaking": "/desk/undertakings/u-7/"}
PAGE_BOUND, QUERY_BOUND, LIGHTS_BOUND = 5.0, 12, 3.0
ROUNDS, LIGHT_ROUNDS = 60, 7


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `bound` is the largest ratio (or count) allowed; None is told for information only."""

    what: str
    size: int
    measured: float
    floor: float | None
    unit: str
    bound: float | None
    queries: int | None = None

    @property
    def ratio(self) -> float:
        return self.measured / self.floor if self.floor else self.measured

    @property
    def held(self) -> bool:
        return (self.bound is None or self.ratio <= self.bound) and (self.queries is None or self.queries <= QUERY_BOUND)


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def peak() -> float:
    """The largest memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def lights(size: int) -> list[Row]:
    """Cold lights (SQL compiled, nothing kept) against reading the same rows; warm lights for information."""
    from django.db import connection

    from bench.ground import TODAY
    from duban.standing.actions import stand
    from duban.standing.models import Snapshot, Standing

    columns = "seq, undertaking_id, measure_id, kind, period, amount, day, replaces"

    def forget() -> None:
        Standing.objects.all().delete()
        Snapshot.objects.all().delete()

    def read() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {columns} FROM ledger_entry")
            cursor.fetchall()

    def scan() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(f'MAX({column})' for column in columns.split(', '))} FROM ledger_entry")
            cursor.fetchall()

    compiling = timed(lambda: stand(as_of=TODAY))
    assert Standing.objects.count() == size
    memory = peak()
    cold, warm, reading, scanning = [], [], [], []
    for _ in range(LIGHT_ROUNDS):
        reading.append(timed(read))
        scanning.append(timed(scan))
        forget()
        cold.append(timed(lambda: stand(as_of=TODAY)))
        warm.append(timed(lambda: stand(as_of=TODAY)))
    middle = statistics.median
    return [
        Row("lights, cold, against reading the ledger's rows", size, middle(cold), middle(reading), "ms", LIGHTS_BOUND),
        Row("lights, cold, against one scan without reading", size, middle(cold), middle(scanning), "ms", None),
        Row("lights, kept, against reading the ledger's rows", size, middle(warm), middle(reading), "ms", None),
        Row("lights, first in a process (SQL is compiled)", size, compiling, middle(cold), "ms", None),
        Row("lights, peak memory", size, memory, None, "MB", None),
    ]


def queries(session: str) -> dict[str, int]:
    """How many queries each page asks when everything is kept."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    counted = {}
    for name, path in PAGES.items():
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200, path
        counted[name] = len(asked)
    return counted


def pages(size: int, counted: dict[str, int], session: str) -> list[Row]:
    """Every page against the base page, in turn, over one connection that stays open."""
    from django.conf import settings

    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port = asked.getsockname()[1]
    command = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--blocking-threads", "2"]
    server = subprocess.Popen(
        [sys.executable, "-m", "granian", *command, "--no-ws", "--log-level", "error", "duban.wsgi:application"], stderr=subprocess.DEVNULL
    )
    try:
        _wait(port, server)
        wire = http.client.HTTPConnection("127.0.0.1", port)
        headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; django_language=zh-hans"}

        def get(path: str) -> None:
            wire.request("GET", path, headers=headers)
            answer = wire.getresponse()
            answer.read()
            assert answer.status == 200, (path, answer.status)

        for path in PAGES.values():
            for _ in range(5):
                get(path)
        taken: dict[str, list[float]] = {name: [] for name in PAGES}
        for _ in range(ROUNDS):
            for name, path in PAGES.items():
                taken[name].append(timed(lambda path=path: get(path)))
        memory = _memory_below(server.pid)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)
    base = statistics.median(taken["base"])
    rows = [
        Row(f"page: {name}, against the base page", size, statistics.median(taken[name]), base, "ms", PAGE_BOUND, counted[name])
        for name in PAGES
        if name != "base"
    ]
    return [*rows, Row("pages, peak memory of the server's worker", size, memory, None, "MB", None)]


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(150):
        if server.poll() is not None:
            raise SystemExit("the server ended")
        try:
            wire = http.client.HTTPConnection("127.0.0.1", port)
            wire.request("GET", "/healthz")
            wire.getresponse().read()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the server did not answer")


def _memory_below(pid: int) -> float:
    """The peak memory of the largest process that `pid` has started, in MB."""
    largest = 0.0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        except OSError:
            continue
        if fields.get("PPid", "").strip() == str(pid):
            largest = max(largest, int(fields["VmHWM"].split()[0]) / 1024)
    return largest


def measure(size: int) -> list[Row]:
    """Everything about one size, in a process whose settings name a temporary database."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    from bench.ground import lay
    from duban.people.models import User

    lay(size, Path(settings.DATABASES["default"]["NAME"]))
    call_command("collectstatic", verbosity=0, interactive=False)
    rows = lights(size)
    client = Client()
    client.force_login(User.objects.get(username="leader"), backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    return [*rows, *pages(size, queries(session), session)]


def apart(size: int) -> list[Row]:
    """`measure` in a process of its own, so that no size warms another's caches or memory."""
    with tempfile.TemporaryDirectory(prefix="duban-bench-") as folder:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DUBAN_")}
        environment |= {
            "DUBAN_STATE": folder,
            "DUBAN_MODE": "demo",
            "DUBAN_TODAY": "2021-12-31",
            "DUBAN_HOSTS": "127.0.0.1,testserver",
            "DJANGO_SETTINGS_MODULE": "bench.settings",
            "PYTHONPATH": str(ROOT),
        }
        command = [sys.executable, "-m", "bench.run", "--only", str(size)]
        told = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        return [Row(**row) for row in json.loads(told.stdout.splitlines()[-1])]


def table(rows: list[Row]) -> str:
    """The table in Markdown."""
    lines = ["| what | undertakings × months | measured | floor | ratio | bound | queries | |", "|---|---|---|---|---|---|---|---|"]
    for row in rows:
        floor = f"{row.floor:.1f} {row.unit}" if row.floor else ""
        ratio = f"{row.ratio:.2f}" if row.floor else ""
        bound = f"≤ {row.bound:g}" if row.bound else ""
        asked = "" if row.queries is None else f"{row.queries} (≤ {QUERY_BOUND})"
        verdict = "" if row.bound is None else "held" if row.held else "MISSED"
        lines.append(
            f"| {row.what} | {row.size:,} × {MONTHS} | {row.measured:.1f} {row.unit} | {floor} | {ratio} | {bound} | {asked} | {verdict} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=int, help="measure one size in this process and print JSON")
    parser.add_argument("--json", type=Path, help="keep the numbers in this file")
    chosen = parser.parse_args()
    if chosen.only:
        sys.stdout.write(json.dumps([asdict(row) for row in measure(chosen.only)]) + "\n")
        return
    rows = [row for size in SIZES for row in apart(size)]
    sys.stdout.write(table(rows) + "\n")
    if chosen.json:
        chosen.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    missed = [row.what for row in rows if not row.held]
    if missed:
        raise SystemExit(f"missed: {'; '.join(missed)}")


if __name__ == "__main__":
    main()
