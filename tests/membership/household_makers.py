"""What the tests of households, invitations and seats share."""

import re

from django.test import Client

from membership import joining, periods
from membership.members import PersonData
from membership.models import Household, Member, MembershipType
from messaging.models import Message
from tests.makers import NOW, TODAY, set_up_client

ABOUT_BERIT = {
    "first_names": "Berit", "last_name": "Berg", "born_on": "1.2.1982", "mobile": "", "statutes_any": "on",
    "privacy_any": "on", "newsletter_email": "on", "answer": "yes",
}  # fmt: skip


def browser(member: Member | None = None, language: str = "en") -> Client:
    """Somebody's browser, logged in as the member if there is one."""
    client = Client(headers={"accept-language": language})
    if member is not None:
        assert member.user is not None
        client.force_login(member.user)
    return client


def link_in(mail: Message) -> str:
    """The path of the invitation's link."""
    found = re.search(r"https?://[^/]+(/invitasjon/\S+)", mail.body_text)
    assert found
    return found[1]


def make_company(*, seats: int = 2, paid: bool = True) -> Member:
    """A company that is a member, of a type with so many seats."""
    set_up_client()
    company_type = MembershipType.objects.create(
        code="BED", name_nb="Bedrift", name_en="Company", price=2000, is_for_organisations=True, seats=seats,
        is_selectable=True,
    )  # fmt: skip
    data = PersonData(kind="organisation", last_name="Bedrift AS", email="post@bedrift.example", contact_person="Kari")
    joined = joining.join(people=[data], wanted_type=company_type, on=TODAY, at=NOW, trial=False)
    if paid:
        periods.confirm(period=joined.periods[0], on=TODAY)
    return joined.main_member


def households_by_main() -> dict[str, set[str]]:
    """Each household by its main member, with the first names of those who live there."""
    return {
        str(home.main_member): set(home.members.values_list("first_names", flat=True))
        for home in Household.objects.all()
    }
