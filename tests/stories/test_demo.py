"""The demo: two years of an association, after which the money adds up, every kind of member is there, and a treasurer
who tries the program for an evening finds something on every screen."""

import io
from collections import Counter
from datetime import date
from io import StringIO
from typing import Any

import pypdf
import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import RequestFactory
from django.utils import translation

from config import demo, nightly
from config.demo.moments import noon
from core.models import User
from invoicing import inbox
from invoicing.models import ClosedYear, Invoice, InvoiceRun, PrintFile
from membership import voter_rolls
from membership.models import (
    Branch,
    BranchTransfer,
    Campaign,
    ContactPerson,
    DuplicatePair,
    ImportRun,
    Invitation,
    Member,
    Merge,
    Position,
    SavedList,
    Seat,
    Simulation,
    VoterRoll,
    VoterRollAppeal,
)
from messaging.models import Message, Suppression
from payments.models import BankFile, BankLine, PayerAccount, Payment, PaymentPlan, ReminderRun, Snooze
from tests.makers import kroner, set_up_client
from tests.membership.join_form.makers import use_client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("private_files")]
TODAY = date(2026, 11, 22)
OFFICE = {
    "offices held": 8, "offices of before": 4, "seats": 2, "contact persons": 1, "paid for": 1, "duplicates": 3,
    "appeals": 2, "appeals that wait": 1, "lists": 1, "merged": 1, "invitations": 1, "blocked addresses": 1,
}  # fmt: skip
QUEUE = {"alike": 1, "no_kid": 2, "type_price": 1, "unknown_kid": 1}


@pytest.fixture(autouse=True)
def one_page_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """How an invoice looks is shown elsewhere; a hundred times it would only take long."""
    page = io.BytesIO()
    writer = pypdf.PdfWriter()
    writer.add_blank_page(width=595, height=842)
    writer.write(page)
    monkeypatch.setattr("invoicing.pdf.render", lambda invoice: page.getvalue())


def what_the_office_did() -> dict[str, int]:
    """How much there is on the screens that a year of joining and paying leaves empty."""
    roll = VoterRoll.objects.get(name="Årsmøtet 2026")
    assert roll.is_frozen and voter_rolls.count(roll=roll).voting > 10
    assert not roll.types.filter(kind="none").exists()
    return {
        "offices held": Position.objects.held(TODAY).count(),
        "offices of before": Position.objects.filter(ends_on__lt=TODAY).count(),
        "seats": Seat.objects.held().count(),
        "contact persons": ContactPerson.objects.count(),
        "paid for": Member.objects.filter(payer__last_name="Elvekraft AS").count(),
        "duplicates": DuplicatePair.objects.open().count(),
        "appeals": VoterRollAppeal.objects.count(),
        "appeals that wait": VoterRollAppeal.objects.filter(decision="").count(),
        "lists": SavedList.objects.filter(is_shared=True).count(),
        "branches": Branch.objects.count(),
        "transfers": BranchTransfer.objects.count(),
        "campaigns": Campaign.objects.count(),
        "merged": Merge.objects.count(),
        "invitations": Invitation.objects.count(),
        "blocked addresses": Suppression.objects.count(),
        "recruits": Member.objects.filter(campaign__isnull=False, recruited_by__isnull=False).count(),
    }


def the_treasurers_year() -> None:
    """The screens of money each have something to show, and the money adds up."""
    runs = list(InvoiceRun.objects.order_by("asked_at"))
    assert [(run.state, run.begins_by) for run in runs] == [
        ("done", date(2025, 1, 3)), ("done", date(2026, 1, 2)), ("ready", date(2027, 1, 1)),
    ]  # fmt: skip
    assert runs[1].issued > 20 and runs[2].planned > 30 and runs[2].odd.keys() >= {"double", "no_email"}
    printed, welcome = PrintFile.objects.order_by("asked_at")
    assert (printed.run, printed.letters) == (runs[1], runs[1].by_way["letter"]) and printed.letters >= 3
    assert (welcome.kind, welcome.letters) == ("welcome", 3)

    assert {file.format for file in BankFile.objects.all()} == {"ocr", "camt"}
    assert set(BankFile.objects.values_list("state", flat=True)) == {"done"}
    lines = Counter(BankLine.objects.values_list("state", flat=True))
    assert lines["booked"] > 40 and (lines["aside"], lines["outgoing"]) == (1, 1)
    assert Counter(BankLine.objects.queued().values_list("why", flat=True)) == QUEUE
    assert PayerAccount.objects.count() == 1

    assert ReminderRun.objects.latest("on").sent >= 5
    assert {plan.state: plan.invoice.buyer_name for plan in PaymentPlan.objects.all()}.keys() == {"agreed", "proposed"}
    assert PaymentPlan.objects.undecided().get().invoice.buyer_name == "Bjørn Berg"
    assert Snooze.objects.get().until > TODAY
    assert Invoice.objects.filter(reason="Syk på kursdagen").count() == 1
    assert Payment.objects.get(pays_back__isnull=False).amount == kroner("-450")
    assert [closed.year for closed in ClosedYear.objects.all()] == [2024]
    assert set(Message.objects.values_list("state", flat=True)) >= {"sent", "failed", "queued"}
    assert not Message.objects.filter(state="queued").exclude(channel="letter").exists()
    call_command("ledger_check", stdout=StringIO())


