"""`duban backtest`: what the forecasts would have been worth, on the ledger at hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

import click
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from duban.cli.asked import Month
from duban.cli.frame import command, duban, ready, say
from duban.core.backtest import Compared, Score, score
from duban.core.forecast import ForecastRules
from duban.core.refusals import Refusal
from duban.core.rulebook import Outlook

HEADER = f"  {'month':<6}{'count':>8}{'50 %':>8}{'80 %':>8}{'95 %':>8}{'off':>8}{'line':>8}{'plan':>8}{'saved':>9}{'saved':>9}"
BELOW = f"  {'':<6}{'':>8}{'held':>8}{'held':>8}{'held':>8}{'':>8}{'':>8}{'':>8}{'of line':>9}{'of plan':>9}"
LEGEND = lazy("""held: how often the year ended within the range of 50, 80 and 95 per cent.
off, line, plan: how far off the forecast, the straight line (done × 12 / months passed) and the plan itself were, in points of the plan;
  of a forecast twice the mean pinball loss of its quantiles, of the others the distance from what came.
saved: how much of the straight line's error, and of the plan's, the forecast saves; below zero it adds to it.""")


@duban.command()
@click.option("--programme", help="Only this programme, by code.")
@click.option("--from", "since", type=Month(), help="The first month's end to forecast from. Default: January of the ledger's second year.")
@click.option("--draws", type=click.IntRange(100, 100_000), default=ForecastRules().draws, show_default=True, help="How often to draw.")
@click.option("--as-known", is_flag=True, help="Read the ledger as it was known 15 days after each month's end, not as corrected since.")
@command
def backtest(*, programme: str | None, since: date | None, draws: int, as_known: bool, as_json: bool) -> None:
    """Forecast past years' ends from each month of theirs, and compare with what came."""
    from django.conf import settings
    from django.utils import timezone

    from duban.ledger import reads
    from duban.registry import rulebooks
    from duban.standing import forecasting

    ready()
    rules = ForecastRules(draws=draws)
    on = settings.SET["today"] or timezone.localdate()
    found = forecasting.replayed(since=since, on=on, head=reads.head(), rules=rules, programme=_programme(programme), as_known=as_known)
    outlooks = {programme: book.outlook for programme, book in rulebooks.in_force(as_of=on).items()}
    facts = {
        "draws": draws, "as_known": as_known, "untold": found.untold, "courses": rules.courses,
        "undertakings": _scores(found.undertakings, outlooks), "programmes": _scores(found.programmes, outlooks),
    }  # fmt: skip
    say(as_json, facts, _written(facts))


def _programme(code: str | None) -> int | None:
    from duban.registry.models import Programme

    if code is None:
        return None
    found = Programme.objects.filter(code=code).values_list("pk", flat=True).first()
    if found is None:
        raise Refusal("programme-unknown", programme=code)
    return int(found)


def _scores(compared: Iterable[Compared], outlooks: Mapping[int, Outlook]) -> list[dict[str, Any]]:
    """A row for each month of the year, and one without a month for all of them."""
    parts = list(compared)
    asked = [*((month, [part for part in parts if part.month == month]) for month in range(1, 12)), (None, parts)]
    return [_row(month, told) for month, some in asked if (told := score(some, outlooks))]


def _row(month: int | None, told: Score) -> dict[str, Any]:
    return {"month": month, **asdict(told), "over_line": told.over_line, "over_plan": told.over_plan}


def _written(facts: dict[str, Any]) -> str:
    """The tables as text."""
    lines = []
    headings = {
        "undertakings": _("%(count)s forecasts of undertakings, %(draws)s draws each"),
        "programmes": _("%(count)s forecasts of programmes, %(draws)s draws each"),
    }
    for what, heading in headings.items():
        rows = facts[what]
        if rows:
            counts = {"count": f"{rows[-1]['count']:,}", "draws": f"{facts['draws']:,}"}
            lines += [heading % counts, HEADER, BELOW, *map(_line, rows)]
            lines += [f"  {_verdict(name, *counts)}" for name, counts in rows[-1]["verdicts"].items()] + [""]
    if not lines and not facts["untold"]:
        lines.append(_("Nothing to replay: no year of this ledger is over that has another one before it."))
    if facts["untold"]:
        short = _("Too little history for %(untold)s forecasts: each needs %(courses)s completed years of similar undertakings.")
        lines.append(short % {"untold": f"{facts['untold']:,}", "courses": facts["courses"]})
    return "\n".join([*lines, *([str(LEGEND)] if facts["undertakings"] else [])])


def _line(row: dict[str, Any]) -> str:
    held = "".join(f"{share:>8.1%}" for share in row["held"].values())
    off = "".join(f"{row[name]:>8.2f}" for name in ("loss", "line", "plan"))
    saved = "".join(f"{'–' if row[name] is None else format(row[name], '.0%'):>9}" for name in ("over_line", "over_plan"))
    return f"  {row['month'] or 'all':<6}{row['count']:>8,}{held}{off}{saved}"


def _verdict(name: str, given: int, reached: int) -> str:
    from duban.web.foretold import VERDICTS

    told = _("%(verdict)s: %(given)s") % {"verdict": str(VERDICTS[name]).lower(), "given": f"{given:,}"}
    came = _(", the plan was reached in %(reached)s of them (%(share)s)")
    return told + (came % {"reached": f"{reached:,}", "share": f"{reached / given:.0%}"} if given else "")
