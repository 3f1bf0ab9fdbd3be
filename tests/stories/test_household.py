"""Bob invites Berit by e-mail, she joins with her own words, takes over, and Bob moves out; Charlie is not concerned.

Then a company gives out its seats, and its people read the pages for members as long as it is one.
"""

import datetime
from collections.abc import Iterator

import pytest
from django.urls import reverse

from core.models import User
from membership import invitations, leaving, members_group, periods, prices, roles, seats
from membership.models import Invitation, Member, Seat
from messaging.models import Message
from tests.makers import NOW, TODAY, make_household, make_member, make_non_member
from tests.membership.household_makers import ABOUT_BERIT, browser, households_by_main, link_in, make_company

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def the_day(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: TODAY)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    yield


def insiders() -> set[str]:
    return set(User.objects.filter(groups__name=roles.MEMBERS).values_list("email", flat=True))


def test_a_household_from_invitation_to_parting() -> None:
    bob = make_member("Bob", "Berg", type_code="FM", postcode="7011")
    make_household("Charlie", "Carla", last_name="Chen")

    # Bob invites. The page says what it costs, and the list says who has not answered.
    his = browser(bob)
    page = his.get(reverse("my_household_invite")).content.decode()
    assert "It costs nothing extra until your membership ends." in page
    his.post(reverse("my_household_invite"), {"name": "Berit", "email": "berit@example.no"})
    assert "berit@example.no" in his.get(reverse("my_household")).content.decode()
    mail = Message.objects.get(template="household_invitation")
    assert mail.address == "berit@example.no"

    # Berit's mail program opens the link; nothing happens. She answers with her own data and consents.
    hers = browser()
    page = hers.get(link_in(mail)).content.decode()
    assert "Bob Berg invites you" in page and "7011" not in page
    assert not Member.objects.filter(first_names="Berit").exists()
    missing = hers.post(link_in(mail), {**ABOUT_BERIT, "statutes_any": ""})
    assert "Tick this box" in missing.content.decode()
    done = hers.post(link_in(mail), ABOUT_BERIT)
    assert done.url == reverse("invitation_done")
    assert "Welcome, Berit Berg" in hers.get(done.url).content.decode()
    berit = Member.objects.get(first_names="Berit")
    term = berit.periods.get()
    assert (term.type.code, term.price, term.confirmed_on) == ("FM2", 0, TODAY)
    assert term.paid_with == bob.periods.get()
    assert (berit.email, berit.address_line_1) == ("berit@example.no", "Fjordgata 1")
    assert list(Member.objects.consenting("newsletter", "email")) == [berit]
    assert households_by_main() == {"Bob Berg": {"Bob", "Berit"}, "Charlie Chen": {"Charlie", "Carla"}}
    assert hers.get(link_in(mail)).status_code == 410
    welcome = Message.objects.get(template="invitation_accepted")
    assert welcome.address == "berit@example.no" and berit.member_number in welcome.body_text

    # Bob asks her to take over; she says yes on My page.
    his.post(reverse("my_household_hand_over", args=[berit.pk]))
    assert households_by_main()["Bob Berg"] == {"Bob", "Berit"}
    hers = browser(berit)
    assert "Bob Berg asks you to be main member" in hers.get(reverse("my_page")).content.decode()
    hers.get(reverse("my_household_take_over"))
    assert "Bob Berg" in households_by_main()
    hers.post(reverse("my_household_take_over"), {"answer": "yes"})
    assert households_by_main()["Berit Berg"] == {"Bob", "Berit"}

    # Bob leaves, thinks better of it, and leaves again. Both keep what they have.
    his.post(reverse("my_household_leave"))
    assert households_by_main()["Berit Berg"] == {"Berit"}
    assert "Undo: Bob Berg stays" in his.get(reverse("my_household")).content.decode()
    his.post(reverse("my_household_undo"))
    assert households_by_main()["Berit Berg"] == {"Bob", "Berit"}
    his.post(reverse("my_household_leave"))
    assert households_by_main() == {"Berit Berg": {"Berit"}, "Charlie Chen": {"Charlie", "Carla"}}
    assert {"bob@example.no", "berit@example.no"} <= insiders()


def test_a_company_gives_out_its_seats() -> None:
    company = make_company()
    kari = make_non_member("Kari", "Kvam")
    seats.name_contact(organisation=company, member=kari, what_for="Everything")

    # Kari, the contact person, invites two; the third has no room.
    hers = browser(kari)
    assert "See and give out seats" in hers.get(reverse("my_page")).content.decode()
    for address in ("ole@example.no", "per@example.no"):
        hers.post(reverse("my_seats_of", args=[company.pk]), {"name": "", "email": address})
    full = hers.post(reverse("my_seats_of", args=[company.pk]), {"name": "", "email": "siv@example.no"})
    assert full.status_code == 200 and Invitation.objects.count() == 2

    # Ole takes his; nobody asked him to agree to the statutes, for he is no member.
    mail = Message.objects.get(address="ole@example.no")
    page = browser().get(link_in(mail)).content.decode()
    assert "Bedrift AS offers you a seat" in page and "statutes_any" not in page
    answer = browser().post(link_in(mail), {
        "first_names": "Ole", "last_name": "Olsen", "born_on": "1.2.1990", "privacy_any": "on", "answer": "yes",
    })  # fmt: skip
    assert answer.status_code == 302
    ole = Member.objects.get(first_names="Ole")
    assert not ole.periods.exists()
    assert insiders() == {"post@bedrift.example", "ole@example.no"}
    assert "You have a seat at Bedrift AS" in browser(ole).get(reverse("my_page")).content.decode()

    # The company's membership ends, and Ole's rights with it. Nothing has to be cleaned up: its return is his.
    leaving.resign(member=company, on=TODAY, at=NOW)
    tomorrow = TODAY + datetime.timedelta(days=1)
    members_group.synchronise(on=tomorrow)
    assert insiders() == set()
    term = company.periods.get()
    renewed = periods.Term(
        member=company, type=term.type, starts_on=tomorrow, ends_on=None, source="office",
        quote=prices.quote(member=company, type=term.type, on=tomorrow),
    )  # fmt: skip
    periods.open_periods(terms=[renewed], on=tomorrow)
    assert insiders() == {"post@bedrift.example", "ole@example.no"}

    # He leaves the seat himself.
    browser(ole).post(reverse("my_seat_leave", args=[Seat.objects.get().pk]))
    assert Seat.objects.held().count() == 0
    assert insiders() == {"post@bedrift.example"}


def test_nobody_meddles_with_anothers_household() -> None:
    bob, berit, _bo = make_household("Bob", "Berit", "Bo").members
    charlie = make_household("Charlie", "Carla", last_name="Chen").main_member
    invited = invitations.invite(inviter=bob, email="new@example.no", on=TODAY, at=NOW)
    for member in (charlie, berit):
        client = browser(member)
        addresses = [
            reverse("my_household_withdraw", args=[invited.pk]), reverse("my_household_remove", args=[_bo.pk]),
            reverse("my_household_hand_over", args=[_bo.pk]),
        ]  # fmt: skip
        assert [client.post(address).status_code for address in addresses] == [404, 404, 404]
    assert browser(berit).get(reverse("my_household_invite")).status_code == 404
    assert "new@example.no" not in browser(berit).get(reverse("my_household")).content.decode()
    assert households_by_main()["Bob Berg"] == {"Bob", "Berit", "Bo"}
