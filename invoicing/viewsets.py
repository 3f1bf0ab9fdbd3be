"""What the office sees of invoices: the menu "Treasury" and the screens in it."""

from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.base import ViewSetGroup

from invoicing.crediting_views import CreditView
from invoicing.models import Invoice
from invoicing.office_views import InvoiceListView, InvoiceView
from membership.office.record_screens import OfficeViewSet


class InvoiceViewSet(OfficeViewSet):
    """Invoices and credit notes. They are issued by the story and never changed: the office looks, and credits."""

    model = Invoice
    name = "invoices"
    icon = "doc-full"
    menu_label = _("Invoices")
    menu_order = 200
    screens = ("index", "index_results", "inspect")
    index_view_class = InvoiceListView
    inspect_view_class = InvoiceView

    def extra_urls(self) -> list[URLPattern]:
        return [self.record_path("credit", CreditView)]


class TreasuryGroup(ViewSetGroup):
    """The menu "Treasury". Later apps file into it with the hook `register_treasury_menu_item`."""

    menu_label = _("Treasury")
    menu_name = "treasury"
    menu_icon = "list-ol"
    menu_order = 20
    submenu_hook = "register_treasury_menu_item"
    items = (InvoiceViewSet,)
