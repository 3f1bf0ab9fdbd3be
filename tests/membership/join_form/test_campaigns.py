"""The joining form with a campaign code and a recruiter: typed, by link, wrong, and what becomes of them."""

from datetime import date
from typing import Any

import pytest

from membership.models import Application, Campaign, Member
from tests.makers import kroner, make_member
from tests.membership.join_form.makers import Visitor, confirm_link, make_join_page, sentences, step_of, use_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor(settings: Any) -> Visitor:
    use_client(settings, "vvnf", campaigns=True, recruiters=True)
    make_join_page()
    Campaign.objects.create(code="SPRING", name="Spring offer", percent=50, valid_from=date(2020, 1, 1))
    Campaign.objects.create(
        code="OLD", name="Old offer", percent=50, valid_from=date(2020, 1, 1), valid_to=date(2020, 2, 1)
    )
    return Visitor()


def joined(visitor: Visitor) -> Member:
    """Send the form, and press the button of the confirmation mail."""
    visitor.send()
    visitor.client.post(confirm_link())
    main = Application.objects.get().main_member
    assert main is not None
    return main


def test_nobody_is_asked_unless_the_organisation_wants_it() -> None:
    make_join_page()
    html = Visitor().get(kampanje="SPRING", verver="1").content.decode()
    assert 'name="campaign"' not in html
    assert 'name="recruiter"' not in html


def test_a_typed_code_is_shown_in_the_price_and_kept_to_the_end(visitor: Visitor) -> None:
    recruiter = make_member("Rolf", "Rask", email="rolf@example.no")
    visitor.reach_the_last_page()
    visitor.post(data={"type": "E", "campaign": " spring", "recruiter": recruiter.member_number})
    html = visitor.get("check").content.decode()
    assert "Campaign “Spring offer”: 50 % off the first period" in html
    assert "Spring offer" in html
    assert f"member number {recruiter.member_number}" in html
    assert "Rolf" not in html
    main = joined(visitor)
    assert (main.campaign, main.recruited_by) == (Campaign.objects.get(code="SPRING"), recruiter)
    assert main.periods.get().price == kroner("200")


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("SUMMER", "We do not know the code “SUMMER”. Check how it is spelt, or leave it empty."),
        ("old", "The code OLD ended on 1 February 2020. Leave it empty to join at the usual price."),
    ],
)
def test_a_wrong_or_ended_code_gets_a_sentence_and_all_is_kept(visitor: Visitor, code: str, sentence: str) -> None:
    answer = visitor.post(data={"type": "UTP", "campaign": code, "recruiter": "77"})
    assert sentences(answer) == [f"Campaign code – {sentence}"]
    html = answer.content.decode()
    assert f'value="{code}"' in html
    assert 'value="77"' in html
    assert 'value="UTP"' in html and "checked" in html


def test_a_link_fills_in_the_code_and_the_recruiter(visitor: Visitor) -> None:
    html = visitor.get(kampanje="spring", verver="77").content.decode()
    assert "The prices are those of the campaign “Spring offer”" in html
    assert 'value="spring"' in html and 'value="77"' in html
    assert "200" in html


def test_a_link_that_is_over_says_so_and_lets_them_join(visitor: Visitor) -> None:
    html = visitor.get(kampanje="OLD").content.decode()
    assert "The code OLD ended" in html
    assert step_of(visitor.post(data={"type": "E", "campaign": "", "recruiter": ""})) == "person"


def test_a_code_that_ends_meanwhile_is_told_of_before_anything_is_sent(visitor: Visitor) -> None:
    visitor.choose("E")
    visitor.post(data={"type": "E", "campaign": "SPRING", "recruiter": ""})
    visitor.add(first_names="Alice", last_name="Ås", born_on="17.05.1980", email="alice@example.no")
    visitor.live_at()
    Campaign.objects.filter(code="SPRING").update(valid_to=date(2020, 3, 1))
    answer = visitor.agree()
    assert "The code SPRING ended" in answer.content.decode()
    assert 'value="SPRING"' in answer.content.decode()
    assert not Application.objects.exists()


def test_the_last_use_is_given_once(visitor: Visitor) -> None:
    Campaign.objects.filter(code="SPRING").update(max_uses=1)
    visitor.post(data={"type": "E", "campaign": "SPRING", "recruiter": ""})
    other = Visitor()
    for one, email in ((visitor, "alice@example.no"), (other, "eve@example.no")):
        one.post(data={"type": "E", "campaign": "SPRING", "recruiter": ""})
        one.add(first_names="Alice", last_name="Ås", born_on="17.05.1980", mobile="912 34 567", email=email)
        one.live_at()
        one.agree()
    visitor.send()
    answer = other.send()
    assert Application.objects.count() == 1
    assert "is used up" in answer.content.decode()


def test_a_number_that_is_nobodys_is_taken_without_a_word(visitor: Visitor) -> None:
    visitor.reach_the_last_page()
    visitor.post(data={"type": "E", "campaign": "", "recruiter": "999999"})
    assert joined(visitor).recruited_by is None
