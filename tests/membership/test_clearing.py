"""What is forgotten after its time and what is not yet: refused forms, letters, lists; the books by their own clock."""

import dataclasses
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from invoicing.models import Invoice, InvoiceLine
from membership import applications, clearing
from membership.models import Application, BulkRun
from messaging.models import Message
from payments import intake
from payments.ledger_check import check
from payments.models import Payment
from tests.makers import NOW, TODAY, at_noon, invoice_of, make_member, make_type, make_user, person
from tests.membership.office.makers import admin_user, fixed_day, office, page

__all__ = ["admin_user", "fixed_day", "office"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def approval(settings: Any) -> None:
    membership = dataclasses.replace(settings.CLIENT.membership, approval=True)
    settings.CLIENT = dataclasses.replace(settings.CLIENT, membership=membership)


def night(on: date) -> dict[str, int]:
    return clearing.clear_due(on=on, at=at_noon(on)).counts


def refused(name: str = "Nils") -> Application:
    application = applications.apply(
        token=uuid.uuid4(), people=[person(name, "Nei", email=f"{name}@example.no".lower())], consents=(),
        wanted_type=make_type("E"), language="nb", at=NOW,
    )  # fmt: skip
    applications.confirm(application=application, at=NOW)
    return applications.refuse(application=application, at=NOW, by=make_user("Member admins"), reason="x", words="no")


def test_a_refused_form_is_emptied_after_its_days_and_not_before() -> None:
    form = refused()
    waiting = applications.apply(
        token=uuid.uuid4(), people=[person("Vera", email="vera@example.no")], consents=(),
        wanted_type=make_type("E"), language="nb", at=NOW,
    )  # fmt: skip
    assert night(TODAY + timedelta(days=179)) == {}
    assert night(TODAY + timedelta(days=180)) == {"refused applications emptied": 1}
    assert night(TODAY + timedelta(days=181)) == {}
    form.refresh_from_db()
    waiting.refresh_from_db()
    assert (form.name, form.email, form.answers, form.state) == ("", "", {"people": [], "consents": []}, "refused")
    assert waiting.name == "Vera Ås"
    kept = "".join(f"{m.subject}{m.body_text}{m.address}" for m in Message.objects.all())
    assert "Nils" not in kept and "nils@example.no" not in kept and "Vera" in kept


def test_letters_and_lists_by_their_own_days(settings: Any) -> None:
    retention = dataclasses.replace(settings.CLIENT.retention, letter_days=10, list_result_days=20)
    settings.CLIENT = dataclasses.replace(settings.CLIENT, retention=retention)
    letters = [
        Message.objects.create(
            kind="contact_form", channel="email", address="post@vvnf.example", language="nb", unique_key=f"c{n}",
            subject="Spørsmål", body_text="Hemmelig", headers={"Reply-To": "v@example.no"}, state=state, queued_at=NOW,
        )
        for n, state in enumerate(("sent", "queued"))
    ]  # fmt: skip
    run = BulkRun.objects.create(
        verb="note", answers={"note": ["Hemmelig"]}, members=[1], refused=[{"member": 1, "why": "x"}], total=1,
        state="done", asked_at=NOW, finished_at=NOW,
    )  # fmt: skip
    assert night(TODAY + timedelta(days=9)) == {}
    assert night(TODAY + timedelta(days=10)) == {"letters from visitors emptied": 1}
    assert night(TODAY + timedelta(days=20)) == {"results of lists emptied": 1}
    assert night(TODAY + timedelta(days=30)) == {}
    run.refresh_from_db()
    assert (run.members, run.answers, run.refused, run.total) == ([], {}, [], 1)
    for letter in letters:
        letter.refresh_from_db()
    assert [(letter.body_text, letter.headers) for letter in letters] == [
        ("", {}), ("Hemmelig", {"Reply-To": "v@example.no"}),
    ]  # fmt: skip


def test_the_books_forget_the_buyer_five_years_after_the_year_and_add_up_all_the_same(  # type: ignore[no-untyped-def]
    django_capture_on_commit_callbacks,
) -> None:
    alice, owing = make_member("Alice", paid=False), make_member("Olga", paid=False)
    invoice = invoice_of(alice)
    intake.record(
        amount=invoice.total, received_on=TODAY, source="manual", source_reference="1", at=NOW, by=None,
        payer_name="Alice Ås", text="kontingent", invoices=[invoice],
    )  # fmt: skip
    stored = invoice.pdf.storage.save("invoices/old.pdf", ContentFile(b"%PDF"))
    Invoice.objects.filter(pk=invoice.pk).update(pdf=stored, pdf_sha256="a" * 64)
    before = Invoice.objects.filter(pk=invoice.pk).values("number", "total", "kid", "issued_on", "open_amount").get()
    assert night(date(2031, 12, 31)) == {}
    with django_capture_on_commit_callbacks(execute=True):
        assert night(date(2032, 1, 1)) == {"buyers taken out of the books": 1, "payers taken out of the books": 1}
    assert night(date(2032, 1, 2)) == {}
    row = Invoice.objects.get(pk=invoice.pk)
    assert (row.buyer_name, row.buyer_address, row.member_number, row.pdf.name) == ("", "", "", "")
    assert row.pdf_sha256 == "a" * 64
    assert not row.pdf.storage.exists(stored)
    assert before == Invoice.objects.filter(pk=invoice.pk).values(*before).get()
    assert set(InvoiceLine.objects.filter(invoice=invoice).values_list("member_name", flat=True)) == {""}
    payment = Payment.objects.get()
    assert (payment.payer_name, payment.text, payment.amount) == ("", "", row.total)
    assert invoice_of(owing).buyer_name == "Olga Ås", "nothing goes while something is owed"
    assert not Invoice.objects.without_pdf().filter(pk=invoice.pk).exists(), "it is not printed anew"
    assert check().problems == []


def test_so_many_a_night_and_the_rest_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clearing, "AT_ONCE", 1)
    monkeypatch.setattr(clearing, "MOST_A_NIGHT", 2)
    for name in ("Nils", "Nina", "Noah"):
        refused(name)
    later = TODAY + timedelta(days=200)
    assert [night(later), night(later), night(later)] == [
        {"refused applications emptied": 2}, {"refused applications emptied": 1}, {},
    ]  # fmt: skip


def test_the_office_sees_beforehand_what_will_go(office: Client, settings: Any) -> None:
    refused()
    address = "/admin/reports/erasure/"
    assert "Also forgotten by the night" not in page(office, address)
    retention = dataclasses.replace(settings.CLIENT.retention, refused_application_days=20)
    settings.CLIENT = dataclasses.replace(settings.CLIENT, retention=retention)
    assert "Refused applications, after 20 days: 1" in page(office, address)
    assert "Also forgotten by the night" not in page(office, address, days="0")
    assert Application.objects.get().name == "Nils Nei"
