"""Invoices: who is asked for what, in numbers without gaps."""

import dataclasses
from datetime import date
from decimal import Decimal

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import ModelLogEntry

from core.errors import Refused
from invoicing import invoices, kid
from invoicing.models import Invoice, InvoiceLine
from invoicing.signals import invoice_reopened, invoice_settled, invoices_issued
from membership.models import Member, Period
from tests.makers import NOW, TODAY, kroner, make_household, make_member, make_non_member

pytestmark = pytest.mark.django_db


def words(invoice: Invoice) -> list[tuple[str, Decimal]]:
    return [(line.description, line.amount) for line in invoice.lines.all()]


def change_client(monkeypatch, section, **changes):
    client = settings.CLIENT
    part = dataclasses.replace(getattr(client, section), **changes)
    monkeypatch.setattr(settings, "CLIENT", dataclasses.replace(client, **{section: part}))


def test_a_household_gets_one_invoice_with_a_line_a_person():
    joined = make_household("Bob", "Berit", "Bo", paid=False)
    [invoice] = Invoice.objects.all()
    assert (invoice.number, invoice.kind, invoice.member, invoice.language) == (1, "invoice", joined.main_member, "nb")
    assert (invoice.issued_on, invoice.due_on, invoice.total, invoice.vat, invoice.open_amount) == (
        date(2026, 3, 10), date(2026, 3, 24), kroner("600"), kroner("0"), kroner("600"),
    )  # fmt: skip
    assert words(invoice) == [
        ("Familiemedlemskap (primærmedlem) 2026, Bob Berg", kroner("600")),
        ("Familie, sekundær (faktureres ikke) 2026, Berit Berg", kroner("0")),
        ("Familie, sekundær (faktureres ikke) 2026, Bo Berg", kroner("0")),
    ]
    assert (invoice.buyer_name, invoice.buyer_address) == ("Bob Berg", "Fjordgata 1\n7010 Trondheim")
    assert (invoice.seller["name"], invoice.seller["organisation_number"], invoice.account_number) == (
        "Vennene av vannet Norge Fiktiv forening", "988077917", "86011117947",
    )  # fmt: skip
    assert invoice.kid == kid.with_check_digit(f"{int(joined.main_member.member_number):07}0000001", 10)
    assert list(Period.objects.values_list("pay_by", flat=True)) == [date(2026, 3, 24)] * 3


def test_a_trial_is_invoiced_as_what_it_becomes():
    make_member("Åse", type_code="UNG", trial=True, paid=False, born_on=date(2002, 2, 28))
    assert words(Invoice.objects.get()) == [("Under 27 år 2026, Åse Ås", kroner("150"))]


def test_issuing_again_changes_nothing():
    joined = make_household(paid=False)
    before = list(Invoice.objects.values()), list(InvoiceLine.objects.values())
    assert invoices.issue(periods=joined.periods, on=TODAY, at=NOW) == []
    assert invoices.issue(periods=joined.periods[1:], on=TODAY, at=NOW) == []
    assert (list(Invoice.objects.values()), list(InvoiceLine.objects.values())) == before
    make_member("Nils", paid=False)
    assert list(Invoice.objects.order_by("number").values_list("number", flat=True)) == [1, 2]


def test_the_free_and_the_paid_get_no_invoice():
    paid = make_member("Pål")
    free = make_member("Frida", type_code="FM2")
    Invoice.objects.all().delete()
    periods = list(Period.objects.filter(member__in=[paid, free]))
    assert invoices.issue(periods=periods, on=TODAY, at=NOW) == []
    assert Invoice.objects.count() == 0


def test_the_payer_gets_the_invoice_for_all_they_pay_for():
    grandmother = make_non_member("Gro", "Gran", country="SE", address_line_1="Storgatan 1", place="Åre")
    Member.objects.update(language="en")
    first, second = make_member("Ada", paid=False), make_member("Odd", paid=False)
    Invoice.objects.all().delete()
    grandmother.refresh_from_db()
    for child in (first, second):
        child.payer = grandmother
        child.save()
    periods = [first.periods.get(), second.periods.get()]
    [invoice] = invoices.issue(periods=periods, on=TODAY, at=NOW)
    assert (invoice.member, invoice.total) == (grandmother, kroner("800"))
    assert invoice.buyer_address == "Storgatan 1\n7010 Åre\nSweden"
    assert [name for name, _amount in words(invoice)] == [
        "Individual (ordinary membership) 2026, Ada Ås",
        "Individual (ordinary membership) 2026, Odd Ås",
    ]


def test_without_an_account_nothing_is_issued_and_the_sentence_says_what_to_set(monkeypatch):
    change_client(monkeypatch, "organisation", account_number="")
    with pytest.raises(Refused) as refused:
        make_member("Ulv", paid=False)
    assert "account_number" in refused.value.sentence and "site/clients/vvnf/client.toml" in refused.value.sentence
    assert (Invoice.objects.count(), Period.objects.count()) == (0, 0)


def test_serials_that_mod11_cannot_check_are_passed_over(monkeypatch):
    change_client(monkeypatch, "invoicing", kid=dataclasses.replace(settings.CLIENT.invoicing.kid, modulus=11))
    for number in range(25):
        make_member(f"Person{number}", paid=False)
    kids = list(Invoice.objects.order_by("number").values_list("kid", flat=True))
    assert all(kid.is_valid(text, 11) and not text.endswith("-") for text in kids)
    assert list(Invoice.objects.order_by("number").values_list("number", flat=True)) == [*range(1, 26)]
    assert len(set(kids)) == 25 and int(kids[-1][7:14]) > 25


