"""Invitations: their limits, who is found again, what they say when it is too late, and their mails word for word."""

import datetime
import re
from pathlib import Path
from typing import Any

import pytest

from core.errors import Refused
from membership import households, invitations, leaving
from membership.consents import ConsentGiven
from membership.models import Household, Invitation, Member, MembershipType
from messaging.models import Message, State
from tests.makers import NOW, TODAY, make_household, make_member, make_non_member, person
from tests.membership.household_makers import households_by_main, make_company
from tests.membership.join_form.makers import use_client

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "mails"


def invite(inviter: Member, email: str = "berit@example.no", **data: Any) -> Invitation:
    inviter.refresh_from_db()
    return invitations.invite(inviter=inviter, email=email, **{"on": TODAY, "at": NOW, **data})


def accept(invitation: Invitation, first_names: str = "Berit", last_name: str = "Berg", **data: Any) -> Member:
    return invitations.accept_new(
        invitation=invitation, data=person(first_names, last_name, **{"email": "", **data}), language="en",
        consents=[ConsentGiven(purpose="statutes")], on=TODAY, at=NOW,
    )  # fmt: skip


def test_the_newcomer_is_paid_with_the_main_member() -> None:
    bob = make_member("Bob", "Berg", type_code="FM", paid=False)
    berit = accept(invite(bob))
    term, main = berit.periods.get(), bob.periods.get()
    assert (term.type.code, term.paid_with, term.ends_on, term.pay_by) == ("FM2", main, main.ends_on, main.pay_by)
    assert term.confirmed_on is None
    assert [(row.purpose, row.source) for row in berit.consents.all()] == [("statutes", "form")]
    assert berit.email == "berit@example.no"


def test_a_trial_is_joined_by_a_trial() -> None:
    bob = make_household("Bob", "Bo", paid=False, trial=True).main_member
    term = accept(invite(bob)).periods.get()
    main = bob.periods.get()
    assert term.wanted_type is not None
    assert (term.type, term.wanted_type.code, term.ends_on) == (main.type, "FM2", main.ends_on)


def test_whoever_has_a_price_gets_on_an_invoice_to_the_main_member() -> None:
    bob = make_member("Bob", "Berg", type_code="FM")
    MembershipType.objects.filter(code="FM2").update(price=100)
    berit = accept(invite(bob))
    from invoicing.models import Invoice

    invoice = Invoice.objects.get(lines__period__member=berit)
    assert (invoice.member, invoice.total) == (bob, 100)
    assert berit.periods.get().confirmed_on is None


def test_only_the_main_member_of_a_family_membership_invites() -> None:
    _bob, berit = make_household("Bob", "Berit").members
    with pytest.raises(Refused, match=r"Only the main member can invite. Ask Bob Berg."):
        invite(berit)
    with pytest.raises(Refused, match="Change to a family membership first"):
        invite(make_member("Alice"))
    assert Invitation.objects.count() == 0 and Message.objects.filter(kind="invitation").count() == 0


def test_a_household_is_made_for_who_has_the_membership_and_none() -> None:
    bob = make_member("Bob", "Berg", type_code="FM")
    Household.objects.all().delete()
    invite(bob)
    assert households_by_main() == {"Bob Berg": {"Bob"}}


def test_a_known_address_gets_the_same_answer() -> None:
    """The row, the mail's words and what is said are the same, but for the address."""
    make_member("Nora", "Known", email="known@example.no")
    bob = make_member("Bob", "Berg", type_code="FM")
    rows = [invite(bob, email) for email in ("known@example.no", "other@example.no")]
    mails = [Message.objects.get(recipient_ref=f"invitation:{row.pk}") for row in rows]
    words = [re.sub(r"/invitasjon/\S+", "…", mail.body_text) for mail in mails]
    assert words[0] == words[1] and mails[0].state == mails[1].state
    assert [(row.state, row.member_id) for row in rows] == [("open", None), ("open", None)]


def test_so_many_an_hour_and_one_to_each() -> None:
    bob = make_member("Bob", "Berg", type_code="FM")
    for number in range(invitations.MOST_AN_HOUR):
        invite(bob, f"number{number}@example.no")
    with pytest.raises(Refused, match="Try again in an hour"):
        invite(bob, "last@example.no")
    later = NOW + datetime.timedelta(minutes=61)
    with pytest.raises(Refused, match=r"NUMBER1@example\.no has an invitation that waits"):
        invite(bob, "NUMBER1@example.no", at=later)
    invite(bob, "last@example.no", at=later)
    assert Invitation.objects.count() == invitations.MOST_AN_HOUR + 1


def test_no_more_than_so_many_wait_at_a_time() -> None:
    bob = make_member("Bob", "Berg", type_code="FM")
    for number in range(invitations.MOST_OPEN):
        invite(bob, f"number{number}@example.no", at=NOW + datetime.timedelta(hours=number))
    with pytest.raises(Refused, match="you have to wait"):
        invite(bob, "last@example.no", at=NOW + datetime.timedelta(hours=20))


