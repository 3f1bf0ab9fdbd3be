"""The treasurer's inbox: what waits, each kind with what solves it, for those who may see it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone, translation
from wagtail import hooks

from invoicing import deliveries, inbox
from invoicing.credit_notes import credit
from invoicing.inbox import InboxPart, InboxRow
from invoicing.mails import DECEASED
from invoicing.models import Invoice
from membership import roles
from messaging.models import Message
from tests.makers import NOW, TODAY, make_invoice, make_user, set_up_client

pytestmark = pytest.mark.django_db
PAGE = "/admin/treasury/inbox/"


@pytest.fixture(autouse=True)
def fixed_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def kari(db: Any) -> Any:
    set_up_client()
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_user(roles.TREASURERS))
    with translation.override("en"):
        yield client


def message(invoice: Invoice, state: str, **data: Any) -> Message:
    return Message.objects.create(**{
        "kind": "invoice", "unique_key": f"invoice:{invoice.number}", "state": state, "language": "nb",
        "subject": f"Faktura {invoice.number}", "recipient_ref": "member:1", "queued_at": "2026-03-10T10:00Z", **data,
    })  # fmt: skip


def shown(client: Client) -> list[tuple[str, int, list[str]]]:
    response = client.get(PAGE)
    return [(str(part.title), part.count, [row.text for row in rows]) for part, rows, _ in response.context["parts"]]


def test_an_empty_inbox_says_so(kari: Client) -> None:
    assert shown(kari) == []
    assert "Nothing waits for you." in kari.get(PAGE).content.decode()


def test_what_did_not_arrive_what_nobody_knows_and_what_could_not_be_printed(kari: Client) -> None:
    bounced, unknown, unprinted, fine, paid = (make_invoice(n) for n in ("Alice", "Bob", "Charlie", "Dora", "Eve"))
    message(bounced, "bounced", reason="The address was refused.")
    message(unknown, "unknown")
    message(fine, "sent")
    message(paid, "bounced")
    Invoice.objects.filter(pk=paid.pk).update(open_amount=0)
    Invoice.objects.filter(pk=unprinted.pk).update(pdf_error="No fonts")
    assert shown(kari) == [
        ("Messages nobody knows about", 1, ["Faktura 2"]),
        ("Invoices without PDF", 1, ["Charlie Ås, Invoice 3, kr\u00a0400"]),
        ("Invoices that did not arrive", 1, ["Alice Ås, Invoice 1, kr\u00a0400"]),
    ]


@pytest.mark.parametrize("kind", [
    "invoice", "credit_note", "reminder", "plan_agreed", "plan_refused", "plan_broken", "payment_received",
    "payment_undone",
])  # fmt: skip
def test_whatever_is_about_money_is_asked_about_when_nobody_knows(kari: Client, kind: str) -> None:
    message(make_invoice("Bob"), "unknown", kind=kind)
    message(make_invoice("Alice"), "unknown", kind="newsletter")
    assert shown(kari) == [("Messages nobody knows about", 1, ["Faktura 1"])]


def test_the_first_few_of_many_and_how_many_more(kari: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def many(request: HttpRequest, on: date) -> InboxPart:
        rows = [InboxRow(text=f"Thing {number}") for number in range(inbox.SHOWN)]
        return InboxPart(order=1, title="Things", why="Do them.", count=13, rows=lambda: rows)

    with hooks.register_temporarily("treasury_inbox", many):
        page = kari.get(PAGE).content.decode()
        number = inbox.number(kari.get(PAGE).wsgi_request, TODAY)
    assert "Thing 9" in page and "and 3 more" in page
    assert number is not None and (number.count, number.url, number.tone) == (13, PAGE, "wait")


def test_an_auditor_does_not_see_messages() -> None:
    set_up_client()
    message(make_invoice("Bob"), "unknown")
    client = Client()
    client.force_login(make_user(roles.AUDITORS))
    assert shown(client) == []


def test_the_number_of_questions_does_not_grow(kari: Client, django_assert_num_queries: Any) -> None:
    message(make_invoice("Alice"), "bounced")
    kari.get(PAGE)
    with django_assert_num_queries(30) as one:
        kari.get(PAGE)
    for name in ("Bob", "Charlie"):
        message(make_invoice(name), "bounced")
    with django_assert_num_queries(len(one)):
        kari.get(PAGE)


# --- printed instead -------------------------------------------------------------------------------------------------


def credited(name: str, **data: Any) -> Invoice:
    return credit(invoice=make_invoice(name, **data), on=TODAY, at=NOW, by=None, reason="Left")


def lost(invoice: Invoice, state: str = "bounced", **data: Any) -> None:
    """What became of the mail that the credit note went with."""
    Message.objects.filter(unique_key=f"credit-note:{invoice.number}").delete()
    message(invoice, state, kind="credit_note", unique_key=f"credit-note:{invoice.number}", **data)


def buttons(client: Client) -> dict[str, str]:
    """Each row with the address that its button posts to."""
    response = client.get(PAGE)
    return {row.text: row.deed_url for _part, rows, _more in response.context["parts"] for row in rows}


def test_a_credit_note_that_bounced_is_printed_from_the_list(kari: Client) -> None:
    """Not one that arrived, nor one of the dead, nor one that is old."""
    note, fine, dead, old = (credited(name) for name in ("Alice", "Bob", "Charlie", "Dora"))
    lost(note, reason="The address was refused.")
    lost(fine, "delivered")
    lost(dead, "suppressed", reason=DECEASED)
    lost(old)
    Invoice.objects.filter(pk=old.pk).update(issued_on=TODAY - timedelta(days=90), due_on=TODAY)
    address = f"/admin/treasury/invoice/{note.pk}/print/?next=/admin/treasury/inbox/"
    assert shown(kari) == [("Credit notes that did not arrive", 1, ["Alice Ås, Credit note 2, kr\u00a0\u2212400"])]
    assert list(buttons(kari).values()) == [address]
    assert f'<form method="post" action="{address}">' in kari.get(PAGE).text
    assert kari.post(address)["Location"] == PAGE
    assert (shown(kari), deliveries.letters_waiting().count()) == ([], 1)


def test_the_button_is_for_those_who_may_and_where_there_is_a_letterbox(kari: Client) -> None:
    posted, nowhere = make_invoice("Alice"), make_invoice("Bob", address_line_1="", postcode="", place="")
    message(posted, "bounced")
    message(nowhere, "bounced")
    assert [bool(url) for url in buttons(kari).values()] == [True, False]
    auditor = Client(headers={"accept-language": "en"})
    auditor.force_login(make_user(roles.AUDITORS))
    assert list(buttons(auditor).values()) == ["", ""]


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "/admin/members/"])
def test_printing_leads_back_to_the_inbox_or_to_the_invoice(kari: Client, target: str) -> None:
    invoice = make_invoice("Alice")
    answer = kari.post(f"/admin/treasury/invoice/{invoice.pk}/print/?next={target}")
    assert answer["Location"] == f"/admin/invoices/{invoice.pk}/"
