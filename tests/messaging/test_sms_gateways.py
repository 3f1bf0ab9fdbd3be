"""The contract of SMS gateways: every implementation passes it."""

import io
from collections.abc import Callable

import pytest

from messaging.errors import GatewayError
from messaging.sms import memory
from messaging.sms.console import ConsoleGateway
from messaging.sms.gateway import SmsGateway
from messaging.sms.memory import MemoryGateway

GATEWAYS: dict[str, Callable[[], SmsGateway]] = {
    "console": lambda: ConsoleGateway(stream=io.StringIO()),
    "memory": MemoryGateway,
}


@pytest.fixture(params=GATEWAYS)
def gateway(request: pytest.FixtureRequest) -> SmsGateway:
    return GATEWAYS[request.param]()


def test_the_same_message_gets_the_same_id(gateway: SmsGateway) -> None:
    def send(reference: str) -> str:
        return gateway.send(to="+4791234567", text="Hei, Kåre", sender="HNM", reference=reference)

    assert send("message:1") == send("message:1") != send("message:2")


def test_settings_are_checked_without_sending(gateway: SmsGateway) -> None:
    assert gateway.check() == []
    assert memory.sent == []


def test_the_interface_is_small(gateway: SmsGateway) -> None:
    verbs = [name for name in vars(SmsGateway) if not name.startswith("_")]
    assert len(verbs) <= 6
    assert all(callable(getattr(gateway, verb)) for verb in verbs)


def test_a_refusal_says_whether_trying_again_can_help() -> None:
    with pytest.raises(GatewayError) as caught:
        MemoryGateway(refuse=("+4791234567",)).send(to="+4791234567", text="x", sender="x", reference="1")
    assert caught.value.permanent
