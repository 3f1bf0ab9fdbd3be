"""Branch officers: what they may know, at every address of the office, by GET and POST."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from home import set_up as home_set_up
from membership import duplicates, roles, scope
from membership.models import Application, Branch, DuplicatePair, Household, Member
from tests.makers import NOW, make_household, make_member, make_type, make_user, set_up_client
from tests.membership.branch_makers import make_branch, make_officer, with_branches
from tests.membership.office.makers import browser_of, fixed_day, page

__all__ = ["fixed_day", "with_branches"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("with_branches")]

STRANGER = "Hemmelig"  # the surname of everybody outside the branch
MINE = "Synlig"


class World:
    """Two branches with a household and an application each; an officer of the first; somebody in no branch."""

    def __init__(self) -> None:
        set_up_client()
        self.mine, self.other = make_branch("Oslo"), make_branch("Bergen")
        self.officer = make_officer(self.mine)
        self.browser = browser_of(self.officer)
        self.family = self._household(MINE, self.mine)
        self.strangers = self._household(STRANGER, self.other)
        self.nobodys = make_member("Carl", STRANGER, email="carl@example.no")
        self.applications = [self._application(MINE, self.mine, 1), self._application(STRANGER, self.other, 2)]

    def _household(self, last_name: str, branch: Branch) -> list[Member]:
        joined = make_household("Alice", "Bob", last_name=last_name)
        Member.objects.filter(household=joined.household).update(branch=branch)
        return list(Member.objects.filter(household=joined.household).order_by("pk"))

    @staticmethod
    def _application(last_name: str, branch: Branch, number: int) -> Application:
        nothing: dict[str, list[str]] = {"people": [], "consents": []}
        return Application.objects.create(
            token=f"6f5c1b8e-0a35-4d56-9f6b-3c1d2e4f5a6{number}", reference=f"ABCDEFG{number}",
            name=f"Dina {last_name}", email=f"dina{number}@example.no", wanted_type=make_type("E"), answers=nothing,
            sent_at=NOW, state="approval", branch=branch,
        )  # fmt: skip


@pytest.fixture
def world() -> World:
    return World()


# --- every address about one record: those of one's own branch are there, those of others are not ---------------------

OF_A_MEMBER = [
    "members/{member}/",
    "members/{member}/edit/",
    "members/{member}/resign/",
    "members/{member}/exclude/",
    "members/{member}/death/",
    "members/{member}/login-link/",
    "members/{member}/move-in/",
    "members/{member}/move-out/",
    "members/{member}/hand-over/",
    "members/{member}/consent/",
    "members/{member}/erasure/",
    "members/{member}/succession/",
    "members/{member}/seats/",
    "members/{member}/seats-give/",
    "members/{member}/seats-invite/",
    "members/{member}/contacts-name/",
    "members/{member}/come-back/",
    "members/{member}/change-type/",
    "choose-member/chosen/{member}/",
    "households/{household}/",
    "households/{household}/add/",
    "households/{household}/invite/",
    "households/{household}/split/",
    "households/{household}/together/",
    "applications/{application}/",
    "applications/{application}/same-person/",
    "applications/{application}/approve/",
    "applications/{application}/refuse/",
]


@pytest.mark.parametrize("address", OF_A_MEMBER)
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_about_others_is_not_there(world: World, address: str, method: str) -> None:
    ask: Any = getattr(world.browser, method)
    mine = {"member": world.family[1].pk, "household": world.family[0].household_id,
            "application": world.applications[0].pk}  # fmt: skip
    others = {"member": world.strangers[1].pk, "household": world.strangers[0].household_id,
              "application": world.applications[1].pk}  # fmt: skip
    answer = ask(f"/admin/{address.format(**others)}")
    assert answer.status_code in {403, 404, 405}
    assert STRANGER not in answer.content.decode()
    if method == "get":
        assert ask(f"/admin/{address.format(**mine)}").status_code == 200


LISTS = [
    "members/",
    "members/results/",
    "members/?columns=household&columns=payer&columns=recruited_by&columns=branch",
    "members/?q=Hemmelig",
    "members/?q=carl@example.no",
    "members/?branch={other}",
    "members/?branch=none",
    "members/new/",
    "members/export/",
    "members/bulk/language/",
    "members/lists/",
    "choose-member/",
    "choose-member/results/?q=Hemmelig",
    "choose-member/results/",
    "households/",
    "households/?q=Hemmelig",
    "households/?to_look_at=true",
    "applications/",
    "applications/?q=Hemmelig",
    "reports/members/",
    "reports/erasure/?days=365",
    "members/{stranger}/",
]


@pytest.mark.parametrize("address", ["", *LISTS])
def test_no_list_names_others(world: World, address: str) -> None:
    address = address.format(other=world.other.pk, stranger=world.strangers[0].pk)
    answer = world.browser.get(f"/admin/{address}")
    html = answer.content.decode().replace("q=Hemmelig", "").replace('value="Hemmelig"', "")
    html = html.replace("Hemmelig</strong>", "").replace("<em>Hemmelig</em>", "").replace("&quot;Hemmelig&quot;", "")
    assert answer.status_code in {200, 404}
    assert STRANGER not in html
    assert "carl@example.no" not in html.replace("q=carl@example.no", "").replace('value="carl@example.no"', "")


@pytest.mark.parametrize("with_money", [False, True])
def test_no_screen_of_the_office_names_others(world: World, with_money: bool) -> None:
    """An officer walks every address without arguments that the office has: nobody else is named anywhere.

    So does one who also holds the administrator's rights to money, messages and newsletters.
    """
    home_set_up.set_up(client=settings.CLIENT, at=NOW)
    if with_money:
        names = [name for name in roles.ROLES[roles.ADMINISTRATORS] if not name.startswith(("membership.", "core."))]
        rights = Permission.objects.filter(codename__in=[name.split(".")[1] for name in names])
        world.officer.user_permissions.set(rights.exclude(content_type__app_label__in=["membership", "core"]))
    for address in sorted(set(_addresses(get_resolver().url_patterns))):
        is_whole = "<" not in address and "(" not in address
        if address.startswith("admin/") and not address.startswith(("admin/api/", "admin/failwhale/")) and is_whole:
            answer = world.browser.get(f"/{address}")
            text = answer.content.decode() if not answer.streaming else b"".join(answer.streaming_content).decode()
            assert STRANGER not in text, address


def _addresses(patterns: Any, before: str = "") -> Any:
    for pattern in patterns:
        address = before + str(pattern.pattern).lstrip("^").rstrip("$").removesuffix("\\Z")
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern.url_patterns, address)
        elif isinstance(pattern, URLPattern):
            yield address


# --- numbers ----------------------------------------------------------------------------------------------------------


def test_numbers_count_ones_own(world: World) -> None:
    html = page(world.browser, "/admin/")
    numbers = dict(re.findall(r'office-number__label">([^<]+)<.*?office-number__count">(\d+)', html, re.S)) or html
    assert MINE in html
    by_type = page(world.browser, "/admin/reports/members/")
    assert "2 members" in by_type
    assert "3 members" not in by_type, numbers
    assert "5 members" in page(browser_of(make_user(roles.MEMBER_ADMINS)), "/admin/reports/members/")


def test_an_export_holds_ones_own_and_no_columns_about_others(world: World) -> None:
    answer = world.browser.post("/admin/members/export/", {"purpose": "test", "columns": "every", "file_type": "csv"})
    text = b"".join(answer.streaming_content if answer.streaming else [answer.content]).decode("utf-8-sig")
    assert text.count(MINE) == 2
    assert STRANGER not in text
    assert not {"Household", "Payer", "Recruited by", "Office notes"} & set(text.splitlines()[0].split(";"))


# --- what is sent -----------------------------------------------------------------------------------------------------


def test_a_form_takes_nobody_elses_member(world: World) -> None:
    """A key that was never offered: nothing happens, and the answer names nobody."""
    stranger, own = world.strangers[0], world.family[1]
    for address, data in (
        (f"members/{own.pk}/move-in/", {"member": stranger.pk}),
        (f"households/{own.household_id}/add/", {"member": world.nobodys.pk}),
        (f"households/{own.household_id}/together/", {"member": stranger.pk}),
    ):
        answer = world.browser.post(f"/admin/{address}", data)
        assert answer.status_code == 200, address
        assert STRANGER not in answer.content.decode(), address
    assert Household.objects.get(pk=own.household_id).members.count() == 2


@pytest.mark.parametrize("address", ["members/{member}/payer/", "members/{member}/pays-for/"])
def test_who_pays_for_whom_is_not_for_officers(world: World, address: str) -> None:
    """A field that only the office may know: there is no screen about it, and nothing to send."""
    own, stranger = world.family[1], world.strangers[0]
    for member in (own, stranger):
        asked = f"/admin/{address.format(member=member.pk)}"
        for answer in (world.browser.get(asked), world.browser.post(asked, {"payer": world.family[0].pk})):
            assert answer.status_code in {302, 404, 405}
            assert STRANGER not in answer.content.decode()
    assert not Member.objects.filter(payer__isnull=False).exists()


def test_what_is_done_with_a_list_touches_ones_own_only(world: World) -> None:
    everybody = Member.objects.count()
    answer = world.browser.post("/admin/members/bulk/language/", {"language": "en", "confirmed": str(everybody)})
    assert Member.objects.filter(language="en").count() == 0, answer
    world.browser.post("/admin/members/bulk/language/", {"language": "en", "confirmed": "2"})
    assert set(Member.objects.filter(branch=world.other).values_list("language", flat=True)) == {"nb"}


def test_somebody_elses_run_is_not_there(world: World) -> None:
    admin = browser_of(make_user(roles.MEMBER_ADMINS))
    answer = admin.post("/admin/members/bulk/language/", {"language": "en", "confirmed": str(Member.objects.count())})
    assert world.browser.get(answer["Location"]).status_code == 404


def test_an_officer_registers_in_the_own_branch_only(world: World) -> None:
    form = world.browser.get("/admin/members/new/").context["form"]
    assert list(form.fields["branch"].queryset) == [world.mine]
    assert form.fields["branch"].required


def test_an_officer_transfers_nobody_and_imports_nobody(world: World) -> None:
    for address in (f"members/{world.family[0].pk}/transfer/", "branches/", "import/", "reports/site-history/"):
        assert world.browser.get(f"/admin/{address}").status_code in {302, 403}, address


# --- what lies across branches ----------------------------------------------------------------------------------------


def test_a_household_of_two_branches_is_seen_by_neither_officer(world: World) -> None:
    own, household = world.family[0], world.family[0].household
    assert household is not None
    Member.objects.filter(pk=world.family[1].pk).update(branch=world.other, last_name=STRANGER)
    Member.objects.filter(pk=own.pk).update(payer=world.strangers[0])
    assert world.browser.get(f"/admin/households/{household.pk}/").status_code == 404
    html = page(world.browser, f"/admin/members/{own.pk}/")
    assert "and 1 person outside your branch" in html
    assert "Payer" not in html
    assert STRANGER not in html
    form = page(world.browser, f"/admin/members/{own.pk}/edit/")
    assert STRANGER not in form


def test_a_pair_of_two_branches_is_seen_by_neither(world: World) -> None:
    pair = duplicates.put_together(one=world.family[0], other=world.strangers[0], at=timezone.now())
    assert list(scope.visible_to(world.officer, DuplicatePair.objects.all())) == []
    assert pair in scope.visible_to(make_user("admin"), DuplicatePair.objects.all())


def test_officers_of_a_county_see_its_towns(world: World) -> None:
    county = make_branch("Vestland")
    Branch.objects.filter(pk=world.other.pk).update(parent=county)
    officer = make_officer(county)
    assert set(scope.visible_to(officer, Member.objects.all())) == set(world.strangers)


def test_an_officer_of_no_branch_sees_nobody(world: World) -> None:
    officer = make_officer()
    assert not scope.visible_to(officer, Member.objects.all()).exists()
    assert "Nobody in the registry" in page(browser_of(officer), "/admin/members/?q=a")


def test_a_role_of_ones_own_starts_by_seeing_nobody(world: World) -> None:
    """The right to look, from anywhere else than a role that sees every branch, shows no one."""
    user = make_user()
    user.user_permissions.add(*Permission.objects.filter(codename__in=["view_member", "access_admin"]))
    assert not scope.visible_to(user, Member.objects.all()).exists()


def test_members_seen_across_are_named_in_no_order_of_queries(world: World, django_assert_num_queries: Any) -> None:
    page(world.browser, "/admin/members/")
    with django_assert_num_queries(19):
        page(world.browser, "/admin/members/")
    for number in range(2):
        one = make_member(f"Extra {number}", MINE, email=f"x{number}@example.no")
        Member.objects.filter(pk=one.pk).update(branch=world.mine)
    with django_assert_num_queries(19):
        page(world.browser, "/admin/members/")
