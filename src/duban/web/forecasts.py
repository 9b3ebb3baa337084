"""How the year will end: one undertaking's fan, and all programmes with the undertakings that are most in doubt."""

from __future__ import annotations

from dataclasses import dataclass
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
from duban.web import foretold, history, kept, registered
from duban.web.listing import paths_of, within
from duban.web.moment import Moment, snapshot_of, turned

DOUBTED: Final = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A programme or an undertaking with what is foretold of it."""

    of: Programme | Undertaking
    outlook: Outlook
    rules: ForecastRules

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


def _programmes(now: Moment, paths: tuple[str, ...]) -> dict[str, Any]:
    """All programmes that count something, those of which something is foretold apart; and the undertakings most in doubt."""
    reached = Undertaking.objects.filter(within(paths))
    asked = set(reached.values_list("pk", flat=True))
    told = forecasting.outlooks(as_of=now.as_of, head=now.head, undertakings=asked, known_at=now.known_at)
    outlooks = told.programmes
    programmes = Programme.objects.filter(pk__in=outlooks).select_related("lead_measure")
    rows = [Row(programme, outlooks[programme.pk], told.rules) for programme in programmes]
    return {
        "moment": now,
        "rows": [row for row in rows if not row.outlook.reason],
        "silent": [row for row in rows if row.outlook.reason],
        "doubted": _doubted(told),
        "levels": foretold.levels(),
        "needed": told.rules.courses,
    }


def _of_programme(programme: Programme, now: Moment, paths: tuple[str, ...]) -> dict[str, Any]:
    """One programme's sum, of the undertakings that its reader answers for, and those of them most in doubt."""
    asked = set(Undertaking.objects.filter(within(paths), programme=programme).values_list("pk", flat=True))
    told = forecasting.outlooks(as_of=now.as_of, head=now.head, programme=programme.pk, undertakings=asked, known_at=now.known_at)
    outlook = told.programmes.get(programme.pk)
    return {
        "moment": now,
        "row": Row(programme, outlook, told.rules) if outlook else None,
        "doubted": _doubted(told),
        "levels": foretold.levels(),
    }


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
    snapshot = snapshot_of(now)
    body = kept.part(request, "web/desk/_forecast.html", lambda: _programmes(now, paths), kept.of(snapshot), paths)
    return render(request, "web/desk/forecast.html", {"here": "forecast", "moment": now, "body": body})


@permit("desk.read")
@require_safe
@turned
def programme(request: HttpRequest, now: Moment, code: str) -> HttpResponse:
    """How the year of one programme will end, and which of its undertakings are most in doubt."""
    paths = paths_of(request.user)
    asked = get_object_or_404(Programme.objects.select_related("lead_measure"), code=code)
    snapshot = snapshot_of(now)
    facts = {"here": "forecast", "moment": now, "programme": asked}
    body = kept.part(request, "web/desk/_forecast_of.html", lambda: _of_programme(asked, now, paths), kept.of(snapshot), paths)
    return render(request, "web/desk/forecast_of.html", {**facts, "body": body})
