"""Who may open which address: every address of the site, asked for by everybody.

`PAGES` says what each kind of reader meets at each address. An address that is missing there fails the suite, and so
does one that answers otherwise. To add one, name it, say how to make the object that it shows, and state the outcome:

    "press:edit": page(officials("editor", elsewhere=REFUSED), slug=lambda w: w.article.slug),

One address that answers differently for different objects has a line for each: "web:programme (not public)".
"""

from __future__ import annotations

import copy
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import URLResolver, get_resolver, resolve, reverse
from django.utils import timezone
from PIL import Image

from duban.people import actions, permits
from duban.people.models import Appointment, User

pytestmark = pytest.mark.django_db

OPENS = "opens"  # a page, or a form that says what is missing
LEADS_ON = "leads on"  # done, or nothing to do here: to another page
SIGN_IN = "asks to sign in"
REFUSED = "refused"
ABSENT = "absent"  # as if it did not exist
WRONG_METHOD = "wrong method"
TOKEN = "asks for a token"  # a session opens nothing here

ROLES = tuple(str(role) for role in Appointment.Role)
FORMER = "former official"  # held every role here, until yesterday
ELSEWHERE = "official elsewhere"  # holds every role, in the district next door
READERS = ("anonymous", "resident", *ROLES, FORMER, ELSEWHERE)

PASSWORD = "Zebra-crossing-9"

Outcomes = Mapping[str, str]


def everybody(outcome: str = OPENS) -> Outcomes:
    return dict.fromkeys(READERS, outcome)


def signed_in(outcome: str = OPENS) -> Outcomes:
    return {**everybody(outcome), "anonymous": SIGN_IN}


def officials(*roles: str, outcome: str = OPENS, elsewhere: str | None = None) -> Outcomes:
    """Those who hold one of `roles` here; `elsewhere` is what the same roles meet next door, by default the same."""
    return {**everybody(REFUSED), "anonymous": SIGN_IN, ELSEWHERE: elsewhere or outcome} | dict.fromkeys(roles, outcome)


@dataclass(frozen=True)
class Page:
    outcomes: Outcomes
    method: str = "get"
    form: Callable[[World], dict[str, Any]] = lambda world: {}
    kwargs: Mapping[str, Callable[[World], Any]] = field(default_factory=dict)

    def address(self, name: str, world: World) -> str:
        return reverse(name.partition(" (")[0], kwargs={key: made(world) for key, made in self.kwargs.items()})


def page(outcomes: Outcomes, /, *, method: str = "get", form: Any = lambda world: {}, **kwargs: Any) -> Page:
    return Page(outcomes, method, form, {name: made if callable(made) else lambda w, m=made: m for name, made in kwargs.items()})


