"""Somebody pays what a family costs: the treasurer sees what a change would come to, and who may makes it."""

from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from invoicing.models import Invoice
from membership import roles
from membership.models import Member, MembershipType, Period
from payments import intake, ledger_check, type_suggestions
from payments.models import BankLine, Payment
from tests.makers import NOW, TODAY, invoice_of, kroner, make_invoice, make_member, make_type, make_user, set_up_client
from tests.payments.banks.writers import paid
from tests.payments.from_bank.bank_makers import lines_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("private_files")]
QUEUE = "/admin/treasury/unmatched/"


@pytest.fixture(autouse=True)
def the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def logged_in(role: str) -> Client:
    set_up_client()
    client = Client(headers={"accept-language": "en"})
    client.cookies["django_language"] = "en"
    client.force_login(make_user(role, username=role.lower()))
    return client


def pay(invoice: Invoice, amount: str) -> Payment:
    return intake.record(
        amount=kroner(amount), received_on=TODAY, source="hand", source_reference=f"hand:{invoice.pk}", at=NOW, by=None,
        invoices=[invoice],
    )  # fmt: skip


def suggested(payment: Payment) -> list[tuple[str, str, str]]:
    return [(one.to.code, one.begins, one.refusal) for one in type_suggestions.for_payment(payment, on=TODAY)]


def open_invoices() -> list[tuple[str, Decimal]]:
    rows = Invoice.objects.open().order_by("number")
    return [(one.buyer_name, one.open_amount) for one in rows]


def test_too_much_by_hand_suggests_the_family_and_costs_the_difference() -> None:
    payment = pay(make_invoice(on=date(2026, 1, 5)), "600")
    (found,) = type_suggestions.for_payment(payment, on=TODAY)
    assert (found.to.code, found.begins, found.refusal) == ("FM", "now", "")
    assert "200" in found.consequences[-1]


def test_nothing_is_suggested_without_reason() -> None:
    """The right amount, an amount that nothing costs, a type nobody may choose, money undone, a term that is over."""
    assert suggested(pay(make_invoice(), "400")) == []
    assert suggested(pay(make_invoice("Bob"), "555")) == []
    MembershipType.objects.filter(code="FM").update(is_selectable=False)
    assert suggested(pay(make_invoice("Carl"), "600")) == []
    MembershipType.objects.filter(code="FM").update(is_selectable=True)
    undone = pay(make_invoice("Dag"), "600")
    intake.reverse(payment=undone, at=NOW, by=None, reason="x")
    assert suggested(Payment.objects.get(pk=undone.pk)) == []
    ended = pay(make_invoice("Eva"), "600")
    Period.objects.filter(member__first_names="Eva").update(ended_on=TODAY, end_reason="resigned")
    assert suggested(ended) == []


def test_too_little_says_why_it_cannot_be_now() -> None:
    payment = pay(make_invoice(type_code="FM"), "400")
    (found,) = type_suggestions.for_payment(payment, on=TODAY)
    assert (found.to.code, found.consequences) == ("E", ())
    assert "is paid in part. Settle it first" in found.refusal


@pytest.mark.parametrize(
    ("role", "has_button"),
    [(roles.TREASURERS, False), (roles.ADMINISTRATORS, True)],
    ids=["treasurer", "administrator"],
)
def test_the_button_is_for_those_who_may_change_members(role: str, has_button: bool) -> None:
    office = logged_in(role)
    alice = make_invoice(on=date(2026, 1, 5))
    (line,) = lines_of([paid("600", alice.kid, name="Alice Ås")])
    payment = pay(make_invoice("Bob", on=date(2026, 1, 5)), "600")
    address = reverse("members:change_type", args=[alice.member_id])
    for page, member in ((f"{QUEUE}?line={line.pk}", alice.member_id),
                         (reverse("payments_payment", args=[payment.pk]), payment.payer_id)):  # fmt: skip
        text = office.get(page).text
        assert "is the price of “Family membership (main member)”." in text
        assert (reverse("members:change_type", args=[member]) in text) == has_button
        assert ("ask a member admin" in text) == (not has_button)
    answer = office.post(address, {"to": make_type("FM").pk, "begins": "now", "confirmed": "1"})
    assert (Period.objects.filter(type__code="FM").exists(), answer.status_code) == (has_button, 302)


def test_from_the_bank_line_to_the_change_and_back_to_the_line_that_then_fits() -> None:
    """The old invoice is credited, the new one has another KID, and the line is suggested for it: one yes, and it is
    in the books."""
    office = logged_in(roles.ADMINISTRATORS)
    alice = make_invoice(on=date(2026, 1, 5))
    (line,) = lines_of([paid("600", alice.kid, name="Somebody Else", account="")])
    back = f"{QUEUE}?line={line.pk}"
    address = f"{reverse('members:change_type', args=[alice.member_id])}?next={quote(back, safe='')}"
    assert address in office.get(back).text
    chosen = {"to": make_type("FM").pk, "begins": "now"}
    first = office.post(address, chosen).text
    assert "The invoice that is not paid is credited." in first
    assert f'href="{back}"' in first
    assert open_invoices() == [("Alice Ås", kroner("400"))]
    done = office.post(address, {**chosen, "confirmed": "1"})
    assert done["Location"] == back
    assert open_invoices() == [("Alice Ås", kroner("600"))]
    page = office.get(back)
    best = page.context["suggestions"][0]
    assert (best.invoices, best.is_sure, page.context["type_suggestions"]) == (
        [invoice_of(alice.member)], True, [],
    )  # fmt: skip
    office.post(f"{QUEUE}{line.pk}/", {"for": best.key, "verb": "confirm"})
    assert (BankLine.objects.get().state, open_invoices()) == ("booked", [])
    assert Period.objects.get(type__code="FM").confirmed_on == TODAY
    assert ledger_check.check().problems == []


def test_the_surplus_covers_the_difference_by_itself() -> None:
    office = logged_in(roles.ADMINISTRATORS)
    invoice = make_invoice(on=date(2026, 1, 5))
    payment = pay(invoice, "600")
    address = reverse("members:change_type", args=[invoice.member_id])
    office.post(address, {"to": make_type("FM").pk, "begins": "now", "confirmed": "1"})
    payment.refresh_from_db()
    assert (payment.unused_amount, open_invoices(), suggested(payment)) == (kroner("0"), [], [])
    assert Member.objects.get().periods.filter(type__code="FM", confirmed_on=TODAY).exists()
    assert ledger_check.check().problems == []


def test_registering_by_hand_leads_to_the_suggestion() -> None:
    office = logged_in(roles.TREASURERS)
    invoice = make_invoice()
    data = {"invoice": invoice.pk, "amount": "600", "received_on": TODAY.isoformat(),
            "token": "11111111-1111-4111-8111-111111111111"}  # fmt: skip
    page = office.post("/admin/treasury/register/", data, follow=True)
    assert "It is the price of another membership: look" in page.text
    assert reverse("payments_payment", args=[Payment.objects.get().pk]) in page.text


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_the_way_back_stays_on_our_site(target: str) -> None:
    office = logged_in(roles.ADMINISTRATORS)
    alice = make_member(on=date(2026, 1, 5))
    address = reverse("members:change_type", args=[alice.pk])
    chosen: dict[str, Any] = {"to": make_type("FM").pk, "begins": "now", "confirmed": "1"}
    done = office.post(f"{address}?next={target}", chosen)
    assert done["Location"] == reverse("members:inspect", args=[alice.pk])
