"""Roles: Django groups with the right permissions from the first minute. Set-up makes them; doctor checks them.

A role keeps what the office adds to it. Permissions are named `app.codename`; those of apps that are not installed
(an association without dues) are passed over.
"""

from django.contrib.auth.models import Group, Permission
from wagtail.models import GroupApprovalTask, Workflow

from core.results import Result

MEMBERS = "Members"
EDITORS = "Editors"
MEMBER_ADMINS = "Member admins"
TREASURERS = "Treasurers"
BRANCH_OFFICERS = "Branch officers"
AUDITORS = "Auditors"
ADMINISTRATORS = "Administrators"

_OFFICE = ["wagtailadmin.access_admin"]
_REGISTRY = [
    "membership.view_member", "membership.add_member", "membership.change_member", "membership.export_member",
    "membership.import_member", "membership.see_office_fields", "membership.hold_back_erasure",
    "membership.see_every_branch", "membership.transfer_member",
    "membership.view_branch", "membership.add_branch", "membership.change_branch",
    "membership.view_committee", "membership.add_committee", "membership.change_committee",
    "membership.view_campaign", "membership.add_campaign", "membership.change_campaign",
    "membership.view_household", "membership.add_household", "membership.change_household",
    "membership.view_application", "membership.change_application",
    "membership.view_membershiptype", "membership.add_membershiptype", "membership.change_membershiptype",
    "membership.view_consenttext", "membership.add_consenttext",
    "membership.view_duplicatepair", "membership.change_duplicatepair", "membership.view_merge",
    "membership.change_merge",
    "membership.view_period", "membership.add_period", "membership.change_period", "membership.view_consent",
    "membership.view_voterroll", "membership.add_voterroll", "membership.change_voterroll",
]  # fmt: skip
_MONEY_READ = [
    "invoicing.view_invoice", "invoicing.view_closedyear", "payments.view_payment", "payments.view_allocation",
    "payments.view_reminder", "payments.view_providerpayment",
]  # fmt: skip
_MONEY = [
    *_MONEY_READ, "invoicing.add_invoice", "invoicing.export_invoice", "invoicing.credit_invoice",
    "invoicing.change_printlook",
    "invoicing.close_year", "payments.add_payment", "payments.export_payment",
    "payments.send_reminder",
]  # fmt: skip
_PAGES = [
    "wagtailimages.add_image", "wagtailimages.change_image", "wagtailimages.choose_image",
    "wagtaildocs.add_document", "wagtaildocs.change_document", "wagtaildocs.choose_document",
    "newsletter.view_mailing", "newsletter.add_mailing",
]  # fmt: skip

ROLES: dict[str, list[str]] = {
    MEMBERS: [],
    EDITORS: [*_OFFICE, *_PAGES],
    MEMBER_ADMINS: [*_OFFICE, *_REGISTRY, "messaging.view_message", "messaging.view_suppression"],
    TREASURERS: [
        *_OFFICE, *_MONEY, "membership.view_member", "membership.view_household", "membership.view_membershiptype",
        "membership.view_period", "membership.see_every_branch", "messaging.view_message",
    ],
    # Without the right to see every branch: whatever this role gives is about its own branch. See scope.py.
    BRANCH_OFFICERS: [
        *_OFFICE, "membership.view_member", "membership.add_member", "membership.change_member",
        "membership.export_member", "membership.view_household", "membership.change_household",
        "membership.view_application", "membership.change_application", "membership.view_period",
        "membership.view_membershiptype",
    ],
    # The journal is vouchers without names. Lists of people are taken out by those who look after them.
    AUDITORS: [*_OFFICE, *_MONEY_READ, "payments.export_payment", "membership.see_every_branch"],
    ADMINISTRATORS: [
        *_OFFICE, *_REGISTRY, *_MONEY, *_PAGES, "invoicing.open_year", "membership.delete_application",
        "messaging.view_message",
        "messaging.change_message", "messaging.view_suppression",
        "core.view_user", "core.add_user", "core.change_user", "core.delete_user",
        "auth.view_group", "auth.change_group", "wagtailcore.change_site", "wagtailcore.view_site",
        "wagtailredirects.add_redirect", "wagtailredirects.change_redirect", "wagtailredirects.delete_redirect",
    ],
}  # fmt: skip


def _without_leftover() -> Result:
    """A new site comes with a group "Moderators", which is none of our roles. Where nobody is in it and nobody has
    given it rights of other apps than Wagtail gave it, it goes."""
    result = Result()
    unused = Group.objects.filter(name="Moderators", user=None)
    others = Permission.objects.exclude(content_type__app_label__in=["wagtailadmin", "wagtailimages", "wagtaildocs"])
    for group in unused.exclude(permissions__in=others):
        _nobody_waits_for(group)
        group.delete()
        result.add("leftover roles removed")
    return result


def _nobody_waits_for(group: Group) -> None:
    """What only this group could approve is asked for no more: a page handed in would be locked for every role."""
    for task in GroupApprovalTask.objects.filter(groups=group, active=True):
        if not task.groups.exclude(pk=group.pk).exists():
            task.deactivate()
            for workflow in Workflow.objects.filter(active=True, workflow_tasks__task=task):
                if not workflow.tasks.filter(active=True).exists():
                    workflow.deactivate()


def set_up() -> Result:
    """Make the groups and give each the permissions it lacks. Takes away only Wagtail's own leftover."""
    result = _without_leftover()
    for name, wanted in ROLES.items():
        group, is_new = Group.objects.get_or_create(name=name)
        if is_new:
            result.add("roles")
        has = {f"{p.content_type.app_label}.{p.codename}" for p in group.permissions.select_related("content_type")}
        missing = set(wanted) - has
        rows = Permission.objects.filter(codename__in=[name.split(".")[1] for name in missing])
        found = [
            p for p in rows.select_related("content_type") if f"{p.content_type.app_label}.{p.codename}" in missing
        ]
        group.permissions.add(*found)
        if found:
            result.add("permissions", times=len(found))
    return result
