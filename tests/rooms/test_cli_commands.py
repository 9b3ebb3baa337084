"""The command line over a ledger in the test's database: what it prints, and how it ends."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from django.db import connection
from django.test import Client
from stage import District, district

from duban.cli.commands import duban
from duban.ledger import actions as ledger
from duban.ledger import reads
from duban.ledger.models import Batch, Entry
from duban.press.models import Figure

pytestmark = pytest.mark.django_db
BOOK = """
recorded    undertaking  measure   kind    period   amount     reason
2026-01-05  roofs        invested  plan    2026     200000000  -
2026-01-05  wells        invested  plan    2026     96000000   -
2026-03-01  roofs        invested  report  2026-02  150000000  -
2026-03-01  wells        invested  report  2026-02  95000000   -
2026-03-02  paths        start     report  2026-02  2026-02-20 -
2026-03-05  roofs        invested  report  2026-02  140000000  =HYPERLINK("http://e.test","counted, twice")
"""


@pytest.fixture
def town(db: None) -> District:
    made = district()
    made.promise("roofs")
    made.programmes["invested"].public = True
    made.programmes["invested"].save()
    made.write(BOOK)
    asked = {"programme": made.programmes["invested"], "measure": made.measures["invested"], "public": True}
    Figure.objects.create(code="done", name="完成率", operation="ratio", unit="%", unit_en="%", decimals=2, **asked)
    Figure.objects.create(code="silent", name="无", operation="sum", where={"origin": "moon"}, **asked)
    return made


def run(*words: str, ends: int = 0) -> Result:
    """One command, and the status that it ends with."""
    result = CliRunner().invoke(duban, list(words))
    assert result.exit_code == ends, f"{result.output}\n{result.exception!r}"
    return result


def told(*words: str, ends: int = 0) -> Any:
    """What a command says with --json."""
    return json.loads(run(*words, "--json", ends=ends).stdout)


@pytest.mark.parametrize(
    "words",
    [
        ["never-heard-of"],
        ["figure"],
        ["figure", "done", "--as-of", "31.8.2021"],
        ["figure", "done", "--as-of", "2021-13-01"],
        ["figure", "done", "--as-of", "0001-01-01"],
        ["figure", "done", "--known-at", "soon"],
        ["figure", "done", "--known-at", "0001-01-01"],
        ["figure", "done", "--colour"],
        ["figure", "done", "--language", "fr"],
        ["standing", "--light", "blue"],
        ["import", "never-heard-of.csv", "--by", "a", "--accepted-by", "b"],
    ],
    ids=" ".join,
)
def test_called_wrongly_it_ends_with_2(town: District, words: list[str]):
    run(*words, ends=2)


# Figures


def test_a_figure_with_its_parts(town: District):
    said = run("figure", "done", "--as-of", "2026-02-28").stdout
    assert "79.39%" in said
    assert "235,000,000 / 296,000,000" in said
    answer = told("figure", "done", "--as-of", "2026-02-28", "--records")
    assert (answer["value"], answer["numerator"], answer["denominator"], answer["head"]) == ("79.39", "235000000", "296000000", 6)
    assert sum(Decimal(record["amount"]) for record in answer["records"]) == Decimal(answer["numerator"])
    assert sum(Decimal(record["plan"]) for record in answer["records"]) == Decimal(answer["denominator"])


def test_a_correction_changes_today_and_not_yesterday(town: District):
    def value(*words: str) -> str:
        return told("figure", "done", "--as-of", "2026-02-28", *words)["value"]

    assert (value(), value("--known-at", "2026-03-04")) == ("79.39", "82.77")
    assert (value("--known-at", "2026-03-05T11:59"), value("--known-at", "2026-03-05T12:00")) == ("82.77", "79.39")
    assert (value("--known-at", "2026-03-05T03:59Z"), value("--known-at", "2026-03-05T04:00Z")) == ("82.77", "79.39")


def test_a_figure_that_has_no_answer_or_no_name(town: District):
    assert "no answer" in run("figure", "silent", "--as-of", "2026-02-28").stdout
    assert told("figure", "silent", "--as-of", "2026-02-28")["value"] is None
    assert told("figure", "done", "--as-of", "2026-02-28", "--known-at", "2025-01-01")["value"] is None
    refused = run("figure", "never.heard.of", ends=1)
    assert (refused.stdout, "never.heard.of" in refused.stderr) == ("", True)
    assert told("figure", "never.heard.of", ends=1) == {"refused": "figure-unknown", "facts": {"code": "never.heard.of"}}


def test_page_command_and_sql_agree(town: District):
    for words, head in (([], 6), (["--known-at", "2026-03-04"], 5)):
        value = told("figure", "done", "--as-of", "2026-02-28", *words)["value"]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT SUM(CASE WHEN kind = 'report' THEN amount END), SUM(CASE WHEN kind = 'plan' THEN amount END) "
                "FROM ledger_entry e WHERE seq <= %s AND amount IS NOT NULL "
                "AND NOT EXISTS (SELECT 1 FROM ledger_entry l WHERE l.replaces = e.seq AND l.seq <= %s)",
                [head, head],
            )
            done, planned = cursor.fetchone()
        assert value == str(round(Decimal(int(done) * 100) / int(planned), 2))
        query = {"as_of": "2026-02-28", **({"known_at": words[1]} if words else {})}
        page = Client().get("/figures/done/", query)
        assert page.status_code == 200
        assert value in page.content.decode()


# Standing


def test_lights_worst_first_and_chosen(town: District):
    answer = told("standing", "--as-of", "2026-02-28", "--known-at", "2026-03-04")
    rows = {row["undertaking"]: (row["light"], row["rule"], row["gap"]) for row in answer["standings"]}
    assert rows["roofs"] == ("green", "on_schedule", "58.33")
    assert rows["paths"] == ("grey", "unplanned", None)
    assert [row["light"] for row in answer["standings"]] == ["grey", "green", "green"]
    assert [row["undertaking"] for row in told("standing", "--as-of", "2026-02-28", "--light", "grey")["standings"]] == ["paths"]
    assert told("standing", "--as-of", "2026-02-28", "--programme", "never-heard-of")["standings"] == []


# Import

HEADER = "undertaking,measure,kind,period,amount,reason\n"


def send(path: Path, text: str | bytes, *, by: str = "reporter", accepted_by: str = "reviewer", ends: int = 0) -> Any:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return told("import", str(path), "--by", by, "--accepted-by", accepted_by, ends=ends)


def test_a_file_is_taken_once(town: District, tmp_path: Path):
    text = HEADER + "roofs,invested,report,2026-01,100000000,\nwells,invested,report,2026-01,9000万元,\n"
    assert (send(tmp_path / "a.csv", text)["entries"], reads.head()) == (2, 8)
    assert (send(tmp_path / "a.csv", text)["entries"], reads.head()) == (0, 8)
    said = run("import", str(tmp_path / "a.csv"), "--by", "reporter", "--accepted-by", "reviewer").stdout
    assert said == "2 rows read, 0 entries appended\n"


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_every_error_is_told_in_words_and_nothing_is_taken(town: District, tmp_path: Path, language: str):
    file = tmp_path / "a.csv"
    file.write_text(HEADER + "roofs,invested,report,2021-13,1,\nroofs,invested,report,2026-01,1,\nmoon,invested,report,2026-01,1,\n")
    said = run("import", str(file), "--by", "reporter", "--accepted-by", "reviewer", "--language", language, ends=1).stdout
    assert "2021-13" in said
    assert "moon" in said
    assert len(said.splitlines()) == 3
    assert reads.head() == 6


def test_a_file_that_is_none_and_people_that_are_none(town: District, tmp_path: Path):
    assert send(tmp_path / "a.csv", b"\x00\x01", ends=1)["refused"] == "not-a-csv"
    assert send(tmp_path / "a.csv", HEADER, accepted_by="nobody", ends=1)["refused"] == "user-unknown"
    line = HEADER + "roofs,invested,report,2026-01,1,\n"
    assert send(tmp_path / "a.csv", line, by="reviewer", ends=1)["refused"] == "own-submission"
    assert reads.head() == 6


# Export


def exported(*words: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(run("export", "ledger", *words).stdout, newline="")))


def test_the_ledger_goes_out_as_it_is(town: District, tmp_path: Path):
    rows, entries = exported(), list(Entry.objects.select_related("undertaking", "measure").order_by("seq"))
    assert len(rows) == len(entries) == 6
    for row, entry in zip(rows, entries, strict=True):
        assert (int(row["seq"]), row["undertaking"], row["measure"]) == (entry.seq, entry.undertaking.code, entry.measure.code)
        assert (row["kind"], date.fromisoformat(row["period"])) == (entry.kind, entry.period)
        assert (Decimal(row["amount"]) if row["amount"] else None) == entry.amount
        assert (date.fromisoformat(row["day"]) if row["day"] else None) == entry.day
        assert (int(row["replaces"]) if row["replaces"] else None) == entry.replaces
        assert (row["submitted_by"], row["accepted_by"]) == ("reporter", "reviewer")
    assert rows[5]["reason"] == "'" + entries[5].reason
    out = tmp_path / "ledger.csv"
    run("export", "ledger", "--output", str(out))
    assert list(csv.DictReader(out.open(encoding="utf-8", newline=""))) == rows


def test_the_ledger_goes_out_as_json_word_for_word_and_known_at_a_time(town: District):
    lines = [json.loads(line) for line in run("export", "ledger", "--json").stdout.splitlines()]
    assert (lines[5]["seq"], lines[5]["reason"]) == (6, '=HYPERLINK("http://e.test","counted, twice")')
    assert [line["amount"] for line in lines][:3] == ["200000000", "96000000", "150000000"]
    assert len(run("export", "ledger", "--json", "--known-at", "2026-03-04").stdout.splitlines()) == 5
    assert exported("--known-at", "2000-01-01") == []


@pytest.mark.parametrize("reason", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1+1", "＝1+1"])
def test_no_reason_is_a_formula_and_none_breaks_its_row(town: District, reason: str):
    at = Entry.objects.latest("seq").recorded_at
    ledger.append(
        lines=[town.line("wells", "invested", "report", "2026-02", "2", reason)],
        batch=Batch.objects.create(origin="test", recorded_at=at),
        submitted_by=town.people["reporter"],
        accepted_by=town.people["reviewer"],
        now=at,
    )
    assert exported()[-1]["reason"] == "'" + reason


# Guards


def test_a_database_without_its_triggers_is_not_read(town: District):
    with connection.cursor() as cursor:
        on = "" if connection.vendor == "sqlite" else " ON ledger_entry"
        cursor.execute(f"DROP TRIGGER ledger_entry_chain{on}")
    assert told("figure", "done", ends=1)["refused"] == "triggers-missing"
    assert told("export", "ledger", ends=1)["refused"] == "triggers-missing"
