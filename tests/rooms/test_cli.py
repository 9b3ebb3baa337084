"""The command line, as an operator calls it: in processes of their own, on the example."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = ("demo", "export", "export ledger", "figure", "found", "import", "migrate", "serve", "standing")


def environment(folder: Path, **settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DUBAN_")}
    return {**kept, "DUBAN_STATE": str(folder), "DUBAN_MODE": "demo", "DUBAN_TODAY": "2021-08-31", **settings}


def run(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "duban", *words],
        env=environment(folder, **settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("example")
    loaded = run(folder, "demo", "--json")
    assert loaded.returncode == 0, loaded.stderr
    told = json.loads(loaded.stdout)
    assert told["entries"] == 1036
    assert {account["role"] for account in told["accounts"]} >= {"administrator", "dispatcher", "reporter", "reviewer", "leader", "editor"}
    return folder


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, tmp_path: Path):
    told = run(tmp_path, *command.split(), "--help")
    assert told.returncode == 0
    assert "Usage: duban" in told.stdout


@pytest.mark.slow
def test_a_figure_is_told_with_its_numerator_and_denominator(example: Path):
    told = run(example, "figure", "livelihood.completion", "--as-of", "2021-08-31")
    assert told.returncode == 0
    assert "82.77%" in told.stdout
    assert "245,000,000 / 296,000,000" in told.stdout
    facts = json.loads(run(example, "figure", "livelihood.completion", "--records", "--json").stdout)
    assert len(facts["records"]) == 33
    assert sum(int(record["amount"]) for record in facts["records"]) == int(facts["numerator"]) == 245_000_000
    assert sum(int(record["plan"]) for record in facts["records"]) == int(facts["denominator"]) == 296_000_000


@pytest.mark.slow
def test_what_is_refused_ends_with_one_and_what_is_called_wrongly_with_two(example: Path, tmp_path: Path):
    assert run(example, "figure", "no.such").returncode == 1
    assert json.loads(run(example, "figure", "no.such", "--json").stdout)["refused"] == "figure-unknown"
    assert run(example, "figure", "livelihood.completion", "--as-of", "August").returncode == 2
    assert run(example, "standing", DUBAN_NOBODY="1").returncode == 2
    assert run(example, "standing", DUBAN_PORT="many").returncode == 2
    assert run(tmp_path, "standing").returncode == 1
    assert run(tmp_path, "demo", DUBAN_MODE="development").returncode == 1


@pytest.mark.slow
def test_standings_are_listed_worst_first_with_their_cure(example: Path):
    told = json.loads(run(example, "standing", "--programme", "key-projects", "--json").stdout)["standings"]
    assert [row["light"] for row in told[:2]] == ["red", "red"]
    bridge = next(row for row in told if row["undertaking"] == "key-bridge")
    assert (bridge["rule"], bridge["gap"], bridge["cure_by"]) == ("far_behind", "-36.67", "2021-09-30")
    assert "19.6 million" in bridge["cure"]


@pytest.mark.slow
def test_a_wrong_file_changes_nothing_and_a_right_one_counts_from_now_on(example: Path, tmp_path: Path):
    header = "undertaking,measure,kind,period,amount,reason\n"
    wrong = tmp_path / "wrong.csv"
    wrong.write_text(
        header + "livelihood-flood-spots,investment,report,2021-13,abc,\nnobody,investment,report,2021-08,1,\n", encoding="utf-8"
    )
    refused = run(example, "import", str(wrong), "--by", "reporter-housing", "--accepted-by", "reviewer", "--json")
    assert refused.returncode == 1
    assert {(found["row"], found["column"]) for found in json.loads(refused.stdout)["findings"]} >= {
        (2, "period"),
        (2, "amount"),
        (3, "undertaking"),
    }
    before = json.loads(run(example, "figure", "livelihood.completion", "--json").stdout)
    assert (before["head"], before["value"]) == (1036, "82.77")

    right = tmp_path / "right.csv"
    right.write_bytes((header + "livelihood-flood-spots,investment,report,2021-08,254.81万元,八月漏报一张发票\n").encode("gbk"))
    taken = run(example, "import", str(right), "--by", "reporter-housing", "--accepted-by", "reviewer")
    assert taken.returncode == 0, taken.stdout + taken.stderr
    after = json.loads(run(example, "figure", "livelihood.completion", "--json").stdout)
    assert (after["head"], after["value"]) == (1037, "83.11")
    then = json.loads(run(example, "figure", "livelihood.completion", "--known-at", "2021-09-10", "--json").stdout)
    assert then["value"] == "82.77"
    again = run(example, "import", str(right), "--by", "reporter-housing", "--accepted-by", "reviewer", "--json")
    assert json.loads(again.stdout)["entries"] == 0
    alone = run(example, "import", str(right), "--by", "reviewer", "--accepted-by", "reviewer")
    assert alone.returncode == 1

    rows = list(csv.DictReader(io.StringIO(run(example, "export", "ledger").stdout)))
    assert [int(row["seq"]) for row in rows] == list(range(1, 1038))
    assert (rows[-1]["undertaking"], rows[-1]["amount"]) == ("livelihood-flood-spots", "2548100")
    assert int(rows[-1]["replaces"]) < 1037
