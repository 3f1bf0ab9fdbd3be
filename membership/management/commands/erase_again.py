"""`manage.py erase_again`: after a backup has been restored, erase whom it brought back."""

from typing import Any

from django.conf import settings
from django.utils import timezone, translation

from core.commands import Command as BaseCommand
from membership import erasing_again


class Command(BaseCommand):
    help = (
        "Erase again whom a restored backup has brought back, by the list that is kept outside the database. Run it "
        "right after a restore, before mail goes out; the night does the same. Run twice, the second does nothing."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(settings.CLIENT.site.language):
            result = erasing_again.reconcile(at=timezone.now())
            for line in (*result.warnings, *result.lines):
                self.stdout.write(line)
        self.stdout.write(str(result))
