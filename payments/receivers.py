"""What we do when an earlier app reports: one write or one enqueue."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from core.long_work import ring_again
from invoicing.models import Invoice
from invoicing.signals import invoices_issued
from membership.models import Member
from membership.signals import members_erased
from messaging.signals import swept
from payments import credit, erasure, tasks
from payments.from_bank import line_queue
from payments.models import BankFile, Payment, ProviderPayment, ReminderRun
from payments.reminders.tasks import go_on_with_reminders
from payments.signals import payment_reversed


@receiver(invoices_issued, dispatch_uid="payments.use_credit")
def use_credit(*, invoices: Sequence[Invoice], at: datetime, **kwargs: Any) -> None:
    """Who has paid too much before owes less now."""
    credit.use(invoices=invoices, at=at)


@receiver(swept, dispatch_uid="payments.bell")
def ring_for_ours(*, at: datetime, after_start: bool = False, **kwargs: Any) -> None:
    """Reminders and bank files whose worker died go on; providers are asked about online payments nobody has come back
    from."""
    ring_again(ReminderRun, task=go_on_with_reminders, at=at, after_start=after_start)
    ring_again(BankFile, task=tasks.go_on_with_bank_file, at=at, after_start=after_start)
    if ProviderPayment.objects.due(at=at).exists():
        tasks.look_at_payments.enqueue()


@receiver(members_erased, dispatch_uid="payments.unname_log")
def unname_log(*, members: Sequence[Member], **kwargs: Any) -> None:
    """The log of payments no longer says who was erased."""
    erasure.unname_log(members)


@receiver(payment_reversed, dispatch_uid="payments.line_waits_again")
def line_waits_again(*, payment: Payment, **kwargs: Any) -> None:
    """A bank line whose payment was undone waits to be matched again."""
    if payment.reverses is not None:
        line_queue.payment_undone(payment=payment.reverses)
