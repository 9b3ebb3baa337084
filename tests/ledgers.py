"""Ledgers that nobody thought of: strategies for hypothesis, and how hard it tries."""

from __future__ import annotations

import os
from datetime import date

from books import Book, book
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

LEADS = ("invested", "total", "progress", "complaints", "cleared", "none")
STAGES = ("", "reserve", "new", "continuing", "finished")
DATED = ("start", "finish", "start", "finish", "enrolled", "produced", "converted")
ENDS = [
    date(2019, 12, 31), date(2020, 6, 30), date(2020, 12, 31), date(2021, 1, 31), date(2021, 2, 28), date(2021, 3, 31),
    date(2021, 4, 30), date(2021, 5, 31), date(2021, 6, 30), date(2021, 7, 31), date(2021, 8, 15), date(2021, 8, 31),
    date(2021, 9, 30), date(2021, 12, 31), date(2022, 1, 31), date(2022, 12, 31),
]  # fmt: skip

EXAMPLES = int(os.environ.get("HYPOTHESIS_EXAMPLES", "60"))
QUICK = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="HYPOTHESIS_EXAMPLES" not in os.environ,
    database=None,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
"""The same ledgers in every run; HYPOTHESIS_EXAMPLES=5000 tries as many new ones."""


def days() -> st.SearchStrategy[date]:
    """Days on which somebody asks: ends of months, middles, the days of grace and any other."""
    return st.one_of(
        st.sampled_from([*ENDS, date(2021, 8, 10), date(2021, 8, 11), date(2021, 9, 9), date(2020, 2, 29)]),
        st.dates(date(2020, 1, 1), date(2022, 3, 1)),
    )


def amounts() -> st.SearchStrategy[int]:
    """Stored amounts: round ones that meet thresholds exactly, odd ones, zero, and some below it or very large."""
    return st.one_of(
        st.integers(0, 24).map(lambda twelfth: twelfth * 1_000_000),
        st.integers(0, 24_000_000),
        st.sampled_from([0, 1, 999_999, 1_000_001, -5_000_000, 9_000_000_000_000_000]),
    )


@st.composite
def ledgers(draw: st.DrawFn, largest: int = 30) -> Book:
    """A book of up to five undertakings under all kinds of measures, with corrections, withdrawals and parts."""
    written = book("undertaking measure kind period amount")
    codes = [f"u{place}" for place in range(draw(st.integers(1, 5)))]
    for code in codes:
        written.promise(
            code,
            lead=draw(st.sampled_from(LEADS)),
            stage=draw(st.sampled_from(STAGES)),
            parent=draw(st.sampled_from(["", "", *codes[: len(written.undertakings)]])),
        )
    leads = {row["id"]: row["code"] for row in written.programmes}
    for _ in range(draw(st.integers(0, largest))):
        undertaking = draw(st.sampled_from(written.undertakings))
        lead = leads[undertaking["programme_id"]]
        measure = draw(st.sampled_from([lead] * 4 + list(DATED))) if lead != "none" else "invested"
        amount = day = None
        if draw(st.integers(0, 9)):
            if written.measure(measure)["holds"] == "amount":
                amount = draw(amounts())
            else:
                day = int(draw(days()).strftime("%Y%m%d"))
        kind = draw(st.sampled_from(["plan", "report", "report"]))
        written.write(undertaking["code"], measure, kind, draw(st.sampled_from(ENDS)), amount, day)
    return written
