"""The year as stories: Alice's household pays, Bob does not, Charlie is free, and nights are missed."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.results import Result
from invoicing.models import Invoice
from membership import households, leaving, periods, renewal
from membership.models import Member, MembershipType, Period
from membership.prices import reasons_from_json
from membership.status import status_of
from payments import ledger_check
from tests.makers import TODAY, at_noon, everybody_was_reminded, make_household, make_member, make_type

pytestmark = pytest.mark.django_db
NEW_YEAR, OPENS, SUMMER = date(2027, 1, 1), date(2027, 1, 2), date(2026, 6, 1)


def night(on: date) -> Result:
    result = renewal.expire_trials(on=on, at=at_noon(on))
    result.merge(renewal.tell_before_end(on=on, at=at_noon(on)))
    result.merge(renewal.open_due_periods(on=on, at=at_noon(on)))
    result.merge(renewal.lapse_unpaid(on=on, at=at_noon(on)))
    return result


def rows() -> list[tuple[str, str, date, date | None, str]]:
    return [
        (p.member.first_names, p.type.code, p.starts_on, p.last_day, p.end_reason)
        for p in Period.objects.select_related("member", "type").order_by("member_id", "starts_on")
    ]


def test_the_year_of_three() -> None:
    make_household("Alice", "Anna")
    make_member("Bob")
    make_member("Charlie", type_code="FM2")

    assert night(NEW_YEAR).changed == 0
    assert night(OPENS).counts == {"opened": 4}
    assert night(OPENS).changed == 0
    assert [row[:4] for row in rows() if row[2].year == 2027] == [
        ("Alice", "FM", NEW_YEAR, date(2027, 12, 31)),
        ("Anna", "FM2", NEW_YEAR, date(2027, 12, 31)),
        ("Bob", "E", NEW_YEAR, date(2027, 12, 31)),
        ("Charlie", "FM2", NEW_YEAR, date(2027, 12, 31)),
    ]
    alice = Member.objects.get(first_names="Alice")
    main = alice.periods.get(starts_on=NEW_YEAR)
    assert list(main.carries.values_list("member__first_names", flat=True)) == ["Anna"]
    periods.confirm(period=main, on=date(2027, 1, 12))
    assert status_of(member=Member.objects.get(first_names="Anna"), on=date(2027, 1, 12)).code == "active"
    assert status_of(member=Member.objects.get(first_names="Charlie"), on=OPENS).code == "active"

    bob = Member.objects.get(first_names="Bob")
    pay_by = bob.periods.get(starts_on=NEW_YEAR).pay_by
    assert pay_by == OPENS + timedelta(days=14)
    strike = pay_by + timedelta(days=renewal.lapse_days() + 1)
    assert night(strike - timedelta(days=1)).changed == 0
    everybody_was_reminded()
    assert night(strike).counts == {"struck": 1}
    assert night(strike).changed == 0
    assert status_of(member=Member.objects.get(pk=bob.pk), on=strike).code == "lapsed"


def test_a_missed_renewal_is_caught_up() -> None:
    make_member("Alice")
    assert night(date(2027, 2, 14)).counts == {"opened": 1}
    assert rows()[-1][2:4] == (NEW_YEAR, date(2027, 12, 31))


def test_the_rest_of_a_year_after_an_own_price_is_caught_up_over_new_year() -> None:
    """The night of 25 December was missed: the last week is opened all the same, and the new year after it."""
    member = make_member("Alice")
    Member.objects.filter(pk=member.pk).update(special_price=Decimal(75), special_price_until=date(2026, 12, 24))
    Period.objects.filter(member=member).update(ends_on=date(2026, 12, 24))
    night(date(2027, 1, 4))
    assert [row[2:4] for row in rows()][1] == (date(2026, 12, 25), date(2026, 12, 31))


def test_who_was_away_for_years_is_not_renewed() -> None:
    make_member("Alice")
    assert night(date(2029, 1, 5)).changed == 0


def test_members_age_out_and_own_prices_end() -> None:
    make_member("Young", type_code="UNG", born_on=date(2000, 12, 31))
    make_member("Younger", type_code="UNG", born_on=date(2001, 1, 1))
    discounted = make_member("Disse")
    Member.objects.filter(pk=discounted.pk).update(
        special_price=100, special_price_until=date(2026, 12, 31), converts_to=make_type("UTP")
    )
    night(OPENS)
    assert [(r[0], r[1]) for r in rows() if r[2] == NEW_YEAR] == [("Young", "E"), ("Younger", "UNG"), ("Disse", "UTP")]
    assert Period.objects.get(starts_on=NEW_YEAR, member=discounted).price == 300


def test_life_members_and_the_dead_are_left_alone() -> None:
    MembershipType.objects.filter(code=make_type("E").code).update(frequency="permanent")
    make_member("Life")
    dead = make_member("Dead", type_code="UTP")
    Member.objects.filter(pk=dead.pk).update(died_on=date(2026, 11, 1))
    assert night(OPENS).changed == 0


def test_who_lives_with_a_member_for_life_is_carried_and_not_asked_to_pay() -> None:
    main = make_household("Alice", "Anna").main_member
    Period.objects.filter(member=main).update(ends_on=None)
    assert night(OPENS).counts == {"opened": 1}
    anna = Period.objects.get(starts_on=NEW_YEAR)
    assert (anna.member.first_names, anna.type.code, anna.price, anna.paid_with_id) == (
        "Anna", "FM2", 0, Period.objects.get(member=main).pk,
    )  # fmt: skip


def test_a_rolling_year_is_renewed_on_its_own_day() -> None:
    MembershipType.objects.filter(code=make_type("E").code).update(term="rolling_year")
    make_member("Rolf", on=date(2026, 3, 10))
    assert "opened" not in night(date(2027, 3, 9)).counts
    assert night(date(2027, 3, 10)).counts == {"opened": 1}
    assert rows()[-1][2:4] == (date(2027, 3, 10), date(2028, 3, 9))


def test_a_trial_ends_after_thirty_days_and_is_told_ten_days_before() -> None:
    make_member("Trine", trial=True, paid=False)
    assert night(date(2026, 3, 28)).changed == 0
    assert night(date(2026, 3, 29)).counts == {"told": 1}
    assert night(date(2026, 4, 8)).changed == 0
    assert night(date(2026, 4, 9)).counts == {"trials ended": 1}
    assert night(date(2026, 4, 9)).changed == 0


def renewed() -> list[tuple[str, str, str, bool]]:
    """Who has which term next year, with whom it is paid, and whether it is confirmed."""
    rows = Period.objects.filter(starts_on=NEW_YEAR).select_related("member", "type", "paid_with__member")
    return [
        (p.member.first_names, p.type.code, p.paid_with.member.first_names if p.paid_with else "", bool(p.confirmed_on))
        for p in rows.order_by("member_id")
    ]


def test_who_moved_out_goes_on_alone_by_age() -> None:
    joined = make_household("Alice", "Anna", "Ask")
    for number, born_on in ((1, date(1990, 1, 1)), (2, date(2003, 1, 1))):
        Member.objects.filter(pk=joined.members[number].pk).update(household=None, born_on=born_on)
    assert night(OPENS).counts == {"opened": 1, "on their own": 2}
    assert night(OPENS).changed == 0
    assert renewed() == [("Alice", "FM", "", False), ("Anna", "E", "", False), ("Ask", "UNG", "", False)]
    period = Period.objects.get(member=joined.members[1], starts_on=NEW_YEAR)
    assert next(r.sentence() for r in reasons_from_json(period.reasons)) == "No longer part of a household's membership"


GONE = {
    "resigned": lambda m: leaving.resign(member=m, on=SUMMER, at=at_noon(SUMMER)),
    "died": lambda m: leaving.record_death(member=m, died_on=SUMMER, on=SUMMER, at=at_noon(SUMMER)),
    "excluded": lambda m: leaving.exclude(member=m, on=SUMMER, at=at_noon(SUMMER), by=None, reason="§ 7"),
}


@pytest.mark.parametrize("how", list(GONE))
def test_without_the_main_member_the_oldest_of_age_is_asked(how: str) -> None:
    joined = make_household("Alice", "Anna", "Ask")
    born = {"Anna": date(1985, 1, 1), "Ask": date(2012, 1, 1)}
    for member in joined.members[1:]:
        Member.objects.filter(pk=member.pk).update(born_on=born[member.first_names])
    GONE[how](joined.main_member)
    assert {status_of(member=Member.objects.get(pk=m.pk), on=SUMMER + timedelta(days=1)).code
            for m in joined.members[1:]} == {"active"}  # fmt: skip

    result = night(OPENS)

    assert result.counts == {"main members changed": 1, "opened": 1}
    assert result.warnings == ["Anna Berg is the main member of the household now"]
    assert renewed() == [("Anna", "FM", "", False), ("Ask", "FM2", "Anna", False)]
    assert night(OPENS).changed == 0
    joined.household.refresh_from_db()
    assert joined.household.main_member == joined.members[1]


def test_a_widow_alone_gets_a_membership_of_her_own() -> None:
    joined = make_household("Alice", "Anna")
    GONE["died"](joined.main_member)
    assert night(OPENS).counts == {"main members changed": 1}
    assert renewed() == [("Anna", "E", "", False)]


def test_children_alone_are_not_asked_to_pay() -> None:
    joined = make_household("Alice", "Anna")
    Member.objects.filter(pk=joined.members[1].pk).update(born_on=date(2012, 1, 1))
    GONE["died"](joined.main_member)
    result = night(OPENS)
    assert result.changed == 0
    assert result.warnings == [
        "Anna Berg: not renewed after 2026-12-31, because nobody in the household can be its main member"
    ]


def test_a_main_role_handed_over_changes_who_is_asked() -> None:
    joined = make_household("Alice", "Anna", "Ask")
    assert joined.household is not None
    households.hand_over(household=joined.household, to=joined.members[1])
    assert night(OPENS).counts == {"main members changed": 1, "opened": 2}
    assert renewed() == [("Alice", "FM2", "Anna", False), ("Anna", "FM", "", False), ("Ask", "FM2", "Anna", False)]


def test_a_child_grows_out_of_the_household_into_an_invoice_of_its_own() -> None:
    joined = make_household("Alice", "Anna", "Ask")
    MembershipType.objects.filter(code="FM2").update(age_to=17, ages_into=make_type("UNG"))
    for member, born_on in zip(joined.members[1:], (date(2009, 12, 31), date(2010, 1, 1)), strict=True):
        Member.objects.filter(pk=member.pk).update(born_on=born_on)
    result = night(OPENS)
    assert result.counts == {"opened": 2, "aged out": 1}
    assert renewed() == [("Alice", "FM", "", False), ("Anna", "UNG", "", False), ("Ask", "FM2", "Alice", False)]
    assert result.lines[1] == (
        "Anna Berg: UNG from 2027-01-01 (Older than 17 at the end of the year, so no longer Family, secondary (not "
        "invoiced))"
    )


def test_who_pays_for_the_household_is_struck_with_it_and_its_price() -> None:
    MembershipType.objects.filter(code=make_type("FM2").code).update(price=50)
    joined = make_household("Alice", "Anna", paid=False)
    strike = joined.periods[0].opened_on + timedelta(days=15 + renewal.lapse_days())
    everybody_was_reminded()
    assert night(strike).counts == {"struck": 1}
    assert {p.end_reason for p in Period.objects.all()} == {"lapsed"}
    assert not Invoice.objects.open().exists()
    assert ledger_check.check().problems == []


def test_those_a_dead_payer_left_unpaid_are_struck_in_time_and_not_before() -> None:
    joined = make_household("Alice", "Anna", paid=False)
    leaving.record_death(member=joined.main_member, died_on=TODAY, on=TODAY, at=at_noon(TODAY))
    strike = TODAY + timedelta(days=15 + renewal.lapse_days())
    assert night(strike - timedelta(days=1)).changed == 0
    everybody_was_reminded()
    assert night(strike).counts == {"struck": 1}
    assert [(r[0], r[4]) for r in rows()] == [("Alice", "deceased"), ("Anna", "lapsed")]


def test_one_who_joined_a_rolling_household_later_follows_its_next_term() -> None:
    """Her first year ends in June, the family's in March: from then on with the family."""
    make_type("FM")
    MembershipType.objects.filter(code__in=["FM", "FM2"]).update(term="rolling_year")
    joined = make_household("Alice", "Anna", on=date(2026, 3, 10))
    later = joined.periods[1]
    Period.objects.filter(pk=later.pk).update(starts_on=date(2026, 6, 1), ends_on=date(2027, 5, 31))
    assert night(date(2027, 3, 10)).counts == {"opened": 1}
    main = joined.main_member.periods.get(starts_on=date(2027, 3, 10))
    periods.confirm(period=main, on=date(2027, 3, 20))
    assert night(date(2027, 6, 1)).counts == {"opened": 1}
    new = joined.members[1].periods.get(starts_on=date(2027, 6, 1))
    assert (new.ends_on, new.paid_with, new.confirmed_on) == (date(2028, 3, 9), main, date(2027, 6, 1))


