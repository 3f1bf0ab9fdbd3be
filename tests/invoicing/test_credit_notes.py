"""Credit notes: an invoice is taken back by a document of its own, never changed."""

from datetime import date

import pytest
from django.forms.models import model_to_dict
from wagtail.models import ModelLogEntry

from core.errors import Refused
from invoicing import invoices
from invoicing.credit_notes import credit
from invoicing.models import Invoice, InvoiceLine
from membership import leaving
from membership.models import Period
from tests.makers import NOW, TODAY, kroner, make_household, make_member, make_user

pytestmark = pytest.mark.django_db
LATER = date(2026, 3, 20)


def give_back(invoice, **changes):
    return credit(**{"invoice": invoice, "on": LATER, "at": NOW, "by": None, "reason": "Betalt dobbelt", **changes})


def amounts(invoice):
    return [(line.description, line.quantity, line.amount) for line in invoice.lines.all()]


def test_a_credit_note_takes_back_every_line_in_the_same_series():
    joined = make_household("Bob", "Berit", paid=False)
    bystander = make_member("Charlie", paid=False)
    invoice, other = Invoice.objects.order_by("number")
    before = model_to_dict(invoice)
    treasurer = make_user("Treasurers")
    note = give_back(invoice, by=treasurer, reason="  Meldt inn to ganger ")
    assert (note.number, note.kind, note.credits, note.reason) == (3, "credit_note", invoice, "Meldt inn to ganger")
    assert (note.total, note.open_amount, note.kid, note.buyer_name) == (kroner("-600"), kroner("0"), "", "Bob Berg")
    assert amounts(note) == [
        ("Familiemedlemskap (primærmedlem) 2026, Bob Berg", -1, kroner("-600")),
        ("Familie, sekundær (faktureres ikke) 2026, Berit Berg", -1, kroner("0")),
    ]
    invoice.refresh_from_db()
    assert model_to_dict(invoice) == {**before, "open_amount": kroner("0")}
    other.refresh_from_db()
    assert (other.member, other.open_amount) == (bystander, kroner("400"))
    assert not Period.objects.filter(member__in=joined.members).confirmed().exists()
    log = ModelLogEntry.objects.filter(user=treasurer).order_by("pk").values_list("action", "object_id", "data")
    assert list(log) == [
        ("invoicing.issued", str(note.pk), {}),
        ("invoicing.credited", str(invoice.pk), {"credit_note": 3}),
    ]


def test_what_a_payment_had_covered_can_be_credited_once_it_is_undone():
    make_member("Alice", paid=False)
    invoice = Invoice.objects.get()
    invoices.cover(invoice=invoice, amount=kroner("150"), on=TODAY)
    give_back(invoice)
    invoices.uncover(invoice=invoice, amount=kroner("150"), on=LATER)
    note = give_back(invoice, reason="Betalte likevel ikke")
    assert amounts(note) == [(f"Det som gjensto å betale på faktura {invoice.number}", -1, kroner("-150"))]
    invoice.refresh_from_db()
    assert (invoice.open_amount, invoice.credited_amount) == (kroner("0"), kroner("400"))


def test_what_was_credited_may_be_invoiced_anew():
    joined = make_household("Bob", "Berit", paid=False)
    give_back(Invoice.objects.get())
    [anew] = invoices.issue(periods=joined.periods, on=LATER, at=NOW)
    assert (anew.number, anew.total, anew.due_on) == (3, kroner("600"), date(2026, 4, 3))


def test_of_a_partly_paid_invoice_the_rest_is_credited_and_says_so():
    make_household("Bob", "Berit", paid=False)
    invoice = Invoice.objects.get()
    invoices.cover(invoice=invoice, amount=kroner("200"), on=TODAY)
    note = give_back(invoice)
    assert amounts(note) == [("Det som gjensto å betale på faktura 1", -1, kroner("-400"))]
    invoice.refresh_from_db()
    assert invoice.open_amount == 0
    assert not Period.objects.confirmed().exists()
    invoices.uncover(invoice=invoice, amount=kroner("200"), on=LATER)
    assert Invoice.objects.get(number=1).open_amount == kroner("200")


