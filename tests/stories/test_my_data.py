"""Alice wants to know: she sees who has looked, takes her data away, leaves, asks to be erased, and is gone.

Olga of the office exports lists with a purpose. Bob stays, and nothing of his is touched.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from core.models import User
from invoicing.models import Invoice
from membership import roles
from membership.models import Erasure, Member
from messaging.models import Message, State
from tests.makers import NOW, TODAY, invoice_of, make_member, make_user, set_up_client

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def the_day(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: TODAY)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    yield


def browser(user: User | None) -> Client:
    assert user
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def read(client: Client, name: str) -> str:
    return client.get(reverse(name)).content.decode()


def test_a_member_knows_takes_away_and_is_erased() -> None:
    set_up_client()
    alice, bob = make_member("Alice", paid=False), make_member("Bob", "Berg")
    invoice = invoice_of(alice)
    office = browser(make_user(roles.MEMBER_ADMINS, first_name="Olga", last_name="Office"))
    office.get(reverse("members:inspect", args=[alice.pk]))
    exported = office.post(reverse("members:export") + "?q=Alice", {
        "purpose": "Labels for May", "file_type": "csv", "columns": "shown",
    })  # fmt: skip
    assert "attachment" in exported["Content-Disposition"]

    # She sees who has looked and who has exported, and for what; Bob sees nothing of it.
    hers, his = browser(alice.user), browser(bob.user)
    assert "Labels for May" in read(hers, "my_data_seen") and "Olga Office" in read(hers, "my_data_seen")
    assert "Labels for May" not in read(his, "my_data_seen")

    # She takes everything away.
    archive = ZipFile(BytesIO(hers.post(reverse("my_data_file")).content))
    data = json.loads(archive.read("my-data.json"))
    assert [row["number"] for row in data["invoices"]] == [invoice.number]
    assert "Bob" not in archive.read("my-data.json").decode()

    # A member is not erased: she leaves, and asks.
    assert "Leave first" in read(hers, "my_erasure")
    hers.post(reverse("my_leaving_confirm"), {"last_on": TODAY.isoformat()})
    hers.post(reverse("my_erasure_confirm"))
    assert "You have asked to be erased" in read(hers, "my_erasure")

    # The receipt leaves first; the night after that she is gone, and her invoice is in the books.
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    call_command("nightly", "--on", tomorrow)
    assert Member.objects.filter(pk=alice.pk).exists()
    Message.objects.filter(state=State.QUEUED).update(state=State.SENT)
    call_command("nightly", "--on", tomorrow)
    assert list(Member.objects.all()) == [bob]
    assert Erasure.objects.get().rule == "asked"
    invoice.refresh_from_db()
    assert (invoice.buyer_name, invoice.member) == ("Alice Ås", None)
    assert Invoice.objects.open().filter(pk=invoice.pk).count() == 0
    assert hers.get(reverse("my_data")).url.startswith("/konto/login/")
