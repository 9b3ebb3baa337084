"""A nation's ledger as columns: undertakings by the million with two years of plans and reports, and their lights on DuckDB.

The lake is what `duban.core.history.LAKE` says: sorted by year, measure, kind, undertaking and
period, each entry naming the one that replaced it. Beside it lie the pages of its years (`duban.core.pages`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from bench import ground
from duban.core import laid, lights, periods, rulebook, rulefile, sql
from duban.core.history import STILL, TERMS
from duban.core.rulebook import Rulebook

AS_OF = date(2021, 8, 31)
YEARS = (2020, 2021)
"""The years that have pages."""
PROGRAMMES = 40
MONTHS = 24
EVERY = 20
"""One slot in so many was corrected."""
MEASURES = (
    (1, "invested", "amount", "year", 1),
    (2, "total", "amount", "life", 1),
    (3, "progress", "amount", "level", 1),
    (4, "converted", "day", "level", 1),
    (5, "start", "day", "level", 1),
    (6, "enrolled", "day", "level", 1),
    (7, "finish", "day", "level", 1),
    (8, "produced", "day", "level", 1),
)
TOTAL, PROGRESS = 32, 36
"""Programmes after these are led by the second and by the third measure; the others by the first."""
COLUMNS = ("seq", "undertaking_id", "measure_id", "kind", "period", "amount", "day", "replaces", "replaced_by")


def _ends(first: tuple[int, int]) -> list[int]:
    months = first[0] * 12 + first[1] - 1
    return [periods.to_number(periods.last_day((months + n) // 12, (months + n) % 12 + 1)) for n in range(MONTHS)]


HABITS = {"unplanned": 17, "mute": 3, "silent": 7, "late": 9, "idle": 11, "hurried": 13}
"""Of fifty undertakings one each has no plan, reports nothing, nothing since April, nothing in August, nothing new, or has caught up."""
DATED = (  # of every eight: the measure, the kind, the period and the day of two slots
    ((5, "plan", 20211231, 20210615), (8, "plan", 20211231, 20211115)),
    ((5, "report", 20210531, 20210510), (7, "plan", 20211231, 20211130)),
    ((5, "report", 20201130, 20201110), (6, "report", 20201231, 20201220)),
    ((5, "report", 20200430, 20200420), (7, "plan", 20210630, 20210615)),
    ((5, "report", 20200430, 20200420), (7, "report", 20210430, 20210420)),
    ((7, "report", 20210731, 20210705), (8, "plan", 20211231, 20210815)),
    ((4, "plan", 20211231, 20210715), (5, "plan", 20211231, 20220315)),
    ((5, "plan", 20211231, 20210820), (6, "plan", 20211231, 20211020)),
)


def slots(size: int) -> Iterator[str]:
    """Every slot, as queries of (u, m, kind, period, amount, day), each of one kind and period."""
    lead = f"CASE WHEN u % {PROGRAMMES} >= {PROGRESS} THEN 3 WHEN u % {PROGRAMMES} >= {TOTAL} THEN 2 ELSE 1 END"
    monthly, pace = "(1 + u * 7919 % 9000) * 10000", "(40 + u * 104729 % 80)"
    for kind, ends in (("plan", _ends((2020, 1))), ("report", _ends((2019, 9)))):
        for place, end in enumerate(ends):
            year, month = end // 10_000, end // 100 % 100
            share = "100" if kind == "plan" else f"CASE WHEN u % 50 = {HABITS['hurried']} THEN {100 if month > 7 else 20} ELSE {pace} END"
            late = f" WHEN u % 50 = {HABITS['idle']} THEN 5" if kind == "report" and year == 2021 and month > 5 else ""
            since = f"CASE WHEN {lead} <> 1 THEN {place + 1}{late} ELSE {month} END"
            amount = (
                f"CASE WHEN {lead} = 3 THEN {(place + 1) * 100 // MONTHS} * 100 * {share} ELSE {monthly} * ({since}) * {share} // 100 END"
            )
            left_out = [HABITS["unplanned"]] if kind == "plan" else [HABITS["mute"]]
            if kind == "report" and year == 2021:
                left_out += [HABITS["silent"]] * (month > 4) + [HABITS["late"]] * (month > 7)
            yield (
                f"SELECT u, {lead} AS m, '{kind}' AS kind, {end} AS period, {amount} AS amount, NULL::BIGINT AS day FROM range({size}) t(u)"
                f" WHERE u % 50 NOT IN ({', '.join(map(str, left_out))})"
            )
    for of_two in zip(*DATED, strict=True):
        for place, (measure, kind, period, day) in enumerate(of_two):
            yield (
                f"SELECT u, {measure} AS m, '{kind}' AS kind, {period} AS period, NULL::BIGINT AS amount, {day} AS day"
                f" FROM range({size}) t(u) WHERE u // 4 % {len(DATED)} = {place}"
            )


BLOCKS = 2 * MONTHS + 2 * len(DATED)


def entries(size: int) -> str:
    """The slots with their corrections, numbered as they came: a period's reports, then what was corrected of them."""
    corrected = size // EVERY + BLOCKS
    told = []
    for block, slot in enumerate(slots(size)):
        first = block * (size + corrected) + 1
        again = f"(u + {block}) % {EVERY} = 0"
        later = f"{first + size} + (u + {block}) // {EVERY}"
        told.append(
            f"SELECT {first} + u AS seq, u + 1 AS undertaking_id, m AS measure_id, kind, period, amount, day, NULL::BIGINT AS replaces, "
            f"CASE WHEN {again} THEN {later} ELSE {STILL} END AS replaced_by FROM ({slot})"
        )
        withdrawn = f"(u + {block}) % {EVERY * 20} = 0"
        amount, day = (f"CASE WHEN NOT {withdrawn} THEN {said} END" for said in ("amount * 99 // 100", "day"))
        told.append(f"SELECT {later}, u + 1, m, kind, period, {amount}, {day}, {first} + u, {STILL} FROM ({slot}) WHERE {again}")
    return " UNION ALL ".join(told)


