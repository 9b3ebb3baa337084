"""Bodies form a tree, roles are given by those who may, and every act leaves its line."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.utils import timezone

from duban.core.refusals import Refusal
from duban.people import actions, permits
from duban.people.models import Appointment, AuditLine, Body, User

pytestmark = pytest.mark.django_db


def body(code, parent=None, kind="department"):
    return actions.add_body(code=code, kind=kind, name=code, parent=parent, by=None)


def person(name, **roles):
    """`person("anna", administrator=tunxi)`: somebody who holds these roles, read afresh."""
    user = User.objects.create_user(name, password=None)
    for role, where in roles.items():
        actions.appoint(user=user, body=where, role=role, by=None, now=timezone.now() - timedelta(seconds=1))
    return User.objects.get(pk=user.pk)


def again(user):
    """As the next request sees them: appointments are read once a request."""
    return User.objects.get(pk=user.pk)


@pytest.fixture
def city():
    return body("huangshan", kind="city")


@pytest.fixture
def tunxi(city):
    return body("tunxi", city, kind="district")


@pytest.fixture
def huizhou(city):
    return body("huizhou", city, kind="district")


@pytest.fixture
def finance(tunxi):
    return body("tunxi-finance", tunxi)


def refusal(act):
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


# Bodies


def test_a_path_lists_the_codes_from_the_top(finance):
    assert finance.path == "huangshan/tunxi/tunxi-finance/"


def test_a_moved_body_takes_everything_below_it_along(tunxi, huizhou, finance):
    office = body("budget-office", finance)
    actions.move(body=finance, parent=huizhou, by=None)
    assert Body.objects.get(pk=finance.pk).path == "huangshan/huizhou/tunxi-finance/"
    assert Body.objects.get(pk=office.pk).path == "huangshan/huizhou/tunxi-finance/budget-office/"
    assert list(Body.objects.filter(path__startswith=tunxi.path)) == [tunxi]


def test_a_body_whose_code_begins_like_anothers_stays_where_it_is(city, tunxi, huizhou):
    other = body("tunxi-2", city)
    actions.move(body=tunxi, parent=huizhou, by=None)
    assert Body.objects.get(pk=other.pk).path == "huangshan/tunxi-2/"


@pytest.mark.parametrize("into", ["itself", "its part"])
def test_a_body_cannot_be_moved_below_itself(tunxi, finance, into):
    parent = tunxi if into == "itself" else finance
    assert refusal(lambda: actions.move(body=tunxi, parent=parent, by=None)) == "move-into-itself"
    assert Body.objects.get(pk=tunxi.pk).path == "huangshan/tunxi/"


def test_a_tree_too_deep_to_write_down_is_refused(city):
    deep = city
    for step in range(6):
        deep = body(f"{'x' * 38}{step}", deep)
    assert refusal(lambda: body("y" * 39, deep)) == "path-too-long"


@pytest.mark.parametrize("code", ["Tunxi", "屯溪", "a/b", "-a", ""])
def test_a_code_is_small_letters_digits_and_hyphens(city, code):
    assert refusal(lambda: body(code, city)) == "code-unreadable"


def test_a_code_is_given_once(tunxi):
    assert refusal(lambda: body("tunxi")) == "code-taken"


def test_an_administrator_builds_below_their_own_body_only(tunxi, huizhou):
    anna = person("anna", administrator=tunxi)
    actions.add_body(code="education", kind="department", name="教育局", parent=tunxi, by=anna)
    for parent in (huizhou, None):
        with pytest.raises(PermissionDenied):
            actions.add_body(code="elsewhere", kind="department", name="x", parent=parent, by=anna)
    with pytest.raises(PermissionDenied):
        actions.rename(body=huizhou, name="x", name_en="", by=anna)
    with pytest.raises(PermissionDenied):
        actions.move(body=Body.objects.get(code="education"), parent=huizhou, by=anna)


# Appointments


def test_an_appointment_reaches_its_body_and_everything_below(city, tunxi, huizhou, finance):
    anna = person("anna", administrator=tunxi)
    assert [permits.may(anna, "people.write", b) for b in (city, tunxi, finance, huizhou)] == [False, True, True, False]
    assert set(Body.objects.filter(permits.reach(anna, "people.write"))) == {tunxi, finance}


def test_what_ended_or_has_not_begun_gives_nothing(tunxi):
    now = timezone.now()
    ended, early = person("ended"), person("early")
    Appointment.objects.create(user=ended, body=tunxi, role="administrator", until=now - timedelta(seconds=1))
    Appointment.objects.create(user=early, body=tunxi, role="administrator", since=now + timedelta(days=1))
    for user in (ended, early):
        assert not permits.may(user, "people.write")
        assert not Body.objects.filter(permits.reach(user, "people.write")).exists()


def test_a_disabled_account_may_nothing(tunxi):
    anna = person("anna", administrator=tunxi)
    anna.is_active = False
    assert not permits.may(anna, "people.write")
    assert not permits.may(anna, "account")


def test_a_role_is_held_once_at_a_time_and_may_be_held_again(tunxi):
    anna, bo = person("anna", administrator=tunxi), person("bo", reporter=tunxi)
    give = lambda: actions.appoint(user=bo, body=tunxi, role="reporter", by=anna, now=timezone.now())  # noqa: E731
    assert refusal(give) == "already-appointed"
    actions.end(appointment=bo.appointments.get(), by=anna, now=timezone.now())
    give()
    assert bo.appointments.count() == 2


def test_the_database_itself_holds_one_running_appointment(tunxi):
    bo = person("bo", reporter=tunxi)
    with pytest.raises(IntegrityError):
        Appointment.objects.create(user=bo, body=tunxi, role="reporter")


def test_nobody_gives_a_role_to_themselves_or_ends_their_own(tunxi):
    anna = person("anna", administrator=tunxi)
    assert refusal(lambda: actions.appoint(user=anna, body=tunxi, role="editor", by=anna, now=timezone.now())) == "own-appointment"
    assert refusal(lambda: actions.end(appointment=anna.appointments.get(), by=anna, now=timezone.now())) == "own-appointment"


def test_an_appointment_ends_once(tunxi):
    anna, bo = person("anna", administrator=tunxi), person("bo", reporter=tunxi)
    held = bo.appointments.get()
    actions.end(appointment=held, by=anna, now=timezone.now())
    assert refusal(lambda: actions.end(appointment=held, by=anna, now=timezone.now())) == "appointment-ended"
    assert not permits.may(again(bo), "report.write")


@pytest.mark.parametrize("role", ["administrator", "dispatcher", "supervisor", "editor"])
def test_a_dispatcher_gives_no_role_that_can_do_more(tunxi, role):
    dora = person("dora", dispatcher=tunxi)
    with pytest.raises(PermissionDenied):
        actions.invite(body=tunxi, role=role, display_name="x", by=dora, now=timezone.now())


def test_a_dispatcher_gives_only_what_a_dispatcher_can_do_as_well():
    given = permits.GIVES[permits.Role.DISPATCHER]
    dispatcher = {act for act, roles in permits.ACTS.items() if permits.Role.DISPATCHER in roles}
    for act, roles in permits.ACTS.items():
        if roles != permits.SIGNED_IN and roles & given:
            assert act in dispatcher


# Invitations


@pytest.fixture
def offer(tunxi):
    anna = person("anna", administrator=tunxi)
    return actions.invite(body=tunxi, role="reporter", display_name="李记", by=anna, now=timezone.now())


def test_an_invitation_gives_its_role_once(offer, tunxi):
    bo, cy = person("bo"), person("cy")
    held = actions.accept(invitation=offer, user=bo, now=timezone.now())
    assert (held.body, held.role, held.appointed_by) == (tunxi, "reporter", offer.invited_by)
    assert again(bo).display_name == "李记"
    assert refusal(lambda: actions.accept(invitation=offer, user=cy, now=timezone.now())) == "invitation-used"


def test_an_invitation_lasts_seven_days(offer):
    late = offer.invited_at + timedelta(days=7)
    assert refusal(lambda: actions.accept(invitation=offer, user=person("bo"), now=late)) == "invitation-expired"
    actions.accept(invitation=offer, user=person("cy"), now=late - timedelta(seconds=1))


def test_a_withdrawn_invitation_gives_nothing(offer):
    actions.withdraw(invitation=offer, by=offer.invited_by, now=timezone.now())
    assert refusal(lambda: actions.accept(invitation=offer, user=person("bo"), now=timezone.now())) == "invitation-expired"


def test_whoever_invites_cannot_accept(offer):
    assert refusal(lambda: actions.accept(invitation=offer, user=offer.invited_by, now=timezone.now())) == "own-appointment"


def test_an_invitation_is_worth_nothing_once_its_giver_lost_the_right(offer, tunxi):
    Appointment.objects.filter(user=offer.invited_by).update(until=timezone.now())
    assert refusal(lambda: actions.accept(invitation=offer, user=person("bo"), now=timezone.now())) == "invitation-void"
    assert not tunxi.appointments.filter(role="reporter").exists()


# Applications


def test_an_administrator_grants_what_a_resident_asked_for(tunxi, finance):
    anna, bo = person("anna", administrator=tunxi), person("bo")
    asked = actions.apply(user=bo, body=finance, role="reporter", now=timezone.now())
    actions.answer(application=asked, granted=True, by=anna, now=timezone.now())
    assert permits.may(again(bo), "report.write", finance)
    assert refusal(lambda: actions.answer(application=asked, granted=False, by=anna, now=timezone.now())) == "application-answered"


def test_a_declined_application_gives_nothing_and_may_be_made_again(tunxi):
    anna, bo = person("anna", administrator=tunxi), person("bo")
    ask = lambda: actions.apply(user=bo, body=tunxi, role="reporter", now=timezone.now())  # noqa: E731
    first = ask()
    assert refusal(ask) == "application-open"
    actions.answer(application=first, granted=False, by=anna, now=timezone.now())
    assert not permits.appointments(again(bo))
    ask()


def test_an_administrator_elsewhere_or_a_dispatcher_answers_nothing(tunxi, huizhou):
    asked = actions.apply(user=person("bo"), body=tunxi, role="reporter", now=timezone.now())
    for by in (person("hui", administrator=huizhou), person("dora", dispatcher=tunxi)):
        with pytest.raises(PermissionDenied):
            actions.answer(application=asked, granted=True, by=by, now=timezone.now())


def test_nobody_grants_their_own_application(tunxi):
    anna = person("anna", administrator=tunxi)
    asked = actions.apply(user=anna, body=tunxi, role="editor", now=timezone.now())
    assert refusal(lambda: actions.answer(application=asked, granted=True, by=anna, now=timezone.now())) == "own-appointment"


# Passwords of colleagues


def test_a_link_for_a_new_password_needs_power_over_all_that_its_owner_holds(city, tunxi, huizhou):
    anna = person("anna", administrator=tunxi)
    here, both, resident = person("here", reporter=tunxi), person("both", reporter=tunxi), person("resident")
    actions.appoint(user=both, body=huizhou, role="reporter", by=None, now=timezone.now())
    assert actions.allow_reset(user=here, by=anna)
    for user in (again(both), resident, anna, person("chief", administrator=city)):
        with pytest.raises(PermissionDenied):
            actions.allow_reset(user=user, by=anna)


# The audit log


def test_every_action_leaves_a_line_or_does_nothing(tunxi, huizhou, finance):
    anna, bo = person("anna", administrator=tunxi), person("bo")
    AuditLine.objects.all().delete()
    actions.rename(body=finance, name="财政局", name_en="Finance", by=anna)
    actions.invite(body=tunxi, role="editor", display_name="x", by=anna, now=timezone.now())
    held = actions.appoint(user=bo, body=tunxi, role="reporter", by=anna, now=timezone.now())
    actions.end(appointment=held, by=anna, now=timezone.now())
    with pytest.raises(PermissionDenied):
        actions.rename(body=huizhou, name="x", name_en="", by=anna)
    told = [(line.who, line.act) for line in AuditLine.objects.order_by("pk")]
    assert told == [(anna, act) for act in ("body.rename", "invitation.send", "appointment.begin", "appointment.end")]


def test_a_supervisor_reads_of_their_own_bodies_and_those_at_the_top_of_all(city, tunxi, huizhou):
    from duban.people import audit

    top, here = person("top", supervisor=city), person("here", supervisor=tunxi)
    there = person("there", reporter=huizhou)
    AuditLine.objects.all().delete()
    for user in (here, there, None):
        audit.record(by=user, act="sign-in", name="" if user else "stranger")
    assert [line.who for line in audit.visible_to(here)] == [here]
    assert audit.visible_to(top).count() == 3
