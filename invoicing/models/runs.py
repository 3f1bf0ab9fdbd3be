"""Invoicing the year: what somebody asked for, what was shown to them, and how far the worker has come with it."""

from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.long_work import LongWork

if TYPE_CHECKING:
    from core.models import User


class InvoiceRun(LongWork):
    """The next terms of everybody who is due, opened and invoiced: first shown, then agreed to, then done.

    Any number may be looked at; the database lets only one be under way or paused, because only one has the `slot`.
    """

    class State(models.TextChoices):
        LOOKING = "looking", _("being prepared")
        READY = "ready", _("waiting for your yes")
        RUNNING = "running", _("in progress")
        PAUSED = "paused", _("paused")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("stopped")

    UNDER_WAY = (State.LOOKING, State.RUNNING)

    begins_by = models.DateField(_("memberships that begin by"))
    account_number = models.CharField(_("to be paid to account"), max_length=11, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.LOOKING)
    slot = models.PositiveSmallIntegerField(null=True, unique=True, editable=False)
    place = models.PositiveBigIntegerField(default=0, help_text=_("The first key of the terms not yet looked at."))
    last_place = models.PositiveBigIntegerField(default=0)
    planned = models.PositiveIntegerField(_("invoices to issue"), default=0)
    planned_total = models.DecimalField(_("sum to issue"), max_digits=14, decimal_places=2, default=Decimal(0))
    by_type = models.JSONField(default=dict, help_text=_("By a type's code: how many people, and how much."))
    by_way = models.JSONField(default=dict, help_text=_("By way of sending: how many invoices, and SMS parts."))
    odd = models.JSONField(default=dict, help_text=_("What should be looked at, by its code: how many."))
    free = models.PositiveIntegerField(_("free"), default=0)
    issued = models.PositiveIntegerField(_("issued"), default=0)
    issued_total = models.DecimalField(_("sum issued"), max_digits=14, decimal_places=2, default=Decimal(0))
    warnings = models.JSONField(default=list, help_text=_("What the rules could not decide."))
    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by")
    )
    agreed_at = models.DateTimeField(_("begun at"), null=True, blank=True)
    agreed_by: "models.ForeignKey[User | None, User | None]" = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("begun by")
    )
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = _("invoice run")
        verbose_name_plural = _("invoice runs")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["running", "paused"], slot=1)
                | (~models.Q(state__in=["running", "paused"]) & models.Q(slot__isnull=True)),
                name="only_a_run_under_way_has_the_slot",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.begins_by:%Y-%m-%d}: {self.get_state_display()}"

    @property
    def percent(self) -> int:
        """How far the worker has come with what it does now, 0 to 100."""
        return min(100, round(100 * self.place / self.last_place)) if self.last_place else 0


class PlannedInvoiceQuerySet(models.QuerySet["PlannedInvoice"]):
    def odd(self, code: str) -> "PlannedInvoiceQuerySet":
        """Those that should be looked at for this reason."""
        return self.filter(odd__contains=f" {code} ")


class PlannedInvoice(models.Model):
    """What a run would send one payer, as it was when somebody looked. Issuing computes it anew from what is true then.

    `lines` hold a term each: the member's key, the type's code, the days, the price and its reasons.
    """

    run = models.ForeignKey(InvoiceRun, models.CASCADE, related_name="rows")
    payer = models.ForeignKey("membership.Member", models.CASCADE, related_name="+", verbose_name=_("payer"))
    people = models.PositiveSmallIntegerField(_("people"))
    total = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    way = models.CharField(_("way"), max_length=6, blank=True)
    odd = models.CharField(max_length=200, blank=True, help_text=_("Codes with a space before and after each."))
    lines = models.JSONField(default=list)

    objects = PlannedInvoiceQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["pk"]
        verbose_name = _("planned invoice")
        verbose_name_plural = _("planned invoices")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.payer}: {self.total}"
