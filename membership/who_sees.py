"""Who can see a member's data, and who has looked, exported or taken it away: what the member is told of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import ModelLogEntry

from core.models import User
from membership import roles, scope
from membership.models import Member

EXPORTED = "membership.member.exported"
LOOKED = "membership.member.viewed"

ROLE_NAMES: dict[str, Promise] = {
    roles.EDITORS: gettext_lazy("Editors"),
    roles.MEMBER_ADMINS: gettext_lazy("Member admins"),
    roles.TREASURERS: gettext_lazy("Treasurers"),
    roles.BRANCH_OFFICERS: gettext_lazy("Branch officers"),
    roles.AUDITORS: gettext_lazy("Auditors"),
    roles.ADMINISTRATORS: gettext_lazy("Administrators"),
}

# What a right lets somebody see, in the order it is told. Rights of apps that are not installed are nobody's.
_SIGHTS: dict[str, Promise] = {
    "membership.view_member": gettext_lazy("see your details, household, memberships and consents"),
    "membership.change_member": gettext_lazy("change your details"),
    "membership.see_office_fields": gettext_lazy("see the office's own notes"),
    "membership.export_member": gettext_lazy("export lists of members, with a purpose that you see below"),
    "messaging.view_message": gettext_lazy("see messages we have sent you, but no log-in codes"),
    "invoicing.view_invoice": gettext_lazy("see your invoices"),
    "payments.view_payment": gettext_lazy("see your payments"),
}


@dataclass(frozen=True, kw_only=True)
class Reader:
    """A role that can see something of every member: how many people have it, and what it lets them see or do."""

    role: str
    people: int
    sights: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Sight:
    """Somebody looked, or exported: when, who in words, and for what where that was asked."""

    at: datetime
    who: str
    purpose: str


def readers(*, member: Member) -> list[Reader]:
    """The roles that can read the member's data, as the rights stand now. The same few queries, however many roles.

    Who sees some branches only is counted where the member's is among them: see membership/scope.py.
    """
    sees = Q(user__is_active=True, user__in=_who_may_know(member))
    active = Count("user", filter=sees, distinct=True)
    found = []
    for group in Group.objects.annotate(people=active).order_by("pk").prefetch_related("permissions__content_type"):
        has = {f"{p.content_type.app_label}.{p.codename}" for p in group.permissions.all()}
        if sights := tuple(str(words) for right, words in _SIGHTS.items() if right in has):
            found.append(Reader(role=role_name(group.name), people=group.people, sights=sights))
    everything = User.objects.filter(is_superuser=True, is_active=True).count()
    if everything:
        found.append(Reader(role=_("Those who run the website"), people=everything, sights=(_("see everything"),)))
    return found


def _who_may_know(member: Member) -> QuerySet[User]:
    """The log-ins that see every branch, and the officers of the member's and of those above it."""
    app, codename = scope.EVERY_BRANCH.split(".")
    right = Permission.objects.filter(content_type__app_label=app, codename=codename)
    wanted = Q(groups__permissions__in=right) | Q(user_permissions__in=right) | Q(is_superuser=True)
    keys: set[int] = set()
    branch = member.branch
    while branch is not None and branch.pk not in keys:
        keys.add(branch.pk)
        branch = branch.parent
    return User.objects.filter(wanted | Q(branches_looked_after__in=keys)).order_by()


def role_name(name: str) -> str:
    """A role in the reader's language; one that the organisation has made itself is called what it calls it."""
    return str(ROLE_NAMES.get(name, name))


def entries(member: Member) -> QuerySet[ModelLogEntry]:
    """The log about a member, the newest first, with who did it."""
    rows: QuerySet[ModelLogEntry] = ModelLogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Member), object_id=str(member.pk)
    )
    return rows.select_related("user").prefetch_related("user__groups").order_by("-timestamp", "-pk")


def sights(*, member: Member, action: str, limit: int) -> list[Sight]:
    """The newest of one kind: `LOOKED` or `EXPORTED`."""
    return [
        Sight(at=entry.timestamp, who=who(entry.user, member=member), purpose=str(entry.data.get("purpose", "")))
        for entry in entries(member).filter(action=action)[:limit]
    ]


def who(user: Any, *, member: Member) -> str:
    """Who did something, for the member: themselves, a name with its role, or the program."""
    if user is None:
        return _("the program, or somebody who is no longer here")
    if user.pk == member.user_id:
        return _("your own log-in")
    parts: Sequence[str] = [role_name(group.name) for group in user.groups.all() if group.name != roles.MEMBERS]
    name = f"{user.first_name} {user.last_name}".strip() or _("somebody in the office")
    return f"{name} ({', '.join(parts)})" if parts else name
