"""The documentation says what the code does, and builds."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def test_the_reference_is_what_the_code_says() -> None:
    ran = subprocess.run([sys.executable, "scripts/reference.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, f"run make reference\n{ran.stdout}{ran.stderr}"


def test_every_page_is_in_the_contents() -> None:
    contents = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    assert pages == set(re.findall(r"[\w/-]+\.md", contents))


def test_every_command_and_setting_that_a_page_names_exists() -> None:
    from duban import config

    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    known = {setting.name for setting in config.SETTINGS}
    unknown = []
    for path in [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]:
        text = path.read_text(encoding="utf-8")
        unknown += [f"{path.name}: {name}" for name in re.findall(r"DUBAN_[A-Z_]+\b", text) if name.rstrip("_") not in known | {"DUBAN"}]
        made = re.findall(r"(?:`|^    |^)make ([a-z-]+)", text, re.MULTILINE)
        unknown += [f"{path.name}: make {name}" for name in made if name not in targets]
    assert not unknown, unknown
