"""Lights, figures and appending, each against the floor that the database sets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bench.ground import PROGRAMMES, TODAY
from bench.measuring import Row, alternate

COLUMNS = "seq, undertaking_id, measure_id, kind, period, amount, day, replaces"
MOST_TIMES = 3
LINES = 100_000


def _read(sql: str, values: tuple[Any, ...] = ()) -> Any:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def lights(size: int, runs: int) -> list[Row]:
    """Lights computed and kept, lights found again, and what it costs to read the rows that they rest on."""
    from django.conf import settings
    from django.db import connection

    from duban.core import lights as core
    from duban.core import sql
    from duban.ledger import reads, running
    from duban.standing.actions import stand
    from duban.standing.sheets import discard

    head = reads.head()
    values = core.moment(as_of=TODAY, head=head)
    year = (values["year_start"], values["year_end"])
    same = "period BETWEEN %s AND %s OR measure_id IN (SELECT id FROM registry_measure WHERE accumulates <> 'year')"

    def start() -> None:
        sql.compiled.cache_clear()
        core.built.cache_clear()
        running.ready(core.lights())

    def forget() -> None:
        for path in (settings.STATE / "compiled").glob("*.json"):
            path.unlink()

    rivals = {
        "read": lambda: _read(f"SELECT {COLUMNS} FROM ledger_entry WHERE {same}", year),
        "scan": lambda: _read(
            f"SELECT {', '.join(f'MAX({column})' for column in COLUMNS.split(', '))} FROM ledger_entry WHERE {same}", year
        ),
        "whole": lambda: _read(f"SELECT {COLUMNS} FROM ledger_entry"),
        "cold": lambda: stand(as_of=TODAY, head=head),
        "warm": lambda: stand(as_of=TODAY, head=head),
        "compile": start,
        "read again": start,
    }
    told = alternate(rivals, runs=runs, before={"cold": lambda: discard(keep=0), "compile": forget})
    rows = _read(f"SELECT COUNT(*) FROM ledger_entry WHERE {same}", year)[0][0]
    return [
        Row(f"floor: read the {rows:,} rows that lights read", told["read"]),
        Row(f"floor: read the whole ledger, {head:,} rows", told["whole"]),
        Row(f"lights of {size:,} undertakings, cold", told["cold"], told["read"], MOST_TIMES if connection.vendor == "sqlite" else None),
        Row("  against maxima over the same rows", told["cold"], told["scan"]),
        Row("lights, kept", told["warm"], told["read"]),
        Row("compiling the lights' SQL, once a version", told["compile"], told["read"]),
        Row("reading it where it was kept, once a process", told["read again"], told["read"]),
    ]


def figures(runs: int) -> list[Row]:
    """A figure asked anew, of the smallest programme and of a large one, against reading its slots."""
    from django.core.cache import caches

    from duban.ledger import reads
    from duban.press.figures import answer
    from duban.press.models import Figure
    from duban.registry.models import Programme

    head, rows = reads.head(), []
    for code in (f"programme-{PROGRAMMES - 1}", "programme-4"):
        programme = Programme.objects.select_related("lead_measure").get(code=code)
        measure = programme.lead_measure
        asked = Figure(code=code, operation="ratio", programme=programme, measure=measure, unit="%", decimals=2)
        within = "measure_id = %s AND undertaking_id IN (SELECT id FROM registry_undertaking WHERE programme_id = %s)"
        floor = f"SELECT {COLUMNS} FROM ledger_entry WHERE {within}"
        records = len(answer(asked, as_of=TODAY, head=head).records)
        rivals = {
            "read": lambda floor=floor, ids=(measure.pk, programme.pk): _read(floor, ids),
            "ask": lambda asked=asked: answer(asked, as_of=TODAY, head=head),
            "kept": lambda asked=asked: answer(asked, as_of=TODAY, head=head),
        }
        told = alternate(rivals, runs=runs, before={"ask": caches["process"].clear})
        rows += [
            Row(f"floor: read the slots of {records:,} undertakings", told["read"]),
            Row(f"figure over {records:,} records, asked anew", told["ask"], told["read"]),
            Row("figure, kept", told["kept"], told["read"]),
        ]
    return rows


def append(runs: int) -> list[Row]:
    """A hundred thousand accepted reports into the ledger at once, against the bare insert of the same rows.

    The floor is what the driver does fastest (COPY on PostgreSQL) into a table with the ledger's rows, columns and indexes, but without
    its triggers, constraints and foreign keys. Appending digests the file that the lines came in, looks up every slot and passes
    the triggers.
    """
    import hashlib

    from django.db import connection, transaction

    from duban.core.fixed import from_fixed
    from duban.core.periods import last_day, to_number
    from duban.intake.actions import record
    from duban.ledger.actions import COLUMNS as ENTRY
    from duban.ledger.actions import Line
    from duban.ledger.bulk import insert
    from duban.ledger.models import Batch
    from duban.ledger.reads import head
    from duban.people.models import User
    from duban.registry.models import Undertaking

    reporter, reviewer = (User.objects.get(username=name) for name in ("reporter", "reviewer"))
    promises = list(Undertaking.objects.order_by("pk").values_list("pk", "programme__lead_measure"))
    each = -(-LINES // len(promises))
    span = -(-each // 12)  # few undertakings report over many years, and no two runs the same ones
    years = iter(range(2022, 2022 + 2 * runs * span, span))
    now = datetime(2022, 1, 5, 9).astimezone()
    batch = Batch.objects.create(origin="bench", recorded_at=now)
    bare_table("ledger_entry")

    def reports() -> list[tuple[int, int, Any]]:
        year = next(years)
        months = [last_day(year + n // 12, n % 12 + 1) for n in range(each)]
        return [(pk, measure, month) for pk, measure in promises for month in months][:LINES]

    made: dict[str, Any] = {}

    def lines() -> None:
        told = reports()
        made["file"] = "\n".join(f"{pk},{measure},report,{month},{pk * 10_000}" for pk, measure, month in told).encode()
        made["lines"] = [Line(pk, measure, "report", month, amount=from_fixed(pk * 10_000)) for pk, measure, month in told]

    def accepted() -> Any:
        digest = hashlib.sha256(made["file"]).hexdigest()
        return record(
            lines=made["lines"], origin="bench", name="bench", submitted_by=reporter, accepted_by=reviewer, now=now, digest=digest
        )

    def rows() -> None:
        first, at = head() + 1 + 10_000_000, connection.ops.adapt_datetimefield_value(now)
        first += made.get("bare", 0)
        people = (at, reporter.pk, reviewer.pk, "", batch.pk)
        made["rows"] = [
            (first + n, pk, measure, "report", to_number(month), pk * 10_000, None, None, *people)
            for n, (pk, measure, month) in enumerate(reports())
        ]
        made["bare"] = made.get("bare", 0) + len(made["rows"])

    def bare() -> None:
        with transaction.atomic():
            insert("bench_ledger_entry", ENTRY, made["rows"])

    told = alternate({"bare": bare, "append": accepted}, runs=runs, before={"bare": rows, "append": lines}, apart=False)
    return [
        Row(f"floor: insert {LINES:,} rows", told["bare"]),
        Row(f"append {LINES:,} reports to the ledger", told["append"], told["bare"], MOST_TIMES),
    ]


def bare_table(like: str) -> None:
    """A table with the columns, indexes and rows of another and nothing that judges them, called bench_ and its name."""
    from django.db import connection

    bare = f"bench_{like}"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"CREATE TABLE {bare} (LIKE {like} INCLUDING INDEXES INCLUDING IDENTITY)")
        else:
            cursor.execute(f"PRAGMA table_info({like})")
            keys = ", ".join(f'"{name}"' + (" integer PRIMARY KEY" if primary else "") for _, name, *_, primary in cursor.fetchall())
            cursor.execute(f"CREATE TABLE {bare} ({keys})")
            cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s AND sql IS NOT NULL", [like])
            for (index,) in cursor.fetchall():
                cursor.execute(index.replace(like, bare).replace('INDEX "', 'INDEX "bench_', 1))
            if like == "ledger_entry":  # what the column itself says is unique
                cursor.execute(f"CREATE UNIQUE INDEX {bare}_replaces ON {bare} (replaces)")
        cursor.execute(f"INSERT INTO {bare} SELECT * FROM {like}")