@pytest.mark.parametrize("length", [3, 8, 15, 25])
def test_the_account_decides_the_length_of_the_kid(monkeypatch, length):
    change_client(monkeypatch, "invoicing", kid=dataclasses.replace(settings.CLIENT.invoicing.kid, length=length))
    make_member("Kid", paid=False)
    text = Invoice.objects.get().kid
    assert len(text) == length and kid.is_valid(text, 10)


def test_a_portion_costs_the_same_number_of_queries_with_two_and_four():
    members = [make_member(f"Person{number}", paid=False) for number in range(6)]
    Invoice.objects.all().delete()
    all_periods = [member.periods.get() for member in members]
    ContentType.objects.get_for_model(Invoice)
    asked = []
    for periods in (all_periods[:2], all_periods[2:]):
        with CaptureQueriesContext(connection) as queries:
            invoices.issue(periods=periods, on=TODAY, at=NOW)
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 24
    assert Invoice.objects.count() == 6


def test_the_history_says_that_an_invoice_was_issued():
    make_household(paid=False)
    make_member("Nils", paid=False)
    entries = ModelLogEntry.objects.filter(action="invoicing.issued").order_by("pk")
    in_order = Invoice.objects.order_by("number").values_list("pk", flat=True)
    assert [entry.object_id for entry in entries] == [str(pk) for pk in in_order]


def listen(signal):
    heard = []

    def hear(**kwargs):
        heard.append(kwargs)

    signal.connect(hear, weak=False)
    heard_and_forget = (heard, lambda: signal.disconnect(hear))
    return heard_and_forget


def test_issuing_says_so_once_with_all():
    heard, forget = listen(invoices_issued)
    try:
        make_household(paid=False)
    finally:
        forget()
    assert [[invoice.number for invoice in event["invoices"]] for event in heard] == [[1]]


# --- money ----------------------------------------------------------------------------------------------------------


def test_covering_in_parts_settles_and_confirms_the_household():
    joined = make_household("Bob", "Berit", paid=False)
    bystander = make_member("Charlie", paid=False)
    invoice = Invoice.objects.get(member=joined.main_member)
    settled, forget = listen(invoice_settled)
    try:
        invoices.cover(invoice=invoice, amount=kroner("599.90"), on=date(2026, 3, 12))
        assert (invoice.open_amount, settled) == (kroner("0.10"), [])
        assert not Period.objects.confirmed().exists()
        invoices.cover(invoice=invoice, amount=kroner("0.10"), on=date(2026, 3, 14))
    finally:
        forget()
    assert [(event["invoice"], event["on"]) for event in settled] == [(invoice, date(2026, 3, 14))]
    assert invoice.open_amount == 0
    assert list(joined.main_member.household.members.values_list("periods__confirmed_on", flat=True)) == [
        date(2026, 3, 14),
        date(2026, 3, 14),
    ]
    assert bystander.periods.get().confirmed_on is None


def test_payment_turns_a_trial_into_what_was_wanted():
    member = make_member("Tor", trial=True, paid=False)
    invoices.cover(invoice=Invoice.objects.get(), amount=kroner("400"), on=date(2026, 3, 20))
    chain = member.periods.order_by("starts_on")
    assert [(period.type.code, period.confirmed_on) for period in chain] == [
        ("PR", date(2026, 3, 20)),
        ("E", date(2026, 3, 20)),
    ]
    assert Invoice.objects.count() == 1


@pytest.mark.parametrize("amount", ["0", "-1", "400.01"])
def test_more_than_is_open_is_refused(amount):
    make_member("Tor", paid=False)
    invoice = Invoice.objects.get()
    with pytest.raises(Refused):
        invoices.cover(invoice=invoice, amount=kroner(amount), on=TODAY)
    assert Invoice.objects.get().open_amount == kroner("400")


def test_uncovering_reopens_and_takes_back_the_confirmation():
    member = make_member("Tor", paid=False)
    invoice = Invoice.objects.get()
    invoices.cover(invoice=invoice, amount=kroner("400"), on=TODAY)
    reopened, forget = listen(invoice_reopened)
    try:
        invoices.uncover(invoice=invoice, amount=kroner("150"), on=date(2026, 3, 30))
        invoices.uncover(invoice=invoice, amount=kroner("100"), on=date(2026, 3, 31))
    finally:
        forget()
    assert [event["on"] for event in reopened] == [date(2026, 3, 30)]
    assert Invoice.objects.get().open_amount == invoice.open_amount == kroner("250")
    assert member.periods.get().confirmed_on is None
    with pytest.raises(Refused):
        invoices.uncover(invoice=invoice, amount=kroner("150.01"), on=TODAY)


def test_ten_payments_of_ten_oere_add_up():
    """Øre never meet a float, also where the database knows no decimals."""
    make_member("Tor", paid=False)
    invoice = Invoice.objects.get()
    for _turn in range(10):
        invoices.cover(invoice=invoice, amount=kroner("0.10"), on=TODAY)
    assert Invoice.objects.filter(open_amount=kroner("399")).exists()
    assert not Invoice.objects.settled().exists()
    invoices.cover(invoice=invoice, amount=kroner("399"), on=TODAY)
    assert Invoice.objects.settled().get() == invoice
