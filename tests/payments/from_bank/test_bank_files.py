"""A bank file from hand to books: read, added up, agreed to, booked once. Whatever is not booked waits, with why."""

from datetime import timedelta
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext

from invoicing import by_hand
from invoicing.models import Invoice
from membership.models import MembershipType, Period
from payments import intake, ledger_check
from payments.banks.lines import Unreadable
from payments.from_bank import bank_files, freshness, line_booking, line_matching
from payments.models import BankFile, BankLine, BankPreset, Payment
from payments.reminders import plans
from tests.makers import NOW, TODAY, at_noon, kroner, make_invoice, make_user
from tests.payments.banks.writers import ACCOUNT, camt, dnb, nordea, ocr, paid
from tests.payments.from_bank.bank_makers import booked, brought, lines_of, states

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("private_files")]


def test_brought_and_added_up_before_anything_is_written(private_files: Any) -> None:
    invoice, kari = make_invoice(), make_user()
    file = brought(ocr([paid("400", invoice.kid), paid("100", "12344"), paid("-50", kind=18)]), by=kari)
    assert (file.state, file.format, file.account, file.total, file.known) == ("ready", "ocr", ACCOUNT, 3, 0)
    assert (file.amount_in, file.amount_out, file.checked_by) == (kroner("500"), kroner("-50"), "totals")
    assert (file.first_on, file.last_on, file.until, file.uploaded_by) == (TODAY, TODAY, TODAY, kari)
    assert (BankLine.objects.count(), Payment.objects.count(), freshness.waiting_files_count()) == (0, 0, 1)
    assert len([path for path in private_files.rglob("*") if path.is_file()]) == 1


def test_booked_by_its_kid(private_files: Any, django_capture_on_commit_callbacks: Any) -> None:
    invoice, kari = make_invoice(), make_user()
    with django_capture_on_commit_callbacks(execute=True):
        file = booked(ocr([paid("400", invoice.kid)]), by=kari)
    payment = Payment.objects.get()
    line = file.lines.get()
    assert (file.state, line.state, line.payment) == ("done", "booked", payment)
    assert (payment.source, payment.source_reference, payment.recorded_by) == ("ocr", line.reference, kari)
    assert Invoice.objects.get().is_settled
    assert Period.objects.get().confirmed_on == TODAY
    assert freshness.last_bank_day() == TODAY
    assert [path for path in private_files.rglob("*") if path.is_file()] == []
    assert ledger_check.check().problems == []


def test_the_same_file_again_is_the_first_one() -> None:
    data = ocr([paid("400", make_invoice().kid)])
    first = booked(data)
    again = bank_files.bring(data=data, name="copy.txt", account=ACCOUNT, at=NOW, by=None)
    assert (again.file, again.is_new) == (first, False)
    assert not bank_files.agree(file=again.file, at=NOW, by=None)
    assert Payment.objects.count() == 1


def test_lines_that_another_file_has_brought_are_known() -> None:
    one, two = make_invoice(), make_invoice("Bob", "Berg")
    payments = [paid("400", one.kid, reference="A"), paid("400", two.kid, reference="B")]
    booked(camt(payments[:1]))
    file = brought(camt(payments, kind="053", version="08"))
    assert (file.total, file.known) == (2, 1)
    bank_files.agree(file=file, at=NOW, by=None)
    file = bank_files.finish(file=file, at=NOW)
    assert (file.known, states(file), Payment.objects.count()) == (1, [("booked", "")], 2)


@pytest.mark.parametrize("data", [ocr([paid("400")])[:-90], ocr([paid("400")]).replace(b"40000", b"50000", 1), b""])
def test_what_does_not_add_up_leaves_nothing(data: bytes, private_files: Any) -> None:
    with pytest.raises(Unreadable):
        brought(data)
    assert (BankFile.objects.count(), list(private_files.rglob("*.txt"))) == (0, [])


def test_a_file_nobody_wants_is_forgotten_and_may_come_again(
    private_files: Any, django_capture_on_commit_callbacks: Any
) -> None:
    data = ocr([paid("400", make_invoice().kid)])
    with django_capture_on_commit_callbacks(execute=True):
        assert bank_files.discard(file=brought(data), by=None)
    assert (BankFile.objects.count(), list(private_files.rglob("*.txt"))) == (0, [])
    file = booked(data)
    assert not bank_files.discard(file=file, by=None)
    assert Payment.objects.count() == 1


def test_in_portions_and_from_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_booking.go_through, "__kwdefaults__", {"portion": 2})
    invoices = [make_invoice(f"Nr{number}") for number in range(5)]
    file = brought(ocr([paid("400", invoice.kid) for invoice in invoices]))
    bank_files.agree(file=file, at=NOW, by=None)
    done = []
    while bank_files.go_on(file_id=file.pk, at=NOW):
        done.append(file.lines.filter(state="booked").count())
    assert done == [0, 2, 4]
    assert not Invoice.objects.open().exists()
    assert BankFile.objects.get().state == "done"


