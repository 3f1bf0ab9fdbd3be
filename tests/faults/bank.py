"""What the children of the nursery do with bank files: each function is called in a process of its own."""

from pathlib import Path

from django.utils import timezone

from payments.banks.lines import Unreadable
from payments.from_bank import bank_files
from payments.models import BankFile
from tests.payments.banks.writers import ACCOUNT


def bring_and_book(path: str) -> None:
    """What a treasurer and the worker do with a file, from the first click to the last line."""
    data = Path(path).read_bytes()
    file = bank_files.bring(data=data, name=Path(path).name, account=ACCOUNT, at=timezone.now(), by=None).file
    bank_files.agree(file=file, at=timezone.now(), by=None)
    book_all()


def bring_what_is_refused(path: str) -> None:
    """A file that does not add up: the process ends well only if it was refused."""
    try:
        bring_and_book(path)
    except Unreadable:
        return
    raise AssertionError("The file was taken.")


def book_all() -> None:
    """What the worker does when it is rung for."""
    for pk in BankFile.objects.under_way().values_list("pk", flat=True):
        while bank_files.go_on(file_id=pk, at=timezone.now()):
            pass
