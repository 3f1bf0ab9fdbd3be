"""What `manage.py setup` writes for the registry: roles, membership types, consent texts. Never overwrites."""

from datetime import datetime
from typing import Any

from core import dates
from core.results import Result
from membership import roles
from membership.models import ConsentText, MembershipType

_CONSENT_TEXTS = {
    ("statutes", "", True): {
        "nb": "Jeg slutter meg til vedtektene til {name}.",
        "en": "I agree to the statutes of {name}.",
    },
    ("privacy", "", True): {
        "nb": "Jeg har lest personvernerklæringen, og vet at {name} fører medlemsregister med opplysningene mine.",
        "en": "I have read the privacy notice and know that {name} keeps my data in its register of members.",
    },
    ("newsletter", "email", False): {
        "nb": "Jeg vil gjerne ha nyhetsbrev på e-post.",
        "en": "I would like the newsletter by e-mail.",
    },
    ("information", "email", False): {
        "nb": "{name} kan sende meg informasjon om aktiviteter på e-post.",
        "en": "{name} may send me information about activities by e-mail.",
    },
    ("information", "sms", False): {
        "nb": "{name} kan sende meg korte beskjeder på SMS.",
        "en": "{name} may send me short messages by SMS.",
    },
}


def set_up(*, client: Any, at: datetime) -> Result:
    """Apply the client snippet. What the office has changed since stays as the office has it, and is counted."""
    result = roles.set_up()
    result.merge(_types(client))
    result.merge(_consent_texts(client, at))
    return result


def _types(client: Any) -> Result:
    result = Result()
    rows = {type_.code: type_ for type_ in MembershipType.objects.all()}
    for order, wanted in enumerate(client.membership.types, 1):
        if wanted.code in rows:
            continue
        rows[wanted.code] = type_from(wanted, order=order)
        rows[wanted.code].save()
        result.add("membership types", wanted.code)
    for wanted in client.membership.types:
        if wanted.code in result.lines:
            row = rows[wanted.code]
            row.converts_to = rows.get(wanted.converts_to)
            row.ages_into = rows.get(wanted.ages_into)
            row.save(update_fields=["converts_to", "ages_into"])
    return result


def type_from(wanted: Any, *, order: int = 0) -> MembershipType:
    """One type as the snippet describes it, not saved. What it leads to is for the caller, who has the others."""
    return MembershipType(
        code=wanted.code, name_nb=wanted.name.get("nb", wanted.code), name_en=wanted.name.get("en", ""),
        text_nb=wanted.text.get("nb", ""), text_en=wanted.text.get("en", ""), kind=wanted.kind, price=wanted.price,
        frequency=wanted.frequency, term=wanted.period, notice_days=wanted.notice_days,
        is_given_at_signup=wanted.given_at_signup, is_selectable=wanted.selectable,
        is_for_organisations=wanted.for_organisations, seats=wanted.seats,
        has_vote=wanted.votes and wanted.kind != MembershipType.Kind.NONE, vat_percent=wanted.vat_percent,
        branch_percent=wanted.branch_percent, age_from=wanted.age_from, age_to=wanted.age_to,
        late_from=wanted.late_from, late_factor=wanted.late_factor, late_price=wanted.late_price,
        late_runs_to_next_year=wanted.late_runs_to_next_year, order=order,
    )  # fmt: skip


def _consent_texts(client: Any, at: datetime) -> Result:
    result = Result()
    for (purpose, channel, is_required), words in _CONSENT_TEXTS.items():
        for language in client.site.languages:
            _row, is_new = ConsentText.objects.get_or_create(
                purpose=purpose, channel=channel, language=language, version=1,
                defaults={"text": words[language].format(name=client.organisation.name), "is_required": is_required,
                          "valid_from": dates.day_of(at)},
            )  # fmt: skip
            if is_new:
                result.add("consent texts")
    return result
