"""The queue, the page of a report, batches: what they say, what they do, and how often they ask the database."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from stage import District, district

from duban.core.refusals import Finding
from duban.intake import actions as intake
from duban.intake import judging, previews, typing
from duban.intake.lines import Said
from duban.intake.models import Submission, SubmissionFinding, TypedCell
from duban.ledger import reads as ledger
from duban.ledger.models import Entry

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
TODAY = date(2026, 3, 2)
MOST = 16
BOOK = """
recorded    undertaking  measure   kind    period   amount
2026-02-04  roofs        invested  report  2025-12  {amount}
"""
State = Submission.State


@pytest.fixture(autouse=True)
def _stands_in_march(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(django_settings.SET, "today", TODAY)
    monkeypatch.setitem(django_settings.SET, "body", "top")
    monkeypatch.setattr(judging, "judge", lambda submission, **more: None)


@pytest.fixture
def town(db: None) -> District:
    made = district()
    made.write("recorded    undertaking  measure   kind    period   amount\n2026-02-03  roofs  invested  report  2026-01  12\n")
    for name in ("doors", "walls"):
        made.promise(name)
    return made


def client(town: District, who: str, language: str = "en") -> Client:
    found = Client()
    found.force_login(town.people[who], backend="allauth.account.auth_backends.AuthenticationBackend")
    found.cookies[django_settings.LANGUAGE_COOKIE_NAME] = language
    return found


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def drafted(town: District, *rows: str, by: str = "reporter", findings: tuple[Finding, ...] = (), seen: int | None = None) -> Submission:
    """A draft whose lines say each `undertaking period amount`."""
    lines = []
    for row in rows:
        name, period, amount = row.split()
        lines.append(Said(town.line(name, "invested", "report", period, amount), seen=seen))
    return intake.draft(body=town.bodies["works"], by=town.people[by], lines=lines, on=TODAY, findings=findings)


def sent(town: District, *rows: str, by: str = "reporter", days: int = 0) -> Submission:
    submission = drafted(town, *rows, by=by)
    return intake.submit(submission=submission, by=town.people[by], now=NOW - timedelta(days=days), on=TODAY)


def numbers(submission: Submission) -> dict[str, int]:
    return {line.undertaking.code: line.pk for line in submission.lines.select_related("undertaking")}


def test_a_preview_says_what_is_new_what_changes_and_what_could_not_be_read(town: District):
    wrong = Finding("amount-unreadable", row=7, column="投资", sheet="一月", facts={"amount": "约三千"})
    draft = drafted(town, "roofs 2026-01 15", "doors 2026-01 5", findings=(wrong,))
    page = text(client(town, "reporter").get(f"/desk/reports/{draft.pk}/"))
    assert "1 change needs a reason" in page
    assert "+¥3" in page
    assert "+25.0%" in page
    for told in ("Cells that could not be read 1", "一月", "投资", "约三千", "All lines 2", "New 1", "Change 1"):
        assert told in page
    only_new = text(client(town, "reporter").get(f"/desk/reports/{draft.pk}/?state=new"))
    assert "doors" in only_new
    assert "roofs" not in only_new
    assert "约三千" in text(client(town, "reporter").get(f"/desk/reports/{draft.pk}/?state=wrong"))


def test_a_reason_is_kept_while_it_is_typed_and_an_explanation_too(town: District):
    draft = drafted(town, "roofs 2026-01 15")
    finding = SubmissionFinding.objects.create(submission=draft, line=draft.lines.get(), code="unit-suspect", weight="explain")
    reporter, htmx = client(town, "reporter"), {"HX-Request": "true"}
    line = draft.lines.get().pk
    answer = reporter.post(f"/desk/reports/{draft.pk}/typed/", {f"reason-{line}": "an invoice"}, headers=htmx)
    assert "Saved." in text(answer)
    assert "1 finding has to be explained" in text(answer)
    assert "needs a reason" not in text(answer)
    answer = reporter.post(f"/desk/reports/{draft.pk}/typed/", {f"explanation-{finding.pk}": "it was larger"}, headers=htmx)
    assert "Nothing stands in the way" in text(answer)
    finding.refresh_from_db()
    assert (draft.lines.get().reason, finding.explanation) == ("an invoice", "it was larger")


def test_whatever_is_pressed_first_keeps_what_was_typed(town: District):
    draft = drafted(town, "roofs 2026-01 15")
    answer = client(town, "reporter").post(f"/desk/reports/{draft.pk}/send/", {f"reason-{draft.lines.get().pk}": "an invoice"}, follow=True)
    draft.refresh_from_db()
    assert (draft.state, draft.lines.get().reason) == (State.SUBMITTED, "an invoice")
    assert "Sent. A reviewer will answer it." in text(answer)


def test_what_keeps_a_report_from_being_sent_is_said_on_its_page(town: District):
    draft = drafted(town, "roofs 2026-01 15")
    answer = client(town, "reporter").post(f"/desk/reports/{draft.pk}/send/", follow=True)
    assert "Changing what it says needs a reason" in text(answer)
    assert answer.redirect_chain == [(f"/desk/reports/{draft.pk}/", 302)]


def test_one_reason_serves_all_that_a_filter_shows(town: District):
    draft = drafted(town, "roofs 2026-01 15", "doors 2026-01 5")
    reporter = client(town, "reporter")
    assert "Select the lines first" in text(reporter.post(f"/desk/reports/{draft.pk}/reason/", {"reason": "x"}, follow=True))
    reporter.post(f"/desk/reports/{draft.pk}/reason/", {"reason": "recounted", "scope": "all", "state": "changed"})
    assert {line.undertaking.code: line.reason for line in draft.lines.all()} == {"roofs": "recounted", "doors": ""}


def test_a_conflict_is_decided_by_its_own_two_buttons(town: District):
    draft = drafted(town, "roofs 2026-01 15", seen=0)
    reporter, line = client(town, "reporter"), draft.lines.get().pk
    shown = reporter.get(f"/desk/reports/{draft.pk}/")
    page, head = text(shown), re.search(r'name="head" value="(\d+)"', shown.content.decode())
    assert "1 conflict has to be decided" in page
    assert "Accepted meanwhile: sent by reporter, accepted by reviewer" in page
    assert head is not None
    town.write("recorded  undertaking  measure  kind  period  amount\n2026-02-04  roofs  invested  report  2026-01  13\n")
    answer = reporter.post(f"/desk/reports/{draft.pk}/insist/", {"only": line, "head": head[1]}, follow=True)
    assert "1 more were accepted since this page was shown." in text(answer)
    assert draft.lines.get().seen == 0
    reporter.post(f"/desk/reports/{draft.pk}/insist/", {"only": line, "line": 0, "head": ledger.head()})
    assert draft.lines.get().seen == ledger.head()
    reporter.post(f"/desk/reports/{draft.pk}/drop/", {"only": line})
    assert not draft.lines.exists()
    assert "No line is left in this report." in text(reporter.get(f"/desk/reports/{draft.pk}/"))


def test_a_part_is_sent_whole_or_not_at_all(town: District):
    draft = drafted(town, "roofs 2026-01 15", "doors 2026-01 5")
    of, reporter = numbers(draft), client(town, "reporter")
    reporter.post(f"/desk/reports/{draft.pk}/part/", {"line": [of["roofs"]]})
    assert (Submission.objects.count(), draft.lines.count()) == (1, 2)
    told = text(reporter.post(f"/desk/reports/{draft.pk}/part/", {"line": [of["doors"]]}, follow=True))
    draft.refresh_from_db()
    rest = Submission.objects.latest("pk")
    assert (draft.state, rest.state) == (State.SUBMITTED, State.DRAFT)
    assert f"a draft of their own: #{rest.pk}" in told


def test_a_reviewer_goes_from_one_report_to_the_next(town: District):
    first, second = sent(town, "doors 2026-01 5", days=3), sent(town, "walls 2026-01 6", days=1)
    reviewer = client(town, "reviewer")
    page = reviewer.get(f"/desk/reports/{first.pk}/").content.decode()
    assert f'href="/desk/reports/{second.pk}/" data-hotkey="j"' in page
    answer = reviewer.post(f"/desk/reports/{first.pk}/accept/", follow=True)
    assert answer.redirect_chain == [(f"/desk/reports/{second.pk}/", 302)]
    assert f"住建局 #{first.pk} accepted, 1 new entry in the ledger." in text(answer)
    answer = reviewer.post(
        f"/desk/reports/{second.pk}/return/", {"phrase": ["Please check the period."], "reason": "It is June."}, follow=True
    )
    assert answer.redirect_chain == [("/desk/reports/", 302)]
    assert "Nothing more waits for you." in text(answer)
    second.refresh_from_db()
    assert second.note == "Please check the period.\nIt is June."


def test_what_no_database_keeps_is_left_out_of_what_is_typed_and_asked(town: District):
    draft = drafted(town, "doors 2026-01 5")
    reporter, reviewer = client(town, "reporter"), client(town, "reviewer")
    reporter.post(f"/desk/reports/{draft.pk}/typed/", {f"reason-{draft.lines.get().pk}": "one\x00 more"})
    assert draft.lines.get().reason == "one more"
    assert reporter.get("/desk/reports/", {"q": "\x00", "body": "works\x00", "programme": "\x00"}).status_code == 200
    assert reporter.post("/desk/month/cell/", {"body": "\x00", "period": "2026-01"}).status_code == 404
    intake.submit(submission=draft, by=town.people["reporter"], now=NOW, on=TODAY)
    reviewer.post(f"/desk/reports/{draft.pk}/return/", {"reason": "\x00which?"})
    draft.refresh_from_db()
    assert draft.note == "which?"


def test_a_file_is_taken_out_of_a_cell_and_of_nothing_else(town: District):
    sent = {"user": town.people["reporter"].pk, "body": "works", "period": "2026-01", "undertaking": town.undertakings["roofs"].pk}
    assert client(town, "reporter").post("/desk/month/detach/", {**sent, "evidence": "1"}).status_code == 404


@pytest.mark.parametrize("number", ["9" * 30, "x", "", "-1", "٣"])
def test_what_numbers_nothing_chooses_nothing(town: District, number: str):
    draft = drafted(town, "doors 2026-01 5")
    reporter, dispatcher = client(town, "reporter"), client(town, "dispatcher")
    sent = {"line": number, "only": number, f"reason-{number}": "x", f"explanation-{number}": "x", "head": number}
    for act in ("reason", "insist", "drop", "part"):
        assert reporter.post(f"/desk/reports/{draft.pk}/{act}/", sent).status_code == 302
    assert (draft.lines.count(), draft.lines.get().reason) == (1, "")
    assert dispatcher.post("/desk/reports/accept/", {"submission": number}).status_code == 302
    assert dispatcher.post("/desk/board/chase/", {"line": number, "body": "works", "period": "2026-01"}).status_code == 404


def test_nobody_accepts_what_was_rewritten_since_they_read_it(town: District):
    waiting = sent(town, "doors 2026-01 5", days=1)
    reviewer = client(town, "reviewer")
    read = re.search(r'name="sent" value="([^"]+)"', reviewer.get(f"/desk/reports/{waiting.pk}/").content.decode())
    assert read is not None
    intake.give_back(submission=waiting, by=town.people["dispatcher"], reason="five?", now=NOW)
    intake.revise(
        submission=waiting, by=town.people["reporter"], lines=[town.line("doors", "invested", "report", "2026-01", "50")], on=TODAY
    )
    intake.submit(submission=waiting, by=town.people["reporter"], now=NOW, on=TODAY)
    answer = text(reviewer.post(f"/desk/reports/{waiting.pk}/accept/", {"sent": read[1]}, follow=True))
    assert "changed and sent again since you opened it" in answer
    waiting.refresh_from_db()
    assert waiting.state == State.SUBMITTED
    reviewer.post(f"/desk/reports/{waiting.pk}/accept/", {"sent": waiting.submitted_at.isoformat()})
    assert Entry.objects.latest("seq").amount == 50


def test_a_return_without_a_reason_is_asked_for_one(town: District):
    waiting = sent(town, "doors 2026-01 5")
    assert "Say why you return it." in text(client(town, "reviewer").post(f"/desk/reports/{waiting.pk}/return/", follow=True))


def test_ones_own_report_is_explained_instead_of_offered(town: District):
    own = sent(town, "doors 2026-01 5", by="dispatcher")
    page = client(town, "dispatcher").get(f"/desk/reports/{own.pk}/")
    assert "every entry in the ledger carries two names" in text(page)
    assert f"/desk/reports/{own.pk}/accept/" not in page.content.decode()
    assert "yours" in text(client(town, "dispatcher").get("/desk/reports/"))


def test_the_queue_offers_at_once_only_what_nobody_has_to_read(town: District):
    plain, marked, own = (
        sent(town, "doors 2026-01 5", days=7),
        sent(town, "walls 2026-01 6"),
        sent(town, "doors 2025-12 4", by="dispatcher"),
    )
    SubmissionFinding.objects.create(submission=marked, line=marked.lines.get(), code="unit-suspect", weight="explain", explanation="x")
    dispatcher = client(town, "dispatcher")
    page = dispatcher.get("/desk/reports/").content.decode()
    offered = re.findall(r'name="submission" value="(\d+)"', page)
    assert offered == [str(plain.pk)]
    assert [int(one) for one in re.findall(r'<a href="/desk/reports/(\d+)/"', page)][:3] == [marked.pk, plain.pk, own.pk]
    assert "6 working days" in text(dispatcher.get("/desk/reports/"))  # one of them a Saturday that makes up for the Spring Festival
    answer = dispatcher.post("/desk/reports/accept/", {"submission": [plain.pk, marked.pk, own.pk], "back": "?state=all"}, follow=True)
    assert answer.redirect_chain == [("/desk/reports/?state=all", 302)]
    told = text(answer)
    assert "Accepted: 1 report, new entries in the ledger: 1." in told
    assert f"#{marked.pk}: 1 findings wait to be read" in told
    assert f"#{own.pk}: Nobody accepts what they have written or sent themselves." in told


@pytest.mark.parametrize("away", ["https://elsewhere.example/", "//elsewhere.example", "/accounts/logout/"])
def test_the_way_back_leads_nowhere_else(town: District, away: str):
    answer = client(town, "reviewer").post("/desk/reports/accept/", {"back": away})
    assert answer.headers["Location"] == "/desk/reports/"


def test_without_scripts_one_refused_cell_keeps_no_other_back_and_what_was_accepted_meanwhile_is_a_conflict(town: District):
    keys = {name: f"{town.undertakings[name].pk}-{town.measures['invested'].pk}" for name in ("roofs", "doors", "walls")}
    sent: dict[str, str] = {"body": "works", "period": "2026-01", "unit": "万元"}
    for name, typed in (("roofs", "13"), ("doors", "5"), ("walls", "6")):
        sent |= {f"was-{keys[name]}": "", f"seen-{keys[name]}": "0", f"value-{keys[name]}": typed}
    slot = {"body": town.bodies["works"], "period": date(2026, 1, 31), "measure": town.measures["invested"]}
    typing.type_cell(**slot, undertaking=town.undertakings["doors"], typed="9", by=town.people["colleague"], now=NOW, on=TODAY)
    told = text(client(town, "reporter").post("/desk/month/send/", sent, follow=True))
    assert "You typed “5”." in told
    assert {(cell.undertaking.code, cell.typed, cell.seen) for cell in TypedCell.objects.all()} == {
        ("roofs", "13万元", 0), ("doors", "9万元", 0), ("walls", "6万元", 0)
    }  # fmt: skip
    assert not Submission.objects.exists()


def test_the_queue_is_narrowed_by_body_month_and_words(town: District):
    january, december = sent(town, "doors 2026-01 5", days=1), sent(town, "walls 2025-12 6")
    reviewer = client(town, "reviewer")

    def shown(asked: str) -> list[int]:
        page = reviewer.get(f"/desk/reports/?{asked}").content.decode()
        return [int(one) for one in re.findall(r'<a href="/desk/reports/(\d+)/"', page)]

    assert shown("period=2025-12") == [december.pk]
    assert shown("period=nonsense&q=住建") == shown("body=works&programme=invested") == [january.pk, december.pk]
    assert shown("q=園林") == shown("body=parks") == shown("state=accepted") == []
    assert "No report fits." in text(reviewer.get("/desk/reports/?q=nobody"))


def test_a_returned_report_stands_first_with_its_reason_for_who_sent_it(town: District):
    drafted(town, "walls 2026-01 6")
    returned = sent(town, "doors 2026-01 5")
    intake.give_back(submission=returned, by=town.people["reviewer"], reason="the invoice is missing", now=NOW)
    page = client(town, "reporter").get("/desk/reports/")
    assert int(re.findall(r'<a href="/desk/reports/(\d+)/"', page.content.decode())[0]) == returned.pk
    assert "the invoice is missing" in text(page)
    assert "the invoice is missing" in text(client(town, "reporter").get(f"/desk/reports/{returned.pk}/"))


def test_an_accepted_report_leads_to_its_batch_and_the_batch_to_its_undoing(town: District):
    accepted = sent(town, "doors 2026-01 5")
    intake.accept(submission=accepted, by=town.people["reviewer"], now=NOW)
    batch = accepted.batch
    assert batch is not None
    assert f"/desk/batches/{batch.pk}/" in client(town, "reviewer").get(f"/desk/reports/{accepted.pk}/").content.decode()
    assert "Whoever reports for 住建局 can undo it." in text(client(town, "reviewer").get(f"/desk/batches/{batch.pk}/"))
    reporter = client(town, "colleague")
    assert "unchanged" in text(reporter.get("/desk/batches/"))
    assert "Say why the batch is to be undone." in text(reporter.post(f"/desk/batches/{batch.pk}/undo/", {"reason": " "}, follow=True))
    told = text(reporter.post(f"/desk/batches/{batch.pk}/undo/", {"reason": "sent twice"}, follow=True))
    assert f"Takes batch {batch.pk} back" in told
    assert "undoing waits" in text(reporter.get("/desk/batches/"))
    undoing = Submission.objects.latest("pk")
    client(town, "reviewer").post(f"/desk/reports/{undoing.pk}/accept/")
    page = text(reporter.get(f"/desk/batches/{batch.pk}/"))
    for words in ("1 withdrawn", "undone", "Nothing of this batch is left to undo"):
        assert words in page
    assert Entry.objects.filter(batch=batch).count() == 1
    assert client(town, "stranger").get(f"/desk/batches/{batch.pk}/").status_code == 404


def _asked(reader: Client, path: str) -> int:
    assert reader.get(path).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        assert reader.get(path).status_code == 200
    assert len(captured) <= MOST, f"{path}\n" + "\n".join(query["sql"][:160] for query in captured.captured_queries)
    return len(captured)


def test_ten_times_the_lines_reports_and_batches_cost_no_page_a_query_more(town: District):
    for place in range(120):
        town.promise(f"p{place}")
    drafts = {size: drafted(town, *(f"p{place} 2026-01 5" for place in range(size))) for size in (12, 120)}
    waiting = {size: sent(town, *(f"p{place} 2026-01 5" for place in range(size))) for size in (12, 120)}
    for submission in (*drafts.values(), *waiting.values()):
        for line in submission.lines.all()[: submission.lines.count() // 2]:
            SubmissionFinding.objects.create(submission=submission, line=line, code="unit-suspect", weight="note")
    caches["process"].clear()
    reporter, reviewer = client(town, "reporter"), client(town, "reviewer")
    for reader, of in ((reporter, drafts), (reviewer, waiting)):
        few, many = (_asked(reader, f"/desk/reports/{of[size].pk}/") for size in (12, 120))
        assert few == many
    intake.accept(submission=waiting[12], by=town.people["reviewer"], now=NOW)
    counted = []
    for more in (3, 27):
        for place in range(more):
            sent(town, "walls 2026-01 6", days=place)
            town.write(BOOK.format(amount=place + more))
        paths = ("/desk/reports/", "/desk/batches/", f"/desk/batches/{waiting[12].batch_id}/", f"/desk/reports/{waiting[12].pk}/")
        counted.append([_asked(reviewer, path) for path in paths])
    assert counted[0] == counted[1]


def test_a_page_holds_a_hundred_lines_however_many_there_are(town: District):
    for place in range(130):
        town.promise(f"p{place}")
    draft = drafted(town, *(f"p{place} 2026-01 5" for place in range(130)))
    last = draft.lines.order_by("-pk").first()
    assert last is not None
    SubmissionFinding.objects.create(submission=draft, line=last, code="unit-suspect", weight="block")
    reporter = client(town, "reporter")
    first, second = (reporter.get(f"/desk/reports/{draft.pk}/?page={page}").content.decode() for page in (1, 2))
    shown = [[int(one) for one in re.findall(r'id="line-(\d+)"', page)] for page in (first, second)]
    assert [len(page) for page in shown] == [100, 30]
    assert shown[0][0] == last.pk
    assert sorted(shown[0] + shown[1]) == sorted(previews.lines(draft).values_list("pk", flat=True))
    assert "all 130, on every page" in text(reporter.get(f"/desk/reports/{draft.pk}/"))


def test_of_many_reports_accepted_at_once_those_sent_again_meanwhile_are_left_and_named(town: District):
    unchanged, changed = sent(town, "walls 2026-01 6"), sent(town, "doors 2026-01 5", days=1)
    reviewer = client(town, "reviewer")
    shown = dict(re.findall(r'name="(sent-\d+)" value="([^"]+)"', reviewer.get("/desk/reports/").content.decode()))
    assert set(shown) == {f"sent-{unchanged.pk}", f"sent-{changed.pk}"}
    intake.give_back(submission=changed, by=town.people["dispatcher"], reason="five?", now=NOW)
    again = [town.line("doors", "invested", "report", "2026-01", "50")]
    intake.revise(submission=changed, by=town.people["reporter"], lines=again, on=TODAY)
    intake.submit(submission=changed, by=town.people["reporter"], now=NOW, on=TODAY)
    answer = text(reviewer.post("/desk/reports/accept/", {"submission": [unchanged.pk, changed.pk], **shown}, follow=True))
    assert "Accepted: 1 report, new entries in the ledger: 1." in answer
    assert f"#{changed.pk}: This report was changed and sent again since you opened it." in answer
    states = {one.pk: one.state for one in Submission.objects.all()}
    assert states == {unchanged.pk: State.ACCEPTED, changed.pk: State.SUBMITTED}


@pytest.mark.parametrize("htmx", [False, True])
def test_what_explains_a_finding_that_is_gone_is_told_and_what_was_typed_beside_it_kept(town: District, htmx: bool):
    draft = drafted(town, "roofs 2026-01 15", "doors 2026-01 5")
    lines = list(draft.lines.all())
    gone, stays = (SubmissionFinding.objects.create(submission=draft, line=one, code="unit-suspect", weight="explain") for one in lines)
    number = gone.pk
    gone.delete()
    reporter, page = client(town, "reporter"), f"/desk/reports/{draft.pk}/"
    typed = {f"explanation-{number}": "it was larger", f"explanation-{stays.pk}": "so it is"}
    answer = reporter.post(f"{page}typed/", typed, headers={"HX-Request": "true"} if htmx else {})
    assert (answer.headers.get("HX-Refresh"), answer.headers.get("Location")) == (("true", None) if htmx else (None, page))
    assert "no longer find what you explained with “it was larger”" in text(reporter.get(page))
    stays.refresh_from_db()
    assert stays.explanation == "so it is"


def test_each_thing_that_a_token_is_for_has_a_box_with_its_own_label(town: District):
    page = client(town, "reporter").get("/account/tokens/").content.decode()
    boxes = re.findall(r'<label class="form-check"><input class="form-check-input" type="checkbox" name="scopes" value="([^"]+)"', page)
    assert {"slots:read", "submissions:write"} <= set(boxes)
    assert '<div id="id_scopes" class' not in page
