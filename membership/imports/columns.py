"""Which column is which: the headings that registers of old and exports of others use, and what they mean here."""

from collections.abc import Sequence

# Field -> headings, all in lower case. A heading is compared without "field_", spaces, hyphens and underscores.
HEADINGS: dict[str, tuple[str, ...]] = {
    "member_number": ("memberno", "membernumber", "regnumber", "medlemsnummer", "medlemsnr", "number"),
    "legacy_id": ("mid", "legacyid"),
    "kind": ("kind", "slag", "membertype"),
    "first_names": ("firstname", "firstnames", "fornavn", "givenname", "givennames"),
    "last_name": ("lastname", "surname", "etternavn", "familyname"),
    "organisation_name": ("companyname", "company", "organisation", "organisationname", "organisasjon", "firmanavn"),
    "organisation_number": ("orgno", "orgnr", "organisationnumber", "organisasjonsnummer"),
    "born_on": ("birthdate", "fodselsdato", "fødselsdato", "dateofbirth", "bornon", "birthday"),
    "gender": ("gender", "kjonn", "kjønn", "sex"),
    "email": ("mail", "email", "epost", "epostadresse", "emailaddress"),
    "mobile": ("mobile", "mobil", "mobilnummer", "mobiltelefon", "cellphone", "phone", "telefon"),
    "work_phone": ("workphone", "jobbtelefon"),
    "address_line_1": ("address1", "street", "gateadresse", "adresse", "address", "streetaddress", "addressline1"),
    "address_line_2": ("address2", "adressetillegg", "addressline2"),
    "postcode": ("postcode", "postnummer", "postnr", "zip", "zipcode", "postalcode"),
    "place": ("place", "poststed", "city", "town"),
    "country": ("country", "land", "countrycode"),
    "household_note": ("family", "husstandsmedlemmer", "householdmembers"),
    "office_notes": ("auxinfo", "anneninfo", "notes", "officenotes"),
    "type": ("regtype", "medlemstype", "membershiptype", "type", "medlemskap"),
    "household_id": ("householdid", "husstand", "husstandsnummer", "household"),
    "household_role": ("householdrole", "husstandsrolle"),
    "joined_on": ("membersince", "joindate", "medlemsiden", "joined", "joinedon", "innmeldt"),
    "newsletter": ("newsletter", "nyhetsbrev", "infomail"),
}
_BY_HEADING = {heading: field for field, headings in HEADINGS.items() for heading in headings}


def field_for(heading: str) -> str | None:
    """Return the field a heading stands for, or none when it is not known."""
    plain = heading.strip().casefold().removeprefix("field_")
    for character in " -_.":
        plain = plain.replace(character, "")
    return _BY_HEADING.get(plain)


def guess(headings: Sequence[str]) -> dict[str, int]:
    """Return field -> position. Of two columns for one field the first counts."""
    found: dict[str, int] = {}
    for position, heading in enumerate(headings):
        field = field_for(heading)
        if field and field not in found:
            found[field] = position
    return found
