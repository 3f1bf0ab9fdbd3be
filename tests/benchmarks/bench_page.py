"""A visitor opens the front page and an article: kept, made anew, and as a bare view that returns the same bytes.

Each request goes through the whole WSGI application with production's middleware, from a browser without cookies.
"""

from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import re_path

from newsletter.models import ArticlePage
from tests.benchmarks.harness import Row, bench, compare, measure

_bytes: dict[str, bytes] = {}


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_bytes[request.path])


urlpatterns = [re_path("", bare)]


@bench("page", n=2_000)
def page(n: int) -> Iterable[Row]:
    """n visits to each page."""
    article = ArticlePage.objects.live().first()
    assert article is not None and article.url is not None
    fewer = max(n // 50, 1)
    for name, path in (("the front page", "/"), ("an article", article.url)):
        with override_settings(PAGE_CACHE_SECONDS=0):
            _bytes[path] = visit(path)
            queries = queries_of(path)
            anew = measure(partial(repeat, path, fewer))
        with override_settings(PAGE_CACHE_SECONDS=3600):
            visit(path)
            kept = measure(partial(repeat, path, n))
        with override_settings(PAGE_CACHE_SECONDS=0, ROOT_URLCONF=__name__):
            visit(path)
            theirs = measure(partial(repeat, path, n))
        yield compare(n=n, ours=kept, baseline=f"{name} made anew", theirs=anew, theirs_n=fewer, queries=queries)
        yield compare(n=n, ours=kept, baseline=f"{name} as a bare view", theirs=theirs)


def visit(path: str) -> bytes:
    """What a new visitor gets who opens the page."""
    request = RequestFactory().get(path, headers={"accept-language": "nb", "host": "testserver"})
    status: list[str] = []
    response = _application()(request.environ, lambda code, headers, exc_info=None: status.append(code))
    content = b"".join(response)
    response.close()
    assert status == ["200 OK"], status
    return content


@cache
def _application() -> WSGIHandler:
    return WSGIHandler()


def queries_of(path: str) -> int:
    """How many queries one visit asks, when nothing is kept."""
    asked: list[str] = []

    def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        visit(path)
    return len(asked)


def repeat(path: str, times: int) -> None:
    for _ in range(times):
        visit(path)