def test_one_victim_gets_three_mails_an_hour() -> None:
    for number in range(5):
        invite(make_member(f"Bob{number}", "Berg", type_code="FM"), "victim@example.no")
    states = list(Message.objects.filter(address="victim@example.no").values_list("state", flat=True))
    assert states.count(State.SUPPRESSED) == 2 and len(states) == 5


def test_the_old_entry_is_found_and_not_doubled() -> None:
    nora = make_non_member("Nora", "Known", email="Nora@example.no", address_line_1="Her own street")
    bob = make_member("Bob", "Berg", type_code="FM")
    found = accept(invite(bob, "nora@example.no"), "nora", "KNOWN")
    nora.refresh_from_db()
    assert found == nora and nora.household == bob.household
    assert (nora.first_names, nora.address_line_1) == ("Nora", "Her own street")
    assert nora.consents.get().purpose == "statutes"
    assert Member.objects.count() == 2


def test_who_has_a_membership_keeps_it_to_its_end() -> None:
    nora = make_member("Nora", "Known", email="nora@example.no")
    bob = make_member("Bob", "Berg", type_code="FM")
    invitations.accept_as(invitation=invite(bob, "x@example.no"), member=nora, on=TODAY, at=NOW, by=nora.user)
    nora.refresh_from_db()
    assert nora.household == bob.household
    assert [period.type.code for period in nora.periods.all()] == ["E"]


def test_a_child_shares_the_mothers_address_and_log_in() -> None:
    bob = make_member("Bob", "Berg", type_code="FM")
    first = accept(invite(bob, "bob@example.no", name="Bo"), "Bo", born_on=datetime.date(2015, 1, 1))
    second = accept(invite(bob, "bob@example.no", name="Brit"), "Brit", born_on=datetime.date(2017, 1, 1))
    bob.refresh_from_db()
    assert first.user == second.user == bob.user
    assert households_by_main() == {"Bob Berg": {"Bob", "Bo", "Brit"}}


def test_who_lives_elsewhere_is_refused_and_the_invitation_stays_open() -> None:
    carla = make_household("Charlie", "Carla", last_name="Chen").members[1]
    row = invite(make_member("Bob", "Berg", type_code="FM"))
    with pytest.raises(Refused, match="is in a household already"):
        invitations.accept_as(invitation=row, member=carla, on=TODAY, at=NOW, by=carla.user)
    row.refresh_from_db()
    assert (row.state, row.email) == ("open", "berit@example.no")


def test_a_main_member_who_has_left_carries_nobody() -> None:
    bob = make_member("Bob", "Berg", type_code="FM")
    row = invite(bob)
    leaving.resign(member=bob, on=TODAY - datetime.timedelta(days=1), at=NOW)
    with pytest.raises(Refused, match="no membership that others can join"):
        accept(row)
    assert not Member.objects.filter(first_names="Berit").exists()


def withdrawn(row: Invitation) -> None:
    invitations.withdraw(invitation=row, at=NOW)


def declined(row: Invitation) -> None:
    invitations.decline(invitation=row, at=NOW)


def accepted(row: Invitation) -> None:
    accept(row)


def too_old(row: Invitation) -> None:
    Invitation.objects.update(expires_at=NOW)


def forgotten(row: Invitation) -> None:
    invitations.expire(at=NOW + datetime.timedelta(days=15))


@pytest.mark.parametrize("ending", [withdrawn, declined, accepted, too_old, forgotten])
def test_a_link_works_once_and_not_for_ever(ending: Any) -> None:
    row = invite(make_member("Bob", "Berg", type_code="FM"))
    ending(row)
    before = Member.objects.count()
    with pytest.raises(Refused, match="answered or withdrawn, or it is too old"):
        accept(row, "Brita")
    with pytest.raises(Refused, match="answered or withdrawn"):
        invitations.decline(invitation=row, at=NOW)
    assert Member.objects.count() == before
    row.refresh_from_db()
    assert ending is too_old or (row.email, row.name) == ("", "")


def test_forgetting_twice_changes_nothing() -> None:
    bob = make_member("Bob", "Berg", type_code="FM")
    invite(bob)
    invite(bob, "fresh@example.no", at=NOW + datetime.timedelta(days=10))
    later = NOW + datetime.timedelta(days=14)
    assert invitations.expire(at=later).counts == {"invitations forgotten": 1}
    assert invitations.expire(at=later).counts == {}
    assert [row.email for row in Invitation.objects.open(at=later)] == ["fresh@example.no"]


# --- handing over -------------------------------------------------------------------------------------------------


def ask(household: Household, to: Member) -> Invitation:
    return invitations.ask_to_take_over(household=household, to=to, on=TODAY, at=NOW)


