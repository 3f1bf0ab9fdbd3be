"""Another type by hand: the terms without a gap or an overlap, and the money that was said before."""

import re
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from core.errors import Refused
from invoicing.models import Invoice
from membership import households, leaving, renewal, type_changes
from membership.models import Household, Member, MembershipType, Period
from membership.status import status_of
from payments import intake
from payments.ledger_check import check
from tests.makers import NOW, TODAY, at_noon, invoice_of, make_household, make_member, make_type, make_user
from tests.membership.household_makers import make_company

pytestmark = pytest.mark.django_db
NEW_YEAR, OPENS = date(2027, 1, 1), date(2027, 1, 2)
DAY_BEFORE, LAST = date(2026, 3, 9), date(2026, 12, 31)


def now(member: Member, code: str, on: date = TODAY) -> Period:
    return type_changes.change_now(member=member, to=make_type(code), on=on, at=at_noon(on), by=None)


def from_next(member: Member, code: str, on: date = TODAY) -> Period:
    return type_changes.change_next(member=member, to=make_type(code), on=on, at=at_noon(on), by=None)


def pay(member: Member, on: date = TODAY) -> None:
    """The newest invoice of the member, whole."""
    invoice = invoice_of(member)
    intake.record(
        amount=invoice.open_amount, received_on=on, source="manual", source_reference=f"pay {invoice.number}",
        at=at_noon(on), by=None, invoices=[invoice],
    )  # fmt: skip


def terms(member: Member) -> list[tuple[Any, ...]]:
    """Type, first and real last day, price and whether it is confirmed, in order."""
    rows = member.periods.select_related("type").order_by("starts_on", "pk")
    return [(r.type.code, r.starts_on, r.last_day, int(r.price), r.confirmed_on is not None) for r in rows]


def invoices(member: Member) -> list[tuple[str, int, int]]:
    """Kind, total and what is open, in order."""
    rows = Invoice.objects.filter(member=member).order_by("number")
    return [(row.kind, int(row.total), int(row.open_amount)) for row in rows]


# --- from today ------------------------------------------------------------------------------------------------------


def test_what_is_paid_is_counted_and_the_rest_invoiced() -> None:
    alice = make_member(type_code="E", on=date(2026, 1, 5), paid=False)
    pay(alice)
    new = now(alice, "FM")
    assert terms(alice) == [("E", date(2026, 1, 5), DAY_BEFORE, 400, True), ("FM", TODAY, LAST, 200, False)]
    assert [reason["code"] for reason in new.reasons] == ["type_changed", "base", "paid_before"]
    assert invoices(alice) == [("invoice", 400, 0), ("invoice", 200, 200)]
    pay(alice)
    alice.refresh_from_db()
    assert (status_of(member=alice, on=TODAY).code, alice.member_since) == ("active", date(2026, 1, 5))
    assert households.warnings(household=Household.objects.get(), on=TODAY) == []
    assert check().problems == []


def test_a_cheaper_type_costs_nothing_and_nothing_is_paid_back() -> None:
    alice = make_member(type_code="E", on=date(2026, 1, 5), paid=False)
    pay(alice)
    now(alice, "UTP")
    assert terms(alice)[1] == ("UTP", TODAY, LAST, 0, True)
    assert invoices(alice) == [("invoice", 400, 0)]
    renewal.open_due_periods(on=OPENS, at=at_noon(OPENS))
    assert terms(alice)[2] == ("UTP", NEW_YEAR, date(2027, 12, 31), 300, False)


def test_what_is_paid_is_counted_however_often_the_type_is_changed() -> None:
    """To and fro costs nothing again, and a third type only what the first two have not brought in."""
    alice, bob = make_member("Alice", on=date(2026, 1, 5), paid=False), make_member("Bob", on=date(2026, 1, 5))
    pay(alice)
    now(alice, "UTP")
    now(alice, "E", on=date(2026, 3, 12))
    assert terms(alice)[1:] == [
        ("UTP", TODAY, date(2026, 3, 11), 0, True), ("E", date(2026, 3, 12), LAST, 0, True),
    ]  # fmt: skip
    assert invoices(alice) == [("invoice", 400, 0)]
    now(bob, "FM")
    pay(bob)
    MembershipType.objects.filter(code="UNG").update(price=700, age_to=None)
    bob.refresh_from_db()
    now(bob, "UNG", on=date(2026, 4, 1))
    assert terms(bob)[-1] == ("UNG", date(2026, 4, 1), LAST, 100, False)
    reasons = [(reason["code"], int(Decimal(reason["amount"]))) for reason in bob.periods.latest("pk").reasons]
    assert reasons == [("type_changed", 0), ("base", 700), ("paid_before", -400), ("paid_before", -200)]
    assert check().problems == []