def the_inbox() -> dict[str, int]:
    """What waits for the treasurer: the title of each part, and how many things are in it."""
    request = RequestFactory().get("/")
    request.user = User.objects.get(username="kasserer")
    with translation.override("en"):
        return {str(part.title): part.count for part in inbox.parts(request=request, on=TODAY)}


def the_registers() -> list[tuple[str, str]]:
    runs = list(ImportRun.objects.order_by("uploaded_at"))
    assert (runs[1].counts["warnings"], runs[1].counts["refused"]) == (3, 1)
    return [(run.name, run.state) for run in runs]


def remembered() -> list[Any]:
    """What two demos of one day have in common: all but keys and secrets."""
    return [
        list(Invoice.objects.order_by("number").values_list("number", "kid", "buyer_name", "total", "open_amount")),
        list(Payment.objects.order_by("source_reference").values_list("source", "payer_name", "amount", "received_on")),
        sorted(Message.objects.values_list("kind", "channel", "address", "state", "queued_at")),
        list(Member.objects.order_by("member_number").values_list("member_number", "last_name", "born_on", "email")),
    ]


def test_two_years_of_life(django_capture_on_commit_callbacks: Any) -> None:
    set_up_client()
    with transaction.atomic():
        demo.build(today=TODAY)
        first = remembered()
        transaction.set_rollback(True)
    with django_capture_on_commit_callbacks(execute=True):
        counts = demo.build(today=TODAY).counts
    assert remembered() == first, "the same day gives the same demo"
    assert counts["members"] == Member.objects.count()
    assert 60 <= counts["members"] <= 75

    statuses = {
        code: Member.objects.in_status(code, on=TODAY).count()
        for code in ("active", "trial", "lapsed", "resigned", "deceased")
    }
    assert all(statuses.values()), statuses
    assert Member.objects.get(first_names="Alice").user == User.objects.get(username=demo.MEMBER)
    assert not Member.objects.in_status("active", on=TODAY).filter(first_names="Charlotte").exists()
    assert demo.is_there()

    nothing_local = {"branches": 0, "transfers": 0, "campaigns": 0, "recruits": 0}
    assert what_the_office_did() == {**OFFICE, **nothing_local}
    the_treasurers_year()
    assert the_registers() == [
        ("Prøveliste.csv", "undone"), ("Stand på torget.csv", "done"), ("Gammelt kartotek.csv", "ready"),
    ]  # fmt: skip
    assert Simulation.objects.get().is_done
    assert set(PrintFile.objects.values_list("state", flat=True)) == {"ready"}
    assert the_inbox() == {
        "Bank lines to be matched": 5, "Invoices that did not arrive": 1, "Paid too much": 1,
        "Payment plans to answer": 1, "Reminders to send": 4,
    }  # fmt: skip

    done = list(nightly.run(on=TODAY, at=noon(TODAY)))
    assert [(title, result) for title, result in done if result.changed or result.warnings] == [], "the night is quiet"


def test_a_party_has_branches_with_an_officer_and_a_campaign(settings: Any) -> None:
    use_client(settings, "snp")
    set_up_client()
    demo.build(today=TODAY)
    assert what_the_office_did() == {
        **OFFICE, "offices held": OFFICE["offices held"] + 1, "branches": 5, "transfers": 1, "campaigns": 1,
        "recruits": 1,
    }  # fmt: skip
    the_treasurers_year()
    officer = User.objects.get(username="lokallag")
    assert [branch.name for branch in officer.branches_looked_after.all()] == ["Trondheim"]
    assert Member.objects.filter(branch__code="TRD").count() > 10
    assert Member.objects.get(first_names="Alice").user == User.objects.get(username=demo.MEMBER)
    assert [line.split()[0] for line in demo.log_in_lines()][-1] == "lokallag"
