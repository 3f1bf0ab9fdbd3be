"""Two entries become one: what is taken over, what is refused, and what stays as it was."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from wagtail.models import ModelLogEntry

from core.errors import Refused
from core.models import User
from invoicing.ledger_check import problems
from invoicing.models import Invoice
from membership import (
    consents,
    duplicates,
    leaving,
    members,
    merge_rows,
    merging,
    roles,
    unmerging,
)
from membership.models import Application, DuplicatePair, Member, Period
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
from tests.membership.merge_makers import by, merge, open_term, snapshot, undo

__all__ = ["by"]
pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize(
    ("ours", "stays"),
    [
        ({"place": "Oslo"}, ("", "Oslo")),  # no street of the other's is put to our town
        ({"place": "", "postcode": "", "country": "SE"}, ("Nye vei 3", "Bergen")),  # a country alone is no address
    ],
)
def test_addresses_are_never_mixed(by: User, ours: dict[str, str], stays: tuple[str, str]) -> None:
    alice = make_non_member("Alice", address_line_1="", **ours)
    aase = make_non_member("Aase", address_line_1="Nye vei 3", postcode="5003", place="Bergen")
    found = {d.name: d.suggested for d in merging.differences(kept=alice, absorbed=aase, by=by)}
    assert len({found[name] for name in found if name in merging.ADDRESS}) == 1
    merge(alice, aase, by)
    assert (alice.address_line_1, alice.place) == stays


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


def test_a_log_in_that_a_family_shares_or_that_works_in_the_office_staysopen_term(by: User) -> None:
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
    open_term(aase, date(2026, 6, 1), date(2027, 5, 31))
    before = snapshot()
    with pytest.raises(Refused, match="overlap, and neither holds the other"):
        merge(alice, aase, by)
    assert snapshot() == before


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


def test_invoices_are_never_rewritten(by: User) -> None:
    def printed() -> list[dict[str, Any]]:
        rows = Invoice.objects.order_by("pk")
        return list(rows.values("number", "buyer_name", "buyer_address", "member_number", "total", "kid"))

    alice = make_member("Alice", email="a@example.no")
    aase = make_member("Aase", on=date(2024, 2, 1), email="b@example.no")
    before = printed()
    merge(alice, aase, by)
    assert printed() == before