class World:
    """A city with two districts, one reader of every kind, and whatever objects the addresses speak of."""

    def __init__(self) -> None:
        now = timezone.now()
        self.city = actions.add_body(code="city", kind="city", name="市", parent=None, by=None)
        self.here = actions.add_body(code="here", kind="district", name="区", parent=self.city, by=None)
        self.department = actions.add_body(code="department", kind="department", name="局", parent=self.here, by=None)
        self.next_door = actions.add_body(code="next-door", kind="district", name="县", parent=self.city, by=None)
        self.readers = {reader: User.objects.create_user(reader.replace(" ", "-"), password=PASSWORD) for reader in READERS[1:]}
        for role in ROLES:
            self._appoint(role, self.here, role, since=now)
            self._appoint(FORMER, self.here, role, since=now - timedelta(days=2), until=now - timedelta(days=1))
            self._appoint(ELSEWHERE, self.next_door, role, since=now)
        self.clerk = User.objects.create_user("clerk", password=PASSWORD)
        self.post = Appointment.objects.create(user=self.clerk, body=self.department, role="reporter", since=now)
        self.sessions = {reader: self._sign_in(reader) for reader in READERS[1:]}

    def _appoint(self, reader: str, body: Any, role: str, **when: Any) -> None:
        Appointment.objects.create(user=self.readers[reader], body=body, role=role, **when)

    def _sign_in(self, reader: str) -> str:
        client = Client()
        client.force_login(self.readers[reader], backend="allauth.account.auth_backends.AuthenticationBackend")
        return client.cookies[settings.SESSION_COOKIE_NAME].value

    def client(self, reader: str) -> Client:
        client = Client()
        if reader != "anonymous":
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[reader]
        return client

    def invitation(self) -> Any:
        by = self.readers["administrator"]
        return actions.invite(body=self.department, role="reporter", display_name="x", by=by, now=timezone.now())

    @cached_property
    def application(self) -> Any:
        return actions.apply(user=self.readers["resident"], body=self.department, role="reporter", now=timezone.now())

    @cached_property
    def passkey(self) -> Any:
        from allauth.mfa.models import Authenticator

        return Authenticator.objects.create(user=self.clerk, type="webauthn", data={})

    @cached_property
    def token(self) -> Any:
        from duban.people import tokens

        reporter = self.readers["reporter"]
        made, _ = tokens.make(user=reporter, body=self.here, name="x", scopes=["slots:read"], days=1, now=timezone.now())
        return made

    @cached_property
    def programme(self) -> Any:
        from duban.registry.models import Programme

        return Programme.objects.create(code="roads", name="道路", owner=self.here, public=True)

    @cached_property
    def inner_programme(self) -> Any:
        from duban.registry.models import Programme

        return Programme.objects.create(code="inner", name="内部", owner=self.here, public=False)

    @cached_property
    def undertaking(self) -> Any:
        return self._undertaking("road-1", self.programme)

    @cached_property
    def inner_undertaking(self) -> Any:
        return self._undertaking("inner-1", self.inner_programme)

    def _undertaking(self, code: str, programme: Any) -> Any:
        from duban.registry.models import Undertaking

        return Undertaking.objects.create(code=code, name=code, programme=programme, kind="project", lead_body=self.department)

    @cached_property
    def draft(self) -> Any:
        """A report of the department that its clerk has not sent yet."""
        return self._submission("draft")

    @cached_property
    def submission(self) -> Any:
        """A report that waits for a reviewer."""
        return self._submission("submitted", submitted_by=self.clerk, submitted_at=timezone.now())

    def _submission(self, state: str, **sent: Any) -> Any:
        from duban.intake.models import Submission

        measure = self.measure
        submission = Submission.objects.create(body=self.department, created_by=self.clerk, state=state, **sent)
        submission.lines.create(undertaking=self.undertaking, measure=measure, period=date(2021, 6, 30), amount=Decimal(1))
        return submission

    @cached_property
    def batch(self) -> Any:
        """What the clerk sent and a reviewer accepted."""
        from duban.intake import actions as intake
        from duban.ledger.actions import Line

        line = Line(self.undertaking.pk, self.measure.pk, "report", date(2021, 5, 31), amount=Decimal(1))
        people = {"submitted_by": self.clerk, "accepted_by": self.readers["reviewer"]}
        return intake.record(lines=[line], origin="csv", name="may.csv", now=timezone.now(), **people)[0].batch

    @cached_property
    def calendar_line(self) -> Any:
        """A line that asks the department for road-1's lamps of June 2021."""
        from duban.intake.models import Calendar

        line = Calendar.objects.create(programme=self.undertaking.programme, since=date(2021, 6, 1), until=date(2021, 6, 30))
        line.measures.add(self.measure)
        return line

    @cached_property
    def rulebook_draft(self) -> Any:
        """A rulebook for the programme that the city's dispatcher has begun."""
        from duban.registry import rulebook_actions

        author, _ = User.objects.get_or_create(username="author")
        Appointment.objects.get_or_create(user=author, body=self.city, role="dispatcher")
        day = date(2021, 6, 1)
        return rulebook_actions.write(of=self.programme, text="", since=day, reason="x", by=author, now=timezone.now())

    @cached_property
    def rulebook(self) -> Any:
        """One that a leader has adopted."""
        from duban.registry import rulebook_actions

        draft = self.rulebook_draft
        return rulebook_actions.adopt(version=draft, by=self.readers["leader"], now=timezone.now(), seen=draft.digest)

    @cached_property
    def channel(self) -> Any:
        """A chat of the department whose address no setting lets anybody call."""
        from duban.intake.models import Channel

        return Channel.objects.create(body=self.department, name="x", address="closed://x", added_by=self.clerk)

    @cached_property
    def meeting(self) -> Any:
        """One that the department has held."""
        from duban.standing import meetings

        day = date(2021, 6, 1)
        return meetings.hold(body=self.department, held_on=day, by=self.readers["dispatcher"], now=timezone.now(), on=day)

    @cached_property
    def article(self) -> Any:
        """An article of this district, not published yet."""
        from duban.press.models import Article

        return self._texts(Article.objects.create(slug="news", body=self.here, as_of=date(2021, 8, 31), created_by=self.readers["editor"]))

    @cached_property
    def published(self) -> Any:
        from duban.press import actions as press
        from duban.press.models import Article

        article = Article.objects.create(slug="bulletin", body=self.here, as_of=date(2021, 8, 31), created_by=self.readers["editor"])
        self._texts(article, f'{{{{ figure "{self.figure.code}" }}}}')
        press.publish(article=article, by=self.readers["editor"], now=timezone.now())
        return article

    def _texts(self, article: Any, source: str = "x") -> Any:
        for language in ("zh-hans", "en"):
            article.texts.create(language=language, title="x", source=source)
        return article

    @cached_property
    def figure(self) -> Any:
        return self._figure("roads", self.programme, public=True)

    @cached_property
    def inner_figure(self) -> Any:
        return self._figure("inner", self.inner_programme, public=False)

    def _figure(self, code: str, programme: Any, *, public: bool) -> Any:
        from duban.press.models import Figure

        return Figure.objects.create(code=code, name=code, operation="count", programme=programme, public=public)

    @cached_property
    def photo(self) -> Any:
        from duban.press.models import Photo

        return Photo.objects.create(article=self.article, sha256="0" * 64, media_type="image/jpeg", width=1, height=1, caption="x")

    @cached_property
    def measure(self) -> Any:
        """A measure that this district's programme counts, and nobody else's."""
        from duban.registry.models import Measure

        measure = Measure.objects.create(code="lamps", name="路灯", unit="盏")
        self.programme.measures.add(measure)
        return measure

    @cached_property
    def cell(self) -> dict[str, Any]:
        """A cell of the department's month, as its page sends it; whose page it was is not said."""
        slot = {"undertaking": self.undertaking.pk, "measure": self.measure.pk}
        return {"body": self.department.code, "period": "2021-06", "typed": "1", "seen": "0", **slot}

    @cached_property
    def attribute(self) -> str:
        """The code of an attribute that the programme declares."""
        self.programme.attributes = [{"code": "width", "name": "宽度", "name_en": "", "type": "number", "unit": "米", "choices": []}]
        self.programme.save()
        return "width"

    @cached_property
    def upload(self) -> Any:
        """A file of the department that waits to be read."""
        from duban.intake import uploads

        return uploads.receive(stream=io.BytesIO(b"x"), name="x.csv", body=self.department, by=self.clerk, now=timezone.now())

    @cached_property
    def asked(self) -> Any:
        """A file of the department whose columns nobody has told yet."""
        from duban.intake import uploads
        from duban.intake.models import Upload

        self.programme.measures.add(self.measure)
        content = f"项目编码,形象进度(%)\n{self.undertaking.code},5\n"
        sent = {"body": self.department, "by": self.clerk, "now": timezone.now()}
        upload = uploads.receive(stream=io.BytesIO(content.encode()), name="x.csv", **sent)
        Upload.objects.filter(pk=upload.pk).update(state="asking")
        return upload

    @cached_property
    def mapping(self) -> Any:
        """What a table of the department means."""
        from duban.intake.models import TableMapping

        return TableMapping.objects.create(
            body=self.department, programme=self.programme, name="月报", fingerprint="0" * 64, made_by=self.clerk
        )

    @cached_property
    def evidence(self) -> Any:
        return self._photograph(self.undertaking, public=True)

    @cached_property
    def inner_evidence(self) -> Any:
        return self._photograph(self.undertaking, public=False)

    @cached_property
    def evidence_of_something_inner(self) -> Any:
        return self._photograph(self.inner_undertaking, public=True)

    def _photograph(self, undertaking: Any, *, public: bool) -> Any:
        from duban.registry import evidence

        content = io.BytesIO()
        Image.new("RGB", (2, 2)).save(content, "PNG")
        content.seek(0)
        kept = evidence.attach(undertaking=undertaking, name="x.png", content=content, by=self.clerk, now=timezone.now())
        kept.public = public
        kept.save()
        return kept


