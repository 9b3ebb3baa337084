"""What the ledger says of every undertaking on one day: its reports, the points of its plan around that day, its days.

Two layouts give the same rows. `rows` is a ledger in a database, found by its slot's index; `columns` is a ledger as
Parquet, in which each entry names the one that replaced it. Everything below `heard` knows only one.
"""

from __future__ import annotations

from functools import cache
from typing import Final, Literal

import ibis
import ibis.expr.types as ir
from ibis import _

from duban.core import history
from duban.core.history import AS_OF, HEAD, YEAR_END, YEAR_START, packed, packed_amount, packed_period, settle

Layout = Literal["rows", "columns"]


def _moment(name: str) -> ir.IntegerScalar:
    return ibis.param("int64").name(name)


BEFORE: Final = _moment("before")
CURE_BY: Final = _moment("cure_by")
LAST_YEAR_END: Final = _moment("last_year_end")
TOUCHED: Final = ibis.table({"undertaking_id": "int64"}, name="standing_touched")
"""The undertakings that are looked at where not all of them are."""

DAYS: Final = ("converted", "signed", "start", "enrolled", "finish", "produced", "capacity")
"""The measures of a project's days, by their codes: 转化, 签约, 开工, 入库, 竣工, 投产, 达产."""
AROUND: Final = {"before": BEFORE, "now": AS_OF, "cure": CURE_BY}
"""The days around which the plan's points are looked up: the end of the month before, the day itself, the day of the cure."""
POINTS: Final = tuple(f"{name}_{side}" for name in AROUND for side in ("from", "to"))


@cache
def idle_cut(place: int) -> ir.IntegerScalar:
    """The day to which a report is compared to tell whether anything came since; rulebooks may differ in it."""
    return _moment(f"idle_cut_{place}")


def _picked(idles: int) -> tuple[str, ...]:
    return ("last", "was", *(f"idle_{place}" for place in range(idles)), "target", *POINTS)


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
    promised = _promises(touched)
    spoken = (_spoken_rows if layout == "rows" else _spoken_columns)(idles, touched)
    amounts = spoken.drop("day_due", "day_told").rename(speaker="undertaking_id", lead_id="measure_id")
    told = [promised.undertaking_id == amounts.speaker, promised.lead == amounts.lead_id]
    s = promised.left_join(amounts, told).drop("speaker", "lead_id")
    days = _days(spoken, promised).rename(dated="undertaking_id")
    s = s.left_join(days, s.undertaking_id == days.dated).drop("dated")
    wholes = headings(layout, touched=touched).select(whole="undertaking_id")
    s = s.left_join(wholes, s.undertaking_id == wholes.whole)
    s = s.mutate(heading=s.whole.notnull()).drop("whole")
    return s if layout == "columns" else history.with_amounts(s, *_picked(idles), only=("period", "amount"))


def _promises(touched: bool) -> ir.Table:
    """One row an undertaking that lights judge: its programme, lead measure and how that accumulates."""
    programmes = history.PROGRAMMES.filter(_.lead_measure_id.notnull()).select(programme_id="id", lead="lead_measure_id")
    measures = history.MEASURES.select("holds", "accumulates", "direction", lead="id")
    undertakings = history.UNDERTAKINGS.select("programme_id", "lead_body_id", declared="stage", undertaking_id="id")
    if touched:
        undertakings = undertakings.semi_join(TOUCHED, "undertaking_id")
    return undertakings.join(programmes, "programme_id").join(measures, "lead")


def headings(layout: Layout = "rows", *, touched: bool = False) -> ir.Table:
    """Undertakings whose parts speak for them: they are shown, and never counted beside their parts."""
    parts = history.UNDERTAKINGS.filter(_.parent_id.notnull()).select("parent_id", part="id")
    if touched:
        parts = parts.filter(_.parent_id.isin(TOUCHED.undertaking_id))
    entries = history.ENTRIES if layout == "rows" else history.LAKE
    written = entries.filter(_.seq <= HEAD).select(speaker="undertaking_id")
    speaking = parts.semi_join(written, parts.part == written.speaker)
    return speaking.select(undertaking_id="parent_id").distinct()


