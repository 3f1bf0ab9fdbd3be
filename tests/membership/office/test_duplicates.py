"""Possible duplicates in the office: the list, side by side, merging in two steps, undoing."""

import re
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from core.models import User
from membership import duplicates, leaving, members, merging, roles
from membership.models import DuplicatePair, Member, Merge
from tests.makers import NOW, TODAY, make_household, make_member, make_non_member
from tests.membership.branch_makers import make_branch, make_officer, with_branches
from tests.membership.office.makers import admin_user, browser_of, browser_with, fixed_day, office, page

__all__ = ["admin_user", "fixed_day", "office", "with_branches"]
pytestmark = pytest.mark.django_db
LIST = "/admin/duplicates/"
MERGES = "/admin/merges/"


def pair_of(number: int = 0, **data: Any) -> DuplicatePair:
    """Somebody who is in the registry twice."""
    born_on = date(1980, 5, number + 1)
    make_non_member("Åse", f"Berg{number}", born_on=born_on, place="Oslo", email=f"aase{number}@example.no")
    make_non_member("Aase", f"Berg{number}", born_on=born_on, place="Bergen", email="", **data)
    duplicates.find(at=NOW)
    return DuplicatePair.objects.latest("pk")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_the_same_number_of_questions(office: Client, rows: int, django_assert_num_queries: Any) -> None:
    for number in range(rows):
        pair_of(number)
    page(office, LIST)
    with django_assert_num_queries(10):
        html = page(office, LIST)
    assert html.count("Aase Berg") == rows
    assert "Same name, same date of birth" in html


def test_the_number_on_the_first_page_leads_to_the_list(office: Client) -> None:
    pair_of()
    html = page(office, "/admin/")
    assert re.search(r'href="/admin/duplicates/">\s*<span[^>]*>1</span>\s*<span[^>]*>Possible duplicates', html)
    assert re.search(r"Duplicates", html)


def test_the_list_is_narrowed_down_by_state_score_reason_and_name(office: Client) -> None:
    pair, other = pair_of(1), pair_of(2, mobile="+4791234567")
    members.change(member=other.first, changes={"mobile": "+4791234567"}, at=NOW, by=None)
    duplicates.find(at=NOW)
    duplicates.dismiss(pair=pair, at=NOW, by=None)
    for asked, shown in (
        ({}, {"Berg2"}), ({"state": "dismissed"}, {"Berg1"}), ({"at_least": "90"}, {"Berg2"}),
        ({"reason": "phone"}, {"Berg2"}), ({"reason": "email"}, set()), ({"q": "berg1"}, set()),
        ({"q": "berg1", "state": "dismissed"}, {"Berg1"}),
    ):  # fmt: skip
        html = page(office, f"{LIST}results/", **asked)
        assert {name for name in ("Berg1", "Berg2") if f"Åse {name}" in html} == shown, asked


def test_side_by_side_with_what_differs(office: Client) -> None:
    pair = pair_of()
    html = page(office, f"{LIST}{pair.pk}/")
    assert re.search(r"Place</th><td>Oslo</td><td>Bergen</td><td><strong>differs", html)
    assert re.search(r"Date of birth</th><td>1 May 1980</td><td>1 May 1980</td><td><span[^>]*>same", html)
    assert "(empty)" in html


def test_not_the_same_takes_the_pair_off_the_list_and_can_be_taken_back(office: Client, admin_user: User) -> None:
    pair = pair_of()
    office.post(f"{LIST}{pair.pk}/not-the-same/")
    pair.refresh_from_db()
    assert (pair.dismissed_by, pair.dismissed_at) == (admin_user, NOW)
    assert "Aase" not in page(office, f"{LIST}results/")
    assert f"Not the same, said {admin_user}" in page(office, f"{LIST}{pair.pk}/")
    office.post(f"{LIST}{pair.pk}/look-again/")
    assert "Aase" in page(office, f"{LIST}results/")


def answers(form: str) -> dict[str, str]:
    """What is chosen on the form as it is shown."""
    chosen = {}
    for tag in re.findall(r'<input type="radio"[^>]*>', form):
        if "checked" in tag:
            chosen[re.findall(r'name="([^"]*)"', tag)[0]] = re.findall(r'value="([^"]*)"', tag)[0]
    return chosen


