"""One row's cells, checked and clean. What cannot be right refuses the row; what is only odd is a warning."""

import re
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.timezone import is_naive, make_aware
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.errors import Refused
from membership import countries, phones
from membership.members import PersonData, cleaned_email
from membership.models import Member

_ORGANISATION = {"company", "organisation", "organization", "organisasjon", "bedrift", "firma"}
_YES = {"yes", "ja", "1", "true", "x", "y", "j"}
_ROLES_OF_MAIN = {"head", "main", "hovedmedlem", "primary", "primærmedlem", "fm"}
_GENDERS = {
    "woman": "woman", "female": "woman", "kvinne": "woman", "k": "woman", "f": "woman",
    "man": "man", "male": "man", "mann": "man", "m": "man", "other": "other", "annet": "other",
    "unsaid": "unsaid", "ønsker ikke å oppgi": "unsaid",
}  # fmt: skip
_LANGUAGES = {"en": "en", "english": "en", "engelsk": "en", "nb": "nb", "no": "nb", "norwegian": "nb", "norsk": "nb"}
_LONGEST = {
    "first_names": 120, "last_name": 120, "organisation_name": 120, "address_line_1": 120, "address_line_2": 120,
    "postcode": 12, "place": 80, "email": 254, "member_number": 20, "household_id": 40, "contact_person": 160,
    "payer": 254, "recruited_by": 254, "branch": 120, "campaign": 20,
}  # fmt: skip
# The consents a file can tell of: column -> purpose and channel.
CONSENTS = {
    "newsletter": ("newsletter", "email"),
    "info_email": ("information", "email"),
    "info_sms": ("information", "sms"),
    "statutes": ("statutes", ""),
    "privacy": ("privacy", ""),
}
_REFERENCES = ("converts_to", "branch", "payer", "recruited_by")
_PLAIN_NUMBER = re.compile(r"(?:\+47|0047)?([2-9]\d{7})")
_PERSON_FIELDS = {f.name: f.default for f in fields(PersonData)}


@dataclass(kw_only=True)
class Cells:
    """A row as it would go into the registry. `office` are fields that only the office has; `type_word` is the file's
    word for a membership type, or the code once that is known; `branch` and `campaign` likewise. `payer` and
    `recruited_by` are what the file calls them: see others.py."""

    data: PersonData
    office: dict[str, Any] = field(default_factory=dict)
    language: str = ""
    member_number: str = ""
    type_word: str = ""
    household_id: str = ""
    is_main: bool = False
    branch: str = ""
    campaign: str = ""
    payer: str = ""
    recruited_by: str = ""
    joined_on: date | None = None
    expires_on: date | None = None
    consents: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def person(self) -> str:
        """E-mail, name and date of birth together, folded: who it is, without a number. Empty if one is missing."""
        data = self.data
        if not (data.email and data.born_on):
            return ""
        return f"{data.email.casefold()}|{data.full_name.casefold()}|{data.born_on}"


def clean_row(raw: dict[str, str], *, on: date) -> Cells:
    """Return the row's cells, or refuse it with the sentence that says which cell and why."""
    get = raw.get
    for name, longest in _LONGEST.items():
        if len(get(name, "")) > longest:
            raise Refused(_("%(field)s is longer than %(number)s characters."), code="too_long",
                          params={"field": name, "number": longest})  # fmt: skip
    warnings: list[str] = []
    is_organisation = get("kind", "").casefold() in _ORGANISATION
    country = _country(get("country", ""))
    data = PersonData(
        kind=Member.Kind.ORGANISATION if is_organisation else Member.Kind.PERSON,
        **_names(raw, is_organisation),
        born_on=None if is_organisation else _past(get("born_on", ""), _("The date of birth"), on),
        gender=_GENDERS.get(get("gender", "").casefold(), ""),
        email=_email(get("email", ""), warnings),
        mobile=_phone(get("mobile", ""), warnings),
        work_phone=_phone(get("work_phone", ""), warnings),
        address_line_1=get("address_line_1", ""),
        address_line_2=get("address_line_2", ""),
        postcode=_postcode(get("postcode", ""), country),
        place=get("place", ""),
        country=country,
        household_note=get("household_note", ""),
        office_notes=get("office_notes", ""),
    )
    return Cells(
        data=data,
        office=_office_fields(raw),
        language=_LANGUAGES.get(get("language", "").casefold(), ""),
        member_number=get("member_number", ""),
        type_word=get("type", ""),
        household_id=get("household_id", ""),
        is_main=get("household_role", "").casefold() in _ROLES_OF_MAIN,
        branch=get("branch", ""),
        campaign=get("campaign", ""),
        payer=get("payer", ""),
        recruited_by=get("recruited_by", ""),
        joined_on=_past(get("joined_on", ""), _("The joining date"), on),
        expires_on=_date(get("expires_on", ""), _("The last day of the membership")),
        consents=[name for name in CONSENTS if get(name, "").casefold() in _YES],
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
        "contact_person": raw.get("contact_person", "") or contact[:160],
        "organisation_number": re.sub(r"\D", "", raw.get("organisation_number", ""))[:9],
    }


def _email(text: str, warnings: list[str]) -> str:
    """The address, or nothing when it cannot be right, or stands for "none": no reason to lose the person."""
    text = cleaned_email(text)
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
    if plain := _PLAIN_NUMBER.fullmatch(text.replace(" ", "")):  # what phones.to_e164 says, fifty times as fast
        return f"+47{plain[1]}"
    try:
        return phones.to_e164(text, in_use=False)
    except ValidationError:
        warnings.append(_("The phone number “%(phone)s” cannot be right and was left out.") % {"phone": text[:40]})
        return ""


