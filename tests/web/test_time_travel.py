"""Every page that shows the ledger turns back, its links keep the moment, and then stands beside since."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from datetime import date, datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from duban.people.models import User
from duban.press.models import Edition
from duban.standing.actions import digest
from duban.web.moment import Moment, read_moment, written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("example", "stands_on_august")]
JUNE, JULY = "as_of=2021-06-30", "as_of=2021-06-30&known_at=2021-07-12"
TURNING = {
    "web:home", "web:programmes", "web:programme", "web:promise", "web:figure",
    "web:desk", "web:undertakings", "web:undertaking", "web:undertaking_forecast", "web:forecast", "web:programme_forecast",
    "web:watch", "web:changes", "web:meeting", "web:stages", "web:rulebooks", "web:rulebook",
    "web:undertakings_file", "web:watch_file", "web:changes_file", "web:stages_file", "web:races_file", "web:forecast_file",
    "web:programme_forecast_file", "web:programme_file", "web:figure_file",
}  # fmt: skip
STILL = {
    "web:articles": "editions are frozen: each says itself of when it is",
    "web:article": "an edition is frozen",
    "web:receipt": "a printed figure is asked at its edition's own moment",
    "web:photo": "a photograph is what it is",
    "web:reports": "waiting reports are work of today",
    "web:reports_owed": "what is owed is owed today",
    "web:board": "who is late now",
    "web:month": "the form of the month to report",
    "web:uploads": "files are sent now",
    "web:meetings": "a list of meetings is a calendar: each of them leads to its own moment",
    "web:drafts": "articles are written now",
    "web:rulebook_draft": "a rulebook is written now",
    "web:rulebook_version": "a version never changes",
    "registry:programmes": "where the registry is kept, it is today's",
    "registry:measures": "the registry keeps no history",
    "registry:programme": "the registry keeps no history",
    "registry:undertaking": "the registry keeps no history",
    "registry:undertaking_add": "the registry keeps no history",
    "registry:evidence": "a file is what it is",
    "registry:evidence_picture": "a file is what it is",
    "people:people": "people serve now",
    "people:audit": "the log tells its own times",
    "people:account": "the reader's own account",
    "account_login": "the reader's own account",
    "account_signup": "the reader's own account",
    "account_change_password": "the reader's own account",
    "mfa_index": "the reader's own account",
}
"""Where a turned page may lead without keeping its moment, and why."""
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
FILES = (
    "/desk/undertakings", "/desk/watch", "/desk/changes", "/desk/stages", "/desk/stages/races", "/desk/forecast",
    "/desk/forecast/livelihood", "/programmes/livelihood", "/figures/livelihood.completion",
)  # fmt: skip
"""Every list that can be taken along, without its ending."""
ENOUGH = 2
"""Pages followed of one address with one set of questions."""


class Links(HTMLParser):
    """Where a page leads by reading: links, parts that it fetches, and forms that ask. What turns the page itself is left out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.left_out: list[bool] = []
        self.form: str | None = None
        self.asked: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        out = bool({"moment", "turned"} & set(told.get("class", "").split())) or any(self.left_out)
        if tag not in VOID:
            self.left_out.append(out)
        if out:
            return
        if tag == "form":
            self.form, self.asked = (told.get("action", "") if told.get("method", "get") == "get" else None), []
        if tag == "input" and self.form is not None and told.get("value"):
            self.asked.append(f"{told.get('name')}={told['value']}")
        self.found += [told[name] for name in ("href", "hx-get", "data-href") if told.get(name) and tag not in {"link", "use", "form"}]

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self.left_out:
            self.left_out.pop()
        if tag == "form" and self.form is not None:
            self.found.append(f"{self.form}?{'&'.join(self.asked)}")
            self.form = None


def led_to(client: Client, address: str) -> tuple[Any, list[str]]:
    """A page, and the addresses on this site to which it leads."""
    response = client.get(address)
    reader = Links()
    if response.headers["Content-Type"].startswith("text/html"):
        reader.feed(response.content.decode())
    found = [urljoin(f"http://testserver{address}", link) for link in reader.found]
    return response, [link.removeprefix("http://testserver") for link in found if link.startswith("http://testserver/")]


