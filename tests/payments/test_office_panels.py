"""What payments tell on the office's first page, on a member's and on an invoice's."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone, translation

from core.models import User
from membership import roles
from membership.office.numbers import OfficeNumber
from payments import intake, office_panels
from payments.models import Payment
from tests.makers import NOW, TODAY, kroner, make_invoice, make_member, make_user, set_up_client

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fixed_day(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    with translation.override("en"):
        yield


def pay(invoice: Any, amount: str) -> Payment:
    return intake.record(
        amount=kroner(amount), received_on=TODAY, source="ocr", source_reference=f"ocr:{Payment.objects.count()}",
        at=NOW, by=None, invoices=[invoice],
    )  # fmt: skip


def request_of(user: User) -> Any:
    request = RequestFactory().get("/admin/")
    request.user = user
    return request


def browser_of(role: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_user(role))
    return client


def told(number: OfficeNumber | None) -> tuple[int, str, str] | None:
    return number and (number.count, number.detail.replace("\u00a0", " "), number.url)


def test_numbers_lead_to_the_lists_that_explain_them() -> None:
    set_up_client()
    make_invoice("Charlie", on=TODAY - timedelta(days=100))
    pay(make_invoice("Bob", on=TODAY - timedelta(days=100)), "150")
    pay(make_invoice("Alice"), "450")
    request = request_of(make_user(roles.TREASURERS))
    numbers = {f.__name__: told(f(request, TODAY)) for f in (office_panels.overdue, office_panels.overpaid)}
    assert numbers == {
        "overdue": (2, "kr 650", "/admin/treasury/due/?age=overdue"),
        "overpaid": (1, "kr 50", "/admin/payments/?credit=yes"),
    }
    client = browser_of(roles.TREASURERS)
    assert client.get("/admin/treasury/due/?age=overdue").context["items_count"] == 2
    assert client.get("/admin/payments/?credit=yes").context["result_count"] == 1


def test_numbers_and_panels_are_for_those_who_may_read_money() -> None:
    set_up_client()
    member = make_member()
    nobody, auditor = request_of(make_user(roles.MEMBER_ADMINS)), request_of(make_user(roles.AUDITORS))
    panels = (office_panels.overdue, office_panels.overpaid)
    assert [panel(nobody, TODAY) for panel in panels] == [None, None]
    assert office_panels.of_member(nobody, member, TODAY) is None
    assert all(panel(auditor, TODAY) for panel in panels)
    assert office_panels.of_member(auditor, member, TODAY)


def test_the_member_s_page() -> None:
    set_up_client()
    invoice = make_invoice()
    stands, undone = pay(invoice, "450"), pay(invoice, "33")
    intake.reverse(payment=undone, at=NOW, by=None, reason="Bob's")
    pay(make_invoice("Bob", "Berg"), "77.70")
    page = browser_of(roles.TREASURERS).get(f"/admin/members/{invoice.member_id}/").text
    panel = page.partition('id="payments"')[2].partition("</section>")[0]
    assert f"/admin/treasury/payments/{stands.pk}/" in panel
    assert "<s>kr\u00a033</s>" in panel
    assert "kr\u00a050" in panel
    assert "kr\u00a077" not in panel
    admin = browser_of(roles.MEMBER_ADMINS).get(f"/admin/members/{invoice.member_id}/").text
    assert 'id="payments"' not in admin


def test_the_invoice_s_page_shows_what_was_paid_and_takes_more() -> None:
    set_up_client()
    invoice = make_invoice()
    first, undone = pay(invoice, "100"), pay(invoice, "200")
    intake.reverse(payment=undone, at=NOW, by=None, reason="Wrong person")
    treasurer, auditor = browser_of(roles.TREASURERS), browser_of(roles.AUDITORS)
    page = treasurer.get(f"/admin/invoices/{invoice.pk}/").text
    assert f"/admin/treasury/payments/{first.pk}/" in page
    assert "<s>kr\u00a0200</s>" in page
    assert f"/admin/treasury/register/?invoice={invoice.pk}" in page
    assert f"/admin/treasury/register/?invoice={invoice.pk}" not in auditor.get(f"/admin/invoices/{invoice.pk}/").text
    pay(invoice, "300")
    assert "/admin/treasury/register/?invoice=" not in treasurer.get(f"/admin/invoices/{invoice.pk}/").text


@pytest.mark.parametrize("count", [1, 3])
def test_the_ledger_s_queries_do_not_grow(count: int, django_assert_num_queries: Any) -> None:
    set_up_client()
    for name in ("Alice", "Bob", "Charlie")[:count]:
        intake.reverse(payment=pay(make_invoice(name), "450"), at=NOW, by=None, reason="Undone")
    client = browser_of(roles.TREASURERS)
    client.get("/admin/payments/")
    with django_assert_num_queries(14):
        assert client.get("/admin/payments/").context["result_count"] == 2 * count
