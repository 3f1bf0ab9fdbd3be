"""Who paid, as the bank told it, goes with the books' own clock; amounts, dates, KID and references stay."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from invoicing.purging import in_years, kept_from
from membership.clearing import Clearing
from payments.models import BankLine, Payment

_PAYER = ("payer_name", "payer_account", "text")


def _named(*fields: str) -> Q:
    told = Q(pk__in=[])
    for name in fields:
        told |= ~Q(**{name: ""})
    return told


def due_payments(on: date) -> QuerySet[Payment]:
    """Payments older than the books are kept that say who paid. One that is not used up belongs to somebody still."""
    return Payment.objects.filter(_named(*_PAYER, "reason"), received_on__lt=kept_from(on), unused_amount=0)


def due_lines(on: date) -> QuerySet[BankLine]:
    """Lines of bank files as old, that say who paid."""
    return BankLine.objects.filter(_named(*_PAYER, "note"), booked_on__lt=kept_from(on))


@transaction.atomic
def purge(on: date, at: datetime, most: int) -> int:
    """Take the payers out of so many payments and lines."""
    keys = list(due_payments(on).order_by("pk").values_list("pk", flat=True)[:most])
    done = Payment.objects.filter(pk__in=keys).update(payer_name="", payer_account="", text="", reason="")
    lines = list(due_lines(on).order_by("pk").values_list("pk", flat=True)[:most])
    return done + BankLine.objects.filter(pk__in=lines).update(payer_name="", payer_account="", text="", note="")


def clearing() -> Clearing:
    """What the registry's nights and its report ask."""
    return Clearing(key="payers taken out of the books", label=_("Payers on old payments and bank lines"),
                    after=in_years, count=lambda on: due_payments(on).count() + due_lines(on).count(),
                    clear=purge)  # fmt: skip
