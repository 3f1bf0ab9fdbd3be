"""How much we know of what the bank knows: asked before anybody is reminded of what they may have paid."""

from datetime import date

from payments.models import BankFile, BankLine, BankLook


def last_bank_day(*, account: str = "") -> date | None:
    """The last day the bank's movements are known of, by its files or by somebody's word that all is registered; None
    when nobody knows anything.

    With an account number, what the files say of that account alone. A file that still waits for somebody's yes, or is
    being booked, does not count.
    """
    files = BankFile.objects.filter(state=BankFile.State.DONE, until__isnull=False)
    if account:
        files = files.filter(account__contains=account)
    told = files.order_by().values_list("until", flat=True)
    said = BankLook.objects.order_by().values_list("until", flat=True)
    days = told if account else told.union(said)  # one question
    return days.order_by("-until").first()


def unmatched_count() -> int:
    """How many bank lines nobody has said anything about yet, whatever their age."""
    return BankLine.objects.unmatched().count()


def waiting_files_count() -> int:
    """How many bank files have been brought, but wait for somebody's yes or are being booked."""
    return BankFile.objects.exclude(state=BankFile.State.DONE).count()
