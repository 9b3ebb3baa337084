"""What an operator may set, as environment variables that begin with DUBAN_.

Every setting is one line of `SETTINGS`; the reference page in the documentation is generated
from it. A variable that nobody declared, or a value that cannot be read, is refused at start-up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Misconfigured(Exception):
    """The environment asks for something that duban does not know or cannot read."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable: its name, how its text is read, what holds when it is absent, and its meaning."""

    name: str
    read: Callable[[str], Any]
    default: str
    meaning: str


def _mode(text: str) -> str:
    if text not in {"development", "demo", "production"}:
        raise ValueError("one of development, demo, production")
    return text


def _flag(text: str) -> bool:
    if text not in {"yes", "no"}:
        raise ValueError("yes or no")
    return text == "yes"


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _number(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = int(text)
        if not low <= number <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return number

    return read


def _database(text: str) -> str:
    url = urlsplit(text)
    _ = url.port  # raises for a port that is no number
    named = bool(url.path.strip("/"))
    sqlite = url.scheme == "sqlite" and not url.netloc and named
    postgresql = url.scheme == "postgresql" and named and set(parse_qs(url.query, keep_blank_values=True)) <= {"host"}
    if text and not (sqlite or postgresql):
        raise ValueError("sqlite:///PATH, postgresql://USER:PASSWORD@HOST:PORT/NAME or postgresql://USER@/NAME?host=/SOCKET/FOLDER")
    return text


def _mail(text: str) -> str:
    if text and urlsplit(text).scheme not in {"smtp", "smtps", "console", "file"}:
        raise ValueError("smtp://, smtps://, console:// or file:///FOLDER")
    return text


def _address(text: str) -> str:
    url = urlsplit(text)
    if text and (url.scheme not in {"http", "https"} or not url.netloc or url.query or url.fragment):
        raise ValueError("https://HOST, perhaps with a port and a path")
    return text.rstrip("/")


def _log(text: str) -> str:
    if text not in {"json", "text"}:
        raise ValueError("json or text")
    return text


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "DUBAN_MODE",
        _mode,
        "development",
        "`production` is strict about secrets, hosts and cookies; `demo` allows demonstration accounts; `development` shows errors in full.",
    ),
    Setting(
        "DUBAN_STATE", Path, "state", "Folder that holds the SQLite database, evidence files, photographs and the generated secret key."
    ),
    Setting(
        "DUBAN_SECRET_KEY",
        str,
        "",
        "Signs cookies and links. Required in production; elsewhere one is generated and kept in the state folder.",
    ),
    Setting("DUBAN_DATABASE_URL", _database, "", "`sqlite:///PATH` or `postgresql://…`. Absent: `duban.sqlite3` in the state folder."),
    Setting("DUBAN_HOSTS", _words, "127.0.0.1,localhost", "Host names that the site answers to, comma-separated."),
    Setting("DUBAN_HTTPS", _flag, "no", "`yes` when readers reach the site over HTTPS: secure cookies, HSTS, redirects."),
    Setting(
        "DUBAN_PROXIES",
        _number(0, 9),
        "0",
        "Reverse proxies in front whose X-Forwarded-For header is believed; lock-out, rate limits and the audit log use the reader's address.",
    ),
    Setting("DUBAN_BIND", str, "127.0.0.1", "Address that `duban serve` listens on."),
    Setting("DUBAN_PORT", _number(1, 65535), "8000", "Port that `duban serve` listens on."),
    Setting("DUBAN_WORKERS", _number(1, 64), "2", "Server processes."),
    Setting("DUBAN_THREADS", _number(1, 64), "4", "Threads in each server process."),
    Setting(
        "DUBAN_TODAY",
        _day,
        "",
        "The day on which pages stand when the reader names none, for training and demonstrations (YYYY-MM-DD). Absent: the calendar's.",
    ),
    Setting("DUBAN_BODY", str, "", "Code of the body whose portal this is. Absent: the top of the tree of bodies."),
    Setting(
        "DUBAN_MAIL_URL",
        _mail,
        "",
        "Where mail goes: smtp://USER:PASSWORD@HOST:PORT, smtps://…, console://, file:///FOLDER. Absent: no mail is sent and addresses are not confirmed.",
    ),
    Setting("DUBAN_MAIL_FROM", str, "duban@localhost", "Sender of mail."),
    Setting(
        "DUBAN_ADDRESS",
        _address,
        "",
        "Address under which readers reach the site, for links in messages: https://duban.example.org. Absent: made of DUBAN_HTTPS, the first of DUBAN_HOSTS, and DUBAN_PORT.",
    ),
    Setting(
        "DUBAN_CHANNEL_SCHEMES",
        _words,
        "wecombot,dingtalk,feishu,lark",
        "Kinds of group chats whose robots messages may go to, as Apprise names them. Each of the default speaks to one fixed host; others, such as json, let whoever enters an address make the server call any host.",
    ),
    Setting("DUBAN_MAP_TILES", str, "", "URL template of a map's background tiles. Absent: maps are drawn without a background."),
    Setting("DUBAN_EVIDENCE_MB", _number(1, 1024), "20", "Largest evidence file or photograph, in megabytes."),
    Setting("DUBAN_UPLOAD_MB", _number(1, 64), "64", "Largest workbook, table or CSV file that is sent in, in megabytes."),
    Setting(
        "DUBAN_BACKGROUND",
        _flag,
        "yes",
        "`yes`: `duban serve` also runs the background reader of large files. `no`: it runs elsewhere, as `duban work`.",
    ),
    Setting("DUBAN_LOG", _log, "text", "`json` for one JSON object a line, `text` for people."),
)


def read(environment: Mapping[str, str]) -> dict[str, Any]:
    """The settings by name without their prefix, in lower case: `{"mode": "demo", "port": 8000, …}`.

    Raises `Misconfigured`, naming the variable, when a DUBAN_ variable is unknown or wrong, and
    when production lacks a secret key.
    """
    known = {setting.name for setting in SETTINGS}
    strangers = sorted(name for name in environment if name.startswith("DUBAN_") and name not in known)
    if strangers:
        raise Misconfigured(f"unknown setting {', '.join(strangers)}; known: {', '.join(sorted(known))}")
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        text = environment.get(setting.name, setting.default)
        try:
            values[setting.name.removeprefix("DUBAN_").lower()] = setting.read(text)
        except ValueError as wrong:
            raise Misconfigured(f"{setting.name}={text!r} cannot be read: {wrong}") from None
    if values["mode"] == "production" and len(values["secret_key"]) < 50:
        raise Misconfigured("DUBAN_SECRET_KEY must be set to at least 50 characters when DUBAN_MODE=production")
    return values
