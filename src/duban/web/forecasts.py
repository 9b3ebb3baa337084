"""How the year will end: one undertaking's fan, and all programmes with the undertakings that are most in doubt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from duban.core.forecast import ForecastRules
from duban.ledger import reads as ledger
from duban.people.permits import permit
from duban.registry.models import Programme, Undertaking
from duban.standing import forecasting
from duban.standing.forecasting import Outlook, Outlooks
from duban.web import beside, display, foretold, history, kept, registered, stakes
from duban.web.listing import paths_of, within
from duban.web.moment import Moment, snapshot_of, turned

DOUBTED: Final = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A programme or an undertaking with what is foretold of it."""

    of: Programme | Undertaking
    outlook: Outlook
    rules: ForecastRules
    differs: bool = False
    beside: Row | None = None
    """The same at the other one of then and since where that `differs`; None where nothing is foretold there."""

    @property
    def told(self) -> tuple[Any, ...]:
        """What makes a forecast another one when it changes."""
        outlook = self.outlook
        return (outlook.reason, outlook.done, outlook.target, self.verdict, self.odds, self.low, self.high)

    @property
    def measure(self) -> Any:
        led = self.of if isinstance(self.of, Programme) else self.of.programme
        return led.lead_measure

    @property
    def key(self) -> str:
        """Names the row among the page's elements."""
        return str(self.of.pk)

    @property
    def verdict(self) -> str:
        return foretold.verdict(self.outlook)

    @property
    def tone(self) -> str:
        return foretold.tone(self.outlook)

    @property
    def odds(self) -> str:
        return foretold.odds(self.outlook.odds)

    @property
    def why_not(self) -> str:
        return foretold.why_not(self.outlook, self.rules)

    @property
    def sentences(self) -> list[str]:
        return foretold.sentences(self.outlook, self.measure)

    @property
    def basis(self) -> str:
        return foretold.basis(self.outlook)

    @property
    def low(self) -> str:
        return foretold.foretold(self.outlook.amounts.low, self.measure, plan=self.outlook.target) if self.outlook.amounts else ""

    @property
    def high(self) -> str:
        return foretold.foretold(self.outlook.amounts.high, self.measure, plan=self.outlook.target) if self.outlook.amounts else ""

    @property
    def verdicts(self) -> list[dict[str, Any]]:
        """How many of a programme's undertakings have each verdict; those that none has are left out."""
        return foretold.counted(self.outlook)

    @property
    def together(self) -> str:
        return foretold.together(self.outlook, self.rules)

    @property
    def way(self) -> list[tuple[Any, Any]]:
        """What was done by the end of each month so far, and nothing yet for those to come."""
        so_far = dict(self.outlook.way)
        return [*so_far.items(), *((day, None) for day, _ in self.outlook.fan if day not in so_far)]

    @property
    def fan(self) -> list[tuple[Any, list[tuple[Any, str]]]]:
        """The fan month by month: each quantile as it is, and as it is told."""
        return [
            (day, [(end, foretold.foretold(end, self.measure, plan=self.outlook.target)) for end in foretold.ends(quantiles)])
            for day, quantiles in self.outlook.fan
        ]


def _of_undertaking(promise: Undertaking, now: Moment) -> dict[str, Any]:
    """What the part of an undertaking's page shows."""
    told = forecasting.outlooks(
        as_of=now.as_of, head=now.head, programme=promise.programme_id, undertakings={promise.pk}, fans=True, known_at=now.known_at
    )
    outlook = told.undertaking(promise.pk)
    course = history.course(ledger.slots(promise, head=now.head, as_of=now.as_of), promise.programme.lead_measure, as_of=now.as_of)
    clock = foretold.clock(course, as_of=now.as_of)
    return {
        "moment": now,
        "undertaking": promise,
        "row": Row(promise, outlook, told.rules) if outlook else None,
        "levels": foretold.levels(),
        "clock": clock.told if clock else [],
    }


@permit("desk.read")
@require_safe
@turned
def undertaking(request: HttpRequest, now: Moment, code: str) -> HttpResponse:
    """How the year of one undertaking will end: a part of its page, or a page of its own where no script fetches it."""
    promise = registered.found(lambda: Undertaking.objects.filter(within(paths_of(request.user))), code)
    if promise is None:
        return registered.not_yet(request, now, code, "web/desk.html")
    snapshot = snapshot_of(now)

    def part() -> str:
        return render_to_string("web/desk/_forecast_one.html", _of_undertaking(promise, now))

    body = kept.value(part, "forecast of one", kept.of(snapshot), promise.pk, now.query)
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(body)
    return render(request, "web/desk/forecast_one.html", {"here": "undertakings", "moment": now, "undertaking": promise, "body": body})