def test_what_was_paid_before_a_change_that_was_never_paid_is_counted() -> None:
    alice = make_member(on=date(2026, 1, 5), paid=False)
    pay(alice)
    now(alice, "FM")
    now(alice, "UTP", on=date(2026, 3, 12))
    assert terms(alice)[-1] == ("UTP", date(2026, 3, 12), LAST, 0, True)
    assert invoices(alice) == [("invoice", 400, 0), ("invoice", 200, 0), ("credit_note", -200, 0)]


def test_what_is_paid_is_counted_where_the_next_term_is_opened_already() -> None:
    """The chain goes through the new term to the one that was opened ahead."""
    alice = make_member(on=date(2026, 1, 5), paid=False)
    pay(alice)
    on, opened = date(2026, 12, 20), OPENS
    renewal.open_due_periods(on=opened, at=at_noon(opened))
    for code in ("UTP", "FM"):
        from_next(alice, code, on=on)
        now(alice, code, on=on)
    ahead = alice.periods.get(starts_on=NEW_YEAR, type__code="FM")
    assert [(row.type.code, int(row.price)) for row in alice.periods.filter(starts_on=on).order_by("pk")] == [
        ("UTP", 0), ("FM", 200),
    ]  # fmt: skip
    assert (int(ahead.price), ahead.last_day) == (600, date(2027, 12, 31))


def test_what_was_paid_for_last_year_or_with_a_trial_is_not_counted_twice() -> None:
    alice = make_member("Alice", on=date(2026, 1, 5), paid=False)
    pay(alice)
    renewal.open_due_periods(on=OPENS, at=at_noon(OPENS))
    pay(alice, on=OPENS)
    now(alice, "FM", on=date(2027, 2, 1))
    assert int(terms(alice)[-1][3]) == 200, "last year's 400 was for last year"
    bob = make_member("Bob", on=date(2026, 3, 1), paid=False, trial=True)
    pay(bob, on=TODAY)
    now(bob, "FM", on=date(2026, 4, 1))
    assert int(terms(bob)[-1][3]) == 200, "the trial's 400 became the membership's"


def test_what_is_not_paid_is_credited_and_the_new_type_invoiced_whole() -> None:
    alice = make_member(type_code="E", on=date(2026, 1, 5), paid=False)
    now(alice, "FM")
    assert terms(alice) == [("E", date(2026, 1, 5), DAY_BEFORE, 400, False), ("FM", TODAY, LAST, 600, False)]
    assert invoices(alice) == [("invoice", 400, 0), ("credit_note", -400, 0), ("invoice", 600, 600)]
    assert Period.objects.latest("pk").pay_by is not None
    assert check().problems == []


def test_on_the_first_day_of_a_term_it_never_ran() -> None:
    alice = make_member(type_code="E", on=TODAY, paid=False)
    now(alice, "UTP")
    assert terms(alice) == [("E", TODAY, DAY_BEFORE, 400, False), ("UTP", TODAY, LAST, 300, False)]
    assert status_of(member=alice, on=TODAY).type == make_type("UTP")


def test_a_trial_goes_on_for_another_membership() -> None:
    alice = make_member(type_code="E", on=date(2026, 3, 1), paid=False, trial=True)
    now(alice, "UTP")
    assert terms(alice) == [
        ("PR", date(2026, 3, 1), DAY_BEFORE, 400, False), ("PR", TODAY, date(2026, 3, 30), 300, False),
    ]  # fmt: skip
    assert invoices(alice) == [("invoice", 400, 0), ("credit_note", -400, 0), ("invoice", 300, 300)]
    pay(alice, on=date(2026, 3, 20))
    assert terms(alice)[1:] == [
        ("PR", TODAY, date(2026, 3, 19), 300, True), ("UTP", date(2026, 3, 20), LAST, 300, True),
    ]  # fmt: skip


def test_a_household_member_gets_a_membership_of_their_own() -> None:
    bob, berit = make_household("Bob", "Berit").members
    now(berit, "E")
    assert terms(berit) == [("FM2", TODAY, DAY_BEFORE, 0, True), ("E", TODAY, LAST, 400, False)]
    assert invoices(berit) == [("invoice", 400, 400)]
    renewal.open_due_periods(on=OPENS, at=at_noon(OPENS))
    assert terms(bob)[-1][:2] == ("FM", NEW_YEAR)


