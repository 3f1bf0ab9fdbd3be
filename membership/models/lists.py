"""What the office keeps about its lists: lists saved under a name, and things done with everybody on a list."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.long_work import LongWork

if TYPE_CHECKING:
    from core.models import User


class SavedListQuerySet(models.QuerySet["SavedList"]):
    def seen_by(self, user: "User") -> "SavedListQuerySet":
        """One's own, and those others share."""
        return self.filter(Q(owner=user) | Q(is_shared=True))


class SavedList(models.Model):
    """A search with its filters, columns and order, under a name. The list itself is always of today."""

    name = models.CharField(_("name"), max_length=80, db_collation="nb")
    asked = models.TextField(_("search and filters"), blank=True)
    is_shared = models.BooleanField(_("shared with the office"), default=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_lists", verbose_name=_("made by")
    )

    objects = SavedListQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("saved list")
        verbose_name_plural = _("saved lists")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="saved_list_name_once_for_each")]

    def __str__(self) -> str:
        return self.name


class BulkRun(LongWork):
    """One thing done with everybody on a list: who was on it is fixed when somebody says yes."""

    class State(models.TextChoices):
        RUNNING = "running", _("in progress")
        DONE = "done", _("done")
        STOPPED = "stopped", _("stopped")

    UNDER_WAY = (State.RUNNING,)

    verb = models.CharField(_("what"), max_length=40)
    answers = models.JSONField(default=dict, help_text=_("What was chosen on the form."))
    members = models.JSONField(default=list, help_text=_("Who was on the list, by their ids."))
    total = models.PositiveIntegerField(_("members"))
    position = models.PositiveIntegerField(_("so far"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    refused = models.JSONField(default=list, help_text=_("Those it could not be done with, and why."))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.RUNNING)
    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by")
    )
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = _("change of a list")
        verbose_name_plural = _("changes of lists")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.verb} {self.asked_at:%Y-%m-%d %H:%M}"

    @property
    def unchanged(self) -> int:
        """How many were so already."""
        return self.position - self.changed - len(self.refused)
