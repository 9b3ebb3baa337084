"""Forecasts from the ledger itself: on both databases, as known at a head, and replayed by the command."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import realdata
import stage
from click.testing import CliRunner
from pasts import EVEN, LATE, lay

from duban.ledger.reads import head
from duban.registry.models import Programme, RulebookVersion
from duban.standing import forecasting

pytestmark = pytest.mark.django_db

AUGUST = date(2021, 8, 31)


def run(*words: str) -> Any:
    from duban.cli.commands import duban

    return CliRunner().invoke(duban, ["backtest", *words], catch_exceptions=False)


def test_a_district_s_ledger_foretells_its_own_year() -> None:
    district = stage.district()
    lay(district, {2020: LATE, 2021: LATE[:8]})
    told = forecasting.outlooks(as_of=AUGUST, head=head(), fans=True)
    one = told.undertaking(district.undertakings["invested-3"].pk)
    assert one is not None and one.amounts is not None
    assert (one.reason, one.verdict, one.odds, one.courses, one.own) == ("", "likely", 1.0, 25, True)
    assert (one.done, one.target, one.amounts.middle, one.finish) == (50, 100, 100, date(2021, 12, 31))
    assert [day.month for day, _ in one.fan] == [8, 9, 10, 11, 12]
    assert [way.middle for _, way in one.fan] == pytest.approx([50, 60, 70, 80, 100], abs=Decimal("0.001"))
    whole = told.programmes[Programme.objects.get().pk]
    assert (whole.counted, whole.left_out, whole.done, whole.target) == (25, 0, 1250, 2500)
    assert whole.verdict == "likely"
    assert [int(amount) for _, amount in whole.way] == [25 * amount for amount in LATE[:8]]
    assert [day.month for day, _ in whole.way] == [*range(1, 9)]


def test_with_too_little_history_nothing_is_foretold_and_the_reason_is_told() -> None:
    district = stage.district()
    lay(district, {2020: LATE, 2021: LATE[:8]}, count=7)
    told = forecasting.outlooks(as_of=AUGUST, head=head())
    one = told.undertaking(district.undertakings["invested-3"].pk)
    assert one is not None
    assert (one.reason, one.courses, one.amounts, one.verdict) == ("too_little_history", 7, None, "")
    assert told.programmes[Programme.objects.get().pk].reason == "too_little_history"
    assert told.in_doubt(5) == []


def test_a_programme_without_a_past_of_its_own_borrows_that_of_the_whole_ledger() -> None:
    district = stage.district()
    lay(district, {2020: LATE})
    young = Programme.objects.create(code="young", name="young", owner=district.bodies["top"], lead_measure=district.measures["invested"])
    promise = district.promise("well")
    promise.programme = young
    promise.save()
    district.write("undertaking measure kind period amount\nwell invested plan 2021 80\nwell invested report 2021-08 40")
    told = forecasting.outlooks(as_of=AUGUST, head=head(), programme=young.pk).undertaking(promise.pk)
    assert told is not None and told.amounts is not None
    assert (told.courses, told.own, told.amounts.middle) == (25, False, 80)


def test_what_has_no_course_says_why() -> None:
    district = stage.district()
    for code, lead in (("tower", "progress"), ("street", "complaints"), ("bare", "invested")):
        district.promise(code, lead=lead)
    told = forecasting.outlooks(as_of=AUGUST, head=head())
    reasons = {code: told.undertaking(promise.pk).reason for code, promise in district.undertakings.items()}  # type: ignore[union-attr]
    assert reasons == {"tower": "no_course", "street": "no_course", "bare": "no_plan"}
    bare = told.programmes[district.programmes["invested"].pk]
    assert (bare.reason, bare.counted, bare.left_out) == ("no_plan", 0, 1)
    assert told.undertaking(0) is None


def test_a_forecast_is_made_from_what_was_known_at_its_head() -> None:
    district = stage.district()
    lay(district, {2020: LATE, 2021: LATE[:8]})
    before = head()
    district.write("undertaking measure kind period amount\ninvested-3 invested report 2021-08 20")
    promise = district.undertakings["invested-3"].pk
    then, now = (forecasting.outlooks(as_of=AUGUST, head=at).undertaking(promise) for at in (before, head()))
    assert then is not None and now is not None
    assert (then.done, now.done) == (50, 20)
    again = forecasting.outlooks(as_of=AUGUST, head=before).undertaking(promise)
    assert again == then


def test_sums_are_of_those_asked_about_and_nobody_s_forecast_changes_by_it() -> None:
    district = stage.district()
    lay(district, {2020: EVEN, 2021: LATE[:8]})
    some = {district.undertakings["invested-3"].pk, district.undertakings["invested-4"].pk}
    all_told, some_told = (forecasting.outlooks(as_of=AUGUST, head=head(), undertakings=asked) for asked in (None, some))
    assert some_told.programmes[Programme.objects.get().pk].counted == 2
    assert all(some_told.undertaking(key) == all_told.undertaking(key) for key in some)
    assert some_told.undertaking(district.undertakings["invested-5"].pk) is None


def test_the_undertakings_in_doubt_come_with_the_least_likely_first() -> None:
    district = stage.district()
    lay(district, {2020: EVEN, 2021: EVEN[:8]})
    district.write(
        "undertaking measure kind period amount\n"
        "invested-3 invested report 2021-08 30\ninvested-7 invested report 2021-08 10\ninvested-9 invested report 2021-08 100"
    )
    lay(district, {2020: (*EVEN[:11], 70), 2021: EVEN[:1]}, count=25, lead="total")
    doubted = forecasting.outlooks(as_of=AUGUST, head=head()).in_doubt(10)
    assert doubted[:2] == [district.undertakings[code].pk for code in ("invested-7", "invested-3")]
    assert district.undertakings["invested-9"].pk not in doubted


def test_odds_are_worded_by_the_rulebook_of_their_programme_as_it_was_adopted() -> None:
    district = stage.district()
    lay(district, {2020: EVEN, 2021: EVEN[:8]})
    district.write("undertaking measure kind period amount\ninvested-3 invested report 2021-08 40")
    promise, whose = district.undertakings["invested-3"].pk, district.programmes["invested"]
    before = forecasting.outlooks(as_of=AUGUST, head=head()).undertaking(promise)
    assert before is not None and before.verdict == "out_of_reach"
    RulebookVersion.objects.create(
        programme=whose, state="adopted", text="[outlook]\ndoubtful = 0\n", since=AUGUST, adopted_at=stage.NOW, digest="x"
    )  # fmt: skip
    after, then = (forecasting.outlooks(as_of=AUGUST, head=head(), known_at=known) for known in (None, stage.NOW - timedelta(days=1)))
    assert (after.undertaking(promise).verdict, then.undertaking(promise).verdict) == ("doubtful", "out_of_reach")  # type: ignore[union-attr]
    assert after.programmes[whose.pk].verdicts == {"likely": 24, "doubtful": 1}
    assert promise in after.in_doubt(5)


# duban backtest


def test_the_command_says_what_its_forecasts_were_worth(settings: Any) -> None:
    settings.SET = {**settings.SET, "today": date(2022, 3, 1)}
    lay(stage.district(), {2019: LATE, 2020: LATE, 2021: LATE})
    told = json.loads(run("--json").stdout)
    assert [row["month"] for row in told["undertakings"]] == [*range(1, 12), None]
    assert told["undertakings"][-1]["count"] == 25 * 22
    assert told["undertakings"][-1]["held"] == {"50": 1.0, "80": 1.0, "95": 1.0}
    assert told["undertakings"][5]["over_line"] == pytest.approx(1, abs=0.001)
    assert told["programmes"][-1]["count"] == 22
    assert told["untold"] == 0
    assert "saved: how much" in run("--from", "2021-06").stdout


def test_the_command_replays_one_programme_and_as_many_draws_as_asked(settings: Any) -> None:
    settings.SET = {**settings.SET, "today": date(2022, 3, 1)}
    district = stage.district()
    lay(district, {2020: LATE, 2021: LATE})
    lay(district, {2020: EVEN, 2021: EVEN}, lead="total")
    told = json.loads(run("--json", "--programme", "invested", "--draws", "200").stdout)
    assert (told["draws"], told["undertakings"][-1]["count"]) == (200, 25 * 11)
    refused = run("--programme", "nowhere")
    assert refused.exit_code == 1


def test_the_command_can_ask_what_was_known_then(settings: Any) -> None:
    """Each month's reports were entered on the first of the next one; a correction that came years later was not known then."""
    settings.SET = {**settings.SET, "today": date(2022, 3, 1)}
    district = stage.district()
    lay(district, {2020: LATE, 2021: LATE})
    district.write("undertaking measure kind period amount\n" + "\n".join(f"invested-{n} invested report 2021-06 90" for n in range(25)))
    now, then = (json.loads(run("--json", "--from", "2021-06", *more).stdout) for more in ((), ("--as-known",)))
    assert then["undertakings"][0]["loss"] == pytest.approx(0, abs=0.01)
    assert now["undertakings"][0]["line"] == pytest.approx(80)
    assert then["undertakings"][0]["line"] == pytest.approx(40)


