"""Lists under a name: found again with their filters and columns, shared or not, changed by their maker only."""

import pytest
from django.test import Client

from core.models import User
from membership import roles
from membership.models import SavedList
from tests.makers import make_member, make_user
from tests.membership.office.makers import admin_user, browser_of, browser_with, fixed_day, names_on, office, page

__all__ = ["admin_user", "fixed_day", "office"]
pytestmark = pytest.mark.django_db
REGISTRY = "/admin/members/"
LISTS = f"{REGISTRY}lists/"


def save(client: Client, query: str, name: str = "Mine", **fields: str) -> SavedList:
    answer = client.post(f"{LISTS}new/{query}", {"name": name, **fields})
    assert answer.status_code == 302, answer.content.decode()
    return SavedList.objects.get(name=name)


def test_a_list_is_found_again_with_its_search_filters_columns_and_order(office: Client) -> None:
    make_member("Alice", "Ås")
    make_member("Bob", "Berg", email="bob@example.no")
    saved = save(office, "?q=%C3%A5s&status=active&columns=born_on&ordering=-name&p=3&_w_filter_fragment=1")
    assert saved.asked == "q=%C3%A5s&status=active&columns=born_on&ordering=-name"
    html = page(office, REGISTRY)
    assert 'href="/admin/members/?q=%C3%A5s&amp;status=active&amp;columns=born_on&amp;ordering=-name">Mine</a>' in html
    assert names_on(page(office, f"{REGISTRY}?{saved.asked}")) == ["Ås, Alice"]


def test_the_same_name_again_replaces_the_list(office: Client) -> None:
    save(office, "?q=a")
    assert save(office, "?q=b").asked == "q=b"


def test_others_see_what_is_shared_and_nothing_else(office: Client) -> None:
    save(office, "?q=a", name="Private")
    shared = save(office, "?q=b", name="Shared", is_shared="on")
    other = browser_of(make_user(roles.MEMBER_ADMINS))
    html = page(other, LISTS)
    assert "Shared" in html and "Private" not in html and f"{LISTS}{shared.pk}/" not in html
    assert "Private" not in page(other, REGISTRY)


def test_only_its_maker_changes_or_deletes_a_list(office: Client) -> None:
    private = save(office, "?q=a", name="Private")
    shared = save(office, "?q=b", name="Shared", is_shared="on")
    other = browser_of(make_user(roles.MEMBER_ADMINS))
    for verb in ("", "delete/"):
        assert other.post(f"{LISTS}{private.pk}/{verb}", {"name": "X"}).status_code == 404
        answer = other.post(f"{LISTS}{shared.pk}/{verb}", {"name": "X"})
        assert "can change this list" in answer.content.decode()
    assert set(SavedList.objects.values_list("name", flat=True)) == {"Private", "Shared"}


def test_a_list_is_renamed_and_deleted(office: Client, admin_user: User) -> None:
    first, second = save(office, "?q=a", name="First"), save(office, "?q=b", name="Second")
    answer = office.post(f"{LISTS}{first.pk}/", {"name": "Second"})
    assert "You have a list of that name already" in answer.content.decode()
    office.post(f"{LISTS}{first.pk}/", {"name": "Årsmøte", "is_shared": "on"})
    office.post(f"{LISTS}{second.pk}/delete/")
    assert list(SavedList.objects.values_list("name", "is_shared", "owner")) == [("Årsmøte", True, admin_user.pk)]


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\r\nb"])
def test_a_name_that_is_none_gets_a_sentence(office: Client, name: str) -> None:
    assert office.post(f"{LISTS}new/?q=a", {"name": name}).status_code == 200
    assert not SavedList.objects.exists()


def test_names_are_inert(office: Client) -> None:
    save(office, '?q="><img src=x>', name='"><img src=x onerror=1>')
    for address in (REGISTRY, LISTS):
        assert "<img src=x" not in page(office, address)


def test_without_lists_the_page_says_how_to_make_one(office: Client) -> None:
    assert "No list is saved yet." in page(office, LISTS)


def test_the_auditor_has_no_lists() -> None:
    browser = browser_with(roles.AUDITORS)
    for address in (LISTS, f"{LISTS}new/"):
        assert browser.get(address).status_code in {302, 403}
