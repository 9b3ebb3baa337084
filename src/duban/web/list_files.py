"""Every list that a reader can filter, as a file: the same question, order and moment as its page, and everything that it lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from duban.ledger import reads as ledger
from duban.people.permits import permit, public
from duban.registry import rulebooks
from duban.registry.models import Programme, Undertaking
from duban.standing import reads
from duban.standing import trials as tried
from duban.standing.beside import AMOUNTS, differing
from duban.standing.models import Snapshot, Standing
from duban.web import beside, change_file, display, history, portal, stages_file, standing_columns, table_file, trials, watch_file, wording
from duban.web.changing import Since, last_meeting
from duban.web.context import today
from duban.web.desk import RELATED
from duban.web.listing import Asked, paths_of, within
from duban.web.moment import Moment, snapshot_of, turned
from duban.web.staging import Board, Scope
from duban.web.table_file import AT_ONCE, Column, Table, in_batches
from duban.web.watch import List
from duban.web.watch_rows import ranked, with_efforts


def _answer(
    request: HttpRequest, now: Moment, ending: str, title: str, columns: Sequence[Column], rows: Any, *, of: Snapshot
) -> HttpResponseBase:
    return table_file.answer(Table(title, columns, rows, table_file.facts(request, now, of.rulebook)), now, ending)


@permit("desk.read")
@require_safe
@turned
def undertakings(request: HttpRequest, now: Moment, ending: str) -> HttpResponseBase:
    """Everything with a light that is asked for; beside it what the other one of then and since tells."""
    asked, (snapshot, there) = Asked.read(request.GET), beside.stood(now)
    columns = [*standing_columns.whole(), *standing_columns.other(now, there)]
    differ = differing(snapshot, there) if there else frozenset()
    reached = within(paths_of(request.user))
    if there and request.GET.get("differs") == "yes":
        reached &= Q(pk__in=differ)
    books = rulebooks.in_force(as_of=now.as_of, known_at=now.known_at, led=True)
    rows = asked.standings(snapshot, reached, books).select_related(*RELATED)
    return _answer(request, now, ending, _("Undertakings"), columns, _paired(rows, there, differ), of=snapshot)


def _paired(rows: QuerySet[Standing], there: Snapshot | None, differ: frozenset[int]) -> Iterator[Standing]:
    """Standings as they are read, each with what the other moment tells otherwise."""
    for batch in in_batches(rows):
        beside.pair(batch, there, differ)
        yield from batch


@permit("desk.read")
@require_safe
@turned
def watch(request: HttpRequest, now: Moment, ending: str) -> HttpResponseBase:
    """The whole watch-list."""
    snapshot = snapshot_of(now)
    rows = ranked(List.read(request, now, snapshot, paths_of(request.user)).chosen, now.as_of)
    return _answer(request, now, ending, _("Watch-list"), watch_file.columns(), with_efforts(rows, now), of=snapshot)


@permit("desk.read")
@require_safe
@turned
def stages(request: HttpRequest, now: Moment, ending: str) -> HttpResponseBase:
    """The board's table with its total."""
    board = Board(Scope.read(request, now, paths_of(request.user)))
    return _answer(request, now, ending, _("Stages"), stages_file.columns(board), [*board.rows, board.totals], of=board.snapshot)


@permit("desk.read")
@require_safe
@turned
def races(request: HttpRequest, now: Moment, ending: str) -> HttpResponseBase:
    """Time against task (双过半) of every programme in the board's scope."""
    board = Board(Scope.read(request, now, paths_of(request.user)))
    return _answer(request, now, ending, _("Time against task"), stages_file.race_columns(), board.races, of=board.snapshot)


@public
@require_safe
@turned
def programme(request: HttpRequest, now: Moment, code: str, ending: str) -> HttpResponseBase:
    """A public programme's undertakings: what everybody sees of them, and what the programme declares."""
    chosen = get_object_or_404(Programme.objects.select_related("lead_measure"), code=code, public=True)
    here, there = beside.stood(now)
    rows = _promises(portal.asked_for(request, chosen), chosen, here, there)
    return _answer(request, now, ending, display.told(chosen), _promised(chosen, now, there), rows, of=here)


def _promises(rows: QuerySet[Undertaking], chosen: Programme, here: Snapshot, there: Snapshot | None) -> Iterator[Any]:
    """Undertakings as they are read, each with its standing and what the other moment tells otherwise."""
    differ = differing(here, there, AMOUNTS) if there else frozenset()
    for batch in in_batches(rows):
        told = portal.standings_of(batch, here) if chosen.lead_measure else {}
        beside.pair(told.values(), there, differ)
        yield from ((row, told.get(row.pk)) for row in batch)


def _promised(chosen: Programme, now: Moment, there: Snapshot | None) -> list[Column]:
    def said(code: str) -> Callable[[Any], str]:
        return lambda row: next((one.told for one in history.attributes(row[0], chosen) if one.declared["code"] == code), "")

    told = [*standing_columns.unit(), *standing_columns.amounts(lit=False), *standing_columns.dates()]
    told += standing_columns.other(now, there, lit=False)
    return [
        (_("Code"), lambda row: row[0].code),
        (_("Undertaking"), lambda row: display.told(row[0])),
        (_("Body"), lambda row: display.told(row[0].lead_body)),
        (_("Town"), lambda row: display.told(row[0].town) if row[0].town else ""),
        *((display.told(declared), said(declared["code"])) for declared in chosen.attributes),
        *table_file.through(told, lambda row: row[1]),
    ]


@permit("desk.read")
@require_safe
@turned
def changes(request: HttpRequest, now: Moment, ending: str) -> HttpResponseBase:
    """Everything that changed since the day in the address, not only the first of each kind."""
    paths = paths_of(request.user)
    since = Since.read(request, now, last_meeting(now, paths))
    rows = change_file.rows(since.changes(paths, most=None))
    return _answer(request, now, ending, _("Changes"), change_file.columns(), rows, of=since.after)


@permit("rulebook.adopt")
@require_safe
def trial(request: HttpRequest, pk: int, ending: str) -> HttpResponseBase:
    """The undertakings that would have another light on the chosen day, of bodies that the reader reads."""
    version = trials.seen(request.user, pk)
    day, now = trials.day_of(request, tried.days(today())), Moment(as_of=today(), head=ledger.head())
    before, after = tried.snapshots(version, day=day, head=now.head)
    rows = reads.changed(before, after, tried.reached(version)).filter(reads.of(within(paths_of(request.user))))
    was: list[Column] = [
        (f"{_('As it is')}: {_('Light')}", lambda row: display.light_name(row.was)),
        (f"{_('As it is')}: {_('Rule')}", lambda row: wording.rule(row.was_rule)),
    ]
    then = [(f"{_('With the draft')}: {name}", tell) for name, tell in standing_columns.light()]
    columns = [*standing_columns.who(), *was, *then, (_("Why"), wording.reason)]
    title = f"{_('Other lights')} {display.told(version.of)}"
    return _answer(request, replace(now, as_of=day), ending, title, columns, rows.iterator(AT_ONCE), of=after)
