"""Articles' markup: tags are read or refused, nobody types a number, and no text becomes a program."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledgers import QUICK

from duban.core.refusals import Refusal
from duban.press import markup
from duban.press.markup import Tag


def html(source: str, shown: str = "<b>82.77%</b>") -> str:
    return markup.render(source, lambda tag: shown)


# Tags


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ('{{ figure "livelihood.completion" }}', Tag("figure", "livelihood.completion")),
        ("{{figure livelihood.completion}}", Tag("figure", "livelihood.completion")),
        (
            '{{ figure "x" as_of="2021-06-30" unit="亿元" decimals=2 }}',
            Tag("figure", "x", {"as_of": "2021-06-30", "unit": "亿元", "decimals": "2"}),
        ),
        ('{{ figure "x" unit="100 million yuan" }}', Tag("figure", "x", {"unit": "100 million yuan"})),
        ('{{ figure "x"\n   unit="" }}', Tag("figure", "x", {"unit": ""})),
        ('{{ undertaking "deal-amino" }}', Tag("undertaking", "deal-amino")),
        ("{{ photo 1 }}", Tag("photo", "1")),
    ],
)
def test_tags_are_read(written: str, tag: Tag):
    assert list(markup.tags(f"before {written} after")) == [tag]


@pytest.mark.parametrize(
    "written",
    [
        "{{ }}", "{{}}", "{{ 33 }}", "{{ figure }}", '{{ figure "a" "b" }}', '{{ figure "a" colour="red" }}', '{{ figure "a }}',
        '{{ picture "a" }}', "{{ photo one }}", '{{ photo "-1" }}', '{{ figure "a" as_of="soon" }}', '{{ figure "a" as_of="2021-13-01" }}',
        '{{ figure "a" decimals=two }}', '{{ figure "a" decimals=-1 }}', '{{ figure "a" decimals=40 }}', '{{ undertaking "a" unit="x" }}',
        '{{ figure "a" as_of="9999-12-31" }}', '{{ figure "a" as_of="20210630" }}', "{{ figure <script> }}", '{{ figure "a" unit= }}',
    ],
)  # fmt: skip
def test_what_is_no_tag_is_refused(written: str):
    with pytest.raises(Refusal) as refused:
        list(markup.tags(written))
    assert refused.value.code == "tag-unreadable"


# Typed numbers


@pytest.mark.parametrize(
    "text",
    [
        "33 programmes", "33项民生工程", "33项民生工程", "2.45亿元", "82.77%", "82.77%", "1,234", "第3名", "3个月", "上半年完成50%",
        "2021", "共2021项", "33 Mayors", "33 Marchers", "33月饼", "45月", "32日", "5号地块", "the 5G network", "{{ 33", "３３项", "٣٣",
        "1. a list", "a total of 33 projects", "January 33", "0月", "13月", "2021年33项", "31 August 2021 33",
    ],
)  # fmt: skip
def test_a_typed_number_is_found(text: str):
    assert markup.typed_numbers(text)


@pytest.mark.parametrize(
    "text",
    [
        "三十三项民生工程", "", '{{ figure "a" decimals=2 }}项', "{{ photo 1 }}", "2021年", "2021年度", "2021年8月31日", "8月", "8月底",
        "8月份",
        "31日", "8月5号", "2021 年 8 月", "２０２１年８月３１日", "August 2021", "31 August 2021", "August",
        "in 2021", "the plan year 2021", "the first half of 2021", "the year 2021", "四督四保", "In 2021, the district",
        "1至8月", "1月到8月", "1-8月", "2021年1—8月",
    ],
)  # fmt: skip
def test_dates_and_words_are_no_typed_numbers(text: str):
    assert markup.typed_numbers(text) == []


@QUICK
@given(before=st.text(max_size=20), number=st.integers(100_000, 10**9), after=st.text(max_size=20))
def test_no_surroundings_hide_a_long_number(before: str, number: int, after: str):
    around = before.replace("{", "").replace("}", ""), after.replace("{", "").replace("}", "")
    assert markup.typed_numbers(f"{around[0]}{number}{around[1]}")


# What becomes of it


def test_markdown_becomes_html_and_tags_become_what_they_show():
    assert html('## A title\n\nDone: {{ figure "a" }}, *well*.') == "<h2>A title</h2>\n<p>Done: <b>82.77%</b>, <em>well</em>.</p>\n"


def test_a_photograph_that_stands_alone_is_no_paragraph():
    assert html("one\n\n{{ photo 1 }}\n\ntwo", "<figure>x</figure>") == "<p>one</p>\n<figure>x</figure>\n<p>two</p>\n"


ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    '[x](http://e.test "onclick=alert(1)")',
    "![x](javascript:alert(1))",
    "![x](http://e.test/pixel.gif)",
    "<a href='x' onclick='alert(1)'>x</a>",
    "<style>*{display:none}</style>",
    "<iframe src='http://e.test'></iframe>",
    "`<script>alert(1)</script>`",
    "```\n<script>alert(1)</script>\n```",
    "<!-- {{ figure a }} --><svg/onload=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "| a |\n|---|\n| <script>alert(1)</script> |",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_becomes_a_program(attack: str):
    shown = html(attack).lower()
    assert not re.search(r"<(?!/?(?:p|h2|h3|h4|strong|em|ul|ol|li|blockquote|a|br|hr|table|thead|tbody|tr|th|td|b)\b)\w", shown)
    assert not re.search(r"<[^>]*(?:javascript|vbscript|data):", shown)
    assert not re.search(r"<[^>]*\son\w+\s*=", shown)


@pytest.mark.parametrize(
    "source",
    [
        '[x](http://e.test/{{ figure "a" }})',
        '[x](http://e.test "{{ figure a }}")',
        "[x](<{{ figure a }}>)",
        "<http://e.test/{{ figure a }}>",
    ],
)
def test_a_tag_inside_an_address_never_opens_one(source: str):
    """What a tag shows would end the attribute that it stood in."""
    shown = html(source, '"><script>alert(1)</script>')
    assert "<a" not in shown or "<script" not in shown.split("<a", 1)[1].split(">", 1)[0]
    assert not re.search(r'href="[^"]*"><script>', shown)


def test_no_text_passes_for_a_figure():
    """The marks that stand for tags while Markdown is rendered cannot be typed."""
    assert "<b>" not in html("\ue0000\ue001")
    assert html('{{ figure "a" }} \ue0000\ue001').count("<b>") == 1
    assert "<b>" not in html("&#xe000;0&#xe001;")
    assert html('{{ figure "a" }} &#xe000;0&#xe001;').count("<b>") == 1
    assert html('{{ figure "a" }} &#57344;99&#57345;').count("<b>") == 1


def test_what_a_tag_shows_is_not_read_again():
    shown = markup.render('{{ figure "a" }} {{ figure "b" }}', lambda tag: "\ue0001\ue001" if tag.name == "a" else "B")
    assert shown == "<p>\ue0001\ue001 B</p>\n"


@QUICK
@given(source=st.text(st.sampled_from("<>&\"'`*_[]()!#{}\n ax/:1\ue000\ue001|-"), max_size=60))
def test_whatever_is_typed_renders_safely_or_is_refused(source: str):
    try:
        shown = html(source, "")
    except Refusal:
        return
    assert not re.search(r"<(?!/?(?:p|h2|h3|h4|strong|em|ul|ol|li|blockquote|a|br|hr|table|thead|tbody|tr|th|td)\b)\w", shown)
