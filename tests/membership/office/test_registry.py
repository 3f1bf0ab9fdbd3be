"""The registry as the office sees it: found by any fragment, filtered on a date, always the same number of queries."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from membership import leaving, roles
from membership.members import PersonData, create
from tests.makers import TODAY, at_noon, make_household, make_member, make_non_member
from tests.membership.office.makers import admin_user, browser_with, fixed_day, names_on, office, page

__all__ = ["admin_user", "fixed_day", "office"]
pytestmark = pytest.mark.django_db
REGISTRY = "/admin/members/"
RESULTS = "/admin/members/results/"
QUERIES = 14


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_the_same_number_of_questions_however_long_it_is(
    office: Client, rows: int, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        make_member(f"Kari {number}", "Ås", email=f"kari{number}@example.no")
    page(office, REGISTRY)  # content types and the menu are looked up once a process
    with django_assert_num_queries(QUERIES):
        html = page(office, REGISTRY)
    assert len(names_on(html)) == rows


def test_names_stand_in_the_norwegian_order(office: Client) -> None:
    for last_name in ("Åsen", "Aas", "Zeiner", "Østby", "Ærlig", "Dahl", "Čábma"):
        make_non_member("Kari", last_name)
    assert names_on(page(office, REGISTRY)) == [
        "Čábma, Kari", "Dahl, Kari", "Zeiner, Kari", "Ærlig, Kari", "Østby, Kari", "Aas, Kari", "Åsen, Kari",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ødegård", ["Ødegård, Åse"]),
        ("ØDEG", ["Ødegård, Åse"]),
        ("gáivuo", ["Gáivuotna, Máret"]),
        ("MÁRET gáiv", ["Gáivuotna, Máret"]),
        ("aase@eks", ["Ødegård, Åse"]),
        ("912 34", ["Ødegård, Åse"]),
        ("91234", ["Ødegård, Åse"]),
        ("elveb", ["Elvebredden båtforening"]),
        ("storgata 9", ["Gáivuotna, Máret"]),
        ("ikke her", []),
        ("4711", []),
        ("hemmelig", []),
    ],
)
def test_any_fragment_finds(office: Client, text: str, found: list[str]) -> None:
    # The last two are only in office-only fields, which nobody can search by.
    first = make_non_member("Åse", "Ødegård", email="aase@eksempel.no", mobile="+4791234567", address_line_1="Vei 1")
    first.office_notes, first.legacy_id = "hemmelig", 4711
    first.save()
    make_non_member("Máret", "Gáivuotna", email="maret@example.no", address_line_1="Storgata 9")
    create(data=PersonData(kind="organisation", last_name="Elvebredden båtforening"), on=TODAY)
    assert names_on(page(office, RESULTS, q=text)) == found


def everybody() -> None:
    """One member of each kind that the filters tell apart."""
    make_member("Active", "Ås", born_on=date(1950, 1, 1), email="active@example.no")
    make_member("Unpaid", "Ås", paid=False, born_on=date(1960, 12, 31), email="unpaid@example.no")
    make_member("Trial", "Ås", trial=True, paid=False, on=date(2026, 3, 1), email="trial@example.no")
    make_member("Old", "Ås", on=date(2025, 2, 1), email="old@example.no")
    make_non_member("Nobody", "Ås", email="")
    make_household("Main", "Second", last_name="Ås", on=date(2026, 2, 1))
    create(data=PersonData(kind="organisation", last_name="Bank", email="bank@example.no"), on=TODAY, language="en")
    resigned = make_member("Resigned", "Ås", on=date(2026, 1, 10), email="resigned@example.no")
    leaving.resign(member=resigned, on=date(2026, 2, 10), at=at_noon(date(2026, 2, 10)))


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"status": "active"}, {"Active", "Main", "Second"}),
        ({"status": ["trial", "awaiting_payment"]}, {"Trial", "Unpaid"}),
        ({"status": "resigned"}, {"Resigned"}),
        ({"status": "active", "on": "01.02.2026"}, {"Main", "Second", "Resigned"}),
        ({"status": "active", "on": "2025-06-01"}, {"Old"}),
        ({"status": "non_member"}, {"Nobody", "Bank"}),
        ({"kind": "organisation"}, {"Bank"}),
        ({"household": "main"}, {"Main"}),
        ({"household": "other"}, {"Second"}),
        ({"household": "none", "status": "active"}, {"Active"}),
        ({"area": "7010", "status": "active"}, {"Active", "Main", "Second"}),
        ({"area": "701", "status": "active"}, {"Active", "Main", "Second"}),
        ({"area": "0"}, set()),
        ({"area": "trondheim", "status": "active"}, {"Active", "Main", "Second"}),
        ({"area": "Trond"}, set()),
        ({"has_mobile": "true"}, set()),
        ({"has_payer": "true"}, set()),
        ({"has_logged_in": "true"}, set()),
        ({"has_own_price": "true"}, set()),
        ({"has_log_in_link": "true"}, set()),
        ({"wants_newsletter": "true"}, set()),
        ({"left_from": "2026-02-01", "left_to": "2026-02-28"}, {"Resigned"}),
        ({"left_from": "2026-02-11"}, set()),
        ({"has_email": "false"}, {"Nobody"}),
        ({"language": "en"}, {"Bank"}),
        ({"joined_from": "2026-02-01", "joined_to": "2026-03-09"}, {"Main", "Second", "Trial"}),
        ({"born_min": "1951", "born_max": "1960"}, {"Unpaid"}),
        ({"trial_ends_by": "2026-03-31"}, {"Trial"}),
        ({"trial_ends_by": "2026-03-29"}, set()),
        ({"office_notes": "x", "legacy_id": "1"}, None),
    ],
)
def test_filters(office: Client, filters: dict[str, Any], found: set[str] | None) -> None:
    everybody()
    names = {name.split(", ")[-1] for name in names_on(page(office, RESULTS, **filters))}
    everyone = {"Active", "Unpaid", "Trial", "Old", "Nobody", "Main", "Second", "Bank", "Resigned"}
    assert names == (everyone if found is None else found)


def test_type_is_filtered_on_the_same_date(office: Client) -> None:
    everybody()
    from membership.models import MembershipType

    family = MembershipType.objects.get(code="FM")
    assert names_on(page(office, RESULTS, type=family.pk)) == ["Ås, Main"]
    assert names_on(page(office, RESULTS, type=family.pk, on="2026-01-31")) == []


def test_a_past_date_is_said_above_the_list(office: Client) -> None:
    make_member()
    assert "Status and type as on" not in page(office, REGISTRY)
    assert "Status and type as on 1 January 2026." in page(office, REGISTRY, on="2026-01-01")


@pytest.mark.parametrize("ordering", ["office_notes", "-legacy_id", "special_price", "nonsense"])
def test_nobody_sorts_by_what_is_not_a_column(office: Client, ordering: str) -> None:
    for name, number in (("Bo", 1), ("Anne", 2)):
        member = make_non_member(name, "Ås", email=f"{name}@example.no")
        member.legacy_id = number
        member.save()
    assert names_on(page(office, REGISTRY, ordering=ordering)) == ["Ås, Anne", "Ås, Bo"]


def test_member_numbers_sort_as_numbers(office: Client) -> None:
    for name, number in (("Ten", "10"), ("Nine", "9"), ("Letters", "A1")):
        create(data=PersonData(first_names=name, last_name="Ås"), on=TODAY, member_number=number)
    assert names_on(page(office, REGISTRY, ordering="number")) == ["Ås, Nine", "Ås, Ten", "Ås, Letters"]


def test_columns_are_chosen_and_the_rows_stay(office: Client) -> None:
    make_member("Alice", "Ås", born_on=date(1980, 5, 17))
    html = page(office, RESULTS, columns=["born_on", "member_since"])
    assert re.findall(r"<th[^>]*>\s*(?:<[^>]*>\s*)*([^<]+?)\s*<", html) == ["Name", "Date of birth", "Member since"]
    assert "17 May 1980" in html and "alice@example.no" not in html
    assert names_on(html) == ["Ås, Alice"]
    assert "Filter" not in re.findall(r"w-pill[^>]*>([^<]*)", html)


def test_office_only_columns_do_not_exist_without_the_right() -> None:
    member = make_member("Alice", "Ås")
    member.office_notes, member.legacy_id, member.special_price = "hemmelig", 987654, 1
    member.save()
    secret = {"columns": ["office_notes", "legacy_id"], "has_own_price": "false", "ordering": "legacy_id"}
    treasurer = browser_with(roles.TREASURERS)
    html = page(treasurer, REGISTRY, **secret)
    assert names_on(html) == ["Ås, Alice"]
    assert "hemmelig" not in html and "987654" not in html and "Office notes" not in html and "own price" not in html


@pytest.mark.parametrize("rows", [1, 3])
def test_every_column_together_asks_no_more_for_more_rows(
    office: Client, rows: int, django_assert_num_queries: Any
) -> None:
    from membership.office import columns

    for number in range(rows):
        home = make_household(f"Kari {number}", f"Ola {number}", last_name="Ås").members
        home[1].payer = home[0]
        home[1].save()
    asked = {"columns": list(columns.offered(with_office_fields=True))}
    page(office, REGISTRY, **asked)
    with django_assert_num_queries(QUERIES):
        page(office, REGISTRY, **asked)


def test_back_from_a_member_the_list_is_as_it_was(office: Client) -> None:
    alice = make_member("Alice", "Ås")
    page(office, REGISTRY, q="ås", status="active")
    for address in (f"{REGISTRY}{alice.pk}/", f"{REGISTRY}{alice.pk}/edit/", f"{REGISTRY}{alice.pk}/resign/"):
        assert 'href="/admin/members/?q=%C3%A5s&amp;status=active"' in page(office, address)


def test_an_empty_registry_says_what_to_do(office: Client) -> None:
    html = page(office, REGISTRY)
    assert "The registry is empty." in html
    assert 'href="/admin/members/new/"' in html


def test_a_search_without_hits_says_what_to_do(office: Client) -> None:
    make_member()
    assert "Nobody in the registry matches." in page(office, REGISTRY, q="finnes ikke")


def test_long_and_strange_search_texts_are_answered(office: Client) -> None:
    make_member()
    for text in ("x" * 100_000, "a " * 10_000, "%_\\'\"", "\x00", "<script>alert(1)</script>"):
        html = page(office, RESULTS, q=text)
        assert "<script>alert" not in html


def test_names_with_markup_are_inert(office: Client) -> None:
    member = make_non_member('"><img src=x onerror=1>', "<b>Ås</b>")
    for address in (REGISTRY, f"{REGISTRY}{member.pk}/", f"{REGISTRY}{member.pk}/edit/", "/admin/"):
        assert "<img src=x" not in page(office, address)


def test_wagtails_own_export_parameter_gives_no_file(office: Client) -> None:
    make_member()
    for kind in ("csv", "xlsx"):
        answer = office.get(REGISTRY, {"export": kind})
        assert answer["Content-Type"].startswith("text/html")


def test_the_auditor_sees_no_registry() -> None:
    make_member("Alice", "Hemmelig")
    browser = browser_with(roles.AUDITORS)
    for address in (REGISTRY, RESULTS, "/admin/choose-member/", "/admin/choose-member/results/"):
        answer = browser.get(address)
        assert answer.status_code in {302, 403}
        assert b"Hemmelig" not in answer.content


def test_the_chooser_uses_the_registrys_search(office: Client) -> None:
    make_non_member("Åse", "Ødegård")
    make_non_member("Kari", "Dahl")
    html = page(office, "/admin/choose-member/results/", q="ødeg")
    assert "Åse Ødegård" in html
    assert "Dahl" not in html
