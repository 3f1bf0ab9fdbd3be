"""The joining form, step by step: what each asks, and what follows."""

import html

import pytest

from membership.models import Application, MembershipType
from tests.membership.join_form.makers import (
    ALICE,
    Visitor,
    make_join_page,
    sentences,
    step_of,
    use_client,
)

pytestmark = pytest.mark.django_db


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
    first = visitor.get()
    assert first.context["form"]["type"].value() == "EIER", "the only choice is chosen"
    assert not any(word in first.content.decode() for word in ("Free", "with the price"))
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


@pytest.mark.parametrize(("dues", "said"), [(True, True), (False, False)])
def test_an_organisation_hears_of_an_invoice_only_where_there_are_dues(settings, dues: bool, said: bool) -> None:
    use_client(settings, "vvnf", organisations_may_join=True, dues=dues)
    make_join_page()
    MembershipType.objects.create(code="BED", name_nb="Bedrift", is_selectable=True, is_for_organisations=True)
    visitor = Visitor()
    assert ("Free" in visitor.get().content.decode()) is dues
    page = visitor.choose("BED").content.decode()
    page = visitor.get("person").content.decode()
    assert ("later the invoice" in page, "We send a link to this address." in page) == (said, not said)


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
