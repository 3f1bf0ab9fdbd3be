"""What every installation has in common. The environment and the client snippet decide the rest."""

import os
import re
from pathlib import Path

from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from config import client as client_snippet
from config import env, payment_providers, queue

BASE_DIR = Path(__file__).resolve().parents[3]
SITE_DIR = BASE_DIR / "site"
VAR_DIR = Path(env.text("HNM_VAR", str(BASE_DIR / "var")))  # database, uploads, documents and mail of this installation

CLIENT = client_snippet.read(env.text("HNM_CLIENT", "vvnf"))
CLIENT_DIR = SITE_DIR / "clients" / CLIENT.name
VERSION = next(
    iter(re.findall(r"^## (\d\S*)", (BASE_DIR / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)), "0"
)

# openpyxl takes lxml where something has installed it, tests for one. The same reader and writer everywhere:
os.environ.setdefault("OPENPYXL_LXML", "False")

# The order is the story's: each app may import those before it. An association without dues has no invoicing and
# no payments, and the rest runs the same.
HNM_APPS = ["core", "messaging", "membership", "invoicing", "payments", "newsletter", "home"]
if not CLIENT.membership.dues:
    HNM_APPS = [app for app in HNM_APPS if app not in {"invoicing", "payments"}]

INSTALLED_APPS = [
    "config",  # commands that know every app
    *reversed(HNM_APPS),  # later apps first, so that their templates win
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "wagtail_modeladmin",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.typed_table_block",
    "wagtail.embeds",
    "wagtail.sites",
    "membership.office.users_app.OfficeUsersConfig",  # wagtail.users under our rules
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django_q",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "config.csp.office_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "home.middleware.kept_pages",  # visitors' pages, a minute old at most: see home/page_cache.py
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "membership.sign_in.middleware.AccountPages",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [CLIENT_DIR / "templates", BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
                "home.context_processors.site",
            ],
        },
    },
]

DATABASES = {
    "default": env.database(env.text("DATABASE_URL", f"sqlite:///{CLIENT.name}.sqlite3"), sqlite_folder=VAR_DIR)
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL", "")
CACHES = {
    # Shared by all processes: log-in limits that counted per process would be no limits.
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"},
    # Wagtail would write to the cache for every picture of every page view; finding the row is cheaper.
    "renditions": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
    # Visitors' pages, in each process: see home/page_cache.py.
    "pages": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "pages"},
}

# Background work: Django's and Wagtail's tasks through one door, see config/queue.py.
TASKS = {"default": {"BACKEND": "config.queue.Backend"}}
Q_CLUSTER = queue.cluster(REDIS_URL)

# Log-in: allauth is the only door.
AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "my_page"
LOGOUT_REDIRECT_URL = "/"

# Languages
LANGUAGE_CODE = CLIENT.site.language
LANGUAGES = [(code, name) for code, name in (("nb", _("Norwegian")), ("en", _("English")))
             if code in CLIENT.site.languages]  # fmt: skip
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = CLIENT.site.timezone
USE_TZ = True
FORMAT_MODULE_PATH = ["config.formats"]
FIRST_DAY_OF_WEEK = CLIENT.site.first_weekday

# Files
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
# Who was erased, as keyed digests. Never part of a backup: after a restore it says who must go again.
ERASED_LIST = Path(env.text("HNM_ERASED_LIST", str(VAR_DIR / "erased.list")))
STATICFILES_DIRS = [folder for folder in (CLIENT_DIR / "static", SITE_DIR / "static") if folder.is_dir()]
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    # Invoices and other documents about people: never under MEDIA, always through a view that checks.
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR_DIR / "private", "base_url": None},
    },
}
PRINT_FONTS = BASE_DIR / "var" / "fonts"  # made by set-up from the font-source-sans-pro package

# Messages: where mail and SMS go. Django's own shape for both.
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": {}}}
SMS_GATEWAYS = {"default": {"BACKEND": "messaging.sms.console.ConsoleGateway", "OPTIONS": {}}}
# Vipps, cards, PayPal: off until the environment names them.
PAYMENT_PROVIDERS = payment_providers.read(has_memory=True)
DEFAULT_FROM_EMAIL = CLIENT.messaging.sender or CLIENT.organisation.email
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Wagtail
WAGTAIL_SITE_NAME = CLIENT.organisation.name
WAGTAILADMIN_BASE_URL = env.text("HNM_ADDRESS", "http://127.0.0.1:8000")
WAGTAILADMIN_LOGIN_URL = "account_login"
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
WAGTAIL_DATE_FORMAT = "%d.%m.%Y"
WAGTAIL_DATETIME_FORMAT = "%d.%m.%Y %H:%M"
WAGTAILUSERS_PASSWORD_ENABLED = False  # a password set here would go round allauth
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "odt", "pdf", "pptx", "txt", "xlsx", "zip"]
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp"]
WAGTAIL_FRONTEND_LOGIN_URL = "/konto/login/"
WAGTAIL_PRIVATE_PAGE_OPTIONS = {"SHARED_PASSWORD": False}  # a password that everybody knows is nobody's
PAGE_CACHE_SECONDS = env.whole_number("PAGE_CACHE_SECONDS", 60)  # 0: no page is kept for the next visitor

# Safety
X_FRAME_OPTIONS = "SAMEORIGIN"  # Wagtail previews pages in a frame of its own
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "data:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF, *payment_providers.form_targets(PAYMENT_PROVIDERS)],
    "frame-ancestors": [CSP.SELF],
}
JOIN_FORM_LEAST_SECONDS = 3  # who fills in the joining form faster is a machine
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "home.views.csrf_failure"

from .sign_in import *  # noqa: E402, F403