def test_a_second_question_takes_the_first_back() -> None:
    joined = make_household("Bob", "Berit", "Brita")
    assert joined.household is not None
    bob, berit, brita = joined.members
    first = ask(joined.household, berit)
    second = ask(joined.household, brita)
    assert invitations.question_to(member=berit, at=NOW) is None
    with pytest.raises(Refused, match="answered or withdrawn"):
        invitations.take_over(invitation=first, at=NOW)
    invitations.take_over(invitation=second, at=NOW)
    joined.household.refresh_from_db()
    assert joined.household.main_member == brita and bob.household == joined.household


def test_children_the_silent_and_strangers_are_not_asked() -> None:
    joined = make_household("Bob", "Berit", "Bo")
    assert joined.household is not None
    _bob, berit, bo = joined.members
    bo.born_on = datetime.date(2010, 1, 1)
    with pytest.raises(Refused, match="under 18"):
        ask(joined.household, bo)
    berit.user = None
    with pytest.raises(Refused, match="no e-mail address"):
        ask(joined.household, berit)
    with pytest.raises(Refused, match="not in this household"):
        ask(joined.household, make_member("Alice"))
    assert Invitation.objects.count() == 0


def test_a_question_is_none_when_the_asker_is_not_main_member_any_more() -> None:
    joined = make_household("Bob", "Berit", "Brita")
    assert joined.household is not None
    _bob, berit, brita = joined.members
    row = ask(joined.household, berit)
    households.hand_over(household=joined.household, to=brita)
    assert invitations.question_to(member=berit, at=NOW) is None
    with pytest.raises(Refused, match="answered or withdrawn"):
        invitations.take_over(invitation=row, at=NOW)


# --- the mails ----------------------------------------------------------------------------------------------------


def as_text(mail: Message) -> str:
    whole = f"To: {mail.address}\nSubject: {mail.subject}\n\n{mail.body_text}"
    return re.sub(r"/invitasjon/[^/\s]+/", "/invitasjon/…/", whole)


@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_mails_word_for_word(settings: Any, language: str) -> None:
    company = make_company()
    bob = make_member("Bob", "Berg", type_code="FM")
    Member.objects.update(language=language)
    company.refresh_from_db()
    row = invite(bob, name="Berit")
    berit = accept(row)
    berit.language = language
    berit.save()
    home = Household.objects.get()
    ask(home, berit)
    seat = invitations.invite_to_seat(
        organisation=company, inviter=company, email="ole@example.no", on=TODAY, at=NOW
    )  # fmt: skip
    Message.objects.filter(template__in=["invitation_accepted", "moved_in"]).delete()
    from membership import mails

    row.refresh_from_db()
    row.member = berit
    mails.invitation_accepted(invitation=row, at=NOW)
    assert row.invited_by is not None
    row.invited_by.refresh_from_db()
    mails.moved_in(invitation=row, at=NOW)
    assert seat.organisation == company
    for template in (
        "household_invitation", "invitation_accepted", "moved_in", "asked_to_be_main_member", "seat_invitation",
    ):  # fmt: skip
        text = as_text(Message.objects.get(template=template))
        path = GOLDEN / f"{template}.{language}.txt"
        assert text == path.read_text(encoding="utf-8"), template


def test_a_name_with_markup_is_text_in_the_html() -> None:
    bob = make_member('"><img src=x onerror=1>', "Berg", email="bob@example.no", type_code="FM")
    invite(bob, name="<b>Berit</b>")
    html = Message.objects.get(kind="invitation").body_html
    assert "<img" not in html and "<b>Berit" not in html


def test_who_invited_hears_of_the_yes_once_and_only_while_they_live_there() -> None:
    bob = make_member("Bob", "Berg", type_code="FM")
    mails = Message.objects.filter(template="moved_in")
    accept(invite(bob))
    assert [(mail.address, "Berit Berg" in mail.subject) for mail in mails] == [("bob@example.no", True)]
    mails.delete()
    row = invite(bob, "bo@example.no", name="Bo")
    household = Household.objects.get()
    households.hand_over(household=household, to=household.members.get(first_names="Berit"))
    Member.objects.filter(first_names="Bob").update(household=None)
    row.refresh_from_db()
    with pytest.raises(Refused):
        accept(row, "Bo")
    assert not mails.exists(), "who has moved out is not told who lives there"
    company = make_company()
    accept(
        invitations.invite_to_seat(organisation=company, inviter=bob, email="per@example.no", on=TODAY, at=NOW), "Per"
    )
    assert not mails.exists(), "a seat is told of on the organisation's page"


def test_an_association_without_family_types_invites_nobody(settings: Any) -> None:
    use_client(settings, "gronland61")
    assert settings.CLIENT.name == "gronland61"
    with pytest.raises(Refused):
        invite(make_member("Bob", "Berg", type_code="EIER"))
