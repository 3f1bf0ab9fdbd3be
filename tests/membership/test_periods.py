"""Terms: how long they run, how payment confirms and converts them, and that they never overlap."""

import dataclasses
from datetime import UTC, date, datetime
from typing import Any

import pytest

from core import dates
from core.errors import Refused
from membership import joining, leaving, periods, prices, renewal
from membership.models import Member, MembershipType, Period
from membership.status import status_of
from tests.makers import TODAY, at_noon, make_household, make_member, make_type, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _without_invoices(monkeypatch: pytest.MonkeyPatch) -> None:
    """These are the registry's rules alone: nobody listens who would invoice."""
    from membership import signals

    for name in ("periods_opened", "member_left", "member_joined", "period_confirmed", "period_ended"):
        monkeypatch.setattr(getattr(signals, name), "receivers", [])
        getattr(signals, name).sender_receivers_cache.clear()


@pytest.mark.parametrize(
    ("code", "changes", "starts_on", "ends_on"),
    [
        ("E", {}, date(2026, 3, 10), date(2026, 12, 31)),
        ("E", {"term": "rolling_year"}, date(2026, 3, 10), date(2027, 3, 9)),
        ("E", {"term": "rolling_year"}, date(2028, 2, 29), date(2029, 2, 27)),
        ("E", {"frequency": "permanent"}, date(2026, 3, 10), None),
        ("E", {"late_from": "10-01", "late_runs_to_next_year": True}, date(2026, 9, 30), date(2026, 12, 31)),
        ("E", {"late_from": "10-01", "late_runs_to_next_year": True}, date(2026, 10, 1), date(2027, 12, 31)),
        ("E", {}, date(2026, 12, 31), date(2026, 12, 31)),
        ("E", {}, date(2027, 1, 1), date(2027, 12, 31)),
        ("E", {"late_from": "02-29", "late_runs_to_next_year": True}, date(2027, 2, 27), date(2027, 12, 31)),
        ("E", {"late_from": "02-29", "late_runs_to_next_year": True}, date(2027, 2, 28), date(2028, 12, 31)),
        ("E", {"late_from": "02-29", "late_runs_to_next_year": True}, date(2028, 2, 28), date(2028, 12, 31)),
        ("E", {"late_from": "02-29", "late_runs_to_next_year": True}, date(2028, 2, 29), date(2029, 12, 31)),
        ("E", {"term": "rolling_year"}, date(2027, 3, 1), date(2028, 2, 29)),
        ("E", {"term": "rolling_year"}, date(2026, 3, 29), date(2027, 3, 28)),  # the day with 23 hours
        ("E", {"term": "rolling_year"}, date(2026, 10, 25), date(2027, 10, 24)),  # the day with 25 hours
        ("E", {"term": "rolling_year"}, date(2026, 12, 31), date(2027, 12, 30)),
        ("E", {"term": "rolling_year", "frequency": "permanent"}, date(2026, 12, 31), None),
    ],
)
def test_last_day(code: str, changes: dict[str, object], starts_on: date, ends_on: date | None) -> None:
    type_ = make_type(code)
    for name, value in changes.items():
        setattr(type_, name, value)
    assert periods.last_day(type=type_, starts_on=starts_on, joining=True) == ends_on


@pytest.mark.parametrize(
    ("code", "changes", "until", "ends_on"),
    [
        ("E", {}, None, date(2026, 12, 31)),
        ("E", {}, date(2026, 6, 30), date(2026, 6, 30)),
        ("E", {}, TODAY, TODAY),
        ("E", {}, date(2026, 3, 9), date(2026, 12, 31)),  # the price had ended
        ("E", {}, date(2027, 6, 30), date(2026, 12, 31)),
        ("E", {"term": "rolling_year"}, date(2027, 1, 31), date(2027, 1, 31)),
        ("E", {"frequency": "permanent"}, date(2026, 6, 30), None),
        ("FM2", {}, date(2026, 6, 30), date(2026, 12, 31)),  # the main member pays
    ],
)
def test_a_term_ends_no_later_than_the_own_price(
    code: str, changes: dict[str, object], until: date | None, ends_on: date | None
) -> None:
    type_ = make_type(code)
    for name, value in changes.items():
        setattr(type_, name, value)
    member = Member(special_price=100, special_price_until=until)
    assert periods.last_day(type=type_, starts_on=TODAY, member=member) == ends_on


def test_new_year_and_summer_time_count_where_the_organisation_is() -> None:
    """Half past eleven in the evening of 31 December in Greenwich is New Year's Day in Oslo."""
    for moment, day in (
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), date(2027, 1, 1)),
        (datetime(2026, 12, 31, 22, 59, tzinfo=UTC), date(2026, 12, 31)),
        (datetime(2026, 6, 30, 22, 0, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), date(2026, 3, 29)),  # the hour that does not exist
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), date(2026, 10, 25)),  # the hour that comes twice
    ):
        on = dates.day_of(moment)
        joined = joining.join(
            people=[person(email=f"{moment:%s}@example.no")], wanted_type=make_type("E"), on=on, at=moment, trial=False
        )
        period = joined.periods[0]
        assert (period.starts_on, period.ends_on) == (day, date(day.year, 12, 31))


