"""Rulebooks as files: read with the key and line of whatever is wrong, laid over each other, written, and changed key by key."""

from __future__ import annotations

import tomllib
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duban.core import rulefile, ruletext
from duban.core.checks import CHECKS, Thresholds
from duban.core.checks.thresholds import bounds
from duban.core.rulebook import PRESETS, STAGES, Rulebook

WHOLE = """# what the district decided on 3 January
inherits = "yinchuan"

[schedule]
behind = 8            # two points less
far_behind = 25

[production]
judged = true

[labels]
"双进双产" = ["new", "producing"]

[checks]
unit-off = "block"

[thresholds]
run_reports = 3
"""


def wrong(text: str) -> list[tuple[str, int | None, str]]:
    return [(one.code, one.row, one.facts.get("key", "")) for one in rulefile.read(text).findings]


# Reading


def test_a_file_says_what_it_sets_and_nothing_else():
    read = rulefile.read(WHOLE)
    assert read.findings == ()
    assert read.inherits == "yinchuan"
    assert read.layer == {
        "schedule": {"behind": 8, "far_behind": 25},
        "production": {"judged": True},
        "labels": {"双进双产": ["new", "producing"]},
        "checks": {"unit-off": "block"},
        "thresholds": {"run_reports": 3},
    }


def test_an_empty_file_inherits_everything():
    assert rulefile.read("") == rulefile.read("# nothing yet\n") == rulefile.Reading({}, None, ())
    assert rulefile.resolved([rulefile.read("")]) == Rulebook()


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("[schedule]\nbehind = \n", 2),
        ("[schedule\n", 1),
        ("[schedule]\nbehind = 3\nbehind = 4\n", 3),
        ("[schedule]\nbehind = 3 4\n", 2),
        ('[labels]\nx = ["new",\n', 2),
        ('[labels]\n双进双产 = ["new"]\n', 2),
        ("[schedule]\nbehind = " + "9" * 5000, 2),
        ("x = " + "[" * 20_000, 1),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(text: str, row: int):
    assert wrong(text) == [("rulebook-unreadable", row, "")]


@pytest.mark.parametrize(
    ("text", "code", "row", "key"),
    [
        ("[shedule]\nbehind = 3\n", "rulebook-key-unknown", 1, "shedule"),
        ("\n\n[schedule]\n\nbehnid = 3\n", "rulebook-key-unknown", 5, "schedule.behnid"),
        ("schedule = 3\n", "rulebook-key-unknown", 1, "schedule"),
        ("behind = 3\n", "rulebook-key-unknown", 1, "behind"),
        ("[[schedule]]\nbehind = 3\n", "rulebook-key-unknown", 1, "schedule"),
        ('inherits = "beijing"\n', "rulebook-value-wrong", 1, "inherits"),
        ('# why\ninherits = ["duban"]\n', "rulebook-value-wrong", 2, "inherits"),
        ("[schedule]\nbehind = 101\n", "rulebook-value-wrong", 2, "schedule.behind"),
        ("[schedule]\nbehind = -1\n", "rulebook-value-wrong", 2, "schedule.behind"),
        ("[schedule]\nbehind = 3.5\n", "rulebook-value-wrong", 2, "schedule.behind"),
        ("[schedule]\nbehind = true\n", "rulebook-value-wrong", 2, "schedule.behind"),
        ('[schedule]\nbehind = "3"\n', "rulebook-value-wrong", 2, "schedule.behind"),
        ('[schedule]\ncurve = "steep"\n', "rulebook-value-wrong", 2, "schedule.curve"),
        ("[start]\njudged = 1\n", "rulebook-value-wrong", 2, "start.judged"),
        ('[labels]\n"双进双产" = ["new", "old"]\n', "rulebook-value-wrong", 2, "labels.双进双产"),
        ('[labels]\nx = "new"\n', "rulebook-value-wrong", 2, "labels.x"),
        ('[labels]\n"" = ["new"]\n', "rulebook-key-unknown", 2, "labels."),
        ('[checks]\nunit-on = "note"\n', "rulebook-key-unknown", 2, "checks.unit-on"),
        ('[checks]\nunit-off = "shout"\n', "rulebook-value-wrong", 2, "checks.unit-off"),
        ("[thresholds]\nrun = 3\n", "rulebook-key-unknown", 2, "thresholds.run"),
        ("[thresholds]\nrun_reports = 1\n", "rulebook-value-wrong", 2, "thresholds.run_reports"),
        ('# dotted\nschedule.behind = "x"\n', "rulebook-value-wrong", 2, "schedule.behind"),
        ('checks."unit-off" = "x"\n', "rulebook-value-wrong", 1, "checks.unit-off"),
        ("\nschedule = { behind = 300 }\n", "rulebook-value-wrong", 2, "schedule.behind"),
    ],
)
def test_what_is_wrong_is_told_with_its_key_and_line_and_sets_nothing(text: str, code: str, row: int, key: str):
    assert wrong(text) == [(code, row, key)]
    assert rulefile.read(text).layer == {}


