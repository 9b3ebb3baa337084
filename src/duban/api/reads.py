"""The operations that read: each with the moment in the address, and answering of when it is."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Status

from duban.api import reading, shapes, shown
from duban.api.entrance import api
from duban.ledger import reads as ledger
from duban.people.models import Token
from duban.press import figures as press
from duban.registry import rulebooks
from duban.registry.models import Programme, Undertaking
from duban.web import display, figures, forecast_files, printing, watch
from duban.web.changing import Since, last_meeting
from duban.web.desk import RELATED
from duban.web.listing import Asked, within
from duban.web.staging import Board, Scope
from duban.web.watch_rows import ranked, with_efforts

Asker = {
    304: None, 401: shapes.Detail, 403: shapes.Refused, 404: shapes.Detail, 409: shapes.Refused, 422: shapes.LinesWrong, 429: shapes.Detail,
}  # fmt: skip
NOTHING_NEW = Status(304, None)
Code = Annotated[str, Path(max_length=80, pattern=shapes.NO_NULLS)]


@api.get("/standings", response={200: shown.Standings, **Asker}, operation_id="standings", summary="Lights, worst first")
def standings(request: HttpRequest, response: HttpResponse, asks: Query[shown.StandingsAsked]) -> Any:
    """The undertakings that the token reads, with light, rule, inputs and cure: what the list of undertakings shows."""
    with reading.opened(request, asks) as asked:
        if reading.unchanged(request, response, asked):
            return NOTHING_NEW
        question, reached, now = Asked.read(request.GET), within(asked.paths), asked.now
        books = rulebooks.in_force(as_of=now.as_of, known_at=now.known_at, led=True)
        rows = question.standings(asked.snapshot, reached, books).select_related(*RELATED)
        found = reading.part(rows, asks.page, asks.size)  # type: ignore[arg-type]
        return {
            "moment": asked.moment, "count": rows.count(), "page": asks.page, "size": asks.size,
            "lights": question.counts(asked.snapshot, reached, books), "standings": [reading.standing(row) for row in found],
        }  # fmt: skip


@api.get("/undertakings/{code}", response={200: shown.Undertaking, **Asker}, operation_id="undertaking", summary="One undertaking")
def undertaking(request: HttpRequest, response: HttpResponse, code: Code, asks: Query[shown.At]) -> Any:
    """Its light, and everything that was planned and reported of it, corrections included."""
    with reading.opened(request, asks) as asked:
        chosen = Undertaking.objects.filter(within(asked.paths)).select_related("programme", "lead_body")
        promise = get_object_or_404(chosen, code=code)
        if reading.unchanged(request, response, asked):
            return NOTHING_NEW
        lit = asked.snapshot.standings.filter(undertaking=promise).select_related(*RELATED).first()
        said = ledger.slots(promise, head=asked.now.head, as_of=asked.now.as_of)
        return {
            "moment": asked.moment, **reading.named(promise), "programme": promise.programme.code, "body": promise.lead_body.code,
            "standing": reading.standing(lit) if lit else None, "slots": [reading.slot(one) for one in said],
        }  # fmt: skip


@api.get("/figures/{name}", response={200: shown.Figure, **Asker}, operation_id="figure", summary="A figure and its records")
def figure(request: HttpRequest, response: HttpResponse, name: Code, asks: Query[shown.At]) -> Any:
    """What a catalogued figure says, and the records that it rests on: its receipt."""
    token: Token = request.auth  # type: ignore[attr-defined]
    with reading.opened(request, asks) as asked:
        chosen = printing.catalogued(token.user, name)
        if not chosen.public and not (chosen.programme and chosen.programme.owner.path.startswith(asked.paths)):
            raise Http404
        if reading.unchanged(request, response, asked):
            return NOTHING_NEW
        now = asked.now
        told = figures.receipt(chosen, as_of=now.as_of, head=now.head, known_at=now.known_at, other=now.other)
        answer = told.answer
        return {
            "moment": asked.moment, "figure": chosen.code, "name": display.told(chosen), "question": figures.question(chosen, now.as_of),
            "value": reading.plain(answer.value), "unit": press.own_unit(chosen), "written": told.value,
            "numerator": reading.plain(answer.numerator), "denominator": reading.plain(answer.denominator),
            "records": [reading.record(line) for line in told.lines],
        }  # fmt: skip


@api.get("/watch", response={200: shown.Watch, **Asker}, operation_id="watch", summary="The watch-list")
def watch_list(request: HttpRequest, response: HttpResponse, asks: Query[shown.WatchAsked]) -> Any:
    """What is red or amber, the largest stake first: since when, who answers, what was tried."""
    with reading.opened(request, asks) as asked:
        if reading.unchanged(request, response, asked, watch.beside_the_ledger()):
            return NOTHING_NEW
        chosen = watch.List.read(request, asked.now, asked.snapshot, asked.paths).chosen
        rows = with_efforts(list(reading.part(ranked(chosen, asked.now.as_of), asks.page, asks.size)), asked.now)
        return {
            "moment": asked.moment, "count": len(chosen), "page": asks.page, "size": asks.size,
            "watch": [reading.watched(row) for row in rows],
        }  # fmt: skip


@api.get("/changes", response={200: shown.Changes, **Asker}, operation_id="changes", summary="What has changed since a day")
def changes(request: HttpRequest, response: HttpResponse, asks: Query[shown.ChangesAsked]) -> Any:
    """Lights that turned, days that came, figures corrected, plans written anew and new undertakings."""
    with reading.opened(request, asks) as asked:
        since = Since.read(request, asked.now, last_meeting(asked.now, asked.paths))
        if reading.unchanged(request, response, asked, since.key):
            return NOTHING_NEW
        told = since.changes(asked.paths)
        return {
            "moment": asked.moment, "since": since.day,
            "turned": {name: reading.listed(rows, reading.turned) for name, rows in told.turned.items()},
            "reached": {name: reading.listed(rows, reading.turned) for name, rows in told.reached.items()},
            "corrected": reading.listed(told.corrected, reading.rewritten), "replanned": reading.listed(told.replanned, reading.rewritten),
            "entered": reading.listed(told.entered, reading.named),
        }  # fmt: skip


@api.get("/rates", response={200: shown.Rates, **Asker}, operation_id="rates", summary="Stages, the five rates, time against task")
def rates(request: HttpRequest, response: HttpResponse, asks: Query[shown.RatesAsked]) -> Any:
    """The board of stages (四督四保) with its five rates, time against task (双过半), and the table cut as asked for."""
    with reading.opened(request, asks) as asked:
        board = Board(Scope.read(request, asked.now, asked.paths))
        if reading.unchanged(request, response, asked):
            return NOTHING_NEW
        return {
            "moment": asked.moment, "staged": board.total.staged, "stages": reading.in_stages(board.total),
            "rates": reading.rates(board.total), "races": [reading.race(one) for one in board.races],
            "rows": [reading.cut(row.code, row.name, row.tally, row.lights) for row in board.rows],
        }  # fmt: skip


@api.get("/forecasts", response={200: shown.Forecasts, **Asker}, operation_id="forecasts", summary="How the year will end")
def forecasts(request: HttpRequest, response: HttpResponse, asks: Query[shown.ForecastsAsked]) -> Any:
    """Each programme with its undertakings: the odds of the year's plan, the range of the year's end, the month of the finish."""
    with reading.opened(request, asks) as asked:
        chosen = get_object_or_404(Programme, code=asks.programme) if asks.programme else None
        if reading.unchanged(request, response, asked):
            return NOTHING_NEW
        rows = list(forecast_files.foretold_rows(asked.now, asked.paths, chosen))
        return {
            "moment": asked.moment, "count": len(rows), "page": asks.page, "size": asks.size,
            "forecasts": [reading.forecast(row) for row in reading.part(rows, asks.page, asks.size)],
        }  # fmt: skip
