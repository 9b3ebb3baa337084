"""Base indicators of lights that are kept: `duban.core.indicators` on the connection that Django has.

The core asks unbound tables; here they are queries over a snapshot's standings, named in front of the core's SQL.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db import connection
from django.db.models import F, Q, QuerySet, TextField
from django.db.models.expressions import RawSQL
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from duban.core import indicators
from duban.core.indicators import By
from duban.core.rulebook import Rulebook
from duban.core.tallies import Amounts
from duban.ledger import running
from duban.people.models import Body
from duban.registry.models import Measure, Programme, Undertaking
from duban.standing import reads
from duban.standing.models import Snapshot

Bound = dict[str, Any]
Taken = dict[int, dict[str, int]]
"""What each rate of a programme is taken of."""
_NAMED: Final = re.compile(r"%%|%s")
_PLACE: Final = re.compile(r"%\((\w+)\)s")
_WITH: Final = re.compile(r"WITH ", re.IGNORECASE)


def tallied(
    snapshot: Snapshot,
    books: Mapping[int, Rulebook],
    *,
    by: By = "programme",
    within: Q | None = None,
    attribute: str = "",
    taken: Taken | None = None,
) -> list[dict[str, Any]]:
    """The rows of `indicators.tallied` over the undertakings that `within` lets through; `by` "said" asks for `attribute`.

    `taken` is what `terms` says of the books, where that is at hand already.
    """
    return _rows(snapshot, taken or terms(books), indicators.tallied(by), indicators.moment(as_of=snapshot.as_of), within, attribute)


def seek(snapshot: Snapshot, books: Mapping[int, Rulebook], *, rate: str = "", part: str = "of", within: Q | None = None) -> RawSQL:
    """The keys of the undertakings that are counted, or of those that a rate counts, as a query to filter by: `Q(pk__in=seek(…))`."""
    values = indicators.moment(as_of=snapshot.as_of) | indicators.seeking(rate, part)
    text, bound = _asked(snapshot, terms(books), indicators.sought(), values, within)
    names = _PLACE.findall(text)
    return RawSQL(_PLACE.sub("%s", text), [bound[name] for name in names])


def parts(snapshot: Snapshot, whole: Undertaking) -> tuple[int, dict[int, Amounts]]:
    """How many parts speak for a whole, and the sums of their amounts by measure, where amounts may be added."""
    rows = _rows(snapshot, {}, indicators.parts(), indicators.moment(as_of=snapshot.as_of), Q(pk=whole.pk))
    found: dict[int, Amounts] = {}
    for row in rows:
        if row["target"] is not None or row["done"] is not None:
            found.setdefault(row["measure"], Amounts()).add(row)
    return sum(row["parts"] for row in rows), found


def above(bodies: Iterable[Body] | None = None) -> dict[int, tuple[int, ...]]:
    """For every body the bodies that it stands under, from the top down to itself; asked for where all `bodies` are not at hand."""
    paths = dict(Body.objects.values_list("path", "pk")) if bodies is None else {body.path: body.pk for body in bodies}
    return {pk: tuple(paths[part] for part in _steps(path) if part in paths) for path, pk in paths.items()}


def saying(attribute: str, value: str) -> QuerySet[Any]:
    """The keys of the undertakings that say `value` under an attribute, as text; an empty one asks for those that say nothing."""
    if value:
        return _said(attribute).filter(said=value).values("pk")
    return Undertaking.objects.exclude(attributes__has_key=attribute).values("pk")


def _said(attribute: str) -> QuerySet[Any]:
    """Undertakings with what they `said` under an attribute, as one text on every engine: truth is true or false."""
    spoken = Cast(KeyTextTransform(attribute, "attributes"), TextField())
    return Undertaking.objects.filter(attributes__has_key=attribute).annotate(said=spoken)


def _steps(path: str) -> list[str]:
    return [path[: at + 1] for at, letter in enumerate(path) if letter == "/"]


def _rows(
    snapshot: Snapshot,
    taken: Taken,
    expression: Any,
    values: Mapping[str, int],
    within: Q | None,
    attribute: str = "",
) -> list[dict[str, Any]]:
    text, bound = _asked(snapshot, taken, expression, values, within, attribute)
    with connection.cursor() as cursor:
        cursor.execute(text, bound)
        return [dict(zip(expression.columns, row, strict=True)) for row in cursor.fetchall()]


def _asked(
    snapshot: Snapshot,
    taken: Taken,
    expression: Any,
    values: Mapping[str, int],
    within: Q | None,
    attribute: str = "",
) -> tuple[str, Bound]:
    """The core's SQL behind the tables that it asks, and all that is bound in both."""
    text, bound = running.query(expression, values)
    whole: Bound = dict(bound)
    tables = [
        _table(indicators.STANDINGS, reads.standings(snapshot), whole),
        _table(indicators.CHOSEN, reads.standings(snapshot, within), whole),
        _terms(taken),
    ]
    if attribute:
        tables.append(_table(indicators.SAID, _said(attribute).annotate(undertaking_id=F("pk")), whole))
    return f"WITH {', '.join(tables)}, {_WITH.sub('', text, count=1)}", whole


def _table(table: Any, rows: QuerySet[Any], bound: Bound) -> str:
    """A query as a named table; what it binds goes into `bound` under names of its own.

    It is not computed apart: SQLite would look through all of it once for every part that asks for its whole.
    """
    text, values = rows.order_by().values_list(*table.columns).query.sql_with_params()
    taken = iter(values)

    def name(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%%"
        bound[key := f"bound_{len(bound)}"] = next(taken)
        return f"%({key})s"

    return f"{table.get_name()} ({', '.join(table.columns)}) AS NOT MATERIALIZED ({_NAMED.sub(name, text)})"


def programmes() -> tuple[dict[int, Programme], dict[int, set[str]]]:
    """Every programme by its key, in their order, with its owner and its lead measure; and the codes of its measures. One query."""
    found: dict[int, Programme] = {}
    codes: dict[int, set[str]] = {}
    for one in Programme.objects.select_related("owner", "lead_measure").annotate(counted=F("measures__code")):
        found.setdefault(one.pk, one)
        codes.setdefault(one.pk, set()).add(one.counted or "")
    return found, codes


def terms(books: Mapping[int, Rulebook], known: tuple[Mapping[int, Programme], Mapping[int, set[str]]] | None = None) -> Taken:
    """What each rate of a programme with lights is taken of, by its rulebook and the measures that it counts.

    `known` are the `programmes`, where they are at hand already.
    """
    found, codes = known or programmes()
    led = {pk: one.lead_measure for pk, one in found.items() if one.lead_measure}
    told = {pk: codes[pk] | ({"finish"} if lead.holds == Measure.Holds.DAY else set()) for pk, lead in sorted(led.items())}
    return {pk: indicators.terms(books.get(pk, Rulebook()).rates, codes=told[pk]) for pk in told}


def _terms(taken: Taken) -> str:
    """The same as a named table of whole numbers."""
    rows = [[programme, *(row[name] for name in indicators.RATES)] for programme, row in taken.items()]
    listed = " UNION ALL ".join(f"SELECT {', '.join(str(int(number)) for number in row)}" for row in rows)
    nothing = f"SELECT {', '.join('0' for _ in indicators.TERMS.columns)} WHERE 1 = 0"
    return f"{indicators.TERMS.get_name()} ({', '.join(indicators.TERMS.columns)}) AS ({listed or nothing})"
