"""What the office sees of messages: the ledger of all, with why each did or did not go, and the blocked addresses."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin.filters import AllValuesFieldListFilter
from django.db.models import Case, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from core import visibility
from core.ledgers import Ledger
from messaging import policies, readable
from messaging.health import health
from messaging.models import Message, Suppression


class KindFilter(AllValuesFieldListFilter):
    """The kinds there are messages of, by the names they have in the list."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        everything, *kinds = super().choices(changelist)
        yield everything
        for choice in kinds:
            yield {**choice, "display": policies.name(str(choice["display"]))}


class MessageLedger(Ledger):
    """Every e-mail, SMS and letter, newest first. The words are on each message's own page (office_views.py)."""

    model = Message
    menu_label = _("All messages")
    menu_icon = "mail"
    menu_order = 100
    add_to_admin_menu = False  # it stands in the menu "Messages", see wagtail_hooks.py
    base_url_path = "messages"
    inspect_view_enabled = False  # each has a page of its own
    list_display = ("what", "to", "sort", "state", "why", "queued")
    list_filter = ("state", ("kind", KindFilter), "channel")
    search_fields = ("address", "shown_subject", "recipient_ref")
    ordering = ("-id",)
    index_template_name = "messaging/office/messages.html"

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Message]":
        # The words are long and not listed; a newsletter's subject stands in its shared words.
        words = ("body_text", "body_html", "wording__body_text", "wording__body_html")
        # Searching and sorting must not tell what is not shown: a code can stand in the subject of its mail.
        shown = Case(
            When(kind__in=policies.secret_kinds(), then=Value("")), default=Coalesce("wording__subject", "subject")
        )
        rows = visibility.visible_to(request.user, super().get_queryset(request))
        return rows.select_related("wording").defer(*words).alias(shown_subject=shown)

    def index_view(self, request: HttpRequest) -> HttpResponse:
        """The list, under what the office should know about sending as a whole; for those who see all of it."""
        response = super().index_view(request)
        is_about_all = visibility.sees_everything(request.user)
        if is_about_all and isinstance(response, TemplateResponse) and response.context_data is not None:
            response.context_data["health"] = health(at=timezone.now())
            response.context_data["may_decide"] = request.user.has_perm("messaging.change_message")
        return response

    def what(self, message: Message) -> str:
        address = reverse("messaging_message", args=[message.pk])
        return format_html('<a href="{}">{}</a>', address, readable.subject(message))

    what.short_description = _("Subject")  # type: ignore[attr-defined]
    what.admin_order_field = "shown_subject"  # type: ignore[attr-defined]

    def to(self, message: Message) -> str:
        return message.address or "–"

    to.short_description = _("To")  # type: ignore[attr-defined]
    to.admin_order_field = "address"  # type: ignore[attr-defined]

    def sort(self, message: Message) -> str:
        return f"{policies.name(message.kind)} · {message.get_channel_display()}"

    sort.short_description = _("Kind")  # type: ignore[attr-defined]
    sort.admin_order_field = "kind"  # type: ignore[attr-defined]

    def why(self, message: Message) -> str:
        return Truncator(message.why).words(18)

    why.short_description = _("Why")  # type: ignore[attr-defined]

    def queued(self, message: Message) -> str:
        when = date_format(timezone.localtime(message.queued_at), "SHORT_DATETIME_FORMAT")
        return format_html('<span class="office-nowrap">{}</span>', when)

    queued.short_description = _("queued")  # type: ignore[attr-defined]
    queued.admin_order_field = "queued_at"  # type: ignore[attr-defined]


class SuppressionLedger(Ledger):
    """Addresses nothing more is sent to, and why."""

    model = Suppression
    menu_label = _("Blocked addresses")
    menu_icon = "no-view"
    menu_order = 200
    add_to_admin_menu = False
    base_url_path = "blocked-addresses"
    inspect_view_enabled = False  # each has a page of its own
    list_display = ("blocked", "why", "at")
    search_fields = ("address",)
    ordering = ("-at",)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Suppression]":
        return visibility.visible_to(request.user, super().get_queryset(request))

    def blocked(self, row: Suppression) -> str:
        return format_html('<a href="{}">{}</a>', reverse("messaging_blocked_address", args=[row.pk]), row.address)

    blocked.short_description = _("Address")  # type: ignore[attr-defined]
    blocked.admin_order_field = "address"  # type: ignore[attr-defined]

    def why(self, row: Suppression) -> str:
        return row.why

    why.short_description = _("Why")  # type: ignore[attr-defined]
