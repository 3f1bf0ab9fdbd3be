from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    name = "payments"
    verbose_name = _("Payments")

    def ready(self) -> None:
        from invoicing.letters.papers import Source, register
        from messaging import attachments

        from . import branch_scope, receivers  # noqa: F401
        from .reminders import papers

        branch_scope.plug_in()
        attachments.register(papers.SCHEME, papers.as_attachment)
        register(papers.SCHEME, Source(
            papers=papers.of_reminders, pointless=papers.pointless, is_laid_out=True,
        ))  # fmt: skip
