"""The joining form, step by step: what each asks, what it refuses, and that nothing typed is lost."""

import datetime
import html

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from membership.models import Application, MembershipType
from messaging.models import Message
from tests.membership.join_makers import (
    ADDRESS,
    ALICE,
    Visitor,
    make_join_page,
    sentences,
    step_of,
    use_client,
    without_secrets,
)

pytestmark = pytest.mark.django_db
LONG = "x" * 10_000
THIS_YEAR = timezone.localdate().year


@pytest.fixture(autouse=True)
def no_waiting(settings):
    settings.JOIN_FORM_LEAST_SECONDS = 0
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def visitor(db) -> Visitor:
    make_join_page()
    return Visitor()


# --- the way through -------------------------------------------------------------------------------------------------


def test_one_person_walks_through_all_steps(visitor: Visitor) -> None:
    assert visitor.get().status_code == 200
    steps = [
        step_of(visitor.choose("E")),
        step_of(visitor.add(**ALICE)),
        step_of(visitor.live_at()),
        step_of(visitor.agree()),
        step_of(visitor.send()),
    ]
    assert steps == ["person", "address", "consents", "check", "sent"]
    application = Application.objects.get()
    assert (application.state, application.name, application.email, application.wanted_type.code) == (
        "unconfirmed", "Alice Ås", "alice@example.no", "E",
    )  # fmt: skip
    person = application.answers["people"][0]
    assert (person["born_on"], person["postcode"], person["place"]) == ("1980-05-17", "7010", "TRONDHEIM")
    assert [row["purpose"] for row in application.answers["consents"]] == ["statutes", "privacy"]


def test_a_household_is_added_person_by_person(visitor: Visitor) -> None:
    visitor.choose("FM")
    steps = [step_of(visitor.add(**ALICE))]
    steps.append(step_of(visitor.add(first_names="Bo", last_name="Ås", born_on="01.02.2015")))
    page = visitor.add(first_names="Celine", last_name="Ås", born_on="03041990").content.decode()
    assert steps == ["people", "people"]
    assert [name in page for name in ("Alice Ås", "Bo Ås", "Celine Ås")] == [True, True, True]
    assert step_of(visitor.post("people")) == "address"
    visitor.live_at()
    page = html.unescape(visitor.agree().content.decode())
    assert "Join 3 people – kr\u00a0600" in page
    assert "Price of Family membership (main member)" in page
    assert page.count("Included in the household's membership") == 2
    visitor.send()
    assert [row["last_name"] for row in Application.objects.get().answers["people"]] == ["Ås", "Ås", "Ås"]


def test_a_person_can_be_changed_and_taken_away(visitor: Visitor) -> None:
    visitor.choose("FM")
    visitor.add(**ALICE)
    visitor.add(first_names="Bo", last_name="Ås", born_on="01.02.2015")
    visitor.post("person", {"first_names": "Bodil", "last_name": "Ås", "born_on": "01.02.2015"}, number=2)
    page = visitor.get("people").content.decode()
    assert ("Bodil Ås" in page, "Bo Ås" in page) == (True, False)
    page = visitor.post("people", {"remove": "2"}).content.decode()
    assert "Bodil Ås has been taken away." in page
    assert "1 person is on the list." in page


def test_the_next_main_member_must_give_an_address_too(visitor: Visitor) -> None:
    visitor.choose("FM")
    visitor.add(**ALICE)
    visitor.add(first_names="Bo", last_name="Ås", born_on="01.02.1985")
    visitor.post("people", {"remove": "1"})
    response = visitor.post("people")
    assert (step_of(response), response.context["number"]) == ("person", 1)
    assert response.context["form"]["first_names"].value() == "Bo"


def test_nobody_comes_to_a_later_step_before_the_earlier_ones(visitor: Visitor) -> None:
    for step in ("person", "people", "guardian", "address", "consents", "check"):
        assert visitor.get(step).headers["Location"] == "/bli-medlem/"
    visitor.choose("E")
    assert visitor.get("check").headers["Location"] == "/bli-medlem/?step=person"
    assert visitor.get("nonsense").status_code == 404
    assert visitor.client.put("/bli-medlem/").status_code == 405


def test_the_choice_can_be_changed_and_keeps_what_is_written(visitor: Visitor) -> None:
    visitor.reach_the_last_page("E")
    assert step_of(visitor.choose("UTP")) == "check"
    assert "kr\u00a0300" in visitor.get("check").content.decode()


