"""Erasing leaves no trace but the books: the whole database and the folder of files are searched."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection, models
from django.test import Client
from wagtail.log_actions import log

from core.models import User
from home import mails as home_mails
from invoicing.models import Invoice
from membership import consents, erasure, households, leaving, members, retention, roles, saved_lists
from membership.imports import runs as imports
from membership.models import (
    Application,
    BulkRun,
    Erasure,
    Household,
    ImportRow,
    ImportRun,
    Invitation,
    Member,
    Period,
    SavedList,
)
from membership.office import export_log
from messaging import suppression
from messaging.models import Attempt, Bounce, Message, State, Suppression
from payments import intake, ledger_check
from tests.makers import NOW, TODAY, at_noon, invoice_of, make_household, make_member, make_user, set_up_client
from tests.membership.imports.makers import uploaded

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("private_files")]

MUCH_LATER = date(2028, 1, 10)
BOOKS = {"invoicing_invoice", "invoicing_invoiceline", "payments_payment"}
WORDS = ["Rutgerd", "Zachariassen", "rutgerd.z@example.org", "+4790123456", "Hemmelig gate 99"]


def test_what_the_office_searched_for_is_scrubbed_from_saved_lists() -> None:
    """Names, addresses and numbers that can only mean the one erased; what may mean others, and the list, stay."""
    member = make_member("Rutgerd", "Zachariassen", email="rutgerd.z@example.org", mobile="+4790123456")
    office, address = make_user(roles.MEMBER_ADMINS), "rutgerd.z@example.org"
    asked = {
        "a": f"q={quote('Rutgerd  zachariassen')}&status=active", "b": f"q={quote(address.upper())}",
        "c": f"q={quote('901 23 456')}&columns=email", "d": f"q={member.member_number}", "e": "q=Rut&area=70",
        "Rutgerd Zachariassen": "status=active",
    }  # fmt: skip
    for name, query in asked.items():
        saved_lists.save(name=name, asked=query, is_shared=True, by=office)
    erasure.erase(members=[(member, Erasure.Rule.ASKED)], at=NOW)
    assert dict(SavedList.objects.values_list("name", "asked")) == {
        "a": "status=active", "b": "", "c": "columns=email", "d": "", "e": "q=Rut&area=70", "…": "status=active",
    }  # fmt: skip


def tables_with(word: str) -> set[str]:
    """The tables in which the word stands anywhere, whatever its case: every column of every row."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                if any(word.lower() in text(cell).lower() for cell in row):
                    found.add(table)
    return found


def text(cell: Any) -> str:
    """A cell as text: bytes as they are, JSON as written and as read."""
    if isinstance(cell, bytes | memoryview):
        return bytes(cell).decode(errors="replace")
    plain = str(cell)
    return plain + plain.encode().decode("unicode_escape") if "\\u" in plain else plain


def files_with(word: str, folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes()}


def rutgerd(**data: Any) -> Member:
    """A member who paid, and of whom a trace has been left in every place we know of."""
    set_up_client()
    member = make_member(
        "Rutgerd", "Zachariassen", email="rutgerd.z@example.org", mobile="+4790123456",
        address_line_1="Hemmelig gate 99", on=date(2026, 1, 5), paid=False, **data,
    )  # fmt: skip
    invoice = invoice_of(member)
    intake.record(
        received_on=TODAY, amount=Decimal("400.00"), source="hand", source_reference="a", at=NOW, by=None,
        payer_name="Rutgerd Zachariassen", invoices=[invoice],
    )  # fmt: skip
    return member


def test_not_a_trace_is_left_but_in_the_books(private_files: Path) -> None:
    member = rutgerd()
    office = make_user(roles.MEMBER_ADMINS)
    leave_traces(member, office)
    leaving.resign(member=member, on=TODAY, at=NOW)
    Message.objects.filter(state=State.QUEUED).update(state=State.SENT)
    for word in WORDS:
        assert tables_with(word) - BOOKS, word
    assert {word for word in WORDS if files_with(word, private_files)} == {"Rutgerd", "Zachariassen"}

    imports.tidy(at=at_noon(MUCH_LATER))  # as every night before it erases
    result = retention.erase_due(on=MUCH_LATER, at=at_noon(MUCH_LATER))

    assert result.counts == {"erased": 1}
    left = {word: found for word in WORDS if (found := tables_with(word) - BOOKS)}
    assert left == {}
    assert {word for word in WORDS if files_with(word, private_files)} == set()
    assert tables_with("Zachariassen") == BOOKS
    books = Invoice.objects.get(buyer_name="Rutgerd Zachariassen")
    assert (books.buyer_name, books.member, books.open_amount) == ("Rutgerd Zachariassen", None, 0)
    assert list(Erasure.objects.values_list("member_key", "rule")) == [(member.pk, "after_leaving")]


