"""Evidence files: kept once under the SHA-256 of their content, byte for byte, and shown only to those who may see them."""

from __future__ import annotations

import io
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from PIL import Image, ImageOps

from duban.core.refusals import Refusal
from duban.people import permits
from duban.people.audit import record
from duban.people.models import Body, User
from duban.registry import keeping
from duban.registry.filetypes import file_name, file_type
from duban.registry.looks import look_of
from duban.registry.models import Evidence, Undertaking

THUMBNAIL: Final = (480, 480)
LOOKED_AT: Final = 50
"""Photographs that one turn of `look_again` decodes: a second of work at most."""


# Where files lie


def folder() -> Path:
    """The folder of all evidence."""
    return Path(settings.MEDIA_ROOT) / "evidence"


def path_of(sha256: str) -> Path:
    """Where the content with this digest lies."""
    return keeping.place_of(folder(), sha256)


def thumbnail_path_of(sha256: str) -> Path:
    """Where the small picture of a photograph lies; it can always be made again."""
    return Path(settings.MEDIA_ROOT) / "thumbnails" / sha256[:2] / f"{sha256[2:]}.jpg"


def _store(content: BinaryIO, name: str) -> tuple[str, int, str, str]:
    """Put the content in its place; its digest, size, media type and name. Raises `Refusal` for what cannot be evidence."""
    with keeping.received(content, folder(), megabytes=settings.SET["evidence_mb"]) as kept:
        kind = file_type(kept.file, name)
        keeping.keep(kept, folder())
    return kept.sha256, kept.size, kind.media_type, file_name(name, kind)


# Who may do what


def bodies_of(undertaking: Undertaking) -> list[Body]:
    """The bodies that answer for it: the lead body and those beside it."""
    return [undertaking.lead_body, *undertaking.joint_bodies.all()]


def may(user: Any, act: str, undertaking: Undertaking) -> bool:
    """Whether `user` may do `act` in one of the undertaking's bodies."""
    return permits.may(user, act) and any(permits.may(user, act, body) for body in bodies_of(undertaking))


def is_open(evidence: Evidence) -> bool:
    """Whether anybody may see it: the file, its undertaking and the programme are public."""
    return evidence.public and evidence.undertaking.public and evidence.undertaking.programme.public


def may_see(user: Any, evidence: Evidence) -> bool:
    """Whether `user`, signed in or not, may open this file."""
    return is_open(evidence) or may(user, "evidence.read", evidence.undertaking)


def seen_by(user: Any, undertaking: Undertaking) -> QuerySet[Evidence]:
    """The undertaking's files that `user` may open, the newest first."""
    files = undertaking.evidence.select_related("added_by")
    if may(user, "evidence.read", undertaking):
        return files
    return files.filter(public=True, undertaking__public=True, undertaking__programme__public=True)


# What is done


def attach(
    *, undertaking: Undertaking, name: str, content: BinaryIO, by: User, now: datetime, caption: str = "", taken_on: date | None = None
) -> Evidence:
    """Keep a file that shows what was done on `undertaking`; only officials see it until somebody shows it to all.

    Raises `Refusal` "file-empty", "file-too-large", "file-type-unknown", "file-damaged", "taken-later" or, for content
    that the undertaking has already, "evidence-there-already".
    """
    if not may(by, "report.write", undertaking):
        raise PermissionDenied("report.write")
    if taken_on is not None and taken_on > timezone.localtime(now).date():
        raise Refusal("taken-later", day=taken_on)
    sha256, size, media_type, kept_name = _store(content, name)
    look = look_of(path_of(sha256)) if media_type.startswith("image/") else ""
    with transaction.atomic():
        Undertaking.objects.select_for_update(no_key=True).get(pk=undertaking.pk)  # two at once are two in turn
        if there := undertaking.evidence.filter(sha256=sha256).first():
            raise Refusal("evidence-there-already", name=there.name, at=there.added_at)
        evidence = Evidence.objects.create(
            undertaking=undertaking,
            sha256=sha256,
            name=kept_name,
            media_type=media_type,
            size=size,
            look=look,
            caption=caption,
            taken_on=taken_on,
            added_by=by,
            added_at=now,
        )
        record(by=by, act="evidence.attach", subject=undertaking.code, file=kept_name, sha256=sha256, size=size)
    return evidence


def look_again() -> int:
    """Look at some of the photographs that were kept before anybody noticed copies; how many have a look now.

    Which ones is left to chance: those that have none (too plain, or damaged) keep no others waiting.
    """
    unseen = Evidence.objects.filter(look="", media_type__startswith="image/").order_by("?")
    found = {one.pk: look_of(path_of(one.sha256)) for one in unseen[:LOOKED_AT]}
    return sum(Evidence.objects.filter(pk=pk, look="").update(look=look) for pk, look in found.items() if look)


@transaction.atomic
def show(*, evidence: Evidence, public: bool, by: User) -> Evidence:
    """Let everybody see the file, or officials only; whoever keeps the undertaking decides."""
    permits.check(by, "registry.write", evidence.undertaking.lead_body)
    evidence.public = public
    evidence.save(update_fields=["public"])
    act = "evidence.show" if public else "evidence.hide"
    record(by=by, act=act, subject=evidence.undertaking.code, file=evidence.name, sha256=evidence.sha256)
    return evidence


def thumbnail(evidence: Evidence) -> Path | None:
    """A small JPEG of a photograph, upright and with nothing of the camera's notes in it; None for what has none."""
    place = thumbnail_path_of(evidence.sha256)
    if place.exists():
        return place
    if not evidence.media_type.startswith("image/"):
        return None
    made = io.BytesIO()
    try:
        with Image.open(path_of(evidence.sha256), formats=("JPEG", "PNG", "WEBP")) as opened:
            opened.draft("RGB", THUMBNAIL)
            small = ImageOps.exif_transpose(opened)
            small.thumbnail(THUMBNAIL)
            drawn = small.convert("RGBA")
            flat = Image.new("RGB", drawn.size, "white")
            flat.paste(drawn, mask=drawn)
            flat.save(made, "JPEG", quality=80)
    except (Image.DecompressionBombError, OSError, SyntaxError, ValueError):
        return None
    with keeping.waiting(place.parent) as waiting:
        waiting.write(made.getvalue())
        keeping.settle(waiting, place)
    return place
