"""Undo: what an import did is taken back; rows somebody has touched since are kept and listed with the reason."""

import pytest

from core.models import User
from membership import consents, households, members, periods
from membership.imports import runs
from membership.models import Consent, Household, ImportRow, Member, Period
from membership.status import status_of
from tests.makers import TODAY, at_noon, make_household, make_member, make_user, set_up_client
from tests.membership.imports.makers import FAMILY, HEAD, carried_out, looked_at, undone

pytestmark = pytest.mark.django_db

SINGLES = (
    "21,person,Per,Ås,,,Veien 3,7010,Trondheim,NO,per@example.no,,1970-01-31,Ordinary,,,2016-10-21,yes\n"
    "22,person,Pia,Ås,,,Veien 3,7010,Trondheim,NO,pia@example.no,,1971-01-31,Ordinary,,,2016-10-21,no\n"
    "23,person,Pål,Ås,,,Veien 3,7010,Trondheim,NO,pal@example.no,,1972-01-31,Ordinary,,,2016-10-21,no\n"
)


@pytest.fixture(autouse=True)
def _client() -> None:
    set_up_client()


def kept(run) -> dict[str, str]:  # type: ignore[no-untyped-def]
    """Who was kept, and why."""
    return dict(run.rows.filter(outcome=ImportRow.Outcome.KEPT).order_by("line").values_list("name", "reason"))


def change(number: str, **changes: str) -> Member:
    member = Member.objects.get(member_number=number)
    members.change(member=member, changes=changes, at=at_noon(TODAY), by=None)
    return member


def test_everybody_who_came_in_goes_out_and_nothing_is_left_but_the_log() -> None:
    alice, berg = make_member(), make_household()
    before = [list(model.objects.order_by("pk").values()) for model in (Member, Household, Period, Consent, User)]

    run = carried_out(looked_at(HEAD + FAMILY + SINGLES))
    assert run.counts["create"] == 6
    assert undone(run) == {"taken_out": 6, "restored": 0, "kept": 0}

    assert before == [
        list(model.objects.order_by("pk").values()) for model in (Member, Household, Period, Consent, User)
    ]
    assert status_of(member=alice, on=TODAY).code == "active"
    assert berg.main_member.household is not None
    run.refresh_from_db()
    assert run.state == "undone"
    assert not runs.undo(run=run, at=at_noon(TODAY), by=None)
    assert carried_out(looked_at(HEAD + FAMILY + SINGLES)).counts["create"] == 6


def test_new_addresses_leave_no_log_ins_behind() -> None:
    """Not when they are taken back, and not when their owners are taken out after that; but one that was used stays."""
    first = carried_out(looked_at(HEAD + SINGLES))
    before = list(User.objects.order_by("pk").values("pk", "username", "email", "is_active"))
    second = carried_out(looked_at(HEAD + SINGLES.replace("@example.no", "@example.com")))
    assert second.counts["change"] == 3
    User.objects.filter(email="pia@example.com").update(last_login=at_noon(TODAY))
    assert undone(second) == {"taken_out": 0, "restored": 3, "kept": 0}
    used = User.objects.filter(email="pia@example.com")
    assert list(used.values_list("username", "is_active")) == [("m22-2", False)]
    assert list(User.objects.difference(used).order_by("pk").values("pk", "username", "email", "is_active")) == before
    change("21", email="per@example.org")
    change("21", email="per@example.no")
    assert undone(first) == {"taken_out": 2, "restored": 0, "kept": 1}
    assert list(User.objects.order_by("username").values_list("username", flat=True)) == ["m21", "m21-2", "m22-2"]


def test_old_values_come_back() -> None:
    carried_out(looked_at(HEAD + FAMILY))
    before = list(Member.objects.order_by("pk").values())
    moved = FAMILY.replace("Veien 1,7010", "Ås 2,7011").replace("1980-01-31", "1980-02-01").replace("+47 9", "+47 4")
    run = carried_out(looked_at(HEAD + moved))
    assert run.counts["change"] == 3
    assert Member.objects.get(member_number="7").address_line_1 == "Ås 2"
    assert undone(run) == {"taken_out": 0, "restored": 3, "kept": 0}
    assert before == list(Member.objects.order_by("pk").values())


