"""The mailings, newest first: what was sent, to whom, by whom, and how it went."""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from core.ledgers import Ledger
from newsletter.models import Mailing


class MailingLedger(Ledger):
    """Every mailing. Its page (office_views.py) has the numbers."""

    model = Mailing
    menu_label = _("Mailings")
    menu_icon = "doc-full-inverse"
    menu_order = 50
    add_to_admin_menu = False
    base_url_path = "mailings"
    inspect_view_enabled = False
    list_display = ("what", "audience", "expected", "by", "started_at")
    search_fields = ("title",)
    ordering = ("-started_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mailing]:
        return super().get_queryset(request).select_related("by")

    def what(self, mailing: Mailing) -> str:
        return format_html('<a href="{}">{}</a>', reverse("newsletter_mailing", args=[mailing.pk]), mailing.title)

    what.short_description = _("Newsletter")  # type: ignore[attr-defined]
    what.admin_order_field = "title"  # type: ignore[attr-defined]
