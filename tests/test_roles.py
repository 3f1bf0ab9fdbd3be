"""Who may do what: every kind of address, by every role, by GET and POST. The table is in roles_table.py."""

from io import BytesIO
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.test import Client

from core.models import User
from home import set_up as home_set_up
from home.models import HomePage
from invoicing.models import InvoiceRun, PrintFile
from membership import duplicates, invitations, merging, roles, seats
from membership.imports import runs
from membership.models import Application, ConsentText, MembershipType, VoterRoll
from payments.models import PaymentPlan, ProviderPayment, ReminderRun
from tests.makers import NOW, TODAY, make_household, make_invoice, make_non_member, make_type, make_user, set_up_client
from tests.membership.household_makers import make_company
from tests.roles_table import ROLES, lines

pytestmark = [
    pytest.mark.django_db,
    # Wagtail leaves the files of scaled pictures open.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


class World:
    """What there is to be seen, and the browser of each role."""

    def __init__(self) -> None:
        set_up_client()
        home_set_up.set_up(client=settings.CLIENT, at=NOW)
        family = make_household("Bob", "Berit", last_name="Hemmelig")
        invoice = make_invoice("Alice", "Hemmelig")
        online = ProviderPayment.objects.create(
            invoice=invoice, provider="vipps", reference="hnm-10001-abcdef", key="abcdef", amount=400, created_at=NOW,
            expires_at=NOW,
        )  # fmt: skip
        application = Application.objects.create(
            token="6f5c1b8e-0a35-4d56-9f6b-3c1d2e4f5a6b", reference="ABCDEFGH", name="Carl Hemmelig",
            wanted_type=make_type("E"), answers={"people": [], "consents": []}, sent_at=NOW, state="approval",
        )  # fmt: skip
        users = {role: make_user(role) for role in ROLES[2:]}
        self.browsers = {"nobody": Client(), "a log-in": self.browser(make_user())}
        self.browsers |= {role: self.browser(user) for role, user in users.items()}
        somebody = family.members[1]
        somebody.user = users[roles.MEMBERS]  # who only ever sees what is their own
        somebody.save()
        superuser = make_user("admin")
        type_, text = MembershipType.objects.get(code="E"), ConsentText.objects.first()
        assert family.household is not None and text is not None
        company = make_company()
        seat = seats.take(organisation=company, member=make_non_member("Ole", "Hemmelig"), on=TODAY)
        contact = seats.name_contact(organisation=company, member=seat.member)
        invitation = invitations.invite(inviter=family.main_member, email="ny@example.no", on=TODAY, at=NOW)
        twice = make_non_member("Dora", "Hemmelig"), make_non_member("Dora", "Hemmelig")
        pair = duplicates.put_together(one=family.main_member, other=twice[0], at=NOW)
        merge = merging.merge(kept=twice[0], absorbed=twice[1], choices={}, on=TODAY, at=NOW, by=superuser)
        run = runs.start(file=BytesIO(b"last_name\nHemmelig\n"), name="register.csv", at=NOW, by=superuser)
        roll = VoterRoll.objects.create(name="Hemmelig", counts_on=TODAY)
        invoice_run = InvoiceRun.objects.create(begins_by=TODAY, asked_at=NOW, state="ready", planned=1)
        print_file = PrintFile.objects.create(letters=0, asked_at=NOW, state="ready")
        plan = PaymentPlan.objects.create(invoice=invoice, amount=invoice.total, proposed_on=TODAY)
        reminders = ReminderRun.objects.create(on=TODAY, total=0, asked_at=NOW, state="done")
        self.names = {
            "invoice_run": invoice_run.pk, "print_file": print_file.pk, "plan": plan.pk, "sending": reminders.pk,
            "run": run.pk, "roll": roll.pk,
            "pair": pair.pk, "merge": merge.pk,
            "seat": seat.pk, "contact": contact.pk, "invitation": invitation.pk,
            "member": family.main_member.pk, "household": family.household.pk, "invoice": invoice.pk,
            "number": invoice.number, "application": application.pk, "type": type_.pk, "text": text.pk,
            "user": users[roles.MEMBERS].pk, "superuser": superuser.pk, "online": online.pk,
            "group": Group.objects.get(name=roles.EDITORS).pk, "home": HomePage.objects.get().pk,
        }  # fmt: skip

    @staticmethod
    def browser(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    def status(self, method: str, address: str, role: str) -> int:
        """What the role gets at the address."""
        browser = self.browsers[role]
        ask: Any = browser.get if method == "GET" else browser.post
        return int(ask(address.format(**self.names)).status_code)


def test_every_role_at_every_address() -> None:
    world = World()
    wrong = [
        f"{method} {address} as {role}: {status}, not {expected}"
        for method, address, statuses in lines()
        for role, expected in zip(ROLES, statuses, strict=True)
        if (status := world.status(method, address, role)) != expected
    ]
    assert wrong == []


def test_nothing_changes_by_looking() -> None:
    """Every address of the table by GET, as the one who may do most: no row is added, changed or taken away."""
    world = World()
    before = snapshot()
    for method, address, _statuses in lines():
        if method == "GET":
            world.status(method, address, roles.ADMINISTRATORS)
    assert snapshot() == before


def snapshot() -> dict[str, list[Any]]:
    """Every row of every table of ours. The log is not among them: it is written by looking."""
    ours = {"core", "membership", "invoicing", "payments", "messaging", "newsletter", "auth"}
    models = [model for model in apps.get_models() if model._meta.app_label in ours]
    return {model._meta.label: list(model._default_manager.order_by("pk").values_list()) for model in models}


def test_nothing_is_done_without_the_forms_own_token() -> None:
    world = World()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(User.objects.get(groups__name=roles.ADMINISTRATORS))
    accepted = [
        address
        for method, address, _statuses in lines()
        if method == "POST" and browser.post(address.format(**world.names)).status_code not in {403, 302, 404}
    ]
    assert accepted == []


def test_every_right_of_a_role_exists() -> None:
    """A right that is misspelt would silently be given to nobody."""
    set_up_client()
    rows = Permission.objects.select_related("content_type")
    exist = {f"{row.content_type.app_label}.{row.codename}" for row in rows}
    installed = {config.label for config in apps.get_app_configs()}
    named = {right for rights in roles.ROLES.values() for right in rights if right.split(".")[0] in installed}
    assert named - exist == set()
    for name, wanted in roles.ROLES.items():
        group = Group.objects.get(name=name)
        has = {f"{p.content_type.app_label}.{p.codename}" for p in group.permissions.select_related("content_type")}
        assert has == {right for right in wanted if right.split(".")[0] in installed}, name


def test_the_group_that_a_new_site_comes_with_goes_unless_somebody_uses_it() -> None:
    Group.objects.get_or_create(name="Moderators")
    set_up_client()
    assert not Group.objects.filter(name="Moderators").exists()
    used = Group.objects.create(name="Moderators")
    used.user_set.add(make_user())
    set_up_client()
    used.user_set.clear()
    used.permissions.add(Permission.objects.get(codename="view_member"))
    set_up_client()
    assert Group.objects.filter(pk=used.pk).exists()


def test_only_administrators_may_touch_log_ins_and_roles() -> None:
    powers = {"core.add_user", "core.change_user", "core.delete_user", "auth.add_group", "auth.change_group"}
    assert {name for name, rights in roles.ROLES.items() if powers & set(rights)} == {roles.ADMINISTRATORS}