def test_a_life_membership_and_an_own_price() -> None:
    alice, bob = make_member("Alice", paid=False), make_member("Bob", paid=False)
    MembershipType.objects.filter(code="UTP").update(frequency="permanent", price=9000)
    Member.objects.filter(pk=bob.pk).update(special_price=450, special_price_until=date(2026, 6, 30))
    pay(alice)
    now(alice, "UTP")
    assert terms(alice)[-1] == ("UTP", TODAY, None, 8600, False)
    pay(bob)
    bob.refresh_from_db()
    now(bob, "FM")
    assert terms(bob)[-1] == ("FM", TODAY, date(2026, 6, 30), 50, False), "an own price ends its term"
    with pytest.raises(Refused, match="for life and has no next term"):
        from_next(alice, "E")


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("E", "Alice Ås has “Individual (ordinary membership)” already."),
        ("PR", "is not a membership"),
        ("NUL", "is not a membership"),
        ("UNG", "is for those of 26 or younger at the end of the year"),
        ("FM2", "is paid with the household's membership. Choose “from the next term”."),
        ("BED", "is not for Alice Ås: one is for organisations, the other a person."),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(code: str, sentence: str) -> None:
    make_company()
    MembershipType.objects.filter(code="UNG").update(age_to=26)
    alice = make_member()
    before = list(Period.objects.values())
    with pytest.raises(Refused, match=re.escape(sentence)):
        now(alice, code)
    assert list(Period.objects.values()) == before


def test_others_terms_money_in_part_and_those_who_leave_stand_in_the_way() -> None:
    bob = make_household("Bob", "Berit").main_member
    with pytest.raises(Refused, match="Others are paid with this membership: Berit Berg"):
        now(bob, "E")
    alice = make_member(paid=False)
    intake.record(
        amount=Decimal(100), received_on=TODAY, source="manual", source_reference="part", at=NOW, by=None,
        invoices=[invoice_of(alice)],
    )  # fmt: skip
    with pytest.raises(Refused, match=r"Invoice \d+ is paid in part"):
        now(alice, "FM")
    carl = make_member("Carl")
    leaving.resign(member=carl, on=TODAY, at=NOW)
    with pytest.raises(Refused, match="is leaving on"):
        now(carl, "UTP")
    with pytest.raises(Refused, match="has no membership to change"):
        now(carl, "UTP", on=NEW_YEAR)
    berit = Member.objects.get(first_names="Berit")
    with pytest.raises(Refused, match="is not the main member of the household"):
        from_next(berit, "FM")


# --- from the next term ----------------------------------------------------------------------------------------------


def test_the_renewal_opens_what_was_chosen_and_says_why() -> None:
    alice = make_member()
    running = from_next(alice, "UTP")
    assert (running.next_type, terms(alice)) == (make_type("UTP"), [("E", TODAY, LAST, 400, True)])
    result = renewal.open_due_periods(on=OPENS, at=at_noon(OPENS))
    assert result.counts == {"changed by the office": 1}
    assert terms(alice)[1] == ("UTP", NEW_YEAR, date(2027, 12, 31), 300, False)
    assert [reason["code"] for reason in Period.objects.latest("pk").reasons] == ["type_changed", "base"]
    assert Period.objects.latest("pk").next_type is None
    assert renewal.open_due_periods(on=OPENS, at=at_noon(OPENS)).counts == {}


def test_a_choice_can_be_taken_back() -> None:
    alice = make_member()
    from_next(alice, "UTP")
    assert from_next(alice, "E").next_type is None
    renewal.open_due_periods(on=OPENS, at=at_noon(OPENS))
    assert terms(alice)[1][0] == "E"


def test_a_next_term_that_is_opened_and_not_paid_is_replaced() -> None:
    alice = make_member(paid=False, on=date(2026, 1, 5))
    pay(alice)
    renewal.open_due_periods(on=OPENS, at=at_noon(OPENS))
    on = date(2026, 12, 20)  # a term may be opened ahead
    assert terms(alice)[1] == ("E", NEW_YEAR, date(2027, 12, 31), 400, False)
    with pytest.raises(Refused, match=r"The next term, from 1 January 2027, has been opened already"):
        now(alice, "UTP", on=on)
    from_next(alice, "UTP", on=on)
    assert terms(alice)[1:] == [
        ("E", NEW_YEAR, LAST, 400, False), ("UTP", NEW_YEAR, date(2027, 12, 31), 300, False),
    ]  # fmt: skip
    assert [row[0] for row in invoices(alice)] == ["invoice", "invoice", "credit_note", "invoice"]
    now(alice, "UTP", on=on)
    pay(alice, on=OPENS)
    with pytest.raises(Refused, match=r"is paid already\. Change the type when it has begun"):
        from_next(alice, "FM", on=on)
    assert check().problems == []


