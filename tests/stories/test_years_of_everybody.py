"""Any lives, any nights: terms never overlap, money and status agree, and missed nights or repeats change nothing.

Everybody goes through the same doors as people do: joining, the night, money, leaving.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, Phase, example, given, note, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from core import dates
from core.errors import Refused
from core.results import Result
from invoicing.models import Invoice
from membership import households, joining, leaving, renewal
from membership.models import Member, MembershipType, Period
from membership.status import status_of
from payments import intake, ledger_check
from payments.models import Payment
from payments.reminders import runs
from tests.makers import at_noon, make_type, person
from tests.payments.reminders.helpers import know_the_bank

START, LAST = date(2026, 11, 20), date(2027, 9, 30)
QUIET = settings(
    deadline=None,
    max_examples=10,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


@dataclass(frozen=True)
class Life:
    """How somebody is: with how many others, as what, with or without trial, paying or not, own price and age."""

    code: str
    people: int
    trial: bool
    pays: bool
    own_price_until: date | None
    converts_to: str
    born_on: date


lives = st.builds(
    Life,
    code=st.sampled_from(["E", "FM", "UNG", "UTP", "R", "HON", "LIV"]),
    people=st.integers(1, 3),
    trial=st.booleans(),
    pays=st.booleans(),
    own_price_until=st.none() | st.dates(date(2026, 12, 1), date(2027, 8, 1)),
    converts_to=st.sampled_from(["", "UTP", "NUL"]),
    born_on=st.dates(date(2000, 1, 1), date(2010, 12, 31)),
)


def offer() -> None:
    """The client's types and three more: twelve months, honorary, for life. Young ones and children grow up."""
    nobody = make_type("NUL")
    MembershipType.objects.get_or_create(
        code="R", defaults={"name_nb": "Rullerende", "price": 250, "term": "rolling_year", "converts_to": nobody}
    )
    MembershipType.objects.get_or_create(
        code="HON", defaults={"name_nb": "Æres", "frequency": "never", "converts_to": nobody}
    )
    MembershipType.objects.get_or_create(
        code="LIV", defaults={"name_nb": "Livsvarig", "price": 9000, "frequency": "permanent", "converts_to": nobody}
    )
    MembershipType.objects.filter(code="FM2").update(age_to=17, ages_into=make_type("UNG"), price=50)


def live(life: Life, number: int) -> Member:
    """Join on a day of the autumn."""
    on = dates.days_after(START, number)
    people = [
        person(
            f"P{number}x{each}",
            email=f"p{number}x{each}@example.no",
            born_on=date(2008 + each, 6, 1) if each else life.born_on,
        )
        for each in range(life.people if life.code == "FM" else 1)
    ]
    joined = joining.join(
        people=people, wanted_type=make_type(life.code), on=on, at=at_noon(on), trial=life.trial and life.pays
    )
    converts_to = make_type(life.converts_to) if life.converts_to else None
    Member.objects.filter(pk=joined.main_member.pk).update(
        special_price=None if life.own_price_until is None else 75, special_price_until=life.own_price_until,
        converts_to=converts_to if life.own_price_until else None, office_notes="pays" if life.pays else "",
    )  # fmt: skip
    return joined.main_member


def pay(on: date) -> None:
    """Those who pay, pay the same day."""
    payers = Member.objects.filter(office_notes="pays").values("pk")
    for invoice in Invoice.objects.open().order_by("number"):
        in_household = Member.objects.filter(household__main_member__in=payers, pk=invoice.member_id)
        if Member.objects.filter(pk=invoice.member_id, office_notes="pays").exists() or in_household.exists():
            _pay(invoice, on)


def _pay(invoice: Invoice, on: date) -> None:
    intake.record(amount=invoice.open_amount, received_on=on, source="ocr", source_reference=f"{invoice.number}:{on}",
                  at=at_noon(on), by=None, kid=invoice.kid)  # fmt: skip


def night(on: date) -> int:
    """The steps about membership, and the reminders; how many things were done."""
    steps = (renewal.expire_trials, renewal.tell_before_end, renewal.open_due_periods, _remind, renewal.lapse_unpaid)
    return sum(step(on=on, at=at_noon(on)).changed for step in steps)


def _remind(*, on: date, at: datetime) -> Result:
    """The treasurer has looked through the bank, and sends what is due."""
    know_the_bank(on)
    return runs.send_due(on=on, at=at)


def state() -> list[tuple[Any, ...]]:
    """What is the same however the nights fell: who has which term, whether it is paid, how it ended.

    When somebody was struck follows from when the invoice came, so only that they were.
    """
    rows = Period.objects.select_related("member", "type", "paid_with__member").order_by("member_id", "starts_on", "pk")
    return [
        (
            p.member.first_names, p.type.code, p.starts_on, p.ends_on, p.price, p.end_reason, bool(p.confirmed_on),
            p.paid_with.member.first_names if p.paid_with else "", p.has_next,
        )
        for p in rows
    ]  # fmt: skip


