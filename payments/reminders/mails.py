"""What a reminder says, by whichever channel it goes, and the answer to who wants to pay in parts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from core import money, web_addresses
from invoicing import kid, printing, ways
from invoicing.mails import DECEASED
from invoicing.models import Invoice
from invoicing.parties import printed
from membership.models import Member
from messaging import outbox
from messaging.models import Channel, Message
from messaging.rendering import render
from payments.models import Instalment, PaymentPlan, Reminder
from payments.models.reminders import message_key
from payments.reminders import schedule

ANSWER_KEYS = "plan-"  # what the keys of messages about plans begin with; the plan's state and its id follow


def reminder(*, row: Reminder) -> outbox.Draft:
    """One step's reminder: what is owed, since when, by when to pay now, and after the last step what happens then.

    The invoice and all its fees are paid together, with the invoice's own KID. An e-mail carries the reminder as a
    document, a copy of the invoice and the invoice of the fee; on paper the reminder says it all.
    """
    invoice, step, fees = row.invoice, row.step, row.fees_left
    member = invoice.member
    assert member is not None, "Who has been erased is not reminded."
    street = ", ".join(line for line in invoice.buyer_address.splitlines() if line)
    addresses = {
        Channel.EMAIL: member.email,
        Channel.SMS: member.mobile,
        Channel.LETTER: street,
    }
    documents = {
        Channel.EMAIL: [f"reminder:{row.pk}", f"duplicate:{invoice.pk}"],
        Channel.LETTER: [f"reminder:{row.pk}"],
    }.get(Channel(row.channel), [])
    if row.fee_invoice_id and row.channel == Channel.EMAIL:
        documents.append(f"invoice:{row.fee_invoice_id}")
    return outbox.Draft(
        template="reminder",
        kind="reminder",
        channel=row.channel,
        recipient_ref=member.recipient_ref,
        address=addresses[Channel(row.channel)],
        language=invoice.language,
        unique_key=message_key(number=invoice.number, step=step),
        words=render(
            "reminder",
            context={
                "number": invoice.number,
                "name": invoice.buyer_name,
                "lines": [line.description for line in invoice.lines.all() if not line.is_credited],
                "left": _amount(row.left, invoice),
                "fees": _amount(fees, invoice) if fees else "",
                "total": _amount(row.left + fees, invoice),
                "due_on": printed(invoice.due_on),
                "pay_by": printed(row.pay_by),
                "is_last": step == schedule.last(),
                "step": step,
                "account": printing.account(invoice.account_number),
                "kid": kid.grouped(invoice.kid),
                "my_page": web_addresses.of("my_invoices"),
            },
            language=invoice.language,
            channel=row.channel,
        ),
        attachments=documents,
    )


def plan_agreed(*, plan: PaymentPlan, instalments: Sequence[Instalment], at: datetime) -> Message | None:
    """That the invoice may be paid in parts: how much by which day, to which account. None when the payer is gone."""
    rows = [(printed(row.due_on), _amount(row.amount, plan.invoice)) for row in instalments]
    invoice = plan.invoice
    context = {"parts": rows, "account": printing.account(invoice.account_number), "kid": kid.grouped(invoice.kid)}
    return _about(plan, "plan_agreed", at, context)


def plan_refused(*, plan: PaymentPlan, reason: str, pay_by: date, at: datetime) -> Message | None:
    """That the invoice is to be paid at once after all, by when, and why. None when the payer is gone."""
    return _about(plan, "plan_refused", at, {"reason": reason, "pay_by": printed(pay_by)})


def plan_broken(*, plan: PaymentPlan, pay_by: date, at: datetime) -> Message | None:
    """That a part has not come, and by when all that is left is to be paid. None when the payer is gone."""
    return _about(plan, "plan_broken", at, {"pay_by": printed(pay_by)})


def about(plan: PaymentPlan) -> Message | None:
    """The message that told the payer how the plan stands now; none where nothing was to be told."""
    return Message.objects.filter(unique_key=f"{ANSWER_KEYS}{plan.state}:{plan.pk}").first()


def answers_by(member: Member, *, at: datetime) -> str:
    """The channel of answers about plans: e-mail, else SMS where the client pays for it; empty where neither works."""
    way = replace(ways.routes(payers=[member], at=at), chosen={}).of(member).way
    return way if way in (Channel.EMAIL, Channel.SMS) else ""


def _about(plan: PaymentPlan, template: str, at: datetime, context: dict[str, Any]) -> Message | None:
    """Told by e-mail or SMS; where neither works it is kept as not sent, and the treasurer's inbox has it."""
    invoice, member = plan.invoice, plan.invoice.member
    if member is None:
        return None
    channel = answers_by(member, at=at) or Channel.EMAIL
    draft = outbox.Draft(
        template=template,
        kind=template,
        channel=channel,
        recipient_ref=member.recipient_ref,
        address=member.mobile if channel == Channel.SMS else member.email,
        language=invoice.language,
        unique_key=f"{ANSWER_KEYS}{plan.state}:{plan.pk}",
        words=render(
            template,
            context={
                "number": invoice.number, "name": invoice.buyer_name, "left": _amount(invoice.open_amount, invoice),
                "my_page": web_addresses.of("my_invoices"), **context,
            },
            language=invoice.language,
            channel=channel,
        ),
        suppressed_because=DECEASED if member.died_on else "",
    )  # fmt: skip
    return outbox.queue_words(draft=draft, at=at)


def _amount(amount: Decimal, invoice: Invoice) -> str:
    return money.formatted_exactly(amount, invoice.currency, language=invoice.language)
