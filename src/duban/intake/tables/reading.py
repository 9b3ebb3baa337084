"""Somebody's own table as lines: its rows found, its columns read all at once, compared with what the ledger says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np

from duban.core import cycles, fixed, periods, tables
from duban.core.refusals import Refusal
from duban.core.tables import Table
from duban.core.tables_totals import Sums
from duban.intake.files.sheets import Span
from duban.intake.readings import UNSAID, Columns, Reading, Truth, Whole
from duban.intake.tables import meanings, rows
from duban.intake.tables.lines import Lines, plans, reports
from duban.intake.tables.standing import Standing, standing
from duban.intake.tables.values import Findings, Values, values
from duban.people.models import Body
from duban.registry.models import Measure, Programme

Tell = Callable[[int, int], Any]


@dataclass
class _Reader:
    """One reading of a table: what is known before a cell is read, and what came of it."""

    table: Table
    programme: Programme
    body: Body
    period: date
    on: date
    found: rows.Rows
    known: rows.Names
    findings: Findings
    measures: Mapping[str, Measure]
    read: list[Values]

    @property
    def reads(self) -> Truth:
        """The rows whose values are wanted: undertakings of the body, and everything that a total may add up."""
        return ~self.found.beside

    @cached_property
    def writes(self) -> Truth:
        """The rows that become lines: each undertaking of the body once, at its first row."""
        mine = np.isin(self.found.undertaking, np.fromiter(self.known.open, dtype=np.int64, count=len(self.known.open)))
        return mine & first_of(self.found.undertaking)

    @property
    def headings(self) -> Truth:
        """The rows of wholes whose parts stand in the table as well: their amounts are their parts' once more."""
        inside = {self.known.wholes[pk] for pk in self.found.undertaking.tolist() if pk in self.known.wholes}
        return np.isin(self.found.undertaking, np.fromiter(inside, dtype=np.int64, count=len(inside)))

    def spoken(self) -> Truth:
        """The rows in which some column says something."""
        said = np.zeros(len(self.found.labels), dtype=np.bool_)
        for one in self.read:
            said |= one.written
        return said


def first_of(undertaking: Whole) -> Truth:
    """Where an undertaking stands for the first time."""
    first = np.zeros(len(undertaking), dtype=np.bool_)
    first[np.unique(undertaking, return_index=True)[1]] = True
    return first & (undertaking != rows.NOBODY)


@cycles.unlooked()
def read(
    sheet: Any, mapping: Any, *, body: Body, period: date | None, on: date, tell: Tell = lambda done, total: None, revision_reason: str = ""
) -> Reading:
    """The lines that a sheet says, by a mapping that somebody confirmed; `period` is the month that it is said to speak of.

    Nothing is written. Raises `Refusal` where the table as a whole cannot be read: "table-not-found", "table-head-differs",
    "table-month-unsaid", or what `meanings.check` refuses.
    """
    table = tables.laid_out(sheet.rows, sheet.merged)
    columns = meanings.matched(mapping.columns, table.head)
    measures = {measure.code: measure for measure in mapping.programme.measures.all()}
    meanings.check([meaning for _, meaning in columns], measures)
    findings = Findings(table, sheet.name)
    month = _month(table, sheet.name, period, findings)
    known = rows.names(mapping.programme, body)
    named = {meaning.role: column.index for column, meaning in columns if meaning.role in ("key", "name")}
    found = rows.resolved(table, key=named.get("key"), name=named.get("name"), known=known, told=mapping.rows)
    reader = _Reader(table, mapping.programme, body, month, on, found, known, findings, measures, [])
    wanted = [(column, meaning) for column, meaning in columns if meaning.role in meanings.VALUES]
    step = _Bar(tell, len(table.rows), steps=2 * len(wanted) + 4)
    for column, meaning in wanted:
        step()
        everything = reader.reads | np.isin(np.arange(len(table.rows)), list(found.totals))
        shares = _within(sheet.percents, column.index, table)
        measure = measures[meaning.measure]
        reader.read.append(values(table, column, meaning, measure, wanted=everything, shares=shares, findings=findings))
    _judge_rows(reader)
    step()
    _judge_totals(reader)
    step()
    ledger = _standing(reader)
    step()
    lines = _lines(reader, ledger, mapping.options.get("revision_reason", revision_reason), step)
    tell(len(table.rows), len(table.rows))
    return _reading(reader, lines)


