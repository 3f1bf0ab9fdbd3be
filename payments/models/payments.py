"""What came in, what was paid back, and which invoices it covered. Rows are added, never changed; a mistake is
reversed."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.money import ZERO

if TYPE_CHECKING:
    from core.models import User


class Payment(models.Model):
    """Money that arrived, or left again when it is below zero.

    A reversal (`reverses`) says that a payment does not count. A refund (`pays_back`) is money that left us: so much of
    what a payment had not used. A refund may be reversed in its turn, and then is above zero and has both.
    """

    class Source(models.TextChoices):
        HAND = "hand", _("registered by hand")
        OCR = "ocr", _("OCR giro")
        CAMT = "camt", _("bank file")
        CSV = "csv", _("bank list")
        PROVIDER = "provider", _("payment provider")
        REFUND = "refund", _("paid back")
        REVERSAL = "reversal", _("reversal")

    received_on = models.DateField(_("received on"))
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3, default="NOK")
    payer = models.ForeignKey(
        "membership.Member", models.SET_NULL, null=True, blank=True, related_name="payments", verbose_name=_("payer")
    )
    payer_name = models.CharField(_("payer's name"), max_length=250, blank=True)
    payer_account = models.CharField(_("payer's account"), max_length=34, blank=True)
    text = models.CharField(_("text"), max_length=250, blank=True)
    kid = models.CharField(_("KID"), max_length=25, blank=True)
    source = models.CharField(_("source"), max_length=8, choices=Source)
    source_reference = models.CharField(_("reference"), max_length=120, unique=True)
    # What allocations have not used: credit on the payer. `manage.py ledger_check` proves it against the rows.
    unused_amount = models.DecimalField(_("not used"), max_digits=12, decimal_places=2)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversed_by", verbose_name=_("reverses")
    )
    pays_back = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="refunds", verbose_name=_("pays back")
    )
    is_owed_back = models.BooleanField(
        _("to be paid back"), default=False, help_text=_("What is not used waits to be paid back, and is no credit.")
    )
    reason = models.CharField(_("reason"), max_length=250, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("recorded by"),
    )  # fmt: skip
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        ordering = ["-recorded_at", "-pk"]
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        permissions = [("export_payment", _("Can export payments"))]
        indexes = [
            models.Index(fields=["kid"], name="payment_by_kid"),
            models.Index(fields=["payer_account"], condition=Q(unused_amount__gt=0), name="payment_unused_by_account"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, reverses__isnull=True, pays_back__isnull=True)
                | Q(amount__lt=0, reverses__isnull=False, pays_back__isnull=True)
                | Q(amount__lt=0, reverses__isnull=True, pays_back__isnull=False)
                | Q(amount__gt=0, reverses__isnull=False, pays_back__isnull=False),
                name="payment_is_money_in_a_refund_or_a_reversal",
            ),
            models.CheckConstraint(condition=Q(unused_amount__gte=0), name="payment_is_never_used_twice"),
        ]

    def __str__(self) -> str:
        return f"{self.received_on:%Y-%m-%d} {self.amount} {self.payer_name}"

    def reversal(self, *, on: date, reason: str, at: datetime, by: "User | None") -> "Payment":
        """The row that says that this one does not count, not saved yet. That of a refund keeps what was paid back."""
        return Payment(
            received_on=on,
            amount=-self.amount,
            currency=self.currency,
            payer=self.payer,
            payer_name=self.payer_name,
            payer_account=self.payer_account,
            text=self.text,
            kid=self.kid,
            source=Payment.Source.REVERSAL,
            source_reference=f"reversal:{self.pk}",
            unused_amount=ZERO,
            reverses=self,
            pays_back=self.pays_back,
            reason=reason,
            recorded_by=by,
            recorded_at=at,
        )


class Allocation(models.Model):
    """So much of a payment covers so much of an invoice. Undone by a row with the opposite amount."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="allocations", verbose_name=_("payment"))
    invoice = models.ForeignKey(
        "invoicing.Invoice", models.PROTECT, related_name="allocations", verbose_name=_("invoice")
    )
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversed_by", verbose_name=_("reverses")
    )
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        ordering = ["made_at", "pk"]
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, reverses__isnull=True) | Q(amount__lt=0, reverses__isnull=False),
                name="allocation_covers_or_reverses",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payment_id} → {self.invoice_id}: {self.amount}"
