"""Why is it red: every light of the example, and every rule there is, comes with its rule, its inputs and its cure in three languages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone, translation

from duban.core import periods
from duban.core.rulebook import Rulebook, Schedule
from duban.core.rules import BY_NAME, RULES
from duban.demo.load import load
from duban.people.models import User
from duban.registry import rulebooks
from duban.registry.models import Measure, Programme
from duban.standing.actions import stand
from duban.standing.models import Standing
from duban.standing.reads import standings
from duban.web import boundaries, wording

pytestmark = pytest.mark.django_db
AUGUST = date(2021, 8, 31)
MONTH_ENDS = [periods.last_day(2021, month) for month in range(1, 13)]
LANGUAGES = ("zh-hans", "zh-hant", "en")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
SCALES = {"亿": 10**8, "億": 10**8, "万": 10**4, "萬": 10**4, "billion": 10**9, "million": 10**6}
CJK = re.compile(r"[\u4e00-\u9fff]")
INPUTS: dict[str, tuple[str, ...]] = {
    "fulfilled": ("done", "target"),
    "production_overdue": ("due", "months"),
    "not_producing": ("due",),
    "conversion_overdue": ("due", "months"),
    "not_converted": ("due",),
    "start_overdue": ("due", "months"),
    "finish_overdue": ("due",),
    "enrolment_overdue": ("due", "months"),
    "not_started": ("due",),
    "not_enrolled": ("due",),
    "pending": ("due",),
    "long_silent": ("last_period",),
    "far_behind": ("done", "planned", "gap"),
    "not_resumed": ("done",),
    "behind": ("done", "planned", "gap"),
    "silent": ("last_period",),
    "caught_up": ("done", "planned"),
    "watch": ("done", "planned", "gap"),
    "on_schedule": ("done", "planned", "gap"),
}
"""What each rule is about; the rest are about nothing that has a number."""
UNCURED = {"heading", "finished", "fulfilled", "in_reserve", "pending", "on_schedule", "nothing_due"}
"""The green and grey rules that ask for nothing."""
BOUNDED = {
    "far_behind": ("behind", "far_behind"),
    "behind": ("behind", "far_behind"),
    "watch": ("behind", "far_behind"),
    "on_schedule": ("behind", "far_behind"),
}


@pytest.fixture(scope="module")
def example(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The example, in the database until this module's tests are done."""
    quick = {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"]}
    files: Path = tmp_path_factory.mktemp("files")
    with django_db_blocker.unblock(), override_settings(MODE="demo", MEDIA_ROOT=str(files), **quick), transaction.atomic():
        load(now=timezone.now(), password="correct horse battery staple")
        yield
        transaction.set_rollback(True)


# Sentences, read back as a reader would


def numbers(words: str) -> list[tuple[Decimal, Decimal]]:
    """Every number in a sentence with what follows it taken as its scale, and half of its last shown place."""
    found = []
    for digits, scale in re.findall(r"(\d[\d,]*(?:\.\d+)?)\s?(亿|億|万|萬|billion|million)?", words):
        value, factor = Decimal(digits.replace(",", "")), Decimal(SCALES.get(scale, 1))
        found.append((value * factor, Decimal("0.005") * factor if scale or "." in digits else Decimal(0)))
    return found


def names(words: str, value: Decimal, *, up: bool = False) -> bool:
    """Whether a sentence names a value, rounded as it is shown; with `up` never as less."""
    slack = 2 if up else 1
    return any((value <= said if up else True) and abs(said - value) <= off * slack for said, off in numbers(words))


def dated(day: date, language: str) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}" if language == "en" else f"{day.year}年{day.month}月{day.day}日"


def monthly(day: date, language: str) -> str:
    return f"{MONTHS[day.month - 1]} {day.year}" if language == "en" else f"{day.year}年{day.month}月"


def told_of(words: str, name: str, value: Any, language: str) -> bool:
    if name == "due":
        return dated(value, language) in words
    if name == "last_period":
        return value is None or monthly(value, language) in words or dated(value, language) in words
    return names(words, abs(Decimal(value)) / 100 if name == "gap" else Decimal(value))


