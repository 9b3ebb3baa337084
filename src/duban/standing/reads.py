"""Questions to the lights that were computed."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from duban.people.models import Body
from duban.registry.models import Measure, Programme
from duban.standing.models import Snapshot, Standing
from duban.standing.models import of as of  # who filters standings asks here
from duban.standing.totals import AMOUNTS, Sums, totals

LIGHTS: Final = ("red", "amber", "grey", "green")
"""Worst first."""
SILENT: Final = ("long_silent", "silent")
DONE: Final = ("finished", "fulfilled")


def standings(snapshot: Snapshot, within: Q | None = None) -> QuerySet[Standing]:
    """The standings of a snapshot, worst first, of the undertakings that `within` (over undertakings) lets through."""
    return snapshot.standings.within(within).order_by("severity", "gap", "undertaking")


@dataclass(slots=True)
class Tally:
    """How the undertakings of one programme, or of one body, stand together. Headings are not counted.

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
    def of(cls, named: Programme | Body) -> Tally:
        return cls(code=named.code, name=named.name, name_en=named.name_en)

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
class Overview:
    """Counts by light, programme by programme in their order, and the bodies that owe a report, most first."""

    lights: dict[str, int]
    programmes: list[Tally]
    silent: list[Tally]

    @property
    def count(self) -> int:
        return sum(self.lights.values())


_MEASURE_FIELDS = ("code", "name", "name_en", "unit", "unit_en", "holds", "accumulates")


def overview(snapshot: Snapshot, within: Q | None = None) -> Overview:
    """The totals of a snapshot, folded by programme and by body."""
    counted = {group: told for group, told in totals(snapshot, within).groups.items() if not group[-1]}
    programmes, bodies, measures = (
        kind.objects.in_bulk({group[place] for group in counted}) for place, kind in enumerate((Programme, Body, Measure))
    )
    by_programme = {pk: Tally.of(programmes[pk]) for pk in sorted(programmes, key=lambda pk: (programmes[pk].order, programmes[pk].code))}
    by_body = {pk: Tally.of(body) for pk, body in bodies.items()}
    lights = dict.fromkeys(LIGHTS, 0)
    for (programme, body, measure, light, rule, _heading), told in counted.items():
        lights[light] += told[0]
        by_programme[programme].measure = {name: getattr(measures[measure], name) for name in _MEASURE_FIELDS}
        by_programme[programme].add(light, rule, told)
        by_body[body].add(light, rule, told)
    silent = sorted((body for body in by_body.values() if body.silent), key=lambda body: (-body.silent, body.code))
    return Overview(lights=lights, programmes=list(by_programme.values()), silent=silent)


def counts(snapshot: Snapshot, within: Q | None = None) -> dict[str, int]:
    """How many undertakings have each light, headings included: what a list under the same filter shows."""
    found = dict.fromkeys(LIGHTS, 0)
    for (*_who, light, _rule, _heading), (count, *_amounts) in totals(snapshot, within).groups.items():
        found[light] += count
    return found


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
