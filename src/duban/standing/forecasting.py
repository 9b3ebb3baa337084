"""Forecasts from the ledger: read on a day and at a head, told undertaking by undertaking, and replayed for days that have passed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from typing import Final

import ibis.expr.types as ir
import numpy as np
from django.db import connection
from django.utils import timezone

from duban.core import backtest, fixed, periods, rulebook
from duban.core.backtest import Backtest
from duban.core.courses import HEADING, Courses, Told
from duban.core.forecast import LATER, LEVELS, TOO_LITTLE, Forecast, ForecastRules, UnderWay, forecast
from duban.ledger import reads, running
from duban.registry import past, rulebooks

REPORTED: Final = timedelta(days=15)
"""By so long after a month's end its reports have been accepted, where a replay asks what was known then. duban's own."""


@dataclass(frozen=True, slots=True)
class Quantiles:
    """The ends of the ranges of 95, 80 and 50 per cent, and the middle."""

    lowest: Decimal
    low: Decimal
    lower: Decimal
    middle: Decimal
    upper: Decimal
    high: Decimal
    highest: Decimal

    @classmethod
    def of(cls, amounts: Sequence[int]) -> Quantiles:
        return cls(*(fixed.from_fixed(amount) for amount in amounts))


@dataclass(frozen=True, slots=True)
class Outlook:
    """How the year of an undertaking, or of a programme, will end; amounts in the lead measure's unit.

    `reason` is a code where nothing can be said: `too_little_history`, with `courses` completed years where more are needed, or why
    there is no course (see `duban.core.courses`). `verdict` is `likely`, `doubtful` or `out_of_reach`. `finish` is the month by whose
    end the plan is reached in the middle case, `earliest` and `latest` the ends of the range of 80 per cent; None is not this year.
    `way` is what a programme had done by each month's end so far, `fan` has the quantiles at those to come. `counted` undertakings stand
    in a programme's sum, `verdicts` of each kind among them; `left_out` have none.
    """

    reason: str = ""
    courses: int = 0
    own: bool = False
    done: Decimal | None = None
    target: Decimal | None = None
    odds: float = 0.0
    verdict: str = ""
    amounts: Quantiles | None = None
    earliest: date | None = None
    finish: date | None = None
    latest: date | None = None
    way: list[tuple[date, Decimal]] = field(default_factory=list)
    fan: list[tuple[date, Quantiles]] = field(default_factory=list)
    counted: int = 1
    left_out: int = 0
    verdicts: Mapping[str, int] = field(default_factory=dict)

    @property
    def reached(self) -> bool:
        """Whether the plan is fulfilled already."""
        return self.done is not None and self.target is not None and self.done >= self.target


@dataclass(frozen=True, slots=True, eq=False)
class Outlooks:
    """What was foretold of a day at a head: of each undertaking asked about, and of each programme the sum of those.

    `why` has the undertakings without a course and the reason, `owner` the programme of each; `ways` what the sums stood at before;
    `worded` how each programme's rulebook words odds.
    """

    as_of: date
    rules: ForecastRules
    each: Forecast
    sums: Forecast
    why: dict[int, str]
    owner: dict[int, int]
    ways: dict[int, list[tuple[date, Decimal]]]
    worded: Mapping[int, rulebook.Outlook]

    def verdict(self, programme: int, odds: float) -> str:
        """`likely`, `doubtful` or `out_of_reach`, by the programme's rulebook."""
        return self.worded[programme].verdict(odds)

    def undertaking(self, key: int) -> Outlook | None:
        """What is foretold of an undertaking; None of one that has no lead measure or was not asked about."""
        if key in self.why:
            return Outlook(reason=self.why[key])
        row = int(np.searchsorted(self.each.key, key))
        if row == self.each.key.size or self.each.key[row] != key:
            return None
        return self._outlook(self.each, row, self.owner[key])

    @property
    def programmes(self) -> dict[int, Outlook]:
        """What is foretold of each programme; of one whose undertakings all have no course, the first one's reason."""
        reasons: dict[int, list[str]] = {}
        for key, reason in self.why.items():
            reasons.setdefault(self.owner[key], []).extend([reason] if reason != HEADING else [])
        verdicts = self._verdicts()
        told = {
            key: replace(self._outlook(self.sums, row, key), left_out=len(reasons.get(key, ())), way=self.ways[key], verdicts=verdicts[key])
            for row, key in enumerate(self.sums.key.tolist())
        }
        bare = {
            key: Outlook(reason=found[0], counted=0, left_out=len(found)) for key, found in reasons.items() if found and key not in told
        }
        return told | bare

    def in_doubt(self, count: int) -> list[int]:
        """At most so many undertakings whose plan is not likely to be reached, those with the least odds first.

        Of equal odds the one comes first that will lack most of its plan.
        """
        told = self.each
        lacking = (told.target - told.amounts[:, LEVELS.index(0.5)]) / np.maximum(told.target, 1)
        order = np.lexsort((told.key, -lacking, told.odds))
        known = ((int(told.key[row]), float(told.odds[row])) for row in order.tolist() if told.known[row])
        return list(islice((key for key, odds in known if self.verdict(self.owner[key], odds) != "likely"), count))

    def _verdicts(self) -> dict[int, Counter[str]]:
        """How many undertakings of each programme have each verdict."""
        found: dict[int, Counter[str]] = defaultdict(Counter)
        for key, odds in zip(self.each.key[self.each.known].tolist(), self.each.odds[self.each.known].tolist(), strict=True):
            found[self.owner[key]][self.verdict(self.owner[key], odds)] += 1
        return found

    def _outlook(self, foretold: Forecast, row: int, programme: int) -> Outlook:
        """One row of a forecast as pages read it."""
        told = _outlook(foretold, row, self.as_of)
        return told if told.reason else replace(told, verdict=self.verdict(programme, told.odds))


