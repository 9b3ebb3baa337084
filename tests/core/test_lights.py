"""Which light, by which rule, on which side of each boundary, and what would cure it.

A year's plan of 1200 asks 100 a month: by the end of June 600, so that 120 are ten points.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from books import Book, ask, book, rows

from duban.core import fixed, lights, periods, rulefile
from duban.core.refusals import Refusal
from duban.core.rulebook import Rulebook, terms

JUNE = date(2021, 6, 30)


def lit(
    written: Book | str, as_of: date | str = JUNE, *, head: int = 2**31, who: str = "roofs", under: str = "", rules: Rulebook | None = None
) -> dict[str, Any]:
    """What the lights say of one undertaking."""
    written = book(written, under) if isinstance(written, str) else written
    as_of = date.fromisoformat(as_of) if isinstance(as_of, str) else as_of
    values = {**written.judge(as_of, rules), "head": head}
    ids = {row["id"]: row["code"] for row in written.undertakings}
    return {ids[row["undertaking_id"]]: row for row in ask(lights.lights(), written, "sqlite", **values)}[who]


def rule(*args: Any, **named: Any) -> str:
    told = lit(*args, **named)
    return f"{told['light']} {told['rule']}"


PLAN = "undertaking measure kind period amount\nroofs invested plan 2021 1200\n"


def reported(amount: str, period: str = "2021-06") -> str:
    return f"{PLAN}roofs invested report {period} {amount}\n"


# How far behind


@pytest.mark.parametrize(
    ("done", "light", "gap"),
    [
        ("700", "green on_schedule", 833),
        ("600", "green on_schedule", 0),
        ("599.9999", "green watch", 0),
        ("480", "green watch", -1000),
        ("479.9999", "amber behind", -1000),
        ("240", "amber behind", -3000),
        ("239.9999", "red far_behind", -3000),
        ("0", "red far_behind", -5000),
        ("1199.9999", "green on_schedule", 5000),
        ("1200", "green fulfilled", 5000),
        ("1500", "green fulfilled", 7500),
    ],
)
def test_exactly_ten_points_behind_is_green_and_exactly_thirty_is_amber(done: str, light: str, gap: int):
    told = lit(reported(done))
    assert (f"{told['light']} {told['rule']}", told["gap"]) == (light, gap)


def test_a_gap_is_rounded_half_away_from_zero():
    """0.06 of 1200 is half a hundredth of a point."""
    assert [lit(reported(done))["gap"] for done in ("599.94", "600.06", "599.9401", "600.0599")] == [-1, 1, 0, 0]


PUBLISHED = """
place       day         done    gap
huangshan   2020-09-30  86.18   1118
yunfu       2017-08-15  61.14   -136
sanyuan     2010-08-31  74      733
livelihood  2013-06-30  74.9    2490
city        2018-06-30  60.48   1048
"""


@pytest.mark.parametrize("bulletin", rows(PUBLISHED), ids=lambda row: row["place"])
def test_the_gaps_that_bulletins_have_published(bulletin: dict[str, str]):
    day = date.fromisoformat(bulletin["day"])
    text = f"""
    undertaking  measure   kind    period       amount
    roofs        invested  plan    {day.year}   100
    roofs        invested  report  {day}        {bulletin["done"]}
    """
    assert lit(text, day)["gap"] == int(bulletin["gap"])


def test_a_citys_billions_come_to_the_published_percentage():
    text = """
    undertaking  measure   kind    period   amount
    roofs        invested  plan    2018     38000000000
    roofs        invested  report  2018-06  22982000000
    """
    assert lit(text, "2018-06-30")["gap"] == 1048


def test_the_schedule_is_rounded_against_whoever_has_to_meet_it():
    """A third of a ten-thousandth is not done by having done none of it."""
    text = "undertaking measure kind period amount\nroofs invested plan 2021 0.0100\nroofs invested report 2021-01 0.0008"
    assert lit(text, "2021-01-31")["planned"] == 9


# Which day the schedule is read on


def test_until_something_newer_is_reported_the_last_months_end_is_judged():
    assert lit(reported("600"), "2021-07-20")["planned"] == 7_000_000 - 1_000_000
    assert lit(reported("600", "2021-07-15"), "2021-07-20")["planned"] == 6_500_000


def test_the_middle_of_a_month_begins_on_its_15th_and_its_end_on_the_28th():
    text = reported("600", "2021-07-10")
    asked = {day: lit(text, f"2021-07-{day}")["planned"] for day in ("14", "15", "27", "28", "31")}
    assert asked == {"14": 6_000_000, "15": 6_500_000, "27": 6_500_000, "28": 7_000_000, "31": 7_000_000}


def test_an_undertakings_own_curve_takes_the_place_of_the_line():
    curve = """
    undertaking  measure   kind    period   amount
    roofs        invested  plan    2021-03  60
    roofs        invested  plan    2021-06  900
    roofs        invested  plan    2021     1200
    roofs        invested  report  {month}  {done}
    """
    assert lit(curve.format(month="2021-03", done=60), "2021-03-31")["planned"] == 600_000
    assert lit(curve.format(month="2021-03-15", done=60), "2021-03-15")["planned"] == 500_000
    assert lit(curve.format(month="2021-05", done=60), "2021-05-31")["planned"] == 6_200_000
    assert rule(curve.format(month="2021-06", done=780)) == "green watch"
    assert rule(curve.format(month="2021-06", done="779.9999")) == "amber behind"
    assert lit(curve.format(month="2021-09", done=0), "2021-09-30")["planned"] == 10_500_000


def test_after_the_plans_last_point_the_plan_asks_for_that_point():
    text = """
    undertaking  measure   kind    period   amount
    roofs        invested  plan    2021-06  1000
    roofs        invested  report  2021-09  900
    """
    told = lit(text, "2021-09-30")
    assert (told["planned"], told["target"], told["rule"]) == (10_000_000, 10_000_000, "watch")


# What accumulates how


def test_a_years_amounts_begin_again_every_year():
    text = """
    undertaking  measure   kind    period   amount
    roofs        invested  plan    2020     1200
    roofs        invested  report  2020-12  1200
    roofs        invested  plan    2021     2400
    roofs        invested  report  2021-03  500
    """
    told = lit(text, "2021-03-31")
    assert (told["done"], told["planned"], told["target"], told["rule"]) == (5_000_000, 6_000_000, 24_000_000, "watch")
    assert rule(text, "2020-12-31") == "green fulfilled"


def test_what_accumulates_for_life_goes_on_from_last_years_point():
    text = """
    undertaking  measure  kind    period   amount
    roofs        total    plan    2020     1200
    roofs        total    plan    2021     2400
    roofs        total    report  2020-12  1300
    """
    told = lit(text, "2021-03-31", under="undertaking lead\nroofs total")
    assert (told["done"], told["planned"], told["target"]) == (13_000_000, 15_000_000, 24_000_000)


def test_a_level_is_judged_by_its_newest_report_whatever_the_year():
    text = """
    undertaking  measure   kind    period   amount
    roofs        progress  plan    2021     100
    roofs        progress  report  2020-12  45
    """
    told = lit(text, "2021-03-31", under="undertaking lead\nroofs progress")
    assert (told["done"], told["planned"], told["last_period"]) == (450_000, 250_000, 20201231)


@pytest.mark.parametrize(
    ("done", "light"), [("600", "green on_schedule"), ("720", "green watch"), ("720.0001", "amber behind"), ("961", "red far_behind")]
)
def test_where_less_is_better_more_is_behind_and_no_amount_cures_it(done: str, light: str):
    text = f"undertaking measure kind period amount\nroofs complaints plan 2021 1200\nroofs complaints report 2021-06 {done}"
    told = lit(text, under="undertaking lead\nroofs complaints")
    assert (f"{told['light']} {told['rule']}", told["cure_amount"]) == (light, None)


def test_where_less_is_better_reaching_the_limit_fulfils_nothing():
    text = "undertaking measure kind period amount\nroofs complaints plan 2021 1200\nroofs complaints report 2021 1200"
    assert rule(text, "2021-12-31", under="undertaking lead\nroofs complaints") == "green on_schedule"


# Starting and finishing

START = "undertaking measure kind period amount\nroofs invested plan 2021 1200\nroofs start plan 2021 2021-03-20\n"


@pytest.mark.parametrize(
    ("as_of", "light"),
    [
        ("2021-03-19", "grey silent"),
        ("2021-03-20", "amber not_started"),
        ("2021-05-31", "amber not_started"),
        ("2021-06-01", "red start_overdue"),
    ],
)
def test_a_start_is_overdue_in_the_third_month_after_its_own(as_of: str, light: str):
    told = lit(START, as_of)
    assert f"{told['light']} {told['rule']}" == light
    assert told["due"] == (20210320 if "start" in light else None)
    assert told["cure_amount"] is None or "start" not in light


def test_a_start_that_is_reported_or_shows_in_an_amount_is_a_start():
    assert rule(START + "roofs start report 2021-06 2021-06-02", "2021-08-31") == "red long_silent"
    assert rule(START + "roofs invested report 2021-07 800", "2021-08-31") == "green on_schedule"
    assert rule(START + "roofs invested report 2021-08 0", "2021-08-31") == "red start_overdue"


def test_a_start_reported_for_a_later_day_has_not_come():
    assert rule(START + "roofs start report 2021-09 2021-09-02", "2021-08-31") == "red start_overdue"


FINISH = "undertaking measure kind period amount\nroofs invested plan 2021 1200\nroofs finish plan 2021 2021-06-15\n"


def test_a_finish_is_overdue_the_day_after_it_was_due_whatever_was_spent():
    assert rule(FINISH + "roofs invested report 2021-06-15 700", "2021-06-15") == "green on_schedule"
    late = lit(FINISH + "roofs invested report 2021-06-15 700", "2021-06-16")
    assert (late["rule"], late["light"], late["due"]) == ("finish_overdue", "red", 20210615)
    assert rule(FINISH + "roofs invested report 2021-06 1200", "2021-06-30") == "green fulfilled"


def test_what_is_finished_is_green_whatever_it_spent():
    assert rule(FINISH + "roofs finish report 2021-07 2021-07-02", "2021-08-31") == "green finished"
    assert rule(FINISH + "roofs finish report 2021-07 2021-07-02", "2021-07-30") == "red finish_overdue"


CLEARED = "undertaking measure kind period amount\nplot cleared plan 2021 2021-08-20\n"


def test_a_lead_measure_that_is_a_day_is_pending_then_overdue_then_finished():
    under = "undertaking lead\nplot cleared"
    assert rule(CLEARED, "2021-08-20", who="plot", under=under) == "green pending"
    assert rule(CLEARED, "2021-08-21", who="plot", under=under) == "red finish_overdue"
    assert rule(CLEARED + "plot cleared report 2021-08 2021-08-25", "2021-08-31", who="plot", under=under) == "green finished"
    assert rule("undertaking measure kind period amount", "2021-08-31", who="plot", under=under) == "grey unplanned"


# Silence


@pytest.mark.parametrize(
    ("as_of", "light"),
    [
        ("2021-07-09", "amber behind"),
        ("2021-08-10", "amber behind"),
        ("2021-09-29", "amber behind"),
        ("2021-09-30", "red far_behind"),
        ("2021-10-09", "red far_behind"),
        ("2021-10-10", "red long_silent"),
    ],
)
def test_whoever_is_behind_and_silent_is_behind_until_the_silence_is_long(as_of: str, light: str):
    assert rule(reported("460"), as_of) == light


def test_a_missing_report_is_grey_once_the_days_of_grace_are_over():
    ahead = reported("1100")
    assert rule(ahead, "2021-08-09") == "green on_schedule"
    assert rule(ahead, "2021-08-10") == "grey silent"
    assert lit(ahead, "2021-08-10")["last_period"] == 20210630


def test_three_months_without_a_report_are_red_however_far_ahead():
    ahead = reported("1100")
    assert rule(ahead, "2021-10-09") == "grey silent"
    assert rule(ahead, "2021-10-10") == "red long_silent"


def test_nobody_is_silent_before_the_years_first_report_is_due():
    assert rule(PLAN, "2021-01-15") == "grey nothing_due"
    assert rule(PLAN, "2021-02-09") == "grey nothing_due"
    assert rule(PLAN, "2021-02-10") == "grey silent"
    assert rule(PLAN, "2021-04-09") == "grey silent"
    assert rule(PLAN, "2021-04-10") == "red long_silent"


def test_a_reported_zero_is_no_silence():
    told = lit(reported("0", "2021-01"), "2021-01-31")
    assert (told["done"], told["rule"], told["last_period"]) == (0, "watch", 20210131)
    assert lit(PLAN, "2021-01-31")["done"] is None


def test_a_withdrawn_report_is_silence_and_a_correction_of_it_speaks_again():
    text = reported("600") + "roofs invested report 2021-06 withdrawn\nroofs invested report 2021-06 480"
    assert [lit(text, head=head)["done"] for head in (1, 2, 3, 4)] == [None, 6_000_000, None, 4_800_000]
    assert rule(text, head=3) == "red long_silent"


def test_a_report_of_a_later_period_is_not_read():
    text = reported("600") + "roofs invested report 2021-07 100"
    assert lit(text, JUNE)["done"] == 6_000_000
    assert lit(text, "2021-07-30")["done"] == 6_000_000
    assert lit(text, "2021-07-31")["done"] == 1_000_000


def test_a_correction_changes_the_light_today_and_leaves_an_earlier_head_alone():
    text = reported("600") + "roofs invested report 2021-06 100"
    assert [rule(text, head=head) for head in (2, 3)] == ["green on_schedule", "red far_behind"]


# Without a schedule


def test_reserve_plans_and_headings():
    assert rule(PLAN, who="roofs", under="undertaking stage\nroofs reserve") == "grey in_reserve"
    assert rule("undertaking measure kind period amount\nroofs invested report 2021-06 5") == "grey unplanned"
    assert rule("undertaking measure kind period amount\nroofs invested plan 2021 0\nroofs invested report 2021-06 5") == "grey unplanned"


def test_a_whole_is_grey_once_one_of_its_parts_has_spoken():
    under = "undertaking parent\nroofs -\neast roofs\nwest roofs"
    text = reported("100") + "east invested report 2021-06 1"
    assert rule(text, under=under) == "grey heading"
    assert lit(text, under=under)["heading"] == 1
    assert rule(text, under=under, head=2) == "red far_behind"


def test_a_whole_without_a_light_of_its_own_gets_no_row_when_its_parts_speak():
    written = book(PLAN + "part invested report 2021-06 1", "undertaking lead parent\nroofs none -\npart invested roofs")
    values = written.judge(JUNE)
    assert [row["undertaking_id"] for row in ask(lights.lights(), written, "sqlite", **values)] == [written.undertaking("part")["id"]]


def test_an_undertaking_that_never_spoke_has_a_row():
    assert rule("undertaking measure kind period amount", under="undertaking\nroofs") == "grey unplanned"


# Not resumed

IDLE = "undertaking measure kind period amount\nroofs invested plan 2021 1200\n"


def test_a_continuing_project_without_a_new_amount_in_two_months_has_not_resumed():
    under = "undertaking stage\nroofs continuing"
    still = IDLE + "roofs invested report 2021-04 700\nroofs invested report 2021-06 700"
    assert rule(still, "2021-07-09", under=under) == "green on_schedule"
    assert rule(still, "2021-07-10", under=under) == "amber not_resumed"
    assert rule(still, "2021-07-10") == "green on_schedule"
    moved = IDLE + "roofs invested report 2021-04 700\nroofs invested report 2021-06 700.0001"
    assert rule(moved, "2021-07-10", under=under) == "green on_schedule"


def test_a_year_that_began_less_than_two_months_ago_has_nothing_to_resume():
    text = "undertaking measure kind period amount\nroofs invested plan 2021 1200\nroofs invested report 2021-02 0"
    assert rule(text, "2021-03-09", under="undertaking stage\nroofs continuing") == "amber behind"


def test_whatever_has_not_resumed_is_cured_by_one_unit_when_it_is_on_schedule():
    under = "undertaking stage\nroofs continuing"
    told = lit(IDLE + "roofs invested report 2021-04 1100\nroofs invested report 2021-06 1100", "2021-07-10", under=under)
    assert (told["cure_amount"], told["cure_by"]) == (1, 20210731)


# The cure


@pytest.mark.parametrize("done", ["600", "520.3333", "479.9999", "300", "100.1", "0"])
@pytest.mark.parametrize("as_of", ["2021-06-30", "2021-07-20", "2021-11-30", "2021-12-30"])
@pytest.mark.parametrize("target", ["1200", "1199.9997", "7"])
def test_the_cure_turns_the_light_green_and_one_unit_less_does_not(done: str, as_of: str, target: str):
    day = date.fromisoformat(as_of)
    last = periods.ended_month(day)
    text = f"""
    undertaking  measure   kind    period  amount
    roofs        invested  plan    2021    {target}
    roofs        invested  report  {last}  {done}
    """
    told = lit(text, day)
    if told["rule"] in {"fulfilled", "on_schedule"}:
        assert told["cure_amount"] is None
        return
    assert told["rule"] in {"watch", "behind", "far_behind"}
    cured = fixed.to_fixed(done) + told["cure_amount"]
    by = periods.from_number(told["cure_by"])
    assert by == min(periods.next_month_end(day), date(2021, 12, 31))

    def then(amount: int) -> str:
        return lit(f"{text}\nroofs invested report {by} {Decimal(amount) / 10_000:f}", by)["rule"]

    assert then(cured) in ({"watch", "on_schedule", "fulfilled"} if told["light"] != "red" else {"caught_up", "fulfilled"})
    if told["cure_amount"]:
        assert then(cured - 1) == "behind"


# The moment


def test_the_moment_of_the_years_first_and_last_days():
    first, early = lights.moment(as_of=date(2021, 1, 1), head=0), terms(Rulebook(), on=date(2021, 1, 1))
    assert (first["ended"], early["silent"], first["cure_by"], first["before"]) == (20201231, 20201130, 20210131, 20201231)
    last, late = lights.moment(as_of=date(2021, 12, 31), head=0), terms(Rulebook(), on=date(2021, 12, 31))
    assert (last["ended"], late["silent"], last["cure_by"], last["before"]) == (20211231, 20211130, 20211231, 20211130)


@pytest.mark.parametrize("day", [date.min, date.max, date(1899, 12, 31), date(2200, 1, 1), date.min + timedelta(days=400)])
def test_a_day_beyond_any_ledger_is_refused(day: date):
    with pytest.raises(Refusal) as refused:
        lights.moment(as_of=day, head=0)
    assert refused.value.code == "day-unreadable"


# Other rulebooks


WUHAN = rulefile.resolved([rulefile.read('inherits = "wuhan"')])


@pytest.mark.parametrize(
    ("done", "light"),
    [
        ("600", "green on_schedule"),
        ("480", "green watch"),
        ("479.9999", "amber behind"),
        ("360", "amber behind"),
        ("359.9999", "red far_behind"),
    ],
)
def test_by_ratio_exactly_eighty_per_cent_of_the_schedule_is_green_and_exactly_sixty_is_amber(done: str, light: str):
    assert rule(reported(done), rules=WUHAN) == light


def test_by_ratio_the_cure_reaches_eighty_per_cent_of_what_the_cure_day_asks():
    assert lit(reported("300"), rules=WUHAN)["cure_amount"] == fixed.to_fixed("260")  # 80 % of July's 700 are 560


def test_a_linear_rulebook_looks_at_the_years_plan_alone():
    curve = PLAN + "roofs invested plan 2021-06 100\nroofs invested report 2021-06 590"
    assert lit(curve)["planned"] == fixed.to_fixed("100")
    told = lit(curve, rules=rulefile.resolved([rulefile.read('inherits = "linear"')]))
    assert (told["planned"], told["rule"]) == (fixed.to_fixed("600"), "watch")


YINCHUAN = rulefile.resolved([rulefile.read('inherits = "yinchuan"')])
BEGUN = """
undertaking  measure   kind    period   amount
roofs        invested  plan    2021     1200
roofs        start     plan    2021-02  2021-02-10
roofs        start     report  2021-02  2021-02-15
roofs        invested  report  2021-02  300
roofs        invested  report  2021-03  400
roofs        invested  report  2021-04  500
"""


@pytest.mark.parametrize(
    ("day", "light", "months"),
    [
        ("2021-03-14", "green on_schedule", None),
        ("2021-03-15", "amber not_enrolled", 1),
        ("2021-04-15", "amber not_enrolled", 2),
        ("2021-04-16", "red enrolment_overdue", 2),
    ],
)
def test_not_enrolled_is_amber_one_month_after_the_start_and_red_after_more_than_two(day: str, light: str, months: int | None):
    told = lit(BEGUN, day, rules=YINCHUAN)
    assert (f"{told['light']} {told['rule']}", told["months"]) == (light, months)


def test_an_enrolment_that_is_reported_or_that_nobody_judges_lights_nothing():
    assert rule(BEGUN + "roofs enrolled report 2021-03 2021-03-12", "2021-04-16", rules=YINCHUAN) == "green on_schedule"
    assert rule(BEGUN, "2021-04-16") == "green on_schedule"


FINISHED = BEGUN + "roofs finish report 2021-04 2021-04-20\n"
PRODUCING = rulefile.resolved([rulefile.read("[production]\njudged = true\namber_months = 1\nred_months = 3")])


@pytest.mark.parametrize(
    ("day", "light"),
    [
        ("2021-05-19", "green finished"),
        ("2021-05-20", "amber not_producing"),
        ("2021-07-20", "amber not_producing"),
        ("2021-07-21", "red production_overdue"),
    ],
)
def test_finished_and_not_producing(day: str, light: str):
    assert rule(FINISHED, day, rules=PRODUCING) == light
    assert rule(FINISHED, day) == "green finished"
    produced = lit(FINISHED + "roofs produced report 2021-04 2021-04-30", day, rules=PRODUCING)
    assert (produced["rule"], produced["stage"]) == ("finished", "producing")


def test_a_planned_day_of_production_takes_the_place_of_the_months():
    planned = FINISHED + "roofs produced plan 2021-12 2021-06-10\n"
    told = [rule(planned, day, rules=PRODUCING) for day in ("2021-06-10", "2021-06-11", "2021-09-10", "2021-09-11")]
    assert told == ["green finished", "amber not_producing", "amber not_producing", "red production_overdue"]


RESERVE = """
undertaking  measure   kind    period   amount
roofs        invested  plan    2021     1200
roofs        converted plan    2021-03  2021-03-20
"""


@pytest.mark.parametrize(
    ("day", "light"),
    [
        ("2021-03-19", "grey in_reserve"),
        ("2021-03-20", "amber not_converted"),
        ("2021-05-31", "amber not_converted"),
        ("2021-06-01", "red conversion_overdue"),
    ],
)
def test_a_reserve_that_was_to_be_converted(day: str, light: str):
    assert rule(RESERVE, day, under="undertaking stage\nroofs reserve") == light
    converted = lit(RESERVE + "roofs converted report 2021-02 2021-02-18", day, under="undertaking stage\nroofs reserve")
    assert converted["stage"] == "new"


CAUGHT_UP = PLAN + "roofs invested report 2021-05 100\nroofs invested report 2021-06 600\nroofs invested report 2021-07 700\n"


def test_a_red_that_is_caught_up_stays_amber_until_the_end_of_that_month():
    told = [rule(CAUGHT_UP, day) for day in ("2021-05-31", "2021-06-29", "2021-06-30", "2021-07-01", "2021-07-31")]
    assert told == ["red far_behind", "red far_behind", "amber caught_up", "green on_schedule", "green on_schedule"]
    forgetful = rulefile.resolved([rulefile.read("[schedule]\ncaught_up = false")])
    assert rule(CAUGHT_UP, rules=forgetful) == "green on_schedule"


def test_an_amber_is_not_remembered_and_a_silence_that_ended_neither():
    assert rule(PLAN + "roofs invested report 2021-05 300\nroofs invested report 2021-06 600") == "green on_schedule"
    assert rule(PLAN + "roofs invested report 2021-06 600") == "green on_schedule"


def test_the_month_after_the_holiday_needs_only_one_month_to_be_idle():
    under = "undertaking stage\nroofs continuing"
    idle = PLAN + "roofs invested report 2021-01 400\nroofs invested report 2021-02 500\nroofs invested report 2021-03 500"
    holiday = rulefile.resolved([rulefile.read("[resumption]\nholiday_month = 2")])
    assert rule(idle, "2021-04-10", under=under) == "green on_schedule"
    assert rule(idle, "2021-04-10", under=under, rules=holiday) == "amber not_resumed"


def test_programmes_are_judged_by_their_own_rulebooks_side_by_side():
    written = book(
        PLAN + "roofs invested report 2021-06 470\nwells total plan 2021 1200\nwells total report 2021-06 470",
        "undertaking lead\nroofs invested\nwells total",
    )
    idle = rulefile.resolved([rulefile.read('inherits = "wuhan"\n[resumption]\nidle_months = 1')])
    values = written.judge(JUNE, {"total": idle})
    told = ask(lights.lights(idles=2), written, "sqlite", **values)
    assert [(row["rule"], row["cure_amount"]) for row in told] == [("behind", 1_100_000), ("behind", 900_000)]


STAGES = """
measures                                stage
-                                       -
start report 2020-11                    continuing
start report 2021-03                    new
start report 2021-03, finish report 2021-05    finished
start report 2021-03, finish report 2021-05, produced report 2021-06    producing
start plan 2021-09                      new
start plan 2022-03                      reserve
converted report 2021-02                new
"""


@pytest.mark.parametrize("line", [line.rsplit(maxsplit=1) for line in STAGES.strip().splitlines()[1:]], ids=lambda line: line[0])
def test_the_stage_comes_from_the_days_that_are_reported(line: list[str]):
    said = [f"roofs {words} {words.split()[-1]}-10" for words in line[0].split(", ") if words.strip() != "-"]
    assert lit("\n".join([PLAN, *said]))["stage"] == ("" if line[1] == "-" else line[1])


def test_a_stage_that_no_day_tells_is_the_declared_one():
    assert lit(PLAN, under="undertaking stage\nroofs continuing")["stage"] == "continuing"
    assert lit(PLAN + "roofs start plan 2021-09 2021-09-01", under="undertaking stage\nroofs reserve")["stage"] == "reserve"


# Columns


def test_columns_say_what_rows_say():
    texts = (CAUGHT_UP, FINISHED, RESERVE, reported("480"))
    for text in texts:
        written = book(text)
        values = written.judge(JUNE)
        told = ask(lights.lights(), written, "sqlite", **values)
        assert ask(lights.lights("columns"), written, "duckdb", **values) == told == ask(lights.lights(), written, "duckdb", **values)
