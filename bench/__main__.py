"""`python -m bench`: print the table and exit with 1 when a bound is missed."""

from __future__ import annotations

import argparse
import json
import logging
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from typing import Any

from bench import ground
from bench.measuring import Row, Taken, table

SIZES = (1_000, 10_000)
ROWS = 100_000
WIDE = 100_000
NATION = 1_000_000


def main() -> int:
    """Each ledger is measured in a process and a folder of its own."""
    asked = argparse.ArgumentParser(prog="bench", description=__doc__)
    asked.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="undertakings in each ledger; lights are bound at the largest")
    asked.add_argument("--rows", type=int, default=ROWS, help="rows of the file that is read and accepted; 0 for no file")
    asked.add_argument("--wide", type=int, default=WIDE, help="undertakings among which one report is accepted; 0 for none")
    asked.add_argument("--nation", type=int, default=NATION, help="undertakings in the lake; 0 for none")
    asked.add_argument("--rounds", type=int, default=30, help="rounds of requests for each page")
    asked.add_argument("--runs", type=int, default=7, help="runs of everything else")
    asked.add_argument("--one", type=int, help=argparse.SUPPRESS)
    asked.add_argument("--file", type=int, help=argparse.SUPPRESS)
    asked.add_argument("--report", type=int, help=argparse.SUPPRESS)
    asked.add_argument("--lake", type=int, help=argparse.SUPPRESS)
    chosen = asked.parse_args()
    if chosen.one or chosen.file or chosen.report or chosen.lake:
        sys.stdout.write(json.dumps(_measured(chosen)))
        return 0
    missed = sum(_shown(_apart("--one", size)) for size in chosen.sizes)
    if chosen.rows and not (chosen.sizes and _postgresql()):  # an empty database serves one ledger or one file
        missed += _shown(_apart("--file", chosen.rows))
    if chosen.wide and not ((chosen.sizes or chosen.rows) and _postgresql()):
        missed += _shown(_apart("--report", chosen.wide))
    if chosen.nation:
        missed += _shown(_apart("--lake", chosen.nation))
    sys.stdout.write(f"\n{missed} bounds missed.\n" if missed else "\nEvery bound is kept.\n")
    return 1 if missed else 0


def _measured(chosen: argparse.Namespace) -> dict[str, Any]:
    """What the process for one ledger tells."""
    if chosen.one:
        return one(chosen.one, chosen.rounds, chosen.runs, whole=chosen.one == max(chosen.sizes))
    if chosen.lake:
        return columns(chosen.lake, min(chosen.runs, 3))
    return file(chosen.file, chosen.runs) if chosen.file else report(chosen.report, chosen.runs)


def _shown(told: dict[str, Any]) -> int:
    """Print what was measured, and tell how many bounds were missed."""
    rows = [
        Row(**{**row, "taken": Taken(**row["taken"]), "floor": Taken(**row["floor"]) if row["floor"] else None}) for row in told["rows"]
    ]
    sys.stdout.write(f"\n{told['about']}, {told['entries']:,} entries, {told['megabytes']:,.0f} MB\n\n{table(rows)}\n\n{told['beside']}\n")
    sys.stdout.flush()
    return sum(row.kept is False for row in rows) + told.get("missed", 0)


def _postgresql() -> str:
    database = os.environ.get("DUBAN_DATABASE_URL", "")
    return database if database.startswith("postgresql:") else ""


