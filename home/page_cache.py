"""Keeping the HTML of pages that all visitors see alike, for as long as PAGE_CACHE_SECONDS says.

Only for visitors without a session, only pages that say so themselves (`is_same_for_all`), never those behind a
log-in. Each process keeps pages in its own memory. Whatever is published, moved, removed or closed makes all that was
kept worthless: at once in the same process, within a second in the others, because the edition of the website stands
in the shared cache and each process looks there once a second. The form for changing the language has a token against
forged requests in it: each visitor gets one of their own.
"""

import re
import time
from hashlib import sha256
from uuid import uuid4

from django.conf import settings
from django.core.cache import cache, caches
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token

_EDITION = "pages:edition"
_LOOK_EVERY = 1.0  # seconds
_TOKEN = re.compile(rb'(name="csrfmiddlewaretoken" value=")[A-Za-z0-9]{64}(")')
_PLACE = b"<!-- token -->"
_COOKIES = (settings.SESSION_COOKIE_NAME, "messages")


class _Edition:
    """Which edition of the website this process knows of."""

    def __init__(self) -> None:
        self._value, self._looked_at = "", -_LOOK_EVERY

    def now(self) -> str:
        """The edition, at most a second old."""
        if time.monotonic() - self._looked_at >= _LOOK_EVERY:
            self._set(cache.get(_EDITION, ""))
        return self._value

    def renew(self) -> None:
        """Begin a new edition, for all processes."""
        self._set(uuid4().hex)
        cache.set(_EDITION, self._value, None)

    def _set(self, value: str) -> None:
        self._value, self._looked_at = value, time.monotonic()


_edition = _Edition()


def forget_all() -> None:
    """Something on the website has changed: what was kept is worthless."""
    _edition.renew()


def may_be_kept(request: HttpRequest) -> bool:
    """Whether this request asks for what every visitor gets."""
    return (
        settings.PAGE_CACHE_SECONDS > 0
        and request.method == "GET"
        and not any(name in request.COOKIES for name in _COOKIES)
        and set(request.GET) <= {"page"}
    )


def find(request: HttpRequest) -> tuple[HttpResponse | None, str]:
    """The kept answer, if there is one; and the edition that a new answer will belong to."""
    edition = _edition.now()
    kept_for, html = caches["pages"].get(_key(request), (None, b""))
    if kept_for != edition:
        return None, edition
    if _PLACE in html:
        html = html.replace(_PLACE, get_token(request).encode())
    return HttpResponse(html), edition


def keep(request: HttpRequest, response: HttpResponse, *, edition: str) -> None:
    """Keep the answer for the next visitor, if it is the same for all."""
    if not getattr(response, "is_same_for_all", False) or response.status_code != 200 or response.cookies:
        return
    if response.has_header("Cache-Control") or not response["Content-Type"].startswith("text/html"):
        return
    html = _TOKEN.sub(rb"\g<1>" + _PLACE + rb"\g<2>", response.content)
    caches["pages"].set(_key(request), (edition, html), settings.PAGE_CACHE_SECONDS)


def _key(request: HttpRequest) -> str:
    address = f"{request.get_host()} {request.get_full_path()} {request.LANGUAGE_CODE}"
    return f"pages:{sha256(address.encode()).hexdigest()}"
