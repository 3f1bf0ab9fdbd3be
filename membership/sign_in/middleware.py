"""The pages of one's own log-in: never kept by a browser, and the important ones only for who has just proved it.

The office is open to those who log in with a second step, unless the organisation has deferred that (client snippet,
`site.office_second_step`): who has none yet is led to where it is made.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from membership.sign_in.views import is_fresh

# Where a stolen session could be made to last. allauth asks for password or second step there; those who have neither
# would get in without being asked, so we ask them for a code.
IMPORTANT = {"account_email", "account_set_password", "mfa_activate_totp", "mfa_generate_recovery_codes"}


class AccountPages:
    """Stands after allauth's own middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        if match and (match.url_name or "").startswith(("account_", "mfa_")):
            add_never_cache_headers(response)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Send those who have not just logged in, and have nothing but codes, to prove who they are."""
        if _lacks_second_step(request):
            messages.info(
                request, _("The office needs a second step at log-in. Make yours here; it takes two minutes.")
            )
            return HttpResponseRedirect(reverse("mfa_activate_totp"))
        match = request.resolver_match
        if match is None or match.url_name not in IMPORTANT or not request.user.is_authenticated:
            return None
        if get_reauthentication_flows(request.user) or is_fresh(request, at=timezone.now()):
            return None
        return HttpResponseRedirect(f"{reverse('account_prove')}?{urlencode({'next': request.path})}")


def _lacks_second_step(request: HttpRequest) -> bool:
    """Whether this is the office, opened by somebody who has to have a second step and has none."""
    if settings.CLIENT.site.office_second_step != "required" or not request.user.is_authenticated:
        return False
    if not request.path.startswith(reverse("wagtailadmin_home")):
        return False
    if any(record.get("method") == "mfa" for record in get_authentication_records(request)):
        return False
    return request.user.has_perm("wagtailadmin.access_admin") and not is_mfa_enabled(request.user)
