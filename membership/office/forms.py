"""The office's forms about members. They check what is typed; a story function does the rest."""

from dataclasses import fields
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, Panel
from wagtail.admin.widgets import AdminDateInput

from membership import branches, countries, postcodes, scope
from membership.fields import editable_by
from membership.form_fields import BirthDateField, EmailLine, LineField, OrganisationNumberField, PhoneField
from membership.members import PersonData
from membership.models import Branch, Member, MembershipType
from membership.office.chooser_views import member_chooser

OFFICE_ONLY_RIGHT = "membership.see_office_fields"


class EntryForm(WagtailAdminModelForm):
    """An entry in the registry as the office types it. `on` is today, for the limits of a date of birth."""

    last_name = LineField(
        label=gettext_lazy("surname"), limit=120, help_text=gettext_lazy("For an organisation: its name.")
    )
    first_names = LineField(label=gettext_lazy("first names"), limit=120, required=False)
    organisation_number = OrganisationNumberField(label=gettext_lazy("organisation number"), required=False)
    contact_person = LineField(label=gettext_lazy("contact person"), limit=160, required=False)
    email = EmailLine(
        label=gettext_lazy("e-mail"), required=False,
        help_text=gettext_lazy("Members of a family may share an address. Leave it empty when there is none."),
    )  # fmt: skip
    mobile = PhoneField(label=gettext_lazy("mobile"), required=False)
    work_phone = PhoneField(label=gettext_lazy("work phone"), required=False)
    address_line_1 = LineField(label=gettext_lazy("address"), limit=120, required=False)
    address_line_2 = LineField(label=gettext_lazy("address, second line"), limit=120, required=False)
    postcode = LineField(label=gettext_lazy("postcode"), limit=12, required=False)
    place = LineField(
        label=gettext_lazy("place"), limit=80, required=False,
        help_text=gettext_lazy("Filled in from a Norwegian postcode when left empty."),
    )  # fmt: skip
    country = forms.ChoiceField(label=gettext_lazy("country"), choices=countries.choices)

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "gender" not in settings.CLIENT.membership.fields:
            self.fields.pop("gender", None)  # not asked for unless the organisation has a use for it
        for field in self.fields.values():
            field.label = capfirst(field.label)
        if not scope.sees_every_branch(self.for_user):
            for name in ("payer", "recruited_by"):  # who may belong to another branch
                self.fields.pop(name, None)
            scope.narrow_form(self, self.for_user)
        self.fields["born_on"] = BirthDateField(
            on=on, required=False, label=gettext_lazy("Date of birth"), help_text=gettext_lazy("Like 31.12.1990.")
        )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean()
        self._clean_kind(data)
        if data.get("country") == "NO" and data.get("postcode"):
            if not postcodes.is_norwegian(data["postcode"]):
                self.add_error(
                    "postcode", _("A Norwegian postcode has four digits. For another one, change the country.")
                )
            data["place"] = data.get("place") or postcodes.place_of(data["postcode"])
        for name in ("payer", "recruited_by"):
            if self.instance.pk and data.get(name) == self.instance:
                self.add_error(name, _("Choose somebody else than the member, or nobody."))
        return data

    def _clean_kind(self, data: dict[str, Any]) -> None:
        if data.get("kind") == Member.Kind.ORGANISATION:
            for name in ("first_names", "born_on"):
                if data.get(name):
                    self.add_error(name, _("An organisation has none. Write its whole name as the surname."))
        elif data.get("organisation_number"):
            self.add_error("organisation_number", _("A person has none. Choose “organisation” above, or empty it."))


class MemberForm(EntryForm):
    """Changing an entry. Office-only fields are no part of it for a log-in without the right: see EDIT_PANELS."""

    class Meta:
        model = Member
        fields: list[str] = []
        localized_fields = ("special_price",)

    def changes(self) -> dict[str, Any]:
        """What was really changed on the form, for `members.change`. A place filled in from the postcode counts."""
        names = {*self.changed_data, "place"} & set(self.fields) & set(editable_by(self.for_user))
        return {name: self.cleaned_data[name] for name in names}


class RegisterForm(EntryForm):
    """Registering somebody new, with or without a membership, alone or in a household."""

    wanted_type = forms.ModelChoiceField(
        label=gettext_lazy("membership type"), required=False,
        queryset=MembershipType.objects.exclude(kind__in=["trial", "none"]), blank=True,
        empty_label=gettext_lazy("No membership: only an entry in the registry"), widget=forms.RadioSelect,
    )  # fmt: skip
    starts_on = forms.DateField(label=gettext_lazy("from"), widget=AdminDateInput)
    with_trial = forms.BooleanField(
        label=gettext_lazy("begin with the trial membership"), required=False, initial=True,
        help_text=gettext_lazy("As those who join on the website get. The wanted type starts when it is paid."),
    )  # fmt: skip
    household_of = forms.ModelChoiceField(
        label=gettext_lazy("lives with"), required=False, queryset=Member.objects.all(),
        widget=member_chooser.widget_class,
        help_text=gettext_lazy("A member of the household this person belongs to. It is made when there is none yet."),
    )  # fmt: skip
    branch = forms.ModelChoiceField(
        label=gettext_lazy("branch"), required=False, queryset=Branch.objects.all(),
        help_text=gettext_lazy("Empty: the one the postcode leads to."),
    )  # fmt: skip
    is_somebody_else = forms.BooleanField(label=gettext_lazy("This is somebody else: register anyway"), required=False)

    class Meta:
        model = Member
        fields: list[str] = []
        localized_fields = ("special_price",)

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, on=on, **kwargs)
        self.fields["starts_on"].initial = on
        if not branches.are_used():
            del self.fields["branch"]
        elif not scope.sees_every_branch(self.for_user):
            self.fields["branch"].required, self.fields["branch"].help_text = True, ""
        if MembershipType.objects.given_at_signup() is None:
            del self.fields["with_trial"]

    def person(self) -> PersonData:
        """The person or organisation as the story functions want it."""
        names = {field.name for field in fields(PersonData)} & set(self.cleaned_data)
        return PersonData(**{name: self.cleaned_data[name] for name in names})


