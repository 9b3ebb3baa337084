"""The ledger's years as courses: whose they are, where they began, what they were to become, and why some have none."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from books import Book, ask, book
from hypothesis import given
from hypothesis import strategies as st
from ledgers import QUICK, days, ledgers

from duban.core import courses, fixed
from duban.core.courses import Courses, Told

AUGUST = date(2021, 8, 31)
ENGINES = ("sqlite", "duckdb")


def read(written: Book, *, head: int | None = None, engine: str = "sqlite", programme: str = "") -> Courses:
    """The courses of a book as known at a head (its last entry if None), of one programme or of all."""
    values = {"head": len(written.entries) if head is None else head}
    if programme:
        values["programme"] = next(row["id"] for row in written.programmes if row["code"] == programme)

    return Courses(Told.read(lambda asked: [tuple(row.values()) for row in ask(asked, written, engine, **values)], of_one=bool(programme)))


def stood(written: Book, as_of: date = AUGUST, **asked: Any) -> dict[str, Any]:
    """Of each undertaking under way its base, done, target and half month; of the others the reason."""
    names = {row["id"]: row["code"] for row in written.undertakings}
    told, why = read(written, **asked).under_way(as_of)
    rows = zip(told.undertaking, told.base, told.done, told.target, told.half, strict=True)
    found = {names[key]: (*(int(fixed.from_fixed(int(amount))) for amount in row[:-1]), int(row[-1])) for key, *row in rows}
    return found | {names[key]: reason for key, reason in why.items()}


def paths(written: Book, *, before: int = 2022, **asked: Any) -> list[list[float]]:
    return read(written, **asked).completed(before=before).path.tolist()


YEAR = """
undertaking  measure   kind    period   amount
roofs        invested  plan    2021     120
roofs        invested  report  2021-03  20
roofs        invested  report  2021-06  30
"""


def test_a_year_begins_with_nothing_and_stands_where_its_last_report_left_it() -> None:
    assert stood(book(YEAR)) == {"roofs": (0, 30, 120, 12)}
    assert stood(book(YEAR), date(2021, 6, 29)) == {"roofs": (0, 20, 120, 6)}
    assert stood(book(YEAR), date(2021, 1, 20)) == {"roofs": (0, 0, 120, 0)}


def test_a_report_of_the_first_days_is_not_the_year_s_beginning() -> None:
    written = book(f"{YEAR}roofs invested report 2021-01-10 5")
    assert stood(written, date(2021, 1, 12)) == {"roofs": (0, 5, 120, 1)}


def test_the_year_s_last_point_of_the_plan_is_its_target_and_another_year_s_is_not() -> None:
    written = book(f"{YEAR}roofs invested plan 2021-10 110\nroofs invested plan 2020 90\nroofs invested plan 2022 500")
    assert stood(written) == {"roofs": (0, 30, 120, 12)}
    assert stood(book("undertaking measure kind period amount\nroofs invested plan 2020 90")) == {"roofs": courses.NO_PLAN}


LIFE = """
undertaking  measure  kind    period   amount
bridge       total    report  2020-12  300
bridge       total    plan    2021     420
bridge       total    report  2021-06  330
"""
LED = "undertaking lead stage\nbridge total {}"


def lasting(more: str = "", stage: str = "continuing", text: str = LIFE) -> Book:
    return book(text + more, LED.format(stage))


def test_what_counts_since_the_start_begins_its_year_with_what_stood_before() -> None:
    assert stood(lasting()) == {"bridge": (300, 330, 420, 12)}
    assert stood(lasting(), date(2021, 5, 31)) == {"bridge": (300, 300, 420, 0)}


def test_where_nobody_knows_what_stood_before_there_is_no_course_unless_all_of_it_is_new() -> None:
    young = "\n".join(line for line in LIFE.splitlines() if "2020-12" not in line) + "\n"
    assert stood(lasting(text=young)) == {"bridge": courses.NO_BASE}
    assert stood(lasting(text=young, stage="new")) == {"bridge": (0, 330, 420, 12)}


def test_a_lasting_plan_is_straight_between_its_points_and_level_after_them() -> None:
    bare = "undertaking measure kind period amount\nbridge total report 2020-12 300\n"
    assert stood(lasting("bridge total plan 2022 540", text=bare)) == {"bridge": (300, 300, 420, 0)}
    assert stood(lasting("bridge total plan 2021-06 400\nbridge total plan 2022-06 500", text=bare)) == {"bridge": (300, 300, 450, 0)}
    assert stood(lasting("bridge total plan 2021-06 400", text=bare)) == {"bridge": (300, 300, 400, 0)}
    assert stood(lasting("bridge total plan 2020-06 250", text=bare)) == {"bridge": courses.NOTHING_LEFT}


def test_levels_days_and_what_should_be_less_have_no_course_and_headings_leave_theirs_to_their_parts() -> None:
    written = book(
        """
        undertaking  measure     kind    period   amount
        tower        progress    report  2021-06  40
        petition     cleared     plan    2021     2021-09-30
        street       complaints  plan    2021     10
        whole        invested    plan    2021     10
        part         invested    plan    2021     10
        """,
        "undertaking lead parent\ntower progress -\npetition cleared -\nstreet complaints -\nwhole invested -\npart invested whole",
    )
    none = dict.fromkeys(("tower", "petition", "street"), courses.NO_COURSE)
    assert stood(written) == {**none, "whole": courses.HEADING, "part": (0, 0, 10, 0)}


def test_a_course_is_read_as_it_was_known_and_a_withdrawn_report_is_none() -> None:
    written = book(f"{YEAR}roofs invested report 2021-06 45\nroofs invested report 2021-06 withdrawn")
    assert [stood(written, head=head)["roofs"][1] for head in (3, 4, 5)] == [30, 45, 20]


DONE = """
undertaking  measure   kind    period   amount
roofs        invested  plan    2020     100
roofs        invested  report  2020-03  20
roofs        invested  report  2020-06  50
roofs        invested  report  2020-12  90
"""


def test_a_completed_course_is_straight_through_its_silence() -> None:
    (path,) = paths(book(DONE))
    assert path[:13] == pytest.approx([0, *(place / 30 for place in range(1, 7)), *(0.2 + place / 20 for place in range(1, 7))])
    assert path[12:] == pytest.approx([0.5 + place / 30 for place in range(13)])


def test_of_a_course_whose_end_nobody_reported_only_its_fulfilment_is_an_end() -> None:
    unended = "\n".join(line for line in DONE.splitlines() if "2020-12" not in line)
    assert paths(book(unended)) == []
    (path,) = paths(book(unended.replace("  50", "  104")))
    assert path[12:] == [1.04] * 13


def test_a_year_is_completed_only_once_it_is_over() -> None:
    assert paths(book(DONE), before=2020) == []
    assert len(paths(book(DONE), before=2021)) == 1


def test_a_lasting_course_is_what_was_added_in_its_year() -> None:
    (path,) = paths(lasting("bridge total report 2021-12 414"), before=2022)
    assert path[12] == pytest.approx(30 / 120) and path[24] == pytest.approx(114 / 120)


def test_what_stood_at_a_year_s_end_is_told_for_completed_courses_alone() -> None:
    written = book(f"{DONE}{YEAR.partition('amount')[2].strip()}")
    assert read(written).ends(2020) == {1: 900_000}
    assert read(written).ends(2021) == {}


def test_one_programme_reads_as_it_reads_among_all() -> None:
    written = book(YEAR + LIFE.partition("amount")[2].strip(), LED.format("continuing"))
    assert stood(written, programme="total") == {"bridge": stood(written)["bridge"]}
    assert stood(written, programme="invested") == {"roofs": stood(written)["roofs"]}


def test_an_empty_ledger_has_no_courses() -> None:
    assert paths(book("undertaking measure kind period amount")) == []
    assert stood(book("undertaking measure kind period amount")) == {}


# Once more from the description: slowly, undertaking by undertaking.


def half(day: int) -> int:
    return (day // 10_000) * 24 + 2 * (day // 100 % 100 - 1) + (day % 100 >= 15) + (day % 100 >= 28)


def spoken(written: Book, head: int) -> dict[tuple[int, str], dict[int, int]]:
    """What each undertaking's lead measure says at the head, by kind: amounts by period."""
    leads = {row["id"]: row["lead_measure_id"] for row in written.programmes}
    lead = {row["id"]: leads[row["programme_id"]] for row in written.undertakings}
    said: dict[tuple[int, str], dict[int, int]] = {}
    for entry in written.entries[:head]:
        if entry["measure_id"] == lead[entry["undertaking_id"]]:
            slots = said.setdefault((entry["undertaking_id"], entry["kind"]), {})
            slots.pop(entry["period"], None)
            if entry["amount"] is not None:
                slots[entry["period"]] = entry["amount"]
    return said


