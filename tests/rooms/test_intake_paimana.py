"""A real portfolio, replayed month by month: 17 airport projects as their ministry's dashboard told them, with its real defects.

Source: the Ministry of Statistics' PAIMANA dashboard, by github dhanush-sr/paimana-mospi-sih @4e61d33; for tests only. The files
lie beside the project in `../shared/data/paimana` (every `airports_*.csv` is taken); without them these tests are skipped.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta

import pytest
import realdata
from stage import District, district

from duban.core import periods
from duban.intake import actions as intake
from duban.intake import tables
from duban.intake.files.sheets import open_book
from duban.intake.models import Submission, TableMapping
from duban.intake.readings import Reading
from duban.ledger.models import Entry
from duban.registry.models import Measure, Programme, Undertaking

FOLDER = realdata.FOLDER / "paimana"
FILES = sorted(FOLDER.glob("airports_*.csv"))
pytestmark = [pytest.mark.django_db, realdata.needs("paimana")]
KNOWN_UNTIL = "2025-10"

Row = Mapping[str, str]
Months = dict[str, list[dict[str, str]]]


def months() -> Months:
    """The rows of all files by month, the earliest first; a later file's word on a month takes the place of an earlier one's."""
    found: Months = {}
    for file in FILES:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
        for month in {row["month"] for row in rows}:
            found[month] = [row for row in rows if row["month"] == month]
    return dict(sorted(found.items()))


def text(rows: Iterable[Row]) -> bytes:
    """Rows as the CSV file of one month."""
    listed = list(rows)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(listed[0]))
    writer.writeheader()
    writer.writerows(listed)
    return out.getvalue().encode()


class Portfolio:
    """The projects in a ledger, and what each month of them found."""

    def __init__(self) -> None:
        self.town: District = district()
        add = Measure.objects.create
        self.spent = add(code="spent", name="Expenditure", holds="amount", unit="Rs crore", accumulates="life")
        self.sanctioned = add(code="sanctioned", name="Sanction", holds="day", accumulates="life")
        self.programme = Programme.objects.create(code="airports", name="Airports", owner=self.town.bodies["top"], lead_measure=self.spent)
        named = [self.spent, self.town.measures["progress"], self.town.measures["finish"], self.sanctioned]
        self.programme.measures.set(named)
        self.found: dict[str, list[tuple[str, str]]] = {}

    def enlist(self, rows: Iterable[Row]) -> None:
        """Put projects that are new on the programme's list."""
        for row in rows:
            Undertaking.objects.get_or_create(
                code=row["project_id"],
                defaults={"name": row["project_name_short"], "programme": self.programme, "kind": "project", "stage": "continuing",
                          "lead_body": self.town.bodies["works"]},
            )  # fmt: skip

    def mapping(self, month: str, rows: list[dict[str, str]]) -> TableMapping:
        """What the columns mean: the proposal as it is. It is confirmed once, with the first month."""
        with open_book(io.BytesIO(text(rows)), f"airports-{month}.csv") as book:
            sheet = book.sheet(0)
        known = tables.known(sheet, body=self.town.bodies["works"])
        if known is not None:
            return known
        proposal = tables.proposed(sheet, programme=self.programme)
        return TableMapping.objects.create(
            body=self.town.bodies["works"],
            programme=self.programme,
            name="PAIMANA",
            fingerprint=tables.fingerprint(sheet),
            columns=[one.meaning.kept for one in proposal.columns],
            options={"revision_reason": "revised by the ministry"},
            made_by=self.town.people["reporter"],
        )

    def read(self, month: str, rows: list[dict[str, str]]) -> Reading:
        period = periods.read_period(month)
        with open_book(io.BytesIO(text(rows)), f"airports-{month}.csv") as book:
            mapping = self.mapping(month, rows)
            return tables.read(book.sheet(0), mapping, body=self.town.bodies["works"], period=period, on=period + timedelta(days=5))

    def take(self, month: str, rows: list[dict[str, str]]) -> Submission:
        """One month: read, drafted, its findings explained, sent, and accepted by somebody else."""
        reporter, reviewer = self.town.people["reporter"], self.town.people["reviewer"]
        reading = self.read(month, rows)
        on = periods.read_period(month) + timedelta(days=5)
        now = datetime.combine(on, time(4), UTC)
        submission = intake.draft(
            body=self.town.bodies["works"], by=reporter, lines=reading.lines, on=on, origin="table", findings=reading.findings,
            period=reading.period,
        )  # fmt: skip
        for finding in submission.findings.all():
            intake.explain(finding=finding, by=reporter, explanation="as the ministry published it", now=now)
        intake.submit(submission=submission, by=reporter, now=now, on=on)
        intake.accept(submission=submission, by=reviewer, now=now)
        codes = dict(Undertaking.objects.values_list("name", "code"))
        self.found[month] = sorted(
            (finding.code, codes.get(str(finding.facts.get("undertaking", "")), str(finding.facts.get("undertaking", ""))))
            for finding in submission.findings.all()
        )
        return submission


@pytest.fixture
def portfolio(db: None) -> Portfolio:
    return Portfolio()


@pytest.fixture
def replayed(portfolio: Portfolio) -> Portfolio:
    """All months that there are, one after the other."""
    for month, rows in months().items():
        portfolio.enlist(rows)
        portfolio.take(month, rows)
    return portfolio