def test_one_persons_membership_is_refused_for_three(visitor: Visitor) -> None:
    visitor.choose("FM")
    visitor.add(**ALICE)
    visitor.add(first_names="Bo", last_name="Ås", born_on="01.02.1985")
    assert "is for one, and you have added 2 people" in sentences(visitor.choose("E"))[0]


@pytest.mark.parametrize(("count", "queries"), [(1, 12), (2, 14), (4, 14)])
def test_a_longer_list_asks_the_database_no_more(
    visitor: Visitor, count: int, queries: int, django_assert_num_queries
) -> None:
    """The second person brings the household's other type; more people bring nothing more."""
    visitor.choose("FM")
    for number in range(count):
        visitor.add(**{**ALICE, "first_names": f"Person{number}"})
    visitor.get("people")
    with django_assert_num_queries(queries):
        visitor.get("people")


# --- what is asked ---------------------------------------------------------------------------------------------------


def test_the_editor_controls_what_is_offered_and_asked(db) -> None:
    page = make_join_page(households=False, asks_gender=True, asks_mobile=False)
    visitor = Visitor()
    assert [type_.code for type_ in visitor.get().context["visit"].offered] == ["E", "UNG", "UTP"]
    assert list(visitor.choose("E").context["form"].fields) == [
        "first_names",
        "last_name",
        "born_on",
        "gender",
        "email",
    ]
    page.types.set(MembershipType.objects.filter(code__in=["UTP", "NUL", "FM2", "PR"]))
    page.save()
    assert [type_.code for type_ in visitor.get().context["visit"].offered] == ["UTP"]


def test_snp_asks_for_a_mobile_number_of_the_first_only(settings) -> None:
    use_client(settings, "snp")
    make_join_page()
    visitor = Visitor()
    visitor.choose("FM1")
    first = {**ALICE, "mobile": ""}
    assert sentences(visitor.add(**first)) == ["Mobile – Write the mobile number."]
    assert step_of(visitor.add(**{**first, "mobile": "912 34 567"})) == "people"
    assert step_of(visitor.add(first_names="Bo", last_name="Ås", born_on="01.02.2015")) == "people"


def test_gronland61_asks_no_address_and_says_application(settings) -> None:
    use_client(settings, "gronland61")
    make_join_page()
    visitor = Visitor()
    assert visitor.get().context["form"]["type"].value() == "EIER", "the only choice is chosen"
    visitor.choose("EIER")
    assert step_of(visitor.add(first_names="Alice", last_name="Ås", email="alice@example.no")) == "consents"
    page = visitor.agree().content.decode()
    assert ("Send the application" in page, "What it costs" in page) == (True, False)


def test_an_organisation_joins_with_a_contact_person(settings) -> None:
    use_client(settings, "vvnf", organisations_may_join=True)
    make_join_page()
    MembershipType.objects.create(code="BED", name_nb="Bedrift", price=2000, is_selectable=True, order=99,
                                  is_for_organisations=True)  # fmt: skip
    visitor = Visitor()
    visitor.choose("BED")
    data = {"last_name": "Fisk AS", "organisation_number": "988 077 917", "contact_person": "", "email": "post@fisk.no"}
    assert sentences(visitor.post("person", data)) == ["Contact person – This must be filled in."]
    assert step_of(visitor.post("person", {**data, "contact_person": "Kari"})) == "address"
    visitor.live_at()
    visitor.agree()
    visitor.send()
    person = Application.objects.get().answers["people"][0]
    assert {name: person[name] for name in ("kind", "last_name", "organisation_number", "contact_person", "email")} == {
        "kind": "organisation", "last_name": "Fisk AS", "organisation_number": "988077917", "contact_person": "Kari",
        "email": "post@fisk.no",
    }  # fmt: skip


def test_consents_are_never_ticked_beforehand(visitor: Visitor) -> None:
    visitor.choose("E")
    visitor.add(**ALICE)
    page = visitor.live_at().content.decode()
    assert page.count('type="checkbox"') == 5
    assert "checked" not in page
    wrong = visitor.post("consents", {"newsletter_email": "on", "statutes_any": "on"})
    assert len(sentences(wrong)) == 1
    assert wrong.content.decode().count("checked") == 2, "what was ticked stays"
    visitor.agree("statutes_any", "privacy_any", "newsletter_email")
    visitor.send()
    assert [(row["purpose"], row["channel"]) for row in Application.objects.get().answers["consents"]] == [
        ("statutes", ""), ("privacy", ""), ("newsletter", "email"),
    ]  # fmt: skip


