"""What no draft may say, judged over whole columns: a file of a million lines is refused, or not, in a few queries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

import numpy as np

from duban.core import periods
from duban.core.refusals import Refusal
from duban.intake.judging import history as judging_reads
from duban.intake.readings import KINDS, UNSAID, Columns, Truth, Whole
from duban.ledger.actions import Line
from duban.people.models import Body
from duban.registry.models import Measure, Programme, Undertaking

_REPORT: Final = KINDS.index("report")
_HOLDS: Final = {"amount": 1, "day": 2}


def check(lines: Columns, *, body: Body, on: date) -> None:
    """Raise `Refusal` for the first line that says something wrong: "day-unreadable", "slot-twice", "undertaking-of-another-body",
    "measure-not-in-programme", "day-expected", "amount-expected", "period-not-ended" or "day-not-come".
    """
    if not len(lines):
        return
    wrong = list(_wrong(lines, body, periods.to_number(on)))
    first = min((int(np.argmax(where)) for where, _ in wrong if where.any()), default=None)
    if first is not None:
        line = lines.line(first)
        code = Undertaking.objects.values_list("code", flat=True).get(pk=line.undertaking_id)
        raise next(refusal for where, refusal in wrong if where[first])(line, code)


def _wrong(lines: Columns, body: Body, on: int) -> Iterator[tuple[Truth, Callable[[Line, str], Refusal]]]:
    """Where each rule is broken, in the order in which a line is judged, and what is said of a line that breaks it."""
    year = lines.period // 10_000
    beyond = (year < periods.YEARS.start) | (year >= periods.YEARS.stop)
    yield beyond, lambda line, code: Refusal("day-unreadable", day=line.period.isoformat())
    yield _twice(lines), lambda line, code: Refusal("slot-twice", undertaking=code, period=line.period)
    ids, programme, lead = judging_reads.answerable(judging_reads.distinct(lines.undertaking))
    if not judging_reads.within(lines.undertaking, ids).all():
        raise Undertaking.DoesNotExist
    place = np.searchsorted(ids, lines.undertaking)
    others = ~_reported_by(body, ids, lead)[place]
    yield others, lambda line, code: Refusal("undertaking-of-another-body", undertaking=code, body=body.name)
    holds, dated, reports = _holds(programme[place], lines.measure), lines.day != UNSAID, lines.kind == _REPORT
    yield holds == 0, lambda line, code: Refusal("measure-not-in-programme", undertaking=code, measure=line.measure_id)
    yield lines.told & (holds != _HOLDS["amount"]), lambda line, code: Refusal("day-expected", undertaking=code)
    yield dated & (holds != _HOLDS["day"]), lambda line, code: Refusal("amount-expected", undertaking=code)
    yield reports & (lines.period > on), lambda line, code: Refusal("period-not-ended", undertaking=code, period=line.period)
    yield reports & dated & (lines.day > on), lambda line, code: Refusal("day-not-come", undertaking=code, day=line.day)


def _twice(lines: Columns) -> Truth:
    """The lines whose slot an earlier line has named; a first wording and its revision are two."""
    key = np.zeros(len(lines), dtype=np.int64)
    for column in (lines.undertaking, lines.measure, lines.period):
        known = judging_reads.distinct(column)
        key = key * len(known) + np.searchsorted(known, column)
    key = (key * len(KINDS) + lines.kind) * 2 + lines.original
    order = np.argsort(key, kind="stable")
    again = np.zeros(len(lines), dtype=np.bool_)
    again[order[1:]] = key[order[1:]] == key[order[:-1]]
    return again


def _reported_by(body: Body, ids: Whole, lead: Whole) -> Truth:
    """Which undertakings `body` or one below it leads or shares."""
    bodies = np.fromiter(body.below().values_list("pk", flat=True), dtype=np.int64)
    joint = Undertaking.joint_bodies.through.objects.filter(body__path__startswith=body.path).values_list("undertaking_id", flat=True)
    mine: Truth = np.isin(lead, bodies) | np.isin(ids, np.fromiter(joint, dtype=np.int64))
    return mine


def _holds(programme: Whole, measure: Whole) -> Whole:
    """What the measure of each line holds in its programme: 1 an amount, 2 a day, 0 where the programme does not count it."""
    counted = Programme.measures.through.objects.values_list("programme_id", "measure_id", "measure__holds")
    width = (Measure.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    known = sorted((of * width + one, _HOLDS[holds]) for of, one, holds in counted)
    keys = np.array([key for key, _ in known], dtype=np.int64)
    kinds = np.array([*(kind for _, kind in known), 0], dtype=np.int64)
    wanted = np.where(measure < width, programme * width + measure, -1)
    found = np.searchsorted(keys, wanted)
    return np.where(judging_reads.within(wanted, keys), kinds[found], 0)