def courses(*, head: int, programme: int | None = None) -> Courses:
    """The courses in the ledger as known at `head`, of one programme or of all."""
    values = {"head": head, "programme": programme or 0}

    def ask(expression: ir.Table) -> Sequence[Sequence[int]]:
        text, bound = running.query(expression, values)
        with connection.cursor() as cursor:
            cursor.execute(text, bound)
            found: Sequence[Sequence[int]] = cursor.fetchall()
            return found

    return Courses(Told.read(ask, of_one=programme is not None))


def outlooks(
    *,
    as_of: date,
    head: int,
    programme: int | None = None,
    undertakings: Collection[int] | None = None,
    rules: ForecastRules | None = None,
    fans: bool = False,
    known_at: datetime | None = None,
) -> Outlooks:
    """How the year of `as_of` will end for those who read the ledger up to `head`.

    Of `programme`, or of all; of `undertakings` alone where they are named. Sums are of those asked about. `fans` adds the way to the
    year's end to each undertaking; sums have it always. Odds are worded by the rulebooks in force on `as_of`, as far as they had been
    adopted by `known_at` (None is now).
    """
    rules = rules or ForecastRules()
    known = courses(head=head, programme=programme)
    under_way, why = known.under_way(as_of)
    completed = known.completed(before=as_of.year)
    if programme is not None and np.count_nonzero(completed.sound.programme == programme) < rules.courses:
        completed = courses(head=head).completed(before=as_of.year)
    if undertakings is not None:
        under_way = under_way.rows(np.isin(under_way.undertaking, list(undertakings)))
        why = {key: reason for key, reason in why.items() if key in undertakings}
    each, sums = forecast(under_way, completed, as_of=as_of, head=head, rules=rules, fans=fans)
    owner = dict(zip(known.undertaking.tolist(), known.programme.tolist(), strict=True))
    books = rulebooks.in_force(as_of=as_of, known_at=known_at, led=True)
    worded = {led: book.outlook for led, book in books.items()}
    return Outlooks(as_of, rules, each, sums, why, owner, _ways(known, under_way, as_of), worded)


def _ways(known: Courses, under_way: UnderWay, as_of: date) -> dict[int, list[tuple[date, Decimal]]]:
    """What the undertakings under way had done together by the end of each month of the year so far, programme by programme."""
    days = [day for month in range(1, 13) if (day := periods.last_day(as_of.year, month)) <= as_of]
    stood = known.stood(under_way.undertaking, days)
    return {
        programme: list(zip(days, map(fixed.from_fixed, stood[:, under_way.programme == programme].sum(axis=1).tolist()), strict=True))
        for programme in np.unique(under_way.programme).tolist()
    }


def _outlook(foretold: Forecast, row: int, as_of: date) -> Outlook:
    """One row of a forecast, its odds not yet worded."""
    bare = Outlook(
        courses=int(foretold.courses[row]),
        own=bool(foretold.own[row]),
        done=fixed.from_fixed(int(foretold.done[row])),
        target=fixed.from_fixed(int(foretold.target[row])),
        counted=int(foretold.counted[row]),
    )
    if not foretold.known[row]:
        return replace(bare, reason=TOO_LITTLE)
    odds = float(foretold.odds[row])
    earliest, finish, latest = (_by(as_of.year, int(foretold.finish[row, place])) for place in (1, 3, 5))
    ways = foretold.fan[row].tolist() if foretold.fan.size else []
    fan = [(_end(as_of.year, month), Quantiles.of(way)) for month, way in zip(foretold.months, ways, strict=False)]
    amounts = Quantiles.of(foretold.amounts[row].tolist())
    return replace(bare, odds=odds, amounts=amounts, earliest=earliest, finish=finish, latest=latest, fan=fan)


def _end(year: int, month: int) -> date:
    """The end of a month; that of month 0 is the end of the year before."""
    return periods.last_day(year, month) if month else date(year - 1, 12, 31)


def _by(year: int, month: int) -> date | None:
    return None if month == LATER else periods.last_day(year, max(month, 1))


def months(since: date, until: date) -> Iterator[date]:
    """The ends of months from January to November between two days: in December nothing is left to foretell."""
    day = periods.month_end(since)
    while day <= until:
        if day.month < 12:
            yield day
        day = periods.next_month_end(day)


def replayed(
    *, since: date | None, on: date, head: int, rules: ForecastRules, programme: int | None = None, as_known: bool = False
) -> Backtest:
    """Forecasts made again for each month's end from `since` (the ledger's second year if None) to the last year that ended before `on`.

    They are made from what the ledger says of that day at `head`, corrections included; with `as_known` from what it said by then,
    some days (`REPORTED`) after the month's end.
    """
    came = courses(head=head)
    first = came.first_year
    days = [] if first is None else months(since or date(first + 1, 1, 31), date(on.year - 1, 12, 31))

    def then(day: date) -> Courses:
        end = timezone.make_aware(datetime.combine(day + REPORTED, time.max))
        with past.at(reads.revision(end)):
            return courses(head=min(head, reads.head(end)))

    return backtest.replay(days, then if as_known else lambda day: came, came, rules=rules, programme=programme or 0)
