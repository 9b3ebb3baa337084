"""A refusal carries a code; somebody has to have written its sentence."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

from duban.core.rules import RULES
from duban.web import wording

SOURCE = Path(__file__).resolve().parents[2] / "src" / "duban"
PLACES = {"place", "row", "column"}


def _coded() -> Iterator[tuple[str, set[str], str]]:
    """Every code that a module refuses or finds by, the facts that it names, and where."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            code = node.args[0]
            if name in {"Refusal", "Finding", "find", "Check"} and isinstance(code, ast.Constant) and isinstance(code.value, str):
                facts = {keyword.arg for keyword in node.keywords if keyword.arg} - {"facts"}
                for keyword in node.keywords:
                    if keyword.arg == "facts" and isinstance(keyword.value, ast.Dict):
                        facts |= {key.value for key in keyword.value.keys if isinstance(key, ast.Constant)}
                whole = all(keyword.arg for keyword in node.keywords)
                yield code.value, facts if whole else set(), f"{path.relative_to(SOURCE)}:{node.lineno}"


def test_every_code_has_a_sentence() -> None:
    assert not [(code, where) for code, _, where in _coded() if code not in wording.SENTENCES]


def test_every_sentence_has_a_code() -> None:
    assert not set(wording.SENTENCES) - {code for code, _, _ in _coded()}


def test_a_sentence_names_only_facts_that_come_with_its_code() -> None:
    lacking = []
    for code, facts, where in _coded():
        text = str(wording.SENTENCES.get(code, ""))
        named = {part.split(")")[0] for part in text.split("%(")[1:]}
        if facts and named - facts - PLACES:
            lacking.append((code, named - facts - PLACES, where))
    assert not lacking, lacking


def test_every_rule_that_lights_a_light_has_a_name() -> None:
    assert {rule.name for rule in RULES} == set(wording.RULES)


def test_codes_are_words_joined_by_hyphens() -> None:
    allowed = set(string.ascii_lowercase + "-")
    assert not [code for code, _, _ in _coded() if set(code) - allowed]
