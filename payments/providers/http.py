"""JSON over HTTPS, with time-outs, no redirects, and every failure as a ProviderError without secrets."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from payments.providers.provider import ProviderError

TIMEOUT = (5, 15)  # seconds to connect, seconds between bytes
_PASSING = {408, 425, 429}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back: the status below 500, and the JSON object ({} for an empty body)."""

    status: int
    data: dict[str, Any]


def call(
    method: str,
    url: str,
    *,
    service: str,
    headers: Mapping[str, str],
    json: Any = None,
    form: Mapping[str, str] | None = None,
    body: bytes | None = None,
    auth: tuple[str, str] | None = None,
) -> Answer:
    """Ask once. Raises ProviderError, not permanent, when no sensible answer came: the request may have had effect."""
    try:
        response = requests.request(
            method,
            url,
            headers=dict(headers),
            json=json,
            data=body if body is not None else form,
            auth=auth,
            timeout=TIMEOUT,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        raise ProviderError(f"{service} did not answer ({type(error).__name__}).", permanent=False) from None
    if response.status_code >= 500 or response.status_code in _PASSING:
        raise ProviderError(f"{service} answered {response.status_code}.", permanent=False)
    try:
        data = response.json() if response.content else {}
    except requests.JSONDecodeError:
        raise ProviderError(f"{service} answered {response.status_code} without JSON.", permanent=False) from None
    return Answer(status=response.status_code, data=data if isinstance(data, dict) else {})


def refused(service: str, answer: Answer, code: object) -> ProviderError:
    """The error for an answer that says no. `code` is the service's own word for why: never free text, which may hold
    what the person typed."""
    return ProviderError(f"{service} answered {answer.status} {str(code or '')[:80]}".strip() + ".", permanent=True)


class Token:
    """An access token, kept until a minute before it runs out."""

    def __init__(self) -> None:
        self._value = ""
        self._ends = 0.0

    def get(self) -> str:
        """The token, or an empty text when a new one is needed."""
        return self._value if time.monotonic() < self._ends else ""

    def keep(self, value: str, *, seconds: int) -> str:
        """Remember a new one."""
        self._value, self._ends = value, time.monotonic() + seconds - 60
        return value

    def drop(self) -> None:
        """The service did not take it any more."""
        self._value = ""
