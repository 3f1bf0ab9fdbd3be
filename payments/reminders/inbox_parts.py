"""What the follow-up puts into the treasurer's inbox, and money that nobody has used."""

from collections.abc import Callable
from datetime import date

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import money
from invoicing.inbox import SHOWN, InboxPart, InboxRow
from invoicing.models import Invoice
from membership import scope
from payments.models import Payment, PaymentPlan, Reminder, ReminderRun
from payments.reminders import arrival, due, gate, plans, striking
from payments.reminders.due import WhyNot

# Those whom only the treasurer can help on; the others wait for a day or an answer that comes by itself.
_NEEDS_A_HAND = (
    WhyNot.NOBODY, WhyNot.DECEASED, WhyNot.LEFT, WhyNot.NO_ADDRESS, WhyNot.BLOCKED, WhyNot.UNUSABLE,
)  # fmt: skip


def reminders_due(request: HttpRequest, on: date) -> InboxPart | None:
    """How many reminders are to be sent; and what keeps them back."""
    if not request.user.has_perm("payments.view_reminder"):
        return None
    count = due.due(on=on).filter(why_not="").count()
    in_the_way = gate.look(on=on).sentences if count else []
    if in_the_way:
        why = [_("These invoices are due for their next reminder. First:"), *in_the_way]
    else:
        why = [_("These invoices are due for their next reminder. Look at the list, and send them.")]
    return InboxPart(
        order=400, title=gettext_lazy("Reminders to send"), count=count, why=" ".join(why), url=reverse("reminders"),
        url_label=gettext_lazy("See who gets one"),
    )  # fmt: skip


def not_struck(request: HttpRequest, on: date) -> InboxPart | None:
    """Memberships that should end for not being paid, while we may not know who has paid."""
    if not request.user.has_perm("payments.view_reminder"):
        return None
    kept = striking.kept(on=on)
    return InboxPart(
        order=405, title=gettext_lazy("Memberships that should end, and wait"), count=kept.count, tone="warn",
        why=" ".join([_("They are not paid, but some may be paid already."), *kept.reasons]),
        url=reverse("reminders"), url_label=gettext_lazy("See what is in the way"),
    )  # fmt: skip


def cannot_be_reminded(request: HttpRequest, on: date) -> InboxPart | None:
    """Invoices whose turn it is, that no reminder can be sent for."""
    if not request.user.has_perm("payments.view_reminder"):
        return None
    rows = due.due(on=on).filter(why_not__in=_NEEDS_A_HAND).order_by("due_on", "number")
    return InboxPart(
        order=410, title=gettext_lazy("Cannot be reminded"), count=rows.count(), tone="warn",
        why=gettext_lazy("Correct the address, remind them by phone or letter and say so on the invoice, or credit it. "
                         "Nobody is struck who was not reminded."),
        rows=lambda: [
            InboxRow(text=_named(row), detail=str(WhyNot(row.why_not).label), action=gettext_lazy("Open"),
                     url=reverse("invoices:inspect", args=[row.pk]))
            for row in rows[:SHOWN]
        ],
        url=f"{reverse('reminders')}?answer=left_out", url_label=gettext_lazy("See all"),
    )  # fmt: skip


def not_arrived(request: HttpRequest, on: date) -> InboxPart | None:
    """Reminders that were sent and did not arrive, or do not leave."""
    if not request.user.has_perm("payments.view_reminder"):
        return None
    found = arrival.to_look_at(on=on)
    may_send = request.user.has_perm("payments.send_reminder") and scope.sees_every_branch(request.user)

    def may_print(row: Reminder) -> bool:
        return may_send and bool(row.invoice.buyer_address)

    def rows() -> list[InboxRow]:
        shown = list(found[:SHOWN])
        messages = arrival.messages_of(shown)
        return [
            InboxRow(text=_named(row.invoice), detail=arrival.state_of(messages[row.pk]), action=gettext_lazy("Open"),
                     url=reverse("invoices:inspect", args=[row.invoice_id]), deed=gettext_lazy("Print instead ($$$)"),
                     deed_url=reverse("reminders_print", args=[row.invoice_id]) if may_print(row) else "")
            for row in shown
        ]  # fmt: skip

    return InboxPart(
        order=420, title=gettext_lazy("Reminders that did not arrive"), count=found.count(), rows=rows, tone="warn",
        why=gettext_lazy("They do not count: nobody is struck whom no reminder has reached. Correct the address, "
                         "print it and post it, or call them and say so on the invoice."),
    )  # fmt: skip