def day(text: str) -> date:
    return datetime.strptime(text, "%d/%m/%Y").replace(tzinfo=UTC).date()


def first_told(column: str) -> dict[str, str]:
    """What the source said first in a column, by project."""
    told: dict[str, str] = {}
    for rows in months().values():
        for row in rows:
            if row[column]:
                told.setdefault(row["project_id"], row[column])
    return told


def firsts(measure: Measure) -> dict[str, Entry]:
    """The first entry of each project's plan."""
    plans = Entry.objects.filter(measure=measure, kind="plan", replaces=None).select_related("undertaking")
    return {entry.undertaking.code: entry for entry in plans}


def test_the_columns_are_understood_as_they_are(portfolio: Portfolio):
    month, rows = next(iter(months().items()))
    portfolio.enlist(rows)
    meanings = {one["heading"]: (one["role"], one["measure"], one["order"]) for one in portfolio.mapping(month, rows).columns}
    assert meanings == {
        "month": ("ignore", "", ""),
        "project_id": ("key", "", ""),
        "project_name_short": ("name", "", ""),
        "original_cost_cr": ("original", "spent", ""),
        "revised_cost_cr": ("plan", "spent", ""),
        "cumulative_expenditure_cr": ("report", "spent", ""),
        "physical_progress_pct": ("report", "progress", ""),
        "sanction_date_dmy": ("report", "sanctioned", "dmy"),
        "original_end_dmy": ("original", "finish", "dmy"),
        "revised_end_dmy": ("plan", "finish", "dmy"),
    }


def test_every_month_enters_the_ledger_as_the_source_told_it(replayed: Portfolio):
    wanted = {
        (row["project_id"], measure, periods.to_number(periods.read_period(month))): row[column]
        for month, rows in months().items()
        for row in rows
        for column, measure in (("cumulative_expenditure_cr", "spent"), ("physical_progress_pct", "progress"))
        if row[column]
    }
    told = Entry.objects.filter(kind="report", measure__code__in=["spent", "progress"]).select_related("undertaking", "measure")
    entered = {(one.undertaking.code, one.measure.code, periods.to_number(one.period)): f"{one.amount:f}" for one in told}
    assert entered == {slot: f"{float(amount):.10g}" for slot, amount in wanted.items()}


def test_the_original_cost_and_day_first_accepted_stay(replayed: Portfolio):
    costs, ends = firsts(replayed.spent), firsts(replayed.town.measures["finish"])
    assert {code: f"{entry.amount:f}" for code, entry in costs.items()} == first_told("original_cost_cr")
    assert {code: entry.day for code, entry in ends.items()} == {code: day(text) for code, text in first_told("original_end_dmy").items()}


def test_what_was_told_once_is_not_told_again(replayed: Portfolio):
    """A day of sanction enters with the first month alone, and a plan only where it changed."""
    sanctions = Entry.objects.filter(measure=replayed.sanctioned)
    assert sanctions.count() == len(first_told("sanction_date_dmy"))
    assert Entry.objects.filter(measure=replayed.spent, kind="plan").count() < 2 * len(first_told("original_cost_cr"))


def test_a_later_month_that_rewrites_originals_changes_none_and_is_found_out(replayed: Portfolio):
    """A made-up month: one project's original cost and day are rewritten, one project is gone, one has come."""
    last, rows = list(months().items())[-1]
    month = (periods.read_period(last) + timedelta(days=1)).strftime("%Y-%m")
    before = {code: (entry.seq, entry.amount) for code, entry in firsts(replayed.spent).items()}
    made_up = [dict(row, month=month) for row in rows]
    rewritten, gone = made_up[1]["project_id"], made_up.pop(3)["project_id"]
    made_up[1] |= {"original_cost_cr": "512.5", "original_end_dmy": "31/03/2027"}
    made_up.append(dict(made_up[0], project_id="999001", project_name_short="A new terminal"))
    reading = replayed.read(month, made_up)
    kept = [finding for finding in reading.findings if finding.code == "original-kept"]
    assert [(finding.row, finding.column) for finding in kept] == [(3, "original_cost_cr"), (3, "original_end_dmy")]
    assert [finding.code for finding in reading.findings if finding.row == len(made_up) + 1] == ["row-unmatched-like"]
    replayed.enlist(made_up)
    replayed.take(month, made_up)
    after = firsts(replayed.spent)
    assert {code: (entry.seq, entry.amount) for code, entry in after.items() if code != "999001"} == before
    assert not Entry.objects.filter(undertaking__code=rewritten, kind="plan", amount="512.5").exists()
    found = replayed.found[month]
    assert {code for code, _ in found} >= {"original-kept", "left-list", "entered-list"}
    assert [one for one in found if one[0] == "left-list"] == [("left-list", gone)]
    assert [one for one in found if one[0] == "entered-list"] == [("entered-list", "999001")]


def test_the_real_defects_are_found_and_nothing_else(replayed: Portfolio):
    """Up to October 2025; what later months hold is not known here."""
    found = {month: told for month, told in replayed.found.items() if month <= KNOWN_UNTIL}
    assert found == {
        "2025-07": [],
        "2025-08": [("amount-falls", "706718")],
        "2025-09": [("amount-falls", "701126"), ("spike-then-fall", "701126")],
        "2025-10": [("long-run", "706718")],
    }
