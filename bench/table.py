"""A large file and the ledger that it belongs to, the same on every machine.

It is a department's own table of a year: a code, a name, what had been invested by the end of each month in 万元, and a
row of totals. All its undertakings stand in the ledger with their plans. Rows rise from month to month; one in two hundred falls
once, one in a thousand is told in 元.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from bench import ground
from duban.core.periods import to_number

YEAR = 2021
MONTHS = 12
MYRIAD = 10_000


def cells(rows: int) -> Iterator[tuple[int, list[float]]]:
    """Row by row: what is planned for the year and what was invested by the end of each month, in 万元."""
    chance = random.Random(20210101)
    for number in range(rows):
        planned = chance.randint(50, 90_000)
        told, so_far = [], 0.0
        for _ in range(MONTHS):
            so_far += planned * chance.uniform(0.02, 0.13)
            told.append(round(so_far, 2))
        if number % 200 == 7:
            month = chance.randrange(1, MONTHS)
            told[month] = round(told[month - 1] * 0.9, 2)
        if number % 1000 == 11:
            told[-1] = round(told[-1] * MYRIAD)
        yield planned, told


def code(number: int) -> str:
    return f"XM-{YEAR}-{number:06d}"


def name(number: int) -> str:
    return f"某区第{number}号基础设施项目"


def digest(rows: int) -> str:
    """Names the ledger and the file by all that they are made from."""
    return hashlib.sha256(f"{rows}".encode() + Path(__file__).read_bytes() + ground.shape()).hexdigest()[:16]


def fill(rows: int) -> None:
    """An empty, migrated database becomes the ledger of the file's undertakings and their plans."""
    from django.db import transaction

    from duban.ledger.actions import COLUMNS
    from duban.ledger.bulk import insert
    from duban.ledger.models import Batch
    from duban.people.models import Appointment, Body, User
    from duban.registry.models import Measure, Programme, Undertaking

    with transaction.atomic():
        top = Body.objects.create(code="district", kind="district", name="某区", path="district/")
        office = Body.objects.create(code="office", kind="department", name="发改委", path="district/office/", parent=top)
        people = [User.objects.create_user(role, display_name=role) for role in ("reporter", "reviewer")]
        for user, body in zip(people, (office, top), strict=True):
            Appointment.objects.create(user=user, body=body, role=user.username)
        invested = Measure.objects.create(code="invested", name="完成投资", unit="元", accumulates="year", order=1)
        programme = Programme.objects.create(code="works", name="重点项目", owner=top, year=YEAR, lead_measure=invested)
        programme.measures.set([invested])
        made = [
            Undertaking(code=code(n), name=name(n), kind="project", stage="continuing", order=n, programme=programme, lead_body=office)
            for n in range(rows)
        ]
        Undertaking.objects.bulk_create(made, batch_size=2000)
        batch = Batch.objects.create(origin="bench", recorded_at=datetime(YEAR, 1, 5, 10, tzinfo=UTC))
        known = dict(Undertaking.objects.values_list("code", "pk"))
        end, by = to_number(date(YEAR, 12, 31)), (ground.stored(date(YEAR, 1, 5)), people[0].pk, people[1].pk, "", batch.pk)
        insert(
            "ledger_entry",
            COLUMNS,
            (
                (n + 1, known[code(n)], invested.pk, "plan", end, planned * MYRIAD * MYRIAD, None, None, *by)
                for n, (planned, _) in enumerate(cells(rows))
            ),
        )


def workbook(rows: int) -> Path:
    """The file, as a program writes large ones: text in the cells themselves, no row kept in memory."""
    import xlsxwriter

    kept = ground.KEPT / f"workbook-{rows}-{digest(rows)}.xlsx"
    if kept.exists():
        return kept
    ground.KEPT.mkdir(parents=True, exist_ok=True)
    for stale in ground.KEPT.glob(f"workbook-{rows}-*.xlsx"):
        stale.unlink()
    written = kept.with_suffix(".part")
    with xlsxwriter.Workbook(written, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("投资完成情况")
        sheet.write_row(0, 0, [f"{YEAR}年重点项目完成投资情况表"])
        sheet.write_row(1, 0, ["填报单位：发改委", "单位：万元"])
        sheet.write_row(2, 0, ["项目编码", "项目名称", *(f"1-{month}月完成投资" for month in range(1, MONTHS + 1))])
        totals = [0] * MONTHS
        for number, (_, told) in enumerate(cells(rows)):
            sheet.write_row(3 + number, 0, [code(number), name(number), *told])
            totals = [total + round(amount * 100) for total, amount in zip(totals, told, strict=True)]
        sheet.write_row(3 + rows, 0, ["合计", None, *(total / 100 for total in totals)])
    written.rename(kept)
    return kept
