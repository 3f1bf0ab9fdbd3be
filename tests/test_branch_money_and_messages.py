"""A branch officer who also holds the rights to money and messages: those of the own branch, at every address.

Everybody outside the branch is called Hemmelig; the officer walks every list, record, file and form with their keys.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import URLResolver, get_resolver

from core.models import User
from invoicing import pdf
from invoicing.models import Invoice
from membership import roles, scope
from membership.models import Application, Member
from messaging.models import Message, State, Suppression
from payments import intake
from payments.models import Payment
from tests.makers import NOW, TODAY, invoice_of, make_member, make_non_member, make_user, set_up_client
from tests.membership.branch_makers import make_branch, make_officer, with_branches
from tests.membership.office.makers import browser_of, fixed_day
from tests.messaging.makers import queued

__all__ = ["fixed_day", "with_branches"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("with_branches")]

STRANGER, MINE = "Hemmelig", "Synlig"


class Side:
    """What there is of one branch: somebody who has paid, somebody who has not, and a message to the first."""

    def __init__(self, last_name: str, town: str) -> None:
        self.branch = make_branch(town)
        self.payer = make_member("Alice", last_name, email=f"alice@{town.lower()}.example.no", paid=False)
        self.debtor = make_member("Bob", last_name, email=f"bob@{town.lower()}.example.no", paid=False)
        Member.objects.filter(pk__in=[self.payer.pk, self.debtor.pk]).update(branch=self.branch)
        self.invoice, self.open_invoice = invoice_of(self.payer), invoice_of(self.debtor)
        self.payment = intake.record(
            amount=self.invoice.total + 11, received_on=TODAY, source=Payment.Source.HAND,
            source_reference=f"hand:{town}", at=NOW, by=None, invoices=[self.invoice],
        )  # fmt: skip
        address = f"alice@{town.lower()}.example.no"
        self.message = queued(town, recipient_ref=self.payer.recipient_ref, address=address)
        Message.objects.filter(pk=self.message.pk).update(state=State.UNKNOWN, subject=f"Til {last_name}")
        self.blocked = Suppression.objects.create(address=address, reason="full", at=NOW)

    @property
    def keys(self) -> dict[str, Any]:
        return {
            "member": self.payer.pk, "invoice": self.invoice.pk, "open": self.open_invoice.pk,
            "number": self.invoice.number, "payment": self.payment.pk, "message": self.message.pk,
            "blocked": self.blocked.pk, "kid": self.open_invoice.kid,
        }  # fmt: skip


class World:
    """Two branches, and an officer of the first who also has every right to money and messages."""

    def __init__(self) -> None:
        set_up_client()
        self.mine, self.other = Side(MINE, "Oslo"), Side(STRANGER, "Bergen")
        self.officer = with_every_right(make_officer(self.mine.branch))
        self.browser = browser_of(self.officer)


def with_every_right(user: User) -> User:
    """The administrator's rights to money and messages, but not to see every branch."""
    rights = [name.split(".")[1] for name in roles.ROLES[roles.ADMINISTRATORS]
              if name.startswith(("invoicing.", "payments.", "messaging."))]  # fmt: skip
    group = Group.objects.create(name="Money and messages")
    group.permissions.set(Permission.objects.filter(codename__in=rights))
    user.groups.add(group)
    return user


@pytest.fixture
def world() -> World:
    return World()


