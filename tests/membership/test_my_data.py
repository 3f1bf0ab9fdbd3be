"""My data: everything the member may see, and nothing of the office's or of the others in the household."""

import json
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from wagtail import hooks
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from core.models import User
from membership import consents, members, my_data, roles, who_sees
from membership.models import ConsentText, Member
from membership.office import export_log
from payments import intake
from tests.makers import NOW, TODAY, invoice_of, make_household, make_member, make_user, set_up_client
from tests.membership.branch_makers import make_branch, make_officer, with_branches

__all__ = ["with_branches"]

pytestmark = pytest.mark.django_db


def unzipped(member: Member) -> dict[str, str]:
    member.refresh_from_db()
    assert member.user
    content = my_data.download(member=member, on=TODAY, at=NOW, by=member.user)
    archive = ZipFile(BytesIO(content))
    return {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}


def everything(member: Member) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(unzipped(member)["my-data.json"])
    return found


def test_a_member_gets_all_of_it_and_nothing_of_others() -> None:
    set_up_client()
    family = make_household("Bob", "Berit", "Bo", last_name="Berg", on=date(2026, 1, 5), paid=False)
    bob, berit = family.members[:2]
    office = make_user(roles.MEMBER_ADMINS, first_name="Olga", last_name="Office")
    members.change(member=bob, at=NOW, by=office, changes={
        "office_notes": "SECRET NOTE", "special_price": Decimal("7.77"), "household_note": "Bosse",
        "mobile": "+4790000001",
    })  # fmt: skip
    Member.objects.filter(pk=berit.pk).update(mobile="+4799999999", address_line_1="Annen vei 2")
    text = ConsentText.objects.get(purpose="newsletter", language="en")
    consents.record(
        member=bob, purpose="newsletter", channel="email", is_given=True, at=NOW, source="my_page", text=text
    )
    log(instance=bob, action="membership.member.viewed", user=office)
    export_log.record(members=Member.objects.filter(pk=bob.pk), purpose="Labels", file_type="csv", at=NOW, by=office)
    invoice = invoice_of(bob)
    intake.record(received_on=TODAY, amount=invoice.total, source="hand", source_reference="x", at=NOW, by=office,
                  invoices=[invoice])  # fmt: skip

    files = unzipped(bob)
    assert list(files) == [
        "01-details.csv", "02-memberships.csv", "03-invoices.csv", "04-reminders.csv", "05-payments.csv",
        "06-online-payments.csv", "07-consents.csv", "08-joining-forms.csv", "09-messages.csv", "10-log.csv",
        "my-data.json", "read-me.txt",
    ]  # fmt: skip
    data = json.loads(files["my-data.json"])
    details = {row["field"]: row["value"] for row in data["details"]}
    assert (details["last_name"], details["mobile"], details["is_main_member"]) == ("Berg", "+4790000001", True)
    assert [row["type"] for row in data["memberships"]] == [bob.periods.get().type.name]
    assert [(row["number"], row["total"], row["standing"]) for row in data["invoices"]] == [
        (invoice.number, str(invoice.total), "paid")
    ]
    assert [(row["amount"], row["covered"]) for row in data["payments"]] == [
        (str(invoice.total), f"{invoice.number}: {invoice.total}")
    ]
    assert [(row["purpose"], row["is_given"], row["text"], row["version"]) for row in data["consents"]] == [
        ("newsletter", True, text.text, 1)
    ]
    assert {"Looked at", "On an exported list: Labels"} <= {row["what"] for row in data["log"]}
    assert "Olga Office (Member admins)" in {row["by"] for row in data["log"]}
    whole = "\n".join(files.values())
    for word in ("SECRET NOTE", "7.77", "Bosse", "+4799999999", "Annen vei", "berit@example.no", "Own price"):
        assert word not in whole, word
    assert "Only for the office" not in whole
    for name in ("office_notes", "legacy_id", "special_price", "login_link_sent_at", "search_text"):
        assert name not in details


def test_taking_it_away_is_written_in_the_log() -> None:
    alice = make_member()
    unzipped(alice)
    entry = ModelLogEntry.objects.get(action=my_data.DOWNLOADED)
    assert (entry.object_id, entry.user) == (str(alice.pk), alice.user)


def test_what_somebody_typed_is_no_formula_in_the_tables() -> None:
    alice = make_member(address_line_1="=HYPERLINK(1)")
    assert "'=HYPERLINK(1)" in unzipped(alice)["01-details.csv"]


