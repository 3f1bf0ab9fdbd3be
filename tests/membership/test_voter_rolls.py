"""Voter rolls: the rule, the frozen copy that nothing reaches, appeals, and what erasing leaves."""

from datetime import date
from typing import Any

import pytest
from wagtail.models import ModelLogEntry

from core.errors import Refused
from membership import branches, erasure, leaving, members, merging, voter_rolls
from membership.models import Branch, Erasure, Member, MembershipType, Period, VoterRoll, VoterRollAppeal
from membership.voter_rolls import Asked, Decided
from tests.makers import NOW, TODAY, make_member, make_non_member, make_type, make_user

pytestmark = pytest.mark.django_db
LATER = date(2026, 3, 20)


def make_roll(**data: Any) -> VoterRoll:
    """A roll of today for the types that vote."""
    roll = VoterRoll.objects.create(**{"name": "General meeting", "counts_on": TODAY} | data)
    make_type("E")
    roll.types.set(MembershipType.objects.voting())
    return roll


def frozen(**data: Any) -> VoterRoll:
    return voter_rolls.freeze(roll=make_roll(**data), on=LATER, at=NOW, by=None)


def names(rows: Any) -> list[str]:
    return [row.full_name for row in rows]


def asked(member: Member, wants: str, **data: Any) -> Asked:
    words = {"raised_by": "Kari", "reason": "Because", "received_on": TODAY} | data
    return Asked(member=member, wants=wants, **words)


def snapshot(roll: VoterRoll) -> list[tuple[Any, ...]]:
    return list(roll.lines.order_by("pk").values_list())


def everybody() -> None:
    """One who votes, and one for each reason not to."""
    make_type("PR")
    MembershipType.objects.filter(code__in=["UTP", "PR"]).update(has_vote=False)
    make_member("Votes", on=date(2026, 1, 5))
    make_member("No", "Type", type_code="UTP", on=date(2026, 1, 5))
    make_member("No", "Money", paid=False, on=date(2026, 1, 5))
    make_member("No", "Birth", born_on=None, on=date(2026, 1, 5))
    make_member("Too", "Young", born_on=date(2011, 3, 11), on=date(2026, 1, 5))
    make_member("Just", "Fifteen", born_on=date(2011, 3, 10), on=date(2026, 1, 5))
    make_member("Paid", "Late", on=date(2026, 3, 2))
    make_non_member("Never", "Member")
    dead = make_member("Not", "Alive", on=date(2026, 1, 5))
    Member.objects.filter(pk=dead.pk).update(died_on=date(2026, 2, 1))


def test_the_first_reason_counts_for_each() -> None:
    everybody()
    roll = make_roll(min_age=15, paid_by=date(2026, 3, 1))
    found = {member.full_name: member.why_not for member in voter_rolls.judged(roll=roll)}
    assert found == {
        "Votes Ås": "", "Just Fifteen": "", "No Type": "type", "No Money": "status", "No Birth": "no_birth",
        "Too Young": "age", "Paid Late": "paid_late", "Not Alive": "status",
    }  # fmt: skip
    outcome = voter_rolls.count(roll=roll)
    assert (outcome.voting, outcome.left_out) == (
        2, {"type": 1, "status": 2, "no_birth": 1, "age": 1, "paid_late": 1},
    )  # fmt: skip


def test_the_preview_is_what_is_frozen() -> None:
    everybody()
    roll = make_roll(min_age=15, paid_by=date(2026, 3, 1))
    before = voter_rolls.count(roll=roll), names(voter_rolls.voting(roll=roll)), names(voter_rolls.left_out(roll=roll))
    roll = voter_rolls.freeze(roll=roll, on=LATER, at=NOW, by=None)
    after = voter_rolls.count(roll=roll), names(voter_rolls.voting(roll=roll)), names(voter_rolls.left_out(roll=roll))
    assert after == before
    line = roll.lines.get(first_names="Votes")
    assert (line.member_number, line.place, line.type_name, line.is_listed) == (
        Member.objects.get(first_names="Votes").member_number, "Trondheim", "Enslig (ordinært medlemskap)", True,
    )  # fmt: skip


