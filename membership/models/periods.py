"""Periods: a membership is a chain of rows, one a term. Renewal adds a row; nothing rewrites history."""

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from core import dates


class Days(Func):
    """A term's days as PostgreSQL's date range, the upper end exclusive; no last day is for ever."""

    function = "daterange"
    template = "%(function)s(%(expressions)s + 1)"
    arg_joiner = ", "


class NeverOverlap(ExclusionConstraint):
    """PostgreSQL's own guard against two terms at once. SQLite has none; there `periods.open_periods` guards alone."""

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        return super().constraint_sql(model, schema_editor) if schema_editor.connection.vendor == "postgresql" else None

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        return super().create_sql(model, schema_editor) if schema_editor.connection.vendor == "postgresql" else None

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        return super().remove_sql(model, schema_editor) if schema_editor.connection.vendor == "postgresql" else None

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Left to the story function, which says which term is in the way."""


class PeriodQuerySet(models.QuerySet["Period"]):
    def with_last_day(self) -> "PeriodQuerySet":
        """Annotate `last_on`: the real last day, empty while the term is permanent."""
        return self.annotate(last_on=Coalesce("ended_on", "ends_on"))

    def covering(self, on: date) -> "PeriodQuerySet":
        """Terms that run on the date, both ends included."""
        return self.with_last_day().filter(Q(last_on__isnull=True) | Q(last_on__gte=on), starts_on__lte=on)

    def begun(self) -> "PeriodQuerySet":
        """All but those that `Period.starts_when_paid`."""
        if settings.CLIENT.membership.starts != "on_payment":
            return self.all()
        return self.exclude(Q(source="joined", confirmed_on__isnull=True) & ~Q(type__kind="trial"))

    def turning(self, first: date, last: date) -> "PeriodQuerySet":
        """Terms that begin on one of these days, or whose real last day was the one before it: by the calendar alone
        somebody may belong who did not the day before, or belong no more."""
        over = {"gte": dates.day_before(first), "lt": last}
        ended = Q(**{f"ended_on__{name}": day for name, day in over.items()})
        ran_out = Q(ended_on__isnull=True, **{f"ends_on__{name}": day for name, day in over.items()})
        return self.filter(Q(starts_on__gte=first, starts_on__lte=last) | ended | ran_out)

    def confirmed(self) -> "PeriodQuerySet":
        """Paid, or free."""
        return self.filter(confirmed_on__isnull=False)

    def unconfirmed(self) -> "PeriodQuerySet":
        return self.filter(confirmed_on__isnull=True)

    def trials(self) -> "PeriodQuerySet":
        return self.filter(type__kind="trial")

    def without_next(self) -> "PeriodQuerySet":
        """The last term of its member so far."""
        return self.filter(has_next=False)

    def waiting_for_renewal(self, on: date) -> "PeriodQuerySet":
        """Paid or free terms that ran out this year or last, and that renewal has neither followed nor ended yet.

        Renewal may open weeks after New Year, or wait for the treasurer: nobody has left before it has spoken.
        """
        ran_out = self.without_next().confirmed().filter(ended_on__isnull=True, ends_on__lt=on)
        return ran_out.filter(ends_on__gte=date(on.year - 1, 1, 1)).exclude(type__kind__in=["trial", "none"])

    def paying(self) -> "PeriodQuerySet":
        """Those that are invoiced themselves, not with the household's main member."""
        return self.filter(paid_with__isnull=True)


