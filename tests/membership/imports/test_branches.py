"""Branches and campaigns in a file: by code or name, refused when unknown, and part of the history."""

import dataclasses
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from membership import branches
from membership.imports import columns
from membership.models import BranchTransfer, Campaign, ImportRun, Member
from tests.makers import TODAY, make_member, set_up_client
from tests.membership.branch_makers import make_branch, make_officer, with_branches
from tests.membership.imports.makers import carried_out, imported, looked_at, rows, undone
from tests.membership.office.makers import browser_of

__all__ = ["with_branches"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("with_branches")]
HEAD = "etternavn,fornavn,medlemsnummer,postnummer,lokallag\n"


@pytest.fixture(autouse=True)
def _client() -> None:
    set_up_client()


def homes() -> dict[str, str]:
    people = Member.objects.select_related("branch").order_by("pk")
    return {member.first_names: member.branch.code if member.branch else "" for member in people}


def test_by_code_by_name_and_by_postcode() -> None:
    make_branch("Oslo")
    make_branch("Bergen", postcodes="50")
    run = looked_at(HEAD + "Ås,A,,5003,osl\nÅs,B,,5003,BERGEN\nÅs,C,,5003,\nÅs,D,,,Atlantis\n", types="")
    assert [row.reason for row in rows(run)] == [
        "", "", "", "“Atlantis” is no branch here. Write its code or its whole name, or make the branch first.",
    ]  # fmt: skip
    carried_out(run)
    assert homes() == {"A": "OSL", "B": "BER", "C": "BER"}
    assert not BranchTransfer.objects.exists(), "they came in there"


def test_another_branch_is_a_transfer_and_undo_is_one_back() -> None:
    oslo, bergen = make_branch("Oslo"), make_branch("Bergen")
    alice, bob = make_member("Alice"), make_member("Bob")
    branches.place(member=alice, branch=oslo)
    text = f"{HEAD}Ås,Alice,{alice.member_number},,BER\nÅs,Bob,{bob.member_number},,Bergen\n"
    run = looked_at(text, types="")
    assert [row.changes for row in rows(run)] == [{"branch": ["OSL", "BER"]}, {"branch": [None, "BER"]}]
    carried_out(run)
    assert homes() == {"Alice": "BER", "Bob": "BER"}
    moves = list(BranchTransfer.objects.order_by("pk").values_list("member", "from_branch", "to_branch", "on"))
    assert moves == [(alice.pk, oslo.pk, bergen.pk, TODAY), (bob.pk, None, bergen.pk, TODAY)]
    assert imported(text, types="") == {"create": 0, "change": 0, "unchanged": 2, "refused": 0}
    assert undone(run) == {"taken_out": 0, "restored": 2, "kept": 0}
    assert homes() == {"Alice": "OSL", "Bob": ""}
    assert BranchTransfer.objects.count() == 4


def test_whoever_was_transferred_since_is_kept() -> None:
    oslo = make_branch("Oslo")
    make_branch("Bergen")
    run = carried_out(looked_at(HEAD + "Ås,A,,,BER\nÅs,B,,,BER\n", types=""))
    member = Member.objects.get(first_names="A")
    branches.transfer(member=member, to=oslo, on=TODAY, today=TODAY, at=run.uploaded_at, by=None)
    assert undone(run) == {"taken_out": 1, "restored": 0, "kept": 1}
    assert homes() == {"A": "OSL"}


def test_a_campaign_is_part_of_how_they_joined(settings: Any) -> None:
    membership = dataclasses.replace(settings.CLIENT.membership, campaigns=True)
    settings.CLIENT = dataclasses.replace(settings.CLIENT, membership=membership)
    campaign = Campaign.objects.create(code="VAR", name="Vår", percent=50, valid_from=TODAY, valid_to=TODAY)
    text = "etternavn,fornavn,medlemsnummer,kampanjekode\nÅs,A,21,var\nÅs,B,22,UKJENT\nÅs,C,23,\n"
    run = carried_out(looked_at(text, types=""))
    assert [row.warnings for row in rows(run)] == [
        [], ["The campaign code “UKJENT” is not known, and was left out."], [],
    ]  # fmt: skip
    assert list(Member.objects.order_by("pk").values_list("campaign", flat=True)) == [campaign.pk, None, None]
    assert imported(text, types="") == {"create": 0, "change": 0, "unchanged": 3, "refused": 0}


def test_who_has_no_branches_and_no_campaigns_is_offered_neither(settings: Any) -> None:
    membership = dataclasses.replace(settings.CLIENT.membership, branches=False, campaigns=False)
    settings.CLIENT = dataclasses.replace(settings.CLIENT, membership=membership)
    assert not {"branch", "campaign"} & columns.offered(with_office_fields=True).keys()
    assert columns.guess(["etternavn", "lokallag", "kampanje", "betaler"]) == {"last_name": 0, "payer": 3}


def test_an_officer_of_one_branch_may_not_import_even_with_the_right_to() -> None:
    """A file changes people by number, also those of other branches; whoever sees every branch brings it."""
    officer = make_officer(make_branch("Oslo"))
    officer.user_permissions.add(Permission.objects.get(codename="import_member"))
    run = looked_at(HEAD + "Ås,A,,,\n", types="")
    browser = browser_of(officer)
    addresses: list[tuple[str, list[int]]] = [("import_members", [])] + [
        (name, [run.pk]) for name in ("import_plan", "import_agree", "import_run", "import_result", "import_undo",
                                      "import_columns", "import_types", "import_look", "import_cancel")
    ]  # fmt: skip
    for name, arguments in addresses:
        for send in (browser.get, browser.post):
            answer = send(reverse(name, args=arguments))
            assert answer.status_code in {302, 403, 405}, name
            assert answer.status_code != 302 or answer["Location"] == reverse("wagtailadmin_home"), name
    assert ImportRun.objects.get().state == "ready"
    assert not Member.objects.exists()
