"""A reminder that did not arrive is printed from the treasurer's inbox, and counts as given by letter."""

import io
from datetime import timedelta
from typing import Any

import pypdf
import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from core.errors import Refused
from invoicing.models import Invoice
from membership import roles
from messaging.models import Message
from payments.models import Reminder
from payments.reminders import arrival, letters, papers, sending
from tests.makers import NOW, TODAY, make_user, set_up_client
from tests.payments.reminders.helpers import Step, client_with, know_the_bank, overdue

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("private_files")]
INBOX = "/admin/treasury/inbox/"


@pytest.fixture(autouse=True)
def two_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    monkeypatch.setattr(settings, "CLIENT", client_with(Step(after_days=14), Step(after_days=28)))


def office(role: str) -> Client:
    set_up_client()
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_user(role))
    return client


def bounced(name: str = "Alice", days: int = 20, **data: Any) -> Invoice:
    invoice = overdue(name, on=TODAY, days=days, **data)
    know_the_bank(TODAY)
    sending.send(ids=[invoice.pk], on=TODAY, at=NOW)
    Message.objects.filter(kind="reminder").update(state="bounced")
    return invoice


def text_of(content: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


def test_from_the_inbox_to_the_letter() -> None:
    client, invoice = office(roles.TREASURERS), bounced()
    address = f"/admin/treasury/reminders/invoices/{invoice.pk}/print/"
    assert f'<form method="post" action="{address}">' in client.get(INBOX).text
    answer = client.post(address)
    row = Reminder.objects.get(is_by_hand=True)
    assert answer["Location"] == f"/admin/treasury/reminders/{row.pk}/letter/"
    assert (row.step, row.channel, row.sent_on, row.pay_by) == (1, "letter", TODAY, TODAY + timedelta(days=13))
    page = client.get(answer["Location"])
    assert (page["Content-Type"], page["Cache-Control"].count("no-store")) == ("application/pdf", 1)
    text = text_of(page.content)
    assert "Alice Ås" in text and str(invoice.number) in text and "400,00" in text
    assert list(arrival.to_look_at(on=TODAY)) == []
    assert "Reminders that did not arrive" not in client.get(INBOX).text
    assert client.post(address)["Location"] == INBOX
    assert Reminder.objects.filter(is_by_hand=True).count() == 1


def test_an_auditor_has_no_button_and_may_read_the_letter() -> None:
    invoice = bounced()
    auditor = office(roles.AUDITORS)
    assert "Reminders that did not arrive" in auditor.get(INBOX).text
    assert "/print/" not in auditor.get(INBOX).text
    auditor.post(f"/admin/treasury/reminders/invoices/{invoice.pk}/print/")
    assert not Reminder.objects.filter(is_by_hand=True).exists()
    made = letters.print_instead(invoice=invoice, on=TODAY, at=NOW, by=None)
    assert auditor.get(f"/admin/treasury/reminders/{made.pk}/letter/").status_code == 200
    sent = Reminder.objects.get(is_by_hand=False)
    assert auditor.get(f"/admin/treasury/reminders/{sent.pk}/letter/").status_code == 404


def test_without_a_letterbox_or_a_turn_it_is_refused() -> None:
    nowhere = bounced("Bob", address_line_1="", postcode="", place="")
    with pytest.raises(Refused, match="has no postal address on it"):
        letters.print_instead(invoice=nowhere, on=TODAY, at=NOW, by=None)
    early = overdue("Carl", on=TODAY, days=3)
    with pytest.raises(Refused, match="No reminder is due"):
        letters.print_instead(invoice=early, on=TODAY, at=NOW, by=None)
    assert not Reminder.objects.filter(is_by_hand=True).exists()


def test_the_last_one_says_that_it_is_the_last() -> None:
    invoice = bounced()
    Invoice.objects.update(language="en")
    invoice.refresh_from_db()
    first = letters.print_instead(invoice=invoice, on=TODAY, at=NOW, by=None)
    later = TODAY + timedelta(days=28)
    last = letters.print_instead(invoice=invoice, on=later, at=NOW + timedelta(days=28), by=None)
    assert (first.step, last.step) == (1, 2)
    said = ["This is the last reminder." in text_of(papers.pdf_of(row)) for row in (first, last)]
    assert said == [False, True]
