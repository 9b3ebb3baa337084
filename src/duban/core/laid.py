"""The pages of a year as they are laid from the ledger's columns, once for every reader."""

from __future__ import annotations

from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir
from ibis import _

from duban.core import columns, history, periods
from duban.core.heard import days
from duban.core.history import HEAD, STILL, YEAR_END, YEAR_START
from duban.core.moments import DAYS
from duban.core.pages import MONTHS, PAGES, month_end


def moment(*, year: int, head: int) -> dict[str, int]:
    """The parameters of `pages` for one year and for a ledger that was written up to `head`."""
    return {
        "head": head,
        "as_of": STILL,
        "year_start": year * 10_000 + 101,
        "year_end": year * 10_000 + 1231,
        "february": periods.to_number(periods.last_day(year, 2)),
    }


def pages() -> ir.Table:
    """The rows of `PAGES` for one year: one an undertaking of the registry, by what the ledger says at the head."""
    spoken, promised = columns.speaking(), _promised()
    s = promised
    for told in (_months(spoken), columns.lasting(spoken, 0)):
        told = told.rename(speaker="undertaking_id", lead_id="measure_id")
        s = s.left_join(told, [s.undertaking_id == told.speaker, s.lead == told.lead_id]).drop("speaker", "lead_id")
    dated = days(columns.dated(spoken), promised, counts="max", early="min").rename(speaker="undertaking_id")
    s = s.left_join(dated, s.undertaking_id == dated.speaker).drop("speaker")
    written = _written()
    s = s.left_join(written, s.undertaking_id == written.speaker)
    twice = reduce(or_, ((s[f"{code}_early"] < s[f"{code}_counts"]).fill_null(False) for code in DAYS))
    s = s.mutate(
        year=YEAR_START + 0,
        first=s.first.fill_null(0),
        answers=ibis.ifelse((s.others.fill_null(0) > 0) | twice, STILL, s.newest.fill_null(0)),
        measure_id=s.lead,
    )
    return s.select(*PAGES.columns)


def _promised() -> ir.Table:
    programmes = history.PROGRAMMES.select(programme_id="id", lead="lead_measure_id")
    measures = history.MEASURES.select("holds", lead="id")
    s = history.UNDERTAKINGS.select("programme_id", undertaking_id="id")
    return s.join(programmes, "programme_id").left_join(measures, "lead").select("undertaking_id", "lead", "holds")


def _months(spoken: ir.Table) -> ir.Table:
    """One row an undertaking and measure of which an amount is planned or reported within the year; `others` are for no month."""
    s = spoken.filter(_.amount.notnull() & _.period.between(YEAR_START, YEAR_END))
    ends = {month: s.period == month_end(month) for month in MONTHS}
    amounts = {f"{kind}_{m:02}": s.amount.max(where=(s.kind == kind) & end) for kind in ("plan", "report") for m, end in ends.items()}
    return s.group_by("undertaking_id", "measure_id").agg(**amounts, others=s.count(where=~reduce(or_, ends.values())))


def _written() -> ir.Table:
    """The first and the newest entry of everybody who has one."""
    s = history.LAKE.filter(_.seq <= HEAD)
    return s.group_by(speaker="undertaking_id").agg(first=s.seq.min(), newest=s.seq.max())
