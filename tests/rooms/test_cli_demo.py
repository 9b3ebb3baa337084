"""The command as people start it: a process of its own, a state folder of its own, the example."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def duban(*words: str, ends: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    """One command with nothing of the suite's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DUBAN_", "DJANGO_"))}
    done = subprocess.run(
        [sys.executable, "-m", "duban", *words], env={**kept, **environment}, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == ends, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """`duban` in a demo whose ledger holds the example."""
    state = str(tmp_path_factory.mktemp("state"))

    def run(*words: str, ends: int = 0) -> subprocess.CompletedProcess[str]:
        return duban(*words, ends=ends, DUBAN_STATE=state, DUBAN_MODE="demo", DUBAN_TODAY="2021-08-31", DUBAN_BODY="tunxi")

    run("demo", "--password", "correct horse battery staple")
    return run


@pytest.mark.slow
def test_the_bulletins_completion_is_printed_with_its_parts(example: Run):
    said = example("figure", "livelihood.completion", "--as-of", "2021-08-31").stdout
    assert "82.77%" in said
    assert "245,000,000 / 296,000,000" in said
    answer = json.loads(example("figure", "livelihood.completion", "--as-of", "2021-08-31", "--json", "--records").stdout)
    assert (answer["value"], answer["numerator"], answer["denominator"]) == ("82.77", "245000000", "296000000")
    assert len(answer["records"]) == 33
    assert sum(float(record["amount"]) for record in answer["records"]) == 245_000_000


@pytest.mark.slow
def test_a_second_demo_changes_nothing_and_tells_the_accounts_again(example: Run):
    first = json.loads(example("demo", "--json").stdout)
    assert {account["password"] for account in first["accounts"] if account["role"]} == {"correct horse battery staple"}
    assert json.loads(example("demo", "--json").stdout) == first


@pytest.mark.slow
def test_a_correction_through_a_file_changes_today_and_not_yesterday(example: Run, tmp_path: Path):
    before = json.loads(example("figure", "livelihood.completion", "--as-of", "2021-08-31", "--json", "--records").stdout)
    record = before["records"][0]
    file = tmp_path / "correction.csv"
    line = f"{record['undertaking']},investment,report,{record['period']},0元,an audit found nothing"
    file.write_text(f"undertaking,measure,kind,period,amount,reason\n{line}\n")
    example("import", str(file), "--by", "dispatcher", "--accepted-by", "reviewer")
    now = json.loads(example("figure", "livelihood.completion", "--as-of", "2021-08-31", "--json").stdout)
    assert float(now["numerator"]) == 245_000_000 - float(record["amount"])
    past = json.loads(example("figure", "livelihood.completion", "--as-of", "2021-08-31", "--known-at", "2021-12-31", "--json").stdout)
    assert (past["value"], past["numerator"]) == ("82.77", "245000000")


@pytest.mark.slow
def test_no_example_outside_demo_mode_and_nothing_from_a_database_that_is_not_ready(tmp_path: Path):
    assert json.loads(duban("demo", "--json", ends=1, DUBAN_STATE=str(tmp_path)).stdout)["refused"] == "demo-outside-demo-mode"
    assert json.loads(duban("figure", "x", "--json", ends=1, DUBAN_STATE=str(tmp_path)).stdout)["refused"] == "database-not-ready"
    assert json.loads(duban("serve", "--json", ends=1, DUBAN_STATE=str(tmp_path)).stdout)["refused"] == "database-not-ready"
    assert "up to date" in duban("migrate", DUBAN_STATE=str(tmp_path)).stdout
    assert json.loads(duban("standing", "--json", DUBAN_STATE=str(tmp_path)).stdout)["standings"] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DUBAN_COLOUR", "red"),
        ("DUBAN_PORT", "many"),
        ("DUBAN_TODAY", "31.8.2021"),
        ("DUBAN_DATABASE_URL", "mysql://x/y"),
        ("DUBAN_MODE", "production"),
    ],
)
def test_configured_wrongly_it_ends_with_2_and_names_the_setting(tmp_path: Path, name: str, value: str):
    said = duban("migrate", ends=2, **{"DUBAN_STATE": str(tmp_path), name: value})
    assert said.stdout == ""
    assert (name if name != "DUBAN_MODE" else "DUBAN_SECRET_KEY") in said.stderr
    assert len(said.stderr.splitlines()) == 1


@pytest.mark.slow
def test_help_needs_no_settings():
    assert "Usage: duban" in duban("--help", DUBAN_COLOUR="red").stdout
