"""`manage.py ledger_check`: does the money add up?"""

import sys
from typing import Any

from core.commands import Command as BaseCommand
from payments import ledger_check


class Command(BaseCommand):
    help = "Proves that invoices, payments and memberships agree. Ends with a line of counts; exits with 1 if not."

    def handle(self, *args: Any, **options: Any) -> None:
        report = ledger_check.check()
        for problem in report.problems:
            self.stdout.write(self.style.ERROR(problem))
        self.stdout.write(report.last_line)
        if report.problems:
            sys.exit(1)