def test_columns_are_asked_for_once_and_remembered_for_the_account() -> None:
    invoice = make_invoice()
    first = brought(f"Når;Hvor mye;Hva\n10.03.2026;400,00;{invoice.kid}\n".encode())
    assert (first.state, first.columns) == ("columns", {})
    with pytest.raises(Unreadable, match="date"):
        bank_files.choose_columns(file=first, columns={1: "amount", 2: "text"}, at=NOW)
    assert BankFile.objects.get().state == "columns"
    ready = bank_files.choose_columns(file=first, columns={0: "date", 1: "amount", 2: "text"}, at=NOW)
    assert (ready.state, ready.total, ready.amount_in) == ("ready", 1, kroner("400"))
    second = brought("Når;Hvor mye;Hva\n10.03.2026;99,00;kaffe\n".encode())
    assert (second.state, second.columns) == ("ready", {"0": "date", "1": "amount", "2": "text"})
    assert BankPreset.objects.get().account == ACCOUNT


# --- the rules of matching -------------------------------------------------------------------------------------------


def test_what_is_not_booked_waits_with_its_reason() -> None:
    """Each rule of norway.md, one line each, in one file."""
    alice, bob, carl, dora, eva = (make_invoice(name) for name in ("Alice", "Bob", "Carl", "Dora", "Eva"))
    from invoicing.credit_notes import credit

    credit(invoice=dora, on=TODAY, at=NOW, by=None, reason="Moved abroad")
    intake.record(amount=kroner("400"), received_on=TODAY - timedelta(days=1), source="hand", source_reference="hand:1",
                  at=NOW, by=None, invoices=[eva])  # fmt: skip
    lines = lines_of(
        [
            paid("400", alice.kid), paid("150.50", bob.kid), paid("1000", carl.kid),
            paid("400", alice.kid.lstrip("0") or "0"), paid("400", dora.kid), paid("400", eva.kid),
            paid("400", "12344"), paid("400", name="Kari Nordmann"),
            paid("5600", text="Utbetaling fra Vipps 2026-03-09", name="Vipps MobilePay AS"),
            paid("-400", alice.kid, is_reversal=True), paid("-2500", name="Utleieren"),
        ]
    )  # fmt: skip
    assert [(line.state, line.why) for line in lines] == [
        ("booked", ""), ("booked", ""), ("booked", ""), ("booked", ""), ("queued", "credited"), ("queued", "alike"),
        ("queued", "unknown_kid"), ("queued", "no_kid"), ("queued", "payout"), ("queued", "reversal"), ("outgoing", ""),
    ]  # fmt: skip
    bob.refresh_from_db()
    assert bob.open_amount == kroner("249.50")
    assert [line.payment.unused_amount for line in lines[:4]] == [0, 0, kroner("600"), kroner("400")]
    assert lines[3].note == "The KID had lost or won zeros at its beginning."
    assert ledger_check.check().problems == []


@pytest.mark.parametrize(
    ("amount", "text", "expected"),
    [
        ("400", "Kontingent {kid}", ("booked", "")),
        ("400", "KID: {spaced}", ("booked", "")),
        ("400", "{kid} {other}", ("queued", "kid_in_text")),
        ("300", "Kontingent {kid}", ("queued", "kid_in_text")),
        ("400", "Kontingent 12345678901", ("queued", "no_kid")),
    ],
)
def test_a_kid_in_the_text(amount: str, text: str, expected: tuple[str, str]) -> None:
    kid, other = make_invoice().kid, make_invoice("Bob").kid
    spaced = f"{kid[:5]} {kid[5:10]} {kid[10:]}"
    (line,) = lines_of([paid(amount, text=text.format(kid=kid, spaced=spaced, other=other))])
    assert (line.state, line.why) == expected


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("Kari Nordmann", "Utbetaling av kontingent {kid}, vipps virket ikke", ("booked", "")),
        ("", "Utbetaling av kontingent {kid}, vipps virket ikke", ("booked", "")),
        ("Kari Nordmann", "Utbetaling av kontingent, vipps virket ikke", ("queued", "no_kid")),
        ("", "Utbetaling fra Vipps 2026-03-09", ("queued", "payout")),
        ("Vipps MobilePay AS", "Utbetaling {kid}", ("queued", "payout")),
    ],
)
def test_a_members_words_are_no_payout(name: str, text: str, expected: tuple[str, str]) -> None:
    (line,) = lines_of([paid("400", text=text.format(kid=make_invoice().kid), name=name)])
    assert (line.payer_name, line.state, line.why) == (name, *expected)


def test_another_memberships_price_is_asked_about() -> None:
    """Alice owes 400 and has paid 600: what a family costs."""
    alice = make_invoice()
    (line,) = lines_of([paid("600", alice.kid)])
    assert (line.state, line.why) == ("queued", "type_price")


