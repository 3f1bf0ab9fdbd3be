"""Every payment as it came, for the office to read. What can be done about one stands on its own page."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from core.ledgers import Ledger
from core.money import formatted
from membership import scope
from payments.models import Payment, ProviderPayment
from payments.online import online_books


class CreditFilter(SimpleListFilter):
    """Payments of which something is left: credit, or money from somebody we do not know."""

    title = _("credit")
    parameter_name = "credit"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("not used up"))]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Payment]") -> "QuerySet[Payment]":
        return queryset.filter(unused_amount__gt=0) if self.value() == "yes" else queryset


class PaymentLedger(Ledger):
    """Payments and reversals, newest first."""

    model = Payment
    menu_label = _("All payments")
    menu_icon = "list-ul"
    menu_order = 300
    add_to_admin_menu = False  # it stands in the menu "Treasury", see wagtail_hooks.py
    base_url_path = "payments"
    inspect_view_enabled = False
    list_display = ("who", "received", "money", "covers", "unused", "source", "recorder")
    list_filter = (CreditFilter, "source", "received_on")
    search_fields = ("payer_name", "kid", "text", "payer_account", "payer__member_number")
    ordering = ("-recorded_at", "-pk")
    empty_value_display = "–"

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Payment]":
        rows = scope.visible_to(request.user, super().get_queryset(request)).select_related(
            "recorded_by", "reversed_by"
        )
        return rows.prefetch_related("allocations__invoice")

    def who(self, payment: Payment) -> str:
        address = reverse("payments_payment", args=[payment.pk])
        return format_html('<a href="{}">{}</a>', address, payment.payer_name or _("Unknown payer"))

    who.short_description = _("From")  # type: ignore[attr-defined]
    who.admin_order_field = "payer_name"  # type: ignore[attr-defined]

    def received(self, payment: Payment) -> str:
        day = date_format(payment.received_on, "SHORT_DATE_FORMAT")
        return format_html('<span class="office-nowrap">{}</span>', day)

    received.short_description = _("Received")  # type: ignore[attr-defined]
    received.admin_order_field = "received_on"  # type: ignore[attr-defined]

    def recorder(self, payment: Payment) -> str:
        return payment.recorded_by.get_full_name() if payment.recorded_by else ""

    recorder.short_description = _("Recorded by")  # type: ignore[attr-defined]

    def money(self, payment: Payment) -> str:
        text = formatted(payment.amount, payment.currency)
        if hasattr(payment, "reversed_by"):
            return format_html("<s>{}</s> {}", text, _("undone"))
        return text

    money.short_description = _("Amount")  # type: ignore[attr-defined]
    money.admin_order_field = "amount"  # type: ignore[attr-defined]

    def covers(self, payment: Payment) -> str:
        return ", ".join(dict.fromkeys(str(row.invoice.number) for row in payment.allocations.all()))

    covers.short_description = _("Invoices")  # type: ignore[attr-defined]

    def unused(self, payment: Payment) -> Any:
        return formatted(payment.unused_amount, payment.currency) if payment.unused_amount else ""

    unused.short_description = _("In credit")  # type: ignore[attr-defined]
    unused.admin_order_field = "unused_amount"  # type: ignore[attr-defined]


class OnlinePaymentLedger(Ledger):
    """Every try to pay with a provider, newest first. Those somebody has to look at have a page with what to do."""

    model = ProviderPayment
    menu_label = _("Online payments")
    menu_icon = "mobile-alt"
    menu_order = 310
    add_to_admin_menu = False  # it stands in the menu "Treasury", see wagtail_hooks.py
    base_url_path = "online-payments"
    inspect_view_enabled = False
    list_display = ("of_invoice", "started", "money", "through", "standing", "problem")
    list_filter = ("state", "provider", "created_at")
    search_fields = ("reference", "provider_id", "invoice__number", "invoice__buyer_name")
    ordering = ("-created_at", "-pk")
    empty_value_display = "–"

    def get_queryset(self, request: HttpRequest) -> "QuerySet[ProviderPayment]":
        return scope.visible_to(request.user, super().get_queryset(request)).select_related("invoice")

    def of_invoice(self, online: ProviderPayment) -> str:
        address = reverse("payments_online", args=[online.pk])
        return format_html('<a href="{}">{} {}</a>', address, online.invoice.number, online.invoice.buyer_name)

    of_invoice.short_description = _("Invoice")  # type: ignore[attr-defined]
    of_invoice.admin_order_field = "invoice__number"  # type: ignore[attr-defined]

    def started(self, online: ProviderPayment) -> str:
        when = date_format(timezone.localtime(online.created_at), "SHORT_DATETIME_FORMAT")
        return format_html('<span class="office-nowrap">{}</span>', when)

    started.short_description = _("Started")  # type: ignore[attr-defined]
    started.admin_order_field = "created_at"  # type: ignore[attr-defined]

    def money(self, online: ProviderPayment) -> str:
        return formatted(online.amount, online.currency)

    money.short_description = _("Amount")  # type: ignore[attr-defined]
    money.admin_order_field = "amount"  # type: ignore[attr-defined]

    def through(self, online: ProviderPayment) -> str:
        return online_books.name_of(online.provider)

    through.short_description = _("Provider")  # type: ignore[attr-defined]
    through.admin_order_field = "provider"  # type: ignore[attr-defined]

    def standing(self, online: ProviderPayment) -> str:
        return online.get_state_display()

    standing.short_description = _("Status")  # type: ignore[attr-defined]
    standing.admin_order_field = "state"  # type: ignore[attr-defined]
