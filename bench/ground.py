"""A ledger of any size, the same on every machine: 36 months of plans and reports, written as SQL.

It goes past `intake`, because accepting 720,000 reports one by one would take hours; the ledger's triggers check
every row all the same. A SQLite ledger is kept under `build/bench`, named by everything that it was made from.
"""

from __future__ import annotations

import hashlib
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from duban.core.periods import last_day, to_number

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "build" / "bench"
"""Where ledgers and files lie that were made once."""
TODAY = date(2021, 12, 31)
YEARS = (2019, 2020, 2021)
PROGRAMMES = 10
LASTING = 3
"""Of these programmes the lead measure counts since the start; of the others, year to date."""
SMALL = 33
"""Undertakings of the last programme; the others share the rest evenly."""
DEPARTMENTS, TOWNS = 20, 10

Row = tuple[Any, ...]


def shape() -> bytes:
    """Whatever decides the shape of the tables."""
    paths = [*sorted((ROOT / "src" / "duban").glob("*/migrations/0*.py")), ROOT / "src/duban/ledger/triggers.py"]
    return b"".join(path.read_bytes() for path in paths)


def digest(size: int) -> str:
    """Names a ledger by its size, this file and the shape of the tables."""
    return hashlib.sha256(f"{size}".encode() + Path(__file__).read_bytes() + shape()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Promise:
    """How one undertaking behaves. `pace` is what it does of each month's plan, in hundredths; `silent` months end its year."""

    pk: int
    measure: int
    monthly: int
    pace: int
    silent: int
    dated: bool
    lasting: bool

    def amount(self, year: int, month: int, pace: int) -> int:
        """Year to date, or since the start, in ten-thousandths."""
        months = month + (12 * (year - YEARS[0]) if self.lasting else 0)
        return self.monthly * months * pace // 100


def stored(day: date) -> str:
    """The evening of a day, as the ledger keeps moments."""
    return str(datetime(day.year, day.month, day.day, 10, tzinfo=UTC).replace(tzinfo=None))


def registry(size: int) -> list[Promise]:
    """Bodies, people, measures, programmes and undertakings; what the undertakings will do."""
    from duban.people.models import Appointment, Body, User
    from duban.registry.models import Measure, Programme, Undertaking

    chance = random.Random(20190101)
    top = Body.objects.create(code="district", kind="district", name="某区", name_en="A district", path="district/")

    def body(kind: str, name: str, name_en: str, order: int) -> Body:
        code = name_en.lower().replace(" ", "-")
        return Body(parent=top, code=code, kind=kind, name=name, name_en=name_en, path=f"district/{code}/", order=order)

    offices = [body("department", f"部门{n}", f"Office {n}", n) for n in range(DEPARTMENTS)]
    towns = [body("town", f"乡镇{n}", f"Town {n}", 100 + n) for n in range(TOWNS)]
    bodies = Body.objects.bulk_create([*offices, *towns])
    offices, towns = bodies[:DEPARTMENTS], bodies[DEPARTMENTS:]
    leader, reporter, reviewer = (User.objects.create_user(role, display_name=role) for role in ("leader", "reporter", "reviewer"))
    for user in (leader, reporter, reviewer):
        Appointment.objects.create(user=user, body=top, role=user.username)
    money = {"unit": "元", "unit_en": "yuan"}
    yearly = Measure.objects.create(code="invested", name="完成投资", name_en="Invested", order=1, **money)
    lasting = Measure.objects.create(code="in-all", name="累计投资", name_en="Invested in all", accumulates="life", order=2, **money)
    for code, name in (("start", "开工"), ("finish", "竣工")):
        Measure.objects.create(code=code, name=name, name_en=code.title(), holds="day", accumulates="life", order=3)
    programmes = [
        Programme.objects.create(
            code=f"programme-{n}",
            name=f"专项{n}",
            name_en=f"Programme {n}",
            owner=top,
            year=2021,
            order=n,
            public=True,
            lead_measure=lasting if n < LASTING else yearly,
        )
        for n in range(PROGRAMMES)
    ]
    for programme in programmes:
        programme.measures.set([programme.lead_measure, *Measure.objects.filter(holds="day")])
    stages = ("continuing", "new", "continuing", "producing")
    Undertaking.objects.bulk_create(
        [
            Undertaking(
                code=f"u-{n}", name=f"事项{n}", name_en=f"Undertaking {n}", kind="project", stage=stages[n % 4], order=n,
                programme=programmes[-1 if n < SMALL else n % (PROGRAMMES - 1)],
                lead_body=offices[n % DEPARTMENTS], town=towns[n // 7 % TOWNS],
                latitude=29.7 + n % 100 / 500, longitude=118.3 + n % 97 / 500,
            )
            for n in range(size)
        ],
        batch_size=500,
    )  # fmt: skip
    return [
        Promise(
            pk=made.pk,
            measure=made.programme.lead_measure_id,
            lasting=made.programme.lead_measure_id == lasting.pk,
            monthly=chance.randint(10_000, 5_000_000) * 10_000,
            pace=chance.choice((45, 65, 72, 85, 88, 92, 97, 100, 100, 101, 103, 104)),
            silent=chance.choice((0,) * 17 + (1, 2, 4)),
            dated=chance.random() < 0.3,
        )
        for made in Undertaking.objects.select_related("programme").order_by("pk")
    ]


def entries(promises: list[Promise], people: dict[str, int], measures: dict[str, int], years: tuple[int, ...]) -> Iterator[Row]:
    """The rows of the ledger in the order of writing: a year's plans in January, then each month's reports, some corrected."""
    chance, seq = random.Random(20211231), 0

    def row(batch: int, day: date, promise: Promise, kind: str, period: date, amount: int | None = None, *, measure: int | None = None,
            happened: date | None = None, replaces: int | None = None) -> Row:  # fmt: skip
        nonlocal seq
        seq += 1
        reason = "更正" if replaces else ""
        return (seq, promise.pk, measure or promise.measure, kind, to_number(period), amount, to_number(happened) if happened else None,
                replaces, stored(day), people["reporter"], people["reviewer"], reason, batch)  # fmt: skip

    batch = 0
    for year in years:
        batch += 1
        january = date(year, 1, 5)
        for promise in promises:
            for month in range(1, 13):
                yield row(batch, january, promise, "plan", last_day(year, month), promise.amount(year, month, 100))
            if promise.dated and year == years[0]:
                for code, day in (("start", date(2019, 3, 20)), ("finish", date(2021, 11, 20 + promise.pk % 8))):
                    yield row(batch, january, promise, "plan", last_day(day.year, day.month), measure=measures[code], happened=day)
        for month in range(1, 13):
            batch += 1
            end = last_day(year, month)
            for promise in promises:
                if promise.dated and (year, month) == (2019, 4):
                    yield row(batch, end, promise, "report", end, measure=measures["start"], happened=date(2019, 4, 2))
                if promise.dated and promise.pk % 3 and (year, month) == (2021, 11):
                    yield row(batch, end, promise, "report", end, measure=measures["finish"], happened=date(2021, 11, 28))
                if year == years[-1] and month > 12 - promise.silent:
                    continue
                yield row(batch, end, promise, "report", end, promise.amount(year, month, promise.pace))
                if chance.random() < 0.01:
                    yield row(batch, end, promise, "report", end, promise.amount(year, month, promise.pace - 1), replaces=seq)


def fill(size: int, years: tuple[int, ...] = YEARS) -> None:
    """An empty, migrated database becomes the ledger of `size` undertakings and these years, in one transaction."""
    from django.db import transaction

    from duban.ledger.actions import COLUMNS
    from duban.ledger.bulk import insert
    from duban.ledger.models import Batch
    from duban.people.models import User
    from duban.registry.models import Measure

    with transaction.atomic():
        promises = registry(size)
        people = dict(User.objects.values_list("username", "pk"))
        measures = dict(Measure.objects.values_list("code", "pk"))
        at = datetime(2019, 1, 5, 10, tzinfo=UTC)
        made = Batch.objects.bulk_create([Batch(origin="bench", recorded_at=at) for _ in range(len(years) * 13)])
        assert made[0].pk == 1, "the database was not empty"
        insert("ledger_entry", COLUMNS, entries(promises, people, measures, years))


def lay(size: int, years: tuple[int, ...] = YEARS) -> int:
    """Make the database of Django's settings the ledger of `size` and these years, and tell its bytes."""
    return lay_out(f"{size}-{len(years)}-{digest(size)}", lambda: fill(size, years))


def lay_out(called: str, filled: Callable[[], None]) -> int:
    """Make the database of Django's settings what `filled` makes of an empty one, and tell its bytes. SQLite copies the kept file."""
    from django.core.management import call_command
    from django.db import connection

    from duban.ledger.reads import head

    if connection.vendor == "postgresql":
        call_command("migrate", verbosity=0, interactive=False)
        if head():
            raise SystemExit("bench: this database is not empty, and nothing of it is deleted; name an empty one")
        filled()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # it would do so by itself a minute later; SQLite never does
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
    database, kept = Path(connection.settings_dict["NAME"]), KEPT / f"{called}.sqlite3"
    if not kept.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        for stale in KEPT.glob(f"{called.rpartition('-')[0]}-*.sqlite3"):
            stale.unlink()
        call_command("migrate", verbosity=0, interactive=False)
        filled()
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        shutil.move(database, kept)
    connection.close()
    shutil.copyfile(kept, database)
    return database.stat().st_size
