"""The records behind a figure as a file, for everybody who may see its receipt."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from duban.people.permits import public
from duban.press.models import Figure
from duban.web import display, figures, printing, table_file
from duban.web.figures import Line, Receipt
from duban.web.moment import Moment, turned
from duban.web.table_file import Column, Table

PARTS: Final = ("amounts", "places", "ratio")
"""The shapes of receipts whose records add amounts."""


@public
@require_safe
def receipt(request: HttpRequest, slug: str, code: str, ending: str) -> HttpResponseBase:
    """The records behind a figure as it was printed."""
    figure, _edition, at = printing.printed(request, slug, code)
    return _file(request, figure, at, ending)


@public
@require_safe
@turned
def figure(request: HttpRequest, now: Moment, code: str, ending: str) -> HttpResponseBase:
    """The records behind a catalogued figure on any day, known at any moment."""
    return _file(request, printing.catalogued(request.user, code), now, ending)


def _file(request: HttpRequest, chosen: Figure, now: Moment, ending: str) -> HttpResponseBase:
    told = figures.receipt(chosen, as_of=now.as_of, head=now.head, known_at=now.known_at, other=now.other)
    facts = [
        (_("Figure"), display.told(chosen)),
        (_("Value"), told.value),
        (_("Question"), figures.question(chosen, now.as_of)),
        *((name, value) for name, value in figures.conditions(chosen)),
        *table_file.facts(request, now),
    ]
    return table_file.answer(Table(display.told(chosen), columns(told), told.lines, facts), now, ending)


def columns(told: Receipt) -> list[Column]:
    """What is told of a record, as on the receipt; of one that is not public only what it adds."""
    planned, unit = told.figure.kind == "plan", display.told(told.figure.measure, "unit") if told.figure.measure else ""
    found: list[Column] = [(_("Place"), lambda line: line.place)] if told.shape == "places" else []
    found += [
        (_("Code"), lambda line: line.undertaking.code if line.open else ""),
        (_("Undertaking"), _named),
        (_("Body"), lambda line: display.told(line.body) if line.open and line.body else ""),
    ]
    if told.shape == "days":
        found.append((_("Day"), lambda line: line.day))
    if told.shape in PARTS:
        found += [
            (_("Period"), lambda line: line.period),
            (_("Plan") if planned else _("Done"), lambda line: line.part),
            *([(_("Plan"), lambda line: line.whole)] if told.shape == "ratio" else []),
            (_("Unit"), lambda line: unit),
        ]
    return [*found, (_("Entry"), lambda line: line.seq if line.open else None)]


def _named(line: Line) -> Any:
    return display.told(line.undertaking) if line.open else _("A record that is not public")
