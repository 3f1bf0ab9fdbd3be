"""The household on My page, and the page of an invitation's link: what each may do, undo and see."""

import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from membership import households, invitations
from membership.models import Invitation, Member
from messaging.models import Message
from tests.makers import NOW, TODAY, make_household, make_member, make_non_member
from tests.membership.household_makers import ABOUT_BERIT, browser, households_by_main, link_in

pytestmark = pytest.mark.django_db


def text_of(client: Client, name: str, *arguments: Any) -> str:
    answer = client.get(reverse(name, args=arguments), follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def invited(inviter: Member, email: str = "berit@example.no", name: str = "") -> str:
    """The link of an invitation that was sent just now."""
    inviter.refresh_from_db()
    row = invitations.invite(inviter=inviter, email=email, name=name, on=TODAY, at=NOW)
    return link_in(Message.objects.get(recipient_ref=f"invitation:{row.pk}"))


def test_the_main_member_sees_what_can_be_done_and_the_others_only_who_lives_there() -> None:
    bob, berit = make_household("Bob", "Berit").members
    his, hers = text_of(browser(bob), "my_household"), text_of(browser(berit), "my_household")
    for words in ("Invite somebody", "We have moved", "Make main member"):
        assert words in his and words not in hers
    assert "Leave the household" in his and "Leave the household" in hers
    assert "bob@example.no" not in hers and "Fjordgata 1<" not in hers


def test_who_lives_alone_with_a_single_membership_has_nothing_to_press() -> None:
    page = text_of(browser(make_member("Alice")), "my_household")
    assert "You are in no household" in page and "Invite somebody" not in page and "Leave the household" not in page


def test_a_refusal_stands_on_the_form_with_what_was_typed() -> None:
    bob = make_member("Bob", "Berg", type_code="FM")
    invited(bob)
    page = browser(bob).post(reverse("my_household_invite"), {"name": "", "email": "berit@example.no"}).content.decode()
    assert "has an invitation that waits for an answer" in page and 'value="berit@example.no"' in page
    page = browser(bob).post(reverse("my_household_invite"), {"name": "", "email": "nonsense"}).content.decode()
    assert "Error:" in page and Invitation.objects.count() == 1


def test_an_invitation_is_withdrawn_and_its_link_says_so() -> None:
    bob = make_member("Bob", "Berg", type_code="FM")
    link = invited(bob)
    browser(bob).post(reverse("my_household_withdraw", args=[Invitation.objects.get().pk]))
    answer = browser().get(link)
    assert answer.status_code == 410 and "answered or withdrawn" in answer.content.decode()
    assert browser().get(f"{link[:-3]}/").status_code == 410
    assert "berit@example.no" not in text_of(browser(bob), "my_household")


def test_no_is_an_answer_and_nothing_is_kept() -> None:
    bob = make_member("Bob", "Berg", type_code="FM")
    link = invited(bob)
    client = browser()
    answer = client.post(link, {"answer": "no"}, follow=True)
    assert "You said no" in answer.content.decode()
    row = Invitation.objects.get()
    assert (row.state, row.email, row.name) == ("declined", "", "")
    assert Member.objects.count() == 1


def test_the_link_needs_the_forms_own_token() -> None:
    bob = make_member("Bob", "Berg", type_code="FM")
    link = invited(bob)
    assert Client(enforce_csrf_checks=True).post(link, ABOUT_BERIT).status_code == 403
    assert browser().put(link).status_code == 405
    assert Member.objects.count() == 1


def test_nothing_of_the_household_stands_on_the_links_page() -> None:
    make_household("Charlie", "Carla", last_name="Chen")
    bob = make_household("Bob", "Bo", last_name="Berg").main_member
    answer = browser().get(invited(bob))
    page = answer.content.decode()
    assert "Bob Berg" in page
    for secret in ("Bo Berg", "Charlie", "Carla", "bob@example.no", "7010 Trondheim 1"):
        assert secret not in page
    assert "no-store" in answer["Cache-Control"]


def test_what_was_typed_is_kept_when_something_is_missing() -> None:
    link = invited(make_member("Bob", "Berg", type_code="FM"))
    page = browser().post(link, {**ABOUT_BERIT, "born_on": "soon"}).content.decode()
    assert 'value="Berit"' in page and "Error:" in page
    assert Member.objects.count() == 1


def test_who_is_logged_in_says_yes_as_one_of_the_log_ins_members() -> None:
    nora = make_member("Nora", "Known")
    make_non_member("Nils", "Known", email="nora@example.no")
    link = invited(make_member("Bob", "Berg", type_code="FM"))
    hers = browser(nora)
    page = hers.get(link).content.decode()
    assert "Say yes as Nora Known" in page and "Say yes as Nils Known" in page
    stranger = make_member("Sven", "Stranger")
    hers.post(link, {"answer": "as", "member": stranger.pk})
    assert households_by_main() == {"Bob Berg": {"Bob"}}
    hers.post(link, {"answer": "as", "member": nora.pk})
    assert households_by_main() == {"Bob Berg": {"Bob", "Nora"}}


def test_who_lives_elsewhere_is_told_and_can_still_answer() -> None:
    charlie = make_household("Charlie", "Carla", last_name="Chen").members[0]
    link = invited(make_member("Bob", "Berg", type_code="FM"))
    answer = browser(charlie).post(link, {"answer": "as", "member": charlie.pk}, follow=True)
    assert "is in a household already" in answer.content.decode()
    assert Invitation.objects.get().state == "open"


def test_removing_is_confirmed_and_undone() -> None:
    bob, berit, _bo = make_household("Bob", "Berit", "Bo").members
    his = browser(bob)
    assert "From the next period, Berit Berg has a membership of their own" in text_of(
        his, "my_household_remove", berit.pk
    )
    assert households_by_main() == {"Bob Berg": {"Bob", "Berit", "Bo"}}
    his.post(reverse("my_household_remove", args=[berit.pk]))
    assert households_by_main() == {"Bob Berg": {"Bob", "Bo"}}
    assert browser(berit).post(reverse("my_household_undo")).status_code == 302  # another session: nothing
    assert households_by_main() == {"Bob Berg": {"Bob", "Bo"}}
    his.post(reverse("my_household_undo"))
    his.post(reverse("my_household_undo"))
    assert households_by_main() == {"Bob Berg": {"Bob", "Berit", "Bo"}}
    assert berit.periods.get().ended_on is None


def test_undo_has_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    bob, berit = make_household("Bob", "Berit").members
    his = browser(bob)
    his.post(reverse("my_household_remove", args=[berit.pk]))
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + datetime.timedelta(minutes=16))
    assert "Undo" not in text_of(his, "my_household")
    his.post(reverse("my_household_undo"))
    assert households_by_main() == {"Bob Berg": {"Bob"}}


