"""A simulation on its way, and who would change by it; forgotten after a day (clearing.py). See simulator_runs.py."""

from django.conf import settings
from django.db import models
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from core.long_work import LongWork


def _key() -> str:
    return get_random_string(22)


class Simulation(LongWork):
    """What is tried on which day, by whom, how far the counting is, and what it adds up to. Nobody is named."""

    class State(models.TextChoices):
        RUNNING = "running", _("in progress")
        DONE = "done", _("done")

    UNDER_WAY = (State.RUNNING,)

    key = models.CharField(max_length=22, unique=True, default=_key, help_text=_("What its page is called."))
    year = models.PositiveSmallIntegerField(_("year"))
    changes = models.JSONField(default=list, help_text=_("By a type's key, what is tried of it."))
    today = models.DateField(_("counted on"))
    total = models.PositiveIntegerField(_("members"))
    place = models.JSONField(default=list, help_text=_("The household and the period after which the next portion is."))
    sums = models.JSONField(default=dict, help_text=_("Numbers and amounts so far."))
    branches = models.TextField(blank=True, help_text=_("Whose members were counted: what the log-in might see then."))
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.RUNNING)
    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("asked by")
    )  # fmt: skip

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = _("simulation")
        verbose_name_plural = _("simulations")
        default_permissions = ()

    def __str__(self) -> str:
        return str(_("Simulation of %(year)d") % {"year": self.year})

    @property
    def is_done(self) -> bool:
        """Whether everybody has been counted."""
        return self.state == self.State.DONE


class SimulationPart(models.Model):
    """Those of one portion who would change, in their order: keys of members, and what they would have."""

    simulation = models.ForeignKey(Simulation, models.CASCADE, related_name="parts")
    outcomes = models.JSONField(default=list, help_text=_("Each type, price and reasons that somebody has."))
    rows = models.JSONField(default=list, help_text=_("A member's key, and which outcome is theirs by each rule."))

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["pk"]
        verbose_name = _("part of a simulation")
        verbose_name_plural = _("parts of simulations")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.simulation_id}: {self.pk}"
