"""Log-ins in Wagtail's settings: no password set by hand, nobody changes their own roles or a more powerful log-in."""

from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.admin.widgets.button import Button
from wagtail.users.forms import UserCreationForm, UserEditForm
from wagtail.users.views.users import CreateView, DeleteView, EditView, UserViewSet

from core.models import User
from membership import scope

MEMBERS_SHOWN = 8


def outranks(*, user: User, by: User) -> bool:
    """Whether a log-in may do anything that the one who wants to change it may not."""
    if by.is_superuser:
        return False
    return user.is_superuser or not user.get_all_permissions() <= by.get_all_permissions()


def roles_to_give(by: User) -> "QuerySet[Group]":
    """The roles somebody may give to others: those that can do no more than they can themselves."""
    if by.is_superuser:
        return Group.objects.all()
    own = by.get_all_permissions()
    rows = Group.objects.prefetch_related("permissions__content_type")
    return Group.objects.filter(
        pk__in=[
            group.pk
            for group in rows
            if {f"{p.content_type.app_label}.{p.codename}" for p in group.permissions.all()} <= own
        ]
    )


def _who(request: HttpRequest) -> User:
    """Who asks. Wagtail has let in nobody without a log-in."""
    assert isinstance(request.user, User)
    return request.user


class _OfficeForm(forms.ModelForm):
    """What both forms have in common. `by` is who fills it in."""

    by: User

    def _fit_to(self, by: User) -> None:
        self.by = by
        for name in ("first_name", "last_name"):
            self.fields[name].required = False  # a member's name stands in the registry
        if not by.is_superuser:
            del self.fields["is_superuser"]
        if "groups" in self.fields:
            field = self.fields["groups"]
            assert isinstance(field, forms.ModelMultipleChoiceField)
            field.queryset = roles_to_give(by)


class NewLogInForm(UserCreationForm, _OfficeForm):
    """A new log-in. It has no password: the owner logs in with a code, and chooses one on My page."""

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._fit_to(by)

    def save(self, commit: bool = True) -> User:
        self.instance.set_unusable_password()
        user: User = super().save(commit)
        return user


class LogInForm(UserEditForm, _OfficeForm):
    """Changing a log-in. One's own roles are for somebody else to change."""

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        if kwargs.get("editing_self"):
            kwargs["editing_self"] = False  # Wagtail's own rule leaves the roles; ours takes them away too
            super().__init__(*args, **kwargs)
            self._fit_to(by)
            for name in ("is_active", "is_superuser", "groups"):
                self.fields.pop(name, None)
        else:
            super().__init__(*args, **kwargs)
            self._fit_to(by)


class NewLogInView(CreateView):
    """A new log-in, for somebody who works in the office and is no member."""

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"by": self.request.user}


class LogInView(EditView):
    """One log-in, with links to the members who use it."""

    object: User

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if outranks(user=self.object, by=_who(request)):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"by": self.request.user}

    def get_header_more_buttons(self) -> list[Button]:
        if not self.request.user.has_perm("membership.view_member"):
            return super().get_header_more_buttons()
        links = [
            Button(
                _("Member: %(name)s") % {"name": member.full_name},
                url=reverse("members:inspect", args=[member.pk]), icon_name="user", priority=5,
            )
            for member in scope.visible_to(self.request.user, self.object.members.order_by("pk"))[:MEMBERS_SHOWN]
        ]  # fmt: skip
        return links + super().get_header_more_buttons()


class DeleteLogInView(DeleteView):
    """Taking a log-in away. The member it belongs to stays."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if outranks(user=self.get_object(), by=_who(request)):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class LogInViewSet(UserViewSet):
    """Wagtail's users, under our rules. A log-in is one person's: it is not copied."""

    copy_view_enabled = False
    add_view_class = NewLogInView
    edit_view_class = LogInView
    delete_view_class = DeleteLogInView

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return LogInForm if for_update else NewLogInForm


def guard_bulk_action(request: HttpRequest, action_type: str, objects: list[Any], action: Any) -> HttpResponse | None:
    """Stop what is done to many log-ins at once where it would touch one's own or a more powerful one."""
    by = request.user
    users = [row for row in objects if isinstance(row, User)]
    if not users or not isinstance(by, User):
        return None
    role = action.cleaned_form.cleaned_data.get("role") if action_type == "assign_role" else None
    refused = (
        by in users
        or any(outranks(user=user, by=by) for user in users)
        or (role is not None and not roles_to_give(by).filter(pk=role.pk).exists())
    )
    if not refused:
        return None
    messages.error(request, _("Nothing was done: your own log-in, or one with more rights than yours, is among them."))
    return redirect("wagtailusers_users:index")