_NAME = MultiFieldPanel(
    [
        FieldPanel("kind"),
        FieldRowPanel([FieldPanel("first_names"), FieldPanel("last_name")]),
        FieldRowPanel([FieldPanel("born_on"), FieldPanel("gender")]),
        FieldRowPanel([FieldPanel("organisation_number"), FieldPanel("contact_person")]),
    ],
    heading=gettext_lazy("Who"),
)
_CONTACT = MultiFieldPanel(
    [
        FieldPanel("email"),
        FieldRowPanel([FieldPanel("mobile"), FieldPanel("work_phone")]),
        FieldPanel("language"),
    ],
    heading=gettext_lazy("Contact"),
)
_ADDRESS = MultiFieldPanel(
    [
        FieldPanel("address_line_1"),
        FieldPanel("address_line_2"),
        FieldRowPanel([FieldPanel("postcode"), FieldPanel("place")]),
        FieldPanel("country"),
    ],
    heading=gettext_lazy("Address"),
)
EDIT_PANELS: list[Panel] = [
    _NAME,
    _CONTACT,
    _ADDRESS,
    MultiFieldPanel(
        [
            FieldPanel("payer", permission=OFFICE_ONLY_RIGHT),
            FieldPanel("recruited_by"),
            FieldPanel("household_note"),
        ],
        heading=gettext_lazy("Others"),
    ),
    MultiFieldPanel(
        [
            FieldPanel("office_notes", permission=OFFICE_ONLY_RIGHT),
            FieldRowPanel(
                [
                    FieldPanel("special_price", permission=OFFICE_ONLY_RIGHT),
                    FieldPanel("special_price_until", permission=OFFICE_ONLY_RIGHT),
                ],
                permission=OFFICE_ONLY_RIGHT,
            ),
            FieldPanel("converts_to", permission=OFFICE_ONLY_RIGHT),
            FieldPanel("legacy_id", permission=OFFICE_ONLY_RIGHT),
            FieldPanel("login_link_sent_at", permission=OFFICE_ONLY_RIGHT),
        ],
        heading=gettext_lazy("Only for the office"),
        help_text=gettext_lazy("The member never sees this."),
        permission=OFFICE_ONLY_RIGHT,
    ),
]
REGISTER_PANELS: list[Panel] = [
    _NAME,
    _CONTACT,
    _ADDRESS,
    MultiFieldPanel(
        [
            FieldPanel("wanted_type"),
            FieldRowPanel([FieldPanel("starts_on")]),
            FieldPanel("with_trial"),
            FieldPanel("household_of"),
            FieldPanel("branch"),
        ],
        heading=gettext_lazy("Membership"),
    ),
    MultiFieldPanel([FieldPanel("is_somebody_else")], heading=gettext_lazy("In the registry already?")),
]


class ResignForm(forms.Form):
    """When somebody leaves, as they asked."""

    on = forms.DateField(label=gettext_lazy("The message came on"), widget=AdminDateInput)

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = on
        self.fields["on"].initial = on

    def clean_on(self) -> date:
        """Not in the future: a wish that has not come cannot be recorded."""
        day: date = self.cleaned_data["on"]
        if day > self.today:
            raise ValidationError(_("The date is in the future. Record it when the day has come."), code="future")
        return day


class ExcludeForm(ResignForm):
    """When the board ends a membership, and why."""

    on = forms.DateField(label=gettext_lazy("Decided on"), widget=AdminDateInput)
    reason = LineField(
        limit=250,
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Stands in the log; the member may ask to see it."),
    )


class DeathForm(ResignForm):
    """When somebody died."""

    on = forms.DateField(label=gettext_lazy("Date of death"), widget=AdminDateInput)


class MoveInForm(forms.Form):
    """Who moves in with a member."""

    member = forms.ModelChoiceField(
        label=gettext_lazy("Who"), queryset=Member.objects.all(), widget=member_chooser.widget_class
    )


class PurposeForm(forms.Form):
    """What a file with members in it is for, and which program it is made for. The purpose stands in the log."""

    purpose = LineField(
        limit=250, label=gettext_lazy("What is the list for?"),
        help_text=gettext_lazy("For instance: address labels for the annual meeting. The members on it can see this."),
    )  # fmt: skip
    file_type = forms.ChoiceField(
        label=gettext_lazy("File"), initial="xlsx", widget=forms.RadioSelect,
        choices=[("xlsx", gettext_lazy("Excel (XLSX)")), ("csv", gettext_lazy("Text (CSV)"))],
    )  # fmt: skip


class ExportForm(PurposeForm):
    """The same, and how much of each member."""

    field_order = ["purpose", "columns"]
    columns = forms.ChoiceField(
        label=gettext_lazy("Columns"), initial="shown", widget=forms.RadioSelect,
        choices=[
            ("shown", gettext_lazy("Those of the list")),
            ("every", gettext_lazy("Everything there is about each member")),
        ],
    )  # fmt: skip
