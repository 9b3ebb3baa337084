"""Lights, figures and appending, each against the floor that the database sets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bench.ground import ENTRY, PROGRAMMES, TODAY, insert
from bench.measuring import Row, alternate

COLUMNS = "seq, undertaking_id, measure_id, kind, period, amount, day, replaces"
MOST_TIMES = 3
LINES = 1000


def _read(sql: str, values: tuple[Any, ...] = ()) -> Any:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def lights(size: int, runs: int) -> list[Row]:
    """Lights computed and kept, lights found again, and what it costs to read the rows that they rest on."""
    from django.db import connection

    from duban.core import lights as core
    from duban.core import sql
    from duban.core.rulebook import Rulebook
    from duban.ledger import reads, running
    from duban.standing.actions import discard, stand

    head = reads.head()
    values = core.moment(as_of=TODAY, head=head, rules=Rulebook())
    year = (values["year_start"], values["year_end"])
    same = "period BETWEEN %s AND %s OR measure_id IN (SELECT id FROM registry_measure WHERE accumulates <> 'year')"

    def compile_() -> None:
        sql.compiled.cache_clear()
        core.lights.cache_clear()
        running.query(core.lights(), values)

    rivals = {
        "read": lambda: _read(f"SELECT {COLUMNS} FROM ledger_entry WHERE {same}", year),
        "scan": lambda: _read(
            f"SELECT {', '.join(f'MAX({column})' for column in COLUMNS.split(', '))} FROM ledger_entry WHERE {same}", year
        ),
        "whole": lambda: _read(f"SELECT {COLUMNS} FROM ledger_entry"),
        "cold": lambda: stand(as_of=TODAY, head=head),
        "warm": lambda: stand(as_of=TODAY, head=head),
        "compile": compile_,
    }
    compile_()
    told = alternate(rivals, runs=runs, before={"cold": lambda: discard(keep=0)})
    rows = _read(f"SELECT COUNT(*) FROM ledger_entry WHERE {same}", year)[0][0]
    return [
        Row(f"floor: read the {rows:,} rows that lights read", told["read"]),
        Row(f"floor: read the whole ledger, {head:,} rows", told["whole"]),
        Row(f"lights of {size:,} undertakings, cold", told["cold"], told["read"], MOST_TIMES if connection.vendor == "sqlite" else None),
        Row("  against maxima over the same rows", told["cold"], told["scan"]),
        Row("lights, kept", told["warm"], told["read"]),
        Row("compiling the lights' SQL, once a process", told["compile"], told["read"]),
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
    """A thousand reports accepted into the ledger at once, against the bare insert of as many rows."""
    from django.db import connection, transaction

    from duban.core.fixed import from_fixed
    from duban.core.periods import last_day, to_number
    from duban.ledger.actions import Line
    from duban.ledger.actions import append as write
    from duban.ledger.models import Batch
    from duban.ledger.reads import head
    from duban.people.models import User
    from duban.registry.models import Undertaking

    people = {user.username: user for user in User.objects.all()}
    promises = list(Undertaking.objects.order_by("pk").values_list("pk", "programme__lead_measure")[:LINES])
    months = iter([last_day(2022 + n // 12, n % 12 + 1) for n in range(2 * runs)])
    now = datetime(2022, 1, 5, 9).astimezone()
    batch = Batch.objects.create(origin="bench", recorded_at=now)

    def accepted() -> Any:
        period = next(months)
        lines = [
            Line(undertaking_id=pk, measure_id=measure, kind="report", period=period, amount=from_fixed(pk * 10_000))
            for pk, measure in promises
        ]
        return write(lines=lines, batch=batch, submitted_by=people["reporter"], accepted_by=people["reviewer"], now=now)

    def bare() -> None:
        period, first, at = to_number(next(months)), head() + 1, connection.ops.adapt_datetimefield_value(now)
        rows = [
            (
                first + n,
                pk,
                measure,
                "report",
                period,
                pk * 10_000,
                None,
                None,
                at,
                people["reporter"].pk,
                people["reviewer"].pk,
                "",
                batch.pk,
            )
            for n, (pk, measure) in enumerate(promises)
        ]
        assert len(rows[0]) == len(ENTRY)
        with transaction.atomic():
            insert(connection, "ledger_entry", ENTRY, rows)

    told = alternate({"bare": bare, "append": accepted}, runs=runs, apart=False)
    return [
        Row(f"floor: insert {len(promises):,} rows", told["bare"]),
        Row(f"append {len(promises):,} reports to the ledger", told["append"], told["bare"]),
    ]
