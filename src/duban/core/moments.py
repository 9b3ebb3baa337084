"""The days at which the ledger is read for one moment, and the names of what is read there."""

from __future__ import annotations

from functools import cache
from typing import Final

import ibis
import ibis.expr.types as ir

from duban.core.history import AS_OF


def _moment(name: str) -> ir.IntegerScalar:
    return ibis.param("int64").name(name)


BEFORE: Final = _moment("before")
CURE_BY: Final = _moment("cure_by")
LAST_YEAR_END: Final = _moment("last_year_end")
FEBRUARY: Final = _moment("february")
"""The last day of the year's February; the other months end on the same days every year."""
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


def picked(idles: int) -> tuple[str, ...]:
    """What is picked of a measure's amounts, each with its period."""
    return ("last", "was", *(f"idle_{place}" for place in range(idles)), "target", *POINTS)
