"""Prices as tables: the amount and every reason for it."""

from datetime import date
from decimal import Decimal

import pytest

from membership.models import Member
from membership.prices import quote, reasons_from_json
from tests.makers import kroner, make_type

pytestmark = pytest.mark.django_db
SUMMER, AUTUMN = date(2026, 6, 1), date(2026, 10, 1)


@pytest.mark.parametrize(
    ("code", "type_changes", "own", "on", "joining", "amount", "reasons"),
    [
        ("E", {}, None, SUMMER, True, "400", [("base", "400")]),
        ("FM2", {}, None, SUMMER, True, "0", [("household", "0")]),
        ("E", {"price": Decimal(0)}, None, SUMMER, True, "0", [("free", "0")]),
        ("E", {"late_from": "10-01", "late_factor": Decimal("0.5")}, None, AUTUMN, True, "200",
         [("base", "400"), ("late_factor", "-200")]),
        ("E", {"late_from": "10-01", "late_factor": Decimal("0.5")}, None, AUTUMN, False, "400", [("base", "400")]),
        ("E", {"late_from": "10-01", "late_factor": Decimal("0.5")}, None, SUMMER, True, "400", [("base", "400")]),
        ("E", {"late_from": "10-01", "late_price": Decimal(99)}, None, AUTUMN, True, "99",
         [("base", "400"), ("late_price", "-301")]),
        ("E", {}, (Decimal(250), None), SUMMER, True, "250", [("base", "400"), ("own_price", "-150")]),
        ("E", {}, (Decimal(250), SUMMER), SUMMER, False, "250", [("base", "400"), ("own_price", "-150")]),
        ("E", {}, (Decimal(250), date(2026, 5, 31)), SUMMER, False, "400", [("base", "400")]),
        ("FM2", {}, (Decimal(250), None), SUMMER, False, "0", [("household", "0")]),
    ],
)  # fmt: skip
def test_quote(code, type_changes, own, on, joining, amount, reasons) -> None:  # type: ignore[no-untyped-def]
    type_ = make_type(code)
    for name, value in type_changes.items():
        setattr(type_, name, value)
    member = Member(special_price=own[0], special_price_until=own[1]) if own else None
    answer = quote(member=member, type=type_, on=on, joining=joining)
    assert answer.amount == kroner(amount)
    assert [(reason.code, reason.amount) for reason in answer.reasons] == [(c, kroner(a)) for c, a in reasons]
    assert reasons_from_json(answer.as_json) == answer.reasons
    assert all(reason.sentence("nb") and reason.sentence("en") for reason in answer.reasons)
