"""The fields people fill in: what is understood, and the sentence for what is not."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from membership.form_fields import BirthDateField, EmailLine, LineField, OrganisationNumberField, PhoneField

TODAY = date(2026, 3, 10)
LONG = "x" * 10_000


def outcome(field, typed):
    """What the field makes of the text: a value, or the code of its refusal."""
    try:
        return field.clean(typed)
    except ValidationError as refused:
        assert all(message.endswith((".", "?")) for message in refused.messages), "a refusal is a sentence"
        return f"refused: {refused.code or refused.error_list[0].code}"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("31.12.1990", date(1990, 12, 31)),
        ("31121990", date(1990, 12, 31)),
        ("1990-12-31", date(1990, 12, 31)),
        (" 1. 2. 1990 ", date(1990, 2, 1)),
        ("1/2-1990", date(1990, 2, 1)),
        ("1 2 1990", date(1990, 2, 1)),
        ("29.02.2024", date(2024, 2, 29)),
        ("10.03.2026", TODAY),
        ("29.02.2023", "refused: no_leap_year"),
        ("29.02.1900", "refused: no_leap_year"),
        ("31.04.1990", "refused: no_such_day"),
        ("00.00.0000", "refused: no_such_day"),
        ("11.03.2026", "refused: future"),
        ("01.01.1905", "refused: too_old"),
        ("31.12.90", "refused: no_date"),
        ("yesterday", "refused: no_date"),
        ("", "refused: required"),
        ("1.1.1990\r\nBcc: x", "refused: lines"),
        (LONG, "refused: too_long"),
    ],
)
def test_birth_date(typed: str, expected: object) -> None:
    assert outcome(BirthDateField(on=TODAY), typed) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("kari@example.no", "kari@example.no"),
        ("  kari@example.no ", "kari@example.no"),
        ("kari@blåbær.no", "kari@blåbær.no"),
        ("kari@example.no.", "refused: final_dot"),
        ("kari@example.no,", "refused: final_dot"),
        ("kari @example.no", "refused: spaces"),
        ("kari", "refused: invalid"),
        ("kari@example.no\r\nBcc: all@example.no", "refused: lines"),
        ("kari@example.no\n", "refused: lines"),
        ("", "refused: required"),
        (LONG + "@example.no", "refused: too_long"),
    ],
)
def test_email(typed: str, expected: object) -> None:
    assert outcome(EmailLine(), typed) == expected


def test_a_final_dot_is_answered_with_the_address_without_it() -> None:
    with pytest.raises(ValidationError) as refused:
        EmailLine().clean("kari@example.no.")
    assert "kari@example.no?" in refused.value.messages[0]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Bjørn-Åge Čearru", "Bjørn-Åge Čearru"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ('"><img src=x onerror=1>', '"><img src=x onerror=1>'),
        ("x" * 120, "x" * 120),
        ("x" * 121, "refused: too_long"),
        (LONG, "refused: too_long"),
        ("Kari\nNordmann", "refused: lines"),
        ("Kari\x00", "refused: lines"),
        ("   ", "refused: required"),
    ],
)
def test_line(typed: str, expected: object) -> None:
    assert outcome(LineField(limit=120), typed) == expected


def test_no_field_is_cut_off_by_the_browser() -> None:
    fields = [LineField(limit=120), EmailLine(), PhoneField(), BirthDateField(on=TODAY), OrganisationNumberField()]
    assert [field for field in fields if "maxlength" in field.widget.attrs] == []


@pytest.mark.parametrize(
    ("typed", "mobile", "expected"),
    [
        ("912 34 567", True, "+4791234567"),
        ("73 50 00 00", False, "+4773500000"),
        ("73 50 00 00", True, "refused: no_mobile"),
        ("1234", True, "refused: no_phone"),
        ("", True, ""),
        (LONG, True, "refused: too_long"),
    ],
)
def test_phone(typed: str, mobile: bool, expected: object) -> None:
    assert outcome(PhoneField(mobile=mobile, required=False), typed) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("988 077 917", "988077917"),
        ("988077918", "refused: no_orgnr"),
        ("000000000", "refused: no_orgnr"),
        ("abc", "refused: no_orgnr"),
        ("", ""),
    ],
)
def test_organisation_number(typed: str, expected: object) -> None:
    assert outcome(OrganisationNumberField(required=False), typed) == expected
