"""Membership types: what an organisation offers, and the rules of each."""

from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, F, When
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


def month_day(text: str) -> None:
    """Refuse what is no day of some year, like 13-01 or 02-30; 02-29 counts as 28 February in common years."""
    try:
        date.fromisoformat(f"2024-{text}")
    except ValueError:
        raise ValidationError(_("Write month and day, like 10-01."), code="month_day") from None


class MembershipTypeQuerySet(models.QuerySet["MembershipType"]):
    def selectable(self) -> "MembershipTypeQuerySet":
        """Those a joiner may choose."""
        return self.filter(is_selectable=True)

    def memberships(self) -> "MembershipTypeQuerySet":
        """Those that make somebody a member: all but the one for non-members."""
        return self.exclude(kind=MembershipType.Kind.NONE)

    def voting(self) -> "MembershipTypeQuerySet":
        """Those whose members vote. A non-member never does, whatever the type's mark says."""
        return self.memberships().filter(has_vote=True)

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
        HOUSEHOLD_MAIN = "household_main", _("main member")
        HOUSEHOLD_SECONDARY = "household_secondary", _("household member")
        TRIAL = "trial", _("trial")
        SPECIAL = "special", _("special: each member's own price")
        NONE = "none", _("non-member")

    class Frequency(models.TextChoices):
        YEARLY = "yearly", _("every year")
        NEVER = "never", _("never invoiced")
        PERMANENT = "permanent", _("once, for life")

    class Term(models.TextChoices):
        CALENDAR_YEAR = "calendar_year", _("calendar year")
        ROLLING_YEAR = "rolling_year", _("twelve months from the start")

    code = models.CharField(
        _("code"), max_length=12, unique=True, help_text=_("Short, like E or FM. Files and old registers name it so.")
    )
    name_nb = models.CharField(_("name in Norwegian"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120, blank=True)
    text_nb = models.CharField(_("text on the form in Norwegian"), max_length=300, blank=True)
    text_en = models.CharField(_("text on the form in English"), max_length=300, blank=True)
    kind = models.CharField(
        _("kind"), max_length=20, choices=Kind, default=Kind.ORDINARY,
        help_text=_(
            "What the system does with it. A household's main member pays for the others; “special” costs what each "
            "member has agreed; “non-member” ends the membership of those who are converted to it."
        ),
    )  # fmt: skip
    price = models.DecimalField(
        _("price"), max_digits=10, decimal_places=2, default=0, validators=[MinValueValidator(0)],
        help_text=_("For one term, or once for life. 0: free, and renewed silently."),
    )  # fmt: skip
    frequency = models.CharField(
        _("frequency"),
        max_length=10,
        choices=Frequency,
        default=Frequency.YEARLY,
        help_text=_("“Once, for life” has no end and is never renewed. “Never invoiced” is for what costs nothing."),
    )
    term = models.CharField(
        _("term"),
        max_length=14,
        choices=Term,
        default=Term.CALENDAR_YEAR,
        help_text=_("When it ends: on 31 December, or the day before the same date a year later."),
    )
    notice_days = models.PositiveSmallIntegerField(
        _("notice days"), default=10, help_text=_("“W”: how many days before the end the member is told.")
    )
    is_given_at_signup = models.BooleanField(
        _("given at signup"), default=False, help_text=_("“si”: the trial that a joiner gets automatically.")
    )
    converts_to = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("converts to"),
        help_text=_(
            "“conv.”: what becomes of a member whose own price or trial ends, or who does not pay. The member's own "
            "“converts to” goes before this one."
        ),
    )  # fmt: skip
    is_selectable = models.BooleanField(
        _("selectable"), default=False, help_text=_("“sel.”: a joiner may choose it on the form.")
    )
    is_for_organisations = models.BooleanField(
        _("for organisations"), default=False, help_text=_("Companies, schools, other associations. Not for persons.")
    )
    seats = models.PositiveSmallIntegerField(
        _("seats"), default=0, help_text=_("How many people an organisation of this type may give a seat.")
    )
    has_vote = models.BooleanField(
        _("votes"), default=True, help_text=_("Whether these members are on the voter list for the general meeting.")
    )
    vat_percent = models.DecimalField(
        _("VAT per cent"), max_digits=5, decimal_places=2, default=0,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text=_("Contained in the price. 0 for dues: they are outside VAT."),
    )  # fmt: skip
    branch_percent = models.DecimalField(
        _("share to the branch, per cent"), max_digits=5, decimal_places=2, default=0,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text=_("How much of what is paid the member's branch gets. 0: nothing, or there are no branches."),
    )  # fmt: skip
    age_from = models.PositiveSmallIntegerField(
        _("age from"), null=True, blank=True,
        help_text=_("At 31 December of the year the term begins in. Empty: no limit."),
    )  # fmt: skip
    age_to = models.PositiveSmallIntegerField(
        _("age to"), null=True, blank=True,
        help_text=_("At 31 December of the year the term begins in. Empty: no limit."),
    )  # fmt: skip
    ages_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ages into"),
        help_text=_("The type of the next term of those who are older than “age to”."),
    )  # fmt: skip
    late_from = models.CharField(
        _("late joining from"), max_length=5, blank=True, validators=[month_day],
        help_text=_("Month and day, like 10-01. Empty: no rule for those who join late in the year."),
    )  # fmt: skip
    late_factor = models.DecimalField(
        _("late joining: part of the price"), max_digits=4, decimal_places=3, null=True, blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=_("0.5 means half price. Empty: the whole price, or the price to the right."),
    )  # fmt: skip
    late_price = models.DecimalField(
        _("late joining: price instead"), max_digits=10, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(0)], help_text=_("Empty: the price above, or the part of it to the left."),
    )  # fmt: skip
    late_runs_to_next_year = models.BooleanField(
        _("late joining: runs to the end of next year"), default=False,
        help_text=_("Not marked: until 31 December of the year of joining."),
    )  # fmt: skip
    order = models.PositiveSmallIntegerField(
        _("order"), default=0, help_text=_("The lowest number stands first on the form and in lists.")
    )

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

    def clean(self) -> None:
        """Say what cannot work in this type itself; what takes several types is for checks.py."""
        wrong = self._wrong_ages() | self._wrong_late_rule()
        if self.frequency == self.Frequency.NEVER and self.price:
            wrong["price"] = _("A type that is never invoiced costs nothing. Write 0, or choose another frequency.")
        if self.pk and self.converts_to_id == self.pk and self.kind != self.Kind.NONE:
            wrong["converts_to"] = _("A type cannot convert to itself. Choose the one that ends the membership.")
        if self.seats and not self.is_for_organisations:
            wrong["seats"] = _("Only organisations have seats. Mark “for organisations”, or write 0.")
        if wrong:
            raise ValidationError(wrong)

    def _wrong_ages(self) -> dict[str, str | Promise]:
        if self.age_from is not None and self.age_to is not None and self.age_from > self.age_to:
            return {"age_to": _("Nobody is old enough and young enough. Write the higher age to the right.")}
        if self.ages_into_id and self.age_to is None:
            return {"age_to": _("Write the highest age: without it nobody gets older than that.")}
        if self.ages_into_id and self.ages_into_id == self.pk:
            return {"ages_into": _("Choose another type: nobody can grow from this one into itself.")}
        return {}

    def _wrong_late_rule(self) -> dict[str, str | Promise]:
        wrong: dict[str, str | Promise] = {}
        has_price = self.late_factor is not None or self.late_price is not None
        if not self.late_from and (has_price or self.late_runs_to_next_year):
            wrong["late_from"] = _("Write from which day the rule for late joining counts, like 10-01.")
        if self.late_factor is not None and self.late_price is not None:
            wrong["late_price"] = _("Choose one: a part of the price, or a price instead. Leave the other empty.")
        if self.late_runs_to_next_year and self.term == self.Term.ROLLING_YEAR:
            wrong["late_runs_to_next_year"] = _("Twelve months from the start have no New Year. Take the mark away.")
        return wrong

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

    @staticmethod
    def name_column(before: str = "") -> Case:
        """The same for the database, where the reader's language is English; `before` leads to the type: "type__"."""
        norwegian = F(f"{before}name_nb")
        if not (get_language() or "nb").startswith("en"):
            return Case(default=norwegian, output_field=models.CharField())
        has_none = When(**{f"{before}name_en": ""}, then=norwegian)
        return Case(has_none, default=F(f"{before}name_en"), output_field=models.CharField())

    @property
    def is_household_type(self) -> bool:
        """Whether it only makes sense for somebody in a household."""
        return self.kind in {self.Kind.HOUSEHOLD_MAIN, self.Kind.HOUSEHOLD_SECONDARY}
