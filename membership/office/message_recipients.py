"""Who a message is to, for its page in the office: a member, who uses a log-in, or who filled in the joining form."""

from django.http import HttpRequest
from django.urls import reverse

from membership import scope
from membership.models import Application, Member
from messaging.recipients import Recipient


def member(request: HttpRequest, kind: str, pk: int) -> Recipient | None:
    """The member themselves, or the one member who uses the log-in: of several nobody knows who read it."""
    named = {"member": Member.objects.filter(pk=pk), "user": Member.objects.filter(user=pk)}.get(kind)
    if named is None or not request.user.has_perm("membership.view_member"):
        return None
    people = scope.visible_to(request.user, named)[:2]
    if len(people) != 1:
        return None
    (found,) = people
    return Recipient(name=f"{found.full_name} ({found.member_number})", url=reverse("members:inspect", args=[found.pk]))


def applicant(request: HttpRequest, kind: str, pk: int) -> Recipient | None:
    """Who filled in the joining form, by their form."""
    if kind != "application" or not request.user.has_perm("membership.view_application"):
        return None
    form = scope.visible_to(request.user, Application.objects.filter(pk=pk)).first()
    return (
        Recipient(name=form.name or form.reference, url=reverse("applications:inspect", args=[form.pk]))
        if form
        else None
    )
