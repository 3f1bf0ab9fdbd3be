"""Bank lines that wait for a person: what is suggested and why, and each thing that can be said of one, once."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import Refused
from invoicing.models import Invoice
from payments import intake, ledger_check, refunds
from payments.from_bank import line_queue, suggestions
from payments.models import BankLine, PayerAccount, Payment
from tests.makers import NOW, invoice_of, kroner, make_household, make_invoice, make_user
from tests.payments.banks.writers import camt, ocr, paid
from tests.payments.from_bank.bank_makers import booked, lines_of
from tests.payments.test_credit import next_year

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("private_files")]


@pytest.fixture(autouse=True)
def adds_up() -> Any:
    """Whatever a test does, the money adds up after it."""
    yield
    assert ledger_check.check().problems == []


def one(amount: str, **data: Any) -> BankLine:
    """One line without KID, in the queue."""
    kid = data.pop("kid", "")
    (line,) = lines_of([paid(amount, kid, **data)])
    assert line.state in {"queued", "outgoing"}
    return line


def confirmed(line: BankLine, *invoices: Invoice, by: Any = None) -> Payment:
    return line_queue.confirm(line=line, invoices=invoices, at=NOW, by=by)


def suggested(line: BankLine) -> list[tuple[list[int], list[str]]]:
    """The numbers of the invoices, and the reasons."""
    return [([invoice.number for invoice in s.invoices], s.reasons) for s in suggestions.for_line(line)]


LEFT = "The amount is what is left to pay."


# --- suggestions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Alice Ås", "ÅS ALICE", "Alice Marie Ås"])
def test_by_name_and_amount(name: str) -> None:
    alice, _bob = make_invoice(), make_invoice("Bob", "Berg")
    assert suggested(one("400", name=name)) == [([alice.number], ["The name is the payer's.", LEFT])]


def test_by_a_name_in_the_text() -> None:
    alice, _bob = make_invoice(), make_invoice("Bob", "Berg")
    assert suggested(one("100", text="Fra: Alice Ås Betalt: 02.03.26")) == [
        ([alice.number], ["The name is the payer's.", "A part of what is left to pay."])
    ]


def test_by_numbers_in_the_text() -> None:
    alice, bob = make_invoice(), make_invoice("Bob", "Berg")
    assert suggested(one("400", text=f"Faktura {bob.number}"))[0] == (
        [bob.number],
        ["Its invoice number stands in the text.", *member_number(bob, bob.number), LEFT],
    )
    assert alice.number not in [numbers[0] for numbers, _r in suggested(one("400", text=f"faktura {bob.number}"))]


@pytest.mark.parametrize("where", ["kid", "text"])
def test_by_a_kid_that_somebody_mistyped(where: str) -> None:
    alice, bob = make_invoice(), make_invoice("Bob", "Berg")
    typed = f"{alice.kid[:6]}{alice.kid[7:]}"
    reason = f"Its KID is the same but for one slip: {alice.kid}."
    line = one("400", kid=typed) if where == "kid" else one("400", text=f"KID {typed} takk")
    assert (line.state, line.why) == ("queued", "unknown_kid" if where == "kid" else "no_kid")
    assert suggested(line) == [([alice.number], [reason, LEFT])]
    assert not suggestions.for_line(line)[0].is_sure  # it is not marked before the person has compared
    confirmed(line, alice)
    assert (Invoice.objects.get(pk=alice.pk).open_amount, bob.open_amount) == (0, 400)


def member_number(invoice: Invoice, number: int) -> list[str]:
    """The numbers of members and invoices both begin with 1: the same one may be both."""
    return ["The payer's member number stands in the text."] if invoice.member_number == str(number) else []


def test_by_the_account_that_somebody_paid_from_before() -> None:
    alice = make_invoice()
    confirmed(one("400", name="A", account="15035555558"), alice)
    invoice = next_year(alice.member)
    line = one("400", name="ukjent", account="15035555558", reference="X")
    assert suggested(line) == [([invoice.number], ["The payer's money has come from this account before.", LEFT])]


def test_all_that_one_owes_together() -> None:
    alice = make_invoice()
    later = next_year(alice.member)
    found = suggested(one("800", name="Alice Ås"))
    assert found[0] == ([alice.number, later.number], ["Together they are exactly the amount."])


def test_by_the_amount_alone_only_where_few_have_it() -> None:
    family = invoice_of(make_household("Bob", "Berit", paid=False).main_member)
    for number in range(5):
        make_invoice(f"Nr{number}")
    assert suggested(one("600", text="takk")) == [([family.number], [LEFT])]
    assert suggested(one("400", text="hei", reference="Y")) == []


def test_a_credited_invoice_is_shown_for_what_it_is() -> None:
    from invoicing.credit_notes import credit

    alice = make_invoice()
    credit(invoice=alice, on=NOW.date(), at=NOW, by=None, reason="Moved")
    assert suggested(one("400", kid=alice.kid)) == [
        ([alice.number], ["It has this KID.", "Nothing is left to pay on it."])
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_a_page_of_lines_costs_the_same_number_of_questions(count: int) -> None:
    invoices = [make_invoice(name) for name in ("Alice", "Bob", "Carl")]
    confirmed(one("400", name="x y", account="15035555558"), invoices[0])
    next_year(invoices[0].member)
    names = ["Alice Ås", "Bob Ås", "Carl Ås"][:count]
    lines = lines_of([paid("400", name=name, text="Faktura 2", account="15035555558") for name in names] * 1,
                     version="08")  # fmt: skip
    with CaptureQueriesContext(connection) as queries:
        found = suggestions.for_lines(lines)
    assert [bool(found[line.pk]) for line in lines] == [True] * count
    assert len(queries) == 4


# --- what a person says ----------------------------------------------------------------------------------------------


def test_confirmed_by_a_person() -> None:
    alice, kari = make_invoice(), make_user()
    line = one("400", name="Alice Ås", account="15035555558")
    payment = confirmed(line, alice, by=kari)
    line.refresh_from_db()
    assert (line.state, line.payment, line.decided_by, line.decided_at) == ("booked", payment, kari, NOW)
    assert Invoice.objects.get().is_settled
    account = PayerAccount.objects.get()
    assert (account.account, account.member) == ("15035555558", alice.member)


def test_one_payment_for_several_invoices_in_their_order() -> None:
    alice, bob = make_invoice(), make_invoice("Bob", "Berg")
    payment = confirmed(one("700"), bob, alice)
    assert [(row.invoice, row.amount) for row in payment.allocations.order_by("pk")] == [
        (bob, kroner("400")),
        (alice, kroner("300")),
    ]


def test_several_payments_for_one_invoice() -> None:
    alice = make_invoice()
    confirmed(one("150"), alice)
    confirmed(one("250", reference="Z"), alice)
    assert Invoice.objects.get().is_settled


def test_the_second_treasurer_sees_who_was_first() -> None:
    alice, line = make_invoice(), None
    line = one("400")
    confirmed(line, alice, by=make_user(username="kari", first_name="Kari", last_name="Kasserer"))
    for verb in (
        lambda: confirmed(line, alice),
        lambda: line_queue.set_aside(line=line, reason="x", at=NOW, by=None),
        lambda: line_queue.owe_back(line=line, at=NOW, by=None),
    ):
        with pytest.raises(Refused, match="Kari Kasserer has already decided this line"):
            verb()
    assert Payment.objects.count() == 1


def test_set_aside_with_a_reason() -> None:
    line = one("5600", name="Vipps MobilePay AS")
    with pytest.raises(Refused, match="Write why"):
        line_queue.set_aside(line=line, reason="  ", at=NOW, by=None)
    line_queue.set_aside(line=line, reason="Payout, booked one by one", at=NOW, by=None)
    line.refresh_from_db()
    assert (line.state, line.note, Payment.objects.count()) == ("aside", "Payout, booked one by one", 0)


def test_money_that_is_not_ours_waits_to_be_paid_back_and_is_nobodys_credit() -> None:
    alice = make_invoice()
    line = one("400", kid=alice.kid[:-1] + "9", account="15035555558")
    payment = line_queue.owe_back(line=line, at=NOW, by=None)
    assert (payment.is_owed_back, payment.unused_amount, payment.payer) == (True, kroner("400"), None)
    out = one("-400", account="15035555558", name="Feil Person", reference="OUT")
    assert (out.state, out.why) == ("queued", "out_to_payer")
    (suggestion,) = suggestions.for_line(out)
    assert (suggestion.payment, suggestion.reasons) == (
        payment,
        ["It came from this account.", "It waits to be paid back.", "The amount is the same."],
    )
    line_queue.paid_back(line=out, payment=payment, at=NOW, by=None)
    payment.refresh_from_db()
    assert payment.unused_amount == 0
    assert [p.amount for p in Payment.objects.order_by("pk")] == [kroner("400"), kroner("-400")]


def test_opened_again_what_was_booked_is_undone_and_can_be_booked_anew() -> None:
    alice, bob = make_invoice(), make_invoice("Bob", "Berg")
    line = one("400")
    confirmed(line, alice)
    line_queue.open_again(line=line, at=NOW, by=None)
    line.refresh_from_db()
    assert (line.state, line.why, line.payment, line.decided_by) == ("queued", "undone", None, None)
    confirmed(line, bob)
    assert [invoice.open_amount for invoice in Invoice.objects.order_by("number")] == [kroner("400"), kroner("0")]
    assert Payment.objects.count() == 3


def test_undone_on_the_payments_own_page_it_waits_again() -> None:
    alice = make_invoice()
    line = booked(ocr([paid("400", alice.kid)])).lines.get()
    intake.reverse(payment=line.payment, at=NOW, by=None, reason="Wrong")
    line.refresh_from_db()
    assert (line.state, line.why) == ("queued", "undone")


def test_the_bank_takes_a_payment_back() -> None:
    alice = make_invoice()
    first = booked(ocr([paid("400", alice.kid)])).lines.get()
    line = one("-400", kid=alice.kid, is_reversal=True)
    (suggestion,) = suggestions.for_line(line)
    assert (suggestion.payment, suggestion.is_sure) == (first.payment, True)
    line_queue.take_back(line=line, payment=first.payment, at=NOW, by=None)
    first.refresh_from_db()
    line.refresh_from_db()
    alice.refresh_from_db()
    assert (first.state, line.state, alice.open_amount) == ("aside", "booked", kroner("400"))
    with pytest.raises(Refused, match="cannot be undone here"):
        line_queue.open_again(line=line, at=NOW, by=None)


def test_another_amount_is_not_that_payment_taken_back() -> None:
    alice = make_invoice()
    first = booked(ocr([paid("400", alice.kid)])).lines.get()
    line = one("-300", kid=alice.kid, is_reversal=True)
    with pytest.raises(Refused, match="another amount"):
        line_queue.take_back(line=line, payment=first.payment, at=NOW, by=None)


def test_money_out_pays_no_invoice_and_money_in_is_no_refund() -> None:
    alice = make_invoice()
    out = one("-400", kid=alice.kid, is_reversal=True)
    with pytest.raises(Refused, match="went out"):
        confirmed(out, alice)
    with pytest.raises(Refused, match="is no refund"):
        line_queue.paid_back(line=one("55"), payment=Payment(pk=1), at=NOW, by=None)


def test_a_refund_opened_again_is_credit_again() -> None:
    alice = make_invoice()
    payment = confirmed(one("500", account="15035555558"), alice)
    out = one("-100", account="15035555558", reference="OUT")
    assert out.why == "out_to_payer"
    line_queue.paid_back(line=out, payment=payment, at=NOW, by=None)
    payment.refresh_from_db()
    assert payment.unused_amount == 0
    line_queue.open_again(line=out, at=NOW, by=None)
    payment.refresh_from_db()
    assert payment.unused_amount == kroner("100")
    with pytest.raises(Refused, match="not used"):
        refunds.pay_back(payment=payment, amount=kroner("101"), on=NOW.date(), at=NOW, by=None, source_reference="r:1")


def test_nothing_is_confirmed_without_an_invoice() -> None:
    with pytest.raises(Refused, match="Choose the invoice"):
        confirmed(one("400"))
    assert camt([]) and BankLine.objects.queued().count() == 1


def test_a_refund_undone_on_its_own_page_lets_the_line_wait_again() -> None:
    payment = confirmed(one("500", account="15035555558"), make_invoice())
    out = one("-100", account="15035555558", reference="OUT")
    refund = line_queue.paid_back(line=out, payment=payment, at=NOW, by=None)
    refunds.take_back(refund=refund, at=NOW, by=None, reason="The account is closed")
    out.refresh_from_db()
    assert (out.state, out.why, out.payment) == ("queued", "undone", None)
    line_queue.paid_back(line=out, payment=payment, at=NOW, by=None)
    assert ledger_check.check().problems == []


def test_another_currency_is_not_booked_as_kroner() -> None:
    """Four hundred euro are not four hundred kroner, whatever the treasurer presses."""
    alice = make_invoice()
    data = camt([paid("400", alice.kid, reference="A"), paid("-400", reference="B", account="15035555558")])
    coming, going = booked(data.replace(b"NOK", b"EUR")).lines.order_by("pk")
    paid_before = intake.record(amount=kroner("400"), received_on=alice.issued_on, source="hand", at=NOW, by=None,
                                source_reference="a", invoices=[make_invoice("Bob")])  # fmt: skip
    assert suggestions.for_line(coming) == suggestions.for_line(going) == []
    for book in (
        lambda: confirmed(coming, alice),
        lambda: line_queue.owe_back(line=coming, at=NOW, by=None),
        lambda: line_queue.take_back(line=going, payment=paid_before, at=NOW, by=None),
        lambda: line_queue.paid_back(line=going, payment=paid_before, at=NOW, by=None),
    ):
        with pytest.raises(Refused, match="This line is in EUR"):
            book()
    assert Payment.objects.count() == 1
    line_queue.set_aside(line=coming, reason="Registered by hand: 4 700", at=NOW, by=None)


def test_money_back_to_somebody_who_paid_too_much_by_kid_is_asked_about() -> None:
    """Else the credit would stay, and the next invoice use money that has gone back already."""
    payment = booked(ocr([paid("500", make_invoice().kid, account="15035555558")])).lines.get().payment
    out = one("-100", account="15035555558", reference="OUT")
    assert (out.state, out.why) == ("queued", "out_to_payer")
    line_queue.paid_back(line=out, payment=payment, at=NOW, by=None)
    assert one("-100", account="15035555558", reference="AGAIN").state == "outgoing"
