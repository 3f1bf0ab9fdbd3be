"""`manage.py import_members`: a register from a file into the registry, and out again."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone, translation

from core.commands import Command as BaseCommand
from core.errors import Refused
from membership.imports import columns, planning, runs
from membership.models import ImportRow, ImportRun


class Command(BaseCommand):
    help = (
        "Import members from a CSV or XLSX file: columns are found by their headings, households by household_id and "
        "household_role. Who is in the registry already is changed or left; running it again changes nothing. New "
        "members get a confirmed period of the current year. The import can be undone, here or in the office."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", metavar="FILE", help="a CSV file (UTF-8, UTF-16 or CP1252) or XLSX")
        parser.add_argument("--types", default="", metavar="PAIRS",
                            help='what the file calls your types, like "Ordinary=E,Senior=UTP"')  # fmt: skip
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and write nothing")
        parser.add_argument("--all-or-nothing", action="store_true", help="import nothing if a row is refused")
        parser.add_argument("--undo", type=int, metavar="NUMBER", help="take back the import with this number")

    def handle(
        self, *args: Any, file: str | None, types: str, dry_run: bool, all_or_nothing: bool, undo: int | None,
        **options: Any,
    ) -> None:  # fmt: skip
        if (file is None) == (undo is None):
            raise CommandError("Name a file to import, or --undo and the number of an import.")
        with translation.override(settings.CLIENT.site.language):
            try:
                if undo is not None:
                    self._undo(undo)
                else:
                    self._import(Path(str(file)), types, dry_run, all_or_nothing)
            except Refused as refusal:
                raise CommandError(refusal.sentence) from refusal

    def _import(self, path: Path, types: str, dry_run: bool, all_or_nothing: bool) -> None:
        if not path.is_file():
            raise CommandError(f"There is no file {path}. Check the name and the folder.")
        on, at = timezone.localdate(), timezone.now()
        words = planning.parse_types(types)
        planning.types(words)
        with path.open("rb") as file:
            run = runs.start(file=file, name=path.name, at=at, by=None)
        try:
            runs.choose_types(run=run, types={**run.types, **words})
            runs.look(run=run, at=at)
            runs.finish(run=run, on=on, at=at)
            if not dry_run and run.state == ImportRun.State.READY:
                runs.agree(run=run, at=at, all_or_nothing=all_or_nothing)
                runs.finish(run=run, on=on, at=at)
            self._say(run, dry_run)
        finally:
            if run.state in {ImportRun.State.UPLOADED, ImportRun.State.READY}:
                run.file.delete(save=False)
                run.delete()

    def _say(self, run: ImportRun, dry_run: bool) -> None:
        if run.problem:
            raise CommandError(run.problem)
        if left_out := columns.left_out(run.headings, run.columns):
            self.stdout.write(f"Not understood and left out: {', '.join(left_out)}")
        for row in run.rows.exclude(warnings=[]).order_by("line").iterator():
            for warning in row.warnings:
                self.stdout.write(f"line {row.line}, {row.name}: {warning}")
        for row in run.rows.filter(action=ImportRow.Action.REFUSED).order_by("line").iterator():
            self.stdout.write(f"line {row.line}, {row.name or 'no name'}: refused. {row.reason}")
        if not dry_run:
            self.stdout.write(f"To take it back: manage.py import_members --undo {run.pk}")
        counts = run.counts
        done = ("to create", "to change") if dry_run else ("created", "changed")
        self.stdout.write(
            f"{counts['create']} {done[0]}, {counts['change']} {done[1]}, {counts['unchanged']} unchanged, "
            f"{counts['refused']} refused"
        )

    def _undo(self, number: int) -> None:
        run = ImportRun.objects.filter(pk=number).first()
        if run is None:
            raise CommandError(f"There is no import {number}. The office's menu Members, Import lists them.")
        on, at = timezone.localdate(), timezone.now()
        if not runs.undo(run=run, at=at, by=None):
            raise CommandError(f"There is nothing to take back of import {number}: it is {run.get_state_display()}.")
        runs.finish(run=run, on=on, at=at)
        for row in run.rows.filter(outcome=ImportRow.Outcome.KEPT).order_by("line").iterator():
            self.stdout.write(f"line {row.line}, {row.name}: kept. {row.reason}")
        counts = run.counts
        self.stdout.write(f"{counts['taken_out']} taken out, {counts['restored']} restored, {counts['kept']} kept")
