"""What every key of a rulebook is called and means, for the people who fill it in.

Where a figure was published it says so; whatever names no source is duban's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from duban.web.check_names import CHECKS


@dataclass(frozen=True, slots=True)
class Words:
    """What a key, or a section, is called, what it means, and who published its figure."""

    name: Any
    meaning: Any = ""
    source: Any = ""


YINCHUAN: Final = lazy("Yinchuan 2025")
WUHAN: Final = lazy("Wuhan")
OUHAI: Final = lazy("Ouhai")
LADDER: Final = lazy("the usual ladder of supervision")
OWN: Final = lazy("duban's own")

PRESETS: Final[Mapping[str, Words]] = {
    "duban": Words(lazy("duban's own defaults"), lazy("Points behind schedule: more than 10 is amber, more than 30 is red.")),
    "yinchuan": Words(
        lazy("Yinchuan 2025"),
        lazy("As duban's own, and a start that is not enrolled in statistics turns amber after one month and red after two."),
        YINCHUAN,
    ),
    "wuhan": Words(lazy("Wuhan"), lazy("Share of the schedule: under 80 per cent is amber, under 60 per cent is red."), WUHAN),
    "linear": Words(lazy("The plain line"), lazy("Everybody is measured against months passed over twelve of the year's plan.")),
}

SECTIONS: Final[Mapping[str, Words]] = {
    "schedule": Words(lazy("Schedule"), lazy("What an undertaking is measured against, and how far it may lie behind.")),
    "start": Words(lazy("Start"), lazy("A planned start that has come and is not reported.")),
    "enrolment": Words(lazy("Enrolment in statistics"), lazy("A start that is not enrolled in statistics.")),
    "finish": Words(lazy("Finish"), lazy("A planned finish that has passed and is not reported turns red."), LADDER),
    "production": Words(lazy("Production"), lazy("A finished project that does not produce.")),
    "conversion": Words(lazy("Conversion of reserves"), lazy("A project in reserve that was to be converted, or to start, and was not.")),
    "resumption": Words(lazy("Resumption"), lazy("A continuing project with no new amount.")),
    "reports": Words(lazy("Missing reports"), lazy("How long a report may be missing.")),
    "rates": Words(lazy("The five rates"), lazy("What each rate is taken of.")),
    "outlook": Words(lazy("Odds"), lazy("How the odds of reaching the year's plan are worded.")),
    "labels": Words(lazy("Labels"), lazy("The district's own words for stages. No light rests on them.")),
    "checks": Words(
        lazy("Checks"),
        lazy("What a finding of a check does to a report: it is noted, it has to be explained before sending, or the line cannot be sent."),
    ),
    "thresholds": Words(lazy("Thresholds of the checks"), lazy("The numbers that the checks go by.")),
}

_JUDGED: Final = lazy("Looked at")
_RATE: Final = lazy("Of those that were due by the day, or of all that have reached the stage before.")

KEYS: Final[Mapping[tuple[str, str], Words]] = {
    ("schedule", "curve"): Words(
        lazy("Measured against"),
        lazy("The plan's own points, with straight lines between them; or for everybody the straight line of months passed over twelve."),
    ),
    ("schedule", "compare"): Words(
        lazy("The gap is counted"),
        lazy("In percentage points of the year's plan, or as the share that is done of what the schedule asks for."),
    ),
    ("schedule", "behind"): Words(
        lazy("Amber"),
        lazy("Points: more than so many behind; exactly so many is green. Share: under so many per cent of the schedule."),
        YINCHUAN,
    ),
    ("schedule", "far_behind"): Words(
        lazy("Red"),
        lazy("Points: more than so many behind; exactly so many is amber. Share: under so many per cent of the schedule."),
        YINCHUAN,
    ),
    ("schedule", "caught_up"): Words(
        lazy("A red is remembered"), lazy("A red that has caught up stays amber until the month has ended."), OUHAI
    ),
    ("start", "judged"): Words(_JUDGED, lazy("Whether planned starts are looked at.")),
    ("start", "red_months"): Words(
        lazy("Red after, in months"), lazy("The month in which it should have started lies so many months back; amber before."), YINCHUAN
    ),
    ("enrolment", "judged"): Words(_JUDGED, lazy("Only for programmes that report the day of enrolment.")),
    ("enrolment", "amber_months"): Words(lazy("Amber after, in months"), lazy("So many months after the start, to the day."), YINCHUAN),
    ("enrolment", "red_months"): Words(
        lazy("Red after, in months"), lazy("More than so many months after the start; exactly so many is amber."), YINCHUAN
    ),
    ("finish", "judged"): Words(_JUDGED, lazy("Whether planned finishes are looked at."), LADDER),
    ("production", "judged"): Words(_JUDGED, lazy("Only for programmes that report the day of production.")),
    ("production", "amber_months"): Words(
        lazy("Amber after, in months"), lazy("So many months after the finish, or once the planned day of production has passed.")
    ),
    ("production", "red_months"): Words(
        lazy("Red after, in months"), lazy("More than so many months after the finish, or after the planned day of production.")
    ),
    ("conversion", "judged"): Words(_JUDGED, lazy("Whether projects in reserve are looked at.")),
    ("conversion", "red_months"): Words(
        lazy("Red after, in months"), lazy("The month in which it should have been converted lies so many months back; amber before.")
    ),
    ("resumption", "judged"): Words(_JUDGED, lazy("Whether continuing projects are looked at for new amounts.")),
    ("resumption", "idle_months"): Words(lazy("Amber after, in months"), lazy("No new amount in so many months.")),
    ("resumption", "holiday_month"): Words(
        lazy("Month of the long holiday"),
        lazy("2 for February, 0 for none. In the month after it one month without a new amount is enough."),
    ),
    ("reports", "grace_days"): Words(lazy("Days of grace"), lazy("So many days after a month's end its report is not yet missed.")),
    ("reports", "silent_months"): Words(
        lazy("Red after, in months"), lazy("So many months without a report; fewer are grey, because silence is never green.")
    ),
    ("rates", "signed"): Words(lazy("Signed"), _RATE),
    ("rates", "started"): Words(lazy("Started"), _RATE),
    ("rates", "finished"): Words(lazy("Finished"), _RATE),
    ("rates", "producing"): Words(lazy("In production"), _RATE),
    ("rates", "converted"): Words(lazy("Converted"), _RATE),
    ("outlook", "likely"): Words(lazy("Likely"), lazy("Odds of at least so many in a hundred.")),
    ("outlook", "doubtful"): Words(lazy("Out of reach"), lazy("Odds of less than so many in a hundred; doubtful in between.")),
    ("thresholds", "run_reports"): Words(lazy("Long run, in reports"), lazy("So many equal reports in a row are a long run.")),
    ("thresholds", "far_above_percent"): Words(
        lazy("Far above plan, in per cent"), lazy("More than so many per cent of the plan is far above it; exactly so many is not.")
    ),
    ("thresholds", "spike_percent"): Words(
        lazy("Spike, in per cent"),
        lazy("A rise of at least so many per cent of what was told before (points, for progress) may be a spike."),
    ),
    ("thresholds", "spike_back_percent"): Words(
        lazy("Fall after a spike, in per cent"), lazy("The fall after it takes back at least so many per cent of the rise.")
    ),
    ("thresholds", "jump_times"): Words(
        lazy("Jump at a quarter's end, times"),
        lazy("The last month of a quarter brings more than so many times as much as any month looked at before it."),
    ),
    ("thresholds", "jump_reports"): Words(lazy("Jump, new amounts before it"), lazy("So many new amounts must have been told before it.")),
    ("thresholds", "jump_months"): Words(lazy("Jump, months looked at"), lazy("So many months before it are looked at.")),
    ("thresholds", "jump_percent"): Words(
        lazy("Jump, in per cent of all"), lazy("What it brings is at least so many per cent of all that is now told.")
    ),
    ("thresholds", "unit_window"): Words(
        lazy("Unit off, factor"), lazy("Ten thousand times too little or too much, give or take this factor.")
    ),
    ("thresholds", "unit_plan_percent"): Words(
        lazy("Unit off, in per cent of the plan"),
        lazy("Where only a plan was told before: ten thousand times the amount is at least so many per cent of it, and not far above it."),
    ),
    ("thresholds", "parts_permille"): Words(
        lazy("Parts, in thousandths"), lazy("A total may differ from its parts by so many thousandths, for rounding.")
    ),
    ("thresholds", "look_bits"): Words(
        lazy("Photographs, in bits"), lazy("Two photographs look alike when at most so many of the 64 bits of their looks differ.")
    ),
    ("thresholds", "entered_reports"): Words(
        lazy("Entered the list, in reports"),
        lazy("Who reports for the first time has entered the list when others of it have reported at least so many periods before."),
    ),
    **{("checks", code): Words(name) for code, name in CHECKS.items()},
}

CHOICES: Final[Mapping[str, Any]] = {
    "own": lazy("the plan's own points"),
    "linear": lazy("the straight line of months"),
    "points": lazy("in points of the year's plan"),
    "ratio": lazy("as a share of the schedule"),
    "due": lazy("of those due by the day"),
    "stage": lazy("of all of the stage before"),
    "note": lazy("only noted"),
    "explain": lazy("to be explained"),
    "block": lazy("blocks"),
    "true": lazy("yes"),
    "false": lazy("no"),
}
"""What the values of keys are called that are no numbers."""


def value_words(value: Any) -> str:
    """A value as people read it."""
    written = str(value).lower() if isinstance(value, bool) else str(value)
    return str(CHOICES.get(written, written))


def bound_words(section: str, key: str, value: Any, *, share: bool) -> str:
    """A bound with what it counts, where its name does not say so: points or a `share` of the schedule, odds. Else empty."""
    if section == "outlook":
        under = _("under %(count)s in a hundred") if key == "doubtful" else _("from %(count)s in a hundred on")
        return under % {"count": value}
    if section == "schedule" and key in ("behind", "far_behind"):
        beyond = _("under %(count)s per cent of the schedule") if share else _("more than %(count)s points behind")
        return beyond % {"count": value}
    return ""
