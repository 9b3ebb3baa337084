"""An operator who mistypes a setting is told so before anything starts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duban import config

ROOT = Path(__file__).resolve().parents[2]
NAMES = [setting.name for setting in config.SETTINGS]
WRONG = {
    "DUBAN_MODE": ["prod", "Production", ""],
    "DUBAN_DATABASE_URL": [
        "mysql://duban@localhost/duban",
        "postgresql://localhost",
        "postgresql://duban@localhost:port/duban",
        "postgresql://duban@localhost/duban?sslmode=off",
        "sqlite://duban.sqlite3",
        "duban.sqlite3",
    ],
    "DUBAN_HTTPS": ["true", "1", ""],
    "DUBAN_PORT": ["0", "65536", "eighty", ""],
    "DUBAN_WORKERS": ["0", "-1", "2.5"],
    "DUBAN_THREADS": ["0", "1000"],
    "DUBAN_TODAY": ["2021-13-01", "31.8.2021", "yesterday"],
    "DUBAN_MAIL_URL": ["mail.example.org", "http://mail.example.org"],
    "DUBAN_ADDRESS": ["duban.example.org", "ftp://duban.example.org", "https://", "https://duban.example.org/?a=b"],
    "DUBAN_EVIDENCE_MB": ["0", "20 MB"],
    "DUBAN_UPLOAD_MB": ["0", "65", "64 MB"],
    "DUBAN_BACKGROUND": ["1", "true", ""],
    "DUBAN_LOG": ["xml"],
}


def test_without_any_setting_there_is_a_value_for_each() -> None:
    assert set(config.read({})) == {name.removeprefix("DUBAN_").lower() for name in NAMES}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in WRONG.items() for text in texts])
def test_a_value_that_cannot_be_read_is_refused_and_named(name: str, text: str) -> None:
    with pytest.raises(config.Misconfigured, match=re.escape(name)):
        config.read({name: text})


@given(st.text(st.characters(categories=["Lu", "Nd"], include_characters="_"), min_size=1).map("DUBAN_".__add__))
def test_a_setting_that_nobody_declared_is_refused_and_named(name: str) -> None:
    if name in NAMES:
        config.read({name: next(s.default for s in config.SETTINGS if s.name == name)})
    else:
        with pytest.raises(config.Misconfigured, match=re.escape(name)):
            config.read({name: "anything"})


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_with_one_letter_missing_is_refused(name: str) -> None:
    with pytest.raises(config.Misconfigured, match="unknown setting"):
        config.read({name[:-1]: "1"})


@given(st.dictionaries(st.text(min_size=1).filter(lambda name: not name.startswith("DUBAN_")), st.text()))
def test_variables_of_others_are_nobodys_business(environment: dict[str, str]) -> None:
    assert config.read(environment) == config.read({})


def test_production_asks_for_a_secret_key() -> None:
    with pytest.raises(config.Misconfigured, match="DUBAN_SECRET_KEY"):
        config.read({"DUBAN_MODE": "production"})
    assert config.read({"DUBAN_MODE": "production", "DUBAN_SECRET_KEY": "k" * 50})["mode"] == "production"


@pytest.mark.parametrize("wrong", [{"DUBAN_PROT": "80"}, {"DUBAN_PORT": "http"}])
def test_the_program_does_not_start_on_a_wrong_setting(wrong: dict[str, str], tmp_path: Path) -> None:
    environment = {**os.environ, "DUBAN_STATE": str(tmp_path), **wrong}
    ran = subprocess.run([sys.executable, "-c", "import duban.settings"], env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert next(iter(wrong)) in ran.stderr


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://duban:p%40ss@db.example.org:5433/duban", ("duban", "p@ss", "db.example.org", 5433, "duban")),
        ("postgresql://duban@/duban?host=/run/postgresql", ("duban", "", "/run/postgresql", "", "duban")),
    ],
)
def test_a_postgresql_address_is_taken_apart(url: str, expected: tuple[object, ...], tmp_path: Path) -> None:
    asked = (
        "from duban.settings import DATABASES; d = DATABASES['default'];print((d['USER'], d['PASSWORD'], d['HOST'], d['PORT'], d['NAME']))"
    )
    environment = {**os.environ, "DUBAN_STATE": str(tmp_path), "DUBAN_DATABASE_URL": url}
    ran = subprocess.run([sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == repr(expected)
