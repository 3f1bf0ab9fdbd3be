"""What an invoice copies: who sells, who buys, and what each line is called. Nothing here is written or read back."""

from datetime import date
from typing import Any

from babel import Locale
from django.conf import settings
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import override
from stdnum.no import orgnr

from membership import periods, prices
from membership.models import Member, Period


def seller() -> dict[str, Any]:
    """The organisation as it is printed: what the law asks of an invoice, and how to reach it."""
    organisation = settings.CLIENT.organisation
    return {
        "name": organisation.legal_name or organisation.name,
        "short_name": organisation.name,
        "address": organisation.address,
        "postcode": organisation.postcode,
        "place": organisation.place,
        "organisation_number": orgnr.compact(organisation.organisation_number),
        "vat_number": organisation.vat_number,
        "phone": organisation.phone,
        "email": organisation.email,
        "web": organisation.web,
        "bic": organisation.bic,
    }


def address(member: Member, *, language: str) -> str:
    """The member's postal address, a line each, as the post office wants it. The country only when it is abroad."""
    lines = [
        _("Attn. %(name)s") % {"name": member.contact_person} if member.contact_person else "",
        member.address_line_1,
        member.address_line_2,
        f"{member.postcode} {member.place}".strip(),
        "" if member.country in {"", "NO"} else _country(member.country, language),
    ]
    return "\n".join(line for line in lines if line)


def line_text(period: Period, *, language: str) -> str:
    """What is sold: the type and its term, "Family membership 2026". A trial is invoiced as what it becomes."""
    type = period.invoiced_type
    if period.is_trial and period.wanted_type:
        ends_on = periods.last_day(type=type, starts_on=period.starts_on, joining=True)
    else:
        ends_on = period.ends_on
    return f"{type.name_in(language)} {term(period.starts_on, ends_on)}".strip()


def why_this_price(period: Period, *, language: str) -> str:
    """Why a line costs what it does, where the client wants it printed and it is not just the type's price."""
    if not settings.CLIENT.invoicing.price_reasons or not period.price:
        return ""
    reasons = prices.reasons_from_json(period.reasons)
    if len(reasons) < 2:
        return ""
    return "; ".join(reason.sentence(language) for reason in reasons if reason.code != "base")[:300]


def term(starts_on: date, ends_on: date | None) -> str:
    """The time paid for: the year, or the days where it is not within one year; nothing for life."""
    if ends_on is None:
        return ""
    if starts_on.year == ends_on.year:
        return str(starts_on.year)
    return f"{printed(starts_on)}–{printed(ends_on)}"


def printed(day: date, pattern: str = "") -> str:
    """A date as this organisation writes them, or by another pattern of Django's."""
    return format_date(day, pattern or settings.CLIENT.invoicing.date_format)


def _country(code: str, language: str) -> str:
    with override(language):
        return str(Locale.parse("en" if language == "en" else "nb").territories.get(code, code))
