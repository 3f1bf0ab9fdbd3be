"""What is remembered about messages: every e-mail, SMS and letter is one row, with every attempt to send it.

Nothing happens here. `outbox.py` makes the rows, `leases.py` and `sending.py` move them on, `decisions.py` is the
office's say.
"""

from datetime import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS ($$$)")
    LETTER = "letter", _("Letter ($$$)")


class State(models.TextChoices):
    """queued → sending (leased) → sent → delivered, bounced or complained; the rest end elsewhere."""

    QUEUED = "queued", _("queued")
    SENDING = "sending", _("sending")
    SENT = "sent", _("sent")
    DELIVERED = "delivered", _("delivered")
    BOUNCED = "bounced", _("bounced")
    COMPLAINED = "complained", _("marked as spam")
    SUPPRESSED = "suppressed", _("not sent")
    FAILED = "failed", _("failed")
    UNKNOWN = "unknown", _("unknown")
    CANCELLED = "cancelled", _("cancelled")


def explain(reason: str, detail: str = "") -> str:
    """A stored reason in the reader's language. Reasons are kept in English, so that each reader gets their own."""
    return gettext(reason).replace("%(detail)s", detail) if reason else ""


class Wording(models.Model):
    """Words that many messages share: a newsletter is stored once, and each message holds its own merge values.

    `[[name]]` is replaced by the message's value of that name, as text. Nothing else is evaluated.
    """

    key = models.CharField(max_length=200, unique=True)
    subject = models.CharField(_("subject"), max_length=500)
    body_text = models.TextField(_("text"))
    body_html = models.TextField(_("HTML"), blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("shared words")
        verbose_name_plural = _("shared words")

    def __str__(self) -> str:
        return self.subject


class MessageQuerySet(models.QuerySet["Message"]):
    """The adjectives of messages."""

    def due(self, *, at: datetime) -> Self:
        """Waiting to be sent, and nothing says to wait longer."""
        return self.filter(state=State.QUEUED).filter(models.Q(due_at=None) | models.Q(due_at__lte=at))

    def abandoned(self, *, at: datetime) -> Self:
        """Leased by a worker that has not been heard from in time."""
        return self.filter(state=State.SENDING, leased_until__lt=at)

    def undecided(self) -> Self:
        """Messages a person must decide about: nobody can know whether they arrived."""
        return self.filter(state=State.UNKNOWN)

    def to_recipient(self, recipient_ref: str) -> Self:
        """Everything sent, or not sent, to one recipient ("member:42"), newest first."""
        return self.filter(recipient_ref=recipient_ref).order_by("-id")


class Message(models.Model):
    """One e-mail, SMS or letter to one recipient."""

    channel = models.CharField(_("channel"), max_length=8, choices=Channel, default=Channel.EMAIL)
    kind = models.CharField(_("kind"), max_length=40, db_index=True)
    template = models.CharField(max_length=100, blank=True)
    recipient_ref = models.CharField(_("recipient"), max_length=64, db_index=True)
    address = models.CharField(_("address"), max_length=320, blank=True)
    language = models.CharField(_("language"), max_length=8)
    unique_key = models.CharField(max_length=200, unique=True)

    subject = models.CharField(_("subject"), max_length=500, blank=True)
    body_text = models.TextField(_("text"), blank=True)
    body_html = models.TextField(_("HTML"), blank=True)
    wording = models.ForeignKey(
        Wording,
        verbose_name=_("shared words"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="messages",
    )
    values = models.JSONField(_("merge values"), default=dict, blank=True)
    headers = models.JSONField(default=dict, blank=True)
    attachments = models.JSONField(_("attachments"), default=list, blank=True)

    state = models.CharField(_("state"), max_length=12, choices=State, default=State.QUEUED)
    reason = models.CharField(
        _("reason"), max_length=300, blank=True, help_text=_("In English, as the program says it; shown translated.")
    )
    detail = models.TextField(_("detail"), blank=True, help_text=_("What the server answered, word for word."))
    segments = models.PositiveSmallIntegerField(
        _("parts"), default=0, help_text=_("How many parts an SMS is sent in: each is paid for.")
    )
    priority = models.SmallIntegerField(_("priority"), default=0)
    queued_at = models.DateTimeField(_("queued"))
    due_at = models.DateTimeField(_("not before"), null=True, blank=True, help_text=_("Empty: as soon as possible."))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    provider_id = models.CharField(max_length=200, blank=True, db_index=True)

    lease_token = models.CharField(max_length=32, blank=True, db_index=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    handed_over_at = models.DateTimeField(
        null=True, blank=True, help_text=_("From here on the server may have it: never sent again without a decision.")
    )
    tries = models.PositiveSmallIntegerField(_("attempts"), default=0)
    crashes = models.PositiveSmallIntegerField(
        default=0, help_text=_("How many workers have died with this message in hand.")
    )

    objects = MessageQuerySet.as_manager()
    wagtail_reference_index_ignore = True  # saving a message would otherwise enqueue a task of Wagtail's

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-id"]
        indexes = [
            # Whole, not partial: SQLite cannot use a partial index when the state is a parameter of the query.
            models.Index(fields=["state", "-priority", "id"], name="messages_waiting"),
            models.Index(fields=["state", "leased_until"], name="messages_leased"),
            models.Index(fields=["channel", "queued_at"], name="messages_by_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.address or self.recipient_ref}"

    @property
    def why(self) -> str:
        """Why the message is where it is, in the reader's language; empty when there is nothing to explain."""
        return explain(self.reason, self.detail)

    @property
    def is_undecided(self) -> bool:
        return self.state == State.UNKNOWN

    def reference(self) -> str:
        """How logs and outside services name this message; says nothing about its recipient."""
        return f"message:{self.pk}"


class Attempt(models.Model):
    """One try to send a message, or a person's decision about it. Rows are added, never changed."""

    class Outcome(models.TextChoices):
        SENT = "sent", _("The server took it.")
        LATER = "later", _("The server asked us to try later.")
        REFUSED = "refused", _("The server refused it for good.")
        BOUNCED = "bounced", _("The address was refused.")
        UNCERTAIN = "uncertain", _("The connection broke after the words were sent: it may have arrived.")
        CRASHED = "crashed", _("The worker died.")
        NOT_READY = "not_ready", _("An attachment was not ready.")
        FAULTY = "faulty", _("The message could not be made.")
        TOO_LATE = "too_late", _("An answer came after the lease had ended, and was not counted.")
        DECIDED = "decided", _("A person decided.")

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attempts", verbose_name=_("message"))
    at = models.DateTimeField(_("at"))
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome)
    detail = models.TextField(_("detail"), blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} {self.detail}".strip()


class Bounce(models.Model):
    """An address that was refused, now or after the server had taken the message."""

    message = models.ForeignKey(
        Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="bounces", verbose_name=_("message")
    )
    address = models.CharField(_("address"), max_length=320, db_index=True, help_text=_("In lower case."))
    at = models.DateTimeField(_("at"))
    detail = models.TextField(_("detail"), blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("bounce")
        verbose_name_plural = _("bounces")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.address


class Suppression(models.Model):
    """An address nothing more is sent to, and why. The office lifts it by deleting the row."""

    address = models.CharField(_("address"), max_length=320, unique=True, help_text=_("In lower case."))
    reason = models.CharField(_("reason"), max_length=300)
    at = models.DateTimeField(_("since"))

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("blocked address")
        verbose_name_plural = _("blocked addresses")
        ordering = ["address"]

    def __str__(self) -> str:
        return self.address

    @property
    def why(self) -> str:
        return explain(self.reason)


class Pause(models.Model):
    """A channel that is not sending just now. While the row is there, its messages wait and are not lost."""

    channel = models.CharField(_("channel"), max_length=8, choices=Channel, unique=True)
    reason = models.CharField(_("reason"), max_length=300)
    detail = models.TextField(_("detail"), blank=True)
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True, blank=True, help_text=_("Empty: until a person resumes it."))
    failures = models.PositiveSmallIntegerField(default=1)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")

    def __str__(self) -> str:
        return f"{self.get_channel_display()}: {self.why}"

    @property
    def why(self) -> str:
        return explain(self.reason, self.detail)


class Heartbeat(models.Model):
    """When the worker was last alive, and whether its bell has been rung since it last looked."""

    name = models.CharField(max_length=40, primary_key=True)
    beat_at = models.DateTimeField(null=True)
    rung_at = models.DateTimeField(null=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.name