def test_payment_converts_the_whole_households_trials() -> None:
    joined = make_household("Bob", "Berit", "Bo", paid=False, trial=True)
    assert [p.type.code for p in joined.periods] == ["PR", "PR", "PR"]
    assert {p.ends_on for p in joined.periods} == {date(2026, 4, 8)}

    counts = periods.confirm(period=joined.periods[0], on=date(2026, 3, 20))

    assert counts.type.code == "FM"
    for member, code in zip(joined.members, ("FM", "FM2", "FM2"), strict=True):
        rows = [(p.type.code, p.starts_on, p.last_day, p.confirmed_on) for p in member.periods.order_by("starts_on")]
        assert rows == [
            ("PR", date(2026, 3, 10), date(2026, 3, 19), date(2026, 3, 20)),
            (code, date(2026, 3, 20), date(2026, 12, 31), date(2026, 3, 20)),
        ]
        assert status_of(member=member, on=date(2026, 3, 20)).code == "active"
        assert member.member_since == TODAY
    again = periods.confirm(period=joined.periods[0], on=date(2026, 3, 25))
    assert again == counts
    assert Period.objects.count() == 6


def test_payment_on_the_first_day_leaves_an_empty_trial() -> None:
    member = make_member(trial=True, paid=False)
    periods.confirm(period=member.periods.get(), on=TODAY)
    assert [(p.type.code, p.starts_on, p.last_day) for p in member.periods.order_by("pk")] == [
        ("PR", TODAY, date(2026, 3, 9)),
        ("E", TODAY, date(2026, 12, 31)),
    ]
    assert status_of(member=member, on=TODAY).code == "active"


def test_who_pays_after_the_trial_becomes_a_member_from_that_day() -> None:
    member = make_member(trial=True, paid=False)
    renewal.expire_trials(on=date(2026, 4, 9), at=at_noon(date(2026, 4, 9)))
    assert status_of(member=member, on=date(2026, 4, 10)).code == "non_member"

    periods.confirm(period=member.periods.get(), on=date(2026, 4, 20))

    member = type(member).objects.get(pk=member.pk)
    assert [(p.type.code, p.starts_on, p.last_day, p.end_reason) for p in member.periods.order_by("pk")] == [
        ("PR", TODAY, date(2026, 4, 8), "trial_over"),
        ("E", date(2026, 4, 20), date(2026, 12, 31), ""),
    ]


def test_a_payment_that_was_in_the_bank_before_the_trial_ended_counts_from_that_day() -> None:
    joined = make_household("Bob", "Berit", paid=False, trial=True)
    renewal.expire_trials(on=date(2026, 4, 9), at=at_noon(date(2026, 4, 9)))

    periods.confirm(period=joined.periods[0], on=date(2026, 4, 7))

    for member, code in zip(joined.members, ("FM", "FM2"), strict=True):
        rows = [(p.type.code, p.starts_on, p.last_day, p.end_reason) for p in member.periods.order_by("starts_on")]
        assert rows == [
            ("PR", TODAY, date(2026, 4, 6), "converted"),
            (code, date(2026, 4, 7), date(2026, 12, 31), ""),
        ]
        assert type(member).objects.get(pk=member.pk).member_since == TODAY


def test_who_pays_late_becomes_what_was_wanted_and_not_what_the_trial_had_become() -> None:
    friend = MembershipType.objects.create(code="VENN", name_nb="Venn", price=0, converts_to=make_type("NUL"))
    MembershipType.objects.filter(code="PR").update(converts_to=friend)
    member = make_member(trial=True, paid=False)
    trial = member.periods.get()
    renewal.expire_trials(on=date(2026, 4, 9), at=at_noon(date(2026, 4, 9)))
    assert status_of(member=member, on=date(2026, 4, 10)).code == "active"

    wanted = periods.confirm(period=trial, on=date(2026, 4, 20))

    rows = [(p.type.code, p.starts_on, p.last_day, p.end_reason) for p in member.periods.order_by("starts_on")]
    assert rows == [
        ("PR", TODAY, date(2026, 4, 8), "trial_over"),
        ("VENN", date(2026, 4, 9), date(2026, 4, 19), "converted"),
        ("E", date(2026, 4, 20), date(2026, 12, 31), ""),
    ]
    assert periods.confirm(period=trial, on=date(2026, 4, 25)) == wanted
    periods.unconfirm(period=trial, on=date(2026, 4, 26))
    wanted.refresh_from_db()
    assert wanted.confirmed_on is None
    assert member.periods.get(type=friend).confirmed_on is not None
    assert periods.confirm(period=trial, on=date(2026, 5, 2)) == wanted
    assert member.periods.count() == 3


