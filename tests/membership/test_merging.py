"""Two entries become one, and two again."""

import datetime
import itertools
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from wagtail.models import ModelLogEntry

from core.errors import Refused
from core.models import User
from core.results import Result
from invoicing.ledger_check import problems
from invoicing.models import Invoice
from membership import (
    consents,
    duplicates,
    households,
    leaving,
    members,
    members_group,
    merge_rows,
    merging,
    periods,
    prices,
    roles,
    unmerging,
)
from membership.fields import OFFICE_EDITABLE
from membership.models import Application, DuplicatePair, Member, Merge, Period
from membership.signals import members_merged, merge_undone
from membership.status import status_of
from messaging.models import Message
from tests.makers import (
    NOW,
    TODAY,
    invoice_of,
    make_household,
    make_member,
    make_non_member,
    make_type,
    make_user,
    set_up_client,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def by() -> User:
    set_up_client()
    return make_user(roles.MEMBER_ADMINS)


def merge(kept: Member, absorbed: Member, by: User, **choices: str) -> Merge:
    done = merging.merge(kept=kept, absorbed=absorbed, choices=choices, on=TODAY, at=NOW, by=by)
    kept.refresh_from_db()
    return done


def undo(done: Merge, by: User, **when: Any) -> Member:
    return unmerging.undo(merge=done, **{"on": TODAY, "at": NOW, "by": by} | when)


OURS = {"core", "membership", "invoicing", "payments", "messaging", "newsletter", "auth"}


def snapshot() -> dict[str, list[Any]]:
    """Every row of every table of ours, but what says that there was a merge."""
    models = [m for m in apps.get_models(include_auto_created=True) if m._meta.app_label in OURS and m is not Merge]
    rows = {model._meta.label: list(model._base_manager.order_by("pk").values()) for model in models}
    # Who is let in again gets a new row: what counts is who is in which group.
    rows["core.User_groups"] = sorted((row["user_id"], row["group_id"]) for row in rows["core.User_groups"])
    return rows


# --- what is taken over ---------------------------------------------------------------------------------------------


def test_everything_that_points_to_the_other_entry_is_moved(by: User) -> None:
    alice = make_member("Alice", email="alice@example.no")
    aase = make_member("Aase", on=date(2024, 2, 1), email="aase@example.no")  # paid for 2024
    charlie = make_non_member("Charlie")
    members.change(member=charlie, changes={"payer": aase, "recruited_by": aase}, at=NOW, by=by)
    consents.record(member=aase, purpose="newsletter", channel="email", is_given=True, at=NOW, source="office")
    application = Application.objects.create(
        token="6f5c1b8e-0a35-4d56-9f6b-3c1d2e4f5a6b", reference="ABCDEFGH", name="Aase", wanted_type=make_type("E"),
        answers={"people": [], "consents": []}, sent_at=NOW, main_member=aase,
    )  # fmt: skip
    application.possible_duplicates.add(aase, charlie)
    invoice, old = invoice_of(aase), aase.pk
    Message.objects.create(
        kind="invoice", recipient_ref=aase.recipient_ref, language="nb", unique_key="one", queued_at=NOW
    )
    number = Message.objects.filter(recipient_ref=aase.recipient_ref).count()
    history = ModelLogEntry.objects.filter(object_id=str(old)).count()
    before = Message.objects.filter(recipient_ref=alice.recipient_ref).count()
    assert number
    assert history

    merge(alice, aase, by)

    charlie.refresh_from_db()
    application.refresh_from_db()
    invoice.refresh_from_db()
    assert (charlie.payer, charlie.recruited_by, application.main_member) == (alice, alice, alice)
    assert set(application.possible_duplicates.all()) == {alice, charlie}
    assert invoice.member == alice
    assert [term.starts_on for term in alice.periods.order_by("starts_on")] == [date(2024, 2, 1), TODAY]
    assert alice.member_since == date(2024, 2, 1)
    assert consents.standing(member=alice)["newsletter", "email"].is_given
    assert Message.objects.filter(recipient_ref=alice.recipient_ref).count() == before + number
    assert not Member.objects.filter(pk=old).exists()
    assert not Message.objects.filter(recipient_ref=f"member:{old}").exists()
    assert not ModelLogEntry.objects.filter(object_id=str(old), content_type__model="member").exists()
    assert list(problems()) == []


def test_no_column_that_points_to_a_member_is_forgotten() -> None:
    """Also those of later apps, of tables between, and those without a way back."""
    found = {f"{link.model._meta.label}.{link.name}" for link in merge_rows.links()}
    assert found >= {
        "membership.Period.member", "membership.Consent.member", "membership.Household.main_member",
        "membership.Member.payer", "membership.Member.recruited_by", "membership.Application.main_member",
        "membership.Application_possible_duplicates.member", "membership.Merge.kept", "invoicing.Invoice.member",
        "payments.Payment.payer",
    }  # fmt: skip


def test_each_field_as_chosen_and_never_an_empty_one_by_itself(by: User) -> None:
    alice = make_non_member("Alice", "Ås", mobile="+4791234567", email="old@example.no", place="Oslo")
    aase = make_non_member("Aase", "Aas", work_phone="+4722334455", email="new@example.no", place="Bergen")
    members.change(member=aase, changes={"office_notes": "Two entries?"}, at=NOW, by=by)
    found = {d.name: (d.kept, d.absorbed, d.suggested) for d in merging.differences(kept=alice, absorbed=aase, by=by)}
    assert found == {
        "first_names": ("Alice", "Aase", "kept"), "last_name": ("Ås", "Aas", "kept"),
        "email": ("old@example.no", "new@example.no", "kept"), "mobile": ("+4791234567", "", "kept"),
        "work_phone": ("", "+4722334455", "absorbed"), "place": ("Oslo", "Bergen", "kept"),
        "office_notes": ("", "Two entries?", "absorbed"),
    }  # fmt: skip
    merge(alice, aase, by, email="absorbed", place="kept", mobile="absorbed")
    assert [getattr(alice, name) for name in found] == [
        "Alice", "Ås", "new@example.no", "", "+4722334455", "Oslo", "Two entries?",
    ]  # fmt: skip


def test_who_may_not_see_office_only_fields_is_not_asked_about_them_and_loses_none() -> None:
    set_up_client()
    by = make_user(roles.TREASURERS)
    alice, aase = make_non_member("Alice"), make_non_member("Aase")
    Member.objects.filter(pk=alice.pk).update(office_notes="Secret", legacy_id=7)
    Member.objects.filter(pk=aase.pk).update(office_notes="Hidden", special_price=Decimal(100))
    alice.refresh_from_db()
    aase.refresh_from_db()
    assert {d.name for d in merging.differences(kept=alice, absorbed=aase, by=by)} == {"first_names", "email"}
    with pytest.raises(Refused, match="office_notes cannot be changed"):
        merge(alice, aase, by, office_notes="absorbed")
    merge(alice, aase, by)
    assert (alice.office_notes, alice.legacy_id, alice.special_price) == ("Secret", 7, Decimal(100))


def test_the_number_of_the_other_entry_finds_the_kept_one_for_ever(by: User) -> None:
    alice, aase, aasa = make_non_member("Alice"), make_non_member("Aase"), make_non_member("Aasa")
    merge(aase, aasa, by)
    merge(alice, aase, by)
    for number in (alice.member_number, aase.member_number, aasa.member_number):
        assert list(Member.objects.numbered(number)) == [alice]
        assert alice in Member.objects.found_by(number)
    members.change(member=alice, changes={"place": "Oslo"}, at=NOW, by=by)
    assert alice in Member.objects.found_by(aasa.member_number)
    unmerging.forget(at=NOW + timedelta(days=31))
    assert list(Member.objects.numbered(aase.member_number)) == [alice]
    assert make_non_member("Nina").member_number not in {aase.member_number, aasa.member_number}


def test_it_is_logged_with_the_number_and_the_fields_without_values(by: User) -> None:
    alice, aase = make_non_member("Alice"), make_non_member("Aase", email="new@example.no")
    merge(alice, aase, by, email="absorbed")
    entry = ModelLogEntry.objects.get(action="membership.member.merged")
    assert (entry.object_id, entry.user, entry.data) == (
        str(alice.pk), by, {"number": aase.member_number, "changed": ["email"]},
    )  # fmt: skip


def test_others_hear_of_it(by: User) -> None:
    heard = []
    alice, aase = make_non_member("Alice"), make_non_member("Aase")
    old = aase.pk
    members_merged.connect(listen := lambda **news: heard.append((news["kept"].pk, news["absorbed_pk"])), weak=False)
    merge_undone.connect(listen_2 := lambda **news: heard.append((news["kept"].pk, news["restored"].pk)), weak=False)
    try:
        undo(merge(alice, aase, by), by)
    finally:
        members_merged.disconnect(listen)
        merge_undone.disconnect(listen_2)
    assert heard == [(alice.pk, old), (alice.pk, old)]


# --- log-ins --------------------------------------------------------------------------------------------------------


def test_the_log_in_goes_with_the_e_mail_and_the_other_is_closed(by: User) -> None:
    alice, aase = make_member("Alice", email="old@example.no"), make_non_member("Aase", email="new@example.no")
    old, new = alice.user, aase.user
    assert old is not None
    done = merge(alice, aase, by, email="absorbed")
    old.refresh_from_db()
    assert (alice.user, old.is_active) == (new, False)
    assert User.objects.filter(groups__name=roles.MEMBERS).get() == new
    undo(done, by)
    old.refresh_from_db()
    alice.refresh_from_db()
    assert (alice.user, old.is_active) == (old, True)
    assert User.objects.filter(groups__name=roles.MEMBERS).get() == old


def test_a_log_in_that_a_family_shares_or_that_works_in_the_office_stays_open(by: User) -> None:
    alice, aase = make_non_member("Alice", email="alice@example.no"), make_non_member("Aase", email="fam@example.no")
    make_non_member("Bob", email="fam@example.no")
    merge(alice, aase, by)
    assert User.objects.get(email="fam@example.no").is_active
    worker = make_non_member("Aasa", email=by.email)
    merge(alice, worker, by)
    by.refresh_from_db()
    assert by.is_active


# --- households -----------------------------------------------------------------------------------------------------


def test_the_main_member_of_a_household_is_taken_over_with_the_household(by: User) -> None:
    family = make_household("Bob", "Berit")
    bob = make_non_member("Robert", "Berg")
    merge(bob, family.main_member, by)
    assert family.household is not None
    family.household.refresh_from_db()
    assert (bob.household, family.household.main_member) == (family.household, bob)
    assert set(family.household.members.all()) == {bob, family.members[1]}


def test_two_households_are_refused_with_the_next_step(by: User) -> None:
    bob, robert = make_household("Bob", "Berit").main_member, make_household("Robert", "Rita").main_member
    with pytest.raises(Refused, match=f"Let Robert Berg .{robert.member_number}. move out of one of them first"):
        merge(bob, robert, by)


def test_nobody_becomes_their_own_payer(by: User) -> None:
    alice, aase = make_non_member("Alice"), make_non_member("Aase")
    members.change(member=alice, changes={"payer": aase}, at=NOW, by=by)
    members.change(member=aase, changes={"recruited_by": alice}, at=NOW, by=by)
    merge(alice, aase, by)
    assert (alice.payer, alice.recruited_by) == (None, None)


# --- memberships at the same time -----------------------------------------------------------------------------------


def test_of_two_memberships_in_one_time_the_paid_one_counts(by: User) -> None:
    alice = make_member("Alice", on=date(2026, 2, 1), paid=False, email="a@example.no")
    aase = make_member("Aase", on=date(2026, 1, 10), email="b@example.no")
    unpaid, paid = alice.periods.get(), aase.periods.get()
    planned = merging.plan(kept=alice, absorbed=aase, choices={}, on=TODAY, by=by)
    assert any("is ended as a correction, because" in sentence for sentence in planned.sentences)
    done = merge(alice, aase, by)
    unpaid.refresh_from_db()
    assert (unpaid.ended_on, unpaid.end_reason) == (date(2026, 1, 31), "corrected")
    assert status_of(member=alice, on=TODAY).code == "active"
    assert [p.pk for p in Period.objects.covering(TODAY).filter(member=alice)] == [paid.pk]
    undo(done, by)
    unpaid.refresh_from_db()
    assert (unpaid.ended_on, unpaid.end_reason, unpaid.member) == (None, "", alice)


def test_two_paid_ones_that_only_overlap_are_refused(by: User) -> None:
    alice, aase = make_member("Alice", email="a@example.no"), make_non_member("Aase", email="b@example.no")
    term = alice.periods.get()
    Period.objects.filter(pk=term.pk).update(ends_on=date(2026, 6, 30))
    _open(aase, date(2026, 6, 1), date(2027, 5, 31))
    before = snapshot()
    with pytest.raises(Refused, match="overlap, and neither holds the other"):
        merge(alice, aase, by)
    assert snapshot() == before


def _open(member: Member, starts_on: date, ends_on: date | None, *, paid: bool = True) -> None:
    type_ = make_type("E")
    quote = prices.Quote(amount=type_.price, reasons=[])
    term = periods.Term(member=member, type=type_, starts_on=starts_on, ends_on=ends_on, quote=quote, source="office",
                        confirmed_on=starts_on if paid else None)  # fmt: skip
    periods.open_periods(terms=[term], on=starts_on)


# --- what cannot be one ----------------------------------------------------------------------------------------------


def test_the_living_and_the_dead_are_not_merged_in_passing(by: User) -> None:
    alice, aase = make_non_member("Alice"), make_non_member("Aase")
    leaving.record_death(member=aase, died_on=TODAY, on=TODAY, at=NOW, by=by)
    with pytest.raises(Refused, match=f"record the death of number {alice.member_number} first"):
        merge(alice, aase, by)


def test_neither_the_same_entry_twice_nor_a_person_and_an_organisation(by: User) -> None:
    alice = make_non_member("Alice")
    company = members.create(data=members.PersonData(last_name="Fjordlaget", kind="organisation"), on=TODAY)
    with pytest.raises(Refused, match="the same entry twice"):
        merge(alice, alice, by)
    with pytest.raises(Refused, match="A person and an organisation"):
        merge(alice, company, by)


def test_merged_by_two_at_once_the_second_is_told(by: User) -> None:
    alice, aase = make_non_member("Alice"), make_non_member("Aase")
    again = Member.objects.get(pk=aase.pk)
    merge(alice, aase, by)
    with pytest.raises(Refused, match="gone by now"):
        merge(alice, again, by)


# --- the list of duplicates ------------------------------------------------------------------------------------------


def test_who_is_not_the_same_as_the_other_entry_is_not_the_same_as_the_kept_one(by: User) -> None:
    alice, aase, namesake = (make_non_member("Alice", born_on=date(1980, 5, day)) for day in (1, 1, 1))
    for one, other in ((alice, aase), (aase, namesake), (alice, namesake)):
        duplicates.put_together(one=one, other=other, at=NOW)
    duplicates.dismiss(pair=DuplicatePair.objects.get(first=aase, second=namesake), at=NOW, by=by)
    before = snapshot()
    done = merge(alice, aase, by)
    pair = DuplicatePair.objects.get()
    assert (pair.first, pair.second, pair.dismissed_at, pair.dismissed_by) == (alice, namesake, NOW, by)
    undo(done, by)
    assert snapshot() == before


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
    _open(alice, TODAY, date(2026, 12, 31))
    restored = undo(done, by)
    assert (alice.periods.count(), restored.periods.count()) == (1, 0)


def test_a_term_does_not_run_again_when_another_has_taken_its_time(by: User) -> None:
    alice = make_member("Alice", on=date(2026, 2, 1), paid=False, email="a@example.no")
    aase = make_non_member("Aase", email="b@example.no")
    _open(aase, date(2026, 2, 1), date(2026, 12, 31))
    done = merge(alice, aase, by)
    term = alice.periods.get(end_reason="corrected")
    Period.objects.filter(member=alice).exclude(pk=term.pk).update(member=make_non_member("Nina"))
    _open(alice, TODAY, date(2026, 12, 31))
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
                    _open(member, starts_on, ends_on, paid=paid)
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


def test_invoices_are_never_rewritten(by: User) -> None:
    def printed() -> list[dict[str, Any]]:
        rows = Invoice.objects.order_by("pk")
        return list(rows.values("number", "buyer_name", "buyer_address", "member_number", "total", "kid"))

    alice = make_member("Alice", email="a@example.no")
    aase = make_member("Aase", on=date(2024, 2, 1), email="b@example.no")
    before = printed()
    merge(alice, aase, by)
    assert printed() == before
