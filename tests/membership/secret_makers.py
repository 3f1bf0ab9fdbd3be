"""A family, its office's secrets and everybody who may not know them: the world of the tests of field rights."""

import io
import re
import zipfile
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.core.cache import cache
from django.test import Client
from openpyxl import load_workbook
from wagtail.models import ModelLogEntry

from core.models import User
from home import set_up as home_set_up
from membership import duplicates, members, roles
from membership.models import Member
from membership.models.members import OFFICE_ONLY
from tests.makers import (
    NOW,
    invoice_of,
    make_household,
    make_member,
    make_non_member,
    make_type,
    make_user,
    set_up_client,
)
from tests.membership.branch_makers import make_branch, make_officer
from tests.membership.office.makers import browser_of
from tests.messaging.makers import queued

ANYBODY, MEMBER, MONEY_OFFICER, ASSISTANT = "anybody", "the member", "an officer with money and messages", "assistant"
WITHOUT = (
    ANYBODY, MEMBER, roles.EDITORS, roles.TREASURERS, roles.AUDITORS, roles.BRANCH_OFFICERS, MONEY_OFFICER, ASSISTANT,
)  # fmt: skip
MAY_CHANGE = {roles.BRANCH_OFFICERS, MONEY_OFFICER, ASSISTANT}
IN_THE_REGISTRY = (roles.TREASURERS, roles.BRANCH_OFFICERS, MONEY_OFFICER, ASSISTANT)
WITH = (roles.MEMBER_ADMINS, roles.ADMINISTRATORS)

# How each value is written somewhere; what nobody without the right may find in any answer.
SHOWN = {
    "legacy_id": "730519264",
    "office_notes": "Blåveisnotat",
    "special_price": "731",
    "special_price_until": "2041",
    "converts_to": "UTP",
    "login_link_sent_at": "2019",
    "payer": "Betalersen",
}
FILTERS = ("has_own_price", "has_log_in_link", "has_payer")


class World:
    """A branch with a family in it; its first, Alice, is the one the office has written about, or not yet."""

    def __init__(self) -> None:
        set_up_client()
        home_set_up.set_up(client=settings.CLIENT, at=NOW)
        self.branch = make_branch("Oslo")
        joined = make_household("Alice", "Bo", last_name="Synlig")
        self.alice, self.bo = joined.members
        self.payer = make_non_member("Per", "Betalersen")
        self.twin = make_member("Alice", "Synlig", email="tvilling@example.no")
        unpaid = make_member("Carla", "Synlig", email="carla@example.no", paid=False)
        Member.objects.update(branch=self.branch)
        members.change(member=Member.objects.get(pk=self.alice.pk), changes={"place": "Byen"}, at=NOW, by=None)
        self.pair = duplicates.put_together(one=self.alice, other=self.twin, at=NOW)
        self.browsers = {role: browser_of(user) for role, user in self._users().items()}
        self.browsers[ANYBODY] = Client()
        message = queued(recipient_ref=self.alice.recipient_ref, address="alice@example.no")
        assert self.alice.household is not None
        invoice = invoice_of(self.alice)
        self.keys = {
            "members": self.alice.pk, "households": self.alice.household.pk, "invoices": invoice.pk,
            "messages": message.pk, "duplicates": self.pair.pk, "choose-member": self.alice.pk,
        }  # fmt: skip
        self._one_entry_a_second()
        self.number, self.unpaid_number = invoice.number, invoice_of(unpaid).number

    def _one_entry_a_second(self) -> None:
        """Wagtail's lists of the log go by time alone: entries of one moment come in any order, and in another one when
        one of them is changed."""
        for number, entry in enumerate(ModelLogEntry.objects.order_by("pk")):
            ModelLogEntry.objects.filter(pk=entry.pk).update(timestamp=NOW + timedelta(seconds=number))

    def _users(self) -> dict[str, User]:
        users = {role: make_user(role) for role in (roles.EDITORS, roles.TREASURERS, roles.AUDITORS, *WITH)}
        assert self.alice.user is not None
        users[MEMBER] = self.alice.user
        users[roles.BRANCH_OFFICERS] = make_officer(self.branch)
        users[MONEY_OFFICER] = make_officer(self.branch)
        group = Group.objects.create(name="Money and messages")
        wanted = [name.split(".")[1] for name in (*roles.ROLES[roles.TREASURERS], "messaging.view_suppression")]
        found = Permission.objects.filter(codename__in=wanted).exclude(codename="see_every_branch")
        group.permissions.set(found)
        users[MONEY_OFFICER].groups.add(group)
        assistants = Group.objects.create(name="Assistants")  # everything a member admin may, but these fields
        admins = Group.objects.get(name=roles.MEMBER_ADMINS).permissions
        assistants.permissions.set(admins.exclude(codename="see_office_fields"))
        users[ASSISTANT] = make_user("Assistants")
        return users

    def write_secrets(self) -> None:
        """The office writes something in each of the fields. What was logged as a change of the place is one of them,
        too; that a link was sent is logged as well."""
        values: dict[str, Any] = {
            "legacy_id": 730519264, "office_notes": "Blåveisnotat", "special_price": Decimal("731.00"),
            "special_price_until": date(2041, 3, 9), "converts_to": make_type("UTP"), "payer": self.payer,
            "login_link_sent_at": NOW.replace(year=2019),
        }  # fmt: skip
        assert set(values) == set(OFFICE_ONLY)
        Member.objects.filter(pk=self.alice.pk).update(**values)
        changed = ModelLogEntry.objects.for_instance(self.alice).filter(action="membership.member.changed")
        assert changed.update(data={"fields": ["place", *OFFICE_ONLY], "source": "office"}) == 1
        ModelLogEntry.objects.log_action(self.alice, "membership.member.login_link_sent", timestamp=NOW)


@pytest.fixture
def world() -> World:
    return World()


def read(world: World, role: str, address: str, data: dict[str, str] | None = None) -> str:
    """The whole answer as text, without what differs from one time to the next. Files are unpacked."""
    cache.clear()
    ModelLogEntry.objects.filter(action__regex="viewed|exported|downloaded").delete()
    browser = world.browsers[role]
    for left in ("registry_list", "messages"):  # what the request before this one left behind
        browser.cookies.pop(left, None)
    answer: Any = browser.get(address) if data is None else browser.post(address, data)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    sort = answer.headers.get("Content-Type", "")
    told = f"{answer.status_code} {answer.headers.get('Location', '')} {sort}\n"
    if "spreadsheetml" in sort:
        return told + str([list(row) for row in load_workbook(io.BytesIO(body)).active.values])
    if "zip" in sort:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return told + "\n".join(f"{name}\n{archive.read(name).decode('utf-8-sig')}" for name in archive.namelist())
    text = body.decode("utf-8-sig", errors="replace")
    text = re.sub(r'\b\w{64}\b|nonce=\\*"[^"]+"', "", text)  # a form's own token, and the page's for its scripts
    return told + re.sub(r'value="[0-9a-f]{8}-[0-9a-f-]{27}"', "", text)  # a token that makes a form go in once
