"""E-mail: over SMTP as ready-made bytes on several connections, or through any other Django backend."""

import logging
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from email.utils import parseaddr
from itertools import count, islice
from threading import Event
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives, mailers
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend

from messaging import attachments
from messaging.carrier import Answer, Carrier, Taken
from messaging.email import mime
from messaging.email.smtp import Conversation
from messaging.errors import GatewayError
from messaging.models import Message

logger = logging.getLogger(__name__)

_CONNECTIONS = 16
_FAST_ENOUGH = 0.003  # seconds a mail: below this a second connection costs more than it brings
_ON_TRIAL = 5
_BREAKS_TO_STOP = 2


def carrier() -> Carrier:
    """The carrier that `MAILERS["default"]` asks for."""
    return SmtpCarrier() if isinstance(mailers["default"], SmtpBackend) else BackendCarrier()


def sender() -> mime.Sender:
    """Who our mail is from: DEFAULT_FROM_EMAIL, under the organisation's name if it gives none itself."""
    client = settings.CLIENT
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return mime.Sender(name=name or client.organisation.name, address=address, reply_to=client.messaging.reply_to)


class SmtpCarrier:
    """Many mails over few connections: one while the server is quick, up to sixteen while it is slow."""

    def __init__(self) -> None:
        self._sender = sender()
        self._envelope_from = mime.ascii_address(self._sender.address)
        self._conversations = [Conversation()]
        self._seconds_a_mail: float | None = None

    def prepare(self, message: Message, *, at: datetime) -> bytes:
        files = [attachments.resolve(reference) for reference in message.attachments]
        return mime.build(message, sender=self._sender, at=at, attachments=files)

    def send(self, prepared: Sequence[tuple[Message, bytes]]) -> list[Answer]:
        answers: list[Answer] = [None] * len(prepared)
        stopped = Event()
        numbers = iter(range(len(prepared)))  # one iterator for all threads: whoever is free takes the next mail
        started = time.monotonic()
        on_trial = islice(numbers, _ON_TRIAL if self._seconds_a_mail is None else 0)
        tried = self._work(self._conversations[0], on_trial, prepared, answers, stopped)
        if tried:
            self._seconds_a_mail = (time.monotonic() - started) / tried
        left = len(prepared) - tried
        if not left or stopped.is_set():
            return answers
        wanted = max(1, min(_CONNECTIONS, left, round((self._seconds_a_mail or 0) / _FAST_ENOUGH)))
        self._conversations += [Conversation() for _ in range(wanted - len(self._conversations))]
        if wanted == 1:
            self._work(self._conversations[0], numbers, prepared, answers, stopped)
            return answers
        with ThreadPoolExecutor(wanted) as threads:
            work = [
                threads.submit(self._work, conversation, numbers, prepared, answers, stopped)
                for conversation in self._conversations[:wanted]
            ]
        for done in work:
            done.result()  # a mistake of ours is raised here, not lost in a thread
        return answers

    def close(self) -> None:
        for conversation in self._conversations:
            conversation.close()

    def _work(
        self,
        conversation: Conversation,
        numbers: Iterator[int],
        prepared: Sequence[tuple[Message, bytes]],
        answers: list[Answer],
        stopped: Event,
    ) -> int:
        """Send mail after mail over one connection, until there are no more or something stops everything.

        A server that breaks off twice running after the words were sent would make one message after the other
        unknown: that stops everything, too. Returns how many were tried.
        """
        breaks = tried = 0
        for number in numbers:
            tried += 1
            message, content = prepared[number]
            try:
                recipient = mime.ascii_address(message.address)
                said = conversation.send(sender=self._envelope_from, recipient=recipient, content=content)
                answers[number] = Taken(said=said)
                breaks = 0
            except GatewayError as error:
                breaks = breaks + 1 if error.uncertain else 0
                error.stops = error.stops or breaks >= _BREAKS_TO_STOP
                answers[number] = error
                if error.stops:
                    stopped.set()
            if stopped.is_set():
                break
        return tried


class BackendCarrier:
    """Through any Django e-mail backend: files on one's own machine, memory in tests, a provider's API."""

    def __init__(self) -> None:
        self._sender = sender()
        self._backend: Any = None

    def prepare(self, message: Message, *, at: datetime) -> EmailMultiAlternatives:
        mime.build(message, sender=self._sender, at=at)  # refuses what SMTP would refuse: line breaks in headings
        key = mime.identity(message)
        mail = EmailMultiAlternatives(
            subject=mime.subject_of(message),
            body=mime.text_of(message),
            from_email=mime.mailbox(self._sender.name, self._sender.address),
            to=[message.address],
            reply_to=[self._sender.reply_to] if self._sender.reply_to else None,
            headers={
                "Message-ID": mime.message_id(key, self._sender),
                "Auto-Submitted": "auto-generated",
                "Content-Language": message.language,
                **message.headers,
            },
        )
        if markup := mime.html_of(message):
            mail.attach_alternative(markup, "text/html")
        for reference in message.attachments:
            file = attachments.resolve(reference)
            mail.attach(file.name, file.content, file.content_type)
        return mail

    def send(self, prepared: Sequence[tuple[Message, EmailMultiAlternatives]]) -> list[Answer]:
        answers: list[Answer] = [None] * len(prepared)
        for number, (_message, mail) in zip(count(), prepared, strict=False):
            try:
                answers[number] = self._send_one(mail)
            except GatewayError as error:
                answers[number] = error
                if error.stops:
                    break
        return answers

    def close(self) -> None:
        backend, self._backend = self._backend, None
        if backend is not None:
            backend.close()

    def _send_one(self, mail: EmailMultiAlternatives) -> Taken:
        try:
            if self._backend is None:
                self._backend = mailers["default"]
                self._backend.open()
            self._backend.send_messages([mail])
        except ImproperlyConfigured as error:
            raise GatewayError(str(error), stops=True, permanent=True) from error
        except OSError as error:  # no file can be written, the provider cannot be reached
            raise GatewayError(str(error), stops=True) from error
        except Exception as error:
            raise self._told_apart(error) from error
        status = getattr(mail, "anymail_status", None)
        return Taken(provider_id=str(getattr(status, "message_id", None) or ""))

    @staticmethod
    def _told_apart(error: Exception) -> GatewayError:
        """What a provider's refusal means, by its HTTP status; without one nobody knows whether it took the mail."""
        status = getattr(error, "status_code", None)
        if status is None:
            logger.exception("The mail backend failed in a way that leaves open whether it has sent.")
            return GatewayError(str(error), uncertain=True)
        return GatewayError(
            str(error),
            permanent=400 <= status < 500 and status != 429,
            stops=status in {401, 403, 429} or status >= 500,
        )