def plans_proposed(request: HttpRequest, on: date) -> InboxPart | None:
    """Members who wait for an answer."""
    if not request.user.has_perm("payments.view_reminder"):
        return None
    return InboxPart(
        **_about_plans(PaymentPlan.objects.undecided().order_by("proposed_on", "pk"), gettext_lazy("Answer")),  # type: ignore[arg-type]
        order=300, title=gettext_lazy("Payment plans to answer"),
        why=gettext_lazy("These members ask to pay in parts. They are not reminded until you have answered."),
    )  # fmt: skip


def plans_broken(request: HttpRequest, on: date) -> InboxPart | None:
    """Plans that were not kept, until somebody says that they know."""
    if not request.user.has_perm("payments.view_reminder"):
        return None
    return InboxPart(
        **_about_plans(PaymentPlan.objects.to_look_at().order_by("ended_on", "pk"), gettext_lazy("Open")),  # type: ignore[arg-type]
        order=310, title=gettext_lazy("Broken payment plans"), tone="warn",
        why=gettext_lazy("A part was not paid in time. The reminders go on by the schedule; maybe you want to call."),
    )  # fmt: skip


def plans_unheard(request: HttpRequest, on: date) -> InboxPart | None:
    """Answers that did not reach the member, until somebody says that they have told them."""
    if not request.user.has_perm("payments.view_reminder"):
        return None
    return InboxPart(
        **_about_plans(plans.unheard().order_by("decided_on", "pk"), gettext_lazy("Open")),  # type: ignore[arg-type]
        order=320, title=gettext_lazy("Answers about payment plans that did not arrive"), tone="warn",
        why=gettext_lazy("These members asked to pay in parts, and do not know your answer. Call or write to them."),
    )  # fmt: skip


def overpaid(request: HttpRequest, on: date) -> InboxPart | None:
    """Money that no invoice has used."""
    if not request.user.has_perm("payments.view_payment"):
        return None
    rows = Payment.objects.filter(unused_amount__gt=0, is_owed_back=False).order_by("received_on", "pk")
    return InboxPart(
        order=610, title=gettext_lazy("Paid too much"), count=rows.count(),
        why=gettext_lazy("The next invoice of the payer uses it, unless they want it back."),
        rows=lambda: [
            InboxRow(
                text=(row.payer_name or _("unknown payer")) + f", {money.formatted(row.unused_amount, row.currency)}",
                detail=_("received %(date)s") % {"date": date_format(row.received_on)}, action=gettext_lazy("Open"),
                url=reverse("payments_payment", args=[row.pk]),
            )
            for row in rows[:SHOWN]
        ],
        url=f"{reverse('payments_modeladmin_index')}?credit=yes", url_label=gettext_lazy("See all"),
    )  # fmt: skip


def stuck(request: HttpRequest, on: date) -> InboxPart | None:
    """A sending that the worker does not get on with."""
    if not request.user.has_perm("payments.view_reminder"):
        return None
    rows = ReminderRun.objects.stuck()
    return InboxPart(
        order=200, title=gettext_lazy("Sending of reminders stands still"), count=rows.count(), tone="bad",
        why=gettext_lazy("The program has tried again and again. What was sent is sent; stop it and begin anew, or "
                         "show it to whoever runs the program."),
        rows=lambda: [
            InboxRow(text=_("%(sent)s of %(total)s") % {"sent": row.position, "total": row.total},
                     detail=date_format(row.on), action=gettext_lazy("Open"),
                     url=reverse("reminders_sending", args=[row.pk]))
            for row in rows[:SHOWN]
        ],
    )  # fmt: skip


ALL: tuple[Callable[[HttpRequest, date], InboxPart | None], ...] = (
    reminders_due, not_struck, cannot_be_reminded, not_arrived, plans_proposed, plans_broken, plans_unheard, overpaid,
    stuck,
)  # fmt: skip


def _about_plans(plans: QuerySet[PaymentPlan], action: str) -> dict[str, object]:
    def rows() -> list[InboxRow]:
        return [
            InboxRow(text=_named(plan.invoice), detail=date_format(plan.proposed_on), action=action,
                     url=reverse("payment_plan", args=[plan.pk]))
            for plan in plans.select_related("invoice")[:SHOWN]
        ]  # fmt: skip

    return {"count": plans.count(), "rows": rows}


def _named(invoice: Invoice) -> str:
    left = money.formatted(invoice.open_amount, invoice.currency)
    return f"{invoice.buyer_name}, {invoice}, {left}"
