"""Merging two entries and undoing it, and everything the database holds meanwhile."""

from datetime import date
from typing import Any

import pytest
from django.apps import apps

from core.models import User
from membership import (
    merging,
    periods,
    prices,
    roles,
    unmerging,
)
from membership.models import Member, Merge, ToCompare
from tests.makers import (
    NOW,
    TODAY,
    make_type,
    make_user,
    set_up_client,
)


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
    """Every row of every table of ours, but what says that there was a merge, and that the night has entries to
    look at again."""
    left_out = (Merge, ToCompare)
    models = [m for m in apps.get_models(include_auto_created=True) if m._meta.app_label in OURS and m not in left_out]
    rows = {model._meta.label: list(model._base_manager.order_by("pk").values()) for model in models}
    # Who is let in again gets a new row: what counts is who is in which group.
    rows["core.User_groups"] = sorted((row["user_id"], row["group_id"]) for row in rows["core.User_groups"])
    return rows


def open_term(member: Member, starts_on: date, ends_on: date | None, *, paid: bool = True) -> None:
    type_ = make_type("E")
    quote = prices.Quote(amount=type_.price, reasons=[])
    term = periods.Term(member=member, type=type_, starts_on=starts_on, ends_on=ends_on, quote=quote, source="office",
                        confirmed_on=starts_on if paid else None)  # fmt: skip
    periods.open_periods(terms=[term], on=starts_on)
