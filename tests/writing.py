"""One of many writers, in a process of its own: `python tests/writing.py HOW WHO SECONDS` on the database of DUBAN_DATABASE_URL.

`apart`: appends to slots that are this writer's alone. `together`: corrects one slot that all of them correct.
`batches`: appends batches of fifty until it is ended. Prints the numbers of what it was told is written.
"""

from __future__ import annotations

import sys
import time
from datetime import date
from decimal import Decimal

import django

django.setup()

from django.utils import timezone  # noqa: E402

from duban.core.periods import last_day  # noqa: E402
from duban.intake.actions import record  # noqa: E402
from duban.ledger.actions import Line  # noqa: E402
from duban.people.models import User  # noqa: E402
from duban.registry.models import Measure, Undertaking  # noqa: E402


def lines(how: str, who: int, turn: int, undertakings: list[int], measure: int) -> list[Line]:
    """What this writer says in its `turn`."""
    if how == "together":
        return [Line(undertakings[0], measure, "report", date(2026, 1, 31), Decimal(who * 1_000_000 + turn), reason="again")]
    many = 50 if how == "batches" else 2
    first = turn * many
    return [
        Line(undertakings[who], measure, "report", last_day(1950 + place // 12, place % 12 + 1), Decimal(place + 1))
        for place in range(first, first + many)
        if place < 2_900
    ]


def main(how: str, who: int, seconds: float) -> None:
    undertakings = list(Undertaking.objects.order_by("pk").values_list("pk", flat=True))
    measure = Measure.objects.get(code="invested").pk
    reporter, reviewer = User.objects.get(username="reporter"), User.objects.get(username="reviewer")
    ends, turn = time.monotonic() + seconds, 0
    while time.monotonic() < ends and (said := lines(how, who, turn, undertakings, measure)):
        entries = record(lines=said, origin="test", name=f"{who}-{turn}", submitted_by=reporter, accepted_by=reviewer, now=timezone.now())
        sys.stdout.write("".join(f"{entry.seq}\n" for entry in entries))
        sys.stdout.flush()
        turn += 1


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
