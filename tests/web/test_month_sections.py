"""A month's sections are rendered once for all that they show, and anew for whatever changes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from stage import NOW, District, district

from duban.intake import actions as intake
from duban.intake import typing
from duban.registry.models import Programme, Undertaking
from duban.web import kept, month_sections

pytestmark = pytest.mark.django_db
ON = date(2026, 3, 2)
JANUARY = date(2026, 1, 31)


@pytest.fixture
def town(db: None, monkeypatch: pytest.MonkeyPatch) -> District:
    monkeypatch.setitem(django_settings.SET, "today", ON)
    monkeypatch.setitem(django_settings.SET, "body", "top")
    monkeypatch.setattr(month_sections, "_shelf", kept.Shelf(100))
    made = district()
    for name in ("roofs", "walls", "doors"):
        made.promise(name)
    made.write("recorded undertaking measure kind period amount\n2026-02-03 roofs invested report 2025-12 12\n")
    return made


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The undertakings whose sections were rendered, in turn."""
    told: list[str] = []
    render = month_sections.render_to_string

    def counted(template: str, facts: dict[str, Any]) -> Any:
        told.append(facts["promise"].undertaking.code)
        return render(template, facts)

    monkeypatch.setattr(month_sections, "render_to_string", counted)
    return told


def page(town: District, who: str = "reporter", language: str = "en", **asked: str) -> str:
    client = Client()
    client.force_login(town.people[who], backend="allauth.account.auth_backends.AuthenticationBackend")
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = language
    response = client.get("/desk/month/", {"body": "works", "period": "2026-01", **asked})
    assert response.status_code == 200
    return response.content.decode()


def typed(town: District, name: str, words: str) -> None:
    typing.type_cell(
        body=town.bodies["works"], period=JANUARY, undertaking=town.undertakings[name], measure=town.measures["invested"],
        typed=words, by=town.people["reporter"], now=NOW, on=ON,
    )  # fmt: skip


def test_a_second_reader_costs_no_second_rendering(town: District, rendered: list[str]):
    first = page(town)
    assert rendered == ["roofs", "walls", "doors"]
    rendered.clear()
    again = page(town, "colleague")
    assert rendered == []
    assert [line for line in again.splitlines() if "data-cell=" in line] == [line for line in first.splitlines() if "data-cell=" in line]


def test_whatever_a_section_shows_is_shown_anew_once_it_changes(town: District, rendered: list[str]):
    def anew(**asked: str) -> str:
        rendered.clear()
        return page(town, **asked)

    page(town)
    typed(town, "walls", "7")
    shown = anew()
    assert rendered == ["walls"]
    assert 'data-typed="7万元"' in shown
    sent = typing.send_month(body=town.bodies["works"], period=JANUARY, by=town.people["reporter"], on=ON).submission
    shown = anew()
    assert rendered == ["walls"]
    assert "in a draft, not sent" in shown
    intake.submit(submission=sent, by=town.people["reporter"], now=NOW, on=ON)
    shown = anew()
    assert rendered == ["walls"]
    assert "waits for review" in shown
    intake.accept(submission=sent, by=town.people["reviewer"], now=NOW)
    shown = anew()
    assert rendered == ["walls"]
    assert "in the ledger" in shown
    Undertaking.objects.filter(code="doors").update(name_en="Forty doors")
    shown = anew()
    assert rendered == ["doors"]
    assert "Forty doors" in shown
    other = Programme.objects.create(code="other", name="other", owner=town.bodies["top"], lead_measure=town.measures["invested"], order=9)
    other.measures.set(town.programmes["invested"].measures.all())
    Undertaking.objects.filter(code="doors").update(programme=other)
    shown = anew()
    assert rendered == ["doors"]
    assert f'aria-labelledby="promise-{town.undertakings["doors"].pk} part-other"' in shown
    for other in ({"unit": "yuan"}, {"language": "zh-hans"}, {"period": "2025-12"}):
        anew(**other)
        assert rendered == ["roofs", "walls", "doors"]
