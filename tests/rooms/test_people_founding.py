"""How a site begins, from the command line."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from duban.cli.commands import duban
from duban.people import permits
from duban.people.models import Body, User

pytestmark = pytest.mark.django_db
WORD = "Riverside-2021-lamps"


def found(*more: str, password: str = WORD) -> Result:
    return CliRunner().invoke(duban, ["found", "lakeside", "湖滨区", "--administrator", "wang", "--password", password, *more])


def test_a_new_site_has_one_body_and_an_administrator_over_it():
    assert found("--name-en", "Lakeside").exit_code == 0
    body = Body.objects.get()
    user = User.objects.get(username="wang")
    assert (body.code, body.name, body.name_en, body.kind, body.path) == ("lakeside", "湖滨区", "Lakeside", "district", "lakeside/")
    assert user.check_password(WORD)
    assert permits.may(user, "people.write", body)
    assert not permits.may(user, "ledger.import", body)


def test_a_site_is_founded_once():
    found()
    again = found()
    assert again.exit_code == 1
    assert "湖滨区" in again.output
    assert Body.objects.count() == User.objects.count() == 1


def test_a_weak_password_founds_nothing():
    refused = found(password="lakeside")
    assert refused.exit_code == 1
    assert not Body.objects.exists()
    assert not User.objects.exists()


def test_a_taken_name_founds_nothing():
    User.objects.create_user("Wang", password=WORD)
    assert found().exit_code == 1
    assert not Body.objects.exists()
