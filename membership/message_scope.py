"""Which messages somebody may know of who looks after some branches only: those to the people there.

A message names its recipient by a key ("member:42"), so that messaging need not know who members are. One to a log-in
that several members share is seen where all of them are. What is sent to nobody in the registry, as the office's own
mail, is not about a branch.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat, Lower

from core.models import User
from membership.models import Application, Member


def _named(prefix: str, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows as messages name them."""
    return rows.order_by().annotate(ref=Concat(Value(prefix), Cast("pk", CharField()))).values("ref")


def messages(own: Sequence[int]) -> Q:
    """To members and applicants of these branches, and to log-ins that nobody else uses."""
    members = Member.objects.filter(branch__in=own)
    others = Member.objects.filter(user__isnull=False).exclude(branch__in=own)
    log_ins = User.objects.filter(pk__in=members.values("user")).exclude(pk__in=others.values("user"))
    forms = Application.objects.filter(branch__in=own)
    return (
        Q(recipient_ref__in=_named("member:", members))
        | Q(recipient_ref__in=_named("user:", log_ins))
        | Q(recipient_ref__in=_named("application:", forms))
    )


def blocked_addresses(own: Sequence[int]) -> Q:
    """The addresses of members of these branches."""
    members = Member.objects.filter(branch__in=own).order_by()
    emails = members.exclude(email="").annotate(lowered=Lower("email")).values("lowered")
    return Q(address__in=emails) | Q(address__in=members.exclude(mobile="").values("mobile"))