def test_where_membership_starts_on_payment_nobody_belongs_before(settings: Any) -> None:
    membership = dataclasses.replace(settings.CLIENT.membership, starts="on_payment")
    settings.CLIENT = dataclasses.replace(settings.CLIENT, membership=membership)
    joined = make_household("Bob", "Berit", on=date(2026, 12, 20), paid=False)
    before = date(2026, 12, 28)
    for member in joined.members:
        assert status_of(member=member, on=before).code == "applicant"
    assert list(Member.objects.in_status("applicant", on=before).order_by("pk")) == joined.members
    assert not Member.objects.belonging(on=before).exists()

    periods.confirm(period=joined.periods[0], on=date(2027, 1, 5))

    for member in Member.objects.order_by("pk"):
        period = member.periods.get()
        assert (period.starts_on, period.ends_on) == (date(2027, 1, 5), date(2027, 12, 31))
        assert member.member_since == date(2027, 1, 5)
        assert status_of(member=member, on=date(2027, 1, 5)).code == "active"


def test_the_last_term_is_known_whatever_is_opened_or_moved() -> None:
    member = make_member()
    type_ = make_type("E")
    for year in (2028, 2027):
        starts_on = date(year, 1, 1)
        term = periods.Term(
            member=member, type=type_, starts_on=starts_on, ends_on=date(year, 12, 31), source="office",
            quote=prices.quote(member=member, type=type_, on=starts_on),
        )  # fmt: skip
        periods.open_periods(terms=[term], on=TODAY)
    assert list(member.periods.order_by("starts_on").values_list("has_next", flat=True)) == [True, True, False]
    Period.objects.update(has_next=False)
    periods.mark_latest(members=[member.pk])
    assert list(member.periods.order_by("starts_on").values_list("has_next", flat=True)) == [True, True, False]
    Period.objects.update(has_next=True)
    periods.mark_latest(members=[member.pk])
    assert list(member.periods.order_by("starts_on").values_list("has_next", flat=True)) == [True, True, False]


def test_a_payment_undone_leaves_the_membership_unpaid() -> None:
    joined = make_household(paid=False, trial=True)
    periods.confirm(period=joined.periods[0], on=TODAY)
    periods.unconfirm(period=joined.periods[0], on=TODAY)
    assert not Period.objects.confirmed().exists()
    assert status_of(member=joined.main_member, on=TODAY).code == "awaiting_payment"


def test_terms_never_overlap() -> None:
    member = make_member()
    type_ = make_type("E")
    quote = prices.quote(member=member, type=type_, on=TODAY)
    term = periods.Term(
        member=member, type=type_, starts_on=date(2026, 12, 31), ends_on=None, quote=quote, source="office"
    )
    with pytest.raises(Refused) as refusal:
        periods.open_periods(terms=[term], on=TODAY)
    assert refusal.value.code == "overlap"
    assert "31" in refusal.value.sentence
    assert Period.objects.count() == 1


def test_a_free_term_is_confirmed_at_once() -> None:
    MembershipType.objects.filter(code=make_type("E").code).update(price=0)
    member = make_member(paid=False, trial=True)
    period = member.periods.get()
    assert (period.type.code, period.confirmed_on, period.price) == ("E", TODAY, 0)


def test_resigning_ends_the_term_that_day() -> None:
    member = make_member()
    on = date(2026, 6, 1)
    assert leaving.resign(member=member, on=on, at=at_noon(on)) == on
    assert status_of(member=member, on=on).code == "active"
    assert status_of(member=member, on=date(2026, 6, 2)).code == "resigned"
    with pytest.raises(Refused):
        leaving.resign(member=member, on=date(2026, 6, 5), at=at_noon(date(2026, 6, 5)))


def test_joining_refuses_what_does_not_fit() -> None:
    young = make_type("UNG")
    with pytest.raises(Refused) as refusal:
        joining.join(people=[person(born_on=date(1999, 12, 31))], wanted_type=young, on=TODAY, at=at_noon(TODAY))
    assert refusal.value.code == "age"
    with pytest.raises(Refused) as refusal:
        joining.join(people=[person(), person("Bo")], wanted_type=young, on=TODAY, at=at_noon(TODAY))
    assert refusal.value.code == "one_person"
    assert not Period.objects.exists()


def test_a_household_member_goes_on_when_a_paid_main_member_leaves_and_not_when_nothing_is_paid() -> None:
    on = date(2026, 6, 1)
    for paid, status in ((True, "active"), (False, "resigned")):
        joined = make_household(paid=paid)
        leaving.resign(member=joined.main_member, on=on, at=at_noon(on))
        other = type(joined.main_member).objects.get(pk=joined.members[1].pk)
        assert status_of(member=other, on=date(2026, 6, 2)).code == status


def test_what_waits_for_somebody_who_has_died_is_not_sent() -> None:
    from membership import mails, receivers
    from membership.models import Period as Term
    from messaging.models import Message

    member = make_member()
    mails.membership_ends(period=member.periods.get(), at=at_noon(TODAY))
    receivers.let_go(member=member, reason=Term.EndReason.DECEASED, on=TODAY, at=at_noon(TODAY), sender=None)
    assert set(Message.objects.filter(recipient_ref=member.recipient_ref).values_list("state", "reason")) == {
        ("suppressed", "The member is deceased.")
    }