def test_the_command_owns_to_too_little_history(settings: Any) -> None:
    settings.SET = {**settings.SET, "today": date(2022, 3, 1)}
    lay(stage.district(), {2020: LATE, 2021: LATE}, count=5)
    result = run()
    assert result.exit_code == 0
    assert "Too little history" in result.stdout
    assert json.loads(run("--json").stdout) | {"undertakings": [], "programmes": []} == json.loads(run("--json").stdout)


def test_an_empty_ledger_has_nothing_to_replay(settings: Any) -> None:
    stage.district()
    assert "Nothing to replay" in run().stdout


# Real months that are too few


@realdata.needs("paimana")
def test_four_real_months_of_airports_say_that_they_are_too_few(settings: Any) -> None:
    """Real portfolio, real gaps: what stood before the first month is unknown, so no year of it has a course."""
    settings.SET = {**settings.SET, "today": date(2026, 3, 1)}
    district, lines = stage.district(), ["undertaking measure kind period amount"]
    for file in sorted((realdata.FOLDER / "paimana").glob("airports_*.csv")):
        with file.open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.DictReader(stream):
                code = f"airport-{row['project_id']}"
                if code not in district.undertakings:
                    district.promise(code, lead="total")
                    cost = row["revised_cost_cr"] or row["original_cost_cr"]
                    day, month, year = (row["revised_end_dmy"] or row["original_end_dmy"]).split("/")
                    lines.append(f"{code} total plan {year}-{month}-{day} {cost}")
                if row["cumulative_expenditure_cr"]:
                    lines.append(f"{code} total report {row['month']} {row['cumulative_expenditure_cr']}")
    district.write("\n".join(lines))
    told = forecasting.outlooks(as_of=date(2025, 10, 31), head=head())
    reasons = [told.undertaking(promise.pk).reason for promise in district.undertakings.values()]  # type: ignore[union-attr]
    assert Counter(reasons) == {"no_base": 17}
    whole = told.programmes[district.programmes["total"].pk]
    assert (whole.reason, whole.left_out) == ("no_base", 17)
    assert "Nothing to replay" in run().stdout
