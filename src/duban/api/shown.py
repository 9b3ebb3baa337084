"""What the interface tells of a moment. Amounts, shares and points are decimal text, days are 2021-08-31; null is silence."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

Text = Annotated[str, Field(max_length=60)]
Light = Literal["red", "amber", "grey", "green"]


class At(Schema):
    """Of when an answer shall be."""

    as_of: str = Field("", max_length=10, description="the day that the facts speak of; today without one", examples=["2021-08-31"])
    known_at: str = Field(
        "",
        max_length=40,
        description="the moment up to which the ledger is read, a day alone is its end; now without one",
        examples=["2021-09-05", "2021-09-05T18:00"],
    )
    corrected: str = Field("", max_length=1, description="1: what the ledger says now, where known_at names a moment")


class Paged(At):
    """Of when, and which part of a long list."""

    page: int = Field(1, ge=1, le=1_000_000)
    size: int = Field(100, ge=1, le=500, description="rows of a page")


class StandingsAsked(Paged):
    """Which undertakings, as the list of undertakings asks."""

    programme: Text = Field("", description="a programme's code")
    body: Text = Field("", description="a body's code: what it leads or shares")
    under: Text = Field("", description="a body's code: what it and all below it lead")
    light: Text = Field("", description="with commas between", examples=["red,amber"])
    rule: Text = Field("", description="with commas between", examples=["far_behind"])
    stage: Text = Field("", description="with commas between", examples=["new,continuing"])
    rate: Text = Field("", description="those that a rate is taken of: signed, started, finished, producing, converted")
    part: Text = Field("", description="with a rate: of, done or open")
    q: str = Field("", max_length=100, description="words of a name, a code or a body's name")
    town: Text = Field("", description="a town's code, or a dot for none")
    whole: Text = Field("", description="the code of what is split into parts, or a dot for what is part of nothing")
    attribute: Text = Field("", description="an attribute's code, with a value")
    value: str = Field("", max_length=500)
    counted: Text = Field("", description="yes: without headings, and without the parts of a whole that speaks for them")
    sort: Text = Field("", description="worst (without one), programme, name or newest")


class WatchAsked(Paged):
    """Which part of the watch-list."""

    programme: Text = ""
    body: Text = ""
    light: Text = Field("", description="red or amber")
    why: Text = Field("", description="start, resumption, schedule, enrolment, production, conversion, finish, silence or caught_up")


class ChangesAsked(At):
    """Compared with which day."""

    since: str = Field("", max_length=10, description="without one the last meeting's, else the end of last month", examples=["2021-07-31"])
    against: str = Field("", max_length=4, description="now: that day as corrected since, not as known then")


class RatesAsked(At):
    """Of which programme or body, and how the table is cut."""

    programme: Text = ""
    body: Text = Field("", description="with everything below it")
    by: Text = Field("", description="body (without one), programme, town, whole, or a dot and an attribute's code")


class ForecastsAsked(Paged):
    """Of which programme."""

    programme: Text = ""


class Moment(Schema):
    """Of when an answer is. The same as_of, head and rulebook always have the same lights."""

    as_of: date
    known_at: datetime | None = Field(description="null for now")
    head: int = Field(description="the ledger's last entry that was read")
    rulebook: str = Field(description="digest of the rulebooks in force, as far as they had been adopted")


class Standing(Schema):
    """One undertaking's light with what it rests on; amounts in `unit`, `gap` in points of the year's plan."""

    undertaking: str
    name: str
    programme: str
    body: str
    town: str | None
    stage: str
    light: Light
    rule: str
    measure: str | None
    unit: str
    done: str | None
    planned: str | None
    target: str | None
    gap: str | None
    last_period: date | None
    due: date | None
    why: str
    cure: str
    cure_amount: str | None
    cure_by: date | None


class Told(Schema):
    """Every answer says of when it is."""

    moment: Moment


class Listed(Told):
    """A part of a list, and how long the whole list is."""

    count: int
    page: int
    size: int


class Standings(Listed):
    """Standings in the order asked for, with how many there are of each light."""

    lights: dict[str, int] = Field(description="under every light, whichever are asked for")
    standings: list[Standing]


class Entry(Schema):
    """What one entry says of its slot; neither amount nor day is a withdrawal."""

    seq: int
    amount: str | None
    day: date | None
    reason: str
    recorded_at: datetime


class Slot(Schema):
    """One slot with everything that it said, the newest first."""

    measure: str
    unit: str
    kind: Literal["plan", "report"]
    period: date
    entries: list[Entry]


class Undertaking(Told):
    """One undertaking: its standing (null without lights), and the history of its slots."""

    undertaking: str
    name: str
    programme: str
    body: str
    standing: Standing | None
    slots: list[Slot]


class Record(Schema):
    """A record behind a figure; the name of one that is not public is null."""

    undertaking: str | None
    period: date | None
    day: date | None
    part: str | None
    whole: str | None
    seq: int | None


class Figure(Told):
    """A figure, the question that it answers, and the records that it rests on."""

    figure: str
    name: str
    question: str
    value: str | None
    unit: str
    written: str = Field(description="as readers see it, in their unit and rounded")
    numerator: str | None
    denominator: str | None
    records: list[Record]


class Effort(Schema):
    """Something that was tried."""

    at: datetime
    what: str
    words: str


class Watched(Schema):
    """One line of the watch-list; `rank` counts money and everything else apart."""

    rank: int
    money: bool
    reason: str
    amount: str
    share: str = Field(description="of the year's plan, in per cent")
    urgency: str
    since: date
    answerable: str
    tried: list[Effort]
    standing: Standing


class Watch(Listed):
    """The watch-list, the largest stake first."""

    watch: list[Watched]


class Turned(Schema):
    """An undertaking that turned or reached a day, and how it stood before."""

    undertaking: str
    name: str
    light: Light
    rule: str
    gap: str | None
    light_before: str | None
    rule_before: str | None
    gap_before: str | None
    day: date | None


class Rewritten(Schema):
    """A slot that says something else; null was, or is, withdrawn."""

    undertaking: str
    name: str
    measure: str
    unit: str
    period: date
    before: str | None
    after: str | None
    reason: str
    seq: int
    steps: int


class Named(Schema):
    """An undertaking by code and name."""

    undertaking: str
    name: str


class Turns(Schema):
    """How many, and the first hundred."""

    count: int
    rows: list[Turned]


class Rewrites(Schema):
    """How many, and the first hundred."""

    count: int
    rows: list[Rewritten]


class Entered(Schema):
    """How many, and the first hundred."""

    count: int
    rows: list[Named]


class Changes(Told):
    """Everything that changed since a day, by what changed."""

    since: date
    turned: dict[str, Turns]
    reached: dict[str, Turns]
    corrected: Rewrites
    replanned: Rewrites
    entered: Entered


class Rate(Schema):
    """One of the five rates: `done` of `of`; `share` in per cent, null where there is nothing to take it of."""

    rate: str
    name: str
    done: int
    of: int
    open: int
    share: str | None


class Cut(Schema):
    """One line of the board's table."""

    code: str
    name: str
    count: int
    stages: dict[str, int]
    lights: dict[str, int]
    rates: list[Rate]


class Race(Schema):
    """Time against task (双过半) of a programme, in per cent and points."""

    programme: str
    measure: str
    on: date
    time: str
    task: str
    gap: str
    verdict: Literal["both_past", "time_past", "task_past", "neither_past"]


class Rates(Told):
    """The stages, the five rates, time against task, and the table."""

    staged: int
    stages: dict[str, int]
    rates: list[Rate]
    races: list[Race]
    rows: list[Cut]


class Forecast(Schema):
    """How the year will end. With a `reason` nothing is foretold; `range` has the ends of 95, 80 and 50 per cent and the middle."""

    kind: Literal["programme", "undertaking"]
    code: str
    name: str
    unit: str
    reason: str
    verdict: str
    odds: float | None = Field(description="of reaching the year's plan, from 0 to 1")
    done: str | None
    target: str | None
    range: dict[str, str] | None
    earliest: date | None
    finish: date | None
    latest: date | None


class Forecasts(Listed):
    """Programmes, each followed by its undertakings."""

    forecasts: list[Forecast]
