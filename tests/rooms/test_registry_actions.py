"""Measures, programmes and undertakings change by those who keep them, and never so that the ledger would mean something else."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from stage import District, district

from duban.core.refusals import Refusal
from duban.people.models import Appointment, AuditLine, Body, User
from duban.registry import actions
from duban.registry.models import Measure, Programme, Revision, Undertaking

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    """A district with one undertaking, `roofs` of the works department, about which the ledger says nothing yet."""
    built = district()
    built.promise("roofs")
    return built


@pytest.fixture
def keeper(place: District) -> User:
    return place.people["dispatcher"]


@pytest.fixture
def roads(place: District, keeper: User) -> Programme:
    return actions.add_programme(
        code="roads", name="道路", owner=place.bodies["top"], measures=[place.measures["invested"]], attributes=ATTRIBUTES, by=keeper
    )


ATTRIBUTES = (
    {"code": "width", "name": "宽度", "type": "number", "unit": "米"},
    {"code": "lit", "name": "有路灯", "type": "flag"},
    {"code": "surface", "name": "路面", "type": "choice", "choices": [{"code": "stone", "name": "石"}, {"code": "tar", "name": "沥青"}]},
    {"code": "note", "name": "备注", "type": "text"},
)

SPOKEN = """
undertaking measure  kind   period  amount
roofs       invested report 2026-01 12
"""


def refusal(act) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value


def road(roads: Programme, place: District, keeper: User, code: str = "road-1", **fields) -> Undertaking:
    fixed = {"programme": roads, "name": "一号路", "kind": "project", "lead_body": place.bodies["works"]}
    return actions.add_undertaking(code=code, by=keeper, **{**fixed, **fields})


# Measures


def test_a_measure_is_added_and_leaves_its_line(keeper):
    actions.add_measure(code="lamps", name="路灯", unit="盏", accumulates="life", by=keeper)
    assert Measure.objects.get(code="lamps").unit == "盏"
    assert AuditLine.objects.filter(act="measure.add", subject="lamps", who=keeper).count() == 1


def test_what_is_refused_leaves_nothing(keeper):
    before = AuditLine.objects.count()
    assert refusal(lambda: actions.add_measure(code="opened", name="开放", holds="day", unit="日", by=keeper)).code == "day-has-no-unit"
    assert not Measure.objects.filter(code="opened").exists()
    assert AuditLine.objects.count() == before


@pytest.mark.parametrize("code", ["Lamps", "路灯", "a/b", "", "new", "-a"])
def test_some_codes_will_not_do(keeper, code):
    assert refusal(lambda: actions.add_measure(code=code, name="x", by=keeper)).code == "code-unfit"


def test_a_code_is_given_once_whatever_its_case(place, keeper, roads):
    road(roads, place, keeper, "D3SX-1")
    assert refusal(lambda: road(roads, place, keeper, "d3sx-1")).facts == {"given": "d3sx-1"}
    assert refusal(lambda: actions.add_measure(code="invested", name="x", by=keeper)).code == "code-in-use"


def test_a_value_that_a_column_cannot_hold_is_named(keeper):
    wrong = refusal(lambda: actions.add_measure(code="lamps", name="路灯", holds="colour", by=keeper))
    assert (wrong.code, wrong.facts["field"]) == ("field-unfit", "holds")


@pytest.mark.parametrize(("field", "value"), [("unit", "盏"), ("accumulates", "life"), ("holds", "day")])
def test_what_a_measure_means_stays_once_the_ledger_speaks_of_it(place, keeper, field, value):
    measure = place.measures["invested"]
    meant = {field: value} if field != "holds" else {"holds": value, "unit": ""}
    actions.change_measure(measure=measure, by=keeper, **meant)
    Measure.objects.filter(pk=measure.pk).update(unit=measure.unit, accumulates=measure.accumulates, holds=measure.holds)
    place.write(SPOKEN)
    assert refusal(lambda: actions.change_measure(measure=measure, by=keeper, **meant)).code == "measure-has-entries"
    changed = actions.change_measure(measure=measure, name="完成投资", order=3, by=keeper)
    assert (changed.name, getattr(changed, field)) == ("完成投资", getattr(measure, field))


def test_a_measure_that_the_ledger_does_not_speak_of_stays_free(place, keeper):
    place.write(SPOKEN)
    actions.change_measure(measure=place.measures["progress"], unit="盏", by=keeper)


def test_a_change_says_what_was_before(place, keeper):
    actions.change_measure(measure=place.measures["invested"], name="完成投资", by=keeper)
    assert AuditLine.objects.get(act="measure.change").facts == {"changes": {"name": {"before": "invested", "after": "完成投资"}}}


def test_only_who_keeps_every_programme_that_counts_a_measure_changes_it(place, keeper):
    city = Body.objects.create(code="city", kind="city", name="市", path="city/")
    elsewhere = Programme.objects.create(code="elsewhere", name="别处", owner=city)
    elsewhere.measures.add(place.measures["progress"])
    with pytest.raises(PermissionDenied):
        actions.change_measure(measure=place.measures["progress"], name="x", by=keeper)


@pytest.mark.parametrize("who", ["reporter", "reviewer", "editor", "resident"])
def test_nobody_but_a_dispatcher_keeps_the_registry(place, roads, who):
    user = place.people[who]
    for act in (
        lambda: actions.add_measure(code="x", name="x", by=user),
        lambda: actions.change_measure(measure=place.measures["invested"], name="x", by=user),
        lambda: actions.add_programme(code="x", name="x", owner=place.bodies["works"], by=user),
        lambda: actions.change_programme(programme=roads, name="x", by=user),
        lambda: actions.declare(programme=roads, attribute={"code": "x", "name": "x", "type": "text"}, by=user),
        lambda: actions.redeclare(programme=roads, code="note", attribute={"name": "x", "type": "text"}, by=user),
        lambda: actions.undeclare(programme=roads, code="note", by=user),
        lambda: road(roads, place, user),
        lambda: actions.change_undertaking(undertaking=place.undertakings["roofs"], name="x", by=user),
    ):
        with pytest.raises(PermissionDenied):
            act()


# Programmes


def test_a_programme_comes_with_its_measures_and_attributes(roads, place):
    kept = Programme.objects.get(code="roads")
    assert [measure.code for measure in kept.measures.all()] == ["invested"]
    assert [one["code"] for one in kept.attributes] == ["width", "lit", "surface", "note"]
    assert kept.attributes[0] == {"code": "width", "name": "宽度", "name_en": "", "type": "number", "unit": "米", "choices": []}


def test_lights_judge_by_a_measure_that_is_counted(place, keeper, roads):
    other = place.measures["progress"]
    assert refusal(lambda: actions.change_programme(programme=roads, lead_measure=other, by=keeper)).code == "lead-measure-not-counted"
    changed = actions.change_programme(programme=roads, lead_measure=other, measures=[other], by=keeper)
    assert changed.lead_measure == other


def test_a_measure_with_entries_is_counted_for_ever(place, keeper):
    place.write(SPOKEN)
    programme = place.programmes["invested"]
    kept = [measure for measure in place.measures.values() if measure.code != "progress"]
    actions.change_programme(programme=programme, measures=kept, by=keeper)
    fewer = [measure for measure in kept if measure.code != "invested"]
    wrong = refusal(lambda: actions.change_programme(programme=programme, measures=fewer, lead_measure=None, by=keeper))
    assert (wrong.code, wrong.facts["measures"]) == ("measure-has-entries", ["invested"])
    assert place.measures["invested"] in programme.measures.all()


def test_a_programme_is_given_away_only_to_a_body_that_one_keeps(place, keeper, roads):
    city = Body.objects.create(code="city", kind="city", name="市", path="city/")
    with pytest.raises(PermissionDenied):
        actions.change_programme(programme=roads, owner=city, by=keeper)
    assert actions.change_programme(programme=roads, owner=place.bodies["works"], by=keeper).owner == place.bodies["works"]


def test_every_change_raises_the_registrys_revision(place, keeper, roads):
    before = Revision.objects.get().number
    actions.change_programme(programme=roads, measures=[], by=keeper)
    assert Revision.objects.get().number > before


# What a programme declares


@pytest.mark.parametrize(
    ("attribute", "code"),
    [
        ({"code": "Width", "name": "x", "type": "text"}, "attribute-code-unfit"),
        ({"code": "1", "name": "x", "type": "text"}, "attribute-code-unfit"),
        ({"code": "stage", "name": "x", "type": "text"}, "attribute-code-unfit"),  # a filter goes by this name
        ({"code": "contains", "name": "x", "type": "text"}, "attribute-code-unfit"),  # within JSON it means a comparison
        ({"code": "width", "name": "x", "type": "text"}, "attribute-code-in-use"),
        ({"code": "a", "name": " ", "type": "text"}, "attribute-name-missing"),
        ({"code": "a", "name": "x", "type": "colour"}, "attribute-type-unknown"),
        ({"code": "a", "name": "x", "type": "text", "unit": "米"}, "attribute-takes-no-unit"),
        ({"code": "a", "name": "x", "type": "number", "choices": [{"code": "b", "name": "b"}]}, "attribute-takes-no-choices"),
        ({"code": "a", "name": "x", "type": "choice", "choices": [{"code": "b", "name": "b"}]}, "choices-missing"),
        ({"code": "a", "name": "x", "type": "choice", "choices": [{"code": "b", "name": "b"}] * 2}, "choice-twice"),
        ({"code": "a", "name": "x", "type": "choice", "choices": [{"code": "B!", "name": "b"}] * 2}, "choice-unreadable"),
    ],
)
def test_a_declaration_says_what_it_means(keeper, roads, attribute, code):
    assert refusal(lambda: actions.declare(programme=roads, attribute=attribute, by=keeper)).code == code


def test_a_declaration_changes_as_long_as_what_was_said_still_fits(place, keeper, roads):
    road(roads, place, keeper, attributes={"surface": "stone", "width": 4})
    three = [*ATTRIBUTES[2]["choices"], {"code": "gravel", "name": "砾石"}]

    def redeclare(code: str, **said) -> None:
        actions.redeclare(programme=roads, code=code, attribute=said, by=keeper)

    redeclare("surface", name="面层", type="choice", choices=three)
    redeclare("surface", name="面层", type="choice", choices=[three[0], three[2]])
    for act in (
        lambda: redeclare("surface", name="面层", type="choice", choices=three[1:]),
        lambda: redeclare("surface", name="面层", type="text"),
        lambda: redeclare("width", name="宽度", type="number", unit="公里"),
        lambda: actions.undeclare(programme=roads, code="width", by=keeper),
    ):
        wrong = refusal(act)
        assert (wrong.code, wrong.facts["undertakings"]) == ("attribute-in-use", 1)
    redeclare("width", name="路宽", type="number", unit="米")
    actions.undeclare(programme=roads, code="lit", by=keeper)
    kept = Programme.objects.get(pk=roads.pk).attributes
    assert [(one["code"], one["name"]) for one in kept] == [("width", "路宽"), ("surface", "面层"), ("note", "备注")]


def test_an_attribute_that_nobody_declared_cannot_be_taken_back(keeper, roads):
    assert refusal(lambda: actions.undeclare(programme=roads, code="height", by=keeper)).code == "attribute-unknown"


# Undertakings


def test_an_undertaking_carries_what_its_programme_declares(place, keeper, roads):
    said = {"width": Decimal("4.50"), "lit": False, "surface": "tar", "note": ""}
    made = road(roads, place, keeper, attributes=said, joint_bodies=[place.bodies["parks"]])
    kept = Undertaking.objects.get(pk=made.pk)
    assert kept.attributes == {"width": 4.5, "lit": False, "surface": "tar"}  # nothing was said in the note; a no is said
    assert list(kept.joint_bodies.all()) == [place.bodies["parks"]]
    assert road(roads, place, keeper, "road-2", attributes={"width": Decimal("4.0")}).attributes == {"width": 4}


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ({"height": 3}, "attribute-unknown"),
        ({"width": "4"}, "attribute-unfit"),
        ({"width": True}, "attribute-unfit"),
        ({"width": float("nan")}, "attribute-unfit"),
        ({"lit": 1}, "attribute-unfit"),
        ({"surface": "grass"}, "attribute-unfit"),
        ({"note": 5}, "attribute-unfit"),
        ({"note": "x" * 501}, "attribute-unfit"),
    ],
)
def test_an_attribute_of_another_kind_is_refused(place, keeper, roads, attributes, code):
    assert refusal(lambda: road(roads, place, keeper, attributes=attributes)).code == code


def test_a_part_stands_on_its_parents_list_one_step_below_it(place, keeper, roads):
    whole = road(roads, place, keeper)
    part = road(roads, place, keeper, "road-1-a", parent=whole)
    other = road(roads, place, keeper, "road-2")
    stranger = place.undertakings["roofs"]
    assert refusal(lambda: road(roads, place, keeper, "road-1-b", parent=part)).code == "parent-is-a-part"
    assert refusal(lambda: road(roads, place, keeper, "road-1-b", parent=stranger)).code == "parent-in-another-programme"
    assert refusal(lambda: actions.change_undertaking(undertaking=whole, parent=part, by=keeper)).code == "parent-cycle"
    assert refusal(lambda: actions.change_undertaking(undertaking=other, parent=other, by=keeper)).code == "parent-cycle"
    assert refusal(lambda: actions.change_undertaking(undertaking=whole, parent=other, by=keeper)).code == "undertaking-has-parts"
    assert list(whole.parts.all()) == [part]


def test_an_undertaking_of_which_the_ledger_speaks_stays_on_its_list(place, keeper):
    roofs, other = place.undertakings["roofs"], place.promise("lawns", lead="progress").programme
    assert actions.change_undertaking(undertaking=roofs, programme=other, by=keeper).programme == other
    actions.change_undertaking(undertaking=roofs, programme=place.programmes["invested"], by=keeper)
    place.write(SPOKEN)
    assert refusal(lambda: actions.change_undertaking(undertaking=roofs, programme=other, by=keeper)).code == "undertaking-has-entries"
    assert actions.change_undertaking(undertaking=roofs, name="屋顶", by=keeper).name == "屋顶"


def test_a_whole_does_not_leave_its_parts_behind(place, keeper, roads):
    whole = road(roads, place, keeper)
    road(roads, place, keeper, "road-1-a", parent=whole)
    move = lambda: actions.change_undertaking(undertaking=whole, programme=place.programmes["invested"], by=keeper)  # noqa: E731
    assert refusal(move).code == "undertaking-has-parts"


def test_what_is_moved_fits_what_the_other_programme_declares(place, keeper, roads):
    made = road(roads, place, keeper, attributes={"lit": True})
    move = lambda: actions.change_undertaking(undertaking=made, programme=place.programmes["invested"], by=keeper)  # noqa: E731
    assert refusal(move).code == "attribute-unknown"


def test_bodies_towns_and_points_make_sense(place, keeper, roads):
    works = place.bodies["works"]
    assert refusal(lambda: road(roads, place, keeper, joint_bodies=[works])).code == "lead-body-is-joint"
    assert refusal(lambda: road(roads, place, keeper, town=works)).code == "town-is-none"
    assert refusal(lambda: road(roads, place, keeper, latitude=29.7)).code == "point-incomplete"
    wrong = refusal(lambda: road(roads, place, keeper, latitude=97.0, longitude=118.3))
    assert (wrong.code, wrong.facts["field"]) == ("field-unfit", "latitude")
    assert road(roads, place, keeper, latitude=29.7, longitude=118.3).longitude == 118.3


def test_who_answers_works_in_one_of_its_bodies_or_over_them(place, keeper, roads):
    leader = User.objects.create_user("leader")
    Appointment.objects.create(user=leader, body=place.bodies["top"], role="leader", since=timezone.now())
    assert road(roads, place, keeper, answerable=leader).answerable == leader
    stranger = place.people["stranger"]
    assert refusal(lambda: road(roads, place, keeper, "road-2", answerable=stranger)).code == "answerable-elsewhere"
    assert road(roads, place, keeper, "road-2", answerable=stranger, joint_bodies=[place.bodies["parks"]]).answerable == stranger


def test_nobody_promises_for_a_body_that_they_do_not_keep(place, roads):
    of_parks = User.objects.create_user("of-parks")
    Appointment.objects.create(user=of_parks, body=place.bodies["parks"], role="dispatcher", since=timezone.now())
    own = actions.add_programme(code="lawns", name="草坪", owner=place.bodies["parks"], by=of_parks)
    with pytest.raises(PermissionDenied):
        road(own, place, of_parks)
    with pytest.raises(PermissionDenied):
        road(roads, place, of_parks, lead_body=place.bodies["parks"])
    mine = road(own, place, of_parks, lead_body=place.bodies["parks"])
    with pytest.raises(PermissionDenied):
        actions.change_undertaking(undertaking=mine, lead_body=place.bodies["works"], by=of_parks)


def test_a_field_that_is_none_is_a_slip_of_the_programmer(place, keeper):
    with pytest.raises(TypeError, match="colour"):
        actions.change_undertaking(undertaking=place.undertakings["roofs"], colour="red", by=keeper)
