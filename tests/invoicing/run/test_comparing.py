"""What a run issued beside what somebody saw of it before, and when it is looked at once more."""

from datetime import timedelta
from decimal import Decimal

import pytest

from invoicing.models import InvoiceRun
from invoicing.run import comparing, runs
from membership import leaving
from membership.models import Member
from tests.invoicing.run.test_runs import AT, ON, issued, kasserer, looked
from tests.makers import make_member

__all__ = ["kasserer"]
pytestmark = pytest.mark.django_db


def test_for_whom_it_came_otherwise_than_was_seen_is_said(kasserer):
    alice, bob, _carl = (make_member(name) for name in ("Alice", "Bob", "Carl"))
    run = looked()
    assert comparing.differences(run) == []
    leaving.resign(member=alice, on=ON, at=AT)
    Member.objects.filter(pk=bob.pk).update(special_price=Decimal(75))
    dina = make_member("Dina")
    issued(run, kasserer)
    assert [(row.payer, row.planned, row.issued) for row in comparing.differences(run)] == [
        (alice, Decimal(400), Decimal(0)), (bob, Decimal(400), Decimal(75)), (dina, Decimal(0), Decimal(400)),
    ]  # fmt: skip


def test_as_it_was_seen_nothing_is_said(kasserer):
    make_member("Alice")
    assert comparing.differences(issued(looked(), kasserer)) == []


def test_what_was_looked_at_long_ago_is_looked_at_again(kasserer):
    make_member("Alice")
    run = looked()
    make_member("Bob")
    assert not runs.look_again(run=run, at=AT + runs.FRESH_FOR)
    assert runs.look_again(run=run, at=AT + runs.FRESH_FOR + timedelta(seconds=1))
    assert (run.state, run.planned, run.rows.count()) == (InvoiceRun.State.LOOKING, 0, 0)
    while runs.go_on(run_id=run.pk, on=ON, at=AT):
        pass
    run.refresh_from_db()
    assert (run.state, run.planned, run.planned_total) == (InvoiceRun.State.READY, 2, Decimal(800))
    assert {code: [number, Decimal(amount)] for code, (number, amount) in run.by_type.items()} == {
        "E": [2, Decimal(800)]
    }
    issued(run, kasserer)
    assert not runs.look_again(run=run, at=AT + timedelta(days=1))
