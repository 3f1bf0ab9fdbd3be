from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InvoicingConfig(AppConfig):
    name = "invoicing"
    verbose_name = _("Invoices")

    def ready(self) -> None:
        from messaging import attachments

        from . import branch_scope, checks, log_actions, pdf, receivers  # noqa: F401
        from .letters import papers, welcome

        branch_scope.plug_in()
        attachments.register("invoice", pdf.as_attachment)
        attachments.register("duplicate", pdf.duplicate)
        attachments.register(welcome.SCHEME, welcome.as_attachment)
        papers.register("invoice", papers.Source(papers=papers.of_invoices))
        papers.register(welcome.SCHEME, papers.Source(
            papers=welcome.of_members, pointless=welcome.pointless, is_laid_out=True,
        ))  # fmt: skip
