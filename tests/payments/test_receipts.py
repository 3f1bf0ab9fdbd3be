"""The receipt that the office prints from a payment, word for word."""

import io
from pathlib import Path

import pypdf
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from invoicing.models import Invoice
from membership import roles
from payments import intake
from payments.models import Payment
from tests.makers import NOW, TODAY, kroner, make_invoice, make_user, set_up_client

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "invoices"


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    set_up_client()
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_user(roles.TREASURERS))
    return client


def paid() -> Payment:
    invoice = make_invoice("Alice", "Ås & Sønn")
    return intake.record(
        amount=kroner("149.50"), received_on=TODAY, source="hand", at=NOW, by=None, source_reference="hand:1",
        invoices=[invoice],
    )  # fmt: skip


@pytest.mark.parametrize("language", ["nb", "en"])
def test_golden(office: Client, language: str) -> None:
    payment = paid()
    Invoice.objects.update(language=language, buyer_address="Fjordgata 1\n7010 Trondheim", member_number="1042")
    number = Invoice.objects.get().number
    address = reverse("payments_receipt", args=[payment.pk, number])
    assert address in office.get(reverse("payments_payment", args=[payment.pk])).content.decode()
    answer = office.get(address)
    assert answer["Content-Type"] == "application/pdf"
    [page] = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    assert page.extract_text() + "\n" == (GOLDEN / f"receipt.{language}.txt").read_text(encoding="utf-8")


def test_none_of_what_it_did_not_cover_or_is_undone(office: Client) -> None:
    payment, other = paid(), make_invoice("Bob")
    assert office.get(reverse("payments_receipt", args=[payment.pk, other.number])).status_code == 404
    address = reverse("payments_receipt", args=[payment.pk, Invoice.objects.order_by("number")[0].number])
    assert office.get(address).status_code == 200
    intake.reverse(payment=payment, at=NOW, by=None, reason="Registered twice")
    assert office.get(address).status_code == 404
    assert address not in office.get(reverse("payments_payment", args=[payment.pk])).content.decode()