def test_merged_in_two_steps_and_undone(office: Client) -> None:
    pair = pair_of(mobile="+4791234567")
    kept, absorbed = pair.first, pair.second
    address = f"{LIST}{pair.pk}/merge/"
    chosen = answers(page(office, address))
    assert chosen == {
        "keep": str(kept.pk), "first_names": str(kept.pk), "email": str(kept.pk), "address": str(kept.pk),
        "mobile": str(absorbed.pk),
    }  # fmt: skip
    chosen["address"] = str(absorbed.pk)
    preview = office.post(address, chosen).content.decode()
    assert "This will happen:" in preview
    assert f"Number {absorbed.member_number} finds it from now on." in preview
    assert "On the entry that is kept change: mobile, place." in preview
    assert "It can be undone until 9 April 2026." in preview
    assert Member.objects.filter(pk=absorbed.pk).exists()

    answer = office.post(address, {**chosen, "confirmed": "1"}, follow=True)
    merge = Merge.objects.get()
    assert answer.request["PATH_INFO"] == f"{MERGES}{merge.pk}/"
    assert (
        f"Aase Berg0 ({absorbed.member_number}) has been merged into {kept.member_number}." in answer.content.decode()
    )
    kept.refresh_from_db()
    assert (kept.first_names, kept.place, kept.mobile) == ("Åse", "Bergen", "+4791234567")
    assert kept.last_name in page(office, "/admin/members/results/", q=absorbed.member_number)

    office.post(f"{MERGES}{merge.pk}/undo/")
    kept.refresh_from_db()
    assert (kept.place, kept.mobile, Member.objects.get(pk=absorbed.pk).place) == ("Oslo", "", "Bergen")
    html = page(office, f"{MERGES}{merge.pk}/")
    assert "Undone on" in html
    assert f"{MERGES}{merge.pk}/undo/" not in html


def test_an_address_is_chosen_whole(office: Client) -> None:
    pair = pair_of(address_line_1="Nye vei 3", postcode="5003")
    kept, absorbed = pair.first, pair.second
    Member.objects.filter(pk=kept.pk).update(
        address_line_1="", address_line_2="c/o Berg", postcode="", country="SE"
    )  # fmt: skip
    form = page(office, f"{LIST}{pair.pk}/merge/")
    assert re.findall(r'name="(address[^"]*|postcode|place|country)"', form) == ["address"] * 2
    assert "c/o Berg, Oslo, Sweden" in form and "Nye vei 3, 5003 Bergen" in form
    office.post(f"{LIST}{pair.pk}/merge/", {**answers(form), "address": str(absorbed.pk), "confirmed": "1"})
    kept.refresh_from_db()
    address = (kept.address_line_1, kept.address_line_2, kept.postcode, kept.place, kept.country)
    assert address == ("Nye vei 3", "", "5003", "Bergen", "NO")


def test_the_other_one_can_be_kept(office: Client) -> None:
    pair = pair_of()
    kept, absorbed = pair.second, pair.first
    address = f"{LIST}{pair.pk}/merge/"
    chosen = answers(page(office, address)) | {"keep": str(kept.pk)}
    office.post(address, {**chosen, "confirmed": "1"})
    kept.refresh_from_db()
    assert (kept.first_names, kept.place, kept.email) == ("Åse", "Oslo", "aase0@example.no")
    assert not Member.objects.filter(pk=absorbed.pk).exists()


def test_a_refusal_stands_on_the_form_before_anything_is_done(office: Client) -> None:
    bob, robert = make_household("Bob", "Berit").main_member, make_household("Robert", "Rita").main_member
    pair = duplicates.put_together(one=bob, other=robert, at=NOW)
    address = f"{LIST}{pair.pk}/merge/"
    html = office.post(address, answers(page(office, address))).content.decode()
    assert "They are in two households." in html
    assert "This will happen" not in html


