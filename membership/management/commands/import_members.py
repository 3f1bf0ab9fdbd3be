"""`manage.py import_members`: a register from a file into the registry."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone, translation

from core.commands import Command as BaseCommand
from core.errors import Refused
from membership.imports import applying, planning, reading


class Command(BaseCommand):
    help = (
        "Import members from a CSV file: columns are found by their headings, households by household_id and "
        "household_role. Who is in the registry already is changed or left; running it again changes nothing. New "
        "members get a confirmed period of the current year."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="a CSV file: UTF-8, UTF-16 or CP1252")
        parser.add_argument("--types", default="", metavar="PAIRS",
                            help='what the file calls your types, like "Ordinary=E,Senior=UTP"')  # fmt: skip
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and write nothing")

    def handle(self, *args: Any, file: str, types: str, dry_run: bool, **options: Any) -> None:
        path = Path(file)
        if not path.is_file():
            raise CommandError(f"There is no file {file!r}. Check the name and the folder.")
        with translation.override(settings.CLIENT.site.language):
            try:
                self._import(path, types, dry_run)
            except Refused as refusal:
                raise CommandError(refusal.sentence) from refusal
            except PermissionError as error:
                raise CommandError(f"You may not read {file!r}. Ask its owner for permission.") from error

    def _import(self, path: Path, types: str, dry_run: bool) -> None:
        on, at = timezone.localdate(), timezone.now()
        sheet = reading.read(path.read_bytes())
        plan = planning.plan(sheet=sheet, on=on, types=planning.parse_types(types))
        if plan.unknown_headings:
            self.stdout.write(f"Not understood and left out: {', '.join(plan.unknown_headings)}")
        for row in plan.rows:
            for warning in row.warnings:
                self.stdout.write(f"line {row.line}, {row.name}: {warning}")
        for row in plan.of(planning.REFUSED):
            self.stdout.write(f"line {row.line}, {row.name or 'no name'}: refused. {row.reason}")
        counts = plan.counts()
        if not dry_run:
            applying.apply(plan=plan, on=on, at=at)
        words = ("to create", "to change") if dry_run else ("created", "changed")
        self.stdout.write(
            f"{counts['create']} {words[0]}, {counts['change']} {words[1]}, {counts['unchanged']} unchanged, "
            f"{counts['refused']} refused"
        )
