"""A merge undone: two entries again, with what has happened since."""

import datetime
import itertools
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from core.errors import Refused
from core.models import User
from core.results import Result
from invoicing.ledger_check import problems
from membership import (
    consents,
    duplicates,
    households,
    members,
    members_group,
    merging,
    roles,
    unmerging,
)
from membership.fields import OFFICE_EDITABLE
from membership.models import Application, Member, Merge, Period
from tests.makers import (
    NOW,
    TODAY,
    make_member,
    make_non_member,
    make_type,
    make_user,
    set_up_client,
)
from tests.membership.merge_makers import by, merge, open_term, snapshot, undo

__all__ = ["by"]
pytestmark = pytest.mark.django_db


# --- undoing --------------------------------------------------------------------------------------------------------


def test_what_was_changed_since_is_kept_and_listed(by: User) -> None:
    alice = make_non_member("Alice", email="old@example.no", place="Oslo")
    aase, bob = make_non_member("Aase", email="new@example.no", place="Bergen"), make_non_member("Bob")
    members.change(member=bob, changes={"payer": aase}, at=NOW, by=by)
    gone = make_non_member("Nina")
    members.change(member=gone, changes={"payer": aase}, at=NOW, by=by)
    done = merge(alice, aase, by, place="absorbed", email="absorbed")
    members.change(member=alice, changes={"place": "Tromsø"}, at=NOW, by=by)
    bob.refresh_from_db()
    members.change(member=bob, changes={"payer": None}, at=NOW, by=by)
    gone_pk = gone.pk
    Member.objects.filter(pk=gone_pk).delete()
    restored = undo(done, by)
    alice.refresh_from_db()
    bob.refresh_from_db()
    done.refresh_from_db()
    assert (alice.place, alice.email, restored.place, restored.email, bob.payer) == (
        "Tromsø", "old@example.no", "Bergen", "new@example.no", None,
    )  # fmt: skip
    assert done.left_over == [
        {"model": "membership.Member", "column": "place", "is_gone": False},
        {"model": "membership.Member", "column": "payer_id", "is_gone": True},
        {"model": "membership.Member", "column": "payer_id", "is_gone": False},
    ]
    assert (done.undone_at, done.absorbed, done.moved) == (NOW, {}, [])


def test_what_was_added_since_stays_with_the_kept_entry(by: User) -> None:
    alice, aase = make_non_member("Alice"), make_non_member("Aase")
    done = merge(alice, aase, by)
    open_term(alice, TODAY, date(2026, 12, 31))
    restored = undo(done, by)
    assert (alice.periods.count(), restored.periods.count()) == (1, 0)


def test_a_term_does_not_run_again_when_another_has_taken_its_time(by: User) -> None:
    alice = make_member("Alice", on=date(2026, 2, 1), paid=False, email="a@example.no")
    aase = make_non_member("Aase", email="b@example.no")
    open_term(aase, date(2026, 2, 1), date(2026, 12, 31))
    done = merge(alice, aase, by)
    term = alice.periods.get(end_reason="corrected")
    Period.objects.filter(member=alice).exclude(pk=term.pk).update(member=make_non_member("Nina"))
    open_term(alice, TODAY, date(2026, 12, 31))
    undo(done, by)
    done.refresh_from_db()
    term.refresh_from_db()
    assert term.end_reason == "corrected"
    assert {"model": "membership.Period", "column": "ended_on", "is_gone": False} in done.left_over


def test_undone_once_within_thirty_days_the_latest_merge_first(by: User) -> None:
    alice, aase, aasa = make_non_member("Alice"), make_non_member("Aase"), make_non_member("Aasa")
    before = snapshot()
    first, second = merge(aase, aasa, by), merge(alice, aase, by)
    first.refresh_from_db()
    with pytest.raises(Refused, match=f"Number {aase.member_number} has been merged into {alice.member_number} since"):
        undo(first, by)
    with pytest.raises(Refused, match="can be undone until"):
        undo(second, by, at=NOW + timedelta(days=30, seconds=1))
    undo(second, by, at=NOW + timedelta(days=30))
    with pytest.raises(Refused, match="undone already"):
        undo(second, by)
    undo(first, by)
    assert snapshot() == before


def test_a_number_that_was_given_again_is_in_the_way(by: User) -> None:
    alice, aase = make_non_member("Alice"), make_non_member("Aase")
    done = merge(alice, aase, by)
    members.create(data=members.PersonData(last_name="Dahl"), on=TODAY, member_number=aase.member_number)
    with pytest.raises(Refused, match="has been given to somebody else"):
        undo(done, by)


def test_the_night_forgets_after_thirty_days(by: User) -> None:
    merge(make_non_member("Alice"), make_non_member("Aase"), by)
    assert unmerging.forget(at=NOW + timedelta(days=30)) == Result()
    assert unmerging.forget(at=NOW + timedelta(days=31)) == Result(counts={"forgotten": 1})
    assert unmerging.forget(at=NOW + timedelta(days=31)) == Result()
    assert not Merge.objects.exists()


def test_nothing_of_the_other_entry_is_left_when_the_kept_one_is_erased(by: User) -> None:
    alice, aase = make_non_member("Alice"), make_non_member("Aase")
    merge(alice, aase, by)
    Member.objects.filter(pk=alice.pk).delete()
    assert not Merge.objects.exists()


