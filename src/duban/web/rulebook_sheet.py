"""The editor of a rulebook: every key as a field beside the text, either of which may be edited."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from duban.core import rulefile, ruletext
from duban.core.refusals import Finding
from duban.core.rulebook import PRESETS, STAGES
from duban.core.rulefile import Said
from duban.registry import rulebooks
from duban.registry.models import RulebookVersion, Undertaking
from duban.web import display
from duban.web.rulebook_words import KEYS, SECTIONS, Words, value_words
from duban.web.rulebook_words import PRESETS as NAMES

FIELD: Final = "set"
LABEL: Final = "label"
LABELS_MORE: Final = 1
"""So many empty rows wait for another label."""


def place_words(place: Any) -> str:
    """Where an inherited value comes from."""
    if place is None:
        return _("duban's own default")
    if isinstance(place, RulebookVersion):
        return _("%(name)s, %(since)s") % {"name": display.told(place.of), "since": display.since(place.since)}
    return _("preset %(name)s") % {"name": NAMES[place].name}


def _raw(text: str) -> dict[tuple[str, str], Any]:
    """What a text says under each key, right or wrong; nothing where it is no TOML."""
    try:
        found = tomllib.loads(text)
    except (ValueError, RecursionError):
        return {}
    said: dict[tuple[str, str], Any] = {}
    for section, values in found.items():
        if isinstance(values, dict):
            said |= {(section, key): value for key, value in values.items()}
        else:
            said["", section] = values
    return said


def _field(value: Any) -> str:
    """A value as a field sends it; empty where it is inherited."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True, slots=True)
class Row:
    """One key: its words, what it takes, what the text says, and what it would inherit."""

    section: str
    key: str
    words: Words
    takes: str
    said: str
    inherited: Said
    faults: list[Finding]

    @property
    def name(self) -> str:
        return f"{FIELD}.{self.section}.{self.key}"

    @property
    def mark(self) -> str:
        """The end of the ids of its elements."""
        return f"{self.section}-{self.key}"

    @property
    def number(self) -> tuple[str, str] | None:
        """The least and the most that it may be; None for what is chosen."""
        least, dots, most = self.takes.partition(" … ")
        return (least, most) if dots else None

    @property
    def options(self) -> list[tuple[str, str]]:
        """What may be chosen, with its words. What the text says and nobody may choose stands last, so that it is seen."""
        values = [] if self.number else self.takes.split(" | ")
        return [(value, value_words(value)) for value in values + ([self.said] if self.said and self.said not in values else [])]

    @property
    def inherits(self) -> str:
        """What it would inherit, in words."""
        return value_words(self.inherited.value)

    @property
    def place(self) -> str:
        return place_words(self.inherited.place)


@dataclass(frozen=True, slots=True)
class Label:
    """A district's own word and the stages that it stands for."""

    place: int
    name: str
    stages: list[tuple[str, str, bool]]
    inherited: str = ""
    faults: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Part:
    """One section with its rows; open where it says something or something in it is wrong."""

    section: str
    words: Words
    rows: list[Row]

    @property
    def said(self) -> int:
        """How many of its keys the text sets."""
        return sum(bool(row.said) for row in self.rows)

    @property
    def wrong(self) -> bool:
        return any(row.faults for row in self.rows)


