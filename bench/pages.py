"""Pages over HTTP from the product's own server, each against the signed-in base page that has no content."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from bench.measuring import TICK, Row, Taken, forget_peak, peak, processor

BASE = "/bench/base/"
PAGES = {
    "overview": "/desk/",
    "list": "/desk/undertakings/",
    "undertaking": "/desk/undertakings/u-500/",
    "watch-list": "/desk/watch/",
    "changes": "/desk/changes/",
    "stages": "/desk/stages/",
    "forecasts": "/desk/forecast/",
    "a programme's forecasts": "/desk/forecast/programme-5/",
}
MOST_TIMES, MOST_QUERIES = 5, 12
PORT = 8170
TOGETHER = 4
"""Requests for one page before the next page has its turn."""


def session() -> str:
    """A cookie of the leader, signed in."""
    from django.conf import settings
    from django.test import Client

    from duban.people.models import User

    client = Client()
    client.force_login(User.objects.get(username="leader"), backend="allauth.account.auth_backends.AuthenticationBackend")
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def queries(cookie: str, address: str) -> tuple[int, float]:
    """How many queries a page makes once everything is warm, and how many milliseconds it took when nobody had seen it yet."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers={"cookie": cookie, "host": "127.0.0.1"})
    began = time.perf_counter_ns()
    client.get(address)
    first = (time.perf_counter_ns() - began) / TICK
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured), first


@contextmanager
def server(cookie: str) -> Iterator[tuple[http.client.HTTPConnection, int]]:
    """`duban serve` with one worker: a connection that stays open, and the worker's process number."""
    from django.db import connection

    connection.close()
    environment = {**os.environ, "DUBAN_WORKERS": "1", "DUBAN_PORT": str(PORT), "DUBAN_BIND": "127.0.0.1", "DUBAN_LOG": "json"}
    with subprocess.Popen(
        [sys.executable, "-m", "duban", "serve"], env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    ) as started:
        try:
            client = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
            for _ in range(300):
                try:
                    fetch(client, BASE, cookie)
                    break
                except OSError:
                    client.close()
                    if started.poll() is not None:
                        raise RuntimeError("the server did not start: is the port free?") from None
                    time.sleep(0.1)
            children = Path(f"/proc/{started.pid}/task/{started.pid}/children").read_text(encoding="ascii").split()
            yield client, max((int(child) for child in children), key=peak)
            client.close()
        finally:
            started.terminate()
            started.wait(20)


def fetch(client: http.client.HTTPConnection, address: str, cookie: str) -> float:
    """Milliseconds from the request to the page's last byte."""
    began = time.perf_counter_ns()
    client.request("GET", address, headers={"Cookie": cookie, "Accept-Encoding": "gzip"})
    answer = client.getresponse()
    answer.read()
    spent = (time.perf_counter_ns() - began) / TICK
    if answer.status != 200:
        raise RuntimeError(f"{address} answered {answer.status}")
    return spent


def measured(rounds: int) -> tuple[list[Row], dict[str, float], dict[str, float]]:
    """The rows of this ledger's pages; what each cost in ms when nothing was kept yet, and at the first request to a new server."""
    cookie = session()
    asked = {name: queries(cookie, address) for name, address in {"base": BASE, **PAGES}.items()}
    counted, anew = ({name: told[place] for name, told in asked.items()} for place in (0, 1))
    clock: dict[str, list[float]] = {name: [] for name in counted}
    cpu: dict[str, list[float]] = {name: [] for name in counted}
    peaks: dict[str, float] = {}
    addresses: dict[str, Any] = {"base": BASE, **PAGES}
    with server(cookie) as (client, worker):
        first = {name: fetch(client, address, cookie) for name, address in PAGES.items()}
        for round_ in range(rounds + 1):
            for name, address in addresses.items():
                forget_peak(worker)
                began = processor(worker)
                spent = [fetch(client, address, cookie) for _ in range(TOGETHER)]
                if round_:  # the first round warms
                    cpu[name].append((processor(worker) - began) / TICK / TOGETHER)
                    clock[name] += spent
                    peaks[name] = max(peaks.get(name, 0), peak(worker))
    taken = {name: Taken(median(clock[name]), median(cpu[name]), peaks[name]) for name in addresses}
    rows = [Row("base page without content", taken["base"], queries=counted["base"])]
    for name in PAGES:
        rows.append(Row(f"{name} page", taken[name], taken["base"], MOST_TIMES, counted[name], MOST_QUERIES))
    return rows, {name: anew[name] for name in PAGES}, first
