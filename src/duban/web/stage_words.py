"""What stages, rates and the race of task against time are called in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from duban.core.halves import Halves
from duban.core.indicators import DUE, STAGE
from duban.registry.models import Undertaking
from duban.web import display

AIMS: Mapping[str, Any] = {
    "reserve": lazy("Reserve: see that it is converted"),
    "new": lazy("New: see that it starts"),
    "continuing": lazy("Continuing: see that it finishes"),
    "finished": lazy("Finished: see that it produces"),
    "producing": lazy("In production: see that it reaches capacity"),
}
"""What supervision is after in each stage (四督四保)."""
RATES: Mapping[str, Any] = {
    "signed": lazy("Signing rate"),
    "started": lazy("Start rate"),
    "finished": lazy("Completion rate"),
    "producing": lazy("Production rate"),
    "converted": lazy("Conversion rate"),
}
DONE: Mapping[str, Any] = {
    "signed": lazy("signed"),
    "started": lazy("started"),
    "finished": lazy("completed"),
    "producing": lazy("producing"),
    "converted": lazy("converted or started"),
}
OPEN: Mapping[str, Any] = {
    "signed": lazy("not signed"),
    "started": lazy("not started"),
    "finished": lazy("not completed"),
    "producing": lazy("not producing"),
    "converted": lazy("still in reserve"),
}
OF: Mapping[tuple[str, int], Any] = {
    ("signed", DUE): lazy("of those whose start was due"),
    ("signed", STAGE): lazy("of all"),
    ("started", DUE): lazy("of those due to start"),
    ("started", STAGE): lazy("of those signed"),
    ("finished", DUE): lazy("of those due to be completed"),
    ("finished", STAGE): lazy("of those started"),
    ("producing", DUE): lazy("of those due to produce"),
    ("producing", STAGE): lazy("of those completed"),
    ("converted", DUE): lazy("of those due to be converted"),
    ("converted", STAGE): lazy("of all that were in reserve"),
}
VERDICTS: Mapping[str, Any] = {
    "both_past": lazy("Time and task are both past half"),
    "time_past": lazy("Time is past half, the task is not"),
    "task_past": lazy("The task is past half, before the time is"),
    "neither_past": lazy("Neither time nor task is past half"),
}
PACES: Mapping[str, Any] = {
    "task_ahead": lazy("the task is %(points)s points ahead of the time"),
    "level": lazy("the task is level with the time"),
    "time_ahead": lazy("the task is %(points)s points behind the time"),
}
CUTS: Mapping[str, Any] = {
    "body": lazy("By body"),
    "programme": lazy("By programme"),
    "town": lazy("By town"),
    "whole": lazy("By packaged project"),
}
REST: Mapping[str, Any] = {"town": lazy("in no town"), "whole": lazy("part of no package")}
TONES: Mapping[str, str] = {"task_ahead": "green", "level": "green", "time_ahead": "amber"}


def stage(code: str) -> str:
    """The name of a stage."""
    return str(Undertaking.Stage(code).label) if code in Undertaking.Stage else ""


def rate(code: str, part: str = "of") -> str:
    """The name of a rate, and of the side of it that is meant."""
    name = str(RATES[code])
    sides = {"done": DONE, "open": OPEN}
    return _("%(rate)s: %(side)s") % {"rate": name, "side": sides[part][code]} if part in sides else name


def taken_of(code: str, terms: set[int]) -> str:
    """What a rate is taken of, where programmes differ in it by their rulebooks."""
    known = terms - {0}
    if len(known) == 1:
        return str(OF[code, known.pop()])
    return _("as each programme's rulebook says") if known else ""


def hundredths(value: int | None, places: int = 2) -> str:
    """Hundredths of a per cent as a percentage; silence is a dash."""
    return display.SILENCE if value is None else f"{display.number(Decimal(value) / 100, places)}%"


def cut(code: str) -> str:
    """How a table is cut."""
    return str(CUTS[code])


def rest(code: str) -> str:
    """What is left over by a cut: in no town, part of no package, nothing said."""
    return str(REST[code]) if code in REST else _("nothing said")


def yes_or_no(said: bool) -> str:
    """A flag as people say it."""
    return _("yes") if said else _("no")


def ahead(halves: Halves) -> str:
    """By how many points the task is ahead of the time, with its sign."""
    return _("%(number)s points") % {"number": display.signed(Decimal(halves.gap) / 100, 2)}


def raced(halves: Halves | None) -> str:
    """Time against task in one sentence; empty for silence."""
    if halves is None:
        return ""
    pace = str(PACES[halves.pace]) % {"points": display.number(Decimal(abs(halves.gap)) / 100, 2)}
    return _("%(verdict)s; %(pace)s.") % {"verdict": VERDICTS[halves.verdict], "pace": pace}
