"""A table's values as lines: months added up, plans put where they stand already, and only what the ledger does not say yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import numpy as np

from duban.core import fixed, periods
from duban.core.tables import Table, words
from duban.intake.readings import KINDS, UNSAID, Columns, Truth, Whole
from duban.intake.tables.standing import Found, Standing
from duban.intake.tables.values import Findings, Values
from duban.registry.models import Measure

SMALL: Final = 20_000
"""Of so many lines, what stood in each cell is kept word for word; of more, only what was text."""
STUCK: Final = -1


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines from one column: the places of their rows, their slots' periods, what they say, and what the slots say now."""

    values: Values
    kind: str
    places: Whole
    period: Whole
    amount: Whole
    told: Truth
    day: Whole
    seen: Whole
    original: bool = False
    reason: str = ""
    because: Truth = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    """The lines that carry `reason`."""


@dataclass(slots=True)
class Lines:
    """What a table's lines are made of, and how many of them are new, changed and unchanged."""

    table: Table
    undertaking: Whole
    findings: Findings
    ledger: Standing
    period: date
    on: date
    step: Callable[[], None] = lambda: None
    """Called whenever a column has become lines."""
    pieces: list[Piece] = field(default_factory=list)
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    left_out: int = 0

    def put(self, one: Values, kind: str, wanted: Truth, period: Whole, amount: Whole, found: Found, reason: str = "") -> None:
        """Say `amount`, or the column's day, in the slots of `period` at the rows `wanted`; those that say so already are passed over."""
        day = one.day
        told = np.full(len(amount), one.measure.holds == Measure.Holds.AMOUNT)
        same = found.speaks & np.where(told, found.told & (found.amount == amount), found.day == day)
        places = np.flatnonzero(wanted & ~same)
        self.unchanged += int((wanted & same).sum())
        old = found.seq[places] > 0
        self.new, self.changed = self.new + int((~old).sum()), self.changed + int(old.sum())
        self._add(one, kind, places, period, amount, found.seq, reason=reason, because=old)
        self.step()

    def _add(
        self, one: Values, kind: str, places: Whole, period: Whole, amount: Whole, seen: Whole, *, reason: str, because: Truth,
        original: bool = False,
    ) -> None:  # fmt: skip
        if len(places):
            holds = np.full(len(places), one.measure.holds == Measure.Holds.AMOUNT)
            self.pieces.append(
                Piece(one, kind, places, period[places], amount[places], holds, one.day[places], seen[places], original, reason, because)
            )

    def first(self, one: Values, wanted: Truth, period: Whole) -> None:
        """Put a plan's first wording into slots that never spoke."""
        places = np.flatnonzero(wanted)
        self.new += len(places)
        nothing = np.zeros(len(period), dtype=np.int64)
        self._add(one, "plan", places, period, one.amount, nothing, reason="", because=nothing[places] > 0, original=True)

    def revised(self, one: Values, wanted: Truth, period: Whole, reason: str) -> None:
        """Put a revision after a first wording that enters with it."""
        places = np.flatnonzero(wanted)
        self.changed += len(places)
        nothing = np.zeros(len(period), dtype=np.int64)
        self._add(one, "plan", places, period, one.amount, nothing, reason=reason, because=nothing[places] == 0)

    def columns(self, read: Sequence[Values], sheet: str) -> Columns:
        """All lines in the order of the table's rows, and in a row in that of its columns; a first wording before its revision."""
        headings = tuple(dict.fromkeys(one.column.heading for one in read))
        place = np.concatenate([piece.places for piece in self.pieces] or [np.zeros(0, dtype=np.int64)])
        sizes = [len(piece.places) for piece in self.pieces]

        def each(values: Sequence[int | bool]) -> Whole:
            return np.repeat(np.array(values, dtype=np.int64), sizes)

        def of(name: str) -> Whole:
            return np.concatenate([getattr(piece, name) for piece in self.pieces] or [np.zeros(0, dtype=np.int64)])

        index = each([piece.values.column.index for piece in self.pieces])
        original = each([piece.original for piece in self.pieces])
        # One key, and a sort that merges: each piece is in the order of its rows already.
        order = np.argsort((place * (int(index.max(initial=0)) + 1) + index) * 2 + 1 - original, kind="stable")
        back = np.empty(len(order), dtype=np.int64)
        back[order] = np.arange(len(order))
        reasons, typed = self._sparse(back)
        return Columns(
            undertaking=self.undertaking[place][order],
            measure=each([piece.values.measure.pk for piece in self.pieces])[order],
            kind=each([KINDS.index(piece.kind) for piece in self.pieces])[order],
            period=of("period")[order],
            amount=of("amount")[order],
            told=of("told").astype(np.bool_)[order],
            day=of("day")[order],
            seen=of("seen")[order],
            original=original.astype(np.bool_)[order],
            row=place[order] + self.table.number(0),
            column=each([headings.index(piece.values.column.heading) for piece in self.pieces])[order],
            sheet=np.full(len(order), 0 if sheet else -1, dtype=np.int64),
            headings=headings,
            sheets=(sheet,) if sheet else (),
            reasons=reasons,
            typed=typed,
        )

    def _sparse(self, back: Whole) -> tuple[dict[int, str], dict[int, str]]:
        """Reasons and what was typed, by the line's place in the result."""
        reasons: dict[int, str] = {}
        typed: dict[int, str] = {}
        start, small = 0, len(back) <= SMALL
        for piece in self.pieces:
            ends = back[start : start + len(piece.places)].tolist()
            if piece.reason:
                reasons.update((end, piece.reason) for end, old in zip(ends, piece.because.tolist(), strict=True) if old)
            if small or piece.values.typed:
                said, cells = piece.values.typed, self.table.cells(piece.values.column.index) if small else []
                for end, place in zip(ends, piece.places.tolist(), strict=True):
                    if small or place in said:
                        typed[end] = words(cells[place]) if small else said[place]
            start += len(piece.places)
        return reasons, typed


