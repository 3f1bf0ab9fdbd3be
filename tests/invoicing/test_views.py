"""Who may see which invoice, and what the pages say."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from core.models import User
from invoicing import invoices, pdf, ways
from invoicing.models import Invoice
from membership import roles
from membership.models import Member
from tests.makers import NOW, TODAY, kroner, make_household, make_member, make_user, set_up_client

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def the_day(monkeypatch, tmp_path):
    """The views read the clock; here it stands still. The files are this test's own."""
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: TODAY)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    monkeypatch.setitem(Invoice._meta.get_field("pdf").storage.__dict__, "location", str(tmp_path))


def own_log_in(member: Member) -> User:
    """A log-in that holds this member and nobody else."""
    user = make_user(username=f"user-of-{member.member_number}")
    Member.objects.filter(pk=member.pk).update(user=user)
    return user


def visit(user: User | None, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    if user:
        client.force_login(user)
    return client


@pytest.fixture
def alices_invoice():
    """Alice and her son Aksel, and Bob who is another; a PDF of each invoice."""
    joined = make_household("Alice", "Aksel", paid=False)
    make_member("Bob", paid=False)
    pdf.make_many(ids=list(Invoice.objects.values_list("pk", flat=True)), at=NOW)
    return Invoice.objects.get(member=joined.main_member)


WHO = ["alice", "aksel", "bob", "nobody", *sorted(set(roles.ROLES) - {roles.MEMBERS}), "anonymous"]
MAY = {"alice", roles.TREASURERS, roles.AUDITORS, roles.ADMINISTRATORS}


@pytest.mark.parametrize("who", WHO)
def test_who_gets_the_pdf(alices_invoice, who):
    set_up_client()
    members = {member.first_names.lower(): member for member in Member.objects.all()}
    if who in members:
        user = own_log_in(members[who])
    else:
        user = None if who == "anonymous" else make_user("" if who == "nobody" else who)
    response = visit(user).get(reverse("invoice_pdf", args=[alices_invoice.number]))
    assert response.status_code == (200 if who in MAY else 404)
    if who in MAY:
        assert "no-store" in response["Cache-Control"]
        assert response["Content-Type"] == "application/pdf"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Disposition"] == 'inline; filename="faktura-1-vennene-av-vannet.pdf"'
        assert b"".join(response.streaming_content)[:5] == b"%PDF-"


def test_what_does_not_exist_looks_like_what_is_forbidden(alices_invoice):
    client = visit(own_log_in(Member.objects.get(first_names="Bob")))
    forbidden = client.get(reverse("invoice_pdf", args=[alices_invoice.number]))
    unknown = client.get(reverse("invoice_pdf", args=[987654]))
    assert (forbidden.status_code, unknown.status_code) == (404, 404)
    assert len(forbidden.content.replace(b"/1.pdf", b"")) == len(unknown.content.replace(b"/987654.pdf", b""))


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_a_pdf_is_only_read(alices_invoice, method):
    client = visit(own_log_in(Member.objects.get(first_names="Alice")))
    assert getattr(client, method)(reverse("invoice_pdf", args=[1])).status_code == 405


def test_before_it_is_made_one_is_asked_to_come_back():
    member = make_member("Alice", paid=False)
    response = visit(own_log_in(member)).get(reverse("invoice_pdf", args=[1]))
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert "not ready yet" in response.content.decode()


def test_a_file_that_is_gone_is_not_found(alices_invoice, tmp_path):
    (tmp_path / alices_invoice.pdf.name).unlink()
    client = visit(own_log_in(alices_invoice.member))
    assert client.get(reverse("invoice_pdf", args=[1])).status_code == 404


# --- My page --------------------------------------------------------------------------------------------------------


def test_my_invoices_shows_ones_own_and_how_to_pay(alices_invoice):
    html = visit(own_log_in(alices_invoice.member)).get(reverse("my_invoices")).content.decode()
    for words in ("Pay invoice 1", "kr\u00a0600", "8601.11.17947", "24 March 2026", "unpaid"):
        assert words in html, words
    assert reverse("invoice_pdf", args=[1]) in html
    assert reverse("invoice_pdf", args=[2]) not in html and "Bob" not in html
    assert html.count("<h1>") == 1


def test_a_paid_invoice_asks_for_nothing(alices_invoice):
    invoices.cover(invoice=alices_invoice, amount=kroner("600"), on=TODAY)
    html = visit(own_log_in(alices_invoice.member)).get(reverse("my_invoices")).content.decode()
    assert "Pay invoice" not in html and "payment-box" not in html
    assert '<span class="tag tag--good">paid</span>' in html


def test_who_gets_no_invoice_is_told_who_does(alices_invoice):
    html = visit(own_log_in(Member.objects.get(first_names="Aksel"))).get(reverse("my_invoices")).content.decode()
    assert "The invoices of your household go to Alice Berg." in html
    assert reverse("invoice_pdf", args=[1]) not in html


@pytest.mark.parametrize("name", ["my_page", "my_invoices"])
def test_the_menu_and_the_next_step(alices_invoice, name):
    html = visit(own_log_in(alices_invoice.member)).get(reverse(name)).content.decode()
    assert reverse("my_invoices") in html
    assert ("kr\u00a0600 to pay" in html) is (name == "my_page")


def test_no_next_step_when_all_is_paid(alices_invoice):
    invoices.cover(invoice=alices_invoice, amount=kroner("600"), on=TODAY)
    assert "to pay" not in visit(own_log_in(alices_invoice.member)).get(reverse("my_page")).content.decode()


def test_one_and_three_invoices_cost_the_same(alices_invoice, django_assert_num_queries):
    client = visit(own_log_in(alices_invoice.member))
    client.get(reverse("my_invoices"))
    with django_assert_num_queries(12):
        client.get(reverse("my_invoices"))
    for name in ("Carl", "Dina"):
        make_member(name, paid=False)
    Invoice.objects.update(member=alices_invoice.member)
    with django_assert_num_queries(12):
        response = client.get(reverse("my_invoices"))
    assert response.content.decode().count("Pay invoice") == 4


# --- how they come --------------------------------------------------------------------------------------------------

WAY = "/min-side/fakturaer/slik/"


def test_a_payer_chooses_how_invoices_come(alices_invoice):
    alice = alices_invoice.member
    browser = visit(own_log_in(alice))
    assert "Your invoices come as works" in browser.get(reverse("my_invoices")).content.decode()
    assert "SMS" not in strip_tags(browser.get(WAY).content.decode())
    assert browser.post(WAY, {"way": "letter"}).status_code == 302
    assert ways.chosen_by(alice) == "letter"
    assert "Your invoices come on paper" in browser.get(reverse("my_invoices")).content.decode()
    Member.objects.filter(pk=alice.pk).update(email="")
    refused = browser.post(WAY, {"way": "email"})
    assert refused.content.decode().count("data-error-summary") == 1
    assert (refused.status_code, "no e-mail address" in refused.content.decode()) == (422, True)
    assert browser.post(WAY, {"way": "pigeon"}).status_code == 422
    assert ways.chosen_by(alice) == "letter"
    assert visit(None).post(WAY, {"way": ""}).status_code == 302 and ways.chosen_by(alice) == "letter"
