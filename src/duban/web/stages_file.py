"""What the files of the board of stages tell: its table, and time against task."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from duban.core import fixed
from duban.core.indicators import RATES
from duban.core.rulebook import STAGES
from duban.core.tallies import Tally
from duban.web import display, stage_words
from duban.web.stage_rows import Race
from duban.web.staging import Board, Row
from duban.web.table_file import Column


def columns(board: Board) -> list[Column]:
    """What is told of a line of the board's table: how many in each stage and of each light, the rates, the amounts."""
    return [*_who(), *_counts(), *_rates(), *_amounts(board)]


def race_columns() -> list[Column]:
    """What is told of a programme's time against task (双过半); shares in per cent."""

    def hundredths(name: str) -> Callable[[Race], Decimal]:
        return lambda race: Decimal(getattr(race.halves, name)) / 100

    return [
        (_("Programme"), lambda race: display.told(race.programme)),
        (_("Code"), lambda race: race.programme.code),
        (_("Measure"), lambda race: display.told(race.measure)),
        (_("Unit"), lambda race: display.told(race.measure, "unit")),
        (_("Compared on"), lambda race: race.halves.on),
        (_("Time passed, %"), hundredths("time")),
        (_("Task done, %"), hundredths("task")),
        (_("Points ahead of time"), hundredths("gap")),
        (_("Verdict"), lambda race: str(stage_words.VERDICTS[race.halves.verdict])),
        (_("Past half of their year"), lambda race: race.past_half),
        (_("With a task"), lambda race: race.task),
    ]


def _who() -> list[Column]:
    return [(_("Name"), lambda row: row.name), (_("Code"), lambda row: row.code)]


def _counts() -> list[Column]:
    """How many in all stages, in each, and under each light."""
    stages: list[Column] = [(stage_words.stage(stage), _counted(stage)) for stage in STAGES]
    lights: list[Column] = [(display.light_name(light), _lit(light)) for light in ("red", "amber", "grey", "green")]
    return [(_("In a stage"), lambda row: row.tally.staged), *stages, *lights]


def _counted(stage: str) -> Callable[[Row], int]:
    return lambda row: row.tally.in_stage(stage)


def _lit(light: str) -> Callable[[Row], int]:
    return lambda row: row.lights[light]


def _rates() -> list[Column]:
    """Both sides of each rate, and the rate itself, empty where there is nothing to take it of."""
    columns: list[Column] = []
    for code in RATES:
        name = stage_words.rate(code)
        columns += [
            (f"{name}: {stage_words.DONE[code]}", _side(code, "done")),
            (f"{name}: {_('taken of')}", _side(code, "of")),
            (f"{name}, %", _share(code)),
        ]
    return columns


def _side(code: str, side: str) -> Callable[[Row], int]:
    return lambda row: int(getattr(row.tally.rates[code], side))


def _share(code: str) -> Callable[[Row], Decimal | None]:
    def share(row: Row) -> Decimal | None:
        value = row.tally.rates[code].hundredths
        return None if value is None else Decimal(value) / 100

    return share


def _amounts(board: Board) -> list[Column]:
    """Done, schedule and plan of every measure whose amounts may be added, over what is in a stage."""
    columns: list[Column] = []
    for pk in board.total.summed(*STAGES):
        measure = board.measures[pk]
        for name, words in (("done", _("Done")), ("planned", _("Schedule")), ("target", _("Plan"))):
            columns.append((f"{display.told(measure)} {words} ({display.told(measure, 'unit')})", _sum(pk, name)))
    return columns


def _sum(measure: int, name: str) -> Callable[[Row], Decimal | None]:
    def told(row: Row) -> Decimal | None:
        amounts = _of(row.tally).get(measure)
        value = getattr(amounts, name) if amounts else None
        return None if value is None else fixed.from_fixed(value)

    return told


def _of(tally: Tally) -> dict[int, Any]:
    return tally.summed(*STAGES)
