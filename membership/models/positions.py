"""Committees, and who holds which office in them from when to when."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _


class Committee(models.Model):
    """A board, a committee, a working group: something people are elected to."""

    name = models.CharField(_("name"), max_length=120, db_collation="nb")
    is_board = models.BooleanField(
        _("is the board"), default=False,
        help_text=_("The board answers for the organisation or the branch. It stands first in lists."),
    )  # fmt: skip
    branch = models.ForeignKey(
        "membership.Branch", models.PROTECT, null=True, blank=True, related_name="committees",
        verbose_name=_("branch"), help_text=_("Empty: of the whole organisation."),
    )  # fmt: skip

    class Meta:
        ordering = [F("branch__name").asc(nulls_first=True), "-is_board", "name"]
        verbose_name = _("committee")
        verbose_name_plural = _("committees")
        constraints = [
            models.UniqueConstraint("name", Coalesce("branch", 0), name="committee_name_once_in_a_branch"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.branch}" if self.branch else self.name


class PositionQuerySet(models.QuerySet["Position"]):
    def held(self, on: date) -> "PositionQuerySet":
        """Those that somebody holds on the date, both ends included."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), starts_on__lte=on)

    def of_boards(self) -> "PositionQuerySet":
        return self.filter(committee__is_board=True)


class Position(models.Model):
    """One office held by one member for one term. Who is elected again gets a new row."""

    class Office(models.IntegerChoices):
        """The number is the order in lists."""

        LEADER = 1, _("leader")
        DEPUTY_LEADER = 2, _("deputy leader")
        SECRETARY = 3, _("secretary")
        TREASURER = 4, _("treasurer")
        MEMBER = 5, _("member of the committee")
        SUBSTITUTE = 6, _("substitute")
        OBSERVER = 7, _("observer")
        AUDITOR = 8, _("auditor")
        OTHER = 9, _("other")

    committee = models.ForeignKey(Committee, models.PROTECT, related_name="positions", verbose_name=_("committee"))
    member = models.ForeignKey("membership.Member", models.CASCADE, related_name="positions", verbose_name=_("member"))
    office = models.PositiveSmallIntegerField(_("office"), choices=Office, default=Office.MEMBER)
    title = models.CharField(
        _("title"), max_length=120, blank=True, help_text=_("In your own words, like webmaster. Empty: as above.")
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(
        _("to"), null=True, blank=True, help_text=_("The last day. Empty: until further notice.")
    )

    objects = PositionQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "office", "pk"]
        verbose_name = _("office")
        verbose_name_plural = _("offices")
        indexes = [models.Index(fields=["committee", "starts_on"], name="position_by_committee")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="position_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shown_title}: {self.member}"

    @property
    def shown_title(self) -> str:
        """The office in the reader's language, or in the organisation's own words."""
        return self.title or str(self.get_office_display())

    def is_held(self, on: date) -> bool:
        """Whether the member holds it on the date."""
        return self.starts_on <= on and (self.ends_on is None or on <= self.ends_on)
