"""A table that a reader takes along, as a CSV that Excel opens as it is or as a workbook: both say of when they are and what was asked."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import chain, islice
from typing import IO, Any, Final

import xlsxwriter
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from xlsxwriter.worksheet import Worksheet

from duban.core import formulas
from duban.core.refusals import Refusal
from duban.intake.workbooks.looks import Looks, width
from duban.registry import past
from duban.standing.actions import digest
from duban.web import display
from duban.web.moment import Moment

Column = tuple[str, Callable[[Any], Any]]
"""What a column is called, and what it tells of a row."""
AT_ONCE: Final = 500
"""Rows written, and sent, together."""
MOST: Final = 1_048_575
"""Rows that a sheet holds below its head."""
LONGEST: Final = 32_767
"""Characters that a cell of a workbook holds."""
NARROWEST, WIDEST = 9, 48
"""Columns of a typewriter that a column takes."""
EARLIEST: Final = 1900
"""The first year of which spreadsheets know days."""
DIGITS: Final = 15
"""Digits that spreadsheets keep of a number."""
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def in_batches(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    """Rows as the database reads them, so many together; what stands beside them is looked up once for each batch."""
    reading = rows.iterator(AT_ONCE)
    while batch := list(islice(reading, AT_ONCE)):
        yield batch


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` say what each of `rows` tells; `facts` hold of all of them: of when they are, by which rules, and what was asked."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Any]
    facts: Sequence[tuple[str, Any]]

    def told(self) -> Iterator[list[list[Any]]]:
        """What the columns tell, row by row, so many rows together.

        They are read in the language that is spoken now, and from the registry as it is read now, whoever draws them later.
        """
        language, registry, waiting = translation.get_language(), past.reading(), iter(self.rows)

        def batches() -> Iterator[list[list[Any]]]:
            while True:
                with translation.override(language), past.at(registry):
                    batch = [[tell(row) for _name, tell in self.columns] for row in islice(waiting, AT_ONCE)]
                if not batch:
                    return
                yield batch

        return batches()


def facts(request: HttpRequest, now: Moment, rulebook: str = "") -> list[tuple[str, Any]]:
    """The day, the moment, the ledger's head, the address with its filters and order, and the rulebooks' digest.

    `rulebook` is that digest where it is at hand; without it that of the rulebooks in force.
    """
    return [
        (_("As of"), now.as_of),
        (_("Known at"), timezone.localtime(now.known_at).isoformat(timespec="seconds")),
        (_("Ledger head"), now.head),
        (_("Digest of the rulebooks"), rulebook or digest(as_of=now.as_of, known_at=now.known_at)),
        (_("Address"), request.build_absolute_uri()),
        (_("Note"), _("Work statistics, not official statistics.")),
    ]


def through(columns: Iterable[Column], to: Callable[[Any], Any]) -> list[Column]:
    """The same columns over rows that have what they tell of behind `to`; nothing where there is nothing."""

    def turned(told: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda row: None if (found := to(row)) is None else told(found)

    return [(name, turned(told)) for name, told in columns]


def answer(table: Table, now: Moment, ending: str) -> HttpResponseBase:
    """The table as a file, "csv" or "xlsx". Raises `Refusal` "table-too-long" for more rows than a workbook holds."""
    disposition = content_disposition_header(True, now.names(table.title, ending)) or ""
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    if ending == "xlsx":
        return FileResponse(workbook(table), content_type=XLSX, headers=headers)
    return StreamingHttpResponse(lines(table), content_type="text/csv; charset=utf-8", headers=headers)


def lines(table: Table) -> Iterator[str]:
    """A header and a line for each row: numbers and days as plain as programs read them, everything else in words; then the facts."""
    head = [*(name for name, _tell in table.columns), *(name for name, _fact in table.facts)]
    last = [_cell(fact) for _name, fact in table.facts]
    return _lines(head, last, table.told())


def _lines(head: list[str], last: list[str], batches: Iterable[list[list[Any]]]) -> Iterator[str]:
    yield "\N{BOM}" + _text([[_cell(name) for name in head]])
    for told in batches:
        yield _text([[*map(_cell, row), *last] for row in told])


def _text(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def _cell(said: Any) -> str:
    """Text that no spreadsheet takes for a formula; a number or a day as programs read it; nothing for silence."""
    if said is None:
        return ""
    if isinstance(said, str):
        return formulas.harmless(said)
    return said.isoformat() if isinstance(said, date) else f"{said:.4f}".rstrip("0").rstrip(".")


def workbook(table: Table) -> IO[bytes]:
    """A sheet of rows and one of facts, in a file that vanishes when it is closed. Raises `Refusal` "table-too-long"."""
    out = tempfile.TemporaryFile()  # noqa: SIM115  # whoever sends it closes it
    never = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    with xlsxwriter.Workbook(out, {"constant_memory": True, **never}) as book:
        _Sheets(book, table).drawn()
    out.seek(0)
    return out


class _Sheets:
    """The sheets of one table's workbook while they are drawn."""

    def __init__(self, book: xlsxwriter.Workbook, table: Table) -> None:
        self.book, self.table = book, table
        self.looks = Looks(book, display.language(), left=table.title, right=f"{table.facts[0][0]} {_cell(table.facts[0][1])}")
        style = self.looks.style
        self.head = style(bold=True, text_wrap=True, bottom=1)
        self.text, self.day = style(valign="top"), style(valign="top", num_format="yyyy-mm-dd", align="left")
        self.whole, self.part = style(valign="top", num_format="#,##0"), style(valign="top", num_format="#,##0.00##")

    def drawn(self) -> None:
        """Draw both sheets. Raises `Refusal` "table-too-long"."""
        names = [name for name, _tell in self.table.columns]
        batches = self.table.told()
        first = next(batches, [])
        sheet = self.book.add_worksheet(_("List"))
        self._framed(sheet, names, first)
        count = 0
        for told in chain([first], batches):
            if count + len(told) > MOST:
                raise Refusal("table-too-long", most=MOST)
            for row in told:
                count += 1
                self._row(sheet, count, row)
        sheet.autofilter(0, 0, max(count, 1), max(len(names) - 1, 0))
        about = self.book.add_worksheet(_("About this file"))
        about.set_column(0, 0, 18)
        about.set_column(1, 1, 80)
        self.looks.printed(about, landscape=False)
        for place, (name, fact) in enumerate(self.table.facts):
            self._row(about, place, [name, fact])

    def _framed(self, sheet: Worksheet, names: Sequence[str], first: list[list[Any]]) -> None:
        """Columns as wide as what they tell first, and their names, which stay in sight and are repeated on every printed page."""
        for place, name in enumerate(names):
            widest = max((width(_cell(row[place])) for row in first), default=0)
            sheet.set_column(place, place, min(max(widest, width(name), NARROWEST) + 2, WIDEST))
        self.looks.printed(sheet, landscape=True)
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        for place, name in enumerate(names):
            sheet.write_string(0, place, name, self.head)

    def _row(self, sheet: Worksheet, place: int, told: Iterable[Any]) -> None:
        """One row: days and numbers as such where a spreadsheet has them, text as text whatever it begins with."""
        for column, said in enumerate(told):
            if said is None:
                continue
            if isinstance(said, date) and said.year >= EARLIEST:
                sheet.write_datetime(place, column, said, self.day)
            elif not isinstance(said, str | date) and exact(said):
                sheet.write_number(place, column, said, self.whole if said == int(said) else self.part)
            else:
                sheet.write_string(place, column, (said if isinstance(said, str) else _cell(said))[:LONGEST], self.text)


def exact(number: Decimal | float) -> bool:
    """Whether a spreadsheet keeps every digit of a number; what it would round is written as text."""
    return not isinstance(number, Decimal | int) or len(Decimal(number).normalize().as_tuple().digits) <= DIGITS
