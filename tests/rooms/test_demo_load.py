"""The example in a database: loaded once, through submissions, for the demo mode only."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from duban.demo import tunxi
from duban.demo.load import load
from duban.demo.rows import Account
from duban.intake import actions as intake
from duban.intake.models import Submission
from duban.ledger import reads
from duban.ledger.models import Entry
from duban.people.models import Body, User
from duban.press import figures, markup
from duban.press.models import Article, ArticleText, Edition, Figure
from duban.registry.models import Programme, Undertaking
from duban.standing.actions import stand

pytestmark = pytest.mark.django_db
AUGUST = date(2021, 8, 31)
WORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def example(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Account]]:
    """The accounts of the example, which is in the database until this module's tests are done."""
    quick = {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"]}
    files: Path = tmp_path_factory.mktemp("files")
    with django_db_blocker.unblock(), override_settings(MODE="demo", MEDIA_ROOT=str(files), **quick), transaction.atomic():
        yield load(now=timezone.now(), password=WORD)
        transaction.set_rollback(True)


def test_everything_is_in_the_ledger_in_the_order_in_which_it_was_accepted(example: list[Account]):
    lines = tunxi.lines()
    entries = list(Entry.objects.order_by("seq"))
    assert [entry.seq for entry in entries] == list(range(1, len(lines) + 1))
    assert [entry.recorded_at for entry in entries] == [line.recorded_at for line in lines]
    assert [entry.amount for entry in entries] == [line.amount for line in lines]
    assert [entry.day for entry in entries] == [line.day for line in lines]
    assert all(entry.submitted_by_id != entry.accepted_by_id for entry in entries)


def test_loading_again_changes_nothing_and_tells_no_password(example: list[Account]):
    before = (Entry.objects.count(), User.objects.count(), Body.objects.count(), Submission.objects.count())
    again = load(now=timezone.now())
    assert [account.username for account in again] == [account.username for account in example]
    assert {account.password for account in again} == {""}
    assert (Entry.objects.count(), User.objects.count(), Body.objects.count(), Submission.objects.count()) == before


def test_each_account_signs_in_and_nobody_else_does(example: list[Account]):
    for account in example:
        assert User.objects.get(username=account.username).check_password(WORD)
    others = User.objects.exclude(username__in=[account.username for account in example])
    assert others.exists()
    assert not any(user.has_usable_password() for user in others)


def test_there_is_one_account_a_role_and_a_resident(example: list[Account]):
    roles = Counter(account.role for account in example)
    assert set(roles) == {"administrator", "dispatcher", "reporter", "reviewer", "leader", "supervisor", "editor", ""}
    assert roles["reporter"] == 2


def test_a_reporter_begins_nothing_for_another_department(example: list[Account]):
    housing = User.objects.get(username="reporter-housing")
    education = Body.objects.get(code="tunxi-education")
    with pytest.raises(PermissionDenied):
        intake.draft(body=education, by=housing, lines=[], on=AUGUST)


def test_three_submissions_are_on_their_way(example: list[Account]):
    states = Counter(Submission.objects.exclude(state="accepted").values_list("state", flat=True))
    assert states == {"draft": 1, "submitted": 1, "returned": 1}


def test_the_lights_show_every_colour_and_story(example: list[Account]):
    head = Entry.objects.order_by("-seq").values_list("seq", flat=True).first()
    found = stand(as_of=AUGUST, head=head).standings.select_related("undertaking__programme")
    rules = {
        code: Counter(standing.rule for standing in found if standing.undertaking.programme.code == code)
        for code in ("livelihood", "key-projects", "petitions-provincial")
    }
    assert {standing.light for standing in found} == {"red", "amber", "grey", "green"}
    assert rules["key-projects"]["start_overdue"] == rules["key-projects"]["not_started"] == 1
    assert rules["key-projects"]["far_behind"] == rules["key-projects"]["not_resumed"] == rules["key-projects"]["silent"] == 1
    assert rules["key-projects"]["behind"] == 2
    assert rules["livelihood"]["far_behind"] == 1
    assert rules["petitions-provincial"] == {"finished": 22, "pending": 4, "finish_overdue": 2}


def test_what_is_broken_down_by_rule_is_marked(example: list[Account]):
    assert not Programme.objects.filter(illustrative=False).exists()
    assert Undertaking.objects.get(code="key-nanbin").town.code == "yanghu"  # type: ignore[union-attr]
    assert Entry.objects.filter(undertaking__code="livelihood-farmers", amount=Decimal(0), kind="report").exists()


PUBLISHED = {
    ("rank.gdp", "2021-08-31"): "1",
    ("rank.retail", "2021-08-31"): "1",
    ("rank.tourism", "2021-08-31"): "1",
    ("rank.hightech", "2021-08-31"): "1",
    ("rank.investment", "2021-08-31"): "1",
    ("deals.count", "2021-06-30"): "30",
    ("deals.yangtze", "2021-06-30"): "26",
    ("capacity.amino", "2021-08-31"): "2000",
    ("plots.cleared", "2021-08-31"): "3",
    ("villages.count", "2021-08-31"): "4",
    ("villages.progress", "2021-08-31"): "92",
    ("petitions.central.count", "2021-08-31"): "9",
    ("petitions.central.done", "2021-08-31"): "9",
    ("petitions.provincial.count", "2021-08-31"): "28",
    ("petitions.provincial.done", "2021-08-31"): "22",
    ("livelihood.count", "2021-08-31"): "33",
    ("livelihood.invested", "2021-08-31"): "2.45",
    ("livelihood.completion", "2021-08-31"): "82.77",
    ("education.groups", "2021-08-31"): "4",
    ("vaccine.doses", "2021-08-31"): "32",
}
"""What the report of August 2021 says, in the units that it uses."""
TOLD_IN = {"livelihood.invested": ("亿元", 2), "livelihood.completion": ("%", 2), "vaccine.doses": ("万针次", 0)}


def test_the_bulletin_says_what_was_published(example: list[Account]):
    edition = Edition.objects.get(article__slug="august-2021")
    frozen = {(row["code"], row["as_of"]): Decimal(row["value"]) for row in edition.frozen["figures"]}
    for (code, as_of), said in PUBLISHED.items():
        figure = figures.find(code)
        unit, decimals = TOLD_IN.get(code, (figure.unit, 0))
        assert str(figures.in_unit(figure, frozen[code, as_of], unit, decimals)) == said, code
    assert len(edition.frozen["photos"]) == 4


def test_each_headline_has_an_answer_whose_records_add_up(example: list[Account]):
    head = reads.head()
    for figure in Figure.objects.exclude(headline=None):
        assert figures.answer(figure, as_of=AUGUST, head=head).value is not None
    completion = figures.answer("livelihood.completion", as_of=AUGUST, head=head)
    assert len(completion.records) == 33
    assert sum(record.amount or 0 for record in completion.records) == 245_000_000 * 10_000
    assert sum(record.plan_amount or 0 for record in completion.records) == 296_000_000 * 10_000


def test_an_edition_keeps_what_a_later_correction_changed(example: list[Account]):
    edition = Edition.objects.get(article__slug="livelihood-july-2021")
    july = date(2021, 7, 31)
    then = next(row for row in edition.frozen["figures"] if row["code"] == "livelihood.invested")
    assert figures.answer("livelihood.invested", as_of=july, head=edition.head).value == Decimal(then["value"])
    assert figures.answer("livelihood.invested", as_of=july, head=reads.head()).value != Decimal(then["value"])


def test_three_articles_are_published_in_both_languages_without_a_typed_number(example: list[Account]):
    assert Article.objects.filter(state="published").count() == 3
    for text in ArticleText.objects.all():
        assert not any(markup.typed_numbers(part) for part in (text.title, text.summary, text.source))
        for tag in markup.tags(text.source):
            if tag.kind == "figure" and tag.options.get("unit"):
                assert figures.in_unit(figures.find(tag.name), Decimal(1), tag.options["unit"], 2) is not None


SEEN = {
    "zh-hans": [
        "第一",
        "30个",
        "26个",
        "2000吨",
        "5G",
        "3个",
        "4个",
        "92%",
        "9件",
        "28件",
        "22件",
        "33项",
        "2.45亿元",
        "82.77%",
        "32万针次",
    ],
    "en": ["first", "30", "26", "2,000 tonnes", "5G", "92%", "28", "22", "33", "245 million yuan", "82.77%", "320,000 doses"],
}


@pytest.mark.parametrize("language", SEEN)
def test_a_reader_sees_every_published_number(example: list[Account], client: Any, language: str):
    client.cookies["django_language"] = language
    page = client.get("/articles/august-2021/").content.decode()
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))
    assert [said for said in SEEN[language] if said not in words] == []
