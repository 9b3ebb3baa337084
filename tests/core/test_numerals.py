"""Cells as people type them: read rightly, or asked about; never guessed."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
import realdata
from hypothesis import given
from hypothesis import strategies as st
from ledgers import QUICK

from duban.core import chinese_numbers, numerals
from duban.core.refusals import Refusal

SPECIFICATION = realdata.FOLDER / "numbers"
"""Microsoft Recognizers' specification of Chinese numbers, where it is at hand."""

READ = """
元      1,234.5万元          12345000     named
元      １，２３４．５        1234.5       bare
元      1.2e3                1200         bare
元      二亿四千五百万元      245000000    named
元      2.45亿               245000000    named
元      三千二百万            32000000     named
元      三十三               33           bare
元      十二                 12           bare
元      一百零五              105          bare
元      两万                 20000        named
元      负五万               -50000       named
元      -5万元               -50000       named
元      十二点五              12.5         bare
元      〇.五                0.5          bare
元      零点五               0.5          bare
元      二〇二一              2021         bare
元      四百五               450          bare
元      7万5千4百            75400        named
元      1千零20              1020         bare
元      一万五千亿            1500000000000 named
元      ¥1,200               1200         named
元      ￥120万              1200000      named
元      人民币1200元          1200         named
元      1200.00元整           1200         named
元      壹仟贰佰元整          1200         named
元      壹拾万零伍佰元伍角整   100500.5     named
元      50元6角三分           50.63        named
元      8亿元人民币           800000000    named
元      5_100_million_yuan   500000000    named
元      5100_million_yuan    5100000000   named
万元    5万元                5            named
万元    5亿元                50000        named
万元    500元                0.05         named
万元    三千二百              3200         bare
万元    三千二百万元          3200         named
万元    一亿两千万元          12000        named
万元    一亿二万元            10002        named
万元    一万三千万元          13000        named
%       百分之八十二点七七     82.77        named
%       82.77％              82.77        named
%       0.5%                 0.5          named
%       百分之百              100          named
%       负3.9%               -3.9         named
%       十二个百分点          12           named
%       5‰                   0.5          named
针次    三十二万针次          320000       named
针次    32万                 320000       named
千瓦时  5万千瓦时             50000        named
万亩    500亩                0.05         named
m²      500㎡                500          named
公里    二分之一公里          0.5          named
"""


@pytest.mark.parametrize("line", READ.strip().splitlines())
def test_a_cell_is_read_as_its_writer_meant_it(line: str):
    unit, typed, amount, named = line.split()
    assert numerals.read_amount(typed.replace("_", " "), unit) == (Decimal(amount), named == "named")


REFUSED = """
元      1_234,5        amount-ambiguous
元      1.234.567      amount-ambiguous
元      1.234,56       amount-ambiguous
元      3/4            amount-ambiguous
元      (1,234)        amount-ambiguous
件      一             amount-ambiguous
万元    98.5万         amount-ambiguous
千瓦时  一万三千瓦时    amount-ambiguous
%       二分之一        amount-ambiguous
元      12-15          amount-inexact
元      12万至15万元    amount-inexact
元      约300          amount-inexact
元      300余          amount-inexact
元      300多万元       amount-inexact
元      近5亿          amount-inexact
元      >=80           amount-inexact
元      ≥80            amount-inexact
元      300+           amount-inexact
元      1.2亿元左右     amount-inexact
元      十余万          amount-inexact
元      三四十万        amount-inexact
元      三五           amount-inexact
元      三分之一        amount-inexact
%       100%以上       amount-inexact
元      5%             unit-unknown
元      百分之五        unit-unknown
元      十五美元        unit-unknown
元      $500           unit-unknown
元      五件           unit-unknown
针次    ¥1200          unit-unknown
元      10²            amount-unreadable
元      3½             amount-unreadable
元      一百二百        amount-unreadable
元      一百五万        amount-unreadable
元      一亿两千        amount-unreadable
元      两千三点一      amount-unreadable
元      3万4           unit-unknown
元      五兆           unit-unknown
元      —              amount-dash
元      －             amount-dash
元      -              amount-dash
元      /              amount-dash
元      无             amount-dash
元      N/A            amount-dash
"""


