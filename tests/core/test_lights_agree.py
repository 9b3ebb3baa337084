"""The lights' SQL against the same rules told slowly, for ledgers that nobody thought of.

`tests/rooms/test_lights_engines.py` does the same on the database of the run and on DuckDB.
"""

from __future__ import annotations

from datetime import date

import naive
import pytest
from books import ask
from hypothesis import given, settings
from ledgers import EXAMPLES, QUICK, days, ledgers

from duban.core import lights
from duban.core.rulebook import Rulebook

RULES = (Rulebook(), Rulebook(behind=5, far_behind=12, start_overdue_months=1, idle_months=1, grace_days=0, silent_months=1))


@pytest.mark.parametrize("rules", RULES, ids=["published", "strict"])
@settings(QUICK, max_examples=2 * EXAMPLES)
@given(written=ledgers(), as_of=days())
def test_lights_are_what_the_rules_say(rules: Rulebook, written, as_of: date):
    for head in {len(written.entries), len(written.entries) // 2}:
        told = naive.lights(written, as_of=as_of, head=head, rules=rules)
        values = lights.moment(as_of=as_of, head=head, rules=rules)
        assert ask(lights.lights(), written, "sqlite", **values) == told