def test_an_own_price_ends_the_term_on_its_date_and_the_rest_of_the_year_is_asked_for_then() -> None:
    member = make_member("Disse")
    Member.objects.filter(pk=member.pk).update(
        special_price=100, special_price_until=date(2027, 6, 30), converts_to=make_type("UTP")
    )
    night(OPENS)
    first = member.periods.get(starts_on=NEW_YEAR)
    assert (first.price, first.ends_on, first.type.code) == (100, date(2027, 6, 30), "E")
    periods.confirm(period=first, on=date(2027, 1, 9))
    assert night(date(2027, 2, 1)).changed == 0
    result = night(date(2027, 7, 1))
    assert result.counts == {"own prices ended": 1}
    assert result.lines == ["Disse Ås: UTP from 2027-07-01 (The own price ended on 30 June 2027)"]
    second = member.periods.get(starts_on=date(2027, 7, 1))
    assert (second.price, second.ends_on, second.type.code) == (300, date(2027, 12, 31), "UTP")
    periods.confirm(period=second, on=date(2027, 7, 2))
    Member.objects.filter(pk=member.pk).update(converts_to=make_type("E"))
    assert night(date(2028, 1, 2)).counts == {"opened": 1}  # what has been converted once is not converted again
    assert member.periods.get(starts_on=date(2028, 1, 1)).type.code == "UTP"


