"""The columns of lists of members: what the office can show, sort by and take out in a file. One table for all three.

Office-only columns do not exist for those without the right: they are not offered, and asking for one shows nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import batched
from typing import Any, cast

from django.db.models.functions import Length
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from membership import branches, countries, phones
from membership.models import Member, MembershipType, Period
from membership.models.member_queries import MemberQuerySet
from membership.status import Status, status_by

ROWS_AT_ONCE = 1000


def _always() -> bool:
    return True


BY_NAME = ("last_name", "first_names", "pk")


@dataclass(frozen=True, kw_only=True)
class ListColumn:
    """One column: its key in addresses, its heading, and what it says of a member with that status.

    `order` sorts the list, all the way down to the row, so that pages never repeat or lose one. `cell` is a template
    of its own on the list. `parts` are the columns that stand for this one in a file. `needs` is what rows must bring
    along so that a longer list asks the database no more. `is_of_others` is said of somebody else than the member, who
    may belong to another branch. `is_used` says whether the organisation has such a thing at all.
    """

    key: str
    heading: str | Promise
    value: Callable[[Member, Status], Any]
    order: tuple[Any, ...] = ()
    cell: str = ""
    parts: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    is_office_only: bool = False
    is_of_others: bool = False
    is_used: Callable[[], bool] = _always

    def is_for(self, *, with_office_fields: bool, with_other_branches: bool) -> bool:
        """Whether the column exists for a reader with these rights."""
        is_allowed = (with_office_fields or not self.is_office_only) and (with_other_branches or not self.is_of_others)
        return is_allowed and self.is_used()


def _word_for(field: str) -> Callable[[Member, Status], str]:
    """What `get_…_display` gives; that one makes a dictionary of all choices for each row."""
    words = dict(cast("list[tuple[str, Any]]", Member._meta.get_field(field).choices))  # type: ignore[union-attr]
    return lambda member, status: str(words.get(getattr(member, field), getattr(member, field)))


# Short for the lists; files have their parts instead.
TOGETHER = (
    ListColumn(key="name", heading=_("Name"), value=lambda m, s: m.full_name, order=BY_NAME, cell="name",
               parts=("last_name", "first_names")),
    ListColumn(key="contact", heading=_("E-mail and mobile"), value=lambda m, s: m, cell="contact",
               parts=("email", "mobile")),
    ListColumn(key="postal", heading=_("Place"), value=lambda m, s: m, cell="place", order=("postcode", *BY_NAME),
               parts=("postcode", "place")),
)  # fmt: skip

FIELDS = (
    ListColumn(key="number", heading=_("Member number"), value=lambda m, s: m.member_number,
               order=(Length("member_number"), "member_number")),
    ListColumn(key="last_name", heading=_("Surname"), value=lambda m, s: m.last_name, order=BY_NAME),
    ListColumn(key="first_names", heading=_("First names"), value=lambda m, s: m.first_names,
               order=("first_names", "last_name", "pk")),
    ListColumn(key="kind", heading=_("Person or organisation"), value=_word_for("kind")),
    ListColumn(key="born_on", heading=_("Date of birth"), value=lambda m, s: m.born_on, order=("born_on", *BY_NAME)),
    ListColumn(key="email", heading=_("E-mail"), value=lambda m, s: m.email, order=("email", "pk")),
    ListColumn(key="mobile", heading=_("Mobile"), value=lambda m, s: phones.shown(m.mobile)),
    ListColumn(key="work_phone", heading=_("Work phone"), value=lambda m, s: phones.shown(m.work_phone)),
    ListColumn(key="address_line_1", heading=_("Address"), value=lambda m, s: m.address_line_1),
    ListColumn(key="address_line_2", heading=_("Address, second line"), value=lambda m, s: m.address_line_2),
    ListColumn(key="postcode", heading=_("Postcode"), value=lambda m, s: m.postcode, order=("postcode", *BY_NAME)),
    ListColumn(key="place", heading=_("Place"), value=lambda m, s: m.place),
    ListColumn(key="country", heading=_("Country"), value=lambda m, s: countries.name_of(m.country)),
    ListColumn(key="language", heading=_("Language"), value=_word_for("language")),
    ListColumn(key="status", heading=_("Status"), value=lambda m, s: s.label, cell="status"),
    ListColumn(key="type", heading=_("Membership type"),
               value=lambda m, s: s.type.name if s.type and s.belongs else ""),
    ListColumn(key="member_since", heading=_("Member since"), value=lambda m, s: m.member_since,
               order=("member_since", *BY_NAME)),
    ListColumn(key="branch", heading=_("Branch"), value=lambda m, s: str(m.branch) if m.branch else "",
               order=("branch__name", *BY_NAME), needs=("branch",), is_used=branches.are_used),
    ListColumn(key="registered_on", heading=_("Registered on"), value=lambda m, s: m.registered_on,
               order=("registered_on", "pk")),
    ListColumn(key="organisation_number", heading=_("Organisation number"), value=lambda m, s: m.organisation_number),
    ListColumn(key="contact_person", heading=_("Contact person"), value=lambda m, s: m.contact_person),
    ListColumn(key="household", heading=_("Household"), value=lambda m, s: str(m.household) if m.household else "",
               needs=("household__main_member",), is_of_others=True),
    ListColumn(key="recruited_by", heading=_("Recruited by"),
               value=lambda m, s: m.recruited_by.full_name if m.recruited_by else "", needs=("recruited_by",),
               is_of_others=True),
    ListColumn(key="payer", heading=_("Payer"), value=lambda m, s: m.payer.full_name if m.payer else "",
               needs=("payer",), is_of_others=True, is_office_only=True),
    ListColumn(key="office_notes", heading=_("Office notes"), value=lambda m, s: m.office_notes, is_office_only=True),
    ListColumn(key="special_price", heading=_("Own price"), value=lambda m, s: m.special_price, is_office_only=True),
    ListColumn(key="special_price_until", heading=_("Own price until"), value=lambda m, s: m.special_price_until,
               is_office_only=True),
    ListColumn(key="converts_to", heading=_("Converts to"),
               value=lambda m, s: m.converts_to.code if m.converts_to else "", needs=("converts_to",),
               is_office_only=True),
    ListColumn(key="legacy_id", heading=_("Old id"), value=lambda m, s: m.legacy_id, order=("legacy_id", "pk"),
               is_office_only=True),
    ListColumn(key="login_link_sent_at", heading=_("Log-in link sent"),
               value=lambda m, s: _plain_moment(m.login_link_sent_at), is_office_only=True),
)  # fmt: skip

USUAL = ("name", "number", "status", "type", "postal", "contact")


def _plain_moment(moment: datetime | None) -> str:
    return moment.isoformat(timespec="minutes") if moment else ""


def offered(*, with_office_fields: bool, with_other_branches: bool = True) -> dict[str, ListColumn]:
    """Every column that somebody may choose, by key. Without the right to it, a column does not exist."""
    rights = {"with_office_fields": with_office_fields, "with_other_branches": with_other_branches}
    return {c.key: c for c in (*TOGETHER, *FIELDS) if c.is_for(**rights)}


def chosen(keys: Sequence[str], *, with_office_fields: bool, with_other_branches: bool = True) -> list[ListColumn]:
    """The columns of a list, in the table's order; the usual ones when none is chosen. The name always comes first."""
    there = offered(with_office_fields=with_office_fields, with_other_branches=with_other_branches)
    wanted = [key for key in there if key in (keys or USUAL)]
    if not keys:
        wanted = [key for key in USUAL if key in there]
    return [there[key] for key in dict.fromkeys(["name", *wanted])]


