"""A dispatcher keeps measures, programmes and undertakings at the desk; what is wrong is said beside its field."""

from __future__ import annotations

import re

import pytest
from django.conf import settings as django_settings
from django.test import Client
from stage import District, district

from duban.demo import programmes as example
from duban.demo import tunxi
from duban.people.models import Body, User
from duban.registry import attributes
from duban.registry.models import Measure, Programme, Undertaking

pytestmark = pytest.mark.django_db

LANGUAGES = ["zh-hans", "zh-hant", "en"]


@pytest.fixture
def place() -> District:
    built = district()
    built.promise("roofs")
    return built


def sign_in(user: User, language: str = "en") -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = language
    return client


@pytest.fixture
def desk(place: District) -> Client:
    return sign_in(place.people["dispatcher"])


def faults(page: str) -> dict[str, str]:
    """What the page says beside which field."""
    return {name: re.sub("<[^>]+>", "", words) for name, words in re.findall(r'id="id_([\w-]+)_error"><div>(.*?)</div>', page)}


MEASURE = {
    "code": "lamps",
    "name": "路灯",
    "name_en": "Lamps",
    "holds": "amount",
    "unit": "盏",
    "accumulates": "life",
    "direction": "1",
    "order": "0",
}


def test_the_desk_leads_to_the_registry_only_those_who_keep_it(place, desk):
    assert 'href="/desk/programmes/"' in desk.get("/desk/").content.decode()
    reporter = sign_in(place.people["reporter"])
    assert 'href="/desk/programmes/"' not in reporter.get("/desk/").content.decode()
    assert 'href="/desk/undertakings/roofs/change/"' in desk.get("/desk/undertakings/roofs/").content.decode()
    assert "roofs/change/" not in reporter.get("/desk/undertakings/roofs/").content.decode()


def test_a_measure_is_added_listed_and_changed(desk):
    assert desk.post("/desk/measures/new/", MEASURE)["Location"] == "/desk/measures/"
    assert "Lamps" in desk.get("/desk/measures/").content.decode()
    desk.post("/desk/measures/lamps/", {**MEASURE, "name_en": "Street lamps"})
    assert Measure.objects.get(code="lamps").name_en == "Street lamps"


@pytest.mark.parametrize(
    ("language", "words"), [("zh-hans", "代码lamps已被使用。"), ("zh-hant", "代碼lamps已被使用。"), ("en", "The code lamps is taken.")]
)
def test_what_an_action_refuses_stands_beside_its_field_in_the_readers_language(place, language, words):
    desk = sign_in(place.people["dispatcher"], language)
    desk.post("/desk/measures/new/", MEASURE)
    answer = desk.post("/desk/measures/new/", MEASURE)
    assert answer.status_code == 200
    assert faults(answer.content.decode())["code"] == words


def test_what_was_typed_is_still_there_when_something_is_wrong(desk):
    page = desk.post("/desk/measures/new/", {**MEASURE, "holds": "day"}).content.decode()
    assert faults(page) == {"unit": "A measure that holds a day has no unit."}
    assert 'value="Lamps"' in page
    assert '<a href="#id_unit">Unit</a>' in page  # the summary leads to the field


def test_a_measure_of_which_the_ledger_speaks_says_so_before_and_after(place, desk):
    place.write("undertaking measure kind period amount\nroofs invested report 2026-01 12")
    page = desk.get("/desk/measures/invested/").content.decode()
    assert "The ledger holds entries of this measure" in page
    same = {"name": "投资", "holds": "amount", "unit": "元", "accumulates": "year", "direction": "1", "order": "0"}
    assert "cannot be changed" in faults(desk.post("/desk/measures/invested/", {**same, "unit": "万元"}).content.decode())["unit"]
    assert desk.post("/desk/measures/invested/", same).status_code == 302


