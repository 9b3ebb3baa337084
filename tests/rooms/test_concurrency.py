"""Eight writers at once, and one that is killed: nothing lost, nothing twice, and every number in its turn.

WRITERS_SECONDS says for how long they write; 20 is the figure of the documentation, 3 keeps the suite quick.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import stage
from django.db import connection
from django.db.models import Count

from duban.ledger.models import Batch, Entry

WRITERS = 8
SECONDS = float(os.environ.get("WRITERS_SECONDS", "3"))
PROGRAM = Path(__file__).resolve().parents[1] / "writing.py"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def district() -> stage.District:
    made = stage.district()
    for place in range(WRITERS):
        made.promise(f"writer-{place}", lead="invested")
    return made


def environment(folder: Path) -> dict[str, str]:
    """Where the writers find the database that this test looks at."""
    chosen = connection.settings_dict
    address = f"sqlite:///{chosen['NAME']}"
    if connection.vendor == "postgresql":
        address = f"postgresql://{quote(chosen['USER'])}:{quote(chosen['PASSWORD'])}@/{chosen['NAME']}?host={quote(str(chosen['HOST']))}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DUBAN_")}
    return {**kept, "DUBAN_STATE": str(folder), "DUBAN_DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "duban.settings"}


def start(how: str, who: int, seconds: float, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), how, str(who), str(seconds)], env=environment(folder), stdout=subprocess.PIPE, text=True
    )


def write(how: str, folder: Path) -> list[int]:
    """What eight writers were told is written, after all of them have ended well."""
    running = [start(how, who, SECONDS, folder) for who in range(WRITERS)]
    told: list[int] = []
    for one in running:
        out, _ = one.communicate(timeout=SECONDS + 120)
        assert one.returncode == 0
        told += [int(line) for line in out.split()]
    return told


def ledger() -> list[int]:
    return list(Entry.objects.order_by("seq").values_list("seq", flat=True))


@pytest.mark.slow
def test_eight_writers_lose_nothing_and_double_nothing(district: stage.District, tmp_path: Path, record_property: Any):
    told = write("apart", tmp_path)
    record_property("entries", len(told))
    sys.stderr.write(f"{connection.vendor}: {WRITERS} writers, {SECONDS:g} s, {len(told)} entries\n")
    assert len(told) >= 2 * WRITERS
    assert sorted(told) == ledger() == list(range(1, len(told) + 1))
    moments = list(Entry.objects.order_by("seq").values_list("recorded_at", flat=True))
    assert moments == sorted(moments)


@pytest.mark.slow
def test_eight_writers_of_one_slot_make_one_chain(district: stage.District, tmp_path: Path):
    told = write("together", tmp_path)
    assert sorted(told) == ledger() == list(range(1, len(told) + 1))
    chain = list(Entry.objects.order_by("seq").values_list("replaces", flat=True))
    assert chain == [None, *range(1, len(told))]


@pytest.mark.slow
def test_a_writer_that_is_killed_leaves_whole_batches(district: stage.District, tmp_path: Path):
    for who in range(4):
        writer = start("batches", who, 60, tmp_path)
        assert writer.stdout is not None
        assert writer.stdout.readline()
        time.sleep(0.05 + who * 0.07)
        writer.send_signal(signal.SIGKILL)
        writer.wait(10)
        writer.stdout.close()
    sizes = set(Batch.objects.annotate(written=Count("entries")).values_list("written", flat=True))
    assert sizes == {50}
    assert ledger() == list(range(1, Entry.objects.count() + 1))
