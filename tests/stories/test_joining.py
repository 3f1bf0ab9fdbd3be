"""Alice's household joins on the website and pays; Bob never confirms; Charlie is asked about; Dora joins twice.

Through the pages and the mails only, as people do, with the treasurer's one call in between.
"""

import datetime

import pytest
from django.utils import timezone

from invoicing.models import Invoice
from membership import applications
from membership.models import Application, Household, Member, Period
from membership.status import status_of
from messaging.models import Message
from payments import intake
from payments.models import Payment
from tests.makers import make_member, make_user
from tests.membership.join_form.makers import ALICE, Visitor, confirm_link, make_join_page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def website(settings, db):
    settings.JOIN_FORM_LEAST_SECONDS = 0
    settings.LANGUAGE_CODE = "en"
    make_join_page()


def join(**person: str) -> Visitor:
    """Send the form for one person; not confirmed yet."""
    visitor = Visitor()
    visitor.reach_the_last_page(**person)
    visitor.send()
    return visitor


def statuses(*members: Member) -> list[tuple[str, str]]:
    """Each member's status today, and the type it comes from."""
    today = timezone.localdate()
    found = [status_of(member=Member.objects.get(pk=member.pk), on=today) for member in members]
    return [(status.code, status.type.code if status.type else "") for status in found]


def test_alices_household_joins_and_pays() -> None:
    visitor = Visitor()
    visitor.choose("FM")
    visitor.add(**ALICE)
    visitor.add(first_names="Axel", last_name="Ås", born_on="01.02.1979", email="axel@example.no")
    visitor.add(first_names="Anna", last_name="Ås", born_on=f"01.02.{timezone.localdate().year - 9}")
    visitor.post("people")
    visitor.live_at()
    visitor.agree("statutes_any", "privacy_any", "newsletter_email")
    visitor.send()
    assert Member.objects.count() == 0, "nobody is in the registry before the mail is confirmed"

    visitor.client.post(confirm_link())
    alice, axel, anna = Member.objects.order_by("pk")
    assert Household.objects.get().main_member == alice
    assert statuses(alice, axel, anna) == [("trial", "PR")] * 3
    invoice = Invoice.objects.get()
    assert (invoice.member, invoice.total, invoice.lines.count()) == (alice, 600, 3)

    intake.record(
        amount=invoice.total, received_on=timezone.localdate(), source=Payment.Source.HAND, source_reference="bank:1",
        at=timezone.now(), by=make_user("Treasurers"), kid=invoice.kid,
    )  # fmt: skip
    assert statuses(alice, axel, anna) == [("active", "FM"), ("active", "FM2"), ("active", "FM2")]
    kinds = Message.objects.filter(address="alice@example.no").order_by("pk").values_list("kind", flat=True)
    assert [kind for kind in kinds if kind in {"confirmation", "welcome"}] == ["confirmation", "welcome"]


def test_bob_never_confirms_and_is_forgotten() -> None:
    visitor = join(first_names="Bob", email="bob@example.no")
    applications.expire_unconfirmed(at=timezone.now() + datetime.timedelta(days=6))
    assert Application.objects.get().name == "Bob Ås"
    applications.expire_unconfirmed(at=timezone.now() + datetime.timedelta(days=8))
    forgotten = Application.objects.get()
    assert (forgotten.state, forgotten.name, forgotten.email) == ("expired", "", "")
    assert "bob" not in str(forgotten.answers).lower()
    assert visitor.client.post(confirm_link()).status_code == 410
    assert (Member.objects.count(), Invoice.objects.count()) == (0, 0)


def test_charlie_is_known_and_only_the_office_can_tell() -> None:
    """Fault 17: two people, the same address."""
    charlie = make_member("Charlie", email="shared@example.no")
    visitor = join(first_names="Cecilie", email="shared@example.no", born_on="01.02.1985")
    visitor.client.post(confirm_link())
    cecilie = Member.objects.get(first_names="Cecilie")
    application = Application.objects.get()
    assert application.main_member == cecilie
    assert list(application.possible_duplicates.all()) == [charlie]
    assert cecilie.user == charlie.user, "one log-in, several members"


def test_dora_sends_the_form_twice_from_two_windows() -> None:
    """Two forms are two applications; whoever confirms both is marked for the office the second time."""
    for _window in range(2):
        join(first_names="Dora", email="dora@example.no")
    first, second = Message.objects.filter(kind="confirmation").order_by("pk")
    client = Visitor().client
    client.post(confirm_link(first))
    client.post(confirm_link(second))
    older, newer = Application.objects.order_by("pk")
    assert list(older.possible_duplicates.all()) == []
    assert list(newer.possible_duplicates.all()) == [older.main_member]
    assert Period.objects.filter(source="joined").count() == 2
