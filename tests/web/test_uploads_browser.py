"""Sending a file in, in a real browser: dropped or chosen, by keyboard, on a phone, with a bar that moves and words for what is wrong."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect
from stage import TODAY, District, district

from duban.intake import uploads
from duban.intake.models import Submission, Upload

HEAD = "undertaking,measure,kind,period,amount,reason\n"
MONTH = HEAD + "roofs,invested,report,2026-02,150000000,\n"
State = Upload.State


@pytest.fixture
def place(transactional_db: None, settings: Any) -> District:
    settings.SET = {**settings.SET, "today": TODAY}
    built = district()
    built.promise("roofs")
    return built


def kept(place: District, content: str = MONTH, **state: Any) -> Upload:
    """A file that waits, or that stands as `state` says."""
    asked = {"body": place.bodies["works"], "by": place.people["reporter"], "now": timezone.now()}
    upload = uploads.receive(stream=io.BytesIO(content.encode()), name="二月.csv", **asked)
    Upload.objects.filter(pk=upload.pk).update(**state)
    upload.refresh_from_db()
    return upload


def elsewhere(change: Callable[[], Any]) -> None:
    """What another process does meanwhile: in a thread of its own, on a connection of its own."""

    def run() -> None:
        change()
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def written(name: str, content: str = MONTH) -> dict[str, Any]:
    return {"name": name, "mimeType": "text/csv", "buffer": content.encode()}


@pytest.mark.parametrize("width", [390, 1440])
def test_a_reporter_sends_a_file_in_by_keyboard_and_sees_its_draft(
    width: int, place: District, open_page: Callable[..., Any], barriers: Callable[[Any], list[str]]
):
    page = open_page(width=width, language="en", user=place.people["reporter"])
    page.goto("/desk/uploads/")
    expect(page.locator("main")).to_contain_text("No file has been sent in yet.")
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.set_input_files("#file", written("month.csv"))
    page.locator("main form button").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/desk/reports/\d+/"))
    assert Submission.objects.get().lines.count() == 1
    page.goto("/desk/uploads/")
    expect(page.locator("main tbody tr")).to_have_count(1)
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_file_is_dropped_on_the_form_and_one_that_is_too_large_is_told_before_it_travels(
    place: District, open_page: Callable[..., Any], settings: Any
):
    settings.SET = {**settings.SET, "upload_mb": 1}
    page = open_page(language="en", user=place.people["reporter"])
    page.goto("/desk/uploads/")
    drop = """([name, size]) => {
        const carried = new DataTransfer();
        carried.items.add(new File([new Uint8Array(size).fill(65)], name));
        const form = document.querySelector("[data-upload]");
        for (const kind of ["dragenter", "dragover", "drop"])
            form.dispatchEvent(new DragEvent(kind, {dataTransfer: carried, bubbles: true, cancelable: true}));
    }"""
    page.evaluate(drop, ["large.csv", 1024 * 1024 + 1])
    expect(page.locator("#file-fault")).to_have_text("large.csv: larger than 1 MB")
    page.locator("main form button").click()
    assert not Upload.objects.exists()
    page.evaluate(drop, ["small.csv", 10])
    expect(page.locator("#file-fault")).to_be_hidden()
    page.locator("main form button").click()
    expect(page.locator("[role=alert]")).to_contain_text("could not be read")
    assert Upload.objects.get().name == "small.csv"


def test_the_bar_moves_while_the_file_is_read_and_leads_to_the_draft(
    place: District, open_page: Callable[..., Any], barriers: Callable[[Any], list[str]]
):
    upload = kept(place)
    page = open_page(language="en", user=place.people["reporter"])
    page.goto(f"/desk/uploads/{upload.pk}/")
    expect(page.locator("#upload")).to_contain_text("Waiting for its turn.")
    assert barriers(page) == []

    def reaches(done: int) -> None:
        moved = {"state": State.READING, "beat_at": timezone.now(), "done": done, "total": 3000}
        elsewhere(lambda: Upload.objects.filter(pk=upload.pk).update(**moved))

    reaches(620)
    expect(page.locator("#upload progress")).to_have_attribute("value", "20")
    expect(page.locator("#upload .upload-words")).to_have_text("620 of 3,000 rows, 20%")
    expect(page.locator("#upload-says")).to_have_text("20% read")
    assert barriers(page) == []
    reaches(2000)
    expect(page.locator("#upload progress")).to_have_attribute("value", "66")
    expect(page.locator("#upload-says")).to_have_text("60% read")
    elsewhere(lambda: Upload.objects.filter(pk=upload.pk).update(state=State.RECEIVED))
    elsewhere(lambda: uploads.read(upload=upload, now=timezone.now(), on=TODAY))
    page.wait_for_url(f"**/desk/reports/{Submission.objects.get().pk}/")


def test_a_bar_that_stands_because_its_reader_died_is_set_going_again(place: District, open_page: Callable[..., Any]):
    from django_tasks_db.models import DBTaskResult

    from duban.intake import tasks

    upload = kept(place, state=State.READING, beat_at=timezone.now() - timezone.timedelta(seconds=31), done=1, total=10)
    DBTaskResult.objects.all().delete()
    page = open_page(language="en", user=place.people["reporter"])
    page.goto(f"/desk/uploads/{upload.pk}/")
    expect(page.locator("#upload progress")).to_have_attribute("value", "10")
    assert tasks.waiting() == [upload.pk]


def test_what_is_wrong_is_said_in_words_with_what_to_do(
    place: District, open_page: Callable[..., Any], barriers: Callable[[Any], list[str]]
):
    page = open_page(width=390, language="en", user=place.people["reporter"])
    page.goto("/desk/uploads/")
    page.set_input_files("#file", written("month.xlsx", "PK\x03\x04 torn"))
    page.locator("main form button").click()
    expect(page.locator("[role=alert]")).to_contain_text("The file is damaged and cannot be opened.")
    expect(page.locator("main")).to_contain_text("Nothing of it has been taken.")
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("main a.btn-primary").click()
    page.set_input_files("#file", [written("a.csv", ""), written("b.csv")])
    page.locator("main form button").click()
    expect(page.locator(".message-error")).to_have_text("a.csv: The file is empty.")
    expect(page.locator("main tbody tr")).to_have_count(2)


def test_a_file_that_says_nothing_new_says_so_with_its_counts(
    place: District, open_page: Callable[..., Any], barriers: Callable[[Any], list[str]]
):
    place.write("undertaking  measure   kind    period   amount\nroofs        invested  report  2026-02  150000000")
    page = open_page(language="en", user=place.people["reporter"])
    page.goto("/desk/uploads/")
    page.set_input_files("#file", written("month.csv"))
    page.locator("main form button").click()
    expect(page.locator("#upload")).to_contain_text("The file says what the ledger says already: nothing has changed.")
    expect(page.locator(".upload-counts div", has_text="as in the ledger").locator("dd")).to_have_text("1")
    assert barriers(page) == []


def test_what_was_left_out_is_told_before_the_preview(place: District, open_page: Callable[..., Any]):
    page = open_page(language="en", user=place.people["reporter"])
    page.goto("/desk/uploads/")
    page.set_input_files("#file", written("month.csv", MONTH + "wells,invested,report,2026-02,1,\n"))
    page.locator("main form button").click()
    expect(page.locator("#upload")).to_contain_text("Not everything in the file is in the draft.")
    page.locator("#upload a", has_text="See every change").click()
    page.wait_for_url(re.compile(r"/desk/reports/\d+/"))


def test_a_table_whose_columns_nobody_has_told_leads_to_where_they_are(place: District, open_page: Callable[..., Any]):
    page = open_page(language="en", user=place.people["reporter"])
    page.goto("/desk/uploads/")
    page.set_input_files("#file", written("list.csv", "项目名称,累计完成投资（万元）\nroofs,12\nwells,13\n"))
    page.locator("main form button").click()
    expect(page.locator("#upload")).to_contain_text("Nobody has told yet what the columns of this table mean.")
    address = reverse("web:table", args=[Upload.objects.get().pk])
    expect(page.locator("#upload a.btn-primary")).to_have_attribute("href", address)


def test_without_scripts_the_page_loads_itself_again(place: District, open_page: Callable[..., Any]):
    page = open_page(language="en", user=place.people["reporter"], java_script_enabled=False)
    page.goto("/desk/uploads/")
    page.set_input_files("#file", written("month.csv"))
    page.locator("main form button").click()
    page.wait_for_url(re.compile(r"/desk/reports/\d+/"))
    waiting = kept(place, MONTH + "\n")
    page.goto(f"/desk/uploads/{waiting.pk}/")
    assert 'http-equiv="refresh"' in page.content()
    elsewhere(lambda: uploads.read(upload=waiting, now=timezone.now(), on=TODAY))
    page.wait_for_url(re.compile(r"/desk/reports/\d+/"))


@pytest.mark.django_db
def test_the_file_comes_back_as_it_was_and_as_nothing_but_bytes(place: District, client: Client):
    upload = kept(place)
    client.force_login(place.people["reporter"], backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.get(reverse("web:upload_file", args=[upload.pk]))
    assert b"".join(answer.streaming_content) == MONTH.encode()
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''%E4%BA%8C%E6%9C%88.csv"
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/octet-stream", "nosniff")
    Path(uploads.path_of(upload)).unlink()
    assert client.get(reverse("web:upload_file", args=[upload.pk])).status_code == 404