def body(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode("utf-8-sig", errors="replace")


RECORDS = [
    "/admin/invoices/{invoice}/",
    "/admin/invoices/{open}/credit/",
    "/admin/treasury/payments/{payment}/",
    "/admin/treasury/ehf/{invoice}/",
    "/admin/messages/{message}/",
    "/admin/messages/{message}/words/",
    "/admin/blocked-addresses/{blocked}/",
]


@pytest.mark.parametrize("address", RECORDS)
def test_a_record_of_others_is_not_there(world: World, address: str) -> None:
    answer = world.browser.get(address.format(**world.other.keys))
    assert answer.status_code == 404
    assert STRANGER not in body(answer)
    mine = world.browser.get(address.format(**world.mine.keys))
    assert (
        mine.status_code == 200 or mine["Location"] == f"/admin/invoices/{world.mine.invoice.pk}/"
    )  # no EHF to persons


def test_the_pdf_of_others_is_not_there(world: World) -> None:
    """503: it is being made, and there for who waits."""
    address = "/min-side/faktura/{number}.pdf"
    assert world.browser.get(address.format(**world.other.keys)).status_code == 404
    assert world.browser.get(address.format(**world.mine.keys)).status_code == 503


@pytest.mark.usefixtures("private_files")
def test_a_copy_of_others_is_not_there(world: World) -> None:
    """The invoice's own page offers the copy, so whoever may see that page gets it."""
    pdf.make_many(ids=[world.mine.invoice.pk, world.other.invoice.pk], at=NOW)
    offered = f"/admin/treasury/copy/{world.mine.invoice.pk}/"
    assert offered in body(world.browser.get(f"/admin/invoices/{world.mine.invoice.pk}/"))
    assert world.browser.get(offered)["Content-Type"] == "application/pdf"
    assert world.browser.get(f"/admin/treasury/copy/{world.other.invoice.pk}/").status_code == 404


LISTS = {
    "/admin/invoices/": True,
    "/admin/invoices/?q=Hemmelig": False,
    "/admin/invoices/results/?state=open": True,
    "/admin/treasury/due/": True,
    "/admin/treasury/due/?q=Hemmelig": False,
    "/admin/treasury/due/?q={kid}": False,
    "/admin/treasury/register/?q=Hemmelig": False,
    "/admin/treasury/register/?q={kid}": False,
    "/admin/treasury/register/?q={number}": False,
    "/admin/treasury/register/?invoice={open}": False,
    "/admin/payments/": True,
    "/admin/payments/?q=Hemmelig": False,
    "/admin/payments/?credit=yes": True,
    "/admin/messages/": True,
    "/admin/messages/?q=Hemmelig": False,
    "/admin/messages/?q=alice@bergen.example.no": False,
    "/admin/blocked-addresses/": True,
    "/admin/members/{member}/": False,
    "/admin/": False,
}


@pytest.mark.parametrize("address", LISTS)
def test_no_list_names_others(world: World, address: str) -> None:
    html = body(world.browser.get(address.format(**world.other.keys)))
    for asked in ("Hemmelig", "alice%40bergen.example.no", "alice@bergen.example.no"):  # what was typed stands there
        for left, right in (("q=", ""), ('value="', '"'), (">", "</"), ("&quot;", "&quot;")):
            html = html.replace(f"{left}{asked}{right}", "")
    assert STRANGER not in html
    assert "bergen.example.no" not in html
    assert f"/admin/invoices/{world.other.invoice.pk}/" not in html
    if LISTS[address]:
        assert MINE in html or "oslo.example.no" in html


def test_the_numbers_of_the_first_page_count_ones_own(world: World) -> None:
    inbox = "Treasurer's inbox"  # about everybody
    assert inbox not in body(world.browser.get("/admin/"))

    def numbers(browser: Client) -> dict[str, int]:
        shown = browser.get("/admin/").context["numbers"]
        return {number.label: number.count for number in shown if number.order >= 300 and number.label != inbox}

    counted = {"Unpaid invoices": 1, "Overpaid": 1, "Messages in trouble": 1, "Payments due": 0}
    assert numbers(world.browser) == counted
    twice = {label: 2 * count for label, count in counted.items()}
    assert numbers(browser_of(make_user("admin"))) == twice


def test_a_file_of_what_is_due_holds_ones_own(world: World) -> None:
    text = body(world.browser.post("/admin/treasury/due/export/", {"purpose": "x", "file_type": "csv"}))
    assert text.count(MINE) == 2 and STRANGER not in text  # the payer's name, and whose line it is


def test_nothing_is_done_to_others(world: World) -> None:
    """Keys that were never offered, by POST."""
    keys = world.other.keys
    before = (Invoice.objects.count(), Payment.objects.count(), Suppression.objects.count())
    form = {"invoice": keys["open"], "amount": "400", "received_on": "2026-03-10",
            "token": "6f5c1b8e-0a35-4d56-9f6b-3c1d2e4f5a6b"}  # fmt: skip
    for address, data in (
        ("/admin/treasury/register/", form),
        (f"/admin/treasury/payments/{keys['payment']}/undo/", {"reason": "x"}),
        (f"/admin/invoices/{keys['open']}/credit/", {"reason": "x"}),
        (f"/admin/messages/{keys['message']}/send-again/", {}),
        (f"/admin/messages/{keys['message']}/regard-as-sent/", {}),
        (f"/admin/messages/{keys['message']}/cancel/", {}),
        (f"/admin/blocked-addresses/{keys['blocked']}/unblock/", {}),
    ):
        answer = world.browser.post(address, data)
        assert answer.status_code == 404, address
        assert STRANGER not in body(answer), address
    assert (Invoice.objects.count(), Payment.objects.count(), Suppression.objects.count()) == before
    assert Message.objects.get(pk=world.other.message.pk).state == State.UNKNOWN
    mine = world.browser.post("/admin/treasury/register/", {**form, "invoice": world.mine.open_invoice.pk})
    assert mine.status_code == 302 and Payment.objects.count() == before[1] + 1


# The treasury's screens that are narrowed. Every other one is about the whole organisation.
NARROWED = {"register", "payments", "online", "due", "ehf", "copy"}


def treasury_screens(patterns: Any, before: str = "") -> Iterator[str]:
    for pattern in patterns:
        address = before + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLResolver):
            yield from treasury_screens(pattern.url_patterns, address)
        elif address.startswith("admin/treasury/") and address.split("/")[2] not in NARROWED:
            yield re.sub("<[^>]*>", "1", f"/{address}")


