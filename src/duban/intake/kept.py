"""A submission's lines in the database, written and read back as columns: no object of Django's is made for any of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, overload

import numpy as np
from django.db import connection

from duban.intake.judging import history as judging_reads
from duban.intake.models import Submission, SubmissionLine
from duban.intake.readings import KINDS, UNSAID, Columns, Whole
from duban.ledger import bulk
from duban.ledger.actions import Line, Slot
from duban.registry.models import Evidence

AT_ONCE: Final = 10_000
"""Lines that are rows of the database at the same time."""
COLUMNS: Final = (
    "submission_id", "undertaking_id", "measure_id", "kind", "period", "amount", "day", "withdraws", "original", "seen", "place",
    "typed", "reason",
)  # fmt: skip


def write(submission: Submission, lines: Columns) -> None:
    """Write `lines` as those of `submission`, in their order, with the files that they rest on."""
    bulk.insert(SubmissionLine._meta.db_table, COLUMNS, rows(submission, lines))
    if lines.evidence:
        through = SubmissionLine.evidence.through
        numbers = numbered(submission)
        shown = [(int(numbers[place]), file.pk) for place, files in sorted(lines.evidence.items()) for file in files]
        through.objects.bulk_create([through(submissionline_id=line, evidence_id=file) for line, file in shown], batch_size=2000)


def numbered(submission: Submission) -> Whole:
    """The numbers of a submission's lines, in their order."""
    lines = SubmissionLine.objects.filter(submission=submission).order_by("pk").values_list("pk", flat=True)
    return np.fromiter(lines.iterator(chunk_size=AT_ONCE), dtype=np.int64)


def rows(submission: Submission, lines: Columns) -> Iterator[tuple[Any, ...]]:
    """The rows as the database keeps them."""
    sheets, headings = ([json.dumps(name) for name in names] for names in (lines.sheets, lines.headings))
    for start in range(0, len(lines), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        columns = (lines.undertaking, lines.measure, lines.kind, lines.period, lines.amount, lines.told, lines.day, lines.original,
                   lines.seen, lines.row, lines.column, lines.sheet)  # fmt: skip
        cells = zip(*(column[part].tolist() for column in columns), strict=True)
        for index, (undertaking, measure, kind, period, amount, told, day, original, seen, row, column, sheet) in enumerate(cells, start):
            yield (
                submission.pk,
                undertaking,
                measure,
                KINDS[kind],
                period,
                amount if told else None,
                None if day == UNSAID else day,
                not told and day == UNSAID,
                original,
                None if seen == UNSAID else seen,
                _place(sheets[sheet] if sheet >= 0 else "", row, headings[column] if column >= 0 else ""),
                lines.typed.get(index, ""),
                lines.reasons.get(index, ""),
            )


def _place(sheet: str, row: int, column: str) -> str:
    """Where a line stood, as JSON; `sheet` and `column` are JSON already."""
    told = [f'"sheet": {sheet}'] if sheet else []
    if row > 0:
        told.append(f'"row": {row}')
    if column:
        told.append(f'"column": {column}')
    return f"{{{', '.join(told)}}}"


_LINES: Final = (
    "SELECT id, undertaking_id, measure_id, CASE kind WHEN 'plan' THEN 0 ELSE 1 END, period, COALESCE(amount, 0), "
    f"CASE WHEN amount IS NULL THEN 0 ELSE 1 END, COALESCE(day, {UNSAID}), CASE WHEN original THEN 1 ELSE 0 END, "
    f"COALESCE(seen, {UNSAID}) FROM intake_submissionline WHERE submission_id = %s ORDER BY id"
)
_REASONS: Final = "SELECT id, reason FROM intake_submissionline WHERE submission_id = %s AND reason <> ''"


def read(submission: Submission) -> tuple[Columns, Whole]:
    """The lines of a submission without their places in a file, and their numbers."""
    table = judging_reads.whole_rows(10, iter([(_LINES, [submission.pk])]))
    number = np.ascontiguousarray(table[:, 0])
    none = np.full(len(table), UNSAID, dtype=np.int64)
    columns = Columns(
        undertaking=table[:, 1],
        measure=table[:, 2],
        kind=table[:, 3],
        period=table[:, 4],
        amount=table[:, 5],
        told=table[:, 6] > 0,
        day=table[:, 7],
        seen=table[:, 9],
        original=table[:, 8] > 0,
        row=np.zeros(len(table), dtype=np.int64),
        column=none,
        sheet=none,
        reasons=_by_place(number, _reasons(submission)),
        evidence=_evidence(submission, number),
    )
    return columns, number


Told = tuple[Slot, tuple[int | None, int | None], int, bool]


def slots(lines: Columns) -> Iterator[Slot]:
    """The slot of each line."""
    columns = (column.tolist() for column in (lines.undertaking, lines.measure, lines.kind, lines.period))
    return ((undertaking, measure, KINDS[kind], period) for undertaking, measure, kind, period in zip(*columns, strict=True))


def told(lines: Columns) -> Iterator[Told]:
    """Of each line its slot, what it says as the ledger stores it, what its writer saw there, and whether it is a first wording."""
    rest = (column.tolist() for column in (lines.amount, lines.told, lines.day, lines.seen, lines.original))
    for slot, amount, has_amount, day, seen, original in zip(slots(lines), *rest, strict=True):
        yield slot, (amount if has_amount else None, None if day == UNSAID else day), seen, original


@dataclass(frozen=True, slots=True, eq=False)
class Lines(Sequence[Line]):
    """Columns as the ledger takes them: each line is made when it is looked at, and not kept."""

    columns: Columns

    def __len__(self) -> int:
        return len(self.columns)

    @overload
    def __getitem__(self, index: int) -> Line: ...
    @overload
    def __getitem__(self, index: slice) -> list[Line]: ...
    def __getitem__(self, index: int | slice) -> Line | list[Line]:
        if isinstance(index, slice):
            return [self.columns.line(place) for place in range(len(self))[index]]
        return self.columns.line(range(len(self))[index])


def _reasons(submission: Submission) -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_REASONS, [submission.pk])
        found: list[tuple[int, str]] = cursor.fetchall()
    return found


def _by_place(number: Whole, told: Iterable[tuple[int, str]]) -> Mapping[int, str]:
    """What is told of lines by their numbers, by their places."""
    found = dict(told)
    if not found:
        return {}
    places = np.searchsorted(number, np.fromiter(found, dtype=np.int64, count=len(found))).tolist()
    return dict(zip(places, found.values(), strict=True))


def _evidence(submission: Submission, number: Whole) -> dict[int, tuple[Evidence, ...]]:
    """The files behind the lines, by the line's place."""
    through = SubmissionLine.evidence.through
    links = through.objects.filter(submissionline__submission=submission).select_related("evidence__undertaking").order_by("pk")
    shown: dict[int, tuple[Evidence, ...]] = {}
    for link in links:
        place = int(np.searchsorted(number, link.submissionline_id))
        shown[place] = (*shown.get(place, ()), link.evidence)
    return shown
