"""What a file is that somebody sent in, and what it says: our own workbook, a CSV of slots, or a table whose columns are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from duban.core.refusals import Finding, Refusal
from duban.intake import slots_csv, tables, workbooks
from duban.intake.files.sheets import Book, Sheet, open_book
from duban.intake.lines import Said
from duban.intake.models import TableMapping, Upload
from duban.intake.readings import Columns, Reading
from duban.ledger.actions import Slot

Tell = Callable[[int, int], None]
PLAIN: Final = "csv"


@dataclass(frozen=True, slots=True)
class Recognised:
    """A file that was understood: what kind it is, what it says, and by which mapping where it is somebody's own table."""

    kind: str
    reading: Reading
    mapping: TableMapping | None = None
    sheet: str = ""


def recognise(upload: Upload, path: Path, *, on: date, tell: Tell) -> Recognised | None:
    """What `upload` says; None when it holds a table whose columns nobody has told yet. Raises `Refusal` for what cannot be read."""
    opened = open_book(path, upload.name)
    with Remembering(opened.kind, opened.sheets, opened.warnings, opened._reader) as book:
        if book.kind == PLAIN and slots_csv.is_slots(book.sheet(0).rows):
            reading = slots_csv.read(path.read_bytes(), body=upload.body, on=on, tell=tell)
            return Recognised(Upload.Kind.TABLE, _dated(reading, upload))
        if workbooks.is_workbook(book):
            reading = workbooks.read(book, body=upload.body, by=upload.sent_by, on=on, tell=tell)
            return Recognised(Upload.Kind.WORKBOOK, _dated(_warned(reading, book), upload))
        return _table(upload, book, on=on, tell=tell)


@dataclass(eq=False)
class Remembering(Book):
    """A book each of whose sheets is read once, however often it is asked for: what unpacking a file may cost is bounded."""

    _seen: dict[int, Sheet] = field(default_factory=dict)

    def sheet(self, which: str | int) -> Sheet:
        index = next((place for place, ref in enumerate(self.sheets) if which in (ref.name, place)), -1)
        if index not in self._seen:
            self._seen[index] = super().sheet(which)
        return self._seen[index]


def _warned(reading: Reading, book: Book) -> Reading:
    reading.findings += [warning for warning in book.warnings if warning not in reading.findings]
    return reading


def _known(upload: Upload, sheet: Sheet) -> TableMapping | None:
    """The mapping by which a sheet of the file is read: the one that was told for it, else the body's for such a head."""
    told = upload.mapping
    if told is not None and upload.sheet in ("", sheet.name) and tables.fingerprint(sheet) == told.fingerprint:
        return told
    return None if told is not None and upload.sheet else tables.known(sheet, body=upload.body)


def _dated(reading: Reading, upload: Upload) -> Reading:
    """A file that says itself which month it speaks of is believed; whoever chose another one is told so."""
    if reading.period and upload.period and reading.period != upload.period:
        reading.findings.append(
            Finding("upload-month-differs", facts={"said": f"{reading.period:%Y-%m}", "chosen": f"{upload.period:%Y-%m}"})
        )
    return reading


def _table(upload: Upload, book: Book, *, on: date, tell: Tell) -> Recognised | None:
    """Every visible sheet whose head is known, together; what the other sheets say is left out, and told so.

    Raises `Refusal` "table-not-found" when no sheet holds a table at all.
    """
    sheets = [book.sheet(place) for place, ref in enumerate(book.sheets) if not ref.hidden]
    known = [(sheet, _known(upload, sheet)) for sheet in sheets if sheet.rows]
    chosen = [(sheet, mapping) for sheet, mapping in known if mapping is not None]
    if not chosen:
        if not any(tables.fingerprint(sheet) for sheet in sheets):
            raise Refusal("table-not-found")
        return None
    readings, before, total = [], 0, sum(len(sheet.rows) for sheet, _ in chosen)
    for sheet, mapping in chosen:

        def further(done: int, all_of_it: int, before: int = before, rows: int = len(sheet.rows)) -> None:
            tell(before + done * rows // max(all_of_it, 1), total)

        readings.append(tables.read(sheet, mapping, body=upload.body, period=upload.period, on=on, tell=further))
        before += len(sheet.rows)
    whole = _warned(_joined(readings), book)
    read = {sheet.name for sheet, _ in chosen}
    empty = {sheet.name for sheet in sheets if not sheet.rows}
    whole.findings += [Finding("sheet-left-out", sheet=ref.name) for ref in book.sheets if ref.name not in read | empty]
    return Recognised(Upload.Kind.TABLE, whole, chosen[0][1], chosen[0][0].name)


def _joined(readings: Sequence[Reading]) -> Reading:
    """Several sheets' readings as one; of what two of them say of one slot the first is taken."""
    if len(readings) == 1:
        return readings[0]
    findings = [finding for reading in readings for finding in reading.findings]
    lines: dict[tuple[Slot, bool], Said] = {}
    for said in (said for reading in readings for said in reading.lines):
        first = lines.setdefault((said.line.slot, said.original), said)
        if first.line.said != said.line.said:
            place = said.place
            facts = {"first": first.place.get("sheet", ""), "period": said.line.period}
            findings.append(Finding("slot-twice", row=place.get("row"), column=place.get("column"), sheet=place.get("sheet"), facts=facts))
    periods = {reading.period for reading in readings}
    return Reading(
        lines=Columns.of(list(lines.values())),
        findings=findings,
        counts={name: sum(reading.counts.get(name, 0) for reading in readings) for name in readings[0].counts},
        period=periods.pop() if len(periods) == 1 else None,
    )
