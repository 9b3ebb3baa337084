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
from pathlib import Path

from bench import ground
from bench.measuring import Row, Taken, table

SIZES = (1_000, 10_000)


def main() -> int:
    """Each ledger is measured in a process and a folder of its own."""
    asked = argparse.ArgumentParser(prog="bench", description=__doc__)
    asked.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="undertakings in each ledger; lights are bound at the largest")
    asked.add_argument("--rounds", type=int, default=30, help="rounds of requests for each page")
    asked.add_argument("--runs", type=int, default=7, help="runs of everything else")
    asked.add_argument("--one", type=int, help=argparse.SUPPRESS)
    chosen = asked.parse_args()
    if chosen.one:
        sys.stdout.write(json.dumps(one(chosen.one, chosen.rounds, chosen.runs, whole=chosen.one == max(chosen.sizes))))
        return 0
    missed = 0
    for size in chosen.sizes:
        with tempfile.TemporaryDirectory(prefix="duban-bench-") as folder:
            told = _apart(size, Path(folder))
        rows = [
            Row(**{**row, "taken": Taken(**row["taken"]), "floor": Taken(**row["floor"]) if row["floor"] else None}) for row in told["rows"]
        ]
        first = ", ".join(f"{name} {spent:,.0f} ms" for name, spent in told["first"].items())
        sys.stdout.write(f"\n{size:,} undertakings, 36 months, {told['entries']:,} entries, {told['megabytes']:,.0f} MB\n\n{table(rows)}\n")
        sys.stdout.write(f"\nFirst request after the server's start: {first}.\n")
        sys.stdout.flush()
        missed += sum(row.kept is False for row in rows)
    sys.stdout.write(f"\n{missed} bounds missed.\n" if missed else "\nEvery bound is kept.\n")
    return 1 if missed else 0


def _apart(size: int, folder: Path) -> dict[str, object]:
    """Measure one ledger in a new process. Of the settings outside only a PostgreSQL database counts."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DUBAN_")}
    database = os.environ.get("DUBAN_DATABASE_URL", "")
    if database.startswith("postgresql:"):
        kept["DUBAN_DATABASE_URL"] = database
    environment = {
        **kept,
        "DUBAN_STATE": str(folder),
        "DUBAN_MODE": "demo",
        "DUBAN_TODAY": ground.TODAY.isoformat(),
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "PYTHONPATH": str(ground.ROOT),
    }
    command = [sys.executable, "-m", "bench", "--one", str(size), *sys.argv[1:]]
    ran = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(ran.stdout)


def one(size: int, rounds: int, runs: int, *, whole: bool) -> dict[str, object]:
    """Everything that is measured of one ledger."""
    import django

    django.setup()
    logging.disable(logging.INFO)  # the server's own log is not ours
    from django.core.management import call_command

    from bench import ledger, pages
    from duban.ledger.reads import head

    megabytes = ground.lay(size) / 1e6
    call_command("collectstatic", verbosity=0, interactive=False)
    rows, first = pages.measured(rounds)
    told = {"first": first, "entries": head(), "megabytes": megabytes}
    if whole:
        rows += [*ledger.lights(size, runs), *ledger.figures(runs), *ledger.append(min(runs, 3))]
    return {**told, "rows": [asdict(row) for row in rows]}


if __name__ == "__main__":
    sys.exit(main())
