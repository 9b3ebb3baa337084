"""A plain CSV of slots: `undertaking,measure,kind,period,amount,reason`; all of it enters the ledger, or nothing, or it becomes a draft.

`amount` is a number in the measure's unit, or a number with its unit, or a day for measures that hold days, or
`withdrawn`. UTF-8 with or without a mark, and GB 18030 (of which GBK is a part), are read.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO, Final

from django.db import transaction
from django.db.models import Q

from duban.core import fixed, numerals, periods
from duban.core.refusals import Finding, Refusal
from duban.intake import actions, reads, states
from duban.intake.lines import Said
from duban.intake.readings import Columns, Reading
from duban.ledger import actions as ledger
from duban.ledger.actions import Line
from duban.ledger.models import Entry
from duban.people import permits
from duban.people.models import Body, User
from duban.registry.models import Measure, Undertaking

COLUMNS: Final = ("undertaking", "measure", "kind", "period", "amount", "reason")
LARGEST: Final = 64 * 1024 * 1024
WITHDRAWN: Final = frozenset({"withdrawn", "撤回"})
TOLD: Final = 100
"""Rows after which a reader says how far it has come."""
SUSPECT: Final = 10_000
"""元 reported as 万元 is wrong by this factor; an amount this much smaller than what stood before is asked about."""


@dataclass(slots=True)
class Import:
    """What became of a file: findings and no entries, or entries and no findings. `rows` excludes the header."""

    rows: int = 0
    findings: list[Finding] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    digest: str = ""

    @property
    def taken(self) -> bool:
        return not self.findings


def decoded(content: bytes) -> str:
    """The file's text. Raises `Refusal` "encoding-unknown" for what is neither UTF-8 nor GB 18030."""
    if b"\x00" in content:
        raise Refusal("not-a-csv")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refusal("encoding-unknown")


