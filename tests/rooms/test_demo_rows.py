"""The example before there is a database: what was published comes out of its rows exactly."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import date
from decimal import Decimal

import pytest

from duban.demo import bodies, figures, key_projects, notes, programmes, tunxi
from duban.demo.article import BULLETIN
from duban.demo.breakdown import apportion, batches
from duban.demo.livelihood import DONE, PLANNED

AUGUST, JUNE = date(2021, 8, 31), date(2021, 6, 30)
ARTICLES = (notes.INVESTMENT, notes.LIVELIHOOD, BULLETIN)
LINES = tunxi.lines()
SPOKEN = tunxi.spoken(LINES)
UNDERTAKINGS = {row.code: row for row in tunxi.undertakings()}


def amounts(programme: str, measure: str, kind: str, as_of: date) -> dict[str, Decimal]:
    """The last amount of each undertaking of a programme for periods up to a day."""
    found = {}
    for (code, of, how), slots in SPOKEN.items():
        if (UNDERTAKINGS[code].programme, of, how) == (programme, measure, kind):
            known = [line for period, line in sorted(slots.items()) if period <= as_of and line.amount is not None]
            if known:
                found[code] = known[-1].amount or Decimal(0)
    return found


def days(programme: str, measure: str, as_of: date) -> set[str]:
    """The undertakings of a programme for which a day up to `as_of` stands reported."""
    return {
        code
        for (code, of, kind), slots in SPOKEN.items()
        if (UNDERTAKINGS[code].programme, of, kind) == (programme, measure, "report")
        for period, line in slots.items()
        if period <= as_of and line.day is not None and line.day <= as_of
    }


def count(programme: str) -> int:
    return sum(row.programme == programme for row in UNDERTAKINGS.values())


def test_33_livelihood_programmes_spent_245_million_of_296_million():
    done = amounts("livelihood", "investment", "report", AUGUST)
    plan = amounts("livelihood", "investment", "plan", date(2021, 12, 31))
    assert count("livelihood") == len(done) == len(plan) == 33
    assert sum(done.values()) == DONE == 245_000_000
    assert sum(plan.values()) == PLANNED == 296_000_000
    assert round(Decimal(100) * DONE / PLANNED, 2) == Decimal("82.77")
    assert all(done[code] <= plan[code] for code in done)


def test_by_the_middle_of_the_year_more_than_half_was_spent():
    assert sum(amounts("livelihood", "investment", "report", JUNE).values()) * 2 > PLANNED


def test_30_investments_in_the_first_half_year_26_of_them_from_the_delta():
    signed = days("deals", "signed", JUNE)
    assert len(signed) == 30
    assert sum(UNDERTAKINGS[code].attributes["origin"] == "yangtze-delta" for code in signed) == 26
    assert len(days("deals", "signed", AUGUST)) > 30
    assert amounts("deals", "capacity", "report", JUNE) == {"deal-amino": 2000}
    assert "deal-5g-live" in signed


@pytest.mark.parametrize(
    ("programme", "measure", "of", "done"),
    [
        ("petitions-central", "put-right", 9, 9),
        ("petitions-provincial", "put-right", 28, 22),
        ("plots", "cleared", 3, 3),
        ("education", "opened", 4, 4),
    ],
)
def test_the_shorter_lists_count_what_was_published(programme: str, measure: str, of: int, done: int):
    assert (count(programme), len(days(programme, measure, AUGUST))) == (of, done)


def test_four_villages_stand_at_92_percent_on_average():
    progress = amounts("villages", "progress", "report", AUGUST)
    assert len(progress) == 4
    assert sum(progress.values()) / 4 == 92


def test_320_000_doses_were_given():
    assert sum(amounts("vaccination", "doses", "report", AUGUST).values()) == 320_000


@pytest.mark.parametrize("measure", ["gdp", "retail", "tourism", "hightech", "investment-growth"])
def test_tunxi_is_first_of_seven_in_every_period(measure: str):
    periods = {period for (_, of, _), slots in SPOKEN.items() if of == measure for period in slots}
    for period in periods:
        values = amounts("city-indicators", measure, "report", period)
        assert len(values) == 7
        assert max(values, key=lambda code: values[code]) == "indicators-tunxi"
        assert sorted(values.values())[-1] > sorted(values.values())[-2]


def test_year_to_date_amounts_fall_only_where_a_correction_says_why():
    for slots in SPOKEN.values():
        values = [line for _, line in sorted(slots.items()) if line.kind == "report" and line.amount is not None]
        if values and values[0].measure in {"investment", "doses", "progress"}:
            assert [line.amount for line in values] == sorted(line.amount for line in values)


def test_lines_are_in_order_and_a_slot_is_sent_twice_only_with_a_reason():
    assert [line.recorded_at for line in LINES] == sorted(line.recorded_at for line in LINES)
    seen = set()
    for batch in batches(LINES):
        slots = [(line.undertaking, line.measure, line.kind, line.period) for line in batch]
        assert len(set(slots)) == len(slots)
        assert len({line.body for line in batch}) == 1
        for line, slot in zip(batch, slots, strict=True):
            assert bool(line.reason) == (slot in seen), line
            seen.add(slot)


def test_the_history_knows_corrections_withdrawals_a_late_report_and_a_zero():
    reasons = [line for line in LINES if line.reason]
    assert sum(line.amount is not None and line.kind == "report" for line in reasons) >= 3
    assert sum(line.kind == "plan" for line in reasons) >= 2
    assert any(line.amount is None and line.day is None for line in reasons)
    assert any(
        (line.recorded_at.date() - line.period).days > 15
        for line in LINES
        if line.measure == "investment" and not line.reason and line.kind == "report"
    )
    assert any(line.amount == 0 and line.kind == "report" for line in LINES)


def test_no_report_speaks_of_a_day_that_has_not_ended_when_it_was_accepted():
    for line in LINES:
        if line.kind == "report":
            assert line.period < line.recorded_at.date()
            assert line.day is None or line.day <= line.period


DIGEST = """
import hashlib
from duban.demo import bodies, tunxi
rows = (*tunxi.lines(), *tunxi.undertakings(), *bodies.bodies(), *bodies.accounts())
print(hashlib.sha256("\\n".join(map(repr, rows)).encode()).hexdigest())
"""


def test_the_rows_are_the_same_in_every_process():
    def digest(seed: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", DIGEST], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout

    assert digest("1") == digest("2") != ""


def test_everything_that_rows_cite_exists():
    known = {row.code for row in bodies.bodies()}
    people = {row.username for row in bodies.accounts()}
    measures = {row.code for row in programmes.MEASURES}
    lists = {row.code: row for row in programmes.PROGRAMMES}
    for row in UNDERTAKINGS.values():
        assert {row.lead_body, *row.joint_bodies, row.town or "tunxi"} <= known
        assert not row.parent or row.parent in UNDERTAKINGS
        declared = {attribute["code"]: attribute for attribute in lists[row.programme].attributes}
        for code, value in row.attributes.items():
            allowed = [choice["code"] for choice in declared[code]["choices"]]
            assert not allowed or value in allowed
    for line in LINES:
        assert line.undertaking in UNDERTAKINGS
        assert line.measure in lists[UNDERTAKINGS[line.undertaking].programme].measures
        assert line.measure in measures
        assert {line.submitted_by, line.accepted_by} <= people
        assert line.submitted_by != line.accepted_by
    assert len(UNDERTAKINGS) == len(tunxi.undertakings())


def test_a_list_of_lines_never_changes_with_the_order_of_its_parts():
    assert apportion(100, [1, 1, 1]) == [34, 33, 33]
    assert sum(apportion(DONE, [7, 11, 13, 0])) == DONE


def test_points_lie_in_the_district():
    for row in UNDERTAKINGS.values():
        if row.point:
            assert 29.66 < row.point[0] < 29.78
            assert 118.2 < row.point[1] < 118.4


def test_one_packaged_project_has_three_parts():
    assert sum(row.parent == "key-jiangnan" for row in UNDERTAKINGS.values()) == 3
    assert {row.stage for row in key_projects.undertakings()} == {"reserve", "new", "continuing", "finished", "producing"}


TAG = re.compile(r"{{.*?}}")
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
DATES = re.compile(rf"20\d\d年(\d{{1,2}}月)?(\d{{1,2}}日)?|({MONTHS}) 20\d\d|\b20\d\d\b")
ALL_TEXTS = [(article.slug, language, text) for article in ARTICLES for language, text in article.texts.items()]


@pytest.mark.parametrize(("slug", "language", "text"), ALL_TEXTS, ids=[f"{s}-{tongue}" for s, tongue, _ in ALL_TEXTS])
def test_no_digit_is_typed_outside_dates(slug: str, language: str, text: object):
    for part in (text.title, text.summary, text.source):  # type: ignore[attr-defined]
        bare = DATES.sub("", TAG.sub("", part))
        assert not re.search(r"[0-9\uff10-\uff19]", bare), (slug, language, bare)


@pytest.mark.parametrize(("slug", "language", "text"), ALL_TEXTS, ids=[f"{s}-{tongue}" for s, tongue, _ in ALL_TEXTS])
def test_every_tag_cites_something_that_exists(slug: str, language: str, text: object):
    source = text.source  # type: ignore[attr-defined]
    catalogue = {row.code for row in figures.FIGURES}
    assert set(re.findall(r'{{ figure "([^"]+)"', source)) <= catalogue
    assert set(re.findall(r'{{ undertaking "([^"]+)"', source)) <= set(UNDERTAKINGS)
    article = next(article for article in ARTICLES if article.slug == slug)
    assert re.findall(r"{{ photo (\d+) }}", source) == [str(n + 1) for n in range(len(article.photos))]


def test_both_languages_ask_the_same_questions():
    for article in ARTICLES:
        asked = [sorted(re.findall(r'{{ (?:figure|undertaking) "([^"]+)"', text.source)) for text in article.texts.values()]
        assert asked[0] == asked[1], article.slug


def test_the_bulletin_carries_every_published_figure():
    wanted = {
        "rank.gdp", "rank.retail", "rank.tourism", "rank.hightech", "rank.investment", "deals.count", "deals.yangtze", "plots.cleared",
        "villages.count", "villages.progress", "petitions.central.count", "petitions.central.done", "petitions.provincial.count",
        "petitions.provincial.done", "livelihood.count", "livelihood.invested", "livelihood.completion", "education.groups",
        "vaccine.doses",
    }  # fmt: skip
    for text in BULLETIN.texts.values():
        assert wanted <= set(re.findall(r'{{ figure "([^"]+)"', text.source))
        assert {"deal-amino", "deal-5g-live"} <= set(re.findall(r'{{ undertaking "([^"]+)"', text.source))


def test_figures_cite_what_exists_and_the_home_page_has_its_order():
    lists = {row.code for row in programmes.PROGRAMMES}
    measures = {row.code for row in programmes.MEASURES}
    codes = [row.code for row in figures.FIGURES]
    assert len(set(codes)) == len(codes)
    for row in figures.FIGURES:
        assert row.programme in lists
        assert not row.measure or row.measure in measures
        assert {row.numerator, row.denominator} - {""} <= set(codes)
        assert not row.undertaking or row.undertaking in UNDERTAKINGS
        assert row.source and row.source_en and row.name_en
    places = sorted(row.headline for row in figures.FIGURES if row.headline)
    assert places == list(range(1, len(places) + 1))
    assert 6 <= len(places) <= 8
