"""Questions to the lights that were computed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum

from duban.standing.models import Snapshot, Standing

LIGHTS: Final = ("red", "amber", "grey", "green")
"""Worst first."""
SILENT: Final = ("long_silent", "silent")
DONE: Final = ("finished", "fulfilled")


def standings(snapshot: Snapshot, within: Q | None = None) -> QuerySet[Standing]:
    """The standings of a snapshot, worst first, of the undertakings that `within` (over undertakings) lets through."""
    chosen = Standing.objects.at(snapshot).order_by("severity", "gap", "undertaking")
    return chosen if within is None else chosen.filter(of(within))


def of(within: Q) -> Q:
    """A filter over undertakings turned into one over standings."""
    turned = Q(_connector=within.connector, _negated=within.negated)
    for child in within.children:
        turned.children.append(of(child) if isinstance(child, Q) else (f"undertaking__{child[0]}", child[1]))
    return turned


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

    def add(self, row: dict[str, Any]) -> None:
        self.lights[row["light"]] += row["undertakings"]
        self.silent += row["undertakings"] if row["rule"] in SILENT else 0
        self.finished += row["undertakings"] if row["rule"] in DONE else 0
        for name in ("done", "planned", "target"):
            if row[f"all_{name}"] is not None:
                setattr(self, name, (getattr(self, name) or Decimal(0)) + row[f"all_{name}"])


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts by light, programme by programme in their order, and the bodies that owe a report, most first."""

    lights: dict[str, int]
    programmes: list[Tally]
    silent: list[Tally]

    @property
    def count(self) -> int:
        return sum(self.lights.values())


_BODY = "undertaking__lead_body__"
_PROGRAMME = "undertaking__programme__"
_MEASURE = "measure__"
_MEASURE_FIELDS = ("code", "name", "name_en", "unit", "unit_en", "holds", "accumulates")


def overview(snapshot: Snapshot, within: Q | None = None) -> Overview:
    """One reading of a snapshot, folded by programme and by body."""
    rows = (
        standings(snapshot, within)
        .filter(heading=False)
        .order_by(f"{_PROGRAMME}order", f"{_PROGRAMME}code", f"{_BODY}order")
        .values(
            *(f"{_PROGRAMME}{name}" for name in ("order", "code", "name", "name_en")),
            *(f"{_BODY}{name}" for name in ("order", "code", "name", "name_en")),
            *(f"{_MEASURE}{name}" for name in _MEASURE_FIELDS),
            "light",
            "rule",
        )
        .annotate(
            undertakings=Count("pk"),
            all_done=Sum("done", filter=Q(target__isnull=False)),  # as a ratio to plan counts: work without a plan is beside it
            all_planned=Sum("planned"),
            all_target=Sum("target"),
        )
    )
    return fold(rows)


def fold(rows: Iterable[dict[str, Any]]) -> Overview:
    """Group rows by light, programme and body."""
    programmes: dict[str, Tally] = {}
    bodies: dict[str, Tally] = {}
    lights = dict.fromkeys(LIGHTS, 0)
    for row in rows:
        lights[row["light"]] += row["undertakings"]
        programme = _tally(programmes, row, _PROGRAMME)
        programme.measure = {name: row[f"{_MEASURE}{name}"] for name in _MEASURE_FIELDS}
        programme.add(row)
        _tally(bodies, row, _BODY).add(row)
    silent = sorted((body for body in bodies.values() if body.silent), key=lambda body: (-body.silent, body.code))
    return Overview(lights=lights, programmes=list(programmes.values()), silent=silent)


def _tally(kept: dict[str, Tally], row: dict[str, Any], prefix: str) -> Tally:
    code = row[f"{prefix}code"]
    if code not in kept:
        kept[code] = Tally(code=code, name=row[f"{prefix}name"], name_en=row[f"{prefix}name_en"])
    return kept[code]


def counts(snapshot: Snapshot, within: Q | None = None) -> dict[str, int]:
    """How many undertakings have each light, headings included: what a list under the same filter shows."""
    found = dict(standings(snapshot, within).order_by().values_list("light").annotate(Count("pk")))
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
