"""What the office does about one invoice that is not paid: says that it has reminded by itself, or gives more time."""

from typing import Any

from django import forms
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages
from wagtail.admin.widgets import AdminDateInput
from wagtail.permission_policies import ModelPermissionPolicy

from core.errors import Refused
from invoicing.models import Invoice
from membership import scope
from membership.office.verb_views import VerbView
from payments.models import Reminder
from payments.reminders import letters, papers, sending, snoozes


class _InvoiceVerb(VerbView):
    """A form about an invoice, and back to its page."""

    model = Invoice
    object: Invoice
    permission_policy = ModelPermissionPolicy(Reminder)
    permission_required = "send"
    list_title = gettext_lazy("Invoices")

    @property
    def namespace(self) -> str:
        return "invoices"


class ByHandForm(forms.Form):
    channel = forms.ChoiceField(
        label=gettext_lazy("How?"),
        choices=[(Reminder.Channel.SPOKEN, Reminder.Channel.SPOKEN.label),
                 ("letter", gettext_lazy("a letter we posted")), ("email", gettext_lazy("an e-mail we wrote"))],
        widget=forms.RadioSelect, initial=Reminder.Channel.SPOKEN,
    )  # fmt: skip


class ByHandView(_InvoiceVerb):
    """The next reminder was given outside the program."""

    form_class = ByHandForm
    page_title = gettext_lazy("Reminded by hand")
    submit_label = gettext_lazy("I have reminded them")

    def explanation(self) -> str:
        next_one = _("The next step of the schedule counts as sent today, without a fee, and nothing is sent.")
        otherwise = _("Where no step is due, the one that did not arrive counts as given today.")
        return f"{next_one} {otherwise}"

    def perform(self, data: dict[str, Any]) -> str:
        made = sending.record_by_hand(
            invoice=self.object, channel=data["channel"], on=timezone.localdate(), at=timezone.now(), by=self.user
        )
        if made is None:
            raise Refused(_("No reminder is due for this invoice now."), code="not_due")
        return _("Reminder %(number)s is registered. They have until %(date)s.") % {
            "number": made.step,
            "date": date_format(made.pay_by),
        }


class MoreTimeForm(forms.Form):
    until = forms.DateField(
        label=gettext_lazy("Until"), widget=AdminDateInput,
        help_text=gettext_lazy("There are no reminders until this day, the day included."),
    )  # fmt: skip


class MoreTimeView(_InvoiceVerb):
    """Until when the payer is left in peace."""

    form_class = MoreTimeForm
    page_title = gettext_lazy("More time")
    submit_label = gettext_lazy("Give more time")

    def perform(self, data: dict[str, Any]) -> str:
        snooze = snoozes.grant(invoice=self.object, until=data["until"], on=timezone.localdate(), by=self.user)
        return _("There are no reminders until %(date)s.") % {"date": date_format(snooze.until)}


@never_cache
@require_POST
@permission_required("payments.send_reminder", raise_exception=True)
def print_instead(request: HttpRequest, pk: int) -> HttpResponse:
    """The reminder that did not arrive: it counts as posted today, and here is the letter."""
    invoice = get_object_or_404(scope.visible_to(request.user, Invoice.objects.invoices()), pk=pk)
    try:
        made = letters.print_instead(
            invoice=invoice, on=timezone.localdate(), at=timezone.now(), by=request.user  # type: ignore[arg-type]
        )  # fmt: skip
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("treasury_inbox")
    return redirect("reminders_letter", made.pk)


@never_cache
@require_safe
@permission_required("payments.view_reminder", raise_exception=True)
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """The letter of a reminder that was given by hand, as often as the printer jams."""
    visible = scope.visible_to(request.user, Invoice.objects.invoices())
    rows = Reminder.objects.filter(is_by_hand=True, channel="letter", invoice__in=visible)
    reminder = get_object_or_404(rows.select_related("invoice"), pk=pk)
    response = HttpResponse(papers.pdf_of(reminder), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{papers.file_name(reminder)}"'
    return response
