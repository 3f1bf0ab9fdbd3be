"""Which members a log-in of the office may know of: the one home of the rule about branches.

Who has the right to see every branch sees everybody. All others, whatever else they may do, see the members of the
branches they look after and of those that lie below, and nobody else: with no branch, nobody. It is a right to see more,
not a mark to see less, so that a role somebody makes by hand, or gives another name, starts by showing nothing.

Rights add up, as everywhere: who also has a role that sees every branch sees every branch.
"""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from membership.models import Application, Branch, Committee, DuplicatePair, Household, Member
from membership.models.member_queries import MemberQuerySet

EVERY_BRANCH = "membership.see_every_branch"


def sees_every_branch(user: Any) -> bool:
    """Whether the log-in may know of every member there is, as far as branches go."""
    return bool(user.has_perm(EVERY_BRANCH))


def own_branches(user: Any) -> list[int]:
    """The keys of the branches the log-in looks after, with all below them."""
    return Branch.objects.of_officer(user).with_everything_below()


def visible_to(user: Any, members: MemberQuerySet) -> MemberQuerySet:
    """Those of the members that the log-in may know of."""
    if sees_every_branch(user):
        return members
    return members.filter(branch__in=own_branches(user))


def may_know(user: Any, people: Iterable[Member]) -> list[Member]:
    """Those of some members at hand that the log-in may know of, in their order. No query where all are."""
    rows = list(people)
    if not rows or sees_every_branch(user):
        return rows
    own = set(own_branches(user))
    return [row for row in rows if row.branch_id in own]


def households_visible_to(user: Any, households: QuerySet[Household]) -> QuerySet[Household]:
    """Those households where the log-in may know of everybody: whoever sees one, sees who lives there."""
    if sees_every_branch(user):
        return households
    own = own_branches(user)
    strangers = Member.objects.filter(household__isnull=False).filter(~Q(branch__in=own) | Q(branch__isnull=True))
    mine = Member.objects.filter(household__isnull=False, branch__in=own)
    return households.filter(pk__in=mine.values("household")).exclude(pk__in=strangers.values("household"))


def applications_visible_to(user: Any, applications: QuerySet[Application]) -> QuerySet[Application]:
    """Those joining forms whose postcode leads to one of the log-in's branches."""
    if sees_every_branch(user):
        return applications
    return applications.filter(branch__in=own_branches(user))


def pairs_visible_to(user: Any, pairs: QuerySet[DuplicatePair]) -> QuerySet[DuplicatePair]:
    """Those pairs of which the log-in may know both."""
    if sees_every_branch(user):
        return pairs
    own = own_branches(user)
    return pairs.filter(first__branch__in=own, second__branch__in=own)


def committees_visible_to(user: Any, committees: QuerySet[Committee]) -> QuerySet[Committee]:
    """Those committees that belong to one of the log-in's branches."""
    if sees_every_branch(user):
        return committees
    return committees.filter(branch__in=own_branches(user))


def recipients_visible_to(user: Any) -> QuerySet[Any]:
    """How messages name the members that the log-in may know of, for a filter on `recipient_ref`."""
    ref = Concat(Value("member:"), Cast("pk", CharField()), output_field=CharField())
    return visible_to(user, Member.objects.all()).annotate(ref=ref).values("ref")


def narrow_form(form: forms.Form | forms.ModelForm, user: Any) -> None:
    """Let a form's questions for a member take only those that the log-in may know of."""
    if sees_every_branch(user):
        return
    for field in form.fields.values():
        if isinstance(field, forms.ModelChoiceField) and field.queryset.model is Member:
            field.queryset = visible_to(user, field.queryset)  # type: ignore[arg-type]
