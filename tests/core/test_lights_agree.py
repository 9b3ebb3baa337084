"""The lights' SQL, from rows and from pages, against the same rules told slowly, for ledgers that nobody thought of.

`tests/rooms/test_lights_engines.py` does the same on the database of the run and on DuckDB.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import naive
import pytest
from books import ask, turned
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgers import EXAMPLES, QUICK, days, ledgers

from duban.core import lights, rulefile
from duban.core.rulebook import Rulebook

STRICT = """
[schedule]
behind = 5
far_behind = 12
[start]
red_months = 1
[enrolment]
judged = true
[production]
judged = true
[resumption]
idle_months = 1
holiday_month = 2
[reports]
grace_days = 0
silent_months = 1
"""
WUHAN = 'inherits = "wuhan"\n[schedule]\ncurve = "linear"\n[finish]\njudged = false\n[conversion]\nred_months = 1'
BOOKS = {name: rulefile.resolved([rulefile.read(text)]) for name, text in (("strict", STRICT), ("wuhan", WUHAN))}
RULES = (Rulebook(), {"invested": BOOKS["strict"], "total": BOOKS["wuhan"], "cleared": BOOKS["strict"]})


@pytest.mark.parametrize("rules", RULES, ids=["published", "mixed"])
@settings(QUICK, max_examples=2 * EXAMPLES)
@given(written=ledgers(), as_of=days())
def test_lights_are_what_the_rules_say(rules: Any, written, as_of: date):
    for head in {len(written.entries), len(written.entries) // 2}:
        told = naive.lights(written, as_of=as_of, head=head, rules=rules)
        values = {**written.judge(as_of, rules), "head": head}
        idles = sum(name.startswith("idle_cut") for name in values)
        assert ask(lights.lights(idles=idles), written, "sqlite", **values) == told


@pytest.mark.parametrize("rules", RULES, ids=["published", "mixed"])
@settings(QUICK, max_examples=EXAMPLES // 5)
@given(written=ledgers(), as_of=days(), half=st.booleans(), year=st.sampled_from([0, 0, 0, 2020, 2021]))
def test_pages_say_the_same_at_every_head_and_where_none_are_laid(rules: Any, written, as_of: date, half: bool, year: int):
    head = len(written.entries) // (2 if half else 1)
    told = naive.lights(written, as_of=as_of, head=head, rules=rules)
    values = {**written.judge(as_of, rules), "head": head}
    idles = sum(name.startswith("idle_cut") for name in values)
    assert turned(lights.lights("pages", idles=idles), written, year or as_of.year, **values) == told