def test_a_later_app_adds_its_part() -> None:
    def boats(member: Member, on: date) -> my_data.DataPart:
        return my_data.DataPart(order=1, name="boats", title="Båter på øy", columns=[("name", "Navn")],
                                rows=[(f"Boat of {member.first_names}",)])  # fmt: skip

    with hooks.register_temporarily("my_data_part", boats):
        files = unzipped(make_member())
    assert files["01-bater-pa-oy.csv"].split() == ["Navn", "Boat", "of", "Alice"]


def test_a_shared_log_in_gives_each_their_own() -> None:
    alice = make_member("Alice")
    anna = make_member("Anna", "Lind", email="alice@example.no", address_line_1="Annas vei 1")
    assert alice.user == anna.user
    assert "Annas vei" not in "".join(unzipped(alice).values())
    assert "Fjordgata" not in "".join(unzipped(anna).values())


@pytest.mark.parametrize("number", [1, 3])
def test_it_costs_the_same_for_a_short_and_a_long_history(number: int, django_assert_num_queries: Any) -> None:
    set_up_client()
    alice, office = make_member(), make_user(roles.MEMBER_ADMINS)
    for index in range(number):
        consents.record(member=alice, purpose="newsletter", channel="email", is_given=index % 2 == 0, at=NOW,
                        source="office", by=office, text=ConsentText.objects.last())  # fmt: skip
        log(instance=alice, action="membership.member.viewed", user=office)
    alice = Member.objects.select_related("user", "household").get(pk=alice.pk)
    my_data.collect(member=alice, on=TODAY)  # what is looked up once for all, types of content, is known now
    with django_assert_num_queries(16):
        [list(part.rows) for part in my_data.collect(member=alice, on=TODAY)]


# --- who sees ---------------------------------------------------------------------------------------------------------


def test_the_roles_that_can_read_are_told_with_what_they_see() -> None:
    set_up_client()
    make_user(roles.MEMBER_ADMINS)
    make_user(roles.MEMBER_ADMINS, is_active=False)
    make_user("admin")
    found = {reader.role: (reader.people, reader.sights) for reader in who_sees.readers(member=make_member("Rita"))}
    assert {"Member admins", "Treasurers", "Auditors", "Administrators", "Those who run the website"} <= set(found)
    assert not {"Members", "Editors"} & set(found)
    assert found["Member admins"][0] == 1
    assert "see the office's own notes" in found["Member admins"][1]
    assert found["Auditors"] == (0, ("see your invoices", "see your payments"))
    assert found["Those who run the website"] == (1, ("see everything",))


@pytest.mark.parametrize("number", [1, 3])
def test_who_exported_and_who_looked(number: int, django_assert_num_queries: Any) -> None:
    set_up_client()
    alice, bob = make_member("Alice"), make_member("Bob")
    for index in range(number):
        office = make_user(roles.TREASURERS, first_name="Olga", last_name=str(index))
        rows = Member.objects.filter(pk__in=[alice.pk, bob.pk])
        export_log.record(members=rows, purpose=f"List {index}", file_type="csv", at=NOW, by=office)
    log(instance=bob, action="membership.member.viewed", user=office)
    with django_assert_num_queries(2):
        found = who_sees.sights(member=alice, action=who_sees.EXPORTED, limit=50)
    assert [(row.who, row.purpose) for row in found] == [
        (f"Olga {index} (Treasurers)", f"List {index}") for index in reversed(range(number))
    ]
    assert who_sees.sights(member=alice, action=who_sees.LOOKED, limit=50) == []


@pytest.mark.usefixtures("with_branches")
def test_officers_are_counted_where_they_see_the_member() -> None:
    """One of the branch, one of the county above, one of another, one who has left; a member admin sees everybody."""
    county = make_branch("Vestland")
    town, other = make_branch("Bergen", parent=county), make_branch("Oslo")
    for branch in (town, county, other):
        make_officer(branch)
    User.objects.filter(pk=make_officer(town).pk).update(is_active=False)
    make_user(roles.MEMBER_ADMINS)
    there, nowhere = make_member("Anne"), make_member("Nina", email="n@example.no")
    Member.objects.filter(pk=there.pk).update(branch=town)
    there.refresh_from_db()

    def people(member: Member) -> dict[str, int]:
        return {reader.role: reader.people for reader in who_sees.readers(member=member) if reader.people}

    assert people(there) == {"Branch officers": 2, "Member admins": 1}
    assert people(nowhere) == {"Member admins": 1}
