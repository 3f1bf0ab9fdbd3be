"""What every SMS gateway can do. Configured in SMS_GATEWAYS like Django's CACHES, loaded with core.backends.load.

A new gateway is a folder beside `console/` with the same shape, and one more line in the contract test.
"""

from abc import ABC, abstractmethod


class SmsGateway(ABC):
    """Sends text messages. Settings come as keyword arguments from OPTIONS."""

    @abstractmethod
    def send(self, *, to: str, text: str, sender: str, reference: str) -> str:
        """Send one SMS and return the gateway's id of it.

        `to` is E.164 ("+4791234567"), `sender` at most 11 characters, `reference` the same for every try of one
        message: a gateway that takes idempotency keys gets it as such. Raises messaging.errors.GatewayError, with
        `uncertain=True` if the request had left us and no answer came.
        """

    @abstractmethod
    def check(self) -> list[str]:
        """Sentences about what is wrong with the settings; empty when it can send. Sends nothing."""
