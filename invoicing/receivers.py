"""What we do when an earlier app reports: one write or one enqueue."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from core.long_work import ring_again
from invoicing import deliveries, departures, erasure, fees, invoices, tasks
from invoicing.models import Invoice, InvoiceRun, PrintFile
from invoicing.signals import invoice_credited, invoice_reopened, invoice_settled, invoices_issued
from membership import periods as terms
from membership.models import Member, Period
from membership.signals import member_left, members_erased, periods_opened, terms_replaced
from messaging.signals import swept

FORGOTTEN_AFTER = timedelta(minutes=10)


@receiver(periods_opened, dispatch_uid="invoicing.issue")
def invoice_what_is_opened(*, periods: Sequence[Period], on: date, at: datetime | None = None, **kwargs: Any) -> None:
    """Whoever opens terms has them invoiced in the same transaction."""
    invoices.issue(periods=periods, on=on, at=at or timezone.make_aware(datetime.combine(on, time(12))))


@receiver(invoices_issued, dispatch_uid="invoicing.send_out")
def send_out(*, invoices: Sequence[Invoice], **kwargs: Any) -> None:
    """The PDF and the mail are the worker's, once the numbers are safe."""
    transaction.on_commit(partial(tasks.enqueue_documents, [invoice.pk for invoice in invoices]))


@receiver(invoice_credited, dispatch_uid="invoicing.send_out_credit_note")
def send_out_credit_note(*, credit_note: Invoice, **kwargs: Any) -> None:
    transaction.on_commit(partial(tasks.enqueue_documents, [credit_note.pk]))


@receiver(invoice_credited, dispatch_uid="invoicing.waive_fees")
def waive_fees(*, invoice: Invoice, credit_note: Invoice, at: datetime, **kwargs: Any) -> None:
    """What was taken back altogether costs no reminder fee either."""
    if invoice.is_settled:
        fees.waive(invoice=invoice, on=credit_note.issued_on, at=at, reason=credit_note.reason)


@receiver(swept, dispatch_uid="invoicing.catch_up")
def catch_up(*, at: datetime, after_start: bool = False, **kwargs: Any) -> None:
    """A task may be lost with its worker; what has waited for a while is asked for again."""
    waited = Invoice.objects.without_pdf()
    if not after_start:
        waited = waited.filter(issued_at__lt=at - FORGOTTEN_AFTER)
    if waited.exists():
        tasks.ask_for_missing()
    ring_again(InvoiceRun, task=tasks.go_on_with_run, at=at, after_start=after_start)
    ring_again(PrintFile, task=tasks.make_print_file, at=at, after_start=after_start)


@receiver(invoice_settled, dispatch_uid="invoicing.confirm")
def confirm_what_is_paid(*, invoice: Invoice, on: date, **kwargs: Any) -> None:
    """Payment of an invoice confirms the terms on it."""
    for period in invoices.periods_paid_by(invoice):
        terms.confirm(period=period, on=on)


@receiver(invoice_reopened, dispatch_uid="invoicing.unconfirm")
def unconfirm_what_is_owed_again(*, invoice: Invoice, on: date, **kwargs: Any) -> None:
    """A payment that was undone takes its confirmation with it."""
    for period in invoices.periods_paid_by(invoice):
        terms.unconfirm(period=period, on=on)


@receiver(member_left, dispatch_uid="invoicing.credit")
def credit_what_is_not_paid(
    *, member: Member, reason: str, on: date, at: datetime, periods: Sequence[Period] = (), **kwargs: Any
) -> None:
    """Who leaves owes nothing any more."""
    departures.credit_unpaid(member=member, reason=reason, on=on, at=at, periods=periods)


@receiver(members_erased, dispatch_uid="invoicing.forget_warnings")
def forget_warnings(*, members: Sequence[Member], **kwargs: Any) -> None:
    """What invoice runs could not decide no longer says about whom, where they are erased."""
    erasure.forget_warnings(members)


@receiver(member_left, dispatch_uid="invoicing.hold_back_letters")
def hold_back_letters(*, member: Member, reason: str, **kwargs: Any) -> None:
    """The dead get no letter that has waited for the printer until now."""
    if reason == Period.EndReason.DECEASED:
        deliveries.hold_back_letters(member=member)


@receiver(terms_replaced, dispatch_uid="invoicing.credit_replaced")
def credit_what_gave_way(*, member: Member, periods: Sequence[Period], on: date, at: datetime, **kwargs: Any) -> None:
    """Another term takes the place of these: what is not paid for them is not asked for any more."""
    departures.credit_unpaid(member=member, reason=Period.EndReason.CONVERTED, on=on, at=at, periods=periods)