def head(size: int) -> int:
    """A number that no entry goes beyond."""
    return BLOCKS * (size + size // EVERY + BLOCKS)


def lay(size: int, folder: Path = ground.KEPT) -> Path:
    """Make the lake once, and say where it lies."""
    made = hashlib.sha256(f"{size}".encode() + Path(__file__).read_bytes()).hexdigest()[:16]
    kept = folder / f"lake-{size}-{made}"
    if kept.exists():
        return kept
    for stale in folder.glob(f"lake-{size}-*"):
        for file in stale.iterdir():
            file.unlink()
        stale.rmdir()
    part = kept.with_suffix(".part")
    part.mkdir(parents=True, exist_ok=True)
    duck = connected(None)
    duck.execute(
        f"COPY (SELECT {', '.join(COLUMNS)} FROM ({entries(size)}) ORDER BY period // 10000, measure_id, kind, undertaking_id, period, seq)"
        f" TO '{part / 'ledger.parquet'}' (FORMAT parquet)"
    )
    duck.close()
    with connected(part, size) as duck:
        for year in YEARS:
            turn(duck, size, year, part / f"pages-{year}.parquet")
    part.rename(kept)
    return kept


def turn(duck: Any, size: int, year: int, file: Path) -> None:
    """Write the pages of one year from the entries of the lake that `duck` is connected to."""
    rows = sql.literal(laid.pages(), "duckdb", laid.moment(year=year, head=head(size)))
    duck.execute(f"COPY (SELECT * FROM ({rows}) ORDER BY undertaking_id) TO '{file}' (FORMAT parquet)")


def books() -> dict[int, Rulebook]:
    """Every preset in force somewhere, and one that judges everything, so that every rule has its day."""
    judged = {name: {"judged": True} for name in ("start", "enrolment", "finish", "production", "conversion", "resumption")}
    presets = [rulefile.laid([layer]) for layer in (*rulebook.PRESETS.values(), judged)]
    return {n + 1: presets[n % len(presets)] for n in range(PROGRAMMES)}


def connected(lake: Path | None, size: int = 0) -> Any:
    """DuckDB with the lake and, of `size` undertakings, the registry beside it and the terms of every programme's rulebook."""
    import duckdb

    duck = duckdb.connect()
    if lake is not None:
        duck.execute(f"CREATE VIEW ledger_lake AS SELECT * FROM read_parquet('{lake / 'ledger.parquet'}')")
        if list(lake.glob("pages-*")):
            duck.execute(f"CREATE VIEW ledger_page AS SELECT * FROM read_parquet('{lake / 'pages-*.parquet'}')")
    if not size:
        return duck
    duck.execute("CREATE TABLE registry_measure (id BIGINT, code VARCHAR, holds VARCHAR, accumulates VARCHAR, direction BIGINT)")
    duck.executemany("INSERT INTO registry_measure VALUES (?, ?, ?, ?, ?)", MEASURES)
    duck.execute(
        f"CREATE TABLE registry_programme AS SELECT n + 1 AS id, CASE WHEN n >= {PROGRESS} THEN 3 WHEN n >= {TOTAL} THEN 2 ELSE 1 END"
        f" AS lead_measure_id FROM range({PROGRAMMES}) t(n)"
    )
    whole = "CASE WHEN u % 1000 BETWEEN 1 AND 4 AND u > 1000 THEN u // 1000 * 1000 + 1 END"
    stage = "CASE u % 4 WHEN 0 THEN 'new' WHEN 1 THEN 'continuing' WHEN 2 THEN 'reserve' ELSE '' END"
    duck.execute(
        f"CREATE TABLE registry_undertaking AS SELECT u + 1 AS id, u % {PROGRAMMES} + 1 AS programme_id, u % 3000 + 1 AS lead_body_id,"
        f" {whole} AS parent_id, {stage} AS stage FROM range({size}) t(u)"
    )
    duck.execute(f"CREATE TABLE standing_terms ({', '.join(f'{name} BIGINT' for name in TERMS.columns)})")
    judge(duck, AS_OF)
    return duck


def judge(duck: Any, as_of: date) -> None:
    """Put the terms of every programme's rulebook on a day beside the registry."""
    rows = [[row[name] for name in TERMS.columns] for row in lights.terms(books(), as_of=as_of)]
    duck.executemany(f"INSERT INTO standing_terms VALUES ({', '.join('?' * len(TERMS.columns))})", rows)
