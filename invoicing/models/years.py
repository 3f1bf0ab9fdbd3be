"""The years of the books that are closed."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ClosedYear(models.Model):
    """A year of the books that is closed: nothing is booked in it any more. Opened again, the row stays and says so."""

    year = models.PositiveSmallIntegerField(_("year"))
    figures = models.JSONField(_("figures"), default=dict, help_text=_("What the books said when the year was closed."))
    closed_at = models.DateTimeField(_("closed at"))
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("closed by")
    )
    opened_at = models.DateTimeField(_("opened again at"), null=True, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("opened again by"),
    )  # fmt: skip
    reason = models.CharField(_("why it was opened again"), max_length=250, blank=True)

    class Meta:
        ordering = ["-year", "-pk"]
        verbose_name = _("closed year")
        verbose_name_plural = _("closed years")
        default_permissions = ("view",)  # the right to read the books as a whole
        permissions = [("close_year", _("Can close a year of the books")),
                       ("open_year", _("Can open a closed year of the books again"))]  # fmt: skip
        constraints = [
            models.UniqueConstraint("year", condition=Q(opened_at=None), name="year_is_closed_once"),
        ]

    def __str__(self) -> str:
        return str(self.year)