class Period(models.Model):
    """One term of one member: from a day to a day, both included. An empty end means for life."""

    class Source(models.TextChoices):
        JOINED = "joined", _("joined")
        RENEWED = "renewed", _("renewed")
        CONVERTED = "converted", _("converted")
        IMPORTED = "imported", _("imported")
        OFFICE = "office", _("registered by the office")

    class EndReason(models.TextChoices):
        CONVERTED = "converted", _("converted to another type")
        LAPSED = "lapsed", _("struck off: not paid")
        TRIAL_OVER = "trial_over", _("the trial ended unpaid")
        RESIGNED = "resigned", _("resigned")
        DECEASED = "deceased", _("deceased")
        EXCLUDED = "excluded", _("excluded")
        CORRECTED = "corrected", _("corrected by the office")

    member = models.ForeignKey("membership.Member", models.CASCADE, related_name="periods", verbose_name=_("member"))
    type = models.ForeignKey("membership.MembershipType", models.PROTECT, related_name="periods",
                             verbose_name=_("type"))  # fmt: skip
    wanted_type = models.ForeignKey(
        "membership.MembershipType", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("wanted type"), help_text=_("What a trial becomes when it is paid."),
    )  # fmt: skip
    next_type = models.ForeignKey(
        "membership.MembershipType", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("type of the next term"), help_text=_("What the office has chosen. Empty: what the rules give."),
    )  # fmt: skip
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True, help_text=_("Empty: for life."))
    price = models.DecimalField(_("price"), max_digits=10, decimal_places=2)
    reasons = models.JSONField(_("why this price"), default=list, blank=True)
    source = models.CharField(_("source"), max_length=10, choices=Source)
    confirmed_on = models.DateField(_("confirmed on"), null=True, blank=True, help_text=_("Paid, or free."))
    pay_by = models.DateField(_("pay by"), null=True, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True, help_text=_("When it ended before its time."))
    end_reason = models.CharField(_("why it ended"), max_length=10, choices=EndReason, blank=True)
    paid_with = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="carries", verbose_name=_("paid with"),
        help_text=_("The household's main member's term, whose payment confirms this one too."),
    )  # fmt: skip
    follows = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="followed_by", verbose_name=_("follows"),
        help_text=_("The term this one renews or converts."),
    )  # fmt: skip
    opened_on = models.DateField(_("opened on"))
    notice_sent_on = models.DateField(_("notice sent on"), null=True, blank=True)
    has_next = models.BooleanField(default=False, editable=False)  # a later term of the same member is there

    objects = PeriodQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-pk"]
        verbose_name = _("period")
        verbose_name_plural = _("periods")
        indexes = [
            models.Index(fields=["member", "-starts_on"], name="period_by_member"),
            # A night on which nothing is due reads none of the terms: each step has its own short index.
            models.Index(fields=["pay_by"], condition=Q(confirmed_on__isnull=True, ended_on__isnull=True),
                         name="period_unpaid_by_date"),
            models.Index(fields=["pay_by"], condition=Q(confirmed_on__isnull=True, end_reason="trial_over"),
                         name="period_given_up_by_date"),
            models.Index(fields=["ends_on"], condition=Q(confirmed_on__isnull=True, ended_on__isnull=True),
                         name="period_unpaid_by_end"),
            models.Index(fields=["ends_on"], condition=Q(notice_sent_on__isnull=True, ended_on__isnull=True),
                         name="period_untold_by_end"),
            models.Index(fields=["ends_on"],
                         condition=Q(has_next=False, confirmed_on__isnull=False, ended_on__isnull=True),
                         name="period_latest_by_end"),
            models.Index(fields=["starts_on"], name="period_by_start"),
            models.Index(fields=["ends_on"], condition=Q(ended_on__isnull=True), name="period_not_ended_by_end"),
            models.Index(fields=["ended_on"], condition=Q(ended_on__isnull=False), name="period_ended_by_day"),
        ]  # fmt: skip
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                                   name="period_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(price__gte=0), name="period_price_is_not_negative"),
            models.CheckConstraint(condition=Q(ended_on__isnull=True, end_reason="") |
                                   (Q(ended_on__isnull=False) & ~Q(end_reason="")),
                                   name="period_says_why_it_ended"),
            models.UniqueConstraint("follows", "member", name="period_is_followed_once"),
            # The upper end is exclusive, so that a term ended the day before it began is empty and in nobody's way.
            NeverOverlap(
                name="periods_of_a_member_never_overlap",
                expressions=[
                    ("member", "="),
                    (Days(F("starts_on"), Coalesce(F("ended_on"), F("ends_on"))), "&&"),
                ],
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.member}: {self.type.code} {self.starts_on:%Y-%m-%d}–{self.last_day or ''}"

    @property
    def last_day(self) -> date | None:
        """The real last day; none for a permanent term that runs."""
        return self.ended_on or self.ends_on

    @property
    def is_trial(self) -> bool:
        return self.type.kind == "trial"

    @property
    def is_void(self) -> bool:
        """Whether it was ended before its first day, so that it never ran."""
        return self.last_day is not None and self.last_day < self.starts_on

    @property
    def invoiced_type(self) -> Any:
        """The type whose price is asked: what a trial wants to become, else its own."""
        return self.wanted_type or self.type

    @property
    def coming_type(self) -> Any:
        """The type that the next term starts out from: what the office has chosen, else the same."""
        return self.next_type or self.type

    @property
    def starts_when_paid(self) -> bool:
        """Whether nobody belongs by it yet: a joiner's term, unpaid, where membership starts on payment."""
        waits = self.source == self.Source.JOINED and self.confirmed_on is None and not self.is_trial
        return waits and settings.CLIENT.membership.starts == "on_payment"

    def covers(self, on: date) -> bool:
        """Whether the term runs on the date."""
        return self.starts_on <= on and (self.last_day is None or on <= self.last_day)