GUESTS = {**everybody(LEADS_ON), "anonymous": OPENS}
"""For pages that only make sense before one has signed in."""

PAGES: dict[str, Page] = {
    # allauth: signing in and out, registering
    "account_login": page(GUESTS),
    "account_logout": page({**everybody(), "anonymous": LEADS_ON}),
    "account_inactive": page(everybody()),
    "account_signup": page(GUESTS),
    "account_reauthenticate": page(signed_in()),
    "account_confirm_login_code": page({**everybody(LEADS_ON), "anonymous": SIGN_IN}),
    # allauth: addresses and passwords
    "account_email": page(signed_in()),
    "account_email_verification_sent": page(everybody()),
    "account_confirm_email": page(everybody(), key="not-a-key"),
    "account_change_password": page(signed_in()),
    "account_set_password": page(signed_in(LEADS_ON)),  # for those who never had one
    "account_reset_password": page(everybody()),
    "account_reset_password_done": page(everybody()),
    "account_reset_password_from_key": page(everybody(), uidb36="1", key="not-a-key"),
    "account_reset_password_from_key_done": page(everybody()),
    # allauth: second factors
    "mfa_index": page(signed_in()),
    "mfa_authenticate": page({**everybody(LEADS_ON), "anonymous": SIGN_IN}),
    "mfa_reauthenticate": page(signed_in(LEADS_ON)),  # nobody here has a second factor: the password is asked for
    "mfa_activate_totp": page(signed_in(LEADS_ON)),
    "mfa_deactivate_totp": page(signed_in(ABSENT)),
    "mfa_view_recovery_codes": page(signed_in(ABSENT)),
    "mfa_generate_recovery_codes": page(signed_in(LEADS_ON)),
    "mfa_download_recovery_codes": page(signed_in(ABSENT)),
    "mfa_list_webauthn": page(signed_in()),
    "mfa_add_webauthn": page(signed_in(LEADS_ON)),
    "mfa_reauthenticate_webauthn": page(signed_in(LEADS_ON)),
    "mfa_remove_webauthn": page(signed_in(LEADS_ON), pk=lambda w: w.passkey.pk),  # the password is asked for
    "mfa_edit_webauthn": page(signed_in(LEADS_ON), pk=lambda w: w.passkey.pk),
    "mfa_login_webauthn": page({**everybody(LEADS_ON), "anonymous": SIGN_IN}),
    # people
    "api_description": page(everybody()),
    "api:api-root": page(everybody(REFUSED)),
    "api:hand_in": page(everybody(TOKEN), method="post"),
    "api:submission": page(everybody(TOKEN), number=1),
    "api:slots": page(everybody(TOKEN)),
    "api:standings": page(everybody(TOKEN)),
    "api:undertaking": page(everybody(TOKEN), code="anything"),
    "api:figure": page(everybody(TOKEN), name="anything"),
    "api:watch_list": page(everybody(TOKEN)),
    "api:changes": page(everybody(TOKEN)),
    "api:rates": page(everybody(TOKEN)),
    "api:forecasts": page(everybody(TOKEN)),
    "people:tokens": page(officials(*ROLES)),
    "people:token_end": page(
        {**officials(*ROLES, outcome=ABSENT, elsewhere=ABSENT), "reporter": LEADS_ON},
        method="post",
        pk=lambda w: w.token.pk,
    ),
    "people:account": page(signed_in()),
    "people:apply": page(signed_in()),
    "people:invitation": page(everybody(), token=lambda w: w.invitation().token),
    "people:people": page(officials("administrator", "dispatcher")),
    "people:invite": page(officials("administrator", "dispatcher")),
    "people:withdraw": page(
        officials("administrator", "dispatcher", outcome=LEADS_ON, elsewhere=REFUSED),
        method="post",
        pk=lambda w: w.invitation().pk,
    ),
    "people:answer": page(
        officials("administrator", outcome=LEADS_ON, elsewhere=REFUSED),
        method="post",
        form=lambda w: {"granted": "yes"},
        pk=lambda w: w.application.pk,
    ),
    "people:end": page(officials("administrator", outcome=LEADS_ON, elsewhere=REFUSED), method="post", pk=lambda w: w.post.pk),
    "people:allow_reset": page(officials("administrator", elsewhere=REFUSED), method="post", pk=lambda w: w.clerk.pk),
    "people:bodies": page(officials("administrator")),
    "people:body_add": page(officials("administrator")),
    "people:body": page(officials("administrator", elsewhere=REFUSED), code="department"),
    "people:body_move": page(
        officials("administrator", outcome=LEADS_ON, elsewhere=REFUSED),
        method="post",
        form=lambda w: {"parent": w.here.pk},
        code="department",
    ),
    "people:audit": page(officials("administrator", "supervisor")),
    # the portal
    "web:home": page(everybody()),
    "web:articles": page(everybody()),
    "web:programmes": page(everybody()),
    "web:programme": page(everybody(), code=lambda w: w.programme.code),
    "web:programme (not public)": page(everybody(ABSENT), code=lambda w: w.inner_programme.code),
    "web:promise": page(everybody(), code=lambda w: w.undertaking.code),
    "web:promise (not public)": page(everybody(ABSENT), code=lambda w: w.inner_undertaking.code),
    "web:language": page(everybody(LEADS_ON), method="post", form=lambda w: {"language": "en", "next": "/"}),
    "web:healthz": page(everybody()),
    # the desk
    "web:desk": page(officials(*ROLES)),
    "web:undertakings": page(officials(*ROLES)),
    "web:article": page(everybody(), slug=lambda w: w.published.slug),
    "web:article (not published)": page(everybody(ABSENT), slug=lambda w: w.article.slug),
    "web:programme_file": page(everybody(), code=lambda w: w.programme.code, ending="csv"),
    "web:programme_file (not public)": page(everybody(ABSENT), code=lambda w: w.inner_programme.code, ending="csv"),
    "web:receipt_file": page(everybody(), slug=lambda w: w.published.slug, code="roads", ending="csv"),
    "web:figure_file": page(everybody(), code=lambda w: w.figure.code, ending="csv"),
    "web:figure_file (not public)": page(
        {**everybody(), "anonymous": ABSENT, "resident": ABSENT, FORMER: ABSENT, ELSEWHERE: ABSENT},
        code=lambda w: w.inner_figure.code,
        ending="csv",
    ),
    "web:receipt": page(everybody(), slug=lambda w: w.published.slug, code="roads"),
    "web:receipt (of a figure that it does not print)": page(
        everybody(ABSENT), slug=lambda w: w.published.slug, code=lambda w: w.inner_figure.code
    ),
    "web:figure": page(everybody(), code=lambda w: w.figure.code),
    "web:figure (not public)": page(
        {**everybody(), "anonymous": ABSENT, "resident": ABSENT, FORMER: ABSENT, ELSEWHERE: ABSENT}, code=lambda w: w.inner_figure.code
    ),
    "web:photo": page(everybody(ABSENT), sha256="0" * 64),  # known by its digest only, and this one was never kept
    # reports
    "web:reports": page(officials(*ROLES)),
    "web:report_new": page(officials("reporter", "dispatcher", outcome=LEADS_ON)),
    "web:workbook": page(
        officials("reporter", "dispatcher", elsewhere=REFUSED), form=lambda w: {"body": w.draft.body.code, "period": "2021-06"}
    ),
    "web:month": page(officials("reporter", "dispatcher")),
    "web:month_cell": page(officials("reporter", "dispatcher", elsewhere=REFUSED), method="post", form=lambda w: w.cell),
    "web:month_attach": page(officials("reporter", "dispatcher", elsewhere=REFUSED), method="post", form=lambda w: w.cell),
    "web:month_detach": page(
        officials("reporter", "dispatcher", elsewhere=REFUSED), method="post", form=lambda w: {**w.cell, "evidence": w.evidence.pk}
    ),
    "web:month_send": page(
        officials("reporter", "dispatcher", outcome=LEADS_ON, elsewhere=REFUSED), method="post", form=lambda w: {"body": w.department.code}
    ),
    "web:report": page(
        {**officials(*ROLES, outcome=ABSENT), **dict.fromkeys(("reporter", "reviewer", "dispatcher"), OPENS)}, pk=lambda w: w.submission.pk
    ),
    "web:report (a draft)": page(
        {**officials(*ROLES, outcome=ABSENT), **dict.fromkeys(("reporter", "dispatcher"), OPENS)}, pk=lambda w: w.draft.pk
    ),
    "web:report_send": page(
        officials("reporter", "dispatcher", outcome=LEADS_ON, elsewhere=ABSENT), method="post", pk=lambda w: w.draft.pk
    ),
    "web:report_discard": page(
        officials("reporter", "dispatcher", outcome=LEADS_ON, elsewhere=ABSENT), method="post", pk=lambda w: w.draft.pk
    ),
    "web:report_accept": page(
        officials("reviewer", "dispatcher", outcome=LEADS_ON, elsewhere=ABSENT), method="post", pk=lambda w: w.submission.pk
    ),
    "web:report_return": page(
        officials("reviewer", "dispatcher", outcome=LEADS_ON, elsewhere=ABSENT),
        method="post",
        form=lambda w: {"reason": "why"},
        pk=lambda w: w.submission.pk,
    ),
    # files that are sent in
    "web:uploads": page(officials("reporter", "dispatcher")),
    "web:uploads (one is sent)": page(
        officials("reporter", "dispatcher", outcome=LEADS_ON), method="post", form=lambda w: {"file": io.BytesIO(b"x")}
    ),
    "web:upload": page({**officials(*ROLES, outcome=ABSENT), **dict.fromkeys(("reporter", "dispatcher"), OPENS)}, pk=lambda w: w.upload.pk),
    "web:upload_file": page(
        {**officials(*ROLES, outcome=ABSENT), **dict.fromkeys(("reporter", "dispatcher"), OPENS)}, pk=lambda w: w.upload.pk
    ),
    # somebody's own table
    "web:table": page(officials("reporter", "dispatcher", elsewhere=ABSENT), pk=lambda w: w.asked.pk),
    "web:table (read already)": page(officials("reporter", "dispatcher", outcome=LEADS_ON, elsewhere=ABSENT), pk=lambda w: w.upload.pk),
    "web:table_columns": page(officials("reporter", "dispatcher", outcome=LEADS_ON, elsewhere=ABSENT), pk=lambda w: w.upload.pk),
    "web:table_columns (of no sheet)": page(officials("reporter", "dispatcher", outcome=ABSENT, elsewhere=ABSENT), pk=lambda w: w.asked.pk),
    "web:table_rows": page(officials("reporter", "dispatcher", outcome=LEADS_ON, elsewhere=ABSENT), pk=lambda w: w.upload.pk),
    "web:tables": page(officials("reporter", "dispatcher")),
    "web:table_rename": page(
        officials("reporter", "dispatcher", outcome=LEADS_ON, elsewhere=ABSENT),
        method="post",
        form=lambda w: {"name": "周报"},
        pk=lambda w: w.mapping.pk,
    ),
    "web:table_forget": page(
        officials("reporter", "dispatcher", outcome=LEADS_ON, elsewhere=ABSENT), method="post", pk=lambda w: w.mapping.pk
    ),
    "web:reports_owed": page(officials("reporter", "dispatcher")),
    "web:forecast": page(officials(*ROLES)),
    "web:programme_forecast": page(officials(*ROLES), code=lambda w: w.programme.code),
    "web:undertaking_forecast": page(officials(*ROLES, elsewhere=ABSENT), code=lambda w: w.undertaking.code),
    "web:reports_accept": page(officials("reviewer", "dispatcher", outcome=LEADS_ON), method="post"),
    **{
        f"web:report_{act}": page(
            officials("reporter", "dispatcher", outcome=LEADS_ON, elsewhere=ABSENT),
            method="post",
            form=lambda w: {"line": [line.pk for line in w.draft.lines.all()], "reason": "why"},
            pk=lambda w: w.draft.pk,
        )
        for act in ("typed", "reason", "drop", "insist", "part")
    },
    "web:batches": page(officials(*ROLES)),
    "web:batch": page(officials(*ROLES, elsewhere=ABSENT), pk=lambda w: w.batch.pk),
    "web:batch_undo": page(
        officials("reporter", "dispatcher", outcome=LEADS_ON, elsewhere=ABSENT),
        method="post",
        form=lambda w: {"reason": "why"},
        pk=lambda w: w.batch.pk,
    ),
    # rulebooks
    "web:rulebooks": page(officials(*ROLES)),
    "web:rulebook": page(officials(*ROLES, elsewhere=ABSENT), of="programme", code=lambda w: w.programme.code),
    "web:rulebook (of a body)": page(officials(*ROLES, elsewhere=ABSENT), of="body", code=lambda w: w.department.code),
    "web:rulebook (of a body above)": page(officials(*ROLES), of="body", code=lambda w: w.city.code),
    "web:rulebook_draft": page(officials("dispatcher", elsewhere=ABSENT), of="programme", code=lambda w: w.programme.code),
    "web:rulebook_draft (of a body above)": page(officials("dispatcher", outcome=REFUSED), of="body", code=lambda w: w.city.code),
    "web:rulebook_version": page(
        {**officials(*ROLES, outcome=ABSENT), **dict.fromkeys(("dispatcher", "leader"), OPENS)}, pk=lambda w: w.rulebook_draft.pk
    ),
    "web:rulebook_version (adopted)": page(officials(*ROLES, elsewhere=ABSENT), pk=lambda w: w.rulebook.pk),
    "web:rulebook_trial": page(officials("dispatcher", "leader", elsewhere=ABSENT), pk=lambda w: w.rulebook_draft.pk),
    "web:rulebook_trial_file": page(officials("dispatcher", "leader", elsewhere=ABSENT), pk=lambda w: w.rulebook_draft.pk, ending="csv"),
    "web:rulebook_trial (adopted)": page(officials("dispatcher", "leader", outcome=LEADS_ON, elsewhere=ABSENT), pk=lambda w: w.rulebook.pk),
    "web:rulebook_adopt": page(
        officials("dispatcher", "leader", outcome=LEADS_ON, elsewhere=ABSENT),
        method="post",
        form=lambda w: {"seen": w.rulebook_draft.digest},
        pk=lambda w: w.rulebook_draft.pk,
    ),
    "web:rulebook_discard": page(
        officials("dispatcher", outcome=LEADS_ON, elsewhere=ABSENT), method="post", pk=lambda w: w.rulebook_draft.pk
    ),
    # the reporting calendar
    "web:board": page(officials(*ROLES)),
    "web:stages": page(officials(*ROLES)),
    "web:stages_file": page(officials(*ROLES), ending="csv"),
    "web:races_file": page(officials(*ROLES), ending="xlsx"),
    "web:races": page(officials(*ROLES)),
    "web:watch": page(officials(*ROLES)),
    "web:watch_file": page(officials(*ROLES), ending="csv"),
    "web:changes": page(officials(*ROLES)),
    "web:changes_file": page(officials(*ROLES), ending="csv"),
    "web:undertakings_file": page(officials(*ROLES), ending="csv"),
    "web:forecast_file": page(officials(*ROLES), ending="csv"),
    "web:programme_forecast_file": page(officials(*ROLES), code=lambda w: w.programme.code, ending="csv"),
    "web:meeting": page(officials(*ROLES)),
    "web:meetings": page(officials(*ROLES)),
    "web:meeting_strike": page(
        officials("dispatcher", "leader", outcome=LEADS_ON, elsewhere=ABSENT), method="post", pk=lambda w: w.meeting.pk
    ),
    "web:chase": page(
        officials("dispatcher", outcome=LEADS_ON, elsewhere=REFUSED),
        method="post",
        form=lambda w: {"line": w.calendar_line.pk, "body": w.department.code, "period": "2021-06-30"},
    ),
    "web:calendar": page(officials("dispatcher", elsewhere=REFUSED), code=lambda w: w.programme.code),
    "web:calendar_line": page(officials("dispatcher", elsewhere=REFUSED), code=lambda w: w.programme.code, pk=lambda w: w.calendar_line.pk),
    "web:calendar_line_end": page(
        officials("dispatcher", outcome=LEADS_ON, elsewhere=REFUSED),
        method="post",
        code=lambda w: w.programme.code,
        pk=lambda w: w.calendar_line.pk,
    ),
    "web:channels": page(officials("administrator", "dispatcher")),
    "web:channel_test": page(
        officials("administrator", "dispatcher", outcome=LEADS_ON, elsewhere=ABSENT), method="post", pk=lambda w: w.channel.pk
    ),
    "web:channel_switch": page(
        officials("administrator", "dispatcher", outcome=LEADS_ON, elsewhere=ABSENT), method="post", pk=lambda w: w.channel.pk
    ),
    "web:channel_remove": page(
        officials("administrator", "dispatcher", outcome=LEADS_ON, elsewhere=ABSENT), method="post", pk=lambda w: w.channel.pk
    ),
    # articles
    "web:drafts": page(officials("editor")),
    "web:draft_new": page(officials("editor", outcome=LEADS_ON), method="post", form=lambda w: {"slug": "new", "as_of": "2021-08-31"}),
    "web:draft": page(officials("editor", elsewhere=ABSENT), slug=lambda w: w.article.slug),
    "web:draft_preview": page(officials("editor", elsewhere=ABSENT), method="post", slug=lambda w: w.article.slug),
    "web:draft_photo": page(officials("editor", outcome=LEADS_ON, elsewhere=ABSENT), method="post", slug=lambda w: w.article.slug),
    "web:draft_photo_remove": page(
        officials("editor", outcome=LEADS_ON, elsewhere=ABSENT), method="post", slug=lambda w: w.article.slug, pk=lambda w: w.photo.pk
    ),
    "web:draft_publish": page(officials("editor", outcome=LEADS_ON, elsewhere=ABSENT), method="post", slug=lambda w: w.article.slug),
    "web:undertaking": page(officials(*ROLES, elsewhere=ABSENT), code=lambda w: w.undertaking.code),
    # the registry
    "registry:measures": page(officials("dispatcher")),
    "registry:measure_add": page(officials("dispatcher")),
    "registry:measure": page(officials("dispatcher", elsewhere=REFUSED), code=lambda w: w.measure.code),
    "registry:programmes": page(officials("dispatcher")),
    "registry:programme_add": page(officials("dispatcher")),
    "registry:programme": page(officials("dispatcher", elsewhere=REFUSED), code=lambda w: w.programme.code),
    "registry:attribute_add": page(officials("dispatcher", elsewhere=REFUSED), code=lambda w: w.programme.code),
    "registry:attribute": page(
        officials("dispatcher", elsewhere=REFUSED), code=lambda w: w.programme.code, attribute=lambda w: w.attribute
    ),
    "registry:attribute_remove": page(
        officials("dispatcher", outcome=LEADS_ON, elsewhere=REFUSED),
        method="post",
        code=lambda w: w.programme.code,
        attribute=lambda w: w.attribute,
    ),
    "registry:undertaking_add": page(officials("dispatcher", elsewhere=REFUSED), code=lambda w: w.programme.code),
    "registry:undertaking": page(officials("dispatcher", elsewhere=REFUSED), code=lambda w: w.undertaking.code),
    "registry:undertaking_move": page(
        officials("dispatcher", outcome=LEADS_ON, elsewhere=REFUSED),
        method="post",
        form=lambda w: {"programme": w.inner_programme.pk},
        code=lambda w: w.undertaking.code,
    ),
    # evidence
    "registry:attach": page(officials("reporter", "dispatcher", elsewhere=ABSENT), code=lambda w: w.undertaking.code),
    "registry:evidence": page(everybody(), pk=lambda w: w.evidence.pk),
    "registry:evidence (for officials)": page({**everybody(ABSENT), **dict.fromkeys(ROLES, OPENS)}, pk=lambda w: w.inner_evidence.pk),
    "registry:evidence (of something that is not public)": page(
        {**everybody(ABSENT), **dict.fromkeys(ROLES, OPENS)}, pk=lambda w: w.evidence_of_something_inner.pk
    ),
    "registry:evidence_small": page(everybody(), pk=lambda w: w.evidence.pk),
    "registry:evidence_small (for officials)": page({**everybody(ABSENT), **dict.fromkeys(ROLES, OPENS)}, pk=lambda w: w.inner_evidence.pk),
    "registry:evidence_show": page(
        officials("dispatcher", outcome=LEADS_ON, elsewhere=ABSENT),
        method="post",
        form=lambda w: {"public": "yes"},
        pk=lambda w: w.inner_evidence.pk,
    ),
}


