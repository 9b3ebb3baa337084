"""A CSV of slots is read rightly or refused with every row and column named; the ledger takes all of it or nothing."""

from __future__ import annotations

import io
import resource
import sys
import time
from decimal import Decimal
from typing import Any

import pytest
from stage import NOW, TODAY, District, district

from duban.core.refusals import Refusal
from duban.intake import slots_csv
from duban.intake.slots_csv import Import
from duban.ledger import reads as ledger
from duban.ledger.models import Batch, Entry

pytestmark = pytest.mark.django_db
HEADER = "undertaking,measure,kind,period,amount,reason"


@pytest.fixture
def town(db: None) -> District:
    made = district()
    for code in ("roofs", "wells", "ponds"):
        made.promise(code)
    return made


def send(town: District, content: bytes | str, *, by: str = "dispatcher", accepted_by: str = "reviewer", name: str = "a.csv") -> Import:
    content = content.encode() if isinstance(content, str) else content
    people = town.people
    return slots_csv.import_csv(stream=io.BytesIO(content), name=name, by=people[by], accepted_by=people[accepted_by], now=NOW, on=TODAY)


def found(town: District, *lines: str, header: str = HEADER) -> list[tuple[Any, ...]]:
    """Row, column and code of what is wrong; whatever it is, nothing was written."""
    before = (Entry.objects.count(), Batch.objects.count())
    result = send(town, "\n".join((header, *lines)))
    assert (Entry.objects.count(), Batch.objects.count()) == before
    assert result.entries == []
    assert not result.taken
    return [(finding.row, finding.column, finding.code) for finding in result.findings]


def taken(town: District, *lines: str, header: str = HEADER) -> list[Any]:
    """The amounts or days that were written."""
    result = send(town, "\n".join((header, *lines)))
    assert result.findings == []
    return [entry.amount if entry.day is None else entry.day.isoformat() for entry in result.entries]


def refused(town: District, content: bytes | str) -> str:
    with pytest.raises(Refusal) as refusal:
        send(town, content)
    assert ledger.head() == 0
    return refusal.value.code


GOOD = "roofs,invested,report,2026-01,12.5,"


# What is read rightly


def test_a_file_enters_the_ledger_in_its_order_as_one_batch(town: District):
    result = send(town, f"{HEADER}\n{GOOD}\nwells,start,report,2026-01,2026-01-20,\nponds,invested,plan,2026,1000,\n", name="january.csv")
    assert [(e.seq, e.undertaking.code, e.amount, e.submitted_by.username, e.accepted_by.username) for e in result.entries] == [
        (1, "roofs", Decimal("12.5"), "dispatcher", "reviewer"),
        (2, "wells", None, "dispatcher", "reviewer"),
        (3, "ponds", 1000, "dispatcher", "reviewer"),
    ]
    batch = Batch.objects.get()
    assert (batch.origin, batch.name, batch.digest, result.rows) == ("csv", "january.csv", result.digest, 3)


