"""Whatever file of members somebody takes out of the office, each member on it can read who, when and for what."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.models import User
from invoicing import by_hand
from membership import roles, voter_rolls
from membership.models import Member
from tests.makers import NOW, TODAY, kroner, make_member, make_user, set_up_client
from tests.membership.test_voter_rolls import make_roll
from tests.roles_table import lines

pytestmark = pytest.mark.django_db

# address: what is asked for besides the purpose, and the purpose where the list has its own
FILES: dict[str, tuple[dict[str, str], str]] = {
    "/admin/members/export/": ({"file_type": "csv", "columns": "shown"}, ""),
    "/admin/treasury/due/export/": ({"file_type": "csv"}, ""),
    "/admin/treasury/books/open/export/": ({"file_type": "csv"}, ""),
    "/admin/reports/recruiters/export/": ({"file_type": "csv"}, ""),
    "/admin/reports/countable/?year=2026": ({"export": "csv"}, "Countable members 2026"),
    "/admin/voter-rolls/{roll}/export/": ({}, "Voter roll: Årsmøte"),
}
# These hold nobody's name: vouchers have a type and a branch, and the run's plan is proven in tests/invoicing/run.
OTHERS = {"/admin/treasury/runs/{invoice_run}/export/", "/admin/treasury/books/journal/"}


@pytest.fixture
def alice(monkeypatch: pytest.MonkeyPatch) -> Member:
    """A member with an open invoice, who has recruited somebody and may vote."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    monkeypatch.setattr(timezone, "localdate", lambda *args: TODAY)
    set_up_client()
    member = make_member(on=TODAY)
    mug = by_hand.Item(text="Mug", unit_price=kroner("120"))
    by_hand.issue(payer=member, items=[mug], on=TODAY, at=NOW, by=None)
    Member.objects.filter(pk=make_member("Bob", email="bob@example.no").pk).update(recruited_by=member)
    return member


def seen_by(member: Member) -> str:
    """What a member reads of who has looked and exported."""
    client = Client(headers={"accept-language": "en"})
    assert member.user
    client.force_login(member.user)
    return client.get("/min-side/mine-data/innsyn/").content.decode()


@pytest.mark.parametrize("address", FILES)
def test_each_on_the_file_can_read_of_it(alice: Member, address: str) -> None:
    roll = make_roll(name="Årsmøte")
    administrator: User = make_user(roles.ADMINISTRATORS, first_name="Olga", last_name="Office")
    voter_rolls.freeze(roll=roll, on=TODAY, at=NOW, by=administrator)
    asked, own = FILES[address]
    purpose = own or "Ringerunde i mai"
    assert purpose not in seen_by(alice)
    office = Client(headers={"accept-language": "en"})
    office.force_login(administrator)
    file: Any = office.post(address.format(roll=roll.pk), {"purpose": purpose, **asked})
    assert "attachment" in file.headers.get("Content-Disposition", ""), file.content.decode()[:2000]
    assert purpose in seen_by(alice)
    assert "Olga Office" in seen_by(alice)


def test_every_export_of_the_office_is_among_them() -> None:
    exports = {address for _method, address, _statuses in lines() if re.search(r"export/|journal/|countable/", address)}
    assert exports == {address.partition("?")[0] for address in FILES} | OTHERS
