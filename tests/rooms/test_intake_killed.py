"""Somebody pulls the plug while a file comes in: what was accepted is whole or absent, and the same file again completes it.

KILLS is how often; 50 is the figure of the documentation, and every part of the way is hit.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter, deque
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import stage
from django.db import connection
from django.db.models import Count
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from duban.core import periods
from duban.intake import pulses, uploads
from duban.intake.models import Submission, SubmissionLine, Upload
from duban.ledger.models import Batch, Entry

ROOT = Path(__file__).resolve().parents[1]
KILLS = int(os.environ.get("KILLS", "50"))
UNDERTAKINGS, MEASURES = 200, ("invested", "total", "complaints")
LINES = UNDERTAKINGS * len(MEASURES)
LAST = date(2026, 2, 28)
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def place(transactional_db: None) -> stage.District:
    made = stage.district()
    for number in range(UNDERTAKINGS):
        made.promise(f"u{number}", lead="invested")
    return made


def environment(folder: Path) -> dict[str, str]:
    """Where the other processes find this test's database, and where they keep files."""
    chosen = connection.settings_dict
    address = f"sqlite:///{chosen['NAME']}"
    if connection.vendor == "postgresql":
        address = f"postgresql://{quote(chosen['USER'])}:{quote(chosen['PASSWORD'])}@/{chosen['NAME']}?host={quote(str(chosen['HOST']))}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DUBAN_")}
    said = {"DUBAN_STATE": str(folder), "DUBAN_DATABASE_URL": address, "DUBAN_TODAY": "2026-03-01"}
    return {**kept, **said, "DJANGO_SETTINGS_MODULE": "duban.settings"}


def month(folder: Path, turn: int) -> Path:
    """The file of the month that comes at this turn; each says more than the one before it."""
    period = periods.months_before(LAST, KILLS - turn)
    path = folder / f"{period:%Y-%m}.csv"
    said = [(number, measure, (1 + number % 90) * (1 + turn)) for number in range(UNDERTAKINGS) for measure in MEASURES]
    rows = [f"u{number},{measure},report,{period:%Y-%m},{amount}," for number, measure, amount in said]
    path.write_text("undertaking,measure,kind,period,amount,reason\n" + "\n".join(rows) + "\n")
    return path


class Office:
    """A process with Django loaded that forks one child for each file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running = subprocess.Popen(
            [sys.executable, str(ROOT / "killing.py")],
            env=environment(folder), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.said() == "ready"

    def said(self) -> str:
        assert self.running.stdout
        return self.running.stdout.readline().strip()

    def takes(self, path: Path) -> int:
        """The number of the child that has begun with the file."""
        assert self.running.stdin
        self.running.stdin.write(f"{path}\n")
        self.running.stdin.flush()
        return int(self.said())

    def ended(self) -> int:
        return int(self.said())

    def whole(self, path: Path) -> float:
        """How many seconds the file took to the end of its way."""
        begun = time.monotonic()
        self.takes(path)
        assert self.ended() == 0
        return time.monotonic() - begun

    def close(self) -> None:
        assert self.running.stdin
        assert self.running.stdout
        self.running.stdin.close()
        self.running.wait(30)
        self.running.stdout.close()


@pytest.fixture
def office(place: stage.District, tmp_path: Path) -> Iterator[Office]:
    opened = Office(tmp_path)
    yield opened
    opened.close()


def far(path: Path) -> str:
    """How far a file has come; every state is a whole one."""
    upload = Upload.objects.filter(name=path.name).first()
    if upload is None:
        return "nothing"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert upload.sha256 == digest
    kept = next(folder for folder in path.parent.rglob(digest[2:]) if folder.parent.name == digest[:2])
    assert kept.read_bytes() == path.read_bytes(), "what a row names lies in its place, whole"
    submissions = list(Submission.objects.filter(upload=upload).annotate(written=Count("lines")))
    assert [submission.written for submission in submissions] in ([], [LINES])
    assert bool(submissions) == (upload.state == Upload.State.READ)
    written = Entry.objects.filter(period=periods.read_period(path.stem)).count()
    accepted = [submission for submission in submissions if submission.state == Submission.State.ACCEPTED]
    assert written == (LINES if accepted else 0)
    return submissions[0].state if submissions else upload.state


def test_a_file_that_is_killed_at_any_moment_is_whole_or_absent_and_completes(office: Office, record_property: Any):
    begun = time.monotonic()
    lately = deque([office.whole(month(office.folder, 0))], maxlen=5)
    chance = random.Random(2021)
    moments = [(place + chance.random()) / KILLS for place in range(KILLS)]
    chance.shuffle(moments)
    reached: Counter[str] = Counter()
    for turn, moment in enumerate(moments, 1):
        path = month(office.folder, turn)
        child = office.takes(path)
        time.sleep(moment * max(lately))
        with contextlib.suppress(ProcessLookupError):  # it was quicker this time
            os.kill(child, signal.SIGKILL)
        assert office.ended() in (0, -signal.SIGKILL)
        reached[far(path)] += 1
        lately.append(office.whole(path))
        assert far(path) == Submission.State.ACCEPTED
    record_property("reached", dict(reached))
    took = time.monotonic() - begun
    sys.stderr.write(f"{connection.vendor}: {KILLS} kills within {max(lately):.2f} s: {dict(reached)}, {took:.0f} s in all\n")
    assert len(reached) >= min(4, KILLS), "the kills are spread over the whole way"
    assert Upload.objects.count() == Submission.objects.count() == Batch.objects.count() == KILLS + 1
    assert SubmissionLine.objects.count() == Entry.objects.count() == LINES * (KILLS + 1)
    assert set(Batch.objects.annotate(written=Count("entries")).values_list("written", flat=True)) == {LINES}


def until(found: Any, seconds: float = 90) -> Any:
    """What `found()` answers once it is true."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if answer := found():
            return answer
        time.sleep(0.02)
    raise AssertionError("waited in vain")