def test_addresses_that_were_given_up_are_forgotten_with_their_log_ins() -> None:
    """Also those from before two entries became one. Nobody else's are: not the neighbour's, nor one with a role."""
    member, neighbour = rutgerd(), make_member("Nabo", "Nilsen", email="nabo1@example.org")
    number = member.member_number
    member.former_numbers = "9001"
    member.save()
    for one, address in ((member, "z2@example.org"), (member, "z3@example.org"), (neighbour, "nabo2@example.org")):
        members.change(member=one, changes={"email": address}, at=NOW, by=None)
    gone = {"rutgerd.z@example.org": f"m{number}", "z2@example.org": f"m{number}-2", "z3@example.org": f"m{number}-3"}
    assert {user.email: user.username for user in User.objects.filter(email__in=gone)} == gone
    make_user(username="m9001", is_active=False)
    make_user(username=f"m{number}1", is_active=False)
    make_user(roles.TREASURERS, username=f"m{number}-4", is_active=False)
    erasure.erase(members=[(member, Erasure.Rule.ASKED)], at=NOW)
    assert {user.username for user in User.objects.all()} == {
        f"m{number}1", f"m{number}-4", f"m{neighbour.member_number}", f"m{neighbour.member_number}-2",
    }  # fmt: skip
    assert tables_with("z2@example.org") == set()


def leave_traces(member: Member, office: User) -> None:
    """Everything that happens to somebody's data in a couple of years."""
    full = member.full_name
    neighbour = make_member("Nabo", "Nilsen")
    members.change(member=neighbour, changes={"office_notes": f"Ring {full} på +4790123456."}, at=NOW, by=office)
    consents.record(member=member, purpose="newsletter", channel="email", is_given=True, at=NOW, source="my_page",
                    by=member.user)  # fmt: skip
    Client().force_login(member.user)
    log(instance=member, action="membership.member.viewed", user=office)
    export_log.record(members=Member.objects.filter(pk=member.pk), purpose="List", file_type="csv", at=NOW, by=office)
    log(instance=member.periods.first(), action="membership.period.ended", user=office)
    home_mails.visitor_wrote(name=full, email="Rutgerd.Z@example.org", text="I live in Hemmelig gate 99", opening="1",
                             at=NOW)  # fmt: skip
    message = Message.objects.filter(recipient_ref=member.recipient_ref).latest("pk")
    Message.objects.filter(pk=message.pk).update(values={"name": full}, detail="550 rutgerd.z@example.org")
    Attempt.objects.create(message=message, at=NOW, outcome="bounced", detail="550 <rutgerd.z@example.org> unknown")
    Bounce.objects.create(message=message, address="rutgerd.z@example.org", at=NOW)
    suppression.suppress("Rutgerd.Z@example.org", reason="x", at=NOW)
    log(instance=Suppression.objects.get(), action="messaging.unblock", user=office)
    log(instance=message, action="messaging.send_again", user=office)
    Application.objects.create(
        token="6f5c1b8e-0a35-4d56-9f6b-3c1d2e4f5a6b", reference="ABCDEFGH", name=full, email="rutgerd.z@example.org",
        wanted_type=member.periods.get().type, sent_at=NOW, decided_at=NOW, state="joined", main_member=member,
        answers={"people": [{"last_name": "Zachariassen", "address_line_1": "Hemmelig gate 99"}], "consents": []},
    )  # fmt: skip
    log(instance=Application.objects.get(), action="membership.application.refused", user=office)
    uploaded("first_name,last_name\nRutgerd,Zachariassen\n", types="")
    run = ImportRun.objects.create(name="old.csv", uploaded_at=NOW, state="done")
    ImportRow.objects.create(run=run, line=2, name=full, action="change", member=member, changes={"last_name": full})
    ImportRow.objects.create(run=run, line=3, name=full, action="refused", reason=f"{full} is there already")
    ImportRow.objects.create(run=run, line=4, name="A", action="create", warnings=[f"Ås? Like {full}, +4790123456"])
    BulkRun.objects.create(verb="x", total=1, asked_at=NOW, refused=[{"member": member.pk, "why": f"{full} is gone."}])
    home = Household.objects.create(formed_on=TODAY)
    Invitation.objects.create(kind="household", household=home, name=full, email="rutgerd.z@example.org", sent_at=NOW,
                              expires_at=NOW, member=member)  # fmt: skip
    log(instance=member.user, action="wagtail.edit", user=office)


