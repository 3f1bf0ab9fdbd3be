"""The registry's own panels on the office's page of one member."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.models import ModelLogEntry

from membership import consents as consent_story
from membership import countries, households, phones, scope
from membership.fields import hidden_from, may_see_office_fields
from membership.models import Member, Period
from membership.office.log_words import readable, type_names, unreadable
from membership.office.panels import MemberPanel
from membership.prices import reasons_from_json
from membership.status import status_of
from messaging.models import Message

LOG_LINES = 30
MESSAGES = 15


def contact(request: HttpRequest, member: Member, on: date) -> MemberPanel:
    """How to reach them, and who they are; who pays for them, for those who may know it."""
    payer = member.payer if may_see_office_fields(request.user) else None
    return MemberPanel(
        order=100,
        anchor="contact",
        heading=_("Contact and person"),
        template="membership/office/panels/contact.html",
        context={
            "has_payer": payer is not None,
            "payer": next(iter(scope.may_know(request.user, [payer])), None) if payer else None,
            "mobile": phones.shown(member.mobile),
            "work_phone": phones.shown(member.work_phone),
            "country": ""
            if member.country == settings.CLIENT.organisation.country
            else countries.name_of(member.country),
        },
    )


def office_only(request: HttpRequest, member: Member, on: date) -> MemberPanel | None:
    """What only the office may know. Not there at all without the right."""
    if not may_see_office_fields(request.user):
        return None
    return MemberPanel(
        order=110,
        anchor="office-only",
        heading=_("Only for the office"),
        template="membership/office/panels/office_only.html",
        permission="membership.see_office_fields",
    )


def household(request: HttpRequest, member: Member, on: date) -> MemberPanel:
    """Who lives together, who pays, and what somebody should look at."""
    home = member.household
    rows, others = [], 0
    if home is not None:
        prefetch_related_objects([home], *households.WITH_WARNINGS)
        known = scope.may_know(request.user, home.members.all())
        others = len(home.members.all()) - len(known)
        people = sorted(known, key=lambda other: (other.born_on or date.max, other.pk))
        rows = [(other, status_of(member=other, on=on)) for other in people]
        rows.sort(key=lambda row: row[0].pk != home.main_member_id)
    return MemberPanel(
        order=150,
        anchor="household",
        heading=_("Household"),
        template="membership/office/panels/household.html",
        context={
            "household": home,
            "rows": rows,
            "others": others,
            "warnings": households.warnings(household=home, on=on, with_payers=scope.may_know_payers(request.user))
            if home and not others
            else [],
            "may_change": request.user.has_perm("membership.change_member"),
        },
    )


@dataclass(frozen=True, kw_only=True)
class _Term:
    """A period with its price explained."""

    period: Period
    reasons: tuple[Any, ...]
    is_running: bool


def periods(request: HttpRequest, member: Member, on: date) -> MemberPanel:
    """Every term, the newest first, with why it costs what it does and why it ended."""
    rows = member.periods.select_related("type", "wanted_type", "next_type", "paid_with__member")
    return MemberPanel(
        order=200,
        anchor="periods",
        heading=_("Memberships"),
        template="membership/office/panels/periods.html",
        context={
            "terms": [
                _Term(period=row, reasons=reasons_from_json(row.reasons), is_running=row.covers(on)) for row in rows
            ]
        },
        is_wide=True,
    )


def consents(request: HttpRequest, member: Member, on: date) -> MemberPanel:
    """What they have said yes and no to, as it stands and as it came to be."""
    events = list(member.consents.select_related("by", "text"))
    standing = consent_story.standing(member=member)
    return MemberPanel(
        order=500,
        anchor="consents",
        heading=_("Consents"),
        template="membership/office/panels/consents.html",
        context={"standing": sorted(standing.values(), key=lambda row: (row.purpose, row.channel)), "events": events},
    )


def messages(request: HttpRequest, member: Member, on: date) -> MemberPanel | None:
    """What was sent, or why not."""
    if not request.user.has_perm("messaging.view_message"):
        return None
    return MemberPanel(
        order=600,
        anchor="messages",
        heading=_("Messages"),
        template="membership/office/panels/messages.html",
        context={"messages": list(Message.objects.to_recipient(member.recipient_ref)[:MESSAGES])},
        permission="messaging.view_message",
        is_wide=True,
    )


def history(request: HttpRequest, member: Member, on: date) -> MemberPanel:
    """Who did what, and who looked. Changes of office-only fields are left out without the right to see them."""
    entries = ModelLogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Member), object_id=str(member.pk)
    ).select_related("user")
    hidden, names = hidden_from(request.user), type_names()
    told = entries.exclude(action__in=unreadable(hidden))[:LOG_LINES]
    lines = [line for entry in told if (line := readable(entry, hidden=hidden, names=names))]
    return MemberPanel(
        order=900,
        anchor="history",
        heading=_("Log"),
        template="membership/office/panels/history.html",
        context={"lines": lines},
        is_wide=True,
    )


ALL = (contact, office_only, household, periods, consents, messages, history)
