"""What holds for the whole tree, whoever changes it."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "duban"
MODULES = sorted(SOURCE.rglob("*.py"))
WRITTEN = ("src", "tests", "docs", "scripts", ".ci")
MADE = {"__pycache__", "dist", "node_modules", "duban.egg-info"}
TEXT = {".py", ".md", ".html", ".txt", ".toml", ".json", ".yml", ".yaml", ".js", ".mjs", ".css", ".po", ".sh", ".csv", ".lock", ".svg", ""}

BANNED = {"data", "info", "item", "manager", "helper", "helpers", "util", "utils", "common", "process", "handle", "misc"}
CORE_MAY_IMPORT = set(sys.stdlib_module_names) | {"ibis", "numpy", "sqlglot"}  # sqlglot is what Ibis writes its SQL with
CLOCKS = {"today", "now", "utcnow", "time", "localtime", "gmtime"}


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _texts() -> Iterator[tuple[str, str]]:
    """Every text file of the tree that somebody wrote, with its name."""
    top = [path for path in ROOT.iterdir() if path.is_file()]
    below = [path for folder in WRITTEN for path in (ROOT / folder).rglob("*") if path.is_file()]
    for path in top + below:
        if path.suffix in TEXT and not MADE & set(path.relative_to(ROOT).parts):
            yield _name(path), path.read_text(encoding="utf-8")


def test_lower_layers_never_import_higher_ones() -> None:
    assert lint_imports() == 0


@pytest.mark.parametrize("path", [path for path in MODULES if "core" in path.parts], ids=_name)
def test_the_core_imports_only_ibis_and_numpy_and_reads_no_clock(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        imported = []
        if isinstance(node, ast.Import):
            imported = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{_name(path)}:{node.lineno} imports relatively"
            imported = [node.module or ""]
        for name in imported:
            allowed = name.split(".")[0] in CORE_MAY_IMPORT or name == "duban.core" or name.startswith("duban.core.")
            assert allowed, f"{_name(path)}:{node.lineno} imports {name}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            clock = node.func.attr in CLOCKS and node.func.value.id in {"date", "datetime", "time"}
            assert not clock, f"{_name(path)}:{node.lineno} reads a clock; pass the day in"


def _empty(name: str) -> bool:
    """`Manager` and `BodyManager`, `handle` and `_process` say nothing; `process_view` says what it processes."""
    last_word = re.findall(r"[A-Z][a-z]*$", name)
    return bool({name.strip("_").lower(), *(word.lower() for word in last_word)} & BANNED)


def _overrides(node: ast.AST) -> bool:
    """A method that calls its own name on super() bears a name that a library chose."""
    return any(
        isinstance(inner, ast.Call)
        and isinstance(inner.func, ast.Attribute)
        and inner.func.attr == getattr(node, "name", None)
        and isinstance(inner.func.value, ast.Call)
        and getattr(inner.func.value.func, "id", None) == "super"
        for inner in ast.walk(node)
    )


def test_no_module_class_or_function_has_an_empty_name() -> None:
    found = [_name(path) for path in MODULES if path.stem in BANNED]
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            if named and _empty(node.name) and not _overrides(node):
                found.append(f"{_name(path)}:{node.lineno} {node.name}")
    assert not found, found


def test_models_and_migrations_agree(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_no_model_hides_a_rule_in_save() -> None:
    hidden = [
        f"{_name(path)}:{node.lineno}"
        for path in MODULES
        if path.name == "models.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name in {"save", "delete"}
    ]
    assert not hidden, hidden


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "package-lock.json", ".npmrc", "pyproject.toml"])
def test_lock_files_name_no_registry(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "registry=" not in text
    assert '"resolved"' not in text
    addresses = [line.strip() for line in text.splitlines() if "://" in line and '"url": "https://' not in line]
    described = [line for line in addresses if not re.search(r'"(postgresql|funding|homepage)"|^"(https?://|url)', line)]
    assert not described, described


def _pins(name: str) -> set[str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.lstrip().startswith("#")}


def test_every_dependency_is_pinned() -> None:
    pins = _pins("requirements-dev.lock")
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", pin) for pin in pins), pins
    assert _pins("requirements.lock") < pins, "the product runs on what it is tested with"


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    places = re.compile(r"(?<![\w.:/])/(?:work|root|home|tmp|Users)/[\w.-]+")
    found = [f"{name}: {match[0]}" for name, text in _texts() for match in places.finditer(text)]
    assert not found, found


def test_nothing_is_left_to_be_done_later() -> None:
    marks = re.compile("|".join(["TO" + "DO", "FIX" + "ME", "NotImplemented" + "Error", r"pytest\.(mark\.)?" + "skip"]))
    found = [f"{name}: {match[0]}" for name, text in _texts() for match in marks.finditer(text) if name != "tests/realdata.py"]
    assert not found, found