def test_the_main_member_hands_over_before_leaving() -> None:
    bob, _berit = make_household("Bob", "Berit").members
    assert "Ask another of the household to take over first" in text_of(browser(bob), "my_household_leave")
    page = browser(bob).post(reverse("my_household_leave"), follow=True).content.decode()
    assert "Choose another main member first" in page
    assert households_by_main() == {"Bob Berg": {"Bob", "Berit"}}


def test_no_leaves_everything_as_it_was() -> None:
    joined = make_household("Bob", "Berit")
    bob, berit = joined.members
    browser(bob).post(reverse("my_household_hand_over", args=[berit.pk]))
    assert "Berit Berg" in text_of(browser(bob), "my_household").split("Waits for an answer")[1]
    browser(berit).post(reverse("my_household_take_over"), {"answer": "no"})
    assert households_by_main() == {"Bob Berg": {"Bob", "Berit"}}
    assert "Nobody asks you to be main member now." in text_of(browser(berit), "my_household_take_over")


def test_the_household_moves() -> None:
    bob, berit = make_household("Bob", "Berit").members
    address = {"address_line_1": "Nygata 2", "address_line_2": "", "postcode": "0150", "place": "OSLO", "country": "NO"}
    browser(bob).post(reverse("my_household_move"), address)
    assert set(Member.objects.values_list("address_line_1", "postcode")) == {("Nygata 2", "0150")}
    assert browser(berit).get(reverse("my_household_move")).status_code == 404


def test_a_child_that_turns_27_is_offered_a_membership_of_its_own() -> None:
    _bob, berit = make_household("Bob", "Berit").members
    assert "A membership of your own" not in text_of(browser(berit), "my_page")
    Member.objects.filter(pk=berit.pk).update(born_on=datetime.date(1999, 5, 5))
    page = text_of(browser(berit), "my_page")
    assert "A membership of your own" in page and "Individual (ordinary membership)" in page
    assert "From the next period your membership is" in text_of(browser(berit), "my_household_leave")


def test_members_without_a_household_have_no_pages_for_one() -> None:
    alice = make_member("Alice")
    for name in ("my_household_invite", "my_household_move"):
        assert browser(alice).get(reverse(name)).status_code == 404
    assert browser(alice).post(reverse("my_household_leave")).url == reverse("my_household")
    assert browser().get(reverse("invitation_done")).url == reverse("my_page")
    assert not households.needs_successor(member=alice)
