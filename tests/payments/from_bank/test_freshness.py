"""How fresh the bank data are: what reminders ask before they go out."""

from datetime import date, timedelta
from typing import Any

import pytest

from payments.from_bank import freshness
from payments.models import BankFile, BankLook
from tests.makers import NOW, TODAY

pytestmark = pytest.mark.django_db


def a_file(until: date, **data: Any) -> BankFile:
    return BankFile.objects.create(**{
        "name": "bank.txt", "format": "ocr", "account": "86011117947", "state": "done", "until": until,
        "uploaded_at": NOW, **data,
    })  # fmt: skip


def test_without_any_file_nothing_is_known() -> None:
    assert (freshness.last_bank_day(), freshness.unmatched_count(), freshness.waiting_files_count()) == (None, 0, 0)


def test_the_newest_day_of_what_is_booked() -> None:
    a_file(TODAY - timedelta(days=3))
    a_file(TODAY - timedelta(days=9))
    a_file(TODAY, state="ready")
    a_file(TODAY, state="queued")
    assert (freshness.last_bank_day(), freshness.waiting_files_count()) == (TODAY - timedelta(days=3), 2)


def test_of_one_account() -> None:
    a_file(TODAY)
    a_file(TODAY - timedelta(days=5), account="12345678903")
    assert freshness.last_bank_day(account="12345678903") == TODAY - timedelta(days=5)
    assert freshness.last_bank_day(account="15035555558") is None


def test_somebody_has_looked_through_the_bank() -> None:
    a_file(TODAY - timedelta(days=3))
    BankLook.objects.create(until=TODAY, said_at=NOW)
    assert freshness.last_bank_day() == TODAY
    assert freshness.last_bank_day(account="86011117947") == TODAY - timedelta(days=3)
