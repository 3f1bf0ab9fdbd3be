"""The page of the treasurer's inbox."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from invoicing import inbox


@never_cache
@require_safe
@permission_required("invoicing.view_invoice", raise_exception=True)
def treasury_inbox(request: HttpRequest) -> HttpResponse:
    """What waits, kind by kind, with the first few of each."""
    found = inbox.parts(request=request, on=timezone.localdate())
    context: dict[str, Any] = {
        "parts": [(part, rows, part.count - len(rows)) for part in found for rows in [part.rows()]],
        "header_title": _("Treasurer's inbox"),
        "header_icon": "mail",
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": _("Home")},
            {"url": "", "label": _("Treasurer's inbox")},
        ],
    }
    return render(request, "invoicing/office/inbox.html", context)
