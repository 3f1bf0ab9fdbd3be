"""Payments due: what is open, how old it is, and how much it is in all. Today is 10 March 2026."""

import csv
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation
from openpyxl import load_workbook
from wagtail.models import ModelLogEntry

from core.models import User
from invoicing import invoices as invoicing
from invoicing.credit_notes import credit
from invoicing.models import Invoice
from membership import roles
from membership.models import Member, MembershipType
from payments import due_list, reports
from payments.models import PaymentPlan, Reminder, Snooze
from tests.makers import NOW, TODAY, invoice_of, kroner, make_household, make_invoice, make_type, make_user

PAGE = "/admin/treasury/due/"


@pytest.mark.parametrize(
    ("days", "code"),
    [
        (-14, "not_due"), (-1, "not_due"), (0, "not_due"), (1, "14"), (14, "14"), (15, "30"), (30, "30"), (31, "60"),
        (60, "60"), (61, "90"), (90, "90"), (91, "older"), (400, "older"),
    ],
)  # fmt: skip
def test_bracket_of(days: int, code: str) -> None:
    assert due_list.bracket_of(days).code == code


@pytest.fixture(autouse=True)
def fixed_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def owed(name: str, *, days_overdue: int, **data: Any) -> Invoice:
    """An open invoice whose due date was so many days ago."""
    invoice = make_invoice(name, "Ås", on=TODAY - timedelta(days=days_overdue + 14), **data)
    assert invoice.days_overdue(TODAY) == days_overdue
    return invoice  # type: ignore[no-any-return]


@pytest.fixture
def register(db: Any) -> dict[str, Invoice]:
    """Alice is 55 days late, Bob's family 20, Charlie's trial is not due; Dora has paid, Eve's is credited."""
    household = make_household("Bob", "Berit", paid=False, on=TODAY - timedelta(days=34))
    rows = {
        "alice": owed("Alice", days_overdue=55, mobile="+4791234567"),
        "bob": invoice_of(household.main_member),
        "charlie": owed("Charlie", days_overdue=-10, type_code="UTP", trial=True),
    }
    dora = owed("Dora", days_overdue=20)
    invoicing.cover(invoice=dora, amount=dora.open_amount, on=TODAY)
    eve = owed("Eve", days_overdue=20)
    credit(invoice=eve, on=TODAY, at=NOW, by=None, reason="Moved abroad")
    invoicing.cover(invoice=rows["alice"], amount=kroner("150"), on=TODAY)
    return rows


@pytest.fixture
def kari(db: Any) -> User:
    return make_user(roles.TREASURERS, username="kari")


@pytest.fixture
def office(register: Any, kari: User) -> Any:
    client = Client(headers={"accept-language": "en"})
    client.force_login(kari)
    with translation.override("en"):
        yield client


def listed(client: Client, **filters: str) -> list[str]:
    return [invoice.buyer_name.split()[0] for invoice in client.get(PAGE, filters).context["object_list"]]


def test_totals(register: dict[str, Invoice]) -> None:
    found = due_list.totals(Invoice.objects.open(), on=TODAY)
    assert [(total.bracket and total.bracket.code, total.count, total.amount) for total in found] == [
        ("not_due", 1, kroner("300")),
        ("14", 0, kroner("0")),
        ("30", 1, kroner("600")),
        ("60", 1, kroner("250")),
        ("90", 0, kroner("0")),
        ("older", 0, kroner("0")),
        (None, 3, kroner("1150")),
    ]


def test_brackets_and_the_database_agree(db: Any) -> None:
    """Each age falls into the same bracket in Python and in SQL."""
    invoice = make_invoice()
    for days in range(-16, 120):
        Invoice.objects.update(issued_on=date(2020, 1, 1), due_on=TODAY - timedelta(days=days))
        in_sql = [b.code for b in due_list.BRACKETS if due_list.in_bracket(Invoice.objects.all(), b.code, on=TODAY)]
        assert in_sql == [due_list.bracket_of(days).code], days
    assert invoice.pk


