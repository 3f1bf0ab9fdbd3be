"""Entries in the registry: made and changed, with a line in the log for each."""

import secrets
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import batched, count
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Concat, Lower, StrIndex, Substr
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from core import dates, fragments
from core.audit import log_many
from core.counters import raise_to, take
from core.errors import Refused
from core.inserts import insert_many, update_many
from core.models import User
from core.results import Result
from membership import branches
from membership.fields import MEMBER_EDITABLE, OFFICE_EDITABLE
from membership.models import Member
from membership.roles import MEMBERS

_EDITABLE = {"my_page": MEMBER_EDITABLE, "office": OFFICE_EDITABLE, "import": (*OFFICE_EDITABLE, "branch")}


@dataclass(frozen=True, kw_only=True)
class PersonData:
    """A person or organisation as a form, a file or the office gives it: checked and clean, phones in E.164."""

    kind: str = Member.Kind.PERSON
    first_names: str = ""
    last_name: str = ""
    organisation_number: str = ""
    contact_person: str = ""
    born_on: date | None = None
    gender: str = ""
    email: str = ""
    mobile: str = ""
    work_phone: str = ""
    address_line_1: str = ""
    address_line_2: str = ""
    postcode: str = ""
    place: str = ""
    country: str = "NO"
    household_note: str = ""
    office_notes: str = ""

    @property
    def full_name(self) -> str:
        """First names and surname, or the organisation's name."""
        return f"{self.first_names} {self.last_name}".strip()


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Somebody about to enter the registry, with what an older register knows: the number, and member since when.

    `office` are fields that only the office has.
    """

    data: PersonData
    member_number: str = ""
    member_since: date | None = None
    language: str = ""
    office: Mapping[str, Any] = field(default_factory=dict)


def search_text(member: Member) -> str:
    """Everything a member is searched by, folded: see `MemberQuerySet.found_by`. Office-only fields are not in it."""
    parts = (
        member.full_name, member.member_number, member.former_numbers, member.email, member.mobile, member.work_phone,
        member.address_line_1, member.address_line_2, member.postcode, member.place, member.organisation_number,
        member.contact_person,
    )  # fmt: skip
    return unicodedata.normalize("NFC", "\n".join(part for part in parts if part)).casefold()


def settle_search() -> Result:
    """After many have come in, and each night: the search finds them as fast as the others (core/fragments.py)."""
    fragments.settle(model=Member, field="search_text")
    return Result()


def cleaned_email(email: str) -> str:
    """The address as it is stored; one in the organisation's `nomail_domain` means "none"."""
    email = email.strip()
    nomail = settings.CLIENT.membership.nomail_domain
    if nomail and email.casefold().endswith(f"@{nomail.casefold()}"):
        return ""
    return email


def own_price_ends(on: date) -> date:
    """The last day of an own price that was given on a day without saying until when: the year's."""
    return dates.last_of_year(on)


def is_still_ahead(until: date | None, on: date) -> bool:
    """Whether an own price that is given on a day can end with that date: one that is over ended another price."""
    return until is not None and until >= on


@transaction.atomic
def create(
    *, data: PersonData, on: date, language: str = "nb", member_number: str = "", by: User | None = None
) -> Member:
    """Put somebody in the registry, without a membership. See `create_many`."""
    entry = Entry(data=data, member_number=member_number)
    return create_many(entries=[entry], on=on, language=language, by=by)[0]


@transaction.atomic
def create_many(
    *, entries: Sequence[Entry], on: date, language: str = "nb", by: User | None = None, action: str = "wagtail.create"
) -> list[Member]:
    """Put people in the registry, in the order given. Whoever has no number from before gets the next.

    A log-in comes with an e-mail address: the one that has the address already, or a new one without password. Where
    there are branches, a Norwegian postcode leads to one; `Entry.office` may name another. `action` is what the log
    calls it.
    """
    fresh = iter(_new_numbers(sum(not entry.member_number for entry in entries)))
    rows = [
        Member(**{**vars(entry.data), **entry.office, "email": cleaned_email(entry.data.email)}, registered_on=on,
               language=entry.language or language, member_number=entry.member_number or next(fresh),
               member_since=entry.member_since)
        for entry in entries
    ]  # fmt: skip
    homes = branches.of_postcodes([row.postcode if row.country == "NO" else "" for row in rows])
    for row, home in zip(rows, homes, strict=True):
        row.branch = row.branch or home
        if row.special_price is not None and row.special_price_until is None:
            row.special_price_until = own_price_ends(on)
        row.search_text = search_text(row)
    _keep_counter_ahead([row.member_number for row in rows])
    _give_log_ins(rows)
    insert_many(rows)
    log_many(instances=rows, action=action, user=by)
    return rows


