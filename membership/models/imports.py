"""Imports: a file somebody brought, what it would do, and what it did."""

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.utils.translation import gettext_lazy as _


def private_storage() -> Storage:
    """Registers from files are kept apart from MEDIA; they are taken away when the import is done."""
    return storages["private"]


class ImportRun(models.Model):
    """One file on its way into the registry."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("waits for you")
        QUEUED = "queued", _("in progress")
        DONE = "done", _("done")
        REFUSED = "refused", _("stopped")

    name = models.CharField(_("file"), max_length=200)
    file = models.FileField(storage=private_storage, upload_to="imports/", blank=True)
    types = models.JSONField(_("types"), default=dict, help_text=_("The file's words and the codes they stand for."))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.UPLOADED)
    counts = models.JSONField(default=dict)
    report = models.JSONField(default=list, help_text=_("Refused rows and warnings, as shown."))
    problem = models.CharField(_("why it stopped"), max_length=500, blank=True)
    uploaded_at = models.DateTimeField(_("uploaded at"))
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("uploaded by")
    )
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
