"""Which members a log-in of the office may know of: the one home of the rule about branches.

Who has the right to see every branch sees everybody. All others, whatever else they may do, see the members of the
branches they look after and of those that lie below, and nobody else: with no branch, nobody. It is a right to see
more, not a mark to see less, so that a role somebody makes by hand, or gives another name, starts by showing nothing.

Apps before this one ask through core/visibility.py; later ones name their own rows with `narrow`.

Rights add up, as everywhere: who also has a role that sees every branch sees every branch.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django import forms
from django.db.models import Model, Q, QuerySet

from membership import message_scope
from membership.fields import may_see_office_fields
from membership.models import (
    Application,
    Branch,
    BranchTransfer,
    Committee,
    ContactPerson,
    DuplicatePair,
    Household,
    Invitation,
    Member,
    Merge,
    Period,
    Position,
    Seat,
    VoterRoll,
)
from messaging.models import Message, Suppression

EVERY_BRANCH = "membership.see_every_branch"
Own = Sequence[int]


def _households(own: Own) -> Q:
    """Those where everybody may be known: whoever sees a household, sees who lives there."""
    at_home = Member.objects.filter(household__isnull=False)
    strangers = at_home.filter(Q(branch__isnull=True) | ~Q(branch__in=own))
    mine = at_home.filter(branch__in=own)
    return Q(pk__in=mine.values("household")) & ~Q(pk__in=strangers.values("household"))


# What is about members, and when it is about those of some branches only. Anything else is not about branches.
_RULES: dict[type[Model], Callable[[Own], Q]] = {
    Member: lambda own: Q(branch__in=own),
    Period: lambda own: Q(member__branch__in=own),
    Household: _households,
    Application: lambda own: Q(branch__in=own),
    DuplicatePair: lambda own: Q(first__branch__in=own, second__branch__in=own),
    Merge: lambda own: Q(kept__branch__in=own),
    Seat: lambda own: Q(organisation__branch__in=own, member__branch__in=own),
    ContactPerson: lambda own: Q(organisation__branch__in=own, member__branch__in=own),
    Invitation: lambda own: (
        Q(household__in=Household.objects.filter(_households(own))) | Q(organisation__branch__in=own)
    ),
    Branch: lambda own: Q(pk__in=own),
    BranchTransfer: lambda own: Q(member__branch__in=own),
    Committee: lambda own: Q(branch__in=own),
    Position: lambda own: Q(committee__branch__in=own, member__branch__in=own),
    VoterRoll: lambda own: Q(branch__in=own),
    Message: message_scope.messages,
    Suppression: message_scope.blocked_addresses,
}


def narrow(model: type[Model], rule: Callable[[Own], Q]) -> None:
    """Let a later app say which of its rows are about the members of some branches, by the branches' keys."""
    _RULES[model] = rule


def sees_every_branch(user: Any) -> bool:
    """Whether the log-in may know of every member there is, as far as branches go."""
    return bool(user.has_perm(EVERY_BRANCH))


def may_know_payers(user: Any) -> bool:
    """Whether the log-in may know who pays for whom: a field of the office, about people of any branch."""
    return may_see_office_fields(user) and sees_every_branch(user)


def own_branches(user: Any) -> list[int]:
    """The keys of the branches the log-in looks after, with all below them. Two queries."""
    return Branch.objects.of_officer(user).with_everything_below()


def visible_to[Rows: QuerySet[Any]](user: Any, rows: Rows) -> Rows:
    """Those of the rows, members or what is about them, that the log-in may know of."""
    rule = _RULES.get(rows.model)
    if rule is None or sees_every_branch(user):
        return rows
    return rows.filter(rule(own_branches(user)))


def is_visible(user: Any, row: Model) -> bool:
    """Whether the log-in may know of one member, or of something about them. No query for who sees everybody."""
    rows = type(row)._default_manager.filter(pk=row.pk)
    return sees_every_branch(user) or type(row) not in _RULES or visible_to(user, rows).exists()


def may_know(user: Any, people: Iterable[Member]) -> list[Member]:
    """Those of some members at hand that the log-in may know of, in their order."""
    rows = list(people)
    if not rows or sees_every_branch(user):
        return rows
    own = set(own_branches(user))
    return [row for row in rows if row.branch_id in own]


def cache_key(user: Any) -> str:
    """What a number counted for the log-in is kept under, so that nobody is shown another's."""
    return "every" if sees_every_branch(user) else ",".join(map(str, own_branches(user))) or "none"


def narrow_form(form: forms.BaseForm, user: Any) -> None:
    """Let a form's questions for a member or a branch take only those that the log-in may know of."""
    if sees_every_branch(user):
        return
    for field in form.fields.values():
        if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
            field.queryset = visible_to(user, field.queryset)
            if hasattr(field.widget, "shown_to"):
                field.widget.shown_to = user
