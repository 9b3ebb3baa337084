"""The rows of `indicators.tallied` folded: one tally for a body, a programme, a stage or whatever else was asked, and trees of them.

Everything is kept raw, in whole numbers: counts, the two sides of each rate, amounts in ten-thousandths. A rate of nothing is
silence, never 0 and never 100 per cent.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, Final, TypeVar

from duban.core import halves
from duban.core.halves import Halves
from duban.core.indicators import RATES
from duban.core.rulebook import STAGES
from duban.core.rules import BY_NAME, LIGHTS

Key = TypeVar("Key", bound=Hashable)
NO_STAGE: Final = ""
"""What is in no stage: a petition, a service, a subsidy."""


@dataclass(slots=True)
class Rate:
    """How many have taken a step, of how many."""

    done: int = 0
    of: int = 0

    @property
    def open(self) -> int:
        return self.of - self.done

    @property
    def share(self) -> Fraction | None:
        """None where there is nothing to take it of."""
        return Fraction(self.done, self.of) if self.of else None

    @property
    def hundredths(self) -> int | None:
        """In hundredths of a per cent, half away from zero: 30 of 42 are 7143."""
        return None if self.share is None else halves.hundredths(self.share)


@dataclass(slots=True)
class Amounts:
    """Sums of one measure over what has a plan; None is silence. `telling` have reported, `newer` of them something of this month."""

    done: int | None = None
    planned: int | None = None
    target: int | None = None
    telling: int = 0
    newer: int = 0

    def add(self, other: Mapping[str, Any]) -> None:
        """Take a row's sums in; silence adds nothing."""
        for name in ("done", "planned", "target"):
            if other[name] is not None:
                setattr(self, name, (getattr(self, name) or 0) + int(other[name]))
        self.telling += int(other["telling"])
        self.newer += int(other["newer"])

    def halves(self, as_of: date) -> Halves | None:
        """Time against task; on the day itself only where all that report have reported something newer than the last month's end."""
        day = halves.compared(as_of, newer=0 < self.newer == self.telling)
        return halves.against(on=day, done=self.done, target=self.target)


@dataclass(slots=True)
class Lit:
    """How many a rule has lit, and for how many months the longest lies back."""

    count: int = 0
    months: int | None = None


@dataclass(slots=True)
class Tally:
    """Undertakings counted together, each once."""

    lit: dict[tuple[str, str], Lit] = field(default_factory=dict)
    """By stage and rule."""
    rates: dict[str, Rate] = field(default_factory=lambda: {name: Rate() for name in RATES})
    amounts: dict[tuple[str, int], Amounts] = field(default_factory=dict)
    """By stage and lead measure, only of measures whose amounts may be added."""
    task: int = 0
    past_half: int = 0
    at_capacity: int = 0

    def add(self, row: Mapping[str, Any]) -> None:
        """Take in a row of `indicators.tallied`."""
        lit = self.lit.setdefault((row["at"], row["lit"]), Lit())
        lit.count += row["undertakings"]
        if row["months"] is not None:
            lit.months = max(lit.months or row["months"], row["months"])
        for name, rate in self.rates.items():
            rate.of += row[f"{name}_of"]
            rate.done += row[f"{name}_done"]
        if row["target"] is not None:
            self.amounts.setdefault((row["at"], row["measure"]), Amounts()).add(row)
        self.task += row["task"]
        self.past_half += row["past_half"]
        self.at_capacity += row["at_capacity"]

    @property
    def count(self) -> int:
        """All of them, in a stage or in none."""
        return sum(lit.count for lit in self.lit.values())

    @property
    def staged(self) -> int:
        """Those in a stage."""
        return sum(self.stages.values())

    @property
    def stages(self) -> dict[str, int]:
        """How many are in each stage, from reserve to production."""
        return {stage: self.in_stage(stage) for stage in STAGES}

    def in_stage(self, stage: str) -> int:
        return sum(lit.count for (at, _), lit in self.lit.items() if at == stage)

    def lights(self, *stages: str) -> dict[str, int]:
        """How many have each light, worst first; within some stages, or in all and in none."""
        found = dict.fromkeys(LIGHTS, 0)
        for (at, rule), lit in self.lit.items():
            if not stages or at in stages:
                found[BY_NAME[rule].light] += lit.count
        return found

    def rules(self, *stages: str) -> dict[str, Lit]:
        """What the rules say within some stages, worst first."""
        found: dict[str, Lit] = {}
        for (at, rule), lit in self.lit.items():
            if at in stages:
                here = found.setdefault(rule, Lit())
                here.count += lit.count
                here.months = lit.months if here.months is None else max(here.months, lit.months or 0)
        return dict(sorted(found.items(), key=lambda pair: (BY_NAME[pair[0]].severity, -pair[1].count, pair[0])))

    def summed(self, *stages: str) -> dict[int, Amounts]:
        """The amounts by measure, of some stages, or of all and of none."""
        found: dict[int, Amounts] = {}
        for (at, measure), amounts in self.amounts.items():
            if not stages or at in stages:
                kept = found.setdefault(measure, Amounts())
                kept.add({name: getattr(amounts, name) for name in ("done", "planned", "target", "telling", "newer")})
        return found


def together(rows: Iterable[Mapping[str, Any]]) -> Tally:
    """One tally for all of the rows."""
    whole = Tally()
    for row in rows:
        whole.add(row)
    return whole


def folded(rows: Iterable[Mapping[str, Any]], by: str = "key") -> dict[Any, Tally]:
    """One tally for each `key` of the rows, or for each programme (`by` "group")."""
    found: dict[Any, Tally] = {}
    for row in rows:
        found.setdefault(row[by], Tally()).add(row)
    return found


def rolled(rows: Iterable[Mapping[str, Any]], above: Mapping[Key, Sequence[Key]]) -> dict[Key, Tally]:
    """One tally for each body: its own undertakings and everything below, each once.

    `above` names, for every body, the bodies that it stands under, itself included; a key that it does not know stands for itself.
    """
    found: dict[Key, Tally] = {}
    for row in rows:
        for whose in above.get(row["key"], (row["key"],)):
            found.setdefault(whose, Tally()).add(row)
    return found
