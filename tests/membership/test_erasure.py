"""Erasing leaves no trace but the books: the whole database and the folder of files are searched."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.test import Client
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from core.models import User
from home import mails as home_mails
from invoicing.models import Invoice
from membership import consents, households, leaving, members, retention, roles
from membership.models import (
    Application, Consent, Erasure, ErasureHold, ErasureRequest, Household, ImportRow, ImportRun, Invitation, Member, Period,
)
from membership.office import export_log
from messaging import outbox, suppression
from messaging.models import Attempt, Bounce, Message, State, Suppression
from payments import intake
from tests.makers import NOW, TODAY, at_noon, invoice_of, make_household, make_member, make_user, set_up_client

pytestmark = pytest.mark.django_db

MUCH_LATER = date(2028, 1, 10)
BOOKS = {"invoicing_invoice", "invoicing_invoiceline", "payments_payment"}
WORDS = ["Rutgerd", "Zachariassen", "rutgerd.z@example.org", "+4790123456", "Hemmelig gate 99"]


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> Path:
    """The private files of this test alone."""
    settings.STORAGES = settings.STORAGES | {
        "private": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    }
    return tmp_path


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


def test_not_a_trace_is_left_but_in_the_books(own_folder: Path) -> None:
    member = rutgerd()
    office = make_user(roles.MEMBER_ADMINS)
    leave_traces(member, office)
    leaving.resign(member=member, on=TODAY, at=NOW)
    Message.objects.filter(state=State.QUEUED).update(state=State.SENT)
    for word in WORDS:
        assert tables_with(word) - BOOKS, word

    result = retention.erase_due(on=MUCH_LATER, at=at_noon(MUCH_LATER))

    assert result.counts == {"erased": 1}
    left = {word: found for word in WORDS if (found := tables_with(word) - BOOKS)}
    assert left == {}
    assert {word for word in WORDS if files_with(word, own_folder)} == set()
    assert tables_with("Zachariassen") == BOOKS
    books = Invoice.objects.get(buyer_name="Rutgerd Zachariassen")
    assert (books.buyer_name, books.member, books.open_amount) == ("Rutgerd Zachariassen", None, 0)
    assert list(Erasure.objects.values_list("member_key", "rule")) == [(member.pk, "after_leaving")]


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
    run = ImportRun.objects.create(name="old.csv", uploaded_at=NOW, state="done")
    ImportRow.objects.create(run=run, line=2, name=full, action="change", member=member, changes={"last_name": full})
    ImportRow.objects.create(run=run, line=3, name=full, action="refused", reason=f"{full} is there already")
    ImportRow.objects.create(run=run, line=4, name="A", action="create", warnings=[f"Ås? Like {full}, +4790123456"])
    home = Household.objects.create(formed_on=TODAY)
    Invitation.objects.create(kind="household", household=home, name=full, email="rutgerd.z@example.org", sent_at=NOW,
                              expires_at=NOW, member=member)  # fmt: skip
    log(instance=member.user, action="wagtail.edit", user=office)
