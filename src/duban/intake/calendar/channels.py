"""Where a body's messages also go: the robots of its group chats. An address is a secret: it goes in, and never comes out again.

Only the schemes that DUBAN_CHANNEL_SCHEMES names are taken. Those of its default speak to one fixed host each, so that no address
that an official enters can make the server call somewhere else.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

import apprise
from apprise.plugins import NotifyBase
from django.conf import settings
from django.db import transaction

from duban.core.refusals import Refusal
from duban.intake.models import Channel
from duban.people import audit, permits
from duban.people.models import Body, User

ACT: Final = "channel.write"
PASTED: Final = (
    (re.compile(r"https://qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=([\w-]+)"), "wecombot://{}"),
    (re.compile(r"https://oapi\.dingtalk\.com/robot/send\?access_token=([\w-]+)"), "dingtalk://{}"),
    (re.compile(r"https://open\.feishu\.cn/open-apis/bot/v2/hook/([\w-]+)/?"), "feishu://{}"),
    (re.compile(r"https://open\.larksuite\.com/open-apis/bot/v2/hook/([\w-]+)/?"), "lark://{}"),
)
"""A robot's address as its chat shows it, and as Apprise writes it."""
LONGEST_FAULT: Final = 200


def read_address(text: str) -> str:
    """An address as it is kept. Raises `Refusal` "channel-scheme-closed" or "channel-address-unreadable"; neither tells the address."""
    text = text.strip()
    for shape, written in PASTED:
        if match := shape.fullmatch(text):
            text = written.format(match[1])
    scheme = text.partition("://")[0].lower()
    if scheme not in settings.SET["channel_schemes"]:
        raise Refusal("channel-scheme-closed", field="address", allowed=list(settings.SET["channel_schemes"]))
    if _plugin(text) is None:
        raise Refusal("channel-address-unreadable", field="address", scheme=scheme)
    return text


def _plugin(address: str) -> NotifyBase | None:
    """Whoever speaks to `address`; None where it cannot be read."""
    made = apprise.Apprise.instantiate(address)
    return made if isinstance(made, NotifyBase) else None


@transaction.atomic
def add(*, body: Body, name: str, address: str, by: User, now: datetime) -> Channel:
    """A group chat that a body's messages also go to."""
    permits.check(by, ACT, body)
    channel = Channel.objects.create(body=body, name=name.strip()[:80], address=read_address(address), added_by=by, added_at=now)
    audit.record(by=by, act="channel.add", subject=f"{body.code} · {channel.name}")
    return channel


@transaction.atomic
def switch(*, channel: Channel, active: bool, by: User) -> Channel:
    """Let messages go to a channel, or no longer."""
    permits.check(by, ACT, channel.body)
    channel.active = active
    channel.save(update_fields=["active"])
    audit.record(by=by, act="channel.switch", subject=f"{channel.body.code} · {channel.name}", active=active)
    return channel


@transaction.atomic
def remove(*, channel: Channel, by: User) -> None:
    """Forget a channel with its address and whatever waits for it."""
    permits.check(by, ACT, channel.body)
    audit.record(by=by, act="channel.remove", subject=f"{channel.body.code} · {channel.name}")
    channel.delete()


def try_out(*, channel: Channel, title: str, words: str, by: User) -> str:
    """Send one message now; returns what went wrong, empty where it arrived."""
    permits.check(by, ACT, channel.body)
    fault = send(channel, title=title, words=words)
    audit.record(by=by, act="channel.test", subject=f"{channel.body.code} · {channel.name}", result="failed" if fault else "done")
    return fault


def send(channel: Channel, *, title: str, words: str) -> str:
    """Hand a message to a channel; returns what went wrong, without the address, empty where the other side took it."""
    plugin = _plugin(channel.address) if channel.address.partition("://")[0].lower() in settings.SET["channel_schemes"] else None
    if plugin is None:
        return "channel-closed"
    speaker = apprise.Apprise()
    speaker.add(plugin)
    with apprise.LogCapture(level=apprise.logging.WARNING, fmt="%(message)s") as captured:
        arrived = speaker.notify(title=title, body=words)
        said = captured.getvalue().strip()
    return "" if arrived else without_secrets(said.splitlines()[0] if said else "not-delivered", channel.address)


def without_secrets(fault: str, address: str) -> str:
    """A fault in which nothing stands of what the address keeps secret."""
    after = address.partition("://")[2]
    parts = {part for cut in (r"[/@?&=]+", r"[/@?&=:]+", r"[^\w-]+") for part in re.split(cut, after)}
    for secret in sorted((part for part in parts if len(part) > 3), key=len, reverse=True):
        fault = fault.replace(secret, "…")
    return fault[:LONGEST_FAULT]
