"""`duban rulebook` over a ledger in the test's database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.conf import settings as django_settings
from rulers import MARCH, adopted, ruled
from stage import District

from duban.cli.commands import duban
from duban.registry.models import RulebookVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> District:
    monkeypatch.setitem(django_settings.SET, "today", MARCH)
    return ruled()


@pytest.fixture
def strict(tmp_path: Path) -> str:
    return written(tmp_path, "[schedule]\nbehind = 2\n")


def written(folder: Path, text: str | bytes) -> str:
    file = folder / "rules.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(file)


def run(*words: str, ends: int = 0) -> str:
    result = CliRunner().invoke(duban, ["rulebook", *words])
    assert result.exit_code == ends, f"{result.output}\n{result.exception!r}"
    return result.output


def told(*words: str, ends: int = 0) -> Any:
    return json.loads(run(*words, "--json", ends=ends))


def test_a_file_that_is_right_is_called_so(town: District, strict: str):
    assert "does not contradict itself" in run("check", strict)
    assert told("check", strict, "--programme", "invested") == {"findings": []}


def test_what_is_wrong_is_told_with_its_line(town: District, tmp_path: Path):
    file = written(tmp_path, "[schedule]\nbehind = 300\nbehnid = 3\n")
    found = told("check", file, ends=1)["findings"]
    assert [(one["code"], one["row"]) for one in found] == [("rulebook-value-wrong", 2), ("rulebook-key-unknown", 3)]
    assert "Row 2" in run("check", file, ends=1)


def test_what_would_contradict_what_speaks_there_is_told(town: District, tmp_path: Path):
    adopted(town, "invested", "[schedule]\nfar_behind = 12\n")
    file = written(tmp_path, "[schedule]\nbehind = 20\n")
    assert told("check", file) == {"findings": []}
    assert [one["code"] for one in told("check", file, "--body", "top", ends=1)["findings"]] == ["rulebook-contradicts"]


def test_trying_tells_which_lights_would_change_on_thirteen_days_and_writes_nothing(town: District, strict: str):
    days = told("try", strict, "--programme", "invested")["days"]
    assert (len(days), days[0]["day"], days[0]["changed"]) == (13, "2026-03-01", 1)
    assert (days[0]["before"]["green"], days[0]["after"]["amber"]) == (1, 1)
    (turned,) = days[0]["undertakings"]
    why = turned.pop("text")
    assert turned == {"code": "roofs", "name": "roofs", "was": "green", "was_rule": "watch", "light": "amber", "rule": "behind"}
    assert "points behind" in why
    assert not RulebookVersion.objects.exists()
    text = run("try", strict, "--programme", "invested", "--months", "1")
    assert "roofs [roofs]\n  Green · Slightly behind → Amber · Behind\n  " + why in text
    assert "28 February 2026*" in text and "1 → 0" in text


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        ([], "rulebook-for-whom"),
        (["--programme", "invested", "--body", "top"], "rulebook-for-whom"),
        (["--programme", "nowhere"], "programme-unknown"),
        (["--body", "nowhere"], "body-unknown"),
    ],
)
def test_it_is_tried_for_one_programme_or_one_body(town: District, strict: str, words: list[str], refused: str):
    assert told("try", strict, *words, ends=1)["refused"] == refused


def test_a_file_that_is_no_rulebook_is_not_tried(town: District, tmp_path: Path):
    for text, refused in (("[schedule\n", "rulebook-unfit"), (b"\xff\xfe\x00", "rulebook-encoding"), ("#" * 20_001, "rulebook-too-long")):
        assert told("try", written(tmp_path, text), "--body", "top", ends=1)["refused"] == refused
