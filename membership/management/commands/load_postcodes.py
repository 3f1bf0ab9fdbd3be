"""manage.py load_postcodes FILE"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from core.commands import Command as BaseCommand
from core.errors import Refused
from membership import postcodes


class Command(BaseCommand):
    help = "Takes Posten's postcode register from a file (tab-separated, CP1252) and uses it from now on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the file as it comes from Posten")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = postcodes.load(options["file"])
        except Refused as refused:
            raise CommandError(refused.sentence) from None
        self.stdout.write(f"{count} postcodes loaded.")
