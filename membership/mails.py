"""Every message about belonging: one function each, named after what it says."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_noop

from core import money, tokens, web_addresses
from membership import joining, rate_limits
from membership.models import Application, Invitation, Member, Period
from messaging import outbox
from messaging.models import Message
from messaging.rendering import render

if TYPE_CHECKING:
    from membership.joining import Joined

CONFIRM_APPLICATION = "confirm_application"  # the purpose of the link's token
INVITATION = "invitation"
TOO_MANY = gettext_noop("Several of these went to the address within the hour. Ask the person to look at those.")


def confirm_application(*, application: Application, at: datetime) -> Message:
    """What came in on the form, and the link that confirms the address.

    At most three of these an hour go to an address, however often somebody fills in the form with it; the others are
    kept as not sent.
    """
    from membership.applications import CONFIRM_WITHIN, people_of  # applications calls this file

    language = application.language
    people = people_of(application)
    on = timezone.localtime(application.sent_at).date()
    quotes = joining.preview(people=people, wanted_type=application.wanted_type, on=on)
    context = {
        "name": application.name,
        "type": application.wanted_type.name_in(language),
        "people": [
            {"name": person.full_name, "price": money.formatted(quote.amount, language=language)}
            for person, quote in zip(people, quotes, strict=True)
        ],
        "total": _price(sum((quote.amount for quote in quotes), money.ZERO), language),
        "reference": application.reference,
        "days": CONFIRM_WITHIN.days,
        "needs_approval": settings.CLIENT.membership.approval,
        "link": web_addresses.of("join_confirm", tokens.make(CONFIRM_APPLICATION, application.pk)),
    }
    words = render("confirm_application", context=context, language=language)
    draft = outbox.Draft(
        template="confirm_application",
        kind="confirmation",
        recipient_ref=f"application:{application.pk}",
        address=application.email,
        language=language,
        unique_key=f"confirm-application:{application.pk}",
        words=words,
        suppressed_because="" if rate_limits.may_mail(application.email) else TOO_MANY,
    )
    return outbox.queue_words(draft=draft, at=at)


def application_refused(*, application: Application, words: str, at: datetime) -> Message:
    """The office said no: thanks, the office's own `words` (or ""), and whom to ask."""
    return outbox.queue(
        template="application_refused",
        kind="application_refused",
        recipient_ref=f"application:{application.pk}",
        address=application.email,
        language=application.language,
        at=at,
        unique_key=f"application-refused:{application.pk}",
        context={
            "name": application.name,
            "reference": application.reference,
            "words": words,
            "dues": settings.CLIENT.membership.dues,
        },
    )


def welcome(*, application: Application, joined: "Joined", at: datetime) -> list[Message]:
    """They are members now: numbers, types, what happens next and how to log in.

    One mail an address: the main member's names the whole household, the others' only those who share the address.
    """
    main = joined.main_member
    readers: dict[str, list[Period]] = defaultdict(list)
    for period in joined.periods:
        if period.member.email and period.member.email.casefold() != main.email.casefold():
            readers[period.member.email.casefold()].append(period)
    sent = [_welcome(reader=main, periods=joined.periods, total=_owed(joined.periods), application=application, at=at)]
    sent += [
        _welcome(reader=periods[0].member, periods=periods, total=money.ZERO, application=application, at=at)
        for periods in readers.values()
    ]
    return sent


def _welcome(
    *, reader: Member, periods: Sequence[Period], total: Decimal, application: Application, at: datetime
) -> Message:
    """One welcome. `total` is what this reader will be asked to pay; nothing for those who come along."""
    language = application.language
    first = periods[0]
    context = {
        "name": reader.full_name,
        "people": [_membership(period, language) for period in periods],
        "trial_until": first.ends_on if first.is_trial else None,
        "starts_on_payment": settings.CLIENT.membership.starts == "on_payment" and not first.confirmed_on,
        "total": _price(total, language),
        "email": reader.email,
        "login_link": web_addresses.of("account_login"),
    }
    return outbox.queue(
        template="welcome",
        kind="welcome",
        recipient_ref=reader.recipient_ref,
        address=reader.email,
        language=language,
        at=at,
        unique_key=f"welcome:{application.pk}:{reader.pk}",
        context=context,
    )


def membership_ends(*, period: Period, at: datetime) -> Message:
    """A trial or a term ends soon. Each term is told of once."""
    member = period.member
    return _to(
        member,
        template="membership_ends",
        kind="membership_ends",
        at=at,
        unique_key=f"membership-ends:{period.pk}",
        context={"member": member, "period": period, "my_page": web_addresses.of("my_page")},
    )


