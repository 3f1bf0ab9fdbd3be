"""The pages of one's own log-in: never kept by a browser, and the important ones only for who has just proved it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

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
        match = request.resolver_match
        if match is None or match.url_name not in IMPORTANT or not request.user.is_authenticated:
            return None
        if get_reauthentication_flows(request.user) or is_fresh(request, at=timezone.now()):
            return None
        return HttpResponseRedirect(f"{reverse('account_prove')}?{urlencode({'next': request.path})}")