def test_a_programme_is_added_and_changed_with_its_measures(place, desk):
    invested, progress = place.measures["invested"].pk, place.measures["progress"].pk
    said = {"code": "roads", "name": "道路", "owner": place.bodies["works"].pk, "year": "2026", "measures": [invested], "order": "0"}
    assert desk.post("/desk/programmes/new/", {**said, "lead_measure": invested})["Location"] == "/desk/programmes/roads/"
    page = desk.get("/desk/programmes/roads/").content.decode()
    assert re.search(rf'name="measures" value="{invested}" checked', page)
    assert not re.search(rf'name="measures" value="{progress}" checked', page)
    wrong = desk.post("/desk/programmes/roads/", {**said, "lead_measure": progress}).content.decode()
    assert "Lights can only judge" in faults(wrong)["lead_measure"]
    assert desk.post("/desk/programmes/roads/", {**said, "public": "on"}).status_code == 302
    programme = Programme.objects.get(code="roads")
    assert (programme.public, programme.lead_measure, programme.year) == (True, None, 2026)


def test_attributes_are_declared_changed_and_removed(place, desk):
    at = "/desk/programmes/invested/"
    choice = {"code": "surface", "name": "路面", "name_en": "Surface", "type": "choice", "choices": "stone | 石 | Stone\n\ntar ｜ 沥青"}
    assert desk.post(f"{at}attributes/new/", choice)["Location"] == at
    kept = Programme.objects.get(code="invested").attributes
    assert kept[0]["choices"] == [{"code": "stone", "name": "石", "name_en": "Stone"}, {"code": "tar", "name": "沥青", "name_en": ""}]
    page = desk.get(f"{at}attributes/surface/").content.decode()
    assert "stone | 石 | Stone\ntar | 沥青</textarea>" in page
    wrong = desk.post(f"{at}attributes/surface/", {**choice, "choices": "stone | 石"}).content.decode()
    assert faults(wrong) == {"choices": "路面 needs two choices at least."}
    desk.post(f"{at}attributes/surface/", {**choice, "name": "面层"})
    assert Programme.objects.get(code="invested").attributes[0]["name"] == "面层"
    assert desk.post(f"{at}attributes/surface/remove/").status_code == 302
    assert Programme.objects.get(code="invested").attributes == []


def test_a_used_attribute_is_not_removed_and_the_page_says_why(place, desk):
    programme = place.programmes["invested"]
    programme.attributes = [attributes.declaration({"code": "width", "name": "宽度", "type": "number"})]
    programme.save()
    Undertaking.objects.update(attributes={"width": 4})
    answer = desk.post("/desk/programmes/invested/attributes/width/remove/")
    assert answer.status_code == 409
    assert "Undertakings that say something under “宽度” which would no longer fit: 1." in answer.content.decode()


@pytest.fixture
def declared(place: District) -> Programme:
    programme = place.programmes["invested"]
    programme.attributes = [
        attributes.declaration({"code": "width", "name": "宽度", "name_en": "Width", "type": "number", "unit": "米"}),
        attributes.declaration({"code": "lit", "name": "有路灯", "type": "flag"}),
        attributes.declaration(
            {
                "code": "surface",
                "name": "路面",
                "type": "choice",
                "choices": [{"code": "stone", "name": "石", "name_en": "Stone"}, {"code": "tar", "name": "沥青"}],
            }
        ),
    ]
    programme.save()
    return programme


def said(place: District, **more) -> dict:
    return {"code": "road-1", "name": "一号路", "kind": "project", "lead_body": place.bodies["works"].pk, "order": "0", **more}


def test_an_undertaking_is_added_with_what_its_programme_declares(place, desk, declared):
    at = "/desk/programmes/invested/undertakings/new/"
    page = desk.get(at).content.decode()
    assert "Width (米)" in page
    assert '<option value="stone">Stone</option>' in page
    wrong = desk.post(at, said(place, attribute_width="wide", attribute_surface="grass", latitude="29.7")).content.decode()
    assert set(faults(wrong)) == {"attribute_width", "attribute_surface"}
    wrong = desk.post(at, said(place, latitude="29.7")).content.decode()
    assert faults(wrong) == {"latitude": "A point on the map needs both its latitude and its longitude."}
    full = said(
        place, attribute_width="4.5", attribute_lit="False", attribute_surface="tar", joint_bodies=[place.bodies["parks"].pk], public="on"
    )
    assert desk.post(at, full)["Location"] == "/desk/undertakings/road-1/"
    made = Undertaking.objects.get(code="road-1")
    assert made.attributes == {"width": 4.5, "lit": False, "surface": "tar"}
    assert list(made.joint_bodies.all()) == [place.bodies["parks"]]