def foretold_of(now: Moment, paths: tuple[str, ...], programme: Programme | None = None) -> tuple[Outlooks, set[int]]:
    """What is foretold of all programmes, or of one, over the undertakings that these bodies answer for, and which those are."""
    reached = Undertaking.objects.filter(within(paths), **({"programme": programme} if programme else {}))
    asked, key = set(reached.values_list("pk", flat=True)), programme.pk if programme else None
    return forecasting.outlooks(as_of=now.as_of, head=now.head, programme=key, undertakings=asked, known_at=now.known_at), asked


@dataclass(frozen=True, slots=True)
class Sum:
    """What is foretold at one moment of all programmes, or of one: their sums, and the undertakings most in doubt."""

    told: Outlooks
    rows: list[Row]
    doubted: list[Row]

    @classmethod
    def read(cls, now: Moment, paths: tuple[str, ...], programme: Programme | None = None) -> Sum:
        """Of the undertakings that these bodies answer for."""
        told, _asked = foretold_of(now, paths, programme)
        outlooks = told.programmes
        programmes = Programme.objects.filter(pk__in=outlooks).select_related("lead_measure")
        return cls(told, [Row(one, outlooks[one.pk], told.rules) for one in programmes], _doubted(told))

    def beside(self, other: Sum | None) -> Sum:
        """The same with what the other moment tells otherwise."""
        if other is None:
            return self
        sums = {row.of.pk: row for row in other.rows}
        asked = ((row, other.told.undertaking(row.of.pk)) for row in self.doubted)
        doubted = [_paired(row, Row(row.of, outlook, other.told.rules) if outlook else None) for row, outlook in asked]
        return Sum(self.told, [_paired(row, sums.get(row.of.pk)) for row in self.rows], doubted)

    def only(self, other: Sum | None) -> str:
        """Who is among the most in doubt at the other moment alone."""
        here = {row.of.pk for row in self.doubted}
        names = [display.told(row.of) for row in other.doubted if row.of.pk not in here] if other else []
        return stakes.named(names, len(names)) if names else ""

    @property
    def differs(self) -> bool:
        return any(row.differs for row in (*self.rows, *self.doubted))


def _paired(row: Row, other: Row | None) -> Row:
    return row if other and other.told == row.told else replace(row, differs=True, beside=other)


def _sides(request: HttpRequest, now: Moment, paths: tuple[str, ...], programme: Programme | None = None) -> tuple[Sum, dict[str, Any]]:
    """What is foretold at the page's moment beside what is at the other one, and what the page says of both."""
    here = Sum.read(now, paths, programme)
    there = beside.at_other(now, lambda other: Sum.read(other, paths_of(request.user), programme))
    both = here.beside(there)
    only = here.only(there)
    return both, {
        "moment": now,
        "doubted": both.doubted,
        "levels": foretold.levels(),
        "side": beside.other_side(now),
        "only": only,
        "differ": bool(both.differs or only),
    }


def _programmes(request: HttpRequest, now: Moment, paths: tuple[str, ...]) -> dict[str, Any]:
    """All programmes that count something, those of which something is foretold apart; and the undertakings most in doubt."""
    both, facts = _sides(request, now, paths)
    return {
        **facts,
        "rows": [row for row in both.rows if not row.outlook.reason],
        "silent": [row for row in both.rows if row.outlook.reason],
        "needed": both.told.rules.courses,
    }


def _of_programme(request: HttpRequest, programme: Programme, now: Moment, paths: tuple[str, ...]) -> dict[str, Any]:
    """One programme's sum, of the undertakings that its reader answers for, and those of them most in doubt."""
    both, facts = _sides(request, now, paths, programme)
    return {**facts, "row": next((row for row in both.rows if row.of == programme), None)}


def _doubted(told: Outlooks) -> list[Row]:
    keys = told.in_doubt(DOUBTED)
    found = Undertaking.objects.select_related("programme__lead_measure", "lead_body").in_bulk(keys)
    return [Row(found[key], outlook, told.rules) for key in keys if (outlook := told.undertaking(key))]


@permit("desk.read")
@require_safe
@turned
def programmes(request: HttpRequest, now: Moment) -> HttpResponse:
    """How the year will end, programme by programme."""
    paths = paths_of(request.user)
    key = (*map(kept.of, beside.stood(now)), paths)
    body = kept.part(request, "web/desk/_forecast.html", lambda: _programmes(request, now, paths), *key)
    return render(request, "web/desk/forecast.html", {"here": "forecast", "moment": now, "body": body})


@permit("desk.read")
@require_safe
@turned
def programme(request: HttpRequest, now: Moment, code: str) -> HttpResponse:
    """How the year of one programme will end, and which of its undertakings are most in doubt."""
    paths = paths_of(request.user)
    asked = get_object_or_404(Programme.objects.select_related("lead_measure"), code=code)
    key = (*map(kept.of, beside.stood(now)), paths)
    facts = {"here": "forecast", "moment": now, "programme": asked}
    body = kept.part(request, "web/desk/_forecast_of.html", lambda: _of_programme(request, asked, now, paths), *key)
    return render(request, "web/desk/forecast_of.html", {**facts, "body": body})
