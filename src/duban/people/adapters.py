"""Where allauth asks us: who must confirm an address, where people go, how second factors are kept."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.stages import EmailVerificationStage
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url

from duban.people import permits


class ConfirmAddress(EmailVerificationStage):  # type: ignore[misc]
    """Asks for a confirmed address only from those who gave one."""

    def handle(self) -> Any:
        user = self.login.user
        if user is not None and not user.email and not self.login.email:
            return None, True
        return super().handle()


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def get_login_stages(self) -> list[str]:
        ours = f"{ConfirmAddress.__module__}.{ConfirmAddress.__qualname__}"
        theirs = f"{EmailVerificationStage.__module__}.{EmailVerificationStage.__qualname__}"
        return [ours if stage == theirs else stage for stage in super().get_login_stages()]

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Officials start at their desk, residents at the portal; whoever came from a page goes back to it."""
        return resolve_url(settings.OFFICIAL_HOME if permits.appointments(request.user) else settings.LOGIN_REDIRECT_URL)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return self.get_login_redirect_url(request)


def _vault() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"duban second factors " + k.encode()).digest())) for k in keys])


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps the secrets of second factors encrypted with the site's key."""

    def encrypt(self, text: str) -> str:
        return _vault().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _vault().decrypt(encrypted_text.encode()).decode()

    def _get_site_name(self) -> str:
        return str(settings.MFA_TOTP_ISSUER)
