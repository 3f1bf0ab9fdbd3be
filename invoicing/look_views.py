"""The look of documents in the office: what may be chosen, and each kind of document to look at before it is kept."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from wagtail.images.widgets import AdminImageChooser

from core.models import User
from invoicing import looks
from invoicing.models import PrintLook
from invoicing.office_menu import frame

NAMES = {
    "invoice": gettext_lazy("Invoice"), "vat": gettext_lazy("Invoice with VAT"),
    "long": gettext_lazy("Invoice of 60 lines"), "credit_note": gettext_lazy("Credit note"),
    "receipt": gettext_lazy("Receipt"), "reminder": gettext_lazy("Reminder"),
    "welcome": gettext_lazy("Welcome letter"),
}  # fmt: skip
_LANGUAGES = ("nb", "en")


class LookForm(forms.ModelForm):
    """Everything that may be chosen about printed documents."""

    class Meta:
        model = PrintLook
        fields = ["design", "window", "accent", "logo", "date_format", "intro_nb", "intro_en", "vat_nb", "vat_en",
                  "pay_nb", "pay_en", "foot_nb", "foot_en", "welcome_nb", "welcome_en"]  # fmt: skip
        widgets = {
            "design": forms.RadioSelect, "window": forms.RadioSelect, "logo": AdminImageChooser,
            **{f"{name}_{language}": forms.Textarea(attrs={"rows": 3}) for name in ("intro", "pay", "welcome")
               for language in _LANGUAGES},
        }  # fmt: skip


@never_cache
def look(request: HttpRequest) -> HttpResponse:
    """Choose, look, keep. A button with a document on it shows that document as the form stands, and keeps nothing."""
    if not request.user.has_perm("invoicing.change_printlook"):
        raise PermissionDenied
    form = LookForm(request.POST or None, instance=looks.current())
    if request.method == "POST" and form.is_valid():
        chosen = form.save(commit=False)
        if wanted := request.POST.get("preview"):
            return _preview(form, chosen, wanted) or _page(request, form)
        if "logo" not in form.changed_data or _printed(form, chosen, "welcome", _LANGUAGES[0]):
            looks.keep(look=chosen, at=timezone.now(), by=cast("User", request.user))
            messages.success(request, _("Documents look so from now on. Those that were made before stay as they are."))
            return redirect("print_look")
    return _page(request, form)


def _preview(form: LookForm, chosen: PrintLook, wanted: str) -> HttpResponse | None:
    from invoicing import samples

    kind, _colon, language = wanted.partition(":")
    if kind not in samples.SAMPLES or language not in _LANGUAGES:
        return None
    content = _printed(form, chosen, kind, language)
    if content is None:
        return None
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{kind}-{language}.pdf"'
    return response


def _printed(form: LookForm, chosen: PrintLook, kind: str, language: str) -> bytes | None:
    """A sample of how it would look; none, with the reason on the form, where it cannot be printed."""
    from invoicing import press, samples

    try:
        return samples.SAMPLES[kind](language, chosen, timezone.localdate())
    except press.PrintError as error:
        if chosen.logo and isinstance(error, press.LogoError):
            form.add_error("logo", _("This picture cannot be drawn. Choose another one."))
        else:
            form.add_error(None, _("This cannot be printed. %(problem)s") % {"problem": error})
        return None


def _page(request: HttpRequest, form: LookForm) -> HttpResponse:
    names: dict[str, Any] = {"nb": _("in Norwegian"), "en": _("in English")}
    context = {
        "form": form,
        "media": form.media,
        "samples": [
            (label, [(f"{kind}:{language}", names[language]) for language in _LANGUAGES])
            for kind, label in NAMES.items()
        ],
        **frame(_("Look of documents"), icon="view"),
    }
    return render(request, "invoicing/office/look/look.html", context)


urlpatterns = [path("treasury/look/", look, name="print_look")]
