"""Invitations: to a household, to be its main member, to a seat of an organisation. Each is answered once."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, *, at: datetime) -> "InvitationQuerySet":
        """Those that can still be answered at the moment."""
        return self.filter(state=Invitation.State.OPEN, expires_at__gt=at)


class Invitation(models.Model):
    """One question to one person. Nobody enters the registry, or a household, before they have said yes."""

    class Kind(models.TextChoices):
        HOUSEHOLD = "household", _("to the household")
        MAIN_MEMBER = "main_member", _("to be main member")
        SEAT = "seat", _("to a seat")

    class State(models.TextChoices):
        OPEN = "open", _("waits for an answer")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")
        EXPIRED = "expired", _("never answered")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    household = models.ForeignKey(
        "membership.Household", models.CASCADE, null=True, blank=True, related_name="invitations",
        verbose_name=_("household"),
    )  # fmt: skip
    organisation = models.ForeignKey(
        "membership.Member", models.CASCADE, null=True, blank=True, related_name="seat_invitations",
        verbose_name=_("organisation"),
    )  # fmt: skip
    # Who asks: none means the office. The name is kept as it was, for the page of the link.
    invited_by = models.ForeignKey(
        "membership.Member", models.SET_NULL, null=True, blank=True, related_name="invitations_sent",
        verbose_name=_("invited by"),
    )  # fmt: skip
    # Who is asked to be main member; for the others, who it was that said yes.
    member = models.ForeignKey(
        "membership.Member", models.SET_NULL, null=True, blank=True, related_name="invitations",
        verbose_name=_("member"),
    )  # fmt: skip
    name = models.CharField(_("name"), max_length=250, blank=True)
    email = models.EmailField(_("e-mail"), blank=True, db_index=True)
    language = models.CharField(_("language"), max_length=2, default="nb")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    sent_at = models.DateTimeField(_("sent at"))
    expires_at = models.DateTimeField(_("expires at"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-sent_at", "-pk"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(state="open"), name="invitation_open_by_end"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="seat", organisation__isnull=False, household__isnull=True)
                | (~Q(kind="seat") & Q(organisation__isnull=True, household__isnull=False)),
                name="invitation_says_where_to",
            ),
            models.UniqueConstraint(
                fields=["household"], condition=Q(kind="main_member", state="open"),
                name="household_asks_one_to_be_main_member",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.name or self.email}"
