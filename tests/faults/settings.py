"""The settings of the processes that the fault tests start: the real queue, real SMTP, short waits."""

from config.settings.test import *  # noqa: F403
from config.settings.test import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.poison"]
TASKS = {"default": {"BACKEND": "config.queue.Backend"}}
MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": "127.0.0.1",
            "timeout": 3,
        },
    }
}


class _NoMigrations:
    """Tables come from the models: the chain of migrations has a test of its own."""

    def __contains__(self, app: str) -> bool:
        return True

    def __getitem__(self, app: str) -> None:
        return None


MIGRATION_MODULES = _NoMigrations()
