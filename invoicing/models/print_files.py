"""Letters put together in one file for the printer or a print shop."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.long_work import LongWork

from .invoices import private_storage


class PrintFile(LongWork):
    """Documents in the order of their postcodes, behind a cover sheet. It can be made again from the list of them."""

    class State(models.TextChoices):
        MAKING = "making", _("being made")
        READY = "ready", _("ready")
        FAILED = "failed", _("could not be made")

    UNDER_WAY = (State.MAKING,)

    state = models.CharField(_("state"), max_length=7, choices=State, default=State.MAKING)
    kind = models.CharField(
        _("kind of letter"), max_length=20, blank=True, help_text=_("Where the letters are all of one kind.")
    )
    run = models.ForeignKey("invoicing.InvoiceRun", models.SET_NULL, null=True, blank=True, related_name="print_files")
    documents = models.JSONField(
        default=list, help_text=_("What the documents are called in the outbox, in the order they are printed in.")
    )
    letters = models.PositiveIntegerField(_("letters"))
    pages = models.PositiveIntegerField(_("pages"), default=0)
    file = models.FileField(_("file"), storage=private_storage, blank=True, max_length=200)
    problem = models.CharField(_("why it could not be made"), max_length=300, blank=True)
    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by")
    )
    made_at = models.DateTimeField(_("made at"), null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = _("print file")
        verbose_name_plural = _("print files")
        default_permissions = ()

    def __str__(self) -> str:
        return str(_("Print file %(number)s") % {"number": self.pk})
