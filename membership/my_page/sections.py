"""The sections of My page, and what stands on top of its first one. An app adds its own with two Wagtail hooks:

    @hooks.register("my_page_section")
    def invoices() -> MyPageSection:
        return MyPageSection(order=300, name="invoices", label=_("Invoices"), url_name="my_invoices")

    @hooks.register("my_page_notice")
    def to_pay(request: HttpRequest, member: Member, on: date) -> MyPageNotice | None:
        return MyPageNotice(order=100, template="invoicing/my_next_step.html", context={"invoice": …})

so that My page never imports invoicing or payments. A section's template extends `my_page/base.html`, which shows
the menu; its view is a `my_page_access.member_page`, about `request.member`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from membership.models import Member


@dataclass(frozen=True, kw_only=True)
class MyPageSection:
    """One line of My page's menu.

    `order` sorts: 100 overview, 200 memberships, 300 invoices, 350 payments, 400 household, 500 details,
    600 consents, 650 my data, 700 password and log-in, 900 leaving. `url_name` is the page's, without arguments.
    """

    order: int
    name: str
    label: str | Promise
    url_name: str


@dataclass(frozen=True, kw_only=True)
class MyPageNotice:
    """What the member should do next or know at once, on top of My page: an invoice to pay, say."""

    order: int
    template: str
    context: dict[str, Any] = field(default_factory=dict)

    def render(self, *, request: HttpRequest, member: Member, on: date) -> SafeString:
        """The notice as HTML."""
        return render_to_string(self.template, {**self.context, "member": member, "on": on}, request)


OWN_SECTIONS = (
    MyPageSection(order=100, name="overview", label=_("Overview"), url_name="my_page"),
    MyPageSection(order=200, name="memberships", label=_("Memberships"), url_name="my_memberships"),
    MyPageSection(order=400, name="household", label=_("Household"), url_name="my_household"),
    MyPageSection(order=500, name="details", label=_("My details"), url_name="my_details"),
    MyPageSection(order=600, name="consents", label=_("Consents"), url_name="my_consents"),
    MyPageSection(order=650, name="data", label=_("My data"), url_name="my_data"),
    MyPageSection(order=700, name="log_in", label=_("Password and log-in"), url_name="my_log_in"),
    MyPageSection(order=900, name="leave", label=_("Leave the association"), url_name="my_leaving"),
)


def sections() -> list[MyPageSection]:
    """Every section, this app's and the others', in order."""
    others: Iterable[MyPageSection] = (section() for section in hooks.get_hooks("my_page_section"))
    return sorted([*OWN_SECTIONS, *others], key=lambda section: (section.order, section.name))


def menu(*, path: str) -> list[dict[str, Any]]:
    """The menu beside the content: title, url, and whether `path` is that page or one below it."""
    rows = [(section.label, reverse(section.url_name)) for section in sections()]
    current = max((url for _label, url in rows if path.startswith(url)), key=len, default="")
    return [{"title": label, "url": url, "current": url == current} for label, url in rows]


def notices(*, request: HttpRequest, member: Member, on: date) -> list[SafeString]:
    """What the other apps want to say on top, ready to show, in order."""
    found: Iterable[MyPageNotice | None] = (notice(request, member, on) for notice in hooks.get_hooks("my_page_notice"))
    shown = sorted((notice for notice in found if notice), key=lambda notice: notice.order)
    return [notice.render(request=request, member=member, on=on) for notice in shown]
