"""`manage.py worker`: background work, and a watchdog that starts it again when it has died or gone silent."""

import signal
import time
from argparse import ArgumentParser
from datetime import datetime
from types import FrameType
from typing import Any

from django.core.management.base import CommandError
from django.db import Error, connection
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
            self._ask_for_what_was_left()
            cluster = watchdog.Cluster(patience=patience)
            try:
                why = self._watch(cluster, started)
            finally:
                cluster.stop()
            if cluster.has_failed and time.monotonic() - began < TOO_SOON:
                raise CommandError(f"{why} That was at once after its start, so it is not tried again: see above.")
            if why:
                self.stderr.write(f"{why} Starting it again.")

    def _ask_for_what_was_left(self) -> None:
        try:
            watchdog.ask_for_what_was_left()
        except Error as error:
            self.stderr.write(f"The database does not answer: {error}")
            connection.close()

    def _watch(self, cluster: watchdog.Cluster, since: datetime) -> str:
        """Return why the cluster must be started again, or nothing when we are asked to stop.

        Our connection stays open and is not looked after: a database that was stopped and started has broken it, and
        whatever the cluster had in hand, however short that was.
        """
        is_away = False
        while not self._is_asked_to_stop:
            if cluster.has_ended(within=LOOK_EVERY):
                return "" if self._is_asked_to_stop else "The worker has died."
            try:
                is_silent = watchdog.is_silent(since=since, at=timezone.now())
            except Error as error:
                if not is_away:
                    self.stderr.write(f"The database does not answer, so nobody knows whether the worker does: {error}")
                is_away = True
                connection.close()
                continue
            if is_away:
                return "The database was away."
            if is_silent:
                return "The worker has gone silent."
        return ""

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._is_asked_to_stop = True