@pytest.mark.parametrize(
    ("amount", "read"),
    [
        ("1234.5", "1234.5"),
        ('"1,234,567.5"', "1234567.5"),
        ("１２３４", "1234"),
        ("98.5万元", "985000"),
        ("98.5万", "985000"),
        ("2亿", "200000000"),
        (" 7 ", "7"),
        ("0", "0"),
    ],
)
def test_amounts_as_people_type_them(town: District, amount: str, read: str):
    assert taken(town, f"roofs,invested,report,2026-01,{amount},") == [Decimal(read)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "gb2312"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_encodings_and_line_endings(town: District, encoding: str, ending: str):
    text = ending.join((HEADER, "roofs,invested,report,2026-01,98.5万元,发票重复", ""))
    (entry,) = send(town, text.encode(encoding)).entries
    assert (entry.amount, entry.reason) == (985_000, "发票重复")


def test_columns_in_any_order_and_any_case_and_empty_rows(town: District):
    result = send(town, "\n\n Amount ,reason,PERIOD,kind,measure,undertaking\n\n12,,2026-01,report,invested,roofs\n,,,,,\n")
    assert ([entry.amount for entry in result.entries], result.rows) == ([12], 1)


def test_line_breaks_commas_and_quotes_inside_a_cell(town: District):
    result = send(
        town, f'{HEADER}\nroofs,invested,report,2026-01,12,"the ""July"" invoice,\ncounted twice"\nwells,invested,report,2026-01,5,'
    )
    assert [(entry.amount, entry.reason) for entry in result.entries] == [(12, 'the "July" invoice,\ncounted twice'), (5, "")]


def test_the_same_file_again_changes_nothing(town: District):
    text = f"{HEADER}\n{GOOD}\nwells,start,report,2026-01,2026-01-20,"
    assert len(send(town, text).entries) == 2
    again = send(town, text)
    assert (again.entries, again.findings, Batch.objects.count(), ledger.head()) == ([], [], 1, 2)
    more = send(town, f"{text}\nponds,invested,report,2026-01,1,")
    assert [entry.seq for entry in more.entries] == [3]


def test_corrections_and_withdrawals_need_their_reasons(town: District):
    taken(town, GOOD, "wells,invested,report,2026-01,5,")
    assert found(town, "roofs,invested,report,2026-01,13,", "wells,invested,report,2026-01,withdrawn,") == [
        (2, "reason", "correction-needs-reason"),
        (3, "reason", "correction-needs-reason"),
    ]
    assert found(town, "ponds,invested,report,2026-01,撤回,never was") == [(2, "amount", "nothing-to-withdraw")]
    assert taken(town, "roofs,invested,report,2026-01,13,again", "wells,invested,report,2026-01,withdrawn,counted twice") == [13, None]
    assert found(town, "wells,invested,report,2026-01,withdrawn,again") == [(2, "amount", "nothing-to-withdraw")]
    assert found(town, "wells,invested,report,2026-01,5,") == [(2, "reason", "correction-needs-reason")]


def test_plans_may_lie_ahead(town: District):
    assert taken(town, "roofs,invested,plan,2026,100,", "roofs,finish,plan,2026,2026-11-30,") == [100, "2026-11-30"]


# What is refused, naming row and column


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("roof,invested,report,2026-01,12,", [("undertaking", "undertaking-unknown")]),
        (",invested,report,2026-01,12,", [("undertaking", "undertaking-unknown")]),
        ("roofs,wishes,report,2026-01,12,", [("measure", "measure-unknown")]),
        ("roofs,invested,Report,2026-01,12,", [("kind", "kind-unknown")]),
        ("roofs,invested,report,2021-13,12,", [("period", "period-unreadable")]),
        ("roofs,invested,report,9999,12,", [("period", "period-unreadable")]),
        ("roofs,invested,report,2026-03,12,", [("period", "period-not-ended")]),
        ("roofs,invested,report,2026-03-02,12,", [("period", "period-not-ended")]),
        ("roofs,invested,report,2026-01,abc,", [("amount", "amount-unreadable")]),
        ("roofs,invested,report,2026-01,,", [("amount", "amount-missing")]),
        ("roofs,invested,report,2026-01,=1+1,", [("amount", "amount-unreadable")]),
        ("roofs,invested,report,2026-01,NaN,", [("amount", "amount-unreadable")]),
        ("roofs,invested,report,2026-01,-5,", [("amount", "amount-negative")]),
        ("roofs,invested,report,2026-01,0.00001,", [("amount", "amount-too-fine")]),
        ("roofs,invested,report,2026-01,1e300,", [("amount", "amount-too-large")]),
        ("roofs,invested,report,2026-01,12件,", [("amount", "unit-unknown")]),
        ('roofs,invested,report,2026-01,"1,23",', [("amount", "unit-unknown")]),
        ("roofs,progress,report,2026-01,12万元,", [("amount", "unit-unknown")]),
        ("roofs,start,report,2026-01,12,", [("amount", "day-unreadable")]),
        ("roofs,start,report,2026-01,2026-02-30,", [("amount", "day-unreadable")]),
        ("roofs,start,report,2026-01,2026-03-02,", [("amount", "day-not-come")]),
        ("roofs,start,plan,2026,9999-12-31,", [("amount", "day-unreadable")]),
        ("roofs,start,report,2026-01,20260120,", [("amount", "day-unreadable")]),
        ("roofs,invested,report,2026-01,withdrawn,", [("amount", "nothing-to-withdraw")]),
        ("roofs,invested,report,2026-01,12", [(None, "row-length")]),
        ("roofs,invested,report,2026-01,12,,", [(None, "row-length")]),
        ("roofs,invested,report,2026-01,1,234,", [(None, "row-length")]),
        (
            "x,y,z,2021-13,12,",
            [
                ("undertaking", "undertaking-unknown"),
                ("measure", "measure-unknown"),
                ("kind", "kind-unknown"),
                ("period", "period-unreadable"),
            ],
        ),
    ],
)  # fmt: skip
def test_every_fault_of_a_row_is_named_and_the_good_rows_wait(town: District, line: str, expected: list[Any]):
    if "withdrawn" in line:
        line += "never was"
    told = found(town, "wells,invested,report,2026-01,5,", line, "ponds,invested,report,2026-01,5,")
    assert told == [(3, *one) for one in expected]