def test_office_only_fields_are_neither_compared_nor_chosen_without_the_right() -> None:
    browser = browser_with(roles.MEMBER_ADMINS)
    user = User.objects.get(groups__name=roles.MEMBER_ADMINS)
    pair = pair_of()
    Member.objects.filter(pk=pair.first_id).update(office_notes="Hemmelig")
    for may_see in (True, False):
        if not may_see:
            user.groups.get().permissions.remove(*user.groups.get().permissions.filter(codename="see_office_fields"))
        for address in (f"{LIST}{pair.pk}/", f"{LIST}{pair.pk}/merge/"):
            assert ("Hemmelig" in page(browser, address)) is may_see, address
    chosen = answers(page(browser, f"{LIST}{pair.pk}/merge/"))
    sent = {**chosen, "office_notes": str(pair.second_id), "confirmed": "1"}
    browser.post(f"{LIST}{pair.pk}/merge/", sent)
    assert Member.objects.get(pk=pair.first_id).office_notes == "Hemmelig"


def test_two_others_are_compared(office: Client) -> None:
    kari, ola = make_member("Kari"), make_non_member("Ola")
    assert "One entry" in page(office, f"{LIST}new/")
    answer = office.post(f"{LIST}new/", {"one": kari.pk, "other": ola.pk})
    assert answer.headers["Location"] == f"{LIST}{DuplicatePair.objects.get().pk}/"
    html = office.post(f"{LIST}new/", {"one": kari.pk, "other": kari.pk}).content.decode()
    assert "This is the same entry twice. Choose another one." in html


def test_the_page_of_a_member_leads_to_merging_it_with_another(office: Client) -> None:
    kari = make_member("Kari")
    link = f"{LIST}new/?one={kari.pk}"
    assert f'href="{link}"' in page(office, f"/admin/members/{kari.pk}/")
    assert office.get(link).context["form"]["one"].value() == kari.pk
    leaving.record_death(member=kari, died_on=TODAY, on=TODAY, at=NOW)
    assert f'href="{link}"' in page(office, f"/admin/members/{kari.pk}/"), "also the dead are registered twice"
    for nobody in ("0", "x", "9" * 30, ""):
        assert office.get(f"{LIST}new/", {"one": nobody}).context["form"]["one"].value() is None
    treasurer = browser_with(roles.TREASURERS)
    assert f"{LIST}new/" not in page(treasurer, f"/admin/members/{kari.pk}/")


@pytest.mark.usefixtures("with_branches")
def test_somebody_in_another_branch_is_not_named_beside_the_comparison() -> None:
    oslo, bergen = make_branch("Oslo"), make_branch("Bergen")
    kari = make_member("Kari")
    Member.objects.filter(pk=kari.pk).update(branch=bergen)
    officer = make_officer(oslo)
    officer.user_permissions.add(*Permission.objects.filter(codename__endswith="_duplicatepair"))
    answer = browser_of(officer).get(f"{LIST}new/", {"one": kari.pk})
    assert (answer.context["form"]["one"].value(), "Kari" in answer.content.decode()) == (None, False)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_merges_ask_the_same_number_of_questions(
    office: Client, admin_user: User, rows: int, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        pair = pair_of(number)
        merging.merge(kept=pair.first, absorbed=pair.second, choices={}, on=TODAY, at=NOW, by=admin_user)
    page(office, MERGES)
    with django_assert_num_queries(10):
        html = page(office, MERGES)
    assert html.count("Aase Berg") == rows


def test_what_could_not_be_put_back_is_listed(office: Client, admin_user: User) -> None:
    pair = pair_of()
    kept = pair.first
    merging.merge(kept=kept, absorbed=pair.second, choices={"place": "absorbed"}, on=TODAY, at=NOW, by=admin_user)
    kept.refresh_from_db()
    members.change(member=kept, changes={"place": "Tromsø"}, at=NOW, by=admin_user)
    merge = Merge.objects.get()
    office.post(f"{MERGES}{merge.pk}/undo/")
    html = page(office, f"{MERGES}{merge.pk}/")
    assert "What could not be put back" in html
    assert "Member, place: changed since, and left as it is." in html


def test_the_treasurer_sees_none_of_it() -> None:
    pair = pair_of()
    browser = browser_with(roles.TREASURERS)
    for address in (LIST, f"{LIST}{pair.pk}/", f"{LIST}{pair.pk}/merge/", f"{LIST}new/", MERGES):
        assert browser.get(address).status_code == 302, address
    assert browser.post(f"{LIST}{pair.pk}/not-the-same/").status_code == 302
    assert "Possible duplicates" not in page(browser, "/admin/")
    assert DuplicatePair.objects.open().count() == 1