def slowly(written: Book, head: int, as_of: date) -> dict[int, Any]:
    """What `under_way` says of each undertaking."""
    said, told = spoken(written, head), {}
    measures = {row["id"]: row for row in written.measures}
    wholes = {entry["undertaking_id"] for entry in written.entries[:head]}
    for row in written.undertakings:
        lead = next(one["lead_measure_id"] for one in written.programmes if one["id"] == row["programme_id"])
        if lead is None:
            continue
        measure = measures[lead]
        reports, plans = (sorted(said.get((row["id"], kind), {}).items()) for kind in ("report", "plan"))
        year, now = as_of.year, as_of.year * 10_000 + as_of.month * 100 + as_of.day
        if any(part["parent_id"] == row["id"] and part["id"] in wholes for part in written.undertakings):
            told[row["id"]] = courses.HEADING
            continue
        if measure["holds"] != "amount" or measure["accumulates"] == "level" or measure["direction"] < 0:
            told[row["id"]] = courses.NO_COURSE
            continue
        life = measure["accumulates"] == "life"
        before = [amount for period, amount in reports if period < year * 10_000] if life else []
        base = before[-1] if before else 0
        if life:
            early = [point for point in plans if point[0] <= year * 10_000 + 1231]
            late = [point for point in plans if point[0] > year * 10_000 + 1231]
            target = None
            if early and (not late or half(early[-1][0]) == year * 24 + 24):
                target = early[-1][1]
            elif late:
                # only the first and the last point of each year are read, and the line to the next one is the same
                since, low = (half(early[-1][0]), early[-1][1]) if early else (year * 24, base)
                target = low + round(Fraction((late[0][1] - low) * (year * 24 + 24 - since), half(late[0][0]) - since))
        else:
            of_year = [amount for period, amount in plans if period // 10_000 == year]
            target = of_year[-1] if of_year else None
        this = [(period, amount) for period, amount in reports if period // 10_000 == year and period <= now]
        if target is None or target <= 0:
            told[row["id"]] = courses.NO_PLAN
        elif life and not before and row["stage"] not in {"new", "reserve"}:
            told[row["id"]] = courses.NO_BASE
        elif target <= base:
            told[row["id"]] = courses.NOTHING_LEFT
        else:
            told[row["id"]] = (base, this[-1][1] if this else base, target, max(half(this[-1][0]) - year * 24, 1) if this else 0)
    return told


@QUICK
@given(written=ledgers(largest=40), part=st.floats(0, 1), as_of=days())
def test_courses_under_way_are_what_their_description_says(written: Book, part: float, as_of: date) -> None:
    head = round(part * len(written.entries))
    expected = slowly(written, head, as_of)
    for engine in ENGINES:
        under, why = read(written, head=head, engine=engine).under_way(as_of)
        rows = zip(
            under.undertaking.tolist(), under.base.tolist(), under.done.tolist(), under.target.tolist(), under.half.tolist(), strict=True
        )
        told = {key: tuple(row) for key, *row in rows} | why
        assert told.keys() == expected.keys()
        for key, value in expected.items():
            if isinstance(value, str):
                assert told[key] == value
            else:
                assert told[key] == pytest.approx(value, abs=1, rel=1e-12)


@QUICK
@given(written=ledgers(largest=60))
def test_a_completed_course_passes_through_everything_that_was_reported_of_it(written: Book) -> None:
    told = read(written)
    for year in (2020, 2021):
        ends = told.ends(year)
        for key, end in ends.items():
            reports = {
                period: amount
                for period, amount in spoken(written, len(written.entries))[key, "report"].items()
                if period // 10_000 == year
            }
            assert reports[max(reports)] == end
    assert len(told.completed(before=2022).path) == len(told.ends(2020)) + len(told.ends(2021)) + len(told.ends(2019))
    assert np.isfinite(told.completed(before=2023).path).all()