# --- bad input -------------------------------------------------------------------------------------------------------


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


# --- machines, hurry and old forms -----------------------------------------------------------------------------------


def test_the_trap_keeps_everything_and_lets_go_the_second_time(visitor: Visitor) -> None:
    visitor.reach_the_last_page()
    response = visitor.send(website="https://spam.example")
    assert "a field that people do not see" in sentences(response)[0]
    assert "spam.example" not in response.content.decode()
    assert Application.objects.count() == 0
    assert step_of(visitor.send()) == "sent"


def test_faster_than_a_person(visitor: Visitor, settings) -> None:
    settings.JOIN_FORM_LEAST_SECONDS = 3600
    visitor.reach_the_last_page()
    assert sentences(visitor.send()) == ["That was very fast. Wait a moment, and press the button again."]
    settings.JOIN_FORM_LEAST_SECONDS = 0
    assert step_of(visitor.send()) == "sent"


def test_a_form_of_yesterday_is_shown_again_with_everything(visitor: Visitor) -> None:
    visitor.reach_the_last_page()
    session = visitor.client.session
    session["join_draft"] |= {"started_at": (timezone.now() - datetime.timedelta(hours=25)).isoformat()}
    session.save()
    response = visitor.send()
    assert "open for more than a day" in sentences(response)[0]
    assert "Alice Ås" in response.content.decode()
    assert step_of(visitor.send()) == "sent"


def test_a_form_survives_the_end_of_the_session(visitor: Visitor) -> None:
    page = visitor.reach_the_last_page()
    kept, token = page.context["kept"], page.context["visit"].draft.token
    visitor.client.cookies.pop(django_settings.SESSION_COOKIE_NAME)
    assert step_of(visitor.post("check", {"kept": kept, "token": token})) == "sent"
    assert Application.objects.get().name == "Alice Ås"


def test_a_changed_copy_counts_for_nothing(visitor: Visitor) -> None:
    kept = visitor.reach_the_last_page().context["kept"]
    visitor.client.cookies.pop(django_settings.SESSION_COOKIE_NAME)
    assert step_of(visitor.post("check", {"kept": kept[:-3] + "abc"})) == "type"


def test_the_same_form_again_is_the_same_application(visitor: Visitor) -> None:
    token = visitor.reach_the_last_page().context["visit"].draft.token
    first, second = visitor.post("check", {"token": token}), visitor.post("check", {"token": token})
    assert first.redirect_chain == second.redirect_chain
    assert without_secrets(first) == without_secrets(second)
    assert (Application.objects.count(), Message.objects.count()) == (1, 1)


def test_a_form_whose_answer_never_came_is_sent_again(visitor: Visitor) -> None:
    """The server was killed after the commit: the application is there, the session still holds the draft."""
    page = visitor.reach_the_last_page()
    draft, token = visitor.client.session["join_draft"], page.context["visit"].draft.token
    visitor.post("check", {"token": token})
    session = visitor.client.session
    del session["join_sent"]
    session["join_draft"] = draft
    session.save()
    assert step_of(visitor.post("check", {"token": token})) == "sent"
    assert (Application.objects.count(), Message.objects.count()) == (1, 1)


def test_too_many_forms_from_one_network(visitor: Visitor, monkeypatch) -> None:
    monkeypatch.setattr("membership.rate_limits.FORMS_FROM_A_NETWORK", 1)
    visitor.reach_the_last_page()
    visitor.send()
    neighbour = Visitor(REMOTE_ADDR="127.0.0.99")
    neighbour.reach_the_last_page()
    response = neighbour.send()
    assert response.status_code == 429
    assert "Nothing is lost: wait an hour and press the button again." in sentences(response)[0]
    stranger = Visitor(REMOTE_ADDR="198.51.100.7")
    stranger.reach_the_last_page()
    assert step_of(stranger.send()) == "sent"


def test_the_pages_are_kept_by_nobody(visitor: Visitor) -> None:
    visitor.choose("E")
    for step in ("", "person"):
        assert "no-store" in visitor.get(step).headers["Cache-Control"]


def test_address_fields_are_what_the_constant_says() -> None:
    from membership.join_forms import ADDRESS_FIELDS

    assert set(ADDRESS) == set(ADDRESS_FIELDS)
