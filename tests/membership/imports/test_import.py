"""Import: every row ends created, changed, unchanged or refused with its reason; a second run changes nothing."""

from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from core.models import User
from membership.consents import standing
from membership.models import Consent, Household, Member, Period
from membership.status import status_of
from tests.makers import TODAY, at_noon, set_up_client
from tests.membership.imports.makers import FAMILY, HEAD, TYPES, carried_out, imported, looked_at, rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _client() -> None:
    set_up_client()


def test_a_family_comes_in_whole_and_a_second_time_changes_nothing() -> None:
    assert imported(HEAD + FAMILY) == {"create": 3, "change": 0, "unchanged": 0, "refused": 0}

    home = Household.objects.get()
    assert home.main_member.full_name == "Ánne Čáhcesuolu"
    assert sorted(home.members.values_list("member_number", flat=True)) == ["7", "8", "9"]
    rows = Period.objects.order_by("member__member_number").values_list(
        "type__code", "starts_on", "ends_on", "confirmed_on", "paid_with__member__member_number"
    )
    new_year, end = date(2026, 1, 1), date(2026, 12, 31)
    assert list(rows) == [("FM", new_year, end, new_year, None), *[("FM2", new_year, end, new_year, "7")] * 2]
    assert User.objects.get().members.count() == 2
    assert [c.member.member_number for c in Consent.objects.all()] == ["7"]
    anne = Member.objects.get(member_number="7")
    assert anne.member_since == date(2016, 10, 21)
    assert anne.mobile == "+4791234567"
    assert status_of(member=anne, on=TODAY).code == "active"

    assert imported(HEAD + FAMILY) == {"create": 0, "change": 0, "unchanged": 3, "refused": 0}
    assert Period.objects.count() == 3


def test_numbers_given_later_stay_clear_of_old_ones() -> None:
    imported(HEAD + FAMILY)
    from tests.makers import make_non_member

    assert make_non_member().member_number == "10"


def test_what_differs_is_changed_and_a_withdrawn_consent_stays_withdrawn() -> None:
    imported(HEAD + FAMILY)
    anne = Member.objects.get(member_number="7")
    from membership import consents

    consents.record(
        member=anne, purpose="newsletter", channel="email", is_given=False, at=at_noon(TODAY), source="my_page"
    )
    moved = FAMILY.replace("Veien 1,7010,Trondheim,NO,anne", "Veien 2,7011,Trondheim,NO,anne")
    run = looked_at(HEAD + moved)
    assert [(row.line, row.changes) for row in rows(run, "change")] == [
        (2, {"address_line_1": ["Veien 1", "Veien 2"], "postcode": ["7010", "7011"]}),
        (4, {"address_line_1": ["Veien 1", "Veien 2"], "postcode": ["7010", "7011"]}),
    ]
    assert imported(HEAD + moved) == {"create": 0, "change": 2, "unchanged": 1, "refused": 0}
    anne = Member.objects.get(pk=anne.pk)
    assert anne.address_line_1 == "Veien 2"
    assert "veien 2" in anne.search_text
    assert not standing(member=anne)["newsletter", "email"].is_given


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,person,A,,,,,,,,,,,Ordinary,,,,", "The surname is missing."),
        ("1,person,A,B,,,,,,,,,2026-03-11,Ordinary,,,,", "is in the future"),
        ("1,person,A,B,,,,,,,,,29.02.1981,Ordinary,,,,", "is not a date. Write it like"),
        ("1,person,A,B,,,,,,,,,,Honorary,,,,", "“Honorary” is no membership type here."),
        (f"1,person,{'A' * 10_000},B,,,,,,,,,,Ordinary,,,,", "is longer than 120 characters"),
        ("1,company,A,B,,,,,,,,,,Corporate,,,,", None),
        ("1,person,<script>alert(1)</script>,B,,,,,,,,,29.02.1980,Ordinary,,,,", None),
    ],
)
def test_a_bad_row_is_refused_with_its_reason_and_the_others_come_in(row: str, reason: str | None) -> None:
    run = looked_at(HEAD + row + "\n" + FAMILY)
    assert run.counts["refused"] == (reason is not None)
    if reason:
        assert reason in rows(run, "refused")[0].reason
        assert carried_out(run).counts["create"] == 3


def test_the_same_person_twice_in_a_file_is_refused_once() -> None:
    run = looked_at(HEAD + FAMILY + FAMILY)
    assert [(row.line, row.reason) for row in rows(run, "refused")] == [
        (5, "The same as line 2."), (6, "The same as line 3."), (7, "The same as line 4."),
    ]  # fmt: skip


def test_the_wrong_age_is_a_warning() -> None:
    row = "1,person,Ola,Gammel,,,,,,,,,1950-01-01,Youth,,,,\n"
    [planned] = rows(looked_at(HEAD + row))
    assert planned.action == "create"
    assert "76 years old" in planned.warnings[0]


def test_an_address_or_number_that_cannot_be_right_is_left_out_and_told_of() -> None:
    run = looked_at(HEAD + "1,person,Ola,Dunk,,,,,,,a@b.no.,12,,Ordinary,,,,\n")
    assert rows(run)[0].warnings == [
        "The e-mail address “a@b.no.” cannot be right and was left out.",
        "The phone number “12” cannot be right and was left out.",
    ]
    carried_out(run)
    assert Member.objects.values_list("email", "mobile").get() == ("", "")


def test_a_company_keeps_its_contact_person() -> None:
    row = "1,company,Kari,Ås,Fjord & Co AS,988077917,Veien 1,7010,Trondheim,NO,post@fjord.example,,,Corporate,,,,\n"
    imported(HEAD + row)
    member = Member.objects.get()
    assert (member.kind, member.full_name, member.contact_person, member.organisation_number) == (
        "organisation", "Fjord & Co AS", "Kari Ås", "988077917",
    )  # fmt: skip


def test_the_command_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "register.csv"
    path.write_text(HEAD + FAMILY + "10,person,,,,,,,,,,,,,,,,\n", encoding="utf-8")
    call_command("import_members", str(path), types=TYPES, dry_run=True)
    assert capsys.readouterr().out.splitlines()[-1] == "3 to create, 0 to change, 0 unchanged, 1 refused"
    assert not Member.objects.exists()
    call_command("import_members", str(path), types=TYPES)
    assert capsys.readouterr().out.splitlines()[-1] == "3 created, 0 changed, 0 unchanged, 1 refused"
    with pytest.raises(CommandError, match="There is no file"):
        call_command("import_members", str(tmp_path / "nothing.csv"))
    with pytest.raises(CommandError, match="XX"):
        call_command("import_members", str(path), types="Ordinary=XX")
