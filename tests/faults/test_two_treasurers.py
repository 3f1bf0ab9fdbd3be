"""Fault 21: two treasurers register one payment at the same time. One is registered; the other sees by whom."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest

from core.errors import Refused
from core.models import User
from invoicing.models import Invoice
from membership.models import Period
from payments import intake
from payments.from_bank import line_queue
from payments.ledger_check import check
from payments.models import Allocation, Payment
from tests.faults.conftest import on_own_connection
from tests.makers import NOW, TODAY, kroner, make_invoice, make_user
from tests.payments.banks.writers import paid
from tests.payments.from_bank.bank_makers import lines_of

AT_ONCE = 6


@pytest.fixture
def together(database: dict[str, Any]) -> Iterator[Callable[[Callable[[int], str]], list[str]]]:
    """Call a function from several threads at the same moment, each with its own connection; return what each said."""

    def run(deed: Callable[[int], str]) -> list[str]:
        start = Barrier(AT_ONCE)

        def one(number: int) -> str:
            start.wait(timeout=60)
            try:
                return deed(number)
            except Refused as refused:
                return refused.code or ""

        deeds = [on_own_connection(partial(one, number)) for number in range(AT_ONCE)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return sorted(pool.map(lambda deed: deed(), deeds))

    yield run


def record(invoices: list[Invoice], by: User, reference: str, amount: str = "400") -> str:
    payment = intake.record(
        amount=kroner(amount), received_on=TODAY, source="hand", source_reference=reference, at=NOW, by=by,
        invoices=invoices,
    )  # fmt: skip
    return f"payment {payment.pk}"


def books() -> tuple[list[Any], list[Any], list[Any]]:
    return (
        list(Payment.objects.order_by("pk").values_list("amount", "unused_amount")),
        list(Allocation.objects.order_by("pk").values_list("amount", flat=True)),
        list(Invoice.objects.order_by("number").values_list("open_amount", flat=True)),
    )


def test_treasurers_with_one_bank_statement(together: Any) -> None:
    invoice = make_invoice()
    users = [make_user(username=f"treasurer-{number}") for number in range(AT_ONCE)]
    said = together(lambda number: record([invoice], users[number], f"hand:{number}"))
    assert said == ["payment 1", *["registered_already"] * (AT_ONCE - 1)]
    assert books() == ([(kroner("400"), kroner("0"))], [kroner("400")], [kroner("0")])
    assert Period.objects.get().confirmed_on == TODAY
    with pytest.raises(Refused, match=f"{Payment.objects.get().recorded_by.email}"):  # type: ignore[union-attr]
        record([invoice], users[0], "hand:late")


def test_one_form_sent_several_times(together: Any) -> None:
    invoice, user = make_invoice(), make_user()
    said = together(lambda number: record([invoice], user, "hand:the-same"))
    assert said == ["payment 1"] * AT_ONCE
    assert books() == ([(kroner("400"), kroner("0"))], [kroner("400")], [kroner("0")])


def test_parts_that_are_more_than_the_whole(together: Any) -> None:
    """Different amounts are different money: all is booked, and the invoice takes no more than it owes."""
    invoice, user = make_invoice(), make_user()
    said = together(lambda number: record([invoice], user, f"hand:{number}", amount=str(100 + number)))
    assert said == [f"payment {number + 1}" for number in range(AT_ONCE)]
    payments, allocations, left = books()
    assert (sum(allocations), left) == (kroner("400"), [kroner("0")])
    assert sum(unused for _amount, unused in payments) == kroner("215")


def test_two_invoices_in_opposite_order(together: Any) -> None:
    """Everybody locks in the same order, so nobody waits for ever."""
    first, second, user = make_invoice(), make_invoice("Bob", "Berg"), make_user()
    orders = [[first, second], [second, first]]
    said = together(lambda number: record(orders[number % 2], user, f"hand:{number}", amount=str(500 + number)))
    assert said == [f"payment {number + 1}" for number in range(AT_ONCE)]
    assert books()[2] == [kroner("0"), kroner("0")]


def test_one_payment_undone_by_all(together: Any) -> None:
    invoice, user = make_invoice(), make_user()
    record([invoice], user, "hand:1", amount="450")
    payment = Payment.objects.get()

    def undo(number: int) -> str:
        intake.reverse(payment=payment, at=NOW, by=user, reason="Wrong person")
        return "done"

    assert together(undo) == ["done", *["reversed_already"] * (AT_ONCE - 1)]
    assert books() == (
        [(kroner("450"), kroner("0")), (kroner("-450"), kroner("0"))],
        [kroner("400"), kroner("-400")],
        [kroner("400")],
    )


def test_one_bank_line_matched_by_all(together: Any, private_files: Any) -> None:
    """A line of the queue is decided once, whatever the others wanted to do with it."""
    invoice, user = make_invoice(), make_user(first_name="Kari", last_name="Kasserer")
    (line,) = lines_of([paid("400", name="Alice Ås")])
    how: dict[str, Any] = {"line": line, "at": NOW, "by": user}
    verbs = [
        lambda: line_queue.confirm(invoices=[invoice], **how),
        lambda: line_queue.set_aside(reason="Interest", **how),
        lambda: line_queue.owe_back(**how),
    ]

    def decide(number: int) -> str:
        verbs[number % len(verbs)]()
        return "done"

    assert together(decide) == ["decided_already"] * (AT_ONCE - 1) + ["done"]
    assert Payment.objects.count() <= 1
    assert check().problems == []
    with pytest.raises(Refused, match="Kari Kasserer has already decided this line"):
        verbs[0]()
