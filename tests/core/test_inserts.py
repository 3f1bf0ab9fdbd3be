"""Many rows at once mean what `bulk_create` and `bulk_update` mean."""

from contextlib import nullcontext
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.db import DataError, IntegrityError, connection, transaction

from core.inserts import insert_many, insert_pairs, insert_values, update_many
from core.models import User
from membership.models import Application, Member, MembershipType
from tests.makers import NOW

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


def test_every_kind_of_value_is_written_as_saving_writes_it(django_assert_num_queries) -> None:
    type_ = MembershipType.objects.create(code="X", name_nb="X")
    rows = [
        Application(
            sent_at=NOW,
            token=uuid4(),
            reference=f"R{number}",
            wanted_type=type_,
            answers={"people": [], "Ås": ['"', None, "{x},\\ %s"]},
        )
        for number in range(3)
    ]
    insert_many(rows)
    for number, row in enumerate(rows):
        row.answers = {"number": number, "text": 'Øy "and" {more}, \\N NULL'}
        row.name = ["", "NULL", 'Per "Pelle" {1,2}\\'][number]
        row.sent_at, row.decided_at = NOW + timedelta(days=number), None if number else NOW
    changed = ["answers", "name", "sent_at", "decided_at"]
    with django_assert_num_queries(1):
        update_many(rows, changed)
    again = list(Application.objects.order_by("pk").values_list(*changed))
    assert again == [tuple(getattr(row, name) for name in changed) for row in rows]
    members = some("1", "2")
    insert_many(members)
    members[0].special_price, members[0].born_on = Decimal("99.90"), date(1980, 2, 29)
    members[1].special_price, members[1].own_seats = None, 7
    update_many(members, ["special_price", "born_on", "own_seats"])
    assert list(Member.objects.order_by("pk").values_list("special_price", "born_on", "own_seats")) == [
        (Decimal("99.90"), date(1980, 2, 29), None), (None, None, 7),
    ]  # fmt: skip


def test_a_text_that_is_too_long_is_refused_by_postgresql_and_cut_by_nobody() -> None:
    rows = some("1")
    insert_many(rows)
    rows[0].postcode = "x" * 13
    is_strict = connection.vendor == "postgresql"
    with pytest.raises(DataError) if is_strict else nullcontext(), transaction.atomic():
        update_many(rows, ["postcode"])
    assert Member.objects.get().postcode == ("" if is_strict else "x" * 13)


def test_rows_nobody_needs_as_objects_are_written_with_their_defaults() -> None:
    insert_values(
        Member, shared={"registered_on": date(2026, 3, 10), "office_notes": "Øy"},
        own={"member_number": ["1", "2"], "last_name": ["Ås", "Æs"], "payer_id": [None, None]},
    )  # fmt: skip
    insert_values(Member, shared={}, own={"member_number": []})
    first = Member(member_number="1", last_name="Ås", registered_on=date(2026, 3, 10), office_notes="Øy")
    names = [field.attname for field in Member._meta.concrete_fields if not field.primary_key]
    assert Member.objects.filter(member_number="1").values(*names).get() == {n: getattr(first, n) for n in names}
    assert Member.objects.values_list("last_name", flat=True).get(member_number="2") == "Æs"
    Member(member_number="3", registered_on=date(2026, 3, 10)).save()


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_inserted() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        insert_many(some("1"))


def test_pairs_that_are_missing_are_inserted_and_the_others_left() -> None:
    alice, bob = (User.objects.create(username=name) for name in ("alice", "bob"))
    pages, office = (Group.objects.create(name=name) for name in ("Pages", "Office"))
    alice.groups.add(pages)
    insert_pairs(User.groups.through, "user", "group", [(alice.pk, pages.pk), (bob.pk, pages.pk)])
    insert_pairs(User.groups.through, "user", "group", [])
    assert set(User.groups.through.objects.values_list("user", "group")) == {(alice.pk, pages.pk), (bob.pk, pages.pk)}
    bob.groups.add(office)
    assert bob.groups.count() == 2, "the keys that follow are free"
