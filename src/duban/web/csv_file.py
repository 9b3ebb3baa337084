"""A table as a CSV that Excel opens as it is, and the columns by which each of its lines says of when it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from duban.core import formulas
from duban.web.moment import Moment

Column = tuple[str, Callable[[Any], Any]]
"""What a column is called, and what it tells of a row."""


def written(columns: Sequence[Column], rows: Iterable[Any]) -> str:
    """A header and a line for each row: numbers and days as plain as programs read them, everything else in words."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([name for name, _told in columns])
    writer.writerows([_cell(told(row)) for _name, told in columns] for row in rows)
    return "\N{BOM}" + out.getvalue()


def when(now: Moment) -> list[Column]:
    """The day, the moment and the ledger's head, the same on every line."""
    known = timezone.localtime(now.known_at).isoformat(timespec="seconds")
    return [(_("As of"), lambda row: now.as_of), (_("Known at"), lambda row: known), (_("Ledger head"), lambda row: now.head)]


def _cell(said: Any) -> str:
    """Text that no spreadsheet takes for a formula; a number or a day as programs read it; nothing for silence."""
    if said is None:
        return ""
    if isinstance(said, str):
        return formulas.harmless(said)
    return said.isoformat() if isinstance(said, date) else f"{said:.4f}".rstrip("0").rstrip(".")
