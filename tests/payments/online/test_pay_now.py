"""Paying at once: one row a try, one effect however often we hear of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from core.errors import Refused
from invoicing import invoices as owed
from invoicing.models import Invoice
from membership.models import Period
from messaging.models import Message
from payments import intake
from payments.models import Payment, ProviderPayment
from payments.online import pay_back, pay_now
from payments.providers import active, memory
from payments.providers.provider import ProviderError
from tests.makers import NOW, TODAY, kroner, make_invoice
from tests.payments.online.makers import LATER, invoice, is_on, kinds, paid, start, switched_on

__all__ = ["invoice", "is_on"]
pytestmark = pytest.mark.django_db
State = ProviderPayment.State


def test_a_click_makes_a_row_and_leads_to_the_provider(invoice: Invoice) -> None:
    online = start(invoice)
    assert (online.state, online.amount, online.currency) == (State.WAITING, kroner("400"), "NOK")
    assert online.redirect_url == f"/betal/prov/{online.reference}/"
    assert online.expires_at == NOW + timedelta(minutes=10)
    assert kinds(online) == ["asked_for", "started"]
    order = memory.waiting(online.reference)
    assert order is not None
    assert order.return_url.endswith(f"/betal/retur/{online.reference}/")
    assert order.text == f"Faktura {invoice.number}"


def test_clicked_twice_it_is_one_payment(invoice: Invoice) -> None:
    assert start(invoice).pk == start(invoice, at=NOW + timedelta(minutes=5)).pk


def test_what_has_nearly_run_out_is_not_used_again(invoice: Invoice) -> None:
    assert start(invoice).pk != start(invoice, at=NOW + timedelta(minutes=9, seconds=30)).pk


def test_another_amount_is_another_payment(invoice: Invoice) -> None:
    first = start(invoice)
    owed.cover(invoice=invoice, amount=kroner("100"), on=TODAY)
    second = start(invoice)
    assert (first.amount, second.amount) == (kroner("400"), kroner("300"))
    owed.uncover(invoice=invoice, amount=kroner("100"), on=TODAY)


def test_a_yes_is_booked_once_and_confirms(invoice: Invoice) -> None:
    online = paid(invoice)
    payment = Payment.objects.get()
    assert (online.state, online.payment) == (State.PAID, payment)
    assert (payment.amount, payment.source, payment.received_on) == (kroner("400"), Payment.Source.PROVIDER, TODAY)
    assert payment.source_reference == f"memory:{online.reference}"
    invoice.refresh_from_db()
    assert invoice.is_settled
    assert Period.objects.get().confirmed_on == TODAY
    assert Message.objects.filter(kind="payment_received").count() == 1
    for _again in range(3):
        pay_now.look(online=online, at=LATER)
    assert Payment.objects.get() == payment
    assert Message.objects.filter(kind="payment_received").count() == 1


def test_a_no_ends_it_and_the_next_click_is_a_new_one(invoice: Invoice) -> None:
    online = start(invoice)
    memory.say_no(online.reference)
    assert pay_now.look(online=online, at=LATER).state == State.CANCELLED
    assert start(invoice, at=LATER).pk != online.pk
    assert not Payment.objects.exists()


@pytest.mark.parametrize(("is_told", "after"), [(True, timedelta(minutes=11)), (False, timedelta(days=15))])
def test_what_nobody_answers_runs_out(invoice: Invoice, is_told: bool, after: timedelta) -> None:
    online = start(invoice)
    if is_told:
        memory.expire(online.reference)
    now = pay_now.look(online=online, at=NOW + after)
    assert (now.state, now.look_at) == (State.EXPIRED, None)


def test_a_late_yes_still_counts(invoice: Invoice) -> None:
    online = start(invoice)
    ProviderPayment.objects.update(state=State.EXPIRED)
    memory.say_yes(online.reference)
    assert pay_now.look(online=online, at=NOW + timedelta(days=1)).state == State.PAID


def test_who_has_paid_in_the_bank_meanwhile_does_not_pay_again(invoice: Invoice) -> None:
    online = start(invoice)
    memory.say_yes(online.reference)
    intake.record(amount=kroner("400"), received_on=TODAY, source=Payment.Source.HAND, source_reference="hand:1",
                  at=NOW, by=None, invoices=[invoice])  # fmt: skip
    assert pay_now.look(online=online, at=LATER).state == State.CANCELLED
    assert Payment.objects.count() == 1


def test_nothing_owed_nothing_started(invoice: Invoice) -> None:
    paid(invoice)
    with pytest.raises(Refused) as caught:
        start(invoice, at=LATER)
    assert caught.value.code == "nothing_owed"
    assert ProviderPayment.objects.count() == 1


@pytest.mark.parametrize("alias", ["vipps", "", "nonsense"])
def test_a_way_that_is_off_is_refused(invoice: Invoice, alias: str) -> None:
    with pytest.raises(Refused) as caught:
        pay_now.start(invoice=invoice, alias=alias, at=NOW, language="nb")
    assert caught.value.code == "off"
    assert not ProviderPayment.objects.exists()


def test_only_what_is_switched_on_is_offered(settings: Any) -> None:
    assert [choice.alias for choice in active.choices()] == ["memory"]
    settings.PAYMENT_PROVIDERS = {}
    assert active.choices() == []


# --- the provider fails ---


def test_a_provider_that_says_no(invoice: Invoice, settings: Any) -> None:
    switched_on(settings, fails=("start",), permanent=True)
    with pytest.raises(Refused) as caught:
        start(invoice)
    assert caught.value.code == "provider_refused"
    online = ProviderPayment.objects.get()
    assert (online.state, online.look_at, kinds(online)) == (State.FAILED, None, ["asked_for", "not_started"])


def test_an_answer_that_is_lost_is_asked_for_again(invoice: Invoice, settings: Any) -> None:
    switched_on(settings, loses=("start",))
    with pytest.raises(Refused) as caught:
        start(invoice)
    assert caught.value.code == "provider_silent"
    switched_on(settings)
    online = start(invoice, at=NOW + timedelta(seconds=20))
    assert (online.state, ProviderPayment.objects.count()) == (State.WAITING, 1)


def test_a_process_that_dies_after_the_row_is_caught_up(invoice: Invoice, settings: Any) -> None:
    switched_on(settings, loses=("start",))
    with pytest.raises(Refused):
        start(invoice)
    online = ProviderPayment.objects.get()
    with pytest.raises(ProviderError):
        pay_now.look(online=online, at=LATER)
    switched_on(settings)
    assert pay_now.look(online=online, at=LATER).state == State.WAITING
    ProviderPayment.objects.update(state=State.STARTING, provider_id="")
    online.refresh_from_db()
    assert pay_now.look(online=online, at=NOW + timedelta(hours=1)).state == State.EXPIRED


@pytest.mark.parametrize("how", [{"fails": ("capture",)}, {"loses": ("capture",)}, {"fails": ("read",)}])
def test_money_is_booked_once_though_the_answer_came_late(invoice: Invoice, settings: Any, how: dict[str, Any]) -> None:
    online = start(invoice)
    memory.say_yes(online.reference)
    switched_on(settings, **how)
    with pytest.raises(ProviderError):
        pay_now.look(online=online, at=LATER)
    online.refresh_from_db()
    assert (online.state, online.look_at) == (State.WAITING, LATER + timedelta(minutes=1))
    assert not Payment.objects.exists()
    switched_on(settings)
    assert pay_now.look(online=online, at=LATER).state == State.PAID


def test_what_cannot_be_asked_is_shown_to_a_person_until_it_can(invoice: Invoice, settings: Any) -> None:
    online = start(invoice)
    memory.say_yes(online.reference)
    switched_on(settings, fails=("read",), permanent=True)
    for _again in range(2):
        with pytest.raises(ProviderError):
            pay_now.look(online=online, at=LATER)
    assert [row.problem for row in ProviderPayment.objects.needing_a_person()] == ["Memory was told to fail at read."]
    assert kinds(online) == ["asked_for", "started", "asking_failed"]
    switched_on(settings)
    assert pay_now.look(online=online, at=LATER).problem == ""
    assert not ProviderPayment.objects.needing_a_person().exists()


def test_a_provider_that_is_switched_off_is_not_asked(invoice: Invoice, settings: Any) -> None:
    online = start(invoice)
    settings.PAYMENT_PROVIDERS = {}
    assert pay_now.look(online=online, at=LATER).state == State.WAITING


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_held_while_the_provider_is_asked(invoice: Invoice, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = []
    for verb in ("start", "read", "capture", "refund", "cancel"):
        original = getattr(memory.MemoryProvider, verb)

        def asked(self: Any, *, _original: Any = original, **kwargs: Any) -> Any:
            inside.append(connection.in_atomic_block)
            return _original(self, **kwargs)

        monkeypatch.setattr(memory.MemoryProvider, verb, asked)
    online = paid(invoice)
    pay_back.refund(online=online, at=LATER, by=None, reason="twice")
    memory_cancelled = start(make_invoice("Bob"))
    owed.credit(invoice=memory_cancelled.invoice, on=TODAY, at=NOW, by=None, reason="wrong")
    assert pay_now.look(online=memory_cancelled, at=LATER).state == State.CANCELLED
    assert inside == [False] * 7
