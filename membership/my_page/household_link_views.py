"""The page of an invitation's link. Opening it changes nothing, for mail programs open links too; its buttons do."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import Refused
from core.models import User
from membership import consents, invitations
from membership.consents import ConsentGiven
from membership.join_form.agreeing_forms import ConsentForm
from membership.models import Invitation, Member, MembershipType
from membership.my_page.access import members_of
from membership.my_page.household_forms import InvitedForm

DONE = "invitation_done"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Yes as oneself with data of one's own, yes as a member one is already, or no."""
    try:
        row = invitations.read(token=token, at=timezone.now())
        if request.method == "POST":
            return _answer(request, row)
    except Refused as refused:
        return render(request, "membership/invitation_refused.html", {"sentence": refused.sentence}, status=410)
    return _page(request, row)


@never_cache
@require_safe
def invitation_done(request: HttpRequest) -> HttpResponse:
    """What came of it, for the browser that answered."""
    done = request.session.get(DONE)
    if done is None:
        return redirect("my_page")
    return render(request, "membership/invitation_done.html", done)


def _answer(request: HttpRequest, row: Invitation) -> HttpResponse:
    match request.POST.get("answer"):
        case "no":
            invitations.decline(invitation=row, at=timezone.now())
            return _done(request, row, None)
        case "as":
            return _accept_as(request, row)
    return _accept_new(request, row)


def _accept_as(request: HttpRequest, row: Invitation) -> HttpResponse:
    """Yes, as one of the members of this log-in."""
    own = next((person for person in members_of(request) if str(person.pk) == request.POST.get("member")), None)
    if own is None:
        return redirect(request.path)
    assert isinstance(request.user, User)
    try:
        invitations.accept_as(
            invitation=row, member=own, on=timezone.localdate(), at=timezone.now(), by=request.user
        )  # fmt: skip
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect(request.path)
    return _done(request, row, own)


def _accept_new(request: HttpRequest, row: Invitation) -> HttpResponse:
    """Yes, as somebody with data and consents of their own."""
    person, agreed = _forms(request, row)
    if not (person.is_valid() & agreed.is_valid()):
        return _page(request, row, person, agreed)
    given = [
        ConsentGiven(purpose=text.purpose, channel=text.channel, is_given=agreed.cleaned_data[name], text=text)
        for name, text in agreed.texts.items()
    ]
    try:
        member = invitations.accept_new(
            invitation=row, data=person.person(), consents=given, language=_language(), on=timezone.localdate(),
            at=timezone.now(),
        )  # fmt: skip
    except Refused as refused:
        person.add_error(None, refused)
        return _page(request, row, person, agreed)
    return _done(request, row, member)


def _page(
    request: HttpRequest, row: Invitation, person: InvitedForm | None = None, agreed: ConsentForm | None = None
) -> HttpResponse:
    if person is None or agreed is None:
        person, agreed = _forms(request, row)
    return render(request, "membership/invitation.html", {
        "invitation": row,
        "asker": str(row.organisation or row.invited_by or row.household),
        "own": [own for own in members_of(request) if not row.household_id or own.household_id != row.household_id],
        "person": person,
        "agreed": agreed,
        "forms": [person, agreed],
    })  # fmt: skip


def _forms(request: HttpRequest, row: Invitation) -> tuple[InvitedForm, ConsentForm]:
    """The two forms of the page. A seat makes nobody a member, so it asks for no yes to the statutes."""
    on = timezone.localdate()
    texts = consents.texts(language=_language(), on=on)
    if row.organisation_id:
        texts = [text for text in texts if text.purpose != "statutes"]
    data = request.POST or None
    return InvitedForm(data, on=on, type=_type(row)), ConsentForm(data, texts=texts)


def _type(row: Invitation) -> MembershipType:
    """The type whose age limits count; a seat has none."""
    secondary = MembershipType.objects.of_kind(MembershipType.Kind.HOUSEHOLD_SECONDARY) if row.household_id else None
    return secondary or MembershipType()


def _done(request: HttpRequest, row: Invitation, member: Member | None) -> HttpResponse:
    request.session[DONE] = {
        "name": member.full_name if member else "",
        "number": member.member_number if member else "",
        "email": member.email if member else "",
        "asker": str(row.organisation or row.invited_by or row.household),
        "is_seat": row.organisation_id is not None,
    }
    return redirect("invitation_done")


def _language() -> str:
    return (get_language() or "nb")[:2]
