"""The rules that a district owns: what each threshold means, its boundary and its source, and the published sets of them.

`duban.core.rulefile` reads and writes them as TOML. Figures with a source are published ones; whatever has none is
duban's own and marked so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Final

from duban.core import periods


@dataclass(frozen=True, slots=True)
class Schedule:
    """What an undertaking is measured against, and how far it may lie behind."""

    curve: str = field(default="own", metadata={"choices": ("own", "linear")})
    """`own`: the plan's own points, a straight line where it has one; `linear`: months passed over twelve of the year's plan."""
    compare: str = field(default="points", metadata={"choices": ("points", "ratio")})
    """`points`: percentage points of the year's plan (Yinchuan 2025); `ratio`: done as a percentage of the schedule (Wuhan)."""
    behind: int = field(default=10, metadata={"least": 0, "most": 100})
    """Amber. Points: more than so many behind; exactly so many is green. Ratio: under so many per cent of the schedule."""
    far_behind: int = field(default=30, metadata={"least": 0, "most": 100})
    """Red. Points: more than so many behind; exactly so many is amber. Ratio: under so many per cent of the schedule."""
    caught_up: bool = True
    """Whether a red that is caught up stays amber until the end of that month (Ouhai)."""


@dataclass(frozen=True, slots=True)
class Start:
    """A planned start (开工) that has come and is not reported."""

    judged: bool = True
    """Whether this is looked at."""
    red_months: int = field(default=3, metadata={"least": 1, "most": 60})
    """Red: the month in which it should have started lies so many months back; amber before. Source: Yinchuan 2025."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A start that is not enrolled in statistics (入库)."""

    judged: bool = False
    """Whether this is looked at; only for programmes that report the day of enrolment."""
    amber_months: int = field(default=1, metadata={"least": 0, "most": 60})
    """Amber: so many months after the start, to the day. Source: Yinchuan 2025."""
    red_months: int = field(default=2, metadata={"least": 0, "most": 60})
    """Red: more than so many months after the start; exactly so many is amber. Source: Yinchuan 2025."""


@dataclass(frozen=True, slots=True)
class Finish:
    """A planned finish (竣工) that has passed and is not reported: red. Source: the supervision ladder."""

    judged: bool = True
    """Whether this is looked at."""


@dataclass(frozen=True, slots=True)
class Production:
    """A finished project that does not produce (竣工未投产)."""

    judged: bool = False
    """Whether this is looked at; only for programmes that report the day of production."""
    amber_months: int = field(default=1, metadata={"least": 0, "most": 60})
    """Amber: so many months after the finish, or the planned day of production has passed. duban's own."""
    red_months: int = field(default=3, metadata={"least": 0, "most": 60})
    """Red: more than so many months after the finish or after the planned day of production. duban's own."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """A project in reserve that was to be converted, or to start, and was not (储备未转化)."""

    judged: bool = True
    """Whether this is looked at."""
    red_months: int = field(default=3, metadata={"least": 1, "most": 60})
    """Red: the month in which it should have been converted lies so many months back; amber before. duban's own."""


@dataclass(frozen=True, slots=True)
class Resumption:
    """A continuing project with no new amount (未复工)."""

    judged: bool = True
    """Whether this is looked at."""
    idle_months: int = field(default=2, metadata={"least": 1, "most": 24})
    """Amber: no new amount in so many months. duban's own."""
    holiday_month: int = field(default=0, metadata={"least": 0, "most": 11})
    """The month of the long holiday (2 for February; 0 for none): in the month after it one month without a new amount is enough."""


