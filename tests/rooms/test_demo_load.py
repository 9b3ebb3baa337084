"""The example in a database: loaded once, through submissions, for the demo mode only."""

from __future__ import annotations

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
from duban.ledger.models import Entry
from duban.people.models import Body, User
from duban.registry.models import Programme, Undertaking
from duban.standing.actions import stand

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