def test_a_wrong_value_is_told_with_what_would_be_right():
    (found,) = rulefile.read("[thresholds]\nlook_bits = 17\n").findings
    assert found.facts == {"key": "thresholds.look_bits", "value": "17", "wanted": "0 … 16"}


def test_what_is_right_beside_something_wrong_is_read():
    read = rulefile.read("[schedule]\nbehind = 8\nfar_behind = 300\n")
    assert read.layer == {"schedule": {"behind": 8}}
    assert [one.row for one in read.findings] == [3]


LINE_OF = st.sampled_from(
    [(section, key) for section in rulefile.SECTIONS for key in rulefile.declared(section)]
    + [("checks", code) for code in CHECKS]
    + [("thresholds", name) for name in asdict(Thresholds())]
)


@given(LINE_OF, st.integers(0, 5), st.sampled_from(["{s}.{k}", '{s}."{k}"', "[{s}]\n{k}", "[{s}]\n'{k}'", "[ {s} ]\n  {k}"]))
def test_every_key_that_is_given_something_strange_is_found_by_its_line(place: tuple[str, str], above: int, style: str):
    section, key = place
    text = "# why\n" * above + style.format(s=section, k=key) + " = 1999-01-01\n"
    assert wrong(text) == [("rulebook-value-wrong", text.count("\n"), f"{section}.{key}")]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_whatever_makes_reading_fail_and_every_finding_has_a_line(text: str):
    assert all(one.row is not None and 1 <= one.row <= text.count("\n") + 1 for one in rulefile.read(text).findings)


# Laying over each other


def test_what_a_file_leaves_out_comes_from_the_body_above_and_at_the_top_from_duban():
    city, district, programme = (rulefile.read(f"[schedule]\n{said}\n") for said in ("behind = 8\nfar_behind = 40", "behind = 6", ""))
    book = rulefile.resolved([city, district, programme])
    assert (book.schedule.behind, book.schedule.far_behind, book.start) == (6, 40, Rulebook().start)


def test_a_preset_takes_the_place_of_all_that_lies_above_and_its_own_file_lies_over_it():
    city, district = rulefile.read("[reports]\ngrace_days = 3\n"), rulefile.read('inherits = "wuhan"\n[schedule]\nbehind = 85\n')
    book = rulefile.resolved([city, district, rulefile.read("[schedule]\nfar_behind = 50\n")])
    assert (book.schedule.compare, book.schedule.behind, book.schedule.far_behind) == ("ratio", 85, 50)
    assert book.reports.grace_days == 10


def test_names_of_the_files_own_are_laid_beside_each_other():
    above, below = (
        rulefile.read('[checks]\nunit-off = "block"\namount-falls = "block"\n'),
        rulefile.read('[checks]\namount-falls = "note"\n'),
    )
    assert rulefile.resolved([above, below]).checks == {"unit-off": "block", "amount-falls": "note"}


def test_presets_are_the_published_figures():
    made = {name: rulefile.laid([layer]) for name, layer in PRESETS.items()}
    assert made["duban"] == Rulebook()
    yinchuan = made["yinchuan"]
    assert (yinchuan.schedule.compare, yinchuan.schedule.behind, yinchuan.schedule.far_behind) == ("points", 10, 30)
    assert (yinchuan.start.judged, yinchuan.start.red_months) == (True, 3)
    assert (yinchuan.enrolment.judged, yinchuan.enrolment.amber_months, yinchuan.enrolment.red_months) == (True, 1, 2)
    assert (made["wuhan"].schedule.compare, made["wuhan"].schedule.behind, made["wuhan"].schedule.far_behind) == ("ratio", 80, 60)
    assert made["linear"].schedule.curve == "linear"


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_a_file_without_faults_that_does_not_contradict_itself(name: str):
    assert rulefile.read(rulefile.told(PRESETS[name])).findings == ()
    assert rulefile.ordered(rulefile.laid([PRESETS[name]])) == ()


