"""What a column of somebody's own table means, as its reader confirmed it once and as a `TableMapping` keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Final

from duban.core import numerals
from duban.core.refusals import Refusal
from duban.core.tables import Column, Head
from duban.registry.models import Measure

ROLES: Final = ("ignore", "key", "name", "report", "plan", "original", "total-check")
VALUES: Final = frozenset({"report", "plan", "original", "total-check"})
"""Roles whose columns hold a measure's values."""
PERIODS: Final = ("file", "file-alone", "own", "own-alone", "year")
"""The month that the file speaks of, or the column's own; since January (or the start), or that month alone; the whole year."""
ORDERS: Final = ("", "ymd", "dmy", "mdy")
FRACTION: Final = "fraction"
"""The unit of a column that writes 0.66 for 66 %, as spreadsheets keep percentages."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """One column of a mapping, kept as JSON under these names. `measure` is a code; `unit` what the column's numbers are in."""

    heading: str
    pattern: str
    role: str = "ignore"
    measure: str = ""
    unit: str = ""
    period: str = "file"
    order: str = ""

    @property
    def alone(self) -> bool:
        """Whether the column says what one month added, so that months have to be added up."""
        return self.period.endswith("alone")

    @property
    def kept(self) -> dict[str, str]:
        """As a mapping keeps it."""
        return asdict(self)


def meaning(kept: Mapping[str, Any]) -> Meaning:
    """A column as a mapping kept it. What this version does not know is passed over."""
    return Meaning(**{name: str(kept.get(name, default)) for name, default in asdict(Meaning("", "")).items()})


def factor(unit: str, measure: Measure) -> Decimal:
    """What one of a column's numbers is in the measure's unit. Raises `Refusal` "unit-unknown"."""
    if unit == FRACTION:
        return Decimal(100) * numerals.factor("%", measure.unit)
    return numerals.factor(unit or measure.unit, measure.unit)


def scaled(measure: Measure) -> bool:
    """Whether amounts of a measure are told in several units, so that a bare number has to name its own."""
    kinds = [kind for kind, _ in numerals.UNITS.values()]
    return measure.unit in numerals.UNITS and kinds.count(numerals.UNITS[measure.unit][0]) > 1


def matched(kept: Sequence[Mapping[str, Any]], head: Head) -> list[tuple[Column, Meaning]]:
    """Each column of a file beside what the mapping says of it: the same pattern, in the same order among its like.

    More months than the mapping has seen mean what the last of them meant. Raises `Refusal` "table-head-differs" for a
    heading that the mapping does not know.
    """
    by_pattern: dict[str, list[Meaning]] = {}
    for one in map(meaning, kept):
        by_pattern.setdefault(one.pattern, []).append(one)
    places: dict[str, int] = {}
    found = []
    for column in head.columns:
        alike = by_pattern.get(column.pattern)
        if alike is None:
            raise Refusal("table-head-differs", heading=column.heading)
        place = places[column.pattern] = places.get(column.pattern, -1) + 1
        found.append((column, alike[min(place, len(alike) - 1)]))
    return found


def check(meanings: Sequence[Meaning], measures: Mapping[str, Measure]) -> None:
    """Raise `Refusal` for what cannot be read: no column that names the rows, a measure or a unit missing, a meaning given twice."""
    if not any(one.role in ("key", "name") for one in meanings):
        raise Refusal("table-rows-unnamed")
    for role in ("key", "name"):
        if sum(one.role == role for one in meanings) > 1:
            raise Refusal("table-meaning-twice", heading=[one.heading for one in meanings if one.role == role][1])
    if not any(one.role in ("report", "plan", "original") for one in meanings):
        raise Refusal("table-says-nothing")
    for one in meanings:
        _check_one(one, measures)
    told: set[tuple[str, ...]] = set()
    for one in meanings:
        what = (one.role, one.measure, one.period, one.heading if one.period.startswith("own") else "")
        if one.role in VALUES - {"total-check"} and what in told:
            raise Refusal("table-meaning-twice", heading=one.heading)
        told.add(what)


def _check_one(one: Meaning, measures: Mapping[str, Measure]) -> None:
    if one.role not in ROLES or one.period not in PERIODS or one.order not in ORDERS:
        raise Refusal("field-unfit", field=one.heading, value=f"{one.role} {one.period} {one.order}")
    if one.role not in VALUES:
        return
    measure = measures.get(one.measure)
    if measure is None:
        raise Refusal("table-measure-missing", heading=one.heading)
    if measure.holds == Measure.Holds.AMOUNT:
        if not one.unit and scaled(measure):
            raise Refusal("table-unit-missing", heading=one.heading)
        factor(one.unit, measure)
