"""`manage.py nightly`: what the association does every night, by itself."""

from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone, translation

from config import nightly
from core.commands import Command as BaseCommand
from core.errors import Refused
from core.results import Result

SHOWN = 20
FARTHEST_YEARS = 10


class Command(BaseCommand):
    help = (
        "Do what is due on a date: trials and terms that end, notices, renewal with invoices, striking. Run twice, the "
        "second does nothing; missed nights are caught up. Runs by itself at ten past three."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--on", metavar="DATE", help="the date to do, like 2027-01-02 (default: today)")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and write nothing")
        parser.add_argument("--all", action="store_true", help=f"name everybody, not only the first {SHOWN} of a step")

    def handle(self, *args: Any, on: str | None, dry_run: bool, all: bool, **options: Any) -> None:
        today = timezone.localdate()
        day = today if on is None else _date(on, today)
        with translation.override(settings.CLIENT.site.language):
            self.stdout.write(f"{day:%Y-%m-%d}{' (dry run: nothing is written)' if dry_run else ''}")
            try:
                total = self._rehearse(day, all) if dry_run else self._run(day, all)
            except Refused as refusal:
                raise CommandError(refusal.sentence) from refusal
            self.stdout.write(str(total))

    def _rehearse(self, day: date, all: bool) -> Result:
        """Do everything, then take it back: what is printed is exactly what would happen."""
        with transaction.atomic():
            total = self._run(day, all)
            transaction.set_rollback(True)
        return total

    def _run(self, day: date, all: bool) -> Result:
        total = Result()
        for title, result in nightly.run(on=day, at=timezone.now()):
            self.stdout.write(f"{title}: {result}")
            shown = result.lines if all else result.lines[:SHOWN]
            for line in shown:
                self.stdout.write(f"  {line}")
            if len(shown) < len(result.lines):
                self.stdout.write(f"  … and {len(result.lines) - len(shown)} more (--all names everybody)")
            for warning in result.warnings:
                self.stderr.write(f"  {warning}")
            total.merge(result)
        return total


def _date(text: str, today: date) -> date:
    """The date that somebody typed. One far away is a slip: it would strike everybody off who has not paid by then."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text!r} is not a date. Write it as year-month-day, like 2027-01-02.") from None
    if abs(day.year - today.year) > FARTHEST_YEARS:
        raise CommandError(
            f"{text} is more than {FARTHEST_YEARS} years from today. Write it as year-month-day, like 2027-01-02."
        )
    return day