def _spoken_rows(idles: int, touched: bool) -> ir.Table:
    """One row an undertaking and measure that has spoken: the places of the entries that a light depends on, and its days.

    This is the one pass over the ledger. Its groups begin the slot's index, in which SQLite therefore finds them in
    order, without sorting and without a look at the table; nothing is joined before they are made.
    """
    lasting = history.MEASURES.filter((_.accumulates != "year") | (_.holds == "day")).id
    entries = history.ENTRIES.filter(_.period.between(YEAR_START, YEAR_END) | _.measure_id.isin(lasting))
    if touched:
        entries = entries.filter(_.undertaking_id.isin(TOUCHED.undertaking_id))
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


def _lately(touched: bool) -> ir.Table:
    """What spoke at the head, of a year's measures only what lies within the year: two reads, because each skips what the other has."""
    lasting = history.MEASURES.filter((_.accumulates != "year") | (_.holds == "day")).id
    speaking = history.LAKE.filter((_.seq <= HEAD) & (_.replaced_by > HEAD))
    if touched:
        speaking = speaking.filter(_.undertaking_id.isin(TOUCHED.undertaking_id))
    columns = ("undertaking_id", "measure_id", "kind", "period", "amount", "day")
    within = speaking.filter(_.period.between(YEAR_START, YEAR_END)).select(*columns)
    before = speaking.filter((_.period < YEAR_START) & _.measure_id.isin(lasting)).select(*columns)
    after = speaking.filter((_.period > YEAR_END) & _.measure_id.isin(lasting)).select(*columns)
    return ibis.union(within, before, after)


def _spoken_columns(idles: int, touched: bool) -> ir.Table:
    """The same from columns, period and amount packed into one number: no entry is looked up a second time."""
    entries = _lately(touched)
    s = entries.select(
        "undertaking_id",
        "measure_id",
        "day",
        told=packed(_.period, _.amount),
        said=ibis.cases((_.kind == "report", _.period)),
        plan=ibis.cases((_.kind == "plan", _.period)),
    )
    picked = {
        "last": s.told.max(where=s.said <= AS_OF),
        "was": s.told.max(where=s.said <= BEFORE),
        **{f"idle_{n}": s.told.max(where=s.said <= idle_cut(n)) for n in range(idles)},
        "target": ibis.coalesce(s.told.max(where=s.plan <= YEAR_END), s.told.min(where=s.plan > BEFORE)),
        **{f"{name}_from": s.told.max(where=s.plan <= day) for name, day in AROUND.items()},
        **{f"{name}_to": s.told.min(where=s.plan > day) for name, day in AROUND.items()},
    }
    s = s.group_by("undertaking_id", "measure_id").agg(
        **picked,
        day_due=ibis.coalesce(s.day.max(where=s.plan <= YEAR_END), s.day.min(where=s.plan > YEAR_END)),
        day_told=s.day.min(where=(s.said <= AS_OF) & (s.day <= AS_OF)),
    )
    periods = {f"{name}_period": packed_period(s[name]) for name in picked}
    amounts = {f"{name}_amount": packed_amount(s[name]) for name in picked}
    return settle(s.mutate(**periods, **amounts).drop(*picked))


def _days(spoken: ir.Table, promised: ir.Table) -> ir.Table:
    """One row an undertaking that has days: `CODE_due` and `CODE_told`."""
    codes = history.MEASURES.filter(_.holds == "day").select("code", day_measure="id")
    leads = promised.select(leading="undertaking_id", leads="lead")
    s = spoken.filter(_.day_due.notnull() | _.day_told.notnull()).select("undertaking_id", "measure_id", "day_due", "day_told")
    s = s.join(codes, s.measure_id == codes.day_measure).left_join(leads, [_.undertaking_id == leads.leading, _.measure_id == leads.leads])
    meant = {code: (s.code == code) | (s.leads.notnull() if code == "finish" else ibis.literal(False)) for code in DAYS}
    due = {f"{code}_due": s.day_due.max(where=here) for code, here in meant.items()}
    told = {f"{code}_told": s.day_told.min(where=here) for code, here in meant.items()}
    return s.group_by("undertaking_id").agg(**due, **told)  # unsettled: SQLite makes an index for what is grouped, and none for a window
