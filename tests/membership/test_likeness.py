"""How alike two entries are, by tables: spellings, dates, families."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from membership.likeness import LIKELY, compare, in_words, keys, tokens, traits_of
from membership.members import PersonData

BORN = date(1980, 5, 7)


def entry(first_names: str = "Åse Marie", last_name: str = "Ødegård", **data: Any) -> PersonData:
    return PersonData(first_names=first_names, last_name=last_name, **data)


def reasons(a: PersonData, b: PersonData) -> tuple[str, ...]:
    return compare(traits_of(a), traits_of(b)).reasons


def is_likely(a: PersonData, b: PersonData) -> bool:
    return compare(traits_of(a), traits_of(b)).is_likely


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Åse", "Aase"), ("Ødegård", "Oedegaard"), ("Ødegård", "Ödegård"), ("Ødegård", "ODEGARD"),
        ("Sætre", "Saetre"), ("Sætre", "Sätre"), ("Kåre", "Kåre"), ("André", "Andre"),
        ("Anne-Marie", "Anne Marie"), ("D'Arc", "D’Arc"), ("Hætta", "HAETTA"), ("Đoạn", "Doan"),
    ],
)  # fmt: skip
def test_the_same_name_in_another_spelling(one: str, other: str) -> None:
    assert tokens(one) == tokens(other)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("Aase-Marie", "Oedegaard", "name"), ("Åsemarie", "Ødegård", "name"), ("Ødegård", "Åse Marie", "name"),
        ("Åse", "Marie Ødegård", "name"), ("Åse", "Ødegård", "similar_name"), ("Marie", "Ødegård", "similar_name"),
        ("Åse Marie", "Ødegård Berg", "similar_name"), ("Åse Marie", "Berg-Ødegård", "similar_name"),
        ("Åse Marie", "Ødegårdd", "similar_name"), ("Åse Marie", "Ødgeård", "similar_name"),
        ("Åse Marie", "Berg", "first_name"), ("Kari", "Ødegård", "surname"), ("Kari", "Berg", ""),
    ],
)  # fmt: skip
def test_names(first: str, last: str, expected: str) -> None:
    assert reasons(entry(), entry(first, last)) == ((expected,) if expected else ())


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(1980, 5, 7), ("name", "born")),
        (date(1980, 7, 5), ("name", "born_swapped")),
        (date(1981, 5, 7), ("name", "born_nearly")),
        (date(1980, 5, 17), ("name", "born_nearly")),
        (date(1950, 1, 7), ("name",)),
    ],
)
def test_dates_of_birth(day: date, expected: tuple[str, ...]) -> None:
    assert reasons(entry(born_on=BORN), entry(born_on=day)) == expected


CONTACT = {"email": "familien@example.no", "mobile": "+4791234567", "address_line_1": "Fjordgata 1", "postcode": "7010"}


@pytest.mark.parametrize(
    ("why", "one", "other"),
    [
        ("name and date of birth", entry(born_on=BORN), entry("Aase", "Oedegaard", born_on=BORN)),
        ("day and month swapped", entry(born_on=BORN), entry(born_on=date(1980, 7, 5))),
        ("names that begin alike", entry("Anne", "Andersen", born_on=BORN), entry("Anne", "Andersen", born_on=BORN)),
        ("name and e-mail", entry(email="aase@example.no"), entry(email="AASE@example.no")),
        ("name and telephone", entry(mobile="+4791234567"), entry(work_phone="+4791234567")),
        ("name and address", entry(address_line_1="Åsveien 1", postcode="7010"),
         entry(address_line_1="Aasveien 1", postcode="7010")),
        ("married, same e-mail", entry(born_on=BORN, email="aase@example.no"),
         entry(last_name="Berg", born_on=BORN, email="aase@example.no")),
        ("a slip in the date, same telephone and e-mail", entry(born_on=BORN, **CONTACT),
         entry(born_on=date(1980, 5, 8), **CONTACT)),
        ("organisation number", entry("", "Fjordlaget AS", kind="organisation", organisation_number="974760673"),
         entry("", "Fjordlaget", kind="organisation", organisation_number="974760673")),
    ],
)  # fmt: skip
def test_likely(why: str, one: PersonData, other: PersonData) -> None:
    assert is_likely(one, other), why
    assert set(keys(traits_of(one))) & set(keys(traits_of(other))), "they would never be brought together"


@pytest.mark.parametrize(
    ("why", "one", "other"),
    [
        ("all that a family shares", entry("Bob", "Berg", **CONTACT), entry("Berit", "Berg", **CONTACT)),
        ("twins", entry("Ida", "Berg", born_on=BORN, **CONTACT), entry("Oda", "Berg", born_on=BORN, **CONTACT)),
        ("father and son of one name", entry("Ola", "Berg", born_on=BORN, **CONTACT),
         entry("Ola", "Berg", born_on=date(2010, 9, 30), **CONTACT)),
        ("namesakes", entry("Ola", "Berg"), entry("Ola", "Berg")),
        ("born on one day", entry("Kari", "Berg", born_on=BORN), entry("Kari", "Dahl", born_on=BORN)),
        ("neighbours", entry("Kari", "Berg", address_line_1="Fjordgata 1", postcode="7010"),
         entry("Kari", "Dahl", address_line_1="Fjordgata 1", postcode="7010")),
        ("a company and its owner", entry("Ola", "Berg", **CONTACT),
         entry("", "Ola Berg", kind="organisation", **CONTACT)),
        ("two departments", entry("", "Fjordlaget", kind="organisation", organisation_number="974760673", **CONTACT),
         entry("", "Fjordlaget", kind="organisation", organisation_number="923609016", **CONTACT)),
    ],
)  # fmt: skip
def test_not_likely(why: str, one: PersonData, other: PersonData) -> None:
    assert not is_likely(one, other), why


def test_a_relative_at_the_same_address_for_mail_is_worth_a_look() -> None:
    bob, berit = (traits_of(entry(name, "Berg", email="berg@example.no")) for name in ("Bob", "Berit"))
    assert compare(bob, berit).is_worth_a_look
    assert not compare(bob, traits_of(entry("Berit", "Berg"))).is_worth_a_look


def test_the_reasons_in_words() -> None:
    assert in_words(["name", "born"]) == "Same name, same date of birth"


names = st.sampled_from(
    ["Åse", "Aase", "Anne-Marie", "Anne", "Marie", "Kari", "Kristin", "Kristine", "Berg", "Ødegård"]
)
entries = st.builds(
    PersonData,
    first_names=names, last_name=names, born_on=st.none() | st.dates(date(1980, 1, 1), date(1980, 3, 12)),
    email=st.sampled_from(["", "a@example.no", "A@example.no"]), mobile=st.sampled_from(["", "+4791234567"]),
    address_line_1=st.sampled_from(["", "Åsveien 1", "Aasveien 1"]), postcode=st.sampled_from(["", "7010"]),
)  # fmt: skip


@given(entries, entries)
def test_it_does_not_matter_who_comes_first_and_all_likely_ones_share_a_key(a: PersonData, b: PersonData) -> None:
    one, other = traits_of(a), traits_of(b)
    likeness = compare(one, other)
    assert likeness == compare(other, one)
    assert 0 <= likeness.score <= 100
    if likeness.score >= LIKELY and "name" in likeness.reasons and set(one.first) & set(other.first):
        assert set(keys(one)) & set(keys(other))