def test_each_key_knows_where_it_comes_from():
    city = rulefile.read("[schedule]\nbehind = 8\n[reports]\ngrace_days = 3\n")
    said = rulefile.traced([("city", city), ("here", rulefile.read("[schedule]\nfar_behind = 40\n"))])
    places = {
        key: said[key] for key in [("schedule", "behind"), ("schedule", "far_behind"), ("reports", "grace_days"), ("start", "judged")]
    }
    assert places == {
        ("schedule", "behind"): rulefile.Said(8, "city"),
        ("schedule", "far_behind"): rulefile.Said(40, "here"),
        ("reports", "grace_days"): rulefile.Said(3, "city"),
        ("start", "judged"): rulefile.Said(True, None),
    }
    preset = rulefile.traced([("city", city), ("here", rulefile.read('inherits = "yinchuan"\n'))])
    assert preset["schedule", "behind"] == rulefile.Said(10, "yinchuan")
    assert preset["reports", "grace_days"] == rulefile.Said(10, None)


def test_every_key_that_can_be_set_is_traced():
    said = rulefile.traced([])
    assert {key for key in said if key[0] in rulefile.SECTIONS} == {
        (section, key) for section in rulefile.SECTIONS for key in rulefile.declared(section)
    }
    assert {key for section, key in said if section == "checks"} == set(CHECKS)
    assert {key for section, key in said if section == "thresholds"} == set(asdict(Thresholds()))
    assert all(rulefile.wanted(*key) for key in said)


# Contradictions


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[schedule]\nbehind = 20\nfar_behind = 19\n", [("schedule.far_behind", 3)]),
        ("[schedule]\nbehind = 20\nfar_behind = 20\n", []),
        ("[schedule]\nbehind = 31\n", [("schedule.far_behind", 2)]),
        ('[schedule]\ncompare = "ratio"\nbehind = 60\nfar_behind = 80\n', [("schedule.far_behind", 4)]),
        ('[schedule]\ncompare = "ratio"\nbehind = 80\nfar_behind = 60\n', []),
        ("[enrolment]\namber_months = 3\n", [("enrolment.red_months", 2)]),
        ("[production]\nred_months = 0\n", [("production.red_months", 2)]),
    ],
)
def test_a_red_that_would_come_before_its_amber_is_found(text: str, found: list[tuple[str, int]]):
    told = rulefile.ordered(rulefile.resolved([rulefile.read(text)]), text)
    assert [(one.facts["key"], one.row) for one in told] == found


# Writing


def _value(section: str, key: str) -> st.SearchStrategy[Any]:
    part = rulefile.declared(section)[key]
    if "choices" in part.metadata:
        return st.sampled_from(part.metadata["choices"])
    return st.integers(part.metadata["least"], part.metadata["most"]) if "least" in part.metadata else st.booleans()


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)
LAYERS = st.fixed_dictionaries(
    {},
    optional={
        **{
            section: st.fixed_dictionaries({}, optional={key: _value(section, key) for key in rulefile.declared(section)})
            for section in rulefile.SECTIONS
        },
        "labels": st.dictionaries(NAMES, st.lists(st.sampled_from(STAGES)), max_size=3),
        "checks": st.dictionaries(st.sampled_from(list(CHECKS)), st.sampled_from(rulefile.WEIGHTS), max_size=3),
        "thresholds": st.fixed_dictionaries({}, optional={name: st.integers(*bounds(name)) for name in asdict(Thresholds())}),
    },
)


@given(LAYERS)
def test_a_rulebook_that_is_written_reads_back_to_the_same(layer: dict[str, Any]):
    book = rulefile.laid([layer])
    again = rulefile.read(rulefile.written(book))
    assert again.findings == ()
    assert rulefile.laid([again.layer]) == book
    assert rulefile.laid([again.layer]).digest() == book.digest()