# --- the property ----------------------------------------------------------------------------------------------------

DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 1))
TERMS = st.lists(st.tuples(DAYS, st.integers(0, 400) | st.none(), st.booleans()), max_size=3)
TEXT = st.sampled_from(["", "x", "Ødegård"])
FIELDS = st.fixed_dictionaries(
    {
        "first_names": st.sampled_from(["Alice", "Aase"]),
        "email": st.sampled_from(["", "a@example.no", "b@example.no"]),
        "born_on": st.none() | DAYS, "address_line_1": TEXT, "office_notes": TEXT, "household_note": TEXT,
        "mobile": st.sampled_from(["", "+4791234567"]),
    }
)  # fmt: skip
LINKS = st.sets(
    st.sampled_from(
        ["kept pays", "absorbed pays", "recruited", "household kept", "household absorbed", "dismissed", "open pair",
         "consents", "application", "own price"]
    )
)  # fmt: skip
CHOICES = st.dictionaries(st.sampled_from(OFFICE_EDITABLE[1:]), st.sampled_from(["kept", "absorbed"]), max_size=6)


class UndoRestoresEverything(TestCase):
    """Whatever the two entries are: a merge and its undoing leave every table as it was."""

    @settings(
        max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
    )
    @given(one=FIELDS, other=FIELDS, ours=TERMS, theirs=TERMS, links=LINKS, choices=CHOICES)
    def test_a_merge_and_its_undoing_change_nothing(
        self, one: Any, other: Any, ours: Any, theirs: Any, links: set[str], choices: dict[str, str]
    ) -> None:
        set_up_client()
        by = make_user(roles.MEMBER_ADMINS)
        kept, absorbed = make_non_member(last_name="Ås", **one), make_non_member(last_name="Aas", **other)
        for member, terms in ((kept, ours), (absorbed, theirs)):
            for starts_on, days, paid in terms:
                ends_on = None if days is None else starts_on + datetime.timedelta(days=days)
                if not _is_taken(member, starts_on, ends_on):
                    open_term(member, starts_on, ends_on, paid=paid)
        _link(kept, absorbed, links, by)
        members_group.synchronise(on=TODAY)
        before = snapshot()
        try:
            done = merging.merge(kept=kept, absorbed=absorbed, choices=choices, on=TODAY, at=NOW, by=by)
        except Refused:
            assert snapshot() == before
            return
        assert list(problems()) == []
        _assert_apart(kept)
        undo(done, by)
        done.refresh_from_db()
        assert done.left_over == []
        assert snapshot() == before


def _is_taken(member: Member, starts_on: date, ends_on: date | None) -> bool:
    far = date.max
    return any(t.starts_on <= (ends_on or far) and starts_on <= (t.last_day or far) for t in member.periods.all())


def _link(kept: Member, absorbed: Member, links: set[str], by: User) -> None:
    charlie, dora = make_non_member("Charlie"), make_non_member("Dora")
    if "kept pays" in links:
        members.change(member=absorbed, changes={"payer": kept}, at=NOW, by=by)
    if "absorbed pays" in links:
        for member in (kept, charlie):
            members.change(member=member, changes={"payer": absorbed}, at=NOW, by=by)
    if "recruited" in links:
        members.change(member=dora, changes={"recruited_by": absorbed}, at=NOW, by=by)
    if "household kept" in links:
        households.form(members=[kept, charlie], main_member=kept, on=TODAY)
    if "household absorbed" in links:
        households.form(members=[absorbed, dora], main_member=dora if "open pair" in links else absorbed, on=TODAY)
    if "dismissed" in links:
        for member in (charlie, kept):
            duplicates.dismiss(pair=duplicates.put_together(one=absorbed, other=member, at=NOW), at=NOW, by=by)
    if "open pair" in links:
        duplicates.put_together(one=kept, other=charlie, at=NOW)
        duplicates.put_together(one=absorbed, other=dora, at=NOW)
    if "consents" in links:
        for member, is_given in ((absorbed, True), (kept, True), (absorbed, False)):
            consents.record(member=member, purpose="newsletter", channel="email", is_given=is_given, at=NOW,
                            source="office", by=by)  # fmt: skip
    if "application" in links:
        application = Application.objects.create(
            token="6f5c1b8e-0a35-4d56-9f6b-3c1d2e4f5a6b", reference="ABCDEFGH", name="Aase", sent_at=NOW,
            wanted_type=make_type("E"), answers={"people": [], "consents": []}, main_member=absorbed,
        )  # fmt: skip
        application.possible_duplicates.add(kept, absorbed)
    if "own price" in links:
        Member.objects.filter(pk=absorbed.pk).update(special_price=Decimal("12.50"), login_link_sent_at=NOW)


def _assert_apart(member: Member) -> None:
    terms = [t for t in member.periods.all() if t.last_day is None or t.last_day >= t.starts_on]
    terms.sort(key=lambda term: term.starts_on)
    for earlier, later in itertools.pairwise(terms):
        assert earlier.last_day is not None
        assert earlier.last_day < later.starts_on
