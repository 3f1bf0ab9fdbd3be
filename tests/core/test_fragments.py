"""Fragments of a text, found by the index as by reading every row: whatever is stored, changed or taken away."""

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from core import fragments
from membership.models import Member
from tests.makers import TODAY, make_member

TEXTS = st.text(alphabet="aåbø +'\"%_\\*-()", max_size=8)
pytestmark = pytest.mark.django_db


def found(fragment: str | list[str]) -> set[str]:
    return {member.member_number for member in Member.objects.filter(search_text__fragment=fragment)}


class Anything(TestCase):
    @settings(max_examples=60, deadline=None)
    @given(
        before=st.lists(TEXTS, min_size=1, max_size=5),
        after=st.lists(TEXTS, max_size=5),
        asked=st.lists(TEXTS, min_size=1, max_size=3),
    )
    def test_the_index_finds_what_a_reader_finds(self, before: list[str], after: list[str], asked: list[str]) -> None:
        Member.objects.all().delete()
        Member.objects.bulk_create(
            Member(member_number=str(n), last_name="Ås", registered_on=TODAY, search_text=text)
            for n, text in enumerate(before)
        )
        kept = dict(enumerate(before))
        for n, text in enumerate(after):
            if n in kept:
                Member.objects.filter(member_number=str(n)).update(search_text=text)
                kept[n] = text
        if len(kept) > 2:
            Member.objects.filter(member_number="0").delete()
            del kept[0]
        having = {str(n) for n, text in kept.items() if all(each in text for each in asked)}
        assert found(asked) == having
        assert found(asked[0]) == {str(n) for n, text in kept.items() if asked[0] in text}
        others = Member.objects.exclude(search_text__fragment=asked).values_list("member_number", flat=True)
        assert {int(number) for number in others} == set(kept) - {int(number) for number in having}


def test_norwegian_letters_are_letters() -> None:
    make_member("Ærlend", "Ødegård")
    make_member("Erlend", "Odegard")
    names = [member.full_name for member in Member.objects.found_by("ØDEGÅ ærl")]
    assert names == ["Ærlend Ødegård"]


def test_letters_made_of_two_signs_are_found_too() -> None:
    make_member("Åse")
    assert Member.objects.found_by("A\u030ase").count() == 1


def test_an_index_that_was_lost_is_made_and_filled_again() -> None:
    alice = make_member("Alice", "Ødegård")
    connection.check_constraints()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute('DROP TRIGGER "membership_member_search_text_fragments_over"')
        else:
            cursor.execute('DROP INDEX "membership_member_search_text_fragments"')
    Member.objects.filter(pk=alice.pk).update(search_text="somebody else")
    connection.check_constraints()
    fragments.keep_index(model=Member, field="search_text")
    assert [found("somebody"), found("ødegård")] == [{alice.member_number}, set()]


def test_what_was_written_is_found_while_it_waits_for_its_place_and_after() -> None:
    fragments.settle(model=Member, field="search_text")
    alice = make_member("Alice", "Ødegård")
    assert found("ødegård") == {alice.member_number}
    waited = fragments.settle(model=Member, field="search_text")
    assert bool(waited) == (connection.vendor == "postgresql")
    assert fragments.settle(model=Member, field="search_text") == 0
    assert [found("ødegård"), found("odegard")] == [{alice.member_number}, set()]