def _postcode(text: str, country: str) -> str:
    """Spreadsheets take 0180 for a number and write 180."""
    return f"0{text}" if country == "NO" and len(text) == 3 and text.isdecimal() else text


@cache
def _countries() -> dict[str, str]:
    """Every name of a country that our exports write, folded, and its code."""
    names = {"norga": "NO"}
    for language in ("nb", "en"):
        with override(language):
            names |= {name.casefold(): code for code, name in countries.choices()}
    return names


def _country(text: str) -> str:
    if text in {"", "NO"}:
        return "NO"
    if len(text) == 2 and text.isascii() and text.isalpha():
        return text.upper()
    code = _countries().get(text.casefold())
    if code is None:
        raise Refused(_("The country “%(country)s” is neither a known name nor a two-letter code, like NO."),
                      code="country", params={"country": text[:40]})  # fmt: skip
    return code


def _past(text: str, what: str, on: date) -> date | None:
    day = _date(text, what)
    if day and day > on:
        raise Refused(_("%(what)s %(date)s is in the future."), code="future", params={"what": what, "date": day})
    return day


def _date(text: str, what: str) -> date | None:
    """A date as registers write them: 1980-05-17, 17.05.1980, 17/05/1980. 17.5.80 is refused as unclear."""
    if not text:
        return None
    if len(text) == 10 and text[4] == "-":
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise _no_date(text, what) from None
    for pattern in ("%d.%m.%Y", "%d/%m/%Y", "%Y%m%d", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, pattern).date()
        except ValueError:
            continue
    raise _no_date(text, what)


def _no_date(text: str, what: str) -> Refused:
    return Refused(_("%(what)s “%(text)s” is not a date. Write it like 1980-05-17 or 17.05.1980."), code="date",
                   params={"what": what, "text": text[:40]})  # fmt: skip


# --- office only -----------------------------------------------------------------------------------------------------


def _office_fields(raw: dict[str, str]) -> dict[str, Any]:
    """The office's own fields that the row has, as a member keeps them; `converts_to` is the type's code."""
    found: dict[str, Any] = {}
    if text := raw.get("legacy_id"):
        if not text.isdecimal() or len(text) > 18:
            raise Refused(_("The old id “%(text)s” is not a whole number."), code="legacy_id",
                          params={"text": text[:40]})  # fmt: skip
        found["legacy_id"] = int(text)
    if text := raw.get("special_price"):
        found["special_price"] = _price(text)
    if text := raw.get("special_price_until"):
        found["special_price_until"] = _date(text, _("The last day of the own price"))
    if text := raw.get("converts_to"):
        found["converts_to"] = text
    if text := raw.get("login_link_sent_at"):
        found["login_link_sent_at"] = _moment(text)
    return found


def _price(text: str) -> Decimal:
    bare = text.casefold().replace("kr", "").replace(" ", "").replace("\xa0", "").replace(",", ".").rstrip("-").strip()
    try:
        price = Decimal(bare).quantize(Decimal("0.01"))
    except InvalidOperation:
        price = Decimal(-1)
    if not 0 <= price < 10**8:
        raise Refused(_("The own price “%(text)s” is not an amount."), code="price", params={"text": text[:40]})
    return price


def _moment(text: str) -> datetime:
    """A moment as our exports write it, or as the seconds since 1970 of older systems."""
    try:
        if text.isdecimal() and len(text) in {9, 10}:
            return datetime.fromtimestamp(int(text), UTC)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(_("“%(text)s” is no moment. Write it like 2026-03-10T09:30."), code="moment",
                      params={"text": text[:40]}) from None  # fmt: skip
    return make_aware(moment) if is_naive(moment) else moment


# --- kept until the row is carried out -------------------------------------------------------------------------------


def packed(cells: Cells) -> dict[str, Any]:
    """The cells as JSON, only what the row has."""
    data = {name: value for name, value in vars(cells.data).items() if value != _PERSON_FIELDS[name]}
    if cells.data.born_on:
        data["born_on"] = cells.data.born_on.isoformat()
    rest: dict[str, Any] = {
        name: value for name, value in vars(cells).items() if value and name not in {"data", "office", "warnings"}
    }
    for name in ("joined_on", "expires_on"):
        if name in rest:
            rest[name] = rest[name].isoformat()
    if cells.office:
        rest["office"] = {name: as_text(value) for name, value in cells.office.items()}
    return {"data": data, **rest}


def unpacked(kept: dict[str, Any]) -> Cells:
    """The cells again."""
    rest = dict(kept)
    data = dict(rest.pop("data"))
    if "born_on" in data:
        data["born_on"] = date.fromisoformat(data["born_on"])
    for name in ("joined_on", "expires_on"):
        if name in rest:
            rest[name] = date.fromisoformat(rest[name])
    if "office" in rest:
        rest["office"] = {name: as_value(name, text) for name, text in rest["office"].items()}
    return Cells(data=PersonData(**data), **rest)


def as_text(value: Any) -> Any:
    """A field's value as JSON and people have it; `as_value` gives it back."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def as_value(name: str, text: Any) -> Any:
    """The value of a member's field from its text. What leads to another row stays a code or a number."""
    return text if name in _REFERENCES or text is None else Member._meta.get_field(name).to_python(text)  # type: ignore[union-attr]
