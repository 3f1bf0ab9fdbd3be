"""Households: who lives together and pays as one, while each stays a member of their own."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Household(models.Model):
    """Members at one address with one main member. It pays as one: one invoice, a line a person."""

    main_member = models.OneToOneField(
        "membership.Member", models.SET_NULL, null=True, blank=True, related_name="heads",
        verbose_name=_("main member"),
    )  # fmt: skip
    legacy_id = models.CharField(
        _("old number"), max_length=40, blank=True, db_index=True, help_text=_("As imported, not interpreted.")
    )
    formed_on = models.DateField(_("formed on"))

    class Meta:
        verbose_name = _("household")
        verbose_name_plural = _("households")

    def __str__(self) -> str:
        return str(self.main_member or _("Household without main member"))
