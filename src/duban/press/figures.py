"""Ask a catalogued figure, on a day, as known at a head."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.cache import caches

from duban.core import figures, numerals
from duban.core.figures import Answer, Record
from duban.core.refusals import Refusal
from duban.ledger import reads, running
from duban.press.models import Figure
from duban.registry import past
from duban.registry.models import Measure, Undertaking
from duban.standing import actions as standing
from duban.standing.actions import Read
from duban.standing.models import Snapshot

Operation = Figure.Operation
_RELATED = ("programme", "measure", "undertaking", "body", "numerator", "denominator")


def find(code: str) -> Figure:
    """The figure with this code. Raises `Refusal` "figure-unknown"."""
    figure = Figure.objects.select_related(*_RELATED).filter(code=code).first()
    if figure is None:
        raise Refusal("figure-unknown", code=code)
    return figure


def answer(
    figure: Figure | str,
    *,
    as_of: date,
    head: int,
    revision: int | None = None,
    known_at: datetime | None = None,
    rules: str | None = None,
) -> Answer:
    """What `figure` says on `as_of` to a reader of the ledger up to `head` and of the registry by `known_at`, with its records.

    The value is in the measure's own unit, unrounded; `shown` turns it into the figure's unit. Lights that it counts are those of the
    rulebooks that had been adopted by `known_at` (None is now). Kept under everything that it depends on, so what is kept can never
    be out of date. Who asks for many figures reads the registry's `revision` and the `rules` (`standing.digest`) of a day once.
    """
    if isinstance(figure, str):
        figure = find(figure)
    judged, number = _counts_lights(figure), reads.revision(known_at) if revision is None else revision
    with past.at(number if known_at else None):
        if judged and rules is None:
            rules = standing.digest(as_of=as_of, known_at=known_at)
        by = (rules or "")[:32] if judged else ""
        key = f"figure:{_fingerprint(figure)}:{as_of}:{head}:{number}:{by}"
        cache = caches["process"]
        kept: Answer | None = cache.get(key)
        if kept is None:
            kept = _ask(figure, as_of, Read(head, number, known_at))
            cache.set(key, kept, 3600)
        return kept


def answers(
    asked: Iterable[tuple[Figure, date]], *, head: int, revision: int, known_at: datetime | None = None
) -> dict[tuple[str, date], Answer]:
    """What figures say, each on its day, by code and day: as `answer`, but a day's rulebooks are read once."""
    rules: dict[date, str] = {}
    told: dict[tuple[str, date], Answer] = {}
    for figure, day in asked:
        if _counts_lights(figure) and day not in rules:
            with past.at(revision if known_at else None):
                rules[day] = standing.digest(as_of=day, known_at=known_at)
        told[figure.code, day] = answer(figure, as_of=day, head=head, revision=revision, known_at=known_at, rules=rules.get(day))
    return told


def _fingerprint(figure: Figure) -> str:
    parts = (figure, *_parts(figure)) if figure.operation == Operation.SHARE else (figure,)
    asked = [[getattr(part, field.attname) for field in part._meta.concrete_fields if field.name != "id"] for part in parts]
    return hashlib.sha256(repr(asked).encode()).hexdigest()[:32]


def _counts_lights(figure: Figure) -> bool:
    """Whether a figure depends on how undertakings are judged."""
    parts = (figure.numerator, figure.denominator) if figure.operation == Operation.SHARE else (figure,)
    return any(part is not None and part.operation == Operation.LIT for part in parts)


def _parts(share: Figure) -> tuple[Figure, Figure]:
    """The two figures of a share, which are no shares themselves. Raises `Refusal` "share-needs-two-figures"."""
    part, whole = share.numerator, share.denominator
    if part is None or whole is None or Operation.SHARE in {part.operation, whole.operation}:
        raise Refusal("share-needs-two-figures", code=share.code)
    return part, whole


