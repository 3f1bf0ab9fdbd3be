"""Invented documents, to look at a look before it is kept. Nothing is written, and nobody real is on them."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override
from stdnum.no import kontonr

from core import dates, money
from invoicing import documents, kid, parties, pdf
from invoicing.models import Invoice, InvoiceLine, PrintLook
from membership.models import Member

_PEOPLE = ("Kari Nordmann", "Ola Nordmann", "Áile Nordmann")


def _invoice(language: str, on: date, *, people: int = 3, vat: int = 0) -> tuple[Invoice, list[InvoiceLine]]:
    rule = settings.CLIENT.invoicing.kid
    price = Decimal(600)
    with override(language):
        words = _("Family membership")
    lines = [
        InvoiceLine(
            position=number + 1, text=f"{words} {on.year}", unit_price=money.ZERO if number else price,
            amount=money.ZERO if number else price, member_name=_PEOPLE[number % 3],
            vat_percent=Decimal(vat), quantity=Decimal(1), type_code="ORD",
        )
        for number in range(people)
    ]  # fmt: skip
    invoice = Invoice(
        number=1017, issued_on=on, due_on=dates.days_after(on, settings.CLIENT.invoicing.due_days), language=language,
        seller=parties.seller(), buyer_name=_PEOPLE[0], buyer_address="Fjordgata 1\n7010 Trondheim",
        member_number="1042", currency=settings.CLIENT.invoicing.currency, total=price, open_amount=price,
        vat=money.rounded(price * vat / (100 + vat)), kid=kid.with_check_digit("0" * (rule.length - 5) + "1042", 10),
        account_number=kontonr.compact(settings.CLIENT.organisation.account_number),
    )  # fmt: skip
    return invoice, lines


def _one(language: str, look: PrintLook, on: date) -> bytes:
    invoice, lines = _invoice(language, on)
    return pdf.render(invoice, look=look, lines=lines)


def _with_vat(language: str, look: PrintLook, on: date) -> bytes:
    invoice, lines = _invoice(language, on, people=1, vat=25)
    return pdf.render(invoice, look=look, lines=lines)


def _long(language: str, look: PrintLook, on: date) -> bytes:
    invoice, lines = _invoice(language, on, people=60)
    return pdf.render(invoice, look=look, lines=lines)


def _credit_note(language: str, look: PrintLook, on: date) -> bytes:
    credited, lines = _invoice(language, on, people=1)
    note, _lines = _invoice(language, on, people=1)
    note.kind, note.number, note.credits, note.open_amount = Invoice.Kind.CREDIT_NOTE, 1018, credited, money.ZERO
    note.total = -credited.total
    for line in lines:
        line.quantity, line.amount = Decimal(-1), -line.amount
    with override(language):
        note.reason = _("Signed up twice")
    return pdf.render(note, look=look, lines=lines)


def _receipt(language: str, look: PrintLook, on: date) -> bytes:
    invoice, lines = _invoice(language, on)
    invoice.open_amount = money.ZERO
    paid = [documents.Paid(on=on, amount=invoice.total)]
    return documents.receipt_pdf(invoice=invoice, paid=paid, on=on, look=look, lines=lines)


def _reminder(language: str, look: PrintLook, on: date) -> bytes:
    invoice, _lines = _invoice(language, dates.days_after(on, -28))
    with override(language):
        heading, text = _("Reminder"), _("We cannot see that this invoice has been paid.")
    return documents.reminder_pdf(
        invoice=invoice,
        heading=heading,
        text=text,
        on=on,
        pay_by=dates.days_after(on, 14),
        left=invoice.open_amount,
        fee=Decimal(35),
        look=look,
    )


def _welcome(language: str, look: PrintLook, on: date) -> bytes:
    member = Member(
        first_names="Kari", last_name="Nordmann", member_number="1042", address_line_1="Fjordgata 1",
        postcode="7010", place="Trondheim", language=language,
    )  # fmt: skip
    with override(language):
        words = _("Family membership")
    return documents.welcome_pdf(member=member, on=on, type_name=words, look=look)


SAMPLES: dict[str, Callable[[str, PrintLook, date], bytes]] = {
    "invoice": _one, "vat": _with_vat, "long": _long, "credit_note": _credit_note, "receipt": _receipt,
    "reminder": _reminder, "welcome": _welcome,
}  # fmt: skip
"""What can be looked at: the kind of document -> what prints it, in a language, by a look, as on a date."""