@pytest.mark.parametrize(
    ("make_it", "code"),
    [
        (lambda invoice: invoices.cover(invoice=invoice, amount=kroner("400"), on=TODAY), "nothing_open"),
        (lambda invoice: give_back(invoice), "nothing_open"),
    ],
)
def test_what_is_settled_is_not_credited(make_it, code):
    make_member("Tor", paid=False)
    make_it(Invoice.objects.get())
    count = Invoice.objects.count()
    with pytest.raises(Refused) as refused:
        give_back(Invoice.objects.get(number=1))
    assert (refused.value.code, Invoice.objects.count()) == (code, count)


def test_a_reason_is_asked_for_and_a_credit_note_is_not_credited():
    make_member("Tor", paid=False)
    with pytest.raises(Refused) as no_reason:
        give_back(Invoice.objects.get(), reason="   ")
    note = give_back(Invoice.objects.get())
    with pytest.raises(Refused) as twice:
        give_back(note)
    assert (no_reason.value.code, twice.value.code) == ("no_reason", "credit_note")
    assert Invoice.objects.count() == 2


# --- leaving --------------------------------------------------------------------------------------------------------


def test_who_resigns_owes_nothing():
    member = make_member("Tor", paid=False)
    make_member("Charlie", paid=False)
    leaving.resign(member=member, on=LATER, at=NOW)
    note = Invoice.objects.get(kind="credit_note")
    assert (note.member, note.total, note.reason) == (member, kroner("-400"), "Utmeldt")
    assert list(Invoice.objects.open().values_list("buyer_name", flat=True)) == ["Charlie Ås"]


def test_what_was_paid_is_not_given_back_by_leaving():
    member = make_member("Tor", paid=False)
    invoices.cover(invoice=Invoice.objects.get(), amount=kroner("400"), on=TODAY)
    leaving.resign(member=member, on=LATER, at=NOW)
    assert Invoice.objects.count() == 1


def test_of_an_invoice_for_several_only_the_leavers_line_is_credited():
    grandmother = make_member("Gro", type_code="UTP")
    first, second = make_member("Ada", paid=False), make_member("Odd", type_code="UNG", paid=False, born_on=None)
    for invoice in Invoice.objects.open():
        give_back(invoice)
    for child in (first, second):
        child.payer = grandmother
        child.save()
    [both] = invoices.issue(periods=[first.periods.get(), second.periods.get()], on=LATER, at=NOW)
    leaving.resign(member=second, on=LATER, at=NOW)
    both.refresh_from_db()
    assert (both.total, both.open_amount) == (kroner("550"), kroner("400"))
    invoices.cover(invoice=both, amount=kroner("400"), on=LATER)
    assert first.periods.get().confirmed_on == LATER
    assert second.periods.get().confirmed_on is None


def test_leaving_after_the_others_were_paid_settles_them():
    """A paid her part of the bill; when B leaves, nothing is left, and A is confirmed."""
    first, second = make_member("Ada", paid=False), make_member("Odd", paid=False)
    for invoice in Invoice.objects.open():
        give_back(invoice)
    second.payer = first
    second.save()
    [both] = invoices.issue(periods=[first.periods.get(), second.periods.get()], on=LATER, at=NOW)
    invoices.cover(invoice=both, amount=kroner("400"), on=LATER)
    assert first.periods.get().confirmed_on is None
    leaving.resign(member=second, on=date(2026, 3, 25), at=NOW)
    assert Invoice.objects.get(pk=both.pk).open_amount == 0
    assert first.periods.get().confirmed_on == date(2026, 3, 25)


def test_the_dead_owe_nothing():
    member = make_member("Tor", paid=False)
    leaving.record_death(member=member, died_on=date(2026, 3, 15), on=LATER, at=NOW)
    assert not Invoice.objects.open().exists()
    assert InvoiceLine.objects.filter(is_credited=True).count() == 1
