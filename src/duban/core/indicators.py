"""Base indicators over the lights of one day: counts by stage and by rule, the five rates, and sums of amounts.

Expressions over unbound tables, so that one rule counts for a page, a list and a league alike. A standing is counted once: never
a heading beside its parts, nor a part beside the whole that speaks for it (444 projects were once counted as 569). `duban.core.tallies`
folds the rows and rolls them up the tree of bodies.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import cache
from typing import Any, Final, Literal

import ibis
import ibis.expr.types as ir
from ibis import _

from duban.core import history, lights, periods, rulebook
from duban.core.history import AS_OF, YEAR_START, settle
from duban.core.lights import ENDED

STANDINGS: Final = ibis.table(
    {
        **dict.fromkeys(("undertaking_id", "programme_id", "lead_body_id", "measure_id"), "int64"),
        "rule": "string",
        "heading": "boolean",
        "stage": "string",
        **dict.fromkeys(("done", "planned", "target", "last_period", "months", *lights.DAYS), "int64"),
    },
    name="indicator_standing",
)
"""The lights of one day, all of them: what `lights.lights` says."""
CHOSEN: Final = ibis.table({"undertaking_id": "int64"}, name="indicator_chosen")
"""The undertakings that are asked about."""
SAID: Final = ibis.table({"undertaking_id": "int64", "said": "string"}, name="indicator_said")
"""What undertakings say of themselves under one declared attribute."""
RATES: Final = ("signed", "started", "finished", "producing", "converted")
"""签约率, 开工率, 竣工率, 达产率, 转化率."""
TERMS: Final = ibis.table(dict.fromkeys(("programme_id", *RATES), "int64"), name="indicator_terms")
"""What each programme's rates are taken of (`terms`)."""
UNDERTAKINGS: Final = ibis.table({**history.UNDERTAKINGS.schema(), "town_id": "int64"}, name="registry_undertaking")
TABLES: Final = (STANDINGS, CHOSEN, SAID, TERMS, UNDERTAKINGS, history.MEASURES)

NOT_TAKEN, DUE, STAGE = 0, 1, 2
TOLD_BY: Final = {
    "signed": {"signed"},
    "started": {"start"},
    "finished": {"finish"},
    "producing": {"produced", "capacity"},
    "converted": {"converted", "start"},
}
"""The measures that tell whether a step was taken; a programme that counts none of them has no such rate, and never one of zero."""

PARTS: Final = ("of", "done", "open")
RATE: Final = ibis.param("int64").name("rate")
PART: Final = ibis.param("int64").name("part")
By = Literal["programme", "body", "town", "whole", "said"]


def moment(*, as_of: date) -> dict[str, int]:
    """The values of every parameter of these expressions for one day. Raises `Refusal` "day-unreadable"."""
    year_start = date(periods.speakable(as_of).year, 1, 1)
    days = {"as_of": as_of, "year_start": year_start, "ended": periods.ended_month(as_of)}
    return {name: periods.to_number(day) for name, day in days.items()}


def terms(rates: rulebook.Rates, *, codes: Collection[str]) -> dict[str, int]:
    """A programme's row of `TERMS`, from its rulebook and the codes of its measures; one led by a day counts a finish."""
    return {name: (DUE if getattr(rates, name) == "due" else STAGE) if TOLD_BY[name] & set(codes) else NOT_TAKEN for name in RATES}


def _reached(s: Any) -> dict[str, ir.BooleanValue]:
    """The steps that an undertaking has taken. A later one implies the earlier; only a signature is implied by nothing."""
    producing = s.produced.notnull() | s.capacity.notnull()
    finished = producing | s.finished.notnull()
    started = finished | s.started.notnull()
    converted = started | s.converted.notnull()
    return {"signed": s.signed.notnull(), "started": started, "finished": finished, "producing": producing, "converted": converted}


def _earlier(s: Any) -> dict[str, ir.BooleanValue]:
    """The steps that it, or a step after them, had taken before the year began: they are of an earlier year's rates."""

    def before(day: ir.IntegerValue) -> ir.BooleanValue:
        return (day < YEAR_START).fill_null(False)

    producing = before(s.produced) | before(s.capacity)
    finished = producing | before(s.finished)
    started = finished | before(s.started)
    return {
        "signed": started | before(s.signed),
        "started": started,
        "finished": finished,
        "producing": producing,
        "converted": started | before(s.converted),
    }


def _of(s: Any) -> dict[str, tuple[ir.BooleanValue, ir.BooleanValue]]:
    """What each rate is taken of: what was due by the day, and all that have reached the stage before.

    No plan of a signature is kept with the lights: it is due when the start is. What was in reserve says so itself, or was planned to
    be converted, or was.
    """
    reached = _reached(s)
    reserve = (s.stage == "reserve") | (s.declared == "reserve") | s.convert_due.notnull() | s.converted.notnull()
    return {
        "signed": (s.start_due <= AS_OF, ibis.literal(True)),
        "started": (s.start_due <= AS_OF, reached["signed"]),
        "finished": (s.finish_due <= AS_OF, reached["started"]),
        "producing": (s.produce_due <= AS_OF, reached["finished"]),
        "converted": (reserve & (ibis.coalesce(s.convert_due, s.start_due) <= AS_OF), reserve),
    }


