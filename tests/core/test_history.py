"""What the ledger said to somebody who read it at a head."""

from __future__ import annotations

import ibis
import pytest
from books import Book, ask, book
from hypothesis import given
from hypothesis import strategies as st
from ledgers import QUICK, ledgers

from duban.core import history, sql

BOOK = """
seq  recorded    undertaking  measure   kind    period   amount
1    2026-02-03  roofs        invested  report  2026-01  12
2    2026-02-20  roofs        invested  report  2026-01  9
3    2026-02-21  roofs        invested  report  2026-02  0
4    2026-03-01  roofs        invested  report  2026-01  withdrawn
5    2026-03-02  roofs        invested  report  2026-01  10
"""


def values(written: Book, head: int) -> dict[int, int | None]:
    told = ask(history.known(history.ENTRIES), written, "sqlite", head=head)
    return {row["period"]: row["amount"] for row in told}


def test_a_correction_changes_the_present_and_leaves_the_past_alone():
    written = book(BOOK)
    assert [values(written, head).get(20260131) for head in range(6)] == [None, 120_000, 90_000, 90_000, None, 100_000]


def test_zero_is_not_silence_and_a_withdrawn_slot_stays_in_without_a_value():
    written = book(BOOK)
    assert values(written, 3) == {20260131: 90_000, 20260228: 0}
    assert values(written, 4) == {20260131: None, 20260228: 0}
    assert values(written, 0) == {}


@QUICK
@given(written=ledgers(largest=40), part=st.floats(0, 1))
def test_each_slot_speaks_once_with_its_last_entry_at_every_head(written: Book, part: float):
    head = round(part * len(written.entries))
    last = {}
    for entry in written.entries[:head]:
        last[tuple(entry[name] for name in ("undertaking_id", "measure_id", "kind", "period"))] = entry
    told = ask(history.known(history.ENTRIES), written, "sqlite", head=head)
    assert sorted(told, key=lambda row: row["seq"]) == sorted(last.values(), key=lambda row: row["seq"])


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_a_place_gives_its_seq_back_exactly(engine: str):
    """The numbers lie beyond 2**53, where doubles would lose the seq."""
    written = book("undertaking measure kind period amount\nroofs invested report 2199-12 1")
    written.entries[0]["seq"] = history.PLACE - 1
    told = history.ENTRIES.select(seq=history.seq_of(history.place(history.ENTRIES)))
    assert ask(told, written, engine)[0]["seq"] == history.PLACE - 1


def test_the_largest_place_fits_every_engines_integers():
    assert 22001231 * history.PLACE + history.PLACE < 2**63


def test_parameters_need_names_and_one_meaning_each():
    head, other = (ibis.param("int64").name("head") for _ in range(2))
    with pytest.raises(ValueError, match="two parameters"):
        sql.compiled(history.ENTRIES.filter(history.ENTRIES.seq <= head, history.ENTRIES.seq >= other), "sqlite")
    with pytest.raises(ValueError, match="without a name"):
        sql.compiled(history.ENTRIES.filter(history.ENTRIES.seq <= ibis.param("int64")), "sqlite")


def test_percent_signs_of_the_sql_are_doubled_and_its_own_are_placeholders():
    odd = history.ENTRIES.filter(history.ENTRIES.kind.like("%port"), history.ENTRIES.seq <= history.HEAD)
    text, names = sql.compiled(odd, "sqlite")
    assert "'%%port'" in text
    assert "%(head)s" in text
    assert names == {"head"}
    assert ask(odd, book(BOOK), "sqlite", head=2)[0]["seq"] == 1
