"""The ledger as text, in the order it was written."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

from duban.core import formulas
from duban.ledger.models import Entry

COLUMNS = (
    "seq", "undertaking", "measure", "kind", "period", "amount", "day", "replaces",
    "recorded_at", "submitted_by", "accepted_by", "reason", "batch",
)  # fmt: skip


def entries(*, head: int, as_json: bool) -> Iterator[str]:
    """One line an entry up to `head`, the header first; with `as_json` one JSON object a line and no header."""
    rows = (
        Entry.objects.filter(seq__lte=head)
        .order_by("seq")
        .values_list(
            "seq", "undertaking__code", "measure__code", "kind", "period", "amount", "day", "replaces",
            "recorded_at", "submitted_by__username", "accepted_by__username", "reason", "batch_id",
        )
    )  # fmt: skip
    if not as_json:
        yield _csv(COLUMNS)
    for row in rows.iterator(chunk_size=5000):
        told = dict(zip(COLUMNS, row, strict=True))
        if as_json:
            yield json.dumps(told, default=str, ensure_ascii=False) + "\n"
        else:
            yield _csv(
                ["" if value is None else formulas.harmless(value) if isinstance(value, str) else str(value) for value in told.values()]
            )


def _csv(cells: object) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)  # type: ignore[arg-type]
    return out.getvalue().removesuffix("\r\n") + "\n"  # the writer quotes only what it would end a line with
