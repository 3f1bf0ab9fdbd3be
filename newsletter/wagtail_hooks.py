"""Registration only: the button on a newsletter, the mailings in the menu, and what the history says."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import LogActionRegistry
from wagtail.models import Page

from core.ledgers import register
from core.models import User
from newsletter import office_views
from newsletter.ledgers import MailingLedger
from newsletter.models import NewsletterPage

_mailings = register(MailingLedger)()


@hooks.register("register_messages_menu_item")
def mailings_ledger() -> MenuItem:
    return _mailings.get_menu_item()


@hooks.register("register_admin_urls")
def office_urls() -> list[URLPattern]:
    page, mailing = "newsletters/<int:page_id>/", "newsletters/mailings/<int:mailing_id>/"
    return [
        path(f"{page}send/", office_views.send, name="newsletter_send"),
        path(f"{page}send-test/", office_views.send_test, name="newsletter_send_test"),
        path(mailing, office_views.mailing, name="newsletter_mailing"),
        path(f"{mailing}go-on/", office_views.go_on, name="newsletter_go_on"),
    ]


def _send_button(page: Page, user: User, priority: int) -> Iterator[Button]:
    is_newsletter = page.cached_content_type.model_class() is NewsletterPage
    if is_newsletter and user.has_perm("newsletter.add_mailing") and page.permissions_for_user(user).can_publish():
        address = reverse("newsletter_send", args=[page.pk])
        yield Button(_("Send by e-mail"), url=address, icon_name="mail", priority=priority)


@hooks.register("register_page_header_buttons")
def send_from_page(page: Page, user: User, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    return _send_button(page, user, 15)


@hooks.register("register_page_listing_more_buttons")
def send_from_list(page: Page, user: User, next_url: str | None = None, **kwargs: Any) -> Iterator[Button]:
    return _send_button(page, user, 15)


@hooks.register("register_log_actions")
def log_actions(actions: LogActionRegistry) -> None:
    actions.register_action("newsletter.send", _("Send newsletter"), _("Newsletter sent by e-mail"))
