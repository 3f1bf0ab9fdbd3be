"""The page where an invoice is paid at once, the way back, and the door for webhooks; and nothing of it when off."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from config import payment_providers
from core import tokens
from invoicing import mails
from invoicing.models import Invoice
from invoicing.ways_to_pay import link_to_pay
from membership.models import Member
from payments import ledger_check
from payments.models import Payment, ProviderPayment
from payments.online import pay_links
from payments.providers import memory
from payments.providers.memory.webhook import signature
from tests.makers import NOW, TODAY, make_invoice, make_member

pytestmark = pytest.mark.django_db
ON = {"memory": {"BACKEND": "payments.providers.memory.MemoryProvider", "OPTIONS": {"webhook_secret": "a secret"}}}
TWO = {**ON, "again": {"BACKEND": "payments.providers.memory.MemoryProvider"}}


@pytest.fixture
def invoice() -> Invoice:
    return make_invoice(first_names="Alice", last_name="Hemmelig", on=TODAY)


@pytest.fixture
def visitor() -> Client:
    return Client(headers={"accept-language": "en"})


def browser_of(member: Member) -> Client:
    client = Client(headers={"accept-language": "en"})
    assert member.user
    client.force_login(member.user)
    return client


def press(visitor: Client, invoice: Invoice) -> ProviderPayment:
    visitor.post(pay_links.path_to_pay(invoice), {"provider": "memory"})
    return ProviderPayment.objects.get()


def test_off_there_is_no_button_and_no_link_anywhere(invoice: Invoice, visitor: Client) -> None:
    member = browser_of(invoice.member)
    pages = [member.get("/min-side/"), member.get("/min-side/fakturaer/"), visitor.get(pay_links.path_to_pay(invoice))]
    assert [page.status_code for page in pages] == [200, 200, 200]
    assert [page.text for page in pages if "Pay with" in page.text or 'name="provider"' in page.text] == []
    assert link_to_pay(invoice) == ""
    message = mails.invoice(invoice=invoice, at=NOW)
    assert "/betal/" not in message.body_text + message.body_html
    answer = visitor.post(pay_links.path_to_pay(invoice), {"provider": "memory"})
    assert (answer.status_code, ProviderPayment.objects.count()) == (422, 0)
    assert "This way to pay is not in use" in answer.text


def test_on_my_page_has_a_button_for_each_way(invoice: Invoice, settings: Any) -> None:
    settings.PAYMENT_PROVIDERS = TWO
    for address in ("/min-side/", "/min-side/fakturaer/"):
        page = browser_of(invoice.member).get(address).text
        assert page.count("Pay with play money") == 2
        assert page.count('name="provider" value="memory"') == page.count('name="provider" value="again"') == 1


def test_on_the_mail_has_a_link(invoice: Invoice, settings: Any, visitor: Client) -> None:
    settings.PAYMENT_PROVIDERS = ON
    message = mails.invoice(invoice=invoice, at=NOW)
    link = link_to_pay(invoice)
    assert link.startswith("http://127.0.0.1:8000/betal/")
    assert f"Betal nå: {link}" in message.body_text or f"Pay now: {link}" in message.body_text
    assert f'href="{link}"' in message.body_html
    page = visitor.get(link.removeprefix("http://127.0.0.1:8000"))
    assert page.status_code == 200


def test_who_has_the_link_sees_the_invoice_and_not_whose_it_is(
    invoice: Invoice, settings: Any, visitor: Client
) -> None:
    settings.PAYMENT_PROVIDERS = ON
    page = visitor.get(pay_links.path_to_pay(invoice))
    assert page.context["invoice"] == invoice
    assert "Alice" not in page.text and "Hemmelig" not in page.text
    assert "no-store" in page["Cache-Control"]
    assert not ProviderPayment.objects.exists()  # looking does nothing


def test_a_link_of_another_kind_or_a_changed_one_opens_nothing(
    invoice: Invoice, settings: Any, visitor: Client
) -> None:
    settings.PAYMENT_PROVIDERS = ON
    other = make_invoice("Bob", on=TODAY)
    good = pay_links.path_to_pay(invoice)
    forged = [
        reverse("pay_invoice", args=[tokens.make("join-draft", invoice.number)]),
        reverse("pay_invoice", args=[tokens.make("pay", 987654)]),
        reverse("pay_invoice", args=[str(other.number)]),
        good[:-4] + "xxx/",
    ]
    assert [visitor.get(address).status_code for address in forged] == [404] * 4
    assert [visitor.post(address, {"provider": "memory"}).status_code for address in forged] == [404] * 4


def test_the_button_leads_to_the_provider_and_back(invoice: Invoice, settings: Any, visitor: Client) -> None:
    settings.PAYMENT_PROVIDERS = ON
    sent = visitor.post(pay_links.path_to_pay(invoice), {"provider": "memory"})
    online = ProviderPayment.objects.get()
    assert (sent.status_code, sent["Location"]) == (303, f"/betal/prov/{online.reference}/")
    back = visitor.post(sent["Location"], {"answer": "yes"})
    page = visitor.get(back["Location"])
    assert "Thank you, it is paid" in page.text
    assert "Hemmelig" not in page.text and "no-store" in page["Cache-Control"]
    assert Payment.objects.get().amount == 400
    assert ledger_check.check().problems == []
    assert "Nothing is left to pay" in visitor.get(pay_links.path_to_pay(invoice)).text


def test_the_way_back_is_not_believed(invoice: Invoice, settings: Any, visitor: Client) -> None:
    settings.PAYMENT_PROVIDERS = ON
    online = press(visitor, invoice)
    lies = "?state=paid&status=COMPLETED&captured=400&session_id=cs_1&redirect_status=succeeded"
    page = visitor.get(reverse("payment_return", args=[online.reference]) + lies)
    assert "We wait for the payment" in page.text
    assert not Payment.objects.exists()
    memory.say_no(online.reference)
    page = visitor.get(reverse("payment_return", args=[online.reference]) + lies)
    assert "The payment was cancelled" in page.text and "Pay with play money" in page.text


def test_a_silent_provider_is_said_and_nothing_is_lost(invoice: Invoice, settings: Any, visitor: Client) -> None:
    settings.PAYMENT_PROVIDERS = {"memory": {**ON["memory"], "OPTIONS": {"fails": ("start",)}}}
    page = visitor.post(pay_links.path_to_pay(invoice), {"provider": "memory"})
    assert page.status_code == 422
    assert "Memory does not answer just now. Try again in a minute, or pay in your bank with the KID." in page.text
    settings.PAYMENT_PROVIDERS = ON
    online = press(visitor, invoice)
    settings.PAYMENT_PROVIDERS = {"memory": {**ON["memory"], "OPTIONS": {"fails": ("read",)}}}
    assert "We wait for the payment" in visitor.get(reverse("payment_return", args=[online.reference])).text


def test_forms_ask_for_their_token(invoice: Invoice, settings: Any) -> None:
    settings.PAYMENT_PROVIDERS = ON
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(pay_links.path_to_pay(invoice), {"provider": "memory"}).status_code == 403
    assert not ProviderPayment.objects.exists()


def test_play_money_has_a_page_only_where_it_is_on(invoice: Invoice, settings: Any, visitor: Client) -> None:
    settings.PAYMENT_PROVIDERS = ON
    online = press(visitor, invoice)
    address = reverse("try_out_payment", args=[online.reference])
    assert visitor.get(address).status_code == 200
    settings.PAYMENT_PROVIDERS = {}
    assert visitor.get(address).status_code == visitor.post(address, {"answer": "yes"}).status_code == 404


# --- webhooks ---


def tell(online: ProviderPayment, *, number: str = "1", ago: timedelta = timedelta(), **changes: Any) -> int:
    body = json.dumps({"id": number, "kind": "yes", "reference": online.reference}).encode()
    sent_at = (datetime.now(UTC) - ago).isoformat()
    mac = changes.get("signature") or signature(body, sent_at=sent_at, secret="a secret")
    answer = Client(enforce_csrf_checks=True).post(
        changes.get("address", "/betal/varsel/memory/"), body, content_type="application/json",
        headers={"x-sent-at": sent_at, "x-signature": mac},
    )  # fmt: skip
    return int(answer.status_code)


@pytest.mark.django_db(transaction=True)
def test_a_webhook_books_the_money_once(invoice: Invoice, settings: Any, visitor: Client) -> None:
    settings.PAYMENT_PROVIDERS = ON
    online = press(visitor, invoice)
    memory.say_yes(online.reference)
    assert [tell(online), tell(online), tell(online, number="2"), tell(online)] == [200, 200, 200, 200]
    assert Payment.objects.count() == 1
    assert ledger_check.check().problems == []


@pytest.mark.django_db(transaction=True)
def test_a_webhook_that_is_forged_old_or_for_nobody_has_no_effect(
    invoice: Invoice, settings: Any, visitor: Client
) -> None:
    settings.PAYMENT_PROVIDERS = ON
    online = press(visitor, invoice)
    memory.say_yes(online.reference)
    assert tell(online, signature="0" * 64) == 400
    assert tell(online, ago=timedelta(minutes=6)) == 400
    assert tell(online, ago=-timedelta(minutes=6)) == 400
    assert tell(online, address="/betal/varsel/vipps/") == 404
    assert tell(ProviderPayment(reference="hnm-unknown")) == 200
    assert Client().post("/betal/varsel/memory/", b"x" * 300_000, content_type="text/plain").status_code == 413
    assert Client().get("/betal/varsel/memory/").status_code == 405
    online.refresh_from_db()
    assert (online.state, online.events.exclude(event_id="").count(), Payment.objects.count()) == ("waiting", 0, 0)


# --- settings ---


def test_the_policy_lets_the_browser_go_only_to_what_is_on(monkeypatch: pytest.MonkeyPatch) -> None:
    assert django_settings.SECURE_CSP["form-action"] == ["'self'"]
    monkeypatch.setenv("PAYMENT_PROVIDERS", "stripe")
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk")
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec")
    assert payment_providers.form_targets(payment_providers.read()) == ["https://checkout.stripe.com"]
    assert payment_providers.form_targets({}) == []


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAYMENT_PROVIDERS", raising=False)
    assert payment_providers.read() == {}
    monkeypatch.setenv("PAYMENT_PROVIDERS", "paypal")
    for name in ("CLIENT_ID", "CLIENT_SECRET", "WEBHOOK_ID"):
        with pytest.raises(Exception, match=rf"PAYPAL_{name} is not set. Set PAYPAL_{name}"):
            payment_providers.read()
        monkeypatch.setenv(f"PAYPAL_{name}", name.lower())
    monkeypatch.setenv("PAYPAL_URL", "https://api-m.sandbox.paypal.com")
    assert payment_providers.read() == {
        "paypal": {
            "BACKEND": "payments.providers.paypal.PayPalProvider",
            "OPTIONS": {"client_id": "client_id", "client_secret": "client_secret", "webhook_id": "webhook_id",
                        "base_url": "https://api-m.sandbox.paypal.com"},
        }
    }  # fmt: skip


@pytest.mark.parametrize("name", ["memory", "bitcoin"])
def test_play_money_and_unknown_names_stop_a_site_in_use(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYMENT_PROVIDERS", name)
    with pytest.raises(Exception, match=f"names '{name}'. Use vipps, stripe, paypal"):
        payment_providers.read()


def test_a_member_without_an_open_invoice_has_no_button(settings: Any) -> None:
    settings.PAYMENT_PROVIDERS = ON
    page = browser_of(make_member("Nora", type_code="E", on=TODAY, paid=True)).get("/min-side/fakturaer/")
    invoice = Invoice.objects.get()
    assert invoice.open_amount == 400  # confirmed by hand, so the invoice is open
    assert "Pay with play money" in page.text
    Invoice.objects.update(open_amount=0)
    assert "Pay with" not in browser_of(invoice.member).get("/min-side/fakturaer/").text


def test_money_that_the_treasurer_has_dealt_with_is_not_called_cancelled(
    invoice: Invoice, settings: Any, visitor: Client
) -> None:
    settings.PAYMENT_PROVIDERS = ON
    online = press(visitor, invoice)
    ProviderPayment.objects.update(state="set_aside", captured_amount=300)
    page = visitor.get(reverse("payment_return", args=[online.reference])).text
    assert "The treasurer has dealt with it" in page
    assert "No money was taken" not in page and 'name="provider"' not in page
