"""The lights of a nation from Parquet, against what DuckDB takes to look at the columns, and against the same asked by hand.

The floor is sums over every column of the ledger that lights look at: each is read, and nothing is kept.

The rivals tell less: of every undertaking what is done, planned and promised for the year, and whether that is more than ten or
thirty points short. They know no rulebook, no days, no memory, no cure, and nothing that was said of other years.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import lake
from bench.measuring import Row, alternate
from duban.core import lights, sql
from duban.core.heard import Layout
from duban.core.pages import PAGES
from duban.core.periods import to_number

MOST_TIMES, OF_SUMS, HEAVIEST = 1.5, 2, 3_000
COLUMNS = ("seq", "replaced_by", "undertaking_id", "measure_id", "kind", "period", "amount", "day")
SLOT = ("undertaking_id", "measure_id", "kind", "period")
LEADS = (1, 2, 3)
FAR, NEAR = 30, 10
YEAR = (20210101, 20211231)
THREADS, MEMORY = 2, "2500MB"


def nation(size: int, runs: int) -> list[Row]:
    """Everything that is measured of one lake; pandas, which keeps all of it in memory, only of a tenth."""
    path, tenth = lake.lay(size), lake.lay(size // 10)
    made: dict[str, Any] = {"pages": _text(size, "pages"), "columns": _text(size, "columns"), "small": _text(size // 10, "pages")}
    connect = {name: lambda: made.update(duck=_asked(lake.connected(path, size))) for name in ("lights", "entries", "laid")}
    told = alternate(
        {
            "summed": lambda: _summed(path, "ledger_lake", COLUMNS),
            "read": lambda: _read(path),
            "pages": lambda: _summed(path, f"ledger_page WHERE year = {YEAR[0]}", PAGES.columns),
            "lights": lambda: made["duck"].execute(made["pages"]),
            "entries": lambda: made["duck"].execute(made["columns"]),
            "by hand": lambda: _by_hand(path),
            "window": lambda: _window(path),
            "polars": lambda: _polars(path),
        },
        runs=runs,
        before=connect,
    )
    made["duck"].close()  # a copy of the process has not its threads
    laid = alternate({"laid": lambda: _laid(made["duck"], size)}, runs=1, before=connect)
    made["duck"].close()
    small = alternate(
        {"lights": lambda: made["duck"].execute(made["small"]), "pandas": lambda: _pandas(tenth)},
        runs=runs,
        before={"lights": lambda: made.update(duck=_asked(lake.connected(tenth, size // 10)))},
    )
    floor, name = told["summed"], f"lights of {size:,} undertakings by every rule"
    return [
        Row("floor: sums over every column of the ledger", floor),
        Row("  every column read into memory", told["read"], floor),
        Row("  sums over every column of the year's pages", told["pages"], floor),
        Row(name + ", from pages", told["lights"], floor, OF_SUMS, heaviest=HEAVIEST),
        Row("  against every column read into memory", told["lights"], told["read"], MOST_TIMES),
        Row("  against sums over the pages", told["lights"], told["pages"]),
        Row(name + ", from entries", told["entries"], floor),
        Row("DuckDB from pages, by hand, three rules", told["by hand"], floor),
        Row("DuckDB with a window, by hand, three rules", told["window"], floor),
        Row("Polars, streaming, by hand, three rules", told["polars"], floor),
        Row("laying the pages of a year, once", laid["laid"], floor),
        Row(f"lights of {size // 10:,} undertakings by every rule", small["lights"]),
        Row("pandas, by hand, three rules, against it", small["pandas"], small["lights"]),
    ]


def _asked(duck: Any) -> Any:
    duck.execute(f"SET threads={THREADS}")
    duck.execute(f"SET memory_limit='{MEMORY}'")
    return duck


def _read(path: Path) -> None:
    with _asked(lake.connected(path)) as duck:
        duck.execute(f"CREATE TEMP TABLE told AS SELECT {', '.join(COLUMNS)} FROM ledger_lake")


def _summed(path: Path, rows: str, columns: Sequence[str]) -> None:
    sums = ", ".join(f"MAX({column})" if column == "kind" else f"SUM({column})" for column in columns)
    with _asked(lake.connected(path)) as duck:
        duck.execute(f"SELECT {sums} FROM {rows}").fetchall()


def _text(size: int, layout: Layout) -> str:
    """The lights' SQL, with all their rules; compiled once a process."""
    books = lake.books().values()
    values = lights.moment(as_of=lake.AS_OF, head=lake.head(size), rules=books)
    expression = lights.lights(layout, idles=len(lights.idle_cuts(books, lake.AS_OF)))
    return f"CREATE TEMP TABLE lit AS {sql.literal(expression, 'duckdb', values)}"


