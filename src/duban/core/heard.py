"""What the ledger says of every undertaking on one day: its reports, the points of its plan around that day, its days.

Three layouts give the same rows. `rows` is a ledger in a database, found by its slot's index; `columns` is a ledger as
Parquet, in which each entry names the one that replaced it; `pages` has beside those the year of each undertaking in one row.
Everything below `heard` knows only one.
"""

from __future__ import annotations

from typing import Literal

import ibis
import ibis.expr.types as ir
from ibis import _

from duban.core import columns, history, pages
from duban.core.history import AS_OF, HEAD, YEAR_END, YEAR_START
from duban.core.moments import AROUND, BEFORE, DAYS, TOUCHED, idle_cut, picked

Layout = Literal["rows", "columns", "pages"]


def heard(layout: Layout = "rows", *, idles: int = 1, touched: bool = False) -> ir.Table:
    """One row an undertaking of a programme with a lead measure, the silent ones included; NULL is silence.

    Of the lead measure `NAME_amount` and `NAME_period` for: `last`, the newest report as of the day; `was`, the newest by
    the end of the month before; `idle_N`, the newest by the N-th idle cut; `target`, the year's plan (its last point by
    the year's end, or else the first one after it); and the plan's points on both sides of three days (`POINTS`).
    Of every code in `DAYS`: `CODE_due`, the last day planned in a slot up to the year's end, or else the first planned at
    all, and `CODE_told`, the first reported one. A lead measure that is itself a day (put right, cleared) finishes.
    `heading`: its parts speak for it. A year's measure keeps to its year.

    `touched` looks at the undertakings in `TOUCHED` alone.
    """
    promised, parts = _promises(touched), _parts(touched)
    if layout == "rows":
        s, wholes = _of_rows(promised, idles, touched), headings(touched=touched).rename(whole="undertaking_id")
    elif layout == "columns":
        s, wholes = _of_columns(promised, idles), columns.wholes(parts, idles=idles)
    else:
        s, late = pages.answered(promised, idles=idles), pages.unanswered(promised, idles=idles)
        s = ibis.union(s, _of_columns(promised.semi_join(late, "undertaking_id"), idles, among=late).select(s.columns))
        wholes = pages.wholes(parts)
    s = s.left_join(wholes, s.undertaking_id == wholes.whole)
    s = s.mutate(heading=s.whole.notnull()).drop("whole")
    return history.with_amounts(s, *picked(idles), only=("period", "amount")) if layout == "rows" else s


def _of_rows(promised: ir.Table, idles: int, touched: bool) -> ir.Table:
    """`promised` with the places of the picked entries and with the days."""
    spoken = _spoken_rows(idles, touched)
    amounts = spoken.drop("day_due", "day_told").rename(speaker="undertaking_id", lead_id="measure_id")
    s = promised.left_join(amounts, [promised.undertaking_id == amounts.speaker, promised.lead == amounts.lead_id])
    return _with_days(s.drop("speaker", "lead_id"), spoken.drop(*picked(idles)), promised)


def _of_columns(promised: ir.Table, idles: int, *, among: ir.Table | None = None) -> ir.Table:
    """`promised` with the picked amounts and with the days, from what was said of all or of those `among` some."""
    spoken = columns.speaking(among)
    return _with_days(columns.heard(promised, spoken, idles=idles), columns.dated(spoken), promised)


def _with_days(s: ir.Table, spoken: ir.Table, promised: ir.Table) -> ir.Table:
    dated = days(spoken, promised).rename(dated="undertaking_id")
    return s.left_join(dated, s.undertaking_id == dated.dated).drop("dated")


def _promises(touched: bool) -> ir.Table:
    """One row an undertaking that lights judge: its programme, lead measure and how that accumulates."""
    programmes = history.PROGRAMMES.filter(_.lead_measure_id.notnull()).select(programme_id="id", lead="lead_measure_id")
    measures = history.MEASURES.select("holds", "accumulates", "direction", lead="id")
    undertakings = history.UNDERTAKINGS.filter(_.id.isin(TOUCHED.undertaking_id)) if touched else history.UNDERTAKINGS
    undertakings = undertakings.select("programme_id", "lead_body_id", declared="stage", undertaking_id="id")
    return undertakings.join(programmes, "programme_id").join(measures, "lead")


