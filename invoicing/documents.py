"""Every document but invoices and credit notes (pdf.py): copies, receipts, reminders, the welcome letter.

Each returns a PDF on the organisation's sheet, in the payer's language. They are made when somebody asks for them, and
not kept. All raise press.PrintError when they cannot be printed.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pypdf
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from core import money, web_addresses
from invoicing import looks, parties, pdf, printing
from invoicing.models import Invoice, InvoiceLine, PrintLook
from invoicing.printing import Fact, Sheet
from membership.models import Member

if TYPE_CHECKING:
    from invoicing.press import Press


@dataclass(frozen=True, kw_only=True)
class Paid:
    """Money that covered an invoice: on which day, and how much."""

    on: date
    amount: Decimal


def render(template: str, *, sheet: Sheet, look: PrintLook, context: dict[str, Any] | None = None) -> bytes:
    """Lay out `templates/print/<template>.html` on the organisation's sheet. The sheet's language must be active."""
    from invoicing import press  # WeasyPrint takes half a second to load, which no web request should wait for

    machine = press.press(look)
    return machine.print(page(template, sheet=sheet, look=look, has_logo=machine.has_logo, context=context))


def page(template: str, *, sheet: Sheet, look: PrintLook, has_logo: bool, context: dict[str, Any] | None = None) -> str:
    """The HTML that is laid out. The sheet's language must be active."""
    common = {
        "sheet": sheet,
        "has_logo": has_logo,
        "window": look.window,
        "words": {name: look.words(name, sheet.language) for name in ("intro", "vat", "pay")},
        # The words around the numbers, which only the layout knows.
        "page_words": (_("Page %(page)s of %(pages)s") % {"page": "\0", "pages": "\0"}).split("\0"),
    }
    return render_to_string(f"print/{template}.html", {**common, **(context or {})})


def copy_pdf(*, invoice: Invoice) -> bytes:
    """The very document that was made, with a word on each page that says that it is a copy.

    Raises FileNotFoundError when there is no document, or it is gone.
    """
    from invoicing import press

    if not invoice.pdf:
        raise FileNotFoundError(invoice.number)
    mark = pypdf.PdfReader(io.BytesIO(_copy_mark(press.press(looks.current()), invoice.language))).pages[0]
    with pdf.opened(invoice) as stored:
        writer = pypdf.PdfWriter(clone_from=io.BytesIO(stored.read()))
    for page in writer.pages:
        page.merge_page(mark)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


@lru_cache(maxsize=8)
def _copy_mark(machine: "Press", language: str) -> bytes:
    """The page that is laid over each page of a copy: the same for all of a look and language, and it takes as long to
    make as an invoice."""
    with override(language):
        return machine.print(render_to_string("print/copy.html", {"language": language}))


def receipt_pdf(
    *, invoice: Invoice, paid: Sequence[Paid], on: date, look: PrintLook | None = None,
    lines: Sequence[InvoiceLine] | None = None,
) -> bytes:  # fmt: skip
    """A receipt of the money that covered an invoice, and what is left to pay, if anything. `lines` are its own unless
    given."""
    look = look or looks.current()
    rows = invoice.lines.all() if lines is None else lines
    total = sum((one.amount for one in paid), money.ZERO)
    with override(invoice.language):
        facts = [Fact(label=_("For invoice"), value=str(invoice.number)),
                 Fact(label=_("Date"), value=parties.printed(on, look.pattern(invoice.language)))]  # fmt: skip
        sheet = _sheet(invoice, _("Receipt"), facts, look)
        context = {
            "lines": [printing.line_as_text(line, invoice) for line in rows if not line.is_credited],
            "payments": [
                Fact(label=_("Received %(date)s") % {"date": parties.printed(one.on, look.pattern(invoice.language))},
                     value=printing.amount_as_text(one.amount, invoice)) for one in paid
            ],
            "total": printing.amount_as_text(total, invoice),
            "left": printing.amount_as_text(invoice.open_amount, invoice) if invoice.open_amount else "",
        }  # fmt: skip
        return render("receipt", sheet=sheet, look=look, context=context)


