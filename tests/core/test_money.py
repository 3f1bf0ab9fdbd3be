"""Money in and out of text: tables for what people write, and a property for what we write ourselves."""

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from core import money
from core.errors import Refused

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("600", "600.00"),
        ("600,-", "600.00"),
        ("600,–", "600.00"),
        ("kr 600", "600.00"),
        ("Kr. 600,-", "600.00"),
        ("600 kr", "600.00"),
        ("NOK 1 234,50", "1234.50"),
        (" 1 234,50 ", "1234.50"),
        (f"kr{NBSP}1{NBSP}234,50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1'234.50", "1234.50"),
        ("1234,5", "1234.50"),
        ("1234.5", "1234.50"),
        ("1.234", "1234.00"),
        ("1,234", "1234.00"),
        ("1 234 567", "1234567.00"),
        ("0,50", "0.50"),
        ("0", "0.00"),
        ("007", "7.00"),
    ],
)
def test_amounts_as_people_write_them(text: str, expected: str) -> None:
    assert str(money.parsed(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "kr", "-600", "+600", "600-", "6oo", "12 34", "1 2345", "1.23.4", "1.234.5", "1,234,5", "0.500",
        "1,5,5", "١٢٣", "1e3", "600 600,00,00", "NaN", "Infinity", "<script>", "600\n700", "9" * 13, "9" * 10_000,
    ],
)  # fmt: skip
def test_what_could_mean_two_things_is_refused(text: str) -> None:
    with translation.override("en"), pytest.raises(Refused) as refusal:
        money.parsed(text)
    assert refusal.value.code == "not_an_amount"
    assert refusal.value.sentence == "This is not an amount. Write it like 600 or 1234,50."


@pytest.mark.parametrize(
    ("amount", "language", "expected", "exactly"),
    [
        ("400", "nb", f"kr{NBSP}400", f"kr{NBSP}400,00"),
        ("1234.5", "nb", f"kr{NBSP}1{NBSP}234,50", f"kr{NBSP}1{NBSP}234,50"),
        ("1234.5", "en", f"kr{NBSP}1,234.50", f"kr{NBSP}1,234.50"),
        ("9000", "en", f"kr{NBSP}9,000", f"kr{NBSP}9,000.00"),
        ("0", "nb", f"kr{NBSP}0", f"kr{NBSP}0,00"),
        ("-0.00", "nb", f"kr{NBSP}0", f"kr{NBSP}0,00"),
        ("-600", "nb", f"kr{NBSP}\u2212600", f"kr{NBSP}\u2212600,00"),
        ("-1234.5", "nb", f"kr{NBSP}\u22121{NBSP}234,50", f"kr{NBSP}\u22121{NBSP}234,50"),
        ("-1234.5", "en", f"kr{NBSP}\u22121,234.50", f"kr{NBSP}\u22121,234.50"),
        ("-0.004", "en", f"kr{NBSP}0", f"kr{NBSP}0.00"),
    ],
)
def test_amounts_as_we_write_them(amount: str, language: str, expected: str, exactly: str) -> None:
    assert money.formatted(Decimal(amount), language=language) == expected
    assert money.formatted_exactly(Decimal(amount), language=language) == exactly


AMOUNTS = st.decimals(min_value=0, max_value=Decimal("999999999999.99"), places=2)


@given(amount=AMOUNTS, language=st.sampled_from(["nb", "en"]))
def test_we_can_read_what_we_write(amount: Decimal, language: str) -> None:
    assert money.parsed(money.formatted(amount, language=language)) == amount
    assert money.parsed(money.formatted_exactly(amount, language=language)) == amount


@given(amount=AMOUNTS.filter(bool), language=st.sampled_from(["nb", "en"]))
def test_below_zero_is_the_same_with_one_minus_sign_before_the_digits(amount: Decimal, language: str) -> None:
    for write in (money.formatted, money.formatted_exactly):
        text = write(-amount, language=language)
        assert text.startswith(f"kr{NBSP}{money.MINUS}")
        assert text.replace(money.MINUS, "") == write(amount, language=language)
        assert -money.parsed(text.replace(money.MINUS, "")) == -amount


@given(st.text(max_size=80))
def test_any_text_is_an_amount_or_refused(text: str) -> None:
    try:
        amount = money.parsed(text)
    except Refused:
        return
    assert amount >= 0
    assert amount == amount.quantize(Decimal("0.01"))
