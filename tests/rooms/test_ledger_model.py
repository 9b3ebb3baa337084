"""Whatever is appended, corrected or withdrawn: the ledger is at every head what a plain dictionary says it is."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from ledgers import QUICK
from stage import NOW, district

from duban.core import history
from duban.core.refusals import Refusal
from duban.ledger import actions as ledger
from duban.ledger import reads, running
from duban.ledger.models import Batch, Entry

VERBS = st.tuples(
    st.sampled_from(["roofs", "wells"]),
    st.sampled_from(["invested", "start"]),
    st.sampled_from(["plan", "report"]),
    st.sampled_from(["2026-01", "2026-02"]),
    st.sampled_from(["0", "1", "2", "withdrawn"]),
    st.sampled_from(["", "a reason"]),
)


class Sequences(TestCase):
    def setUp(self) -> None:
        self.town = district()
        for code in ("roofs", "wells"):
            self.town.promise(code)

    @QUICK
    @given(batches=st.lists(st.lists(VERBS, min_size=1, max_size=4), max_size=12))
    def test_the_ledger_is_what_a_dictionary_says_at_every_head(self, batches: list[list[Any]]) -> None:
        slots: dict[Any, Any] = {}
        heads: list[dict[Any, Any]] = [{}]
        first = reads.head()
        for verbs in batches:
            lines, trial, grown, wrong = [], dict(slots), [], False
            for undertaking, measure, kind, period, amount, reason in verbs:
                value = f"2026-01-0{int(amount) + 1}" if measure == "start" and amount != "withdrawn" else amount
                line = self.town.line(undertaking, measure, kind, period, value, reason)
                twice = line.slot in {other.slot for other in lines}
                lines.append(line)
                said, before = line.said, slots.get(line.slot)
                spoke = before not in (None, (None, None))
                if said == before and spoke:
                    wrong |= twice
                    continue
                wrong |= twice or (said == (None, None) and not spoke) or (before is not None and not reason)
                trial[line.slot] = said
                grown.append(dict(trial))
            try:
                with transaction.atomic():
                    entries = ledger.append(
                        lines=lines, batch=Batch.objects.create(origin="test", recorded_at=NOW), now=NOW,
                        submitted_by=self.town.people["reporter"], accepted_by=self.town.people["reviewer"],
                    )  # fmt: skip
            except Refusal:
                assert wrong
                continue
            assert not wrong
            assert [entry.seq for entry in entries] == list(range(first + len(heads), first + len(heads) + len(grown)))
            slots, heads = trial, heads + grown
        for place, told in enumerate(heads):
            known = running.rows(history.known(history.ENTRIES), head=first + place)
            assert {_slot(row): (row["amount"], row["day"]) for row in known} == told
        assert Entry.objects.count() == len(heads) - 1


def _slot(row: dict[str, Any]) -> Any:
    return row["undertaking_id"], row["measure_id"], row["kind"], row["period"]