def faults(row: Standing, book: Rulebook, language: str) -> list[str]:
    """What is wrong with how a light is explained in the language that is active."""
    rule, reason, cure = wording.rule(row), wording.reason(row), wording.cure(row)
    bound = boundaries.boundary(row.rule, book)
    found = [f"empty {name}" for name, words in (("rule", rule), ("reason", reason), ("boundary", bound)) if not words.strip()]
    if not cure and row.rule not in UNCURED and not (row.rule == "watch" and not row.cure_amount):
        found.append("nothing cures it, and nobody says so")
    for words in (rule, reason, cure, bound):
        if "–" in words or "%(" in words or "None" in words:
            found.append(f"a gap in “{words}”")
        if words and (CJK.search(words) is None) != (language == "en"):
            found.append(f"“{words}” is not in {language}")
    found += [
        f"{name} is not in “{reason}”" for name in INPUTS.get(row.rule, ()) if not told_of(reason, name, getattr(row, name), language)
    ]
    if row.cure_amount and row.cure_by:
        by, amount = dated(row.cure_by, language), row.cure_amount
        if by not in cure or not (names(cure, amount, up=True) or amount < 1):
            found.append(f"{amount} by {by} is not in “{cure}”")
    bounds = [getattr(book.schedule, name) for name in BOUNDED.get(row.rule, ())]
    return found + [f"{bound_of} is not in “{bound}”" for bound_of in bounds if not names(bound, Decimal(bound_of))]


@pytest.mark.parametrize("day", MONTH_ENDS, ids=str)
def test_every_light_of_the_example_is_explained_with_its_numbers_in_three_languages(example: None, day: date):
    books = rulebooks.in_force(as_of=day, led=True)
    rows = list(standings(stand(as_of=day)).select_related("measure", "undertaking"))
    assert len(rows) > 100
    wrong = defaultdict(list)
    for language in LANGUAGES:
        with translation.override(language):
            for row in rows:
                for fault in faults(row, books[row.programme_id], language):
                    wrong[row.rule].append(f"{row.undertaking.code} ({language}): {fault}")
    assert not wrong, "\n".join(f"{rule}: {few[0]} and {len(few) - 1} more" for rule, few in wrong.items())


def test_the_example_has_many_of_the_lights_that_there_are(example: None):
    seen = {row.rule for day in MONTH_ENDS for row in standings(stand(as_of=day)).only("rule")}
    assert {"far_behind", "behind", "watch", "on_schedule", "start_overdue", "not_started", "finish_overdue", "silent", "long_silent",
            "not_resumed", "fulfilled", "finished", "pending"} <= seen  # fmt: skip


# Every rule there is, whether or not the example has it


def made(rule: str, *, unit: str = "元", direction: int = 1, **facts: Any) -> Standing:
    """A standing that a rule may have lit, with every input that the rule is about."""
    named = {"code": "m", "name": "投资", "name_en": "Investment", "unit": unit, "unit_en": unit}
    measure = Measure(holds="amount", accumulates="year", direction=direction, **named)
    lit: dict[str, Any] = {
        "rule": rule,
        "light": BY_NAME[rule].light,
        "severity": BY_NAME[rule].severity,
        "measure": measure,
        "done": Decimal(16_800_000),
        "planned": Decimal(37_333_333),
        "target": Decimal(56_000_000),
        "gap": -3667,
        "last_period": date(2021, 5, 31),
        "due": date(2021, 4, 20),
        "months": 4,
        "cure_amount": Decimal(19_600_001),
        "cure_by": date(2021, 9, 30),
    }
    if rule not in ("far_behind", "behind", "watch", "silent", "long_silent", "not_resumed"):
        lit |= {"cure_amount": None, "cure_by": None}
    return Standing(**lit | facts)


BOOKS = {"points": Rulebook(schedule=Schedule(behind=12, far_behind=34)), "ratio": Rulebook(schedule=Schedule("own", "ratio", 81, 57))}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rule", [rule.name for rule in RULES])
@pytest.mark.parametrize("book", BOOKS)
def test_every_rule_there_is_can_be_explained(rule: str, book: str, language: str):
    with translation.override(language):
        assert faults(made(rule), BOOKS[book], language) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "row",
    [
        made("far_behind", direction=-1, cure_amount=None, cure_by=None),
        made("behind", direction=-1, cure_amount=None, cure_by=None),
        made("silent", last_period=None, cure_amount=Decimal(0)),
        made("long_silent", last_period=None),
        made("production_overdue", produce_due=date(2021, 4, 20)),
        made("not_producing", produce_due=date(2021, 4, 20)),
        made("not_resumed", cure_amount=Decimal("0.0001")),
        made("watch", cure_amount=Decimal(0)),
        made("behind", unit="%", done=Decimal("30.5"), planned=Decimal("66.7"), target=Decimal(100), cure_amount=Decimal("34.5")),
    ],
    ids=["far_behind_less", "behind_less", "never", "never_long", "late_planned", "planned", "resumed_by_any", "watch_enough", "percent"],
)
def test_what_differs_within_a_rule_is_explained_too(row: Standing, language: str):
    with translation.override(language):
        assert faults(row, Rulebook(), language) == []


