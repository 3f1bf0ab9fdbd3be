"""The simulator's screens: try, see, take the list out; nobody else sees it, and the registry is as it was."""

from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.core.cache import cache
from django.test import Client
from wagtail.models import ModelLogEntry

from membership import roles, simulator_runs
from membership.models import MembershipType
from membership.office.simulator_forms import SimulatorForm
from tests.makers import make_household, make_member, make_type
from tests.membership.office.makers import admin_user, browser_with, fixed_day, office, page
from tests.test_roles import snapshot

__all__ = ["admin_user", "fixed_day", "office"]
pytestmark = pytest.mark.django_db
ADDRESS = "/admin/reports/simulator/"


def answers(**tried: Any) -> dict[str, Any]:
    """The form as it comes, with what is tried: `price_E="500"`."""
    form = SimulatorForm(year=2027)
    data = {name: "" if field.initial is None else field.initial for name, field in form.fields.items()}
    for name, value in tried.items():
        field, code = name.rsplit("_", 1)
        data[f"{field}-{make_type(code).pk}"] = value
    return data


def test_try_and_see_and_nothing_is_written(office: Client) -> None:
    make_member("Ordinary", "Hemmelig")
    make_household("Main", "Second")
    page(office, ADDRESS)
    before = snapshot()
    answer = office.post(ADDRESS, answers(price_E="500"))
    assert answer.status_code == 302
    html = page(office, answer["Location"])
    assert "1 of 3 members would get another type or price. Difference: kr\u00a0100." in html
    assert "Ordinary Hemmelig" in html
    assert "Main Berg" not in html
    assert snapshot() == before

    file = office.post(answer["Location"])
    sheet = openpyxl.load_workbook(BytesIO(b"".join(file.streaming_content))).active  # type: ignore[attr-defined]
    assert sheet is not None
    rows = [list(row[1:]) for row in sheet.iter_rows(values_only=True)]
    ordinary = "Individual (ordinary membership)"
    assert rows[1:] == [["Hemmelig", "Ordinary", ordinary, 400, ordinary, 500, f"Price of {ordinary}"]]
    logged = ModelLogEntry.objects.get(action="membership.member.exported")
    assert logged.data["purpose"] == "Simulation of 2027"


def test_nothing_tried_changes_nobody(office: Client) -> None:
    make_member("Ordinary")
    answer = office.post(ADDRESS, answers())
    assert "Nobody would get another type or price." in page(office, answer["Location"])


def test_what_a_type_cannot_be_cannot_be_tried(office: Client) -> None:
    html = office.post(ADDRESS, answers(age_from_UNG="50", price_E="-1")).content.decode()
    assert "Nobody is old enough and young enough." in html
    assert "greater than or equal to 0" in html
    assert office.post(ADDRESS, {"year": "abc"}).status_code == 200


def test_only_who_asked_sees_it(office: Client) -> None:
    make_member("Ordinary")
    address = office.post(ADDRESS, answers(price_E="500"))["Location"]
    assert browser_with(roles.MEMBER_ADMINS).get(address).status_code == 404
    assert browser_with(roles.TREASURERS).get(address).status_code == 302
    cache.clear()
    assert office.get(address).status_code == 404


def test_many_go_in_portions_with_the_same_result(
    office: Client, admin_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "ABCDE":
        make_member(name)
    data = answers(price_E="500")
    whole = office.post(ADDRESS, data)["Location"].split("/")[-2]
    monkeypatch.setattr("membership.simulator.PORTION", 1)
    monkeypatch.setattr("membership.simulator_runs.AT_ONCE", 1)
    portions = office.post(ADDRESS, data)["Location"].split("/")[-2]
    one, other = (simulator_runs.found(key=key, user=admin_user) for key in (whole, portions))
    assert one is not None
    assert other is not None
    assert other.is_done
    assert one.sums == other.sums
    assert one.sums.changed == one.total == 5
    assert MembershipType.objects.get(code="E").price == 400
