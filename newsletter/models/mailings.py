"""Mailings: one row each time a newsletter is sent. Its recipients are messages in the outbox."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from messaging.models import Message, State


class Mailing(models.Model):
    """A newsletter on its way: what, to whom, when and by whom. Written by the machine, read by the office."""

    page = models.ForeignKey(
        "newsletter.NewsletterPage", models.SET_NULL, null=True, related_name="mailings", verbose_name=_("newsletter")
    )
    edition = models.PositiveIntegerField(_("version"), default=0)
    title = models.CharField(_("title"), max_length=255)
    audience = models.CharField(_("sent to"), max_length=500)
    expected = models.PositiveIntegerField(_("recipients when it was sent"))
    started_at = models.DateTimeField(_("sent at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("sent by")
    )
    filled_at = models.DateTimeField(_("all recipients are in the outbox since"), null=True)
    wordings = models.ManyToManyField("messaging.Wording", related_name="+", editable=False)

    class Meta:
        ordering = ["-started_at", "-pk"]
        verbose_name = _("mailing")
        verbose_name_plural = _("mailings")
        constraints = [models.UniqueConstraint("page", "edition", name="each_version_is_sent_once")]

    def __str__(self) -> str:
        return self.title

    @property
    def key(self) -> str:
        """What the unique keys of its messages begin with."""
        return f"newsletter:{self.pk}"

    def messages(self) -> models.QuerySet[Message]:
        """Every message of this mailing, sent or not."""
        return Message.objects.filter(wording__in=self.wordings.all())

    def states(self) -> dict[str, int]:
        """How many messages are in which state; states nobody is in are left out."""
        rows: Any = self.messages().order_by().values_list("state").annotate(number=Count("pk"))
        counts = dict(rows)
        return {state: counts[state] for state in State.values if state in counts}
