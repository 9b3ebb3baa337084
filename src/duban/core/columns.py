"""The ledger read as columns: a Parquet lake that lies by year, measure and kind, so that a reader skips what no light looks at.

Each entry names the one that replaced it, so nothing is looked up a second time; an amount travels with its period in one number,
so that one maximum finds both. `duban.core.heard` knows the same of a ledger in a database, row by row.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from duban.core import history
from duban.core.history import AS_OF, HEAD, YEAR_END, YEAR_START
from duban.core.moments import AROUND, BEFORE, POINTS, idle_cut, picked


def heard(promised: ir.Table, parts: ir.Table, *, idles: int) -> tuple[ir.Table, ir.Table, ir.Table]:
    """What `duban.core.heard` asks of a ledger: `promised` with the picked amounts, the days by undertaking and measure, and the headings.

    `parts` are the undertakings that are part of another, as `part` and `parent_id`.
    """
    reports, plans = _reports(idles), _plans()
    s = promised
    for told in (reports, plans, _lasting(idles)):
        told = told.rename(speaker="undertaking_id", lead_id="measure_id")
        s = s.left_join(told, [s.undertaking_id == told.speaker, s.lead == told.lead_id]).drop("speaker", "lead_id")
    return _one(s, idles), _dated(), _wholes(parts, [reports, plans])


def _speaking() -> ir.Table:
    """The entries that speak at the head."""
    return history.LAKE.filter((_.seq <= HEAD) & (_.replaced_by > HEAD))


def _within(kind: str) -> ir.Table:
    """The year's amounts of one kind, each in one number with its period: the later one is the larger."""
    s = _speaking().filter((_.kind == kind) & _.amount.notnull() & _.period.between(YEAR_START, YEAR_END))
    return s.select("undertaking_id", "measure_id", "period", told=history.in_year(_.period, _.amount, YEAR_START))


def _split(s: ir.Table, *names: str) -> ir.Table:
    """Numbers that `_within` made as `NAME_period` and `NAME_amount`."""
    split = {name: history.out_of_year(s[name], YEAR_START) for name in names}
    return s.mutate(**{f"{name}_{part}": pair[part] for name, pair in split.items() for part in ("period", "amount")}).drop(*names)


def _reports(idles: int) -> ir.Table:
    """One row an undertaking and measure that has reported an amount within the year: the newest by each day that a light looks at."""
    days = {"last": AS_OF, "was": BEFORE, **{f"idle_{n}": idle_cut(n) for n in range(idles)}}
    s = _within("report")
    s = s.group_by("undertaking_id", "measure_id").agg(**{name: s.told.max(where=s.period <= day) for name, day in days.items()})
    return _split(s, *days)


def _plans() -> ir.Table:
    """One row an undertaking and measure that has planned an amount within the year: the last point, and those around the days."""
    s = _within("plan")
    points = {f"{name}_from": s.told.max(where=s.period <= day) for name, day in AROUND.items()}
    points |= {f"{name}_to": s.told.min(where=s.period > day) for name, day in AROUND.items()}
    s = s.group_by("undertaking_id", "measure_id").agg(target=s.told.max(), **points)
    return _split(s, "target", *points)


def _lasting(idles: int) -> ir.Table:
    """One row an undertaking and measure that lasts, with what was said of other years: the newest before and the next after this one."""
    measures = history.MEASURES.filter((_.accumulates != "year") & (_.holds == "amount")).id
    s = _speaking().filter(_.amount.notnull() & ((_.period < YEAR_START) | (_.period > YEAR_END)) & _.measure_id.isin(measures))
    s = s.select("undertaking_id", "measure_id", "kind", "period", told=history.packed(_.period, _.amount))
    before, after = s.period < YEAR_START, s.period > YEAR_END
    report, plan = (s.kind == "report") & before, s.kind == "plan"
    found = {
        "reported": s.told.max(where=report),
        **{f"idled_{n}": s.told.max(where=report & (s.period <= idle_cut(n))) for n in range(idles)},
        "since": s.told.max(where=plan & before),
        "until": s.told.min(where=plan & after),
    }
    s = s.group_by("undertaking_id", "measure_id").agg(**found)
    said = {f"{name}_period": history.packed_period(s[name]) for name in found}
    return s.mutate(**said, **{f"{name}_amount": history.packed_amount(s[name]) for name in found}).drop(*found)


def _one(s: ir.Table, idles: int) -> ir.Table:
    """What was said within the year, and where nothing was, what lasts from before it or comes after it."""
    outside = {"last": ("reported",), "was": ("reported",), "target": ("since", "until")}
    outside |= {f"idle_{n}": (f"idled_{n}",) for n in range(idles)}
    outside |= {name: ("since",) if name.endswith("from") else ("until",) for name in POINTS}
    parts = ("period", "amount")
    said = {
        f"{name}_{part}": ibis.coalesce(s[f"{name}_{part}"], *(s[f"{other}_{part}"] for other in outside[name]))
        for name in picked(idles)
        for part in parts
    }
    others = ("reported", *(f"idled_{n}" for n in range(idles)), "since", "until")
    return s.mutate(**said).drop(*(f"{name}_{part}" for name in others for part in parts))


def _dated() -> ir.Table:
    """One row an undertaking and measure of which a day is planned or reported."""
    s = _speaking().filter(_.day.notnull()).select("undertaking_id", "measure_id", "kind", "period", "day")
    report, plan = s.kind == "report", s.kind == "plan"
    return s.group_by("undertaking_id", "measure_id").agg(
        day_due=ibis.coalesce(s.day.max(where=plan & (s.period <= YEAR_END)), s.day.min(where=plan & (s.period > YEAR_END))),
        day_told=s.day.min(where=report & (s.period <= AS_OF) & (s.day <= AS_OF)),
    )


def _wholes(parts: ir.Table, amounts: list[ir.Table]) -> ir.Table:
    """The headings; everything is looked through only for parts that told no amount within the year, mostly for none."""
    lately = ibis.union(*(told.select(speaker="undertaking_id") for told in amounts))
    quiet = parts.anti_join(lately, parts.part == lately.speaker)
    loud = parts.semi_join(lately, parts.part == lately.speaker)
    written = history.LAKE.filter(_.seq <= HEAD).select(speaker="undertaking_id")
    found = quiet.semi_join(written, quiet.part == written.speaker)
    return ibis.union(loud.select(whole="parent_id"), found.select(whole="parent_id")).distinct()
