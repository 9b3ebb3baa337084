"""Evidence is kept byte for byte under its digest, is what its content says, and opens only for those who may see it."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from stage import District, district

from duban.core.refusals import Refusal
from duban.people.models import AuditLine, User
from duban.registry import evidence, filetypes
from duban.registry.models import Evidence, Undertaking

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)


def picture(kind: str = "JPEG", colour: str = "red", size: tuple[int, int] = (40, 30), **how) -> bytes:
    content = io.BytesIO()
    Image.new("RGBA" if kind == "PNG" else "RGB", size, colour).save(content, kind, **how)
    return content.getvalue()


def archive(*parts: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        for part in parts:
            packed.writestr(part, "x")
    return content.getvalue()


SHEET = archive("[Content_Types].xml", "xl/workbook.xml")
LETTER = archive("[Content_Types].xml", "word/document.xml")


@pytest.fixture
def place() -> District:
    built = district()
    built.promise("roofs")
    return built


@pytest.fixture
def roofs(place: District) -> Undertaking:
    return place.undertakings["roofs"]


def attach(place: District, content: bytes = b"x", name: str = "a.txt", by: str = "reporter", **more) -> Evidence:
    return evidence.attach(
        undertaking=place.undertakings["roofs"], name=name, content=io.BytesIO(content), by=place.people[by], now=NOW, **more
    )


def refusal(act) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value


def kept() -> list[Path]:
    return [path for path in Path(django_settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def asking(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


# What a file is


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (picture("JPEG"), "a.jpg", "image/jpeg"),
        (picture("PNG"), "a.png", "image/png"),
        (picture("WEBP"), "a.webp", "image/webp"),
        (b"%PDF-1.7\n1 0 obj", "a.pdf", "application/pdf"),
        (SHEET, "a.xlsx", filetypes.XLSX.media_type),
        (LETTER, "a.docx", filetypes.DOCX.media_type),
        ("事项,金额\n屋顶,12\n".encode(), "a.csv", "text/csv"),
        ("事项,金额\n屋顶,12\n".encode("gbk"), "a.csv", "text/csv"),
        ("\ufeff照片说明\n".encode(), "a.txt", "text/plain"),
        (picture("PNG"), "a.exe", "image/png"),  # the name says nothing
        (b"<script>alert(1)</script>", "a.html", "text/plain"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", "text/plain"),
    ],
)
def test_a_file_is_what_its_content_says(content, name, media_type):
    assert filetypes.file_type(io.BytesIO(content), name).media_type == media_type


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"MZ\x90\x00\x03\x00\x00\x00", "file-type-unknown"),
        (b"\x7fELF\x02\x01\x01\x00", "file-type-unknown"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "file-type-unknown"),  # the old formats of Office, which may hold macros
        (archive("evil.js"), "file-type-unknown"),
        (archive("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"), "file-type-unknown"),
        (b"plain until here\x00", "file-type-unknown"),
        (b"\xff\xd8\xff\xe0" + b"not a photograph at all", "file-damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 50, "file-damaged"),
        (b"PK\x03\x04" + b"x" * 50, "file-damaged"),
    ],
)
def test_what_cannot_be_evidence_is_refused_whatever_its_name(content, code, place):
    assert refusal(lambda: attach(place, content, "photograph.jpg")).code == code
    assert kept() == []
    assert not Evidence.objects.exists()


@pytest.mark.parametrize(
    ("given", "kind", "name"),
    [
        ("现场照片.JPG", filetypes.JPEG, "现场照片.JPG"),
        ("C:\\photos\\a.jpeg", filetypes.JPEG, "a.jpeg"),
        ("../../etc/passwd", filetypes.TEXT, "passwd.txt"),
        ("setup.exe", filetypes.JPEG, "setup.exe.jpg"),
        ("gpj\u202ecod.docx", filetypes.DOCX, "gpjcod.docx"),
        ('a"\r\nX-Bad: 1.pdf', filetypes.PDF, 'a"X-Bad: 1.pdf'),
        ("", filetypes.PDF, "file.pdf"),
        (".htaccess", filetypes.TEXT, "htaccess.txt"),
        ("长" * 300 + ".png", filetypes.PNG, "长" * 196 + ".png"),
    ],
)
def test_a_name_is_made_harmless_and_bears_the_ending_of_what_it_is(given, kind, name):
    assert filetypes.file_name(given, kind) == name


# How it is kept


def test_a_photograph_keeps_every_byte_under_its_digest(place):
    exif = Image.Exif()
    exif[0x0110] = "a camera"
    content = picture(exif=exif)
    digest = hashlib.sha256(content).hexdigest()
    made = attach(place, content, "屋顶.jpg", caption="修好的屋顶", taken_on=date(2026, 2, 27))
    assert (made.sha256, made.size, made.media_type, made.public) == (digest, len(content), "image/jpeg", False)
    path = Path(django_settings.MEDIA_ROOT) / "evidence" / digest[:2] / digest[2:]
    assert path.read_bytes() == content
    assert path.stat().st_mode & 0o077 == 0
    assert kept() == [path]  # nothing waits any more
    line = AuditLine.objects.get(act="evidence.attach")
    assert (line.who, line.subject, line.facts["sha256"]) == (place.people["reporter"], "roofs", digest)


def test_the_same_content_is_kept_once_and_refused_twice_on_an_undertaking(place):
    attach(place, b"a record", "a.txt")
    wrong = refusal(lambda: attach(place, b"a record", "b.txt"))
    assert (wrong.code, wrong.facts) == ("evidence-there-already", {"name": "a.txt", "at": NOW})
    place.promise("walls")
    other = evidence.attach(
        undertaking=place.undertakings["walls"], name="c.txt", content=io.BytesIO(b"a record"), by=place.people["reporter"], now=NOW
    )
    assert other.name == "c.txt"
    assert len(kept()) == 1


def test_a_file_has_a_largest_size_and_a_smallest(place, monkeypatch):
    monkeypatch.setitem(django_settings.SET, "evidence_mb", 1)
    attach(place, b"x" * 2**20)
    assert refusal(lambda: attach(place, b"x" * (2**20 + 1))).facts == {"megabytes": 1}
    assert refusal(lambda: attach(place, b"")).code == "file-empty"
    assert len(kept()) == 1


def test_nothing_was_photographed_tomorrow(place):
    attach(place, taken_on=date(2026, 3, 1))
    assert refusal(lambda: attach(place, b"y", taken_on=date(2026, 3, 2))).code == "taken-later"


@pytest.mark.parametrize("who", ["stranger", "reviewer", "editor", "resident"])
def test_only_who_reports_on_an_undertaking_adds_to_it(place, who):
    with pytest.raises(PermissionDenied):
        attach(place, by=who)
    assert kept() == []


def test_a_joint_body_and_the_dispatcher_add_to_it_too(place, roofs):
    attach(place, b"1", by="dispatcher")
    roofs.joint_bodies.add(place.bodies["parks"])
    place.undertakings["roofs"] = Undertaking.objects.get(pk=roofs.pk)
    attach(place, b"2", by="stranger")


# Who opens it


def seen(made: Evidence, people: dict[str, User]) -> set[str]:
    found = {"anonymous": asking(None), **{name: asking(user) for name, user in people.items()}}
    answers = {name: client.get(f"/evidence/{made.pk}/").status_code for name, client in found.items()}
    assert set(answers.values()) <= {200, 404}
    return {name for name, status in answers.items() if status == 200}


def test_officials_of_its_bodies_open_it_and_nobody_else_learns_that_it_is_there(place, roofs):
    made = attach(place)
    within = {"reporter", "colleague", "reviewer", "dispatcher", "editor"}
    assert seen(made, place.people) == within
    roofs.joint_bodies.add(place.bodies["parks"])
    assert seen(made, place.people) == within | {"stranger"}


def test_everybody_opens_it_once_the_file_the_undertaking_and_the_programme_are_public(place, roofs):
    made = attach(place)
    evidence.show(evidence=made, public=True, by=place.people["dispatcher"])
    assert "anonymous" not in seen(made, place.people)  # the programme is not public
    roofs.programme.public = True
    roofs.programme.save()
    assert {"anonymous", "resident", "stranger"} < seen(made, place.people)
    roofs.public = False
    roofs.save()
    assert "anonymous" not in seen(made, place.people)
    roofs.public = True
    roofs.save()
    evidence.show(evidence=made, public=False, by=place.people["dispatcher"])
    assert "anonymous" not in seen(made, place.people)
    assert list(AuditLine.objects.filter(act__in=("evidence.show", "evidence.hide")).values_list("subject", flat=True)) == ["roofs"] * 2


def test_a_reporter_does_not_decide_what_the_public_sees(place):
    made = attach(place)
    with pytest.raises(PermissionDenied):
        evidence.show(evidence=made, public=True, by=place.people["reporter"])


def test_a_browser_takes_a_file_for_what_it_is_and_runs_nothing_in_it(place):
    reporter = asking(place.people["reporter"])
    shown = reporter.get(f"/evidence/{attach(place, picture(), '屋顶 一.jpg').pk}/")
    assert shown["Content-Type"] == "image/jpeg"
    assert shown["Content-Disposition"] == "inline; filename*=utf-8''%E5%B1%8B%E9%A1%B6%20%E4%B8%80.jpg"
    loaded = reporter.get(f"/evidence/{attach(place, b'<script>alert(1)</script>', 'a.html').pk}/")
    assert loaded["Content-Type"] == "text/plain"
    assert loaded["Content-Disposition"] == 'attachment; filename="a.html.txt"'
    for answer in (shown, loaded):
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer["Cache-Control"] == "private, no-cache"
        assert b"".join(answer.streaming_content)


def test_a_file_that_the_browser_has_is_not_sent_again_and_still_asks_who_may_see_it(place):
    made = attach(place, picture(), "a.jpg")
    reporter = asking(place.people["reporter"])
    tag = reporter.get(f"/evidence/{made.pk}/")["ETag"]
    assert reporter.get(f"/evidence/{made.pk}/", headers={"If-None-Match": tag}).status_code == 304
    assert asking(None).get(f"/evidence/{made.pk}/", headers={"If-None-Match": tag}).status_code == 404


def test_a_small_picture_is_upright_and_keeps_no_notes_of_the_camera(place):
    exif = Image.Exif()
    exif[0x0112], exif[0x0110] = 6, "a camera"  # lies on its side
    made = attach(place, picture(size=(1200, 600), exif=exif), "a.jpg")
    answer = asking(place.people["reporter"]).get(f"/evidence/{made.pk}/small/")
    small = Image.open(io.BytesIO(b"".join(answer.streaming_content)))
    assert small.size == (240, 480)
    assert dict(small.getexif()) == {}
    assert asking(None).get(f"/evidence/{made.pk}/small/").status_code == 404


@pytest.mark.parametrize("content", [picture("PNG", colour="#ff000080"), picture("WEBP")])
def test_every_photograph_has_a_small_picture_and_a_text_has_none(place, content):
    reporter = asking(place.people["reporter"])
    assert reporter.get(f"/evidence/{attach(place, content, 'a').pk}/small/")["Content-Type"] == "image/jpeg"
    assert reporter.get(f"/evidence/{attach(place, b'x').pk}/small/").status_code == 404


def test_a_file_that_was_lost_is_absent_and_breaks_nothing(place):
    made = attach(place, picture(), "a.jpg")
    evidence.path_of(made.sha256).unlink()
    reporter = asking(place.people["reporter"])
    assert reporter.get(f"/evidence/{made.pk}/").status_code == 404
    assert reporter.get(f"/evidence/{made.pk}/small/").status_code == 404


# The form


def upload(content: bytes = b"x", name: str = "说明.txt", **more) -> dict:
    return {"content": SimpleUploadedFile(name, content), "caption": "说明", "taken_on": "", **more}


def test_a_reporter_adds_a_file_and_comes_back_to_the_undertaking(place):
    reporter = asking(place.people["reporter"])
    answer = reporter.post("/desk/undertakings/roofs/evidence/", upload())
    assert answer["Location"] == "/desk/undertakings/roofs/#evidence"
    assert "说明.txt" in reporter.get("/desk/undertakings/roofs/").content.decode()


def test_the_undertakings_page_gets_the_list_or_the_fault_in_the_place_of_the_old_one(place):
    reporter = asking(place.people["reporter"])
    page = reporter.get("/desk/undertakings/roofs/").content.decode()
    assert 'hx-post="/desk/undertakings/roofs/evidence/"' in page
    swapped = reporter.post("/desk/undertakings/roofs/evidence/", upload(), headers={"HX-Request": "true"}).content.decode()
    assert swapped.lstrip().startswith('<div id="evidence"')
    assert "说明.txt" in swapped
    again = reporter.post("/desk/undertakings/roofs/evidence/", upload(), headers={"HX-Request": "true"}).content.decode()
    assert 'id="id_content_error"' in again
    assert "同一文件" in again
    assert Evidence.objects.count() == 1


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "不属于可用类型"), ("zh-hant", "不屬於可用類型"), ("en", "is none of these")])
def test_a_fault_stands_beside_its_field_in_the_readers_language(place, language, words):
    reporter = asking(place.people["reporter"])
    reporter.cookies[django_settings.LANGUAGE_COOKIE_NAME] = language
    page = reporter.post("/desk/undertakings/roofs/evidence/", upload(b"\x00")).content.decode()
    assert words in page.split('id="id_content_error"')[1][:300]


def test_who_may_not_report_finds_no_form(place):
    page = asking(place.people["reviewer"]).get("/desk/undertakings/roofs/").content.decode()
    assert 'type="file"' not in page
    assert asking(place.people["stranger"]).post("/desk/undertakings/roofs/evidence/", upload()).status_code == 404


def test_the_public_page_shows_public_files_and_no_name(place, roofs):
    roofs.programme.public = True
    roofs.programme.save()
    made = attach(place, picture(), "a.jpg", caption="修好的屋顶")
    attach(place, b"inner", "inner.txt")
    evidence.show(evidence=made, public=True, by=place.people["dispatcher"])
    page = asking(None).get("/undertakings/roofs/").content.decode()
    assert "修好的屋顶" in page
    assert "inner.txt" not in page
    assert "reporter" not in page


def test_photographs_kept_before_copies_were_noticed_are_looked_at_turn_by_turn(place: District, monkeypatch: pytest.MonkeyPatch):
    drawn = Image.linear_gradient("L")
    for turn in range(3):
        content = io.BytesIO()
        drawn.rotate(90 * turn).save(content, "PNG")
        attach(place, content.getvalue(), f"{turn}.png")
    attach(place, picture(), "plain.jpg")
    looks = dict(Evidence.objects.values_list("name", "look"))
    assert [bool(looks[name]) for name in ("0.png", "1.png", "2.png", "plain.jpg")] == [True, True, True, False]
    Evidence.objects.update(look="")
    assert evidence.look_again() == 3
    assert dict(Evidence.objects.values_list("name", "look")) == looks
    Evidence.objects.update(look="")
    monkeypatch.setattr(evidence, "LOOKED_AT", 2)
    assert evidence.look_again() <= 2
    assert Evidence.objects.exclude(look="").count() <= 2
