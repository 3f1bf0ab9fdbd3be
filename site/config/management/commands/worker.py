"""`manage.py worker`: background work, and a watchdog that starts it again when it has died or gone silent."""

import signal
import time
from argparse import ArgumentParser
from datetime import datetime
from types import FrameType
from typing import Any

from django.core.management.base import CommandError
from django.db import Error, close_old_connections
from django.utils import timezone

from config import watchdog
from core.commands import Command as BaseCommand

LOOK_EVERY = 5.0  # seconds
TOO_SOON = 10.0  # seconds: what ends by itself so soon after its start would do so again


class Command(BaseCommand):
    help = (
        "Send messages, make PDFs and do the night, until SIGTERM. Starts the work anew when its processes have died, "
        "or have not answered for three minutes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--patience", type=float, default=25, metavar="SECONDS",
                            help="how long what is in hand may take when asked to stop (default: 25)")  # fmt: skip

    def handle(self, *args: Any, patience: float, **options: Any) -> None:
        self._is_asked_to_stop = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while not self._is_asked_to_stop:
            started, began = timezone.now(), time.monotonic()
            cluster = watchdog.Cluster(patience=patience)
            try:
                why = self._watch(cluster, started)
            finally:
                cluster.stop()
            if cluster.has_failed and time.monotonic() - began < TOO_SOON:
                raise CommandError(f"{why} That was at once after its start, so it is not tried again: see above.")
            if why:
                self.stderr.write(f"{why} Starting it again.")

    def _watch(self, cluster: watchdog.Cluster, since: datetime) -> str:
        """Return why the cluster must be started again, or nothing when we are asked to stop."""
        while not self._is_asked_to_stop:
            if cluster.has_ended(within=LOOK_EVERY):
                return "" if self._is_asked_to_stop else "The worker has died."
            try:
                close_old_connections()
                if watchdog.is_silent(since=since, at=timezone.now()):
                    return "The worker has gone silent."
            except Error as error:
                self.stderr.write(f"The database does not answer, so nobody knows whether the worker does: {error}")
                since = timezone.now()
        return ""

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._is_asked_to_stop = True
