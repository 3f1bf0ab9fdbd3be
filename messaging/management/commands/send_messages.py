"""Send what is due, in this process: for a computer without a worker, for cron, and for the tests."""

import signal
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.utils import timezone

from core.commands import Command as BaseCommand
from messaging import sending, sweeping


class Command(BaseCommand):
    help = "Send all messages that are due now. SIGTERM ends it after the message in hand."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sweep", action="store_true", help="first settle what dead workers have left behind")

    def handle(self, *args: Any, sweep: bool, **options: Any) -> None:
        asked_to_stop = False

        def stop(_number: int, _frame: FrameType | None) -> None:
            nonlocal asked_to_stop
            asked_to_stop = True

        before = signal.signal(signal.SIGTERM, stop)
        try:
            if sweep:
                self.stdout.write(f"Swept: {sweeping.sweep(at=timezone.now())}.")
            result = sending.send_due(at=timezone.now(), stopping=lambda: asked_to_stop)
            self.stdout.write(f"Messages: {result}.")
            while result.changed and not asked_to_stop:
                result = sending.send_due(at=timezone.now(), stopping=lambda: asked_to_stop)
                self.stdout.write(f"Messages: {result}.")
        finally:
            signal.signal(signal.SIGTERM, before)
