"""Figures: a question to the ledger, the rows that answer it, and the answer that adds up to them exactly.

`contributions` is the question as one Ibis expression: a row for each undertaking that speaks, with the entries that
its part rests on. The functions below it turn those rows into the answer, on whole numbers and decimals only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Final

import ibis
import ibis.expr.types as ir
from ibis import _

from duban.core import fixed, history, periods
from duban.core.history import AS_OF, YEAR_END, YEAR_START

PROGRAMME: Final = ibis.param("int64").name("programme")
MEASURE: Final = ibis.param("int64").name("measure")


@dataclass(frozen=True, slots=True)
class Record:
    """One undertaking's part in a figure. Stored numbers: whole ten-thousandths and days like 20210831.

    `seq` names the entry of the report, `plan_seq` that of the plan; None is silence, and also what its parts say in
    its place. A whole whose parts report has no report of its own here; its plan is kept where they have none.
    """

    undertaking: int
    body: int
    seq: int | None = None
    period: int | None = None
    amount: int | None = None
    day: int | None = None
    plan_seq: int | None = None
    plan_period: int | None = None
    plan_amount: int | None = None
    place: int | None = None
    """In a ranking: the place; equal amounts share a place and the next is skipped."""
    heading: bool = False
    """Whether its parts have spoken of anything: they are counted, it is not."""
    covered: bool = False
    """Whether its plan stands in another record: that of its whole, or those of its parts."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a figure says. `value` of None is silence; a share of nothing is silence too.

    `numerator` and `denominator` are given for shares and ratios, in the measure's unit.
    """

    value: Decimal | None
    records: tuple[Record, ...]
    numerator: Decimal | None = None
    denominator: Decimal | None = None


def moment(*, as_of: date, head: int, programme: int, measure: int | None) -> dict[str, int]:
    """The parameters of `contributions`. Without a measure every measure of the programme speaks."""
    return {
        "head": head,
        "as_of": periods.to_number(periods.speakable(as_of)),
        "year_start": periods.to_number(date(as_of.year, 1, 1)),
        "year_end": periods.to_number(date(as_of.year, 12, 31)),
        "programme": programme,
        "measure": measure or 0,
    }


@cache  # an expression built twice is two expressions to Ibis, and each would be compiled
def contributions() -> ir.Table:
    """Each undertaking of a programme with its newest report and its plan for one measure.

    A year's measure is read within the year of the day asked about; others from their beginning. Reports count whose
    period, and whose day, has come; of a plan the last point of the year counts, or else the first one after it.
    With measure 0 only `spoke` is told: whether anything at all had been entered.
    """
    undertakings = history.UNDERTAKINGS.filter(_.programme_id == PROGRAMME).select("lead_body_id", "parent_id", whose="id")
    measures = history.MEASURES.select("accumulates", counted="id")
    entries = history.ENTRIES.filter((MEASURE == 0) | (_.measure_id == MEASURE))
    entries = history.known(entries).filter(_.amount.notnull() | _.day.notnull())
    s = entries.inner_join(undertakings, entries.undertaking_id == undertakings.whose)
    s = s.inner_join(measures, s.measure_id == measures.counted)
    timely = (s.accumulates != "year") | s.period.between(YEAR_START, YEAR_END)
    report = timely & (s.kind == "report") & (s.period <= AS_OF) & (ibis.coalesce(s.day, 0) <= AS_OF)
    plan = timely & (s.kind == "plan")
    place = history.place(s)
    picked = s.group_by("undertaking_id").agg(
        body=s.lead_body_id.max(),
        parent=s.parent_id.max(),
        told=place.max(where=report),
        planned=ibis.coalesce(place.max(where=plan & (s.period <= YEAR_END)), place.min(where=plan)),
    )
    return history.with_amounts(picked, "told", "planned")


def leaves(rows: Sequence[dict[str, int | None]]) -> list[Record]:
    """The rows of `contributions` as records in which nothing stands twice.

    Reports and plans are looked at apart: a whole's report gives way to those of its parts, its plan to theirs.
    """
    parents = {row["parent"] for row in rows}
    reporting = {row["parent"] for row in rows if row["told_seq"] is not None}
    planning = {row["parent"] for row in rows if row["planned_seq"] is not None}
    promising = {row["undertaking_id"] for row in rows if row["planned_seq"] is not None} - planning
    records = []
    for row in rows:
        whose = row["undertaking_id"]
        told = row if whose not in reporting else dict.fromkeys(row)
        planned = row if whose not in planning else dict.fromkeys(row)
        record = Record(
            undertaking=int(whose or 0),
            body=int(row["body"] or 0),
            seq=told["told_seq"],
            period=told["told_period"],
            amount=told["told_amount"],
            day=told["told_day"],
            plan_seq=planned["planned_seq"],
            plan_period=planned["planned_period"],
            plan_amount=planned["planned_amount"],
            heading=whose in parents,
            covered=whose in planning or row["parent"] in promising,
        )
        if not record.heading or record.seq is not None or record.plan_seq is not None:
            records.append(record)
    return records


def _total(amounts: Sequence[int | None]) -> Decimal | None:
    spoken = [amount for amount in amounts if amount is not None]
    return fixed.from_fixed(sum(spoken)) if spoken else None


def count(records: Sequence[Record], kind: str = "report") -> Answer:
    """How many undertakings have spoken; nobody is zero, not silence."""
    told = [r for r in records if (r.seq if kind == "report" else r.plan_seq) is not None]
    return Answer(Decimal(len(told)), tuple(told))


def members(records: Sequence[Record]) -> Answer:
    """How many undertakings the programme has: everything that has been planned or reported, wholes by their parts."""
    told = [r for r in records if not r.heading]
    return Answer(Decimal(len(told)), tuple(told))


def total(records: Sequence[Record], kind: str = "report") -> Answer:
    """The sum of the newest reports, or of the plans."""
    told = [r for r in records if (r.amount if kind == "report" else r.plan_amount) is not None]
    return Answer(_total([r.amount if kind == "report" else r.plan_amount for r in told]), tuple(told))


def mean(records: Sequence[Record]) -> Answer:
    """The mean of the newest reports of those that have reported."""
    told = [r for r in records if r.amount is not None]
    value = _total([r.amount for r in told])
    return Answer(None if value is None else value / len(told), tuple(told), value, Decimal(len(told)))


def ratio(records: Sequence[Record]) -> Answer:
    """What was done as a percentage of the year's plan, over every undertaking that has a plan.

    One that has not reported adds nothing to the numerator and its plan to the denominator: silence does not help.
    """
    planned = [r for r in records if r.plan_amount is not None or (r.covered and r.amount is not None)]
    done, plan = _total([r.amount for r in planned]), _total([r.plan_amount for r in planned])
    value = done / plan * 100 if done is not None and plan else None
    return Answer(value, tuple(planned), done, plan)


def share(part: Answer, whole: Answer) -> Answer:
    """One figure as a percentage of another."""
    known = part.value is not None and whole.value
    value = part.value / whole.value * 100 if known and part.value is not None and whole.value else None
    return Answer(value, part.records, part.value, whole.value)


def rank(records: Sequence[Record], body: int, direction: int = 1) -> Answer:
    """The place of `body` among the bodies that have reported, on the amounts as stored, never on doubles.

    Equal amounts share a place and the next is skipped: 1, 2, 3, 3, 5 (Lu'an 2017).
    """
    told = sorted((r for r in records if r.amount is not None), key=lambda r: (-direction * (r.amount or 0), r.undertaking))
    placed: list[Record] = []
    for position, record in enumerate(told, 1):
        same = bool(placed) and placed[-1].amount == record.amount
        placed.append(replace(record, place=placed[-1].place if same else position))
    own = next((r.place for r in placed if r.body == body), None)
    return Answer(None if own is None else Decimal(own), tuple(placed), None, Decimal(len(placed)))


def latest(records: Sequence[Record], undertaking: int) -> Answer:
    """The newest report of one undertaking."""
    told = [r for r in records if r.undertaking == undertaking and r.amount is not None]
    return Answer(_total([r.amount for r in told]), tuple(told))


def rounded(value: Decimal, decimals: int) -> Decimal:
    """Half away from zero, as people round: 0.825 → 0.83."""
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


OPERATIONS: Final[dict[str, Callable[..., Answer]]] = {"count": count, "sum": total, "mean": mean, "ratio": ratio}