def headings(*, touched: bool = False) -> ir.Table:
    """Undertakings whose parts speak for them: they are shown, and never counted beside their parts."""
    parts, written = _parts(touched), history.ENTRIES.filter(_.seq <= HEAD).select(speaker="undertaking_id")
    return parts.semi_join(written, parts.part == written.speaker).select(undertaking_id="parent_id").distinct()


def _parts(touched: bool) -> ir.Table:
    parts = history.UNDERTAKINGS.filter(_.parent_id.notnull()).select("parent_id", part="id")
    return parts.filter(_.parent_id.isin(TOUCHED.undertaking_id)) if touched else parts


def _spoken_rows(idles: int, touched: bool) -> ir.Table:
    """One row an undertaking and measure that has spoken: the places of the entries that a light depends on, and its days.

    This is the one pass over the ledger. Its groups begin the slot's index, in which SQLite therefore finds them in
    order, without sorting and without a look at the table; nothing is joined before they are made.
    """
    lasting = history.MEASURES.filter((_.accumulates != "year") | (_.holds == "day")).id
    wanted = [history.ENTRIES.period.between(YEAR_START, YEAR_END) | history.ENTRIES.measure_id.isin(lasting)]
    if touched:  # in one filter: of two, SQLite takes the first for a table of its own and fills it with the whole year
        wanted.append(history.ENTRIES.undertaking_id.isin(TOUCHED.undertaking_id))
    entries = history.ENTRIES.filter(*wanted)
    s = history.known(entries.select("seq", "undertaking_id", "measure_id", "kind", "period", "amount", "day"))
    place = history.place(s)
    plan = (s.kind == "plan") & s.amount.notnull()
    report = (s.kind == "report") & s.amount.notnull() & (s.period <= AS_OF)
    return s.group_by("undertaking_id", "measure_id").agg(
        last=place.max(where=report),
        was=place.max(where=report & (s.period <= BEFORE)),
        **{f"idle_{n}": place.max(where=report & (s.period <= idle_cut(n))) for n in range(idles)},
        target=ibis.coalesce(place.max(where=plan & (s.period <= YEAR_END)), place.min(where=plan & (s.period > BEFORE))),
        **{f"{name}_from": place.max(where=plan & (s.period <= day)) for name, day in AROUND.items()},
        **{f"{name}_to": place.min(where=plan & (s.period > day)) for name, day in AROUND.items()},
        day_due=ibis.coalesce(s.day.max(where=(s.kind == "plan") & (s.period <= YEAR_END)), s.day.min(where=s.kind == "plan")),
        day_told=s.day.min(where=(s.kind == "report") & (s.period <= AS_OF) & (s.day <= AS_OF)),
    )


def days(spoken: ir.Table, promised: ir.Table, **others: str) -> ir.Table:
    """One row an undertaking that has days: `CODE_due` and `CODE_told`, and of `others` by name its `max` or `min`."""
    codes = history.MEASURES.filter(_.holds == "day").select("code", day_measure="id")
    leads = promised.filter(_.holds == "day").select(leading="undertaking_id", leads="lead")
    named = {"due": "max", "told": "min", **others}
    s = spoken.filter(_.day_due.notnull() | _.day_told.notnull()).select("undertaking_id", "measure_id", *(f"day_{name}" for name in named))
    s = s.join(codes, s.measure_id == codes.day_measure).left_join(leads, [_.undertaking_id == leads.leading, _.measure_id == leads.leads])
    meant = {code: (s.code == code) | (s.leads.notnull() if code == "finish" else ibis.literal(False)) for code in DAYS}
    told = {f"{code}_{name}": getattr(s[f"day_{name}"], pick)(where=here) for name, pick in named.items() for code, here in meant.items()}
    return s.group_by("undertaking_id").agg(**told)  # unsettled: SQLite makes an index for what is grouped, and none for a window
