"""Answers visitors from what is kept, see page_cache.py."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from home import page_cache


def kept_pages(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Give visitors a kept page; keep the page they get when there is none. Stands inside CSRF and language."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not page_cache.may_be_kept(request):
            return get_response(request)
        kept, edition = page_cache.find(request)
        if kept is not None:
            return kept
        response = get_response(request)
        page_cache.keep(request, response, edition=edition)
        return response

    return middleware
