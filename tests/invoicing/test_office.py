"""The treasurer's screens of invoices: the list, one invoice, crediting, and what stands on a member's page."""

from datetime import date

import pytest
from django.urls import reverse

from invoicing import invoices, pdf
from invoicing.models import Invoice
from membership import roles
from membership.models import Member
from tests.makers import TODAY, kroner, make_household, make_member
from tests.membership.office.makers import browser_with, fixed_day, page

__all__ = ["fixed_day"]
pytestmark = pytest.mark.django_db
LIST = "/admin/invoices/"


@pytest.fixture(autouse=True)
def own_files(tmp_path, monkeypatch):
    monkeypatch.setitem(Invoice._meta.get_field("pdf").storage.__dict__, "location", str(tmp_path))


@pytest.fixture
def treasurer():
    return browser_with(roles.TREASURERS)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_the_same_number_of_questions(treasurer, rows, django_assert_num_queries):
    for number in range(rows):
        make_member(f"Bob{number}", paid=False)
    page(treasurer, LIST)
    with django_assert_num_queries(12):
        html = page(treasurer, LIST)
    assert html.count("Ås</td>") + html.count("Ås<div") == rows


def found(client, **query) -> list[str]:
    """Who is on the list, by first name."""
    html = page(client, f"{LIST}results/", **query)
    return sorted(name for name in Member.objects.values_list("first_names", flat=True) if f">{name} " in html)


def test_an_invoice_is_found_by_number_kid_and_name(treasurer):
    for name in ("Ada", "Ødegård", "Charlie"):
        make_member(name, paid=False)
    second = Invoice.objects.get(number=2)
    spaced = f"{second.kid[:5]} {second.kid[5:10]} {second.kid[10:]}"
    assert [found(treasurer, q=text) for text in ("2", second.kid, spaced, "ødegård", "nobody here", "'\"><x>")] == [
        ["Ødegård"], ["Ødegård"], ["Ødegård"], ["Ødegård"], [], [],
    ]  # fmt: skip


def test_the_filters_leave_what_they_say(treasurer):
    make_member("Ada", paid=False, on=date(2026, 1, 5))
    make_member("Bob", paid=False)
    make_member("Carl", type_code="UTP", paid=False)
    invoices.cover(invoice=Invoice.objects.get(number=3), amount=kroner("300"), on=TODAY)
    utp = Member.objects.get(first_names="Carl").periods.get().type_id
    assert {
        "overdue": found(treasurer, state="overdue"),
        "open": found(treasurer, state="open"),
        "paid": found(treasurer, state="paid"),
        "type": found(treasurer, type=utp),
        "before": found(treasurer, issued_on_to="2026-02-01"),
        "without": found(treasurer, without_pdf="true"),
    } == {
        "overdue": ["Ada"], "open": ["Ada", "Bob"], "paid": ["Carl"], "type": ["Carl"], "before": ["Ada"],
        "without": ["Ada", "Bob", "Carl"],
    }  # fmt: skip


def test_one_invoice_shows_what_was_printed(treasurer):
    make_household("Bob", "Berit", paid=False)
    invoice = Invoice.objects.get()
    pdf.make_many(ids=[invoice.pk], at=invoice.issued_at)
    html = page(treasurer, f"{LIST}{invoice.pk}/")
    for words in ("Bob Berg", "Berit Berg", "8601.11.17947", "kr\u00a0600 left to pay", "Credit"):
        assert words in html, words
    assert reverse("invoice_pdf", args=[1]) in html


def test_hostile_names_are_text(treasurer):
    make_member("Bob", paid=False)
    invoice = Invoice.objects.get()
    invoice.lines.update(text='"><img src=x onerror=1>', member_name="<script>alert(1)</script>")
    Invoice.objects.update(buyer_name='"><img src=x onerror=1>', pdf_error="<b>x</b>")
    for address in (LIST, f"{LIST}{invoice.pk}/", f"/admin/members/{invoice.member_id}/"):
        html = page(treasurer, address)
        assert "<img src=x" not in html and "<script>alert(1)" not in html and "<b>x</b>" not in html


