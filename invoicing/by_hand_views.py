"""What the treasurer does by hand: an invoice for something else, a copy, a letter instead, a payer's way."""

from typing import Any, cast
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.widgets import AdminDateInput

from core.errors import Refused
from core.models import User
from invoicing import by_hand, deliveries, documents, ways
from invoicing.accounts import ChoosesAccount
from invoicing.by_hand import Item
from invoicing.models import Invoice
from invoicing.my_way_views import WayForm
from invoicing.office_menu import for_readers, for_treasurers, frame
from membership import scope
from membership.models import Member
from membership.office.chooser_views import member_chooser
from membership.office.record_screens import show_refusal

LINES = 5


class PayerForm(ChoosesAccount):
    """Who pays, by when, and to which account. The token names the form: sent twice, it issues one invoice."""

    payer = forms.ModelChoiceField(
        label=gettext_lazy("Payer"), queryset=Member.objects.all(), widget=member_chooser.widget_class,
        help_text=gettext_lazy("Anybody in the registry, member or not."),
    )  # fmt: skip
    due_on = forms.DateField(
        label=gettext_lazy("Due date"), required=False, widget=AdminDateInput,
        help_text=gettext_lazy("Empty: as for all invoices."),
    )  # fmt: skip
    token = forms.UUIDField(widget=forms.HiddenInput)


class LineForm(forms.Form):
    """One line."""

    text = forms.CharField(label=gettext_lazy("What it is for"), max_length=300)
    quantity = forms.DecimalField(
        label=gettext_lazy("How many"), min_value=0, max_digits=8, decimal_places=2, localize=True, initial=1
    )
    unit_price = forms.DecimalField(
        label=gettext_lazy("Price of one"), max_digits=12, decimal_places=2, min_value=0, localize=True
    )
    vat_percent = forms.DecimalField(
        label=gettext_lazy("VAT in the price, per cent"), min_value=0, max_value=100, max_digits=5, decimal_places=2,
        localize=True, initial=0,
    )  # fmt: skip


LineForms = forms.formset_factory(LineForm, extra=LINES, max_num=LINES, min_num=1, validate_min=True)


@for_treasurers
def new_invoice(request: HttpRequest) -> HttpResponse:
    """An invoice for something else than a membership, to anybody in the registry."""
    initial: dict[str, Any] = {"token": uuid4()}
    if request.GET.get("payer", "").isdecimal():
        initial["payer"] = request.GET["payer"]
    form = PayerForm(request.POST or None, initial=initial)
    too_few = _("Write at least one line: what it is for, and what it costs.")
    lines = LineForms(request.POST or None, prefix="lines", error_messages={"too_few_forms": too_few})
    if request.method == "POST" and form.is_valid() and lines.is_valid():
        items = [Item(**data) for data in lines.cleaned_data if data]
        try:
            invoice = by_hand.issue(
                payer=form.cleaned_data["payer"], due_on=form.cleaned_data["due_on"], items=items,
                on=timezone.localdate(), at=timezone.now(), by=cast("User", request.user), account=form.account,
                token=form.cleaned_data["token"],
            )  # fmt: skip
        except Refused as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("Invoice %(number)s is issued, and on its way.") % {"number": invoice.number})
            return redirect("invoices:inspect", invoice.pk)
    context: dict[str, Any] = {
        "form": form,
        "lines": lines,
        "media": form.media,
        **frame(_("Invoice for something else"), icon="doc-full", trail=[(_("Invoices"), reverse("invoices:index"))]),
    }
    return render(request, "invoicing/office/by_hand.html", context)


@for_readers
@require_safe
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """The document once more, with a word on it that says that it is a copy; or back, with why it cannot be printed."""
    from invoicing import press

    invoice = get_object_or_404(scope.visible_to(request.user, Invoice.objects.all()), pk=pk)
    try:
        content = documents.copy_pdf(invoice=invoice)
    except FileNotFoundError as error:
        raise Http404 from error
    except press.PrintError as error:
        messages.error(request, _("The copy cannot be printed. %(problem)s") % {"problem": error})
        return redirect("invoices:inspect", invoice.pk)
    response = HttpResponse(content, content_type="application/pdf")
    name = _("copy") + f"-{invoice.number}.pdf"
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


@for_treasurers
@require_POST
def print_instead(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a document among the letters."""
    invoice = get_object_or_404(Invoice.objects.select_related("member"), pk=pk)
    try:
        done = deliveries.print_instead(invoices=[invoice], at=timezone.now(), by=cast("User", request.user))
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        if done:
            messages.success(request, _("It lies among the letters that wait for the printer."))
    if request.GET.get("next") == reverse("treasury_inbox"):
        return redirect("treasury_inbox")
    return redirect("invoices:inspect", invoice.pk)


@for_treasurers
def way(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose for a payer how invoices come."""
    member = get_object_or_404(Member, pk=pk)
    chosen = ways.chosen_by(member)
    form = WayForm(request.POST or None, initial={"way": chosen})
    if request.method == "POST" and form.is_valid():
        try:
            ways.choose(
                member=member, way=form.cleaned_data["way"], at=timezone.now(), by=cast("User", request.user)
            )  # fmt: skip
        except Refused as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("members:inspect", member.pk)
    trail = [(member.full_name, reverse("members:inspect", args=[member.pk]))]
    context = {"form": form, "payer": member, **frame(_("How invoices come"), icon="mail", trail=trail)}
    context["back_url"] = reverse("members:inspect", args=[member.pk])
    return render(request, "invoicing/office/way.html", context)


urlpatterns = [
    path("treasury/invoice/", new_invoice, name="invoice_by_hand"),
    path("treasury/invoice/<int:pk>/print/", print_instead, name="invoice_print_instead"),
    path("treasury/way/<int:pk>/", way, name="invoice_way"),
]
