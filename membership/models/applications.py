"""Applications: a joining form as it came in, before anybody is in the registry."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Application(models.Model):
    """One sent joining form. It becomes members when the e-mail is confirmed and, where asked for, approved."""

    class State(models.TextChoices):
        UNCONFIRMED = "unconfirmed", _("waits for the e-mail to be confirmed")
        AWAITING_APPROVAL = "approval", _("waits for the office")
        JOINED = "joined", _("joined")
        REFUSED = "refused", _("refused")
        EXPIRED = "expired", _("never confirmed")

    token = models.UUIDField(_("form token"), unique=True, editable=False)
    reference = models.CharField(_("reference"), max_length=12, unique=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.UNCONFIRMED)
    name = models.CharField(_("name"), max_length=250)
    email = models.EmailField(_("e-mail"), blank=True, db_index=True)
    language = models.CharField(_("language"), max_length=2, default="nb")
    wanted_type = models.ForeignKey(
        "membership.MembershipType", models.PROTECT, related_name="+", verbose_name=_("wanted type")
    )
    answers = models.JSONField(_("answers"), help_text=_("People, consents and address, as typed and checked."))
    branch = models.ForeignKey(
        "membership.Branch", models.PROTECT, null=True, blank=True, related_name="applications",
        verbose_name=_("branch"), help_text=_("The one their postcode leads to."),
    )  # fmt: skip
    campaign = models.ForeignKey(
        "membership.Campaign", models.PROTECT, null=True, blank=True, related_name="applications",
        verbose_name=_("campaign"),
    )  # fmt: skip
    recruiter_number = models.CharField(_("recruited by (member number)"), max_length=20, blank=True)
    sent_at = models.DateTimeField(_("sent at"))
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    main_member = models.ForeignKey(
        "membership.Member", models.SET_NULL, null=True, blank=True, related_name="applications",
        verbose_name=_("member"),
    )  # fmt: skip
    possible_duplicates = models.ManyToManyField(
        "membership.Member", blank=True, related_name="+", verbose_name=_("possible duplicates")
    )

    class Meta:
        ordering = ["-sent_at", "-pk"]
        verbose_name = _("application")
        verbose_name_plural = _("applications")

    def __str__(self) -> str:
        return f"{self.reference} {self.name}"