def _to_come(lines: Lines, one: Values, end: date) -> bool:
    """Whether a column of reports speaks of a month that has not ended. What it says is a finding; zeros are only room for later."""
    if end <= lines.on and end <= lines.period:
        return False
    said = (one.told & (one.amount != 0)) | (one.day != UNSAID)
    if end <= lines.on and said.any():
        return False
    lines.left_out += int(one.says.sum())
    if said.any():
        lines.findings.wrong += int(said.sum())
        lines.findings.find("period-not-ended", int(np.flatnonzero(said)[0]), one.column.heading, period=end)
    return True


def reports(lines: Lines, read: Sequence[Values]) -> None:
    """Reports: what reaches back to January as it stands, what single months added added up first."""
    monthly: dict[str, list[tuple[date, Values]]] = {}
    told: dict[tuple[str, date], Values] = {}
    for one in read:
        span = one.column.span if one.meaning.period.startswith("own") else None
        end = (span.end(lines.period) if span else None) or lines.period
        if _to_come(lines, one, end):
            continue
        if one.measure.holds == Measure.Holds.DAY:
            _days(lines, one, end)
        elif one.meaning.alone and one.measure.accumulates != Measure.Accumulates.LEVEL:
            monthly.setdefault(one.measure.code, []).append((end, one))
        elif (one.measure.code, end) in told:
            _compare(lines, one, one.told, one.amount, told[one.measure.code, end])
        else:
            told[one.measure.code, end] = one
            period = _all(lines, end)
            lines.put(one, "report", one.told, period, one.amount, lines.ledger.slot(one.measure.pk, "report", lines.undertaking, period))
    for code, months in monthly.items():
        _added_up(lines, sorted(months, key=lambda month: month[0]), {end: one for (of, end), one in told.items() if of == code})


def _compare(lines: Lines, one: Values, says: Truth, amount: Whole, other: Values) -> None:
    """Two columns that speak of one slot: the first is taken, a difference is a finding."""
    differs = np.flatnonzero(says & other.told & (amount != other.amount))

    def facts(place: int) -> dict[str, object]:
        said, beside = (fixed.from_fixed(int(values[place])) for values in (amount, other.amount))
        return {"said": said, "beside": beside, "other": other.column.heading}

    lines.findings.find("table-columns-differ", differs.tolist(), one.column.heading, facts=facts)


def _all(lines: Lines, end: date) -> Whole:
    return np.full(len(lines.undertaking), periods.to_number(end), dtype=np.int64)


def _days(lines: Lines, one: Values, end: date) -> None:
    """A day that was told before is told in the slot where it was told; a day to come is no report."""
    ahead = one.day > periods.to_number(lines.on)
    lines.findings.wrong += int(ahead.sum())
    lines.findings.find(
        "day-not-come", np.flatnonzero(ahead).tolist(), one.column.heading, facts=lambda at: {"day": periods.from_number(int(one.day[at]))}
    )
    one.silence(ahead)
    found = lines.ledger.latest(one.measure.pk, "report", lines.undertaking, _all(lines, end))
    period = np.where(found.speaks, found.period, periods.to_number(end))
    now = lines.ledger.slot(one.measure.pk, "report", lines.undertaking, period)
    lines.put(one, "report", one.day != UNSAID, period, one.amount, now)


def _months(end: date) -> int:
    return end.year * 12 + end.month