def resigned(*, member: Member, last_on: date, at: datetime) -> Message:
    """The receipt of one who left: the last day, and that nothing more is asked for."""
    return _to(
        member,
        template="resigned",
        kind="resigned",
        at=at,
        unique_key=f"resigned:{member.pk}:{last_on}",
        context={"name": member.full_name, "last_on": last_on, "dues": settings.CLIENT.membership.dues},
    )


def log_in_link(*, member: Member, address: str, token: str, at: datetime) -> Message:
    """A link that logs the member in once. The words are secret: the office does not read them."""
    return outbox.queue(
        template="login_link",
        kind="login_link",
        recipient_ref=member.recipient_ref,
        address=address,
        language=member.language,
        at=at,
        unique_key=f"login-link:{member.pk}:{at.isoformat()}",
        context={"name": member.full_name, "link": web_addresses.of("log_in_link", token)},
    )


def invitation(*, invitation: Invitation, at: datetime) -> Message:
    """Somebody is invited to a household or a seat: who asks, what it means, and the link that says yes or no.

    At most three an hour go to an address; the others are kept as not sent, and whoever invites is told the same.
    """
    is_seat = invitation.organisation is not None
    asker = invitation.organisation or invitation.invited_by or invitation.household.main_member  # type: ignore[union-attr]
    template = "seat_invitation" if is_seat else "household_invitation"
    context = {
        "name": invitation.name,
        "asker": str(asker),
        "until": timezone.localtime(invitation.expires_at).date(),
        "link": web_addresses.of("invitation", tokens.make(INVITATION, invitation.pk)),
    }
    draft = outbox.Draft(
        template=template,
        kind="invitation",
        recipient_ref=f"invitation:{invitation.pk}",
        address=invitation.email,
        language=invitation.language,
        unique_key=f"invitation:{invitation.pk}",
        words=render(template, context=context, language=invitation.language),
        suppressed_because="" if rate_limits.may_mail(invitation.email) else TOO_MANY,
    )
    return outbox.queue_words(draft=draft, at=at)


def asked_to_be_main_member(*, invitation: Invitation, at: datetime) -> Message:
    """One of a household is asked to take over as main member; the answer is given on My page."""
    asked = invitation.member
    assert asked is not None
    return _to(
        asked,
        template="asked_to_be_main_member",
        kind="invitation",
        at=at,
        unique_key=f"invitation:{invitation.pk}",
        context={
            "name": asked.full_name,
            "asker": str(invitation.invited_by or ""),
            "dues": settings.CLIENT.membership.dues,
            "link": web_addresses.of("my_household_take_over"),
        },
    )


def invitation_accepted(*, invitation: Invitation, at: datetime) -> Message:
    """Who said yes gets their number, what they belong to now, and how to log in."""
    member = invitation.member
    assert member is not None
    return _to(
        member,
        template="invitation_accepted",
        kind="welcome",
        at=at,
        unique_key=f"invitation-accepted:{invitation.pk}",
        context={
            "name": member.full_name,
            "number": member.member_number,
            "main_member": "" if invitation.organisation else str(invitation.household),
            "seat_at": str(invitation.organisation or ""),
            "email": member.email,
            "login_link": web_addresses.of("account_login"),
        },
    )


def moved_in(*, invitation: Invitation, at: datetime) -> Message:
    """Who invited somebody to the household hears that they said yes, and that the household has grown."""
    asker, member = invitation.invited_by, invitation.member
    assert asker is not None
    assert member is not None
    return _to(
        asker,
        template="moved_in",
        kind="invitation",
        at=at,
        unique_key=f"moved-in:{invitation.pk}",
        context={"name": asker.full_name, "member": member.full_name, "link": web_addresses.of("my_household")},
    )


def _to(reader: Member, *, template: str, kind: str, unique_key: str, context: dict[str, Any], at: datetime) -> Message:
    """A mail to a member, at their own address and in their own language."""
    return outbox.queue(
        template=template,
        kind=kind,
        recipient_ref=reader.recipient_ref,
        address=reader.email,
        language=reader.language,
        at=at,
        unique_key=unique_key,
        context=context,
    )


def _membership(period: Period, language: str) -> dict[str, Any]:
    return {
        "name": period.member.full_name,
        "number": period.member.member_number,
        "type": period.invoiced_type.name_in(language),
    }


def _owed(periods: Sequence[Period]) -> Decimal:
    return sum((period.price for period in periods if not period.confirmed_on), money.ZERO)


def _price(amount: Decimal, language: str) -> str:
    """The amount for a reader, or "" when there is nothing to pay."""
    return money.formatted(amount, language=language) if amount else ""
