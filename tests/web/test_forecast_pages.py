"""How the year will end, as officials read it: in words, in a table, and honestly where nothing can be said."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import stage
from django.conf import settings
from django.test import Client
from django.urls import reverse
from pasts import EVEN, LATE, lay

from duban.core.forecast import ForecastRules
from duban.standing.forecasting import Outlook, Quantiles
from duban.web import foretold, history

pytestmark = pytest.mark.django_db


@pytest.fixture
def august(settings: Any) -> None:
    settings.SET = {**settings.SET, "today": date(2021, 8, 31)}


def reader(district: stage.District, name: str = "reviewer") -> Client:
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    client.force_login(district.people[name], backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def shown(client: Client, address: str, **asked: str) -> str:
    response = client.get(address, asked)
    assert response.status_code == 200
    return str(response.content.decode())


def test_a_programme_is_foretold_in_words_and_in_a_table(august: None) -> None:
    district = stage.district()
    lay(district, {2020: LATE, 2021: LATE[:8]})
    page = shown(reader(district), reverse("web:forecast"))
    assert "The plan of ¥2,500 is reached by the year&#x27;s end with odds of over 99%." in page
    assert "It is reached by the end of December 2021." in page
    assert "Sum of 25 undertakings." in page
    assert "25 completed years of this programme" in page
    assert page.count("data-level=") == 7 and 'data-day="2021-09-30"' in page
    assert "Every undertaking with a forecast is likely to reach its plan." in page


def test_the_undertakings_most_in_doubt_are_listed(august: None) -> None:
    district = stage.district()
    lay(district, {2020: EVEN, 2021: EVEN[:8]})
    district.write("undertaking measure kind period amount\ninvested-3 invested report 2021-08 20\ninvested-7 invested report 2021-08 5")
    page = shown(reader(district), reverse("web:forecast"))
    doubted = page.partition("doubted-rows")[2]
    assert doubted.index("invested-7") < doubted.index("invested-3")
    assert "Out of reach" in doubted and "under 1%" in doubted


def test_a_programme_has_a_page_of_its_own_that_says_how_its_undertakings_hang_together(august: None) -> None:
    district = stage.district()
    lay(district, {2020: EVEN, 2021: EVEN[:8]})
    lay(district, {2021: EVEN[:8]}, count=1, lead="total")
    district.write("undertaking measure kind period amount\ninvested-3 invested report 2021-08 20\ninvested-7 invested report 2021-08 5")
    client = reader(district)
    assert 'href="/desk/forecast/invested/?as_of=2021-08-30"' in shown(client, reverse("web:forecast"), as_of="2021-08-30")
    page = shown(client, reverse("web:programme_forecast", args=["invested"]))
    assert "Sum of 25 undertakings." in page and "in 30 of 100 draws one shares its programme&#x27;s luck" in page
    assert "Likely 23" in page and "Out of reach 2" in page and "Doubtful" not in page
    doubted = page.partition("doubted-rows")[2]
    assert "invested-7" in doubted and "total-0" not in page
    client.force_login(district.people["stranger"], backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "nothing that you answer for" in shown(client, reverse("web:programme_forecast", args=["invested"]))


@pytest.mark.parametrize(("programme", "linked"), [("invested", 1), ("", 0), ("no such/thing", 0)])
def test_the_list_of_one_programme_leads_to_its_year_s_end(august: None, programme: str, linked: int) -> None:
    district = stage.district()
    district.promise("well")
    page = shown(reader(district), reverse("web:undertakings"), programme=programme)
    assert page.count('href="/desk/forecast/invested/"') == linked


def test_a_programme_with_too_little_history_says_so_on_its_page(august: None) -> None:
    district = stage.district()
    lay(district, {2020: LATE, 2021: LATE[:8]}, count=5)
    page = shown(reader(district), reverse("web:programme_forecast", args=["invested"]))
    assert "the ledger holds 5." in page and "data-level=" not in page and "Most in doubt" not in page


def test_with_too_little_history_the_page_says_so_and_shows_no_odds(august: None) -> None:
    district = stage.district()
    lay(district, {2020: LATE, 2021: LATE[:8]}, count=5)
    page = shown(reader(district), reverse("web:forecast"))
    assert "Too little history to say: odds take 20 completed years of similar undertakings, and the ledger holds 5." in page
    assert "data-level=" not in page and "Most in doubt" not in page


def test_a_district_that_counts_nothing_is_told_so(august: None) -> None:
    assert "No programme counts anything yet" in shown(reader(stage.district()), reverse("web:forecast"))


def test_what_cannot_be_foretold_says_why(august: None) -> None:
    district = stage.district()
    for code, lead in (("tower", "progress"), ("bare", "invested")):
        district.promise(code, lead=lead)
    page = shown(reader(district), reverse("web:forecast"))
    assert "No forecast: what counts here is a level, a day, or something that should be less." in page
    assert "No forecast: there is no plan for this year to measure by." in page


def test_an_undertaking_s_page_fetches_its_forecast_of_the_same_moment(august: None) -> None:
    district = stage.district()
    lay(district, {2020: LATE, 2021: LATE[:8]})
    client = reader(district)
    page = shown(client, reverse("web:undertaking", args=["invested-3"]), as_of="2021-06-30")
    address = reverse("web:undertaking_forecast", args=["invested-3"])
    assert f'hx-get="{address}?as_of=2021-06-30"' in page
    part = client.get(address, {"as_of": "2021-06-30"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'id="fan"' in part and 'data-day="2021-06-30"' in part
    whole = shown(client, address)
    assert "<html" in whole and "with odds of over 99%" in whole


def test_a_forecast_is_read_as_it_was_known(august: None) -> None:
    district = stage.district()
    lay(district, {2020: EVEN, 2021: EVEN[:8]})
    district.write("undertaking measure kind period amount\ninvested-3 invested report 2021-08 10")
    client, address = reader(district), reverse("web:undertaking_forecast", args=["invested-3"])
    assert "with odds of under 1%" in shown(client, address)
    assert "with odds of over 99%" in shown(client, address, known_at="2022-01-01")


def test_an_official_sees_the_sum_of_what_is_theirs_and_nothing_of_others(august: None) -> None:
    district = stage.district()
    lay(district, {2020: LATE, 2021: LATE[:8]})
    theirs = district.undertakings["invested-3"]
    theirs.lead_body = district.bodies["parks"]
    theirs.save()
    page = shown(reader(district, "stranger"), reverse("web:forecast"))
    assert "Sum of 1 undertakings." in page
    assert reader(district, "stranger").get(reverse("web:undertaking_forecast", args=["invested-4"])).status_code == 404


def test_a_year_that_is_still_young_is_read_by_its_plan_s_own_clock(august: None) -> None:
    district = stage.district()
    district.write(
        "undertaking measure kind period amount\n"
        "well invested plan 2021 120\nwell invested report 2021-04 20\nwell invested report 2021-08 40"
    )
    page = shown(reader(district), reverse("web:undertaking_forecast", args=["well"]))
    assert "Too little history to say" in page
    assert "By its own plan it is 4.0 months behind." in page
    assert "At the pace so far the whole plan will be done in December 2022." in page


# The words


def outlook(**facts: Any) -> Outlook:
    amounts = Quantiles(*(Decimal(amount) for amount in (60, 70, 80, 90, 95, 100, 110)))
    told = {"odds": 0.5, "verdict": "doubtful", "amounts": amounts, "done": Decimal(40), "target": Decimal(100), "courses": 30, "own": True}
    return Outlook(**{**told, **facts})


def words(**facts: Any) -> str:
    return " ".join(foretold.sentences(outlook(**facts), stage.district().measures["complaints"]))


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"odds": 0.954}, "with odds of 95%"),
        ({"odds": 0.996}, "with odds of over 99%"),
        ({"odds": 0.004}, "with odds of under 1%"),
        ({"done": Decimal(100)}, "The year's plan of 100 件 is fulfilled already."),
        ({}, "In eight of ten cases the year ends between 70 件 and 100 件; the middle is 90 件."),
        ({"earliest": None, "finish": None}, "the middle is 90 件."),
        ({"earliest": date(2021, 11, 30)}, "in one of ten it is by the end of November 2021."),
        ({"earliest": date(2021, 10, 31), "finish": date(2021, 11, 30)}, "by the end of November 2021; in one of ten not this year."),
        (
            {"earliest": date(2021, 9, 30), "finish": date(2021, 10, 31), "latest": date(2021, 12, 31)},
            "by the end of October 2021 in the middle case, and in eight of ten between September 2021 and December 2021.",
        ),
    ],
)
def test_a_forecast_is_told_in_words(facts: dict[str, Any], said: str) -> None:
    from django.utils import translation

    with translation.override("en"):
        assert said in words(**facts)


def test_every_reason_has_its_words() -> None:
    from duban.core import courses
    from duban.core.forecast import TOO_LITTLE

    for reason in (TOO_LITTLE, courses.NO_COURSE, courses.HEADING, courses.NO_PLAN, courses.NO_BASE, courses.NOTHING_LEFT):
        assert foretold.why_not(Outlook(reason=reason), ForecastRules())


def test_a_foretold_amount_has_no_more_digits_than_a_forecast_knows_and_the_plan_all_of_its_own() -> None:
    measure = stage.district().measures["complaints"]
    told = [foretold.foretold(Decimal(amount), measure) for amount in ("123456.7", "98765", "1234.56", "0.123456", "0")]
    assert [one.rstrip(" 件") for one in told] == ["123,500", "98,770", "1,235", "0.1235", "0"]
    assert foretold.foretold(Decimal(123456), measure, plan=Decimal(123456)).startswith("123,456")


def test_the_plan_s_clock_keeps_silent_where_it_knows_nothing() -> None:
    assert foretold.clock(None, as_of=date(2021, 8, 31)) is None
    district = stage.district()
    district.write("undertaking measure kind period amount\nwell invested plan 2021 120")
    from duban.ledger.reads import head, slots

    well = district.undertakings["well"]

    def clock() -> foretold.Clock | None:
        told = slots(well, head=head(), as_of=date(2021, 8, 31))
        return foretold.clock(history.course(told, district.measures["invested"], as_of=date(2021, 8, 31)), as_of=date(2021, 8, 31))

    assert clock() is None
    district.write("undertaking measure kind period amount\nwell invested report 2021-08 0")
    assert clock() == foretold.Clock(Decimal("-8.0"), None)
    district.write("undertaking measure kind period amount\nwell invested report 2021-08 130")
    assert clock() is None