def reminder_pdf(
    *, invoice: Invoice, heading: str, text: str, on: date, pay_by: date, left: Decimal, fee: Decimal = money.ZERO,
    look: PrintLook | None = None,
) -> bytes:  # fmt: skip
    """A reminder of an invoice: the words of its step, what is left of it, the fee, and how and by when to pay it all.

    `heading` and `text` are in the invoice's language; an empty line in the text parts paragraphs.
    """
    look = look or looks.current()
    with override(invoice.language):
        facts = [
            Fact(label=_("Invoice number"), value=str(invoice.number)),
            Fact(label=_("Invoice date"), value=parties.printed(invoice.issued_on, look.pattern(invoice.language))),
            Fact(label=_("Was due"), value=parties.printed(invoice.due_on, look.pattern(invoice.language))),
            Fact(label=_("Date"), value=parties.printed(on, look.pattern(invoice.language))),
        ]
        owed = [Fact(label=_("Left to pay of invoice %(number)s") % {"number": invoice.number},
                     value=printing.amount_as_text(left, invoice))]  # fmt: skip
        if fee:
            owed.append(Fact(label=_("Reminder fee"), value=printing.amount_as_text(fee, invoice)))
        payment = printing.payment(
            invoice, day=parties.printed(pay_by, look.pattern(invoice.language)), amount=left + fee
        )
        context = {"paragraphs": _paragraphs(text), "owed": owed, "payment": payment}
        return render("reminder", sheet=_sheet(invoice, heading, facts, look), look=look, context=context)


def language_of(member: Member) -> str:
    """The language of a letter to somebody: their own where the site has it, else the site's."""
    site = settings.CLIENT.site
    return member.language if member.language in site.languages else site.language


def welcome_pdf(
    *, member: Member, on: date, type_name: str = "", has_email: bool = False, look: PrintLook | None = None
) -> bytes:
    """The welcome letter: the office's words, else a short welcome; the type, and how to log in, which begins with an
    e-mail address where there is none."""
    look = look or looks.current()
    language = language_of(member)
    with override(language):
        seller = parties.seller()
        text = look.words("welcome", language) or _(
            "Welcome as a member of %(organisation)s. It is good to have you with us.\n\n"
            "Have you moved, or is something else new? Write to us or call us: you find us at the foot of this letter."
        ) % {"organisation": seller["short_name"]}
        facts = [Fact(label=_("Date"), value=parties.printed(on, look.pattern(language))),
                 Fact(label=_("Member number"), value=member.member_number)]  # fmt: skip
        if type_name:
            facts.append(Fact(label=_("Membership"), value=type_name))
        sheet = Sheet(
            language=language, seller=seller, name=member.full_name, heading=_("Welcome"), title=_("Welcome"),
            address=parties.address(member, language=language), facts=facts,
            foot=printing.foot(seller, look.words("foot", language)),
        )  # fmt: skip
        context = {"paragraphs": _paragraphs(text), "my_page": _my_page(), "has_email": has_email}
        return render("welcome", sheet=sheet, look=look, context=context)


def _my_page() -> str:
    """Where members log in, as one types it."""
    return web_addresses.of("my_page").partition("://")[2]


def _sheet(invoice: Invoice, heading: str, facts: list[Fact], look: PrintLook) -> Sheet:
    if invoice.member_number:
        facts = [*facts, Fact(label=_("Member number"), value=invoice.member_number)]
    return Sheet(
        language=invoice.language, seller=invoice.seller, name=invoice.buyer_name, address=invoice.buyer_address,
        heading=heading, title=f"{heading} {invoice.number}", facts=facts,
        foot=printing.foot(invoice.seller, look.words("foot", invoice.language)),
        buyer_number=printing.in_threes(invoice.buyer_number),
    )  # fmt: skip


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]
