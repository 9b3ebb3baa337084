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


def heard(promised: ir.Table, spoken: ir.Table, *, idles: int) -> ir.Table:
    """What `duban.core.heard` asks of a ledger: `promised` with the amounts that are picked of what is `spoken`."""
    s = promised
    for told in (_reports(spoken, idles), _plans(spoken), lasting(spoken, idles)):
        told = told.rename(speaker="undertaking_id", lead_id="measure_id")
        s = s.left_join(told, [s.undertaking_id == told.speaker, s.lead == told.lead_id]).drop("speaker", "lead_id")
    return _one(s, idles)


def speaking(among: ir.Table | None = None) -> ir.Table:
    """The entries that speak at the head, of all undertakings or of those `among` some."""
    spoken = history.LAKE.filter((_.seq <= HEAD) & (_.replaced_by > HEAD))
    return spoken if among is None else spoken.semi_join(among, "undertaking_id")


def _within(spoken: ir.Table, kind: str) -> ir.Table:
    """The year's amounts of one kind, each in one number with its period: the later one is the larger."""
    s = spoken.filter((_.kind == kind) & _.amount.notnull() & _.period.between(YEAR_START, YEAR_END))
    return s.select("undertaking_id", "measure_id", "period", told=history.in_year(_.period, _.amount, YEAR_START))


def _split(s: ir.Table, *names: str) -> ir.Table:
    """Numbers that `_within` made as `NAME_period` and `NAME_amount`."""
    split = {name: history.out_of_year(s[name], YEAR_START) for name in names}
    return s.mutate(**{f"{name}_{part}": pair[part] for name, pair in split.items() for part in ("period", "amount")}).drop(*names)


def _reports(spoken: ir.Table, idles: int) -> ir.Table:
    """One row an undertaking and measure that has reported an amount within the year: the newest by each day that a light looks at."""
    days = {"last": AS_OF, "was": BEFORE, **{f"idle_{n}": idle_cut(n) for n in range(idles)}}
    s = _within(spoken, "report")
    s = s.group_by("undertaking_id", "measure_id").agg(**{name: s.told.max(where=s.period <= day) for name, day in days.items()})
    return _split(s, *days)


def _plans(spoken: ir.Table) -> ir.Table:
    """One row an undertaking and measure that has planned an amount within the year: the last point, and those around the days."""
    s = _within(spoken, "plan")
    points = {f"{name}_from": s.told.max(where=s.period <= day) for name, day in AROUND.items()}
    points |= {f"{name}_to": s.told.min(where=s.period > day) for name, day in AROUND.items()}
    s = s.group_by("undertaking_id", "measure_id").agg(target=s.told.max(), **points)
    return _split(s, "target", *points)


def lasting(spoken: ir.Table, idles: int) -> ir.Table:
    """One row an undertaking and measure that lasts, with what was said of other years: the newest before and the next after this one."""
    measures = history.MEASURES.filter((_.accumulates != "year") & (_.holds == "amount")).id
    s = spoken.filter(_.amount.notnull() & ((_.period < YEAR_START) | (_.period > YEAR_END)) & _.measure_id.isin(measures))
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


def dated(spoken: ir.Table) -> ir.Table:
    """One row an undertaking and measure of which a day is planned or reported: `day_due` and `day_told`.

    `day_counts` is the day from which on all its reported days are looked at, `day_early` the one before which none is.
    """
    s = spoken.filter(_.day.notnull()).select("undertaking_id", "measure_id", "kind", "period", "day")
    report, plan, counts = s.kind == "report", s.kind == "plan", ibis.greatest(s.period, s.day)
    return s.group_by("undertaking_id", "measure_id").agg(
        day_due=ibis.coalesce(s.day.max(where=plan & (s.period <= YEAR_END)), s.day.min(where=plan & (s.period > YEAR_END))),
        day_told=s.day.min(where=report & (counts <= AS_OF)),
        day_counts=counts.max(where=report),
        day_early=counts.min(where=report),
    )


def wholes(parts: ir.Table, *, idles: int) -> ir.Table:
    """The headings; everything is looked through only for parts that told no amount within the year, mostly for none.

    `parts` are the undertakings that are part of another, as `part` and `parent_id`.
    """
    spoken = speaking()
    lately = ibis.union(*(told.select(speaker="undertaking_id") for told in (_reports(spoken, idles), _plans(spoken))))
    quiet = parts.anti_join(lately, parts.part == lately.speaker)
    loud = parts.semi_join(lately, parts.part == lately.speaker)
    return ibis.union(loud.select(whole="parent_id"), written(quiet)).distinct()


def written(parts: ir.Table) -> ir.Table:
    """The parents, as `whole`, of those parts of which anything had been written by the head."""
    entries = history.LAKE.filter(_.seq <= HEAD).select(speaker="undertaking_id")
    return parts.semi_join(entries, parts.part == entries.speaker).select(whole="parent_id")
