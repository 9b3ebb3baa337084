"""Registering, signing in, passwords, lock-out, second factors: as a person meets them, through the pages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from duban.people import actions, sessions
from duban.people.models import AuditLine, Body, Invitation, PasswordMemory, User

pytestmark = pytest.mark.django_db

GOOD = "Zebra-crossing-9"
BETTER = "Tiger-crossing-7"


@pytest.fixture
def with_mail(settings):
    settings.MAIL = True
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.ACCOUNT_EMAIL_NOTIFICATIONS = True
    settings.MFA_ALLOW_UNVERIFIED_EMAIL = False


@pytest.fixture
def district():
    return actions.add_body(code="tunxi", kind="district", name="屯溪区", name_en="Tunxi", parent=None, by=None)


@pytest.fixture
def resident():
    return User.objects.create_user("wang", password=GOOD)


@pytest.fixture
def official(district):
    user = User.objects.create_user("li", password=GOOD, display_name="李记")
    actions.appoint(user=user, body=district, role="reporter", by=None, now=timezone.now())
    return user


def register(client, name="wang", email="", password=GOOD, again=None, next=""):
    fields = {"username": name, "email": email, "password1": password, "password2": again or password, "next": next}
    return client.post("/accounts/signup/", fields)


def sign_in(client, login="wang", password=GOOD, next="", **headers):
    return client.post("/accounts/login/", {"login": login, "password": password, "next": next}, **headers)


def signed_in(client):
    return "_auth_user_id" in client.session


# Registering


def test_a_resident_registers_with_a_user_name_alone(client):
    answer = register(client)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert signed_in(client)
    assert not mail.outbox


def test_a_chinese_user_name_will_do(client):
    register(client, "王建国")
    assert User.objects.get().username == "王建国"


@pytest.mark.parametrize("name", ["someone@example.org", "a b", "admin", "x", "a/b"])
def test_some_user_names_will_not_do(client, name):
    assert register(client, name).status_code == 200
    assert not User.objects.exists()


def test_who_came_from_a_page_goes_back_to_it_after_registering_and_after_signing_in(client, resident):
    assert register(Client(), "new-one", next="/articles/?page=2")["Location"] == "/articles/?page=2"
    assert sign_in(client, next="/programmes/")["Location"] == "/programmes/"


def test_nobody_is_sent_to_another_site_after_signing_in(client, resident):
    assert sign_in(client, next="https://example.org/")["Location"] == "/"


def test_an_address_is_confirmed_before_its_owner_gets_in(client, with_mail):
    answer = register(client, email="Wang@Example.org")
    assert answer["Location"] == "/accounts/confirm-email/"
    assert not signed_in(client)
    assert sign_in(client)["Location"] == "/accounts/confirm-email/"
    link = re.search(r"http://testserver(/accounts/confirm-email/\S+)", mail.outbox[0].body)[1]
    assert client.post(link).status_code == 302
    sign_in(client)
    assert signed_in(client)
    other = Client()
    sign_in(other, "wang@example.org")
    assert signed_in(other)


def test_without_an_address_there_is_nothing_to_confirm(client, with_mail):
    register(client)
    assert signed_in(client)


def test_an_address_is_taken_at_its_word_where_no_mail_can_be_sent(client):
    register(client, email="wang@example.org")
    assert signed_in(client)
    assert not mail.outbox


def test_a_second_registration_with_an_address_does_not_tell_that_it_is_taken(client, with_mail):
    register(client, email="wang@example.org")
    answer = register(Client(), "other", email="wang@example.org")
    assert answer["Location"] == "/accounts/confirm-email/"
    assert User.objects.count() == 1


# Passwords


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("Ab1-xyz9", "password_too_short"),
        ("zebracrossing", "password_too_few_classes"),
        ("zebracrossing99", "password_too_few_classes"),
        ("ZEBRA-CROSSING", "password_too_few_classes"),
        ("wangjianguo-A1", "password_too_similar"),
        ("Password123", "password_too_common"),
    ],
)
def test_a_weak_password_is_refused(password, fault):
    with pytest.raises(ValidationError) as caught:
        validate_password(password, User(username="wangjianguo"))
    assert fault in {error.code for error in caught.value.error_list}


@pytest.mark.parametrize("password", ["Zebracrossing9", "zebra-crossing-9", "ZEBRA-CROSSING-9", "斑马线-Crossing-x"])
def test_three_classes_of_four_are_enough(password):
    validate_password(password, User(username="wang"))


def change(client, old, new):
    return client.post("/accounts/password/change/", {"oldpassword": old, "password1": new, "password2": new})


def test_a_resident_changes_the_password_and_other_sessions_end(client, resident):
    other = Client()
    sign_in(client), sign_in(other)
    assert change(client, GOOD, BETTER).status_code == 302
    assert client.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 302
    fresh = Client()
    assert sign_in(fresh).status_code == 200
    sign_in(fresh, password=BETTER)
    assert signed_in(fresh)


def test_none_of_the_last_five_passwords_comes_back(resident):
    names = [GOOD, *(f"Crossing-number-{n}" for n in range(1, 5))]
    for password in names[1:]:
        resident.set_password(password)
        resident.save()
    for password in names:
        with pytest.raises(ValidationError):
            validate_password(password, resident)
    resident.set_password("Crossing-number-5")
    resident.save()
    validate_password(GOOD, resident)
    assert PasswordMemory.objects.filter(user=resident).count() == 5


def test_passwords_are_hashed_with_argon2():
    from duban import settings

    assert settings.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")


def age_password(user, days):
    PasswordMemory.objects.filter(user=user).update(set_at=timezone.now() - timedelta(days=days))


@pytest.mark.parametrize(("days", "due"), [(89, False), (91, True)])
def test_an_official_changes_the_password_every_ninety_days(official, days, due):
    age_password(official, days)
    assert sessions.password_due(official, now=timezone.now()) is due


def test_a_resident_never_has_to(resident):
    age_password(resident, 1000)
    assert not sessions.password_due(resident, now=timezone.now())


def test_demonstration_accounts_never_have_to(official, settings):
    settings.PASSWORD_LIFE = None
    age_password(official, 1000)
    assert not sessions.password_due(official, now=timezone.now())


def test_whose_password_is_due_can_do_nothing_else_and_then_goes_where_they_wanted(client, official):
    age_password(official, 91)
    sign_in(client, "li")
    answer = client.get("/desk/undertakings/?q=road")
    assert answer["Location"] == "/accounts/password/change/?next=%2Fdesk%2Fundertakings%2F%3Fq%3Droad"
    assert client.get(answer["Location"]).status_code == 200
    form = {"oldpassword": GOOD, "password1": BETTER, "password2": BETTER, "next": "/desk/undertakings/?q=road"}
    assert client.post("/accounts/password/change/", form)["Location"] == "/desk/undertakings/?q=road"
    assert client.get("/account/").status_code == 200


def test_a_forgotten_password_is_reset_by_mail(client, with_mail, resident):
    resident.email = "wang@example.org"
    resident.save()
    resident.emailaddress_set.create(email=resident.email, verified=True, primary=True)
    assert client.post("/accounts/password/reset/", {"email": "wang@example.org"}).status_code == 302
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", mail.outbox[0].body)[1]
    form = client.get(link, follow=True).redirect_chain[-1][0]
    assert client.post(form, {"password1": BETTER, "password2": BETTER}).status_code == 302
    sign_in(client, password=BETTER)
    assert signed_in(client)


def test_where_no_mail_is_sent_the_page_says_whom_to_ask(client):
    client.cookies["django_language"] = "en"
    text = client.get("/accounts/password/reset/").content.decode()
    assert "This site sends no mail" in text
    assert 'name="email"' not in text


def test_an_administrator_makes_a_link_for_a_colleague(client, official, district):
    User.objects.create_user("anna", password=GOOD)
    actions.appoint(user=User.objects.get(username="anna"), body=district, role="administrator", by=None, now=timezone.now())
    sign_in(client, "anna")
    page = client.post(f"/people/{official.pk}/password/").content.decode()
    link = re.search(r"http://testserver(/accounts/password/reset/key/[^\"]+)", page)[1]
    colleague = Client()
    form = colleague.get(link, follow=True).redirect_chain[-1][0]
    colleague.post(form, {"password1": BETTER, "password2": BETTER})
    sign_in(colleague, "li", BETTER)
    assert signed_in(colleague)


# Lock-out and rate limits


def test_five_wrong_passwords_lock_the_account_out_for_a_while(client, resident):
    client.cookies["django_language"] = "en"
    for _attempt in range(4):
        assert sign_in(client, password="wrong").status_code == 200
    locked = sign_in(client, password="wrong")
    assert locked.status_code == 429
    assert 1100 < int(locked["Retry-After"]) <= 1200
    assert "20 minutes" in locked.content.decode()
    assert sign_in(client).status_code == 429
    assert not signed_in(client)


def test_a_lock_holds_for_the_account_by_any_of_its_names(client, resident):
    resident.email = "wang@example.org"
    resident.save()
    for login in ("wang", "WANG", "wang@example.org", "Wang@example.org", "wang"):
        locked = sign_in(client, login, password="wrong")
    assert locked.status_code == 429


def test_others_and_other_places_are_not_locked_out(client, resident, official):
    for _attempt in range(5):
        sign_in(client, password="wrong")
    sign_in(client, "li")
    assert signed_in(client)
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    sign_in(elsewhere)
    assert signed_in(elsewhere)


def test_a_lock_opens_after_twenty_minutes(client, resident):
    from axes.models import AccessAttempt

    for _attempt in range(5):
        sign_in(client, password="wrong")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=21))
    sign_in(client)
    assert signed_in(client)


def test_the_wrong_password_is_kept_nowhere(client, resident):
    from axes.models import AccessAttempt

    sign_in(client, password="my-own-secret")
    kept = str(list(AccessAttempt.objects.values())) + str(list(AuditLine.objects.values()))
    assert "my-own-secret" not in kept


def test_many_addresses_that_try_one_account_are_stopped_too(resident):
    for attempt in range(30):
        sign_in(Client(REMOTE_ADDR=f"192.0.2.{attempt}"), password="wrong")
    late = Client(REMOTE_ADDR="198.51.100.1")
    assert sign_in(late).status_code == 200
    assert not signed_in(late)


def test_rate_limits_count_in_a_table_that_all_processes_share(settings):
    assert settings.CACHES["default"]["BACKEND"].endswith("DatabaseCache")
    from django.core.cache import cache

    cache.set("seen", 1)
    assert cache.get("seen") == 1


def test_the_address_behind_a_proxy_counts_only_when_the_proxy_is_believed(rf, settings):
    from duban.people.audit import address_of

    request = rf.get("/", REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": "203.0.113.9, 192.0.2.7"})
    assert address_of(request) == "10.0.0.1"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert address_of(request) == "192.0.2.7"


# Sessions


def leave_for(client, minutes):
    session = client.session
    session[sessions.SEEN] -= minutes * 60
    session.save()


def test_an_official_who_was_away_for_half_an_hour_signs_in_again_and_comes_back(client, official):
    sign_in(client, "li")
    client.get("/account/")
    leave_for(client, 29)
    assert client.get("/account/").status_code == 200
    leave_for(client, 31)
    answer = client.get("/account/?a=b")
    assert answer["Location"] == "/accounts/login/?next=/account/%3Fa%3Db"
    assert not signed_in(client)


def test_a_resident_stays_signed_in(client, resident):
    sign_in(client)
    client.get("/account/")
    leave_for(client, 31)
    assert client.get("/account/").status_code == 200


def test_a_fragment_leads_the_whole_page_to_sign_in_and_back_to_the_page_it_was_on(client):
    fragment = {"HX-Request": "true", "HX-Current-URL": "http://testserver/desk/?as-of=2021-08-31"}
    answer = client.get("/desk/undertakings/", headers=fragment)
    assert answer["HX-Redirect"] == "/accounts/login/?next=/desk/%3Fas-of%3D2021-08-31"


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(client):
    answer = client.post("/people/invite/", headers={"Referer": "http://testserver/people/invite/"})
    assert answer["Location"] == "/accounts/login/?next=/people/invite/"
    answer = client.post("/people/invite/", headers={"Referer": "https://example.org/people/invite/"})
    assert answer["Location"] == "/accounts/login/?next=/"


# Second factors


def activate_totp(client):
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    assert client.get("/accounts/2fa/totp/activate/")["Location"].startswith("/accounts/reauthenticate/")
    client.post("/accounts/reauthenticate/", {"password": GOOD})
    secret = re.search(r'id="authenticator_secret" value="(\w+)"', client.get("/accounts/2fa/totp/activate/").content.decode())
    assert secret
    _before, counter, _after = yield_hotp_counters_from_time()
    code = lambda: format_hotp_value(hotp_value(secret[1], counter))  # noqa: E731
    return client.post("/accounts/2fa/totp/activate/", {"code": code()}), secret[1]


def test_with_a_second_factor_the_password_alone_does_not_let_in(client, resident):
    sign_in(client)
    answer, _secret = activate_totp(client)
    assert answer.status_code == 302
    fresh = Client()
    assert sign_in(fresh, next="/account/")["Location"].startswith("/accounts/2fa/authenticate/")
    assert not signed_in(fresh)
    codes = client.get("/accounts/2fa/recovery-codes/").content.decode()
    recovery = re.search(r">\s*([0-9]{8})\b", codes)[1]
    assert fresh.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert fresh.post("/accounts/2fa/authenticate/", {"code": recovery})["Location"] == "/account/"
    assert signed_in(fresh)


def test_the_secret_of_a_second_factor_is_not_kept_in_the_clear(client, resident):
    from allauth.mfa.models import Authenticator

    sign_in(client)
    _answer, secret = activate_totp(client)
    assert secret not in str(list(Authenticator.objects.values()))


# What the audit log tells of all this


def told():
    return [(line.who_name.split(" ")[0], line.act, line.result) for line in AuditLine.objects.order_by("pk")]


def test_the_audit_log_tells_of_signing_in_and_out_of_failures_and_of_changes(client, resident):
    sign_in(client, password="wrong")
    sign_in(client)
    change(client, GOOD, BETTER)
    client.post("/accounts/logout/")
    assert told() == [
        ("wang", "sign-in", "refused"),
        ("wang", "sign-in", "done"),
        ("wang", "password.change", "done"),
        ("wang", "sign-out", "done"),
    ]
    assert set(AuditLine.objects.values_list("address", flat=True)) == {"127.0.0.1"}


def test_the_audit_log_tells_of_a_lock_once(client, resident):
    for _attempt in range(7):
        sign_in(client, password="wrong")
    assert [act for _who, act, _result in told()].count("lock-out") == 1
    assert [act for _who, act, _result in told()].count("sign-in") == 7


def test_the_audit_log_tells_of_second_factors(client, resident, django_capture_on_commit_callbacks):
    sign_in(client)
    with django_capture_on_commit_callbacks(execute=True):
        activate_totp(client)
    assert ("wang", "second-factor.add", "done") in told()


# Invitations


def test_whoever_opens_an_invitation_registers_accepts_and_holds_the_role(client, district):
    anna = User.objects.create_user("anna", password=GOOD)
    actions.appoint(user=anna, body=district, role="administrator", by=None, now=timezone.now())
    sign_in(client, "anna")
    page = client.post("/people/invite/", {"display_name": "李记", "body": district.pk, "role": "reporter"}).content.decode()
    link = re.search(r"http://testserver(/invitations/[^\"]+)", page)[1]
    newcomer = Client()
    assert "屯溪区" in newcomer.get(link).content.decode()
    assert newcomer.post(link)["Location"].startswith("/accounts/login/")
    assert register(newcomer, "li", next=link)["Location"] == link
    assert newcomer.post(link)["Location"] == "/account/"
    assert User.objects.get(username="li").appointments.get().role == "reporter"
    assert "李记" in newcomer.get("/account/").content.decode()


def test_an_invitation_is_mailed_where_mail_can_be_sent(client, district, with_mail):
    anna = User.objects.create_user("anna", password=GOOD)
    actions.appoint(user=anna, body=district, role="administrator", by=None, now=timezone.now())
    sign_in(client, "anna")
    form = {"display_name": "李记", "email": "li@example.org", "body": district.pk, "role": "reporter"}
    client.post("/people/invite/", form)
    assert mail.outbox[0].to == ["li@example.org"]
    assert Invitation.objects.get().token in mail.outbox[0].body


def test_a_tampered_form_invites_nobody_beyond_ones_reach(client, district):
    elsewhere = actions.add_body(code="huizhou", kind="district", name="徽州区", parent=None, by=None)
    dora = User.objects.create_user("dora", password=GOOD)
    actions.appoint(user=dora, body=district, role="dispatcher", by=None, now=timezone.now())
    sign_in(client, "dora")
    for body, role in ((elsewhere, "reporter"), (district, "administrator")):
        client.post("/people/invite/", {"display_name": "x", "body": body.pk, "role": role})
    assert not Invitation.objects.exists()


def test_a_body_is_added_renamed_and_moved_on_its_pages(client, district):
    anna = User.objects.create_user("anna", password=GOOD)
    actions.appoint(user=anna, body=district, role="administrator", by=None, now=timezone.now())
    sign_in(client, "anna")
    for code in ("finance", "budget"):
        client.post("/people/bodies/new/", {"parent": district.pk, "kind": "department", "name": code, "code": code})
    finance, budget = Body.objects.get(code="finance"), Body.objects.get(code="budget")
    client.post("/people/bodies/finance/", {"name": "财政局", "name_en": "Finance"})
    client.post("/people/bodies/budget/move/", {"parent": finance.pk})
    assert Body.objects.get(pk=budget.pk).path == "tunxi/finance/budget/"
    assert Body.objects.get(pk=finance.pk).name == "财政局"
    client.post("/people/bodies/finance/move/", {"parent": budget.pk})
    assert Body.objects.get(pk=finance.pk).path == "tunxi/finance/"


# Mail


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("", {"EMAIL_BACKEND": "dummy"}),
        ("console://", {"EMAIL_BACKEND": "console"}),
        ("file:///var/mail%20out", {"EMAIL_BACKEND": "filebased", "EMAIL_FILE_PATH": "/var/mail out"}),
        ("smtp://relay.local", {"EMAIL_HOST": "relay.local", "EMAIL_PORT": 25, "EMAIL_USE_TLS": False, "EMAIL_USE_SSL": False}),
        (
            "smtp://post%40x:p%2Fw@mail.local:587",
            {"EMAIL_HOST_USER": "post@x", "EMAIL_HOST_PASSWORD": "p/w", "EMAIL_PORT": 587, "EMAIL_USE_TLS": True},
        ),
        ("smtps://a:b@mail.local", {"EMAIL_PORT": 465, "EMAIL_USE_SSL": True, "EMAIL_USE_TLS": False}),
    ],
)
def test_the_address_of_mail_becomes_djangos_settings(address, expected):
    from duban.settings import mail_settings

    read = mail_settings(address)
    backend = expected.pop("EMAIL_BACKEND", "smtp")
    assert read["EMAIL_BACKEND"] == f"django.core.mail.backends.{backend}.EmailBackend"
    assert {name: read[name] for name in expected} == expected
