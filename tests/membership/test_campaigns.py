"""Campaign codes: which may be used, what they make of a price, and who recruited how many that paid."""

from datetime import date
from typing import Any

import pytest

from core.errors import Refused
from membership import campaigns, joining, prices
from membership.models import Application, Campaign, Member
from membership.prices import reasons_from_json
from tests.makers import NOW, TODAY, kroner, make_member, make_type, person

pytestmark = pytest.mark.django_db


def make_campaign(code: str = "SPRING", **data: Any) -> Campaign:
    """Half price from the first of March, unless told otherwise."""
    types = data.pop("types", [])
    if "price" not in data:
        data.setdefault("percent", 50)
    campaign = Campaign.objects.create(code=code, name="Spring", **{"valid_from": date(2026, 3, 1), **data})
    campaign.types.set(types)
    return Campaign.objects.get(pk=campaign.pk)


def make_use(campaign: Campaign, number: int = 1, state: str = "unconfirmed") -> Application:
    return Application.objects.create(
        token=f"6f5c1b8e-0a35-4d56-9f6b-3c1d2e4f5a6{number}", reference=f"ABCDEFG{number}", name="Dina",
        wanted_type=make_type("E"), answers={"people": [], "consents": []}, sent_at=NOW, state=state, campaign=campaign,
    )  # fmt: skip


def test_a_code_is_found_however_it_is_typed() -> None:
    campaign = make_campaign()
    assert campaigns.find(code=" spr ing ", on=TODAY) == campaign


@pytest.mark.parametrize(
    ("typed", "data", "code"),
    [
        ("SUMMER", {}, "unknown"),
        ("SPRING", {"valid_from": date(2026, 3, 11)}, "early"),
        ("SPRING", {"valid_to": date(2026, 3, 9)}, "ended"),
        ("SPRING", {"max_uses": 1}, "used_up"),
        ("SPRING", {"for_type": "UNG"}, "type"),
    ],
)
def test_a_code_that_may_not_be_used_says_why(typed: str, data: dict[str, Any], code: str) -> None:
    types = [make_type(data.pop("for_type"))] if "for_type" in data else []
    campaign = make_campaign(types=types, **data)
    make_use(campaign)
    with pytest.raises(Refused) as refused:
        campaigns.find(code=typed, on=TODAY, type=make_type("E"))
    assert refused.value.code == code


@pytest.mark.parametrize(("state", "counts"), [("unconfirmed", 1), ("approval", 1), ("joined", 1), ("refused", 0),
                                               ("expired", 0)])  # fmt: skip
def test_what_counts_as_a_use(state: str, counts: int) -> None:
    campaign = make_campaign()
    make_use(campaign, state=state)
    assert campaigns.uses(campaign) == counts


@pytest.mark.parametrize(
    ("data", "amount"),
    [({"percent": 25}, "300"), ({"price": 100}, "100"), ({"price": 0}, "0"), ({"price": 500}, "400")],
)
def test_the_first_period_is_cheaper_and_says_why(data: dict[str, Any], amount: str) -> None:
    make_type("E")
    campaign = make_campaign(**data)
    joined = joining.join(
        people=[person()], wanted_type=make_type("E"), on=TODAY, at=NOW, campaign=campaign, trial=False
    )
    term = joined.periods[0]
    assert term.price == kroner(amount)
    assert [reason.code for reason in reasons_from_json(term.reasons)] == ["base", "campaign"]
    again = prices.quote(member=joined.main_member, type=make_type("E"), on=date(2027, 1, 1), joining=True)
    assert [reason.code for reason in again.reasons] == ["base"]


def test_a_trial_does_not_use_up_the_first_period() -> None:
    campaign = make_campaign()
    joined = joining.join(people=[person()], wanted_type=make_type("E"), on=TODAY, at=NOW, campaign=campaign)
    quote = prices.quote(member=joined.main_member, type=make_type("E"), on=date(2026, 4, 1), joining=True)
    assert (joined.periods[0].price, quote.amount) == (kroner("200"), kroner("200"))
    assert quote.reasons[-1].sentence("en") == "Campaign “Spring”: 50 % off the first period"


def test_a_campaign_for_a_family_follows_to_the_others() -> None:
    make_type("FM")
    campaign = make_campaign(types=[make_type("FM")])
    quotes = joining.preview(people=[person(), person("Bo")], wanted_type=make_type("FM"), on=TODAY, campaign=campaign)
    assert [quote.amount for quote in quotes] == [kroner("300"), kroner("0")]


def test_those_who_recruited_and_how_many_paid() -> None:
    alice, bob = make_member("Alice", "Ås"), make_member("Bob", "Berg", email="bob@example.no")
    for number, (recruiter, paid) in enumerate([(alice, True), (alice, True), (alice, False), (bob, False)]):
        new = make_member(f"New {number}", "Ny", paid=paid, email=f"new{number}@example.no")
        Member.objects.filter(pk=new.pk).update(recruited_by=recruiter)
    rows = [(row.first_names, row.recruited, row.paid) for row in campaigns.recruiters()]  # type: ignore[attr-defined]
    assert rows == [("Alice", 3, 2), ("Bob", 1, 0)]
    assert not campaigns.recruiters(first=date(2026, 3, 11))
    assert campaigns.recruiters(last=TODAY).count() == 2


def test_a_number_that_is_nobodys_recruits_nobody() -> None:
    alice = make_member()
    assert [campaigns.recruiter(text) for text in ("", " ", "999999", alice.member_number)] == [None, None, None, alice]
