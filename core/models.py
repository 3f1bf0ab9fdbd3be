"""The log-in. Who somebody is in the register is a `membership.Member`; one log-in may hold several."""

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A log-in: how somebody proves who they are. A member may have none, a family may share one."""

    language = models.CharField(_("language"), max_length=5, blank=True)

    objects = UserManager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("log-in")
        verbose_name_plural = _("log-ins")
        constraints = [
            # Two addresses that differ in case only are one mailbox.
            models.UniqueConstraint(Lower("email"), condition=~models.Q(email=""), name="one_log_in_per_email_address"),
        ]

    def get_full_name(self) -> str:
        return super().get_full_name() or self.email or self.username


class Counter(models.Model):
    """The last number given in a series. Taken only through `core.counters.take`, which locks the row."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("counter")
        verbose_name_plural = _("counters")

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"


class Chore(models.Model):
    """Long work that is done in short turns, and how far it has come. Taken only through `core.chores.turn`."""

    name = models.CharField(max_length=40, primary_key=True)
    place = models.JSONField(default=dict, help_text="Where the next turn goes on, in the work's own words.")
    held_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(null=True, help_text="Since when a turn is asked for that has not come yet.")

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("long job")
        verbose_name_plural = _("long jobs")

    def __str__(self) -> str:
        return f"{self.name}: {self.place}"
