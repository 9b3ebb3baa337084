"""A file of a hundred thousand rows on its way in: read and judged, kept as a draft, accepted; each against what nobody can avoid."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from bench import ground
from bench.ledger import bare_table
from bench.measuring import Row, alternate
from bench.table import MONTHS, YEAR
from duban.core.periods import last_day, to_number

TIMES, HEAVIEST = 3, 600
JUDGED = 100_000
"""Of so many rows on; a file of few takes no longer than a process takes to start."""
OFTEN = 20
"""The bar has to move so many times while the file is read."""


def confirmed(sheet: Any) -> Any:
    """The table's columns as duban proposes to read them."""
    from duban.intake import tables
    from duban.intake.models import TableMapping
    from duban.people.models import Body, User
    from duban.registry.models import Programme

    programme = Programme.objects.get()
    proposal = tables.proposed(sheet, programme=programme)
    meanings = [one.meaning for one in proposal.columns]
    assert [one.role for one in meanings] == ["key", "name", *["report"] * MONTHS], meanings
    return TableMapping.objects.create(
        body=Body.objects.get(code="office"), programme=programme, fingerprint=tables.fingerprint(sheet), name="年度表",
        columns=[one.kept for one in meanings], made_by=User.objects.get(username="reporter"),
    )  # fmt: skip


class Bar:
    """How often reading said how far it had come."""

    def __init__(self) -> None:
        self.moves = 0
        self.last = -1

    def tell(self, done: int, total: int) -> None:
        assert 0 <= done <= total
        self.moves += done != self.last
        self.last = done


def reading(file: Path, rows: int, runs: int) -> tuple[list[Row], int]:
    """The file read and judged, against python-calamine's bare reading of it into Python; and how often the bar moved.

    The peak is this process's and its reader's together, each at its highest.
    """
    import python_calamine

    from duban.intake import judging, tables
    from duban.intake.files.sheets import open_book
    from duban.people.models import Body

    with open_book(file, file.name) as book:
        mapping = confirmed(book.sheet(0))
    office, on = Body.objects.get(code="office"), date(YEAR + 1, 1, 10)
    told: dict[str, Any] = {}

    def bare() -> None:
        rows_read = python_calamine.CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python()
        assert len(rows_read) == rows + 4

    def read() -> Any:
        bar = Bar()
        with open_book(file, file.name) as book:
            sheet = book.sheet(0)
        found = tables.read(sheet, mapping, body=office, period=last_day(YEAR, MONTHS), on=on, tell=bar.tell)
        told["moves"], told["lines"] = bar.moves, found.lines
        return found

    def judged() -> None:
        found = read()
        told["findings"] = len(judging.find(found.lines, on=on))
        assert rows * MONTHS >= len(found.lines) > rows * (MONTHS - 1)
        assert told["findings"] > rows // 400, told["findings"]

    taken = alternate(
        {"bare": bare, "read": read, "judged": judged}, runs=runs, before=dict.fromkeys(("bare", "read", "judged"), told.clear)
    )
    return [
        Row(f"floor: python-calamine reads {rows:,} rows × {MONTHS + 2} columns", taken["bare"]),
        Row(f"a table of {rows * MONTHS:,} amounts read", taken["read"], taken["bare"]),
        Row(
            f"the same read and judged, {told['findings']:,} findings",
            taken["judged"],
            taken["bare"],
            TIMES if rows >= JUDGED else None,
            heaviest=HEAVIEST,
        ),
    ], told["moves"]


def keeping(file: Path, runs: int) -> list[Row]:
    """A month of the file kept as a draft, its checks included, and accepted; each against the bare insert of as many rows.

    The floors are what the driver does fastest into tables with the same columns, indexes and rows, without anything that judges them.
    """
    from django.db import transaction

    from duban.intake import actions, kept, tables
    from duban.intake.files.sheets import open_book
    from duban.intake.models import TableMapping
    from duban.ledger.actions import COLUMNS
    from duban.ledger.bulk import insert
    from duban.people.models import Body, User

    office, on, now = Body.objects.get(code="office"), date(YEAR + 1, 1, 10), datetime(YEAR + 1, 1, 10, 9).astimezone()
    reporter, reviewer = (User.objects.get(username=name) for name in ("reporter", "reviewer"))
    with open_book(file, file.name) as book:
        sheet = book.sheet(0)
    read = tables.read(sheet, TableMapping.objects.get(), body=office, period=last_day(YEAR, MONTHS), on=on).lines
    months = [read.chosen(read.period == to_number(last_day(YEAR, month))) for month in range(1, runs + 1)]
    bare_table("intake_submissionline")
    bare_table("ledger_entry")
    made: dict[str, Any] = {"bare": iter(months), "draft": iter(months), "entries": 0}

    def lines() -> None:
        made["lines"] = list(kept.rows(actions.Submission(pk=0), next(made["bare"])))

    def entries() -> None:
        first, at = 10_000_000 + made["entries"], ground.stored(on)
        by = (at, reporter.pk, reviewer.pk, "", 1)
        told = zip(*(column.tolist() for column in (months[0].undertaking, months[0].measure, months[0].amount)), strict=True)
        period = 20300131 + 10_000 * made["entries"]
        made["rows"] = [(first + n, pk, measure, "report", period, amount, None, None, *by) for n, (pk, measure, amount) in enumerate(told)]
        made["entries"] += len(made["rows"])

    def bare(table: str, columns: tuple[str, ...], rows: str) -> Any:
        with transaction.atomic():
            insert(table, columns, made[rows])

    def draft() -> None:
        made["submission"] = actions.draft(body=office, by=reporter, lines=next(made["draft"]), on=on, origin="table")

    def send() -> None:
        actions.submit(submission=made["submission"], by=reporter, now=now, on=on)

    taken = alternate(
        {
            "lines": lambda: bare("bench_intake_submissionline", kept.COLUMNS, "lines"),
            "draft": draft,
            "entries": lambda: bare("bench_ledger_entry", COLUMNS, "rows"),
            "accept": lambda: actions.accept(submission=made["submission"], by=reviewer, now=now),
        },
        runs=runs,
        before={"lines": lines, "entries": entries, "accept": send},
        apart=False,
    )
    count = f"{np.mean([len(month) for month in months]):,.0f}"
    return [
        Row(f"floor: insert {count} lines", taken["lines"]),
        Row(f"draft of {count} lines, checked and judged", taken["draft"], taken["lines"]),
        Row(f"floor: insert {count} entries", taken["entries"]),
        Row(f"draft of {count} lines accepted", taken["accept"], taken["entries"]),
    ]
