"""Numbers as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from membership import phones


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("", ""),
        ("   ", ""),
        ("91234567", "+4791234567"),
        (" 912 34 567 ", "+4791234567"),
        ("912.34.567", "+4791234567"),
        ("+47 912 34 567", "+4791234567"),
        ("004791234567", "+4791234567"),
        ("73 50 00 00", "+4773500000"),
        ("+46 70 123 45 67", "+46701234567"),
        ("\u00a0912\u00a034\u00a0567", "+4791234567"),
    ],
)
def test_to_e164(typed: str, stored: str) -> None:
    assert phones.to_e164(typed) == stored


@pytest.mark.parametrize("typed", ["123", "abc", "912345678901234", "<script>", "9123456", "+47 1", "9" * 10_000])
def test_what_is_no_number_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        phones.to_e164(typed)
    assert refused.value.code == "no_phone"


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ("+4791234567", True),
        ("+4773500000", False),
        ("+4781549300", False),
        ("+46701234567", True),
        ("", False),
        ("nonsense", False),
    ],
)
def test_is_mobile(stored: str, expected: bool) -> None:
    assert phones.is_mobile(stored) is expected


@pytest.mark.parametrize(
    ("stored", "expected"),
    [("+4791234567", "912 34 567"), ("+4773500000", "73 50 00 00"), ("+46701234567", "+46 70 123 45 67"), ("", "")],
)
def test_shown(stored: str, expected: str) -> None:
    assert phones.shown(stored) == expected


@given(st.from_regex(r"\+47(?:4[015-8]|9[0-9])[0-9]{6}", fullmatch=True))
def test_a_number_that_is_surely_mobile_is_shown_as_mobiles_are(e164: str) -> None:
    assert phones.is_mobile(e164)
    assert phones.shown(e164) == f"{e164[3:6]} {e164[6:8]} {e164[8:]}"
