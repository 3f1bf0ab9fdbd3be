"""Payments through a provider: a row before the provider is asked, and what happened to it since."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

type StrOrPromise = str | Promise


class ProviderPaymentQuerySet(models.QuerySet["ProviderPayment"]):
    """Online payments by what is to be done about them."""

    def under_way(self) -> "ProviderPaymentQuerySet":
        """Those the person can still say yes to, as far as we know."""
        return self.filter(state__in=ProviderPayment.UNDER_WAY)

    def due(self, *, at: datetime) -> "ProviderPaymentQuerySet":
        """Those the provider should be asked about again."""
        return self.filter(look_at__lte=at)

    def needing_a_person(self) -> "ProviderPaymentQuerySet":
        """Those a treasurer has to decide about, or that the provider will not tell us about."""
        is_stuck = Q(state__in=[ProviderPayment.State.WAITING, ProviderPayment.State.REFUNDING]) & ~Q(problem="")
        return self.filter(Q(state=ProviderPayment.State.REVIEW) | is_stuck)


class ProviderPayment(models.Model):
    """One try to pay an invoice with Vipps, card or PayPal.

    Written before the provider is asked, so that nothing the provider knows of is unknown to us. `payment` is the
    money in the books, once it has come. `captured_amount` and `refunded_amount` are what the provider said last.
    """

    class State(models.TextChoices):
        STARTING = "starting", _("being started")
        WAITING = "waiting", _("waits for the payer")
        PAID = "paid", _("paid")
        CANCELLED = "cancelled", _("called off")
        EXPIRED = "expired", _("ran out")
        FAILED = "failed", _("failed")
        REVIEW = "review", _("to be looked at")
        REFUNDING = "refunding", _("being paid back")
        REFUNDED = "refunded", _("paid back")
        SET_ASIDE = "set_aside", _("set aside")

    UNDER_WAY = (State.STARTING, State.WAITING)

    invoice = models.ForeignKey(
        "invoicing.Invoice", models.PROTECT, related_name="provider_payments", verbose_name=_("invoice")
    )
    provider = models.CharField(_("provider"), max_length=30)
    reference = models.CharField(_("reference"), max_length=50, unique=True)
    key = models.CharField(max_length=32, unique=True, editable=False)
    provider_id = models.CharField(_("the provider's number"), max_length=255, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3, default="NOK")
    language = models.CharField(_("language"), max_length=2, default="nb")
    redirect_url = models.CharField(max_length=2000, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.STARTING)
    problem = models.CharField(_("what is wrong"), max_length=250, blank=True)
    captured_amount = models.DecimalField(_("received by the provider"), max_digits=12, decimal_places=2, default=0)
    refunded_amount = models.DecimalField(_("paid back by the provider"), max_digits=12, decimal_places=2, default=0)
    payment = models.OneToOneField(
        "payments.Payment", models.PROTECT, null=True, blank=True, related_name="provider_payment",
        verbose_name=_("payment"),
    )  # fmt: skip
    # What will have gone back in all when the refund that was asked for is done, and how many have been asked for.
    refund_until = models.DecimalField(max_digits=12, decimal_places=2, default=0, editable=False)
    refund_count = models.PositiveSmallIntegerField(default=0, editable=False)
    refund_reason = models.CharField(_("why it is paid back"), max_length=250, blank=True)
    refund_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("paid back by"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("started at"))
    expires_at = models.DateTimeField(_("runs out at"))
    look_at = models.DateTimeField(_("ask the provider at"), null=True, blank=True)

    objects = ProviderPaymentQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("online payment")
        verbose_name_plural = _("online payments")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["look_at"], condition=Q(look_at__isnull=False), name="online_payment_to_ask_about")
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="online_payment_is_above_zero"),
            models.CheckConstraint(
                condition=~Q(state="paid") | Q(payment__isnull=False), name="online_payment_that_is_paid_is_booked"
            ),
            models.CheckConstraint(
                condition=Q(refunded_amount__lte=F("captured_amount")), name="online_payment_gives_back_what_it_took"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.reference}"

    @property
    def refund_asked_for(self) -> Decimal:
        """How much the refund under way is."""
        return self.refund_until - self.refunded_amount

    @property
    def is_under_way(self) -> bool:
        """Whether the person can still say yes to it, as far as we know."""
        return self.state in self.UNDER_WAY


class ProviderEvent(models.Model):
    """One thing that happened to an online payment: asked, answered, told. Added, never changed.

    `kind` is a word of OURS, a state the payment came to, or the provider's own word for what it told us by itself;
    then `event_id` is the provider's too, and told again it has no effect.
    """

    OURS: ClassVar[dict[str, StrOrPromise]] = {
        "asked_for": _("asked for by the payer"),
        "started": _("created at the provider"),
        "not_started": _("refused by the provider"),
        "no_answer": _("no answer from the provider"),
        "asking_failed": _("the provider could not be asked"),
        "booked": _("booked by the office"),
        "refund_asked_for": _("to be paid back"),
        "refund_failed": _("not paid back by the provider"),
    }

    payment = models.ForeignKey(
        ProviderPayment, models.PROTECT, related_name="events", verbose_name=_("online payment")
    )
    at = models.DateTimeField(_("when"))
    kind = models.CharField(_("what"), max_length=80)
    note = models.CharField(_("note"), max_length=250, blank=True)
    event_id = models.CharField(max_length=255, blank=True, editable=False)

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("event of an online payment")
        verbose_name_plural = _("events of online payments")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint("payment", "event_id", condition=~Q(event_id=""), name="event_is_heard_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.note}".strip()

    @property
    def label(self) -> StrOrPromise:
        """What happened, in words."""
        states = dict(ProviderPayment.State.choices)
        return (
            self.OURS.get(self.kind)
            or states.get(self.kind)
            or _("told by the provider: %(what)s") % {"what": self.kind}
        )