@dataclass(frozen=True)
class Sheet:
    """A text laid over the versions above it. `shown` is the text that the fields show: the last one that could be read."""

    above: Sequence[RulebookVersion]
    text: str
    shown: str

    @cached_property
    def _reading(self) -> rulefile.Reading:
        return rulefile.read(self.text)

    @cached_property
    def findings(self) -> list[Finding]:
        """What is wrong in the text by itself."""
        return list(self._reading.findings)

    @cached_property
    def contradictions(self) -> list[Finding]:
        """What is wrong in the rulebook that it makes together with those above it."""
        return list(rulefile.ordered(self._book, self.text))

    @cached_property
    def _book(self) -> Any:
        return rulefile.resolved([*(rulebooks.read(one.text) for one in self.above), self._reading])

    @cached_property
    def effective(self) -> str:
        """The rulebook in full, as it would be in force."""
        return rulefile.written(self._book)

    @cached_property
    def _inherited(self) -> dict[tuple[str, str], Said]:
        own = rulefile.Reading({}, rulefile.read(self.shown).inherits, ())
        return rulefile.traced([*((one, rulebooks.read(one.text)) for one in self.above), (None, own)])

    @cached_property
    def _faults(self) -> dict[str, list[Finding]]:
        faults: dict[str, list[Finding]] = {}
        for one in [*self.findings, *self.contradictions]:
            faults.setdefault(one.facts.get("key", ""), []).append(one)
        return faults

    @property
    def inherits(self) -> str:
        """The preset that the text names; empty where it inherits from above."""
        return _field(_raw(self.shown).get(ruletext.INHERITS))

    @property
    def inherits_faults(self) -> list[Finding]:
        return self._faults.get("inherits", [])

    @property
    def presets(self) -> list[tuple[str, Words]]:
        return [(name, NAMES[name]) for name in PRESETS]

    @property
    def above_words(self) -> str:
        """What stands above, the nearest first."""
        names = [place_words(one) for one in reversed(self.above)]
        return (", " if display.english() else "、").join([*names, place_words(None)])

    @cached_property
    def parts(self) -> list[Part]:
        """The sections in their order, without the labels."""
        said = _raw(self.shown)
        rows: dict[str, list[Row]] = {}
        for (section, key), words in KEYS.items():
            row = Row(
                section=section,
                key=key,
                words=words,
                takes=rulefile.wanted(section, key) or "",
                said=_field(said.get((section, key))),
                inherited=self._inherited[section, key],
                faults=self._faults.get(f"{section}.{key}", []),
            )
            rows.setdefault(section, []).append(row)
        return [Part(section, words, rows[section]) for section, words in SECTIONS.items() if section in rows]

    @property
    def labels_words(self) -> Words:
        return SECTIONS["labels"]

    @cached_property
    def labels(self) -> list[Label]:
        """The text's own labels, and an empty row for another."""
        own = _labels(self.shown)
        rows = [*own.items(), *[("", [])] * LABELS_MORE]
        return [_label(place, name, stages, self._faults.get(f"labels.{name}", [])) for place, (name, stages) in enumerate(rows)]

    @property
    def labels_above(self) -> list[tuple[str, str]]:
        """Labels that are inherited, with their stages in words."""
        own = _labels(self.shown)
        found = [(key, said.value) for (section, key), said in self._inherited.items() if section == "labels" and key not in own]
        return [(name, " · ".join(str(Undertaking.Stage(stage).label) for stage in stages)) for name, stages in found]

    @property
    def elsewhere(self) -> list[Finding]:
        """What is wrong and has no field to be told beside."""
        known = {f"{section}.{key}" for section, key in KEYS} | {f"labels.{name}" for name in _labels(self.shown)} | {"inherits"}
        return [one for one in [*self.findings, *self.contradictions] if one.facts.get("key", "") not in known]


def _labels(text: str) -> dict[str, list[str]]:
    """A text's labels; stages that are none of a list's words are left to the text."""
    found = {key: value for (section, key), value in _raw(text).items() if section == "labels"}
    return {name: [str(stage) for stage in value] if isinstance(value, list) else [] for name, value in found.items()}


def _label(place: int, name: str, stages: Sequence[str], faults: list[Finding]) -> Label:
    return Label(place, name, [(stage, str(Undertaking.Stage(stage).label), stage in stages) for stage in STAGES], faults=faults)


# What was sent


def merged(given: QueryDict) -> str:
    """The text as it was edited, by itself or through the fields: what a field says otherwise than `base` did goes into it.

    `base` is the text that the fields were shown for. A text that is no TOML stays as it was typed.
    """
    base, text = given.get("base", ""), given.get("text", "")
    before = _raw(base)
    try:
        for section, key, value in _edits(given, before):
            text = ruletext.changed(text, section, key, value)
        for name, stages in _labels_edited(given, _labels(base)).items():
            text = ruletext.changed(text, "labels", name, stages)
    except (ValueError, RecursionError):
        return text
    return text


def _edits(given: Mapping[str, str], before: Mapping[tuple[str, str], Any]) -> Iterator[tuple[str, str, Any]]:
    for name, value in given.items():
        first, _dot, place = name.partition(".")
        if first != FIELD:
            continue
        section, _dot, key = place.partition(".")
        if value.strip() != _field(before.get((section, key))):
            yield section, key, _meant(section, key, value.strip())


def _meant(section: str, key: str, value: str) -> Any:
    """What a field's words mean; words that mean nothing stay words, and are found to be wrong in the text."""
    if not value:
        return None
    takes = rulefile.wanted(section, key) or ""
    if takes == "true | false" and value in ("true", "false"):
        return value == "true"
    return int(value) if " … " in takes and re.fullmatch(r"-?[0-9]{1,12}", value) else value


def _labels_edited(given: QueryDict, before: Mapping[str, list[str]]) -> dict[str, list[str] | None]:
    """The labels that are said otherwise than before; None for one that is gone."""
    places = sorted({int(name.split(".")[1]) for name in given if re.fullmatch(rf"{LABEL}\.[0-9]{{1,3}}\.name", name)})
    if not places:
        return {}
    now = {given[f"{LABEL}.{at}.name"].strip(): given.getlist(f"{LABEL}.{at}.stage") for at in places}
    now.pop("", None)
    changed: dict[str, list[str] | None] = {name: stages for name, stages in now.items() if before.get(name) != stages}
    return changed | {name: None for name in before if name not in now}


def sheet(above: Sequence[RulebookVersion], text: str, base: str = "") -> Sheet:
    """The editor for a text; `base` is what its fields showed last, for a text that cannot be read."""
    readable = not any(one.code == "rulebook-unreadable" for one in rulefile.read(text).findings)
    return Sheet(above, text, text if readable else base)