def for_file(columns: Sequence[ListColumn]) -> list[ListColumn]:
    """The same columns for a file, where what a list shows together stands in columns of its own."""
    by_key = {column.key: column for column in FIELDS}
    keys = [key for column in columns for key in (column.parts or (column.key,))]
    return [by_key[key] for key in dict.fromkeys(keys)]


def every_field(*, with_office_fields: bool, with_other_branches: bool = True) -> list[ListColumn]:
    """All there is about a member that may go in a file."""
    rights = {"with_office_fields": with_office_fields, "with_other_branches": with_other_branches}
    return [column for column in FIELDS if column.is_for(**rights)]


def rows(*, members: MemberQuerySet, on: date, columns: Sequence[ListColumn]) -> Iterator[list[Any]]:
    """Yield a row a member, with the status as on the date. Reads a thousand members at a time."""
    kinds = MembershipType.objects.in_bulk()
    everybody = _with_others(members, columns).iterator(chunk_size=ROWS_AT_ONCE)
    for batch in batched(everybody, ROWS_AT_ONCE):
        terms = _terms_of(batch, kinds)
        for member in batch:
            status = status_by(periods=terms.get(member.pk, ()), died_on=member.died_on, on=on)
            yield [column.value(member, status) for column in columns]


def _terms_of(members: Iterable[Member], kinds: dict[int, MembershipType]) -> dict[int, list[Period]]:
    """What `prefetch_related("periods__type")` brings, without a query set for each member: half the time of a file."""
    terms: dict[int, list[Period]] = {}
    for period in Period.objects.filter(member__in=[member.pk for member in members]).order_by():
        period.type = kinds[period.type_id]
        terms.setdefault(period.member_id, []).append(period)
    return terms


def with_what_is_needed(members: MemberQuerySet, columns: Sequence[ListColumn]) -> MemberQuerySet:
    """Bring along what the columns show, so that their number of queries does not grow with the list."""
    return _with_others(members, columns).prefetch_related("periods__type")


def _with_others(members: MemberQuerySet, columns: Sequence[ListColumn]) -> MemberQuerySet:
    needed = [name for column in columns for name in column.needs]
    return members.select_related(*needed) if needed else members