def test_what_is_about_the_whole_organisation_is_for_those_who_see_it(world: World) -> None:
    screens = [*treasury_screens(get_resolver().url_patterns), "/admin/messages/unknown/invoice/"]
    assert len(screens) > 30
    for address in screens:
        for answer in (world.browser.get(address), world.browser.post(address, {})):
            assert (answer.status_code, answer["Location"]) == (302, "/admin/"), address
    admin = browser_of(make_user(roles.ADMINISTRATORS))
    assert {admin.get(address).status_code for address in screens} <= {200, 302, 404, 405}
    for name in ("books", "inbox", "runs", "letters", "reminders"):
        assert admin.get(f"/admin/treasury/{name}/").status_code == 200, name
    menu = body(world.browser.get("/admin/"))
    assert not [address for address in screens if f'"url": "{address}"' in menu]


def test_the_state_of_sending_is_told_to_those_who_see_everything(world: World) -> None:
    silent = "The worker has not been heard from yet."
    assert silent not in body(world.browser.get("/admin/messages/"))
    assert silent in body(browser_of(make_user(roles.ADMINISTRATORS)).get("/admin/messages/"))


# --- what lies across branches ----------------------------------------------------------------------------------------


def test_an_invoice_with_a_line_for_somebody_else_is_not_there(world: World) -> None:
    """A payer here with somebody of another branch on the invoice: the invoice names both. Nor is its payment."""
    Member.objects.filter(pk=world.mine.payer.pk).update(payer=None)
    world.mine.invoice.lines.update(period=world.other.debtor.periods.get(), is_credited=True)
    assert list(scope.visible_to(world.officer, Invoice.objects.all())) == [world.mine.open_invoice]
    assert list(scope.visible_to(world.officer, Payment.objects.all())) == []
    assert world.browser.get(f"/admin/treasury/payments/{world.mine.payment.pk}/").status_code == 404


def test_money_from_nobody_we_know_is_for_those_who_see_every_branch(world: World) -> None:
    Payment.objects.update(payer=None)
    assert list(scope.visible_to(world.officer, Payment.objects.all())) == []


def test_messages_to_a_log_in_that_others_share_and_to_the_office_are_not_there(world: World) -> None:
    alone, shared = make_member("Nina", MINE, email="n@example.no"), make_member("Carla", MINE, email="c@example.no")
    other = make_non_member("Carl", STRANGER, email="c@example.no")
    Member.objects.filter(pk__in=[alone.pk, shared.pk]).update(branch=world.mine.branch)
    assert shared.user == other.user and alone.user is not None and shared.user is not None
    nothing: dict[str, list[str]] = {"people": [], "consents": []}
    mine, others = (
        Application.objects.create(
            token=f"6f5c1b8e-0a35-4d56-9f6b-3c1d2e4f5a6{number}", reference=f"ABCDEFG{number}", name="Dina",
            wanted_type=alone.periods.get().type, answers=nothing, sent_at=NOW, state="approval", branch=branch,
        )
        for number, branch in enumerate((world.mine.branch, world.other.branch))
    )  # fmt: skip
    wanted = {queued("1", recipient_ref=f"user:{alone.user.pk}"), queued("2", recipient_ref=f"application:{mine.pk}")}
    for number, ref in enumerate(
        (f"user:{shared.user.pk}", f"application:{others.pk}", "office", "user:0", "member:0")
    ):
        queued(f"x{number}", recipient_ref=ref)
    seen = scope.visible_to(world.officer, Message.objects.filter(recipient_ref__regex="user|app|off|:0"))
    assert set(seen) == wanted


@pytest.mark.parametrize("role", [roles.TREASURERS, roles.AUDITORS, roles.ADMINISTRATORS])
def test_those_who_see_every_branch_see_all_money(world: World, role: str) -> None:
    user = make_user(role)
    assert scope.visible_to(user, Invoice.objects.all()).count() == 4
    assert scope.visible_to(user, Payment.objects.all()).count() == 2


@pytest.mark.parametrize("extra", [0, 2])
def test_the_lists_ask_the_same_however_long_they_are(world: World, extra: int, django_assert_num_queries: Any) -> None:
    for number in range(extra):
        debtor = make_member(f"E{number}", MINE, email=f"e{number}@example.no", paid=False)
        Member.objects.filter(pk=debtor.pk).update(branch=world.mine.branch)
        queued(f"e{number}", recipient_ref=debtor.recipient_ref)
    for address, queries in (("/admin/invoices/", 14), ("/admin/payments/", 20), ("/admin/messages/", 23)):
        world.browser.get(address)
        with django_assert_num_queries(queries):
            world.browser.get(address)
