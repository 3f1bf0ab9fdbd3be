"""The simulator's screens: try, see, take the list out; nobody else sees it, and the registry is as it was."""

from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import ModelLogEntry

from core.models import User
from membership import bell, clearing, roles, simulator_runs
from membership.models import Member, MembershipType, Period, Simulation, SimulationPart
from membership.office.simulator_forms import SimulatorForm
from tests.makers import NOW, TODAY, make_household, make_member, make_type
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
    assert '<td class="office-amount" data-label="Sum proposed">kr\u00a0500</td>' in html  # what telephones show
    after = snapshot()
    written = {name for name in after if after[name] != before[name]}
    assert written == {"membership.Simulation", "membership.SimulationPart"}, "of the registry nothing"

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
    Simulation.objects.update(asked_at=NOW - timedelta(days=1))
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
    one, other = (Simulation.objects.get(key=key) for key in (whole, portions))
    assert other.is_done
    assert one.sums == other.sums
    assert one.sums["changed"] == one.total == 5
    told = [[(row.member.pk, row.present, row.proposed) for row in simulator_runs.changed(run=run, user=admin_user)]
            for run in (one, other)]  # fmt: skip
    assert told[0] == told[1] and len(told[0]) == 5
    assert MembershipType.objects.get(code="E").price == 400


def asked(office: Client, monkeypatch: pytest.MonkeyPatch, **tried: Any) -> Simulation:
    """A simulation whose worker has not begun."""
    monkeypatch.setattr("membership.tasks.carry_on_with_simulation", SimpleNamespace(enqueue=lambda key: None))
    monkeypatch.setattr("membership.simulator.PORTION", 1)
    monkeypatch.setattr("membership.simulator_runs.AT_ONCE", 1)
    office.post(ADDRESS, answers(**tried))
    return Simulation.objects.get()


def test_the_page_shows_how_far_it_is_and_there_is_no_file_before_the_end(
    office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "AB":
        make_member(name)
    run = asked(office, monkeypatch, price_E="500")
    address = f"{ADDRESS}{run.key}/"
    assert "0 of 2 members. You may close this page" in page(office, address)
    assert simulator_runs.carry_on(run_id=run.pk, at=NOW) is True
    html = page(office, address)
    assert "1 of 2 members." in html and 'http-equiv="refresh"' in html
    assert office.post(address).status_code == 404
    while simulator_runs.carry_on(run_id=run.pk, at=NOW):
        pass
    assert "2 of 2 members would get another type or price." in page(office, address)


def test_killed_anywhere_it_goes_on_with_the_same_result(
    office: Client, admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = [make_member(name) for name in "ABC"]
    run = asked(office, monkeypatch, price_E="500")
    keep = simulator_runs._keep
    calls: list[int] = []

    def killed_every_other_time(run: Simulation, rows: list[Any]) -> None:
        keep(run, rows)
        calls.append(len(rows))
        if len(calls) % 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(simulator_runs, "_keep", killed_every_other_time)
    for _ in range(20):
        try:
            if not simulator_runs.carry_on(run_id=run.pk, at=NOW):
                break
        except KeyboardInterrupt:
            continue
    run.refresh_from_db()
    assert (run.is_done, run.sums["members"], run.sums["changed"]) == (True, 3, 3)
    told = [row.member.pk for row in simulator_runs.changed(run=run, user=admin_user)]
    assert told == [member.pk for member in members]
    assert simulator_runs.carry_on(run_id=run.pk, at=NOW) is False


def test_a_worker_that_died_is_rung_for(office: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_member("A")
    run = asked(office, monkeypatch)
    rung: list[int] = []
    monkeypatch.setattr(bell.tasks, "carry_on_with_simulation", SimpleNamespace(enqueue=rung.append))
    for minutes in range(40):
        bell.ring_for_ours(at=NOW + timedelta(minutes=minutes))
    assert rung == [run.pk] * 3
    assert "This does not move" in page(office, f"{ADDRESS}{run.key}/")


def test_page_and_file_read_what_was_decided(office: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is decided anew in the request: what a member is afterwards changes neither; who is erased is gone."""
    stays, goes = make_member("Stays"), make_member("Goes")
    address = office.post(ADDRESS, answers(price_E="500"))["Location"]
    monkeypatch.setattr("membership.simulator.simulate", None)
    Period.objects.filter(member=goes).delete()
    Member.objects.filter(pk=goes.pk).delete()
    html = page(office, address)
    assert stays.full_name in html and "Goes" not in html
    sheet = openpyxl.load_workbook(BytesIO(office.post(address).getvalue())).active
    assert sheet is not None
    assert [row[2] for row in sheet.iter_rows(values_only=True)] == ["First names", "Stays"]


def test_with_other_branches_than_when_it_was_asked_it_is_not_there(office: Client) -> None:
    make_member("Ordinary")
    address = office.post(ADDRESS, answers(price_E="500"))["Location"]
    Simulation.objects.update(branches="1,2")
    assert (office.get(address).status_code, office.post(address).status_code) == (404, 404)


def test_without_the_right_to_export_there_is_no_file(office: Client, admin_user: User) -> None:
    make_member("Ordinary")
    address = office.post(ADDRESS, answers(price_E="500"))["Location"]
    group = admin_user.groups.get()
    group.permissions.remove(group.permissions.get(codename="export_member"))
    assert "XLSX" not in page(office, address)
    assert office.post(address).status_code in {302, 403}
    assert not ModelLogEntry.objects.filter(action="membership.member.exported").exists()


def test_a_day_later_it_is_forgotten(office: Client) -> None:
    make_member("Ordinary")
    office.post(ADDRESS, answers(price_E="500"))
    assert clearing.clear_due(on=TODAY, at=NOW).changed == 0
    assert clearing.clear_due(on=TODAY + timedelta(days=1), at=NOW + timedelta(days=1)).counts == {
        "simulations forgotten": 1
    }
    assert not Simulation.objects.exists() and not SimulationPart.objects.exists()


def test_the_number_of_queries_does_not_grow(office: Client) -> None:
    counts = []
    for names in ("A", "BC"):
        for name in names:
            make_member(name)
        address = office.post(ADDRESS, answers(price_E="500"))["Location"]
        office.get(address)
        with CaptureQueriesContext(connection) as queries:
            office.get(address)
        counts.append(len(queries))
    assert counts == [12, 12]