def _new_numbers(count: int) -> list[str]:
    """Numbers nobody has had: the counter's next, passing over old numbers that are in the registry."""
    numbers: list[str] = []
    while len(numbers) < count:
        candidates = [str(number) for number in take("member", count - len(numbers))]
        taken = set(Member.objects.filter(member_number__among=candidates).values_list("member_number", flat=True))
        numbers += [number for number in candidates if number not in taken]
    return numbers


def _keep_counter_ahead(numbers: Sequence[str]) -> None:
    """Numbers are never reused, so the counter stays above every old number that came in."""
    if whole := [int(number) for number in numbers if number.isdecimal() and len(number) < 12]:
        raise_to("member", max(whole))


def _give_log_ins(rows: Sequence[Member]) -> None:
    """Attach each row with an e-mail to its log-in; a shared address is one log-in with several members."""
    wanted = {row.email.lower(): row for row in reversed(rows) if row.email}
    folded = User.objects.exclude(email="").alias(folded=Lower("email"))
    users: Iterable[User] = folded.filter(folded__among=wanted)
    known = {user.email.lower(): user for user in users}
    strangers = [row for address, row in wanted.items() if address not in known]
    names = _free_names([f"m{row.member_number}" for row in strangers])
    new = [
        User(username=name, email=row.email, language=row.language, password=_no_password())
        for row, name in zip(strangers, names, strict=True)
    ]
    insert_many(new)
    _open_again([user for user in known.values() if not user.is_active], rows)
    known |= {user.email.lower(): user for user in new}
    for row in rows:
        if row.email:
            row.user = known[row.email.lower()]


def _free_names(names: Sequence[str]) -> list[str]:
    """User names nobody has: these, or, where one belongs to a log-in from before an address changed, with a number."""
    taken = set(User.objects.filter(username__among=names).values_list("username", flat=True))
    for name in list(taken):
        taken |= set(User.objects.filter(username__startswith=f"{name}-").values_list("username", flat=True))
    return [next(free for free in _numbered(name) if free not in taken) for name in names]


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}-{number}" for number in count(2))


def _no_password() -> str:
    """What `make_password(None)` gives, for a tenth of the time: no password fits it, and each is another one."""
    return f"{UNUSABLE_PASSWORD_PREFIX}{secrets.token_urlsafe(30)}"


@transaction.atomic
def change(
    *, member: Member, changes: Mapping[str, Any], at: datetime, by: User | None, source: str = "office"
) -> list[str]:
    """Change fields of an entry and return the names of those that really differ; none means nothing was written.

    `source` is "office", "my_page" or "import". From My page only what members may edit is accepted. The log names
    the fields, never the values. A new e-mail address finds or makes its log-in only when the member had none or was
    alone on it: others of the family keep theirs.
    """
    different = _take_over(member, changes, at=at, source=source)
    if different:
        member.save(update_fields=[*different, "search_text", "user"])
        log(instance=member, action="membership.member.changed", user=by, data={"fields": different, "source": source})
    return different


@transaction.atomic
def change_many(
    *, changes: Iterable[tuple[Member, Mapping[str, Any]]], at: datetime, by: User | None, source: str
) -> None:
    """Change fields of many entries, each its own; see `change`. Those with the same fields are written together."""
    alike: dict[tuple[str, ...], list[Member]] = {}
    for member, values in changes:
        if different := _take_over(member, values, at=at, source=source):
            alike.setdefault(tuple(different), []).append(member)
    for fields, rows in alike.items():
        update_many(rows, [*fields, "search_text", "user"])
        data = {"fields": list(fields), "source": source}
        log_many(instances=rows, action="membership.member.changed", user=by, data=data)


