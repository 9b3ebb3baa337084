"""What the ledger would say if lines were accepted, in the shapes that the checks of `duban.core.checks` judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from duban.core import fixed, numerals
from duban.core.checks import Members, Panel, Revisions, Wholes
from duban.core.checks.panel import LEVEL, LIFE, NEVER, YEAR, latest
from duban.intake.judging import history as reads
from duban.intake.judging.history import Entries, Register
from duban.intake.readings import KINDS, UNSAID, Columns, Truth, Whole
from duban.people.models import Body
from duban.registry.models import Measure

YEARS_BACK: Final = 2
"""Reports of so many years before the first line's are read; what lies further back is not held against it."""
PART: Final = 20
"""Lines that name less than one in so many of what a body leads are no list, and nobody else is asked about."""
FINISH: Final = "finish"
START: Final = "start"
_ADDS: Final = {"life": LIFE, "year": YEAR, "level": LEVEL}
_PLAN, _REPORT = KINDS.index("plan"), KINDS.index("report")
_NEWEST: Final = np.int64(2**62)
"""Lines come after every entry, and after what waits."""
_PLACES: Final = 10**8
"""Makes room for a period beside another number."""


@dataclass(frozen=True, eq=False)
class Ground:
    """Lines, and what the registry and the ledger say of the undertakings that they name."""

    lines: Columns
    measures: Mapping[int, Measure]
    register: Register
    entries: Entries
    cadences: Mapping[tuple[int, int], int]
    listed: Register | None = None

    @cached_property
    def _kinds(self) -> Whole:
        """By a measure's number: how it adds up (2 bits), whether money (4), per cent (8), better when more (16), an amount (32)."""
        kinds = np.zeros(max(self.measures, default=0) + 1, dtype=np.int64)
        for number, one in self.measures.items():
            money = numerals.UNITS.get(one.unit, ("",))[0] == "money"
            kinds[number] = _ADDS[one.accumulates] | money << 2 | (one.unit == "%") << 3
            kinds[number] |= (one.direction == Measure.Direction.UP) << 4 | (one.holds == Measure.Holds.AMOUNT) << 5
        return kinds

    def holds_amount(self, measure: Whole) -> Truth:
        return self._kinds[measure] & 32 > 0

    def coded(self, code: str) -> int:
        """The number of a measure; -1 where the catalogue has none of that code."""
        return next((number for number, one in self.measures.items() if one.code == code), -1)

    def key(self, undertaking: Whole, measure: Whole) -> Whole:
        return undertaking * len(self._kinds) + measure

    @cached_property
    def reported(self) -> Truth:
        """The lines that report an amount, or withdraw one."""
        return (self.lines.kind == _REPORT) & self.holds_amount(self.lines.measure)

    @cached_property
    def series(self) -> Series:
        return Series.of(self)


