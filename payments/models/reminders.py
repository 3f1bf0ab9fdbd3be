"""Who was reminded of what, and who was given more time. A reminder is added when it is sent, and never changed."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.long_work import LongWork
from messaging.models import Message

MESSAGE_KEYS = "reminder:"  # what the keys of reminders' messages begin with


class ReminderRun(LongWork):
    """Reminders sent together: whose turn it was is fixed when somebody says yes, and looked at again on sending."""

    class State(models.TextChoices):
        RUNNING = "running", _("in progress")
        DONE = "done", _("done")
        STOPPED = "stopped", _("stopped")

    class WhyStopped(models.TextChoices):
        ASKED = "asked", _("Somebody stopped it.")
        DAY_OVER = (
            "day_over",
            _(
                "It stopped by itself, because its day was over: those who were left would have had too little time to "
                "pay. They are still due; send their reminders anew."
            ),
        )
        BANK = (
            "bank",
            _(
                "It stopped by itself, because some of those who were left may have paid meanwhile. See to the bank's "
                "files and payments first, and then send their reminders anew."
            ),
        )

    UNDER_WAY = (State.RUNNING,)

    on = models.DateField(_("date"))
    invoices = models.JSONField(default=list, help_text=_("Whose turn it was, by the ids of the invoices."))
    total = models.PositiveIntegerField(_("reminders"))
    position = models.PositiveIntegerField(_("so far"), default=0)
    sent = models.PositiveIntegerField(_("sent"), default=0)
    left_out = models.JSONField(default=list, help_text=_("Those who got none after all, and why."))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.RUNNING)
    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("asked by"), help_text=_("Empty: the night."),
    )  # fmt: skip
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    why_stopped = models.CharField(_("why it stopped"), max_length=8, choices=WhyStopped, blank=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("stopped by"),
    )  # fmt: skip

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = _("sending of reminders")
        verbose_name_plural = _("sendings of reminders")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint("state", condition=Q(state="running"), name="reminders_are_sent_once_at_a_time")
        ]

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d}"

    @property
    def has_stopped_itself(self) -> bool:
        """Whether it stopped though nobody asked for that."""
        return self.why_stopped in {self.WhyStopped.DAY_OVER, self.WhyStopped.BANK}


class Reminder(models.Model):
    """One step of the schedule, done for one invoice: sent, or by hand, also because what was sent did not arrive."""

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        SMS = "sms", _("SMS ($$$)")
        LETTER = "letter", _("Letter ($$$)")
        SPOKEN = "spoken", _("by phone or in person")

    invoice = models.ForeignKey(
        "invoicing.Invoice", models.PROTECT, related_name="reminders", verbose_name=_("invoice")
    )
    step = models.PositiveSmallIntegerField(_("which reminder"))
    sent_on = models.DateField(_("sent on"))
    pay_by = models.DateField(_("pay by"), help_text=_("The day the reminder gave; nothing more happens before it."))
    channel = models.CharField(_("channel"), max_length=6, choices=Channel)
    fee = models.DecimalField(_("fee"), max_digits=12, decimal_places=2, default=0)
    fee_invoice = models.OneToOneField(
        "invoicing.Invoice", models.PROTECT, null=True, blank=True, related_name="charged_by",
        verbose_name=_("invoice of the fee"),
    )  # fmt: skip
    left = models.DecimalField(
        _("left to pay then"), max_digits=12, decimal_places=2, default=0,
        help_text=_("Of the invoice, without fees; as the reminder says."),
    )  # fmt: skip
    fees_left = models.DecimalField(
        _("fees to pay then"), max_digits=12, decimal_places=2, default=0,
        help_text=_("Of this reminder and of those before it."),
    )  # fmt: skip
    is_by_hand = models.BooleanField(_("done by hand"), default=False)
    run = models.ForeignKey(
        ReminderRun, models.SET_NULL, null=True, blank=True, related_name="reminders", verbose_name=_("sending")
    )
    made_at = models.DateTimeField(_("made at"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("made by")
    )

    class Meta:
        ordering = ["invoice", "step", "pk"]
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        permissions = [("send_reminder", _("Can follow up those who have not paid"))]
        constraints = [
            models.UniqueConstraint("invoice", "step", "is_by_hand", name="each_reminder_is_sent_once"),
            models.CheckConstraint(condition=Q(step__gte=1), name="reminders_count_from_one"),
            models.CheckConstraint(
                condition=Q(fee=0, fee_invoice__isnull=True) | Q(fee__gt=0, fee_invoice__isnull=False),
                name="reminder_fee_has_its_invoice",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id}: {self.step}"

    @property
    def message_key(self) -> str:
        """What the outbox knows its message by."""
        return message_key(number=self.invoice.number, step=self.step)

    @property
    def message(self) -> Message | None:
        """What was sent; none where somebody has reminded by hand, or the message has been forgotten since."""
        if self.is_by_hand:
            return None
        return Message.objects.filter(unique_key=self.message_key).first()


def message_key(*, number: int, step: int) -> str:
    """The outbox's key of the reminder of an invoice: the same step is never queued twice."""
    return f"{MESSAGE_KEYS}{number}:{step}"


class Snooze(models.Model):
    """More time to pay one invoice: until that day there are no reminders, and nobody is struck.

    The day is the member's or the office's, whoever chose last; that the member has had theirs is never forgotten.
    """

    invoice = models.OneToOneField(
        "invoicing.Invoice", models.PROTECT, related_name="snooze", verbose_name=_("invoice")
    )
    until = models.DateField(_("until"))
    asked_on = models.DateField(_("asked on"))
    by_member = models.BooleanField(_("asked by the member"), default=False)
    member_has_asked = models.BooleanField(_("the member has put it off"), default=False)

    class Meta:
        verbose_name = _("more time")
        verbose_name_plural = _("more time")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.invoice_id}: {self.until:%Y-%m-%d}"

    def leaves_nothing_to_ask(self, *, on: date) -> bool:
        """Whether the member cannot put the invoice off: they have done so, or the office's day is still ahead."""
        return self.member_has_asked or self.until >= on
