"""What came in or was changed stands on the list, whatever door it took; what was not does not."""

import pytest
from django.db import connection, transaction

from core import changes
from core.inserts import insert_many, update_many
from membership.likeness import FIELDS
from membership.models import Member, ToCompare
from tests.makers import TODAY, make_non_member

pytestmark = pytest.mark.django_db


def new(number: int) -> Member:
    return Member(member_number=f"N{number}", last_name="Ås", registered_on=TODAY)


def taken_down() -> list[int]:
    """What stands on the list now; it is emptied."""
    entries = list(ToCompare.objects.order_by("pk").values_list("entry", flat=True))
    ToCompare.objects.all().delete()
    return entries


def test_every_door_in_is_noticed() -> None:
    taken_down()
    alice = make_non_member("Alice")
    assert taken_down() == [alice.pk]
    bulk = Member.objects.bulk_create([new(1), new(2)])
    assert taken_down() == [member.pk for member in bulk]
    rows = [new(3), new(4), new(5)]
    with transaction.atomic():
        insert_many(rows)
    assert sorted(taken_down()) == [row.pk for row in rows]


def test_only_a_change_of_what_is_compared_is_noticed() -> None:
    alice, bob = make_non_member("Alice"), make_non_member("Bob")
    taken_down()
    Member.objects.update(office_notes="Called in May.", place="Bergen")
    alice.save()
    update_many([alice, bob], ["first_names", "born_on"])
    assert taken_down() == []
    Member.objects.filter(pk=alice.pk).update(born_on=None)
    assert taken_down() == [alice.pk]
    Member.objects.filter(pk=alice.pk).update(born_on=TODAY)
    bob.last_name = "Øy"
    bob.save()
    assert taken_down() == [alice.pk, bob.pk]


def test_kept_already_it_changes_nothing_and_for_other_fields_everybody_is_looked_at_again() -> None:
    members = [make_non_member("Alice").pk, make_non_member("Bob").pk]
    taken_down()
    connection.check_constraints()
    changes.keep_list(model=Member, fields=FIELDS, into=ToCompare)
    assert taken_down() == []
    changes.keep_list(model=Member, fields=("place",), into=ToCompare)
    assert sorted(taken_down()) == members
    connection.check_constraints()
    Member.objects.filter(pk=members[0]).update(last_name="Øy")
    Member.objects.filter(pk=members[1]).update(place="Bodø")
    assert taken_down() == [members[1]]