def test_a_branch_has_a_roll_of_its_own() -> None:
    here, there = (Branch.objects.create(name=name, code=name) for name in ("Here", "There"))
    below = Branch.objects.create(name="Below", code="Below", parent=here)
    for name, branch in (("A", here), ("B", there), ("C", below), ("D", None)):
        branches.place(member=make_member(name), branch=branch) if branch else make_member(name)
    roll = frozen(branch=here)
    assert [(line.first_names, line.branch_name) for line in roll.lines.all()] == [("A", "Here"), ("C", "Below")]


def test_freezing_takes_as_many_queries_for_more(django_assert_num_queries: Any) -> None:
    make_member("A")
    for number in (1, 3):
        roll = make_roll(name=str(number))
        with django_assert_num_queries(10):
            voter_rolls.freeze(roll=roll, on=LATER, at=NOW, by=None)
        make_member("B")
        make_member("C")


def test_a_frozen_roll_never_changes_with_the_registry() -> None:
    alice, bob, carl = (make_member(name, email=f"{name}@example.no") for name in ("Alice", "Bob", "Carl"))
    roll = frozen()
    before = snapshot(roll)
    members.change(member=alice, changes={"last_name": "Changed", "place": "Oslo"}, at=NOW, by=None)
    leaving.exclude(member=bob, on=TODAY, at=NOW, by=None, reason="")
    make_member("New")
    Period.objects.filter(member=carl).update(confirmed_on=None)
    MembershipType.objects.update(has_vote=False)
    assert snapshot(roll) == before
    assert voter_rolls.count(roll=roll).voting == 3


def test_a_merge_leaves_both_lines() -> None:
    alice, twin = make_member("Alice"), make_non_member("Alice", "Ås")
    Period.objects.create(
        member=twin, type=make_type("E"), starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31), price=0,
        source="imported", opened_on=TODAY, confirmed_on=date(2025, 1, 1),
    )  # fmt: skip
    roll = frozen(counts_on=date(2025, 6, 1))
    merging.merge(kept=alice, absorbed=twin, choices={}, on=TODAY, at=NOW, by=make_user("admin"))
    assert [(line.full_name, line.member) for line in roll.lines.all()] == [("Alice Ås", alice)]


def test_what_cannot_be_frozen() -> None:
    make_member()
    with pytest.raises(Refused, match="is still to come"):
        voter_rolls.freeze(roll=make_roll(), on=date(2026, 3, 9), at=NOW, by=None)
    with pytest.raises(Refused, match="nobody may vote"):
        voter_rolls.freeze(roll=make_roll(statuses=["overdue"]), on=TODAY, at=NOW, by=None)
    roll = frozen()
    with pytest.raises(Refused, match="frozen already"):
        voter_rolls.freeze(roll=roll, on=TODAY, at=NOW, by=None)
    assert roll.lines.count() == 1
    assert VoterRoll.objects.filter(frozen_at__isnull=True, lines__isnull=False).count() == 0


# --- appeals ---------------------------------------------------------------------------------------------------------


def test_appeals_change_the_roll_only_when_they_are_upheld() -> None:
    alice, unpaid, stranger = make_member("Alice"), make_member("Una", paid=False), make_non_member("Stig")
    clerk = make_user("Member admins")
    roll = frozen()
    for member, wants, is_upheld in (
        (unpaid, "add", False), (unpaid, "add", True), (stranger, "add", True), (alice, "remove", True),
    ):  # fmt: skip
        made = voter_rolls.appeal(roll=roll, asked=asked(member, wants), at=NOW, by=clerk)
        before = snapshot(roll)
        decided = Decided(is_upheld=is_upheld, by="The board", on=LATER, explanation="The receipt was shown")
        voter_rolls.decide(appeal=made, decided=decided, at=NOW, by=clerk)
        assert (snapshot(roll) != before) == is_upheld
    assert names(voter_rolls.voting(roll=roll)) == ["Stig Nei", "Una Ås"]
    outcome = voter_rolls.count(roll=roll)
    assert (outcome.voting, outcome.left_out) == (2, {"": 1})
    rows = roll.appeals.values_list("about", "wants", "decision", "decided_by", "decided_on", "line__first_names")
    assert list(rows) == [
        ("Una Ås", "add", "rejected", "The board", LATER, "Una"),
        ("Una Ås", "add", "upheld", "The board", LATER, "Una"),
        ("Stig Nei", "add", "upheld", "The board", LATER, "Stig"),
        ("Alice Ås", "remove", "upheld", "The board", LATER, "Alice"),
    ]  # fmt: skip
    actions = ModelLogEntry.objects.filter(action__startswith="membership.voter_roll").order_by("timestamp", "pk")
    assert [(entry.action.split(".")[-1], entry.user) for entry in actions] == [
        ("frozen", None), *[("appealed", clerk), ("decided", clerk)] * 4,
    ]  # fmt: skip


