"""What a password and a user name must be (等保2.0, identification: complex, not repeated, changed regularly)."""

from __future__ import annotations

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from duban.people.models import PasswordMemory, User

# No "@", so that nobody's user name can pass for somebody else's e-mail address.
USERNAMES = [RegexValidator(r"^[\w.+-]+\Z", _("A user name is made of letters (Chinese ones too), digits and . + - _ only."))]


class LongEnough(MinimumLengthValidator):
    """Django's rule. Its sentence has no Chinese in Django 5.2, so it is ours."""

    def get_error_message(self) -> str:
        return self.get_help_text()

    def get_help_text(self) -> str:
        return ngettext(
            "Your password must be at least %(least)d character long.",
            "Your password must be at least %(least)d characters long.",
            self.min_length,
        ) % {"least": self.min_length}


class CharacterClasses:
    """At least `least` of: upper case, lower case, digits, anything else."""

    def __init__(self, least: int = 3) -> None:
        self.least = least

    def validate(self, password: str, user: User | None = None) -> None:
        classes = {"upper" if c.isupper() else "lower" if c.islower() else "digit" if c.isdigit() else "other" for c in password}
        if len(classes) < self.least:
            raise ValidationError(self.get_help_text(), code="password_too_few_classes")

    def get_help_text(self) -> str:
        return str(_("Your password must contain at least three of these four: capital letters, small letters, digits, signs."))


class NotRecent:
    """Not one of the last `last` passwords. Django calls `password_changed` after every change; it is kept then."""

    def __init__(self, last: int = 5) -> None:
        self.last = last

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None or user.pk is None:
            return
        recent = PasswordMemory.objects.filter(user=user).values_list("hashed", flat=True)[: self.last]
        for hashed in recent:
            if check_password(password, hashed):
                raise ValidationError(self.get_help_text(), code="password_used_recently")

    def password_changed(self, password: str, user: User | None = None) -> None:
        if user is None or user.pk is None:
            return
        PasswordMemory.objects.create(user=user, hashed=user.password)
        kept = PasswordMemory.objects.filter(user=user).values_list("pk", flat=True)[: self.last]
        PasswordMemory.objects.filter(user=user).exclude(pk__in=list(kept)).delete()

    def get_help_text(self) -> str:
        return ngettext(
            "Your password must not be the one you have.",
            "Your password must not be one of your last %(last)d.",
            self.last,
        ) % {"last": self.last}
