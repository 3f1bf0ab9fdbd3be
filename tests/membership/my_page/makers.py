"""A member's browser, and what it shows."""

from django.test import Client
from django.urls import reverse

from membership.models import Member
from tests.makers import make_member, make_non_member

PAGES = (
    "my_page", "my_memberships", "my_household", "my_details", "my_consents", "my_log_in", "my_leaving",
    "my_leaving_confirm",
)  # fmt: skip
GOOD = {
    "first_names": "Alice", "last_name": "Åsen", "mobile": "912 34 567", "address_line_1": "Nygata 2",
    "address_line_2": "", "postcode": "0150", "place": "", "country": "NO", "language": "en", "gender": "",
}  # fmt: skip


def visit(member: Member, language: str = "en") -> Client:
    """The member's browser, logged in."""
    client = Client(headers={"accept-language": language})
    assert member.user is not None
    client.force_login(member.user)
    return client


def page(client: Client, name: str) -> str:
    response = client.get(reverse(name))
    assert response.status_code == 200, (name, response)
    return response.content.decode()


def family() -> tuple[Member, Member, Client]:
    alice = make_member("Alice")
    anna = make_non_member("Anna", "Ås", email="ALICE@example.no")
    assert anna.user == alice.user
    return alice, anna, visit(alice)
