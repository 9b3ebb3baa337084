"""Django's settings, all derived from `duban.config`."""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from duban import config
from duban.logs import logging_settings

SET = config.read(os.environ)
MODE: str = SET["mode"]
STATE: Path = SET["state"].resolve()
STATE.mkdir(parents=True, exist_ok=True)
PACKAGE = Path(__file__).resolve().parent


def _secret_key() -> str:
    """The operator's key, or outside production one of our own that is made once and kept."""
    if SET["secret_key"]:
        return str(SET["secret_key"])
    kept = STATE / "secret-key"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(48))
    return kept.read_text()


def _database() -> dict[str, object]:
    url = urlsplit(SET["database_url"])
    if url.scheme == "postgresql":
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(url.path.lstrip("/")),
            "USER": unquote(url.username or ""),
            "PASSWORD": unquote(url.password or ""),
            "HOST": parse_qs(url.query).get("host", [unquote(url.hostname or "")])[0],
            "PORT": url.port or "",
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {"pool": {"min_size": 1, "max_size": 2 * SET["threads"], "timeout": 10}},
        }
    name = SET["database_url"].removeprefix("sqlite:///") or str(STATE / "duban.sqlite3")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": name,
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
            "PRAGMA temp_store=MEMORY;PRAGMA cache_size=-65536;PRAGMA mmap_size=268435456;",
        },
    }


def mail_settings(address: str) -> dict[str, object]:
    """Django's e-mail settings for a DUBAN_MAIL_URL; none means that no mail is ever sent.

    smtp:// speaks STARTTLS whenever there is a password to protect; smtps:// is TLS from the first byte.
    """
    url = urlsplit(address)
    backends = "django.core.mail.backends"
    if url.scheme == "console":
        return {"EMAIL_BACKEND": f"{backends}.console.EmailBackend"}
    if url.scheme == "file":
        return {"EMAIL_BACKEND": f"{backends}.filebased.EmailBackend", "EMAIL_FILE_PATH": unquote(url.path)}
    if url.scheme in {"smtp", "smtps"}:
        return {
            "EMAIL_BACKEND": f"{backends}.smtp.EmailBackend",
            "EMAIL_HOST": url.hostname or "localhost",
            "EMAIL_PORT": url.port or (465 if url.scheme == "smtps" else 25),
            "EMAIL_HOST_USER": unquote(url.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(url.password or ""),
            "EMAIL_USE_SSL": url.scheme == "smtps",
            "EMAIL_USE_TLS": url.scheme == "smtp" and bool(url.password),
            "EMAIL_TIMEOUT": 20,
        }
    return {"EMAIL_BACKEND": f"{backends}.dummy.EmailBackend"}


SECRET_KEY = _secret_key()
LOGGING = logging_settings(SET["log"])
DEBUG = MODE == "development"
ALLOWED_HOSTS = SET["hosts"]
DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "duban.urls"
WSGI_APPLICATION = "duban.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "duban.people",  # before allauth, so that our templates and translations stand over its own
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "duban.registry",
    "duban.ledger",
    "duban.intake",
    "duban.standing",
    "duban.press",
    "duban.web",
]

MIDDLEWARE = [
    "duban.logs.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "duban.web.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "duban.people.sessions.SessionRules",
    "duban.people.permits.ClosedByDefault",
    "duban.web.middleware.RefusalMiddleware",
    "duban.web.middleware.PlainTextMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "duban.web.context.site",
            ],
            "builtins": ["duban.web.templatetags.duban"],
        },
    }
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("zh-hant", _("Traditional Chinese")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = STATE / "static"
MEDIA_ROOT = STATE / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if MODE == "development"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

# `default` is shared by all server processes, because rate limits count in it: a table that `migrate` makes.
# `process` is private to each process and fast: for what may be computed again.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "people_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 2000}},
}

# What is read in the background waits in the database itself, so that it is accepted or not accepted together with its file.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

# People. What the Chinese standard for classified protection (等保2.0, GB/T 22239 level 3, 8.1.4.1) asks of
# identification is named beside each setting.
MAIL = bool(SET["mail_url"])
globals().update(mail_settings(SET["mail_url"]))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = SET["mail_from"]

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
OFFICIAL_HOME = "web:desk"

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
# Complexity (a): ten characters, three classes of four, unlike the account, not a known one, not a recent one.
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "duban.people.validators.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "duban.people.validators.CharacterClasses", "OPTIONS": {"least": 3}},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "email", "display_name")},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "duban.people.validators.NotRecent", "OPTIONS": {"last": 5}},
]
# Regular change (a): officials choose a new password after 90 days. Demonstration accounts never do.
PASSWORD_LIFE = None if MODE == "demo" else timedelta(days=90)
# Time-out (b): an official's session ends after 30 minutes without a request; a resident's after two weeks.
OFFICIAL_IDLE = timedelta(minutes=30)
SESSION_COOKIE_AGE = 14 * 24 * 3600
PASSWORD_RESET_TIMEOUT = 3600

# Failed sign-ins (b): after 5 for one account from one address, both are locked out together for 20 minutes.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=20)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "duban.people.lockout.account_name"
AXES_CLIENT_IP_CALLABLE = "duban.people.audit.address_of"
AXES_LOCKOUT_CALLABLE = "duban.people.lockout.page"
AXES_SENSITIVE_PARAMETERS = ["login", "username", "email", "ip_address", "oldpassword", "password1", "password2"]
AXES_DISABLE_ACCESS_LOG = True  # our audit log holds who signed in, with the rest
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

ALLAUTH_TRUSTED_PROXY_COUNT = SET["proxies"]
ACCOUNT_ADAPTER = "duban.people.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_FORMS = {"login": "duban.people.forms.SignInForm"}
ACCOUNT_USERNAME_MIN_LENGTH = 2
ACCOUNT_USERNAME_VALIDATORS = "duban.people.validators.USERNAMES"
ACCOUNT_USERNAME_BLACKLIST = ["admin", "administrator", "root", "system", "duban", "anonymous"]
# An address is confirmed before its owner gets in, where mail can be sent; who gave no address has none to confirm.
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if MAIL else "none"
ACCOUNT_EMAIL_NOTIFICATIONS = MAIL  # a note to the owner when password, address or second factor changes
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SET["https"] else "http"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # other sessions end, this one goes on
ACCOUNT_RATE_LIMITS = {
    "signup": "30/h/ip",
    "login": "60/m/ip",
    # Lock-out stops one address; this stops many addresses that try one account.
    "login_failed": "60/m/ip,30/900s/key",
    "change_password": "5/m/user",
    "manage_email": "10/m/user",
    "reset_password": "20/h/ip,5/h/key",
    "reset_password_from_key": "20/m/ip",
    "reauthenticate": "10/m/user",
    "confirm_email": "1/3m/key",
}

# Two factors (d): a time-based code or a passkey, with recovery codes; everybody may, nobody must.
MFA_ADAPTER = "duban.people.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "duban"
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = MODE != "production"  # browsers themselves allow it on localhost only
MFA_ALLOW_UNVERIFIED_EMAIL = not MAIL

if SET["https"]:
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "duban.web.site.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

_tiles = urlsplit(SET["map_tiles"])
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:", *([f"{_tiles.scheme}://{_tiles.netloc.replace('{s}', '*')}"] if _tiles.netloc else [])],
        "style-src": [SELF, "'unsafe-inline'"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