def test_a_trial_counts_as_what_it_wants_to_become(register: dict[str, Invoice]) -> None:
    found = {
        code: [invoice.buyer_name for invoice in due_list.for_type(Invoice.objects.open(), make_type(code))]
        for code in ("E", "FM", "FM2", "PR", "UTP", "UNG")
    }
    assert found == {
        "E": ["Alice Ås"], "FM": ["Bob Berg"], "FM2": ["Bob Berg"], "PR": [], "UTP": ["Charlie Ås"], "UNG": [],
    }  # fmt: skip


def test_only_what_is_open_the_longest_overdue_first(office: Client) -> None:
    assert listed(office) == ["Alice", "Bob", "Charlie"]


def test_filters_and_search(office: Client, register: dict[str, Invoice]) -> None:
    pensioner = str(MembershipType.objects.get(code="UTP").pk)
    assert listed(office, age="overdue") == ["Alice", "Bob"]
    assert listed(office, age="30") == ["Bob"]
    assert listed(office, age="nonsense") == ["Alice", "Bob", "Charlie"]
    assert listed(office, type=pensioner) == ["Charlie"]
    assert listed(office, type=pensioner, age="overdue") == []
    assert listed(office, q="berit") == ["Bob"]
    assert listed(office, q=register["alice"].kid) == ["Alice"]
    assert listed(office, q="250") == ["Alice"]
    assert listed(office, q="nobody") == []
    assert listed(office, ordering="-open_amount") == ["Bob", "Charlie", "Alice"]
    assert listed(office, ordering="member__office_notes") == ["Alice", "Bob", "Charlie"]


def test_totals_are_of_the_filtered_rows(office: Client) -> None:
    context = office.get(PAGE, {"age": "overdue"}).context
    assert (context["everything"].count, context["everything"].amount) == (2, kroner("850"))
    assert [total.count for total in context["ages"]] == [0, 0, 1, 1, 0, 0]


def test_empty_lists_say_what_to_do(office: Client) -> None:
    assert "No open invoice matches." in office.get(PAGE, {"q": "nobody"}).text
    for invoice in Invoice.objects.open():
        invoicing.cover(invoice=invoice, amount=invoice.open_amount, on=TODAY)
    assert "Nobody owes anything." in office.get(PAGE).text


def test_names_are_inert(office: Client, register: dict[str, Invoice]) -> None:
    Invoice.objects.filter(pk=register["alice"].pk).update(buyer_name='"><img src=x onerror=1>')
    response = office.get(PAGE)
    assert "<img src=x" not in response.text
    assert "&quot;&gt;&lt;img src=x onerror=1&gt;" in response.text


def test_50_a_page(office: Client, register: dict[str, Invoice]) -> None:
    template = register["charlie"]
    Invoice.objects.bulk_create(
        Invoice(
            number=number, kid=f"9{number}", issued_on=template.issued_on, due_on=template.due_on, seller={},
            buyer_name="Zoe", total=Decimal("100"), open_amount=Decimal("100"), issued_at=NOW,
        )
        for number in range(1000, 1060)
    )  # fmt: skip
    response = office.get(PAGE)
    assert (len(response.context["object_list"]), response.context["everything"].count) == (50, 63)
    assert len(office.get(PAGE, {"p": "2"}).context["object_list"]) == 13


@pytest.mark.parametrize("count", [1, 3])
def test_queries_do_not_grow(kari: User, count: int, django_assert_num_queries: Any) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(kari)
    for name in ("Alice", "Bob", "Charlie")[:count]:
        owed(name, days_overdue=20)
    client.get(PAGE)
    with django_assert_num_queries(15):
        assert len(client.get(PAGE).context["object_list"]) == count


# --- export ----------------------------------------------------------------------------------------------------------


def exported(client: Client, query: str = "", **data: str) -> Any:
    return client.post(f"{PAGE}export/{query}", {"purpose": "Calling those who are late", "file_type": "csv", **data})


def rows_of(response: Any) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode().removeprefix("\ufeff")
    return list(csv.reader(StringIO(text), delimiter=";"))


