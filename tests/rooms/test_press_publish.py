"""Publishing freezes: what was printed stays printed, whatever the ledger learns afterwards."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from PIL import Image
from stage import NOW, District, district

from duban.core.refusals import Refusal
from duban.ledger import reads
from duban.press import actions as press
from duban.press import figures
from duban.press.models import Article, Edition, Figure, Photo

pytestmark = pytest.mark.django_db
FEBRUARY = date(2026, 2, 28)
BOOK = """
recorded    undertaking  measure   kind    period   amount
2026-01-05  roofs        invested  plan    2026     200000000
2026-01-05  wells        invested  plan    2026     96000000
2026-02-20  roofs        invested  report  2026-01  100000000
2026-03-01  roofs        invested  report  2026-02  150000000
2026-03-01  wells        invested  report  2026-02  95000000
"""
SOURCE = (
    '全区完成投资{{ figure "invested" }}，占年度计划的{{ figure "done" }}。'
    '一月为{{ figure "invested" as_of="2026-01-31" }}。{{ undertaking "roofs" }}'
)


@pytest.fixture
def town(db: None) -> District:
    made = district()
    made.write(BOOK)
    asked = {"programme": made.programmes["invested"], "measure": made.measures["invested"]}
    Figure.objects.create(code="invested", name="完成投资", operation="sum", unit="亿元", decimals=2, public=True, **asked)
    Figure.objects.create(code="done", name="完成率", operation="ratio", unit="%", decimals=2, public=True, **asked)
    Figure.objects.create(code="silent", name="无", operation="sum", where={"origin": "moon"}, **asked)
    return made


def article(town: District, source: str = SOURCE, *, title: str = "春天的账本", **more: Any) -> Article:
    editor = town.people["editor"]
    made = press.write(slug="spring", body=town.bodies["top"], as_of=FEBRUARY, by=editor, now=NOW)
    press.set_text(article=made, language="zh-hans", title=title, source=source, by=editor, now=NOW, **more)
    return made


def publish(town: District, made: Article, now: datetime = NOW) -> Edition:
    return press.publish(article=made, by=town.people["editor"], now=now)


def picture(colour: str = "teal", size: tuple[int, int] = (40, 30), kind: str = "JPEG", **how: Any) -> io.BytesIO:
    held = io.BytesIO()
    Image.new("RGB", size, colour).save(held, kind, **how)
    held.seek(0)
    return held


def add_photo(town: District, made: Article, stream: io.BytesIO | None = None, caption: str = "江边") -> Photo:
    return press.add_photo(article=made, stream=stream or picture(), caption=caption, by=town.people["editor"], now=NOW)


def code(call: Any, *args: Any, **named: Any) -> str:
    with pytest.raises(Refusal) as refused:
        call(*args, **named)
    return refused.value.code


# Freezing


def test_an_edition_holds_every_figure_exactly_with_its_day_and_its_head(town: District):
    edition = publish(town, article(town))
    assert (edition.number, edition.as_of, edition.head, edition.published_at) == (1, FEBRUARY, 5, NOW)
    share = str(Decimal(245_000_000) / 296_000_000 * 100)
    assert edition.frozen["figures"] == [
        {"code": "done", "as_of": "2026-02-28", "value": share, "numerator": "245000000", "denominator": "296000000"},
        {"code": "invested", "as_of": "2026-01-31", "value": "100000000", "numerator": None, "denominator": None},
        {"code": "invested", "as_of": "2026-02-28", "value": "245000000", "numerator": None, "denominator": None},
    ]  # fmt: skip


def test_what_is_frozen_is_what_a_receipt_says_and_adds_up_to(town: District):
    edition = publish(town, article(town))
    for one in edition.frozen["figures"]:
        answer = figures.answer(one["code"], as_of=date.fromisoformat(one["as_of"]), head=edition.head)
        assert str(answer.value) == one["value"]
    answer = figures.answer("invested", as_of=FEBRUARY, head=edition.head)
    assert answer.value == sum(Decimal(record.amount) / 10_000 for record in answer.records)


def test_a_later_correction_leaves_the_edition_and_changes_todays_answer(town: District):
    made = article(town)
    edition = publish(town, made)
    before = Edition.objects.get().frozen
    town.write("recorded undertaking measure kind period amount\n2026-03-05 roofs invested report 2026-02 140000000")
    assert Edition.objects.get().frozen == before
    assert figures.answer("invested", as_of=FEBRUARY, head=reads.head()).value == 235_000_000
    assert figures.answer("invested", as_of=FEBRUARY, head=edition.head).value == 245_000_000
    second = publish(town, made, datetime(2026, 3, 6, tzinfo=UTC))
    assert (second.number, second.head) == (2, 6)
    assert [one["value"] for one in second.frozen["figures"]][2] == "235000000"


def test_texts_and_photographs_are_frozen_too(town: District):
    made = article(town, "{{ photo 1 }}")
    photo = add_photo(town, made)
    edition = publish(town, made)
    press.remove_photo(photo=photo, by=town.people["editor"], now=NOW)
    press.set_text(article=made, language="zh-hans", title="别的", source="空", by=town.people["editor"], now=NOW)
    edition.refresh_from_db()
    assert edition.frozen["texts"]["zh-hans"] == {"title": "春天的账本", "summary": "", "source": "{{ photo 1 }}"}
    assert [one["caption"] for one in edition.frozen["photos"]] == ["江边"]
    assert press.photo_path(edition.frozen["photos"][0]["sha256"]).exists()


def test_an_edition_never_changes(town: District):
    edition = publish(town, article(town))
    forged = {"article": edition.article, "number": 1, "as_of": FEBRUARY, "head": 0, "published_by": edition.published_by, "frozen": {}}
    for attempt in (
        lambda: Edition.objects.filter(pk=edition.pk).update(head=0),
        lambda: Edition(pk=edition.pk, **forged).save(),
        lambda: Edition.objects.bulk_create([Edition(**forged)]),
        lambda: edition.delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()
    assert Edition.objects.get().head == 5


# What is not published


@pytest.mark.parametrize("typed", ["33项民生工程", "33项民生工程", "完成82.77%", "第３名"])
@pytest.mark.parametrize("where", ["title", "summary", "source"])
def test_a_typed_number_stops_the_press(town: District, typed: str, where: str):
    text = {"title": "春天的账本", "summary": "", "source": "空", where: typed}
    assert code(publish, town, article(town, text.pop("source"), **text)) == "typed-number"
    assert not Edition.objects.exists()


def test_a_number_typed_in_another_language_or_below_a_photograph_stops_it_too(town: District):
    made = article(town)
    press.set_text(article=made, language="en", title="Spring", source="33 programmes", by=town.people["editor"], now=NOW)
    assert code(publish, town, made) == "typed-number"
    press.set_text(article=made, language="en", title="Spring", source="All programmes", by=town.people["editor"], now=NOW)
    add_photo(town, made, caption="33项民生工程之一")
    assert code(publish, town, made) == "typed-number"


def test_dates_are_printed(town: District):
    made = article(town, '截至2026年2月28日，{{ figure "done" }}。', title="2026年2月")
    assert publish(town, made).number == 1


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('{{ figure "never.heard.of" }}', "figure-unknown"),
        ('{{ undertaking "never-heard-of" }}', "undertaking-unknown"),
        ('{{ figure "invested" unit="%" }}', "unit-unknown"),
        ('{{ figure "invested" decimals=99 }}', "tag-unreadable"),
        ("{{ poem }}", "tag-unreadable"),
    ],
)
def test_a_text_that_names_nothing_is_not_kept(town: District, source: str, expected: str):
    assert code(article, town, source) == expected
    assert not Article.objects.filter(texts__isnull=False).exists()


def test_a_photograph_that_is_not_there_stops_the_press(town: District):
    made = article(town, "{{ photo 2 }}")
    add_photo(town, made)
    assert code(publish, town, made) == "photo-missing"
    press.set_text(article=made, language="zh-hans", title="春", source="{{ photo 0 }}", by=town.people["editor"], now=NOW)
    assert code(publish, town, made) == "photo-missing"


def test_a_figure_without_an_answer_stops_the_press(town: District):
    assert code(publish, town, article(town, '{{ figure "silent" }}')) == "figure-silent"


def test_an_article_without_chinese_has_nothing_to_print(town: District):
    made = press.write(slug="empty", body=town.bodies["top"], as_of=FEBRUARY, by=town.people["editor"], now=NOW)
    assert code(publish, town, made) == "text-missing"


@pytest.mark.parametrize("who", ["reporter", "reviewer", "dispatcher", "resident"])
def test_only_editors_write_and_publish(town: District, who: str):
    made, by = article(town), town.people[who]
    for attempt in (
        lambda: press.write(slug="other", body=town.bodies["top"], as_of=FEBRUARY, by=by, now=NOW),
        lambda: press.set_text(article=made, language="zh-hans", title="别的", source="", by=by, now=NOW),
        lambda: press.set_day(article=made, as_of=FEBRUARY, by=by, now=NOW),
        lambda: press.add_photo(article=made, stream=picture(), caption="江边", by=by, now=NOW),
        lambda: press.publish(article=made, by=by, now=NOW),
    ):
        with pytest.raises(PermissionDenied):
            attempt()
    assert Article.objects.get().texts.get().title == "春天的账本"


# Photographs


def test_a_photograph_loses_its_hidden_data_and_its_excess_width(town: District):
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "a secret place", 6
    photo = add_photo(town, article(town), picture(size=(3000, 1000), exif=exif))
    assert (photo.width, photo.height) == (640, 1920)
    held = press.photo_path(photo.sha256).read_bytes()
    assert b"secret" not in held
    assert not Image.open(io.BytesIO(held)).getexif()


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"\xff\xd8\xff\xe0" + b"x" * 99]
)
def test_what_is_no_photograph_is_refused(town: District, content: bytes):
    assert code(add_photo, town, article(town), io.BytesIO(content)) == "not-a-photograph"


def test_a_photograph_that_is_too_large_is_refused_unread(town: District, settings: Any):
    settings.SET = {**settings.SET, "evidence_mb": 1}
    assert code(add_photo, town, article(town), io.BytesIO(b"\xff\xd8" + b"x" * 2**20)) == "file-too-large"


def test_a_caption_is_needed(town: District):
    assert code(add_photo, town, article(town), caption=" ") == "caption-missing"
