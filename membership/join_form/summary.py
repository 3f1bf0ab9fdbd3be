"""What the joining form shows back: the people with types, prices and reasons, and the words on the last button."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import money
from membership import countries, joining, phones, postcodes
from membership.join_form import agreeing_forms
from membership.join_form.drafts import MOST_PEOPLE
from membership.join_form.visits import Visit
from membership.joining import PersonData
from membership.models import Member
from membership.prices import Quote


def price(amount: Decimal) -> str:
    """An amount for a reader; "" when there is nothing to pay."""
    return money.formatted(amount) if amount else ""


def quotes(visit: Visit) -> list[Quote]:
    """The price of each person, as it would be today."""
    assert visit.type is not None
    return joining.preview(people=visit.draft.persons, wanted_type=visit.type, on=visit.on, campaign=visit.campaign)


def total_of(visit: Visit) -> Decimal:
    """What they will be asked to pay together."""
    return sum((quote.amount for quote in quotes(visit)), money.ZERO)


def people(visit: Visit) -> dict[str, Any]:
    """The list of people, for the page that adds to it and for the last one."""
    assert visit.type is not None
    persons = visit.draft.persons
    types = joining.types_for(wanted_type=visit.type, people_count=len(persons))
    rows = [
        {
            "number": number,
            "name": person.full_name,
            "type": type_.name,
            "born_on": person.born_on,
            "facts": list(_facts(person)),
            "price": money.formatted(quote.amount),
            "reasons": _reasons(quote),
        }
        for number, (person, type_, quote) in enumerate(zip(persons, types, quotes(visit), strict=True), 1)
    ]
    return {"rows": rows, "is_full": len(rows) >= MOST_PEOPLE, "most": MOST_PEOPLE, "next_number": len(rows) + 1}


def _facts(person: PersonData) -> Iterator[tuple[str, str]]:
    """What was written about somebody, with its labels; what was left empty is left out."""
    labels_and_values = [
        (_("Organisation number"), person.organisation_number),
        (_("Contact person"), person.contact_person),
        (_("Date of birth"), date_format(person.born_on) if person.born_on else ""),
        (_("Gender"), str(Member.Gender(person.gender).label) if person.gender else ""),
        (_("E-mail"), person.email),
        (_("Mobile"), phones.shown(person.mobile)),
        (_("Work phone"), phones.shown(person.work_phone)),
    ]
    yield from ((label, value) for label, value in labels_and_values if value)


def _reasons(quote: Quote) -> list[str]:
    """Why it costs that; with amounts when there is more than one reason."""
    if len(quote.reasons) == 1:
        return [quote.reasons[0].sentence()]
    return [f"{reason.sentence()}: {money.formatted(reason.amount)}" for reason in quote.reasons]


def everything(visit: Visit) -> dict[str, Any]:
    """What the last page shows before anything is sent."""
    address = visit.draft.address
    total = total_of(visit)
    is_norwegian = address.get("country", "NO") == "NO"
    postcode = address.get("postcode", "")
    return {
        **people(visit),
        "address": [line for line in _address_lines(address) if line],
        "unknown_postcode": postcode if is_norwegian and postcode and not postcodes.place_of(postcode) else "",
        "total": money.formatted(total),
        "is_free": not total,
        "button": button(visit, total),
        "children": [child.full_name for child in agreeing_forms.under_15(visit.draft.persons, visit.on)],
        "guardian_phone": phones.shown(visit.draft.guardian.get("mobile", "")),
        "needs_approval": settings.CLIENT.membership.approval,
        "recruiter": visit.draft.recruiter,
        "campaign": visit.campaign,
        "back": visit.before("check"),
    }


def _address_lines(address: dict[str, str]) -> Sequence[str]:
    country = address.get("country", "NO")
    return (
        address.get("address_line_1", ""),
        address.get("address_line_2", ""),
        f"{address.get('postcode', '')} {address.get('place', '')}".strip(),
        "" if country == "NO" else countries.name_of(country),
    )


def button(visit: Visit, total: Decimal) -> str:
    """What the button does, and what it costs."""
    count = len(visit.draft.people)
    if settings.CLIENT.membership.approval:
        words = _("Send the application – %(price)s") if total else _("Send the application")
    elif visit.is_organisation:
        words = _("Join as an organisation – %(price)s") if total else _("Join as an organisation")
    elif total:
        words = ngettext("Join – %(price)s", "Join %(count)d people – %(price)s", count)
    else:
        words = ngettext("Join", "Join %(count)d people", count)
    return words % {"count": count, "price": money.formatted(total)}
