"""A district below a city whose people write and adopt rulebooks, over two promises that lie a little behind."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from stage import NOW, District, district

from duban.core import rulefile
from duban.people.models import Appointment, Body, User
from duban.registry import rulebook_actions as actions
from duban.registry.models import RulebookVersion

FEBRUARY, MARCH = date(2026, 2, 28), date(2026, 3, 1)
BOOK = """
recorded    undertaking  measure   kind    period   amount
2026-01-05  roofs        invested  plan    2026     1200
2026-01-05  lamps        cleared   plan    2026     1200
2026-03-01  roofs        invested  report  2026-02  140
2026-03-01  lamps        cleared   report  2026-02  140
"""


def ruled() -> District:
    """A district below a city, with two programmes of its own and somebody who may adopt what its dispatcher writes."""
    made = district()
    city = Body.objects.create(code="city", kind="city", name="市", path="city/")
    for body in made.bodies.values():
        Body.objects.filter(pk=body.pk).update(path=f"city/{body.path}")
        body.refresh_from_db()
    made.bodies["city"] = city
    for name, role, code in (("leader", "leader", "top"), ("mayor", "leader", "city"), ("clerk", "dispatcher", "city")):
        made.people[name] = User.objects.create(username=name, display_name=name)
        Appointment.objects.create(user=made.people[name], body=made.bodies[code], role=role)
    made.promise("roofs", lead="invested")
    made.promise("lamps", lead="cleared")
    made.write(BOOK)
    return made


def written(town: District, of: str, text: str, since: date = MARCH, by: str = "dispatcher") -> RulebookVersion:
    """A draft for the body or programme with this code."""
    whose: Any = town.programmes.get(of) or town.bodies[of]
    return actions.write(of=whose, text=text, since=since, reason="because", by=town.people[by], now=NOW)


def adopted(town: District, of: str, text: str, since: date = MARCH, now: datetime = NOW) -> RulebookVersion:
    """A version that whoever may has adopted."""
    city = of == "city"
    draft = written(town, of, text, since, by="clerk" if city else "dispatcher")
    return actions.adopt(version=draft, by=town.people["mayor" if city else "leader"], now=now, seen=draft.digest)


def weigh(town: District, of: str = "invested", since: date = date(2026, 1, 1), **layer: Any) -> RulebookVersion:
    """What the checks of a programme, or of a body's programmes, weigh and go by."""
    whose: Any = town.programmes.get(of) or town.bodies[of]
    text = rulefile.told(layer)
    digest = actions.digest_of(text)
    made: RulebookVersion = whose.rulebooks.create(text=text, since=since, state="adopted", adopted_at=NOW, digest=digest)
    return made
