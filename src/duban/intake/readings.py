"""What a file said, as columns: a million cells are a few arrays, and a line is made of them only when somebody looks at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from duban.core import fixed, periods
from duban.core.refusals import Finding
from duban.intake.lines import Said, said
from duban.ledger.actions import Line
from duban.registry.models import Evidence

KINDS: Final = ("plan", "report")
UNSAID: Final = -1
"""In `seen`: nobody said what they saw. In `day`: no day."""

Whole = NDArray[np.int64]
Truth = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Lines as arrays of one length, in the order in which they were read.

    `kind` indexes `KINDS`; `period` and `day` are numbers (20210831), `amount` whole ten-thousandths that mean something only
    where `told` is true. A line with neither amount nor day withdraws its slot. `row` counts from 1 as a spreadsheet does, 0 for
    none; `column` indexes `headings`, `sheet` indexes `sheets`, both -1 for none. What few lines have stands in the sparse
    mappings `reasons`, `typed` and `evidence`, by the line's place in the arrays.
    """

    undertaking: Whole
    measure: Whole
    kind: Whole
    period: Whole
    amount: Whole
    told: Truth
    day: Whole
    seen: Whole
    original: Truth
    row: Whole
    column: Whole
    sheet: Whole
    headings: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    reasons: Mapping[int, str] = field(default_factory=dict)
    typed: Mapping[int, str] = field(default_factory=dict)
    evidence: Mapping[int, tuple[Evidence, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.undertaking)

    def __iter__(self) -> Iterator[Said]:
        return (self.said(index) for index in range(len(self)))

    def place(self, index: int) -> dict[str, Any]:
        """Where the line stood: sheet, row and column, those that are known."""
        found: dict[str, Any] = {}
        if self.sheet[index] >= 0:
            found["sheet"] = self.sheets[self.sheet[index]]
        if self.row[index] > 0:
            found["row"] = int(self.row[index])
        if self.column[index] >= 0:
            found["column"] = self.headings[self.column[index]]
        return found

    def line(self, index: int) -> Line:
        """The line as the ledger takes it."""
        return Line(
            undertaking_id=int(self.undertaking[index]),
            measure_id=int(self.measure[index]),
            kind=KINDS[self.kind[index]],
            period=periods.from_number(int(self.period[index])),
            amount=fixed.from_fixed(int(self.amount[index])) if self.told[index] else None,
            day=periods.from_number(int(self.day[index])) if self.day[index] != UNSAID else None,
            reason=self.reasons.get(index, ""),
            evidence=self.evidence.get(index, ()),
        )

    def said(self, index: int) -> Said:
        """The line with all that intake knows of it."""
        seen = int(self.seen[index])
        return Said(
            self.line(index),
            seen=None if seen == UNSAID else seen,
            original=bool(self.original[index]),
            place=self.place(index),
            typed=self.typed.get(index, ""),
        )

    @classmethod
    def of(cls, lines: Sequence[Line | Said]) -> Columns:
        """The columns of single lines."""
        all_said = [said(line) for line in lines]
        stored = [one.line.said for one in all_said]
        sheets = tuple(dict.fromkeys(one.place["sheet"] for one in all_said if "sheet" in one.place))
        headings = tuple(dict.fromkeys(one.place["column"] for one in all_said if "column" in one.place))
        return cls(
            undertaking=_whole(one.line.undertaking_id for one in all_said),
            measure=_whole(one.line.measure_id for one in all_said),
            kind=_whole(KINDS.index(one.line.kind) for one in all_said),
            period=_whole(periods.to_number(one.line.period) for one in all_said),
            amount=_whole(amount or 0 for amount, _ in stored),
            told=np.array([amount is not None for amount, _ in stored], dtype=np.bool_),
            day=_whole(UNSAID if day is None else day for _, day in stored),
            seen=_whole(UNSAID if one.seen is None else one.seen for one in all_said),
            original=np.array([one.original for one in all_said], dtype=np.bool_),
            row=_whole(one.place.get("row", 0) for one in all_said),
            column=_whole(headings.index(one.place["column"]) if "column" in one.place else -1 for one in all_said),
            sheet=_whole(sheets.index(one.place["sheet"]) if "sheet" in one.place else -1 for one in all_said),
            headings=headings,
            sheets=sheets,
            reasons={place: one.line.reason for place, one in enumerate(all_said) if one.line.reason},
            typed={place: one.typed for place, one in enumerate(all_said) if one.typed},
            evidence={place: one.line.evidence for place, one in enumerate(all_said) if one.line.evidence},
        )

    def chosen(self, wanted: Truth) -> Columns:
        """The lines at which `wanted` is true, in the same order."""
        places = np.cumsum(wanted) - 1

        def kept(sparse: Mapping[int, Any]) -> dict[int, Any]:
            return {int(places[index]): value for index, value in sparse.items() if wanted[index]}

        arrays = {name: getattr(self, name)[wanted] for name in ARRAYS}
        sparse = {name: kept(getattr(self, name)) for name in ("reasons", "typed", "evidence")}
        return Columns(**arrays, **sparse, headings=self.headings, sheets=self.sheets)


ARRAYS: Final = ("undertaking", "measure", "kind", "period", "amount", "told", "day", "seen", "original", "row", "column", "sheet")


def _whole(values: Any) -> Whole:
    return np.fromiter(values, dtype=np.int64)


@dataclass(slots=True)
class Reading:
    """What reading a file gave: the lines that say something new, what was wrong, and how much of what there was.

    `counts` has `rows`, `cells`, `new`, `changed`, `unchanged`, `conflict`, `wrong`, `left_out`; unchanged cells are no lines.
    `period` is the month that the file speaks of, where it speaks of one.
    """

    lines: Columns
    findings: list[Finding] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    period: date | None = None