def _added_up(lines: Lines, months: Sequence[tuple[date, Values]], beside: Mapping[date, Values]) -> None:
    """Add months up to what has come together since January (or the start): from nothing, or from what the ledger says was
    reached before. A month that is missing between is a finding, and what comes after it is not guessed. Where a column
    `beside` them tells what has come together, it is taken and the sum compared with it.
    """
    rows = len(lines.undertaking)
    total = np.zeros(rows, dtype=np.int64)
    reached = np.full(rows, STUCK, dtype=np.int64)
    missed = np.zeros(rows, dtype=np.bool_)
    for end, one in months:
        count = (one.column.span.count if one.column.span else None) or 1
        start = periods.months_before(end, count)
        if one.measure.accumulates == Measure.Accumulates.YEAR and start.year < end.year:
            reached, total = np.full(rows, _months(start)), np.zeros(rows, dtype=np.int64)
        joins = reached == _months(start)
        base = lines.ledger.slot(one.measure.pk, "report", lines.undertaking, _all(lines, start))
        lifted = ~joins & base.told
        total = np.where(lifted, base.amount, total)
        known = one.told & (joins | lifted)
        total = np.where(known, total + one.amount, total)
        reached = np.where(known, _months(end), np.where(one.told, STUCK, reached))
        gap = one.told & ~known & ~missed
        missed |= gap
        lines.findings.wrong += int((one.told & ~known).sum())
        lines.findings.find(
            "month-missing", np.flatnonzero(gap).tolist(), one.column.heading, facts=lambda _, start=start: {"period": start}
        )  # type: ignore[misc]
        fits = known & (np.abs(total) <= fixed.LARGEST * fixed.SCALE)
        lines.findings.wrong += int((known & ~fits).sum())
        lines.findings.find(
            "amount-too-large",
            np.flatnonzero(known & ~fits).tolist(),
            one.column.heading,
            facts=lambda at, total=total: {"amount": fixed.from_fixed(int(total[at])), "limit": fixed.LARGEST},  # type: ignore[misc]
        )
        if end in beside:
            _compare(lines, one, fits, total, beside[end])
            continue
        period = _all(lines, end)
        lines.put(one, "report", fits, period, total, lines.ledger.slot(one.measure.pk, "report", lines.undertaking, period))


def plans(lines: Lines, read: Sequence[Values], reason: str) -> None:
    """Plans and their first wordings, measure by measure."""
    for measure in {one.measure.pk: one.measure for one in read}.values():
        told = {one.meaning.role: one for one in read if one.measure.pk == measure.pk}
        _plan(lines, measure, told.get("plan"), told.get("original"), reason)


def _slots(lines: Lines, measure: Measure, one: Values) -> Whole:
    """The slots of the plan: at the end of the year, or where the ledger has the plan already if it does not go by years."""
    span = one.column.span
    year = (span.year if span else None) or lines.period.year
    end = (span.end(lines.period) if span and one.meaning.period.startswith("own") else None) or periods.last_day(year, 12)
    if one.meaning.period.startswith("file"):
        end = lines.period
    default = _all(lines, end)
    if measure.holds == Measure.Holds.AMOUNT and measure.accumulates == Measure.Accumulates.YEAR:
        return default
    here = lines.ledger.slot(measure.pk, "plan", lines.undertaking, default)
    anywhere = lines.ledger.latest(measure.pk, "plan", lines.undertaking, np.full_like(default, 99999999))
    return np.where(here.seq > 0, default, np.where(anywhere.seq > 0, anywhere.period, default))


def _plan(lines: Lines, measure: Measure, plan: Values | None, original: Values | None, reason: str) -> None:
    """The plan in force, and its first wording: that enters where the plan is silent, and is never rewritten."""
    leading = plan or original
    assert leading is not None
    period = _slots(lines, measure, leading)
    now = lines.ledger.slot(measure.pk, "plan", lines.undertaking, period)
    silent, entering = now.seq == 0, np.zeros(len(period), dtype=np.bool_)
    if original is not None:
        entering = original.says & silent
        lines.first(original, entering, period)
        _judge_original(lines, measure, original, period)
    if plan is None:
        return
    lines.put(plan, "plan", plan.says & ~entering, period, plan.amount, now, reason)
    if original is not None:
        same = (plan.amount == original.amount) & (plan.day == original.day)
        lines.unchanged += int((entering & plan.says & same).sum())
        lines.revised(plan, entering & plan.says & ~same, period, reason)


def _judge_original(lines: Lines, measure: Measure, original: Values, period: Whole) -> None:
    """What was accepted first stays the original; a file that tells another one is a finding."""
    first = lines.ledger.slot(measure.pk, "plan", lines.undertaking, period, first=True)
    told = original.says & first.speaks
    same = (first.amount == original.amount) & (first.day == original.day)
    lines.unchanged += int((told & same).sum())

    def facts(place: int) -> dict[str, object]:
        was, now = (_value(measure, found, place) for found in (first, original))
        return {"measure": measure.name, "first": was, "now": now}

    lines.findings.wrong += int((told & ~same).sum())
    lines.findings.find("original-kept", np.flatnonzero(told & ~same).tolist(), original.column.heading, facts=facts)


def _value(measure: Measure, found: Found | Values, place: int) -> object:
    if measure.holds == Measure.Holds.DAY:
        return periods.from_number(int(found.day[place]))
    return fixed.from_fixed(int(found.amount[place]))
