"""Bank files brought and booked, by the same functions as the office and the worker use."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from core.models import User
from payments.from_bank import bank_files
from payments.models import BankFile, BankLine
from tests.makers import NOW
from tests.payments.banks.writers import ACCOUNT, Paid, camt, ocr

_names = count(1)


def brought(data: bytes, *, by: User | None = None, name: str = "bank.txt") -> BankFile:
    """A file that waits for somebody's yes."""
    return bank_files.bring(data=data, name=name, account=ACCOUNT, at=NOW, by=by).file


def booked(data: bytes, *, by: User | None = None) -> BankFile:
    """A file that somebody has said yes to, and the worker has gone through."""
    file = brought(data, by=by)
    assert bank_files.agree(file=file, at=NOW, by=by)
    return bank_files.finish(file=file, at=NOW)


def lines_of(payments: Sequence[Paid], **options: Any) -> list[BankLine]:
    """The lines of a camt file with these payments, gone through in this order: each has a reference after the last."""
    payments = [
        payment if payment.reference else replace(payment, reference=f"R{next(_names):06}") for payment in payments
    ]
    return list(booked(camt(payments, **options)).lines.order_by("position", "pk"))


def states(file: BankFile) -> list[tuple[str, str]]:
    """What became of each line, in the file's order, and why."""
    return list(file.lines.order_by("position", "pk").values_list("state", "why"))


__all__ = ["booked", "brought", "lines_of", "ocr", "states"]
