"""What an invoice copies: addresses, terms, VAT, and the seller as the law asks."""

import dataclasses
from datetime import date

import pytest
from django.conf import settings
from django.utils.translation import override

from invoicing import looks, parties, printing
from invoicing.credit_notes import credit
from invoicing.models import Invoice
from membership.models import Member, MembershipType
from tests.makers import NOW, TODAY, kroner, make_member, make_type


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "text"),
    [
        (date(2026, 1, 1), date(2026, 12, 31), "2026"),
        (date(2026, 3, 15), date(2026, 12, 31), "2026"),
        (date(2026, 10, 15), date(2027, 12, 31), "15.10.2026–31.12.2027"),
        (date(2024, 2, 29), date(2025, 2, 27), "29.02.2024–27.02.2025"),
        (date(2026, 1, 1), None, ""),
    ],
)
def test_the_time_paid_for(starts_on, ends_on, text):
    assert parties.term(starts_on, ends_on) == text


@pytest.mark.parametrize(
    ("member", "lines"),
    [
        (Member(address_line_1="Fjordgata 1", postcode="7010", place="Trondheim"), "Fjordgata 1\n7010 Trondheim"),
        (
            Member(contact_person="Kari Vik", address_line_1="Pb. 1", postcode="0101", place="Oslo"),
            "Attn. Kari Vik\nPb. 1\n0101 Oslo",
        ),
        (
            Member(address_line_1="c/o Öberg", address_line_2="Gata 2", postcode="123 45", place="Åre", country="SE"),
            "c/o Öberg\nGata 2\n123 45 Åre\nSweden",
        ),
        (Member(), ""),
        (Member(place="Bodø"), "Bodø"),
    ],
)
def test_addresses(member, lines):
    with override("en"):
        assert parties.address(member, language="en") == lines


@pytest.mark.django_db
def test_a_late_joiners_trial_is_invoiced_for_the_term_it_becomes():
    make_type("E")
    MembershipType.objects.filter(code="E").update(late_from="10-01", late_runs_to_next_year=True)
    make_member("Tor", on=date(2026, 10, 20), trial=True, paid=False)
    assert Invoice.objects.get().lines.get().text == "Enslig (ordinært medlemskap) 20.10.2026–31.12.2027"


@pytest.mark.django_db
def test_vat_is_inside_the_price_and_said(monkeypatch):
    client = settings.CLIENT
    registered = dataclasses.replace(client.organisation, vat_number="988077917")
    monkeypatch.setattr(settings, "CLIENT", dataclasses.replace(client, organisation=registered))
    make_type("E")
    MembershipType.objects.filter(code="E").update(vat_percent=25)
    make_member("Tor", paid=False)
    invoice = Invoice.objects.get()
    assert (invoice.total, invoice.vat) == (kroner("400"), kroner("80"))
    printed = printing.document(invoice, look=looks.current())
    assert (printed.has_vat, printed.lines[0].vat) == (True, "25\u00a0%")
    assert printed.totals == [printing.Fact(label="Herav mva.", value="kr\u00a080,00")]
    assert "Org.nr. 988\u00a0077\u00a0917 MVA" in printed.foot


@pytest.mark.django_db
def test_a_debit_and_a_credit_read_as_such():
    make_member("Tor", paid=False)
    invoice = Invoice.objects.get()
    assert printing.document(invoice, look=looks.current()).total == "kr\u00a0400,00"
    note = credit(invoice=invoice, on=TODAY, at=NOW, by=None, reason="Meldt inn to ganger")
    printed = printing.document(note, look=looks.current())
    assert (printed.total, printed.payment) == (
        "kr\u00a0−400,00",
        None,
    )
