"""Questions to the lights that were computed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from duban.people.models import Body
from duban.registry.models import Programme
from duban.standing.models import Snapshot, Standing
from duban.standing.models import of as of  # who filters standings asks here
from duban.standing.totals import AMOUNTS, Sums, Totals, totals

LIGHTS: Final = ("red", "amber", "grey", "green")
"""Worst first."""
SILENT: Final = ("long_silent", "silent")
DONE: Final = ("finished", "fulfilled")
_MEASURE_FIELDS: Final = ("code", "name", "name_en", "unit", "unit_en", "holds", "accumulates")


def standings(snapshot: Snapshot, within: Q | None = None) -> QuerySet[Standing]:
    """The standings of a snapshot, worst first, of the undertakings that `within` (over undertakings) lets through."""
    return snapshot.standings.within(within).order_by("severity", "gap", "undertaking")


@dataclass(slots=True)
class Tally:
    """How the undertakings of one programme stand together. Headings are not counted.

    Amounts are sums of the lead measure: `done` so far, `planned` by now, `target` of the year; None is silence.
    """

    code: str
    name: str
    name_en: str
    lights: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LIGHTS, 0))
    silent: int = 0
    finished: int = 0
    done: Decimal | None = None
    planned: Decimal | None = None
    target: Decimal | None = None
    measure: dict[str, Any] | None = None

    @classmethod
    def of(cls, programme: Programme) -> Tally:
        lead = programme.lead_measure
        measure = {name: getattr(lead, name) for name in _MEASURE_FIELDS} if lead else None
        return cls(code=programme.code, name=programme.name, name_en=programme.name_en, measure=measure)

    @property
    def count(self) -> int:
        return sum(self.lights.values())

    @property
    def worst(self) -> str:
        """The worst light among them."""
        return next((light for light in LIGHTS if self.lights[light]), "grey")

    @property
    def amounts(self) -> bool:
        """Whether its amounts may be added up; levels (a percentage, a stock) and days may not."""
        return bool(self.measure and self.measure["holds"] == "amount" and self.measure["accumulates"] != "level")

    def add(self, light: str, rule: str, told: Sums) -> None:
        """So many standings more of one light and rule, with their amounts."""
        count, having, sums = told
        self.lights[light] += count
        self.silent += count if rule in SILENT else 0
        self.finished += count if rule in DONE else 0
        for name, speaking, amount in zip(AMOUNTS, having, sums, strict=True):
            if speaking:
                setattr(self, name, (getattr(self, name) or Decimal(0)) + amount)


@dataclass(frozen=True, slots=True)
class Owing:
    """A body, and how many of the undertakings that it leads owe a report."""

    body: Body
    silent: int

    @property
    def code(self) -> str:
        code: str = self.body.code
        return code

    @property
    def name(self) -> str:
        name: str = self.body.name
        return name

    @property
    def name_en(self) -> str:
        name: str = self.body.name_en
        return name


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts by light, programme by programme in their order, and the bodies that owe a report, most first."""

    lights: dict[str, int]
    programmes: list[Tally]
    silent: list[Owing]

    @property
    def count(self) -> int:
        return sum(self.lights.values())


def overview(snapshot: Snapshot, within: Q | None = None) -> Overview:
    """The totals of a snapshot, by programme; and the bodies that owe a report."""
    told = totals(snapshot, within)
    counted = {group: sums for group, sums in told.programmes.items() if not group[-1]}
    programmes = Programme.objects.select_related("lead_measure").in_bulk({programme for programme, *_rest in counted})
    tallies = {pk: Tally.of(programmes[pk]) for pk in sorted(programmes, key=lambda pk: (programmes[pk].order, programmes[pk].code))}
    lights = dict.fromkeys(LIGHTS, 0)
    for (programme, _measure, light, rule, _heading), sums in counted.items():
        lights[light] += sums[0]
        tallies[programme].add(light, rule, sums)
    return Overview(lights=lights, programmes=list(tallies.values()), silent=_owing(told))


def _owing(told: Totals) -> list[Owing]:
    """The bodies that owe a report, most first."""
    owed: Counter[int] = Counter()
    for (body, _light, rule, heading), count in told.bodies.items():
        if rule in SILENT and not heading:
            owed[body] += count
    bodies = Body.objects.in_bulk(list(owed))
    return [Owing(bodies[pk], owed[pk]) for pk in sorted(owed, key=lambda pk: (-owed[pk], bodies[pk].code))]


def counts(snapshot: Snapshot, within: Q | None = None) -> dict[str, int]:
    """How many undertakings have each light, headings included: what a list under the same filter shows."""
    found = dict.fromkeys(LIGHTS, 0)
    for (*_who, light, _rule, _heading), count in totals(snapshot, within).bodies.items():
        found[light] += count
    return found


def by_light(rows: QuerySet[Standing]) -> dict[str, int]:
    """How many of these have each light, counted as they come: where no totals are kept of them."""
    found = dict(rows.order_by().values_list("light").annotate(Count("pk")))
    return {light: found.get(light, 0) for light in LIGHTS}


def changed(before: Snapshot, after: Snapshot, within: Q | None = None) -> QuerySet[Standing]:
    """The standings of `after` whose light or finish differs from `before`, the worst first; `was` is the old light."""
    if before.pk == after.pk:
        return Standing.objects.none()
    earlier = Standing.objects.at(before).filter(undertaking=OuterRef("undertaking"))
    return (
        standings(after, within)
        .filter(heading=False)
        .annotate(was=Subquery(earlier.values("light")[:1]), was_rule=Subquery(earlier.values("rule")[:1]))
        .exclude(was=F("light"))
        .select_related("undertaking__programme", "undertaking__lead_body", "measure")
    )
