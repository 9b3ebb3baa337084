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
from duban.core.checks.thresholds import bounds
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

    Codes: "rulebook-unreadable" (not TOML), "rulebook-key-unknown", "rulebook-value-wrong" (with `wanted`).
    """
    try:
        found = tomllib.loads(text)
    except (ValueError, RecursionError) as wrong:  # also numbers of thousands of digits, and brackets without end
        where = re.search(r"line (\d+)", str(wrong))
        line = int(where[1]) if where else text.rstrip("\n").count("\n") + 1
        return Reading({}, None, (Finding("rulebook-unreadable", row=line),))
    lines = lines_of(text)
    findings: list[Finding] = []
    layer: dict[str, dict[str, Any]] = {}
    inherits = found.pop("inherits", None)
    if inherits is not None and (not isinstance(inherits, str) or inherits not in PRESETS):
        findings.append(_wrong("inherits", inherits, " | ".join(PRESETS), lines))
        inherits = None
    for section, values in found.items():
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
    return laid([layer for _, layer in _stacked([(None, reading) for reading in readings])])


@dataclass(frozen=True, slots=True)
class Said:
    """What a key says, and where: a preset by its name, a file as whoever asked names it, None for duban's own default."""

    value: Any
    place: Any


def traced(files: Sequence[tuple[Any, Reading]]) -> dict[tuple[str, str], Said]:
    """Of every key that can be set what is in force, and which of the files, from the top of the tree down, says so.

    Names that files make up (labels) are there when a file has them; checks and thresholds are all there.
    """
    book = Rulebook()
    said: dict[tuple[str, str], Said] = {}
    for section in SECTIONS:
        said |= {(section, key): Said(value, None) for key, value in asdict(getattr(book, section)).items()}
    said |= {("checks", code): Said(WEIGHTS[0], None) for code in CHECKS}
    said |= {("thresholds", part.name): Said(part.default, None) for part in fields(Thresholds)}
    for place, layer in _stacked(files):
        said |= {(section, key): Said(value, place) for section, values in layer.items() for key, value in values.items()}
    return said


def _stacked(files: Sequence[tuple[Any, Reading]]) -> list[tuple[Any, Mapping[str, Mapping[str, Any]]]]:
    """Layers from the bottom with where they come from; a file that names a preset has it in place of all that lies below."""
    layers: list[tuple[Any, Mapping[str, Mapping[str, Any]]]] = []
    for place, reading in files:
        if reading.inherits is not None:
            layers = [(reading.inherits, PRESETS[reading.inherits])]
        layers.append((place, reading.layer))
    return layers


def ordered(book: Rulebook, text: str = "") -> tuple[Finding, ...]:
    """What contradicts itself in a rulebook in force: a red that would come before its amber. The row is where `text` says either."""
    lines, s = lines_of(text), book.schedule
    contradictions = {
        ("schedule.far_behind", "schedule.behind"): s.far_behind < s.behind if s.compare == "points" else s.far_behind > s.behind,
        ("enrolment.red_months", "enrolment.amber_months"): book.enrolment.red_months < book.enrolment.amber_months,
        ("production.red_months", "production.amber_months"): book.production.red_months < book.production.amber_months,
    }
    return tuple(
        Finding("rulebook-order-wrong", row=lines.get(red) or lines.get(amber), facts={"key": red})
        for (red, amber), contradicts in contradictions.items()
        if contradicts
    )


def written(book: Rulebook) -> str:
    """The rulebook in full as a file that reads back to the same."""
    kept = {section: getattr(book, section) for section in (*SECTIONS, *MAPS)}
    return told({section: asdict(part) if is_dataclass(part) else part for section, part in kept.items()})  # type: ignore[arg-type]


def told(layer: Mapping[str, Mapping[str, Any]], inherits: str | None = None) -> str:
    """What a file sets, as a file."""
    parts = [] if inherits is None else [f"inherits = {value_as_written(inherits)}"]
    for section, values in layer.items():
        if values:
            parts.append(
                "\n".join(
                    [f"[{key_as_written(section)}]"]
                    + [f"{key_as_written(key)} = {value_as_written(value)}" for key, value in values.items()]
                )
            )
    return "\n\n".join(parts) + "\n" if parts else ""


def key_as_written(key: str) -> str:
    """A key as TOML writes it, in quotation marks where it needs them."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else value_as_written(key)


def value_as_written(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False, default=str).replace("\x7f", "\\u007f")


def declared(section: str) -> dict[str, Any]:
    """The fields of a section by name; empty for a section that holds names of the file's own."""
    kind = get_type_hints(Rulebook).get(section)
    return {part.name: part for part in fields(kind)} if section in SECTIONS and kind else {}


def wanted(section: str, key: str) -> str | None:
    """What a key takes, in signs that need no translation; None for a key that nobody knows."""
    if section == "labels":
        return " | ".join(STAGES) if key.strip() else None
    if section == "checks":
        return " | ".join(WEIGHTS) if key in CHECKS else None
    if section == "thresholds":
        return "{} … {}".format(*bounds(key)) if key in {part.name for part in fields(Thresholds)} else None
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
        least, most = bounds(key)
        return type(value) is int and least <= value <= most
    part = declared(section)[key]
    if "choices" in part.metadata:
        return value in part.metadata["choices"]
    if "least" in part.metadata:
        return type(value) is int and part.metadata["least"] <= value <= part.metadata["most"]
    return isinstance(value, bool)


def _unknown(key: str, lines: Mapping[str, int]) -> Finding:
    return Finding("rulebook-key-unknown", row=_row(key, lines), facts={"key": key})


def _wrong(key: str, value: Any, wanted: str, lines: Mapping[str, int]) -> Finding:
    return Finding("rulebook-value-wrong", row=_row(key, lines), facts={"key": key, "value": str(value), "wanted": wanted})


def _row(key: str, lines: Mapping[str, int]) -> int:
    """The line of a key; of a table that is written within one line, that line."""
    return lines.get(key) or lines.get(key.partition(".")[0], 1)


_PART = r"""(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)"""
_NAME = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_SECTION = re.compile(rf"[ \t]*\[\[?[ \t]*({_NAME})[ \t]*\]")
_KEY = re.compile(rf"[ \t]*({_NAME})[ \t]*=")


def _plain(name: str) -> str:
    """A name without the quotation marks and spaces of its parts."""
    return ".".join(part.strip("\"'") for part in re.findall(_PART, name))


def lines_of(text: str) -> dict[str, int]:
    """The line of every section and of every `section.key`."""
    found: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.split("\n"), 1):
        if match := _SECTION.match(line):
            section = _plain(match[1])
            found.setdefault(section, number)
        elif match := _KEY.match(line):
            name = _plain(match[1])
            full = f"{section}.{name}" if section else name
            found.setdefault(full, number)
            found.setdefault(full.partition(".")[0], number)
    return found
