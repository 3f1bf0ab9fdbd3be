"""Voter rolls: who may vote at a general meeting, copied on a day and never touched by the registry again."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


def only_paid_members() -> list[str]:
    """The statuses that give a vote unless the office says otherwise."""
    return ["active"]


class VoterRoll(models.Model):
    """A rule for who may vote, and from the moment it is frozen the people it gave."""

    name = models.CharField(_("name"), max_length=120, help_text=_("For instance: General meeting 2026."))
    counts_on = models.DateField(_("as on"), help_text=_("Membership, status and age count as they were on this day."))
    types = models.ManyToManyField("membership.MembershipType", related_name="+", verbose_name=_("types that vote"))
    statuses = models.JSONField(_("statuses that count"), default=only_paid_members)
    min_age = models.PositiveSmallIntegerField(
        _("age at least"), null=True, blank=True, help_text=_("On that day. Empty: no limit.")
    )
    paid_by = models.DateField(
        _("paid at the latest on"), null=True, blank=True,
        help_text=_("Who paid later does not vote. Empty: paid is what the status says."),
    )  # fmt: skip
    branch = models.ForeignKey(
        "membership.Branch", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("branch"),
        help_text=_("With all that lie below it. Empty: the whole organisation."),
    )  # fmt: skip
    frozen_at = models.DateTimeField(_("frozen at"), null=True, blank=True, editable=False)
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+",
        verbose_name=_("frozen by"),
    )  # fmt: skip

    class Meta:
        ordering = ["-counts_on", "-pk"]
        verbose_name = _("voter roll")
        verbose_name_plural = _("voter rolls")

    def __str__(self) -> str:
        return self.name

    @property
    def is_frozen(self) -> bool:
        return self.frozen_at is not None


class VoterRollLineQuerySet(models.QuerySet["VoterRollLine"]):
    def voting(self) -> "VoterRollLineQuerySet":
        """Those who may vote, appeals included."""
        return self.filter(is_listed=True)

    def left_out(self) -> "VoterRollLineQuerySet":
        return self.filter(is_listed=False)


class VoterRollLine(models.Model):
    """One person of a frozen roll, as printed then. Who belonged but may not vote is here too, with the reason.

    Only an appeal that is upheld changes `is_listed`; only erasure takes the words away, and leaves the line.
    """

    class Why(models.TextChoices):
        TYPE = "type", _("the membership type gives no vote")
        STATUS = "status", _("the status gives no vote")
        NO_BIRTH = "no_birth", _("the date of birth is not known")
        AGE = "age", _("too young")
        PAID_LATE = "paid_late", _("not paid in time")
        NOT_MEMBER = "not_member", _("was not a member on that day")

    roll = models.ForeignKey(VoterRoll, models.CASCADE, related_name="lines", verbose_name=_("voter roll"))
    member = models.ForeignKey(
        "membership.Member", models.SET_NULL, null=True, blank=True, related_name="voter_roll_lines",
        verbose_name=_("member"),
    )  # fmt: skip
    member_number = models.CharField(_("member number"), max_length=20, blank=True)
    last_name = models.CharField(_("surname"), max_length=120, blank=True, db_collation="nb")
    first_names = models.CharField(_("first names"), max_length=120, blank=True, db_collation="nb")
    place = models.CharField(_("place"), max_length=80, blank=True)
    branch_name = models.CharField(_("branch"), max_length=120, blank=True)
    type_name = models.CharField(_("membership type"), max_length=120, blank=True)
    why_not = models.CharField(_("why not"), max_length=10, choices=Why, blank=True)
    is_listed = models.BooleanField(_("may vote"))
    is_erased = models.BooleanField(_("erased since"), default=False)

    objects = VoterRollLineQuerySet.as_manager()

    class Meta:
        ordering = ["last_name", "first_names", "pk"]
        verbose_name = _("line of a voter roll")
        verbose_name_plural = _("lines of voter rolls")
        default_permissions = ()
        indexes = [models.Index(fields=["roll", "is_listed", "last_name", "first_names", "id"], name="roll_by_name")]

    def __str__(self) -> str:
        return f"{self.roll}: {self.full_name}"

    @property
    def full_name(self) -> str:
        """The name as it was, or that it is gone."""
        return str(_("(erased)")) if self.is_erased else f"{self.first_names} {self.last_name}".strip()


class VoterRollAppeal(models.Model):
    """Somebody says that a roll is wrong about a person; who decided what, and when."""

    class Wants(models.TextChoices):
        ADD = "add", _("should be on the roll")
        REMOVE = "remove", _("should not be on the roll")

    class Decision(models.TextChoices):
        UPHELD = "upheld", _("upheld")
        REJECTED = "rejected", _("rejected")

    roll = models.ForeignKey(VoterRoll, models.CASCADE, related_name="appeals", verbose_name=_("voter roll"))
    member = models.ForeignKey(
        "membership.Member", models.SET_NULL, null=True, blank=True, related_name="voter_roll_appeals",
        verbose_name=_("about"),
    )  # fmt: skip
    about = models.CharField(_("about"), max_length=250, blank=True, help_text=_("The name, as it was."))
    line = models.ForeignKey(
        VoterRollLine, models.SET_NULL, null=True, blank=True, related_name="appeals", verbose_name=_("line")
    )
    wants = models.CharField(_("what is asked"), max_length=6, choices=Wants)
    raised_by = models.CharField(_("who appeals"), max_length=160, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    received_on = models.DateField(_("received on"))
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("recorded by"),
    )  # fmt: skip
    decision = models.CharField(_("decision"), max_length=8, choices=Decision, blank=True)
    decided_by = models.CharField(_("decided by"), max_length=160, blank=True)
    decided_on = models.DateField(_("decided on"), null=True, blank=True)
    explanation = models.CharField(_("explanation"), max_length=500, blank=True)
    decided_at = models.DateTimeField(_("decision recorded at"), null=True, blank=True)
    decision_recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("decision recorded by"),
    )  # fmt: skip

    class Meta:
        ordering = ["received_on", "pk"]
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(decision="", decided_on__isnull=True) | (~Q(decision="") & Q(decided_on__isnull=False)),
                name="appeal_is_decided_on_a_day",
            ),
            models.UniqueConstraint(
                fields=["roll", "member"], condition=Q(decision=""), name="one_open_appeal_about_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.roll}: {self.about}"
