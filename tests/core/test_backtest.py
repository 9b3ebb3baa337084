"""A forecast is held against what came, beside two that anybody could have made."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from books import Book, ask, book

from duban.core import backtest, periods
from duban.core.backtest import Backtest
from duban.core.courses import Courses, Told
from duban.core.forecast import ForecastRules
from duban.core.rulebook import Outlook

RULES = ForecastRules()
LATE = (0, 0, 5, 10, 20, 30, 40, 50, 60, 70, 80, 100)
EVEN = tuple(100 * month // 12 for month in range(1, 13))


def district(*years: tuple[tuple[int, ...], int], count: int = 25, plan: int = 100) -> Book:
    """`count` undertakings that all do the same: for each year from 2019 on what stands at each month's end, and what the last adds."""
    lines = ["undertaking measure kind period amount"]
    for undertaking in range(count):
        for year, (course, extra) in enumerate(years, start=2019):
            lines.append(f"u{undertaking} invested plan {year} {plan}")
            amounts = [*course[:-1], course[-1] + extra]
            lines += [f"u{undertaking} invested report {year}-{month:02} {amount}" for month, amount in enumerate(amounts, start=1)]
    return book("\n".join(lines))


def courses(written: Book) -> Courses:
    return Courses(Told.read(lambda asked: [tuple(row.values()) for row in ask(asked, written, "duckdb", head=len(written.entries))]))


def replayed(written: Book, *days: str, programme: int = 0) -> Backtest:
    known = courses(written)
    return backtest.replay([periods.read_period(day) for day in days], lambda day: known, known, rules=RULES, programme=programme)


def test_years_that_repeat_themselves_are_foretold_without_error_where_a_line_is_far_off() -> None:
    found = replayed(district((LATE, 0), (LATE, 0)), "2020-06")
    told = backtest.score(found.undertakings)
    assert told is not None
    assert (told.count, told.loss, told.held) == (25, pytest.approx(0, abs=1e-4), {50: 1, 80: 1, 95: 1})
    assert told.line == pytest.approx(40)  # 30 × 12/6 is 60, and 100 came
    assert told.over_line == pytest.approx(1, abs=1e-4)
    assert told.plan == 0 and told.over_plan is None
    assert told.verdicts == {"likely": (25, 25), "doubtful": (0, 0), "out_of_reach": (0, 0)}


def test_a_year_that_breaks_the_pattern_is_outside_of_every_range() -> None:
    found = replayed(district((EVEN, 0), (EVEN, -30)), "2020-06")
    told, whole = backtest.score(found.undertakings), backtest.score(found.programmes)
    for score in (told, whole):
        assert score is not None
        assert score.held == {50: 0, 80: 0, 95: 0}
        assert score.loss == score.line == score.plan == pytest.approx(30, abs=1e-4)
        assert score.over_line == pytest.approx(0, abs=1e-4)
    assert told is not None and told.verdicts["likely"] == (25, 0)
    assert whole is not None and whole.count == 1


def test_the_loss_of_a_range_is_twice_the_mean_pinball_of_its_quantiles() -> None:
    amounts = np.array([[10, 20, 30, 40, 50, 60, 70]]) * 10_000
    one = backtest.Compared(
        6, np.array([1]), amounts, np.array([0.5]), np.array([450_000]), np.array([0.0]), np.array([1_000_000]), np.array([1_000_000.0])
    )
    # 35 × 0.025, 25 × 0.1, 15 × 0.25, 5 × 0.5 below it; 5 × 0.25, 15 × 0.1, 25 × 0.025 above it
    assert one.loss[0] == pytest.approx(2 * (0.875 + 2.5 + 3.75 + 2.5 + 1.25 + 1.5 + 0.625) / 7)
    assert {share: bool(held[0]) for share, held in one.held.items()} == {50: True, 80: True, 95: True}


def test_the_first_year_and_a_small_district_have_too_little_behind_them() -> None:
    first = replayed(district((EVEN, 0), (EVEN, 0)), "2019-06")
    assert (first.undertakings, first.untold) == ([], 25)
    small = replayed(district((EVEN, 0), (EVEN, 0), count=19), "2020-06", "2020-07")
    assert (small.undertakings, small.untold) == ([], 38)
    assert backtest.score(small.undertakings) is None


def test_only_what_was_reported_by_the_day_is_looked_at() -> None:
    """Until September both years are one and the same; what the second one brings then, no forecast of June can know."""
    torn = (*EVEN[:8], 75, 75, 75, 75)
    june = [backtest.score(replayed(district((EVEN, 0), year), "2020-06").undertakings) for year in ((EVEN, 0), (torn, 0))]
    assert june[0] is not None and june[1] is not None
    assert june[0].verdicts["likely"][0] == june[1].verdicts["likely"][0] == 25
    assert (june[0].loss, june[1].loss) == (pytest.approx(0, abs=1e-4), pytest.approx(25, abs=1e-4))


def test_an_undertaking_whose_end_nobody_reported_is_not_asked_about() -> None:
    written = district((EVEN, 0), (EVEN, 0))
    written.write("u3", "invested", "report", date(2020, 12, 31), None, None)
    assert replayed(written, "2020-06").undertakings[0].truth.size == 24
    assert replayed(written, "2020-06", programme=99).undertakings == []


def test_each_programme_s_odds_are_worded_by_its_own_rulebook() -> None:
    amounts = np.array([[10, 20, 30, 40, 50, 60, 70]] * 2) * 10_000
    two = backtest.Compared(
        6, np.array([1, 2]), amounts, np.array([0.7, 0.7]), np.array([450_000] * 2), np.zeros(2), np.array([400_000] * 2), np.ones(2)
    )
    told = backtest.score([two], {2: Outlook(likely=60)})
    assert told is not None and told.verdicts == {"likely": (1, 1), "doubtful": (1, 1), "out_of_reach": (0, 0)}
