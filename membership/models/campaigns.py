"""Campaigns: codes that make the first period cheaper, for some time, for some types, for so many."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

code_shape = RegexValidator(r"^[A-ZÆØÅ0-9-]+\Z", _("Write letters, digits and hyphens only, like VAR2026."))


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def running(self, on: date) -> "CampaignQuerySet":
        """Those whose code may be used on the date, as far as dates go."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on), valid_from__lte=on)


class Campaign(models.Model):
    """A code with what it does to the price of the first period."""

    code = models.CharField(
        _("code"), max_length=20, unique=True, validators=[code_shape],
        help_text=_("What people type or click on, like VAR2026. Capitals and small letters are the same."),
    )  # fmt: skip
    name = models.CharField(_("name"), max_length=120, help_text=_("Shown as the reason of the price."))
    percent = models.DecimalField(
        _("discount, per cent"), max_digits=5, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(100)],
        help_text=_("Of the price of the first period. Empty: the price below instead."),
    )  # fmt: skip
    price = models.DecimalField(
        _("price instead"), max_digits=10, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)],
        help_text=_("Of the first period, when it is lower than the usual one. Empty: the discount above."),
    )  # fmt: skip
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"), null=True, blank=True, help_text=_("The last day. Empty: no end."))
    types = models.ManyToManyField(
        "membership.MembershipType", blank=True, related_name="+", verbose_name=_("membership types"),
        help_text=_("For these only. None: for all."),
    )  # fmt: skip
    max_uses = models.PositiveIntegerField(
        _("for how many"), null=True, blank=True, validators=[MinValueValidator(1)],
        help_text=_("How many joining forms it works on. Empty: as many as come."),
    )  # fmt: skip

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["-valid_from", "code"]
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints = [
            models.CheckConstraint(
                condition=Q(percent__isnull=True) ^ Q(price__isnull=True), name="campaign_has_percent_or_price"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="campaign_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} – {self.name}"

    def clean(self) -> None:
        """Say what the database would refuse."""
        if (self.percent is None) == (self.price is None):
            raise ValidationError({"price": _("Write either a discount in per cent or a price, not both.")})
        if self.valid_to and self.valid_from and self.valid_to < self.valid_from:
            raise ValidationError({"valid_to": _("The campaign would end before it starts.")})