def _records(figure: Figure, as_of: date, head: int) -> list[Record]:
    if figure.programme_id is None:
        raise Refusal("figure-without-programme", code=figure.code)
    values = figures.moment(as_of=as_of, head=head, programme=figure.programme_id, measure=figure.measure_id)
    records = figures.leaves(running.rows(figures.contributions(), **values))
    if not figure.where:
        return records
    chosen = set(_chosen(figure).values_list("pk", flat=True))
    return [record for record in records if record.undertaking in chosen]


def _chosen(figure: Figure) -> Any:
    """The undertakings that the figure's filter lets through: declared attributes, and `body`, `town`, `stage`, `kind`."""
    undertakings = Undertaking.objects.filter(programme_id=figure.programme_id)
    fixed = {"body": "lead_body__code", "town": "town__code", "stage": "stage", "kind": "kind"}
    for name, wanted in figure.where.items():
        lookup = fixed.get(name, f"attributes__{name}")
        undertakings = undertakings.filter(**{f"{lookup}__in" if isinstance(wanted, list) else lookup: wanted})
    return undertakings


def _ask(figure: Figure, as_of: date, up_to: Read) -> Answer:
    if figure.operation == Operation.SHARE:
        part, whole = (_ask(part, as_of, up_to) for part in _parts(figure))
        return figures.share(part, whole)
    records = _records(figure, as_of, up_to.head)
    match figure.operation:
        case Operation.LIT:
            (snapshot,) = standing.stand_at([(as_of, up_to)])
            return _lit(figure, records, snapshot)
        case Operation.RANK:
            body = figure.body_id or 0
            return figures.rank(records, body, figure.measure.direction if figure.measure else 1)
        case Operation.LATEST:
            return figures.latest(records, figure.undertaking_id or 0)
        case Operation.COUNT if figure.measure_id is None:
            return figures.members(records)
        case Operation.COUNT:
            return figures.count(records, figure.kind)
        case Operation.SUM:
            return figures.total(records, figure.kind)
        case Operation.MEAN:
            return figures.mean(records)
        case _:
            return figures.ratio(records)


def _lit(figure: Figure, records: list[Record], snapshot: Snapshot) -> Answer:
    """How many undertakings have one of the figure's lights, or were lit by one of its rules."""
    lit = snapshot.standings.filter(programme_id=figure.programme_id, heading=False)
    wanted = {
        row["undertaking_id"] for row in lit.values("undertaking_id", "light", "rule") if {row["light"], row["rule"]} & set(figure.lights)
    }
    if figure.where:
        wanted &= set(_chosen(figure).values_list("pk", flat=True))
    told = tuple(record for record in records if record.undertaking in wanted)
    missing = wanted - {record.undertaking for record in told}
    bodies = dict(Undertaking.objects.filter(pk__in=missing).values_list("pk", "lead_body_id"))
    told += tuple(Record(undertaking=key, body=bodies[key]) for key in sorted(missing))
    return Answer(Decimal(len(told)), told)


def own_unit(figure: Figure) -> str:
    """The unit in which `answer` gives the value: the measure's for sums and levels, else the figure's own."""
    speaks = figure.operation in {Operation.SUM, Operation.MEAN, Operation.LATEST}
    measure: Measure | None = figure.measure
    return measure.unit if speaks and measure else figure.unit


def in_unit(figure: Figure, value: Decimal | None, unit: str, decimals: int) -> Decimal | None:
    """A value of `answer`, in `unit` and rounded as people round. Raises `Refusal` "unit-unknown"."""
    if value is None:
        return None
    own = own_unit(figure)
    factor = Decimal(1) if unit in {"", own} or own == figure.unit == unit else _factor(figure, own, unit)
    return figures.rounded(value * factor, decimals)


def _factor(figure: Figure, own: str, unit: str) -> Decimal:
    """How many `unit` one own unit is; a unit's English name stands for the unit itself."""
    english = {figure.unit_en, figure.measure.unit_en if figure.measure else ""} - {""}
    if unit in english and unit not in numerals.UNITS:
        return Decimal(1)
    return numerals.factor(own, unit)