@dataclass(frozen=True, slots=True)
class Reports:
    """Reports that are missing."""

    grace_days: int = field(default=10, metadata={"least": 0, "most": 60})
    """Days after a month's end within which its report is not yet missed. duban's own."""
    silent_months: int = field(default=3, metadata={"least": 1, "most": 24})
    """Red: so many months without a report; fewer are grey, because silence is never green. duban's own."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What the five rates are taken of: `due`, what was due by the day; `stage`, all that have reached the stage before."""

    signed: str = field(default="stage", metadata={"choices": ("due", "stage")})
    """签约率: signed, of those due to be signed or of all."""
    started: str = field(default="due", metadata={"choices": ("due", "stage")})
    """开工率: started, of those due to start or of those signed (Zhumadian: 30 of 42 signed)."""
    finished: str = field(default="due", metadata={"choices": ("due", "stage")})
    """竣工率: finished, of those due to finish or of those started."""
    producing: str = field(default="stage", metadata={"choices": ("due", "stage")})
    """达产率: in production, of those due to produce or of those finished."""
    converted: str = field(default="stage", metadata={"choices": ("due", "stage")})
    """转化率: converted or started, of those in reserve that were due or of all that were in reserve."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """How odds of reaching the year's plan are worded."""

    likely: int = field(default=80, metadata={"least": 50, "most": 100})
    """Likely: odds of at least so many in a hundred. duban's own."""
    doubtful: int = field(default=20, metadata={"least": 0, "most": 50})
    """Out of reach: odds of less than so many in a hundred; doubtful between. duban's own."""

    def verdict(self, odds: float) -> str:
        """`likely`, `doubtful` or `out_of_reach`, for odds from 0 to 1."""
        in_hundred = round(odds * 100, 6)  # 0.29 * 100 is a little below 29
        if in_hundred >= self.likely:
            return "likely"
        return "out_of_reach" if in_hundred < self.doubtful else "doubtful"


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Everything that judges a programme. Equal digests judge equally."""

    schedule: Schedule = Schedule()
    start: Start = Start()
    enrolment: Enrolment = Enrolment()
    finish: Finish = Finish()
    production: Production = Production()
    conversion: Conversion = Conversion()
    resumption: Resumption = Resumption()
    reports: Reports = Reports()
    rates: Rates = Rates()
    outlook: Outlook = Outlook()
    labels: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """A district's own words over stages, such as "双进双产" = ["new", "producing"]; nothing is built on them."""
    checks: Mapping[str, str] = field(default_factory=dict)
    """What a finding of each check does to a report: `note`, `explain` or `block`; a check not named only notes."""
    thresholds: Mapping[str, int] = field(default_factory=dict)
    """Thresholds of the checks that differ from their defaults."""

    def digest(self) -> str:
        """SHA-256 over names and values of everything in force."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


STAGES: Final = ("reserve", "new", "continuing", "finished", "producing")
"""From reserve to production (四督四保)."""

PRESETS: Final[dict[str, dict[str, dict[str, Any]]]] = {
    "duban": {},
    "yinchuan": {
        "schedule": {"compare": "points", "behind": 10, "far_behind": 30},
        "start": {"judged": True, "red_months": 3},
        "enrolment": {"judged": True, "amber_months": 1, "red_months": 2},
    },
    "wuhan": {"schedule": {"compare": "ratio", "behind": 80, "far_behind": 60}},
    "linear": {"schedule": {"curve": "linear"}},
}
"""Published sets of figures to begin with: Yinchuan 2025, Wuhan, the plain line, and duban's own defaults."""


NEVER: Final = 0
"""A cut that no day lies before."""


def terms(book: Rulebook, *, on: date) -> dict[str, int]:
    """The numbers that the rules look at on one day: thresholds, and the days before which something has lasted too long.

    Raises `Refusal` "day-unreadable" for a day that no ledger speaks of.
    """
    number, month_end, back = periods.to_number, periods.months_before, periods.back
    day = periods.speakable(on)
    expected = periods.expected_month(day, book.reports.grace_days)
    ratio = book.schedule.compare == "ratio"

    def after(judged: bool, cut: date) -> int:
        return number(cut) if judged else NEVER

    return {
        "ratio": int(ratio),
        "linear": int(book.schedule.curve == "linear"),
        "behind": 100 - book.schedule.behind if ratio else book.schedule.behind,
        "far_behind": 100 - book.schedule.far_behind if ratio else book.schedule.far_behind,
        "caught_up": int(book.schedule.caught_up),
        "start_amber": after(book.start.judged, day),
        "start_red": after(book.start.judged, month_end(day, book.start.red_months)),
        "enrol_amber": after(book.enrolment.judged, back(day, book.enrolment.amber_months)),
        "enrol_red": after(book.enrolment.judged, back(day, book.enrolment.red_months)),
        "finish_red": after(book.finish.judged, day),
        "produce_day": after(book.production.judged, day),
        "produce_amber": after(book.production.judged, back(day, book.production.amber_months)),
        "produce_red": after(book.production.judged, back(day, book.production.red_months)),
        "convert_amber": after(book.conversion.judged, day),
        "convert_red": after(book.conversion.judged, month_end(day, book.conversion.red_months)),
        "idle": after(book.resumption.judged, _idle_since(book.resumption, expected)),
        "silent": number(expected),
        "silent_red": number(month_end(expected, book.reports.silent_months)),
    }


def _idle_since(resumption: Resumption, expected: date) -> date:
    """The month's end at which a continuing project must have stood lower than at `expected`, the last month due."""
    rolling = periods.months_before(expected, resumption.idle_months)
    if resumption.holiday_month and expected.month == resumption.holiday_month + 1:
        return max(rolling, periods.months_before(expected, 1))
    return rolling


TERMS: Final = tuple(terms(Rulebook(), on=date(2021, 8, 31)))
"""The names of the numbers in `terms`, in their order."""
