"""One conversation with a mail server, in which every way to fail is told apart.

The one question that matters is whether a failure came before or after the words had left us: before, the message can
safely be sent again; after, it may have arrived (RFC 1047).
"""

import contextlib
import smtplib
import socket
import ssl
from typing import Any, Final, cast

from django.core.exceptions import ImproperlyConfigured
from django.core.mail import mailers

from messaging.errors import GatewayError

_NO_LOG_IN: Final = {530, 534, 535, 538}
_GOING_AWAY: Final = 421


class Conversation:
    """A connection to the mail server of `MAILERS[alias]`, opened when first needed and opened again after a break."""

    def __init__(self, alias: str = "default") -> None:
        self._alias = alias
        self._backend: Any = None

    def send(self, *, sender: str, recipient: str, content: bytes) -> str:
        """Send one mail and return the server's answer. Raises GatewayError.

        A connection that was used before may have been closed by the server meanwhile: then it is opened once more.
        """
        used_before = self._backend is not None
        try:
            return self._send(sender, recipient, content)
        except GatewayError as error:
            if not (used_before and error.stops and not error.permanent):
                raise
        return self._send(sender, recipient, content)

    def close(self) -> None:
        """Say good-bye if somebody is still there."""
        backend, self._backend = self._backend, None
        if backend is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                backend.close()

    def _send(self, sender: str, recipient: str, content: bytes) -> str:
        connection = self._open()
        try:
            # Not connection.mail() and rcpt(): they parse the address again, which costs more than all else here.
            self._expect(connection.docmd(f"MAIL FROM:<{sender}>"), about_all=True)
            self._expect(connection.docmd(f"RCPT TO:<{recipient}>"), about_address=True)
            self._expect(connection.docmd("DATA"), wanted=354)
        except (OSError, smtplib.SMTPException) as error:
            self._hang_up()
            raise GatewayError(_say(error), stops=True) from error
        except ValueError as error:  # an address that cannot be said in SMTP
            raise GatewayError(_say(error), permanent=True) from error
        except GatewayError as error:
            self._start_over(connection, hang_up=error.stops)
            raise
        try:
            connection.send(content.replace(b"\r\n.", b"\r\n..") + b".\r\n")
            code, answer = connection.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._hang_up()
            raise GatewayError(_say(error), uncertain=True) from error
        self._expect((code, answer))
        return answer.decode("utf-8", "replace")[:200]

    def _open(self) -> smtplib.SMTP:
        """The connection, logged in. A password that is refused stops everything until a person has seen to it."""
        if self._backend is not None:
            return cast(smtplib.SMTP, self._backend.connection)
        backend: Any = None
        try:
            backend = mailers[self._alias]
            backend.open()
            backend.connection.ehlo_or_helo_if_needed()
            backend.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # short turns, no waiting
        except (OSError, smtplib.SMTPException, ImproperlyConfigured) as error:
            if backend is not None:
                with contextlib.suppress(OSError, smtplib.SMTPException):
                    backend.close()
            raise GatewayError(_say(error), stops=True, permanent=_needs_a_person(error)) from error
        self._backend = backend
        return cast(smtplib.SMTP, backend.connection)

    def _expect(
        self, reply: tuple[int, bytes], *, wanted: int = 250, about_all: bool = False, about_address: bool = False
    ) -> None:
        """Raise unless the answer is the wanted one. What is refused at MAIL is us, at RCPT the address."""
        code, words = reply
        if code == wanted or (wanted == 250 and code == 251):
            return
        answer = f"{code} {words.decode('utf-8', 'replace')}"
        permanent = code >= 500
        policy = words.startswith(b"5.7.")  # RFC 3463: the address exists, but we may not send to it
        raise GatewayError(
            answer,
            permanent=permanent,
            stops=about_all or code == _GOING_AWAY or code in _NO_LOG_IN,
            bounced=about_address and permanent and not policy,
        )

    def _start_over(self, connection: smtplib.SMTP, *, hang_up: bool) -> None:
        """After a refusal: forget this mail, so that the next one starts afresh."""
        try:
            if hang_up or connection.rset()[0] != 250:
                self.close()
        except (OSError, smtplib.SMTPException):
            self._hang_up()

    def _hang_up(self) -> None:
        """The connection is broken: no good-byes, which would only wait for the same silence."""
        backend, self._backend = self._backend, None
        if backend is not None and backend.connection is not None:
            backend.connection.close()


def _say(error: Exception) -> str:
    """What happened, for the office: the server's words if it said something."""
    if isinstance(error, smtplib.SMTPResponseException):
        reply = error.smtp_error
        return f"{error.smtp_code} {reply.decode('utf-8', 'replace') if isinstance(reply, bytes) else reply}"
    return str(error) or type(error).__name__


def _needs_a_person(error: Exception) -> bool:
    """True if the server will say the same until somebody changes a setting."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return error.smtp_code >= 500
    return isinstance(error, (smtplib.SMTPNotSupportedError, ImproperlyConfigured, ssl.SSLCertVerificationError))
