"""`manage.py setup`: make the installation ready for its client. May be run as often as one likes."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone, translation

from core.commands import Command as BaseCommand
from core.errors import Refused
from core.results import Result


class Command(BaseCommand):
    help = (
        "Write what the client snippet asks for: roles, membership types, texts, pages. Creates what is missing, "
        "never overwrites what the office has changed, and tells both."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        client, at = settings.CLIENT, timezone.now()
        self.is_quiet = options["verbosity"] == 0
        self._say(f"Setting up {client.organisation.name} ({client.name}).")
        call_command("createcachetable", verbosity=0)
        total = Result()
        with translation.override(client.site.language):
            for app in settings.HNM_APPS:
                if find_spec(f"{app}.set_up") is None:
                    continue
                try:
                    result = import_module(f"{app}.set_up").set_up(client=client, at=at)
                except Refused as refusal:
                    raise CommandError(refusal.sentence) from refusal
                self._tell(app, result)
                total.merge(result)
        self._say(f"Ready: {total}." if total.changed else "Ready: everything was there already.")

    def _tell(self, app: str, result: Result) -> None:
        self._say(f"{app}: {result}")
        for line in result.lines:
            self._say(f"  {line}")
        for warning in result.warnings:
            self.stderr.write(f"  {warning}")

    def _say(self, sentence: str) -> None:
        if not self.is_quiet:
            self.stdout.write(sentence)
