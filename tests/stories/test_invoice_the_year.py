"""January: the treasurer invoices the year through the office's own doors, with an auditor looking on."""

import io
import re
from datetime import date

import pypdf
import pytest
from django.test import Client

from core.models import User
from invoicing import ledger_check
from invoicing.models import Invoice, InvoiceRun, PrintFile
from invoicing.run import runs
from membership import roles
from membership.models import Member, Period
from messaging.models import Message
from tests.makers import at_noon, make_household, make_member, make_non_member, make_user

pytestmark = pytest.mark.django_db
ON = date(2026, 12, 28)
RUNS = "/admin/treasury/runs/"
LETTERS = "/admin/treasury/letters/"


@pytest.fixture(autouse=True)
def the_day(monkeypatch, tmp_path, django_capture_on_commit_callbacks):
    """It is between Christmas and New Year. The files are this test's own."""
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: ON)
    monkeypatch.setattr("django.utils.timezone.now", lambda: at_noon(ON))
    monkeypatch.setitem(Invoice._meta.get_field("pdf").storage.__dict__, "location", str(tmp_path))


def browser_of(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def test_from_the_day_to_the_last_letter(django_capture_on_commit_callbacks):
    alice = make_member("Alice")
    family = make_household("Bob", "Berit", "Bo")
    on_paper = make_member("Dora", email="", postcode="0155", place="Oslo")
    unpaid = make_member("Charlie", paid=False)
    works = make_non_member("Verket", "AS", email="", postcode="9730", place="Kárášjohka")
    staff = [make_member(name) for name in ("Eva", "Finn")]
    Member.objects.filter(pk__in=[one.pk for one in staff]).update(payer=works)
    before = Invoice.objects.count()
    treasurer = browser_of(make_user(roles.TREASURERS, first_name="Kåre", last_name="Krogh", language="en"))
    auditor = browser_of(make_user(roles.AUDITORS, language="en"))
    officer = browser_of(make_user(roles.BRANCH_OFFICERS))

    # The form proposes New Year's Day; what comes back is a plan, and nothing is issued.
    assert 'value="01.01.2027"' in text(treasurer, RUNS)
    shown = treasurer.post(RUNS, {"begins_by": "2027-01-01"}, follow=True)
    run = InvoiceRun.objects.get()
    page = text(treasurer, f"{RUNS}{run.pk}/")
    assert shown.status_code == 200 and Invoice.objects.count() == before
    assert "4 invoices for kr 2,200 in all would be issued." in page
    assert "2: no e-mail address that works" in page

    # Who and why, and only the odd ones; the auditor reads the same, the officer of a branch nothing.
    rows = text(treasurer, f"{RUNS}{run.pk}/rows/")
    assert [name in rows for name in ("Alice Ås", "Bob Berg", "Dora Ås", "Verket AS", "Charlie")] == [True] * 4 + [
        False
    ]
    assert "Price of Individual" in rows and "Included in the household" in rows
    odd = text(auditor, f"{RUNS}{run.pk}/rows/?odd=no_email")
    assert [name in odd for name in ("Alice Ås", "Dora Ås", "Verket AS")] == [False, True, True]
    assert "Alice Ås" in text(auditor, f"{RUNS}{run.pk}/rows/?q=alice")
    assert officer.get(f"{RUNS}{run.pk}/rows/").status_code == 302

    # A wrong number issues nothing; the auditor may not say yes; the right number does.
    assert treasurer.post(f"{RUNS}{run.pk}/agree/", {"count": "5"}).status_code == 422
    assert auditor.post(f"{RUNS}{run.pk}/agree/", {"count": "4"}).status_code == 302
    assert Invoice.objects.count() == before
    with django_capture_on_commit_callbacks(execute=True):
        treasurer.post(f"{RUNS}{run.pk}/agree/", {"count": "4"})
    run.refresh_from_db()
    assert (run.state, run.issued, run.issued_total) == ("done", 4, 2200)
    bills = {
        invoice.buyer_name: (invoice.total, [line.member_name for line in invoice.lines.all()])
        for invoice in run.invoices.prefetch_related("lines")
    }
    assert bills == {
        "Alice Ås": (400, ["Alice Ås"]), "Bob Berg": (600, ["Bob Berg", "Berit Berg", "Bo Berg"]),
        "Dora Ås": (400, ["Dora Ås"]), "Verket AS": (800, ["Eva Ås", "Finn Ås"]),
    }  # fmt: skip
    assert not Period.objects.filter(member=unpaid, starts_on=date(2027, 1, 1)).exists()
    assert list(ledger_check.problems()) == []

    # Two by e-mail with PDF, two on paper in one file: Oslo before Karasjok.
    keys = [f"{way}:{invoice.number}" for way in ("invoice", "invoice-letter") for invoice in run.invoices.all()]
    sent = Message.objects.filter(kind="invoice", unique_key__in=keys)
    assert sorted(sent.values_list("channel", "state")) == [
        ("email", "sent"), ("email", "sent"), ("letter", "queued"), ("letter", "queued"),
    ]  # fmt: skip
    assert "2 letters wait for the printer." in text(treasurer, f"{RUNS}{run.pk}/")
    with django_capture_on_commit_callbacks(execute=True):
        treasurer.post(LETTERS, {"run": run.pk})
    file = PrintFile.objects.get()
    answer = treasurer.get(f"{LETTERS}{file.pk}/pdf/")
    pages = pypdf.PdfReader(io.BytesIO(b"".join(answer.streaming_content))).pages
    assert ["Dora" in pages[1].extract_text(), "Verket" in pages[2].extract_text(), len(pages)] == [True, True, 3]
    assert auditor.get(f"{LETTERS}{file.pk}/pdf/").status_code == 302
    assert "Download the file" in text(treasurer, f"{LETTERS}{file.pk}/")

    # The plan as a file stands in each member's log; the invoices are found by their run.
    exported = treasurer.post(f"{RUNS}{run.pk}/export/")
    assert exported.status_code == 200 and len(b"".join(exported.streaming_content)) > 1000
    listed = text(treasurer, f"/admin/invoices/?run={run.pk}")
    assert "Verket AS" in listed and "Charlie" not in listed and alice.pk and family.household and on_paper.pk


def test_looking_costs_the_same_however_many(django_assert_num_queries):
    treasurer = browser_of(make_user("admin", language="en"))
    for names in (["Alice"], ["Bob", "Carl"]):
        for name in names:
            make_member(name, email="")
        treasurer.post(RUNS, {"begins_by": "2027-01-01"})
        run = InvoiceRun.objects.latest("pk")
        with django_assert_num_queries(9):
            treasurer.get(f"{RUNS}{run.pk}/rows/")


def test_pause_and_stop_from_the_page(monkeypatch):
    monkeypatch.setattr(runs, "PORTION", 1)
    for name in ("Alice", "Bob", "Carl"):
        make_member(name)
    treasurer = browser_of(make_user("admin", first_name="Ada", last_name="Aas", language="en"))
    run = runs.start(begins_by=date(2027, 1, 1), on=ON, at=at_noon(ON), by=None)
    while runs.go_on(run_id=run.pk, on=ON, at=at_noon(ON)):
        pass
    run.refresh_from_db()
    runs.agree(run=run, at=at_noon(ON), by=None)
    runs.go_on(run_id=run.pk, on=ON, at=at_noon(ON))
    assert "1 of about 3 invoices are issued" in text(treasurer, f"{RUNS}{run.pk}/")
    treasurer.post(f"{RUNS}{run.pk}/pause/")
    assert "Paused: 1 of about 3 invoices are issued" in text(treasurer, f"{RUNS}{run.pk}/")
    treasurer.post(f"{RUNS}{run.pk}/stop/")
    stopped = text(treasurer, f"{RUNS}{run.pk}/")
    assert "The run was stopped before its end." in stopped
    history = re.findall("<li>(The run was [^<]+)</li>", stopped)
    assert history == [f"The run was {done}: Ada Aas, 28.12.2026 12:00" for done in ("paused", "stopped")]
    treasurer.post(f"{RUNS}{run.pk}/resume/")
    assert run.invoices.count() == 1


def test_who_looked_for_long_looks_once_more_where_anything_changed(django_capture_on_commit_callbacks):
    make_member("Alice")
    treasurer = browser_of(make_user(roles.TREASURERS, language="en"))
    treasurer.post(RUNS, {"begins_by": "2027-01-01"})
    run = InvoiceRun.objects.get()
    long_ago = run.moved_at - runs.FRESH_FOR * 2
    issued_before = Invoice.objects.count()

    # Bob has joined since: the number that was typed is no longer the number there is.
    make_member("Bob")
    joined = Invoice.objects.count()
    InvoiceRun.objects.update(moved_at=long_ago)
    page = treasurer.post(f"{RUNS}{run.pk}/agree/", {"count": "1"}, follow=True).content.decode().replace("\u00a0", " ")
    assert "1 invoice for kr 400. Something has changed since" in page
    assert "2 invoices for kr 800 in all would be issued." in page
    assert (Invoice.objects.count(), joined) == (joined, issued_before + 1)

    # Nothing has changed: looking again is not noticed.
    InvoiceRun.objects.update(moved_at=long_ago)
    with django_capture_on_commit_callbacks(execute=True):
        treasurer.post(f"{RUNS}{run.pk}/agree/", {"count": "2"})
    run.refresh_from_db()
    assert (run.state, run.issued, run.issued_total) == ("done", 2, 800)
    assert "Not as you saw it" not in text(treasurer, f"{RUNS}{run.pk}/")


def test_the_finished_run_says_who_got_another_sum_than_was_seen(django_capture_on_commit_callbacks):
    make_member("Alice")
    treasurer = browser_of(make_user(roles.TREASURERS, language="en"))
    treasurer.post(RUNS, {"begins_by": "2027-01-01"})
    run = InvoiceRun.objects.get()
    make_member("Bob")
    with django_capture_on_commit_callbacks(execute=True):
        treasurer.post(f"{RUNS}{run.pk}/agree/", {"count": "1"})
    page = text(treasurer, f"{RUNS}{run.pk}/")
    assert "You agreed to 1 invoice for kr 400." in page
    different = page.partition("different-heading")[2].partition("</table>")[0]
    assert re.findall(r">([^<>]+)</(?:a|td)>", different) == ["Bob Ås", "–", "kr 400"]
    link = re.search(r'href="(/admin/invoices/[^"]*)"', different)
    assert link and "Bob Ås" in text(treasurer, link[1].replace("&amp;", "&"))
