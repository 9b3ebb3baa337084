"""A year of an undertaking on one page: the months of its plan and of its reports side by side, and its days.

A page answers from its undertaking's newest entry on. At an earlier head the entries themselves do (`duban.core.columns`), and so
they do at any where a page has no room for what was said: amounts for other periods than months, two reported days of one kind.
`duban.core.laid` writes pages.
"""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import Final

import ibis
import ibis.expr.types as ir
from ibis import _

from duban.core import columns
from duban.core.history import AS_OF, HEAD, YEAR_END, YEAR_START
from duban.core.moments import AROUND, BEFORE, DAYS, FEBRUARY, idle_cut

MONTHS: Final = range(1, 13)
OTHER_YEARS: Final = ("reported", "since", "until")
"""Of a lead measure that lasts: the newest report and the last plan before the year, and the first plan after it."""
OF_DAYS: Final = ("due", "told", "counts")
"""Of a project's day: the planned one, the reported one, and from which day on that is looked at."""
PAGES: Final = ibis.table(
    {
        "undertaking_id": "int64",
        "year": "int64",
        "measure_id": "int64",
        "first": "int64",
        "answers": "int64",
        **{f"{kind}_{month:02}": "int64" for kind in ("plan", "report") for month in MONTHS},
        **{f"{name}_{part}": "int64" for name in OTHER_YEARS for part in ("period", "amount")},
        **{f"{code}_{part}": "int64" for code in DAYS for part in OF_DAYS},
    },
    name="ledger_page",
)
"""One row an undertaking and year, the silent ones included; the months are those of the lead measure `measure_id`.

`year` is the year's first day; `first` the undertaking's first entry, 0 where it has none; `answers` the head from which on
the page tells the truth: its newest entry, or `history.STILL` where it never does. A month of which nothing is said, or withdrawn, is NULL.
"""


def month_end(month: int) -> ir.IntegerValue:
    """The last day of a month of the year."""
    return FEBRUARY + 0 if month == 2 else YEAR_START - 101 + month * 100 + (30 if month in {4, 6, 9, 11} else 31)


def answered(promised: ir.Table, *, idles: int) -> ir.Table:
    """The `promised` undertakings whose page answers, with what `duban.core.heard` asks of the ledger."""
    pages = _answering(idles).rename(page="undertaking_id")
    s = promised.join(pages, [promised.undertaking_id == pages.page, promised.lead == pages.measure_id])
    report, plan = _months(s, "report"), _months(s, "plan")
    reported, since, until = ((s[f"{name}_period"], s[f"{name}_amount"]) for name in OTHER_YEARS)
    newest = {"last": AS_OF, "was": BEFORE, **{f"idle_{n}": idle_cut(n) for n in range(idles)}}
    told = {name: _first([*_until(report, day), reported]) for name, day in newest.items()}
    told["target"] = _first([*_until(plan, YEAR_END), since, until])
    for name, day in AROUND.items():
        told[f"{name}_from"] = _first([*_until(plan, day), since])
        told[f"{name}_to"] = _first([*_after(plan, day), until])
    amounts = {f"{name}_{part}": said for name, pair in told.items() for part, said in zip(("period", "amount"), pair, strict=True)}
    dues = {f"{code}_due": s[f"{code}_due"] for code in DAYS}
    days = {f"{code}_told": ibis.ifelse(s[f"{code}_counts"] <= AS_OF, s[f"{code}_told"], ibis.null("int64")) for code in DAYS}
    return s.select(*promised.columns, **amounts, **dues, **days)


def unanswered(promised: ir.Table, *, idles: int) -> ir.Table:
    """The others by `undertaking_id`: of them the entries tell."""
    pages = _answering(idles).select(page="undertaking_id", of="measure_id")
    s = promised.select("undertaking_id", "lead")
    return s.anti_join(pages, [s.undertaking_id == pages.page, s.lead == pages.of]).select("undertaking_id")


def _answering(idles: int) -> ir.Table:
    """The pages that answer for the day's year at the head; one whose lasting report is newer than an idle cut does not."""
    pages = PAGES.filter((_.year == YEAR_START) & (_.answers <= HEAD))
    newest = pages.reported_period
    return pages.filter(reduce(and_, ((idle_cut(n) >= YEAR_START) | newest.isnull() | (newest <= idle_cut(n)) for n in range(idles))))


def wholes(parts: ir.Table) -> ir.Table:
    """The headings: a part's page says when it first spoke; only parts that have none are looked for among the entries."""
    pages = PAGES.filter(_.year == YEAR_START).select("first", page="undertaking_id")
    spoken = pages.filter((_.first > 0) & (_.first <= HEAD))
    loud = parts.semi_join(spoken, parts.part == spoken.page)
    missing = parts.anti_join(pages, parts.part == pages.page)
    return ibis.union(loud.select(whole="parent_id"), columns.written(missing)).distinct()


_Said = tuple[ir.IntegerValue, ir.IntegerValue]


def _months(s: ir.Table, kind: str) -> dict[int, ir.IntegerValue]:
    return {month: s[f"{kind}_{month:02}"] for month in MONTHS}


def _until(months: dict[int, ir.IntegerValue], day: ir.IntegerValue) -> list[_Said]:
    """The months that have ended by a day, the newest first; engines fold away the others."""
    return [(month_end(m), ibis.ifelse(month_end(m) <= day, months[m], ibis.null("int64"))) for m in reversed(MONTHS)]


def _after(months: dict[int, ir.IntegerValue], day: ir.IntegerValue) -> list[_Said]:
    return [(month_end(m), ibis.ifelse(month_end(m) > day, months[m], ibis.null("int64"))) for m in MONTHS]


def _first(said: list[_Said]) -> _Said:
    """The period and the amount of the first that is not silent."""
    return ibis.cases(*((amount.notnull(), period) for period, amount in said)), ibis.coalesce(*(amount for _period, amount in said))