def signed_in(username: str, language: str = "zh-hans") -> Client:
    client = Client()
    client.cookies["django_language"] = language
    if username:
        client.force_login(User.objects.get(username=username), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.mark.parametrize(("user", "start", "reached"), [
    ("", "/", {"web:home", "web:programmes", "web:programme", "web:promise", "web:figure", "web:programme_file", "web:figure_file"}),
    ("leader", "/desk/", TURNING),
])  # fmt: skip
@pytest.mark.parametrize("corrected", ["", "&corrected=1"])
def test_every_link_of_a_turned_page_keeps_its_moment(user: str, start: str, reached: set[str], corrected: str):
    client, waiting = signed_in(user), [f"{start}?{JULY}{corrected}"]
    seen, followed, lost = set(waiting), defaultdict(int), defaultdict(set)
    turned = set()
    while waiting:
        address = waiting.pop(0)
        response, links = led_to(client, address)
        here = resolve(urlsplit(address).path).view_name
        assert response.status_code == 200, address
        if here in TURNING:
            turned.add(here)
        for link in links:
            parts = urlsplit(link)
            if parts.path.startswith("/static/"):
                continue
            name, asked = resolve(parts.path).view_name, parse_qs(parts.query)
            if name in STILL:
                continue
            kept = asked.get("as_of") == ["2021-06-30"] and asked.get("known_at", [""])[0].startswith("2021-07-12")
            if not kept or (("corrected" in asked) != bool(corrected) and "#entry-" not in link):
                lost[here].add(link)
                continue
            kind = (name, frozenset(asked))
            plain = link.split("#")[0]
            if name in TURNING and plain not in seen and followed[kind] < ENOUGH:
                followed[kind] += 1
                seen.add(plain)
                waiting.append(plain)
    assert dict(lost) == {}
    assert turned == reached


PLACES = (
    ("", "/"), ("", "/programmes/"), ("", "/programmes/livelihood/"), ("", "/undertakings/livelihood-jobs/"),
    ("", "/figures/livelihood.completion/"),
    *(("leader", f"/desk/{path}") for path in (
        "", "undertakings/", "undertakings/livelihood-jobs/", "watch/", "changes/", "meeting/", "stages/", "forecast/",
        "forecast/livelihood/", "undertakings/livelihood-jobs/forecast/",
    )),
)  # fmt: skip
"""Pages that turn back, and who reads them. One test looks at all of them, for the lights of a moment are computed anew in each."""


def test_a_turned_page_says_of_when_it_is_leads_back_and_asks_the_database_at_most_twelve_times():
    for user, path in PLACES:
        client = signed_in(user, "en")
        page = client.get(f"{path}?{JULY}").content.decode()
        assert "As of 30 June 2021, as known on 12 July 2021 23:59." in page, path
        assert "Descriptions, files and people" in page, path
        assert re.search(r'class="turned-back" href="\?(?!.*as_of)[^"]*"', page), path
        assert 'class="menu moment' in page, path
        with CaptureQueriesContext(connection) as asked:
            client.get(f"{path}?{JULY}")
        assert len(asked) <= 12, "\n".join([path, *(query["sql"][:200] for query in asked.captured_queries)])


def test_the_present_says_nothing_of_a_past():
    for user, path in PLACES:
        page = signed_in(user, "en").get(path).content.decode()
        assert 'class="turned"' not in page, path
        assert 'class="menu moment' in page, path


@pytest.mark.parametrize(
    ("asked", "told"), [("as_of=2021-02-31", "2021-02-31"), ("as_of=0001-01-01", "0001-01-01"), ("known_at=yesterday", "yesterday")]
)
def test_a_day_that_is_none_is_refused_in_words(asked: str, told: str):
    for user, path in PLACES:
        response = signed_in(user, "en").get(f"{path}?{asked}")
        assert response.status_code == 409, path
        assert f"“{told}”" in text(response), path
        assert "cannot be turned back" not in text(response), path


def test_an_undertaking_shows_what_was_known_then_and_what_was_corrected_since_with_who_and_why():
    then = signed_in("leader").get(f"/desk/undertakings/livelihood-jobs/?{JULY}")
    since = signed_in("leader").get(f"/desk/undertakings/livelihood-jobs/?{JULY}&corrected=1")
    for page in (text(then), text(since)):
        beside = page[page.index("当时已知与此后更正") :][:600]
        assert re.search(r"完成 303\.1万元 279\.5万元 百分点 \+11\.58 \+6\.79", beside)
        assert "社保补贴按到账日改计七月，据实核减。" in beside
        assert "填报员" in beside
        assert "审核员" in beside
    assert "完成303.1万元" in text(then)
    assert "完成279.5万元" in text(since)
    assert 'id="entry-912"' not in then.content.decode()
    link = re.search(r'href="(\?[^"]*)#entry-912"', then.content.decode())
    assert link
    assert (
        'id="entry-912"' in signed_in("leader").get("/desk/undertakings/livelihood-jobs/" + link[1].replace("&amp;", "&")).content.decode()
    )


def test_the_public_reads_the_reason_of_a_correction_and_no_name():
    page = text(signed_in("").get(f"/undertakings/livelihood-jobs/?{JULY}"))
    assert "社保补贴按到账日改计七月，据实核减。" in page
    assert "填报员" not in page
    assert "灯" not in page[page.index("当时已知与此后更正") :][:600]


def test_where_nothing_was_written_the_page_says_so():
    page = text(signed_in("").get(f"/undertakings/livelihood-old-estates/?{JULY}"))
    assert "此后没有写入与它有关的内容。" in page


def test_lists_show_both_values_of_what_differs():
    assert "按此后更正: 已完成279.5万元" in text(signed_in("").get(f"/programmes/livelihood/?{JULY}"))
    assert "按当时已知: 已完成303.1万元" in text(signed_in("").get(f"/programmes/livelihood/?{JULY}&corrected=1"))
    only = signed_in("leader").get(f"/desk/undertakings/?{JULY}&differs=yes&q=livelihood")
    assert re.findall(r"/desk/undertakings/([\w-]+)/\?", only.content.decode()) == ["livelihood-jobs"]
    assert "按此后更正: 已完成279.5万元" in text(only)


def test_a_figure_shows_both_values_and_the_records_that_differ():
    client = signed_in("")
    for asked in (JULY, f"{JULY}&corrected=1"):
        response = client.get(f"/figures/livelihood.completion/?{asked}")
        page = text(response)
        assert "当时已知：64.55%；此后更正：64.47%。" in page
        differing = page[page.rindex("有差别的记录") :]
        assert "就业创业促进工程 3,031,000 / 4,922,000 2,795,000 / 4,922,000" in differing
        assert response.context["receipt"].value == ("64.47%" if "corrected" in asked else "64.55%")
    home = text(client.get(f"/?{JULY}"))
    assert "按此后更正: 64.47%" in home
    assert "64.47" not in text(client.get(f"/programmes/livelihood/?{JUNE}&known_at=2021-07-12"))


def test_an_edition_stays_frozen_whatever_moment_is_asked_of_it():
    edition = Edition.objects.order_by("published_at").first()
    address = f"/articles/{edition.article.slug}/"
    plain, turned = (text(signed_in("").get(address + asked)) for asked in ("", "?as_of=2020-12-31&known_at=2021-01-01"))
    assert "本页只反映现在" not in plain
    assert [word for word in plain.split() if "%" in word] == [word for word in turned.split() if "%" in word]


def test_a_page_about_now_says_that_it_cannot_be_turned_back():
    page = text(signed_in("leader", "en").get(f"/desk/reports/?{JULY}"))
    assert "This page is about now. It cannot be turned back." in page


def test_a_day_to_come_is_said_to_have_not_come():
    assert "This day has not come yet." in text(signed_in("leader", "en").get("/desk/?as_of=2021-12-31"))


@pytest.mark.parametrize("path", FILES)
def test_a_file_tells_its_moment_in_its_name_and_in_every_line(path: str):
    response = signed_in("leader", "en").get(f"{path}.csv?{JULY}")
    assert "2021-06-30 known 2021-07-12T235959 head 875.csv" in unquote(response.headers["Content-Disposition"])
    lines = list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))
    assert lines
    told = [tuple(line[name] for name in ("As of", "Known at", "Ledger head")) for line in lines]
    assert set(told) == {("2021-06-30", "2021-07-12T23:59:59+08:00", "875")}
    book = digest(as_of=date(2021, 6, 30), known_at=timezone.make_aware(datetime(2021, 7, 12, 23, 59, 59)))
    assert {line["Digest of the rulebooks"] for line in lines} == {book}
    assert {line["Address"] for line in lines} == {f"http://testserver{path}.csv?{JULY}"}


