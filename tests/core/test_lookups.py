"""`among` finds what `in` finds, with one parameter however many values there are."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Lower

from membership.models import Member, Period
from tests.makers import make_member

pytestmark = pytest.mark.django_db


def member(**fields: Any) -> Member:
    """A member with a log-in, whose fields are then set."""
    row = make_member()
    Member.objects.filter(pk=row.pk).update(**fields)
    row.refresh_from_db()
    return row


def numbers(rows) -> list[str]:
    return sorted(rows.values_list("member_number", flat=True))


def test_texts_numbers_and_keys_are_found_as_in_finds_them() -> None:
    alice = member(member_number="7", email="Alice@example.no", legacy_id=12_345_678_901)
    bob = member(member_number="007", email="bob@example.no")
    member(member_number="8", email='c"\\æ,{}@example.no')
    found = Member.objects.all()
    for name, values in (
        ("member_number", {"7", "8", "9"}),
        ("member_number", ["007", "007", None]),
        ("member_number", "78"),
        ("email", ['c"\\æ,{}@example.no', "Alice@example.no", "", "NULL"]),
        ("legacy_id", [12_345_678_901, 0, -1]),
        ("pk", [alice.pk, str(bob.pk)]),
        ("pk", {alice.pk: 1, bob.pk: 2}),
        ("user__pk", [alice.user_id, bob.user_id, None]),
    ):
        values = list(values)
        assert numbers(found.filter(**{f"{name}__among": values})) == numbers(found.filter(**{f"{name}__in": values}))
        left = found.exclude(**{f"{name}__among": values})
        assert numbers(left) == numbers(found.exclude(**{f"{name}__in": [v for v in values if v is not None]}))
    lowered = found.alias(lowered=Lower("email")).filter(lowered__among=["alice@example.no"])
    assert numbers(lowered) == ["7"]


def test_of_nothing_nobody_is_found_and_the_database_is_not_asked(django_assert_num_queries) -> None:
    make_member()
    with django_assert_num_queries(0):
        assert list(Member.objects.filter(pk__among=[])) == []
        assert list(Member.objects.filter(pk__among=[None])) == []
    assert Member.objects.exclude(pk__among=[]).count() == 1


def test_a_hundred_thousand_values_are_one_parameter(django_assert_num_queries) -> None:
    alice = member(member_number="99999")
    with django_assert_num_queries(1):
        assert list(Member.objects.filter(member_number__among=map(str, range(100_000)))) == [alice]
    _sql, values = Period.objects.filter(member__pk__among=range(100_000)).order_by().query.sql_with_params()
    assert len(values) == 1


def test_the_index_is_used_and_a_foreign_key_needs_no_join() -> None:
    rows = Period.objects.filter(member__pk__among=[1, 2]).order_by()
    assert "JOIN" not in str(rows.query)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
    assert "index" in rows.explain().lower()
    assert rows.filter(starts_on__lte=date(2026, 1, 1)).count() == 0
