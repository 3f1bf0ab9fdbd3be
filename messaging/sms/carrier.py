"""SMS: one after the other through the gateway of `SMS_GATEWAYS["default"]`."""

import logging
from collections.abc import Sequence
from datetime import datetime

import phonenumbers
from django.conf import settings

from core.backends import load
from messaging.carrier import Answer, Taken
from messaging.errors import GatewayError
from messaging.models import Message
from messaging.sms.gateway import SmsGateway

logger = logging.getLogger(__name__)


class SmsCarrier:
    """Hands SMS to the gateway. A gateway that fails in an unexpected way may have sent: that SMS becomes unknown."""

    def __init__(self) -> None:
        self._gateway: SmsGateway = load("SMS_GATEWAYS")
        client = settings.CLIENT
        self._sender = (client.messaging.sms_sender or client.organisation.name)[:11].strip()

    def prepare(self, message: Message, *, at: datetime) -> str:
        """The number in E.164. Raises ValueError when it cannot be read as one."""
        try:
            number = phonenumbers.parse(message.address, "NO")
        except phonenumbers.NumberParseException as error:
            raise ValueError(str(error)) from error
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def send(self, prepared: Sequence[tuple[Message, str]]) -> list[Answer]:
        answers: list[Answer] = [None] * len(prepared)
        for place, (message, number) in enumerate(prepared):
            answers[place] = answer = self._send_one(message, number)
            if isinstance(answer, GatewayError) and answer.stops:
                break
        return answers

    def close(self) -> None:
        """There is nothing to close."""

    def _send_one(self, message: Message, number: str) -> Answer:
        try:
            reference = message.reference()
            sent = self._gateway.send(to=number, text=message.body_text, sender=self._sender, reference=reference)
            return Taken(provider_id=sent)
        except GatewayError as error:
            return error
        except Exception as error:
            logger.exception("The SMS gateway failed in a way that leaves open whether it has sent.")
            return GatewayError(str(error) or type(error).__name__, uncertain=True)
