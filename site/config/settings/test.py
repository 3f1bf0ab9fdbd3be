"""For the tests: fast hashes, memory mail, tasks at once. The database comes from DATABASE_URL as everywhere."""

import os
import tempfile

os.environ.setdefault("HNM_VAR", tempfile.mkdtemp(prefix="hnm-test-"))
os.environ.setdefault("DATABASE_URL", "sqlite:///")

from .base import *  # noqa: E402, F403
from .base import BASE_DIR, MIDDLEWARE  # noqa: E402

DEBUG = False
SECRET_KEY = "for-tests-only"
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
MIDDLEWARE = [entry for entry in MIDDLEWARE if "whitenoise" not in entry]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
SMS_GATEWAYS = {"default": {"BACKEND": "messaging.sms.memory.MemoryGateway", "OPTIONS": {}}}
PRINT_FONTS = BASE_DIR / "var" / "fonts"
