"""How amounts are told, where a rounding would make a sentence false."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from duban.core.refusals import Refusal
from duban.registry.models import Measure
from duban.standing.models import Standing
from duban.web import display, wording
from duban.web.moment import read_moment


def test_a_cure_is_never_told_as_less_than_is_needed():
    with translation.override("zh-hans"):
        assert display.money(Decimal(123_456_789)) == "1.23亿元"
        assert display.money(Decimal(123_456_789), up=True) == "1.24亿元"
        assert display.money(Decimal(789_950), up=True) == "79万元"
    with translation.override("en"):
        assert display.money(Decimal(789_950), up=True) == "¥789,950"


@pytest.mark.parametrize(
    ("amount", "said"),
    [("0", "The missing report turns it green."), ("0.0001", "A report with any new amount by"), ("0.5", "A report with ¥0.5")],
)
def test_what_a_silence_asks_for_is_told_by_its_amount(amount: str, said: str):
    measure = Measure(unit="元", unit_en="yuan")
    silent = Standing(rule="long_silent", cure_amount=Decimal(amount), cure_by=date(2021, 9, 30), measure=measure)
    with translation.override("en"):
        assert wording.cure(silent).startswith(said)


@pytest.mark.parametrize("text", ["0001-01-01", "0001-01-01T00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_moment_beyond_every_ledger_is_refused(text: str):
    with pytest.raises(Refusal):
        read_moment(text)