def _within(spans: Sequence[Span], column: int, table: Table) -> Truth:
    """The rows of the body whose cell in a column lies within one of the spans."""
    within = np.zeros(len(table.rows), dtype=np.bool_)
    for top, left, bottom, right in spans:
        if left <= column <= right:
            within[max(top - table.head.body, 0) : max(bottom + 1 - table.head.body, 0)] = True
    return within


@dataclass(slots=True)
class _Bar:
    """How far reading has come, told in rows: each column is a step when it is read and one when its lines are made."""

    tell: Tell
    rows: int
    steps: int
    done: int = 0

    def __call__(self) -> None:
        self.done = min(self.done + 1, self.steps - 1)
        self.tell(self.rows * self.done // self.steps, self.rows)


def _month(table: Table, sheet: str, period: date | None, findings: Findings) -> date:
    """The month that the file speaks of: the one that was said, else its own; a finding where the two differ."""
    own = tables.month_of(table.head, names=(sheet,))
    month = period or own
    if month is None:
        raise Refusal("table-month-unsaid")
    if own is not None and own != month:
        findings.find("table-month-differs", None, period=month, told=own)
    return month


def _judge_rows(reader: _Reader) -> None:
    """Rows that nobody knows, that come twice, or that belong to somebody else. Rows that say nothing are passed over."""
    undertaking, labels, beside = reader.found.undertaking, reader.found.labels, reader.found.beside
    spoken = reader.spoken() & ~beside
    sums = _sums(reader)
    for asked, place in enumerate(np.flatnonzero(spoken & (undertaking == rows.NOBODY)).tolist()):
        if asked < rows.ASKED and sums is not None and sums.is_total(place):
            beside[place] = True
        elif not labels[place]:
            reader.findings.find("row-unnamed", place)
        else:
            like = reader.known.like(labels[place]) if asked < rows.ASKED else []
            if like:
                reader.findings.find("row-unmatched-like", place, name=labels[place], suggestions=like)
            else:
                reader.findings.find("row-unmatched", place, name=labels[place])
    first = first_of(undertaking)
    for place in np.flatnonzero(spoken & ~first & (undertaking != rows.NOBODY)).tolist():
        where = int(np.flatnonzero(undertaking == undertaking[place])[0])
        reader.findings.find("table-row-twice", place, name=labels[place], first=reader.table.number(where))
    others = spoken & first & ~reader.writes
    if count := int(others.sum()):
        shown = [labels[place] for place in np.flatnonzero(others)[:5].tolist()]
        reader.findings.find("rows-of-others", None, count=count, names=shown, body=reader.body.name)


def _added(reader: _Reader) -> list[Values]:
    """The columns that can be added up: amounts that are no shares."""
    amounts = [one for one in reader.read if one.measure.holds == Measure.Holds.AMOUNT]
    return [one for one in amounts if one.measure.unit not in ("%", "‰") and one.measure.accumulates != Measure.Accumulates.LEVEL]


def _sums(reader: _Reader) -> Sums | None:
    """The columns that add up, over the rows that do: parts of a whole instead of the whole."""
    added = _added(reader)
    if not added:
        return None
    amounts, told = (np.column_stack([getattr(one, name) for one in added]) for name in ("amount", "told"))
    return Sums(amounts, told, reader.reads & ~reader.headings, [*reader.found.totals])


def _judge_totals(reader: _Reader) -> None:
    """Every total beside what its parts come to; a difference is a finding in its column."""
    sums, added = _sums(reader), _added(reader)
    for place in sorted(reader.found.totals):
        total = sums.total(place) if sums is not None else None
        for column in total.differs if total else ():
            one = added[column]
            unit = meanings.factor(one.meaning.unit, one.measure)
            facts = _apart(total.said[column], total.summed[column], unit, _label(reader, place))
            reader.findings.find("total-differs", place, one.column.heading, **facts)
    _judge_across(reader)


def _label(reader: _Reader, place: int) -> str:
    """What a row is called, or the first words in it."""
    return reader.found.labels[place] or next(filter(None, map(tables.words, reader.table.rows[place])), "")


def _apart(said: int, summed: int, unit: Decimal, label: str) -> dict[str, Any]:
    """A total and what its parts come to, in the column's own unit."""
    told = {"said": said, "summed": summed, "difference": said - summed}
    return {"total": label, **{name: Decimal(f"{(fixed.from_fixed(stored) / unit).normalize():f}") for name, stored in told.items()}}


def _judge_across(reader: _Reader) -> None:
    """A column that adds up the months of its row is compared with them."""
    for check in (one for one in reader.read if one.meaning.role == "total-check"):
        parts = [one for one in reader.read if one.meaning.role == "report" and one.meaning.alone and one.measure == check.measure]
        if not parts:
            continue
        summed = np.sum([np.where(one.told, one.amount, 0) for one in parts], axis=0)
        unit = meanings.factor(check.meaning.unit, check.measure)

        def facts(place: int, check: Values = check, summed: Whole = summed, unit: Any = unit) -> dict[str, Any]:
            return _apart(int(check.amount[place]), int(summed[place]), unit, _label(reader, place))

        differs = np.flatnonzero(check.told & reader.writes & (check.amount != summed))
        reader.findings.find("total-differs", differs.tolist(), check.column.heading, facts=facts)


def _standing(reader: _Reader) -> Standing:
    """What the ledger says of all that the table may speak of, in one query."""
    asked = {one.measure.pk for one in reader.read}
    days = [one.measure.pk for one in reader.read if one.measure.holds == Measure.Holds.DAY and one.meaning.role == "report"]
    told = [(end, span.count or 1) for one in reader.read if (span := one.column.span) and (end := span.end(reader.period))]
    ends = {reader.period, *(end for end, _ in told)}
    ends |= {periods.previous_month_end(reader.period), *(periods.months_before(end, count) for end, count in told)}
    wanted = sorted(set(reader.found.undertaking[reader.writes].tolist()))
    return standing(
        programme=reader.programme.pk,
        undertakings=wanted,
        measures=sorted(asked),
        whole=sorted(set(days)),
        periods=sorted(map(periods.to_number, ends)),
        plans=any(one.meaning.role in ("plan", "original") for one in reader.read),
    )


def _lines(reader: _Reader, ledger: Standing, revision_reason: str, step: Callable[[], None]) -> Lines:
    """What the columns say as lines; wholes are counted by their parts, so only the parts' amounts are taken."""
    whole = set(reader.known.wholes.values())
    wholes = np.isin(reader.found.undertaking, np.fromiter(whole, dtype=np.int64, count=len(whole)))
    lines = Lines(reader.table, reader.found.undertaking, reader.findings, ledger, reader.period, reader.on, step)
    for one in reader.read:
        passed = ~reader.writes if one.measure.holds == Measure.Holds.DAY else ~reader.writes | wholes
        lines.left_out += int((one.says & passed & reader.reads).sum())
        one.silence(passed)
    reports(lines, [one for one in reader.read if one.meaning.role == "report"])
    plans(lines, [one for one in reader.read if one.meaning.role in ("plan", "original")], revision_reason)
    return lines


def _reading(reader: _Reader, lines: Lines) -> Reading:
    written = sum(int((one.written & reader.reads).sum()) for one in reader.read)
    counts = {
        "rows": int((reader.spoken() & reader.reads).sum()),
        "cells": written,
        "new": lines.new,
        "changed": lines.changed,
        "unchanged": lines.unchanged,
        "conflict": 0,
        "wrong": reader.findings.wrong,
        "left_out": lines.left_out,
    }
    columns: Columns = lines.columns(reader.read, reader.findings.sheet)
    assert UNSAID not in columns.seen, "a table's lines know what their slots say"
    return Reading(lines=columns, findings=reader.findings.all(), counts=counts, period=reader.period)
