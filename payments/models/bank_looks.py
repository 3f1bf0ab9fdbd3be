"""How far somebody has looked through the bank, where payments are registered by hand."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class BankLook(models.Model):
    """Somebody says that every payment up to a day is registered. Rows are added, never changed."""

    until = models.DateField(_("looked through until"))
    said_at = models.DateTimeField(_("said at"))
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("said by")
    )

    class Meta:
        ordering = ["-said_at", "-pk"]
        verbose_name = _("look through the bank")
        verbose_name_plural = _("looks through the bank")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.until:%Y-%m-%d}"