def test_rows_are_numbered_as_a_spreadsheet_numbers_them(town: District):
    lines = [
        "",
        GOOD,
        'wells,invested,report,2026-01,5,"one\ntwo\nthree"',
        "",
        "ponds,invested,report,2026-01,abc,",
        "ponds,wishes,report,2026-01,5,",
    ]
    assert found(town, *lines) == [(6, "amount", "amount-unreadable"), (7, "measure", "measure-unknown")]


def test_one_slot_twice_in_a_file(town: District):
    result = send(town, f"{HEADER}\n{GOOD}\n{GOOD}\nroofs,invested,report,2026-01-31,9,")
    assert [(f.row, f.code, f.facts["first"]) for f in result.findings] == [(3, "slot-twice", 2), (4, "slot-twice", 2)]
    assert ledger.head() == 0


def test_columns_that_are_missing_unknown_or_twice(town: District):
    assert found(town, header="undertaking,measure,kind,period,reason") == [(1, "amount", "column-missing")]
    assert found(town, header=f"{HEADER},colour") == [(1, "colour", "column-unknown")]
    assert found(town, "roofs,invested,report,2026-01,12,,99", header=f"{HEADER},amount") == [(1, "amount", "column-unknown")]
    assert found(town, header="项目;金额") == [
        *((1, name, "column-missing") for name in HEADER.split(",")),
        (1, "项目;金额", "column-unknown"),
    ]


def test_a_measure_that_the_programme_does_not_count(town: District):
    town.programmes["invested"].measures.remove(town.measures["total"])
    assert found(town, "roofs,total,report,2026-01,12,") == [(2, "measure", "measure-not-in-programme")]


# 万元 where the measure is in 元


def test_an_amount_in_wan_yuan_that_does_not_say_so_is_asked_about(town: District):
    taken(town, "roofs,invested,plan,2026,296000000,", "roofs,invested,report,2026-01,20000000,")
    assert found(town, "roofs,invested,report,2026-02,24500,") == [(2, "amount", "unit-suspect")]
    assert found(town, "roofs,invested,report,2026-01,2000,in another unit") == [(2, "amount", "unit-suspect")]
    assert taken(town, "roofs,invested,report,2026-02,24500万元,") == [245_000_000]
    assert taken(town, "roofs,invested,report,2026-02,24500元,really so little") == [24_500]


def test_a_file_that_names_the_unit_in_its_plan_and_forgets_it_in_its_report(town: District):
    assert found(town, "roofs,invested,plan,2026,29600万元,", "roofs,invested,report,2026-01,24500,") == [(3, "amount", "unit-suspect")]


def test_a_file_that_names_no_unit_at_all_is_taken_at_its_word(town: District):
    assert taken(town, "roofs,invested,plan,2026,296000000,", "roofs,invested,report,2026-01,24500,") == [296_000_000, 24_500]


def test_small_first_amounts_and_zero_are_not_suspected(town: District):
    taken(town, "roofs,invested,plan,2026,10000,")
    assert taken(town, "roofs,invested,report,2026-01,0,", "wells,invested,report,2026-01,1,") == [0, 1]
    assert taken(town, "roofs,invested,report,2026-02,500,") == [500]


def test_a_total_that_was_withdrawn_makes_nothing_suspect(town: District):
    taken(town, "roofs,invested,plan,2026,296000000,")
    taken(town, "roofs,invested,plan,2026,withdrawn,never agreed")
    assert taken(town, "roofs,invested,report,2026-01,24500,") == [24_500]


# What is no such file


def test_nothing_and_no_more_than_a_header(town: District):
    assert [finding.code for finding in send(town, "").findings] == ["file-empty"]
    assert [finding.code for finding in send(town, "\n \n,,\n").findings] == ["file-empty"]
    result = send(town, HEADER)
    assert (result.findings, result.entries, Batch.objects.count()) == ([], [], 0)


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"PK\x03\x04\x14\x00\x06\x00",
        f"{HEADER}\n{GOOD}".encode("utf-16"),
        f"{HEADER}\n{GOOD}\x00".encode(),
        f"{HEADER}\n{'wells,invested,plan,2026,5,' + 'x' * 5000}\n{GOOD}\x00".encode(),
        f'{HEADER}\nroofs,invested,report,2026-01,12,"never closed'.encode(),
        f"{HEADER}\nroofs,invested,report,2026-01,12,{'x' * 1_100_000}".encode(),
    ],
    ids=["png", "zip", "utf-16", "nul", "late nul", "open quote", "endless cell"],
)
def test_what_is_no_text_or_no_table_is_refused(town: District, content: bytes):
    assert refused(town, content) == "not-a-csv"


