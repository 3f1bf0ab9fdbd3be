"""For the tests: fast hashes, memory mail, tasks at once. The database comes from DATABASE_URL as everywhere."""

import atexit
import os
import shutil
import tempfile

if "HNM_VAR" not in os.environ:
    os.environ["HNM_VAR"] = tempfile.mkdtemp(prefix="hnm-test-")
    atexit.register(shutil.rmtree, os.environ["HNM_VAR"], ignore_errors=True)
os.environ.setdefault("DATABASE_URL", "sqlite:///")

from .base import *  # noqa: F403
from .base import BASE_DIR, CACHES, MIDDLEWARE

DEBUG = False
LANGUAGE_CODE = "en"  # tests read the source strings; those that are about Norwegian ask for it
SECRET_KEY = "for-tests-only"
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
MIDDLEWARE = [entry for entry in MIDDLEWARE if "whitenoise" not in entry]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {**CACHES, "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
PAGE_CACHE_SECONDS = 0  # tests of the pages themselves; tests/home/test_page_cache.py switches it on
TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
SMS_GATEWAYS = {"default": {"BACKEND": "messaging.sms.memory.MemoryGateway", "OPTIONS": {}}}
PAYMENT_PROVIDERS = {}  # off, as everywhere; tests switch on what they are about
PRINT_FONTS = BASE_DIR / "var" / "fonts"
# That a task was run is no news in a test; a hundred such lines would hide why it failed.
LOGGING = {"version": 1, "disable_existing_loggers": False, "loggers": {"django.tasks": {"level": "WARNING"}}}
