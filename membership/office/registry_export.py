"""Exports of the registry: which columns, and the line in each member's log that says what for."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import batched
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext as _
from wagtail.models import ModelLogEntry

from core.models import User
from membership import phones
from membership.models import Member
from membership.models.member_queries import MemberQuerySet
from membership.status import Status, status_of

ROWS_AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its heading, and what it says of a member with that status."""

    heading: str
    value: Callable[[Member, Status], Any]


def columns(*, with_office_fields: bool) -> list[Column]:
    """Return the columns of a list of members. Without the right, office-only ones do not exist."""
    found = [
        Column(heading=_("Member number"), value=lambda m, s: m.member_number),
        Column(heading=_("Surname"), value=lambda m, s: m.last_name),
        Column(heading=_("First names"), value=lambda m, s: m.first_names),
        Column(heading=_("Person or organisation"), value=lambda m, s: m.get_kind_display()),
        Column(heading=_("Date of birth"), value=lambda m, s: m.born_on),
        Column(heading=_("E-mail"), value=lambda m, s: m.email),
        Column(heading=_("Mobile"), value=lambda m, s: phones.shown(m.mobile)),
        Column(heading=_("Work phone"), value=lambda m, s: phones.shown(m.work_phone)),
        Column(heading=_("Address"), value=lambda m, s: m.address_line_1),
        Column(heading=_("Address, second line"), value=lambda m, s: m.address_line_2),
        Column(heading=_("Postcode"), value=lambda m, s: m.postcode),
        Column(heading=_("Place"), value=lambda m, s: m.place),
        Column(heading=_("Country"), value=lambda m, s: m.country),
        Column(heading=_("Language"), value=lambda m, s: m.language),
        Column(heading=_("Status"), value=lambda m, s: s.label),
        Column(heading=_("Membership type"), value=lambda m, s: s.type.name if s.type and s.belongs else ""),
        Column(heading=_("Member since"), value=lambda m, s: m.member_since),
        Column(heading=_("Organisation number"), value=lambda m, s: m.organisation_number),
        Column(heading=_("Contact person"), value=lambda m, s: m.contact_person),
        Column(heading=_("Household"), value=lambda m, s: str(m.household) if m.household else ""),
    ]
    if with_office_fields:
        found += [
            Column(heading=_("Office notes"), value=lambda m, s: m.office_notes),
            Column(heading=_("Own price"), value=lambda m, s: m.special_price),
            Column(heading=_("Own price until"), value=lambda m, s: m.special_price_until),
            Column(heading=_("Converts to"), value=lambda m, s: m.converts_to.code if m.converts_to else ""),
            Column(heading=_("Old id"), value=lambda m, s: m.legacy_id),
            Column(heading=_("Log-in link sent"), value=lambda m, s: _plain_moment(m.login_link_sent_at)),
        ]
    return found


def _plain_moment(moment: datetime | None) -> str:
    return moment.isoformat(timespec="minutes") if moment else ""


def rows(*, members: MemberQuerySet, on: date, columns: Sequence[Column]) -> Iterator[list[Any]]:
    """Yield a row a member, with the status as on the date. Reads a thousand members at a time."""
    related = members.select_related("household__main_member", "converts_to").prefetch_related("periods__type")
    for member in related.iterator(chunk_size=ROWS_AT_ONCE):
        status = status_of(member=member, on=on)
        yield [column.value(member, status) for column in columns]


def record(*, members: MemberQuerySet, purpose: str, file_type: str, at: datetime, by: User) -> int:
    """Write in each member's log that they were on a list, for what, and by whom; return how many. No values.

    Called before the first row is written: who has the list must be on record even if the download breaks off.
    """
    export_id = uuid.uuid4()
    content_type = ContentType.objects.get_for_model(Member)
    data = {"purpose": purpose, "file": file_type}
    ids = members.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=ROWS_AT_ONCE)
    count = 0
    for batch in batched(ids, ROWS_AT_ONCE):
        ModelLogEntry.objects.bulk_create(
            ModelLogEntry(
                content_type=content_type, object_id=str(pk), label=str(pk), action="membership.member.exported",
                data=data, timestamp=at, user=by, uuid=export_id,
            )
            for pk in batch
        )  # fmt: skip
        count += len(batch)
    return count
