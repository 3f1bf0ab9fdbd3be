"""Paying at once: one row a try, one effect however often we hear of it, and money booked once."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from core.errors import Refused
from invoicing import invoices as owed
from invoicing.models import Invoice
from membership.models import Period
from messaging.models import Message
from payments import intake, ledger_check, refunds, tasks
from payments.models import Payment, ProviderEvent, ProviderPayment
from payments.online import online_books, pay_back, pay_now, webhooks
from payments.providers import active, memory
from payments.providers.provider import Notice, ProviderError, Reading, Standing
from tests.makers import NOW, TODAY, kroner, make_invoice, make_user

pytestmark = pytest.mark.django_db
State = ProviderPayment.State
LATER = NOW + timedelta(minutes=2)


def switched_on(settings: Any, **options: Any) -> None:
    settings.PAYMENT_PROVIDERS = {"memory": {"BACKEND": "payments.providers.memory.MemoryProvider", "OPTIONS": options}}


@pytest.fixture(autouse=True)
def is_on(settings: Any) -> Iterator[None]:
    switched_on(settings)
    yield
    report = ledger_check.check()
    assert report.problems == []


@pytest.fixture
def invoice() -> Invoice:
    return make_invoice(on=TODAY)


def start(invoice: Invoice, *, at: datetime = NOW) -> ProviderPayment:
    return pay_now.start(invoice=invoice, alias="memory", at=at, language="nb")


def paid(invoice: Invoice) -> ProviderPayment:
    online = start(invoice)
    memory.say_yes(online.reference)
    return pay_now.look(online=online, at=LATER)


def kinds(online: ProviderPayment) -> list[str]:
    return list(online.events.values_list("kind", flat=True))


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


# --- amounts that differ ---


def take(online: ProviderPayment, **reading: Any) -> ProviderPayment:
    read = Reading(**{"standing": Standing.CAPTURED, "captured": kroner("400"), "currency": "NOK"} | reading)
    return online_books.note(online=online, reading=read, at=LATER)


@pytest.mark.parametrize("reading", [{"captured": kroner("399")}, {"captured": kroner("4000")}, {"currency": "SEK"}])
def test_another_amount_or_currency_waits_for_a_person(invoice: Invoice, reading: dict[str, Any]) -> None:
    online = take(start(invoice), **reading)
    assert (online.state, online.payment, online.look_at) == (State.REVIEW, None, None)
    assert "400 was asked for" in online.problem
    assert list(ProviderPayment.objects.needing_a_person()) == [online]
    assert not Payment.objects.exists()
    assert take(online, **reading).state == State.REVIEW


def test_a_person_books_what_came(invoice: Invoice) -> None:
    user = make_user("Treasurers")
    online = take(start(invoice), captured=kroner("399"))
    online = online_books.book(online=online, at=LATER, by=user)
    assert (online.state, online.payment and online.payment.amount) == (State.PAID, kroner("399"))
    invoice.refresh_from_db()
    assert invoice.open_amount == kroner("1")
    with pytest.raises(Refused, match="no money to book"):
        online_books.book(online=online, at=LATER, by=user)


def test_a_person_sets_it_aside_with_a_reason(invoice: Invoice) -> None:
    online = take(start(invoice), currency="SEK")
    with pytest.raises(Refused, match="Write why"):
        online_books.set_aside(online=online, at=LATER, by=None, reason="  ")
    online = online_books.set_aside(online=online, at=LATER, by=None, reason="A test by the provider")
    assert online.state == State.SET_ASIDE
    assert take(online, currency="SEK").state == State.SET_ASIDE
    with pytest.raises(Refused, match="already dealt with"):
        online_books.set_aside(online=online, at=LATER, by=None, reason="again")


# --- webhooks ---


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


# --- paying back ---


def test_money_goes_back_and_is_owed_again(invoice: Invoice) -> None:
    user = make_user("Treasurers")
    online = pay_back.refund(online=paid(invoice), at=LATER, by=user, reason="Paid twice")
    assert (online.state, online.refunded_amount) == (State.REFUNDED, kroner("400"))
    reversal = Payment.objects.get(amount__lt=0)
    assert (reversal.reverses, reversal.reason, reversal.recorded_by) == (online.payment, "Paid twice", user)
    invoice.refresh_from_db()
    assert invoice.open_amount == kroner("400")
    assert pay_now.look(online=online, at=LATER).state == State.REFUNDED
    assert Payment.objects.count() == 2


@pytest.mark.parametrize("how", [{"fails": ("refund",)}, {"loses": ("refund",)}])
def test_a_refund_without_an_answer_is_asked_for_until_there_is_one(
    invoice: Invoice, settings: Any, how: dict[str, Any]
) -> None:
    online = paid(invoice)
    switched_on(settings, **how)
    online = pay_back.refund(online=online, at=LATER, by=None, reason="Paid twice")
    assert (online.state, Payment.objects.count()) == (State.REFUNDING, 1)
    with pytest.raises(Refused, match="no money to pay back"):
        pay_back.refund(online=online, at=LATER, by=None, reason="again")
    switched_on(settings)
    online = pay_now.look(online=online, at=LATER)
    assert (online.state, online.refunded_amount, Payment.objects.count()) == (State.REFUNDED, kroner("400"), 2)


def test_a_provider_that_does_not_give_back(invoice: Invoice, settings: Any) -> None:
    online = paid(invoice)
    switched_on(settings, fails=("refund",), permanent=True)
    with pytest.raises(Refused, match="Pay it back from the bank"):
        pay_back.refund(online=online, at=LATER, by=None, reason="Paid twice")
    online.refresh_from_db()
    assert (online.state, Payment.objects.count()) == (State.REVIEW, 1)
    assert online_books.set_aside(online=online, at=LATER, by=None, reason="from the bank").state == State.PAID


def test_paid_back_in_the_providers_own_office(invoice: Invoice) -> None:
    online = take(paid(invoice), refunded=kroner("400"))
    assert online.state == State.REFUNDED
    assert Payment.objects.get(amount__lt=0).reason == "Paid back through Memory."


def test_a_part_paid_back_waits_for_a_person_once(invoice: Invoice) -> None:
    online = take(paid(invoice), refunded=kroner("100"))
    assert (online.state, Payment.objects.count()) == (State.REVIEW, 1)
    assert "a part of it back" in online.problem
    online = online_books.set_aside(online=online, at=LATER, by=None, reason="Registered by hand")
    assert take(online, refunded=kroner("100")).state == State.PAID
    with pytest.raises(Refused, match="no money to pay back"):
        pay_back.refund(online=online, at=LATER, by=None, reason="the rest")


def test_books_that_do_not_follow_wait_for_a_person(invoice: Invoice) -> None:
    """A part of it was paid back from the bank first; now the provider says that all of it went back."""
    intake.record(amount=kroner("100"), received_on=TODAY, source=Payment.Source.HAND, source_reference="hand:1",
                  at=NOW, by=None, invoices=[invoice])  # fmt: skip
    online = start(invoice)
    memory.say_yes(online.reference)
    intake.record(amount=kroner("200"), received_on=TODAY, source=Payment.Source.HAND, source_reference="hand:2",
                  at=NOW, by=None, invoices=[invoice])  # fmt: skip
    online = pay_now.look(online=online, at=LATER)
    assert online.payment and online.payment.unused_amount == kroner("200")
    refunds.pay_back(
        payment=online.payment, amount=kroner("50"), on=TODAY, at=LATER, by=None, source_reference="bank:1"
    )
    online = take(online, captured=kroner("300"), refunded=kroner("300"))
    assert (online.state, online.refunded_amount) == (State.REVIEW, kroner("300"))
    assert "paid back. Undo the refund first" in online.problem
    assert take(online, captured=kroner("300"), refunded=kroner("300")).state == State.REVIEW


def test_a_payment_undone_by_hand_is_not_undone_twice(invoice: Invoice) -> None:
    online = paid(invoice)
    assert online.payment
    intake.reverse(payment=online.payment, at=LATER, by=None, reason="by hand")
    assert take(online, refunded=kroner("400")).state == State.REFUNDED
    assert Payment.objects.count() == 2


def test_only_what_is_switched_on_is_offered(settings: Any) -> None:
    assert [choice.alias for choice in active.choices()] == ["memory"]
    settings.PAYMENT_PROVIDERS = {}
    assert active.choices() == []


def test_the_ledger_check_sees_what_does_not_agree(invoice: Invoice) -> None:
    online = paid(invoice)
    ProviderPayment.objects.update(captured_amount=kroner("399"))
    assert ledger_check.check().problems == [
        f"Online payment {online.reference} was kr\u00a0399 at the provider, but its row in the books is another."
    ]
    ProviderPayment.objects.update(captured_amount=kroner("400"))
