"""Welcome letters in the office: one member's, opened or queued; those that wait; and the files made of them.

For whoever may change members, about those they may know of. The treasurer's own list of letters is in views.py.
"""

from datetime import date
from typing import cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from core.errors import Refused
from core.models import User
from invoicing import tasks
from invoicing import ways as ways_of_sending
from invoicing.letters import print_files, welcome
from invoicing.letters.views import SHOWN, file_response
from invoicing.models import PrintFile
from invoicing.office_menu import PermittedItem, View, frame, guarded
from membership import scope
from membership.bulk import BulkVerb, Doing
from membership.models import Member
from membership.office.panels import MemberPanel
from membership.status import status_of

RIGHT = "membership.change_member"


def for_member_admins(view: View) -> View:
    """For those who may change members."""
    return guarded(view, RIGHT)


# --- of one member ---------------------------------------------------------------------------------------------------


def panel(request: HttpRequest, member: Member, on: date) -> MemberPanel | None:
    """Whether the member has had the letter, and the buttons that print it. Not for who is no member now."""
    if not request.user.has_perm(RIGHT) or member.died_on or not status_of(member=member, on=on).belongs:
        return None
    return MemberPanel(
        order=160,
        anchor="welcome-letter",
        heading=gettext_lazy("Welcome letter"),
        template="invoicing/office/letters/welcome_panel.html",
        context={
            "letter": welcome.letters_to(member).last(),
            "has_address": ways_of_sending.has_postal_address(member),
            "has_email": ways_of_sending.is_reached_by_email(member),
        },
        permission=RIGHT,
    )


@for_member_admins
@require_safe
def letter(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The letter as a PDF, to print here and now. It is not counted as sent: nobody knows whether it is posted."""
    from invoicing import press  # WeasyPrint takes half a second to load

    member, on = _member(request, pk), timezone.localdate()
    try:
        welcome.refuse_unless_sensible(member=member, on=on)
        content = welcome.pdf_of(member, on=on)
    except Refused as refusal:
        messages.warning(request, refusal.sentence)
        return redirect("members:inspect", pk)
    except press.PrintError as error:
        messages.error(request, _("This cannot be printed. %(problem)s") % {"problem": error})
        return redirect("members:inspect", pk)
    disposition = f'inline; filename="{welcome.file_name(member)}"'
    return HttpResponse(content, content_type="application/pdf", headers={"Content-Disposition": disposition})


@for_member_admins
@require_POST
def queue(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Put it among the letters to print, also when one was printed before."""
    member = _member(request, pk)
    try:
        queued = welcome.queue(
            member=member, on=timezone.localdate(), at=timezone.now(), by=cast("User", request.user), again=True
        )  # fmt: skip
    except Refused as refusal:
        messages.warning(request, refusal.sentence)
    else:
        name = {"name": member.full_name}
        messages.success(
            request,
            _("The welcome letter to %(name)s is among the letters to print.") % name if queued
            else _("The welcome letter to %(name)s waited for the printer already.") % name,
        )  # fmt: skip
    return redirect("members:inspect", pk)


def _member(request: HttpRequest, pk: int) -> Member:
    return get_object_or_404(scope.visible_to(request.user, Member.objects.all()), pk=pk)


# --- of many ---------------------------------------------------------------------------------------------------------


class WelcomeForm(forms.Form):
    """Who of those on the list gets a letter."""

    only_without_email = forms.BooleanField(
        label=gettext_lazy("Only those whom no e-mail reaches"), required=False, initial=True,
        help_text=gettext_lazy("Everybody else has had the welcome by e-mail when they joined."),
    )  # fmt: skip


def bulk_verb() -> BulkVerb:
    """Welcome letters for those on a list."""

    def perform(doing: Doing) -> bool:
        if doing.answers["only_without_email"] and ways_of_sending.is_reached_by_email(doing.member):
            return False
        return welcome.queue(member=doing.member, on=doing.on, at=doing.at, by=doing.by)

    return BulkVerb(
        key="welcome_letters", label=gettext_lazy("Print welcome letters"), icon="mail", permission=RIGHT,
        explanation=gettext_lazy(
            "The letters wait for the printer, and come in one file by postcode. Who has had one gets none: print "
            "another on their page."
        ),
        form_class=WelcomeForm, perform=perform, needs_typed_count=True, next_url="welcome_letters",
        next_label=gettext_lazy("Go on to the letters"),
    )  # fmt: skip


def menu_item() -> PermittedItem:
    """Welcome letters, in the menu "Members"."""
    return PermittedItem(
        gettext_lazy("Welcome letters"), reverse("welcome_letters"), name="welcome-letters", icon_name="mail",
        order=880, permission=RIGHT,
    )  # fmt: skip


# --- files -----------------------------------------------------------------------------------------------------------


@for_member_admins
def index(request: HttpRequest) -> HttpResponseBase:
    """How many wait, and one's own files. POST puts those that wait into one."""
    user = cast("User", request.user)
    if request.method == "POST":
        try:
            file = welcome.start_file(at=timezone.now(), by=user)
        except Refused as refusal:
            messages.warning(request, refusal.sentence)
            return redirect("welcome_letters")
        tasks.make_print_file.enqueue(file.pk)
        return redirect("welcome_file", file.pk)
    waiting = welcome.waiting_for(user).count()
    context = {
        "waiting": waiting,
        "taken": min(waiting, print_files.AT_MOST_LAID_OUT),
        "files": welcome.files_of(user)[:SHOWN],
        **frame(_("Welcome letters"), icon="mail"),
    }
    return render(request, "invoicing/office/letters/welcome.html", context)


@for_member_admins
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One file: being made, or there to be taken."""
    file = _file(request, pk)
    context = {
        "file": file,
        "may_issue": True,
        "pdf_url": reverse("welcome_file_pdf", args=[pk]),
        "again_url": reverse("welcome_file_again", args=[pk]),
        "all_url": reverse("welcome_letters"),
        **frame(str(file), icon="mail", trail=[(_("Welcome letters"), reverse("welcome_letters"))]),
    }
    return render(request, "invoicing/office/letters/file.html", context)


@for_member_admins
@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file, as often as it is needed."""
    return file_response(_file(request, pk))


@for_member_admins
@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Make it anew from its list."""
    file = _file(request, pk)
    print_files.again(file=file, at=timezone.now())
    tasks.make_print_file.enqueue(file.pk)
    return redirect("welcome_file", pk)


def _file(request: HttpRequest, pk: int) -> PrintFile:
    """A file that the log-in asked for, and may still have."""
    user = cast("User", request.user)
    file = get_object_or_404(welcome.files_of(user).select_related("asked_by", "run"), pk=pk)
    if not welcome.may_have(user=user, file=file):
        raise Http404
    return file


urlpatterns = [
    path("welcome-letters/", index, name="welcome_letters"),
    path("welcome-letters/<int:pk>/", show, name="welcome_file"),
    path("welcome-letters/<int:pk>/pdf/", download, name="welcome_file_pdf"),
    path("welcome-letters/<int:pk>/again/", again, name="welcome_file_again"),
    path("welcome-letters/to/<int:pk>/", letter, name="welcome_letter"),
    path("welcome-letters/to/<int:pk>/queue/", queue, name="welcome_letter_queue"),
]
