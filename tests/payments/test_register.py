"""The treasurer's keyboard form, as the browser sends it."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from invoicing.models import Invoice
from payments import intake
from payments.models import Payment
from tests.makers import kroner, make_invoice, make_user, set_up_client
from tests.payments.test_credit import next_year

pytestmark = pytest.mark.django_db
PAGE = "/admin/treasury/register/"
LONG_AGO = timedelta(days=40)


@pytest.fixture
def kari(client: Client) -> Any:
    """Kari Kasserer, logged in, in English."""
    set_up_client()
    user = make_user("Treasurers", username="kari", first_name="Kari", last_name="Kasserer")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.cookies["django_language"] = "en"
    with translation.override("en"):
        yield user


@pytest.fixture
def today() -> date:
    return timezone.localdate()


def an_invoice(today: date, name: str = "Alice", **data: Any) -> Invoice:
    invoice = make_invoice(name, on=today - LONG_AGO, **data)
    assert isinstance(invoice, Invoice)
    return invoice


def typed(invoice: Invoice, today: date, **changes: Any) -> dict[str, Any]:
    """What the form sends."""
    return {
        "invoice": invoice.pk, "amount": "400", "received_on": today.isoformat(), "token": str(uuid4()), **changes,
    }  # fmt: skip


def notices(response: Any) -> list[str]:
    """What the last request said. A test that reads no page in between collects those before it, too."""
    return [str(message).replace("\u00a0", " ").strip() for message in response.context["messages"]][-1:]


def test_a_kid_leads_straight_to_the_filled_in_form(client: Client, kari: Any, today: date) -> None:
    invoice = an_invoice(today)
    response = client.get(PAGE, {"q": invoice.kid})
    form = response.context["form"]
    assert (response.context["invoice"], form["amount"].value(), form["received_on"].value()) == (invoice, "400", today)
    assert re.search(r'<input[^>]*name="amount"[^>]*autofocus', response.text)
    assert not re.search(r'<input[^>]*name="q"[^>]*autofocus', response.text)


def test_the_field_has_the_focus_when_there_is_nothing_to_fill_in(client: Client, kari: Any) -> None:
    assert re.search(r'<input[^>]*name="q"[^>]*autofocus', client.get(PAGE).text)
    response = client.get(PAGE, {"q": "nobody"})
    assert re.search(r'<input[^>]*name="q"[^>]*value="nobody"[^>]*autofocus', response.text)
    assert "No invoice was found." in response.text


def test_several_candidates_are_chosen_from(client: Client, kari: Any, today: date) -> None:
    alice, bob = an_invoice(today), an_invoice(today, "Bob")
    response = client.get(PAGE, {"q": "400"})
    assert response.context["form"] is None
    assert [c.invoice for c in response.context["found"].candidates] == [alice, bob]
    assert response.text.count('type="radio"') == 2
    chosen = client.get(PAGE, {"q": "400", "invoice": bob.pk})
    assert chosen.context["invoice"] == bob


def test_a_mistyped_kid_shows_the_one_to_compare_and_books_nothing(client: Client, kari: Any, today: date) -> None:
    invoice = an_invoice(today)
    response = client.get(PAGE, {"q": f"{invoice.kid[:6]}{invoice.kid[7:]}"})
    assert response.context["form"] is None
    assert f"Its KID is the same but for one slip: {invoice.kid}." in response.text
    assert "compare it with the bank&#x27;s." in response.text
    assert not Payment.objects.exists()


def test_registering_leads_back_to_the_empty_field(client: Client, kari: Any, today: date) -> None:
    invoice = an_invoice(today)
    response = client.post(PAGE, typed(invoice, today), follow=True)
    assert response.redirect_chain == [(PAGE, 302)]
    assert notices(response) == [f"kr 400 from Alice Ås is registered. Invoice {invoice.number} is paid."]
    payment = Payment.objects.get()
    assert (payment.amount, payment.source, payment.recorded_by, payment.received_on) == (
        kroner("400"), "hand", kari, today,
    )  # fmt: skip
    assert response.context["registered"] == [payment]
    assert re.search(r'<input[^>]*name="q"[^>]*autofocus', response.text)


def test_part_and_over_payment(client: Client, kari: Any, today: date) -> None:
    alice, bob = an_invoice(today), an_invoice(today, "Bob")
    part = client.post(PAGE, typed(alice, today, amount="150,50"), follow=True)
    over = client.post(PAGE, typed(bob, today, amount="kr 1.400,-"), follow=True)
    assert notices(part) == [
        f"kr 150.50 from Alice Ås is registered. Invoice {alice.number} has kr 249.50 left to pay."
    ]
    assert notices(over) == [
        f"kr 1,400 from Bob Ås is registered. Invoice {bob.number} is paid. kr 1,000 became credit."
    ]
    assert over.context["total"] == kroner("1550.50")


def test_the_day_is_kept_for_the_next_one(client: Client, kari: Any, today: date) -> None:
    """A bank statement is typed in day by day."""
    invoice, next_one = an_invoice(today), an_invoice(today, "Bob")
    day = today - timedelta(days=3)
    response = client.post(PAGE, typed(invoice, today, received_on=day.isoformat()), follow=True)
    assert response.redirect_chain == [(f"{PAGE}?received_on={day.isoformat()}", 302)]
    assert f'<input type="hidden" name="received_on" value="{day.isoformat()}">' in response.text
    form = client.get(PAGE, {"q": next_one.kid, "received_on": day.isoformat()}).context["form"]
    assert form["received_on"].value() == day


def test_sent_twice_it_is_registered_once(client: Client, kari: Any, today: date) -> None:
    invoice = an_invoice(today)
    data = typed(invoice, today)
    client.post(PAGE, data)
    again = client.post(PAGE, data, follow=True)
    assert notices(again) == [f"kr 400 from Alice Ås is registered. Invoice {invoice.number} is paid."]
    assert Payment.objects.count() == 1


def test_the_second_treasurer_is_told_and_may_insist(client: Client, kari: Any, today: date) -> None:
    invoice = an_invoice(today)
    client.post(PAGE, typed(invoice, today))
    other = Client()
    other.cookies["django_language"] = "en"
    other.force_login(
        make_user("Treasurers", username="ola"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    data = typed(invoice, today)
    refused = other.post(PAGE, data)
    assert refused.status_code == 422
    assert "Kari Kasserer has already registered kr\u00a0400 for this invoice" in refused.text
    assert refused.context["form"]["amount"].value() == "400"
    assert Payment.objects.count() == 1
    other.post(PAGE, {**data, "anyway": "1"})
    assert [payment.unused_amount for payment in Payment.objects.order_by("pk")] == [kroner("0"), kroner("400")]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"amount": ""}, "This field is required."),
        ({"amount": "six hundred"}, "This is not an amount. Write it like 600 or 1234,50."),
        ({"amount": "12 34"}, "This is not an amount. Write it like 600 or 1234,50."),
        ({"amount": "0"}, "A payment is more than zero. Undo a wrong one instead."),
        ({"amount": "9" * 10_000}, "This is not an amount. Write it like 600 or 1234,50."),
        ({"amount": "99 999 999"}, "The amount is above kr\u00a010,000,000. Check what you typed."),
        ({"amount": "<script>alert(1)</script>"}, "This is not an amount. Write it like 600 or 1234,50."),
        ({"amount": "400\x00"}, "Null characters are not allowed."),
        ({"received_on": ""}, "This field is required."),
        ({"received_on": "2026-02-30"}, "Enter a valid date."),
        ({"received_on": "9999-12-31"}, "The date is in the future. Write the day the money came."),
        ({"received_on": "0026-03-10"}, "The date is more than ten years ago. Check the year."),
    ],
)
def test_errors_are_sentences_and_nothing_typed_is_lost(
    client: Client, kari: Any, today: date, changes: dict[str, str], expected: str
) -> None:
    invoice = an_invoice(today)
    data = typed(invoice, today, **changes)
    response = client.post(PAGE, data)
    assert response.status_code == 422
    errors = [error for field in response.context["form"].errors.values() for error in field]
    assert errors == [expected]
    assert {name: str(response.context["form"][name].value()) for name in data} == {k: str(v) for k, v in data.items()}
    assert "<script>alert" not in response.text
    assert (Payment.objects.count(), Invoice.objects.get().open_amount) == (0, kroner("400"))


@pytest.mark.parametrize("key", ["", "0", "-1", "x", "9" * 30, "1 OR 1=1", "\x00", "²"])
def test_an_invoice_that_is_not_there(client: Client, kari: Any, today: date, key: str) -> None:
    assert client.get(PAGE, {"invoice": key}).context["form"] is None
    assert client.post(PAGE, {**typed(an_invoice(today), today), "invoice": key}).status_code == 422
    assert Payment.objects.count() == 0


@pytest.mark.parametrize("text", ["x" * 10_000, "<script>alert(1)</script>", "\x00\r\n", "' OR 1=1 --", "%%%", "🙂"])
def test_anything_may_be_typed_into_the_field(client: Client, kari: Any, today: date, text: str) -> None:
    an_invoice(today)
    response = client.get(PAGE, {"q": text, "received_on": text})
    assert response.status_code == 200
    assert "<script>alert" not in response.text


def test_a_paid_invoice_says_what_will_happen(client: Client, kari: Any, today: date) -> None:
    invoice = an_invoice(today)
    client.post(PAGE, typed(invoice, today))
    response = client.get(PAGE, {"q": str(invoice.number)})
    assert "Nothing is left to pay on this invoice. Whatever you register becomes credit on the payer." in response.text


def test_a_surplus_goes_to_what_else_the_payer_owes_and_it_is_said(client: Client, kari: Any, today: date) -> None:
    invoice = an_invoice(today)
    an_invoice(today, "Bob")
    other = next_year(invoice.member)
    page = client.get(PAGE, {"invoice": invoice.pk}).text
    assert "more goes to the payer's other open invoices (kr\u00a0400), then becomes credit." in page
    response = client.post(PAGE, typed(invoice, today, amount="900"), follow=True)
    assert notices(response) == [
        f"kr 900 from Alice Ås is registered. Invoice {invoice.number} is paid. Invoice {other.number} is paid. "
        "kr 100 became credit."
    ]


def test_undo(client: Client, kari: Any, today: date) -> None:
    invoice = an_invoice(today)
    client.post(PAGE, typed(invoice, today))
    payment = Payment.objects.get(reverses=None)
    response = client.post(reverse("payments_undo", args=[payment.pk]), follow=True)
    assert response.redirect_chain == [(PAGE, 302)]
    assert notices(response) == ["kr 400 from Alice Ås is undone."]
    assert [(p.amount, p.reason, p.recorded_by) for p in Payment.objects.order_by("pk")] == [
        (kroner("400"), "", kari),
        (kroner("-400"), "Registered by mistake", kari),
    ]
    assert (response.context["registered"], response.context["total"]) == ([payment], kroner("0"))
    again = client.post(reverse("payments_undo", args=[payment.pk]), follow=True)
    assert notices(again)[0].startswith("Kari Kasserer has already undone this payment")
    assert Payment.objects.count() == 2


def test_undo_from_the_payment_s_own_page(client: Client, kari: Any, today: date) -> None:
    client.post(PAGE, typed(an_invoice(today), today))
    page = reverse("payments_payment", args=[Payment.objects.get().pk])
    assert "Undo this payment" in client.get(page).text
    refused = client.post(f"{page}undo/", {"reason": " ", "next": page}, follow=True)
    assert (refused.redirect_chain, notices(refused)) == ([(page, 302)], ["Write why the payment is undone."])
    done = client.post(f"{page}undo/", {"reason": "Bob's money", "next": page}, follow=True)
    assert "by Kari Kasserer. Reason: Bob&#x27;s money" in done.text
    assert "Undo this payment" not in done.text
    reversal = Payment.objects.get(reverses__isnull=False)
    assert "This row undoes another payment." in client.get(reverse("payments_payment", args=[reversal.pk])).text


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "https:evil.example", "/\\evil.example"])
def test_undo_stays_on_our_site(client: Client, kari: Any, today: date, target: str) -> None:
    client.post(PAGE, typed(an_invoice(today), today))
    response = client.post(reverse("payments_undo", args=[Payment.objects.get().pk]), {"next": target})
    assert response["Location"] == PAGE


def test_only_my_own_payments_of_today_are_listed(client: Client, kari: Any, today: date) -> None:
    alice, bob, charlie = (an_invoice(today, name) for name in ("Alice", "Bob", "Charlie"))
    now = timezone.now()
    for invoice, by, at in ((alice, kari, now), (bob, make_user(), now), (charlie, kari, now - timedelta(days=1))):
        intake.record(
            amount=kroner("400"), received_on=today - timedelta(days=2), source="hand", at=at, by=by,
            source_reference=f"hand:{invoice.pk}", invoices=[invoice],
        )  # fmt: skip
    assert [payment.payer_name for payment in client.get(PAGE).context["registered"]] == ["Alice Ås"]


@pytest.mark.parametrize(("count", "queries"), [(1, 15), (3, 14)])
def test_queries_do_not_grow(
    client: Client, kari: Any, today: date, count: int, queries: int, django_assert_num_queries: Any
) -> None:
    """The only one found is chosen, and for it we ask what else the payer owes."""
    for name in ("Alice", "Bob", "Charlie")[:count]:
        client.post(PAGE, typed(an_invoice(today, name), today))
        an_invoice(today, f"{name} Unpaid")
    client.get(PAGE)
    with django_assert_num_queries(queries):
        client.get(PAGE, {"q": "unpaid"})
