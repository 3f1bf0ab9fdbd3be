"""A closed year: nothing is booked in it, what it said is kept, and only an administrator opens it again."""

from datetime import date

import pytest
from django.test import Client

from core.errors import Refused
from invoicing import closing, fees, invoices
from invoicing.credit_notes import credit
from invoicing.fees import Fee
from invoicing.models import ClosedYear, Invoice
from membership import roles
from membership.models import Period
from payments import intake, ledger_check
from payments.books import years
from payments.models import Payment
from tests.makers import at_noon, kroner, make_invoice, make_member, make_user, set_up_client
from tests.payments.books.makers import pay

pytestmark = pytest.mark.django_db
MAY, JULY = date(2026, 5, 10), date(2026, 7, 1)
NEW_YEAR = at_noon(date(2027, 1, 20))


@pytest.fixture(autouse=True)
def _client() -> None:
    set_up_client()
    roles.set_up()


def close_2026() -> ClosedYear:
    by = make_user(roles.TREASURERS)
    return closing.close(year=2026, figures=years.figures(2026).as_text(), at=NEW_YEAR, by=by)


def test_nothing_is_booked_in_a_closed_year() -> None:
    invoice, paid = make_invoice(on=MAY), make_invoice("Bob", "Berg", on=MAY)
    payment = pay(paid, "400", on=MAY)
    closing_row = close_2026()
    late = make_member("Cara", "Dahl", on=date(2027, 2, 1), paid=False)
    term = late.periods.get()
    for attempt in (
        lambda: pay(invoice, "400", on=JULY, recorded_on=date(2027, 2, 1)),
        lambda: credit(invoice=invoice, on=JULY, at=NEW_YEAR, by=None, reason="Left"),
        lambda: intake.reverse(payment=payment, at=at_noon(JULY), by=None, reason="Wrong"),
        lambda: invoices.issue(periods=[_uninvoiced(term)], on=JULY, at=NEW_YEAR),
        lambda: fees.charge(fees=[Fee(invoice=invoice, amount=kroner("37"), due_on=JULY)], on=JULY, at=NEW_YEAR),
    ):
        with pytest.raises(Refused) as refusal:
            attempt()
        assert refusal.value.code == "closed"
    assert (Payment.objects.count(), Invoice.objects.filter(kind="credit_note").count()) == (1, 0)
    assert closing_row.figures == {
        "invoices": "2", "invoiced": "800.00", "credited": "0.00", "received": "400.00", "open": "400.00",
        "credit": "0.00",
    }  # fmt: skip
    pay(invoice, "400", on=date(2027, 2, 1))
    assert ledger_check.check().problems == []


def _uninvoiced(term: Period) -> Period:
    """The term, as if its invoice had never been issued."""
    term.invoice_lines.update(period=None)
    return term


def test_a_year_that_is_not_over_or_does_not_add_up_is_not_closed() -> None:
    by = make_user(roles.TREASURERS)
    invoice = make_invoice(on=MAY)
    with pytest.raises(Refused, match="2027 is not over yet"):
        closing.close(year=2027, figures={}, at=NEW_YEAR, by=by)
    Invoice.objects.filter(pk=invoice.pk).update(open_amount=kroner("1"))
    with pytest.raises(Refused, match="does not add up"):
        closing.close(year=2026, figures={}, at=NEW_YEAR, by=by)
    assert not ClosedYear.objects.exists()


def test_a_year_is_closed_once_and_opened_again_with_a_reason() -> None:
    close_2026()
    by = make_user("admin")
    with pytest.raises(Refused, match="closed already"):
        closing.close(year=2026, figures={}, at=NEW_YEAR, by=by)
    with pytest.raises(Refused, match="Write why"):
        closing.open_again(year=2026, reason=" ", at=NEW_YEAR, by=by)
    closing.open_again(year=2026, reason="A payment was forgotten", at=NEW_YEAR, by=by)
    assert not closing.is_closed(2026)
    with pytest.raises(Refused, match="2026 is open"):
        closing.open_again(year=2026, reason="Again", at=NEW_YEAR, by=by)
    close_2026()
    assert list(ClosedYear.objects.values_list("year", "reason")) == [(2026, ""), (2026, "A payment was forgotten")]