@pytest.mark.parametrize(
    ("special", "converts_to", "code", "price"),
    [
        ({"special_price": 100}, None, "E", 100),  # for ever
        ({"special_price": 100, "special_price_until": date(2027, 12, 31)}, "UTP", "E", 100),
        ({"special_price": 100, "special_price_until": date(2026, 12, 31)}, None, "E", 400),
        ({"special_price": 100, "special_price_until": date(2026, 12, 31)}, "UTP", "UTP", 300),
        ({"special_price": 0, "special_price_until": date(2026, 12, 31)}, "NUL", None, None),
        ({}, "UTP", "E", 400),
    ],
)
def test_own_prices(special: dict[str, object], converts_to: str | None, code: str | None, price: int | None) -> None:
    member = make_member("Disse")
    target = make_type(converts_to) if converts_to else None
    Member.objects.filter(pk=member.pk).update(**special, converts_to=target)
    night(OPENS)
    new = member.periods.filter(starts_on=NEW_YEAR).first()
    assert (new.type.code if new else None, new.price if new else None) == (code, price)


def test_a_special_type_without_its_price_becomes_what_it_says() -> None:
    special = MembershipType.objects.create(
        code="SPC", name_nb="Særskilt", kind="special", price=0, converts_to=make_type("E")
    )
    member = make_member("Spes", type_code="SPC")
    Member.objects.filter(pk=member.pk).update(special_price=50, special_price_until=date(2026, 12, 31))
    assert night(OPENS).counts == {"own prices ended": 1}
    assert member.periods.get(starts_on=NEW_YEAR).type.code == "E"
    assert special.periods.count() == 1


