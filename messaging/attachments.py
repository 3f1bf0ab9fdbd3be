"""Attachments are named when a message is queued ("invoice:42") and made when it is sent.

So a message never waits in a request for a PDF, and the outbox holds no copies of documents. Each app registers what
it can attach in its `AppConfig.ready`: `attachments.register("invoice", pdf.as_attachment)`.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file as the mail carries it. `content_type` like "application/pdf"."""

    name: str
    content_type: str
    content: bytes


class NotReady(Exception):
    """The document is still being made. The message waits and is tried again; it is never sent without."""


_resolvers: dict[str, Callable[[str], Attachment]] = {}


def register(scheme: str, resolver: Callable[[str], Attachment]) -> None:
    """Let `resolver` make the attachments named "<scheme>:<key>"; it gets the key, and may raise NotReady."""
    _resolvers[scheme] = resolver


def resolve(reference: str) -> Attachment:
    """Make the attachment of that name. Raises NotReady(reference), or LookupError if nobody makes such attachments."""
    scheme, _, key = reference.partition(":")
    if scheme not in _resolvers:
        raise LookupError(f"Nobody has registered attachments called {scheme!r}: see messaging/attachments.py.")
    try:
        return _resolvers[scheme](key)
    except NotReady:
        raise NotReady(reference) from None
