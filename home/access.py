"""A closed website: with `public = false` in the client snippet nobody sees its pages without logging in.

Log-in, unsubscribing and other links in messages stay open: they are no pages of the website.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.cache import add_never_cache_headers


def is_closed_to(request: HttpRequest) -> bool:
    """Whether the website is closed and this visitor has not logged in."""
    user = getattr(request, "user", None)
    return not settings.CLIENT.site.public and (user is None or not user.is_authenticated)


def to_log_in(request: HttpRequest) -> HttpResponse:
    """Send the visitor to the log-in, and back here afterwards."""
    response = redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))
    add_never_cache_headers(response)
    return response


def unless_closed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a view answer only those whom the website is open to."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return to_log_in(request) if is_closed_to(request) else view(request, *args, **kwargs)

    return guarded
