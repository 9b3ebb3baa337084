"""Put the example into an empty database, the way its people would have: through submissions that were accepted."""

from __future__ import annotations

import secrets
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import connection, transaction

from duban.core.refusals import Refusal
from duban.demo import articles, bodies, calendars, programmes, rules, tunxi, writing
from duban.demo.figures import FIGURES
from duban.demo.rows import SHANGHAI, Account
from duban.people import actions as people
from duban.people.models import Body, User
from duban.press.models import Figure
from duban.registry import past
from duban.registry.models import Measure, Programme, Undertaking

OPENED = datetime(2019, 1, 1, tzinfo=SHANGHAI)
"""Since when the example's registry is known: before the first entry of its ledger."""
MARK = "livelihood"
"""The programme by which a loaded database is known."""


def loaded() -> bool:
    """Whether the example is in this database already."""
    return Programme.objects.filter(code=MARK, owner__code="tunxi-finance").exists()


@transaction.atomic
def load(*, now: datetime, password: str | None = None) -> list[Account]:
    """The example, all of it or nothing, and who may sign in to it.

    Passwords are random and returned this once, unless one is given for all. On a database that holds the example
    already nothing changes and the accounts come without passwords. Raises `Refusal` "demo-outside-demo-mode" unless
    DUBAN_MODE is demo, and "demo-needs-empty-database" where somebody else's bodies are.
    """
    if settings.MODE != "demo":
        raise Refusal("demo-outside-demo-mode", mode=settings.MODE)
    if loaded():
        return [_account(row.username, "") for row in bodies.SIGNING_IN]
    if Body.objects.exists() or User.objects.exists():
        raise Refusal("demo-needs-empty-database", bodies=Body.objects.count(), users=User.objects.count())
    passwords = {row.username: password or secrets.token_urlsafe(9) for row in bodies.SIGNING_IN}
    with past.written(OPENED):
        found = plant_bodies()
        users = appoint(found, passwords, now=now)
        register(found)
    rules.adopt(rules.DISTRICTS, users)
    names = writing.Names.read(found, users)
    writing.write(names, [(row.published_at, partial(articles.publish, row, found["tunxi"], users["editor"])) for row in articles.ALL])
    _look_over()
    calendars.schedule()
    rules.adopt(rules.PROGRAMMES, users)
    calendars.remind()
    return [_account(username, word) for username, word in passwords.items()]


def _look_over() -> None:
    """Tell PostgreSQL how much has come: until its own round, a minute later, it would plan every question for empty tables."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _account(username: str, password: str) -> Account:
    row = next(row for row in bodies.SIGNING_IN if row.username == username)
    return Account(row.username, row.role, row.body, row.title, row.title_en, password)


def plant_bodies() -> dict[str, Body]:
    """The tree of authorities, by code."""
    found: dict[str, Body] = {}
    for place, row in enumerate(bodies.bodies()):
        found[row.code] = people.add_body(
            code=row.code, kind=row.kind, name=row.name, name_en=row.name_en, parent=found.get(row.parent), order=place, by=None
        )
    return found


def appoint(found: dict[str, Body], passwords: dict[str, str], *, now: datetime) -> dict[str, User]:
    """The accounts, by user name; those who only stand under records cannot sign in."""
    users: dict[str, User] = {}
    for row in bodies.accounts():
        user = User(username=row.username, display_name=row.title)
        if row.username in passwords:
            user.set_password(passwords[row.username])
        else:
            user.set_unusable_password()
        user.save()
        users[row.username] = user
        if row.role:
            people.appoint(user=user, body=found[row.body], role=row.role, by=None, now=now)
    return users


def register(found: dict[str, Body]) -> None:
    """Measures, programmes, undertakings and the catalogue of figures."""
    measures = {
        row.code: Measure(
            code=row.code, name=row.name, name_en=row.name_en, holds=row.holds, unit=row.unit, unit_en=row.unit_en,
            accumulates=row.accumulates, order=place,
        )
        for place, row in enumerate(programmes.MEASURES)
    }  # fmt: skip
    Measure.objects.bulk_create(measures.values())
    lists = {
        row.code: Programme(
            code=row.code, name=row.name, name_en=row.name_en, owner=found[row.owner], year=row.year,
            summary=row.summary, summary_en=row.summary_en, source=row.source, source_en=row.source_en,
            lead_measure=measures.get(row.lead_measure), attributes=list(row.attributes),
            public=True, illustrative=row.illustrative, order=place,
        )
        for place, row in enumerate(programmes.PROGRAMMES)
    }  # fmt: skip
    Programme.objects.bulk_create(lists.values())
    for row in programmes.PROGRAMMES:
        lists[row.code].measures.set([measures[code] for code in row.measures])
    list_undertakings(found, lists)
    ask(found, measures, lists)


def list_undertakings(found: dict[str, Body], lists: dict[str, Programme]) -> None:
    """The undertakings, parents before their parts."""
    rows = tunxi.undertakings()
    made: dict[str, Undertaking] = {}
    for place, row in enumerate(rows):
        latitude, longitude = row.point or (None, None)
        made[row.code] = Undertaking(
            code=row.code, programme=lists[row.programme], name=row.name, name_en=row.name_en, kind=row.kind, stage=row.stage,
            lead_body=found[row.lead_body], town=found.get(row.town), latitude=latitude, longitude=longitude,
            attributes=row.attributes, description=row.description, description_en=row.description_en,
            public=True, order=place,
        )  # fmt: skip
    Undertaking.objects.bulk_create(made[row.code] for row in rows if not row.parent)
    for row in rows:
        if row.parent:
            made[row.code].parent = made[row.parent]
    Undertaking.objects.bulk_create(made[row.code] for row in rows if row.parent)
    for row in rows:
        if row.joint_bodies:
            made[row.code].joint_bodies.set([found[code] for code in row.joint_bodies])


def ask(found: dict[str, Body], measures: dict[str, Measure], lists: dict[str, Programme]) -> None:
    """The catalogue of figures."""
    undertakings = {row.code: row for row in Undertaking.objects.filter(code__in=[row.undertaking for row in FIGURES])}
    made: dict[str, Figure] = {}
    for row in FIGURES:
        made[row.code] = Figure.objects.create(
            code=row.code, name=row.name, name_en=row.name_en, operation=row.operation, programme=lists.get(row.programme),
            measure=measures.get(row.measure), kind=row.kind, where=row.where, undertaking=undertakings.get(row.undertaking),
            body=found.get(row.body), lights=list(row.lights), numerator=made.get(row.numerator), denominator=made.get(row.denominator),
            unit=row.unit, unit_en=row.unit_en, decimals=row.decimals, source=row.source, source_en=row.source_en,
            public=True, headline=row.headline,
        )  # fmt: skip
