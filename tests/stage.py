"""A small district in the database: two departments, their people, and a ledger written from a book's text."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

import books
from django.core.cache import caches

from duban.core import fixed, periods
from duban.ledger import actions as ledger
from duban.ledger.actions import Line
from duban.ledger.models import Batch, Entry
from duban.people.models import Appointment, Body, User
from duban.registry.models import Measure, Programme, Undertaking

NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)
TODAY = date(2026, 3, 1)


@dataclass
class District:
    """`works` leads `roofs` and whatever a text names; `parks` is the other department; `top` stands over both."""

    bodies: dict[str, Body]
    people: dict[str, User]
    measures: dict[str, Measure]
    programmes: dict[str, Programme] = field(default_factory=dict)
    undertakings: dict[str, Undertaking] = field(default_factory=dict)

    def promise(
        self, code: str, *, lead: str = "invested", stage: str = "", parent: str = "", body: str = "works", **more: object
    ) -> Undertaking:
        """An undertaking in the programme of its lead measure."""
        if lead not in self.programmes:
            programme = Programme.objects.create(code=lead, name=lead, owner=self.bodies["top"], lead_measure=self.measures.get(lead))
            programme.measures.set(self.measures.values())
            self.programmes[lead] = programme
        self.undertakings[code] = Undertaking.objects.create(
            code=code, name=code, kind="project", programme=self.programmes[lead], stage=stage, parent=self.undertakings.get(parent),
            lead_body=self.bodies[body], order=len(self.undertakings), **more,
        )  # fmt: skip
        return self.undertakings[code]

    def line(self, undertaking: str, measure: str, kind: str, period: str, amount: str, reason: str = "") -> Line:
        """A line as its words say it."""
        stored, day = books.said(amount)
        return Line(
            undertaking_id=self.undertakings[undertaking].pk,
            measure_id=self.measures[measure].pk,
            kind=kind,
            period=periods.read_period(period),
            amount=None if stored is None else fixed.from_fixed(stored),
            day=None if day is None else periods.from_number(day),
            reason=reason,
        )

    def write(self, text: str) -> list[Entry]:
        """Append a book's text, what was recorded on one day together; a correction's reason is made up when none is told."""
        entries: list[Entry] = []
        for row in books.rows(text):
            if row["undertaking"] not in self.undertakings:
                self.promise(row["undertaking"])
            at = datetime.combine(date.fromisoformat(row["recorded"]), time(4), UTC) if row.get("recorded") else NOW
            words = [row[name] for name in ("undertaking", "measure", "kind", "period", "amount")]
            line = self.line(*words, reason=row.get("reason", "written again"))
            entries += ledger.append(
                lines=[line],
                batch=Batch.objects.create(origin="test", recorded_at=at),
                submitted_by=self.people["reporter"],
                accepted_by=self.people["reviewer"],
                now=at,
            )
        return entries


def district() -> District:
    """The bodies, one person for each role, and the measures of `books`."""
    caches["process"].clear()
    top = Body.objects.create(code="top", kind="district", name="区", path="top/")
    works = Body.objects.create(code="works", kind="department", name="住建局", path="top/works/", parent=top)
    parks = Body.objects.create(code="parks", kind="department", name="园林局", path="top/parks/", parent=top)
    people = {}
    for name, role, body in (
        ("reporter", "reporter", works),
        ("colleague", "reporter", works),
        ("stranger", "reporter", parks),
        ("reviewer", "reviewer", top),
        ("dispatcher", "dispatcher", top),
        ("editor", "editor", top),
        ("resident", "", top),
    ):
        people[name] = User.objects.create(username=name, display_name=name)
        if role:
            Appointment.objects.create(user=people[name], body=body, role=role)
    measures = {
        row["code"]: Measure.objects.create(
            code=row["code"], name=row["code"], holds=row["holds"], unit=row["unit"], accumulates=row["accumulates"],
            direction=int(row["direction"]), order=place,
        )
        for place, row in enumerate(books.rows(books.MEASURES))
    }  # fmt: skip
    return District({"top": top, "works": works, "parks": parks}, people, measures)
