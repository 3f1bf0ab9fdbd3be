"""Give money back through the provider it came by: all of it, or so much of it as somebody says."""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from core.errors import Refused
from core.models import User
from payments.models import ProviderPayment
from payments.online import online_books, pay_now
from payments.providers import active
from payments.providers.provider import ProviderError


def refund(
    *, online: ProviderPayment, at: datetime, by: User | None, reason: str, amount: Decimal | None = None
) -> ProviderPayment:
    """Pay the money back, and take the payment from its invoice again. Return the row as it is now.

    An `amount` is a part of it: taken from what no invoice has used, then from its invoice, which owes that again.
    Without one everything that has not gone back yet does.

    If the provider does not answer it is asked again, with the same key, until it does: the row says so meanwhile.
    Refuses without a reason, when there is nothing to pay back, and when the provider says no.
    """
    if online.provider not in active.aliases():
        raise Refused(_("This provider is switched off. Pay the money back from the bank, and undo the payment."),
                      code="off")  # fmt: skip
    asked = online_books.ask_for_refund(online=online, at=at, by=by, reason=reason, amount=amount)
    try:
        reading = active.load(asked.provider).refund(
            handle=pay_now.refund_handle(asked), amount=asked.refund_asked_for, currency=asked.currency
        )
    except ProviderError as error:
        if not error.permanent:
            return asked
        online_books.refund_failed(online=asked, error=error, at=at)
        raise Refused(
            _("%(provider)s did not pay it back (%(error)s) Pay it back from the bank, and undo the payment."),
            code="provider_refused",
            params={"provider": active.load(asked.provider).name, "error": str(error)},
        ) from error
    return online_books.note(online=asked, reading=reading, at=at)
