"""Branches: which one somebody belongs to, today and on any day, and going from one to another."""

from collections.abc import Sequence
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import BigIntegerField, Case, Exists, F, OuterRef, Q, Subquery, When
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from core.errors import Refused
from core.models import User
from membership.models import Branch, BranchTransfer, Member
from membership.models.branches import suggested
from membership.models.member_queries import MemberQuerySet


def are_used() -> bool:
    """Whether the organisation has branches at all. Without them the office and the members see nothing of any."""
    return bool(settings.CLIENT.membership.branches)


def of_postcodes(postcodes: Sequence[str]) -> list[Branch | None]:
    """The branch each Norwegian postcode leads to, in the order given; none where none does. One query."""
    if not are_used() or not any(postcodes):
        return [None] * len(postcodes)
    branches = list(Branch.objects.exclude(postcodes=""))
    known = {postcode: suggested(branches, postcode) for postcode in set(postcodes)}
    return [known[postcode] for postcode in postcodes]


def place(*, member: Member, branch: Branch) -> None:
    """Put somebody who has just been registered in the branch the office chose, before they have been in another."""
    member.branch = branch
    member.save(update_fields=["branch"])


@transaction.atomic
def transfer(*, member: Member, to: Branch | None, on: date, today: date, at: datetime, by: User | None) -> bool:
    """Let somebody belong to another branch from a day on, or to none; return whether anything changed.

    The history says from where, when and by whom. Refuses a day to come, and one before the latest transfer: history
    is added to, never rewritten.
    """
    member = Member.objects.select_for_update(of=("self",)).get(pk=member.pk)
    if member.branch_id == (to.pk if to else None):
        return False
    if on > today:
        raise Refused(_("The date is in the future. Transfer them when the day has come."), code="future")
    if later := member.branch_transfers.after(on).first():
        raise Refused(
            _("There is a transfer on %(date)s already. Choose that day or a later one."),
            code="history", params={"date": date_format(later.on)},
        )  # fmt: skip
    BranchTransfer.objects.create(
        member=member, from_branch_id=member.branch_id, to_branch=to, on=on, made_at=at, made_by=by
    )
    member.branch = to
    member.save(update_fields=["branch"])
    log(instance=member, action="membership.member.transferred", user=by)
    return True


def remember(*, moves: Sequence[tuple[Member, Branch | None]], on: date, at: datetime, by: User | None) -> None:
    """Write the history of members who are about to be moved together, as an import does. The caller moves and logs."""
    BranchTransfer.objects.bulk_create(
        BranchTransfer(member=member, from_branch_id=member.branch_id, to_branch=to, on=on, made_at=at, made_by=by)
        for member, to in moves
        if member.branch_id != (to.pk if to else None)
    )


def in_branches(members: MemberQuerySet, wanted: Sequence[int], *, on: date, with_none: bool = False) -> MemberQuerySet:
    """Those who belonged to one of the branches, by their keys, on the day; or to none, where that is asked."""
    found = Q(branch_then__in=wanted)
    members = members.alias(branch_then=branch_on(on))
    return members.filter(found | Q(branch_then=None) if with_none else found)


def branch_on(on: date, *, member: str = "pk", now: str = "branch") -> Case:
    """The key of the branch somebody belonged to on the day. `member` and `now` lead to the member's key and branch.

    The last transfer until then tells; without one, the first after it tells where they came from; without any, they
    have always been where they are.
    """
    transfers = BranchTransfer.objects.filter(member=OuterRef(member))
    before, later = transfers.until(on), transfers.after(on)
    return Case(
        When(Exists(before), then=Subquery(before.values("to_branch")[:1])),
        When(Exists(later), then=Subquery(later.values("from_branch")[:1])),
        default=F(now),
        output_field=BigIntegerField(),
    )
