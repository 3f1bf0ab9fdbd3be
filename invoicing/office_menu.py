"""What the treasury's screens that are not record screens share: who may open them, their frame, their menu items."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.menu import MenuItem

from membership import scope

View = Callable[..., HttpResponseBase]


class PermittedItem(MenuItem):
    """A menu item for those with a right; `is_about_everybody` is said of what takes seeing every branch as well."""

    def __init__(
        self, label: Any, url: str, *, permission: str, is_about_everybody: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(label, url, **kwargs)
        self.permission, self.is_about_everybody = permission, is_about_everybody

    def is_shown(self, request: HttpRequest) -> bool:
        is_narrowed = self.is_about_everybody and not scope.sees_every_branch(request.user)
        return bool(request.user.has_perm(self.permission)) and not is_narrowed


def for_readers(view: View) -> View:
    """For those who may see invoices: the treasurer, and the auditor, who changes nothing."""
    return guarded(view, "invoicing.view_invoice")


def for_treasurers(view: View) -> View:
    """For those who may issue invoices."""
    return guarded(view, "invoicing.add_invoice")


def guarded(view: View, permission: str) -> View:
    """A view for those with a right; nothing of it is kept by the browser. That one must see every branch as well is
    said where the addresses are: `about_everybody` in wagtail_hooks.py."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(permission):
            raise PermissionDenied
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    return wrapped


def may_issue(request: HttpRequest) -> bool:
    """Whether the log-in may do more than look."""
    return request.user.has_perm("invoicing.add_invoice") and scope.sees_every_branch(request.user)


def frame(title: str, *, icon: str, trail: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
    """What Wagtail's header needs: the title, and the way here as (label, address)."""
    way = [(_("Home"), reverse("wagtailadmin_home")), *trail]
    return {
        "header_title": title,
        "header_icon": icon,
        "breadcrumbs_items": [
            *({"url": address, "label": label} for label, address in way), {"url": "", "label": title}
        ],
    }  # fmt: skip