def _apart(*asked: object) -> dict[str, Any]:
    """Measure one ledger in a new process. Of the settings outside only a PostgreSQL database counts."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DUBAN_")}
    if database := _postgresql():
        kept["DUBAN_DATABASE_URL"] = database
    with tempfile.TemporaryDirectory(prefix="duban-bench-") as folder:
        environment = {
            **kept,
            "DUBAN_STATE": folder,
            "DUBAN_MODE": "demo",
            "DUBAN_TODAY": ground.TODAY.isoformat(),
            "DJANGO_SETTINGS_MODULE": "bench.settings",
            "PYTHONPATH": str(ground.ROOT),
        }
        command = [sys.executable, "-m", "bench", *sys.argv[1:], *map(str, asked)]
        return json.loads(subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True).stdout)


def _set_up() -> None:
    import django

    django.setup()
    logging.disable(logging.INFO)  # the server's own log is not ours


def one(size: int, rounds: int, runs: int, *, whole: bool) -> dict[str, Any]:
    """Everything that is measured of one ledger."""
    _set_up()
    from django.core.management import call_command

    from bench import forecast, ledger, pages
    from duban.ledger.reads import head

    megabytes = ground.lay(size) / 1e6
    call_command("collectstatic", verbosity=0, interactive=False)
    entries = head()
    drawn = forecast.drawn(size, runs) if whole else []  # first, because what pages leave behind would count as its memory
    rows, anew, first = pages.measured(rounds)
    if whole:
        rows += [*ledger.lights(size, runs), *ledger.figures(runs), *drawn, *ledger.append(min(runs, 3))]
    return {
        "about": f"{size:,} undertakings, 36 months",
        "entries": entries,
        "megabytes": megabytes,
        "rows": [asdict(row) for row in rows],
        "beside": f"With nothing kept: {_listed(anew)}.\n\nFirst request after the server's start: {_listed(first)}.",
    }


def _listed(took: dict[str, float]) -> str:
    return ", ".join(f"{name} {ms:,.0f} ms" for name, ms in took.items())


def file(rows: int, runs: int) -> dict[str, Any]:
    """Everything that is measured of one file."""
    _set_up()
    from bench import intake
    from bench import table as made
    from duban.ledger.reads import head

    megabytes = ground.lay_out(f"file-{rows}-{made.digest(rows)}", lambda: made.fill(rows)) / 1e6
    entries = head()
    measured, moves = intake.reading(made.workbook(rows), rows, runs)
    measured += intake.keeping(made.workbook(rows), min(runs, 3))
    return {
        "about": f"a file of {rows:,} undertakings, {made.MONTHS} months each",
        "entries": entries,
        "megabytes": megabytes,
        "rows": [asdict(row) for row in measured],
        "beside": f"The bar moved {moves} times while the file was read, at least {intake.OFTEN}.",
        "missed": int(moves < intake.OFTEN),
    }


def report(size: int, runs: int) -> dict[str, Any]:
    """Everything that is measured of one accepted report among many undertakings."""
    _set_up()
    from django.core.management import call_command

    from bench import standing
    from duban.ledger.reads import head

    megabytes = ground.lay(size, standing.YEARS) / 1e6
    call_command("collectstatic", verbosity=0, interactive=False)
    entries = head()
    rows = standing.one_report(size, 3 * runs)
    return {
        "about": f"{size:,} undertakings, {12 * len(standing.YEARS)} months",
        "entries": entries,
        "megabytes": megabytes,
        "rows": [asdict(row) for row in rows],
        "beside": "What was brought forward is what is computed anew.",
    }


def columns(size: int, runs: int) -> dict[str, Any]:
    """Everything that is measured of a nation's lake."""
    _set_up()
    from bench import lake, nation

    path = lake.lay(size)
    with lake.connected(path) as duck:
        entries = duck.execute("SELECT COUNT(*) FROM ledger_lake").fetchone()[0]
    rows = nation.nation(size, runs)
    return {
        "about": f"a lake of {size:,} undertakings, {lake.MONTHS} months of plans and of reports",
        "entries": entries,
        "megabytes": sum(part.stat().st_size for part in path.iterdir()) / 1e6,
        "rows": [asdict(row) for row in rows],
        "beside": "Written by hand are three rules; the lights are all of them, with memory, days and cures.",
    }


if __name__ == "__main__":
    sys.exit(main())
