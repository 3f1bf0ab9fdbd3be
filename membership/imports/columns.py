"""Which column is which: the headings that registers of old and exports of others use, and what they mean here."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from core.errors import Refused
from membership import branches, campaigns
from membership.models.members import OFFICE_ONLY

# What a file can hold, in the order that the office chooses from: field -> what it is called.
LABELS: dict[str, str | Promise] = {
    "member_number": _("member number"),
    "legacy_id": _("old id"),
    "kind": _("person or organisation"),
    "last_name": _("surname"),
    "first_names": _("first names"),
    "organisation_name": _("organisation"),
    "organisation_number": _("organisation number"),
    "contact_person": _("contact person"),
    "born_on": _("date of birth"),
    "gender": _("gender"),
    "email": _("e-mail"),
    "mobile": _("mobile"),
    "work_phone": _("work phone"),
    "address_line_1": _("address"),
    "address_line_2": _("address, second line"),
    "postcode": _("postcode"),
    "place": _("place"),
    "country": _("country"),
    "language": _("language"),
    "type": _("membership type"),
    "joined_on": _("member since"),
    "expires_on": _("membership runs until"),
    "household_id": _("household"),
    "household_role": _("role in the household"),
    "household_note": _("household members"),
    "branch": _("branch"),
    "payer": _("payer"),
    "recruited_by": _("recruited by"),
    "campaign": _("campaign code"),
    "newsletter": _("consents to the newsletter"),
    "info_email": _("consents to information by e-mail"),
    "info_sms": _("consents to information by SMS"),
    "statutes": _("accepts the statutes"),
    "privacy": _("accepts the privacy policy"),
    "office_notes": _("office notes"),
    "special_price": _("own price"),
    "special_price_until": _("own price until"),
    "converts_to": _("converts to"),
    "login_link_sent_at": _("log-in link sent"),
}

# Field -> headings, all in lower case. A heading is compared without "field_", spaces, hyphens and underscores.
HEADINGS: dict[str, tuple[str, ...]] = {
    "member_number": ("memberno", "membernumber", "regnumber", "medlemsnummer", "medlemsnr", "medlemsno", "number"),
    "legacy_id": ("mid", "legacyid", "oldid"),
    "kind": ("kind", "slag", "membertype"),
    "first_names": ("firstname", "firstnames", "fornavn", "givenname", "givennames"),
    "last_name": ("lastname", "surname", "etternavn", "familyname"),
    "organisation_name": ("companyname", "company", "organisation", "organisationname", "organisasjon", "firmanavn"),
    "organisation_number": ("orgno", "orgnr", "organisationnumber", "organisasjonsnummer"),
    "contact_person": ("contactperson", "kontaktperson"),
    "born_on": ("birthdate", "fodselsdato", "fødselsdato", "dateofbirth", "bornon", "birthday", "født", "fodt"),
    "gender": ("gender", "kjonn", "kjønn", "sex"),
    "email": ("mail", "email", "epost", "epostadresse", "emailaddress"),
    "mobile": ("mobile", "mobil", "mobilnummer", "mobilnr", "mobiltelefon", "mobiltlf", "cellphone", "phone", "telefon",
               "tlf"),
    "work_phone": ("workphone", "jobbtelefon", "arbeidstelefon"),
    "address_line_1": ("address1", "street", "gate", "gateadresse", "veiadresse", "postadresse", "adresse", "adresse1",
                       "address", "streetaddress", "addressline1"),
    "address_line_2": ("address2", "adresse2", "adressetillegg", "addressline2"),
    "postcode": ("postcode", "postnummer", "postnr", "zip", "zipcode", "postalcode"),
    "place": ("place", "poststed", "city", "town", "sted", "by"),
    "country": ("country", "land", "countrycode"),
    "language": ("language", "språk", "sprak", "langcode"),
    "type": ("regtype", "medlemstype", "membershiptype", "type", "medlemskap", "kontingenttype"),
    "joined_on": ("membersince", "joindate", "medlemsiden", "joined", "joinedon", "innmeldt", "innmeldtdato",
                  "innmeldingsdato", "medlemfra"),
    "expires_on": ("msexpiry", "expires", "expiry", "expireson", "utløper", "utloper", "utløpsdato", "renewaldate"),
    "household_id": ("householdid", "husstand", "husstandsnummer", "household"),
    "household_role": ("householdrole", "husstandsrolle"),
    "household_note": ("family", "husstandsmedlemmer", "householdmembers"),
    "branch": ("branch", "localbranch", "lokallag", "lokallagskode", "avdeling"),
    "payer": ("payer", "payernumber", "paidby", "betaler", "betalesav"),
    "recruited_by": ("recruitedby", "recruiter", "vervetav", "verver"),
    "campaign": ("campaign", "campaigncode", "kampanje", "kampanjekode"),
    "newsletter": ("newsletter", "nyhetsbrev"),
    "info_email": ("infomail",),
    "info_sms": ("infosms",),
    "statutes": ("accstatutes",),
    "privacy": ("accgdpr",),
    "office_notes": ("auxinfo", "anneninfo", "notes", "officenotes"),
    "special_price": ("specialprice", "særpris", "saerpris"),
    "special_price_until": ("spexpiry", "specialpriceuntil"),
    "converts_to": ("convto", "konvtil", "convertsto"),
    "login_link_sent_at": ("onetimesent",),
}  # fmt: skip


def plain(heading: str) -> str:
    """A heading as it is compared."""
    text = heading.strip().casefold().removeprefix("field_")
    for character in " -_.,:":
        text = text.replace(character, "")
    return text


@cache
def _by_heading() -> dict[str, str]:
    """Every known heading: those above, and what we call the fields ourselves in each language, as our exports do."""
    known = {heading: field for field, headings in HEADINGS.items() for heading in headings}
    for language, _name in settings.LANGUAGES:
        with override(language):
            for field, label in LABELS.items():
                known.setdefault(plain(str(label)), field)
    return known


def field_for(heading: str) -> str | None:
    """Return the field a heading stands for, or none when it is not known."""
    return _by_heading().get(plain(heading))


def offered(*, with_office_fields: bool) -> dict[str, str | Promise]:
    """What a column may be, field by field. Without the right, office-only fields do not exist; nor do branches and
    campaigns where there are none."""
    unused = {"branch": not branches.are_used(), "campaign": not campaigns.are_used()}
    hidden = {name for name, is_unused in unused.items() if is_unused} | set(() if with_office_fields else OFFICE_ONLY)
    return {name: label for name, label in LABELS.items() if name not in hidden}


def guess(
    headings: Sequence[str], *, known: Mapping[str, str] | None = None, with_office_fields: bool = True
) -> dict[str, int]:
    """Return field -> position. Of two columns for one field the first counts.

    `known` are plain headings and their fields, as a preset remembers them ("": left out); they go before our own.
    """
    may_be = offered(with_office_fields=with_office_fields)
    found: dict[str, int] = {}
    for position, heading in enumerate(headings):
        field = (known or {}).get(plain(heading), field_for(heading))
        if field in may_be and field not in found:
            found[field] = position
    return found


def left_out(headings: Sequence[str], columns: Mapping[str, int]) -> list[str]:
    """The headings of the columns that stand for nothing."""
    used = set(columns.values())
    return [heading for position, heading in enumerate(headings) if heading and position not in used]


def refuse_without_names(fields: Iterable[str]) -> None:
    """A list of members has names."""
    if not {"last_name", "organisation_name"} & set(fields):
        raise Refused(
            _("No column for names was found. The first line must hold the headings, for example: "
              "member_no, first_name, last_name, email."), code="no_headings",
        )  # fmt: skip