def test_the_explanation_would_fail_if_a_number_were_wrong():
    with translation.override("en"):
        row = made("far_behind")
        reason = wording.reason(row)
        assert not names(reason, Decimal(16_900_000)) and not names(reason, Decimal("36.68"))
        assert not names(wording.cure(row), Decimal(19_610_001), up=True)


# The way from a light to its reason


PAGES = ("/desk/", "/desk/undertakings/", "/desk/watch/", "/desk/changes/", "/desk/meeting/")
PUBLIC = ("/", "/programmes/")


class Node:
    """An element of a page."""

    def __init__(self, tag: str, facts: dict[str, str | None], parent: Node | None) -> None:
        self.tag, self.facts, self.parent, self.words, self.children = tag, facts, parent, "", list[Node]()

    def all(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.all()

    def of(self, name: str) -> list[Node]:
        """The elements in it that bear a class."""
        return [node for node in self.all() if name in (node.facts.get("class") or "").split()]

    def told(self) -> str:
        return " ".join(" ".join(node.words for node in self.all()).split())


class Page(HTMLParser):
    """A page as a tree of its elements."""

    EMPTY = ("area", "br", "col", "hr", "img", "input", "link", "meta")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.root = self.here = Node("", {}, None)
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, dict(attrs), self.here)
        self.here.children.append(node)
        self.here = self.here if tag in self.EMPTY else node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.here.children.append(Node(tag, dict(attrs), self.here))

    def handle_endtag(self, tag: str) -> None:
        assert self.here.parent and self.here.tag == tag, f"</{tag}> closes <{self.here.tag}>"
        self.here = self.here.parent

    def handle_data(self, data: str) -> None:
        self.here.words += f" {data}"

    @property
    def main(self) -> Node:
        return next(node for node in self.root.all() if node.tag == "main")


def way(lamp: Node) -> str | None:
    """Where the nearest thing around a lamp leads: to an undertaking, or to the list under that light. None if nowhere."""
    around: Node | None = lamp
    while around:
        if around.tag == "a":
            return around.facts.get("href")
        if around.tag in ("li", "tr", "section", "dl"):
            links = [node.facts.get("href") or "" for node in around.all() if node.tag == "a"]
            return next((href for href in links if "/desk/undertakings/" in href), None)
        around = around.parent
    return None


@pytest.fixture
def desk(example: None, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setitem(django_settings.SET, "today", AUGUST)
    monkeypatch.setitem(django_settings.SET, "body", "tunxi")
    client = Client()
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "en"
    client.force_login(User.objects.get(username="dispatcher"), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.mark.parametrize("page", PAGES)
def test_every_light_on_a_page_leads_to_its_reason(desk: Client, page: str):
    lamps = Page(desk.get(page).content.decode()).main.of("lamp")
    assert len(lamps) > 3
    assert [str(lamp.parent and lamp.parent.parent and lamp.parent.parent.told()) for lamp in lamps if way(lamp) is None] == []


def test_an_undertaking_s_page_tells_rule_inputs_boundary_and_cure_and_leads_to_the_rulebook(desk: Client):
    worst = standings(stand(as_of=AUGUST)).filter(rule="far_behind").select_related("undertaking__programme").first()
    assert worst is not None
    page = desk.get(f"/desk/undertakings/{worst.undertaking.code}/").content.decode()
    words = Page(page).main.of("verdict")[0].told()
    for part in ("Far behind", "points behind", "more by 30 September 2021 turns it green.", "More than 10 points behind schedule"):
        assert part in words, part
    rulebook = f"/desk/rules/programme/{worst.undertaking.programme.code}/"
    assert f'href="{rulebook}' in page
    assert desk.get(rulebook).status_code == 200


def test_residents_are_shown_no_light(desk: Client):
    desk.logout()
    pages = [*PUBLIC, *(f"/programmes/{code}/" for code in Programme.objects.filter(public=True).values_list("code", flat=True)[:3])]
    for page in pages:
        response = desk.get(page)
        assert response.status_code == 200
        assert Page(response.content.decode()).main.of("lamp") == []
