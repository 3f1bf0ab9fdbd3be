"""A small HTTP server on loopback that stands in for a payment provider: real sockets, strict rules."""

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True)
class Call:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else {}


@dataclass
class Reply:
    """What is answered. `data` becomes JSON."""

    status: int
    data: Any = field(default_factory=dict)


class Wrong(Exception):
    """The request is not as the provider's documentation says. Answered as an error, and kept for the test to see."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Sent:
    """A webhook the provider sends: to be posted as it is, once, three times or in another order."""

    headers: dict[str, str]
    body: bytes


class Standin(ABC):
    """The server. Subclasses answer in `reply`; `complaints` holds what was wrong with the requests.

    `lose_next`: do the next thing asked and hang up without an answer. `answer_next`: only answer this status.
    """

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.complaints: list[str] = []
        self.lose_next = False
        self.answer_next = 0
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @abstractmethod
    def reply(self, call: Call) -> Reply:
        """Answer one request as the provider would, or raise `Wrong`."""

    def asked(self, method: str, part: str) -> list[Call]:
        """The requests so far with this method whose path holds the part."""
        return [call for call in self.calls if call.method == method and part in call.path]

    def _answer(self, call: Call) -> Reply | None:
        with self._lock:
            self.calls.append(call)
            if self.answer_next:
                status, self.answer_next = self.answer_next, 0
                return Reply(status, {"name": "INTERNAL"})
            try:
                reply = self.reply(call)
            except Wrong as wrong:
                self.complaints.append(f"{call.method} {call.path}: {wrong}")
                reply = Reply(wrong.status, {"name": "BAD_REQUEST", "message": str(wrong)})
            if self.lose_next and call.method == "POST" and "token" not in call.path:
                self.lose_next = False
                return None
            return reply

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answer: Callable[[Call], Reply | None] = self._answer

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                reply = answer(Call(self.command, self.path, headers, body))
                self.close_connection = True
                if reply is None:
                    return
                data = json.dumps(reply.data).encode()
                self.send_response(reply.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = _serve

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        return Handler


def want(condition: object, message: str, status: int = 400) -> None:
    """Complain unless it is so."""
    if not condition:
        raise Wrong(message, status)
