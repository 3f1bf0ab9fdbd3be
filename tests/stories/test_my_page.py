"""Berit logs in from her telephone, puts her data right, takes the newsletter, and in the end leaves.

Bob, her husband, is the main member; Charlie is nobody's business.
"""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from core.models import User
from membership import roles
from membership.models import Member
from messaging.models import Message
from tests.makers import NOW, TODAY, make_household, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def the_day(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: TODAY)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    yield


def insiders() -> set[str]:
    return set(User.objects.filter(groups__name=roles.MEMBERS).values_list("email", flat=True))


def test_a_member_and_her_page(client: Client) -> None:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    family = make_household("Bob", "Berit", last_name="Berg")
    berit = family.members[1]
    Member.objects.filter(pk=berit.pk).update(mobile="+4791234567", office_notes="SECRET")
    make_member("Charlie", "Chen")

    # She opens the consents, is asked who she is, and gets there with a code.
    asked = client.get(reverse("my_consents"))
    assert asked.url == "/konto/login/?next=/min-side/samtykker/"
    client.get(asked.url)
    sent = client.post(reverse("account_request_login_code"), {"login": "912 34 567", "next": "/min-side/samtykker/"})
    mail = Message.objects.get(template="login_code")
    assert (mail.address, mail.kind) == ("berit@example.no", "login_code")
    code = re.search(r"^ +(\S+)$", mail.body_text, re.MULTILINE)
    assert code
    page = client.get(sent.url).content.decode()
    assert "912 34 567" in page and "berit@example.no" not in page
    arrived = client.post(sent.url, {"code": code[1], "next": "/min-side/samtykker/"})
    assert arrived.url == "/min-side/samtykker/"

    # She takes the newsletter, in the words she reads.
    page = client.get(arrived.url).content.decode()
    text = re.search(r'value="newsletter:email">\s*<input type="hidden" name="text" value="(\d+)"', page)
    assert text
    client.post(arrived.url, {"choice": "newsletter:email", "given": "yes", "text": text[1]})
    assert list(Member.objects.consenting("newsletter", "email")) == [berit]

    # Her address was old; the office's note stays the office's.
    details = client.get(reverse("my_details")).content.decode()
    assert "SECRET" not in details and "Charlie" not in details
    client.post(reverse("my_details"), {
        "first_names": "Berit", "last_name": "Berg", "mobile": "91234567", "address_line_1": "Nygata 2",
        "postcode": "7010", "place": "Trondheim", "country": "NO", "language": "en", "office_notes": "mine now",
    })  # fmt: skip
    berit.refresh_from_db()
    assert (berit.address_line_1, berit.office_notes) == ("Nygata 2", "SECRET")

    # She leaves; Bob stays, and so does Charlie.
    assert insiders() == {"bob@example.no", "berit@example.no", "charlie@example.no"}
    confirm = client.get(reverse("my_leaving_confirm")).content.decode()
    day = re.search(r'name="last_on" value="([^"]+)"', confirm)
    assert day
    client.post(reverse("my_leaving_confirm"), {"last_on": day[1]})
    assert "You have left" in client.get(reverse("my_leaving_receipt")).content.decode()
    receipt = Message.objects.get(template="resigned")
    assert receipt.address == "berit@example.no"
    ends = dict(Member.objects.values_list("first_names", "periods__end_reason"))
    assert ends == {"Bob": "", "Berit": "resigned", "Charlie": ""}
