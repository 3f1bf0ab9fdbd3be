"""The way a document reaches its payer, and why it is that one."""

import dataclasses

import pytest
from django.conf import settings

from core.errors import Refused
from invoicing import ways
from invoicing.models import InvoiceWay
from messaging import outbox, suppression
from messaging.rendering import Words
from messaging.sms import allowance
from tests.makers import NOW, make_non_member

pytestmark = pytest.mark.django_db
MOBILE = "+4791234567"


@pytest.fixture
def with_sms(monkeypatch):
    """The client pays for SMS, three parts a month."""
    client = settings.CLIENT
    changed = dataclasses.replace(
        client,
        invoicing=dataclasses.replace(client.invoicing, sms=True),
        messaging=dataclasses.replace(client.messaging, sms_monthly_cap=3),
    )
    monkeypatch.setattr(settings, "CLIENT", changed)


def payer(**data):
    return make_non_member(**{"email": "nina@example.no", "mobile": MOBILE, **data})


def way_of(member) -> tuple[str, str]:
    route = ways.route_of(payer=member, at=NOW)
    return route.way, route.why


def test_email_goes_before_everything():
    assert way_of(payer()) == ("email", ways.HAS_EMAIL)


@pytest.mark.parametrize("email", ["", "x@ingen.vvnf.example", "bjørn@example.no", "not an address"])
def test_without_an_email_that_works_it_is_paper(email):
    member = payer()
    member.email = email
    assert way_of(member) == ("letter", ways.NO_EMAIL_NO_MOBILE)


def test_a_blocked_address_is_none():
    suppression.suppress("nina@example.no", reason=suppression.BOUNCED_TOO_OFTEN, at=NOW)
    assert way_of(payer())[0] == "letter"


def test_sms_only_where_the_client_pays_for_it(with_sms):
    assert way_of(payer(email="")) == ("sms", ways.NO_EMAIL)
    assert way_of(payer(email="", mobile="81500000")) == ("letter", ways.NO_EMAIL_NO_MOBILE)


def test_a_month_whose_sms_are_used_up(with_sms):
    member = payer(email="")
    words = Words(text="a" * 161)
    for number in range(2):
        draft = outbox.Draft(kind="invoice", recipient_ref="member:1", address=MOBILE, language="nb", channel="sms",
                             unique_key=f"n:{number}", words=words)  # fmt: skip
        outbox.queue_words(draft=draft, at=NOW)
    assert (allowance.parts_this_month(at=NOW), allowance.parts_left(at=NOW)) == (4, 0)
    assert way_of(member) == ("letter", ways.SMS_USED_UP)
    assert allowance.parts_left(at=NOW.replace(month=4)) == 3


def test_nothing_works():
    member = payer(email="", mobile="", address_line_1="", postcode="", place="")
    assert way_of(member) == ("", ways.NOWHERE)


def test_a_choice_holds_while_it_works():
    member = payer()
    ways.choose(member=member, way="letter", at=NOW, by=None)
    assert way_of(member) == ("letter", ways.CHOSEN)
    member.address_line_1 = ""
    assert way_of(member) == ("email", ways.HAS_EMAIL)
    ways.choose(member=member, way="", at=NOW, by=None)
    assert not InvoiceWay.objects.exists()


@pytest.mark.parametrize(("way", "code"), [("sms", "way"), ("pigeon", "way"), ("letter", "no_address")])
def test_what_cannot_work_is_not_taken(way, code):
    with pytest.raises(Refused) as refused:
        ways.choose(member=payer(address_line_1=""), way=way, at=NOW, by=None)
    assert refused.value.code == code
    assert not InvoiceWay.objects.exists()


def test_many_ways_cost_two_questions(django_assert_num_queries):
    everybody = [payer(last_name=f"Nei {number}") for number in range(3)]
    for some in (everybody[:1], everybody):
        with django_assert_num_queries(2):
            routes = ways.routes(payers=some, at=NOW)
            assert [routes.of(member).way for member in some] == ["email"] * len(some)