def test_what_was_to_be_expected_is_no_other_memberships_price() -> None:
    """An invoice for a course is no membership's; and who was allowed to pay in parts pays a part."""
    alice, bob = make_invoice(), make_invoice("Bob")
    assert alice.member is not None
    items = [by_hand.Item(text="Course", unit_price=kroner("450"))]
    course = by_hand.issue(payer=alice.member, items=items, on=TODAY, at=at_noon(TODAY), by=None)
    (line,) = lines_of([paid("400", course.kid)])
    assert (line.state, line.why) == ("booked", "")

    price = bob.total - 250
    MembershipType.objects.filter(code="UNG").update(price=price)
    plan = plans.propose(invoice=bob, number=2, on=TODAY, by=None)
    (line,) = lines_of([paid(str(price), bob.kid)])
    assert (line.state, line.why) == ("queued", "type_price"), "nobody has agreed to it yet"
    plans.agree(plan=plan, on=TODAY, at=at_noon(TODAY), by=None)
    assert [decision.why for decision in line_matching.decide([line])] == [""]


def test_the_same_money_told_by_two_kinds_of_file_is_asked_about() -> None:
    alice = make_invoice()
    booked(ocr([paid("400", alice.kid)]))
    (line,) = lines_of([paid("400", alice.kid)])
    assert (line.state, line.why, Payment.objects.count()) == ("queued", "alike", 1)


def test_the_same_amount_twice_in_one_file_is_two_payments() -> None:
    alice = make_invoice()
    file = booked(ocr([paid("400", alice.kid), paid("400", alice.kid)]))
    assert states(file) == [("booked", ""), ("booked", "")]
    assert sorted(Payment.objects.values_list("unused_amount", flat=True)) == [0, kroner("400")]


def test_a_sum_whose_parts_another_file_shows() -> None:
    """The statement has the batch as one sum, the notification its payments: whichever comes first."""
    alice, bob = make_invoice(), make_invoice("Bob")
    parts = camt([paid("400", alice.kid), paid("400", bob.kid)], batches=[2])
    whole = camt([paid("800", reference="E1")], kind="053")
    assert states(booked(parts)) == [("booked", ""), ("booked", "")]
    assert states(booked(whole)) == [("queued", "batch")]


def test_a_sum_that_came_before_its_parts() -> None:
    alice, bob = make_invoice(), make_invoice("Bob")
    whole = booked(camt([paid("800", reference="E1")], kind="053"))
    assert states(whole) == [("queued", "no_kid")]
    booked(camt([paid("400", alice.kid), paid("400", bob.kid)], batches=[2]))
    assert states(whole) == [("queued", "batch")]


def test_another_currency_waits() -> None:
    alice = make_invoice()
    file = booked(camt([paid("400", alice.kid)]).replace(b"NOK", b"EUR"))
    assert states(file) == [("queued", "currency")]


def test_what_cannot_be_booked_waits_and_says_why() -> None:
    alice = make_invoice()
    (line,) = lines_of([paid("400", alice.kid, on=TODAY + timedelta(days=3))])
    assert (line.state, line.why, line.note) == (
        "queued", "refused", "The date is in the future. Write the day the money came.",
    )  # fmt: skip


@pytest.mark.parametrize("bank", [dnb, nordea])
def test_a_list_from_a_website(bank: Any) -> None:
    alice = make_invoice()
    file = booked(bank([paid("400", alice.kid, name="Alice Ås"), paid("55", text="Kaffe")]))
    assert states(file) == [("booked", ""), ("queued", "no_kid")]


@pytest.mark.parametrize("count", [1, 3])
def test_a_portion_costs_the_same_number_of_questions(count: int) -> None:
    from django.db import connection

    from payments.from_bank import line_matching

    invoices = [make_invoice(f"Nr{number}") for number in range(count)]
    file = brought(camt([paid("400", invoice.kid) for invoice in invoices] + [paid("1", text="x")] * count))
    bank_files.agree(file=file, at=NOW, by=None)
    bank_files.go_on(file_id=file.pk, at=NOW)
    lines = list(file.lines.all())
    with CaptureQueriesContext(connection) as queries:
        line_matching.decide(lines)
    assert len(queries) == 3


@pytest.mark.parametrize("portion", [1, 100])
def test_two_lines_with_the_same_kid_in_the_text_are_not_both_booked(
    portion: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a line is for is asked again where another has paid the invoice since, wherever a portion ends."""
    monkeypatch.setattr(line_booking.go_through, "__kwdefaults__", {"portion": portion})
    kid = make_invoice().kid
    lines = lines_of([paid("400", text=f"Kontingent {kid}", name="A"), paid("400", text=f"Kontingent {kid}", name="B")])
    assert [(line.state, line.why) for line in lines] == [("booked", ""), ("queued", "kid_in_text")]


def test_the_price_of_the_other_line_of_an_invoice_is_not_another_membership() -> None:
    """Who owes for two types has paid one of them, and has not asked for the other."""
    invoice = make_invoice(type_code="FM")
    line = invoice.lines.get()
    line.pk, line.period, line.position, line.type_code, line.amount = None, None, 2, "E", kroner("400")
    line.save()
    Invoice.objects.filter(pk=invoice.pk).update(total=kroner("1000"), open_amount=kroner("1000"))
    assert [(line.state, line.why) for line in lines_of([paid("400", invoice.kid), paid("600", invoice.kid)])] == [
        ("booked", ""), ("booked", ""),
    ]  # fmt: skip