@pytest.mark.parametrize("line", REFUSED.strip().splitlines())
def test_what_may_mean_two_things_is_asked_about(line: str):
    unit, typed, code = line.split()
    with pytest.raises(Refusal) as refused:
        numerals.read_amount(typed.replace("_", " "), unit)
    assert refused.value.code == code


def test_an_ambiguous_cell_comes_back_with_its_readings():
    with pytest.raises(Refusal) as refused:
        numerals.read_amount("-98.5万", "万元")
    assert refused.value.facts == {"amount": "-98.5万", "readings": "-98.5 / -985000.0"}


def _written(value: int) -> str:
    """A number below a hundred millions in Chinese, the textbook way."""
    digits, levels = "零一二三四五六七八九", ("", "十", "百", "千", "万", "十", "百", "千")
    places = [(int(sign), len(str(value)) - place - 1) for place, sign in enumerate(str(value))]
    text = "".join(
        (digits[digit] + levels[level] if digit else "零") + ("万" if level == 4 and not digit else "") for digit, level in places
    )
    while "零零" in text:
        text = text.replace("零零", "零")
    text = text.replace("零万", "万零" if value % 10_000 // 1000 else "万").rstrip("零")
    while "零零" in text:
        text = text.replace("零零", "零")
    return text


@QUICK
@given(value=st.integers(1, 9_999))
def test_every_number_that_is_written_out_is_read_back(value: int):
    assert chinese_numbers.read(_written(value), elided=False) == value
    assert chinese_numbers.read(f"{_written(value)}万", elided=False) == value * 10_000
    assert chinese_numbers.read(f"三亿零{_written(value)}", elided=False) == 300_000_000 + value


@QUICK
@given(
    text=st.text(alphabet="零一二两三十百千万亿点0123456789.,元%负-约余 ", max_size=12),
    unit=st.sampled_from(["元", "万元", "%", "亩", "千瓦时", ""]),
)
def test_whatever_is_typed_is_read_or_refused_with_a_code(text: str, unit: str):
    try:
        amount, _ = numerals.read_amount(text, unit)
    except Refusal as refusal:
        assert refusal.code.startswith(("amount-", "unit-"))
    else:
        assert amount.is_finite()


def _whole_cells(name: str) -> list[tuple[str, Decimal, str]]:
    """The specification's inputs that are one number from end to end."""
    cases = json.loads((SPECIFICATION / f"{name}.json").read_text(encoding="utf-8"))
    found = []
    for case in cases:
        results = [result for result in case.get("Results", []) if result["Text"].strip() == case["Input"].strip()]
        if results and len(case["Results"]) == 1 and results[0]["Resolution"]:
            told = results[0]["Resolution"]
            found.append((case["Input"], Decimal(told["value"].rstrip("%")), told.get("isoCurrency", "CNY")))
    return found


@realdata.needs("numbers")
@pytest.mark.parametrize(
    ("name", "unit", "least"),
    [
        ("Number_Chinese_NumberModel", "个", 194),
        ("Number_Chinese_PercentModel", "%", 64),
        ("NumberWithUnit_Chinese_CurrencyModel", "元", 4),
    ],
)
def test_the_specification_is_met_or_the_cell_is_refused(name: str, unit: str, least: int):
    right, wrong = 0, []
    for typed, value, currency in _whole_cells(name):
        try:
            amount, _ = numerals.read_amount(typed, unit)
        except Refusal:
            continue
        right += (good := amount == value and currency == "CNY")
        wrong += [] if good else [(typed, amount, value)]
    assert not wrong
    assert right >= least
