"""What is given up of an invoice: a loss in the books."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class WriteOff(models.Model):
    """So much of an invoice will not be paid, and is a loss. Undone by a row with the opposite amount."""

    invoice = models.ForeignKey(
        "invoicing.Invoice", models.PROTECT, related_name="write_offs", verbose_name=_("invoice")
    )
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    written_off_on = models.DateField(_("written off on"))
    reason = models.CharField(_("reason"), max_length=250)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversed_by", verbose_name=_("reverses")
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("recorded by"),
    )  # fmt: skip
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        ordering = ["recorded_at", "pk"]
        verbose_name = _("write-off")
        verbose_name_plural = _("write-offs")
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, reverses__isnull=True) | Q(amount__lt=0, reverses__isnull=False),
                name="write_off_gives_up_or_is_undone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id}: {self.amount}"