def test_a_type_that_leads_to_none_ends_for_good_and_is_asked_once() -> None:
    member = make_member("Siste", born_on=date(1999, 5, 5), type_code="E")
    MembershipType.objects.filter(code="E").update(age_to=26, ages_into=make_type("NUL"))
    result = night(OPENS)
    assert (result.counts, result.lines) == ({"ended for good": 1}, ["Siste Ås: no membership after 2026-12-31"])
    assert night(date(2027, 1, 3)) == Result()
    assert status_of(member=Member.objects.get(pk=member.pk), on=OPENS).code == "expired"


def test_several_ages_are_passed_at_once_and_rings_end() -> None:
    child = MembershipType.objects.create(
        code="BARN", name_nb="Barn", price=50, age_to=12, ages_into=make_type("UNG"), converts_to=make_type("NUL")
    )
    member = make_member("Vokst", type_code="BARN", born_on=date(2014, 1, 1))
    Member.objects.filter(pk=member.pk).update(born_on=date(1990, 1, 1))
    MembershipType.objects.filter(code="E").update(age_to=30, ages_into=child)
    night(OPENS)
    assert member.periods.get(starts_on=NEW_YEAR).type.code == "E"


def test_free_types_go_on_silently_and_paid_ones_are_told() -> None:
    MembershipType.objects.create(code="HON", name_nb="Æres", price=0, frequency="never", converts_to=make_type("NUL"))
    MembershipType.objects.create(code="FRI", name_nb="Fri", price=0, converts_to=make_type("NUL"))
    for name, code in (("Ære", "HON"), ("Fri", "FRI"), ("Betalt", "E")):
        make_member(name, type_code=code)
    before = date(2026, 12, 24)
    assert night(before).lines == ["Betalt Ås: told that 2026-12-31 is the last day"]
    assert night(OPENS).counts == {"opened": 3}
    assert renewed() == [("Ære", "HON", "", True), ("Fri", "FRI", "", True), ("Betalt", "E", "", False)]