def begin(folder: Path, *words: str, **more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "duban", *words], env=environment(folder) | more, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def test_what_a_killed_worker_was_reading_is_read_by_the_next(place: stage.District, tmp_path: Path, settings: Any):
    settings.MEDIA_ROOT = tmp_path / "files"
    path = month(tmp_path, 0)
    with path.open("rb") as stream:
        sent = {"body": place.bodies["works"], "by": place.people["reporter"], "now": timezone.now()}
        upload = uploads.receive(stream=stream, name=path.name, **sent)
    DBTaskResult.objects.update(run_after=timezone.now())
    first = begin(tmp_path, "work")
    until(lambda: Upload.objects.exclude(state=Upload.State.RECEIVED).exists())
    first.kill()
    first.wait(30)
    assert far(path) in (Upload.State.READING, Submission.State.DRAFT)
    Upload.objects.filter(state=Upload.State.READING).update(beat_at=timezone.now() - pulses.QUIET)
    second = begin(tmp_path, "work")
    until(lambda: Upload.objects.filter(pk=upload.pk, state=Upload.State.READ).exists())
    second.terminate()
    assert second.wait(30) == 0
    assert far(path) == Submission.State.DRAFT


def children(parent: int) -> dict[int, str]:
    """The processes that `parent` has begun, with their command lines."""
    found = {}
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError, IndexError):
            if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
    return found


def begun_by(parent: int, words: str) -> list[int]:
    return [number for number, command in children(parent).items() if words in command]


def running(number: int) -> bool:
    with contextlib.suppress(OSError):
        return (Path("/proc") / str(number) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.fixture
def serve(transactional_db: None, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Begins a server that ends with the test at the latest."""
    begun: list[subprocess.Popen[bytes]] = []

    def one(**more: str) -> subprocess.Popen[bytes]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        begun.append(begin(tmp_path, "serve", DUBAN_PORT=str(port), DUBAN_WORKERS="1", DUBAN_THREADS="1", **more))
        until(lambda: server_of(begun[-1]) and answers(port))
        return begun[-1]

    yield one
    for server in begun:
        if server.poll() is None:
            server.kill()
        server.wait(30)


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
        return bool(answer.status == 200)
    return False


def server_of(server: subprocess.Popen[bytes]) -> list[int]:
    """The processes that answer requests."""
    assert server.poll() is None, "the server has ended by itself"
    return begun_by(server.pid, "duban serve")


def test_the_server_keeps_a_reader_beside_it_and_ends_it(serve: Callable[..., subprocess.Popen[bytes]]):
    server = serve()
    watchman = begun_by(server.pid, "duban.cli.beside")[0]
    reader = until(lambda: begun_by(watchman, "duban work"))[0]
    os.kill(reader, signal.SIGKILL)
    again = until(lambda: [number for number in begun_by(watchman, "duban work") if number != reader])[0]
    server.terminate()
    server.wait(60)
    until(lambda: not running(watchman) and not running(again))


def test_the_reader_ends_with_a_server_that_was_killed(serve: Callable[..., subprocess.Popen[bytes]]):
    server = serve()
    answering, watchman = server_of(server), begun_by(server.pid, "duban.cli.beside")[0]
    reader = until(lambda: begun_by(watchman, "duban work"))[0]
    server.kill()
    server.wait(30)
    for number in answering:
        os.kill(number, signal.SIGKILL)
    until(lambda: not running(watchman) and not running(reader))


def test_a_server_that_was_told_so_runs_no_reader(serve: Callable[..., subprocess.Popen[bytes]]):
    server = serve(DUBAN_BACKGROUND="no")
    assert not begun_by(server.pid, "duban.cli.beside")
    server.terminate()
    server.wait(60)
