"""Amounts as whole ten-thousandths, and numbers as officials type them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledgers import QUICK

from duban.core import fixed, numerals
from duban.core.refusals import Refusal


def code(call, *args) -> str:
    with pytest.raises(Refusal) as refused:
        call(*args)
    return refused.value.code


@QUICK
@given(stored=st.integers(-(fixed.LIMIT // fixed.SCALE * fixed.SCALE) + 1, fixed.LIMIT // fixed.SCALE * fixed.SCALE - 1))
def test_an_amount_survives_being_stored(stored: int):
    amount = fixed.from_fixed(stored)
    assert fixed.to_fixed(amount) == fixed.to_fixed(str(amount)) == stored
    assert amount * 10_000 == stored


def test_amounts_that_are_refused():
    assert code(fixed.to_fixed, "0.00001") == "amount-too-fine"
    assert code(fixed.to_fixed, "abc") == "amount-unreadable"
    assert code(fixed.to_fixed, "NaN") == code(fixed.to_fixed, "Infinity") == code(fixed.to_fixed, "sNaN") == "amount-unreadable"
    assert code(fixed.to_fixed, "1e999") == "amount-too-large"
    assert code(fixed.to_fixed, "1e-999") == "amount-too-fine"


def test_the_largest_amount_is_the_largest_that_the_ledgers_constraint_takes():
    beyond = Decimal(fixed.LARGEST) + Decimal("0.0001")
    assert fixed.to_fixed(fixed.LARGEST) == fixed.LARGEST * fixed.SCALE < fixed.LIMIT
    assert code(fixed.to_fixed, beyond) == code(fixed.to_fixed, -beyond) == "amount-too-large"


def test_trailing_zeros_are_not_remembered():
    assert str(fixed.from_fixed(125_000)) == "12.5"
    assert str(fixed.from_fixed(1_000_000_000_000)) == "100000000"
    assert str(fixed.from_fixed(0)) == "0"


@pytest.mark.parametrize(
    ("text", "unit", "amount", "named"),
    [
        ("1234.5", "元", "1234.5", False),
        ("1,234.5", "元", "1234.5", False),
        ("12,345,678", "元", "12345678", False),
        ("１２３４．５", "元", "1234.5", False),
        ("１，２３４万元", "元", "12340000", True),
        ("2.45亿元", "元", "245000000", True),
        ("2.45 亿", "元", "245000000", True),
        ("98.5万", "元", "985000", True),
        ("5千元", "元", "5000", True),
        ("100元", "元", "100", True),
        ("82.77%", "%", "82.77", True),
        ("82.77％", "%", "82.77", True),
        ("-3", "%", "-3", False),
        ("−3", "%", "-3", False),
        ("+3", "%", "3", False),
        (".5", "元", "0.5", False),
        ("1.2e3", "元", "1200", False),
        ("32万针次", "针次", "320000", True),
        ("0.32 million doses", "针次", "320000", True),
    ],
)
def test_numbers_as_officials_type_them(text: str, unit: str, amount: str, named: bool):
    assert numerals.read_amount(text, unit) == (Decimal(amount), named)


@pytest.mark.parametrize("text", ["abc", "", ".", "=1+1", "e5", "元", "--1", "1.2.3元", "+"])
def test_what_is_no_number_is_refused(text: str):
    assert code(numerals.read_amount, text, "元") in {"amount-unreadable", "unit-unknown"}


@pytest.mark.parametrize("text", ["12,34", "1,2345", "12 345", "5%", "5件", "5 apples", "1.2.3"])
def test_a_unit_that_does_not_belong_is_refused_and_never_dropped(text: str):
    assert code(numerals.read_amount, text, "元") == "unit-unknown"


def test_units_convert_exactly():
    assert numerals.factor("万元", "元") == 10_000
    assert numerals.factor("元", "亿元") == Decimal("1E-8")
    assert numerals.factor("亩", "亩") == 1
    assert code(numerals.factor, "亩", "公顷") == code(numerals.factor, "元", "针次") == code(numerals.factor, "", "元") == "unit-unknown"