def test_a_family_that_ends_with_its_main_member_and_one_who_joins_it() -> None:
    bob, berit, bo = make_household("Bob", "Berit", "Bo").members
    from_next(bob, "E")
    renewal.open_due_periods(on=OPENS, at=at_noon(OPENS))
    assert [terms(one)[-1][0] for one in (bob, berit, bo)] == ["E", "E", "E"]


def test_one_with_a_membership_of_their_own_goes_over_to_the_familys() -> None:
    bob = make_member("Bob", "Berg", type_code="FM")
    alice = make_member("Alice")
    with pytest.raises(Refused, match="Add Alice Ås to the household first"):
        from_next(alice, "FM2")
    bob.refresh_from_db()
    assert bob.household is not None
    households.add(household=bob.household, member=alice)
    alice.refresh_from_db()
    from_next(alice, "FM2")
    renewal.open_due_periods(on=OPENS, at=at_noon(OPENS))
    new = alice.periods.latest("starts_on")
    assert (new.type.code, new.price, new.paid_with) == ("FM2", 0, bob.periods.latest("starts_on"))


def test_who_has_moved_out_again_is_renewed_alone_and_not_for_nothing() -> None:
    bob, alice = make_member("Bob", "Berg", type_code="FM"), make_member("Alice")
    bob.refresh_from_db()
    assert bob.household is not None
    households.add(household=bob.household, member=alice)
    alice.refresh_from_db()
    from_next(alice, "FM2")
    households.remove(member=alice)
    renewal.open_due_periods(on=OPENS, at=at_noon(OPENS))
    assert terms(alice)[-1] == ("E", NEW_YEAR, date(2027, 12, 31), 400, False)


def test_a_household_member_who_chose_their_own_leaves_the_others_together() -> None:
    bob, berit, bo = make_household("Bob", "Berit", "Bo").members
    from_next(berit, "UTP")
    renewal.open_due_periods(on=OPENS, at=at_noon(OPENS))
    assert [terms(one)[-1][0] for one in (bob, berit, bo)] == ["FM", "UTP", "FM2"]


# --- any order -------------------------------------------------------------------------------------------------------

_CODES = ("E", "FM", "UTP", "FM2", "UNG")


class AnyChanges(TestCase):
    """Whatever is changed in whatever order, terms never overlap, the chain has no hole, and the books are whole."""

    @settings(max_examples=25, deadline=None)
    @given(
        steps=st.lists(
            st.tuples(st.sampled_from(["now", "next", "pay", "night"]), st.sampled_from(_CODES),
                      st.integers(0, 60)),
            max_size=8,
        )
    )  # fmt: skip
    def test_no_overlap_no_hole_and_whole_books(self, steps: list[tuple[str, str, int]]) -> None:
        alice = make_member(on=date(2026, 1, 5), paid=False)
        on = date(2026, 1, 5)
        for what, code, days in steps:
            on = date.fromordinal(on.toordinal() + days)
            alice.refresh_from_db()
            try:
                if what == "pay":
                    pay(alice, on=on)
                elif what == "night":
                    renewal.open_due_periods(on=on, at=at_noon(on))
                else:
                    (now if what == "now" else from_next)(alice, code, on)
            except Refused:
                continue
        ran = sorted((p for p in alice.periods.all() if not p.is_void), key=lambda p: p.starts_on)
        for one, other in pairwise(ran):
            assert one.last_day is not None
            assert (other.starts_on - one.last_day).days == 1
        assert check().problems == []


def test_the_change_is_in_the_log_with_who_did_it() -> None:
    from wagtail.models import ModelLogEntry

    mona, alice = make_user("Member admins"), make_member()
    type_changes.change_now(member=alice, to=make_type("UTP"), on=TODAY, at=NOW, by=mona)
    entry = ModelLogEntry.objects.get(action="membership.period.changed_type")
    assert (entry.user, entry.data, entry.object_id) == (mona, {"type": "UTP"}, str(alice.pk))
