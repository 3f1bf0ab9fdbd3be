"""The numbers on payments, against the vectors of the OCR giro system manual."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing import kid

VECTORS = [
    ("12345678", "123456782", "123456785"),
    ("1234", "12344", "12343"),
    ("2026000123", "20260001233", "20260001230"),
    ("00012340000567", "000123400005674", "000123400005677"),
]
DIGITS = st.text(alphabet="0123456789", min_size=1, max_size=24)
MODULI = st.sampled_from([10, 11])


@pytest.mark.parametrize(("base", "mod10", "mod11"), VECTORS)
def test_vectors(base, mod10, mod11):
    assert kid.with_check_digit(base, 10) == mod10
    assert kid.with_check_digit(base, 11) == mod11
    assert kid.is_valid(mod10, 10) and kid.is_valid(mod11, 11)


def test_mod10_does_not_see_09_written_for_90():
    assert kid.with_check_digit("00012340900567", 10) == "000123409005675"
    assert kid.with_check_digit("00012349000567", 10) == "000123490005675"


def test_mod11_may_end_in_a_hyphen():
    assert [base for base in map(str, range(20)) if kid.with_check_digit(base, 11).endswith("-")] == ["6"]
    assert kid.is_valid("6-", 11)
    assert not kid.is_valid("6-", 10)


@pytest.mark.parametrize("text", ["", "7", "-", "12a4", "1-34", "١٢٣٤", "²3", "1" * 26, "12345 6782"])
@pytest.mark.parametrize("modulus", [10, 11])
def test_what_is_no_kid(text, modulus):
    assert kid.is_valid(text, modulus) is False


@pytest.mark.parametrize("base", ["", "12a", "-1", "1" * 25, "٣"])
def test_what_cannot_become_a_kid(base):
    with pytest.raises(ValueError, match="1 to 24 digits"):
        kid.with_check_digit(base, 10)


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        (" 00012 34000 05674 ", "000123400005674"),
        ("0001.2340.0005.674", "000123400005674"),
        ("00012\u00a034000\u202f05674\t", "000123400005674"),
        ("6-", "6-"),
    ],
)
def test_clean(typed, cleaned):
    assert kid.clean(typed) == cleaned


def test_grouped_is_read_aloud_and_cleaned_back():
    assert kid.grouped("000123400005674") == "00012\u00a034000\u00a005674"
    assert kid.grouped("123456782") == "1234\u00a056782"
    assert kid.grouped("12344") == "12344"


@given(base=DIGITS, modulus=MODULI)
def test_what_we_make_is_valid(base, modulus):
    made = kid.with_check_digit(base, modulus)
    assert made[:-1] == base
    assert kid.is_valid(made, modulus)
    assert kid.is_valid(kid.clean(kid.grouped(made)), modulus)


@given(base=DIGITS, place=st.integers(0, 23), other=st.sampled_from("0123456789"), modulus=MODULI)
def test_one_wrong_digit_is_seen(base, place, other, modulus):
    made = kid.with_check_digit(base, modulus)
    place %= len(base)
    wrong = made[:place] + other + made[place + 1 :]
    assert kid.is_valid(wrong, modulus) is (wrong == made)


@given(base=DIGITS, place=st.integers(0, 22))
def test_mod11_sees_neighbours_that_changed_places(base, place):
    made = kid.with_check_digit(base, 11)
    place %= len(base)
    if place + 1 < len(base):
        swapped = made[:place] + made[place + 1] + made[place] + made[place + 2 :]
        assert kid.is_valid(swapped, 11) is (swapped == made)


@given(base=DIGITS, modulus=MODULI, slip=st.sampled_from(["wrong", "left out", "too many", "swapped"]),
       place=st.integers(0, 25), digit=st.sampled_from("0123456789"))  # fmt: skip
def test_what_was_meant_is_found_behind_every_single_slip(base, modulus, slip, place, digit):
    meant = kid.with_check_digit(base, modulus)
    place %= len(meant)
    before, here, after = meant[:place], meant[place], meant[place + 1 :]
    typed = {
        "wrong": before + digit + after,
        "left out": before + after,
        "too many": before + digit + here + after,
        "swapped": before + after[:1] + here + after[1:],
    }[slip]
    found = kid.nearly(typed)
    assert meant in found | {typed} or not typed.rstrip("-").isdigit()
    assert typed not in found
    assert all(kid.is_valid(one, 10) or kid.is_valid(one, 11) for one in found)
    assert len(found) <= 130


def test_a_slip_of_the_other_kind_is_found_too():
    assert "000123490005675" in kid.nearly("000123409005675")  # which modulus 10 does not see
    assert "000123400005674" not in kid.nearly("000132400005764")  # two slips


@pytest.mark.parametrize("text", ["", "-", "٣٣٣", "kid 1234", "1" * 27, "12-34"])
def test_nothing_is_nearly_what_is_no_number(text):
    assert kid.nearly(text) == set()
