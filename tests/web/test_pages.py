"""What every page keeps to: few queries, no person's name in public, words for a refusal, numbers that add up."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from duban.ledger import reads as ledger
from duban.people.models import User
from duban.press.models import Article, Edition, Figure
from duban.registry.models import Undertaking
from duban.standing.actions import stand
from duban.web import display, figures, history, kept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("example", "stands_on_august")]
AUGUST = date(2021, 8, 31)
PUBLIC = (
    "/",
    "/articles/",
    "/articles/august-2021/",
    "/articles/august-2021/figures/livelihood.completion/",
    "/figures/rank.gdp/",
    "/programmes/",
    "/programmes/livelihood/",
    "/programmes/deals/",
    "/undertakings/key-jiangnan/",
    "/undertakings/livelihood-old-estates/",
)
DESK = (
    ("leader", "/desk/"),
    ("leader", "/desk/undertakings/"),
    ("leader", "/desk/undertakings/?q=改造&light=green&sort=name"),
    ("leader", "/desk/undertakings/livelihood-old-estates/"),
    ("leader", "/desk/undertakings/key-jiangnan/?as_of=2021-06-30&known_at=2021-07-20"),
    ("reporter-housing", "/desk/reports/"),
    ("reporter-housing", "/desk/month/?programme=key-projects"),
    ("editor", "/desk/articles/"),
    ("editor", "/desk/articles/august-2021/"),
)


@pytest.fixture
def reader() -> Callable[..., Client]:
    def open_for(user: str = "", language: str = "") -> Client:
        client = Client()
        if user:
            client.force_login(User.objects.get(username=user), backend="allauth.account.auth_backends.AuthenticationBackend")
        if language:
            client.cookies["django_language"] = language
        return client

    return open_for


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.mark.parametrize(("user", "path"), [*(("", path) for path in PUBLIC), *DESK])
def test_a_page_asks_the_database_at_most_twelve_times(user: str, path: str, reader: Any):
    client = reader(user)
    assert client.get(path).status_code == 200
    with CaptureQueriesContext(connection) as asked:
        client.get(path)
    assert len(asked) <= 12, "\n".join(query["sql"][:200] for query in asked.captured_queries)


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
@pytest.mark.parametrize("path", PUBLIC)
def test_every_public_page_opens_in_every_language_and_names_no_person(path: str, language: str, reader: Any):
    response = reader(language=language).get(path)
    assert response.status_code == 200
    assert response.headers["Content-Language"] == language
    people = [name for name in User.objects.values_list("display_name", flat=True) if "编辑" not in name]
    told = response.content.decode()
    assert not [name for name in people if name in told or display.traditional(name) in told]


def test_a_receipt_shows_its_records_and_they_add_up_to_what_was_printed(reader: Any):
    edition = Edition.objects.get(article__slug="august-2021")
    for frozen in edition.frozen["figures"]:
        figure = Figure.objects.get(code=frozen["code"])
        told = figures.receipt(figure, as_of=date.fromisoformat(frozen["as_of"]), head=edition.head)
        assert str(told.answer.value) == frozen["value"]
        match figure.operation:
            case "count" | "lit":
                assert len(told.lines) == told.answer.value
            case "sum":
                assert told.part_total == told.answer.value
            case "ratio":
                assert (told.part_total, told.whole_total) == (told.answer.numerator, told.answer.denominator)
            case "mean":
                assert told.part_total == told.answer.numerator
                assert len(told.lines) == told.answer.denominator
    page = text(reader().get("/articles/august-2021/figures/livelihood.completion/"))
    assert "245,000,000" in page
    assert "296,000,000" in page
    assert "82.77%" in page


def test_a_receipt_of_what_was_not_printed_is_absent(reader: Any):
    client = reader()
    assert client.get("/articles/august-2021/figures/key.count/").status_code == 404
    assert client.get("/articles/august-2021/figures/livelihood.completion/?as_of=2021-02-28").status_code == 404
    assert client.get("/articles/august-2021/?edition=9").status_code == 404


def test_a_figure_that_is_not_public_is_for_officials(reader: Any):
    Figure.objects.filter(code="key.count").update(public=False)
    assert reader().get("/figures/key.count/").status_code == 404
    assert reader("leader").get("/figures/key.count/").status_code == 200


def test_what_is_not_public_is_absent_from_the_portal(reader: Any):
    Undertaking.objects.filter(code="livelihood-old-estates").update(public=False)
    client = reader()
    assert client.get("/undertakings/livelihood-old-estates/").status_code == 404
    assert "老旧小区改造" not in text(client.get("/programmes/livelihood/?q=老旧"))
    receipt = text(client.get("/figures/livelihood.completion/"))
    assert "老旧小区改造" not in receipt
    assert "245,000,000" in receipt


def test_lights_are_not_shown_to_the_public(reader: Any):
    for path in ("/", "/programmes/key-projects/", "/undertakings/key-jiangnan/"):
        assert 'class="light' not in reader().get(path).content.decode()


def test_the_list_keeps_every_choice_in_its_address(reader: Any):
    client = reader("leader")
    page = client.get("/desk/undertakings/?light=red&programme=livelihood").content.decode()
    red = stand(as_of=AUGUST, head=ledger.head()).standings.filter(light="red", undertaking__programme__code="livelihood")
    assert list(re.findall(r'/desk/undertakings/([\w-]+)/"', page)) == [one.undertaking.code for one in red]
    assert 'name="light" value="red"' in page
    fragment = client.get("/desk/undertakings/?light=red", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert "<table" in fragment


def test_worst_stands_first(reader: Any):
    lights = re.findall(
        r'<td class="cell-light"><span class="light light-(\w+)', reader("leader").get("/desk/undertakings/").content.decode()
    )
    worst = ["red", "amber", "grey", "green"]
    assert lights[0] == "red"
    assert lights.index("amber") > lights.index("red")
    assert set(lights) <= set(worst)


def test_traditional_words_find_simplified_names(reader: Any):
    assert "小型水利工程改造提升" in text(reader("leader").get("/desk/undertakings/?q=小型水利工程改造提升"))
    assert "livelihood-small-water" in reader("leader").get("/desk/undertakings/?q=小型水利工程改造").content.decode()
    assert "livelihood-rural-homes" in reader("leader").get("/desk/undertakings/?q=農村危房").content.decode()


def test_an_official_sees_what_their_body_answers_for_and_nothing_else(reader: Any):
    client = reader("reporter-education")
    assert client.get("/desk/undertakings/livelihood-old-estates/").status_code == 404
    assert client.get("/desk/undertakings/livelihood-preschool/").status_code == 200
    assert "老旧小区改造" not in text(client.get("/desk/undertakings/"))
    assert "老旧小区改造" in text(reader("leader").get("/desk/undertakings/?q=老旧小区"))


def test_the_past_is_shown_as_it_was_known(reader: Any):
    promise = Undertaking.objects.get(code="livelihood-old-estates")
    now, then = ledger.slots(promise, head=ledger.head()), ledger.slots(promise, head=ledger.head() // 2)
    assert len(then) < len(now)
    page = text(reader("leader").get("/desk/undertakings/livelihood-old-estates/?as_of=2021-04-30&known_at=2021-05-20"))
    assert "2021年4月30日" in page
    assert "2021年8月" not in page.split("每一格的历史")[1].split("工作统计")[0]


@pytest.mark.parametrize("asked", ["as_of=31.8.2021", "as_of=2021-02-30", "known_at=yesterday"])
def test_a_day_that_cannot_be_read_is_refused_in_words(asked: str, reader: Any):
    response = reader().get(f"/programmes/?{asked}")
    assert response.status_code == 409
    assert asked.partition("=")[2] in text(response)


def test_a_language_is_chosen_by_the_reader_and_by_nobody_else(reader: Any):
    client = reader()
    assert client.get("/", headers={"Accept-Language": "en"}).headers["Content-Language"] == "zh-hans"
    answer = client.post("/language", {"language": "en", "next": "/programmes/?q=x"})
    assert answer.headers["Location"] == "/programmes/?q=x"
    assert client.get("/").headers["Content-Language"] == "en"
    assert client.post("/language", {"language": "en", "next": "//elsewhere.example/"}).headers["Location"] == "/"
    assert client.post("/language", {"language": "tlh"}).cookies.get("django_language") is None


def test_the_language_that_somebody_signed_in_chooses_is_kept_for_what_is_sent_to_them(reader: Any):
    client = reader("leader")
    client.post("/language", {"language": "tlh"})
    assert User.objects.get(username="leader").language == ""
    client.post("/language", {"language": "en"})
    assert User.objects.get(username="leader").language == "en"
    assert re.search(r"Language of messages\s+English", text(client.get("/account/")))


def test_health_tells_the_head():
    assert Client().get("/healthz").json()["head"] == ledger.head()


def test_a_report_waits_for_somebody_else(reader: Any):
    promise = Undertaking.objects.get(code="livelihood-old-estates")
    key = f"{promise.pk}-{promise.programme.lead_measure_id}"
    reporter, head = reader("reporter-housing"), ledger.head()
    moved = reporter.get("/desk/reports/new/?programme=livelihood&period=2021-08")
    assert moved.headers["Location"] == "/desk/month/?programme=livelihood&period=2021-08"
    shown = reporter.get(moved.headers["Location"]).content.decode()
    assert f'name="value-{key}"' in shown
    seen = shown.partition(f'name="seen-{key}" value="')[2].partition('"')[0]
    month = {"body": "tunxi-housing", "period": "2021-08", "unit": "万元", f"was-{key}": "", f"seen-{key}": seen}
    sent = reporter.post("/desk/month/send/", {**month, f"value-{key}": "2300"})
    assert sent.status_code == 302
    report = sent.headers["Location"]
    assert "更改须说明理由" in text(reporter.post(f"{report}send/", follow=True))
    reporter.post(f"{report}discard/")
    sent = reporter.post("/desk/month/send/", {**month, f"value-{key}": "2300", f"reason-{key}": "漏报一笔"})
    report = sent.headers["Location"]
    assert reporter.post(f"{report}send/").status_code == 302
    assert ledger.head() == head
    assert "2,300万元" in text(reader("reviewer").get(report))
    assert reporter.post(f"{report}accept/").status_code == 403
    assert reader("reporter-education").get(report).status_code == 404
    assert reader("reviewer").post(f"{report}accept/").status_code == 302
    assert ledger.head() == head + 1
    assert "82.98%" in text(reader().get("/figures/livelihood.completion/"))
    printed = text(reader().get("/articles/august-2021/figures/livelihood.completion/"))
    assert "82.77%" in printed
    assert "82.98%" in printed


def test_an_editor_is_told_what_may_not_be_typed(reader: Any):
    editor = reader("editor")
    sent = {"language": "zh-hans", "title": "题", "summary": "", "source": '共{{ figure "deals.count" }},完成33项。'}
    shown = text(editor.post("/desk/articles/august-2021/preview/", sent))
    assert "37个" in shown
    assert "完成33项" in shown
    assert "手工录入的数字" in shown
    broken = text(editor.post("/desk/articles/august-2021/preview/", {**sent, "source": '{{ figure "nobody.knows" }} {{ figure'}))
    assert "nobody.knows" in broken
    assert Article.objects.get(slug="august-2021").texts.get(language="zh-hans").title != "题"


def test_amounts_are_told_in_the_unit_that_people_say():
    from django.utils.translation import override

    with override("zh-hans"):
        assert display.money(245_000_000) == "2.45亿元"
        assert display.money(Decimal("1680e4")) == "1,680万元"
        assert display.money(-5) == "−5元"
        assert display.number(Decimal("1234567.5")) == "1,234,567.5"
        assert figures.ordinal(1) == "第一"
    with override("zh-hant"):
        assert display.money(245_000_000) == "2.45億元"
        assert display.day(AUGUST) == "2021年8月31日"
    with override("en"):
        assert display.money(245_000_000) == "¥245 million"
        assert display.day(AUGUST) == "31 August 2021"
        assert figures.ordinal(3) == "third"
    assert display.number(None) == display.SILENCE
    assert display.number(0) == "0"


def test_marks_between_chinese_characters_are_chinese_ones():
    assert display.punctuated("左边是承诺,右边是进展:账本") == "左边是承诺\uff0c右边是进展\uff1a账本"
    assert display.punctuated("共<a>33项</a>,完成") == "共<a>33项</a>\uff0c完成"
    assert display.punctuated("1,680 and 12:30") == "1,680 and 12:30"


def test_a_course_counts_silence_as_silence():
    promise = Undertaking.objects.get(code="livelihood-small-water")
    course = history.course(ledger.slots(promise, head=ledger.head()), promise.programme.lead_measure, as_of=AUGUST)
    assert course is not None
    by_month = {point.period: point.done for point in course.points}
    assert by_month[date(2021, 8, 31)] == 794_400
    assert by_month[date(2021, 9, 30)] is None


def test_a_kept_part_is_made_again_when_what_it_rests_on_changes():
    shelf, made = kept.Shelf(largest=2), []
    for key in ("a", "a", "b", "c", "a"):
        shelf.get(key, lambda key=key: made.append(key))
    assert made == ["a", "b", "c", "a"]
