"""What the joining form refuses, with which sentence, and that nothing typed is lost."""

import html

import pytest
from django.utils import timezone

from membership.models import Application
from messaging.models import Message
from tests.membership.join_form.makers import (
    ALICE,
    Visitor,
    sentences,
    step_of,
)

pytestmark = pytest.mark.django_db
LONG = "x" * 10_000
THIS_YEAR = timezone.localdate().year


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("first_names", "", "Write the first name."),
        ("first_names", LONG, "This is too long: 10000 characters. Use at most 120."),
        ("last_name", "Ås\r\nBcc: all@example.no", "Write this on one line, without line breaks or tabs."),
        ("born_on", "29.02.2023", "2023 was not a leap year: February had 28 days. Check day and year."),
        ("born_on", "01.01.2999", "The date of birth is in the future. Check the year."),
        ("born_on", "01.01.1900", "The date of birth is more than 120 years ago. Check the year."),
        ("email", "alice@example.no.", "The address ends with a dot or comma. Did you mean alice@example.no?"),
        ("email", "alice@example.no\r\nBcc: all@example.no", "Write this on one line, without line breaks or tabs."),
        (
            "mobile",
            "12",
            "This is not a phone number. Write eight digits, or + and the country code for a foreign number.",
        ),
    ],
)
def test_a_wrong_answer_gets_a_sentence_and_everything_is_kept(visitor, field, typed, sentence) -> None:
    visitor.choose("E")
    response = visitor.add(**{**ALICE, field: typed})
    assert [line.partition(" – ")[2] for line in sentences(response)] == [sentence]
    page = response.content.decode()
    assert "<title>Error: " in page
    kept = {**ALICE, field: typed}
    assert {name: response.context["form"][name].value() for name in kept} == kept
    assert html.escape(typed) in page
    assert Application.objects.count() == 0


def test_script_in_a_name_is_text_everywhere(visitor: Visitor) -> None:
    name = '<script>alert("1")</script>'
    visitor.reach_the_last_page(first_names=name)
    pages = [visitor.get("check").content.decode(), visitor.send().content.decode()]
    message = Message.objects.get()
    for page in (*pages, message.body_html):
        assert name not in page
    assert name in message.body_text, "a plain text is a plain text"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"postcode": "70", "place": "Byen"}, "A Norwegian postcode has four digits, like 0150."),
        ({"postcode": "9999", "place": ""}, "Write the place."),
        ({"address_line_1": LONG}, "This is too long: 10000 characters. Use at most 120."),
        ({"address_line_1": ""}, "Write the address."),
        ({"country": "XX", "place": "Byen"}, "Select a valid choice. XX is not one of the available choices."),
    ],
)
def test_a_wrong_address(visitor: Visitor, typed: dict[str, str], sentence: str) -> None:
    visitor.choose("E")
    visitor.add(**ALICE)
    response = visitor.live_at(**typed)
    assert [line.partition(" – ")[2] for line in sentences(response)] == [sentence]


@pytest.mark.parametrize(
    ("typed", "postcode", "place"),
    [
        ({"postcode": " 70 10 "}, "7010", "TRONDHEIM"),
        ({"postcode": "NO-9700"}, "9700", "LAKSELV"),
        ({"postcode": "7010", "place": "Byen"}, "7010", "Byen"),
        ({"postcode": "9999", "place": "Ny"}, "9999", "Ny"),
        ({"postcode": "114 55", "place": "Stockholm", "country": "SE"}, "114 55", "Stockholm"),
    ],
)
def test_the_postcode_fills_in_the_place(visitor, typed, postcode, place) -> None:
    visitor.choose("E")
    visitor.add(**ALICE)
    assert step_of(visitor.live_at(**typed)) == "consents"
    page = visitor.agree()
    assert (page.context["visit"].draft.address["postcode"], page.context["visit"].draft.address["place"]) == (
        postcode, place,
    )  # fmt: skip
    assert ("We do not know the postcode" in page.content.decode()) is (postcode == "9999")


def test_the_same_person_twice_is_refused(visitor: Visitor) -> None:
    visitor.choose("FM")
    visitor.add(**ALICE)
    assert "alice Ås is on the list already." in sentences(visitor.add(**{**ALICE, "first_names": "alice"}))[0]
    assert step_of(visitor.add(**{**ALICE, "born_on": "17.05.2010"})) == "people", "a daughter of the same name"
    changed = visitor.post("person", ALICE, number=1)
    assert step_of(changed) == "people", "nobody is in her own way"


def test_a_household_of_thirty_works_and_forty_is_the_end(visitor: Visitor) -> None:
    visitor.choose("FM")
    for number in range(40):
        visitor.add(**{**ALICE, "first_names": f"Person{number}"})
        if number == 29:
            visitor.post("people")
            visitor.live_at()
            assert "Join 30 people – kr" in visitor.agree().content.decode()
    page = visitor.get("people").content.decode()
    assert "The form takes at most 40 people." in page
    assert visitor.get("person", number=41).headers["Location"] == "/bli-medlem/?step=people"
    visitor.send()
    assert len(Application.objects.get().answers["people"]) == 40


def test_the_wrong_age_for_a_type_is_told_with_the_type_that_fits(visitor: Visitor) -> None:
    visitor.choose("UNG")
    response = visitor.add(**ALICE)
    assert "26 or younger at the end of the year" in sentences(response)[0]
    assert "Choose “Individual (ordinary membership)” instead" in response.content.decode()
    visitor.post("person", {**ALICE, "instead": "E"})
    visitor.live_at()
    assert "kr\u00a0400" in visitor.agree().content.decode()


@pytest.mark.parametrize(("age", "fits"), [(26, True), (27, False)])
def test_age_counts_at_the_end_of_the_year(visitor: Visitor, age: int, fits: bool) -> None:
    visitor.choose("UNG")
    response = visitor.add(**{**ALICE, "born_on": f"31.12.{THIS_YEAR - age}"})
    assert (step_of(response) == "address") is fits


def test_a_child_alone_names_a_guardian(visitor: Visitor) -> None:
    visitor.choose("UNG")
    assert step_of(visitor.add(**{**ALICE, "born_on": f"01.01.{THIS_YEAR - 10}"})) == "guardian"
    assert len(sentences(visitor.post("guardian", {"name": "", "email": "", "mobile": ""}))) == 1
    wrong = visitor.post("guardian", {"name": "Mor Ås", "email": "", "mobile": ""})
    assert sentences(wrong) == ["Write an e-mail address or a phone number, so that we can ask them."]
    visitor.post("guardian", {"name": "Mor Ås", "email": "", "mobile": "912 34 567"})
    visitor.live_at()
    visitor.agree()
    visitor.send()
    assert Application.objects.get().answers["people"][0]["office_notes"] == (
        "Under 15. Ask the parent or guardian: Mor Ås, +4791234567"
    )


def test_a_child_in_a_household_has_its_guardian_there(visitor: Visitor) -> None:
    visitor.choose("FM")
    visitor.add(**ALICE)
    visitor.add(first_names="Bo", last_name="Ås", born_on=f"01.01.{THIS_YEAR - 10}")
    assert step_of(visitor.post("people")) == "address"
    visitor.live_at()
    page = visitor.agree().content.decode()
    assert "Bo Ås is under 15: the adult who sends the form agrees as parent or guardian." in page
