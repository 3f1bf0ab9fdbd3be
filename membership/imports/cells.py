"""One row's cells, checked and clean. What cannot be right refuses the row; what is only odd is a warning."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from core.errors import Refused
from membership import phones
from membership.members import PersonData
from membership.models import Member

_ORGANISATION = {"company", "organisation", "organization", "organisasjon", "bedrift", "firma"}
_YES = {"yes", "ja", "1", "true", "x", "y", "j"}
_GENDERS = {
    "woman": "woman", "female": "woman", "kvinne": "woman", "k": "woman", "f": "woman",
    "man": "man", "male": "man", "mann": "man", "m": "man", "other": "other", "annet": "other",
}  # fmt: skip
_LONGEST = {
    "first_names": 120, "last_name": 120, "organisation_name": 120, "address_line_1": 120, "address_line_2": 120,
    "postcode": 12, "place": 80, "email": 254, "member_number": 20, "household_id": 40,
}  # fmt: skip


@dataclass(kw_only=True)
class Cells:
    """A row as it would go into the registry."""

    data: PersonData
    member_number: str
    type_word: str
    household_id: str
    household_role: str
    joined_on: date | None
    wants_newsletter: bool
    warnings: list[str] = field(default_factory=list)


def clean_row(raw: dict[str, str], *, on: date) -> Cells:
    """Return the row's cells, or refuse it with the sentence that says which cell and why."""
    for name, longest in _LONGEST.items():
        if len(raw.get(name, "")) > longest:
            raise Refused(_("%(field)s is longer than %(number)s characters."), code="too_long",
                          params={"field": name, "number": longest})  # fmt: skip
    warnings: list[str] = []
    is_organisation = raw.get("kind", "").casefold() in _ORGANISATION
    data = PersonData(
        kind=Member.Kind.ORGANISATION if is_organisation else Member.Kind.PERSON,
        **_names(raw, is_organisation),
        born_on=None if is_organisation else _born_on(raw.get("born_on", ""), on),
        gender=_GENDERS.get(raw.get("gender", "").casefold(), ""),
        email=_email(raw.get("email", ""), warnings),
        mobile=_phone(raw.get("mobile", ""), warnings),
        work_phone=_phone(raw.get("work_phone", ""), warnings),
        address_line_1=raw.get("address_line_1", ""),
        address_line_2=raw.get("address_line_2", ""),
        postcode=raw.get("postcode", ""),
        place=raw.get("place", ""),
        country=_country(raw.get("country", "")),
        household_note=raw.get("household_note", ""),
        office_notes=raw.get("office_notes", ""),
    )
    joined_on = _date(raw.get("joined_on", ""), _("The joining date"))
    if joined_on and joined_on > on:
        raise Refused(_("The joining date %(date)s is in the future."), code="future", params={"date": joined_on})
    return Cells(
        data=data,
        member_number=raw.get("member_number", ""),
        type_word=raw.get("type", ""),
        household_id=raw.get("household_id", ""),
        household_role=raw.get("household_role", "").casefold(),
        joined_on=joined_on,
        wants_newsletter=raw.get("newsletter", "").casefold() in _YES,
        warnings=warnings,
    )


def _names(raw: dict[str, str], is_organisation: bool) -> dict[str, str]:
    first, last = raw.get("first_names", ""), raw.get("last_name", "")
    if not is_organisation:
        if not last:
            raise Refused(_("The surname is missing."), code="name")
        return {"first_names": first, "last_name": last}
    name = raw.get("organisation_name", "") or last
    if not name:
        raise Refused(_("The organisation's name is missing."), code="name")
    contact = f"{first} {last}".strip() if raw.get("organisation_name") else first
    return {
        "last_name": name,
        "contact_person": contact[:160],
        "organisation_number": re.sub(r"\D", "", raw.get("organisation_number", ""))[:9],
    }


def _email(text: str, warnings: list[str]) -> str:
    """The address, or nothing when it cannot be right: that is no reason to lose the person."""
    if not text:
        return ""
    try:
        validate_email(text)
    except ValidationError:
        warnings.append(_("The e-mail address “%(email)s” cannot be right and was left out.") % {"email": text[:80]})
        return ""
    return text


def _phone(text: str, warnings: list[str]) -> str:
    """The number in E.164. One that cannot be right is left out and told of: it is no reason to lose the person."""
    if not text:
        return ""
    try:
        return phones.to_e164(text, in_use=False)
    except ValidationError:
        warnings.append(_("The phone number “%(phone)s” cannot be right and was left out.") % {"phone": text[:40]})
        return ""


def _country(text: str) -> str:
    plain = text.strip().upper()
    if plain in {"", "NORGE", "NORWAY", "NORGA"}:
        return "NO"
    if not re.fullmatch("[A-Z]{2}", plain):
        raise Refused(_("The country “%(country)s” is not a two-letter code, like NO."), code="country",
                      params={"country": text[:40]})  # fmt: skip
    return plain


def _born_on(text: str, on: date) -> date | None:
    born_on = _date(text, _("The date of birth"))
    if born_on and born_on > on:
        raise Refused(_("The date of birth %(date)s is in the future."), code="future", params={"date": born_on})
    return born_on


def _date(text: str, what: str) -> date | None:
    """A date as registers write them: 1980-05-17, 17.05.1980, 17/05/1980 or 17.5.80 is refused as unclear."""
    if not text:
        return None
    for pattern in ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%Y%m%d"):
        try:
            return datetime.strptime(text, pattern).date()
        except ValueError:
            continue
    raise Refused(_("%(what)s “%(text)s” is not a date. Write it like 1980-05-17 or 17.05.1980."), code="date",
                  params={"what": what, "text": text[:40]})  # fmt: skip