def test_the_ledger_check_sees_what_was_changed_behind_its_back() -> None:
    payment = pay(make_invoice(on=MAY), "400", on=MAY)
    close_2026()
    Payment.objects.filter(pk=payment.pk).update(received_on=date(2027, 1, 2))
    assert any("“received” was 400.00 then and is 0.00 now" in problem for problem in ledger_check.check().problems)


def browser(role: str) -> Client:
    client = Client()
    client.force_login(make_user(role, language="en"))
    return client


@pytest.fixture
def january(monkeypatch: pytest.MonkeyPatch) -> None:
    """The screens are looked at on 20 January 2027."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NEW_YEAR)


def test_the_treasurer_closes_the_year_and_the_administrator_opens_it(january: None) -> None:
    pay(make_invoice(on=MAY), "400", on=MAY)
    treasurer, auditor, administrator = (browser(r) for r in (roles.TREASURERS, roles.AUDITORS, roles.ADMINISTRATORS))
    books = "/admin/treasury/books/"
    assert "Over, and not closed yet" in auditor.get(books).content.decode()
    assert auditor.post(f"{books}2026/close/", {"typed": "2026"}).status_code == 302
    assert "Type 2026" in treasurer.post(f"{books}2026/close/", {"typed": "2025"}).content.decode()
    assert not ClosedYear.objects.exists()
    assert treasurer.post(f"{books}2026/close/", {"typed": "2026"})["Location"] == books
    assert "Closed " in auditor.get(books).content.decode()
    assert "2026 is closed already" in treasurer.get(f"{books}2026/close/").content.decode()
    treasurer.post(f"{books}2026/open-again/", {"reason": "I want to"})
    assert closing.is_closed(2026)
    assert administrator.post(f"{books}2026/open-again/", {"reason": "Bank error"})["Location"] == books
    assert not closing.is_closed(2026)


def test_the_screens_and_files_of_the_books(january: None) -> None:
    pay(make_invoice("Alice", "Ås", on=MAY), "150", on=MAY)
    treasurer = browser(roles.TREASURERS)
    span = "?first=2026-01-01&last=2026-12-31"
    html = treasurer.get(f"/admin/treasury/books/income/{span}").content.decode()
    assert "the organisation earned kr 400" in html.replace("\xa0", " ")
    html = treasurer.get(f"/admin/treasury/books/money-in/{span}").content.decode()
    assert "kr 150 came in" in html.replace("\xa0", " ") and "OCR giro" in html
    html = treasurer.get("/admin/treasury/books/open/?on=2026-06-01").content.decode()
    assert "1 invoice was open, with kr 250 left to pay" in html.replace("\xa0", " ") and "Alice Ås" in html
    for address in ("open/?on=2999-01-01", "money-in/?first=2999-01-01"):
        assert "This day has not come yet." in treasurer.get(f"/admin/treasury/books/{address}").content.decode()
    wrong = treasurer.get("/admin/treasury/books/income/?first=2026-12-31&last=2026-01-01")
    assert "ends before it begins" in wrong.content.decode()

    answers = {"first": "2026-01-01", "last": "2026-12-31", "purpose": "Accounts", "file_type": "csv"}
    lines = treasurer.post("/admin/treasury/books/journal/", answers).getvalue().decode("utf-8-sig").splitlines()
    assert [line.split(";")[2:6] for line in lines] == [
        ["Account", "Name of the account", "Debit", "Credit"],
        ["1500", "Receivables", "400.00", ""],
        ["3920", "Membership dues", "", "400.00"],
        ["1920", "Bank", "150.00", ""],
        ["1500", "Receivables", "", "150.00"],
    ]
    assert "Alice" not in "".join(lines)
    answers = {"on": "2026-06-01", "purpose": "Accounts", "file_type": "csv"}
    lines = treasurer.post("/admin/treasury/books/open/export/", answers).getvalue().decode().splitlines()
    assert lines[1].endswith("400.00;250.00")


@pytest.mark.parametrize("people", [1, 3])
def test_the_list_of_what_was_open_asks_as_many_questions_however_long(
    people: int, january: None, django_assert_num_queries: object
) -> None:
    for number in range(people):
        make_invoice(f"Person {number}", "Ås", on=MAY, email=f"p{number}@example.no")
    treasurer = browser(roles.TREASURERS)
    treasurer.get("/admin/treasury/books/open/")
    with django_assert_num_queries(14):  # type: ignore[operator]
        treasurer.get("/admin/treasury/books/open/")
