"""What providers tell by themselves, and what is asked about because nobody told."""

from typing import Any

import pytest

from invoicing.models import Invoice
from payments import tasks
from payments.models import Payment, ProviderEvent, ProviderPayment
from payments.online import webhooks
from payments.providers import memory
from payments.providers.provider import Notice
from tests.makers import NOW, make_invoice
from tests.payments.online.makers import LATER, invoice, is_on, start, switched_on

__all__ = ["invoice", "is_on"]
pytestmark = pytest.mark.django_db
State = ProviderPayment.State


def hear(online: ProviderPayment, event_id: str, *, alias: str = "memory") -> bool:
    return webhooks.hear(alias=alias, notice=Notice(event_id=event_id, kind="yes", reference=online.reference), at=NOW)


@pytest.mark.django_db(transaction=True)
def test_told_three_times_in_any_order_it_has_one_effect(invoice: Invoice) -> None:
    online = start(invoice)
    memory.say_yes(online.reference)
    assert [hear(online, number) for number in "3213212"] == [True, True, True, False, False, False, False]
    online.refresh_from_db()
    assert (online.state, Payment.objects.count()) == (State.PAID, 1)
    assert online.events.exclude(event_id="").count() == 3


def test_a_webhook_about_nothing_of_ours_has_no_effect(invoice: Invoice) -> None:
    online = start(invoice)
    assert not webhooks.hear(alias="memory", notice=Notice(event_id="1", kind="x", reference="hnm-0-x"), at=NOW)
    assert not hear(online, "1", alias="vipps")
    assert ProviderEvent.objects.exclude(event_id="").count() == 0


# --- the sweep ---


def test_what_nobody_came_back_from_is_asked_about(invoice: Invoice, monkeypatch: pytest.MonkeyPatch) -> None:
    online = start(invoice)
    memory.say_yes(online.reference)
    monkeypatch.setattr("payments.tasks.timezone.now", lambda: LATER)
    tasks.look_at_payments.enqueue()
    online.refresh_from_db()
    assert (online.state, online.look_at) == (State.PAID, None)


def test_a_silent_provider_is_not_asked_in_a_circle(
    invoice: Invoice, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Bob", "Carl"):
        start(make_invoice(name))
    start(invoice)
    switched_on(settings, fails=("read",))
    asked: list[str] = []
    original = memory.MemoryProvider.read

    def read(self: Any, *, handle: Any) -> Any:
        asked.append(handle.reference)
        return original(self, handle=handle)

    monkeypatch.setattr(memory.MemoryProvider, "read", read)
    monkeypatch.setattr("payments.tasks.timezone.now", lambda: LATER)
    tasks.look_at_payments.enqueue()
    assert len(asked) == len(set(asked)) == 3
