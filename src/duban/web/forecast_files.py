"""How the year will end, as files: every programme that counts something, and every undertaking with it, not only those most in doubt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from duban.people.permits import permit
from duban.registry.models import Programme, Undertaking
from duban.web import display, foretold, table_file
from duban.web.forecasts import Row, foretold_of
from duban.web.listing import paths_of
from duban.web.moment import Moment, turned
from duban.web.table_file import Column, Table, in_batches


@permit("desk.read")
@require_safe
@turned
def programmes(request: HttpRequest, now: Moment, ending: str) -> HttpResponseBase:
    """All programmes, each followed by its undertakings."""
    return _file(request, now, ending, _("How the year will end"))


@permit("desk.read")
@require_safe
@turned
def programme(request: HttpRequest, now: Moment, code: str, ending: str) -> HttpResponseBase:
    """One programme and its undertakings."""
    chosen = get_object_or_404(Programme, code=code)
    return _file(request, now, ending, f"{_('How the year will end')} {display.told(chosen)}", chosen)


def _file(request: HttpRequest, now: Moment, ending: str, title: str, chosen: Programme | None = None) -> HttpResponseBase:
    rows = foretold_rows(now, paths_of(request.user), chosen)
    return table_file.answer(Table(title, _columns(), rows, table_file.facts(request, now)), now, ending)


def foretold_rows(now: Moment, paths: tuple[str, ...], chosen: Programme | None = None) -> Iterator[Row]:
    """All programmes, or one, in their order, each followed by those of its undertakings that these bodies answer for.

    What nothing can be told of, because its programme counts nothing, is left out.
    """
    told, asked = foretold_of(now, paths, chosen)
    outlooks = told.programmes
    for led in Programme.objects.filter(pk__in=outlooks).select_related("lead_measure"):
        yield Row(led, outlooks[led.pk], told.rules)
        below = Undertaking.objects.filter(programme=led).select_related("programme__lead_measure", "lead_body").order_by("order", "code")
        for batch in in_batches(below):
            found = ((promise, told.undertaking(promise.pk)) for promise in batch if promise.pk in asked)
            yield from (Row(promise, outlook, told.rules) for promise, outlook in found if outlook)


def _columns() -> list[Column]:
    return [
        (_("Kind"), lambda row: _("Programme") if isinstance(row.of, Programme) else _("Undertaking")),
        (_("Code"), lambda row: row.of.code),
        (_("Name"), lambda row: display.told(row.of)),
        (_("Body"), lambda row: "" if isinstance(row.of, Programme) else display.told(row.of.lead_body)),
        (_("Verdict"), lambda row: row.verdict),
        (_("Odds, %"), lambda row: round(row.outlook.odds * 100, 1) if row.outlook.amounts else None),
        (_("Unit"), lambda row: display.told(row.measure, "unit") if row.measure else ""),
        (_("Done"), lambda row: row.outlook.done),
        (_("Year's plan"), lambda row: row.outlook.target),
        *((name, _end(place)) for place, (name, _level) in enumerate(foretold.levels())),
        (_("Reached in the middle case"), lambda row: row.outlook.finish),
        (_("Reached at the earliest in eight of ten cases"), lambda row: row.outlook.earliest),
        (_("Reached at the latest in eight of ten cases"), lambda row: row.outlook.latest),
        (_("Why not"), lambda row: row.why_not if row.outlook.reason else ""),
    ]


def _end(place: int) -> Callable[[Any], Any]:
    return lambda row: foretold.ends(row.outlook.amounts)[place] if row.outlook.amounts else None
