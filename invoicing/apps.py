from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InvoicingConfig(AppConfig):
    name = "invoicing"
    verbose_name = _("Invoices")

    def ready(self) -> None:
        from messaging import attachments

        from . import checks, log_actions, pdf, receivers  # noqa: F401

        attachments.register("invoice", pdf.as_attachment)