def ground(lines: Columns, *, list_of: Body | None = None, but: int = 0) -> Ground:
    """Ask for all that `lines` of the submission `but` are judged by; with `list_of` also for who else is on that body's lists."""
    measures = {one.pk: one for one in Measure.objects.all()}
    register = reads.relatives(reads.distinct(lines.undertaking))
    reported = reads.distinct(lines.undertaking[lines.kind == _REPORT])
    programmes = reads.distinct(register.programme[register.at(reported)]).tolist()
    listed = None if list_of is None else reads.members(programmes, list_of, most=PART * len(reported))
    asked = register.ids if listed is None else np.union1d(register.ids, listed.ids)
    progress = {number for number, one in measures.items() if one.unit == "%" and one.accumulates == Measure.Accumulates.LEVEL}
    finish = {number for number, one in measures.items() if one.code == FINISH}
    since = (int(lines.period.min(initial=99999999)) // 10_000 - YEARS_BACK) * 10_000
    entries = reads.entries(asked, {*reads.distinct(lines.measure).tolist(), *progress, *finish}, since=since, but=but)
    return Ground(lines, measures, register, entries, reads.cadences(reads.distinct(register.programme).tolist()), listed)


def _last(keys: Whole, order: Whole) -> Whole:
    """Of each key the place where its order is highest, in the order of the keys."""
    places = np.lexsort((order, keys))
    if not len(places):
        return places
    ordered = keys[places]
    return places[np.append(ordered[1:] != ordered[:-1], True)]


@dataclass(frozen=True, eq=False)
class Series:
    """A panel with what its rows are: `undertaking` and `measure` of each series, and the line in each cell (`NEVER` for none)."""

    panel: Panel
    undertaking: Whole
    measure: Whole
    line: Whole
    place: Whole
    """Of each series its undertaking's place in the register."""

    def chosen(self, wanted: Truth | slice) -> Series:
        """The series at which `wanted` is true, or those of a slice."""
        return Series(self.panel.rows(wanted), *(one[wanted] for one in (self.undertaking, self.measure, self.line, self.place)))

    @classmethod
    def of(cls, ground: Ground) -> Series:
        """Every series that a line reports, and those that tell whether it is complete or what it is the sum of."""
        lines, entries = ground.lines, ground.entries
        said = np.flatnonzero(ground.reported)
        near = (entries.plan == 0) & ground.holds_amount(entries.measure) & reads.within(entries.undertaking, ground.register.ids)
        was = entries.chosen(near)
        width = len(ground._kinds)
        line_keys = ground.register.at(lines.undertaking[said]) * width + lines.measure[said]
        entry_keys = ground.register.at(was.undertaking) * width + was.measure
        # A place for every key there could be: far quicker than looking each of a million up.
        there = np.zeros(len(ground.register.ids) * width, dtype=np.bool_)
        there[line_keys] = there[entry_keys] = True
        keys, row = np.flatnonzero(there), np.cumsum(there) - 1
        all_periods = reads.distinct(np.concatenate([lines.period, was.period]))
        shape = (len(keys), len(all_periods))
        amount, told, line = np.zeros(shape, np.int64), np.zeros(shape, np.bool_), np.full(shape, NEVER)
        # Entries come in the order in which they were written, so the last of a slot stays; lines come after them.
        at = row[entry_keys] * shape[1] + np.searchsorted(all_periods, was.period)
        amount.reshape(-1)[at], told.reshape(-1)[at] = was.amount, was.told > 0
        at = row[line_keys] * shape[1] + np.searchsorted(all_periods, lines.period[said])
        amount.reshape(-1)[at], told.reshape(-1)[at], line.reshape(-1)[at] = lines.amount[said], lines.told[said], said
        amount[~told] = 0
        place, measure = keys // width, keys % width
        undertaking, kinds = ground.register.ids[place], ground._kinds[measure]
        percent = (kinds & 8 > 0) & ~ground.register.indicator[place]
        progress = percent & (kinds & 3 == LEVEL) & (kinds & 16 > 0)
        target, target_told = _targets(ground, ground.key(undertaking, measure), kinds & 3, all_periods)
        panel = Panel(
            periods=all_periods,
            amount=amount,
            told=told,
            fresh=line != NEVER,
            accumulates=kinds & 3,
            percent=percent,
            progress=progress,
            money=kinds & 4 > 0,
            target=target,
            target_told=target_told,
            complete=_complete(ground, place, progress, amount, told, all_periods),
            cadence=_cadence(ground, place, measure, told, all_periods),
        )
        return cls(panel, undertaking, measure, line, place)


def _plan_slots(ground: Ground) -> tuple[Whole, Whole, Whole]:
    """What plans of amounts would ask for: series, period and amount, in that order, one row a slot."""
    lines, entries = ground.lines, ground.entries
    was = entries.chosen((entries.plan == 1) & ground.holds_amount(entries.measure))
    said = np.flatnonzero((lines.kind == _PLAN) & ground.holds_amount(lines.measure))
    key = np.concatenate([ground.key(was.undertaking, was.measure), ground.key(lines.undertaking[said], lines.measure[said])])
    period = np.concatenate([was.period, lines.period[said]])
    amount, told = np.concatenate([was.amount, lines.amount[said]]), np.concatenate([was.told > 0, lines.told[said]])
    order = np.concatenate([was.seq, _NEWEST + ~lines.original[said]])
    last = _last(key * _PLACES + period, order)
    last = last[told[last]]
    return key[last], period[last], amount[last]


def _targets(ground: Ground, keys: Whole, adds: Whole, all_periods: Whole) -> tuple[Whole, Truth]:
    """What the plan asks of each series by the end of a period's year, or in the end where it adds up since the start."""
    key, period, amount = _plan_slots(ground)
    target, told = np.zeros((len(keys), len(all_periods)), np.int64), np.zeros((len(keys), len(all_periods)), np.bool_)
    final = _last(key, period)
    _look_up(target, told, slice(None), adds == LIFE, keys, key[final], amount[final])
    years = all_periods // 10_000
    for year in np.unique(years).tolist():
        within = np.flatnonzero(period // 10_000 == year)
        final = within[_last(key[within], period[within])]
        _look_up(target, told, years == year, adds == YEAR, keys, key[final], amount[final])
    return target, told


def _look_up(target: Whole, told: Truth, columns: Truth | slice, rows: Truth, keys: Whole, known: Whole, amount: Whole) -> None:
    """Write what is known of a key into all of `columns` of its row, in `rows`."""
    hits = np.flatnonzero(rows & reads.within(keys, known))
    found = amount[np.searchsorted(known, keys[hits])][:, None]
    columns = np.arange(target.shape[1])[columns]
    target[np.ix_(hits, columns)], told[np.ix_(hits, columns)] = found, True


def _complete(ground: Ground, place: Whole, progress: Truth, amount: Whole, told: Truth, all_periods: Whole) -> Truth:
    """Where an undertaking is finished: its progress stands at 100 %, its finish is reported, or the registry says so."""
    lines, entries = ground.lines, ground.entries
    done = np.repeat(ground.register.done[:, None], len(all_periods), axis=1)
    rows = np.flatnonzero(progress)
    stands = latest(told[rows])
    reached = np.take_along_axis(amount[rows], np.maximum(stands, 0), axis=1) >= 100 * fixed.SCALE
    np.logical_or.at(done, place[rows], reached & (stands != NEVER))
    finish = ground.coded(FINISH)
    was = entries.chosen((entries.plan == 0) & (entries.measure == finish) & reads.within(entries.undertaking, ground.register.ids))
    now = np.flatnonzero((lines.kind == _REPORT) & (lines.measure == finish))
    undertaking, period = np.concatenate([was.undertaking, lines.undertaking[now]]), np.concatenate([was.period, lines.period[now]])
    day, order = np.concatenate([was.day, lines.day[now]]), np.concatenate([was.seq, np.full(len(now), _NEWEST)])
    last = _last(undertaking * _PLACES + period, order)
    last = last[day[last] != UNSAID]
    np.logical_or.at(done, ground.register.at(undertaking[last]), all_periods >= period[last][:, None])
    return done[place]


def _grid(told: Truth, all_periods: Whole) -> Whole:
    """The months from one report to the next of each row, by the ends of years, halves or quarters on which all of it lies."""
    month = all_periods // 100 % 100
    cadence = np.ones(len(told), dtype=np.int64)
    several = told.sum(axis=1) > 1
    for months in (3, 6, 12):
        cadence[several & ~(told & (month % months != 0)).any(axis=1)] = months
    return cadence


def _cadence(ground: Ground, place: Whole, measure: Whole, told: Truth, all_periods: Whole) -> Whole:
    """How often a series is reported: by the programme's calendar, or by what was told of that measure in the programme so far."""
    group, of = np.unique(ground.register.programme[place] * len(ground._kinds) + measure, return_inverse=True)
    together = np.zeros((len(group), len(all_periods)), dtype=np.bool_)
    np.logical_or.at(together, of, told)
    cadence = _grid(together, all_periods)
    for row, slot in enumerate(group.tolist()):
        programme, one = divmod(slot, len(ground._kinds))
        cadence[row] = ground.cadences.get((programme, one), ground.cadences.get((programme, 0), cadence[row]))
    return cadence[of]


def revisions(ground: Ground) -> tuple[Revisions, Whole]:
    """The lines that plan something, and their places. What a slot said first is its first wording, be it in the same file;
    of a day also the first that was planned for any period.
    """
    lines = ground.lines
    where = np.flatnonzero((lines.kind == _PLAN) & (lines.told | (lines.day != UNSAID)))
    amounts = ground.holds_amount(lines.measure[where])
    standing, standing_told = _said_before(ground, where, first=False)
    first, first_told = _said_before(ground, where, first=True)
    return Revisions(
        now=np.where(amounts, lines.amount[where], lines.day[where]),
        first=first,
        first_told=first_told,
        standing=standing,
        standing_told=standing_told,
        original=lines.original[where],
        day=~amounts,
        money=ground._kinds[lines.measure[where]] & 4 > 0,
    ), where


def _said_before(ground: Ground, where: Whole, *, first: bool) -> tuple[Whole, Truth]:
    """What the slots of the lines at `where` said first, or say now."""
    lines, entries = ground.lines, ground.entries
    was = entries.chosen((entries.plan == 1) & ((entries.told > 0) | (entries.day != UNSAID) | (not first)))
    own = where[lines.original[where]] if first else where[:0]
    amounts = ground.holds_amount(np.concatenate([was.measure, lines.measure[own]]))
    key = np.concatenate([ground.key(was.undertaking, was.measure), ground.key(lines.undertaking[own], lines.measure[own])])
    period, order = np.concatenate([was.period, lines.period[own]]), np.concatenate([was.seq, np.full(len(own), _NEWEST)])
    value = np.where(amounts, np.concatenate([was.amount, lines.amount[own]]), np.concatenate([was.day, lines.day[own]]))
    speaks = np.concatenate([(was.told > 0) | (was.day != UNSAID), np.ones(len(own), np.bool_)])
    if first:  # a day is planned once, whatever period it was planned for; an amount once for each
        period, wanted_period = np.where(amounts, period, 0), np.where(ground.holds_amount(lines.measure[where]), lines.period[where], 0)
    else:
        wanted_period = lines.period[where]
    known = key * _PLACES + period
    picked = _last(known, -order if first else order)
    wanted = ground.key(lines.undertaking[where], lines.measure[where]) * _PLACES + wanted_period
    hits = reads.within(wanted, known[picked])
    at = picked[np.minimum(np.searchsorted(known[picked], wanted), max(len(picked) - 1, 0))] if len(picked) else np.zeros(0, np.int64)
    found, told = np.zeros(len(where), np.int64), np.zeros(len(where), np.bool_)
    found[hits], told[hits] = value[at[hits]] if len(picked) else 0, speaks[at[hits]] if len(picked) else False
    return found, told


def wholes(ground: Ground, series: Series) -> tuple[Wholes, Whole, Whole]:
    """Amounts that add up of undertakings that have parts, where a line touches the whole or a part; series and line of each."""
    register, panel = ground.register, series.panel
    parent = register.parent[series.place]
    parts = np.flatnonzero(
        (parent > 0)
        & (panel.accumulates != LEVEL)
        & reads.within(ground.key(parent, series.measure), ground.key(series.undertaking, series.measure))
    )
    whole = np.searchsorted(ground.key(series.undertaking, series.measure), ground.key(parent[parts], series.measure[parts]))
    summed, told, line = np.zeros_like(panel.amount), np.zeros_like(panel.amount), series.line.copy()
    np.add.at(summed, whole, panel.amount[parts])
    np.add.at(told, whole, panel.told[parts].astype(np.int64))
    from_parts = np.full_like(line, NEVER)
    np.maximum.at(from_parts, whole, series.line[parts])
    line = np.where(line != NEVER, line, from_parts)
    rows, columns = np.nonzero(panel.told & (told > 0) & (line != NEVER))
    count = np.bincount(register.at(register.parent[reads.within(register.parent, register.ids)]), minlength=len(register.ids))
    judged = Wholes(panel.amount[rows, columns], summed[rows, columns], told[rows, columns], count[series.place[rows]])
    return judged, rows, line[rows, columns]


def members(ground: Ground) -> tuple[Members, Register] | None:
    """Who reports an amount for which period, programme by programme; None where no list is judged."""
    listed = ground.listed
    if listed is None or not len(listed.ids):
        return None
    lines, entries = ground.lines, ground.entries
    inside = ground.reported & lines.told & reads.within(lines.undertaking, listed.ids)
    if not inside.any():
        return None
    measures = np.unique(lines.measure[inside])
    was = entries.chosen((entries.plan == 0) & reads.within(entries.measure, measures) & reads.within(entries.undertaking, listed.ids))
    was = was.chosen(
        np.isin(np.arange(len(was.seq)), _last(ground.key(was.undertaking, was.measure) * _PLACES + was.period, was.seq)) & (was.told > 0)
    )
    all_periods = np.union1d(lines.period[inside], was.period)
    told, sent = (np.zeros((len(listed.ids), len(all_periods)), np.bool_) for _ in range(2))
    told[listed.at(was.undertaking), np.searchsorted(all_periods, was.period)] = True
    sent[listed.at(lines.undertaking[inside]), np.searchsorted(all_periods, lines.period[inside])] = True
    programmes, list_ = np.unique(listed.programme, return_inverse=True)
    together = np.zeros((len(programmes), len(all_periods)), dtype=np.bool_)
    np.logical_or.at(together, list_, told | sent)
    cadence = _grid(together, all_periods)
    for row, programme in enumerate(programmes.tolist()):
        said = [months for (of, _), months in ground.cadences.items() if of == programme]
        cadence[row] = min(said, default=int(cadence[row]))
    return Members(all_periods, list_.astype(np.int64), told | sent, sent, cadence[list_]), listed