@pytest.mark.parametrize("path", FILES)
def test_a_workbook_says_what_the_csv_says_in_numbers_and_days(path: str):
    client = signed_in("leader", "en")
    rows = list(csv.reader(io.StringIO(client.get(f"{path}.csv?{JULY}").getvalue().decode("utf-8-sig"))))
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"{path}.xlsx?{JULY}").getvalue()))
    told, facts = (book.get_sheet_by_index(place).to_python() for place in (0, 1))
    width = len(told[0])
    assert [[plain(cell) for cell in row] for row in told] == [[cell.removeprefix("'") for cell in row[:width]] for row in rows]
    assert any(isinstance(cell, float) for row in told for cell in row)
    assert dict(facts)["As of"] == date(2021, 6, 30)
    assert dict(facts)["Ledger head"] == 875


def plain(cell: Any) -> str:
    """A workbook's cell as a CSV writes it."""
    if isinstance(cell, float):
        return f"{cell:.4f}".rstrip("0").rstrip(".")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2090, 1, 1)))
def test_a_moment_in_an_address_is_read_back_to_the_microsecond(local: datetime):
    moment = timezone.make_aware(local)
    read = read_moment(written(moment))
    assert read == moment or (local.second == local.microsecond == 0 and read == moment)


def test_the_other_moment_of_the_other_is_this_one():
    then = timezone.make_aware(datetime(2021, 7, 12))
    here = Moment(as_of=date(2021, 6, 30), head=5, known_at=then, turned=True, then=then, beside=9)
    assert here.other
    assert (here.other.head, here.other.corrected, here.other.known_at) == (9, True, None)
    assert here.other.other == here
    assert Moment(as_of=date(2021, 6, 30), head=5).other is None
