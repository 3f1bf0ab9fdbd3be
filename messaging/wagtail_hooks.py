"""Registration only: the menu "Messages", its ledgers and the page of one message."""

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem

from core.ledgers import register
from messaging import office_views
from messaging.ledgers import MessageLedger, SuppressionLedger

# Later apps file into this menu with the hook `register_messages_menu_item`.
menu = Menu(register_hook_name="register_messages_menu_item", construct_hook_name="construct_messages_menu")
_ledgers = [register(MessageLedger)(), register(SuppressionLedger)()]


@hooks.register("register_admin_menu_item")
def messages_menu() -> SubmenuMenuItem:
    return SubmenuMenuItem(_("Messages"), menu, name="messages", icon_name="mail", order=40)


@hooks.register("register_messages_menu_item")
def messages_ledger() -> MenuItem:
    return _ledgers[0].get_menu_item()


@hooks.register("register_messages_menu_item")
def suppressions_ledger() -> MenuItem:
    return _ledgers[1].get_menu_item()


@hooks.register("register_admin_urls")
def office_urls() -> list[URLPattern]:
    record = "messages/<int:pk>/"
    return [
        path(record, office_views.message, name="messaging_message"),
        path(f"{record}words/", office_views.words, name="messaging_words"),
        path(f"{record}send-again/", office_views.send_again, name="messaging_send_again"),
        path(f"{record}regard-as-sent/", office_views.regard_as_sent, name="messaging_regard_as_sent"),
        path(f"{record}cancel/", office_views.cancel, name="messaging_cancel"),
        path("messages/unknown/<slug:kind>/", office_views.decide_all, name="messaging_decide_all"),
        path("messages/pauses/<int:pk>/resume/", office_views.resume, name="messaging_resume"),
        path("blocked-addresses/<int:pk>/", office_views.blocked_address, name="messaging_blocked_address"),
        path("blocked-addresses/<int:pk>/unblock/", office_views.unblock, name="messaging_unblock"),
    ]
