"""The night as a command: tells what it would do, does it once, and names a wrong date."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from invoicing.models import Invoice
from membership.models import Period
from messaging.models import Message
from payments import intake
from tests.makers import NOW, TODAY, make_household, make_member

pytestmark = pytest.mark.django_db


def night(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("nightly", *arguments, stdout=out, stderr=out)
    return out.getvalue().splitlines()


def test_a_rehearsal_says_what_the_night_then_does_and_a_second_night_does_nothing() -> None:
    make_household("Alice", "Anna", paid=False)
    make_member("Bob", paid=False)
    for invoice in Invoice.objects.all():
        intake.record(amount=invoice.total, received_on=TODAY, source="ocr", source_reference=str(invoice.number),
                      at=NOW, by=None, kid=invoice.kid)  # fmt: skip
    before = (Period.objects.count(), Invoice.objects.count(), Message.objects.count())

    rehearsal = night("--on", "2027-01-02", "--dry-run")
    assert (Period.objects.count(), Invoice.objects.count(), Message.objects.count()) == before
    done = night("--on", "2027-01-02")
    assert rehearsal[0] == "2027-01-02 (dry run: nothing is written)"
    assert [line for line in done[1:] if "opened" in line] == [line for line in rehearsal[1:] if "opened" in line]
    assert "Fornyelse: opened 3" in done
    assert "  Bob Ås: E fra 2027-01-01" in done

    year = Invoice.objects.filter(issued_on=date(2027, 1, 2))
    assert sorted(year.values_list("buyer_name", "total")) == [("Alice Berg", 600), ("Bob Ås", 400)]
    assert night("--on", "2027-01-02")[-1] == "nothing to do"
    call_command("ledger_check", stdout=StringIO())


def test_only_the_first_are_named_unless_all_are_asked_for() -> None:
    for number in range(22):
        make_member(f"Ola{number}", email="")
    assert "  … and 2 more (--all names everybody)" in night("--on", "2027-01-02", "--dry-run")
    assert len([line for line in night("--on", "2027-01-02", "--dry-run", "--all") if "E fra" in line]) == 22


def test_a_wrong_date_is_answered_with_a_sentence() -> None:
    with pytest.raises(CommandError, match=r"is not a date\. Write it as year-month-day"):
        night("--on", "second of January")