def test_the_family_keeps_its_own_and_loses_the_names_of_one_who_is_erased() -> None:
    family = make_household("Bob", "Berit", "Bo", on=date(2025, 1, 5))
    bob, berit = family.members[:2]
    Member.objects.filter(pk=bob.pk).update(household_note="Berit f. 1980, Beritsen og Bo")
    told = Message.objects.create(kind="welcome", recipient_ref=bob.recipient_ref, address="bob@example.no",
                                  language="nb", unique_key="w", state=State.SENT, queued_at=NOW, subject="Hei",
                                  body_text="Velkommen, Bob Berg og Berit Berg")  # fmt: skip
    other = Message.objects.create(kind="notice", recipient_ref=bob.recipient_ref, address="bob@example.no",
                                   language="nb", unique_key="o", state=State.SENT, queued_at=NOW, subject="Hei",
                                   body_text="Bare til Bob Berg")  # fmt: skip
    namesake = make_member("Berit", "Berg", email="another@example.no", on=date(2025, 1, 5))
    members.change(member=namesake, changes={"office_notes": "Not Berit Berg of Fjordgata"}, at=NOW, by=None)
    Invoice.objects.update(open_amount=0)
    Period.objects.exclude(member=berit).update(ends_on=None)
    leaving.resign(member=berit, on=date(2025, 3, 1), at=NOW)
    Message.objects.filter(state=State.QUEUED).update(state=State.SENT)
    result = retention.erase_due(on=MUCH_LATER, at=at_noon(MUCH_LATER))
    assert result.counts == {"erased": 1}, result.lines
    assert not Member.objects.filter(pk=berit.pk).exists()
    for row in (bob, told, other, namesake):
        row.refresh_from_db()
    assert bob.household_note == "… f. 1980, Beritsen og Bo"
    assert (told.body_text, told.subject, told.address) == ("", "", "bob@example.no")
    assert other.body_text == "Bare til Bob Berg"
    assert namesake.office_notes == "Not Berit Berg of Fjordgata"  # somebody is still called that
    assert Household.objects.get(pk=bob.household_id).members.count() == 2


def test_an_empty_household_goes_with_the_last_of_it() -> None:
    alice = make_member("Alice", on=date(2025, 1, 5))
    home = households.form(members=[alice], main_member=alice, on=TODAY)
    leaving.resign(member=alice, on=date(2025, 3, 1), at=NOW)
    Message.objects.filter(state=State.QUEUED).update(state=State.SENT)
    retention.erase_due(on=MUCH_LATER, at=at_noon(MUCH_LATER))
    assert not Household.objects.filter(pk=home.pk).exists()


def test_the_books_still_add_up_afterwards() -> None:
    member = rutgerd()
    leaving.resign(member=member, on=TODAY, at=NOW)
    Message.objects.filter(state=State.QUEUED).update(state=State.SENT)
    retention.erase_due(on=MUCH_LATER, at=at_noon(MUCH_LATER))
    assert not Member.objects.exists()
    assert ledger_check.check().problems == []


def test_who_is_logged_in_is_logged_out() -> None:
    alice, bob = make_member("Alice", on=date(2025, 1, 5)), make_member("Bob")
    browsers = {member.pk: Client() for member in (alice, bob)}
    for member in (alice, bob):
        assert member.user
        browsers[member.pk].force_login(member.user)
    leaving.resign(member=alice, on=date(2025, 3, 1), at=NOW)
    Message.objects.filter(state=State.QUEUED).update(state=State.SENT)
    retention.erase_due(on=date(2026, 3, 11), at=NOW)
    sessions = [session.get_decoded()["_auth_user_id"] for session in Session.objects.all()]
    assert sessions == [str(bob.user_id)]
    assert browsers[alice.pk].get("/min-side/").url.startswith("/konto/login/")


def test_sqlites_search_forgets_the_words_themselves() -> None:
    """A deleted row's words stay in an FTS5 table's own pages until these are merged."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's index holds no copy of its own")
    with connection.cursor() as cursor:
        cursor.execute("CREATE VIRTUAL TABLE words USING fts5(body)")
        cursor.executemany("INSERT INTO words (rowid, body) VALUES (%s, %s)", [(1, "zachariassen"), (2, "berg")])
        cursor.execute("DELETE FROM words WHERE rowid = 1")
        erasure.optimize("words")
    assert (tables_with("zachariassen"), tables_with("berg")) == (set(), {"words", "words_content", "words_data"})


# Rows that stay when the entry they point at goes: each has been thought about, here or where its words are cleared.
# Whoever adds one adds it here, and a receiver of `members_erased` if it copies anything about the person.
STAY = {
    "invoicing.Invoice.member", "payments.Payment.payer", "invoicing.InvoiceLine.period",  # the books
    "membership.Application.main_member", "membership.Household.main_member", "membership.Member.household",
    "membership.Member.payer", "membership.Member.recruited_by", "membership.Invitation.invited_by",
    "membership.Invitation.member", "membership.Period.paid_with", "membership.Period.follows",
    "membership.VoterRollLine.member", "membership.VoterRollAppeal.member",  # without a name
}  # fmt: skip


def test_every_row_that_stays_is_thought_about_and_nothing_is_in_the_way() -> None:
    rules: dict[Any, set[str]] = {models.SET_NULL: set(), models.CASCADE: set()}
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey) and field.related_model in (Member, Period, Household):
                rules.setdefault(field.remote_field.on_delete, set()).add(f"{model._meta.label}.{field.name}")
    assert set(rules) == {models.SET_NULL, models.CASCADE}
    assert rules[models.SET_NULL] - STAY == set()
