"""The office needs inline scripts and styles; public and member pages do not get them."""

from collections.abc import Callable, Collection
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.csp import CSP, build_policy

_OFFICE: dict[str, Collection[str] | str] = {
    **cast("dict[str, list[str]]", settings.SECURE_CSP),
    "script-src": [CSP.SELF, CSP.UNSAFE_INLINE, CSP.UNSAFE_EVAL],
    "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
    "img-src": [CSP.SELF, "data:", "blob:"],
    "frame-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
}


def office_policy(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Set the office's policy first: Django's own middleware leaves a header that is already there alone."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith("/admin/") and CSP.HEADER_ENFORCE.value not in response:
            response[CSP.HEADER_ENFORCE.value] = build_policy(_OFFICE)
        return response

    return middleware
