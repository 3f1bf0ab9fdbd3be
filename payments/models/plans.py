"""Paying in parts: what a member proposed, what the treasurer said, and whether it was kept."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class PaymentPlanQuerySet(models.QuerySet["PaymentPlan"]):
    def standing(self) -> "PaymentPlanQuerySet":
        """Proposed or agreed: while one stands, nobody is reminded or struck."""
        return self.filter(state__in=PaymentPlan.STANDING)

    def undecided(self) -> "PaymentPlanQuerySet":
        return self.filter(state=PaymentPlan.State.PROPOSED)

    def agreed(self) -> "PaymentPlanQuerySet":
        return self.filter(state=PaymentPlan.State.AGREED)

    def fell_through_since(self, day: date) -> "PaymentPlanQuerySet":
        """Refused or broken on that day or later."""
        return self.filter(
            models.Q(state=PaymentPlan.State.REFUSED, decided_on__gte=day)
            | models.Q(state=PaymentPlan.State.BROKEN, ended_on__gte=day)
        )

    def to_look_at(self) -> "PaymentPlanQuerySet":
        """Broken, the invoice still open, and nobody has said that they have seen it."""
        return self.filter(state=PaymentPlan.State.BROKEN, seen_on__isnull=True, invoice__open_amount__gt=0)


class PaymentPlan(models.Model):
    """An invoice in parts. `amount` is what was left to pay when it was proposed: what the parts add up to."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        AGREED = "agreed", _("agreed")
        REFUSED = "refused", _("refused")
        KEPT = "kept", _("kept")
        ENDED = "ended", _("ended: the invoice was credited")
        BROKEN = "broken", _("broken")

    STANDING = (State.PROPOSED, State.AGREED)

    invoice = models.ForeignKey("invoicing.Invoice", models.PROTECT, related_name="plans", verbose_name=_("invoice"))
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.PROPOSED)
    proposed_on = models.DateField(_("proposed on"))
    decided_on = models.DateField(_("decided on"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("decided by"),
    )  # fmt: skip
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    seen_on = models.DateField(_("seen on"), null=True, blank=True, help_text=_("When the office saw it was broken."))

    objects = PaymentPlanQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("payment plan")
        verbose_name_plural = _("payment plans")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                "invoice", condition=Q(state__in=("proposed", "agreed")), name="one_plan_stands_for_an_invoice"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id}: {self.get_state_display()}"


class Instalment(models.Model):
    """One part of a plan."""

    plan = models.ForeignKey(PaymentPlan, models.CASCADE, related_name="instalments", verbose_name=_("payment plan"))
    number = models.PositiveSmallIntegerField(_("number"))
    due_on = models.DateField(_("due date"))
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)

    class Meta:
        ordering = ["plan", "number"]
        verbose_name = _("instalment")
        verbose_name_plural = _("instalments")
        default_permissions = ()
        constraints = [models.UniqueConstraint("plan", "number", name="one_instalment_a_number")]

    def __str__(self) -> str:
        return f"{self.number}. {self.due_on:%Y-%m-%d} {self.amount}"
