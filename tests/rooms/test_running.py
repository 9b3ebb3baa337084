"""The SQL of an expression is kept beside the ledger under a name that only the very same expression has."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import ibis
import pytest

from duban.core import history, lights, sql
from duban.core.history import ENTRIES, HEAD
from duban.ledger import running


@pytest.fixture(autouse=True)
def _kept_here(settings: Any, tmp_path: Path) -> Any:
    settings.STATE = tmp_path
    running._text.cache_clear()
    yield
    running._text.cache_clear()


def spoken(head: Any = HEAD, most: int = 5) -> Any:
    """An expression that is built anew, and compiled anew, each time."""
    return ENTRIES.filter(ENTRIES.seq <= head, ENTRIES.amount <= most)


def next_process() -> None:
    """What a process remembers is gone."""
    running._text.cache_clear()
    sql.compiled.cache_clear()


def files(folder: Path) -> list[Path]:
    return sorted((folder / "compiled").iterdir())


def test_what_one_process_compiled_the_next_one_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    compiled = running.ready(spoken())
    next_process()
    with monkeypatch.context() as patched:
        patched.delattr(sql, "compiled")
        assert running.ready(spoken()) == compiled
    assert [path.suffix for path in files(tmp_path)] == [".json"]


@pytest.mark.parametrize("damage", ["", "{}", '{"sql": "SELE'])
def test_a_damaged_file_is_written_anew(tmp_path: Path, damage: str):
    compiled = running.ready(spoken())
    (path,) = files(tmp_path)
    path.write_text(damage)
    next_process()
    assert running.ready(spoken()) == compiled
    assert json.loads(path.read_text())["sql"] == compiled[0]


def test_where_nothing_can_be_written_it_is_compiled_all_the_same(tmp_path: Path):
    (tmp_path / "compiled").write_text("not a folder")
    assert "%(head)s" in running.ready(spoken())[0]


def test_a_rule_that_changes_is_never_told_by_text_that_was_kept_before(monkeypatch: pytest.MonkeyPatch):
    before = running.ready(lights.built.__wrapped__("rows", 1, False))
    next_process()
    monkeypatch.setattr(lights, "WIDEST", 10**12 + 7)
    after = running.ready(lights.built.__wrapped__("rows", 1, False))
    assert str(10**12 + 7) in after[0]
    assert after != before


def test_another_compiler_reads_nothing_that_this_one_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    running.ready(spoken())
    next_process()
    monkeypatch.setattr(sql, "_COMPILER", "another")
    running.ready(spoken())
    assert len(files(tmp_path)) == 2


def between(low: Any, high: Any) -> Any:
    return ENTRIES.select(width=high.seq.max().as_scalar() - low.seq.min().as_scalar())


def _pairs() -> dict[str, tuple[Any, Any]]:
    """Expressions that differ in one thing only."""
    other, left, right = ibis.param("int64").name("other"), ENTRIES.view(), ENTRIES.view()
    wide, narrow = (ibis.table({"seq": kind}, name="ledger_entry") for kind in ("int64", "int32"))
    one = ENTRIES.left_join(left, ENTRIES.seq == left.replaces)
    return {
        "a number": (spoken(most=5), spoken(most=6)),
        "a number and its text": (ENTRIES.filter(ENTRIES.kind == "5"), ENTRIES.filter(ENTRIES.seq == 5)),
        "a parameter's name": (spoken(), spoken(other)),
        "a parameter's place": tuple(ENTRIES.filter(ENTRIES.seq <= seq, ENTRIES.day <= day) for seq, day in ((HEAD, other), (other, HEAD))),
        "a column": (ENTRIES.select("seq", "day"), ENTRIES.select("seq", "period")),
        "a column's name": (ENTRIES.select(a="seq"), ENTRIES.select(b="seq")),
        "the order of columns": (ENTRIES.select("seq", "day"), ENTRIES.select("day", "seq")),
        "what is left out": (ENTRIES.drop("day"), ENTRIES.drop("amount")),
        "a table": (history.UNDERTAKINGS.select("id"), history.MEASURES.select("id")),
        "a column's kind": (wide, narrow),
        "a view twice, or two views": (between(left, left), between(left, right)),
        "the way of joining": (one, ENTRIES.inner_join(left, ENTRIES.seq == left.replaces)),
        "one of the joined": (one.select(a=left.seq), one.select(a=ENTRIES.seq)),
        "a function of ours": (ENTRIES.select(a=history.whole_div(ENTRIES.seq, 2)), ENTRIES.select(a=history.packed(ENTRIES.seq, 2))),
        "lights of all, or of those touched": (lights.lights(), lights.lights(touched=True)),
        "one day to compare with, or two": (lights.lights(), lights.lights(idles=2)),
        "rows, or the lake": (lights.lights(), lights.lights("columns")),
    }  # fmt: skip


@pytest.mark.parametrize("told", sorted(_pairs()))
def test_whatever_differs_has_a_name_of_its_own(told: str):
    one, other = _pairs()[told]
    names = {sql.digest(expression, dialect) for expression in (one, other) for dialect in ("sqlite", "postgres")}
    assert len(names) == 4


_TOLD = """
import sys, ibis
for _ in range(int(sys.argv[1])):
    ibis.param("int64"), ibis.table({"a": "int64"}, name="x").view()
from duban.core import figures, indicators, lights, sql
if int(sys.argv[1]):
    figures.contributions(), indicators.sought()
told = (lights.lights(), lights.lights(touched=True), lights.lights("columns"), indicators.tallied("body"), figures.contributions())
for expression in told:
    print(sql.digest(expression, "sqlite"))
"""


def test_every_process_gives_the_same_name_whatever_it_did_before():
    told = [
        subprocess.run(
            [sys.executable, "-c", _TOLD, str(before)], env={**os.environ, "PYTHONHASHSEED": str(before)}, capture_output=True, check=True
        ).stdout
        for before in (0, 7)
    ]
    assert told[0] == told[1]
    assert len(set(told[0].split())) == 5