def _read(stream: BinaryIO) -> bytes:
    content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Refusal("file-too-large", megabytes=LARGEST // 2**20)
    return content


@dataclass(slots=True)
class _Reader:
    """One pass over the rows, gathering lines and findings; `row` counts from 1 with the header.

    `body` is whose draft this becomes, with `own` the undertakings that it answers for; reasons may then be given later.
    """

    on: date
    undertakings: dict[str, Undertaking]
    measures: dict[str, Measure]
    allowed: set[tuple[int, int]]
    lines: list[Line] = field(default_factory=list)
    places: dict[ledger.Slot, int] = field(default_factory=dict)
    typed: dict[ledger.Slot, str] = field(default_factory=dict)
    bare: dict[ledger.Slot, Decimal] = field(default_factory=dict)
    body: Body | None = None
    own: frozenset[int] = frozenset()
    findings: list[Finding] = field(default_factory=list)

    def find(self, code: str, row: int, column: str, **facts: Any) -> None:
        self.findings.append(Finding(code, row=row, column=column, facts=facts))

    def _try(self, row: int, column: str, read: Callable[[], Any]) -> Any:
        try:
            return read()
        except Refusal as refusal:
            self.find(refusal.code, row, column, **refusal.facts)
            return None

    def take(self, row: int, cells: dict[str, str]) -> None:
        """Read one row into a line, or say what is wrong with each of its cells."""
        before = len(self.findings)
        undertaking = self.undertakings.get(cells["undertaking"])
        measure = self.measures.get(cells["measure"])
        if undertaking is None:
            self.find("undertaking-unknown", row, "undertaking", undertaking=cells["undertaking"])
        if measure is None:
            self.find("measure-unknown", row, "measure", measure=cells["measure"])
        if undertaking and self.body and undertaking.pk not in self.own:
            self.find("undertaking-of-another-body", row, "undertaking", undertaking=undertaking.code, body=self.body.name)
        if undertaking and measure and (undertaking.programme_id, measure.pk) not in self.allowed:
            self.find("measure-not-in-programme", row, "measure", measure=measure.code, undertaking=undertaking.code)
        if cells["kind"] not in Entry.Kind.values:
            self.find("kind-unknown", row, "kind", kind=cells["kind"])
        period = self._try(row, "period", lambda: periods.read_period(cells["period"]))
        if period and period > self.on and cells["kind"] == Entry.Kind.REPORT:
            self.find("period-not-ended", row, "period", period=period)
        value = self._value(row, cells, measure) if measure else None
        if len(self.findings) > before or undertaking is None or measure is None:
            return
        amount, day, named = value or (None, None, True)
        line = Line(undertaking.pk, measure.pk, cells["kind"], period, amount=amount, day=day, reason=cells["reason"])
        if line.slot in self.places:
            self.find("slot-twice", row, "period", first=self.places[line.slot], undertaking=undertaking.code, period=period)
            return
        self.places[line.slot], self.typed[line.slot] = row, cells["amount"]
        self.lines.append(line)
        if amount is not None and not named and measure.unit in {"元"}:
            self.bare[line.slot] = amount

    def _value(self, row: int, cells: dict[str, str], measure: Measure) -> tuple[Decimal | None, date | None, bool] | None:
        text = cells["amount"]
        if text in WITHDRAWN:
            if not cells["reason"] and not self.body:
                self.find("correction-needs-reason", row, "reason")
            return None, None, True
        if not text:
            self.find("amount-missing", row, "amount")
            return None
        if measure.holds == Measure.Holds.DAY:
            day = self._try(row, "amount", lambda: periods.read_day(text))
            if day is None:
                return None
            if day > self.on and cells["kind"] == Entry.Kind.REPORT:
                self.find("day-not-come", row, "amount", day=day)
            return None, day, True
        read = self._try(row, "amount", lambda: numerals.read_amount(text, measure.unit))
        if read is None or self._try(row, "amount", lambda: fixed.to_fixed(read[0])) is None:
            return None
        if read[0] < 0 and measure.accumulates != Measure.Accumulates.LEVEL:
            self.find("amount-negative", row, "amount", amount=read[0])
        return read[0], None, read[1]

    def judge(self) -> None:
        """Findings that need the ledger: corrections without a reason, withdrawals of nothing, a unit that looks wrong."""
        before = ledger.standing_entries(self.places)
        largest = self._largest()
        for line in self.lines:
            row, was = self.places[line.slot], before.get(line.slot)
            silent = was is None or was[1:] == (None, None)
            if silent and line.said == (None, None):
                self.find("nothing-to-withdraw", row, "amount")
            elif was is not None and was[1:] != line.said and not line.reason:
                self.find("correction-needs-reason", row, "reason")
            bare = self.bare.get(line.slot)
            known = fixed.from_fixed(was[1]) if was and was[1] else largest.get(line.slot[:2])
            if bare and known and bare * 1000 < known and known / SUSPECT / 20 <= bare <= known * 20 / SUSPECT:
                self.find("unit-suspect", row, "amount", amount=bare, known=known, unit=self._unit(line))

    def _largest(self) -> dict[tuple[int, int], Decimal]:
        """The largest amount for each undertaking and measure asked about: in the ledger, or in the file with its unit."""
        largest = _standing(self.bare)
        for line in self.lines:
            if line.amount is not None and line.slot not in self.bare:
                largest[line.slot[:2]] = max(line.amount, largest.get(line.slot[:2], line.amount))
        return largest

    def _unit(self, line: Line) -> str:
        return next(measure.unit for measure in self.measures.values() if measure.pk == line.measure_id)


def _standing(slots: dict[ledger.Slot, Decimal]) -> dict[tuple[int, int], Decimal]:
    """The largest amount that stands in the ledger for each undertaking and measure asked about."""
    replaced = Entry.objects.exclude(replaces=None).values("replaces")
    largest: dict[tuple[int, int], Decimal] = {}
    ids = sorted({slot[0] for slot in slots})
    for start in range(0, len(ids), 500):
        rows = Entry.objects.filter(undertaking__in=ids[start : start + 500], amount__gt=0).exclude(seq__in=replaced)
        for undertaking, measure, amount in rows.values_list("undertaking_id", "measure_id", "amount"):
            largest[(undertaking, measure)] = max(amount, largest.get((undertaking, measure), amount))
    return largest


def _table(text: str) -> list[tuple[int, list[str]]]:
    """The rows that hold something, each with its number in the file."""
    csv.field_size_limit(1_000_000)
    try:
        rows = enumerate(csv.reader(io.StringIO(text), strict=True), 1)
        return [(place, row) for place, row in rows if any(cell.strip() for cell in row)]
    except csv.Error as broken:
        raise Refusal("not-a-csv", reason=str(broken)) from None


def _reader(on: date, body: Body | None = None) -> _Reader:
    through = Undertaking.programme.field.related_model.measures.through
    return _Reader(
        on=on,
        undertakings={undertaking.code: undertaking for undertaking in Undertaking.objects.only("code", "programme_id")},
        measures={measure.code: measure for measure in Measure.objects.all()},
        allowed=set(through.objects.values_list("programme_id", "measure_id")),
        body=body,
        own=_own(body) if body else frozenset(),
    )


def _own(body: Body) -> frozenset[int]:
    """The undertakings that `body`, or what is below it, leads or joins."""
    return frozenset(reads.reached(body).values_list("pk", flat=True))


def is_slots(rows: Sequence[Sequence[Any]]) -> bool:
    """Whether a table's first row names the columns of this file (reasons may lack), and so says that it is one."""
    header = {str(cell).strip().lower() for cell in rows[0] if cell is not None} if rows else set()
    return set(COLUMNS[:-1]) <= header


def _readable(reader: _Reader, header: list[str]) -> bool:
    """Whether the rows under `header` can be read; a draft may lack reasons, and columns that nobody knows are left out of it."""
    needed = COLUMNS[:-1] if reader.body else COLUMNS
    missing = [name for name in needed if name not in header]
    strangers = [name for place, name in enumerate(header) if name not in COLUMNS or name in header[:place]]
    reader.findings += [Finding("column-missing", row=1, column=name) for name in missing]
    reader.findings += [Finding("column-unknown", row=1, column=name) for name in strangers]
    return not missing and not (set(strangers) & set(COLUMNS) if reader.body else strangers)


def _parse(reader: _Reader, content: bytes, tell: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Let `reader` take every row; how many there were without the header."""
    table = _table(decoded(content))
    if not table:
        reader.findings.append(Finding("file-empty"))
        return 0
    header = [cell.strip().lower() for cell in table[0][1]]
    if not _readable(reader, header):
        return len(table) - 1
    for done, (row, cells) in enumerate(table[1:], 1):
        if len(cells) != len(header):
            reader.findings.append(Finding("row-length", row=row, facts={"cells": len(cells), "columns": len(header)}))
            continue
        reader.take(row, {"reason": "", **{name: cell.strip() for name, cell in zip(header, cells, strict=True)}})
        if done % TOLD == 0:
            tell(done, len(table) - 1)
    tell(len(table) - 1, len(table) - 1)
    return len(table) - 1


def read(content: bytes, *, body: Body, on: date, tell: Callable[[int, int], None]) -> Reading:
    """What the file says anew, for a draft of `body`; `tell(done, total)` is called as it goes on.

    What is wrong with a row is a finding; the other rows are lines. Raises `Refusal` for what is no such file at all.
    """
    reader = _reader(on, body)
    rows = _parse(reader, content, tell)
    before = ledger.standing_entries(reader.places)
    counts = dict.fromkeys(("rows", "cells", "new", "changed", "unchanged", "conflict", "wrong", "left_out"), 0)
    lines = []
    for line in reader.lines:
        seq, *now = before.get(line.slot, (0, None, None))
        state = states.state(line.said, now=(now[0], now[1]), seq=seq, seen=seq)
        if not seq and line.said == (None, None):
            reader.find("nothing-to-withdraw", reader.places[line.slot], "amount")
        elif state == states.SAME:
            counts["unchanged"] += 1
        else:
            counts[state] += 1
            place = {"row": reader.places[line.slot], "column": "amount"}
            lines.append(Said(line, seen=seq, place=place, typed=reader.typed[line.slot]))
    reader.findings.sort(key=lambda finding: finding.row or 0)
    wrong = len({finding.row for finding in reader.findings})
    spoken = {line.period for line in reader.lines}
    return Reading(
        lines=Columns.of(lines),
        findings=reader.findings,
        counts={**counts, "rows": rows, "cells": rows, "wrong": wrong},
        period=spoken.pop() if len(spoken) == 1 else None,
    )


def _permitted(lines: Sequence[Line], *, by: User, accepted_by: User) -> None:
    """Raise `Refusal` unless `by` reports, and `accepted_by` reviews, for a body that answers for each line's undertaking."""
    told = {line.undertaking_id for line in lines}
    if strange := _beyond(told, by, "report.write"):
        raise Refusal("import-not-theirs-to-report", username=by.username, undertaking=strange)
    if strange := _beyond(told, accepted_by, "report.review"):
        raise Refusal("import-not-theirs-to-accept", username=accepted_by.username, undertaking=strange)


def _beyond(undertakings: Set[int], person: User, act: str) -> str:
    """The code of one of these undertakings for no body of which `person` may do `act`; empty when there is none."""
    reached = Body.objects.filter(permits.reach(person, act))
    theirs = Undertaking.objects.filter(Q(lead_body__in=reached) | Q(joint_bodies__in=reached))
    strange = undertakings - set(theirs.values_list("pk", flat=True))
    return Undertaking.objects.get(pk=min(strange)).code if strange else ""


@transaction.atomic
def import_csv(*, stream: BinaryIO, name: str, by: User, accepted_by: User, now: datetime, on: date) -> Import:
    """Append every slot of a file, or say everything that is wrong with it and leave the ledger as it was.

    Rows that say what the ledger says already change nothing, so the same file may be sent again. Raises `Refusal` only
    for what is no such file at all (too large, not text, an unknown encoding), when both people are one ("own-submission"), and
    when one of them may not do at the desk what they are named for here ("import-not-theirs-to-report", "import-not-theirs-to-accept").
    """
    if by.pk == accepted_by.pk:
        raise Refusal("own-submission")
    content = _read(stream)
    digest = hashlib.sha256(content).hexdigest()
    reader = _reader(on)
    rows = _parse(reader, content)
    _permitted(reader.lines, by=by, accepted_by=accepted_by)
    if reader.places:
        reader.judge()
    reader.findings.sort(key=lambda finding: finding.row or 0)
    result = Import(rows=rows, findings=reader.findings, digest=digest)
    if not result.findings and reader.lines:
        result.entries = actions.record(
            lines=reader.lines, origin="csv", name=name, submitted_by=by, accepted_by=accepted_by, now=now, digest=digest
        )
    return result
