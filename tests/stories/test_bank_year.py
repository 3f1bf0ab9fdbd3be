"""The treasurer's week with the bank: a file comes, most of it books itself, the rest is cleared from the queue."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from invoicing.models import Invoice
from membership import roles
from membership.models import Period
from messaging.models import Message
from payments import ledger_check, tasks
from payments.from_bank import freshness
from payments.models import BankFile, BankLine, Payment
from tests.makers import NOW, TODAY, invoice_of, kroner, make_household, make_invoice, make_user, set_up_client
from tests.payments.banks.writers import camt, paid

pytestmark = pytest.mark.django_db
QUEUE = "/admin/treasury/unmatched/"


@pytest.fixture
def kari(db: Any, private_files: Any, monkeypatch: pytest.MonkeyPatch) -> Client:
    """The treasurer, at her desk."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    set_up_client()
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_user(roles.TREASURERS, first_name="Kari", last_name="Kasserer"))
    return client


def test_a_week_with_the_bank(kari: Client) -> None:
    """Alice pays by KID; Bob's family pays without; Carl pays twice over; Dora's money is for somebody else; the rent
    leaves; and the payout from Vipps is none of the invoices'."""
    alice, carl, dora = make_invoice("Alice"), make_invoice("Carl", "Clausen"), make_invoice("Dora", "Dahl")
    family = make_household("Bob", "Berit", paid=False)
    bobs = invoice_of(family.main_member)
    statement = camt(
        [
            paid("400", alice.kid, reference="1"),
            paid("600", name="BOB BERG", text="Kontingent", account="15035555558", reference="2"),
            paid("400", carl.kid, reference="3"), paid("400", carl.kid, reference="4"),
            paid("250", name="Feil Forening", text="Sommerfest", reference="5"),
            paid("1200", name="Vipps MobilePay AS", reference="6"), paid("-900", name="Utleieren", reference="7"),
        ],
        kind="053", version="08", opening="0", closing="2350",
    )  # fmt: skip
    page = kari.post("/admin/treasury/bank/", {"file": SimpleUploadedFile("uke-11.xml", statement)}, follow=True)
    file = BankFile.objects.get()
    assert "the balances before and after" in page.text
    assert (Payment.objects.count(), freshness.waiting_files_count()) == (0, 1)

    kari.post(f"/admin/treasury/bank/{file.pk}/agree/")
    tasks.go_on_with_bank_file.func(file.pk)
    assert list(BankLine.objects.order_by("position").values_list("state", "why")) == [
        ("booked", ""), ("queued", "no_kid"), ("booked", ""), ("booked", ""), ("queued", "no_kid"),
        ("queued", "payout"), ("outgoing", ""),
    ]  # fmt: skip
    assert freshness.unmatched_count() == 3

    page = kari.get(QUEUE)
    assert page.context["suggestions"][0].invoices == [bobs]
    line = page.context["line"]
    page = kari.post(f"{QUEUE}{line.pk}/", {"for": page.context["suggestions"][0].key, "verb": "confirm"}, follow=True)
    line = page.context["line"]
    assert line.payer_name == "Feil Forening"
    page = kari.post(f"{QUEUE}{line.pk}/", {"verb": "owe_back"}, follow=True)
    line = page.context["line"]
    page = kari.post(f"{QUEUE}{line.pk}/", {"verb": "aside", "reason": "Vipps, booked one by one"}, follow=True)
    assert "Nothing waits to be matched." in page.text

    assert (freshness.unmatched_count(), freshness.last_bank_day()) == (0, TODAY)
    left = {i.pk: i.open_amount for i in Invoice.objects.all()}
    assert left == {alice.pk: 0, bobs.pk: 0, carl.pk: 0, dora.pk: kroner("400")}
    assert Period.objects.unconfirmed().count() == 1
    unused = Payment.objects.filter(unused_amount__gt=0).order_by("amount").values_list("payer_name", "is_owed_back")
    assert list(unused) == [("Feil Forening", True), ("Carl Clausen", False)]
    assert Message.objects.filter(kind="payment_received").count() == 4
    assert ledger_check.check().problems == []
    assert Payment.objects.filter(recorded_by=None).count() == 0