def addresses(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """The name of every address that the site answers to; one without a name shows its pattern instead."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
        else:
            yield f"{prefix}{pattern.name}" if pattern.name else f"nameless {pattern.pattern}"


def outcome(answer: HttpResponse) -> str:
    """What the reader met. A form that is shown again, and a refusal in words, are pages."""
    if answer.status_code == 403:
        return REFUSED
    if answer.status_code == 401:
        return TOKEN
    if answer.status_code == 404:
        return ABSENT
    if answer.status_code == 405:
        return WRONG_METHOD
    if answer.status_code in (301, 302, 303):
        return SIGN_IN if urlsplit(answer["Location"]).path == reverse("account_login") else LEADS_ON
    assert answer.status_code in (200, 204, 400, 409, 422), answer.status_code
    return OPENS


def ask(world: World, name: str, reader: str, **headers: str) -> HttpResponse:
    """`reader` asks for the address; what a form changes is undone, so that every reader finds the same."""
    asked = PAGES[name]
    client, address, form = world.client(reader), asked.address(name, world), asked.form(world)
    with transaction.atomic():
        answer = getattr(client, asked.method)(address, form, headers=headers)
        transaction.set_rollback(asked.method != "get")
    return answer


@pytest.fixture(scope="module")
def founded(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The bodies and the readers, signed in once for all tests."""
    quick = {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"]}
    with django_db_blocker.unblock(), override_settings(**quick), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


@pytest.fixture
def world(founded: World) -> World:
    """The same bodies and readers, and no object that another test has made."""
    return copy.copy(founded)


def test_the_table_states_every_address_and_no_other() -> None:
    known, stated = set(addresses()), {name.partition(" (")[0] for name in PAGES}
    assert sorted(known - stated) == [], "state in PAGES who may open these"
    assert sorted(stated - known) == [], "these are gone"


@pytest.mark.parametrize("name", sorted(set(PAGES)))
def test_every_reader_meets_what_the_table_states(name: str, world: World) -> None:
    met = {reader: outcome(ask(world, name, reader)) for reader in READERS}
    assert met == dict(PAGES[name].outcomes)


def test_every_role_may_do_something_and_every_act_is_somebodys() -> None:
    for roles in permits.ACTS.values():
        assert roles == permits.SIGNED_IN or set(roles) <= set(ROLES)
        assert roles
    assert set().union(*(roles for roles in permits.ACTS.values() if roles != permits.SIGNED_IN)) == set(ROLES)


def test_a_view_without_a_mark_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    view = resolve(reverse("web:home")).func
    monkeypatch.delattr(view, "permit")
    for reader in READERS:
        assert outcome(ask(world, "web:home", reader)) == REFUSED


@pytest.mark.parametrize("name", sorted(n for n, p in PAGES.items() if p.outcomes["anonymous"] == SIGN_IN and ":" in n))
def test_a_fragment_asked_for_without_signing_in_leads_the_page_to_sign_in(name: str, world: World) -> None:
    answer = ask(world, name, "anonymous", **{"HX-Request": "true", "HX-Current-URL": "http://testserver/desk/"})
    assert answer.headers["HX-Redirect"] == f"{reverse('account_login')}?next=/desk/"
    assert not answer.content


@pytest.mark.parametrize("name", sorted(n for n, p in PAGES.items() if p.outcomes["resident"] == REFUSED))
def test_a_refused_fragment_and_a_refused_json_stay_refused(name: str, world: World) -> None:
    for headers in ({"HX-Request": "true"}, {"Accept": "application/json"}, {"X-Requested-With": "XMLHttpRequest"}):
        assert outcome(ask(world, name, "resident", **headers)) == REFUSED


def test_a_passkey_of_somebody_else_does_not_exist_even_for_who_has_just_given_the_password(world: World) -> None:
    client = world.client("administrator")
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    for name in ("mfa_remove_webauthn", "mfa_edit_webauthn"):
        assert client.get(reverse(name, args=[world.passkey.pk])).status_code == 404


@pytest.mark.parametrize("path", ["/media/evidence.pdf", "/files/evidence.pdf", "/static/../duban.sqlite3", "/duban.sqlite3", "/admin/"])
def test_files_are_served_by_no_address_but_those_above(path: str, client: Client) -> None:
    assert client.get(path).status_code == 404
    assert settings.MEDIA_URL in ("", "/")


@pytest.mark.parametrize("method", ["head", "options", "put", "delete", "patch", "post"])
def test_no_other_method_gets_past_a_permit(method: str, world: World) -> None:
    client = world.client("resident")
    closed = [name for name, p in PAGES.items() if p.outcomes["resident"] == REFUSED]
    for name in closed:
        assert getattr(client, method)(PAGES[name].address(name, world)).status_code == 403, name
