"""A client with the schedule that a test needs, and a bank that is known."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.conf import settings

from config.client import Client, Step
from invoicing.models import Invoice
from messaging.models import Message
from payments.from_bank import bank_looks, freshness
from payments.models import Reminder
from tests.makers import at_noon, make_invoice

__all__ = ["Step", "client_with", "know_the_bank", "mails", "overdue", "reminded"]


def client_with(*steps: Step, **reminders: Any) -> Client:
    """The client of the tests with these steps, and other settings of `[reminders]`."""
    client: Client = settings.CLIENT
    return replace(client, reminders=replace(client.reminders, steps=steps, **reminders))


def know_the_bank(until: date) -> None:
    """The treasurer has looked through the bank until that day."""
    known = freshness.last_bank_day()
    if known is None or known < until:
        bank_looks.looked_through(until=until, at=at_noon(until), by=None)


def overdue(name: str, *, on: date, days: int, **data: Any) -> Invoice:
    """An open invoice that was due so many days before a date."""
    invoice = make_invoice(name, "Ås", on=on - timedelta(days=days + 14), **data)
    assert invoice.days_overdue(on) == days
    return invoice  # type: ignore[no-any-return]


def reminded(*invoices: Invoice) -> list[tuple[str, int, date]]:
    """Who was reminded, of which step, when: all of them, or only of these invoices."""
    rows = Reminder.objects.select_related("invoice").order_by("sent_on", "invoice__buyer_name", "step")
    if invoices:
        rows = rows.filter(invoice__in=invoices)
    return [(row.invoice.buyer_name.split()[0], row.step, row.sent_on) for row in rows]


def mails() -> list[Message]:
    """The reminders in the outbox, the oldest first."""
    return list(Message.objects.filter(kind="reminder").order_by("pk"))
