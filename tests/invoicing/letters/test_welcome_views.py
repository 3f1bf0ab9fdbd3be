"""Welcome letters through the office's doors: one member's page, a list of the registry, the file; and branches."""

import io

import pypdf
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.models import User
from invoicing.models import PrintFile
from membership import bulk
from membership.models import BulkRun, Member
from messaging.models import Message
from tests.makers import NOW, TODAY, make_member, make_non_member
from tests.membership.branch_makers import make_branch, make_officer, with_branches
from tests.membership.office.makers import admin_user, browser_of, fixed_day, office, page

__all__ = ["admin_user", "fixed_day", "office", "with_branches"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("private_files")]
LETTERS = "/admin/welcome-letters/"
BULK = "/admin/members/bulk/welcome_letters/"


def waiting() -> set[str]:
    """To whom a letter waits for the printer, by member's key."""
    return set(Message.objects.filter(channel="letter", state="queued").values_list("recipient_ref", flat=True))


def pdf_text(content: bytes) -> str:
    return "\n".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(content)).pages)


def status(client: Client, address: str) -> int:
    """The status of an answer that is read to its end."""
    answer = client.get(address)
    answer.getvalue()
    return answer.status_code


def do(client: Client, count: int, **answers: str) -> BulkRun:
    """The form, the number typed, and the worker."""
    client.post(BULK, {**answers, "confirmed": str(count)})
    run = BulkRun.objects.latest("pk")
    while bulk.carry_on(run_id=run.pk, on=TODAY, at=NOW):
        pass
    run.refresh_from_db()
    return run


def test_from_the_members_page_to_the_file(office: Client) -> None:
    member = make_member("Åse", email="")
    shown = page(office, f"/admin/members/{member.pk}/")
    assert "Not printed, and no e-mail reaches the member." in shown and "Print welcome letter" in shown
    letter = office.get(f"{LETTERS}to/{member.pk}/")
    assert letter["Content-Type"] == "application/pdf" and "no-store" in letter["Cache-Control"]
    assert member.member_number in pdf_text(letter.content) and "Åse Ås" in pdf_text(letter.content)
    assert waiting() == set(), "to open it is not to send it"

    answer = office.post(f"{LETTERS}to/{member.pk}/queue/", follow=True).content.decode()
    assert "The welcome letter to Åse Ås is among the letters to print." in answer
    assert "Has waited for the printer since" in answer
    again = office.post(f"{LETTERS}to/{member.pk}/queue/", follow=True).content.decode()
    assert "The welcome letter to Åse Ås waited for the printer already." in again
    assert waiting() == {member.recipient_ref}

    assert "1 welcome letter waits for the printer." in page(office, LETTERS)
    made = office.post(LETTERS)
    file = PrintFile.objects.get()
    assert made["Location"] == f"{LETTERS}{file.pk}/"
    assert "Download the file" in page(office, f"{LETTERS}{file.pk}/")
    content = office.get(f"{LETTERS}{file.pk}/pdf/").getvalue()
    assert "Åse Ås" in pdf_text(content) and len(pypdf.PdfReader(io.BytesIO(content)).pages) == 2
    assert office.post(f"{LETTERS}{file.pk}/again/")["Location"] == f"{LETTERS}{file.pk}/"
    assert "Printed on" in page(office, f"/admin/members/{member.pk}/")
    assert "No welcome letter waits for the printer." in page(office, LETTERS)
    assert "No letter waits" in office.post(LETTERS, follow=True).content.decode()


def test_who_cannot_be_welcomed_gets_a_sentence(office: Client) -> None:
    stranger = make_non_member("Nina", email="")
    assert "Welcome letter</h2>" not in page(office, f"/admin/members/{stranger.pk}/")
    for answer in (
        office.get(f"{LETTERS}to/{stranger.pk}/", follow=True),
        office.post(f"{LETTERS}to/{stranger.pk}/queue/", follow=True),
    ):
        assert "Is not a member now" in answer.content.decode()
    nowhere = make_member("Nowhere", email="")
    Member.objects.filter(pk=nowhere.pk).update(address_line_1="", address_line_2="")
    assert "Without a postal address there is no letter." in page(office, f"/admin/members/{nowhere.pk}/")
    assert waiting() == set()