def test_what_is_no_appeal() -> None:
    alice, bob = make_member("Alice"), make_non_member("Bob")
    open_roll = make_roll()
    with pytest.raises(Refused, match="not frozen yet"):
        voter_rolls.appeal(roll=open_roll, asked=asked(bob, "add"), at=NOW, by=None)
    roll = frozen()
    with pytest.raises(Refused, match="Alice Ås is on the roll already"):
        voter_rolls.appeal(roll=roll, asked=asked(alice, "add"), at=NOW, by=None)
    with pytest.raises(Refused, match="Bob Nei is not on the roll"):
        voter_rolls.appeal(roll=roll, asked=asked(bob, "remove"), at=NOW, by=None)
    made = voter_rolls.appeal(roll=roll, asked=asked(bob, "add"), at=NOW, by=None)
    with pytest.raises(Refused, match="waits for a decision"):
        voter_rolls.appeal(roll=roll, asked=asked(bob, "add"), at=NOW, by=None)
    with pytest.raises(Refused, match="came in on 10 March 2026"):
        voter_rolls.decide(appeal=made, decided=Decided(is_upheld=True, by="", on=date(2026, 3, 9)), at=NOW, by=None)
    voter_rolls.decide(appeal=made, decided=Decided(is_upheld=False, by="", on=LATER), at=NOW, by=None)
    with pytest.raises(Refused, match="decided already"):
        voter_rolls.decide(appeal=made, decided=Decided(is_upheld=True, by="", on=LATER), at=NOW, by=None)
    assert names(voter_rolls.voting(roll=roll)) == ["Alice Ås"]


# --- erasure ---------------------------------------------------------------------------------------------------------


def test_erasing_leaves_the_line_without_a_name() -> None:
    alice, bob = make_member("Alice", "Hemmelig"), make_member("Bob", "Hemmelig")
    roll = frozen()
    voter_rolls.appeal(roll=roll, asked=asked(alice, "remove", reason="Alice Hemmelig has moved"), at=NOW, by=None)
    voter_rolls.appeal(roll=roll, asked=asked(bob, "remove", raised_by="Alice Hemmelig"), at=NOW, by=None)
    erasure.erase(members=[(alice, Erasure.Rule.ASKED)], at=NOW)
    assert names(voter_rolls.voting(roll=roll)) == ["(erased)", "Bob Hemmelig"]
    assert voter_rolls.count(roll=roll).voting == 2
    line = roll.lines.get(is_erased=True)
    assert (line.member, line.member_number, line.place, line.type_name) == (None, "", "", "")
    assert list(VoterRollAppeal.objects.order_by("pk").values_list("member", "about", "raised_by", "reason")) == [
        (None, "", "", ""), (bob.pk, "Bob Hemmelig", "", "Because"),
    ]  # fmt: skip


def test_a_member_gets_their_own_lines() -> None:
    alice, bob = make_member("Alice"), make_member("Bob", paid=False)
    nobody = make_non_member()
    frozen()
    parts = [voter_rolls.data_part(member, TODAY) for member in (alice, bob, nobody)]
    rows = [list(part.rows) if part else None for part in parts]
    ordinary = "Enslig (ordinært medlemskap)"
    assert rows == [
        [("General meeting", TODAY, True, "", ordinary)],
        [("General meeting", TODAY, False, "the status gives no vote", ordinary)],
        None,
    ]
