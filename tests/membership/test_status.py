"""Status on a date: the sentence for people and the query for lists always agree."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from membership.models import Member, Period
from membership.status import LABELS, status_of
from tests.makers import TODAY, make_member, make_non_member, make_type

days = st.dates(min_value=date(2025, 1, 1), max_value=date(2027, 12, 31))


class StatusAgrees(TestCase):
    """`with_status` in the database and `status_of` in Python say the same of any life of a member."""

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        rows=st.lists(
            st.tuples(
                st.sampled_from(["E", "PR"]),
                days,
                st.integers(0, 400) | st.none(),
                st.none() | days,
                st.none() | days,
                st.none() | st.tuples(st.integers(-1, 60), st.sampled_from(Period.EndReason.values)),
            ),
            max_size=3,
        ),
        died_on=st.none() | days,
        on=days,
    )
    def test_query_and_sentence_agree(self, rows: list, died_on: date | None, on: date) -> None:  # type: ignore[type-arg]
        Member.objects.all().delete()
        member = make_non_member(email="")
        starts_on = date(2024, 12, 1)
        for code, _day, length, confirmed_on, pay_by, ended in rows:
            ends_on = starts_on + timedelta(days=length) if length is not None else None
            ended_on, reason = (starts_on + timedelta(days=ended[0]), ended[1]) if ended else (None, "")
            if ended_on and ends_on:
                ended_on = min(ended_on, ends_on)
            Period.objects.create(
                member=member, type=make_type(code), starts_on=starts_on, ends_on=ends_on, price=400, source="office",
                confirmed_on=confirmed_on, pay_by=pay_by, ended_on=ended_on, end_reason=reason, opened_on=starts_on,
            )  # fmt: skip
            last = ended_on or ends_on
            if last is None:
                break
            starts_on = max(last, starts_on) + timedelta(days=7)
        Member.objects.filter(pk=member.pk).update(died_on=died_on)
        member = Member.objects.prefetch_related("periods__type").with_status(on=on).get(pk=member.pk)
        assert member.status_code == status_of(member=member, on=on).code


@pytest.mark.django_db
def test_every_status_answers_why_in_both_languages() -> None:
    from django.utils import translation

    member = make_member()
    for language, word in (("en", "until"), ("nb", "til")):
        with translation.override(language):
            status = status_of(member=member, on=TODAY)
            assert word in status.why
            assert str(LABELS[status.code]) == status.label


@pytest.mark.django_db
def test_members_in_a_status_on_a_date() -> None:
    alice, bob = make_member("Alice"), make_member("Bob", paid=False)
    nina = make_non_member()
    assert list(Member.objects.in_status("active", on=TODAY)) == [alice]
    assert list(Member.objects.belonging(on=TODAY).order_by("pk")) == [alice, bob]
    assert list(Member.objects.in_status("non_member", on=TODAY)) == [nina]
    assert list(Member.objects.in_status("active", on=date(2027, 1, 1))) == []
    assert list(Member.objects.in_status("expired", on=date(2027, 1, 1)).order_by("pk")) == [alice, bob]
