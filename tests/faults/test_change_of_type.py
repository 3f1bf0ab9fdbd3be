"""The office changes somebody's type while the money for it arrives, or while another does the same."""

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest

from core.errors import Refused
from invoicing.models import Invoice
from membership import type_changes
from membership.models import Member, Period
from payments import intake
from payments.ledger_check import check
from payments.models import Payment
from tests.faults.conftest import on_own_connection
from tests.makers import NOW, TODAY, invoice_of, kroner, make_member, make_type

LONG_ENOUGH = 1.0  # seconds for a payment that nothing keeps waiting


def change(member: Member, code: str) -> str:
    try:
        type_changes.change_now(member=member, to=make_type(code), on=TODAY, at=NOW, by=None)
    except Refused as refused:
        return refused.code or ""
    return "changed"


def terms() -> list[tuple[str, int, bool]]:
    rows = Period.objects.select_related("type").order_by("pk")
    return [(row.type.code, int(row.price), row.confirmed_on is not None) for row in rows]


@pytest.mark.usefixtures("database")
def test_money_that_arrives_during_the_change_waits_and_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the change has seen stands until it is done; the money then covers what is owed, or is credit."""
    alice = make_member(type_code="E", on=date(2026, 1, 5), paid=False)
    invoice, plan_now = invoice_of(alice), type_changes.plan_now
    waiting: list[Future[Payment]] = []

    def pay() -> Payment:
        return intake.record(
            amount=kroner("400"), received_on=TODAY, source="bank", source_reference="bank:1", at=NOW, by=None,
            invoices=[invoice],
        )  # fmt: skip

    def plan_while_money_arrives(**words: Any) -> type_changes.Change:
        planned = plan_now(**words)
        waiting.append(pool.submit(on_own_connection(pay)))
        with pytest.raises(TimeoutError):
            waiting[0].result(timeout=LONG_ENOUGH)
        return planned

    monkeypatch.setattr(type_changes, "plan_now", plan_while_money_arrives)
    with ThreadPoolExecutor(1) as pool:
        assert change(alice, "FM") == "changed"
        payment = waiting[0].result(timeout=60)
    payment.refresh_from_db()
    old, _note, new = Invoice.objects.order_by("number")
    assert (int(old.open_amount), int(new.total)) == (0, 600)
    assert int(new.open_amount) == 600 - (400 - int(payment.unused_amount))
    assert terms() == [("E", 400, False), ("FM", 600, False)]
    assert check().problems == []


@pytest.mark.usefixtures("database")
def test_two_changes_at_once_are_one_after_the_other() -> None:
    """The second looks again when the first is done, and finds the type there: one new term, one new invoice."""
    alice = make_member(type_code="E", on=date(2026, 1, 5), paid=False)
    start = Barrier(2)

    def deed() -> str:
        stale = Member.objects.get(pk=alice.pk)
        start.wait(timeout=60)
        return change(stale, "UTP")

    deeds = [on_own_connection(deed) for _number in range(2)]
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(lambda one: one(), deeds)) == ["changed", "same"]
    assert terms() == [("E", 400, False), ("UTP", 300, False)]
    assert [int(row.total) for row in Invoice.objects.order_by("number")] == [400, -400, 300]
