"""My page: changing one's own data."""

import pytest
from django.urls import reverse

from membership.models import Member
from tests.makers import make_member
from tests.membership.my_page.makers import GOOD, PAGES, page, visit

pytestmark = pytest.mark.django_db


def test_details_are_changed_and_logged_without_values() -> None:
    alice = make_member()
    response = visit(alice).post(reverse("my_details"), GOOD)
    assert response.url == reverse("my_details")
    alice.refresh_from_db()
    assert (alice.last_name, alice.mobile, alice.address_line_1, alice.postcode) == (
        "Åsen", "+4791234567", "Nygata 2", "0150",
    )  # fmt: skip
    assert alice.language == "en"


def test_only_what_members_may_edit_is_taken_from_a_post() -> None:
    alice = make_member()
    sent = {**GOOD, "office_notes": "x", "special_price": "1", "special_price_until": "2030-01-01", "legacy_id": "7",
            "email": "evil@example.no", "member_number": "1000", "born_on": "2020-01-01", "user": "1", "payer": "1",
            "household": "", "kind": "organisation", "died_on": "2020-01-01"}  # fmt: skip
    before = Member.objects.values().get(pk=alice.pk)
    visit(alice).post(reverse("my_details"), sent)
    after = Member.objects.values().get(pk=alice.pk)
    assert {name for name in after if after[name] != before[name]} <= {
        "last_name", "mobile", "address_line_1", "postcode", "place", "language", "search_text",
    }  # fmt: skip


WRONG = [
    ({"last_name": ""}, "last_name"),
    ({"last_name": "x" * 10_000}, "last_name"),
    ({"first_names": "A\r\nBcc: x"}, "first_names"),
    ({"mobile": "123"}, "mobile"),
    ({"mobile": "22 33 44 55"}, "mobile"),
    ({"postcode": "15"}, "postcode"),
    ({"address_line_1": "x" * 200}, "address_line_1"),
    ({"country": "XX"}, "country"),
    ({"language": "de"}, "language"),
    ({"last_name": "a\x00b"}, "last_name"),
]


@pytest.mark.parametrize(("wrong", "field"), WRONG)
def test_what_is_wrong_is_said_and_nothing_is_lost_or_written(wrong: dict[str, str], field: str) -> None:
    alice = make_member()
    before = Member.objects.values().get(pk=alice.pk)
    response = visit(alice).post(reverse("my_details"), {**GOOD, **wrong})
    html = response.content.decode()
    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert "<title>Error: My details" in html
    assert "Nygata 2" in html or "address_line_1" in wrong
    assert Member.objects.values().get(pk=alice.pk) == before


def test_what_is_typed_is_inert() -> None:
    alice = make_member()
    client = visit(alice)
    client.post(reverse("my_details"), {**GOOD, "last_name": '"><img src=x onerror=1>'})
    for name in PAGES:
        assert "<img src=x" not in page(client, name)


def test_an_organisation_has_no_first_name_or_gender() -> None:
    acme = make_member("Acme", "Acme AS", born_on=None, email="post@acme.example")
    Member.objects.filter(pk=acme.pk).update(kind="organisation", first_names="")
    html = page(visit(acme), "my_details")
    assert 'name="first_names"' not in html and 'name="gender"' not in html
