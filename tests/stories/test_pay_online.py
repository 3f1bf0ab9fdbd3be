"""Alice pays her household's invoice with a few taps, closes her browser too early once, and gets her money back in the
end. Bob, her husband, sees that it is paid; Charlie sees nothing of it.

The provider is the memory twin; everything else is what members and the office use.
"""

import re
from typing import Any

import pytest
from django.test import Client

from membership import roles
from membership.models import Member, Period
from messaging.models import Message
from payments import ledger_check
from payments.models import Payment, ProviderPayment
from payments.tasks import look_at_payments
from tests.makers import NOW, TODAY, invoice_of, kroner, make_household, make_invoice, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def browser_of(member: Member) -> Client:
    browser = Client(headers={"accept-language": "en"})
    assert member.user
    browser.force_login(member.user)
    return browser


def press(browser: Client, page: str, number: int) -> str:
    """Press "Pay with …" on a page, and return where it leads."""
    form = re.search(rf'action="(/betal/[^"]+)" aria-label="Pay invoice {number}"', page)
    assert form
    return str(browser.post(form[1], {"provider": "memory"})["Location"])


def test_a_household_pays_at_once(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: TODAY)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    settings.PAYMENT_PROVIDERS = {"memory": {"BACKEND": "payments.providers.memory.MemoryProvider"}}
    family = make_household("Alice", "Bob", last_name="Berg", paid=False)
    invoice = invoice_of(family.main_member)
    charlie = make_invoice("Charlie", "Chen").member

    # The mail has a link; whoever is not logged in may use it. Alice opens it and says no at the provider.
    mail = Message.objects.get(kind="invoice", address="alice@example.no")
    link = re.search(r"http://127\.0\.0\.1:8000(/betal/\S+)", mail.body_text)
    assert link
    phone = Client(headers={"accept-language": "en"})
    page = phone.get(link[1]).text
    assert "Berg" not in page and "Pay with play money" in page
    back = phone.post(press(phone, page, invoice.number), {"answer": "no"})
    assert "No money was taken." in phone.get(back["Location"]).text

    # On My page she tries again, says yes, and loses her connection before she is back.
    alice = browser_of(family.main_member)
    at_provider = press(alice, alice.get("/min-side/").text, invoice.number)
    Client().post(at_provider, {"answer": "yes"})
    assert not Payment.objects.exists()
    ProviderPayment.objects.filter(state="waiting").update(look_at=NOW)
    look_at_payments.enqueue()

    # The sweep has asked: it is paid, once, with a receipt, and the household is confirmed.
    payment = Payment.objects.get()
    assert (payment.amount, payment.payer, payment.source) == (kroner("600"), family.main_member, "provider")
    assert [row.state for row in ProviderPayment.objects.order_by("pk")] == ["cancelled", "paid"]
    receipt = Message.objects.get(kind="payment_received")
    assert receipt.address == "alice@example.no" and "kr\u00a0600" in receipt.body_text
    assert set(Period.objects.filter(member__in=family.members).values_list("confirmed_on", flat=True)) == {TODAY}
    assert (
        "Thank you, it is paid"
        in alice.get(f"/betal/retur/{ProviderPayment.objects.get(state='paid').reference}/").text
    )
    assert "Pay with" not in alice.get("/min-side/").text
    assert "kr\u00a0600" in alice.get("/min-side/betalinger/").text
    assert "kr\u00a0600" not in browser_of(charlie).get("/min-side/betalinger/").text
    assert ledger_check.check().problems == []

    # She had paid for the wrong year, and the treasurer pays it back.
    treasurer = Client(headers={"accept-language": "en"})
    treasurer.force_login(make_user(roles.TREASURERS))
    online = ProviderPayment.objects.get(state="paid")
    assert "Alice Berg" in treasurer.get("/admin/online-payments/").text
    why = {"amount": "600", "reason": "Paid for the wrong year"}
    treasurer.post(f"/admin/treasury/online/{online.pk}/refund/", why)
    online.refresh_from_db()
    invoice.refresh_from_db()
    assert (online.state, invoice.open_amount) == ("refunded", kroner("600"))
    told = Message.objects.get(kind="payment_undone")
    assert told.address == "alice@example.no" and "wrong year" not in told.body_text
    assert Period.objects.filter(member__in=family.members, confirmed_on__isnull=False).count() == 0
    assert "Pay with play money" in alice.get("/min-side/fakturaer/").text
    assert ledger_check.check().problems == []
