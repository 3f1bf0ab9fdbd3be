"""Many rows at once mean what `bulk_create` and `bulk_update` mean."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from core.inserts import insert_many, update_many
from membership.models import Member, MembershipType

pytestmark = pytest.mark.django_db


def some(*numbers: str) -> list[Member]:
    return [
        Member(member_number=number, last_name=f"Ås {number}\t\\N\n%s", registered_on=date(2026, 3, 10),
               kind=Member.Kind.ORGANISATION, special_price=Decimal("12.50"), search_text=f"ødegård {number}")
        for number in numbers
    ]  # fmt: skip


def test_rows_get_keys_and_are_read_back_as_they_were_written(django_assert_num_queries) -> None:
    rows = some("1", "2", "3")
    with django_assert_num_queries(2):
        insert_many(rows)
    assert [row.pk for row in rows] == sorted(row.pk for row in rows)
    fields = [field.attname for field in Member._meta.concrete_fields]
    for row in rows:
        assert not row._state.adding
        again = Member.objects.get(pk=row.pk)
        assert [getattr(again, name) for name in fields] == [getattr(row, name) for name in fields]
    assert Member.objects.found_by("degår").count() == 3, "the index of the search is kept by triggers"


def test_keys_are_never_reused_and_other_doors_do_not_meet_them() -> None:
    first = some("1")
    insert_many(first)
    gone = first[0].pk
    Member.objects.all().delete()
    second = some("2")
    insert_many(second)
    [third] = some("3")
    third.save()
    assert gone < second[0].pk < third.pk


def test_constraints_hold_and_rows_with_keys_are_turned_away() -> None:
    insert_many(some("1"))
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_many(some("2", "1"))
    assert Member.objects.count() == 1
    with pytest.raises(ValueError, match="has a key already"):
        insert_many(list(Member.objects.all()))
    insert_many([])


def test_each_row_gets_its_own_values() -> None:
    rows = some("1", "2")
    insert_many(rows)
    type_ = MembershipType.objects.create(code="X", name_nb="X")
    rows[0].place, rows[1].place, rows[1].converts_to = "Ås", "Oslo", type_
    rows[1].last_name = "Not written"
    update_many(rows, ["place", "converts_to"])
    found = Member.objects.order_by("pk").values_list("place", "converts_to__code", "last_name")
    assert list(found) == [("Ås", None, rows[0].last_name), ("Oslo", "X", "Ås 2\t\\N\n%s")]


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_inserted() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        insert_many(some("1"))