def assert_sound(on: date) -> None:
    """Nobody has two terms on a day; what is settled is confirmed and what is confirmed settled; each is the last or
    has a next; and the sentence agrees with the list."""
    spans: dict[int, list[Period]] = {}
    for period in Period.objects.order_by("member_id", "starts_on", "pk"):
        spans.setdefault(period.member_id, []).append(period)
    for rows in spans.values():
        real = [row for row in rows if not row.is_void]
        for one, other in pairwise(real):
            assert one.last_day is not None and one.last_day < other.starts_on, (one, other)
        assert [row.has_next for row in rows] == [any(o.starts_on > row.starts_on for o in rows) for row in rows]
    assert ledger_check.check().problems == []
    for member in Member.objects.with_status(on=on).prefetch_related("periods__type"):
        assert member.status_code == status_of(member=member, on=on).code


class AnyNights(TestCase):
    """The same lives under every night, and under some of them, some twice: the same in the end."""

    @QUIET
    @given(
        everybody=st.lists(lives, min_size=1, max_size=3),
        missed=st.sets(st.integers(0, 30), max_size=28),
        twice=st.sets(st.integers(0, 30), max_size=6),
    )
    @example(  # an own price ends on Christmas Eve, and the nights over New Year are missed
        everybody=[Life("E", 1, True, True, date(2026, 12, 24), "", date(2005, 1, 23))],
        missed={1, 4, 10, 13, 17, 22, 28, 30},
        twice={16, 22, 29},
    )
    def test_missed_nights_and_repeats_end_in_the_same_state(
        self, everybody: Sequence[Life], missed: set[int], twice: set[int]
    ) -> None:
        nothing: set[int] = set()
        with transaction.atomic():
            every_night = self._years_end(everybody, nothing, nothing)
            transaction.set_rollback(True)
        assert self._years_end(everybody, missed, twice) == every_night

    def _years_end(self, everybody: Sequence[Life], missed: set[int], twice: set[int]) -> list[tuple[Any, ...]]:
        """Live through nights ten days apart, the last ones in any case; earlier dates come again, too."""
        offer()
        for number, life in enumerate(everybody):
            live(life, number)
        pay(START)
        for number in range(31):
            on = dates.days_after(date(2026, 12, 15), 10 * number)
            for again in [on, on, dates.days_after(on, -3)] if number in twice else [on] * (number not in missed):
                night(again)
                pay(on)
        for days in (0, 60, 120):
            on = dates.days_after(LAST, days)
            night(on)
            pay(on)
        assert night(dates.days_after(LAST, 120)) == 0
        assert_sound(LAST)
        return state()


doings = st.lists(
    st.tuples(
        st.sampled_from(["pay", "undo", "resign", "die", "exclude", "hand_over", "move_out", "come_back", "night"]),
        st.integers(0, 9),
        st.integers(0, 45),
    ),
    min_size=4,
    max_size=14,
)


class AnythingMayHappen(TestCase):
    """Whatever is done, in any order, money and status agree after every step, and no night stops."""

    @QUIET
    @given(everybody=st.lists(lives, min_size=1, max_size=3), what=doings)
    def test_money_and_status_agree(self, everybody: Sequence[Life], what: list[tuple[str, int, int]]) -> None:
        offer()
        for number, life in enumerate(everybody):
            live(life, number)
        on = dates.days_after(START, len(everybody))
        for verb, which, days in what:
            on += timedelta(days=days)
            note(f"{on} {verb} {which}")
            try:
                getattr(self, f"_{verb}")(which, on)
            except Refused as refusal:
                note(f"refused: {refusal.sentence}")
            assert_sound(on)

    def _night(self, which: int, on: date) -> None:
        night(on)
        assert night(on) == 0

    def _pay(self, which: int, on: date) -> None:
        invoices = list(Invoice.objects.open().order_by("number"))
        if invoices:
            _pay(invoices[which % len(invoices)], on)

    def _undo(self, which: int, on: date) -> None:
        payments = list(Payment.objects.filter(reverses=None, reversed_by=None).order_by("pk"))
        if payments:
            intake.reverse(payment=payments[which % len(payments)], at=at_noon(on), by=None, reason="§")

    def _somebody(self, which: int) -> Member:
        everybody = list(Member.objects.order_by("pk"))
        return everybody[which % len(everybody)]

    def _resign(self, which: int, on: date) -> None:
        leaving.resign(member=self._somebody(which), on=on, at=at_noon(on))

    def _die(self, which: int, on: date) -> None:
        leaving.record_death(member=self._somebody(which), died_on=on, on=on, at=at_noon(on))

    def _exclude(self, which: int, on: date) -> None:
        leaving.exclude(member=self._somebody(which), on=on, at=at_noon(on), by=None, reason="§ 7")

    def _hand_over(self, which: int, on: date) -> None:
        member = self._somebody(which)
        if member.household:
            households.hand_over(household=member.household, to=member)

    def _move_out(self, which: int, on: date) -> None:
        households.remove(member=self._somebody(which))

    def _come_back(self, which: int, on: date) -> None:
        joining.come_back(people=[self._somebody(which)], wanted_type=make_type("E"), on=on, at=at_noon(on))