def test_struck_members_become_what_is_free_and_nothing_that_costs() -> None:
    friend = MembershipType.objects.create(code="VENN", name_nb="Venn", price=0, converts_to=make_type("NUL"))
    MembershipType.objects.filter(code="E").update(converts_to=friend)
    MembershipType.objects.filter(code="UTP").update(converts_to=make_type("E"))
    make_member("Fri", paid=False)
    make_member("Dyr", paid=False, type_code="UTP")
    strike = TODAY + timedelta(days=15 + renewal.lapse_days())
    everybody_was_reminded()
    result = night(strike)
    assert result.counts == {"struck": 2}
    assert result.lines[0].endswith(f"; VENN from {strike.isoformat()}")
    assert [(r[0], r[1], r[4]) for r in rows()] == [
        ("Fri", "E", "lapsed"),
        ("Fri", "VENN", ""),
        ("Dyr", "UTP", "lapsed"),
    ]
    assert night(strike).changed == 0


def test_a_trial_that_becomes_something_that_costs_is_not_asked_for_both() -> None:
    MembershipType.objects.filter(code=make_type("PR").code).update(converts_to=make_type("UTP"))
    member = make_member("Trine", trial=True, paid=False)
    night(date(2026, 4, 9))
    assert [(p.type.code, p.end_reason) for p in member.periods.order_by("pk")] == [("PR", "converted"), ("UTP", "")]
    assert [(i.total, i.open_amount) for i in Invoice.objects.invoices().order_by("number")] == [(400, 0), (300, 300)]


def test_the_members_own_conversion_goes_before_the_types() -> None:
    friend = MembershipType.objects.create(code="VENN", name_nb="Venn", price=0, converts_to=make_type("NUL"))
    member = make_member("Trine", trial=True, paid=False)
    Member.objects.filter(pk=member.pk).update(converts_to=friend)
    night(date(2026, 4, 9))
    assert [r[1] for r in rows()] == ["PR", "VENN"]


def test_renewal_asks_as_many_questions_for_thirty_as_for_three() -> None:
    counts = []
    for number in (3, 30):
        for each in range(number):
            make_member(f"Name{number}x{each}", email=f"{number}-{each}@example.no")
        with CaptureQueriesContext(connection) as queries:
            renewal.open_due_periods(on=OPENS, at=at_noon(OPENS))
        counts.append(len([q for q in queries if "messaging" not in q["sql"]]))
        Period.objects.filter(starts_on=NEW_YEAR).delete()
        Period.objects.all().delete()
    assert counts[1] <= counts[0] + 4
