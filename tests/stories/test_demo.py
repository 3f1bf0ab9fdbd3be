"""The demo: two years of an association, after which the money adds up and every kind of member is there."""

from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from config import demo
from core.models import User
from membership import voter_rolls
from membership.models import (
    Branch,
    BranchTransfer,
    Campaign,
    ContactPerson,
    DuplicatePair,
    Member,
    Position,
    SavedList,
    Seat,
    VoterRoll,
    VoterRollAppeal,
)
from tests.makers import set_up_client
from tests.membership.join_form.makers import use_client

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)
OFFICE = {
    "offices held": 8, "offices of before": 4, "seats": 2, "contact persons": 1, "paid for": 1, "duplicates": 2,
    "appeals": 2, "appeals that wait": 1, "lists": 1,
}  # fmt: skip


@pytest.fixture(autouse=True)
def without_pdfs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eighty PDFs would prove nothing here."""
    monkeypatch.setattr("invoicing.pdf.make", lambda **kwargs: None)


def what_the_office_did() -> dict[str, int]:
    """How much there is on the screens that a year of joining and paying leaves empty."""
    roll = VoterRoll.objects.get()
    assert roll.is_frozen and voter_rolls.count(roll=roll).voting > 10
    return {
        "offices held": Position.objects.held(TODAY).count(),
        "offices of before": Position.objects.filter(ends_on__lt=TODAY).count(),
        "seats": Seat.objects.held().count(),
        "contact persons": ContactPerson.objects.count(),
        "paid for": Member.objects.filter(payer__last_name="Elvekraft AS").count(),
        "duplicates": DuplicatePair.objects.open().count(),
        "appeals": VoterRollAppeal.objects.count(),
        "appeals that wait": VoterRollAppeal.objects.filter(decision="").count(),
        "lists": SavedList.objects.filter(is_shared=True).count(),
        "branches": Branch.objects.count(),
        "transfers": BranchTransfer.objects.count(),
        "campaigns": Campaign.objects.count(),
        "recruits": Member.objects.filter(campaign__isnull=False, recruited_by__isnull=False).count(),
    }


def test_two_years_of_life() -> None:
    set_up_client()
    counts = demo.build(today=TODAY).counts
    assert counts["members"] == Member.objects.count()
    assert 55 <= counts["members"] <= 70

    statuses = {
        code: Member.objects.in_status(code, on=TODAY).count()
        for code in ("active", "trial", "lapsed", "resigned", "deceased")
    }
    assert all(statuses.values()), statuses
    assert Member.objects.get(first_names="Alice").user == User.objects.get(username=demo.MEMBER)
    assert not Member.objects.in_status("active", on=TODAY).filter(first_names="Charlotte").exists()
    assert demo.is_there()
    call_command("ledger_check", stdout=StringIO())

    nothing_local = {"branches": 0, "transfers": 0, "campaigns": 0, "recruits": 0}
    assert what_the_office_did() == {**OFFICE, **nothing_local}


def test_a_party_has_branches_with_an_officer_and_a_campaign(settings: Any) -> None:
    use_client(settings, "snp")
    set_up_client()
    demo.build(today=TODAY)
    assert what_the_office_did() == {
        **OFFICE, "offices held": OFFICE["offices held"] + 1, "branches": 5, "transfers": 1, "campaigns": 1,
        "recruits": 1,
    }  # fmt: skip
    officer = User.objects.get(username="lokallag")
    assert [branch.name for branch in officer.branches_looked_after.all()] == ["Trondheim"]
    assert Member.objects.filter(branch__code="TRD").count() > 10
    assert Member.objects.get(first_names="Alice").user == User.objects.get(username=demo.MEMBER)
    assert [line.split()[0] for line in demo.log_in_lines()][-1] == "lokallag"
