"""Who may be in the registry twice: found, corrected, said not to be, found again never."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from wagtail.models import ModelLogEntry

from core.errors import Refused
from core.results import Result
from membership import duplicates, members, roles, tasks
from membership.applications import possible_duplicates
from membership.models import DuplicatePair, Member, ToCompare
from tests.makers import NOW, make_household, make_member, make_non_member, make_user, person, set_up_client

pytestmark = pytest.mark.django_db
BORN = date(1980, 5, 7)


def alice(**data: Any) -> Member:
    return make_non_member("Åse", "Ødegård", **{"born_on": BORN, "email": "aase@example.no"} | data)


def alice_again(**data: Any) -> Member:
    return make_non_member("Aase", "Oedegaard", **{"born_on": BORN, "email": "", "address_line_1": ""} | data)


def pairs() -> list[tuple[str, str, int, str]]:
    return [
        (pair.first.full_name, pair.second.full_name, pair.score, pair.why)
        for pair in DuplicatePair.objects.select_related("first", "second")
    ]


def test_those_who_are_there_twice_are_found_with_a_reason_and_a_family_is_not() -> None:
    make_household("Bob", "Berit", "Bo")
    alice()
    alice_again()
    assert duplicates.find(at=NOW) == Result(counts={"found": 1})
    assert pairs() == [("Åse Ødegård", "Aase Oedegaard", 80, "Same name, same date of birth")]
    assert duplicates.find(at=NOW + timedelta(days=1)) == Result()
    assert DuplicatePair.objects.get().found_at == NOW


def test_a_correction_changes_the_score_or_takes_the_pair_off_the_list() -> None:
    alice()
    again = alice_again()
    duplicates.find(at=NOW)
    members.change(member=again, changes={"email": "aase@example.no"}, at=NOW, by=None)
    assert duplicates.find(at=NOW) == Result(counts={"corrected": 1})
    assert pairs() == [("Åse Ødegård", "Aase Oedegaard", 100, "Same name, same date of birth, same e-mail")]
    members.change(member=again, changes={"first_names": "Berit"}, at=NOW, by=None)
    assert duplicates.find(at=NOW) == Result(counts={"no longer alike": 1})
    assert pairs() == []


def test_not_the_same_is_remembered_for_ever_with_who_said_so() -> None:
    set_up_client()
    by = make_user(roles.MEMBER_ADMINS)
    first, second = alice(), alice_again()
    duplicates.find(at=NOW)
    pair = DuplicatePair.objects.get()
    duplicates.dismiss(pair=pair, at=NOW, by=by)
    duplicates.dismiss(pair=pair, at=NOW + timedelta(days=1), by=None)
    members.change(member=second, changes={"email": "aase@example.no"}, at=NOW, by=None)
    duplicates.find(at=NOW + timedelta(days=400))
    duplicates.look_at(members=[first, second], at=NOW + timedelta(days=400))
    pair = DuplicatePair.objects.get()
    assert (pair.dismissed_at, pair.dismissed_by) == (NOW, by)
    assert not DuplicatePair.objects.open().exists()
    said = ModelLogEntry.objects.filter(action="membership.member.not_the_same")
    assert {(entry.object_id, entry.data["number"], entry.user) for entry in said} == {
        (str(first.pk), second.member_number, by), (str(second.pk), first.member_number, by),
    }  # fmt: skip
    duplicates.reopen(pair=pair, by=by)
    assert DuplicatePair.objects.open().get().dismissed_by is None


def test_what_the_office_puts_together_stays_until_the_office_has_looked() -> None:
    one, other = make_non_member("Kari", "Berg"), make_non_member("Ola", "Dahl", born_on=None, email="ola@example.no")
    pair = duplicates.put_together(one=other, other=one, at=NOW)
    assert (pair.first, pair.second, pair.why) == (one, other, "Chosen by the office, same address")
    assert duplicates.put_together(one=one, other=other, at=NOW) == pair
    duplicates.find(at=NOW)
    assert DuplicatePair.objects.open().get() == pair
    with pytest.raises(Refused, match="the same entry twice"):
        duplicates.put_together(one=one, other=one, at=NOW)


def test_who_joins_is_looked_at_at_once() -> None:
    known = alice()
    new = make_member("Aase", "Oedegaard", born_on=BORN, email="ny@example.no", address_line_1="")
    assert [(pair.first, pair.second) for pair in DuplicatePair.objects.all()] == [(known, new)]


def test_many_new_ones_are_found_by_looking_at_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    known, again = alice(), alice_again()
    monkeypatch.setattr(duplicates, "MANY", 1)
    tasks.look_for_duplicates.call([known.pk, again.pk])
    assert len(pairs()) == 1


def test_looking_at_everybody_and_at_the_new_ones_finds_the_same() -> None:
    rows = [
        alice(), alice_again(), alice_again(born_on=date(1980, 7, 5)),
        alice_again(born_on=None, email="AASE@example.no"),
        alice_again(born_on=None, mobile="+4791234567"), alice(work_phone="+4791234567", email=""),
        make_non_member("Åse", "Berg", born_on=BORN, email="aase@example.no"),
        make_non_member("Oda", "Ødegård", born_on=BORN, email="aase@example.no"),
    ]  # fmt: skip
    duplicates.look_at(members=rows, at=NOW)
    by_one = set(DuplicatePair.objects.values_list("first", "second", "score"))
    DuplicatePair.objects.all().delete()
    duplicates.find(at=NOW)
    assert set(DuplicatePair.objects.values_list("first", "second", "score")) == by_one
    assert len(by_one) > 5


def test_a_thousand_rows_with_one_name_are_compared_with_their_neighbours_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(duplicates, "_NEXT", 2)
    for number in range(10):
        make_non_member("Test", "Test", email=f"test{number}@example.no")
    duplicates.find(at=NOW)
    assert DuplicatePair.objects.count() == 9 + 8


@pytest.mark.parametrize("number", [1, 3])
def test_how_many_questions_are_asked_does_not_depend_on_how_many_are_found(number: int) -> None:
    for pair in range(number):
        for name in ("Åse", "Aase"):
            make_non_member(f"{name}{'abc'[pair] * 3}", "Berg", email=f"{pair}@example.no", born_on=None)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        duplicates.find(at=NOW)
    assert DuplicatePair.objects.count() == number
    assert len(queries) == 10


def test_the_forms_ask_the_same_rules_and_also_show_relatives() -> None:
    """Fault 17: two people at one e-mail address. Likely or not, the office sees who is there already."""
    known = alice()
    relative = make_non_member("Bob", "Ødegård", born_on=date(1978, 1, 1), email="aase@example.no")
    make_non_member("Nina", "Nei", born_on=date(1978, 1, 1), address_line_1="Annen vei 2")
    people = [person("Aase", "Oedegaard", born_on=date(1980, 7, 5), email="AASE@example.no", address_line_1="")]
    assert [(member, likeness.is_likely) for member, likeness in duplicates.alike(people=people)] == [
        (known, True), (relative, False),
    ]  # fmt: skip
    assert set(possible_duplicates(people=people)) == {known, relative}


def test_who_is_deleted_leaves_the_list() -> None:
    alice()
    again = alice_again()
    duplicates.find(at=NOW)
    Member.objects.filter(pk=again.pk).delete()
    assert pairs() == []


def test_the_night_looks_at_what_came_in_or_was_changed_since() -> None:
    alice()
    again = alice_again()
    assert duplicates.keep_up(at=NOW) == Result(counts={"found": 1})
    assert duplicates.keep_up(at=NOW) == Result()
    Member.objects.filter(pk=again.pk).update(first_names="Berit")
    assert duplicates.keep_up(at=NOW) == Result(counts={"no longer alike": 1})
    assert (pairs(), duplicates.keep_up(at=NOW)) == ([], Result())


def test_a_night_with_many_changes_looks_at_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "MANY", 1)
    monkeypatch.setattr(duplicates, "look_at", None)
    alice()
    alice_again()
    assert duplicates.keep_up(at=NOW) == Result(counts={"found": 1})
    assert not ToCompare.objects.exists()


def test_what_is_changed_while_the_night_looks_waits_for_the_next_and_a_night_that_broke_off_is_done_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = alice(), alice_again(born_on=None)
    look_at = duplicates.look_at

    def changed_meanwhile(*, members: Any, at: Any) -> Result:
        result = look_at(members=members, at=at)
        Member.objects.filter(pk=second.pk).update(born_on=BORN)
        return result

    def breaks_off(*, members: Any, at: Any) -> Result:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(duplicates, "look_at", changed_meanwhile)
        assert duplicates.keep_up(at=NOW) == Result()
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(duplicates, "look_at", breaks_off)
        duplicates.keep_up(at=NOW)
    assert duplicates.keep_up(at=NOW) == Result(counts={"found": 1})
    assert [(pair.first, pair.second) for pair in DuplicatePair.objects.all()] == [(first, second)]


@pytest.mark.parametrize("number", [1, 3])
def test_a_night_on_which_nobody_changed_asks_one_question(number: int) -> None:
    for name in "abc"[:number]:
        make_non_member(name, "Berg")
    duplicates.keep_up(at=NOW)
    with CaptureQueriesContext(connection) as queries:
        duplicates.keep_up(at=NOW)
    assert len(queries) == 1


NAMES = st.sampled_from(["Åse Ødegård", "Aase Oedegaard", "Åse Berg", "Ole Ødegård"])
ENTRIES = st.fixed_dictionaries({
    "name": NAMES, "born_on": st.sampled_from([BORN, date(1980, 7, 5), None]),
    "email": st.sampled_from(["aase@example.no", ""]), "mobile": st.sampled_from(["+4791234567", ""]),
})  # fmt: skip


class Nights(TestCase):
    @settings(max_examples=40, deadline=None)
    @given(before=st.lists(ENTRIES, max_size=4), later=st.lists(st.tuples(st.integers(0, 5), ENTRIES), max_size=5))
    def test_nights_of_few_changes_end_where_a_look_at_everybody_does(self, before: Any, later: Any) -> None:
        Member.objects.all().delete()
        rows = []
        for entry in before:
            rows.append(_entry(entry))
        duplicates.keep_up(at=NOW)
        for place, entry in later:
            if place < len(rows):
                _correct(rows[place], entry)
            else:
                rows.append(_entry(entry))
            if place % 2:
                duplicates.keep_up(at=NOW)
        duplicates.keep_up(at=NOW)
        by_night = set(DuplicatePair.objects.values_list("first", "second", "score"))
        DuplicatePair.objects.all().delete()
        duplicates.find(at=NOW)
        assert set(DuplicatePair.objects.values_list("first", "second", "score")) == by_night


def _entry(entry: dict[str, Any]) -> Member:
    first, last = entry["name"].split()
    return make_non_member(first, last, **{name: value for name, value in entry.items() if name != "name"})


def _correct(member: Member, entry: dict[str, Any]) -> None:
    first, last = entry["name"].split()
    new = {"first_names": first, "last_name": last} | {n: value for n, value in entry.items() if n != "name"}
    members.change(member=member, changes=new, at=NOW, by=None)