def test_crediting_asks_why_and_leaves_a_credit_note(treasurer):
    make_member("Bob", paid=False)
    invoice = Invoice.objects.get()
    address = f"{LIST}{invoice.pk}/credit/"
    assert "Reason" in page(treasurer, address)
    assert Invoice.objects.count() == 1
    empty = treasurer.post(address, {"reason": " "})
    assert (empty.status_code, Invoice.objects.count()) == (200, 1)
    asked = treasurer.post(address, {"reason": "Meldt inn to ganger"}).content.decode().replace("\xa0", " ")
    assert "kr 400 is taken off invoice 1; kr 0 is left to pay." in asked and Invoice.objects.count() == 1
    done = treasurer.post(address, {"reason": "Meldt inn to ganger", "confirmed": "1"}, follow=True)
    assert "of invoice 1 is credited with credit note 2." in done.content.decode()
    assert (Invoice.objects.get(number=2).reason, Invoice.objects.open().count()) == ("Meldt inn to ganger", 0)
    again = treasurer.post(address, {"reason": "En gang til", "confirmed": "1"})
    assert "has nothing left to pay" in again.content.decode()
    assert Invoice.objects.count() == 2


def test_crediting_some_lines_or_an_amount(treasurer):
    home = make_household("Bob", "Berit", paid=False)
    employed = make_member("Eva", paid=False)
    for invoice, part, left in (
        (Invoice.objects.get(member=home.main_member), {"amount": "50"}, 550),
        (Invoice.objects.get(member=employed), {"lines": None}, 0),
    ):
        if "lines" in part:
            part["lines"] = [invoice.lines.get().pk]
        address = f"{LIST}{invoice.pk}/credit/"
        both = treasurer.post(address, {"reason": "x", "amount": "50", "lines": [invoice.lines.first().pk]})
        assert "not both" in both.content.decode()
        too_much = treasurer.post(address, {"reason": "x", "amount": str(invoice.open_amount + 1)}).content.decode()
        assert "can be taken off invoice" in too_much and "is taken off invoice" not in too_much
        treasurer.post(address, {"reason": "Avtalt", "confirmed": "1", **part})
        invoice.refresh_from_db()
        assert invoice.open_amount == left
    reduction = Invoice.objects.get(number=3).lines.get()
    assert (reduction.amount, reduction.quantity, reduction.credits) == (-50, -1, None)
    assert Invoice.objects.get(number=1).lines.filter(is_credited=True).count() == 0
    too_much = treasurer.post(f"{LIST}{invoice.pk}/credit/", {"reason": "x", "amount": "1", "confirmed": "1"})
    assert "nothing left to pay" in too_much.content.decode()


SCREENS = ["", "results/", "1/", "1/credit/"]
MAY_LOOK = {roles.TREASURERS, roles.AUDITORS, roles.ADMINISTRATORS}
MAY_CREDIT = {roles.TREASURERS, roles.ADMINISTRATORS}


@pytest.mark.parametrize("role", sorted(set(roles.ROLES) - {roles.MEMBERS}))
def test_which_role_may_do_what(role):
    make_member("Bob", paid=False)
    invoice = Invoice.objects.get()
    browser = browser_with(role)
    for screen in SCREENS:
        answer = browser.get(f"{LIST}{screen.replace('1', str(invoice.pk))}")
        may = role in (MAY_CREDIT if "credit" in screen else MAY_LOOK)
        assert (answer.status_code == 200) is may, (role, screen, answer.status_code)
    browser.post(f"{LIST}{invoice.pk}/credit/", {"reason": "x", "confirmed": "1"})
    assert (Invoice.objects.count() == 2) is (role in MAY_CREDIT)


@pytest.mark.parametrize("address", ["new/", "1/edit/", "1/delete/", "1/copy/", "1/history/", "1/usage/"])
def test_nobody_changes_an_invoice(treasurer, address):
    make_member("Bob", paid=False)
    response = treasurer.get(f"{LIST}{address.replace('1', str(Invoice.objects.get().pk))}")
    assert response.status_code == 404


def test_the_list_is_not_exported_by_wagtails_own_way(treasurer):
    make_member("Bob", paid=False)
    assert treasurer.get(LIST, {"export": "csv"})["Content-Type"].startswith("text/html")


def test_a_members_page_has_the_invoices_for_those_who_may_see_them(treasurer):
    member = make_member("Bob", paid=False)
    address = f"/admin/members/{member.pk}/"
    assert f'href="{LIST}{Invoice.objects.get().pk}/"' in page(treasurer, address)
    assert LIST not in page(browser_with(roles.MEMBER_ADMINS), address)


def test_the_first_page_counts_what_is_unpaid(treasurer):
    make_member("Bob", paid=False)
    Invoice.objects.update(pdf_error="no ink")
    html = page(treasurer, "/admin/")
    assert f"{LIST}?state=open" in html and f"{LIST}?without_pdf=true" in html
    Invoice.objects.update(pdf_error="")
    assert f"{LIST}?without_pdf=true" not in page(treasurer, "/admin/")
