"""Who may do what: every kind of address, by every role, by GET and POST. The table is in roles_table.py."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import URLResolver, get_resolver, resolve
from wagtail.models import GroupApprovalTask, Workflow, WorkflowTask

from core.models import User
from membership import roles
from tests.makers import make_user, set_up_client
from tests.roles_table import ROLES, lines
from tests.roles_world import World

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("private_files"),
    # Wagtail leaves the files of scaled pictures open.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def _ours(patterns: Any, before: str = "") -> Iterator[str]:
    """The addresses of views that are not Wagtail's, Django's or allauth's."""
    for pattern in patterns:
        address = before + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLResolver):
            yield from _ours(pattern.url_patterns, address)
        else:
            view = getattr(pattern.callback, "view_class", pattern.callback)
            if not view.__module__.startswith(("wagtail.", "django.", "allauth.")):
                yield address


@pytest.mark.parametrize("name", ["blocked-addresses", "mailings", "messages", "online-payments", "payments"])
def test_lists_that_are_only_looked_at_have_no_addresses_to_change_them(name: str) -> None:
    """Nor one for a row's history, which Wagtail's list would show to everybody in the office."""
    set_up_client()
    browser = Client()
    browser.force_login(make_user(roles.ADMINISTRATORS))
    addresses = [f"/admin/{name}/{address}" for address in ("", "create/", "edit/1/", "delete/1/", "history/1/")]
    assert [browser.get(address).status_code for address in addresses] == [200, 404, 404, 404, 404]


def test_every_address_of_ours_is_in_the_table() -> None:
    """An address that is added without a line in the table fails here: nobody has said who may go there."""
    told = {resolve(re.sub(r"\{\w+\}", "1", address)).route for _method, address, _statuses in lines()}
    ours = set(_ours(get_resolver().url_patterns))
    assert len(ours) > 200
    assert ours - told == set()


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
    """400: mail programs unsubscribe without one, and the address they ask is not one that we sent."""
    world = World()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(User.objects.get(groups__name=roles.ADMINISTRATORS))
    accepted = [
        address
        for method, address, _statuses in lines()
        if method == "POST" and browser.post(address.format(**world.names)).status_code not in {400, 403, 302, 404}
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


def test_nobody_waits_for_the_group_that_went() -> None:
    """A page that is handed in would be locked, and nobody in a role could approve it."""
    moderators = Group.objects.create(name="Moderators")
    editors = Group.objects.create(name="Our own")
    workflows = []
    for groups in ([moderators], [moderators, editors]):
        task = GroupApprovalTask.objects.create(name="Approve")
        task.groups.set(groups)
        workflow = Workflow.objects.create(name="Approval")
        WorkflowTask.objects.create(workflow=workflow, task=task)
        workflows.append(workflow)
    set_up_client()
    assert [Workflow.objects.get(pk=workflow.pk).active for workflow in workflows] == [False, True]


def test_only_administrators_may_touch_log_ins_and_roles() -> None:
    powers = {"core.add_user", "core.change_user", "core.delete_user", "auth.add_group", "auth.change_group"}
    assert {name for name, rights in roles.ROLES.items() if powers & set(rights)} == {roles.ADMINISTRATORS}
