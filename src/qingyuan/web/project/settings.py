"""Django's settings, from `host.settings` and the data folder. No secret stands here."""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from qingyuan.host.folder import DataFolder
from qingyuan.host.settings import Settings, django_database

HOST = Settings.from_environment()
FOLDER = DataFolder(HOST.data)
TESTING = "pytest" in sys.modules
DEMO = (FOLDER.stamp.exists() and FOLDER.kind == "demo" and HOST.web.is_loopback) or (
    TESTING and os.environ.get("QINGYUAN_TEST_DEMO") == "1"
)
DEBUG = False
SECRET_KEY = "tests-only" if TESTING else FOLDER.secret("django.key", length=48)
ALLOWED_HOSTS = [
    *os.environ.get("QINGYUAN_HOSTS", "").split(),
    HOST.web.host,
    "localhost",
    "127.0.0.1",
    *(["testserver"] if TESTING else []),
]
HTTPS = os.environ.get("QINGYUAN_HTTPS", "") == "1"  # set when a front proxy speaks TLS
PUBLIC_ADDRESS = HOST.address or f"http://{HOST.web}"  # what links in mail begin with
MAIL_FROM = HOST.mail_from

_APPS = (
    "audit", "ui", "accounts", "files", "notices", "exchange", "registry", "cases", "signals",
    "campaigns", "monitoring", "outfalls", "petitions", "plans", "inspections", "dust", "tracing", "surveys",
    "atlas", "assessments", "bulletins", "statistics", "procedures", "organisation", "catalogue", "portal", "api",
)  # fmt: skip
_HOME = Path(__file__).parents[1]
BUILT_APPS = [name for name in _APPS if (_HOME / name / "apps.py").exists()]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django_htmx",
    "axes",
    "csp",
    "procrastinate.contrib.django",
    *[f"qingyuan.web.{name}" for name in BUILT_APPS],
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "qingyuan.web.project.middleware.SoundRequest",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "qingyuan.web.project.middleware.CityTime",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "qingyuan.web.accounts.guard.SessionLimits",
    "qingyuan.web.accounts.guard.MustChangePassword",
    "qingyuan.web.accounts.guard.AccessGuard",
    "django_htmx.middleware.HtmxMiddleware",
    "qingyuan.web.project.middleware.ProblemPage",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "qingyuan.web.project.urls"
WSGI_APPLICATION = "qingyuan.web.project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "qingyuan.web.project.context.page",
            ],
        },
    }
]

_DATABASE = django_database(HOST.active_database_url or "postgresql:///unset")
# Pages ask short questions over many joined tables, written in the order they are best read: weighing
# every other order costs the server thirty times what the answer does; so does compiling (jit).
_QUICK = "-c join_collapse_limit=3 -c from_collapse_limit=3 -c jit=off"
DATABASES = {
    "default": {
        **_DATABASE,
        "OPTIONS": {"options": _QUICK, **_DATABASE["OPTIONS"]},
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "qingyuan.web.accounts.passwords.NotAboutMe"},
]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if TESTING
    else [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]
)
LOGIN_URL = "sign-in"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"

IDLE_SECONDS = 30 * 60
IDLE_SECONDS_ADMIN = 15 * 60
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-qy" if HTTPS else "qy"
CSRF_COOKIE_NAME = "__Host-qycsrf" if HTTPS else "qycsrf"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "qingyuan.web.project.views.csrf_failure"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = False
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "worker-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("中文")), ("en", "English")]
LANGUAGE_COOKIE_NAME = "qylang"
LOCALE_PATHS = [_HOME / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = USE_TZ = True

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
DATA_UPLOAD_MAX_NUMBER_FILES = 30
LARGEST_BODY = 400_000_000  # bytes of one request: two kinds of evidence, nine files of 20 MB each

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"event": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "event"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"qingyuan": {"level": "INFO"}, "axes": {"level": "ERROR"}},
}
SILENCED_SYSTEM_CHECKS = [
    "security.W004",  # HSTS is set when QINGYUAN_HTTPS=1 (a front proxy speaks TLS)
    "security.W008",  # the same proxy redirects to TLS
]
