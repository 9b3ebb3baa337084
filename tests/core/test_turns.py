"""How an undertaking has turned between two days."""

from __future__ import annotations

import pytest

from duban.core.turns import TURNS, turn


@pytest.mark.parametrize(
    ("was", "light", "became"),
    [
        ("green", "red", "red"),
        ("amber", "red", "red"),
        ("grey", "red", "red"),
        (None, "red", "red"),
        ("green", "amber", "amber"),
        (None, "amber", "amber"),
        ("red", "amber", "eased"),
        ("red", "green", "cured"),
        ("amber", "green", "cured"),
        ("red", "red", None),
        ("green", "green", None),
        ("grey", "green", None),
        ("green", "grey", None),
        (None, "green", None),
        (None, "grey", None),
    ],
)
def test_a_light_that_changed_says_what_has_become_of_it(was: str | None, light: str, became: str | None):
    assert turn(was, light) == became


def test_the_same_light_a_whole_point_further_behind_is_worse_and_less_is_not():
    assert turn("amber", "amber", was_gap=-1100, gap=-1200) == "worsened"
    assert turn("amber", "amber", was_gap=-1100, gap=-1199) is None
    assert turn("red", "red", was_gap=-3100, gap=-2000) is None
    assert turn("green", "green", was_gap=500, gap=-900) is None


def test_silence_about_a_gap_is_not_worse():
    assert turn("red", "red", was_gap=None, gap=-4000) is None
    assert turn("red", "red", was_gap=-4000, gap=None) is None


@pytest.mark.parametrize("was", ["green", "amber", "red", None])
def test_a_report_that_is_missing_now_is_told_once(was: str | None):
    assert turn(was, "grey", silent=True) == "silent"
    assert turn("grey", "grey", silent=True) is None


@pytest.mark.parametrize("was", ["amber", "red"])
def test_grey_without_a_missing_report_is_no_cure(was: str):
    assert turn(was, "grey") == "unjudged"


def test_every_turn_is_one_of_those_named():
    lights = (None, "red", "amber", "grey", "green")
    found = {
        turn(was, light, was_gap=0, gap=gap, silent=silent)
        for was in lights
        for light in lights[1:]
        for gap in (0, -200)
        for silent in (False, True)
    }
    assert found == {*TURNS, None}
