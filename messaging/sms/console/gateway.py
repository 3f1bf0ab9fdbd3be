import sys
from typing import TextIO

from messaging.sms.gateway import SmsGateway


class ConsoleGateway(SmsGateway):
    """Writes each SMS to standard output, or to `stream`."""

    def __init__(self, *, stream: TextIO | None = None) -> None:
        self._stream = stream

    def send(self, *, to: str, text: str, sender: str, reference: str) -> str:
        stream = self._stream or sys.stdout
        stream.write(f"--- SMS from {sender} to {to} ({reference})\n{text}\n---\n")
        stream.flush()
        return f"console:{reference}"

    def check(self) -> list[str]:
        return []
