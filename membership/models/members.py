"""The registry: every person and organisation, member or not."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.search import index

from .member_queries import MemberQuerySet

# Never shown to the member, never exported, searched or sorted by without the right: see membership/fields.py.
OFFICE_ONLY = (
    "legacy_id", "office_notes", "special_price", "special_price_until", "converts_to", "login_link_sent_at", "payer",
)  # fmt: skip


class Member(index.Indexed, models.Model):
    """An entry in the registry. Without a running period it is a non-member: a payer, a donor, a former member."""

    class Kind(models.TextChoices):
        PERSON = "person", _("person")
        ORGANISATION = "organisation", _("organisation")

    class Gender(models.TextChoices):
        WOMAN = "woman", _("woman")
        MAN = "man", _("man")
        OTHER = "other", _("other")
        UNSAID = "unsaid", _("prefers not to say")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.PERSON)
    member_number = models.CharField(_("member number"), max_length=20, unique=True)
    former_numbers = models.TextField(
        editable=False, blank=True, help_text=_("Numbers of entries that were merged into this one, with spaces.")
    )
    last_name = models.CharField(_("surname"), max_length=120, db_collation="nb")
    first_names = models.CharField(_("first names"), max_length=120, blank=True, db_collation="nb")
    organisation_number = models.CharField(_("organisation number"), max_length=9, blank=True)
    contact_person = models.CharField(_("contact person"), max_length=160, blank=True)
    own_seats = models.PositiveSmallIntegerField(
        _("seats"),
        null=True,
        blank=True,
        help_text=_("How many an organisation has. Empty: as many as its type gives."),
    )
    born_on = models.DateField(_("date of birth"), null=True, blank=True)
    gender = models.CharField(_("gender"), max_length=8, choices=Gender, blank=True)
    email = models.EmailField(_("e-mail"), blank=True, db_index=True)
    mobile = models.CharField(_("mobile"), max_length=16, blank=True, db_index=True)
    work_phone = models.CharField(_("work phone"), max_length=16, blank=True)
    address_line_1 = models.CharField(_("address"), max_length=120, blank=True)
    address_line_2 = models.CharField(_("address, second line"), max_length=120, blank=True)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True, db_index=True)
    place = models.CharField(_("place"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=2, default="NO")
    language = models.CharField(_("language"), max_length=2, choices=[("nb", _("Norwegian")), ("en", _("English"))],
                                default="nb")  # fmt: skip
    household = models.ForeignKey(
        "membership.Household", models.SET_NULL, null=True, blank=True, related_name="members",
        verbose_name=_("household"),
    )  # fmt: skip
    household_note = models.TextField(_("household members"), blank=True, help_text=_("Free text from old registers."))
    payer = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="pays_for", verbose_name=_("payer"),
        help_text=_("Someone else who gets the invoice: a parent, an employer, a municipality."),
    )  # fmt: skip
    recruited_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="recruits", verbose_name=_("recruited by")
    )
    branch = models.ForeignKey(
        "membership.Branch", models.PROTECT, null=True, blank=True, related_name="members", verbose_name=_("branch")
    )
    campaign = models.ForeignKey(
        "membership.Campaign", models.PROTECT, null=True, blank=True, related_name="members",
        verbose_name=_("campaign"), help_text=_("The code they joined with."),
    )  # fmt: skip
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="members",
        verbose_name=_("log-in"),
    )  # fmt: skip
    registered_on = models.DateField(_("registered on"))
    member_since = models.DateField(
        _("member since"), null=True, blank=True,
        help_text=_("The first day of the unbroken membership. Follows from the periods; only an import sets it."),
    )  # fmt: skip
    died_on = models.DateField(_("died on"), null=True, blank=True)
    search_text = models.TextField(editable=False, blank=True)

    # Office only from here on.
    legacy_id = models.BigIntegerField(_("old id"), null=True, blank=True)
    office_notes = models.TextField(_("office notes"), blank=True)
    special_price = models.DecimalField(_("own price"), max_digits=10, decimal_places=2, null=True, blank=True)
    special_price_until = models.DateField(
        _("own price until"), null=True, blank=True,
        help_text=_("The last day. Empty: 31 December of the year in which the price is given."),
    )  # fmt: skip
    converts_to = models.ForeignKey(
        "membership.MembershipType", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("converts to"), help_text=_("Goes before the type's own rule."),
    )  # fmt: skip
    login_link_sent_at = models.DateTimeField(
        _("log-in link sent"), null=True, blank=True,
        help_text=_("Clear it to include the member in the next sending of log-in links."),
    )  # fmt: skip

    objects = MemberQuerySet.as_manager()
    search_fields = [index.AutocompleteField("last_name"), index.AutocompleteField("first_names")]

    class Meta:
        ordering = ["last_name", "first_names", "pk"]
        verbose_name = _("member")
        verbose_name_plural = _("members")
        indexes = [
            models.Index(fields=["last_name", "first_names", "id"], name="member_by_name"),
            models.Index(fields=["born_on"], name="member_by_birth"),
            models.Index(fields=["member_since", "id"], name="member_by_joining"),
            models.Index(fields=["died_on"], condition=models.Q(died_on__isnull=False), name="member_by_death"),
            # The few that somebody was merged into: imports ask for them again and again.
            models.Index(fields=["id"], condition=~models.Q(former_numbers=""), name="member_with_former_numbers"),
        ]
        permissions = [
            ("export_member", _("Can export members")),
            ("import_member", _("Can import members")),
            ("see_office_fields", _("Can see office-only fields")),
            ("transfer_member", _("Can transfer members between branches")),
            ("see_every_branch", _("Can see the members of every branch")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(special_price__isnull=True) | models.Q(special_price__gte=0),
                name="own_price_is_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """First names and surname, or the organisation's name."""
        return f"{self.first_names} {self.last_name}".strip()

    @property
    def is_person(self) -> bool:
        return self.kind == self.Kind.PERSON

    @property
    def is_main_member(self) -> bool:
        """Whether this is the one who is invoiced for the household."""
        return self.household is not None and self.household.main_member_id == self.pk

    @property
    def recipient_ref(self) -> str:
        """How messages name this member without naming anybody: `member:42`."""
        return f"member:{self.pk}"