def test_those_who_were_changed_since_are_kept_and_listed() -> None:
    carried_out(looked_at(HEAD + FAMILY))
    run = carried_out(looked_at(HEAD + FAMILY.replace("Veien 1", "Veien 2") + SINGLES))
    change("8", mobile="+4791111111")
    change("21", place="Oslo")
    pia = Member.objects.get(member_number="22")
    consents.record(
        member=pia, purpose="newsletter", channel="email", is_given=True, at=at_noon(TODAY), source="my_page"
    )
    assert undone(run) == {"taken_out": 1, "restored": 2, "kept": 3}
    listed = kept(run)
    assert list(listed) == ["Åse Øye", "Per Ås", "Pia Ås"]
    assert "Changed" in listed["Åse Øye"]
    assert "Changed" in listed["Per Ås"]
    assert listed["Pia Ås"] == "Is used since then: Consent."
    numbers = set(Member.objects.values_list("member_number", flat=True))
    assert {"7", "8", "9", "21"} <= numbers
    assert "23" not in numbers
    assert Member.objects.get(member_number="8").address_line_1 == "Veien 2"
    assert Member.objects.get(member_number="7").address_line_1 == "Veien 1"
    assert Member.objects.get(member_number="21").periods.count() == 1


def test_an_import_that_was_undone_keeps_nobody_from_leaving_with_an_earlier_one() -> None:
    first = carried_out(looked_at(HEAD + FAMILY))
    second = carried_out(looked_at(HEAD + FAMILY.replace("Veien 1", "Veien 2")))
    assert undone(second) == {"taken_out": 0, "restored": 3, "kept": 0}
    assert undone(first) == {"taken_out": 3, "restored": 0, "kept": 0}


def test_a_later_import_that_stands_is_a_change() -> None:
    first = carried_out(looked_at(HEAD + FAMILY))
    carried_out(looked_at(HEAD + FAMILY.replace("Veien 1", "Veien 2")))
    assert undone(first) == {"taken_out": 0, "restored": 0, "kept": 3}


def test_looking_at_somebody_is_no_change() -> None:
    from wagtail.log_actions import log

    run = carried_out(looked_at(HEAD + SINGLES))
    log(instance=Member.objects.get(member_number="21"), action="membership.member.viewed")
    assert undone(run) == {"taken_out": 3, "restored": 0, "kept": 0}


def test_whoever_got_an_invoice_is_kept_with_the_household() -> None:
    from invoicing.models import Invoice

    run = carried_out(looked_at(HEAD + FAMILY + SINGLES))
    anne = Member.objects.get(member_number="7")
    from membership import prices
    from tests.makers import make_type

    type_ = make_type("E")
    next_year = TODAY.replace(year=TODAY.year + 1, month=1, day=1)
    term = periods.Term(
        member=anne, type=type_, starts_on=next_year, ends_on=periods.last_day(type=type_, starts_on=next_year),
        quote=prices.quote(member=anne, type=type_, on=next_year), source="office",
    )  # fmt: skip
    periods.open_periods(terms=[term], on=TODAY)
    assert Invoice.objects.count() == 1
    assert undone(run) == {"taken_out": 3, "restored": 0, "kept": 3}
    assert set(kept(run)) == {"Ánne Čáhcesuolu", "Åse Øye", "Bo Øye"}
    assert kept(run)["Bo Øye"] == "Ánne Čáhcesuolu in the same household is kept."
    assert Household.objects.get().main_member == anne


def test_the_main_member_of_somebody_who_moved_in_since_is_kept() -> None:
    run = carried_out(looked_at(HEAD + FAMILY))
    home = Household.objects.get()
    households.add(household=home, member=make_member("Nils", "Ny"))
    assert undone(run)["kept"] == 3
    assert home.members.count() == 4


def test_a_log_in_that_somebody_uses_stays() -> None:
    mona = make_user("Member admins")
    row = SINGLES.splitlines()[0].replace("per@example.no", mona.email) + "\n"
    run = carried_out(looked_at(HEAD + row))
    assert Member.objects.get().user == mona
    undone(run)
    assert User.objects.filter(pk=mona.pk).exists()


def test_half_an_import_can_be_taken_back() -> None:
    run = looked_at(HEAD + SINGLES)
    runs.agree(run=run, at=at_noon(TODAY))
    assert runs.go_on(run_id=run.pk, on=TODAY, at=at_noon(TODAY), portion=2)
    assert runs.cancel(run=run, at=at_noon(TODAY))
    assert not runs.go_on(run_id=run.pk, on=TODAY, at=at_noon(TODAY), portion=2)
    run.refresh_from_db()
    assert (run.state, run.counts["create"], Member.objects.count()) == ("cancelled", 2, 2)
    assert undone(run) == {"taken_out": 2, "restored": 0, "kept": 0}
    assert not Member.objects.exists()
