"""What the office may read of a message: everything, but not a word of what could log somebody in."""

from messaging import policies
from messaging.email import mime
from messaging.models import Message


def is_secret(message: Message) -> bool:
    """True if the words hold a code or a link that logs somebody in; such a code may stand in the subject as well."""
    return policies.of(message.kind).secret


def subject(message: Message) -> str:
    """The subject, or what kind of message it is when there is none to be shown."""
    words = "" if is_secret(message) else mime.subject_of(message)
    return words or policies.name(message.kind)


def text(message: Message) -> str:
    return "" if is_secret(message) else mime.text_of(message)


def html(message: Message) -> str:
    return "" if is_secret(message) else mime.html_of(message)
