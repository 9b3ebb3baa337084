"""What the board of stages shows: a stage's card, a rate, a line of the table, time against task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from duban.core import tallies
from duban.core.halves import Halves
from duban.core.rulebook import STAGES
from duban.core.rules import AFTER_ENROLMENT, AFTER_FINISH, AFTER_START, BY_NAME, IN_RESERVE
from duban.core.tallies import Amounts, Lit, Tally
from duban.registry.models import Measure, Programme
from duban.web import display, stage_words, wording

DATED: Final = (*AFTER_START, *AFTER_ENROLMENT, *AFTER_FINISH, *IN_RESERVE, "finish_overdue")
"""The rules that are about a day, of which it is worth telling how many months it lies back."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What one rule says within a stage."""

    code: str
    lit: Lit

    @property
    def light(self) -> str:
        return BY_NAME[self.code].light

    @property
    def name(self) -> str:
        return wording.rule(self.code)

    @property
    def months(self) -> int | None:
        """For how many months the longest lies back, of rules about a day."""
        return self.lit.months if self.code in DATED else None


@dataclass(frozen=True, slots=True)
class Card:
    """One stage: how many, how they are lit, why, and their amounts by measure."""

    stage: str
    tally: Tally
    measures: Mapping[int, Measure]
    beside: Card | None = None
    """The same stage at the other one of then and since, where it tells something else."""

    @property
    def told(self) -> tuple[Any, ...]:
        """What makes a stage another one when it changes."""
        return (self.count, self.lights, self.amounts, self.at_capacity)

    @property
    def name(self) -> str:
        return stage_words.stage(self.stage)

    @property
    def aim(self) -> str:
        return str(stage_words.AIMS[self.stage])

    @property
    def count(self) -> int:
        return self.tally.in_stage(self.stage)

    @property
    def lights(self) -> dict[str, int]:
        return self.tally.lights(self.stage)

    @property
    def rules(self) -> list[Rule]:
        """Everything that is not green, worst first."""
        return [Rule(code, lit) for code, lit in self.tally.rules(self.stage).items() if BY_NAME[code].light != "green"]

    @property
    def amounts(self) -> list[tuple[Measure, Amounts]]:
        return [(self.measures[pk], amounts) for pk, amounts in self.tally.summed(self.stage).items() if amounts.target]

    @property
    def at_capacity(self) -> int:
        return self.tally.at_capacity if self.stage == "producing" else 0


@dataclass(frozen=True, slots=True)
class ShownRate:
    """One rate with what it is called and what it is taken of."""

    code: str
    rate: tallies.Rate
    terms: frozenset[int] = frozenset()
    beside: tallies.Rate | None = None
    """The same rate at the other one of then and since, where it is another."""

    @property
    def name(self) -> str:
        return stage_words.rate(self.code)

    @property
    def done(self) -> str:
        return str(stage_words.DONE[self.code])

    @property
    def open(self) -> str:
        return str(stage_words.OPEN[self.code])

    @property
    def of(self) -> str:
        return stage_words.taken_of(self.code, set(self.terms))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `asked` finds its undertakings in the list, `opens` turns the board to it.

    `own` is a body without what lies below it. `paces` are its amounts' time against task, by measure.
    """

    name: str
    tally: Tally
    asked: Mapping[str, str] = field(default_factory=dict)
    opens: Mapping[str, str] = field(default_factory=dict)
    code: str = ""
    own: bool = False
    paces: Sequence[tuple[Measure, Halves]] = ()
    differs: bool = False
    beside: Row | None = None
    """The same line at the other one of then and since where it `differs`; None where nothing is counted there."""

    @property
    def key(self) -> tuple[str, bool]:
        """Names the line within its table: by code, or by name where it has none."""
        return (self.code or self.name, self.own)

    @property
    def told(self) -> tuple[Any, ...]:
        """What makes a line another one when it changes."""
        rates = [(rate.done, rate.of) for rate in self.tally.rates.values()]
        return (self.tally.count, self.tally.stages, self.lights, rates, [halves for _measure, halves in self.paces])

    @property
    def stages(self) -> list[tuple[str, str, int]]:
        return [(stage, stage_words.stage(stage), count) for stage, count in self.tally.stages.items()]

    @property
    def rates(self) -> list[ShownRate]:
        return [ShownRate(code, rate) for code, rate in self.tally.rates.items()]

    @property
    def lights(self) -> dict[str, int]:
        return self.tally.lights(*STAGES)


@dataclass(frozen=True, slots=True)
class Race:
    """Time against task of a programme, and how many of its undertakings have done half of their year."""

    programme: Programme
    measure: Measure
    halves: Halves
    past_half: int
    task: int
    beside: Halves | None = None
    """The same at the other one of then and since, where it is otherwise."""


@dataclass(frozen=True, slots=True)
class Label:
    """A district's own word for some stages, and how many are in them."""

    name: str
    count: int
    asked: Mapping[str, str]


def paired(rows: Sequence[Row], others: Sequence[Row]) -> list[Row]:
    """The same lines, each with its fellow among those of the other moment where that tells something else."""
    there = {row.key: row for row in others}
    pairs = [(row, there.get(row.key)) for row in rows]
    return [row if other and other.told == row.told else replace(row, differs=True, beside=other) for row, other in pairs]


def paces(tally: Tally, measures: Mapping[int, Measure], as_of: date) -> list[tuple[Measure, Halves]]:
    """Time against task of every measure whose amounts may be added and of which more is better."""
    rising = ((measures[pk], amounts) for pk, amounts in tally.summed().items() if measures[pk].direction > 0)
    told = ((measure, amounts.halves(as_of)) for measure, amounts in rising)
    return [(measure, halves) for measure, halves in told if halves is not None]


def races(told: Mapping[int, Tally], programmes: Mapping[int, Programme], measures: Mapping[int, Measure], as_of: date) -> list[Race]:
    """Time against task of every programme, the furthest behind first."""
    found = [
        Race(programmes[pk], measure, halves, tally.past_half, tally.task)
        for pk, tally in told.items()
        for measure, halves in paces(tally, measures, as_of)
    ]
    return sorted(found, key=lambda race: (race.halves.gap, race.programme.order))


def saying(attribute: Mapping[str, Any], said: str | None) -> str:
    """What an undertaking says under an attribute, as people read it."""
    if said is None:
        return stage_words.rest("")
    kind = attribute["type"]
    if kind == "choice":
        chosen = next((one for one in attribute.get("choices", ()) if one["code"] == said), None)
        return display.told(chosen) if chosen else said
    if kind == "flag":
        return str(stage_words.yes_or_no(said == "true"))
    if kind == "number":
        return display.with_unit(display.number(said), display.script(attribute.get("unit", "")))
    return display.script(said)
