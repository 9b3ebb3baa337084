"""The example's history, written into the ledger month by month, with the articles that came out on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from duban.core import periods
from duban.demo import tunxi
from duban.demo.breakdown import batches
from duban.demo.rows import SHANGHAI, Line
from duban.intake import actions as intake
from duban.intake.models import Submission
from duban.people.models import Body, User
from duban.registry.models import Measure, Undertaking

ON_FORMS_FROM: Final = datetime(2021, 8, 1, tzinfo=SHANGHAI)
"""Lines accepted since then are sent on forms, so that the lists of submissions are not empty; older ones were carried over."""
A_WHILE: Final = timedelta(minutes=40)


@dataclass(frozen=True, slots=True)
class Names:
    """What the rows' codes stand for."""

    bodies: dict[str, Body]
    users: dict[str, User]
    undertakings: dict[str, int]
    measures: dict[str, int]

    @classmethod
    def read(cls, bodies: dict[str, Body], users: dict[str, User]) -> Names:
        return cls(bodies, users, dict(Undertaking.objects.values_list("code", "pk")), dict(Measure.objects.values_list("code", "pk")))

    def line(self, line: Line) -> intake.Line:
        return intake.Line(
            undertaking_id=self.undertakings[line.undertaking],
            measure_id=self.measures[line.measure],
            kind=line.kind,
            period=line.period,
            amount=line.amount,
            day=line.day,
            reason=line.reason,
        )


Event = tuple[datetime, Callable[[], object]]


def write(names: Names, between: Sequence[Event] = ()) -> None:
    """Every batch at its moment; `between` holds what happens at moments of its own, in order."""
    waiting = sorted(between, key=lambda event: event[0])
    for batch in batches(tunxi.lines()):
        while waiting and waiting[0][0] <= batch[0].recorded_at:
            waiting.pop(0)[1]()
        enter(names, batch)
    for _, happen in waiting:
        happen()
    leave_open(names)


def enter(names: Names, batch: Sequence[Line]) -> None:
    """What one body sent at one moment, accepted."""
    first = batch[0]
    lines = [names.line(line) for line in batch]
    sender, reviewer = names.users[first.submitted_by], names.users[first.accepted_by]
    if first.recorded_at < ON_FORMS_FROM:
        name = str(names.bodies[first.body])
        intake.record(lines=lines, origin="demo", name=name, submitted_by=sender, accepted_by=reviewer, now=first.recorded_at)
        return
    submission = begin(names.bodies[first.body], sender, lines, at=first.recorded_at - 2 * A_WHILE)
    intake.submit(submission=submission, by=sender, now=first.recorded_at - A_WHILE)
    intake.accept(submission=submission, by=reviewer, now=first.recorded_at)


def begin(body: Body, by: User, lines: Sequence[intake.Line], *, at: datetime) -> Submission:
    """A draft, begun at a moment of the example rather than now."""
    submission = intake.draft(body=body, by=by, lines=lines, on=at.date())
    submission.created_at = at
    submission.save(update_fields=["created_at"])
    return submission


def leave_open(names: Names) -> None:
    """Three submissions on their way: a draft, one that waits for its review, and one that was given back."""
    august = periods.last_day(2021, 8)
    at = datetime(2021, 9, 8, 10, 0, tzinfo=SHANGHAI)
    for body, lines in (
        ("tunxi-housing", [("key-jiangnan-pipes", "investment", 42_800_000, "补记管线迁改进度款。")]),
        ("tunxi-education", [("livelihood-smart-schools", "investment", 1_905_000, "到货设备款补报。")]),
        ("tunxi-health", [("key-hospital", "investment", 27_520_000, "")]),
    ):
        sender = names.users[f"reporter-{body.removeprefix('tunxi-')}"]
        wanted = [
            intake.Line(names.undertakings[code], names.measures[measure], "report", august, Decimal(amount), None, reason)
            for code, measure, amount, reason in lines
        ]
        submission = begin(names.bodies[body], sender, wanted, at=at)
        if body != "tunxi-housing":
            intake.submit(submission=submission, by=sender, now=at + A_WHILE)
        if body == "tunxi-health":
            reason = "七月缺报，请一并补报并附形象进度照片。"
            intake.give_back(submission=submission, by=names.users["reviewer"], reason=reason, now=at + 2 * A_WHILE)
