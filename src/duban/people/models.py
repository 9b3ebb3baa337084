"""Bodies as a tree, the people in them, and the record of what they did."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Body(models.Model):
    """A node of the tree of authorities. `path` lists the codes from the top, each followed by a slash."""

    class Kind(models.TextChoices):
        PROVINCE = "province", _("province")
        CITY = "city", _("city")
        DISTRICT = "district", _("district or county")
        TOWN = "town", _("town or subdistrict")
        DEPARTMENT = "department", _("department")
        FIRM = "firm", _("firm")

    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    code = models.SlugField(max_length=40, unique=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    path = models.CharField(max_length=255, unique=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "path"]
        verbose_name_plural = "bodies"

    def __str__(self) -> str:
        return self.name

    def below(self) -> models.QuerySet[Body]:
        """This body and every body under it."""
        return Body.objects.filter(path__startswith=self.path)


class Accounts(UserManager["User"]):
    """Django's manager, except that a first password is set the way later ones are: its age and hash are remembered."""

    use_in_migrations = False

    def create_user(self, username: str, email: str | None = None, password: str | None = None, **fields: Any) -> User:
        user = super().create_user(username, email, None, **fields)
        if password is not None:
            user.set_password(password)
            user.save(update_fields=["password"])
        return user


class User(AbstractUser):
    """A signed-in person: an official while an appointment holds, a resident always. `language` is the one chosen last; empty for none."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    display_name = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=7, blank=True)

    REQUIRED_FIELDS: list[str] = []

    objects = Accounts()

    def __str__(self) -> str:
        return self.display_name or self.username


class Appointment(models.Model):
    """One role of one official in one body; it reaches everything below that body."""

    class Role(models.TextChoices):
        ADMINISTRATOR = "administrator", _("administrator")
        DISPATCHER = "dispatcher", _("dispatcher")
        REPORTER = "reporter", _("reporter")
        REVIEWER = "reviewer", _("reviewer")
        LEADER = "leader", _("leader")
        SUPERVISOR = "supervisor", _("supervisor")
        EDITOR = "editor", _("editor")

    user = models.ForeignKey(User, models.CASCADE, related_name="appointments")
    body = models.ForeignKey(Body, models.PROTECT, related_name="appointments")
    role = models.CharField(max_length=14, choices=Role.choices)
    appointed_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["body__path", "role"]
        constraints = [
            models.UniqueConstraint(fields=["user", "body", "role"], condition=models.Q(until=None), name="people_one_running_appointment")
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.body}"


def new_token() -> str:
    """A secret for a link that is sent once."""
    return secrets.token_urlsafe(32)


class Invitation(models.Model):
    """An offer of a role to somebody who may not have an account yet; used once, before it expires."""

    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    email = models.EmailField(blank=True)
    display_name = models.CharField(max_length=80)
    body = models.ForeignKey(Body, models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=14, choices=Appointment.Role.choices)
    invited_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    invited_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-invited_at"]


class Application(models.Model):
    """A registered person's word that they hold a role in a body: open until an administrator answers."""

    user = models.ForeignKey(User, models.CASCADE, related_name="applications")
    body = models.ForeignKey(Body, models.CASCADE, related_name="applications")
    role = models.CharField(max_length=14, choices=Appointment.Role.choices)
    note = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    granted = models.BooleanField(null=True, blank=True)
    answered_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(fields=["user", "body", "role"], condition=models.Q(granted=None), name="people_one_open_application")
        ]


class PasswordMemory(models.Model):
    """A password that somebody has set, as its hash: the newest tells its age, the last few may not come back."""

    user = models.ForeignKey(User, models.CASCADE, related_name="password_memories")
    hashed = models.CharField(max_length=128)
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-set_at", "-id"]


class Token(models.Model):
    """What a program shows instead of a password. It does what its owner may do, within `scopes`, and in `body` and below it only.

    The secret is shown once; its SHA-256 is kept. `prefix` is its beginning, by which its owner knows it again.
    """

    class Scope(models.TextChoices):
        READ = "slots:read", _("read what is to be reported")
        SUBMIT = "submissions:write", _("hand in reports")
        STANDINGS = "standings:read", _("read lights, figures, changes, rates and forecasts")

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    body = models.ForeignKey(Body, models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12)
    hashed = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]


class CacheLine(models.Model):
    """The table of Django's database cache, which all server processes share (rate limits need that).

    Only Django's cache reads and writes it; it stands here so that migrations create it.
    """

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "people_cache"


class AuditLine(models.Model):
    """Who did what, to what, when, and with what result. Kept; never edited."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    who = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    who_name = models.CharField(max_length=160)
    act = models.CharField(max_length=60, db_index=True)
    subject = models.CharField(max_length=200, blank=True)
    result = models.CharField(max_length=20, default="done")
    facts = models.JSONField(default=dict, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
