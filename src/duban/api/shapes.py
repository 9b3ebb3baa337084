"""What goes over the wire. Amounts are decimal text, so that no float stands between two ledgers; days are 2021-08-31."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

NO_NULLS = r"^[^\x00]*$"
"""Text without the one character that no database keeps."""
Code = Annotated[str, Field(max_length=60, pattern=NO_NULLS)]
Words = Annotated[str, Field(max_length=500, pattern=NO_NULLS)]


class Given(Schema):
    """What a caller sends: a field that nobody knows is refused."""

    model_config = ConfigDict(extra="forbid")


class LineGiven(Given):
    """What one slot shall say: an `amount`, a `day`, or `withdraw`."""

    undertaking: Code
    measure: Code
    kind: Literal["report", "plan"] = "report"
    period: str = Field(
        max_length=10, pattern=NO_NULLS, description="2021-08, 2021-Q3, 2021-H1, 2021, or a day; it stands for its last day"
    )
    amount: Decimal | Code | None = Field(None, description="a number in the measure's unit, or text with a unit: 98.5万元")
    day: date | None = None
    withdraw: bool = False
    reason: Words = Field("", description="required where the slot says something else already")
    explanation: Words = Field("", description="why what the checks may find is right as it stands")
    seen: int | None = Field(
        None,
        ge=0,
        lt=2**53,
        description="`seen` of the slot when you looked, else when this arrives; what was accepted since is a conflict",
    )


class SubmissionGiven(Given):
    """One report of a body."""

    body: Code
    lines: list[LineGiven] = Field(min_length=1, max_length=5000)
    send: bool = Field(True, description="send it to review at once; otherwise it is kept as a draft")


class LineKept(Schema):
    """A line as it waits or was accepted."""

    undertaking: str
    measure: str
    kind: str
    period: date
    amount: str | None
    day: date | None
    withdraws: bool
    reason: str


class FindingKept(Schema):
    """What a check found; `line` counts from 0 among the lines kept, and is null for the submission as a whole."""

    code: str
    weight: str
    line: int | None
    facts: dict[str, Any]
    message: str
    explanation: str


class SubmissionKept(Schema):
    """A submission and where it stands. `id` is null when every line said what the ledger says already."""

    id: int | None
    state: Literal["draft", "submitted", "returned", "accepted", "unchanged"]
    body: str
    created_at: datetime | None = None
    submitted_at: datetime | None = None
    reviewed_at: datetime | None = None
    returned_because: str = ""
    unchanged: int = 0
    lines: list[LineKept] = []
    findings: list[FindingKept] = []


class Value(Schema):
    """An amount or a day, and the period that it speaks of."""

    period: date
    amount: str | None = None
    day: date | None = None


class SlotAsked(Schema):
    """One slot of the month: what the ledger says (`now`, null for silence), what it said before, the plan, and what waits."""

    programme: str
    undertaking: str
    name: str
    measure: str
    unit: str
    holds: Literal["amount", "day"]
    period: date
    due: bool
    seen: int
    now: Value | None
    before: Value | None
    plan: Value | None
    waiting: int | None


class LineWrong(Schema):
    """What is wrong with a line of the request; `line` counts from 0."""

    line: int | None
    field: str | None
    code: str
    facts: dict[str, str]
    message: str


class LinesWrong(Schema):
    """Every line that cannot be read; nothing was kept. A request of another shape is answered with `places` instead."""

    code: str
    findings: list[LineWrong] = []
    places: list[dict[str, Any]] = []


class Refused(Schema):
    """Why nothing was done; with `findings` where the checks forbid it."""

    code: str
    facts: dict[str, str]
    message: str
    findings: list[FindingKept] = []


class Detail(Schema):
    """What cannot be read at all (400), no token that runs (401), nothing there (404), or too many requests (429)."""

    detail: str
