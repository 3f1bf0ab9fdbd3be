"""Before the general meeting: Olga tries next year's dues, freezes the voter roll, and lets an appeal put it right.

Alice and Bob pay, Una pays too late, and what happens in the registry afterwards reaches the roll no more.
"""

from collections.abc import Iterator
from datetime import date
from io import BytesIO

import openpyxl
import pytest
from django.test import Client

from membership import leaving, periods, roles
from membership.models import Member, MembershipType, VoterRoll
from membership.office.simulator_forms import SimulatorForm
from tests.makers import NOW, TODAY, make_member, make_type, make_user, set_up_client

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def the_day(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: TODAY)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    yield


@pytest.fixture
def olga() -> Client:
    set_up_client()
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_user(roles.MEMBER_ADMINS))
    return client


def text_of(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def voters_in_file(client: Client, roll: str) -> list[str]:
    answer = client.post(f"{roll}export/")
    sheet = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content))).active  # type: ignore[attr-defined]
    assert sheet is not None
    return [str(row[2]) for row in sheet.iter_rows(min_row=2, values_only=True)]


def test_before_the_general_meeting(olga: Client) -> None:
    make_member("Alice", on=date(2026, 1, 5))
    bob = make_member("Bob", on=date(2026, 1, 5))
    una = make_member("Una", on=date(2026, 1, 5), paid=False)

    # What would dues of 450 bring?
    form = SimulatorForm(year=2027)
    tried = {name: "" if field.initial is None else field.initial for name, field in form.fields.items()}
    tried[f"price-{make_type('E').pk}"] = "450"
    simulation = olga.post("/admin/reports/simulator/", tried)["Location"]
    assert (
        "3 of 3 members would get another type or price. Difference: kr\u00a0150."
        in olga.get(simulation).content.decode()
    )
    assert MembershipType.objects.get(code="E").price == 400

    # The roll: a rule, a preview, frozen.
    rule = {"name": "General meeting", "counts_on": TODAY, "types": [make_type("E").pk], "statuses": ["active"]}
    roll = olga.post("/admin/voter-rolls/new/", rule)["Location"]
    assert "2 members may vote" in text_of(olga, roll)
    olga.post(f"{roll}freeze/", {"confirmed": "1"})
    assert VoterRoll.objects.get().frozen_at == NOW

    # Bob leaves, Una pays, Carl joins: the roll stands.
    leaving.exclude(member=bob, on=TODAY, at=NOW, by=None, reason="")
    periods.confirm(period=una.periods.get(), on=TODAY)
    make_member("Carl")
    assert voters_in_file(olga, roll) == ["Alice", "Bob"]

    # Una appeals, and the board agrees.
    asked = {"member": una.pk, "wants": "add", "raised_by": "Una", "reason": "Paid in February", "received_on": TODAY}
    olga.post(f"{roll}appeal/", asked)
    appeal = VoterRoll.objects.get().appeals.get()
    olga.post(f"{roll}appeals/{appeal.pk}/", {"is_upheld": "yes", "by": "The board", "on": TODAY})
    assert "3 members may vote" in text_of(olga, roll)
    assert voters_in_file(olga, roll) == ["Alice", "Bob", "Una"]
    # Bob belongs until the day is over.
    assert "On 10 March 2026: 4 members" in text_of(olga, "/admin/reports/members/?on=2026-03-10")
    assert Member.objects.count() == 4
