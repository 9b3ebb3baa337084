"""Rulebooks as TOML files: read and checked with the key and line of whatever is wrong, laid over each other, written in full.

What a file leaves out is inherited: from the preset that it names, else from the body above, and at the top from
`Rulebook()` itself.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from typing import Any, Final, get_type_hints

from duban.core.checks import CHECKS, Thresholds
from duban.core.refusals import Finding
from duban.core.rulebook import PRESETS, STAGES, Rulebook

WEIGHTS: Final = ("note", "explain", "block")
MAPS: Final = ("labels", "checks", "thresholds")
SECTIONS: Final = tuple(part.name for part in fields(Rulebook) if part.name not in MAPS)


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as it was read: what it sets, in layers still to be laid over others, and what is wrong with it.

    `inherits` names a preset that is laid under it in place of the body above; None inherits from above.
    """

    layer: dict[str, dict[str, Any]]
    inherits: str | None
    findings: tuple[Finding, ...]


def read(text: str) -> Reading:
    """Read a rulebook file. Wrong keys and values are findings that name `key`, have the line as their row, and set nothing.

    Codes: "rulebook-unreadable" (not TOML), "rulebook-key-unknown", "rulebook-value-wrong" (with `wanted`),
    "rulebook-order-wrong" (amber after red).
    """
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        where = re.search(r"line (\d+)", str(wrong))
        line = int(where[1]) if where else text.count("\n") + 1
        return Reading({}, None, (Finding("rulebook-unreadable", row=line),))
    lines = _lines(text)
    findings: list[Finding] = []
    layer: dict[str, dict[str, Any]] = {}
    inherits = told.pop("inherits", None)
    if inherits is not None and inherits not in PRESETS:
        findings.append(_wrong("inherits", inherits, " | ".join(PRESETS), lines))
        inherits = None
    for section, values in told.items():
        if section not in (*SECTIONS, *MAPS) or not isinstance(values, dict):
            findings.append(_unknown(section, lines))
            continue
        for key, value in values.items():
            name = f"{section}.{key}"
            takes = wanted(section, key)
            if takes is None:
                findings.append(_unknown(name, lines))
            elif not _fits(section, key, value):
                findings.append(_wrong(name, value, takes, lines))
            else:
                layer.setdefault(section, {})[key] = value
    return Reading(layer, inherits, tuple(findings))


def laid(layers: Sequence[Mapping[str, Mapping[str, Any]]]) -> Rulebook:
    """Layers laid over each other, the last on top."""
    book = Rulebook()
    for layer in layers:
        changed: dict[str, Any] = {}
        for section, values in layer.items():
            kept: Any = getattr(book, section)
            changed[section] = {**kept, **values} if section in MAPS else replace(kept, **values)
        book = replace(book, **changed)
    return book


def resolved(readings: Sequence[Reading]) -> Rulebook:
    """The rulebook in force where files were found from the top of the tree down to the programme."""
    layers: list[Mapping[str, Mapping[str, Any]]] = []
    for reading in readings:
        if reading.inherits is not None:
            layers = [PRESETS[reading.inherits]]
        layers.append(reading.layer)
    return laid(layers)


def ordered(book: Rulebook, text: str = "") -> tuple[Finding, ...]:
    """What contradicts itself in a rulebook in force: a red that would come before its amber, a verdict that cannot be."""
    lines, s = _lines(text), book.schedule
    contradictions = {
        "schedule.far_behind": s.far_behind < s.behind if s.compare == "points" else s.far_behind > s.behind,
        "enrolment.red_months": book.enrolment.red_months < book.enrolment.amber_months,
        "production.red_months": book.production.red_months < book.production.amber_months,
    }
    return tuple(
        Finding("rulebook-order-wrong", row=lines.get(key), facts={"key": key})
        for key, contradicts in contradictions.items()
        if contradicts
    )


def written(book: Rulebook) -> str:
    """The rulebook in full as a file that reads back to the same."""
    parts = []
    for section in (*SECTIONS, *MAPS):
        kept = getattr(book, section)
        values = asdict(kept) if is_dataclass(kept) else kept  # type: ignore[arg-type]
        if values:
            parts.append("\n".join([f"[{section}]", *(f"{_key(key)} = {_toml(value)}" for key, value in values.items())]))
    return "\n\n".join(parts) + "\n"


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key, ensure_ascii=False)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def declared(section: str) -> dict[str, Any]:
    """The fields of a section by name; empty for a section that holds names of the file's own."""
    kind = get_type_hints(Rulebook).get(section)
    return {part.name: part for part in fields(kind)} if section in SECTIONS and kind else {}


def wanted(section: str, key: str) -> str | None:
    """What a key takes, in signs that need no translation; None for a key that nobody knows."""
    if section == "labels":
        return " | ".join(STAGES)
    if section == "checks":
        return " | ".join(WEIGHTS) if key in CHECKS else None
    if section == "thresholds":
        return "0 … 1000000000" if key in {part.name for part in fields(Thresholds)} else None
    part = declared(section).get(key)
    if part is None:
        return None
    if "choices" in part.metadata:
        return " | ".join(part.metadata["choices"])
    return f"{part.metadata['least']} … {part.metadata['most']}" if "least" in part.metadata else "true | false"


def _fits(section: str, key: str, value: Any) -> bool:
    if section == "labels":
        return isinstance(value, list) and all(stage in STAGES for stage in value)
    if section == "checks":
        return value in WEIGHTS
    if section == "thresholds":
        return type(value) is int and 0 <= value <= 10**9
    part = declared(section)[key]
    if "choices" in part.metadata:
        return value in part.metadata["choices"]
    if "least" in part.metadata:
        return type(value) is int and part.metadata["least"] <= value <= part.metadata["most"]
    return isinstance(value, bool)


def _unknown(key: str, lines: Mapping[str, int]) -> Finding:
    return Finding("rulebook-key-unknown", row=lines.get(key), facts={"key": key})


def _wrong(key: str, value: Any, wanted: str, lines: Mapping[str, int]) -> Finding:
    return Finding("rulebook-value-wrong", row=lines.get(key), facts={"key": key, "value": str(value), "wanted": wanted})


_SECTION = re.compile(r"\s*\[\s*([^\]]+?)\s*\]")
_KEY = re.compile(r"""\s*("[^"]*"|'[^']*'|[^\s=#\["']+)\s*=""")


def _lines(text: str) -> dict[str, int]:
    """The line of every section and of every `section.key`."""
    found: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        if match := _SECTION.match(line):
            section = match[1].strip("\"'")
            found.setdefault(section, number)
        elif match := _KEY.match(line):
            key = match[1].strip("\"'")
            found.setdefault(f"{section}.{key}" if section else key, number)
    return found
