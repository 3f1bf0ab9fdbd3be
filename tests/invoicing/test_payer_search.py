"""What payers are found by, by whoever asks."""

import pytest
from django.test import Client

from invoicing.models import InvoiceRun
from invoicing.payer_search import payers_found
from membership import roles
from membership.models import Member
from tests.makers import NOW, TODAY, make_member, make_user

pytestmark = pytest.mark.django_db
SECRETS = ("alice@example.no", "alice@example", "91234567", "+4791234567", "Fjordgata")


@pytest.fixture
def alice() -> Member:
    make_member("Bob")
    return make_member("Alice Åse", "Ørland", email="alice@example.no", mobile="+4791234567")


def names(role: str, text: str) -> list[str]:
    return list(payers_found(make_user(role), text).order_by("pk").values_list("first_names", flat=True))


@pytest.mark.parametrize("role", [roles.TREASURERS, roles.AUDITORS])
def test_everybody_finds_by_name_and_number(role, alice):
    for text in ("alice", "Åse", "åse ørland", "Ørland Alice", alice.member_number, f"alice {alice.member_number}"):
        assert names(role, text) == ["Alice Åse"], text
    for text in ("alice bob", "nobody"):
        assert names(role, text) == [], text


def test_the_auditor_cannot_look_up_whose_an_address_or_a_number_is(alice):
    for text in SECRETS:
        assert (bool(names(roles.TREASURERS, text)), names(roles.AUDITORS, text)) == (True, []), text


@pytest.mark.parametrize(("role", "is_shown"), [(roles.TREASURERS, True), (roles.AUDITORS, False)])
def test_so_it_is_in_the_plan_of_a_run_and_in_the_list_of_invoices(role, is_shown, alice):
    run = InvoiceRun.objects.create(begins_by=TODAY, asked_at=NOW, state="ready", planned=1)
    run.rows.create(payer=alice, people=1, total=400)
    client = Client()
    client.force_login(make_user(role))
    for screen in (f"/admin/treasury/runs/{run.pk}/rows/", "/admin/invoices/results/"):
        for text in SECRETS:
            page = client.get(screen, {"q": text}).content.decode()
            assert ("Alice Åse Ørland" in page) == is_shown, (screen, text)
        assert "Alice Åse Ørland" in client.get(screen, {"q": "alice"}).content.decode()
