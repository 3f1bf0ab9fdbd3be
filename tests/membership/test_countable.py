"""Countable members: the first reason for each who does not count, and what a traceable payment is."""

from datetime import date
from typing import Any

import pytest

from membership import consents, countable, periods
from membership.countable import Rule
from membership.models import Member
from payments import intake
from payments.models import Allocation, Payment
from tests.makers import NOW, at_noon, invoice_of, make_household, make_member, make_non_member

pytestmark = pytest.mark.django_db
SPRING = date(2025, 3, 10)
RULE = Rule(year=2025)


def young(name: str, *, consented: bool = True, pays: bool = True, **data: Any) -> Member:
    """A member of 2025 who counts unless told otherwise."""
    member = make_member(
        name, **{"on": SPRING, "born_on": date(2005, 1, 1), "email": f"{name.lower()}@example.no", "paid": False} | data
    )
    if consented:
        consents.record(member=member, purpose="statutes", channel="", is_given=True, at=at_noon(SPRING), source="form")
    if pays:
        invoice = invoice_of(member)
        intake.record(received_on=SPRING, amount=invoice.total, source="hand", source_reference=name, at=NOW, by=None,
                      invoices=[invoice])  # fmt: skip
    return member


def reasons(rule: Rule = RULE) -> dict[str, str]:
    rows = countable.judged(members=Member.objects.all(), rule=rule)
    return {member.first_names: member.why for member in rows}


def test_one_for_each_reason() -> None:
    young("Counts")
    young("Trial", trial=True)
    young("Oldest", born_on=date(2000, 1, 1))
    young("Older", born_on=date(1999, 12, 31))
    young("Unborn", born_on=None)
    Member.objects.filter(pk=young("Firm").pk).update(kind="organisation")
    young("Silent", consented=False)
    withdrawn = young("Withdrawn")
    consents.record(member=withdrawn, purpose="statutes", channel="", is_given=False, at=at_noon(date(2025, 5, 1)),
                    source="my_page")  # fmt: skip
    later = young("Later")
    consents.record(member=later, purpose="statutes", channel="", is_given=False, at=at_noon(date(2026, 1, 1)),
                    source="my_page")  # fmt: skip
    young("Unpaid", pays=False)
    marked = young("Marked", pays=False)
    periods.confirm(period=marked.periods.get(), on=SPRING)
    late = young("Late", pays=False)
    periods.confirm(period=late.periods.get(), on=date(2026, 1, 1))
    make_non_member("Nobody")
    young("New", on=date(2026, 1, 5))
    assert reasons() == {
        "Counts": "counts", "Trial": "counts", "Oldest": "counts", "Older": "too_old", "Unborn": "no_birth",
        "Firm": "organisation", "Silent": "no_consent", "Withdrawn": "no_consent", "Later": "counts",
        "Unpaid": "not_paid", "Marked": "not_traceable", "Late": "not_paid",
    }  # fmt: skip
    assert countable.count(members=Member.objects.all(), rule=RULE) == {
        "counts": 4, "organisation": 1, "no_birth": 1, "too_old": 1, "no_consent": 2, "not_paid": 2,
        "not_traceable": 1,
    }  # fmt: skip
    assert reasons(Rule(year=2025, takes_marked=True))["Marked"] == "counts"
    assert reasons(Rule(year=2025, purpose=""))["Silent"] == "counts"
    assert reasons(Rule(year=2025, age_from=21))["Counts"] == "too_young"


def test_who_is_carried_by_a_household_pays_nothing() -> None:
    make_household("Main", "Second", on=SPRING)
    found = reasons(Rule(year=2025, age_to=99, purpose="", takes_marked=True))
    assert found == {"Main": "counts", "Second": "free"}


def test_a_payment_that_was_taken_back_traces_nothing() -> None:
    member = young("Counts")
    assert reasons() == {"Counts": "counts"}
    intake.reverse(payment=Payment.objects.get(), at=NOW, by=None, reason="Not ours")
    member.periods.update(confirmed_on=SPRING)
    assert Allocation.objects.count() == 2
    assert reasons() == {"Counts": "not_traceable"}


def test_one_query_for_any_number(django_assert_num_queries: Any) -> None:
    for names in (["A"], ["B", "C"]):
        for name in names:
            young(name)
        with django_assert_num_queries(1):
            countable.count(members=Member.objects.all(), rule=RULE)
