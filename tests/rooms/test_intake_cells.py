"""One cell of a spreadsheet: an amount, a day, or why it is neither."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest

from duban.core.refusals import Refusal
from duban.intake.files import cells
from duban.intake.files.sheets import CellError
from duban.registry.models import Measure

MONEY = Measure(code="invested", unit="元")
SHARE = Measure(code="progress", unit="%")


def code(call, *args, **named) -> str:
    with pytest.raises(Refusal) as refused:
        call(*args, **named)
    return refused.value.code


def test_a_number_is_what_the_spreadsheet_shows():
    assert cells.amount_of(0.1 + 0.2, MONEY) == (Decimal("0.3"), False)
    assert cells.amount_of(1234.0, MONEY) == (Decimal(1234), False)
    assert cells.amount_of(7, MONEY) == (Decimal(7), False)
    assert cells.amount_of(1e14 + 0.1, MONEY) == (Decimal("100000000000000"), False)


def test_text_is_read_as_it_is_typed():
    assert cells.amount_of("98.5万元", MONEY) == (Decimal(985_000), True)
    assert code(cells.amount_of, "约300", MONEY) == "amount-inexact"
    assert code(cells.amount_of, "—", MONEY) == "amount-dash"


def test_a_share_is_taken_as_it_stands_unless_the_column_is_shown_in_percent():
    assert cells.amount_of(0.8277, SHARE) == (Decimal("0.8277"), False)
    assert cells.amount_of(0.8277, SHARE, scale=100) == (Decimal("82.77"), False)
    assert cells.amount_of("82.77%", SHARE, scale=100) == (Decimal("82.77"), True)
    assert cells.amount_of("82.77", SHARE) == (Decimal("82.77"), False)


def test_a_share_that_is_typed_as_a_text_below_one_is_asked_about():
    with pytest.raises(Refusal) as refused:
        cells.amount_of("0.8277", SHARE)
    assert refused.value.code == "amount-ambiguous"
    assert refused.value.facts["readings"] == "0.8277% / 82.77%"
    assert cells.amount_of("0", SHARE) == (Decimal(0), False)


def test_what_is_no_amount_says_why():
    assert code(cells.amount_of, None, MONEY) == code(cells.amount_of, " ", MONEY) == "amount-missing"
    assert code(cells.amount_of, CellError("#REF!"), MONEY) == code(cells.day_of, CellError("#REF!")) == "cell-failed"
    for cell in (True, date(2021, 8, 31), time(1), timedelta(1), float("nan"), float("inf")):
        assert code(cells.amount_of, cell, MONEY) == "amount-unreadable"


def test_a_day_is_a_date_a_midnight_or_a_text():
    for cell in (date(2021, 8, 31), datetime(2021, 8, 31), "2021年8月31日", 20210831.0, 20210831):
        assert cells.day_of(cell) == date(2021, 8, 31)
    assert cells.day_of("31/08/2021", order="dmy") == date(2021, 8, 31)


def test_a_serial_number_is_a_day_only_when_the_caller_says_so():
    assert cells.day_of(44439.0, serial=True) == date(2021, 8, 31)
    assert (
        code(cells.day_of, 44439.0) == code(cells.day_of, 44439.5, serial=True) == code(cells.day_of, 12.0, serial=True) == "day-unreadable"
    )


def test_what_is_no_day_says_why():
    assert code(cells.day_of, None) == code(cells.day_of, "") == "day-missing"
    assert code(cells.day_of, "2021年8月") == "day-incomplete"
    for cell in (datetime(2021, 8, 31, 12, 5), True, time(1), timedelta(1), float("nan"), date(1021, 8, 31)):
        assert code(cells.day_of, cell) == "day-unreadable"
