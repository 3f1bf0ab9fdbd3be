"""A payer's own choice of how invoices come, on My page; the office chooses with the same form."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from core.errors import Refused
from core.models import User
from invoicing import ways
from membership.my_page.access import MemberRequest, member_page


class WayForm(forms.Form):
    """How a payer wants invoices."""

    way = forms.ChoiceField(label=gettext_lazy("Invoices"), required=False, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ChoiceField", self.fields["way"])
        field.choices = [("", ways.AS_WORKS), *ways.offered()]


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def choose_way(request: MemberRequest) -> HttpResponse:
    """Choose, and go back to the invoices."""
    form = WayForm(request.POST or None, initial={"way": ways.chosen_by(request.member)})
    if request.method == "POST" and form.is_valid():
        try:
            ways.choose(
                member=request.member, way=form.cleaned_data["way"], at=timezone.now(), by=cast("User", request.user)
            )  # fmt: skip
        except Refused as refusal:
            form.add_error("way", refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("my_invoices")
    return render(request, "invoicing/my_way.html", {"form": form}, status=422 if form.errors else 200)