@given(LAYERS, st.sampled_from([None, *PRESETS]))
def test_what_a_file_sets_reads_back_to_the_same_and_to_nothing_more(layer: dict[str, Any], inherits: str | None):
    again = rulefile.read(rulefile.told(layer, inherits))
    assert again == rulefile.Reading({name: part for name, part in layer.items() if part}, inherits, ())


# Changing key by key


def test_a_changed_key_keeps_its_line_and_its_comment_and_leaves_all_else_alone():
    assert ruletext.changed(WHOLE, "schedule", "behind", 5) == WHOLE.replace("behind = 8            #", "behind = 5            #")
    assert ruletext.changed(WHOLE, "schedule", "behind", None) == WHOLE.replace("behind = 8            # two points less\n", "")
    assert ruletext.changed(WHOLE, "checks", "unit-off", "note") == WHOLE.replace('unit-off = "block"', 'unit-off = "note"')


def test_a_new_key_stands_at_the_end_of_its_section_or_in_one_of_its_own():
    assert ruletext.changed(WHOLE, "schedule", "curve", "linear") == WHOLE.replace(
        "far_behind = 25\n", 'far_behind = 25\ncurve = "linear"\n'
    )
    assert ruletext.changed(WHOLE, "start", "red_months", 6) == WHOLE + "\n[start]\nred_months = 6\n"
    assert ruletext.changed("", "start", "judged", False) == "[start]\njudged = false\n"
    assert ruletext.changed("[start]", "start", "judged", False) == "[start]\njudged = false"


def test_the_preset_stands_above_all_sections():
    assert ruletext.changed(WHOLE, *ruletext.INHERITS, "wuhan") == WHOLE.replace('"yinchuan"', '"wuhan"')
    assert ruletext.changed(WHOLE, *ruletext.INHERITS, None) == WHOLE.replace('inherits = "yinchuan"\n', "")
    assert ruletext.changed("# why\n[start]\njudged = true\n", *ruletext.INHERITS, "wuhan") == (
        '# why\ninherits = "wuhan"\n\n[start]\njudged = true\n'
    )


def test_a_list_over_several_lines_is_replaced_whole():
    text = '[labels]\nx = [\n  "new", # fresh\n  "producing",\n]\ny = ["reserve"]\n'
    assert ruletext.changed(text, "labels", "x", ["new"]) == '[labels]\nx = ["new"]\ny = ["reserve"]\n'
    assert ruletext.changed(text, "labels", "x", None) == '[labels]\ny = ["reserve"]\n'


@pytest.mark.parametrize("text", ["schedule.behind = 8\n", "schedule = { behind = 8 }\n", "[schedule]\n'behind' = 8\n"])
def test_a_key_in_any_layout_can_be_changed(text: str):
    assert tomllib.loads(ruletext.changed(text, "schedule", "behind", 5)) == {"schedule": {"behind": 5}}
    assert tomllib.loads(ruletext.changed(text, "schedule", "far_behind", 40)) == {"schedule": {"behind": 8, "far_behind": 40}}
    assert rulefile.read(ruletext.changed(text, "schedule", "behind", None)).layer == {}


@given(LAYERS, LAYERS)
def test_changing_key_by_key_makes_of_any_file_any_other(first: dict[str, Any], second: dict[str, Any]):
    text = rulefile.told(first)
    for section in {*first, *second}:
        for key in {*first.get(section, {}), *second.get(section, {})}:
            text = ruletext.changed(text, section, key, second.get(section, {}).get(key))
    assert rulefile.read(text) == rulefile.Reading({name: part for name, part in second.items() if part}, None, ())


def test_a_section_that_is_none_gives_way_to_one():
    assert tomllib.loads(ruletext.changed("schedule = 3\n", "schedule", "behind", 5)) == {"schedule": {"behind": 5}}


def test_what_nobody_knows_is_not_lost_where_a_text_is_written_anew():
    text = "schedule = { behind = 8 }\n[mine]\nday = 2021-08-31\n"
    assert tomllib.loads(ruletext.changed(text, "schedule", "curve", "own"))["mine"] == {"day": "2021-08-31"}


def test_what_is_no_toml_cannot_be_changed():
    with pytest.raises(tomllib.TOMLDecodeError):
        ruletext.changed("[schedule", "schedule", "behind", 5)
