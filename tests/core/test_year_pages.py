"""A year of an undertaking on one page: when it answers, and what it has no room for."""

from __future__ import annotations

from datetime import date

import pytest
from books import Book, ask, book, turned

from duban.core import lights
from duban.core.history import STILL
from duban.core.pages import PAGES

AUGUST = date(2021, 8, 31)
YEAR = """
undertaking measure  kind    period   amount
roofs       invested plan    2021-06  600
roofs       invested plan    2021-12  1200
roofs       invested report  2021-08  500
roofs       invested report  2021-08  550
roofs       start    report  2021-05  2021-05-10
lamps       invested plan    2021-12  100
"""


def answers(written: Book, year: int = 2021) -> dict[str, int]:
    """The head from which on each undertaking's page answers."""
    codes = {row["id"]: row["code"] for row in written.undertakings}
    return {codes[row["undertaking_id"]]: row["answers"] for row in turned(PAGES, written, year)}


def test_a_page_answers_from_its_newest_entry_on_whatever_the_others_write():
    assert answers(book(YEAR)) == {"roofs": 5, "lamps": 6}


def test_a_month_holds_what_its_slot_said_last_and_a_withdrawn_one_nothing():
    withdrawn = book(YEAR + "roofs invested plan 2021-06 withdrawn")
    (page,) = (row for row in turned(PAGES, withdrawn, 2021) if row["undertaking_id"] == 1)
    assert (page["plan_06"], page["plan_12"], page["report_08"], page["report_07"]) == (None, 12_000_000, 5_500_000, None)


@pytest.mark.parametrize("line", ["roofs invested report 2021-08-15 520", "roofs start report 2021-07 2021-07-01"])
def test_half_a_month_and_a_second_start_leave_the_answer_to_the_entries(line: str):
    written = book(YEAR + line)
    assert answers(written) == {"roofs": STILL, "lamps": 6}
    told = ask(lights.lights(), written, "sqlite", **written.judge(AUGUST))
    assert turned(lights.lights("pages"), written, 2021, **written.judge(AUGUST)) == told


def test_pages_that_answer_need_no_entries_and_those_of_an_earlier_head_do():
    written = book(YEAR)
    now = written.judge(AUGUST)
    told = ask(lights.lights(), written, "sqlite", **now)
    assert turned(lights.lights("pages"), written, 2021, alone=True, **now) == told
    before = {**now, "head": 3}
    told = ask(lights.lights(), written, "sqlite", **before)
    assert turned(lights.lights("pages"), written, 2021, **before) == told
    assert turned(lights.lights("pages"), written, 2021, alone=True, **before) != told


def test_a_lasting_measure_carries_what_the_years_around_said():
    lasting = """
    undertaking measure kind    period   amount
    dyke        total   plan    2020-12  300
    dyke        total   report  2020-11  280
    dyke        total   plan    2022-12  900
    """
    written = book(lasting, "undertaking lead\ndyke total")
    now = written.judge(AUGUST)
    assert turned(lights.lights("pages"), written, 2021, alone=True, **now) == ask(lights.lights(), written, "sqlite", **now)