def _take_over(member: Member, changes: Mapping[str, Any], *, at: datetime, source: str) -> list[str]:
    """Set what really differs, and what follows from it, on the row, unsaved. Returns the names of the fields."""
    allowed = _EDITABLE[source]
    for name in changes:
        if name not in allowed:
            raise Refused(_("The field %(field)s cannot be changed here."), code="field", params={"field": name})
    values = dict(changes)
    if "email" in values:
        values["email"] = cleaned_email(values["email"])
    if _is_without_end(member, values, dates.day_of(at), is_planned=source == "import"):
        values["special_price_until"] = own_price_ends(dates.day_of(at))
    different = [name for name, value in values.items() if getattr(member, name) != value]
    for name in different:
        setattr(member, name, values[name])
    if "email" in different:
        _follow_email(member, at)
    if different:
        member.search_text = search_text(member)
    return different


def _is_without_end(member: Member, values: Mapping[str, Any], on: date, *, is_planned: bool) -> bool:
    """Whether these values give an own price, or take its date away, so that it would last for ever; or a new price
    that would never count, because the old one's date is over. An import has looked at that itself (`is_planned`)."""
    price = values.get("special_price", member.special_price)
    until = values.get("special_price_until", member.special_price_until)
    if price is None or not {"special_price", "special_price_until"} & values.keys():
        return False
    is_left_over = price != member.special_price and until == member.special_price_until and not is_planned
    return until is None or (is_left_over and not is_still_ahead(until, on))


def _follow_email(member: Member, at: datetime) -> None:
    """Give a member with a changed address the log-in of that address."""
    old = member.user
    member.user = None
    if member.email:
        _give_log_ins([member])
    if old and old != member.user and is_only_for(old, member):
        old.is_active = False
        old.save(update_fields=["is_active"])


def _open_again(closed: Sequence[User], rows: Sequence[Member]) -> None:
    """Whoever has an address that was given up gets its log-in, without the password from then.

    One that others use, that has a role in the office, or that somebody has edited there, was not closed with its
    address, and stays closed.
    """
    for some in batched(closed, 500):
        edited = ModelLogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(User), action="wagtail.edit",
            object_id__in=[str(user.pk) for user in some],
        )  # fmt: skip
        with_role = User.groups.through.objects.exclude(group__name=MEMBERS).values("user_id")
        of_others = Member.objects.filter(user__isnull=False).exclude(pk__in=[row.pk for row in rows if row.pk])
        free = User.objects.filter(pk__in=[user.pk for user in some], is_staff=False, is_superuser=False)
        free = free.exclude(pk__in=with_role).exclude(pk__in=of_others.values("user_id"))
        keys = {str(pk) for pk in free.values_list("pk", flat=True)} - set(edited.values_list("object_id", flat=True))
        opened = [user for user in some if str(user.pk) in keys]
        for user in opened:
            user.is_active, user.password = True, _no_password()
        update_many(opened, ["is_active", "password"])


def given_up_log_ins(*, numbers: Iterable[str]) -> QuerySet[User]:
    """The log-ins that members with these numbers had before their address changed: closed, and nobody's by now.

    Their user names tell whose they were: they are made of the number, which nobody else gets. Whoever forgets a
    member forgets these, too: they hold the old addresses.
    """
    names = [f"m{number}" for number in numbers]
    with_role = User.groups.through.objects.exclude(group__name=MEMBERS).values("user_id")
    closed = User.objects.filter(is_active=False, members=None, is_staff=False, is_superuser=False)
    before_hyphen = Substr("username", 1, StrIndex(Concat("username", Value("-")), Value("-")) - 1)
    closed = closed.exclude(pk__in=with_role).alias(name=before_hyphen)
    return closed.filter(Q(username__among=names) | Q(name__among=names))


def is_only_for(user: User, member: Member) -> bool:
    """Whether nobody else uses the log-in: no other member of the family, and nobody with a role in the office."""
    has_role = user.is_staff or user.is_superuser or user.groups.exclude(name=MEMBERS).exists()
    return not has_role and not user.members.exclude(pk=member.pk).exists()