def test_for_those_on_a_list_whom_no_email_reaches(office: Client) -> None:
    reached = make_member("Alice", "Ås")
    on_paper = [make_member(name, "Ås", email="") for name in ("Bob", "Cara")]
    make_member("Dora", "Berg", email="")  # not on the list
    gone = make_non_member("Nina", "Ås", email="")
    asked = office.post(f"{BULK}?q=ås", {"only_without_email": "on"}).content.decode()
    assert "type how many: 4" in asked
    office.post(f"{BULK}?q=ås", {"only_without_email": "on", "confirmed": "4"})
    run = BulkRun.objects.get()
    while bulk.carry_on(run_id=run.pk, on=TODAY, at=NOW):
        pass
    run.refresh_from_db()
    assert (run.total, run.changed, run.unchanged) == (4, 2, 1)
    assert run.refused == [{"member": gone.pk, "why": "Is not a member now, so there is nothing to welcome to."}]
    assert waiting() == {member.recipient_ref for member in on_paper}
    assert f'href="{LETTERS}">Go on to the letters</a>' in page(office, f"/admin/members/bulk/runs/{run.pk}/")

    everybody = do(office, Member.objects.count())  # without the tick: those with e-mail as well, and nobody twice
    assert everybody.changed == 2
    assert reached.recipient_ref in waiting() and len(waiting()) == 4


@pytest.mark.usefixtures("with_branches")
def test_an_officer_has_the_letters_of_the_own_branch_only(office: Client) -> None:
    mine, other = make_branch("Oslo"), make_branch("Bergen")
    own, stranger = make_member("Own", "Synlig", email=""), make_member("Other", "Hemmelig", email="")
    Member.objects.filter(pk=own.pk).update(branch=mine)
    Member.objects.filter(pk=stranger.pk).update(branch=other)
    officer = make_officer(mine)
    browser = browser_of(officer)
    for answer in (browser.get(f"{LETTERS}to/{stranger.pk}/"), browser.post(f"{LETTERS}to/{stranger.pk}/queue/")):
        assert answer.status_code == 404
    office.post(f"{LETTERS}to/{own.pk}/queue/")
    office.post(f"{LETTERS}to/{stranger.pk}/queue/")
    assert "1 welcome letter waits" in page(browser, LETTERS)
    browser.post(LETTERS)
    file = PrintFile.objects.get()
    assert (file.documents, waiting()) == ([f"welcome:{own.pk}"], {stranger.recipient_ref})
    assert "1 welcome letter waits" in page(office, LETTERS), "the stranger's is left for who may know of them"

    addresses = [f"{LETTERS}{file.pk}/", f"{LETTERS}{file.pk}/pdf/"]
    assert [status(browser, address) for address in addresses] == [200, 200]
    assert [office.get(address).status_code for address in addresses] == [404, 404], "only who asked for it"
    Member.objects.filter(pk=own.pk).update(branch=other)
    assert [browser.get(address).status_code for address in addresses] == [404, 404]
    assert browser.post(f"{LETTERS}{file.pk}/again/").status_code == 404


def test_a_treasurers_file_is_not_there(office: Client, admin_user: User) -> None:
    file = PrintFile.objects.create(letters=1, documents=["invoice:1"], asked_at=NOW, asked_by=admin_user)
    assert office.get(f"{LETTERS}{file.pk}/").status_code == 404


def test_the_number_of_queries_does_not_grow(office: Client) -> None:
    for _ in range(2):
        office.get(LETTERS)  # the menu and the log-in are warm
    counts = []
    for number in (1, 3):
        while PrintFile.objects.count() < number:
            PrintFile.objects.create(
                letters=0, asked_at=NOW, kind="welcome", state="ready",
                asked_by=User.objects.get(pk=office.session["_auth_user_id"]),
            )  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            office.get(LETTERS)
        counts.append(len(queries))
    assert counts == [10, 10]
