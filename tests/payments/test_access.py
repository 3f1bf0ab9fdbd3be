"""Who may do what with payments: every role, every address, every method."""

from typing import Any

import pytest
from django.test import Client

from membership import roles
from payments import intake
from payments.models import Payment
from tests.makers import NOW, TODAY, kroner, make_invoice, make_user, set_up_client

pytestmark = pytest.mark.django_db

ALL = ["anonymous", *roles.ROLES]
MONEY = {roles.TREASURERS, roles.ADMINISTRATORS}
READS_MONEY = {*MONEY, roles.AUDITORS}

# address -> (methods that may be used, roles that may)
ADDRESSES: dict[str, tuple[set[str], set[str]]] = {
    "/admin/treasury/register/": ({"get", "head", "post", "options"}, MONEY),
    "/admin/treasury/payments/{payment}/undo/": ({"post"}, MONEY),
    "/admin/treasury/payments/{payment}/": ({"get", "head"}, READS_MONEY),
    "/admin/treasury/due/": ({"get", "head", "options"}, READS_MONEY),
    "/admin/treasury/due/results/": ({"get", "head", "options"}, READS_MONEY),
    "/admin/treasury/due/export/": ({"get", "head", "post"}, MONEY),
    "/admin/payments/": ({"get", "head", "options"}, READS_MONEY),
}
METHODS = ["get", "head", "post", "put", "patch", "delete", "options"]


@pytest.fixture
def payment() -> Payment:
    set_up_client()
    return intake.record(
        amount=kroner("100"), received_on=TODAY, source="hand", source_reference="hand:1", at=NOW, by=None,
        invoices=[make_invoice()],
    )  # fmt: skip


def browser(role: str) -> Client:
    client = Client(raise_request_exception=True)
    if role != "anonymous":
        client.force_login(make_user(role))
    return client


def rows() -> list[Any]:
    return list(Payment.objects.order_by("pk").values_list("amount", "unused_amount"))


@pytest.mark.parametrize("role", ALL)
def test_every_role_at_every_address_by_every_method(role: str, payment: Payment) -> None:
    client, before = browser(role), rows()
    opened, changed = {}, {}
    for address, (methods, allowed) in ADDRESSES.items():
        for method in METHODS:
            if address.endswith("/undo/") and method == "post" and role in allowed:
                continue  # it does undo: see test_register.py
            status = getattr(client, method)(address.format(payment=payment.pk)).status_code
            expected = {200, 422} if role in allowed and method in methods else {302, 403, 404, 405}
            if status not in expected:
                opened[f"{method} {address}"] = status
            if rows() != before:
                changed[f"{method} {address}"] = rows()
    assert (opened, changed) == ({}, {})


@pytest.mark.parametrize(
    ("address", "data"),
    [
        ("/admin/treasury/register/", {"amount": "100"}),
        ("/admin/treasury/payments/{payment}/undo/", {}),
        ("/admin/treasury/due/export/", {"purpose": "calling", "file_type": "csv"}),
    ],
)
def test_nothing_happens_without_the_csrf_token(payment: Payment, address: str, data: dict[str, str]) -> None:
    before = rows()
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user(roles.TREASURERS))
    assert client.post(address.format(payment=payment.pk), data).status_code == 403
    assert rows() == before


def test_an_auditor_cannot_ask_for_contact_data(payment: Payment) -> None:
    """Searching is asking: who finds an invoice by a phone number knows whose it is."""
    payer = payment.payer
    assert payer is not None
    payer.search_text += " +4791234567"
    payer.save()
    treasurer, auditor = browser(roles.TREASURERS), browser(roles.AUDITORS)
    found = {
        (who, text): client.get("/admin/treasury/due/", {"q": text}).context["items_count"]
        for who, client in (("treasurer", treasurer), ("auditor", auditor))
        for text in ("91234567", "alice@example", "Alice")
    }
    assert found == {
        ("treasurer", "91234567"): 1,
        ("treasurer", "alice@example"): 1,
        ("treasurer", "Alice"): 1,
        ("auditor", "91234567"): 0,
        ("auditor", "alice@example"): 0,
        ("auditor", "Alice"): 1,
    }
    assert (
        "/admin/members/"
        not in auditor.get("/admin/treasury/due/").text.partition("</table>")[0].partition("<table")[2]
    )


@pytest.mark.parametrize("role", ALL)
def test_the_menu_shows_only_what_one_may(role: str, payment: Payment) -> None:
    from payments.wagtail_hooks import payment_ledger, payments_due, register_payments

    request = type("Request", (), {"user": make_user(role) if role != "anonymous" else make_user()})()
    shown = [item().is_shown(request) for item in (register_payments, payments_due, payment_ledger)]
    assert shown == [role in MONEY, role in READS_MONEY, role in READS_MONEY]
