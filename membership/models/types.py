"""Membership types: what an organisation offers, and the rules of each."""

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

month_day = RegexValidator(r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$", _("Write month and day, like 10-01."))


class MembershipTypeQuerySet(models.QuerySet["MembershipType"]):
    def selectable(self) -> "MembershipTypeQuerySet":
        """Those a joiner may choose."""
        return self.filter(is_selectable=True)

    def given_at_signup(self) -> "MembershipType | None":
        """The trial that a joiner gets without choosing it, if the organisation has one."""
        return self.filter(kind=MembershipType.Kind.TRIAL, is_given_at_signup=True).first()

    def of_kind(self, kind: str) -> "MembershipType | None":
        """The first type of a kind, in the office's order."""
        return self.filter(kind=kind).first()


class MembershipType(models.Model):
    """One kind of membership. The code assumes nothing about a type but its `kind`."""

    class Kind(models.TextChoices):
        ORDINARY = "ordinary", _("ordinary")
        HOUSEHOLD_MAIN = "household_main", _("household, main member")
        HOUSEHOLD_SECONDARY = "household_secondary", _("household, other member")
        TRIAL = "trial", _("trial")
        SPECIAL = "special", _("special: own price on the member")
        NONE = "none", _("not a member")

    class Frequency(models.TextChoices):
        YEARLY = "yearly", _("every year")
        NEVER = "never", _("never invoiced")
        PERMANENT = "permanent", _("once, for life")

    class Term(models.TextChoices):
        CALENDAR_YEAR = "calendar_year", _("calendar year")
        ROLLING_YEAR = "rolling_year", _("twelve months from the start")

    code = models.CharField(_("code"), max_length=12, unique=True)
    name_nb = models.CharField(_("name in Norwegian"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120, blank=True)
    text_nb = models.CharField(_("text on the form in Norwegian"), max_length=300, blank=True)
    text_en = models.CharField(_("text on the form in English"), max_length=300, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.ORDINARY)
    price = models.DecimalField(
        _("price"), max_digits=10, decimal_places=2, default=0, validators=[MinValueValidator(0)]
    )
    frequency = models.CharField(_("frequency"), max_length=10, choices=Frequency, default=Frequency.YEARLY)
    term = models.CharField(_("term"), max_length=14, choices=Term, default=Term.CALENDAR_YEAR)
    notice_days = models.PositiveSmallIntegerField(
        _("notice days"), default=10, help_text=_("“W”: how many days before the end the member is told.")
    )
    is_given_at_signup = models.BooleanField(
        _("given at signup"), default=False, help_text=_("“si”: the trial that a joiner gets automatically.")
    )
    converts_to = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("converts to"),
        help_text=_("“conv.”: the type a member gets when the term ends unpaid."),
    )  # fmt: skip
    is_selectable = models.BooleanField(
        _("selectable"), default=False, help_text=_("“sel.”: a joiner may choose it on the form.")
    )
    is_for_organisations = models.BooleanField(_("for organisations"), default=False)
    seats = models.PositiveSmallIntegerField(
        _("seats"), default=0, help_text=_("How many people an organisation of this type may give a seat.")
    )
    has_vote = models.BooleanField(_("votes"), default=True)
    vat_percent = models.DecimalField(_("VAT per cent"), max_digits=5, decimal_places=2, default=0)
    age_from = models.PositiveSmallIntegerField(
        _("age from"), null=True, blank=True, help_text=_("At 31 December of the term.")
    )
    age_to = models.PositiveSmallIntegerField(
        _("age to"), null=True, blank=True, help_text=_("At 31 December of the term.")
    )
    ages_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ages into")
    )
    late_from = models.CharField(
        _("late joining from"), max_length=5, blank=True, validators=[month_day],
        help_text=_("Month and day, like 10-01. Empty: no rule for those who join late in the year."),
    )  # fmt: skip
    late_factor = models.DecimalField(
        _("late joining: part of the price"), max_digits=4, decimal_places=3, null=True, blank=True,
        help_text=_("0.5 means half price."),
    )  # fmt: skip
    late_price = models.DecimalField(
        _("late joining: price instead"), max_digits=10, decimal_places=2, null=True, blank=True
    )
    late_runs_to_next_year = models.BooleanField(_("late joining: runs to the end of next year"), default=False)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = MembershipTypeQuerySet.as_manager()

    class Meta:
        ordering = ["order", "code"]
        verbose_name = _("membership type")
        verbose_name_plural = _("membership types")
        constraints = [
            models.CheckConstraint(condition=models.Q(price__gte=0), name="type_price_is_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the reader's language, or in Norwegian."""
        return self.name_in(get_language() or "nb")

    @property
    def text(self) -> str:
        """The text on the joining form in the reader's language, or in Norwegian."""
        return (self.text_en if (get_language() or "nb").startswith("en") else "") or self.text_nb

    def name_in(self, language: str) -> str:
        """The name in one language, or in Norwegian."""
        return (self.name_en if language.startswith("en") else "") or self.name_nb

    @property
    def is_household_type(self) -> bool:
        """Whether it only makes sense for somebody in a household."""
        return self.kind in {self.Kind.HOUSEHOLD_MAIN, self.Kind.HOUSEHOLD_SECONDARY}