def test_what_is_in_no_known_encoding_is_refused(town: District):
    assert refused(town, f"{HEADER}\n".encode() + b"\xff\xff\xff\x80\n") == "encoding-unknown"


def test_old_macintosh_line_endings_are_read_or_refused(town: District):
    assert refused(town, f"{HEADER}\r{GOOD}\r") == "not-a-csv"


def test_one_person_is_not_two(town: District):
    with pytest.raises(Refusal) as refusal:
        send(town, f"{HEADER}\n{GOOD}", by="reviewer")
    assert refusal.value.code == "own-submission"
    assert (ledger.head(), Batch.objects.count()) == (0, 0)


def test_the_largest_file_is_read_and_one_byte_more_is_not(town: District, monkeypatch: pytest.MonkeyPatch):
    content = f"{HEADER}\n{GOOD}".encode()
    monkeypatch.setattr(slots_csv, "LARGEST", len(content))
    assert len(send(town, content).entries) == 1
    monkeypatch.setattr(slots_csv, "LARGEST", len(content) - 1)
    with pytest.raises(Refusal) as refusal:
        send(town, content)
    assert refusal.value.code == "file-too-large"


class Endless(io.RawIOBase):
    """A file of `size` bytes that is written while it is read, and remembers how much of it was."""

    def __init__(self, size: int) -> None:
        self.size, self.given = size, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = min(len(buffer), self.size - self.given, 2**20)
        buffer[:count] = b"roofs,invested,report,2026-01,12.5,\n"[:1] * count
        self.given += count
        return count


@pytest.mark.parametrize(
    ("by", "accepted_by", "code", "named"),
    [
        ("editor", "reviewer", "import-not-theirs-to-report", "editor"),
        ("stranger", "reviewer", "import-not-theirs-to-report", "stranger"),
        ("resident", "reviewer", "import-not-theirs-to-report", "resident"),
        ("reporter", "colleague", "import-not-theirs-to-accept", "colleague"),
        ("dispatcher", "editor", "import-not-theirs-to-accept", "editor"),
    ],
)
def test_both_people_hold_the_permits_that_the_pages_ask(town: District, by: str, accepted_by: str, code: str, named: str):
    with pytest.raises(Refusal) as refusal:
        send(town, f"{HEADER}\nroofs,invested,report,2026-01,12.5,\n", by=by, accepted_by=accepted_by)
    assert (refusal.value.code, refusal.value.facts) == (code, {"username": named, "undertaking": "roofs"})
    assert (ledger.head(), Batch.objects.count()) == (0, 0)


def test_who_reports_for_a_body_that_shares_an_undertaking_hands_in_its_file(town: District):
    town.undertakings["roofs"].joint_bodies.add(town.bodies["parks"])
    content = f"{HEADER}\nroofs,invested,report,2026-01,12.5,\n"
    assert len(send(town, content, by="stranger").entries) == 1
    with pytest.raises(Refusal, match="import-not-theirs-to-report"):
        send(town, f"{content}wells,invested,report,2026-01,1,\n", by="stranger")


def test_a_file_of_200_megabytes_is_refused_quickly_and_never_held(town: District):
    stream = Endless(200 * 2**20)
    began, before = time.monotonic(), _peak()
    with pytest.raises(Refusal) as refusal:
        slots_csv.import_csv(
            stream=io.BufferedReader(stream), name="huge.csv", by=town.people["dispatcher"],
            accepted_by=town.people["reviewer"], now=NOW, on=TODAY,
        )  # fmt: skip
    assert refusal.value.code == "file-too-large"
    assert stream.given <= slots_csv.LARGEST + 2 * 2**20
    assert time.monotonic() - began < 5
    assert _peak() - before < 2.5 * slots_csv.LARGEST


def _peak() -> int:
    """The most memory that this process ever held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def test_ten_thousand_rows_enter_in_seconds(town: District):
    months = [f"{year}-{month:02}" for year in range(1990, 2026) for month in range(1, 13)]
    days = [f"{month}-{day:02}" for month in months[:360] for day in range(1, 29)][:10_000]
    began = time.monotonic()
    result = send(town, "\n".join((HEADER, *(f"roofs,invested,report,{day},{place}," for place, day in enumerate(days)))))
    assert (len(result.entries), ledger.head()) == (10_000, 10_000)
    assert time.monotonic() - began < 30
