from dataclasses import dataclass

from messaging.errors import GatewayError
from messaging.sms.gateway import SmsGateway


@dataclass(frozen=True, kw_only=True)
class Sms:
    """One SMS as the gateway got it."""

    to: str
    text: str
    sender: str
    reference: str


sent: list[Sms] = []
"""Everything sent in this process, oldest first; tests empty it."""


class MemoryGateway(SmsGateway):
    """Appends to `sent`. A number in `refuse` is refused for good, so that tests can see what happens then."""

    def __init__(self, *, refuse: tuple[str, ...] = ()) -> None:
        self._refuse = refuse

    def send(self, *, to: str, text: str, sender: str, reference: str) -> str:
        if to in self._refuse:
            raise GatewayError(f"The number {to} is not in use.", permanent=True, bounced=True)
        sent.append(Sms(to=to, text=text, sender=sender, reference=reference))
        return f"memory:{reference}"

    def check(self) -> list[str]:
        return []