def _counted() -> ir.Table:
    """The chosen undertakings that are counted, with what their measure says of its amounts, and the rates that they are part of.

    Of each rate `NAME_of`, whether it is taken of this one, and `NAME`, whether this one has taken the step. Only what is in
    a stage has rates.
    """
    undertakings = UNDERTAKINGS.select("parent_id", "town_id", declared="stage", whose="id")
    wholes = STANDINGS.view().select(whole="undertaking_id", split="heading")
    measures = history.MEASURES.select("holds", "accumulates", "direction", counted="id")
    taken = TERMS.rename({"terms_programme": "programme_id", **{f"{name}_terms": name for name in RATES}})
    s = STANDINGS.semi_join(CHOSEN, "undertaking_id")
    s = s.join(undertakings, s.undertaking_id == undertakings.whose).drop("whose")
    s = s.left_join(wholes, s.parent_id == wholes.whole).drop("whole")
    s = s.filter(~s.heading & s.split.fill_null(True)).drop("heading", "split")
    s = s.join(taken, s.programme_id == taken.terms_programme).drop("terms_programme")
    s = s.left_join(measures, s.measure_id == measures.counted).drop("counted")
    reached, earlier, of = _reached(s), _earlier(s), _of(s)
    rates: dict[str, ir.Value] = {}
    for name in RATES:
        due, stage = (part.fill_null(False) for part in of[name])
        term = s[f"{name}_terms"]
        asked = ((term == DUE) & due) | ((term == STAGE) & stage)
        rates[f"{name}_of"] = (s.stage != "") & asked & ~earlier[name]
        rates[name + "_done"] = reached[name]
    summable = (s.holds == "amount") & (s.accumulates != "level")
    task = (s.holds == "amount") & (s.direction > 0) & (s.target > 0)
    return settle(s.mutate(**rates, summable=summable.fill_null(False), task=task.fill_null(False)))


def _amounts(s: Any) -> dict[str, ir.Scalar]:
    """Sums of amounts that may be added; work without a plan is beside them. `telling` have reported, `newer` since the month's end."""
    planned = s.summable & s.target.notnull()
    telling = planned & s.last_period.notnull()
    return {
        "done": s.done.sum(where=planned),
        "planned": s.planned.sum(where=planned),
        "target": s.target.sum(where=planned),
        "telling": s.count(where=telling),
        "newer": s.count(where=telling & (s.last_period > ENDED)),
    }


@cache  # an expression built twice is two expressions to Ibis, and each would be compiled
def tallied(by: By = "programme") -> ir.Table:
    """Counts, rates and sums by `key` and, within it, by programme, lead measure, stage and rule.

    `key` is the programme, the lead body, the town, the whole that an undertaking is a part of, or what undertakings say under an
    attribute; NULL where there is none. Of each rate `NAME_of` and `NAME_done`, whole numbers. `task` counts those with a year's plan
    of which more is better, `past_half` those of them that have done half of it; `months` is the longest that a day lies back.
    """
    s = _counted()
    if by == "said":
        said = SAID.rename(speaker="undertaking_id")
        s = s.left_join(said, s.undertaking_id == said.speaker)
    key = {"programme": "programme_id", "body": "lead_body_id", "town": "town_id", "whole": "parent_id", "said": "said"}[by]
    return s.group_by(s[key].name("key"), group="programme_id", measure="measure_id", at="stage", lit="rule").agg(
        undertakings=s.count(),
        months=s.months.max(),
        at_capacity=s.count(where=s.capacity.notnull() & (s.stage != "")),
        task=s.count(where=s.task),
        past_half=s.count(where=s.task & (s.done * 2 >= s.target)),
        **_amounts(s),
        **{f"{name}_of": s.count(where=s[f"{name}_of"]) for name in RATES},
        **{f"{name}_done": s.count(where=s[f"{name}_of"] & s[f"{name}_done"]) for name in RATES},
    )


@cache
def sought() -> ir.Table:
    """The chosen undertakings that are counted, or those of them that a rate is taken of; `seeking` gives its parameters."""
    s = _counted()
    of = ibis.cases(*((place == RATE, s[f"{name}_of"]) for place, name in enumerate(RATES)), else_=True)
    done = ibis.cases(*((place == RATE, s[f"{name}_done"]) for place, name in enumerate(RATES)), else_=True)
    part = ibis.cases((PARTS.index("done") == PART, done), (PARTS.index("open") == PART, ~done), else_=True)
    return s.filter(of & part).select("undertaking_id")


def seeking(rate: str = "", part: str = "of") -> dict[str, int]:
    """Every undertaking that is counted; or those that `rate` is taken `of`, those of them that are `done`, or still `open`."""
    return {"rate": RATES.index(rate) if rate else len(RATES), "part": PARTS.index(part)}


@cache
def parts() -> ir.Table:
    """The sums of the parts of every whole that they speak for, by measure; NULL where amounts may not be added."""
    undertakings = UNDERTAKINGS.filter(_.parent_id.notnull()).select("parent_id", whose="id")
    wholes = STANDINGS.view().filter(_.heading).select(whole="undertaking_id")
    measures = history.MEASURES.select("holds", "accumulates", counted="id")
    s = STANDINGS.filter(~_.heading)
    s = s.join(undertakings, s.undertaking_id == undertakings.whose)
    s = s.join(wholes, s.parent_id == wholes.whole).semi_join(CHOSEN.rename(asked="undertaking_id"), _.parent_id == CHOSEN.undertaking_id)
    s = s.left_join(measures, s.measure_id == measures.counted)
    s = settle(s.mutate(summable=((s.holds == "amount") & (s.accumulates != "level")).fill_null(False)))
    return s.group_by(undertaking_id="parent_id", measure="measure_id").agg(parts=s.count(), **_amounts(s))
