"""For `make run` on one's own machine: SQLite under var/, mail as files, no outside service."""

from config import env

from .base import *  # noqa: F403
from .base import MIDDLEWARE, VAR_DIR

DEBUG = True
SECRET_KEY = env.text("SECRET_KEY", "for-development-only-never-used-with-debug-off")
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver"]
MIDDLEWARE = [entry for entry in MIDDLEWARE if "whitenoise" not in entry]
MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "OPTIONS": {"file_path": VAR_DIR / "mail"},
    }
}
PAGE_CACHE_SECONDS = 0  # a changed template shows at once