def test_what_an_undertaking_says_is_in_its_form_and_saving_it_changes_nothing(place, desk, declared):
    place.promise("road-1", attributes={"width": 4.5, "lit": False, "surface": "tar"}, latitude=29.7, longitude=118.3, stage="new")
    page = desk.get("/desk/undertakings/road-1/change/").content.decode()
    assert 'name="code"' not in page
    fields = dict(re.findall(r'<input type="(?:text|number)" name="([\w-]+)"[^>]*? value="([^"]*)"', page))
    for select in re.findall(r'<select[^>]*name="([\w-]+)".*?</select>', page, re.DOTALL):
        block = re.search(rf'<select[^>]*name="{select}".*?</select>', page, re.DOTALL)[0]
        chosen = re.search(r'value="([^"]*)" selected', block)
        fields[select] = chosen[1] if chosen else ""
    before = Undertaking.objects.filter(code="road-1").values().get()
    fields.pop("programme")
    assert desk.post("/desk/undertakings/road-1/change/", {**fields, "public": "on"}).status_code == 302
    assert Undertaking.objects.filter(code="road-1").values().get() == before


def test_a_part_is_added_below_its_whole(place, desk):
    page = desk.get("/desk/programmes/invested/undertakings/new/?parent=roofs").content.decode()
    assert re.search(r'name="parent" value="roofs"', page)
    desk.post("/desk/programmes/invested/undertakings/new/", said(place, parent="roofs"))
    assert Undertaking.objects.get(code="road-1").parent == place.undertakings["roofs"]
    wrong = desk.post("/desk/programmes/invested/undertakings/new/", said(place, code="road-2", parent="road-1")).content.decode()
    assert faults(wrong) == {"parent": "road-1 is a part itself. Parts have no parts."}
    wrong = desk.post("/desk/programmes/invested/undertakings/new/", said(place, code="road-2", parent="nowhere")).content.decode()
    assert "parent" in faults(wrong)


def test_an_undertaking_moves_until_the_ledger_speaks_of_it(place, desk):
    other = place.promise("lawns", lead="progress").programme
    assert desk.post("/desk/undertakings/roofs/move/", {"programme": other.pk}).status_code == 302
    assert Undertaking.objects.get(code="roofs").programme == other
    place.write("undertaking measure kind period amount\nroofs invested report 2026-01 12")
    assert "/move/" not in desk.get("/desk/undertakings/roofs/change/").content.decode()
    page = desk.post("/desk/undertakings/roofs/move/", {"programme": place.programmes["invested"].pk})
    assert Undertaking.objects.get(code="roofs").programme == other
    assert page.status_code == 200


def test_a_form_offers_only_bodies_that_one_keeps(place, desk):
    Body.objects.create(code="city", kind="city", name="远方市", path="city/")
    for address in ("/desk/programmes/new/", "/desk/programmes/invested/undertakings/new/"):
        assert "远方市" not in desk.get(address).content.decode()
    city = Body.objects.get(code="city")
    wrong = desk.post("/desk/programmes/invested/undertakings/new/", said(place, lead_body=city.pk)).content.decode()
    assert set(faults(wrong)) == {"lead_body"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_opens_in_every_language(place, declared, language):
    desk = sign_in(place.people["dispatcher"], language)
    for address in (
        "/desk/measures/",
        "/desk/measures/new/",
        "/desk/measures/invested/",
        "/desk/programmes/",
        "/desk/programmes/new/",
        "/desk/programmes/invested/",
        "/desk/programmes/invested/attributes/new/",
        "/desk/programmes/invested/attributes/surface/",
        "/desk/programmes/invested/undertakings/new/",
        "/desk/undertakings/roofs/change/",
        "/desk/undertakings/roofs/evidence/",
    ):
        answer = desk.get(address)
        assert answer.status_code == 200, address


def test_the_example_is_what_its_programmes_declare():
    declared = {}
    for programme in example.PROGRAMMES:
        kept = []
        for one in programme.attributes:
            kept.append(attributes.declaration(one, beside=kept))
        assert kept == list(programme.attributes)
        declared[programme.code] = kept
    for undertaking in tunxi.undertakings():
        assert attributes.fitted(undertaking.attributes, declared[undertaking.programme]) == undertaking.attributes, undertaking.code
