"""Who is erased, when and by which rule; who is kept, and why. Alice has left, Bob belongs, Charlie never did."""

import dataclasses
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings as SETTINGS
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from wagtail.models import ModelLogEntry

from core.errors import Refused
from core.models import User
from invoicing.models import Invoice
from membership import leaving, periods, renewal, retention, roles
from membership.models import ContactPerson, Erasure, ErasureHold, ErasureRequest, Member, MembershipType, Period
from messaging.models import Message, State
from payments import intake
from tests.makers import (
    NOW,
    TODAY,
    at_noon,
    everybody_was_reminded,
    invoice_of,
    make_household,
    make_member,
    make_non_member,
    make_user,
    set_up_client,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_party(settings: Any) -> None:
    membership = dataclasses.replace(settings.CLIENT.membership, recipe="party")
    settings.CLIENT = dataclasses.replace(settings.CLIENT, membership=membership)


def sent() -> None:
    """Every letter has left the house."""
    Message.objects.filter(state=State.QUEUED).update(state=State.SENT)


def left(first_names: str = "Alice", *, on: date = TODAY, **data: Any) -> Member:
    """Somebody who paid, and resigned on a day."""
    member = make_member(first_names, on=date(2026, 1, 5), **data)
    Invoice.objects.filter(member=member).update(open_amount=0)
    leaving.resign(member=member, on=on, at=at_noon(on))
    sent()
    return member


def planned(on: date, until: date | None = None) -> list[tuple[str, str, date, tuple[str, ...]]]:
    rows = list(retention.by_day(retention.due(on=on, until=until)))
    found = retention.plans(members=rows, on=on, at=at_noon(on))
    return [(plan.member.first_names, plan.rule.value, plan.due_on, plan.holds) for plan in found]


def erase(on: date) -> tuple[dict[str, int], list[str]]:
    result = retention.erase_due(on=on, at=at_noon(on))
    return result.counts, result.lines


def test_who_left_goes_when_the_delay_is_over_and_not_a_day_before() -> None:
    alice = left()
    make_member("Bob")
    make_non_member("Charlie")
    due_on = TODAY + timedelta(days=365)
    assert planned(TODAY + timedelta(days=1)) == []
    assert planned(due_on - timedelta(days=1)) == []
    assert planned(due_on - timedelta(days=1), until=due_on) == [("Alice", "after_leaving", due_on, ())]
    line = f"Member number {alice.member_number} is erased. The membership ended on 10 March 2026."
    assert erase(due_on - timedelta(days=1)) == ({}, [])
    assert erase(due_on) == ({"erased": 1}, [line])
    assert erase(due_on) == ({}, [])
    assert set(Member.objects.values_list("first_names", flat=True)) == {"Bob", "Charlie"}


@pytest.mark.usefixtures("as_party")
def test_a_party_erases_those_who_resign_the_night_after() -> None:
    left()
    unpaid = make_member("Una", paid=False, on=TODAY)
    leaving.resign(member=unpaid, on=TODAY, at=NOW)
    sent()
    tomorrow = TODAY + timedelta(days=1)
    assert planned(TODAY) == []
    assert planned(tomorrow) == [("Alice", "at_once", tomorrow, ()), ("Una", "at_once", tomorrow, ())]
    assert erase(tomorrow)[0] == {"erased": 2}


@pytest.mark.usefixtures("as_party")
def test_a_party_erases_nobody_whose_renewal_has_not_opened_yet() -> None:
    make_member("Bob", on=date(2026, 1, 5))
    make_member("Sara", type_code="UNG", born_on=date(2003, 1, 1), on=date(2026, 1, 5))
    sent()
    for night in (date(2027, 1, 1), date(2027, 3, 1)):  # the treasurer may take long to begin the year
        assert planned(night) == []
        assert erase(night) == ({}, [])
    renewal.open_due_periods(on=date(2027, 3, 1), at=at_noon(date(2027, 3, 1)))
    everybody_was_reminded()
    renewal.lapse_unpaid(on=date(2027, 6, 1), at=at_noon(date(2027, 6, 1)))
    sent()
    struck_on = date(2027, 6, 1)
    assert [row[:3] for row in planned(struck_on)] == [("Bob", "at_once", struck_on), ("Sara", "at_once", struck_on)]


@pytest.mark.usefixtures("as_party")
@pytest.mark.parametrize("trial", [False, True])
def test_who_never_paid_a_party_goes_six_months_after_the_first_due_date(trial: bool) -> None:
    never_paid(trial=trial)


@pytest.mark.parametrize("trial", [False, True])
def test_who_never_paid_goes_six_months_after_the_first_due_date(trial: bool) -> None:
    never_paid(trial=trial)


def never_paid(*, trial: bool) -> None:
    member = make_member("Una", paid=False, on=date(2026, 1, 5), trial=trial)
    pay_by = member.periods.get().pay_by
    assert pay_by
    everybody_was_reminded()
    for on in (date(2026, 2, 10), date(2026, 4, 20)):
        renewal.expire_trials(on=on, at=at_noon(on))
        renewal.lapse_unpaid(on=on, at=at_noon(on))
    sent()
    due_on = pay_by + timedelta(days=180)
    assert planned(due_on - timedelta(days=1)) == []
    assert planned(due_on) == [("Una", "never_paid", due_on, ())]
    assert erase(due_on)[0] == {"erased": 1}


def test_who_paid_once_and_was_struck_later_goes_by_the_delay() -> None:
    member = left(on=date(2026, 2, 1))
    first = member.periods.get()
    Period.objects.create(member=member, type=first.type, starts_on=date(2026, 2, 2), ends_on=date(2026, 12, 31),
                          price=400, source="renewed", pay_by=date(2026, 2, 16), ended_on=date(2026, 4, 1),
                          end_reason="lapsed", opened_on=date(2026, 2, 2))  # fmt: skip
    due_on = date(2026, 4, 1) + timedelta(days=365)
    assert planned(TODAY, until=date(2030, 1, 1)) == []  # the term of April has not ended yet on that day
    assert planned(date(2026, 4, 2), until=date(2030, 1, 1)) == [("Alice", "after_leaving", due_on, ())]


def test_the_dead_go_by_the_delay_and_so_does_one_who_never_was_a_member() -> None:
    member = make_member("Dagny", on=date(2026, 1, 5))
    leaving.record_death(member=member, died_on=date(2026, 3, 1), on=TODAY, at=NOW)
    other = make_non_member("Dina")
    Member.objects.filter(pk=other.pk).update(died_on=date(2026, 3, 2))
    sent()
    until = date(2030, 1, 1)
    assert [(name, day) for name, _rule, day, _holds in planned(TODAY, until=until)] == [
        ("Dagny", date(2027, 3, 1)), ("Dina", date(2027, 3, 2)),
    ]  # fmt: skip


def test_nobody_who_belongs_again_is_erased() -> None:
    alice = left()
    type_ = alice.periods.get().type
    Period.objects.create(member=alice, type=type_, starts_on=date(2028, 1, 1), price=0, source="joined",
                          opened_on=TODAY, confirmed_on=TODAY)  # fmt: skip
    ErasureRequest.objects.create(member=alice, asked_at=NOW)
    later = TODAY + timedelta(days=400)
    assert planned(later, until=date(2030, 1, 1)) == []
    assert erase(later) == ({}, [])


# --- kept back -------------------------------------------------------------------------------------------------------

LATER = TODAY + timedelta(days=500)


def holds_of(name: str) -> tuple[str, ...]:
    return next(holds for first_names, _rule, _on, holds in planned(LATER) if first_names == name)


def test_open_money_keeps_somebody_until_it_is_settled() -> None:
    alice = left()
    invoice = invoice_of(alice)
    Invoice.objects.filter(pk=invoice.pk).update(open_amount=100)
    left("Aud")
    assert holds_of("Alice") == ("An invoice is not settled.",)
    assert holds_of("Aud") == ()
    counts, lines = erase(LATER)
    assert counts == {"erased": 1}
    assert f"Member number {alice.member_number} is kept: An invoice is not settled." in lines
    Invoice.objects.filter(pk=invoice.pk).update(open_amount=0)
    assert erase(LATER)[0] == {"erased": 1}


def test_the_open_invoice_of_ones_household_keeps_one_too() -> None:
    family = make_household("Bob", "Berit", on=date(2026, 1, 5))
    berit = family.members[1]
    leaving.resign(member=berit, on=TODAY, at=NOW)
    sent()
    Invoice.objects.update(open_amount=100)
    assert holds_of("Berit") == ("An invoice is not settled.",)


def test_money_that_is_theirs_keeps_somebody() -> None:
    member = make_member("Alice", on=date(2026, 1, 5), paid=False)
    intake.record(received_on=TODAY, amount=Decimal("500.00"), source="hand", source_reference="a", at=NOW, by=None,
                  invoices=[invoice_of(member)])  # fmt: skip
    leaving.resign(member=member, on=TODAY, at=NOW)
    sent()
    assert holds_of("Alice") == ("Money that was paid too much has not been used or paid back.",)


def test_the_receipt_goes_out_first_but_holds_nobody_for_more_than_a_week() -> None:
    left()
    waiting = Message.objects.filter(recipient_ref__startswith="member:").latest("pk")
    Message.objects.filter(pk=waiting.pk).update(state=State.QUEUED, queued_at=at_noon(LATER))
    assert holds_of("Alice") == ("A message is on its way.",)
    Message.objects.filter(pk=waiting.pk).update(queued_at=at_noon(LATER) - timedelta(days=8))
    assert holds_of("Alice") == ()
    assert erase(LATER)[0] == {"erased": 1}
    waiting.refresh_from_db()
    assert (waiting.state, waiting.why, waiting.address) == ("cancelled", "The recipient is erased.", "")


def test_who_pays_or_acts_for_a_member_is_kept() -> None:
    payer, contact, free = left("Payer"), left("Contact"), left("Free")
    for_life = date(2026, 1, 5)
    child, company = make_member("Child", on=for_life), make_member("Company", on=for_life)
    Period.objects.filter(member__in=[child, company]).update(ends_on=None)
    Member.objects.filter(pk=child.pk).update(payer=payer)
    ContactPerson.objects.create(organisation=company, member=contact)
    acts = ("Pays, or acts, for somebody who is a member.",)
    assert {name: holds for name, _rule, _on, holds in planned(LATER)} == {
        payer.first_names: acts, contact.first_names: acts, free.first_names: (),
    }  # fmt: skip


def test_the_office_keeps_somebody_with_a_reason_and_lets_go() -> None:
    alice, office = left(), make_user(roles.MEMBER_ADMINS)
    retention.hold_back(member=alice, reason="A complaint", at=NOW, by=office)
    retention.hold_back(member=alice, reason="Two complaints", at=NOW, by=office)
    assert holds_of("Alice") == ("The office keeps the entry: Two complaints",)
    assert erase(LATER)[0] == {}
    assert retention.let_go(member=alice, by=office)
    assert not retention.let_go(member=alice, by=office)
    about = ModelLogEntry.objects.filter(object_id=str(alice.pk), user=office).order_by("pk")
    assert [entry.action.rpartition(".")[2] for entry in about] == ["held_back", "held_back", "let_go"]
    assert erase(LATER)[0] == {"erased": 1}
    assert not ErasureHold.objects.exists()


# --- asked for -------------------------------------------------------------------------------------------------------


def test_who_is_no_member_asks_and_is_gone_the_same_night() -> None:
    alice, charlie, bob = left(), make_non_member("Charlie"), make_member("Bob")
    for member in (alice, charlie, charlie):
        retention.ask(member=member, on=TODAY, at=NOW, by=member.user)
    with pytest.raises(Refused, match="Bob Ås is a member"):
        retention.ask(member=bob, on=TODAY, at=NOW, by=bob.user)
    alice.refresh_from_db()
    tomorrow = TODAY + timedelta(days=1)
    assert [(name, rule) for name, rule, _on, _holds in planned(tomorrow)] == [("Charlie", "asked"), ("Alice", "asked")]
    assert retention.take_back(member=alice, by=alice.user)
    assert not retention.take_back(member=alice, by=alice.user)
    sent()
    assert erase(tomorrow)[0] == {"erased": 1}
    assert set(Member.objects.values_list("first_names", flat=True)) == {"Alice", "Bob"}
    assert list(Erasure.objects.values_list("rule", flat=True)) == ["asked"]


# --- the night -------------------------------------------------------------------------------------------------------


def test_the_night_previews_and_erases(capsys: pytest.CaptureFixture[str]) -> None:
    alice = left()
    call_command("nightly", "--on", LATER.isoformat(), "--dry-run")
    printed = capsys.readouterr().out
    assert "erased 1" in printed and "Alice" not in printed
    assert Member.objects.filter(pk=alice.pk).exists()
    call_command("nightly", "--on", LATER.isoformat())
    assert not Member.objects.filter(pk=alice.pk).exists()
    assert "Alice" not in capsys.readouterr().out


def test_a_portion_erases_its_own_and_those_who_asked() -> None:
    alice, aud, charlie = left(), left("Aud"), make_non_member("Charlie")
    retention.ask(member=charlie, on=TODAY, at=NOW, by=None)
    key = aud.periods.get().pk
    assert retention.erase_due(on=LATER, at=at_noon(LATER), keys=range(key, key + 1)).counts == {"erased": 2}
    assert list(Member.objects.values_list("pk", flat=True)) == [alice.pk]


def test_more_than_a_batch_is_erased_and_one_who_is_kept_does_not_stop_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    kept = left("First")
    ErasureHold.objects.create(member=kept, reason="x", at=NOW)
    for number in range(4):
        left(f"Name{number}", email=f"n{number}@example.no")
    assert erase(LATER)[0] == {"erased": 4}
    assert list(Member.objects.all()) == [kept]


@pytest.mark.parametrize("number", [1, 3])
def test_a_preview_costs_the_same_for_few_and_many(number: int, django_assert_num_queries: Any) -> None:
    for index in range(number):
        left(f"Name{index}", email=f"n{index}@example.no")
    rows = list(retention.due(on=LATER))
    with django_assert_num_queries(7):
        retention.plans(members=rows, on=LATER, at=at_noon(LATER))


# --- log-ins ---------------------------------------------------------------------------------------------------------


def test_a_log_in_goes_unless_somebody_else_or_the_office_needs_it() -> None:
    alone, shared, officer = left("Alone"), left("Shared"), left("Officer")
    other = make_non_member("Other", email="shared@example.no")
    assert other.user == shared.user and alone.user and officer.user
    role = make_user(roles.TREASURERS).groups.get()
    officer.user.groups.add(role)
    assert erase(LATER)[0] == {"erased": 3}
    emails = set(User.objects.values_list("email", flat=True))
    assert {"shared@example.no", "officer@example.no"} <= emails
    assert "alone@example.no" not in emails


DAYS = st.integers(-500, 40).map(lambda days: TODAY + timedelta(days=days))
TERMS = st.tuples(
    st.integers(0, 300), st.integers(0, 400), st.none() | st.integers(-1, 400), st.booleans(), st.none() | DAYS
)  # days without membership before the term, its days, the day it was ended, whether it was paid, and when it was due
PEOPLE = st.lists(st.tuples(st.lists(TERMS, max_size=3), st.none() | DAYS, st.booleans()), max_size=4)


class TheShortQuestion(TestCase):
    """Who is due is asked of the few whom the indexes name; asked of everybody, the answer is the same."""

    @settings(max_examples=60, deadline=None)
    @given(people=PEOPLE, is_party=st.booleans(), until=st.none() | st.integers(0, 400))
    def test_nobody_is_overlooked(self, people: Any, is_party: bool, until: int | None) -> None:
        set_up_client()
        for terms, died_on, has_asked in people:
            member = make_non_member("Alice")
            Member.objects.filter(pk=member.pk).update(died_on=died_on)
            start = TODAY - timedelta(days=500)
            for gap, days, ended, is_paid, pay_by in terms:
                start += timedelta(days=gap)
                last = None if ended is None else start + timedelta(days=min(ended, days))
                Period.objects.create(
                    member=member, type=MembershipType.objects.get(code="E"), starts_on=start, opened_on=start,
                    ends_on=start + timedelta(days=days), ended_on=last, end_reason="resigned" if last else "",
                    confirmed_on=start if is_paid else None, pay_by=pay_by, price=400, source="office",
                )  # fmt: skip
                start += timedelta(days=days + 1)
            periods.mark_latest(members=[member.pk])
            if has_asked:
                ErasureRequest.objects.create(member=member, asked_at=NOW)
        recipe = dataclasses.replace(SETTINGS.CLIENT.membership, recipe="party" if is_party else "association")
        with self.settings(CLIENT=dataclasses.replace(SETTINGS.CLIENT, membership=recipe)):
            horizon = None if until is None else TODAY + timedelta(days=until)
            rules = retention._due_by_the_rules(on=TODAY, until=horizon or TODAY)
            assert set(retention.due(on=TODAY, until=horizon)) == set(rules)
