"""Reminders and chasers: when, once a day, to whom, and what becomes of the messages."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from click.testing import CliRunner
from django.conf import settings as django_settings
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import translation
from stage import District, district

from duban.cli.commands import duban
from duban.core.refusals import Refusal
from duban.intake.calendar import channels, delivering, reminding, scheduling
from duban.intake.calendar.delivering import Delivered
from duban.intake.calendar.reminding import Swept
from duban.intake.models import Calendar, Channel, Message, Reminder
from duban.people.models import Appointment, AuditLine, User

pytestmark = pytest.mark.django_db
FEBRUARY = date(2026, 2, 28)  # due on Friday, 6 March; reminded of on the 4th
NOW = datetime(2026, 3, 4, 1, tzinfo=UTC)
REPORTED = "recorded undertaking measure kind period amount\n2026-03-03 {} invested report 2026-02 0"


@pytest.fixture
def town(db: None, monkeypatch: pytest.MonkeyPatch) -> District:
    made = district()
    for code, body in (("roofs", "works"), ("ponds", "parks")):
        made.promise(code, body=body)
    line = Calendar.objects.create(programme=made.programmes["invested"], since=date(2026, 2, 1))
    line.measures.set([made.measures["invested"]])
    User.objects.filter(username__in=["reporter", "colleague"]).update(email="works@example.org")
    Appointment.objects.update(since=NOW - timedelta(days=90))
    monkeypatch.setattr(django_settings, "MAIL", True)
    return made


class Chat:
    """A group chat's robot on this machine: it keeps what arrives, and answers with `status`."""

    def __init__(self) -> None:
        self.arrived: list[dict[str, Any]] = []
        self.status = 200
        chat = self

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                chat.arrived.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(chat.status)
                self.end_headers()

            def log_message(self, *words: Any) -> None:
                """Nothing is printed."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.address = f"json://127.0.0.1:{self.server.server_port}/hook-secret-93"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> Iterator[Chat]:
    monkeypatch.setitem(django_settings.SET, "channel_schemes", ["json", "wecombot", "dingtalk", "feishu", "lark"])
    made = Chat()
    yield made
    made.server.shutdown()
    made.server.server_close()


def sweep(day: int, month: int = 3) -> Swept:
    return reminding.sweep(now=datetime(2026, month, day, 1, tzinfo=UTC), on=date(2026, month, day))


def add(town: District, chat: Chat, body: str = "works") -> Channel:
    return channels.add(body=town.bodies[body], name="住建群", address=chat.address, by=town.people["dispatcher"], now=NOW)


# When


def test_a_reminder_before_and_chasers_every_second_working_day_after(town: District):
    for day in range(1, 16):
        sweep(day)
    told = {one.on.day: one.kind for one in Reminder.objects.filter(body=town.bodies["works"])}
    # The 6th is the due day, the 7th and 8th are a weekend, and so are the 14th and 15th.
    assert told == {4: "before", 9: "after", 11: "after", 13: "after"}


def test_nothing_is_said_once_nothing_is_missing(town: District):
    assert sweep(4) == Swept(reminders=2, messages=1 + 1)
    town.write(REPORTED.format("roofs"))
    assert sweep(9).chasers == 1
    town.write(REPORTED.format("ponds"))
    assert sweep(11) == Swept()


def test_a_reminder_that_was_missed_is_made_up_before_the_due_day(town: District):
    assert [sweep(day).reminders for day in (5, 6)] == [2, 0]


def test_chasing_every_0_days_chases_once(town: District):
    Calendar.objects.update(chase_every=0)
    assert [sweep(day).chasers for day in (9, 10, 11, 12, 13)] == [2, 0, 0, 0, 0]


def test_a_second_sweep_on_the_same_day_writes_nothing(town: District):
    first = sweep(9)
    assert (first.chasers, sweep(9)) == (2, Swept())
    assert Message.objects.count() == first.messages


def test_on_the_make_up_saturday_offices_are_reminded_and_on_the_holidays_monday_not(town: District):
    Calendar.objects.update(since=date(2021, 8, 1), working_days=12)
    october = {day: reminding.sweep(now=NOW, on=date(2021, 10, day)).chasers for day in (1, 4, 9)}
    assert october == {1: 0, 4: 0, 9: 2}


# To whom


def test_one_message_for_each_reporter_with_all_that_is_missing(town: District):
    town.promise("paths", lead="total")
    second = Calendar.objects.create(programme=town.programmes["total"], since=date(2026, 2, 1))
    second.measures.set([town.measures["total"]])
    assert sweep(4) == Swept(reminders=3, messages=2)
    assert delivering.deliver(now=NOW) == Delivered(sent=2)
    assert [message.to for message in mail.outbox] == [["works@example.org"]] * 2
    assert mail.outbox[0].body.count("http://127.0.0.1:8000/desk/") == 2
    assert "2026-02-28" in mail.outbox[0].body
    assert "园林局" not in mail.outbox[0].body


@pytest.mark.parametrize(
    ("language", "title", "line"),
    [
        ("", "督办：尚有1项数据待报送", "缺报1项"),
        ("zh-hant", "督辦：尚有1項數據待報送", "缺報1項"),
        ("en", "duban: 1 values are still to be reported", "1 missing, due on"),
        ("tlh", "督办：尚有1项数据待报送", "缺报1项"),
    ],
)
def test_each_reporter_is_told_in_the_language_that_they_chose(town: District, language: str, title: str, line: str):
    User.objects.filter(username="reporter").update(language=language)
    User.objects.filter(username="colleague").update(email="")
    sweep(4)
    with translation.override("en" if language != "en" else "zh-hans"):
        assert delivering.deliver(now=NOW) == Delivered(sent=1)
    (message,) = mail.outbox
    assert message.subject == title
    assert line in message.body


def test_whoever_has_no_address_no_role_or_no_account_any_more_gets_no_mail(town: District):
    User.objects.filter(username="reporter").update(email="")
    User.objects.filter(username="colleague").update(is_active=False)
    town.people["reviewer"].email = "reviewer@example.org"
    town.people["reviewer"].save()
    assert sweep(4) == Swept(reminders=2)
    town.people["stranger"].appointments.update(until=NOW)
    User.objects.filter(username="stranger").update(email="parks@example.org")
    assert sweep(9).messages == 0


def test_without_mail_a_reminder_is_in_duban_only(town: District, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(django_settings, "MAIL", False)
    assert sweep(4) == Swept(reminders=2)


def test_a_message_arrives_in_a_group_chat(town: District, chat: Chat):
    User.objects.update(email="")
    add(town, chat)
    assert sweep(4) == Swept(reminders=2, messages=1)
    assert delivering.deliver(now=NOW) == Delivered(sent=1)
    (arrived,) = chat.arrived
    assert "住建局" in arrived["message"]
    assert "/desk/" in arrived["message"]
    assert Message.objects.get().state == "sent"


def test_a_body_without_a_chat_is_told_in_that_of_the_body_above_it_in_one_message(town: District, chat: Chat):
    User.objects.update(email="")
    add(town, chat, "top")
    assert sweep(4) == Swept(reminders=2, messages=1)
    delivering.deliver(now=NOW)
    assert all(name in chat.arrived[0]["message"] for name in ("住建局", "园林局"))
    channels.switch(channel=Channel.objects.get(), active=False, by=town.people["dispatcher"])
    assert sweep(9) == Swept(chasers=2)


# What becomes of them


def test_a_message_that_does_not_arrive_is_tried_five_times_ever_more_slowly_and_tells_no_secret(town: District, chat: Chat):
    User.objects.update(email="")
    add(town, chat)
    chat.status = 500
    sweep(4)
    when, tries = NOW, []
    for _ in range(600):
        if delivering.deliver(now=when) != Delivered():
            tries.append(when - NOW)
        when += timedelta(minutes=10)
    minutes = [0, 10, 70, 430, 1870]
    assert tries == [timedelta(minutes=passed) for passed in minutes]
    message = Message.objects.get()
    assert (message.state, message.tries, len(chat.arrived)) == ("failed", 5, 5)
    assert "500" in message.fault
    assert "secret" not in message.fault


def test_what_failed_once_arrives_later(town: District, chat: Chat):
    User.objects.update(email="")
    add(town, chat)
    chat.status = 503
    sweep(4)
    assert delivering.deliver(now=NOW) == Delivered(again=1)
    chat.status = 200
    assert delivering.deliver(now=NOW + timedelta(minutes=9)) == Delivered()
    assert delivering.deliver(now=NOW + timedelta(minutes=10)) == Delivered(sent=1)
    message = Message.objects.get()
    assert (message.state, message.tries, message.fault) == ("sent", 2, "")


def test_mail_that_is_refused_keeps_its_reason_without_the_address(town: District, monkeypatch: pytest.MonkeyPatch):
    from smtplib import SMTPRecipientsRefused

    def refuse(self: Any, messages: Any) -> int:
        raise SMTPRecipientsRefused({"works@example.org": (550, b"no such person")})

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    sweep(4)
    assert delivering.deliver(now=NOW) == Delivered(again=2)
    assert set(Message.objects.values_list("fault", flat=True)) == {"SMTPRecipientsRefused"}


def test_nobody_listens(town: District, chat: Chat):
    User.objects.update(email="")
    add(town, chat)
    chat.server.shutdown()
    chat.server.server_close()
    sweep(4)
    assert delivering.deliver(now=NOW) == Delivered(again=1)
    fault = Message.objects.get().fault
    assert fault
    assert "127" not in fault
    assert "secret" not in fault


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_and_two_senders_at_once_do_everything_once(transactional_db: None, town: District, chat: Chat):
    User.objects.update(email="")
    add(town, chat, "top")
    start, swept, delivered = threading.Barrier(2), [], []

    def tick() -> None:
        try:
            start.wait(10)
            swept.append(sweep(4))
            start.wait(10)
            delivered.append(delivering.deliver(now=NOW))
        finally:
            connection.close()

    ticks = [threading.Thread(target=tick) for _ in range(2)]
    for one in ticks:
        one.start()
    for one in ticks:
        one.join(30)
    assert sorted(one.reminders for one in swept) == [0, 2]
    assert sorted(one.sent for one in delivered) == [0, 1]
    assert (Reminder.objects.count(), Message.objects.count(), len(chat.arrived)) == (2, 1, 1)


# By hand


def chase(town: District, by: str = "dispatcher", body: str = "works", day: int = 9) -> list[Message]:
    return reminding.chase(
        line=Calendar.objects.get(), body=town.bodies[body], period=FEBRUARY, by=town.people[by], now=NOW, on=date(2026, 3, day)
    )


def test_a_dispatcher_chases_at_once_and_only_once_a_day(town: District):
    assert len(chase(town, day=8)) == 2
    assert Reminder.objects.get().kind == "after"
    assert AuditLine.objects.get(act="calendar.chase").who == town.people["dispatcher"]
    with pytest.raises(Refusal, match="reminded-today"):
        chase(town, day=8)
    assert sweep(9).chasers == 1  # of the other body: this one was chased a working day ago
    assert sweep(10).chasers == 1


def test_nobody_is_chased_for_nothing_or_by_somebody_else(town: District):
    for who in ("reporter", "reviewer", "resident", "stranger"):
        with pytest.raises(PermissionDenied):
            chase(town, by=who)
    town.write(REPORTED.format("roofs"))
    with pytest.raises(Refusal, match="nothing-missing"):
        chase(town)


# Channels and lines


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7aaa", "wecombot://693a91f6-7aaa"),
        ("https://oapi.dingtalk.com/robot/send?access_token=abcdef0123", "dingtalk://abcdef0123"),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/abc-def", "feishu://abc-def"),
        (" lark://abc-def ", "lark://abc-def"),
    ],
)
def test_an_address_is_taken_as_the_chat_shows_it(pasted: str, kept: str):
    assert channels.read_address(pasted) == kept


@pytest.mark.parametrize(
    "address",
    [
        "json://127.0.0.1/",
        "http://169.254.169.254/latest",
        "https://open.feishu.cn.evil.test/open-apis/bot/v2/hook/a",
        "file:///etc",
        "",
        "x",
    ],
)
def test_an_address_that_could_lead_elsewhere_is_closed(address: str):
    with pytest.raises(Refusal, match="channel-scheme-closed") as refused:
        channels.read_address(address)
    assert "allowed" in refused.value.facts


def test_an_address_that_is_none_is_refused_and_not_repeated():
    with pytest.raises(Refusal, match="channel-address-unreadable") as refused:
        channels.read_address("wecombot://%20")
    assert refused.value.facts == {"field": "address", "scheme": "wecombot"}


def test_a_scheme_that_was_closed_since_sends_nothing(town: District, chat: Chat, monkeypatch: pytest.MonkeyPatch):
    channel = add(town, chat)
    monkeypatch.setitem(django_settings.SET, "channel_schemes", ["wecombot"])
    assert channels.try_out(channel=channel, title="t", words="w", by=town.people["dispatcher"]) == "channel-closed"
    assert chat.arrived == []


@pytest.mark.parametrize("who", ["reporter", "reviewer", "editor", "resident"])
def test_only_dispatchers_and_administrators_keep_channels(town: District, chat: Chat, who: str):
    channel, by = add(town, chat), town.people[who]
    for act in (
        lambda: channels.add(body=town.bodies["works"], name="x", address=chat.address, by=by, now=NOW),
        lambda: channels.switch(channel=channel, active=False, by=by),
        lambda: channels.try_out(channel=channel, title="t", words="w", by=by),
        lambda: channels.remove(channel=channel, by=by),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert (Channel.objects.filter(active=True).count(), chat.arrived) == (1, [])


def test_no_record_of_a_channel_tells_its_address(town: District, chat: Chat):
    channel = add(town, chat)
    channels.try_out(channel=channel, title="t", words="w", by=town.people["dispatcher"])
    channels.remove(channel=channel, by=town.people["dispatcher"])
    assert [line.act for line in AuditLine.objects.order_by("pk")] == ["channel.add", "channel.test", "channel.remove"]
    assert not [line for line in AuditLine.objects.all() if "secret" in f"{line.subject} {line.facts}"]


def test_a_dispatcher_sets_a_line_and_ends_it(town: District):
    by, programme = town.people["dispatcher"], town.programmes["invested"]
    fields = {"every": "month", "working_days": 5, "remind_before": 2, "chase_every": 2, "since": date(2026, 1, 1), "until": None}
    line = scheduling.add_line(programme=programme, measures=[town.measures["invested"]], by=by, **fields)
    changed = scheduling.change_line(line=line, measures=[], by=by, **{**fields, "working_days": 8})
    assert (changed.working_days, changed.measures.count()) == (8, 0)
    with pytest.raises(Refusal, match="line-ends-before-it-begins"):
        scheduling.change_line(line=line, measures=[], by=by, **{**fields, "until": date(2025, 12, 31)})
    with pytest.raises(Refusal, match="working-days-unfit"):
        scheduling.add_line(programme=programme, measures=[], by=by, **{**fields, "working_days": 0})
    programme.measures.remove(town.measures["total"])
    with pytest.raises(Refusal, match="line-measure-not-counted"):
        scheduling.add_line(programme=programme, measures=[town.measures["total"]], by=by, **fields)
    with pytest.raises(PermissionDenied):
        scheduling.add_line(programme=programme, measures=[], by=town.people["reviewer"], **fields)
    scheduling.end_line(line=line, by=by, on=date(2026, 3, 1))
    assert Calendar.objects.get(pk=line.pk).until == date(2026, 3, 1)
    scheduling.end_line(line=line, by=by, on=date(2025, 12, 31))
    assert not Calendar.objects.filter(pk=line.pk).exists()


def test_the_command_does_it_all_and_twice_is_once(town: District, chat: Chat, monkeypatch: pytest.MonkeyPatch):
    User.objects.update(email="")
    add(town, chat, "top")
    monkeypatch.setitem(django_settings.SET, "today", date(2026, 3, 9))
    told = [json.loads(CliRunner().invoke(duban, ["tick", "--json"]).stdout) for _ in range(2)]
    nothing = {"sent": 0, "again": 0, "failed": 0}
    assert [one["on"] for one in told] == ["2026-03-09"] * 2
    assert [one["reminding"] for one in told] == [{"reminders": 0, "chasers": chasers, "messages": chasers // 2} for chasers in (2, 0)]
    assert [one["delivering"] for one in told] == [{**nothing, "sent": 1}, nothing]
    assert len(chat.arrived) == 1
