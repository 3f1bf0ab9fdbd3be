"""What has to be put right in the books of money before a year can be closed (invoicing/closing.py asks)."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from payments import ledger_check


def of_closing(year: int) -> Iterator[str]:
    """A sentence for each thing in the way."""
    if problems := ledger_check.check().problems:
        yield _("The ledger check finds that something does not add up: %(problem)s") % {"problem": problems[0]}