def _laid(duck: Any, size: int) -> None:
    with TemporaryDirectory(prefix="duban-pages-") as folder:
        lake.turn(duck, size, lake.AS_OF.year, Path(folder) / "pages.parquet")


LIGHT = f"""CASE WHEN target IS NULL OR done IS NULL THEN 'grey'
    WHEN (planned - done) * 100 > target * {FAR} THEN 'red'
    WHEN (planned - done) * 100 > target * {NEAR} THEN 'amber' ELSE 'green' END AS light"""


def _by_hand(path: Path) -> None:
    """What the pages are worth without the lights: the newest month of each kind, and the same three rules."""
    months = [f"{month:02}" for month in reversed(range(1, 13))]
    ended = [month for month in months if int(month) <= lake.AS_OF.month]
    done, planned, target = (
        f"COALESCE({', '.join(f'{kind}_{month}' for month in listed)})"
        for kind, listed in (("report", ended), ("plan", ended), ("plan", months))
    )
    with _asked(lake.connected(path)) as duck:
        said = f"SELECT undertaking_id, {done} AS done, {planned} AS planned, {target} AS target FROM ledger_page WHERE year = {YEAR[0]}"
        duck.execute(f"CREATE TEMP TABLE lit AS SELECT *, {LIGHT} FROM ({said})")


def _window(path: Path) -> None:
    """As a good analyst would write it: the newest entry of each slot by a window, then one group an undertaking."""
    day = to_number(lake.AS_OF)
    with _asked(lake.connected(path)) as duck:
        duck.execute(
            f"""
            CREATE TEMP TABLE lit AS
            WITH newest AS (
                SELECT undertaking_id, kind, period, amount FROM ledger_lake
                WHERE period BETWEEN {YEAR[0]} AND {YEAR[1]} AND measure_id IN {LEADS}
                QUALIFY ROW_NUMBER() OVER (PARTITION BY {", ".join(SLOT)} ORDER BY seq DESC) = 1
            ), told AS (
                SELECT undertaking_id,
                    ARG_MAX(amount, period) FILTER (kind = 'report' AND period <= {day}) AS done,
                    ARG_MAX(amount, period) FILTER (kind = 'plan' AND period <= {day}) AS planned,
                    ARG_MAX(amount, period) FILTER (kind = 'plan') AS target
                FROM newest GROUP BY undertaking_id
            )
            SELECT *, {LIGHT}
            FROM told
            """
        )


def _polars(path: Path) -> None:
    import polars as pl

    day, kind, period = to_number(lake.AS_OF), pl.col("kind"), pl.col("period")
    newest = (
        pl.scan_parquet(path / "ledger.parquet")
        .filter(period.is_between(*YEAR) & pl.col("measure_id").is_in(LEADS))
        .group_by(SLOT)
        .agg(pl.col("amount").get(pl.col("seq").arg_max()))
    )

    def last(where: Any) -> Any:
        return pl.col("amount").filter(where).get(period.filter(where).arg_max(), null_on_oob=True)

    told = newest.group_by("undertaking_id").agg(
        done=last((kind == "report") & (period <= day)), planned=last((kind == "plan") & (period <= day)), target=last(kind == "plan")
    )
    short, target = (pl.col("planned") - pl.col("done")) * 100, pl.col("target")
    light = pl.when(short > target * FAR).then(pl.lit("red")).when(short > target * NEAR).then(pl.lit("amber")).otherwise(pl.lit("green"))
    told.with_columns(light=pl.when(short.is_null() | target.is_null()).then(pl.lit("grey")).otherwise(light)).collect(engine="streaming")


def _pandas(path: Path) -> None:
    import numpy as np
    import pandas as pd

    day = to_number(lake.AS_OF)
    entries = pd.read_parquet(path / "ledger.parquet", columns=["seq", *SLOT, "amount"])
    entries = entries[entries["period"].between(*YEAR) & entries["measure_id"].isin(LEADS)]
    newest = entries.sort_values("seq").drop_duplicates(list(SLOT), keep="last").sort_values("period")
    plans, reports = (newest[newest["kind"] == kind] for kind in ("plan", "report"))

    def last(rows: Any) -> Any:
        return rows.groupby("undertaking_id")["amount"].last()

    told = pd.DataFrame(
        {"done": last(reports[reports["period"] <= day]), "planned": last(plans[plans["period"] <= day]), "target": last(plans)}
    )
    short = (told["planned"] - told["done"]) * 100
    told["light"] = np.select(
        [short.isna() | told["target"].isna(), short > told["target"] * FAR, short > told["target"] * NEAR],
        ["grey", "red", "amber"],
        "green",
    )