def test_csv_has_what_the_filters_leave(office: Client, register: dict[str, Invoice]) -> None:
    alice = register["alice"]
    response = exported(office, "?age=60")
    assert response["Content-Disposition"] == 'attachment; filename="payments-due-2026-03-10.csv"'
    assert rows_of(response) == [
        ["Invoice", "Member number", "Payer", "What", "Amount", "Left to pay", "Invoice date", "Due date",
         "Days overdue", "KID", "E-mail", "Mobile", "Reminders", "Last reminder", "More time until", "Payment plan"],
        [str(alice.number), alice.member_number, "Alice Ås", alice.lines.get().text + " Alice Ås", "400.00", "250.00",
         "2025-12-31", "2026-01-14", "55", alice.kid, "alice@example.no", "'+4791234567", "0", "", "", ""],
    ]  # fmt: skip


def test_xlsx(office: Client) -> None:
    sheet = load_workbook(BytesIO(b"".join(exported(office, file_type="xlsx").streaming_content))).active
    assert [row[2].value for row in sheet.iter_rows()] == ["Payer", "Alice Ås", "Bob Berg", "Charlie Ås"]
    assert [row[5].value for row in sheet.iter_rows()] == ["Left to pay", 250, 600, 300]


def test_formulas_are_text(office: Client, register: dict[str, Invoice]) -> None:
    Invoice.objects.filter(pk=register["alice"].pk).update(buyer_name="=HYPERLINK(1)")
    Member.objects.filter(pk=register["alice"].member_id).update(email="@sum.example")
    (_headings, row) = rows_of(exported(office, "?age=60"))
    assert (row[2], row[10]) == ("'=HYPERLINK(1)", "'@sum.example")


def test_an_export_is_logged_with_its_purpose(office: Client, kari: User) -> None:
    exported(office)
    entry = ModelLogEntry.objects.get(action="payments.due_exported")
    assert (entry.user, entry.data) == (kari, {"purpose": "Calling those who are late", "rows": 3, "format": "csv"})


@pytest.mark.parametrize("data", [{"purpose": " "}, {"purpose": "x" * 251}, {"file_type": "pdf"}, {"purpose": "a\x00"}])
def test_no_export_without_purpose_and_format(office: Client, data: dict[str, str]) -> None:
    response = exported(office, **data)
    assert response["Content-Type"].startswith("text/html")
    assert list(response.context["form"].errors) == list(data)
    assert not ModelLogEntry.objects.filter(action="payments.due_exported").exists()


def test_wagtail_s_own_export_is_off(office: Client) -> None:
    """It asks for no right and no purpose."""
    for kind in ("csv", "xlsx"):
        assert office.get(PAGE, {"export": kind})["Content-Type"].startswith("text/html")


def test_what_was_done_about_each(office: Client, register: dict[str, Invoice]) -> None:
    """Alice was reminded twice, Bob has more time and a plan; Charlie nothing."""
    for step in (1, 2):
        Reminder.objects.create(invoice=register["alice"], step=step, sent_on=TODAY - timedelta(days=30 - 10 * step),
                                pay_by=TODAY, channel="email", made_at=NOW)  # fmt: skip
    Snooze.objects.create(invoice=register["bob"], until=TODAY, asked_on=TODAY)
    PaymentPlan.objects.create(invoice=register["bob"], amount=600, proposed_on=TODAY)
    page = office.get(PAGE).content.decode()
    assert "2. 28.02.2026" in page and "more time until 10.03.2026" in page and "payment plan" in page
    found = {code: listed(office, follow_up=code) for code in ("none", "1", "2", "snoozed", "plan")}
    assert found == {"none": ["Bob", "Charlie"], "1": [], "2": ["Alice"], "snoozed": ["Bob"], "plan": ["Bob"]}
    rows = list(reports.export_rows(reports.open_invoices().order_by("buyer_name"), on=TODAY, has_contact_data=False))
    assert [row[-4:] for row in rows] == [
        [2, TODAY - timedelta(days=10), "", ""], [0, "", TODAY, "proposed"], [0, "", "", ""],
    ]  # fmt: skip
