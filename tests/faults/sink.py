"""A real SMTP server whose behaviour a test chooses: answer late, refuse, hang, or drop the line."""

import asyncio
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

Rule = Callable[[str], str | None]


class Sink:
    """What was accepted, by Message-ID and by recipient, and the rules a test may change while it runs.

    `at_rcpt` and `at_data` get the recipient and may return an answer such as "550 no such user"; `at_data` may also
    return "drop" (the mail is taken, and the line dropped before the answer) or "hang". `delay` is seconds a mail.
    """

    def __init__(self, *, port: int = 0, password: str = "") -> None:
        self.accepted: Counter[str] = Counter()
        self.recipients: list[str] = []
        self.connections = 0
        self.delay = 0.0
        self.at_rcpt: Rule = lambda recipient: None
        self.at_data: Rule = lambda recipient: None
        self.password = password
        self.hold = threading.Event()
        self._port = port
        self._controller: Controller | None = None

    @property
    def port(self) -> int:
        return self._port

    def start(self) -> None:
        if not self._port:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self._port = probe.getsockname()[1]
        options: dict[str, Any] = {}
        if self.password:
            options = {"authenticator": self._authenticate, "auth_required": True, "auth_require_tls": False}
        self._controller = Controller(self, hostname="127.0.0.1", port=self._port, **options)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self.hold.set()
            self._controller.stop()
            self._controller = None

    def wait_for(self, mails: int, *, seconds: float = 60) -> None:
        """Return when at least so many mails have been accepted."""
        ends = time.monotonic() + seconds
        while len(self.recipients) < mails:
            assert time.monotonic() < ends, f"only {len(self.recipients)} of {mails} mails came"
            time.sleep(0.005)

    # What aiosmtpd calls.

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.at_rcpt(address)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        recipient = envelope.rcpt_tos[0]
        answer = self.at_data(recipient)
        if answer is not None and answer not in {"drop", "hang"}:
            return answer
        if self.delay:
            await asyncio.sleep(self.delay)
        content = envelope.content
        assert isinstance(content, bytes)
        head = content.split(b"\r\n\r\n", 1)[0].decode("ascii")
        self.accepted[next(line for line in head.splitlines() if line.startswith("Message-ID:"))] += 1
        self.recipients.append(recipient)
        if answer == "hang":
            while not self.hold.is_set():
                await asyncio.sleep(0.01)
        if answer == "drop":
            server.transport.abort()
        return "250 OK"

    def _authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        self.connections += 1
        return AuthResult(success=data.password == self.password.encode(), handled=False)
