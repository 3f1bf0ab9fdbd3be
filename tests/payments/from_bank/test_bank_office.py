"""Bank files and the queue in the office: brought, agreed to, matched by plain forms, refunded, written off."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.models import User
from invoicing import credit_notes
from invoicing.models import Invoice
from membership import roles
from payments import intake, ledger_check
from payments.models import BankFile, BankLine, Payment, WriteOff
from tests.makers import NOW, TODAY, kroner, make_invoice, make_user, set_up_client
from tests.payments.banks.writers import ocr, paid
from tests.payments.from_bank.bank_makers import booked, lines_of

pytestmark = pytest.mark.django_db
FILES, QUEUE = "/admin/treasury/bank/", "/admin/treasury/unmatched/"


@pytest.fixture(autouse=True)
def place(private_files: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def kari(db: Any) -> User:
    set_up_client()
    return make_user(roles.TREASURERS, username="kari", first_name="Kari", last_name="Kasserer")


@pytest.fixture
def office(kari: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(kari)
    return client


def bring(client: Client, data: bytes, name: str = "bank.txt") -> Any:
    return client.post(FILES, {"file": SimpleUploadedFile(name, data), "account": "8601.11.17947"})


def test_from_the_file_to_the_books(office: Client, django_capture_on_commit_callbacks: Any) -> None:
    invoice = make_invoice()
    response = bring(office, ocr([paid("400", invoice.kid), paid("55", "12344")]))
    file = BankFile.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"{FILES}{file.pk}/")
    page = office.get(response["Location"])
    assert "Book kr\u00a0455" in page.text and "the file&#x27;s own totals" in page.text
    assert Payment.objects.count() == 0
    with django_capture_on_commit_callbacks(execute=True):
        office.post(f"{FILES}{file.pk}/agree/")
        office.post(f"{FILES}{file.pk}/agree/")
    page = office.get(f"{FILES}{file.pk}/")
    assert [(state.value, count) for state, count, _amount in page.context["states"]] == [("booked", 1), ("queued", 1)]
    assert Payment.objects.get().recorded_by == User.objects.get(username="kari")
    assert "Match 1 line" in page.text


def test_the_same_file_again_leads_to_the_first(office: Client) -> None:
    data = ocr([paid("400", make_invoice().kid)])
    first, second = bring(office, data), bring(office, data)
    assert first["Location"] == second["Location"]
    assert "has been brought before" in office.get(second["Location"]).text


def test_what_is_refused_says_why_and_leaves_nothing(office: Client) -> None:
    page = bring(office, ocr([paid("400")])[:-82])
    assert page.status_code == 422
    assert "it was cut short" in page.text
    assert BankFile.objects.count() == 0


def test_a_list_with_strange_columns_is_asked_about(office: Client) -> None:
    invoice = make_invoice()
    response = bring(office, f"Når;Hvor mye;Hva\n10.03.2026;400;{invoice.kid}\n".encode(), "liste.csv")
    file = BankFile.objects.get()
    assert response["Location"] == f"{FILES}{file.pk}/columns/"
    page = office.get(response["Location"])
    assert invoice.kid in page.text
    page = office.post(response["Location"], {"column_0": "date"})
    assert (page.status_code, "Say which column is the amount" in page.text) == (422, True)
    office.post(response["Location"], {"column_0": "date", "column_1": "amount", "column_2": "text"})
    file.refresh_from_db()
    assert (file.state, file.amount_in) == ("ready", kroner("400"))


def test_a_file_nobody_wants(office: Client) -> None:
    bring(office, ocr([paid("400")]))
    file = BankFile.objects.get()
    assert "is forgotten" in office.post(f"{FILES}{file.pk}/discard/", follow=True).text
    assert not BankFile.objects.exists()


# --- the queue -------------------------------------------------------------------------------------------------------


def waiting(*payments: Any) -> list[BankLine]:
    return [line for line in lines_of(payments) if line.state == "queued"]


def test_confirm_comes_back_to_the_next_line(office: Client, kari: User) -> None:
    alice = make_invoice()
    first, second = waiting(paid("400", name="Alice Ås"), paid("77", text="?"))
    page = office.get(QUEUE)
    assert (page.context["line"], page.context["suggestions"][0].invoices) == (first, [alice])
    assert "The name is the payer&#x27;s." in page.text
    response = office.post(f"{QUEUE}{first.pk}/", {"for": str(alice.pk), "verb": "confirm"}, follow=True)
    assert response.context["line"] == second
    assert "kr\u00a0400 from Alice Ås is registered." in response.text
    assert [line.pk for line in response.context["decided"]] == [first.pk]
    assert Invoice.objects.get().is_settled
    assert Payment.objects.get().recorded_by == kari


def test_choose_another_by_searching(office: Client) -> None:
    make_invoice()
    bob = make_invoice("Bob", "Berg")
    (line,) = waiting(paid("400", name="Alice Ås"))
    page = office.get(QUEUE, {"line": line.pk, "q": "Berg"})
    assert [s.invoices for s in page.context["suggestions"]] == [[bob]]


def test_split_over_several(office: Client) -> None:
    alice, bob = make_invoice(), make_invoice("Bob", "Berg")
    (line,) = waiting(paid("700"))
    office.post(f"{QUEUE}{line.pk}/", {"for": [str(bob.pk), str(alice.pk)], "verb": "confirm"})
    assert [i.open_amount for i in Invoice.objects.order_by("number")] == [kroner("100"), kroner("0")]


def test_set_aside_needs_a_reason_and_can_be_undone(office: Client) -> None:
    (line,) = waiting(paid("5600", name="Vipps MobilePay AS"))
    page = office.post(f"{QUEUE}{line.pk}/", {"verb": "aside", "reason": " "})
    assert (page.status_code, "Write why the line is set aside" in page.text) == (422, True)
    page = office.post(f"{QUEUE}{line.pk}/", {"verb": "aside", "reason": "Payout"}, follow=True)
    assert "Nothing waits to be matched." in page.text
    page = office.post(f"{QUEUE}{line.pk}/undo/", follow=True)
    assert page.context["line"] == line


def test_not_for_us_and_paid_back(office: Client) -> None:
    (line,) = waiting(paid("300", name="Feil Person"))
    office.post(f"{QUEUE}{line.pk}/", {"verb": "owe_back"})
    payment = Payment.objects.get()
    inbox = office.get("/admin/treasury/inbox/").text
    assert "Money to pay back" in inbox and "Feil Person" in inbox
    token = "6f5c1b8e-0a35-4d56-9f6b-3c1d2e4f5a6b"
    form = {"amount": "300", "on": TODAY.isoformat(), "reason": "", "token": token}
    address = f"/admin/treasury/payments/{payment.pk}/pay-back/"
    assert office.post(address, {**form, "amount": "301"}).status_code == 422
    office.post(address, form)
    office.post(address, form)
    payment.refresh_from_db()
    assert (payment.unused_amount, Payment.objects.count()) == (0, 2)
    refund = payment.refunds.get()
    assert "Pays back" in office.get(f"/admin/treasury/payments/{refund.pk}/").text
    office.post(f"/admin/treasury/payments/{refund.pk}/undo/", {"reason": "Did not leave"})
    payment.refresh_from_db()
    assert payment.unused_amount == kroner("300")
    assert ledger_check.check().problems == []


def test_the_second_treasurer_is_told_who_was_first(office: Client) -> None:
    alice = make_invoice()
    (line,) = waiting(paid("400"))
    other = Client(headers={"accept-language": "en"})
    other.force_login(make_user(roles.TREASURERS))
    office.post(f"{QUEUE}{line.pk}/", {"for": str(alice.pk), "verb": "confirm"})
    page = other.post(f"{QUEUE}{line.pk}/", {"for": str(alice.pk), "verb": "confirm"}, follow=True)
    assert "Kari Kasserer has already decided this line" in page.text
    assert Payment.objects.count() == 1


def test_the_bank_took_it_back(office: Client) -> None:
    alice = make_invoice()
    payment = booked(ocr([paid("400", alice.kid)])).lines.get().payment
    (line,) = waiting(paid("-400", alice.kid, is_reversal=True))
    page = office.get(QUEUE)
    assert "The bank took this payment back" in page.text
    office.post(f"{QUEUE}{line.pk}/", {"for": f"p{payment.pk}", "verb": "confirm"})
    assert Invoice.objects.get().open_amount == kroner("400")


@pytest.mark.parametrize("sent", ["", "p", "1,x", "999999", "p-1", "9" * 40])
def test_nonsense_is_refused(office: Client, sent: str) -> None:
    (line,) = waiting(paid("400"))
    page = office.post(f"{QUEUE}{line.pk}/", {"for": sent, "verb": "confirm"})
    assert (page.status_code, Payment.objects.count()) == (422, 0)


def test_names_are_inert(office: Client) -> None:
    waiting(paid("400", name='"><img src=x onerror=1>', text="<script>alert(1)</script>"))
    page = office.get(QUEUE).text
    assert "<img src=x" not in page and "<script>alert" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_queue_costs_the_same_number_of_questions(office: Client, count: int) -> None:
    for name in ("Alice", "Bob", "Carl"):
        make_invoice(name)
    waiting(*[paid("400", name=f"{name} Ås") for name in ("Alice", "Bob", "Carl")[:count]])
    office.get(QUEUE)
    with CaptureQueriesContext(connection) as queries:
        office.get(QUEUE)
    assert len(queries) == 22


@pytest.mark.parametrize("count", [1, 3])
def test_a_file_costs_the_same_number_of_questions(office: Client, count: int) -> None:
    file = booked(ocr([paid("400", make_invoice(f"Nr{number}").kid) for number in range(count)]))
    office.get(f"{FILES}{file.pk}/")
    with CaptureQueriesContext(connection) as queries:
        office.get(f"{FILES}{file.pk}/")
    assert len(queries) == 14


# --- written off -----------------------------------------------------------------------------------------------------


def test_the_rest_is_written_off_and_owed_again(office: Client) -> None:
    alice = make_invoice()
    address = f"/admin/treasury/invoices/{alice.pk}/write-off/"
    page = office.post(address, {"reason": "too little to ask for"})
    assert (page.status_code, "Credit it instead" in page.text) == (422, True)
    credit_notes.credit(invoice=alice, on=TODAY, at=NOW, by=None, reason="x", amount=kroner("1"))
    assert "Write off the rest" not in office.get(f"/admin/invoices/{alice.pk}/").text  # credited in part, and unpaid
    intake.record(amount=kroner("394"), received_on=TODAY, source="hand", source_reference="hand:1", at=NOW, by=None,
                  invoices=[alice])  # fmt: skip
    assert "Write off the rest" in office.get(f"/admin/invoices/{alice.pk}/").text
    assert "is written off as a loss" in office.post(address, {"reason": "too little to ask for"}, follow=True).text
    alice.refresh_from_db()
    assert (alice.open_amount, WriteOff.objects.get().amount) == (kroner("0"), kroner("5"))
    assert ledger_check.check().problems == []
    page = office.post(f"/admin/treasury/write-offs/{WriteOff.objects.get().pk}/undo/", follow=True)
    alice.refresh_from_db()
    assert (alice.open_amount, "The rest is owed again." in page.text) == (kroner("5"), True)
    assert ledger_check.check().problems == []


# --- who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", roles.ROLES)
def test_every_role_at_every_address(role: str) -> None:
    alice = make_invoice()
    line = waiting(paid("400", name="Hemmelig"))[0]
    payment = booked(ocr([paid("450", alice.kid)])).lines.get().payment
    client = Client()
    client.force_login(make_user(role))
    money, reads = role in {roles.TREASURERS, roles.ADMINISTRATORS}, role == roles.AUDITORS
    looks = {"": 200, f"{line.file_id}/": 200}
    assert {a: client.get(FILES + a).status_code == 200 for a in looks} == dict.fromkeys(looks, money or reads)
    assert (client.get(QUEUE).status_code == 200) is money
    before = (Payment.objects.count(), BankFile.objects.count(), list(BankLine.objects.values_list("state", flat=True)))
    gets = [f"{FILES}{line.file_id}/agree/", f"{QUEUE}{line.pk}/", f"{QUEUE}{line.pk}/undo/",
            f"/admin/treasury/payments/{payment.pk}/owed-back/"]  # fmt: skip
    assert {client.get(address).status_code == 200 for address in gets} == {False}
    if not money:
        posts = [
            (FILES, {"file": SimpleUploadedFile("b.txt", ocr([paid("1")]))}), *((address, {}) for address in gets),
            (f"{FILES}{line.file_id}/discard/", {}), (f"{QUEUE}{line.pk}/", {"verb": "owe_back"}),
            (f"/admin/treasury/payments/{payment.pk}/pay-back/", {"amount": "50"}),
            (f"/admin/treasury/invoices/{alice.pk}/write-off/", {"reason": "x"}),
        ]  # fmt: skip
        for address, data in posts:
            client.post(address, data)
        after = (Payment.objects.count(), BankFile.objects.count(),
                 list(BankLine.objects.values_list("state", flat=True)))  # fmt: skip
        assert after == before
