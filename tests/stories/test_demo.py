"""The demo: two years of an association, after which the money adds up and every kind of member is there."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command

from config import demo
from core.models import User
from membership.models import Member
from tests.makers import set_up_client

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


def test_two_years_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("invoicing.pdf.make", lambda **kwargs: None)  # eighty PDFs would prove nothing here
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
