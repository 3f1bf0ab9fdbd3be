"""How a payer has chosen to get invoices. Who has not chosen gets the cheapest that works: see invoicing/ways.py."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Way(models.TextChoices):
    """How an invoice reaches its payer: the channels of messages, by the words a payer would use."""

    EMAIL = "email", _("by e-mail")
    SMS = "sms", _("by SMS ($$$)")
    LETTER = "letter", _("on paper ($$$)")


class InvoiceWay(models.Model):
    """One payer's choice. It holds as long as it works: where it does not, the invoice goes another way and says so."""

    member = models.OneToOneField("membership.Member", models.CASCADE, related_name="invoice_way",
                                  verbose_name=_("payer"))  # fmt: skip
    way = models.CharField(_("invoices"), max_length=6, choices=Way)
    chosen_at = models.DateTimeField(_("chosen at"))
    chosen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("chosen by")
    )

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("way of getting invoices")
        verbose_name_plural = _("ways of getting invoices")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.get_way_display())
